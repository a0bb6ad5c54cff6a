"""The page of what outcomes say: who may read it, plain words when there is nothing, figures, learning, the draft."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.people import House
from tests.steps.past_leads import Past, telling, write
from tests.web.test_shell import browser
from vendange.engine.learning.learned import Asked, Refused
from vendange.engine.offered import Card
from vendange.engine.shares import Share
from vendange.engine.worth import Restated, Worths
from vendange.models import AgreementVersion, Job, Measure
from vendange.models.job import UNDER_WAY
from vendange.suggest import actions
from vendange.suggest.queries import learned

NOW = timezone.now()
PAGE = "/agreement/suggest"


@pytest.fixture
def carole(house: House) -> Client:
    return browser(house.carole)


def page(client: Client, address: str = PAGE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def succeeds(director: bool, webinar: bool, place: int) -> bool:
    return place * 7919 % 100 < 12 + 35 * director + 35 * webinar


def kept(house: House, card: Card, **job: Any) -> Job:
    asked = {"version": house.version.number, "sha": house.version.sha, "include": []}
    told = {"state": "done", "ended_at": NOW, "result": {"card": msgspec.to_builtins(card)}, **job}
    return Job.objects.create(kind=actions.KIND, asked=asked, asked_at=NOW, **told)


def test_heads_marketing_managers_and_administrators_read_it(house: House) -> None:
    for user in (house.carole, house.marc):
        assert browser(user).get(PAGE).status_code == 200
    for user in (house.alice, house.bob):
        assert browser(user).get(PAGE).status_code == 404
        assert browser(user).post(f"{PAGE}/learn").status_code == 404
        assert browser(user).post(f"{PAGE}/draft").status_code == 404
    assert browser().get(PAGE).status_code == 302
    house.bob.signs_for = "sales"
    house.bob.save()
    assert browser(house.bob).get(PAGE).status_code == 200


def test_without_an_agreement_it_says_so(house: House, carole: Client) -> None:
    AgreementVersion.objects.update(status="withdrawn")
    assert "No agreement is in force" in page(carole)
    assert carole.post(f"{PAGE}/learn").status_code == 409


def test_without_leads_it_says_so(carole: Client) -> None:
    shown = page(carole)
    assert "No lead was raised in this period" in shown and "Not learnt yet" in shown


def test_each_rule_with_its_leads(house: House, carole: Client) -> None:
    write(house, [Past(100, refused="immature") for _ in range(10)] + [Past(90, way="act", reason="quote")], NOW)
    shown = page(carole)
    assert "11 leads raised, set beside version 1" in shown
    assert "10 returns “Not mature yet”" in shown and "10 calls less: 10 passed, 10 rejected, won 0/" in shown
    assert "Asks for a quote" in shown and "Asks for a demonstration" in shown


def test_the_period_and_the_order_stand_in_the_address(house: House, carole: Client) -> None:
    write(house, [Past(100), Past(500)], NOW)
    early = (NOW - timedelta(days=600)).date().isoformat()
    assert "1 lead raised" in page(carole) and "2 leads raised" in page(carole, f"{PAGE}?from={early}")
    assert f'from={early}&amp;sort=won#rules"' in page(carole, f"{PAGE}?from={early}&sort=name")
    assert 'aria-sort="ascending"' in page(carole, f"{PAGE}?sort=name")
    assert page(carole, f"{PAGE}?sort=%00&from=nonsense&to=%27")
    for later in ("from=2099-10-01", "from=2099-10-01&to=2099-10-31"):
        assert "These days have not come yet" in page(carole, f"{PAGE}?{later}")
    assert "the earlier one first" in page(carole, f"{PAGE}?from=2099-10-31&to=2099-10-01")


def test_as_many_questions_for_twice_as_many_leads(house: House, carole: Client) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(carole)
        return len(asked)

    write(house, [Past(100), Past(90, won=True, refused="immature")], NOW)
    questions()  # what an agreement says is read once per process
    before = questions()
    write(house, [Past(80 - place, opportunity=place % 2 == 0) for place in range(20)], NOW)
    assert questions() == before


def test_learning_is_asked_of_the_worker_once(house: House, carole: Client) -> None:
    for _ in range(2):
        answer = carole.post(f"{PAGE}/learn", {"include": ["kind/purchase_recorded|30"]})
        assert answer.status_code == 303 and answer["Location"].endswith("#card")
    job = Job.objects.get(kind=actions.KIND)
    assert job.state in UNDER_WAY and job.asked["include"] == ["kind/purchase_recorded|30"] and job.by == house.carole
    assert "Waiting for the worker" in page(carole) and "hx-get" in page(carole, f"{PAGE}?part=card")


def test_what_failed_says_why(house: House, carole: Client) -> None:
    kept(house, Card("", "won", 91, 0, 0, 0), state="failed", result=None, failure="The disk is full.")
    assert "Nothing was learnt." in page(carole) and "The disk is full." in page(carole)


def test_nothing_reliable_is_said_in_plain_words(house: House, carole: Client) -> None:
    write(house, telling(12, succeeds), NOW)
    kept(house, learned(house.version.terms, now=NOW))
    shown = page(carole)
    assert "Too few leads to learn from: 12 had their time, 100 are needed." in shown
    assert "Make it a draft" not in shown
    assert carole.post(f"{PAGE}/draft").status_code == 409
    assert AgreementVersion.objects.count() == 1


def test_a_card_becomes_a_draft_that_people_read_and_sign(house: House, carole: Client) -> None:
    write(house, telling(400, succeeds), NOW)
    card = learned(house.version.terms, now=NOW)
    kept(house, card)
    shown = page(carole)
    assert "It can become a draft." in shown and "Make it a draft" in shown
    assert "Rank at least Director" in shown and "Rate said" in shown
    answer = carole.post(f"{PAGE}/draft")
    draft = AgreementVersion.objects.get(status="draft")
    assert answer.status_code == 303 and answer["Location"] == f"/agreement/{draft.number}/"
    level = next(one for one in draft.terms.fit if one.id == "learned-level")
    assert level.label.en.startswith("Rank at least Director (") and " leads, learnt " in level.label.en
    assert level.label.fr.startswith("Rang") and "pistes, appris le" in level.label.fr
    assert carole.post(f"{PAGE}/draft").status_code == 303 and AgreementVersion.objects.count() == 2


def test_a_card_of_another_agreement_must_be_learnt_again(house: House, carole: Client) -> None:
    write(house, telling(400, succeeds), NOW)
    kept(house, replace(learned(house.version.terms, now=NOW), sha="0" * 64))
    shown = page(carole)
    assert "Another agreement has come into force since." in shown and "Make it a draft" not in shown
    answer = carole.post(f"{PAGE}/draft")
    assert answer.status_code == 409 and b"Another agreement is in force since this was learnt." in answer.content


def test_fields_that_sound_like_the_outcome_are_asked_about(house: House, carole: Client) -> None:
    asked = (Asked("kind/purchase_recorded|30", "purchase"),)
    refused = (Refused("person.source", "alone", (("auc", 0.9),)),)
    card = Card(house.version.sha, "won", 91, 200, 50, 3, verdict="no_signal", asked=asked, refused=refused)
    kept(house, card)
    shown = page(carole)
    assert 'name="include" value="kind/purchase_recorded|30"' in shown and "first source" in shown
    assert "0 fields whose time of filling is not known" in shown and "No reliable signal" in shown


def test_it_speaks_french(house: House) -> None:
    write(house, telling(200, succeeds), NOW)
    kept(house, learned(house.version.terms, now=NOW))
    client = browser(house.carole)
    client.post("/language", {"language": "fr", "next": "/"})
    shown = page(client)
    assert "Ce que disent les résultats" in shown and "Les points que les résultats enseignent" in shown
    assert "What " not in shown.split("<main")[1]


def test_the_sentence_of_worth_stands_on_lead_and_person(house: House, carole: Client) -> None:
    leads = write(house, [Past(300 + place, opportunity=place < 9) for place in range(29)], NOW)
    Measure.objects.create(
        person=leads[0].person, agreement=house.version, as_of=NOW, fit=50, engagement=45, grade="A2", temperature="hot"
    )
    shown = page(carole, f"/leads/{leads[0].public_id}/")
    told = (
        "of leads scored like this (A2) became an opportunity within 91 days (9 of 29; 17 to 49 % allowing for chance)"
    )
    assert told in shown and "An index, not a proof." in shown and "Only leads found the same way are counted." in shown
    assert told in page(carole, f"/people/{leads[0].person.public_id}/")
    few = write(house, [Past(250 + place, reason="B1", opportunity=place < 3) for place in range(7)], NOW)
    shown = page(carole, f"/leads/{few[0].public_id}/")
    assert "<b>3 of 7</b> leads scored like this (B1) became an opportunity: too few to tell" in shown


@pytest.mark.parametrize(("language", "told"), [("en", "judged under agreement v1"), ("fr", "jugée selon l’accord v1")])
def test_the_version_that_judged_stands_with_the_lead(house: House, language: str, told: str) -> None:
    lead = write(house, [Past(3)], NOW)[0]
    client = browser(house.carole)
    client.post("/language", {"language": language, "next": "/"})
    for address in (f"/leads/{lead.public_id}/", f"/people/{lead.person.public_id}/"):
        assert told in page(client, address)


def test_people_of_the_cell_whom_nobody_judged_are_counted(house: House, carole: Client) -> None:
    lead = write(house, [Past(300)], NOW)[0]
    other = write(house, [Past(299)], NOW)[0]
    other.reviews.all().delete()
    for one in (lead, other):
        Measure.objects.create(
            person=one.person, agreement=house.version, as_of=NOW, fit=50, engagement=45, grade="A2", temperature="hot"
        )
    assert "1 person of this cell was never judged." in page(carole, f"/leads/{lead.public_id}/")


def test_rates_are_restated_at_once_when_the_habit_moved(
    house: House, carole: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = NOW - timedelta(days=200)
    shares = {("score", "A2"): Share(20, 100)}
    moved = Worths(91, Share(20, 100), shares, {}, Restated(since, 18, 40, 8.0, 1.0), {("score", "A2"): Share(10, 100)})
    lead = write(house, [Past(300)], NOW)[0]
    monkeypatch.setattr("vendange.web.worth.worths", lambda _now: moved)
    monkeypatch.setattr("vendange.web.agreement.suggest.worths", lambda _now: moved)
    shown = page(carole, f"/leads/{lead.public_id}/")
    assert (
        "18 of the 40 leads raised from then on became one, where 8 were to be expected. Reckon with <b>23 %</b>"
        in shown
    )
    assert "<b>20 %</b> of leads scored like this" in shown
    told = page(carole)
    assert "The habit has moved." in told and "the points stay as signed" in told

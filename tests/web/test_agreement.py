"""The agreement room: read by all, drafted with every mistake told, in force after two signatures."""

from datetime import datetime, timedelta
from html import unescape

import pytest
from django.utils import timezone
from django.utils.translation import override

from tests.people import EXAMPLES, House
from tests.web.test_people import questions
from tests.web.test_shell import browser
from vendange.agree import actions
from vendange.agree.queries import in_force
from vendange.agreement.conditions import Group, Leaf
from vendange.agreement.language import load
from vendange.models import AgreementVersion, User
from vendange.web.agreement.reading import reading_of
from vendange.web.agreement.sentences import condition_in_words, time_in_words

TEXT = (EXAMPLES / "complex-sale.yaml").read_text()
OTHER = TEXT.replace("accept: 4 working hours", "accept: 3 working hours")
NOW = timezone.now()


@pytest.mark.parametrize("who", ["alice", "bob", "carole", "marc"])
def test_everybody_reads_it(house: House, who: str) -> None:
    page = browser(getattr(house, who)).get("/agreement/").content.decode()
    assert "in force" in page and "Asks for a quote" in page and "4 working hours" in page and "+30" in page


def test_french_reads_french(house: House) -> None:
    page = browser(house.marc).get("/agreement/", headers={"Accept-Language": "fr"}).content.decode()
    assert "Demande un devis" in page and "4 heures ouvrées" in page and "rang\xa0: au moins Directeur" in page


@pytest.mark.parametrize("name", ["complex-sale.yaml", "dealer-network.yaml", "inbound-leads.yaml", "small-team.yaml"])
def test_every_example_can_be_read(name: str) -> None:
    reading = reading_of(load((EXAMPLES / name).read_text()))
    owed = 5 - reading.agreement.desk.straight_to_sales + len(reading.agreement.volumes)
    assert len(reading.duties) == owed and len(reading.rows) == 4


SAID = {
    "en": [
        "4 for one content · limited with: Papers and films",
        "at most 30 points · 15 more in a day",
        "What is declared",
        "calls a human at A1: Project in sight",
        "at least 4 acts of one topic in 14 days, 3 times the pace of the 180 days before · shown, calls nobody",
        "At least 2 people of one organisation within 14 days: 3 × Viewed a page (page begins with /tarifs) + Attended",
        "It stays so until 5 points below.",
        "from 3 people on",
        "Judging one takes 12 minutes.",
        "every channel · at most 6 in 30 days",
        "Quote to convert · A, B · €",
    ],
    "fr": [
        "4 pour un même contenu · limité avec\u00a0: Documents et films",
        "Ce qui est déclaré",
        "appelle un humain en A1\u00a0: Projet en vue",
        "Au moins 2 personnes d’une organisation en 14 jours",
        "Cela tient jusqu’à 5 points en dessous.",
        "En juger une prend 12 minutes.",
        "tous les canaux · au plus 6 en 30 jours",
        "Devis à transformer · A, B · 180",
    ],
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_all_that_makes_a_lead_mature_is_said(house: House, language: str) -> None:
    page = browser(house.marc).get("/agreement/", headers={"Accept-Language": language}).content.decode()
    assert [told for told in SAID[language] if told not in unescape(page)] == []


def test_whom_the_network_serves_and_since_when_is_said_in_words() -> None:
    with override("fr"):
        reading = reading_of(load((EXAMPLES / "dealer-network.yaml").read_text()))
        assert [where for _label, where in reading.personas] == [
            "salariés\xa0: au plus 49 et rang\xa0: au moins Responsable",
            "salariés\xa0: au moins 50 et rôle dans l’achat autre que Utilise",
        ]
        assert "connu de nous avant le 1er janvier 2024" in [rule.where for rule in reading.fit]


def test_what_is_not_agreed_takes_no_room() -> None:
    reading = reading_of(load((EXAMPLES / "small-team.yaml").read_text()))
    assert not (reading.personas or reading.does or reading.patterns or reading.stands or reading.owes)


def test_a_choice_inside_a_condition_stands_in_brackets() -> None:
    either = Group("any", (Leaf("person.country", "is", "FR"), Leaf("origin", "in", ("declared", "inferred"))))
    both = Group("all", (Leaf("at", "after", "2026-01-31"), either))
    with override("en"):
        assert (
            condition_in_words(both) == "day after 31 January 2026 and (country: FR or origin among declared, inferred)"
        )


@pytest.mark.parametrize(
    ("days", "told"), [(14.0, "14 days"), (1.0, "1 day"), (0.25, "6 hours"), (1 / 48, "30 minutes"), (1.5, "36 hours")]
)
def test_a_time_is_told_in_the_unit_that_leaves_it_whole(days: float, told: str) -> None:
    with override("en"):
        assert time_in_words(days) == told


def test_mistakes_are_told_and_nothing_is_lost(house: House) -> None:
    wrong = TEXT.replace("points: 30", "points: many").replace("alert: [A1, A2, B1]", "alert: [A9]")
    answer = browser(house.carole).post("/agreement/draft", {"text": wrong})
    page = answer.content.decode()
    assert answer.status_code == 422 and AgreementVersion.objects.count() == 1
    assert page.count('class="ln num"') == 2 and "points: many" in page and "alert: [A9]" in page


def in_french(user: User) -> User:
    user.language = "fr"
    user.save()
    return user


def test_mistakes_are_told_in_french(house: House) -> None:
    wrong = TEXT.replace("points: 30", "points: many").replace("alert: [A1, A2, B1]", "alert: [A9]")
    page = browser(in_french(house.carole)).post("/agreement/draft", {"text": wrong}).content.decode()
    assert "many n’est pas un nombre." in page and "A9 n’est pas connu ici." in page
    assert "Choisissez parmi" in page or "Vouliez-vous dire" in page
    assert "is not" not in page and "Write a" not in page


def test_a_signature_that_cannot_be_given_is_told_in_french(house: House) -> None:
    carole = browser(in_french(house.carole))
    answer = carole.post("/agreement/1/withdraw", follow=True)
    assert (
        "L’accord v1 est signé\u202f; seuls un projet, ou une version dont le jour n’est pas venu,"
        " peuvent être retirés." in answer.content.decode()
    )


def test_two_signatures_put_it_in_force(house: House) -> None:
    carole, marc = browser(house.carole), browser(house.marc)
    assert carole.post("/agreement/draft", {"text": OTHER})["Location"] == "/agreement/2/"
    carole.post("/agreement/2/sign", {"in_force_from": ""})
    assert in_force(timezone.now()).version.number == 1
    answer = marc.post("/agreement/2/sign", {"in_force_from": timezone.localdate().isoformat()}, follow=True)
    assert "version 2 is in force" in answer.content.decode()
    assert in_force(timezone.now()).version.number == 2


def test_day_to_come_is_respected(house: House) -> None:
    day = (timezone.localdate() + timedelta(days=9)).isoformat()
    version = actions.draft(text=OTHER, by=house.carole, now=NOW)
    actions.sign(version=version, by=house.carole, now=NOW)
    browser(house.marc).post("/agreement/2/sign", {"in_force_from": day})
    version.refresh_from_db()
    assert version.status == "signed" and timezone.localdate(version.in_force_from).isoformat() == day
    assert in_force(timezone.now()).version.number == 1


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2020-01-01", "in the past"),
        ("soon", "This is not a day. Write it as 2026-04-01"),
        ("2026-13-40", "This is not a day"),
        ("2999-01-01", "more than two years away. Choose an earlier one"),
    ],
)
def test_a_day_that_cannot_be_is_refused_at_the_field(house: House, day: str, told: str) -> None:
    actions.draft(text=OTHER, by=house.carole, now=NOW)
    answer = browser(house.marc).post("/agreement/2/sign", {"in_force_from": day})
    assert answer.status_code == 422 and told in answer.content.decode()
    assert not AgreementVersion.objects.get(number=2).signatures.exists()


def test_only_heads_sign_and_only_once(house: House) -> None:
    actions.draft(text=OTHER, by=house.carole, now=NOW)
    assert browser(house.alice).post("/agreement/2/sign").status_code == 404
    marc = browser(house.marc)
    assert marc.post("/agreement/2/sign").status_code == 303
    assert marc.post("/agreement/2/sign").status_code == 409


def test_draft_is_withdrawn_a_signed_version_is_not(house: House) -> None:
    actions.draft(text=OTHER, by=house.carole, now=NOW)
    carole = browser(house.carole)
    assert carole.post("/agreement/2/withdraw").status_code == 303
    assert AgreementVersion.objects.get(number=2).status == "withdrawn"
    assert carole.post("/agreement/1/withdraw").status_code == 409


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_drafting_is_for_some(house: House, who: str) -> None:
    client = browser(getattr(house, who))
    assert client.get("/agreement/draft").status_code == 404
    assert client.post("/agreement/1/withdraw").status_code == 404


def test_no_such_version(house: House) -> None:
    assert browser(house.marc).get("/agreement/7/").status_code == 404


def test_before_the_first_one_there_is_a_first_step(house: House) -> None:
    house.version.signatures.all().delete()
    AgreementVersion.objects.all().delete()
    assert "Draft the first version" in browser(house.carole).get("/agreement/").content.decode()


def test_as_many_questions_for_more_versions(house: House) -> None:
    client = browser(house.marc)
    client.get("/agreement/")  # each version's text is read once per process
    before = questions(client, "/agreement/")
    for hours in (2, 3, 5):
        actions.draft(text=TEXT.replace("4 working", f"{hours} working"), by=house.carole, now=NOW)
    assert questions(client, "/agreement/") == before


def test_one_head_alone_does_not_change_the_day_that_the_other_signed_for(house: House) -> None:
    version = actions.draft(text=OTHER, by=house.carole, now=NOW)
    agreed = NOW + timedelta(days=40)
    actions.sign(version=version, by=house.carole, now=NOW, in_force_from=agreed)
    for day in (agreed - timedelta(days=20), NOW + timedelta(days=9000)):
        with pytest.raises(actions.CannotSign):
            actions.sign(version=version, by=house.marc, now=NOW, in_force_from=day)
    assert actions.sign(version=version, by=house.marc, now=NOW).in_force_from == agreed


def test_a_version_to_come_and_a_replaced_one_are_told_apart(house: House) -> None:
    year = NOW.year + 1
    first = AgreementVersion.objects.get()
    version = actions.draft(text=OTHER, by=house.carole, now=NOW)
    starts = datetime(year, 12, 1, tzinfo=timezone.get_current_timezone())
    for head in (house.carole, house.marc):
        actions.sign(version=version, by=head, now=NOW, in_force_from=starts)
    marc = browser(in_french(house.marc))
    page = marc.get(f"/agreement/{version.number}/").content.decode()
    assert f"En vigueur à partir du <b>1er décembre {year}</b>" in page and "dès le 1er" in page
    AgreementVersion.objects.filter(pk=version.pk).update(in_force_from=NOW)
    assert "Remplacée" in marc.get(f"/agreement/{first.number}/").content.decode()

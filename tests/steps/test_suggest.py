"""What outcomes teach: only what was known before counts, a draft says what was learnt, and chance teaches nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.people import House
from tests.steps.past_leads import Past, telling, write
from vendange.agreement.label import Label
from vendange.agreement.language import load
from vendange.engine.offered import Card
from vendange.models import Job, Lead
from vendange.suggest import actions
from vendange.suggest.actions import CannotSuggest, draft_text, kept_by
from vendange.suggest.queries import known, learned, reviewed

NOW = timezone.now()


def told(director: bool, webinar: bool, place: int) -> bool:
    """Four of five directors with a webinar, few others."""
    chance = place * 7919 % 100
    return chance < 12 + 35 * director + 35 * webinar


def label(rule: Any) -> Label:
    return Label(f"Learnt {rule.id}", f"Appris {rule.id}")


def test_outcomes_are_read_beside_the_rules_of_then(house: House) -> None:
    write(
        house,
        [
            Past(300, won=True),
            Past(300, refused="immature"),
            Past(250, opportunity=True, way="act", reason="quote"),
            Past(20, way="report", reason="other_lead"),
            Past(500),
        ],
        NOW,
    )
    found = reviewed(house.version.terms, now=NOW).review
    fates = {(one.section, one.id): one for one in found.fates}
    assert (found.raised, found.judged) == (3, 3)
    assert fates["cells", "A2"].raised == 2 and fates["acts", "quote"].raised == 1
    assert fates["cells", "A2"].reasons == (("immature", 1),)
    assert (fates["cells", "A2"].won.count, fates["cells", "A2"].won.of) == (1, 2)
    assert fates["engagement", "reads-prices"].raised == 3
    whole = reviewed(house.version.terms, now=NOW, start=NOW - timedelta(days=600)).review
    assert whole.raised == 4


def test_another_contact_is_no_return(house: House) -> None:
    lead = write(house, [Past(300, refused="other-contact")], NOW)[0]
    lead.returns.update(effect="keep")
    assert reviewed(house.version.terms, now=NOW).review.everything.rejected.count == 0


def test_as_many_questions_for_twice_as_many_leads(house: House) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            reviewed(house.version.terms, now=NOW)
        return len(asked)

    write(house, [Past(300), Past(290, won=True)], NOW)
    questions()  # what an agreement says is read once per process
    before = questions()
    write(house, [replace(one, days=200) for one in telling(40, told)], NOW)
    assert questions() == before


def test_what_became_known_later_is_empty_in_the_row_of_the_lead(house: House) -> None:
    write(house, [Past(300, level="director"), Past(290, level="director", level_known=-2)], NOW)
    found = known(house.version.terms, NOW)
    assert list(found.cells["person.level"]) == [3.0, None]
    days = (found.raised[0] - 1, found.filled["person.level"][0])
    assert days[0] == pytest.approx(days[1])


def test_acts_after_the_lead_are_not_in_its_row(house: House) -> None:
    lead = write(house, [Past(300, acts=["webinar_attended"])], NOW)[0]
    before = known(house.version.terms, NOW).cells["rule/attends-webinar|30"][0]
    signal = lead.person.signals.get()
    for number, shift in enumerate((timedelta(days=1), timedelta(days=-1))):
        signal.pk, signal.message_id = None, f"later-{number}"
        signal.occurred_at, signal.received_at = lead.raised_at + shift, lead.raised_at + timedelta(days=1)
        signal.save()
    assert known(house.version.terms, NOW).cells["rule/attends-webinar|30"][0] == before
    assert isinstance(before, float) and before > 0.9


def test_young_leads_are_not_learnt_from(house: House) -> None:
    write(house, [Past(300), Past(10, opportunity=True)], NOW)
    found = known(house.version.terms, NOW)
    assert (len(found.label), found.too_young) == (1, 1)


@pytest.fixture
def card(house: House) -> Card:
    write(house, telling(400, told), NOW)
    return learned(house.version.terms, now=NOW)


def test_a_card_is_learnt_that_beats_points_which_know_nothing(card: Card, house: House) -> None:
    assert card.verdict == "signal" and card.outcome == "opportunity" and card.offered
    assert card.judged and card.compared and card.judged.auc > card.compared.auc + 0.1
    columns = {one.column: one for one in card.rules}
    assert columns["person.level"].points > 0
    assert any(name.startswith("rule/attends-webinar") for name in columns)
    assert len(card.rules) <= 15
    assert card.oldest and card.newest and card.oldest.n + card.newest.n == card.leads == 400


def test_its_draft_is_a_valid_agreement_with_the_rest_untouched(card: Card, house: House) -> None:
    agreement = load(draft_text(card, house.version, label))
    old = house.version.terms
    level = next(one for one in agreement.fit if one.id == "learned-level")
    webinar = next(one for one in agreement.engagement if one.id.startswith("attends-webinar"))
    assert level.label == Label("Learnt learned-level", "Appris learned-level") and level.points > 0
    assert webinar.on == ("webinar_attended",) and webinar.cap and webinar.cap >= webinar.points
    assert {one.id for one in agreement.fit} == {
        one.id for one in card.rules if one.column.startswith(("person", "org"))
    }
    kept = ("acts", "desk", "returns", "volumes", "reports", "patterns", "alert", "interests", "pressure", "prices")
    assert all(getattr(agreement, name) == getattr(old, name) for name in kept)
    assert agreement.grades.fit == card.fit_grades and agreement.grades.engagement == card.engagement_grades


def test_a_card_is_kept_and_read_again(card: Card, house: House) -> None:
    job = actions.ask(version=house.version, by=house.carole, now=NOW)
    assert actions.ask(version=house.version, by=house.marc, now=NOW).pk == job.pk
    job.result = actions.run(job, lambda *_: None, lambda: False)
    job.state = "done"
    job.save()
    read = kept_by(Job.objects.get(pk=job.pk))
    assert read == card
    job.result["card"]["form"] = 0
    assert kept_by(job) is None


def test_a_card_of_another_agreement_makes_no_draft(card: Card, house: House) -> None:
    with pytest.raises(CannotSuggest, match="Another agreement"):
        draft_text(replace(card, sha="0"), house.version, label)


@pytest.mark.parametrize("verdict", ["not_better", "no_signal"])
def test_what_is_not_offered_makes_no_draft(house: House, verdict: str) -> None:
    card = Card(house.version.sha, "won", 91, 100, 30, 0, verdict=verdict)
    with pytest.raises(CannotSuggest, match="nothing to sign"):
        draft_text(card, house.version, label)


def test_chance_teaches_nothing(house: House) -> None:
    write(house, telling(300, lambda _director, _webinar, place: place * 7919 % 10 < 3), NOW)
    card = learned(house.version.terms, now=NOW)
    assert card.verdict in ("no_signal", "not_better") and not card.offered


def test_points_in_force_that_know_as_much_are_left(house: House) -> None:
    rows = [replace(one, fit=90.0 if one.opportunity else 40.0) for one in telling(300, told)]
    write(house, rows, NOW)
    assert learned(house.version.terms, now=NOW).verdict == "not_better"


def test_few_leads_say_so(house: House) -> None:
    write(house, telling(12, told), NOW)
    card = learned(house.version.terms, now=NOW)
    assert card.fault == "few_rows" and dict(card.fault_figures)["rows"] == 12 and not card.offered


def test_no_lead_at_all(house: House) -> None:
    assert not Lead.objects.exists()
    assert learned(house.version.terms, now=NOW).fault

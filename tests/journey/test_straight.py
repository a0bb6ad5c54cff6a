"""A team without a lead desk: whoever calls for a human is with a salesperson in the same moment (R18)."""

from datetime import timedelta

import pytest

from tests.people import EXAMPLES, MONDAY, House, open_house
from vendange.agreement.language import load
from vendange.agreement.problems import NotAnAgreement
from vendange.journey import clock, handover
from vendange.journey.arrive import arrive
from vendange.models import Lead, Move, Review
from vendange.report.queries import common_metric, promises

COMPLEX = (EXAMPLES / "complex-sale.yaml").read_text()


@pytest.fixture
def team(db: None) -> House:
    return open_house("small-team.yaml")


def test_a_quote_request_is_with_a_salesperson_at_once(team: House) -> None:
    lead = team.lead()
    assert (lead.stage, lead.holder, lead.next_step) == ("passed", "person", "accept")
    assert lead.owner in {team.bob, team.bruno}
    assert [(one.to_stage, one.because, one.by) for one in Move.objects.order_by("id")] == [
        ("alert", "act", None),
        ("passed", "straight", None),
    ]
    review = Review.objects.get()
    assert (review.outcome, review.decided_by, review.decided_at) == ("pass", None, MONDAY)


def test_what_wakes_up_goes_straight_again(team: House) -> None:
    lead = team.lead()
    assert lead.owner is not None
    handover.log_call(lead=lead, by=lead.owner, now=MONDAY, result="reached")
    handover.give_back(lead=lead, by=lead.owner, now=MONDAY, reason="immature")
    clock.tick(now=MONDAY + timedelta(days=91))
    lead.refresh_from_db()
    assert lead.stage == "passed" and lead.reviews.count() == 2


def test_nobody_to_take_it_is_the_visible_queue_and_not_the_desk(team: House) -> None:
    for user in (team.bob, team.bruno):
        user.salesperson.taking_leads = False
        user.salesperson.save()
    lead = team.lead()
    assert (lead.stage, lead.holder, lead.nobody_because) == ("passed", "nobody", "not_taking_leads")


def test_the_common_metric_counts_it_as_passed_and_promises_no_judging(team: House) -> None:
    team.lead()
    day = timedelta(days=1)
    found = common_metric(MONDAY - day, MONDAY + day)
    assert (found.raised, found.judged, found.passed) == (1, 1, 1)
    kept = promises(team.version.terms, start=MONDAY - day, end=MONDAY + day, now=MONDAY + day)[1]
    assert [one.code for one in kept] == ["accept", "call", "report"]


def test_a_batch_goes_out_to_several(team: House) -> None:
    signals = [team.quote_request(f"p{n}@nova.example", MONDAY) for n in range(6)]
    arrive(signals=signals, now=MONDAY)
    assert Lead.objects.filter(stage="passed").count() == 6
    assert {lead.owner for lead in Lead.objects.select_related("owner")} == {team.bob, team.bruno}


def test_who_has_no_desk_promises_no_time_of_the_desk() -> None:
    with pytest.raises(NotAnAgreement) as refused:
        load(COMPLEX.replace("judge_within: 1 working hour", "straight_to_sales: true"))
    assert [one.where for one in refused.value.problems] == ["desk.minutes_per_lead", "desk.minutes_per_week"]


def test_saying_that_there_is_a_desk_changes_no_identity() -> None:
    said = COMPLEX.replace("  judge_within:", "  straight_to_sales: false\n  judge_within:")
    assert load(said).sha == load(COMPLEX).sha
    small = (EXAMPLES / "small-team.yaml").read_text()
    assert load(small).sha != load(small.replace("true", "false")).sha

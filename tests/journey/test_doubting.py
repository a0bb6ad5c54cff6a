"""A lead that a machine has opened: it stays, marked and last, until one key closes it; a human act lifts the mark."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.people import MONDAY, House
from vendange.agree.queries import terms_of
from vendange.journey import clock, desk, doubting
from vendange.journey.arrive import arrive, measure
from vendange.models import Decision, Lead, Move, Person, Review, Signal, Trail
from vendange.qualify.actions import AlreadyJudged, NotOfMachine, TakenByColleague
from vendange.qualify.queries import desk_day, queue, worths
from vendange.qualify.rules import Judgement
from vendange.score import actions as score

EMAIL = "camille@atelier-nova.example"
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def by_a_machine(house: House, email: str = EMAIL, at: datetime = MONDAY) -> Lead:
    """A quote request that turns out to have come from a program."""
    lead = house.lead(email, at)
    unmasked(lead, at)
    return Lead.objects.select_related("person", "agreement").get(pk=lead.pk)


def unmasked(lead: Lead, at: datetime) -> None:
    Signal.objects.filter(person=lead.person).update(verdict="machine", because="robot")
    again(lead.person, at)


def again(person: Person, at: datetime) -> None:
    score.touch({person.pk: None})
    measure([person.pk], now=at + SECOND)


def track_of(lead: Lead) -> str:
    return terms_of(lead.agreement).agreement.recycling.tracks[0].id


def marked(lead: Lead) -> bool:
    return Review.objects.get(lead=lead, outcome="").machine_at is not None


def test_a_lead_without_evidence_is_marked_and_stays_on_the_desk(house: House) -> None:
    lead = by_a_machine(house)
    assert marked(lead) and (lead.stage, lead.holder) == ("alert", "desk") and lead.next_at is not None
    assert Trail.objects.filter(verb="lead.by_machine").count() == 1
    again(lead.person, MONDAY + HOUR)
    assert Trail.objects.filter(verb="lead.by_machine").count() == 1


def test_it_comes_last_and_is_counted(house: House) -> None:
    machine = by_a_machine(house, at=MONDAY)
    human = house.lead("aline@usine.example", MONDAY + HOUR)
    assert [one.lead for one in queue(MONDAY + 2 * HOUR)] == [human, machine]
    day = desk_day(MONDAY, MONDAY + 2 * HOUR)
    assert (day.open, day.alerts) == (2, 2)  # R47


def test_a_burst_that_is_seen_later_takes_its_lead_with_it(house: House) -> None:
    """What a pattern calls for is on the desk before the rest of the burst has come, and then stands on nothing."""
    paths = ["/tarifs", "/tarifs/tours", "/tarifs/5x", "/financement", "/financement/aides"]
    seen = [
        house.signal("page_viewed", EMAIL, MONDAY + place * SECOND / 5, path=path) for place, path in enumerate(paths)
    ]
    guides = [
        replace(house.signal("content_downloaded", EMAIL, MONDAY + 2 * SECOND), asset=f"guide-achat-{n}")
        for n in (1, 2)
    ]
    arrive(signals=[*seen, *guides], now=MONDAY + 3 * SECOND)
    lead = Lead.objects.get()
    assert (lead.way, lead.reason, marked(lead)) == ("pattern", "prepares-purchase", False)
    rest = [
        house.signal("page_viewed", EMAIL, MONDAY + place * SECOND / 5, path=f"/p{place}") for place in range(5, 20)
    ]
    arrive(signals=rest, now=MONDAY + 6 * SECOND)
    assert set(Signal.objects.filter(kind="page_viewed").values_list("because", flat=True)) == {"burst"}
    assert marked(lead) and Lead.objects.get().stage == "alert"


def test_one_human_act_among_them_keeps_the_lead_as_it_is(house: House) -> None:
    lead = house.lead()
    arrive(signals=[house.quote_request(EMAIL, MONDAY + HOUR, "two")], now=MONDAY + HOUR)
    Signal.objects.exclude(message_id="two").update(verdict="machine", because="robot")
    again(lead.person, MONDAY + HOUR)
    assert not marked(lead)


def test_a_human_act_lifts_the_mark(house: House) -> None:
    lead = by_a_machine(house)
    arrive(signals=[house.quote_request(EMAIL, MONDAY + HOUR)], now=MONDAY + HOUR)
    assert not marked(lead) and Lead.objects.count() == 1
    with pytest.raises(NotOfMachine):
        doubting.close(lead=lead, by=house.alice, now=MONDAY + 2 * HOUR)
    assert Trail.objects.filter(verb="lead.human_after_all").count() == 1


def test_verdicts_that_turn_back_lift_the_mark(house: House) -> None:
    lead = by_a_machine(house)
    Signal.objects.update(verdict="human", because="")
    again(lead.person, MONDAY + HOUR)
    assert not marked(lead)


def test_one_key_closes_it_and_the_person_stays_whom_they_are(house: House) -> None:
    lead = by_a_machine(house)
    doubting.close(lead=lead, by=house.alice, now=MONDAY + HOUR)
    lead.refresh_from_db()
    review = Review.objects.get(lead=lead)
    assert (lead.stage, review.outcome, review.off_target, review.decided_by) == (
        "eliminated", "eliminate", "by_machine", house.alice,
    )  # fmt: skip
    assert lead.person.set_aside == "" and Person.objects.get(pk=lead.person_id).set_aside == ""
    last = Move.objects.filter(lead=lead).latest("id")
    assert (last.to_stage, last.because, last.by) == ("eliminated", "by_machine", house.alice)
    assert Trail.objects.filter(verb="lead.judged", by=house.alice).exists()
    with pytest.raises(AlreadyJudged):
        doubting.close(lead=lead, by=house.alice, now=MONDAY + HOUR)
    assert worths(MONDAY + 2 * HOUR) == worths(MONDAY - HOUR)  # it says nothing of what leads are worth


def test_the_person_themselves_calls_at_once_although_a_machine_just_did(house: House) -> None:
    lead = by_a_machine(house)
    doubting.close(lead=lead, by=house.alice, now=MONDAY + HOUR)
    arrive(signals=[house.quote_request(EMAIL, MONDAY + 2 * HOUR)], now=MONDAY + 2 * HOUR)
    fresh = Lead.objects.exclude(pk=lead.pk).get()
    assert (fresh.stage, fresh.way, Decision.objects.count()) == ("alert", "act", 2)


def test_a_colleague_who_has_it_open_goes_first(house: House) -> None:
    lead = by_a_machine(house)
    desk.take(lead=lead, by=house.aude, now=MONDAY + HOUR)
    with pytest.raises(TakenByColleague):
        doubting.close(lead=lead, by=house.alice, now=MONDAY + HOUR)
    doubting.close(lead=lead, by=house.aude, now=MONDAY + HOUR)


def test_what_a_human_has_judged_is_not_looked_at_again(house: House) -> None:
    lead = house.lead()
    desk.judge(
        lead=lead, by=house.alice, now=MONDAY + HOUR,
        judgement=Judgement("recycle", wake_at=MONDAY + timedelta(days=9), track=track_of(lead)),
    )  # fmt: skip
    clock.tick(now=MONDAY + timedelta(days=10))
    lead.refresh_from_db()
    assert lead.stage == "alert"
    unmasked(lead, MONDAY + timedelta(days=10))
    assert not marked(lead)

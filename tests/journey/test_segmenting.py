"""Segments are kept up to date: whatever happens, who belongs is whoever fits when everybody is looked at anew."""

from contextlib import suppress
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.people import EXAMPLES, MONDAY, House, open_house, sign_agreement
from vendange.agreement.sentence import Cannot
from vendange.journey import clock, desk, uniting
from vendange.journey.arrive import arrive
from vendange.models import (
    Consent,
    Lead,
    Organisation,
    Person,
    Segment,
    SegmentLeft,
    SegmentMark,
    SegmentMember,
    Touched,
)
from vendange.models.turns import Turns
from vendange.qualify.actions import AlreadyJudged, TakenByColleague, record_objection
from vendange.qualify.rules import Judgement
from vendange.segment import actions as segment
from vendange.segment import queries
from vendange.unite.actions import CannotMerge

WORDINGS = (
    "who: {person.country: FR}",
    "who: {any: [{person.country: [BE, DE]}, {organisation.employees: {at_least: 100}}]}",
    "who: {none: [{person.job_title: {contains: ÉCOLE}}], person.job_title: {exists: true}}",
    "did: {on: quote_requested}",
    "did: {on: page_viewed, within: 30 days, times: 2}",
    "did: {on: [page_viewed, booth_visited], where: {path: {starts_with: /TARIFS}}, within: 10 days}",
    "did_not: {on: [page_viewed, quote_requested], within: 2 days}",
    "did: {on: page_viewed}\ndid_not: {on: page_viewed, within: 5 days}",
    "did: {on: page_viewed, where: {at: {after: 2026-09-10}}}",
    "stands: {temperature: [hot, warm]}",
    "stands: {temperature: cold, relationship: [suspect, prospect]}",
    "stands: {cell_at_least: D3}",
    "stands: {stage: [alert, judging]}",
    "stands: {held_by: nobody}",
    "stands: {held_by: [bob]}",
    "stands: {held_by: somebody, tier: [core, target_1]}",
    "consents: {email: not_refused}",
    "consents: {email: given}",
    "consents: {phone: refused}",
    "who: {person.country: FR}\ndid: [{on: page_viewed, within: 20 days}]\nstands: {temperature: [hot, warm, cold]}",
)
MAILBOXES = (
    "camille@nova.example",
    "theo@nova.example",
    "ines@arvan.example",
    "julia@nord.example",
    "axel@nord.example",
)
KINDS = ("quote_requested", "page_viewed", "page_viewed", "booth_visited")
COUNTRIES = ("FR", "BE", "DE", "")


def keep(wording: str, now: datetime = MONDAY) -> Segment:
    one = segment.create(name=wording[:100], wording=wording, by=None, now=now)
    segment.find_members(one, by=None, now=now)
    return one


def members(one: Segment) -> set[int]:
    return set(SegmentMember.objects.filter(segment=one).values_list("person_id", flat=True))


def fitting(now: datetime) -> dict[str, set[int]]:
    """Whoever fits when everybody is looked at anew, row by row."""
    standing = queries.standing()
    everybody = list(Person.objects.values_list("pk", flat=True))
    found = queries.belonging(everybody, [what for _, what in standing], now)
    return {one.wording: theirs for (one, _), theirs in zip(standing, found, strict=True)}


def in_columns(now: datetime) -> dict[str, set[int]]:
    return {
        one.wording: {pk for piece in queries.pieces() for pk in queries.belonging_between(*piece, what, now)}
        for one, what in queries.standing()
    }


class Company(RuleBasedStateMachine):
    """Anything happens in any order; each walk in a transaction of its own, taken back at its end."""

    house: House
    now: datetime
    joined: ClassVar[set[str]] = set()
    gone: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.frame = transaction.atomic()
        self.frame.__enter__()

    @initialize(agreed=st.booleans())
    def company(self, agreed: bool) -> None:
        self.now = MONDAY
        self.house = open_house(now=MONDAY - timedelta(days=200) if agreed else MONDAY + timedelta(days=300))
        for wording in WORDINGS[:10]:
            keep(wording)
        arrive(signals=[self.house.quote_request(MAILBOXES[0], MONDAY)], now=MONDAY)
        for wording in WORDINGS[10:]:
            keep(wording)

    @rule(kind=st.sampled_from(KINDS), who=st.sampled_from(MAILBOXES), hours=st.integers(-30, 300))
    def somebody_acts(self, kind: str, who: str, hours: int) -> None:
        at = self.now - timedelta(hours=hours)
        arrive(signals=[self.house.signal(kind, who, at, path="/tarifs/laser")], now=self.now)

    @rule(minutes=st.sampled_from([1, 40, 60 * 7, 60 * 24, 60 * 24 * 2, 60 * 24 * 9, 60 * 24 * 70]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(
        pick=st.integers(0, 9), country=st.sampled_from(COUNTRIES), title=st.sampled_from(["Élève d’école", "PDG", ""])
    )
    def somebody_is_edited(self, pick: int, country: str, title: str) -> None:
        one = self._somebody(pick)
        one.country, one.job_title = country, title
        one.save()

    @rule(
        pick=st.integers(0, 9),
        employees=st.sampled_from([None, 20, 500]),
        tier=st.sampled_from(["", "core", "target_2"]),
    )
    def a_company_is_edited(self, pick: int, employees: int | None, tier: str) -> None:
        firms = list(Organisation.objects.order_by("pk"))
        if firms:
            firm = firms[pick % len(firms)]
            firm.employees, firm.tier = employees, tier
            firm.save()

    @rule(pick=st.integers(0, 9), channel=st.sampled_from(["email", "phone", "all"]), given=st.booleans())
    def somebody_says(self, pick: int, channel: str, given: bool) -> None:
        one = self._somebody(pick)
        if given:
            Consent.objects.create(person=one, channel=channel, purpose="news", status="given", at=self.now)
        else:
            record_objection(person=one, channel=channel, method="phone", by=None, now=self.now)

    @rule(pick=st.integers(0, 9), outcome=st.sampled_from(["pass", "recycle", "eliminate"]))
    def the_desk_judges(self, pick: int, outcome: str) -> None:
        leads = list(Lead.objects.order_by("id"))
        if not leads:
            return
        judgement = Judgement(
            outcome, gap_reason="Known", wake_at=self.now + timedelta(days=9), track="machining", off_target="student"
        )
        with suppress(AlreadyJudged, TakenByColleague):
            desk.judge(lead=leads[pick % len(leads)], by=self.house.alice, now=self.now, judgement=judgement)

    @rule(first=st.integers(0, 9), second=st.integers(0, 9))
    def two_are_one(self, first: int, second: int) -> None:
        kept, absorbed = self._somebody(first), self._somebody(second)
        with suppress(CannotMerge):
            uniting.merge(kept=kept, absorbed=absorbed, by=self.house.alice, now=self.now)

    @rule(stricter=st.booleans())
    def another_agreement(self, stricter: bool) -> None:
        text = (EXAMPLES / ("complex-sale.yaml" if stricter else "small-team.yaml")).read_text()
        with suppress(Cannot):  # the same as before
            sign_agreement(text, self.house.carole, self.house.marc, self.now)

    @rule(pick=st.integers(0, 19), wording=st.sampled_from(WORDINGS))
    def a_segment_is_changed(self, pick: int, wording: str) -> None:
        one = list(Segment.objects.order_by("id"))[pick]
        if segment.change(one, name=one.name, about="", wording=wording, by=None, now=self.now):
            segment.find_members(one, by=None, now=self.now)

    @rule()
    def the_clock_ticks(self) -> None:
        clock.tick(now=self.now)
        while Touched.objects.filter(since__lte=self.now).exists() and _in_force(self.now):
            clock.tick(now=self.now)
        fits = fitting(self.now)
        assert in_columns(self.now) == fits
        for one in Segment.objects.all():
            assert members(one) == fits[one.wording], one.wording
            (Company.joined if members(one) else Company.gone).add(one.wording)

    def _somebody(self, pick: int) -> Person:
        people = list(Person.objects.order_by("pk"))
        return people[pick % len(people)]

    def teardown(self) -> None:
        self.the_clock_ticks()
        transaction.set_rollback(True)
        self.frame.__exit__(None, None, None)


def _in_force(now: datetime) -> bool:
    from vendange.agree.queries import NoAgreement, in_force

    try:
        return bool(in_force(now))
    except NoAgreement:
        return False


def test_who_belongs_is_whoever_fits(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "FEW", 0)  # fillings are asked in columns, as for very many
    Company.joined.clear()
    Company.gone.clear()
    run_state_machine_as_test(Company, settings=settings(stateful_step_count=30, max_examples=8, parent=settings()))
    assert len(Company.joined) >= len(WORDINGS) - 3  # nearly each was fitted by somebody once
    assert len(Company.gone) > len(WORDINGS) / 2  # and most by nobody another time


def test_who_acts_joins_in_the_same_turn(house: House) -> None:
    asked, quiet = keep("did: {on: quote_requested}"), keep("did_not: {on: quote_requested}")
    arrive(signals=[house.signal("page_viewed", "ines@arvan.example", MONDAY)], now=MONDAY)
    [one] = Person.objects.values_list("pk", flat=True)
    assert members(asked) == set()
    assert members(quiet) == {one}
    arrive(signals=[house.quote_request("ines@arvan.example", MONDAY)], now=MONDAY)
    assert members(asked) == {one}
    assert members(quiet) == set()
    assert SegmentLeft.objects.filter(segment=quiet, person=one).exists()


def test_time_alone_lets_people_join_and_leave(house: House) -> None:
    lately, quiet = keep("did: {on: page_viewed, within: 3 days}"), keep("did_not: {on: page_viewed, within: 3 days}")
    arrive(signals=[house.signal("page_viewed", "ines@arvan.example", MONDAY)], now=MONDAY)
    [one] = Person.objects.values_list("pk", flat=True)
    clock.tick(now=MONDAY + timedelta(days=3) - timedelta(seconds=1))
    assert (members(lately), members(quiet)) == ({one}, set())
    clock.tick(now=MONDAY + timedelta(days=3))
    assert (members(lately), members(quiet)) == (set(), {one})


def test_a_closed_segment_stays_as_it_is(house: House) -> None:
    one = keep("did: {on: quote_requested}")
    segment.close(one, by=None, now=MONDAY)
    arrive(signals=[house.quote_request("ines@arvan.example", MONDAY)], now=MONDAY)
    clock.tick(now=MONDAY)
    assert members(one) == set()
    segment.reopen(one, by=None, now=MONDAY)
    segment.find_members(one, by=None, now=MONDAY)
    assert len(members(one)) == 1


@pytest.mark.parametrize("people", [1, 40])
def test_as_many_questions_for_many_as_for_one(house: House, people: int) -> None:
    for wording in WORDINGS:
        keep(wording)
    signals = [house.signal("page_viewed", f"p{n}@arvan.example", MONDAY) for n in range(people)]
    arrive(signals=signals, now=MONDAY)
    ids = list(Person.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as asked:
        segment.look(ids, now=MONDAY)
    assert len(asked) <= 12


def test_the_triggers_outlive_every_migration(db: None) -> None:
    """Django makes some tables of SQLite anew; a migration that does so must call `lay_triggers` again."""
    kept = import_module("vendange.migrations.0022_segments_are_kept_up_to_date")
    asked = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        found = {name for (name,) in cursor.fetchall()}
    assert {kept.name_of(table, moment) for table, moment, *_ in kept.TRIGGERS} <= found


def test_nobody_is_marked_while_no_segment_asks(house: House) -> None:
    arrive(signals=[house.quote_request("ines@arvan.example", MONDAY)], now=MONDAY)
    assert not SegmentMark.objects.exists()


def test_a_filling_wakes_up_before_it_writes_and_lets_others_write_between_pieces(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    Person.objects.bulk_create(Person(created_at=MONDAY, language="de") for _ in range(25))
    monkeypatch.setattr(segment, "FILLED", 10)
    seen: list[str] = []
    alone, asked = segment._alone, queries.belonging_between

    def wait_alone() -> None:
        seen.append("alone")
        alone()

    def ask(*given: Any) -> Any:
        seen.append("asked")
        return asked(*given)

    monkeypatch.setattr(segment, "_alone", wait_alone)
    monkeypatch.setattr(queries, "belonging_between", ask)
    monkeypatch.setattr(Turns, "give", lambda _: seen.append("turn"))
    one = segment.create(name="Germans", wording="who: {person.language: de}", by=None, now=MONDAY)
    segment.fill(one, now=MONDAY, tell=lambda *_: None, cancelled=lambda: False)
    assert seen[:4] == ["asked", "turn", "alone", "asked"]
    assert seen.count("turn") == seen.count("alone") == 3
    assert SegmentMember.objects.filter(segment=one).count() == 25

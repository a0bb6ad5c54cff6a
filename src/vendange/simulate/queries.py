"""Replays a draft and the agreement in force over the history, and reads what was recorded of leads (R15)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import pyarrow as pa
from django.db.models import Count, F, Max, Min, QuerySet
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from vendange.agreement.sentence import Cannot, sentence
from vendange.agreement.terms import Agreement
from vendange.engine.past.comparing import Called, Difference, difference, one_a_day
from vendange.engine.past.following import Outcome, followed, times_of
from vendange.engine.past.periods import Period, micros, moment
from vendange.engine.past.replaying import Cancel, Cancelled, Moment, Tell, never, quiet, replay_variants
from vendange.engine.past.seen import Seen, seen, uses
from vendange.engine.past.variants import Variant, by_cell, by_threshold, calls_from
from vendange.engine.plan import Plan, made
from vendange.engine.rows import DAY
from vendange.engine.shares import Share
from vendange.models import Assignment, Consent, Deal, Lead, Person, Review, Signal
from vendange.simulate.rules import (
    OUTCOMES,
    Candidate,
    CellEffect,
    Judged,
    KindSeen,
    LeadTime,
    Limits,
    Point,
    Promised,
    Recommendation,
    Recorded,
    Tally,
    Week,
    Work,
    comparable_from,
    judged,
    kind_seen,
    lead_times,
    promised,
    recommended,
    recorded,
    tallies,
    weekly,
    weeks_of,
    work_of,
)

Replay = Callable[[Sequence[Plan], Moment, Tell], list[pa.Table]]
AT_ONCE: Final = 500  # people asked for in one question


class NothingToCompare(Cannot):
    """The history holds nothing of the period."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One alert with its person. `before`: when the current agreement gives it, if it moved."""

    person: str  # public id
    name: str
    organisation: str
    lead_type: str
    at: datetime
    way: str
    rule: str
    grade: str
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Simulation:
    """The draft beside the agreement in force over one period; docs/rules/simulation.md defines all."""

    draft: tuple[str, str]  # name, sha
    against: tuple[str, str]
    asked_from: datetime | None
    start: datetime
    end: datetime
    start_because: str  # asked | history | usual | kind
    time_zone: str
    weeks: tuple[Week, ...]
    really_raised: int
    current: Judged
    now: Judged
    lead_types: tuple[Tally, ...]
    ways: tuple[Tally, ...]
    same: int
    moved: tuple[Shown, ...]
    gained: tuple[Shown, ...]
    lost: tuple[Shown, ...]
    lead_times: tuple[LeadTime, ...]
    days: Mapping[str, int]  # within how many days an outcome counts as following
    points: tuple[Point, ...]
    cells: tuple[CellEffect, ...]
    work_current: Work
    work_draft: Work
    promises: tuple[Promised, ...]
    recommendation: Recommendation
    limits: Limits


USUAL: Final = 364 * DAY  # the period when none is named


def simulated(
    draft: Agreement,
    against: Agreement,
    *,
    folder: Path,
    now: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
    cache: Path | None = None,
    replay: Replay | None = None,
    tell: Tell = quiet,
    cancelled: Cancel = never,
) -> Simulation:
    """The whole simulation, from the history in `folder`. `replay`: how to replay; with DuckDB when left out.

    `tell` hears how far it is, `cancelled` is asked in between. Raises NoHistory, NothingToCompare and Cancelled.
    """

    def with_duckdb(plans: Sequence[Plan], by: Moment, told: Tell) -> list[pa.Table]:
        return replay_variants(plans, folder, by=by, cache=cache, tell=told, cancelled=cancelled)

    until = micros(min(end or now, now))
    tell("Looking at what was recorded", 0, 1)
    known = seen(folder, until)
    work = _Work(draft, against, replay or with_duckdb, tell, cancelled)
    return work.done(known, _period(known, draft, against, start, until), start)


@dataclass(frozen=True, slots=True)
class _Chosen:
    period: Period
    because: str
    kinds: tuple[KindSeen, ...]


def _period(known: Seen, draft: Agreement, against: Agreement, start: datetime | None, until: int) -> _Chosen:
    """What was asked for, or the last year; never before the first signal, nor before a kind that matters was seen."""
    asked = micros(start) if start else until - USUAL
    if known.first_at is None or known.last_at is None or known.last_at < asked:
        raise NothingToCompare(
            sentence("The history holds no signal of this period. Choose other dates, or import what happened then.")
        )
    kinds = tuple(_kinds(known, draft, against, until))
    begins, because = asked, "asked" if start else "usual"
    if known.first_at > begins:
        begins, because = known.first_at, "history"
    kind = comparable_from(kinds)
    if kind and micros(kind) > begins:
        begins, because = micros(kind), "kind"
    if until - begins < 7 * DAY:
        raise NothingToCompare(
            sentence(
                "Less than a week can be compared: {day} is too late a beginning.",
                day=localdate(moment(begins)).isoformat(),
            )
        )
    return _Chosen(Period(begins, until, draft.calendar.time_zone), because, kinds)


def _kinds(known: Seen, draft: Agreement, against: Agreement, until: int) -> Iterator[KindSeen]:
    new, old = uses(draft), uses(against)
    for kind in sorted({*new, *old}):
        same = new.get(kind, set()) == old.get(kind, set())
        yield kind_seen(kind, known.kinds.get(kind), same=same, start=known.first_at or 0, end=until)


class _Work:
    """One simulation under way."""

    def __init__(self, draft: Agreement, against: Agreement, replay: Replay, tell: Tell, cancelled: Cancel) -> None:
        self.draft, self.against, self.replay, self.tell, self.cancelled = draft, against, replay, tell, cancelled

    def done(self, known: Seen, chosen: _Chosen, start: datetime | None) -> Simulation:
        period, until = chosen.period, chosen.period.end
        current = self._calls("The agreement in force", [made(self.against)], until)[0]
        by_known = self._known(until)
        variants = [*by_threshold(self.draft), *by_cell(self.draft)]
        calls = self._calls("The draft and its variants", [made(one.agreement) for one in variants], until)
        own = next(mine for one, mine in zip(variants, calls, strict=True) if one.own)
        facts = recorded(outcomes())
        self.tell("Comparing", 0, 1)
        apart = _inside(period, difference(current, own, self._reach()))
        gained = {one.person for one in apart.gained}
        now, then = ([one for one in whole if period.has(one.at)] for whole in (own, current))
        names = _people({one.person for one in (*apart.gained, *apart.lost, *(new for _, new in apart.moved))})
        points = tuple(
            self._point(one, mine, facts, period) for one, mine in zip(variants, calls, strict=True) if not one.cell
        )
        candidates = [
            Candidate(one.thresholds, tuple(calls_from(one.agreement)), one.own, mine)
            for one, mine in zip(variants, calls, strict=True)
            if not one.cell
        ]
        return Simulation(
            draft=(self.draft.name, self.draft.sha),
            against=(self.against.name, self.against.sha),
            asked_from=start,
            start=moment(period.start),
            end=moment(period.end),
            start_because=chosen.because,
            time_zone=period.zone,
            weeks=weeks_of(period, then, now),
            really_raised=_really_raised(period),
            current=judged(current, facts, period.start, until, until, until),
            now=judged(own, facts, period.start, until, until, until),
            lead_types=tallies(then, now, lambda one: one.lead_type),
            ways=tallies(then, now, lambda one: one.way),
            same=len(apart.same),
            moved=tuple(replace(_shown(new, names), before=moment(old.at)) for old, new in apart.moved),
            gained=tuple(_shown(one, names) for one in apart.gained),
            lost=tuple(_shown(one, names) for one in apart.lost),
            lead_times=tuple(lead_times(period, current, own, facts)),
            days=facts.days,
            points=points,
            cells=tuple(
                _effect(one, own, mine, facts, period, self.draft)
                for one, mine in zip(variants, calls, strict=True)
                if one.cell
            ),
            work_current=work_of(self.against, weekly(period, current)),
            work_draft=work_of(self.draft, weekly(period, own)),
            promises=tuple(_promises(self.draft, period, then, now, facts)),
            recommendation=recommended(candidates, facts, period, self.draft),
            limits=_limits(known, chosen, gained, by_known),
        )

    def _calls(self, what: str, plans: Sequence[Plan], until: int, by: Moment = "happened") -> list[list[Called]]:
        """The calls of each plan, one a day for each person and lead type."""
        if self.cancelled():
            raise Cancelled
        self.tell(what, 0, 1)
        tables = self.replay(plans, by, lambda _, done, total: self.tell(what, done, total))
        return [one_a_day(_called(table, until)) for table in tables]

    def _known(self, until: int) -> tuple[list[Called], list[Called]]:
        old = self._calls("The agreement in force, by what was known", [made(self.against)], until, "known")[0]
        return old, self._calls("The draft, by what was known", [made(self.draft)], until, "known")[0]

    def _reach(self) -> int:
        """Further apart than the longer cool-down, two alerts are two intentions."""
        return round(max(self.draft.cool_down_days, self.against.cool_down_days, 1) * DAY)

    def _point(self, one: Variant, mine: Sequence[Called], facts: Recorded, period: Period) -> Point:
        return Point(
            thresholds=one.thresholds,
            calls_from=tuple(calls_from(one.agreement)),
            own=one.own,
            judged=judged(mine, facts, period.start, period.end, period.end, period.end),
            work=work_of(self.draft, weekly(period, mine)),
        )


def _called(table: pa.Table, until: int) -> Iterator[Called]:
    columns = [table.column(name).to_pylist() for name in ("person", "lead_type", "at", "way", "rule", "grade")]
    return (Called(*row) for row in zip(*columns, strict=True) if row[2] < until)


def _inside(period: Period, whole: Difference) -> Difference:
    """Pairs with one side in the period; what has no partner, in the period."""
    has = period.has
    return Difference(
        tuple(pair for pair in whole.same if has(pair[1].at)),
        tuple(pair for pair in whole.moved if has(pair[0].at) or has(pair[1].at)),
        tuple(one for one in whole.gained if has(one.at)),
        tuple(one for one in whole.lost if has(one.at)),
    )


def _effect(
    one: Variant, own: Sequence[Called], mine: Sequence[Called], facts: Recorded, period: Period, draft: Agreement
) -> CellEffect:
    calls = one.cell in draft.alert
    apart = difference(mine, own, DAY) if calls else difference(own, mine, DAY)
    brings = [call for call in apart.gained if period.has(call.at)]
    found = judged(brings, facts, period.start, period.end, period.end, period.end)
    return CellEffect(one.cell, calls, len(brings), found.per_week, found.followed)


def _promises(
    draft: Agreement, period: Period, then: Sequence[Called], now: Sequence[Called], facts: Recorded
) -> Iterator[Promised]:
    passes = times_of(one for one in facts.outcomes if one.kind == "passed")

    def share(calls: Sequence[Called]) -> Share:
        return followed(calls, passes, within=facts.within("passed"), until=period.end)

    graded = [(one, grade) for one, grade in _passed() if period.has(one.at)]
    return (promised(volume, period, then, now, graded, share) for volume in draft.volumes)


def outcomes() -> Iterator[Outcome]:
    """What was recorded of leads, the first of each kind. Of imported ones only the win has a true date."""
    yield from (one for one, _ in _passed())
    taken = Assignment.objects.filter(accepted_at__isnull=False, imported=False)
    yield from _first(taken, "accepted", "accepted_at")
    deals = Deal.objects.annotate(who=_who()).values_list(
        "who", "lead__raised_at", "opened_at", "closed_at", "status", "imported"
    )
    for person, raised, opened, closed, status, imported in deals:
        if not imported:
            yield _outcome(person, "opportunity", opened, raised, opened)
        if status == "won" and closed:
            yield _outcome(person, "won", closed, raised, opened)


def _passed() -> Iterator[tuple[Outcome, str]]:
    rows = Review.objects.filter(outcome="pass", imported=False).annotate(who=_who())
    found = rows.values_list("lead", "who", "lead__raised_at", "lead__grade").annotate(at=Min("decided_at")).order_by()
    for _, person, raised, grade, at in found:
        yield _outcome(person, "passed", at, raised, at), grade


def _first(rows: "QuerySet[Assignment]", kind: str, column: str) -> Iterator[Outcome]:
    found = rows.annotate(who=_who()).values_list("lead", "who", "lead__raised_at").annotate(at=Min(column)).order_by()
    for _, person, raised, at in found:
        yield _outcome(person, kind, at, raised, at)


def _who() -> Coalesce:
    """Signals of a merged person belong to whom they were merged into."""
    return Coalesce(F("lead__person__merged_into"), F("lead__person"))


def _outcome(person: int, kind: str, at: datetime, raised: datetime, useful: datetime) -> Outcome:
    return Outcome(person, kind, micros(at), micros(at) - micros(raised), micros(useful))


def _really_raised(period: Period) -> int:
    """Leads that were raised then, by the agreements of then; those that sales or a file told of are left out."""
    leads = Lead.objects.filter(raised_at__gte=moment(period.start), raised_at__lt=moment(period.end))
    return leads.exclude(way__in=("report", "import")).count()


def _limits(known: Seen, chosen: _Chosen, gained: set[int], by_known: tuple[list[Called], list[Called]]) -> Limits:
    period = chosen.period
    worked = {
        person
        for some in _pieces(gained)
        for person in Review.objects.filter(lead__person_id__in=some, outcome__gt="").values_list(
            "lead__person_id", flat=True
        )
    }
    ids = Signal.objects.aggregate(most=Max("id"), count=Count("id"))
    current, draft = (sum(period.has(one.at) for one in calls) for calls in by_known)
    return Limits(
        first_signal=moment(known.first_at or 0),
        last_signal=moment(known.last_at or 0),
        signals=known.signals,
        late=known.late,
        known_current=current,
        known_draft=draft,
        people=known.people,
        merged=Person.objects.filter(merged_into__isnull=False).count(),
        missing=(ids["most"] or 0) - ids["count"],
        refused=Consent.objects.filter(status__in=("refused", "withdrawn")).values("person").distinct().count(),
        gained_people=len(gained),
        gained_unworked=len(gained - worked),
        kinds=chosen.kinds,
    )


def _pieces(ids: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    return (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))


def _people(ids: Iterable[int]) -> dict[int, Person]:
    return {
        person.pk: person
        for some in _pieces(ids)
        for person in Person.objects.filter(pk__in=some).select_related("organisation")
    }


def _shown(one: Called, people: Mapping[int, Person]) -> Shown:
    person = people.get(one.person)
    name = person.name if person else ""
    organisation = person.organisation.name if person and person.organisation else ""
    public_id = str(person.public_id) if person else ""
    return Shown(public_id, name, organisation, one.lead_type, moment(one.at), one.way, one.rule, one.grade)


__all__ = ["OUTCOMES", "NothingToCompare", "Simulation", "simulated"]

"""Simulate decides: which weeks may be compared, what fits the desk, which threshold may be recommended. Plain Python.

Times inside are microseconds since 1970, UTC; what is shown holds aware datetimes.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from vendange.agreement.label import Label
from vendange.agreement.terms import Agreement, Volume
from vendange.engine.past.comparing import Called
from vendange.engine.past.following import Outcome, caught, days_before, followed, times_of, usual_days
from vendange.engine.past.periods import Period, moment
from vendange.engine.past.seen import First
from vendange.engine.rows import DAY
from vendange.engine.shares import FEW, Share, Spread, part_of, spread

OUTCOMES: Final = ("passed", "accepted", "opportunity", "won")
OTHERWISE: Final = {"passed": 28, "accepted": 28, "opportunity": 91, "won": 182}  # days, when this history is too short
QUARTER: Final = 91 * DAY
FEW_HELD_OUT: Final = 10  # outcomes of the held-out quarter below which it judges nothing
NEARLY_ALL: Final = 0.95  # of what the best threshold catches
MISSED: Final = 3.0  # weeks with a kind that should have come before its first, at the pace of later


@dataclass(frozen=True, slots=True)
class Week:
    start: date
    whole: bool
    current: int
    draft: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Alerts of one lead type, or of one way of calling."""

    id: str
    current: int
    draft: int


def weeks_of(period: Period, current: Sequence[Called], draft: Sequence[Called]) -> tuple[Week, ...]:
    zone, weeks = ZoneInfo(period.zone), period.by_week()
    old, new = (_counted(calls, [low for low, _, _ in weeks], period.end) for calls in (current, draft))
    return tuple(
        Week(moment(low).astimezone(zone).date(), whole, old[place], new[place])
        for place, (low, _, whole) in enumerate(weeks)
    )


def _counted(calls: Iterable[Called | Outcome], starts: Sequence[int], end: int) -> Counter[int]:
    """How many begin in each stretch, by its place; those before the first and from `end` on are left out."""
    return Counter(bisect_right(starts, one.at) - 1 for one in calls if starts and starts[0] <= one.at < end)


def tallies(current: Sequence[Called], draft: Sequence[Called], part: Callable[[Called], str]) -> tuple[Tally, ...]:
    old, new = Counter(map(part, current)), Counter(map(part, draft))
    return tuple(Tally(one, old[one], new[one]) for one in sorted({*old, *new}, key=lambda one: (-new[one], one)))


@dataclass(frozen=True, slots=True)
class Work:
    """Minutes a week that the alerts take at the desk, over whole weeks; None when there is none."""

    minutes_per_lead: int
    capacity: int | None  # minutes a week; None: not stated
    half: float | None
    nine_tenths: float | None
    most: float | None
    over: int  # weeks above the capacity
    weeks: int
    judges: bool = True  # False: leads go straight to sales, no desk works on them

    @property
    def fits(self) -> bool:
        """Nine weeks of ten stay within the capacity; without one, nothing is too much."""
        return self.capacity is None or self.nine_tenths is None or self.nine_tenths <= self.capacity


def work_of(agreement: Agreement, alerts: Sequence[int]) -> Work:
    """`alerts`: how many in each whole week."""
    each, capacity = agreement.desk.minutes_per_lead, agreement.desk.minutes_per_week
    minutes = sorted(count * each for count in alerts)
    half, nine_tenths, most = (part_of(minutes, share) if minutes else None for share in (0.5, 0.9, 1.0))
    over = sum(one > capacity for one in minutes) if capacity is not None else 0
    judges = not agreement.desk.straight_to_sales
    return Work(each, capacity, half, nine_tenths, most, over, len(minutes), judges)


def weekly(period: Period, calls: Sequence[Called]) -> list[int]:
    """Alerts of each whole week."""
    weeks = period.by_week()
    counted = _counted(calls, [low for low, _, _ in weeks], period.end)
    return [counted[place] for place, (_, _, whole) in enumerate(weeks) if whole]


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise of volume against the alerts of its grades, per whole month; `passed`: what was really passed."""

    id: str
    label: Label
    at_least: int
    current: Spread | None
    draft: Spread | None
    passed: Spread | None
    share_passed: Share  # of the current alerts of these grades, those after which sales got the lead
    expected: tuple[float, float, float] | None  # a month, of the draft: low, middle, high


def promised(
    volume: Volume,
    period: Period,
    current: Sequence[Called],
    draft: Sequence[Called],
    passed: Sequence[tuple[Outcome, str]],
    share: Callable[[Sequence[Called]], Share],
) -> Promised:
    """`passed`: with the grade of the lead. `share`: the share of calls that were followed by a pass."""
    fits = set(volume.grades)
    old, new = ([call for call in calls if not fits or call.grade in fits] for calls in (current, draft))
    really = [one for one, grade in passed if not fits or grade in fits]
    shared, mine = share(old), _monthly(period, new)
    sure = shared.interval
    many = sum(_per_month(period, new)) / len(period.whole_months()) if mine else 0.0
    expected = (many * sure[0], many * (shared.value or 0.0), many * sure[1]) if sure and mine else None
    return Promised(
        volume.id,
        volume.label,
        volume.at_least,
        _monthly(period, old),
        mine,
        _monthly(period, really),
        shared,
        expected,
    )


def _per_month(period: Period, rows: Sequence[Called | Outcome]) -> list[int]:
    months = period.whole_months()
    counted = _counted(rows, [low for low, _ in months], months[-1][1]) if months else Counter[int]()
    return [counted[place] for place in range(len(months))]


def _monthly(period: Period, rows: Sequence[Called | Outcome]) -> Spread | None:
    return spread(_per_month(period, rows))


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of leads. `days`: within how many days an outcome follows, as nine of ten did here."""

    outcomes: tuple[Outcome, ...]
    days: Mapping[str, int]

    def of(self, kind: str, start: int, end: int) -> list[Outcome]:
        return [one for one in self.outcomes if one.kind == kind and start <= one.at < end]

    def within(self, kind: str) -> int:
        return self.days[kind] * DAY


def recorded(outcomes: Iterable[Outcome]) -> Recorded:
    whole = tuple(outcomes)
    days = {
        kind: usual_days((one for one in whole if one.kind == kind), otherwise=OTHERWISE[kind]) for kind in OUTCOMES
    }
    return Recorded(whole, days)


@dataclass(frozen=True, slots=True)
class Judged:
    """How calls did over a stretch of time: alerts a week, those that were followed, outcomes that were called for."""

    start: datetime
    end: datetime
    alerts: int
    per_week: float
    followed: Mapping[str, Share]  # by outcome
    caught: Mapping[str, Share]


def judged(calls: Sequence[Called], known: Recorded, start: int, end: int, until: int, ended: int) -> Judged:
    """Calls from `start` to `end`, and what was recorded of them before `until`; outcomes before `ended` count."""
    mine = [call for call in calls if start <= call.at < end]
    times = times_of(call for call in calls if call.at < ended)
    seen = {kind: times_of(known.of(kind, 0, until)) for kind in OUTCOMES}
    return Judged(
        start=moment(start),
        end=moment(end),
        alerts=len(mine),
        per_week=len(mine) / ((end - start) / (7 * DAY)) if end > start else 0.0,
        followed={kind: followed(mine, seen[kind], within=known.within(kind), until=until) for kind in OUTCOMES},
        caught={kind: caught(known.of(kind, start, ended), times, within=known.within(kind)) for kind in OUTCOMES},
    )


@dataclass(frozen=True, slots=True)
class LeadTime:
    """Days from the first alert to what was recorded, for those that were called for."""

    outcome: str
    recorded: int
    current: Spread | None
    draft: Spread | None


def lead_times(period: Period, current: Sequence[Called], draft: Sequence[Called], known: Recorded) -> list[LeadTime]:
    old, new = times_of(current), times_of(draft)
    found = []
    for kind in OUTCOMES:
        ends, within = known.of(kind, period.start, period.end), known.within(kind)
        spreads = (spread(days_before(ends, calls, within=within)) for calls in (old, new))
        found.append(LeadTime(kind, len(ends), *spreads))
    return found


@dataclass(frozen=True, slots=True)
class Point:
    """One set of engagement thresholds and what came of it over the period."""

    thresholds: tuple[float, float, float]
    calls_from: tuple[tuple[str, float], ...]
    own: bool
    judged: Judged
    work: Work


@dataclass(frozen=True, slots=True)
class CellEffect:
    """What one cell brings: the alerts that come (or go) when it calls too (or no longer)."""

    cell: str
    calls: bool
    alerts: int
    per_week: float
    followed: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A threshold chosen on what was known before the held-out quarter, and judged on that quarter.

    `because`: why nothing is recommended, "" when something is: few_outcomes | short_period | no_score | did_not_hold |
    no_difference | too_much_work. `outcome`: what was looked at.
    """

    because: str
    outcome: str
    chosen: tuple[float, float, float] | None = None
    calls_from: tuple[tuple[str, float], ...] = ()
    own: bool = False  # the draft's own
    chosen_on: Judged | None = None
    held_out: Judged | None = None
    own_chosen_on: Judged | None = None
    own_held_out: Judged | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    thresholds: tuple[float, float, float]
    calls_from: tuple[tuple[str, float], ...]
    own: bool
    calls: Sequence[Called]


def recommended(
    candidates: Sequence[Candidate], known: Recorded, period: Period, agreement: Agreement
) -> Recommendation:
    """The deepest outcome that is recorded often enough decides; see `_chosen` for the choice."""
    if not agreement.alert:
        return Recommendation("no_score", "")
    last = Recommendation("short_period", "")
    for outcome in ("won", "opportunity", "passed"):
        within = known.within(outcome)
        borders = _Borders(period, within)
        if borders.chosen_until - period.start < QUARTER:
            continue
        enough = len(known.of(outcome, period.start, borders.held)) >= FEW
        if enough and len(known.of(outcome, borders.held, period.end)) >= FEW_HELD_OUT:
            return _chosen(candidates, known, borders, outcome, agreement)
        last = Recommendation("few_outcomes", outcome)
    return last


class _Borders:
    """Nothing from `held` on is seen when choosing; alerts after `chosen_until` had no time to be followed by then."""

    def __init__(self, period: Period, within: int) -> None:
        self.period, self.ripe = period, period.end - within
        self.held = self.ripe - QUARTER
        self.chosen_until = self.held - within

    def on_rest(self, calls: Sequence[Called], known: Recorded) -> Judged:
        return judged(
            [one for one in calls if one.at < self.held],
            Recorded(tuple(one for one in known.outcomes if one.at < self.held), known.days),
            self.period.start,
            self.held,
            self.held,
            self.held,
        )

    def on_held_out(self, calls: Sequence[Called], known: Recorded) -> Judged:
        return judged(calls, known, self.held, self.ripe, self.period.end, self.period.end)


def _chosen(
    candidates: Sequence[Candidate], known: Recorded, borders: _Borders, outcome: str, agreement: Agreement
) -> Recommendation:
    """Of the thresholds whose work fits the desk, those that catch nearly the most; of these the fewest alerts."""
    rest = Period(borders.period.start, borders.held, borders.period.zone)
    fitting = [one for one in candidates if work_of(agreement, weekly(rest, one.calls)).fits]
    if not fitting:
        return Recommendation("too_much_work", outcome)
    seen = {one.thresholds: borders.on_rest(one.calls, known) for one in candidates}
    most = max(seen[one.thresholds].caught[outcome].count for one in fitting)
    near = [one for one in fitting if seen[one.thresholds].caught[outcome].count >= NEARLY_ALL * most]
    best = min(near, key=lambda one: (seen[one.thresholds].alerts, not one.own))
    own = next(one for one in candidates if one.own)
    found = Recommendation(
        because="",
        outcome=outcome,
        chosen=best.thresholds,
        calls_from=best.calls_from,
        own=best.own,
        chosen_on=seen[best.thresholds],
        held_out=borders.on_held_out(best.calls, known),
        own_chosen_on=seen[own.thresholds],
        own_held_out=borders.on_held_out(own.calls, known),
    )
    return replace(found, because=_doubt(found, own_fits=own in fitting))


def _doubt(found: Recommendation, *, own_fits: bool) -> str:
    """Why the choice is not to be relied on, "" when it is; the draft's own thresholds need no proof to stay."""
    rest, held, own = found.chosen_on, found.held_out, found.own_held_out
    if rest is None or held is None or own is None or held.followed[found.outcome].few:
        return "few_outcomes"
    if not rest.followed[found.outcome].overlaps(held.followed[found.outcome]):
        return "did_not_hold"
    alike = all(
        one[found.outcome].overlaps(other[found.outcome])
        for one, other in ((held.followed, own.followed), (held.caught, own.caught))
    )
    return "no_difference" if alike and own_fits and not found.own else ""


@dataclass(frozen=True, slots=True)
class KindSeen:
    """A kind of signal that one of the two agreements reads. `treated`: same | otherwise (by the draft)."""

    kind: str
    first_at: datetime | None  # None: never
    count: int
    treated: str
    missed: bool  # at its later pace it should have come before, so it was not recorded then


def kind_seen(kind: str, first: First | None, *, same: bool, start: int, end: int) -> KindSeen:
    """`start`, `end`: the whole record. A kind that is rare, or seen in one or two weeks, may well come late."""
    treated = "same" if same else "otherwise"
    if first is None:
        return KindSeen(kind, None, 0, treated, missed=False)
    expected = first.weeks * (first.at - start) / max(end - first.at, DAY)
    return KindSeen(kind, moment(first.at), first.signals, treated, missed=first.weeks >= MISSED and expected > MISSED)


def comparable_from(kinds: Iterable[KindSeen]) -> datetime | None:
    """Before this moment the two are not compared: a kind that they treat otherwise was not recorded yet."""
    return max((one.first_at for one in kinds if one.first_at and one.missed and one.treated != "same"), default=None)


@dataclass(frozen=True, slots=True)
class Limits:
    """What this history does not say, with its own numbers."""

    first_signal: datetime
    last_signal: datetime
    signals: int
    late: int  # received more than a day after they happened
    known_current: int | None  # alerts of the period, each signal taken when it was received; None: not replayed
    known_draft: int | None
    people: int  # profiles of all of them are as of now
    merged: int
    missing: int  # numbers of signals that no signal has any more, or never had
    refused: int  # people who refused or withdrew a consent
    gained_people: int
    gained_unworked: int  # of these, people whom nobody ever judged
    kinds: tuple[KindSeen, ...]

"""A whole simulation as its page shows it: rows of words and figures, made from what the worker kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vendange.agreement.terms import Agreement
from vendange.engine.shares import Share
from vendange.identify.queries import visible_to
from vendange.models import Person, User
from vendange.simulate.actions import NAMED, Kept
from vendange.web.agreement import simulated_words as say
from vendange.web.agreement.simulated_pictures import Interval, Weeks, interval_of, share_scale, weeks_picture
from vendange.web.agreement.would import capacity_of
from vendange.web.figures import SPACE, number
from vendange.words import word

if TYPE_CHECKING:
    from vendange.simulate.queries import Shown
    from vendange.simulate.rules import CellEffect, Judged, Point, Tally

LISTS: Final = ("gained", "lost", "moved")
OUTCOMES: Final = ("won", "opportunity", "passed")
AT_ONCE: Final = 50


class Counted(NamedTuple):
    """Alerts of one lead type or one way."""

    label: str
    current: int
    draft: int
    difference: str


class Row(NamedTuple):
    """One alert. `person` None: who it was cannot be shown to this reader, or is not known any more."""

    person: Person | None
    at: Any
    before: Any
    lead_type: str
    grade: str
    why: str


@dataclass(frozen=True, slots=True)
class Named:
    """The alerts of one kind, fifty at a time."""

    kind: str
    count: int
    rows: Sequence[Row]
    page: int
    pages: int
    kept: int  # of these, how many are kept by name


class Followed(NamedTuple):
    label: str
    days: int
    current: Interval
    draft: Interval


class LeadTime(NamedTuple):
    label: str
    recorded: int
    current: str
    current_on: str
    draft: str
    draft_on: str


class Threshold(NamedTuple):
    """The draft at other thresholds: volume and rates together (R57)."""

    label: str
    own: bool
    per_week: str
    share: float  # of the largest volume, 0 to 100
    minutes: str
    fits: bool
    followed: Interval
    caught: Interval


class Cell(NamedTuple):
    cell: str
    calls: bool
    brings: str
    per_week: str
    followed: Interval


class Promise(NamedTuple):
    label: Any
    at_least: int
    current: str
    draft: str
    passed: str
    expected: str


class Tried(NamedTuple):
    """One candidate of the recommendation: on the months it was chosen on, and on the quarter that judged it."""

    label: str
    rest: "Judged"
    held: "Judged"
    rest_followed: Interval
    held_followed: Interval
    rest_caught: Interval
    held_caught: Interval


@dataclass(frozen=True, slots=True)
class Advice:
    """The recommended threshold, or why there is none. `write`: what to write into the agreement."""

    because: str
    outcome: str
    own: bool
    write: str
    rest: str
    held: str
    tried: Sequence[Tried]


@dataclass(frozen=True, slots=True)
class Page:
    wide: Weeks | None
    begins: str
    types: Sequence[Counted]
    ways: Sequence[Counted]
    followed: Sequence[Followed]
    caught: Sequence[Followed]
    lead_times: Sequence[LeadTime]
    outcome: str
    thresholds: Sequence[Threshold]
    up_to: str  # the share that fills a bar of what followed, in words
    cells: Sequence[Cell]
    promises: Sequence[Promise]
    months: int
    advice: Advice
    limits: Sequence[tuple[str, str]]


def page_of(kept: Kept, draft: Agreement, outcome: str) -> Page:
    """`outcome`: which one the thresholds and cells are looked at by."""
    found = kept.simulation
    labels = {one.id: one.label.in_language(get_language() or "") for one in draft.lead_types}
    return Page(
        wide=weeks_picture(found.weeks, capacity_of(kept), 860, 230),
        begins=str(say.STARTS.get(found.start_because, "")),
        types=[_counted(one, labels.get(one.id, one.id)) for one in found.lead_types],
        ways=[_counted(one, str(word("way", one.id))) for one in found.ways],
        followed=[_followed(kept, code, "followed") for code in say.OUTCOMES],
        caught=[_followed(kept, code, "caught") for code in ("opportunity", "won")],
        lead_times=list(_lead_times(kept)),
        outcome=outcome,
        thresholds=list(_thresholds(found.points, outcome)) if draft.alert else [],
        up_to=f"{number(100 * followed_scale(found.points, outcome))}{SPACE}%",
        cells=[_cell(one, outcome) for one in found.cells if one.alerts],
        promises=list(_promises(kept)),
        months=next((one.draft.count for one in found.promises if one.draft), 0),
        advice=_advice(kept),
        limits=say.limits(found),
    )


def deepest(kept: Kept) -> str:
    """The deepest outcome that rests on enough cases, to look at first."""
    told = kept.simulation.now.followed
    return next((one for one in OUTCOMES if told[one].of and not told[one].few), "passed")


def _interval(one: Share) -> Interval:
    return interval_of(one, say.of_words())


def _counted(one: "Tally", label: str) -> Counted:
    return Counted(label, one.current, one.draft, say.difference(one.draft, one.current))


def _followed(kept: Kept, code: str, which: str) -> Followed:
    found = kept.simulation
    current, draft = (_interval(getattr(one, which)[code]) for one in (found.current, found.now))
    return Followed(str(say.OUTCOMES[code]), found.days[code], current, draft)


def _lead_times(kept: Kept) -> Iterator[LeadTime]:
    for one in kept.simulation.lead_times:
        sides = (say.days_of(one.current), say.rests_on(one.current), say.days_of(one.draft), say.rests_on(one.draft))
        yield LeadTime(str(say.OUTCOMES[one.outcome]), one.recorded, *sides)


def _thresholds(found: Sequence["Point"], outcome: str) -> Iterator[Threshold]:
    most = max((one.judged.per_week for one in found), default=0.0) or 1.0
    whole = followed_scale(found, outcome)
    for one in found:
        minutes = one.work.nine_tenths
        yield Threshold(
            label=say.from_words(one.calls_from),
            own=one.own,
            per_week=say.per_week(one.judged.per_week),
            share=100 * one.judged.per_week / most,
            minutes="–" if minutes is None else number(minutes),
            fits=one.work.fits,
            followed=interval_of(one.judged.followed[outcome], say.of_words(), whole),
            caught=_interval(one.judged.caught[outcome]),
        )


def followed_scale(found: Sequence["Point"], outcome: str) -> float:
    """Up to which share the bars of one column are drawn."""
    sides = (one.judged.followed[outcome].interval for one in found)
    return share_scale(max((side[1] for side in sides if side), default=1.0))


def _cell(one: "CellEffect", outcome: str) -> Cell:
    sign = "" if one.calls else "+"
    brings = f"{sign}{number(one.alerts)}"
    return Cell(one.cell, one.calls, brings, f"{sign}{say.per_week(one.per_week)}", _interval(one.followed[outcome]))


def _promises(kept: Kept) -> Iterator[Promise]:
    for one in kept.simulation.promises:
        low, middle, high = one.expected or (None, None, None)
        likely = (
            "–" if low is None or middle is None or high is None else f"{number(middle)} ({number(low)}–{number(high)})"
        )
        current, mine, passed = (say.month_of(part) for part in (one.current, one.draft, one.passed))
        yield Promise(one.label, one.at_least, current, mine, passed, likely)


def _advice(kept: Kept) -> Advice:
    one = kept.simulation.recommendation
    because = str(say.NOTHING_RECOMMENDED.get(one.because, ""))
    outcome = str(say.OUTCOMES.get(one.outcome, ""))
    if one.chosen is None or one.chosen_on is None or one.held_out is None:
        return Advice(because, outcome, one.own, "", "", "", ())
    zone = kept.simulation.time_zone
    rest, held = (
        f"{say.day_there(part.start, zone)} – {say.day_there(part.end, zone)}" for part in (one.chosen_on, one.held_out)
    )
    tried = [_tried(say.from_words(one.calls_from), one.outcome, one.chosen_on, one.held_out)]
    if not one.own and one.own_chosen_on and one.own_held_out:
        tried.append(_tried(_("The draft’s own"), one.outcome, one.own_chosen_on, one.own_held_out))
    grades = ", ".join(f"{grade}: {floor:g}" for grade, floor in zip("123", one.chosen, strict=True))
    return Advice(because, outcome, one.own, f"engagement: {{{grades}}}", rest, held, tried)


def _tried(label: str, outcome: str, rest: "Judged", held: "Judged") -> Tried:
    shares = (
        _interval(part)
        for one in ("followed", "caught")
        for part in (getattr(rest, one)[outcome], getattr(held, one)[outcome])
    )
    return Tried(label, rest, held, *shares)


def named(kept: Kept, terms: Agreement, kind: str, page: int, reader: User) -> Named:
    """One page of a list, the latest first; `terms`: what calls them, which names the rules.

    People are read now: who was erased since is named nowhere.
    """
    kept_rows = list(reversed(getattr(kept.simulation, kind)))
    pages = max(1, -(-len(kept_rows) // AT_ONCE))
    page = min(max(page, 1), pages)
    shown = kept_rows[(page - 1) * AT_ONCE : page * AT_ONCE]
    ids = {one.person for one in shown if one.person}
    found = visible_to(reader).filter(public_id__in=ids).select_related("organisation")
    people = {str(one.public_id): one for one in found}
    types = {one.id: one.label.in_language(get_language() or "") for one in terms.lead_types}
    labels = terms.labels()
    rows = [_row(one, people, types, labels) for one in shown]
    return Named(kind, getattr(kept, kind), rows, page, pages, min(len(kept_rows), NAMED))


def _row(one: "Shown", people: Mapping[str, Person], types: Mapping[str, str], labels: Mapping[str, Any]) -> Row:
    why = say.why_called(one.way, one.rule, labels, get_language() or "")
    return Row(people.get(one.person), one.at, one.before, types.get(one.lead_type, one.lead_type), one.grade, why)

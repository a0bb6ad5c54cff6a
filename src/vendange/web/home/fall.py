"""The waterfall as people read it: words for each step and detour, and the shape that joins them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from vendange.report.queries import Waterfall
from vendange.report.rules import Detour, Step
from vendange.web.figures import number, rate, within

COLUMN, TOP, FLOOR = 123.0, 4.0, 104.0  # units of the drawing: eight columns of 123
WIDTH = 8 * COLUMN
BEND = 10.0
SEEN = 8.0  # a smaller fall needs no shadow

ICONS = {
    "unjudged": "clock",
    "kept_recycled": "refresh-cw",
    "kept_eliminated": "ban",
    "kept_on_desk": "headphones",
    "to_accept": "hourglass",
    "nobody": "circle-question-mark",
    "refused": "undo-2",
    "called_late": "timer",
    "untimed": "file-text",
    "uncalled": "phone",
    "gone_uncalled": "undo-2",
    "in_work": "phone-call",
    "given_back": "undo-2",
    "lost_early": "x",
    "deal_open": "hourglass",
    "deal_lost": "x",
    "deal_given_back": "undo-2",
}


class Shadow(NamedTuple):
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Side:
    icon: str
    count: str
    words: str
    share: str
    css: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One step: its figure, its rate, and the detours that leave it."""

    code: str
    title: str
    count: int
    rate: str
    few: bool
    sides: tuple[Side, ...]


def titles(call_within: str) -> dict[str, str]:
    called = _("Called in %(time)s") % {"time": call_within} if call_within else _("Called in time")
    return {
        "signals": _("Signals"),
        "raised": _("Alerts"),
        "judged": _("Judged"),
        "passed": _("Passed"),
        "accepted": pgettext("several leads", "Accepted"),
        "called_in_time": called,
        "opportunities": _("Opportunities"),
        "won": pgettext("several leads", "Won"),
    }


def words_of(code: str) -> str:
    return {
        "unjudged": _("not judged yet"),
        "kept_recycled": _("recycled"),
        "kept_eliminated": _("eliminated"),
        "kept_on_desk": _("back on the desk"),
        "to_accept": _("to accept"),
        "nobody": _("without an owner"),
        "refused": _("given back before"),
        "called_late": _("called later"),
        "untimed": _("at a time not known"),
        "uncalled": _("to call"),
        "gone_uncalled": _("gone uncalled"),
        "in_work": _("in work"),
        "given_back": pgettext("several leads", "given back"),
        "lost_early": _("lost without a project"),
        "deal_open": _("open"),
        "deal_lost": pgettext("several leads", "lost"),
        "deal_given_back": pgettext("several leads", "given back"),
    }[code]


def columns(fall: Waterfall, call_within: str) -> list[Column]:
    named = titles(call_within)
    first = Column("signals", named["signals"], fall.signals, human(fall), False, signal_sides(fall))
    return [first, *(column(step, named[step.code], fall) for step in fall.steps)]


def human(fall: Waterfall) -> str:
    if not fall.signals:
        return "–"
    return _("%(share)s human") % {"share": rate(fall.signals - fall.machines, fall.signals)}


def signal_sides(fall: Waterfall) -> tuple[Side, ...]:
    if not fall.machines:
        return ()
    return (Side("bot", number(fall.machines), _("by machines, set aside"), ""),)


def column(step: Step, title: str, fall: Waterfall) -> Column:
    if step.before is None:
        share = (
            ngettext("1 in %(n)s signal", "1 in %(n)s signals", round(fall.signals / step.count))
            % {"n": number(fall.signals / step.count)}
            if step.count and fall.signals
            else "–"
        )
    else:
        share = rate(step.count, step.before) if step.count <= step.before else "–"
    return Column(step.code, title, step.count, share, step.few and step.count > 0, tuple(sides(step, fall.late)))


def sides(step: Step, late: int) -> Sequence[Side]:
    found = []
    if step.joined:
        found.append(Side("log-in", number(step.joined), _("of them not called in time"), "", "sub"))
    found += [side(one, step.count) for one in step.detours if one.count]
    if step.code == "raised" and late:
        found.append(Side("triangle-alert", number(late), _("of them late"), "", "ink bad"))
    if step.code == "won" and step.before:
        found.append(Side("trophy", rate(step.count, step.before), _("of the opportunities"), ""))
    return found


def side(one: Detour, whole: int) -> Side:
    share = rate(one.count, whole) if whole >= 20 and 20 * one.count >= whole else ""
    return Side(ICONS[one.code], number(one.count), words_of(one.code), share)


def level(count: int, raised: int) -> float:
    share = min(count / raised, 1.0) if raised else 0.0
    return FLOOR - (FLOOR - TOP) * share


def outline(fall: Waterfall) -> str:
    """One closed path, heights to scale from the alerts on; signals stand before at full height."""
    levels = [TOP if fall.raised else FLOOR, *(level(step.count, fall.raised) for step in fall.steps)]
    path = [f"M0 {at(FLOOR)} L0 {at(levels[0])}"]
    for place, (here, after) in enumerate(pairwise(levels), start=1):
        x = place * COLUMN
        path.append(f"L{at(x - BEND)} {at(here)} C{at(x)} {at(here)} {at(x)} {at(after)} {at(x + BEND)} {at(after)}")
    return " ".join([*path, f"L{at(WIDTH)} {at(levels[-1])} L{at(WIDTH)} {at(FLOOR)} Z"])


def shadows(fall: Waterfall) -> list[Shadow]:
    """Where a step loses many: a fading bar as high as the loss."""
    levels = [level(step.count, fall.raised) for step in fall.steps]
    found = []
    for place, (here, after) in enumerate(pairwise(levels), start=2):
        if after - here > SEEN:
            found.append(Shadow(at(place * COLUMN - 8), at(here), at(COLUMN), at(after - here)))
    return found


def at(value: float) -> str:
    return within(value, WIDTH)

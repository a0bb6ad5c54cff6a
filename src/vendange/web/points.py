"""Every point of a score: the rule that gave it, the signal behind it and its day, what is left, what held it back."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from vendange.agreement.maturity import EngagementRule, FitRule
from vendange.agreement.terms import Agreement
from vendange.engine.rows import LIMIT
from vendange.models import Signal
from vendange.web.agreement.sentences import condition_in_words, time_in_words
from vendange.web.figures import number
from vendange.web.moments import day, days_between
from vendange.words import line_label, word

NAMED: Final = 3  # signals of one line that are named
Signals = Mapping[int, tuple[str, str, datetime]]


@dataclass(frozen=True, slots=True)
class Point:
    """One line. `given`: when it happened; `points`: at the moment of the measure, in tenths that add up; `fades` and
    `limits` in words."""

    label: str
    rule: str
    acts: Sequence[str]
    more: int
    given: float | None
    points: float
    fades: str
    limits: str


@dataclass(frozen=True, slots=True)
class InTenths:
    """Lines with their points, and what these add up to."""

    lines: Sequence[tuple[Mapping[str, Any], float]]
    total: float


@dataclass(frozen=True, slots=True)
class Today:
    """`now`: of the reader; `at`: of the measure."""

    now: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Points:
    fit: Sequence[Point]
    engagement: Sequence[Point]


def points_of(lines: Sequence[Mapping[str, Any]], agreement: Agreement, now: datetime, *, at: datetime) -> Points:
    """`lines` as a measure or a lead keeps them, `at` the moment of that. One question to the database for all signals.

    What has faded below a tenth is left out.
    """
    signals, today = signals_of(lines), Today(now, at)
    both = {
        side: [_point(line, left, agreement, signals, today) for line, left in in_tenths(lines, side).lines if left]
        for side in ("fit", "engagement")
    }
    return Points(both["fit"], both["engagement"])


def in_tenths(lines: Iterable[Mapping[str, Any]], side: str, total: float | None = None) -> InTenths:
    """The one rounding of every page: lines of `side`, the strongest first, in tenths that add up to the total.

    Never up: a rounded 70 must not stand beside a grade that begins at 70. `total`: what the lines add up to, when left
    out.
    """
    mine = sorted((line for line in lines if line.get("side") == side), key=lambda line: -abs(line["points"]))
    whole = math.fsum(line["points"] for line in mine) if total is None else total
    tenths = math.floor(whole * 10 + 1e-6)
    shares = shared_out([line["points"] * 10 for line in mine], tenths)
    return InTenths([(line, share / 10) for line, share in zip(mine, shares, strict=True)], tenths / 10)


def shared_out(points: Sequence[float], total: int) -> list[int]:
    """Whole points that add up to `total`, each less than one away from its own.

    >>> shared_out([12.4, 3.4, 0.4], 16)
    [13, 3, 0]
    """
    floors = [math.floor(value) for value in points]
    missing = total - sum(floors)
    by_rest = sorted(range(len(points)), key=lambda place: floors[place] - points[place])
    raised = set(by_rest[: max(0, missing)])
    return [value + (place in raised) for place, value in enumerate(floors)]


def when_measured(at: datetime, now: datetime) -> str:
    """The head of a column of points: they fade, so those of another day say which."""
    return _("On %(day)s") % {"day": day(at, now)} if days_between(at, now) > 0 else _("Now")


def signals_of(lines: Iterable[Mapping[str, Any]]) -> Signals:
    ids = {one for line in lines for one in line["signal_ids"][:NAMED]}
    if not ids:
        return {}
    rows = Signal.objects.filter(pk__in=ids).values_list(
        "pk", "kind", "asset", "path", "topic", "campaign", "occurred_at"
    )
    return {row[0]: (row[1], next((one for one in row[2:6] if one), ""), row[6]) for row in rows}


def _point(line: Mapping[str, Any], left: float, agreement: Agreement, signals: Signals, today: Today) -> Point:
    side, fades = line["side"], line["half_life_days"] is not None
    known = [signals[one] for one in line["signal_ids"][:NAMED] if one in signals]
    rules: Sequence[FitRule | EngagementRule] = agreement.fit if side == "fit" else agreement.engagement
    rule = next((one for one in rules if one.id == line["rule"]), None)
    return Point(
        label=line_label(agreement, side, line["rule"]).in_language(get_language() or "en"),
        rule=rule_in_words(rule),
        acts=[_act(one, today.now) for one in known],
        more=max(0, line["count"] - len(known)),
        given=line["given"] if fades else None,
        points=left,
        fades=_fading(line, left, today) if fades and line["rule"] != LIMIT else "",
        limits=limits_in_words(rule) if line["capped"] else "",
    )


def _act(signal: tuple[str, str, datetime], now: datetime) -> str:
    """ "Viewed a page (/tarifs), 14 Nov"."""
    kind, about, at = signal
    told = {"what": word("kind", kind), "about": about, "day": day(at, now)}
    return (_("%(what)s (%(about)s), %(day)s") if about else _("%(what)s, %(day)s")) % told


def _fading(line: Mapping[str, Any], left: float, today: Today) -> str:
    """ "halves in 21 days, 12 of 20 left", and on which day where that is not today."""
    told = {
        "time": time_in_words(float(line["half_life_days"])),
        "left": number(left, 1),
        "day": day(today.at, today.now),
        "given": number(line["given"], 0 if float(line["given"]).is_integer() else 1),
    }
    if days_between(today.at, today.now) > 0:
        return _("halves in %(time)s, %(left)s of %(given)s left on %(day)s") % told
    return _("halves in %(time)s, %(left)s of %(given)s left") % told


def rule_in_words(rule: FitRule | EngagementRule | None) -> str:
    """What the agreement says: "works metal: +20", "8 points each: page begins with /tarifs"."""
    if rule is None:
        return ""
    points = number(abs(rule.points), 0 if rule.points.is_integer() else 1)
    if isinstance(rule, FitRule):
        sign = "+" if rule.points > 0 else "−"
        return f"{sign}{points} · {condition_in_words(rule.where)}"
    what = condition_in_words(rule.where) or ", ".join(str(word("kind", kind)) for kind in rule.on)
    return (
        ngettext("%(points)s point each", "%(points)s points each", round(abs(rule.points))) % {"points": points}
        + f" · {what}"
    )


def limits_in_words(rule: FitRule | EngagementRule | None) -> str:
    """The rule's own limits; without one, a limit that it shares with others held something back."""
    said = limits_of(rule) if isinstance(rule, EngagementRule) else []
    return _("held back: %(limits)s") % {"limits": ", ".join(said)} if said else _("held back by a shared limit")


def limits_of(rule: EngagementRule) -> list[str]:
    """Its own limits; the day's limit of a group or of all together says only that something was held back."""
    stated = (
        (_("cap %(points)s"), rule.cap),
        (_("%(points)s a day"), rule.per_day),
        (_("%(points)s per content"), rule.per_content),
    )
    return [said % {"points": f"{most:g}"} for said, most in stated if most is not None]

"""What the rules hold: each has a jar, signals pour into it, it overflows at its cap and drains by half-lives.

A track is the common engagement, or one dimension: there the same rules have jars of their own, into which only the
signals that concern the dimension pour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from vendange.agreement.conditions import Condition, as_known
from vendange.agreement.maturity import EngagementRule, RuleGroup
from vendange.agreement.terms import Agreement
from vendange.engine.oracle.asking import in_order, instants, matches, meets
from vendange.engine.rows import DAY, SignalRow

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Pour:
    """What the signals of one instant pour into the jar of one rule."""

    at: int
    rule: EngagementRule
    amount: Decimal


def pours(agreement: Agreement, signals: Sequence[SignalRow], where: Condition | None = None) -> list[Pour]:
    """Everything that is poured in one track, after the limits per content and per day, in order of time."""
    concerned = [signal for signal in in_order(signals) if meets(where, signal)]
    offered = {
        rule.id: offers(agreement, rule, [signal for signal in concerned if matches(rule, signal)])
        for rule in agreement.engagement
    }
    made: list[Pour] = []
    for at in instants(concerned):
        for rule in agreement.engagement:
            now = [amount for signal, amount in offered[rule.id] if signal.at == at]
            if now:
                made.append(Pour(at, rule, min(sum(now, NOTHING), room_today(agreement, rule, at, made))))
    return made


def offers(
    agreement: Agreement, rule: EngagementRule, matching: Sequence[SignalRow]
) -> list[tuple[SignalRow, Decimal]]:
    """The points that each signal brings, once its content has had its share."""
    weights, made = dict(agreement.weights), list[tuple[SignalRow, Decimal]]()
    for signal in matching:
        origin = str(as_known("origin", signal.origin))
        offered = Decimal(rule.points) * Decimal(weights.get(origin, 1.0))
        if rule.per_content is not None:
            same = [(other.at, amount) for other, amount in made if content(other) == content(signal)]
            held = sum((amount * remains(signal.at - at, rule.half_life_days) for at, amount in same), NOTHING)
            offered = max(NOTHING, min(offered, Decimal(rule.per_content) - held))
        made.append((signal, offered))
    return made


def content(signal: SignalRow) -> str:
    """What the signal is about: the asset, else the page."""
    return str(as_known("asset", signal.asset) or as_known("path", signal.path) or "")


def room_today(agreement: Agreement, rule: EngagementRule, at: int, made: Sequence[Pour]) -> Decimal:
    """How much this day still lets pour into the jar: by the limit of the rule, of its group, and of all together."""
    today = [pour for pour in made if day(agreement, pour.at) == day(agreement, at)]
    group = group_of(agreement, rule)
    limits = [
        (rule.per_day, [pour for pour in today if pour.rule.id == rule.id]),
        (group.per_day if group else None, [pour for pour in today if pour.rule.group == rule.group]),
        (agreement.engagement_per_day, today),
    ]
    rooms = [
        Decimal(limit) - sum((pour.amount for pour in among), NOTHING) for limit, among in limits if limit is not None
    ]
    return max(NOTHING, min(rooms, default=Decimal("Infinity")))


def day(agreement: Agreement, at: int) -> int:
    """Which day of the agreement's calendar it is, in its winter time all year round."""
    return (at + winter_offset(agreement.calendar.time_zone)) // DAY


@lru_cache(maxsize=1000)
def winter_offset(time_zone: str) -> int:
    """The smaller of the two offsets from UTC in January and July, in microseconds."""
    zone = ZoneInfo(time_zone)
    offsets = [datetime(2026, month, 1, tzinfo=zone).utcoffset() or timedelta() for month in (1, 7)]
    return round(min(offsets).total_seconds()) * 1_000_000


def group_of(agreement: Agreement, rule: EngagementRule) -> RuleGroup | None:
    return next((group for group in agreement.groups if group.id == rule.group), None)


def jar(rule: EngagementRule, poured: Sequence[Pour], at: int) -> Decimal | None:
    """What the rule holds at a moment; None when no signal has matched it so far."""
    own = [pour for pour in poured if pour.rule.id == rule.id and pour.at <= at]
    if not own:
        return None
    held, last = NOTHING, own[0].at
    for pour in own:
        held = at_most(rule.cap, held * remains(pour.at - last, rule.half_life_days) + pour.amount)
        last = pour.at
    return held * remains(at - last, rule.half_life_days)


@lru_cache(maxsize=100_000)
def remains(elapsed: int, half_life_days: float) -> Decimal:
    """The share of the points that is left after so many microseconds."""
    return Decimal("0.5") ** (Decimal(elapsed) / (Decimal(half_life_days) * DAY))


def at_most(limit: float | None, points: Decimal) -> Decimal:
    return points if limit is None else min(Decimal(limit), points)


def engagement(agreement: Agreement, poured: Sequence[Pour], at: int, *, before: bool = False) -> float:
    """What a track is worth at a moment, all limits applied; `before`: just before the signals of that moment."""
    poured = [pour for pour in poured if pour.at < at or (pour.at == at and not before)]
    total = NOTHING
    for group in (*agreement.groups, None):
        rules = [rule for rule in agreement.engagement if rule.group == (group.id if group else "")]
        held = sum((jar(rule, poured, at) or NOTHING for rule in rules), NOTHING)
        total += at_most(group.cap if group else None, held)
    return rounded(at_most(agreement.engagement_cap, total))


def rounded(points: Decimal) -> float:
    """Six decimals, halves upwards."""
    return float(points.quantize(Decimal("0.000001"), ROUND_HALF_UP))

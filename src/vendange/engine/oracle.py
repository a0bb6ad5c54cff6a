"""The slow, obvious version of the engine: every figure is added up again from the first signal.

Tests hold the kernel against it. It follows docs/rules/maturity.md sentence by sentence and shares no arithmetic with
the kernel: conditions are asked one by one, each signal is decayed on its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from vendange.agreement.conditions import Condition, holds
from vendange.agreement.maturity import Act, EngagementRule
from vendange.agreement.terms import Agreement
from vendange.engine.rows import DAY, Profile, SignalRow


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands, in plain words."""

    fit: float
    engagement: float
    grade: str
    temperature: str
    set_aside: str
    points: dict[str, float]  # per engagement rule that matched, before the limit to 100


@dataclass(frozen=True, slots=True)
class Call:
    """One alert, in plain words."""

    at: int
    way: str
    rule: str
    lead_type: str
    grade: str
    signals: frozenset[int]


def matches(rule: EngagementRule | Act, signal: SignalRow) -> bool:
    return signal.kind in rule.on and _asks(rule.where, signal)


def _asks(where: Condition | None, signal: SignalRow) -> bool:
    return holds(where, signal._asdict())


def stand(agreement: Agreement, profile: Profile, signals: Sequence[SignalRow], as_of: int) -> Standing:
    """Where the person stands at `as_of`."""
    past, warmth = [signal for signal in signals if signal.at <= as_of], agreement.temperature
    points = {rule.id: given for rule in agreement.engagement if (given := worth(rule, past, as_of)) is not None}
    engagement = within(sum(map(Fraction, points.values()), Fraction()))
    fit = within(sum((Fraction(rule.points) for rule in agreement.fit if holds(rule.where, profile)), Fraction()))
    return Standing(
        fit=fit,
        engagement=engagement,
        grade=letter(fit, agreement.grades.fit, "ABCD") + letter(engagement, agreement.grades.engagement, "1234"),
        temperature=letter(engagement, (warmth.hot, warmth.warm), ("hot", "warm", "cold")),
        set_aside=next((reason.id for reason in agreement.set_aside if holds(reason.where, profile)), ""),
        points=points,
    )


def worth(rule: EngagementRule, past: Sequence[SignalRow], as_of: int) -> float | None:
    """Points of one rule now; None when no signal ever matched it."""
    matching = [signal for signal in past if matches(rule, signal)]
    if not matching:
        return None
    decayed = (rule.points * 0.5 ** ((as_of - signal.at) / DAY / rule.half_life_days) for signal in matching)
    total = float(sum(map(Fraction, decayed), Fraction()))
    return total if rule.cap is None else min(rule.cap, total)


def within(points: Fraction) -> float:
    """From 0 to 100, to six decimals."""
    return round(float(max(Fraction(0), min(Fraction(100), points))), 6)


def letter(points: float, thresholds: Sequence[float], letters: Sequence[str]) -> str:
    return letters[sum(1 for threshold in thresholds if points < threshold)]


def calls(agreement: Agreement, profile: Profile, signals: Sequence[SignalRow]) -> list[Call]:
    """Every alert of this history."""
    if stand(agreement, profile, (), 0).set_aside:
        return []
    made: list[Call] = []
    for at in sorted({signal.at for signal in signals}):
        instant = [signal for signal in signals if signal.at == at]
        for act in agreement.acts:
            made += _called_by_act(agreement, profile, signals, act, at, made)
        rules: list[EngagementRule | Act] = [*agreement.engagement, *agreement.acts]
        contributes = any(matches(rule, signal) for rule in rules for signal in instant)
        rested = all(at - call.at >= agreement.cool_down_days * DAY for call in made)
        grade = stand(agreement, profile, signals, at).grade
        if contributes and rested and grade in agreement.alert:
            made.append(Call(at, "score", grade, agreement.alert_lead_type, grade, _evidence(agreement, signals, at)))
    return made


def _called_by_act(
    agreement: Agreement, profile: Profile, signals: Sequence[SignalRow], act: Act, at: int, made: list[Call]
) -> list[Call]:
    revealing = frozenset(signal.id for signal in signals if signal.at == at and matches(act, signal))
    silent = any(call.rule == act.id and call.way == "act" and at - call.at < DAY for call in made)
    if not revealing or silent:
        return []
    grade = stand(agreement, profile, signals, at).grade
    return [Call(at, "act", act.id, act.lead_type, grade, revealing)]


def _evidence(agreement: Agreement, signals: Sequence[SignalRow], at: int) -> frozenset[int]:
    """The latest twenty signals that gave points up to this moment."""
    giving = [
        (signal.at, signal.id)
        for signal in signals
        if signal.at <= at and any(matches(rule, signal) for rule in agreement.engagement)
    ]
    return frozenset(number for _, number in sorted(giving)[-20:])

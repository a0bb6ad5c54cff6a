"""Time: decay, caps, cool-down and alerts in one pass over the signals of one person.

Engagement of a rule is one running sum: it is decayed to the moment of the next signal, then the points are added.
That is the same number as adding up every signal decayed on its own, and it is exact after years of history.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final

from vendange.agreement.terms import Agreement
from vendange.engine.compiled import Plan, plan_of
from vendange.engine.grades import cell_of
from vendange.engine.rows import DAY, EVIDENCE_KEPT, LIMIT, Alert, Line, Profile, Side, SignalRow

MICRO: Final = 1_000_000  # points are shown and compared in millionths
TOP: Final = 100 * MICRO
ACT_SILENCE: Final = DAY  # the same act does not alert again within a day


class Running:
    """What the signals up to now have given, per rule of one agreement."""

    __slots__ = ("counts", "last", "plan", "seen", "sums")

    def __init__(self, plan: Plan) -> None:
        rules = len(plan.points)
        self.plan = plan
        self.sums = [0.0] * rules
        self.last = [0] * rules
        self.counts = [0] * rules
        self.seen: list[list[int]] = [[] for _ in range(rules)]

    def add(self, signal: SignalRow) -> bool:
        """Take one signal in, not older than those before; whether a rule matched it."""
        matched = False
        for rule, test in self.plan.rules.get(signal.kind, ()):
            if not test(signal):
                continue
            matched = True
            elapsed = signal.at - self.last[rule]
            if elapsed:
                self.sums[rule] *= math.exp(-self.plan.rates[rule] * elapsed)
                self.last[rule] = signal.at
            self.sums[rule] += self.plan.points[rule]
            self.counts[rule] += 1
            self.seen[rule].append(signal.id)
        return matched

    def worth(self, rule: int, at: int) -> float:
        """Points that the rule gives at a moment, not before the last signal."""
        decayed = self.sums[rule] * math.exp(-self.plan.rates[rule] * (at - self.last[rule]))
        return min(self.plan.caps[rule], decayed)

    def engagement(self, at: int) -> float:
        """0 to 100, in steps of a millionth."""
        total = math.fsum(self.worth(rule, at) for rule, count in enumerate(self.counts) if count)
        return min(TOP, round(total * MICRO)) / MICRO

    def lines(self, at: int) -> tuple[Line, ...]:
        return balanced("engagement", [self._line(rule, at) for rule, count in enumerate(self.counts) if count])

    def _line(self, rule: int, at: int) -> Line:
        plan, stated = self.plan, self.plan.agreement.engagement[rule]
        given = self.counts[rule] * plan.points[rule]
        decayed = self.sums[rule] * math.exp(-plan.rates[rule] * (at - self.last[rule]))
        return Line(
            side="engagement",
            rule=stated.id,
            points=min(plan.caps[rule], decayed),
            given=min(plan.caps[rule], given),
            count=self.counts[rule],
            last_at=self.last[rule],
            half_life_days=stated.half_life_days,
            capped=decayed > plan.caps[rule],
            signal_ids=tuple(self.seen[rule][: -EVIDENCE_KEPT - 1 : -1]),
        )


def balanced(side: Side, lines: list[Line]) -> tuple[Line, ...]:
    """The lines in millionths so that they add up exactly to the total, with one more where 0..100 limits it.

    What rounding leaves over goes to the largest line that is not held by its cap.
    """
    if not lines:
        return ()
    steps = [round(line.points * MICRO) for line in lines]
    total = round(math.fsum(line.points for line in lines) * MICRO)
    largest = max(range(len(steps)), key=lambda place: (not lines[place].capped, abs(steps[place])))
    steps[largest] += total - sum(steps)
    shown = [_with_points(line, step / MICRO) for line, step in zip(lines, steps, strict=True)]
    beyond = max(0, min(TOP, total)) - total
    if beyond:
        shown.append(Line(side, LIMIT, beyond / MICRO, beyond / MICRO, 0, None, None, capped=True, signal_ids=()))
    return tuple(shown)


def _with_points(line: Line, points: float) -> Line:
    return Line(
        line.side,
        line.rule,
        points,
        line.given,
        line.count,
        line.last_at,
        line.half_life_days,
        line.capped,
        line.signal_ids,
    )


def fit_of(plan: Plan, profile: Profile) -> tuple[float, tuple[Line, ...]]:
    """How well the person matches the target, from 0 to 100, and the rules that say so."""
    matching = [rule for rule, test in zip(plan.agreement.fit, plan.fit, strict=True) if test(profile)]
    given = [Line("fit", rule.id, rule.points, rule.points, 0, None, None, False, ()) for rule in matching]
    total = round(math.fsum(rule.points for rule in matching) * MICRO)
    return max(0, min(TOP, total)) / MICRO, balanced("fit", given)


def set_aside_as(plan: Plan, profile: Profile) -> str:
    """Id of the first reason that sets the person aside, "" for none."""
    for reason, test in zip(plan.agreement.set_aside, plan.set_aside, strict=True):
        if test(profile):
            return reason.id
    return ""


def in_order(signals: Sequence[SignalRow]) -> list[SignalRow]:
    return sorted(signals, key=attrgetter("at", "id"))


def replay(
    agreement: Agreement,
    profile: Profile,
    signals: Sequence[SignalRow],
    *,
    since: int | None = None,
    known: Sequence[int] = (),
) -> list[Alert]:
    """Every alert of this history, oldest first. Equal times are one instant; the order of `signals` is free.

    `since`: alerts before it are neither given nor start a cool-down, because another agreement judged that time;
    `known`: the alerts that were really given then, which do.
    """
    plan = plan_of(agreement)
    if set_aside_as(plan, profile):
        return []
    return list(_Watch(plan, profile, since, max(known, default=None)).alerts(in_order(signals)))


class _Watch:
    """Follows one person through time and calls out alerts."""

    def __init__(self, plan: Plan, profile: Profile, since: int | None, last_alert: int | None) -> None:
        self.plan = plan
        self.since = since
        self.running = Running(plan)
        self.fit, self.fit_lines = fit_of(plan, profile)
        self.contributing: list[int] = []
        self.last_alert = last_alert
        self.last_of_act: dict[int, int] = {}

    def alerts(self, signals: list[SignalRow]) -> Iterator[Alert]:
        for at, instant in groupby(signals, key=attrgetter("at")):
            contributes, revealing = self._take(instant)
            if self.since is not None and at < self.since:
                continue
            for act in sorted(revealing):
                if self._act_is_due(act, at):
                    self.last_of_act[act] = self.last_alert = at
                    stated = self.plan.agreement.acts[act]
                    yield self._alert(at, stated.id, stated.lead_type, revealing[act])
            if contributes and self._score_is_due(at):
                cell = cell_of(self.plan.agreement, self.fit, self.running.engagement(at))
                if cell in self.plan.agreement.alert:
                    self.last_alert = at
                    yield self._alert(at, cell, self.plan.agreement.alert_lead_type, None)

    def _take(self, instant: Iterator[SignalRow]) -> tuple[bool, dict[int, list[int]]]:
        """Whether a signal of this instant matched anything, and the acts it matched with their signals."""
        contributes, revealing = False, dict[int, list[int]]()
        for signal in instant:
            if self.running.add(signal):
                contributes = True
                self.contributing.append(signal.id)
            for act, test in self.plan.acts.get(signal.kind, ()):
                if test(signal):
                    revealing.setdefault(act, []).append(signal.id)
        return contributes or bool(revealing), revealing

    def _act_is_due(self, act: int, at: int) -> bool:
        last = self.last_of_act.get(act)
        return last is None or at - last >= ACT_SILENCE

    def _score_is_due(self, at: int) -> bool:
        return self.last_alert is None or at - self.last_alert >= self.plan.cool_down

    def _alert(self, at: int, rule: str, lead_type: str, act_signals: list[int] | None) -> Alert:
        engagement = self.running.engagement(at)
        evidence = self.contributing if act_signals is None else act_signals
        return Alert(
            at=at,
            way="score" if act_signals is None else "act",
            rule=rule,
            lead_type=lead_type,
            fit=self.fit,
            engagement=engagement,
            grade=cell_of(self.plan.agreement, self.fit, engagement),
            signal_ids=tuple(evidence[: -EVIDENCE_KEPT - 1 : -1]),
            lines=self.fit_lines + self.running.lines(at),
        )

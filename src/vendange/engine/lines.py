"""Why somebody stands where they stand: lines that add up exactly to the figure shown."""

import math
from typing import Final

from vendange.engine.crowd import Crowd
from vendange.engine.grades import matching_fit
from vendange.engine.plan import WORD, Plan
from vendange.engine.rows import EVIDENCE_KEPT, LIMIT, Line, Side
from vendange.engine.standing import Standing

MICRO: Final = 1_000_000  # points are shown and compared in millionths


def fit_lines(plan: Plan, crowd: Crowd, person: int) -> tuple[Line, ...]:
    rules = [plan.agreement.fit[place] for place in matching_fit(crowd, person)]
    lines = [Line("fit", rule.id, rule.points, rule.points, 0, None, None, False, ()) for rule in rules]
    total = round(math.fsum(rule.points for rule in rules) * MICRO)
    return balanced("fit", lines, max(0, min(100 * MICRO, total)))


def engagement_lines(plan: Plan, crowd: Crowd, standing: Standing, person: int, end: int) -> tuple[Line, ...]:
    """The jars of the common track, what each group held back, and what 100 did. `end`: see `evidence`."""
    rules, slots = plan.agreement.engagement, len(plan.jars.bit)
    place = person * slots
    found = [rule for rule in range(len(rules)) if standing.count[place + rule]]
    lines = [_jar_line(plan, crowd, standing, person, rule, end) for rule in found]
    lines += _group_lines(plan, standing, place)
    return balanced("engagement", lines, round(standing.engagement[person * plan.tracks] * MICRO))


def _jar_line(plan: Plan, crowd: Crowd, standing: Standing, person: int, rule: int, end: int) -> Line:
    stated, place = plan.agreement.engagement[rule], person * len(plan.jars.bit) + rule
    return Line(
        side="engagement",
        rule=stated.id,
        points=float(standing.level[place]),
        given=min(plan.jars.cap[rule], float(standing.poured[place])),
        count=int(standing.count[place]),
        last_at=int(standing.seen[place]),
        half_life_days=stated.half_life_days,
        capped=bool(standing.full[place]),
        signal_ids=evidence(crowd, person, end, (plan.jars.bit[rule],)),
    )


def _group_lines(plan: Plan, standing: Standing, place: int) -> list[Line]:
    lines = []
    for group, stated in enumerate(plan.agreement.groups):
        slots = [slot for slot in range(plan.limits.rules) if plan.jars.group[slot] == group]
        beyond = math.fsum(standing.level[place + slot] for slot in slots) - plan.limits.group_cap[group]
        if beyond > 0:
            lines.append(_limit_line("engagement", f"{LIMIT}:{stated.id}", -beyond))
    return lines


def _limit_line(side: Side, name: str, points: float) -> Line:
    return Line(side, name, points, points, 0, None, None, capped=True, signal_ids=())


def evidence(crowd: Crowd, person: int, end: int, bits: tuple[int, ...], start: int | None = None) -> tuple[int, ...]:
    """Ids of the latest signals before place `end` that answer one of these questions, newest first."""
    signals, found = len(crowd.at), list[int]()
    first = int(crowd.starts[person]) if start is None else start
    for signal in range(end - 1, first - 1, -1):
        if any(int(crowd.masks[bit // WORD * signals + signal]) >> (bit % WORD) & 1 for bit in bits):
            found.append(int(crowd.ids[signal]))
            if len(found) == EVIDENCE_KEPT:
                break
    return tuple(found)


def balanced(side: Side, lines: list[Line], shown: int) -> tuple[Line, ...]:
    """The lines in millionths so that they add up exactly to `shown` millionths, with one more where 0..100 limits it.

    What rounding leaves over goes to the largest line that is not held by its cap.
    """
    if not lines:
        return ()
    steps = [round(line.points * MICRO) for line in lines]
    total = round(math.fsum(line.points for line in lines) * MICRO)
    if abs(total - shown) <= len(lines):
        total = shown  # rounding only: no limit held anything back
    largest = max(range(len(steps)), key=lambda place: (not lines[place].capped, abs(steps[place])))
    steps[largest] += total - sum(steps)
    exact = [_with_points(line, step / MICRO) for line, step in zip(lines, steps, strict=True)]
    if total != shown:
        exact.append(_limit_line(side, LIMIT, (shown - total) / MICRO))
    return tuple(exact)


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

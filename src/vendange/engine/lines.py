"""Why somebody stands where they stand: lines that add up exactly to the figure shown."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from vendange.engine.crowd import Crowd
from vendange.engine.grades import matching_fit
from vendange.engine.kernel.standing import Standing
from vendange.engine.plan import WORD, Plan
from vendange.engine.rows import EVIDENCE_KEPT, LIMIT, Line, Side

MICRO: Final = 1_000_000  # points are shown and compared in millionths


def fit_lines(plan: Plan, crowd: Crowd, person: int) -> tuple[Line, ...]:
    rules = [plan.agreement.fit[place] for place in matching_fit(crowd, person)]
    lines = [Line("fit", rule.id, rule.points, rule.points, 0, None, None, False, ()) for rule in rules]
    total = round(math.fsum(rule.points for rule in rules) * MICRO)
    return balanced("fit", lines, max(0, min(100 * MICRO, total)))


def engagement_lines(
    plan: Plan, crowd: Crowd, standing: Standing, person: int, end: int, track: int = 0
) -> tuple[Line, ...]:
    """The jars of a track, what each group held back, and what 100 did. `end`: place after the last signal."""
    first = track * plan.limits.rules
    place = person * len(plan.jars.bit)
    counts = {slot: standing.count[place + slot] for slot in range(first, first + plan.limits.rules)}
    seen = latest(plan, crowd, person, end, {slot: count for slot, count in counts.items() if count})
    lines = [_jar_line(plan, standing, place, slot, ids) for slot, ids in seen.items()]
    lines += _group_lines(plan, standing, place, track)
    return balanced("engagement", lines, round(standing.engagement[person * plan.tracks + track] * MICRO))


def _jar_line(plan: Plan, standing: Standing, place: int, slot: int, ids: Sequence[int]) -> Line:
    stated = plan.agreement.engagement[slot % plan.limits.rules]
    return Line(
        side="engagement",
        rule=stated.id,
        points=float(standing.level[place + slot]),
        given=min(plan.jars.cap[slot], float(standing.poured[place + slot])),
        count=int(standing.count[place + slot]),
        last_at=int(standing.seen[place + slot]),
        half_life_days=stated.half_life_days,
        capped=bool(standing.full[place + slot]),
        signal_ids=tuple(ids),
    )


def latest(plan: Plan, crowd: Crowd, person: int, end: int, counts: Mapping[int, int]) -> dict[int, list[int]]:
    """For each slot, the ids of the latest signals that it took, newest first. `counts`: how many it took in all."""
    found: dict[int, list[int]] = {slot: [] for slot in counts}
    missing = sum(min(EVIDENCE_KEPT, count) for count in counts.values())
    signals, first = len(crowd.at), int(crowd.starts[person])
    asked = [(slot, plan.jars.bit[slot], plan.jars.also[slot]) for slot in counts]
    signal = end - 1
    while missing and signal >= first:
        for slot, bit, also in asked:
            took = _answers(crowd, signals, signal, bit) and (also < 0 or _answers(crowd, signals, signal, also))
            if took and len(found[slot]) < EVIDENCE_KEPT:
                found[slot].append(int(crowd.ids[signal]))
                missing -= 1
        signal -= 1
    return found


def _answers(crowd: Crowd, signals: int, signal: int, bit: int) -> bool:
    return bool(int(crowd.masks[bit // WORD * signals + signal]) >> (bit % WORD) & 1)


def _group_lines(plan: Plan, standing: Standing, place: int, track: int) -> list[Line]:
    lines = []
    for number, stated in enumerate(plan.agreement.groups):
        group = track * plan.limits.groups + number
        slots = [slot for slot, its in enumerate(plan.jars.group) if its == group]
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
        if any(_answers(crowd, signals, signal, bit) for bit in bits):
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

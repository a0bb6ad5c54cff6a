"""The kernel's last part: what is written down of one person, and when that changes by time alone."""

import math
from typing import Any, Final, NamedTuple

from vendange.engine.kernel.calling import take_instant
from vendange.engine.kernel.jars import NEVER, Flow, Rules, State, clear, engagement, warm_up, worth
from vendange.engine.kernel.windows import change_ends, changes, slide_topics

Column = Any


class Standing(NamedTuple):
    """Where P persons stand at `as_of`. S slots, T tracks, J topics; `jars` is filled where it has room."""

    engagement: Column  # P x T
    warmth: Column  # P: 0 cold, 1 warm, 2 hot
    interest: Column  # P x J
    changed: Column  # P x J: 1 while a burst holds
    next_change: Column  # P, NEVER for none; left alone when empty
    level: Column  # P x S: points in each jar now
    count: Column  # P x S
    poured: Column  # P x S
    seen: Column  # P x S
    full: Column  # P x S


def stand(rules: Rules, flow: Flow, state: State, as_of: int, standing: Standing, after: Column, aside: Column) -> None:
    """Measure everybody; `after[p]`: place after the last signal that counts; `aside[p]`: 1 if set aside."""
    for person in range(len(flow.starts) - 1):
        start, end = flow.starts[person], after[person]
        clear(state, start)
        live_through(rules, flow, state, start, end, False)
        if is_between(rules, engagement(rules, state, 0, as_of)):
            clear(state, start)
            live_through(rules, flow, state, start, end, True)
        warm_up(rules, state, engagement(rules, state, 0, as_of))
        if rules.topics.within > 0:
            slide_topics(rules, flow, state, as_of, end)
        write_down(rules, flow, state, as_of, standing, person, end)
        if len(standing.next_change):
            counts = math.inf if aside[person] else rules.borders.heat
            standing.next_change[person] = next_change(rules, flow, state, as_of, standing, person, end, counts)


def is_between(rules: Rules, points: float) -> bool:
    """Whether the temperature depends on what was before: enough to stay, not enough to enter."""
    between = 0
    for border in range(2):
        between += rules.borders.leave[border] <= points < rules.borders.enter[border]
    return between > 0


def live_through(rules: Rules, flow: Flow, state: State, start: int, end: int, warming: bool) -> None:
    """Take all signals in. `warming`: follow the temperature too, which takes twice as long."""
    signal = start
    while signal < end:
        at, first = flow.at[signal], signal
        while signal < end and flow.at[signal] == at:
            signal += 1
        before = engagement(rules, state, 0, at) if warming else 0.0
        take_instant(rules, flow, state, first, signal, at)
        if warming and state.track_hit[0]:
            warm_up(rules, state, before)
            warm_up(rules, state, engagement(rules, state, 0, at))


def write_down(rules: Rules, flow: Flow, state: State, as_of: int, standing: Standing, person: int, end: int) -> None:
    for track in range(rules.tracks):
        standing.engagement[person * rules.tracks + track] = engagement(rules, state, track, as_of)
    standing.warmth[person] = state.warmth[0]
    start, topics = flow.starts[person], len(state.interest)
    for topic in range(topics):
        points = state.interest[topic]
        if points > 0.0:
            points *= math.exp(-rules.topics.rate * (as_of - state.interest_at[topic]))
        standing.interest[person * topics + topic] = min(100.0, math.floor(points * 1e6 + 0.5) / 1e6)
        holds = end > start and rules.topics.within > 0
        if holds:
            holds = changes(rules, state.recent[topic], state.past[topic], as_of - flow.at[start])
        standing.changed[person * topics + topic] = holds
    slots = len(state.level)
    if len(standing.level):
        for slot in range(slots):
            place = person * slots + slot
            standing.level[place] = worth(rules, state, slot, as_of)
            standing.count[place] = state.count[slot]
            standing.poured[place] = state.poured[slot]
            standing.seen[place] = state.seen[slot]
            standing.full[place] = state.full[slot]


def next_change(
    rules: Rules, flow: Flow, state: State, as_of: int, standing: Standing, person: int, end: int, heat: float
) -> int:
    """First microsecond after `as_of` at which something falls if nothing more comes; NEVER for none.

    `heat`: from where on the person counts for their organisation, infinite for who never does.
    """
    soonest = next_fall(rules, state, as_of, standing.engagement[person * rules.tracks], heat)
    for topic in range(len(state.interest)):
        if standing.changed[person * len(state.interest) + topic]:
            over = change_ends(rules, flow, topic, flow.starts[person], end, as_of)
            if over != NEVER and (soonest == NEVER or over < soonest):
                soonest = over
    return int(soonest)


def next_fall(rules: Rules, state: State, as_of: int, points: float, heat: float) -> int:
    """When engagement falls below the highest border that it now reaches, found by halving."""
    border = highest_border(rules, state, points, heat)
    if border <= 0.0:
        return NEVER
    slowest, total = math.inf, 0.0
    for slot in range(rules.limits.rules):
        if state.level[slot] > 0.0:
            slowest = min(slowest, rules.jars.rate[slot])
            total += worth(rules, state, slot, as_of)
    above = as_of
    below = as_of + 2 + math.ceil(math.log(2.0 * max(total, border) / border) / slowest)
    while below - above > 1:
        middle = (above + below) // 2
        if engagement(rules, state, 0, middle) < border:
            below = middle
        else:
            above = middle
    return int(below)


def highest_border(rules: Rules, state: State, points: float, heat: float) -> float:
    """The border to fall through next: a grade, the end of a temperature, or of counting for the organisation."""
    border, borders = 0.0, rules.borders
    for place in range(3):
        if borders.grades[place] <= points:
            border = max(border, borders.grades[place])
    for level in range(2):
        if state.warmth[0] > level and borders.leave[level] <= points:
            border = max(border, borders.leave[level])
    if heat <= points:
        border = max(border, heat)
    return border


STEPS: Final = (stand, is_between, live_through, write_down, next_change, next_fall, highest_border)

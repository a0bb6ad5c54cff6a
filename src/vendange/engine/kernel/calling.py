"""The kernel's third part: one person after the other, instant by instant, and who is called when."""

from typing import Any, Final, NamedTuple

from vendange.engine.kernel.jars import (
    Flow,
    Rules,
    State,
    answers,
    clear,
    engagement,
    pour,
    settle,
)
from vendange.engine.kernel.windows import changes, pattern_holds, slide_topics, take_terms, take_topics
from vendange.engine.rows import DAY

Column = Any
ACT: Final = 0
PATTERN: Final = 1
SHARED: Final = 2  # a pattern of the organisation
CHANGE: Final = 3
SCORE: Final = 4
DIMENSION: Final = 5
ACT_SILENCE: Final = DAY  # the same act does not alert again within a day


class Who(NamedTuple):
    """What the kernel must know of each person beside their signals.

    `band`: 0 to 3 for fit A to D; `since`: alerts before it are not given; `known`: the last alert of before, or NEVER;
    calls of the organisation's patterns for person p are `hit_starts[p]` to `hit_starts[p + 1]`.
    """

    band: Column
    aside: Column
    since: Column
    known: Column
    hit_starts: Column
    hit_at: Column
    hit_pattern: Column


class Alerts(NamedTuple):
    """Room for alerts. `rule`: place of the act, pattern, topic or dimension; for a score the cell, 0 (A1) to 15."""

    person: Column
    at: Column
    way: Column
    rule: Column
    cell: Column
    engagement: Column


def find_alerts(rules: Rules, flow: Flow, who: Who, state: State, found: Alerts) -> int:
    """Every alert of every person; how many, which may be more than there was room for."""
    state.made[0] = 0
    for person in range(len(flow.starts) - 1):
        if not who.aside[person]:
            follow(rules, flow, who, state, found, person)
    return int(state.made[0])


def follow(rules: Rules, flow: Flow, who: Who, state: State, found: Alerts, person: int) -> None:
    """Go through one person's instants: the signals, and the calls of the organisation's patterns among them."""
    signal, end = flow.starts[person], flow.starts[person + 1]
    hit, last_hit = who.hit_starts[person], who.hit_starts[person + 1]
    clear(state, signal)
    state.called[len(state.called) - 1] = who.known[person]
    while signal < end or hit < last_hit:
        if hit >= last_hit or (signal < end and flow.at[signal] <= who.hit_at[hit]):
            at = flow.at[signal]
        else:
            at = who.hit_at[hit]
        first = signal
        while signal < end and flow.at[signal] == at:
            signal += 1
        contributes = take_instant(rules, flow, state, first, signal, at)
        wanted = at >= who.since[person]
        if wanted and state.watched[0]:
            call_for_acts(rules, state, who, found, person, at)
            call_for_patterns(rules, flow, state, who, found, person, at)
        while hit < last_hit and who.hit_at[hit] == at:
            if wanted:
                call(rules, state, who, found, person, at, SHARED, who.hit_pattern[hit])
            hit += 1
        if wanted and state.watched[0]:
            call_for_changes(rules, state, who, found, person, at, at - flow.at[flow.starts[person]])
        if wanted and contributes:
            call_for_scores(rules, state, who, found, person, at)


def take_instant(rules: Rules, flow: Flow, state: State, first: int, after: int, at: int) -> bool:
    """Take the signals `first` to `after` in, all of one instant; whether a score may call now."""
    if state.watched[0]:
        forget_instant(state)
    for track in range(rules.tracks):
        state.track_hit[track] = 0
    contributes = False
    for signal in range(first, after):
        poured = pour(rules, flow, state, signal)
        contributes = contributes or poured
        if is_watched(rules, flow, signal):
            state.watched[0] = 1
            counted = take_terms(rules, flow, state, signal)
            acted = take_acts(rules, flow, state, signal)
            contributes = contributes or counted or acted
            take_topics(rules, flow, state, signal)
    settle(rules, state, at)
    if rules.topics.within > 0:
        slide_topics(rules, flow, state, at, after)
    return contributes


def is_watched(rules: Rules, flow: Flow, signal: int) -> bool:
    """Whether an act, a pattern or a topic waits for such a signal."""
    found = 0
    for word in range(len(rules.borders.watched)):
        found |= flow.masks[word * flow.size + signal] & rules.borders.watched[word]
    return found != 0


def take_acts(rules: Rules, flow: Flow, state: State, signal: int) -> bool:
    matched = False
    for act in range(len(rules.borders.act_bit)):
        if answers(flow, signal, rules.borders.act_bit[act]):
            state.act_hit[act] = 1
            matched = True
    return matched


def forget_instant(state: State) -> None:
    """Nothing has been hit yet."""
    for act in range(len(state.act_hit)):
        state.act_hit[act] = 0
    for pattern in range(len(state.term_hit)):
        state.term_hit[pattern] = 0
    for topic in range(len(state.topic_hit)):
        state.topic_hit[topic] = 0
    state.watched[0] = 0


def call_for_acts(rules: Rules, state: State, who: Who, found: Alerts, person: int, at: int) -> None:
    for act in range(len(state.act_hit)):
        if state.act_hit[act] and at - state.called[act] >= ACT_SILENCE:
            state.called[act] = at
            call(rules, state, who, found, person, at, ACT, act)


def call_for_patterns(rules: Rules, flow: Flow, state: State, who: Who, found: Alerts, person: int, at: int) -> None:
    acts = len(state.act_hit)
    for pattern in range(len(state.term_hit)):
        if not state.term_hit[pattern]:
            continue
        holds = pattern_holds(rules, flow, state, pattern, at)
        if holds and at - state.called[acts + pattern] >= rules.borders.cool_down:
            state.called[acts + pattern] = at
            call(rules, state, who, found, person, at, PATTERN, pattern)


def call_for_changes(rules: Rules, state: State, who: Who, found: Alerts, person: int, at: int, known_for: int) -> None:
    if not rules.topics.calls:
        return
    first = len(state.act_hit) + len(state.term_hit)
    for topic in range(len(state.topic_hit)):
        if not state.topic_hit[topic] or at - state.called[first + topic] < rules.borders.cool_down:
            continue
        if changes(rules, state.recent[topic], state.past[topic], known_for):
            state.called[first + topic] = at
            call(rules, state, who, found, person, at, CHANGE, topic)


def call_for_scores(rules: Rules, state: State, who: Who, found: Alerts, person: int, at: int) -> None:
    """The common score first, then each dimension that a signal of this instant concerns."""
    for track in range(rules.tracks):
        if at - state.called[len(state.called) - 1] < rules.borders.cool_down:
            return
        if not rules.borders.within_reach[track * 4 + who.band[person]] or (track and not state.track_hit[track]):
            continue
        points = engagement(rules, state, track, at)
        cell = who.band[person] * 4 + grade_of(rules, track, points)
        if rules.borders.alert[track * 16 + cell]:
            state.called[len(state.called) - 1] = at
            note(state, found, person, at, DIMENSION if track else SCORE, track - 1 if track else cell, cell, points)


def grade_of(rules: Rules, track: int, points: float) -> int:
    """0 to 3 for engagement 1 to 4."""
    reached = 0
    for place in range(track * 3, track * 3 + 3):
        reached += points >= rules.borders.grades[place]
    return 3 - reached


def call(rules: Rules, state: State, who: Who, found: Alerts, person: int, at: int, way: int, rule: int) -> None:
    points = engagement(rules, state, 0, at)
    state.called[len(state.called) - 1] = at
    note(state, found, person, at, way, rule, who.band[person] * 4 + grade_of(rules, 0, points), points)


def note(state: State, found: Alerts, person: int, at: int, way: int, rule: int, cell: int, points: float) -> None:
    made = state.made[0]
    if made < len(found.person):
        found.person[made] = person
        found.at[made] = at
        found.way[made] = way
        found.rule[made] = rule
        found.cell[made] = cell
        found.engagement[made] = points
    state.made[0] = made + 1


STEPS: Final = (
    find_alerts,
    follow,
    take_instant,
    is_watched,
    take_acts,
    forget_instant,
    call_for_acts,
    call_for_patterns,
    call_for_changes,
    call_for_scores,
    grade_of,
    call,
    note,
)

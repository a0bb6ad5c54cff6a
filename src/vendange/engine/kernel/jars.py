"""The kernel's first part: signals pour points into jars, and jars fade.

Written for columns that are lists (interpreted, small crowds) or numpy arrays (compiled, see `fast` beside it): plain
loops and numbers only. Times are microseconds.
"""

import math
from typing import Any, Final, NamedTuple

from vendange.engine.plan import WORD, Borders, Jars, Limits, Topics, Windows
from vendange.engine.rows import DAY

Column = Any  # list or numpy array
MICRO: Final = 1e6  # points are shown and compared in millionths
NEVER: Final = -(1 << 61)


class Rules(NamedTuple):
    """The numeric part of a plan."""

    jars: Jars
    limits: Limits
    own: Windows
    topics: Topics
    borders: Borders
    tracks: int


class Flow(NamedTuple):
    """Signals of all persons; `before[i]`: the previous signal of the same person about the same content, or -1."""

    starts: Column
    at: Column
    masks: Column
    size: int
    weights: Column
    before: Column


class State(NamedTuple):
    """What the signals of one person have given up to now. Cleared for each person, but for `contents`."""

    level: Column  # per slot: points in the jar at `last`
    last: Column
    gain: Column  # of the instant that is being taken in
    count: Column
    poured: Column
    seen: Column  # when a signal last matched
    full: Column  # 1: some limit held back at the last pour
    offered: Column  # 1: in the line of the instant
    line: Column  # slots that were offered points in this instant, in order
    waiting: Column  # [how many stand in the line]
    slot_day: Column
    slot_used: Column
    group_day: Column
    group_used: Column
    group_sum: Column
    track_day: Column
    track_used: Column
    contents: Column  # per row and signal: points in the jar of that content
    terms: Column  # signals in the window, per term of a person's pattern
    term_head: Column  # per pattern: first signal still in the window
    term_hit: Column  # per pattern: 1 when a signal of the instant matched a term
    interest: Column  # per topic: points at `interest_at`
    interest_at: Column
    recent: Column
    past: Column
    topic_head: Column  # [first recent signal, first past signal]
    topic_hit: Column
    act_hit: Column
    track_hit: Column
    watched: Column  # [1 when an act, a pattern or a topic was hit in this instant]
    called: Column  # last alert: of each act, each own pattern, each topic, then of all
    warmth: Column  # [temperature: 0 cold, 1 warm, 2 hot]
    made: Column  # [alerts made]


def answers(flow: Flow, signal: int, bit: int) -> bool:
    return bool((flow.masks[(bit // WORD) * flow.size + signal] >> (bit % WORD)) & 1)


def clear(state: State, start: int) -> None:
    """Ready for the next person, whose first signal is `start`."""
    for slot in range(len(state.level)):
        state.level[slot] = state.gain[slot] = state.poured[slot] = 0.0
        state.count[slot] = state.full[slot] = state.offered[slot] = 0
        state.slot_day[slot] = NEVER
    for group in range(len(state.group_day)):
        state.group_day[group] = NEVER
    for track in range(len(state.track_day)):
        state.track_day[track] = NEVER
    for term in range(len(state.terms)):
        state.terms[term] = 0
    for pattern in range(len(state.term_head)):
        state.term_head[pattern] = start
    for topic in range(len(state.interest)):
        state.interest[topic] = 0.0
        state.recent[topic] = state.past[topic] = 0
    state.topic_head[0] = state.topic_head[1] = start
    for place in range(len(state.called)):
        state.called[place] = NEVER
    state.warmth[0] = state.waiting[0] = 0
    state.watched[0] = 1  # so that what the one before hit is forgotten


def pour(rules: Rules, flow: Flow, state: State, signal: int) -> bool:
    """Offer the points of one signal to every slot that it matches; whether any did."""
    matched = False
    if rules.limits.contents:
        carry_contents(rules, flow, state, signal)
    for word in range(len(rules.borders.engaging)):
        mask = flow.masks[word * flow.size + signal] & rules.borders.engaging[word]
        bit = word * WORD
        while mask:
            if mask & 1:
                matched = True
                for place in range(rules.jars.first[bit], rules.jars.first[bit + 1]):
                    offer(rules, flow, state, signal, rules.jars.slots[place])
            mask >>= 1
            bit += 1
    return matched


def offer(rules: Rules, flow: Flow, state: State, signal: int, slot: int) -> None:
    """Offer the points of a signal that the slot's rule matches."""
    jars = rules.jars
    if jars.also[slot] >= 0 and not answers(flow, signal, jars.also[slot]):
        return
    offered = jars.points[slot]
    if len(flow.weights):
        offered *= flow.weights[signal]
    if not state.offered[slot]:
        state.offered[slot] = 1
        state.full[slot] = 0
        line_up(state, slot)
    if jars.content[slot] >= 0:
        offered = content_takes(rules, flow, state, slot, signal, offered)
    state.gain[slot] += offered
    state.count[slot] += 1
    state.seen[slot] = flow.at[signal]
    state.track_hit[jars.track[slot]] = 1


def line_up(state: State, slot: int) -> None:
    """Put the slot among those of this instant, in their order: the limits of a day are shared in that order."""
    place = state.waiting[0]
    state.waiting[0] = place + 1
    while place > 0 and state.line[place - 1] > slot:
        state.line[place] = state.line[place - 1]
        place -= 1
    state.line[place] = slot


def carry_contents(rules: Rules, flow: Flow, state: State, signal: int) -> None:
    """Bring the jar of this signal's content, in each limited slot, to its time."""
    before = flow.before[signal]
    for row in range(len(rules.jars.limited)):
        level = 0.0
        if before >= 0:
            level = state.contents[row * flow.size + before]
            if level > 0.0:
                level *= math.exp(-rules.jars.rate[rules.jars.limited[row]] * (flow.at[signal] - flow.at[before]))
        state.contents[row * flow.size + signal] = level


def content_takes(rules: Rules, flow: Flow, state: State, slot: int, signal: int, offered: float) -> float:
    place = rules.jars.content[slot] * flow.size + signal
    room = max(0.0, rules.jars.per_content[slot] - state.contents[place])
    if offered > room:
        offered = room
        state.full[slot] = 1
    state.contents[place] += offered
    return offered


def settle(rules: Rules, state: State, at: int) -> None:
    """The end of an instant: what was offered goes into the jars, as far as the day and the cap allow."""
    jars = rules.jars
    for place in range(state.waiting[0]):
        slot = state.line[place]
        gain = state.gain[slot]
        state.offered[slot] = 0
        state.gain[slot] = 0.0
        if rules.limits.has_days:
            gain = day_takes(rules, state, slot, at, gain)
        level = state.level[slot]
        if level > 0.0:
            level *= math.exp(-jars.rate[slot] * (at - state.last[slot]))
        level += gain
        if level > jars.cap[slot]:
            level = jars.cap[slot]
            state.full[slot] = 1
        state.level[slot] = level
        state.last[slot] = at
        state.poured[slot] += gain
    state.waiting[0] = 0


def day_takes(rules: Rules, state: State, slot: int, at: int, offered: float) -> float:
    """What the limits of a day let through: of the rule, then of its group, then of the track."""
    jars, limits = rules.jars, rules.limits
    day = (at + limits.day_offset) // DAY
    group, track = jars.group[slot], jars.track[slot]
    if state.slot_day[slot] != day:
        state.slot_day[slot] = day
        state.slot_used[slot] = 0.0
    if state.track_day[track] != day:
        state.track_day[track] = day
        state.track_used[track] = 0.0
    gain = min(offered, jars.per_day[slot] - state.slot_used[slot], limits.per_day - state.track_used[track])
    if group >= 0:
        if state.group_day[group] != day:
            state.group_day[group] = day
            state.group_used[group] = 0.0
        gain = min(gain, limits.group_per_day[group] - state.group_used[group])
    gain = float(max(0.0, gain))
    if gain < offered:
        state.full[slot] = 1
    state.slot_used[slot] += gain
    state.track_used[track] += gain
    if group >= 0:
        state.group_used[group] += gain
    return gain


def worth(rules: Rules, state: State, slot: int, at: int) -> float:
    """Points in one jar at a moment, not before its last signal."""
    if state.level[slot] <= 0.0:
        return 0.0
    return float(state.level[slot] * math.exp(-rules.jars.rate[slot] * (at - state.last[slot])))


def engagement(rules: Rules, state: State, track: int, at: int) -> float:
    """Engagement of a track at a moment, in steps of a millionth."""
    limits, total = rules.limits, 0.0
    first_group = track * limits.groups
    for group in range(first_group, first_group + limits.groups):
        state.group_sum[group] = 0.0
    for slot in range(track * limits.rules, (track + 1) * limits.rules):
        if state.level[slot] > 0.0:
            points = state.level[slot] * math.exp(-rules.jars.rate[slot] * (at - state.last[slot]))
            group = rules.jars.group[slot]
            if group >= 0:
                state.group_sum[group] += points
            else:
                total += points
    for group in range(first_group, first_group + limits.groups):
        total += min(limits.group_cap[group], state.group_sum[group])
    return float(math.floor(min(limits.cap, total) * MICRO + 0.5) / MICRO)


def warm_up(rules: Rules, state: State, points: float) -> None:
    """Temperature with hysteresis: entered at `enter`, kept down to `leave`."""
    entered = kept = 0
    for border in range(2):
        entered += points >= rules.borders.enter[border]
        kept += points >= rules.borders.leave[border]
    state.warmth[0] = max(entered, min(state.warmth[0], kept))


STEPS: Final = (
    answers,
    clear,
    pour,
    offer,
    line_up,
    carry_contents,
    content_takes,
    settle,
    day_takes,
    worth,
    engagement,
    warm_up,
)

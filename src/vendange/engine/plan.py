"""An agreement laid out for the kernel: the questions to ask, and flat tables of numbers that say what answers mean.

Every distinct question to a signal is one bit of its mask, every question to a person one bit of theirs. Rules, acts,
terms and topics then name a bit. What has no limit has the limit infinity.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from vendange.agreement.conditions import Condition, Group, surely_not
from vendange.agreement.maturity import Change
from vendange.agreement.terms import Agreement
from vendange.engine.rows import DAY, OUTSIDE

WORD: Final = 62  # questions that one int64 answers
PLANS_KEPT: Final = 64


class Question(NamedTuple):
    """What one bit of a signal's mask says: it is of one of these kinds, and `where` holds."""

    on: tuple[str, ...]
    where: Condition | None


class Jars(NamedTuple):
    """One entry for each slot: a rule in the common track, then the same rules in each dimension.

    `bit`, `also`: the two questions that a signal must answer, `also` -1 for none. `rate`: decay per microsecond.
    `content`: which row of content levels limits it, -1 for none. `group`: place in Limits.group_*, -1 for none.
    """

    bit: Sequence[int]
    also: Sequence[int]
    points: Sequence[float]
    cap: Sequence[float]
    rate: Sequence[float]
    per_day: Sequence[float]
    per_content: Sequence[float]
    content: Sequence[int]
    group: Sequence[int]
    track: Sequence[int]
    first: Sequence[int]  # the slots of bit b are slots[first[b]:first[b + 1]]
    slots: Sequence[int]
    limited: Sequence[int]  # slot of each row of content levels


class Limits(NamedTuple):
    """Groups of every track, and the limits of a track. `has_days`: 1 where a day is limited at all."""

    group_cap: Sequence[float]
    group_per_day: Sequence[float]
    cap: float
    per_day: float
    day_offset: int  # microseconds that bring UTC to the agreement's winter time
    has_days: int
    contents: int  # rows of content levels, 0 when no rule limits contents
    rules: int  # slots of one track
    groups: int  # groups of one track


class Windows(NamedTuple):
    """Patterns: the terms of pattern p are `first[p]` to `first[p + 1]`. Of persons, or of organisations."""

    first: Sequence[int]
    bit: Sequence[int]
    need: Sequence[int]
    within: Sequence[int]  # microseconds, per pattern
    people: Sequence[int]  # per pattern
    rest: int  # microseconds, the cool-down


class Topics(NamedTuple):
    """Interests and what counts as a change. `within` 0: no change is looked for."""

    bit: Sequence[int]
    points: Sequence[float]
    rate: float
    within: int
    against: int
    at_least: int
    pace: Sequence[int]  # [of recent, of past]: a burst is recent * pace[0] >= past * pace[1], exactly
    calls: int  # 1 when a change calls a human


class Borders(NamedTuple):
    """Thresholds, lowest first. `grades`: three per track; `alert`: 16 per track, one for each cell A1..D4.

    `watched`: per word, the bits that something else than a jar waits for.
    """

    grades: Sequence[float]
    alert: Sequence[int]
    within_reach: Sequence[int]  # four per track, A to D: whether that fit has a cell that alerts
    enter: Sequence[float]  # warm, hot
    leave: Sequence[float]
    heat: float  # inf: no organisation's heat
    cool_down: int  # microseconds
    act_bit: Sequence[int]
    engaging: Sequence[int]  # per word: bits of the engagement rules
    watched: Sequence[int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the engine needs of one agreement. Rules, acts and topics are named by their place in the agreement."""

    agreement: Agreement
    questions: tuple[Question, ...]
    fit: tuple[Condition, ...]  # the bits of a person's fit mask
    aside: tuple[Condition, ...]  # the bits of a person's set-aside mask, first reason first
    aside_ids: tuple[str, ...]
    jars: Jars
    limits: Limits
    own: Windows  # patterns of a person
    own_ids: tuple[int, ...]  # their places in agreement.patterns
    shared: Windows  # patterns of an organisation
    shared_ids: tuple[int, ...]
    topics: Topics
    borders: Borders
    tracks: int  # 1 + dimensions
    sharing: tuple[int, ...]  # per word: bits of terms of organisation patterns

    @property
    def words(self) -> int:
        """How many int64 the mask of one signal takes, at least 1."""
        return words_for(self.questions)

    @property
    def keeps_all_signals(self) -> bool:
        """Whether signals that answer nothing matter too: a change needs to know since when somebody is there."""
        return self.topics.within > 0


def words_for(questions: Sequence[object]) -> int:
    return max(1, math.ceil(len(questions) / WORD))


_plans: dict[str, Plan] = {}


def plan_of(agreement: Agreement) -> Plan:
    """The plan of an agreement, made once and kept for the next call."""
    plan = _plans.get(agreement.sha)
    if plan is None or (plan.agreement is not agreement and plan.agreement != agreement):
        if len(_plans) >= PLANS_KEPT:
            _plans.clear()
        plan = _plans[agreement.sha] = made(agreement)
    return plan


class _Asked:
    """Numbers the distinct questions in the order in which they are first asked."""

    def __init__(self) -> None:
        self.places: dict[Question, int] = {}

    def bit(self, on: Iterable[str], where: Condition | None) -> int:
        question = Question(tuple(sorted(on)), where)
        return self.places.setdefault(question, len(self.places))


def made(agreement: Agreement) -> Plan:
    asked = _Asked()
    rule_bits = [asked.bit(rule.on, rule.where) for rule in agreement.engagement]
    every_kind = {kind for rule in agreement.engagement for kind in rule.on}
    dimension_bits = [asked.bit(every_kind, one.where) for one in agreement.dimensions]
    act_bits = [asked.bit(act.on, act.where) for act in agreement.acts]
    own, own_ids = _windows(agreement, "person", asked)
    shared, shared_ids = _windows(agreement, "organisation", asked)
    topics = _topics(agreement, asked)
    questions = tuple(asked.places)
    aside = [reason.where for reason in agreement.set_aside]
    outside = [Group("all", tuple(surely_not(one.where) for one in agreement.personas))] if agreement.personas else []
    return Plan(
        agreement=agreement,
        questions=questions,
        fit=tuple(rule.where for rule in agreement.fit),
        aside=(*aside, *outside),
        aside_ids=(*(reason.id for reason in agreement.set_aside), *([OUTSIDE] if outside else [])),
        jars=_jars(agreement, rule_bits, dimension_bits, len(questions)),
        limits=_limits(agreement),
        own=own,
        own_ids=own_ids,
        shared=shared,
        shared_ids=shared_ids,
        topics=topics,
        borders=_borders(agreement, act_bits)._replace(
            engaging=list(_bits(rule_bits, questions)),
            watched=list(_bits([*act_bits, *own.bit, *topics.bit], questions)),
        ),
        tracks=1 + len(agreement.dimensions),
        sharing=_bits(shared.bit, questions),
    )


def _bits(places: Iterable[int], questions: Sequence[Question]) -> tuple[int, ...]:
    words = [0] * words_for(questions)
    for place in places:
        words[place // WORD] |= 1 << (place % WORD)
    return tuple(words)


def no_limit(amount: float | None) -> float:
    return math.inf if amount is None else amount


def _jars(agreement: Agreement, rule_bits: Sequence[int], dimension_bits: Sequence[int], asked: int) -> Jars:
    """`asked`: how many questions there are."""
    rules, tracks = agreement.engagement, range(1 + len(dimension_bits))
    places = {group.id: place for place, group in enumerate(agreement.groups)}
    slots = [(track, place, rule) for track in tracks for place, rule in enumerate(rules)]
    by_bit = [[slot for slot, (_, place, _) in enumerate(slots) if rule_bits[place] == bit] for bit in range(asked)]
    limited = accumulate(int(rule.per_content is not None) for _, _, rule in slots)
    return Jars(
        bit=[rule_bits[place] for _, place, _ in slots],
        also=[dimension_bits[track - 1] if track else -1 for track, _, _ in slots],
        points=[rule.points for _, _, rule in slots],
        cap=[no_limit(rule.cap) for _, _, rule in slots],
        rate=[math.log(2) / (rule.half_life_days * DAY) for _, _, rule in slots],
        per_day=[no_limit(rule.per_day) for _, _, rule in slots],
        per_content=[no_limit(rule.per_content) for _, _, rule in slots],
        content=[
            count - 1 if rule.per_content is not None else -1
            for count, (_, _, rule) in zip(limited, slots, strict=True)
        ],
        group=[places[rule.group] + track * len(places) if rule.group else -1 for track, _, rule in slots],
        track=[track for track, _, _ in slots],
        first=[0, *accumulate(map(len, by_bit))],
        slots=[slot for some in by_bit for slot in some],
        limited=[slot for slot, (_, _, rule) in enumerate(slots) if rule.per_content is not None],
    )


def _limits(agreement: Agreement) -> Limits:
    tracks = 1 + len(agreement.dimensions)
    days = [rule.per_day for rule in agreement.engagement] + [group.per_day for group in agreement.groups]
    contents = sum(rule.per_content is not None for rule in agreement.engagement) * tracks
    return Limits(
        group_cap=[no_limit(group.cap) for group in agreement.groups] * tracks,
        group_per_day=[no_limit(group.per_day) for group in agreement.groups] * tracks,
        cap=agreement.engagement_cap,
        per_day=no_limit(agreement.engagement_per_day),
        day_offset=winter_offset(agreement.calendar.time_zone),
        has_days=int(any(amount is not None for amount in [*days, agreement.engagement_per_day])),
        contents=contents,
        rules=len(agreement.engagement),
        groups=len(agreement.groups),
    )


def winter_offset(time_zone: str) -> int:
    """Microseconds from UTC to the zone's time outside summer: the day of a per-day limit begins there at midnight."""
    zone = ZoneInfo(time_zone)
    moments = (datetime(2026, month, 1, tzinfo=UTC).astimezone(zone) for month in (1, 7))
    offsets = [offset for moment in moments if (offset := moment.utcoffset()) is not None]
    return round(min(offsets).total_seconds() * 1_000_000)


def _windows(agreement: Agreement, of: str, asked: _Asked) -> tuple[Windows, tuple[int, ...]]:
    mine = [(place, pattern) for place, pattern in enumerate(agreement.patterns) if pattern.of == of]
    terms = [term for _, pattern in mine for term in pattern.terms]
    windows = Windows(
        first=[0, *accumulate(len(pattern.terms) for _, pattern in mine)],
        bit=[asked.bit(term.on, term.where) for term in terms],
        need=[term.at_least for term in terms],
        within=[round(pattern.within_days * DAY) for _, pattern in mine],
        people=[pattern.people for _, pattern in mine],
        rest=round(agreement.cool_down_days * DAY),
    )
    return windows, tuple(place for place, _ in mine)


def _topics(agreement: Agreement, asked: _Asked) -> Topics:
    interests = agreement.interests
    if interests is None:
        return Topics([], [], 0.0, 0, 0, 0, [0, 0], 0)
    change = interests.change
    return Topics(
        bit=[asked.bit(topic.on, topic.where) for topic in interests.topics],
        points=[topic.points for topic in interests.topics],
        rate=math.log(2) / (interests.half_life_days * DAY),
        within=round(change.within_days * DAY) if change else 0,
        against=round(change.against_days * DAY) if change else 0,
        at_least=change.at_least if change else 0,
        pace=_pace(change) if change else [0, 0],
        calls=int(change is not None and bool(change.lead_type)),
    )


def _pace(change: Change) -> list[int]:
    """recent >= times * past * within / against, in whole numbers: spans in minutes, `times` in thousandths."""
    within, against = (round(days * 24 * 60) for days in (change.within_days, change.against_days))
    return [1000 * against, round(change.times * 1000) * within]


def _borders(agreement: Agreement, act_bits: list[int]) -> Borders:
    tracks = [(agreement.grades.engagement, agreement.alert)]
    tracks += [(one.grades, one.alert) for one in agreement.dimensions]
    warmth = agreement.temperature
    return Borders(
        grades=[threshold for grades, _ in tracks for threshold in reversed(grades)],
        alert=[int(fit + acted in cells) for _, cells in tracks for fit in "ABCD" for acted in "1234"],
        within_reach=[int(any(cell[0] == fit for cell in cells)) for _, cells in tracks for fit in "ABCD"],
        enter=[warmth.warm, warmth.hot],
        leave=[warmth.warm - warmth.margin, warmth.hot - warmth.margin],
        heat=agreement.heat.engagement if agreement.heat else math.inf,
        cool_down=round(agreement.cool_down_days * DAY),
        act_bit=act_bits,
        engaging=[],
        watched=[],
    )

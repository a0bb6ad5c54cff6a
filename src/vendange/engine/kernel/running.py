"""Runs the kernel over a crowd: interpreted for a few signals, compiled for many. Same functions, same numbers."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

from vendange.engine.crowd import Column, Crowd
from vendange.engine.grades import bands
from vendange.engine.kernel import calling, fast, standing, windows
from vendange.engine.kernel.calling import Alerts, Who
from vendange.engine.kernel.jars import NEVER, Flow, Rules, State
from vendange.engine.kernel.maker import Maker
from vendange.engine.kernel.standing import Standing
from vendange.engine.plan import PLANS_KEPT, WORD, Plan

UNMADE: Final = 1_000_000  # signals; below, half a minute of compiling, while events wait, is too dear
ASLEEP: Final = 4_000  # signals; below, waking the compiled kernel costs more than it saves
AWAKE: Final = 100  # signals; below, even at hand it saves nothing
PLAIN: Final = SimpleNamespace(find_alerts=calling.find_alerts, stand=standing.stand, company_hits=windows.company_hits)


class Hit(NamedTuple):
    """A pattern of an organisation calls: at whom, when, which (place in plan.shared_ids), and the latest evidence."""

    person: int
    at: int
    pattern: int
    signal_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """What was decided before, by person: `since`, the moment from which alerts are wanted; `known`, the last alert."""

    since: Mapping[int, int] = field(default_factory=dict)
    known: Mapping[int, int] = field(default_factory=dict)


class Kernel:
    """The kernel made ready for one plan and a number of signals. `compiled` None: decided by that number."""

    def __init__(self, plan: Plan, signals: int, *, compiled: bool | None = None) -> None:
        self.plan = plan
        self.make = Maker(arrays=worth_compiling(signals) if compiled is None else compiled)
        self.code = fast.compiled() if self.make.arrays else PLAIN
        self.rules = rules_of(plan, arrays=self.make.arrays)

    def find(self, crowd: Crowd, *, before: Before | None = None, hits: Sequence[Hit] = ()) -> Alerts:
        """Every alert of these people, by person and time; `Alerts.person` is a place in the crowd.

        `hits`: the calls of their organisations' patterns, see `vendange.engine.kernel.company`.
        """
        flow, who = self.flow(crowd), self.who(crowd, before or Before(), hits)
        state, room = self.state(crowd), 256 + len(crowd.at) // 8
        while True:
            found = Alerts(*(self.make.empty(room, kind) for kind in (int, int, int, int, int, float)))
            made = self.code.find_alerts(self.rules, flow, who, state, found)
            if made <= room:
                return Alerts(*(column[:made] for column in found))
            room = made

    def stand(self, crowd: Crowd, as_of: int, *, jars: bool = False, next_change: bool = False) -> Standing:
        """Where these people stand; `jars` and `next_change` say whether those columns are wanted, else empty."""
        plan, people = self.plan, crowd.size
        slots, topics = len(plan.jars.bit), len(plan.topics.bit)
        wanted = people * slots if jars else 0
        whole, broken = self.make.empty, float
        places = Standing(
            engagement=whole(people * plan.tracks, broken),
            warmth=whole(people, int),
            interest=whole(people * topics, broken),
            changed=whole(people * topics, int),
            next_change=whole(people if next_change else 0, int, NEVER),
            level=whole(wanted, broken),
            count=whole(wanted, int),
            poured=whole(wanted, broken),
            seen=whole(wanted, int),
            full=whole(wanted, int),
        )
        after = self.make.column(ends_at(crowd, as_of), int)
        aside = self.make.column(_set_aside(self.plan, crowd), int)
        self.code.stand(self.rules, self.flow(crowd), self.state(crowd), as_of, places, after, aside)
        return places

    def flow(self, crowd: Crowd) -> Flow:
        column = self.make.column
        return Flow(
            starts=column(crowd.starts, int),
            at=column(crowd.at, int),
            masks=column(crowd.masks, int),
            size=len(crowd.at),
            weights=column(crowd.weights, float),
            before=column(_same_content_before(crowd) if len(crowd.contents) else [], int),
        )

    def who(self, crowd: Crowd, before: Before, hits: Sequence[Hit]) -> Who:
        column = self.make.column
        mine = _by_person(crowd, hits)
        return Who(
            band=column(bands(self.plan, crowd), int),
            aside=column(_set_aside(self.plan, crowd), int),
            since=column(_told(crowd, before.since), int),
            known=column(_told(crowd, before.known), int),
            hit_starts=column(mine[0], int),
            hit_at=column([hit.at for hit in mine[1]], int),
            hit_pattern=column([hit.pattern for hit in mine[1]], int),
        )

    def state(self, crowd: Crowd) -> State:
        plan, empty = self.plan, self.make.empty
        slots, groups, tracks = len(plan.jars.bit), len(plan.limits.group_cap), plan.tracks
        acts, patterns, topics = len(plan.borders.act_bit), len(plan.own.within), len(plan.topics.bit)
        sizes: dict[str, tuple[int, type]] = {
            **dict.fromkeys(("level", "gain", "poured", "slot_used"), (slots, float)),
            **dict.fromkeys(("last", "count", "seen", "full", "slot_day", "offered", "line"), (slots, int)),
            **dict.fromkeys(("group_used", "group_sum"), (groups, float)),
            **dict.fromkeys(("interest",), (topics, float)),
            **dict.fromkeys(("interest_at", "recent", "past", "topic_hit"), (topics, int)),
            **dict.fromkeys(("term_head", "term_hit"), (patterns, int)),
            **dict.fromkeys(("track_day", "track_hit"), (tracks, int)),
            **dict.fromkeys(("warmth", "made", "waiting", "watched"), (1, int)),
            "group_day": (groups, int),
            "track_used": (tracks, float),
            "contents": (plan.limits.contents * len(crowd.contents), float),
            "terms": (len(plan.own.bit), int),
            "topic_head": (2, int),
            "act_hit": (acts, int),
            "called": (acts + patterns + topics + 1, int),
        }
        return State(**{name: empty(*sizes[name]) for name in State._fields})


def worth_compiling(signals: int) -> bool:
    """After an upgrade the machine code is made by the first work that is large, such as a simulation."""
    if signals < AWAKE or not fast.can_compile():
        return False
    if fast.is_awake():
        return True
    return signals >= UNMADE or (signals >= ASLEEP and fast.is_made())


_rules: dict[tuple[int, bool], tuple[Plan, Rules]] = {}


def rules_of(plan: Plan, *, arrays: bool) -> Rules:
    """The numbers of a plan in the kernel's form, made once for each plan that `plan_of` keeps."""
    key = (id(plan), arrays)
    kept = _rules.get(key)
    if kept is not None and kept[0] is plan:
        return kept[1]
    if len(_rules) >= 2 * PLANS_KEPT:
        _rules.clear()
    table = Maker(arrays=arrays).table
    rules = Rules(
        table(plan.jars), table(plan.limits), table(plan.own), table(plan.topics), table(plan.borders), plan.tracks
    )
    _rules[key] = (plan, rules)
    return rules


def ends_at(crowd: Crowd, as_of: int) -> Column:
    """For each person, the signal after the last one that is not after `as_of`."""
    starts, at = crowd.starts, crowd.at
    if isinstance(at, list):
        return [bisect_right(at, as_of, starts[person], starts[person + 1]) for person in range(crowd.size)]
    import numpy

    counted = numpy.concatenate(([0], numpy.cumsum(at <= as_of)))
    return starts[:-1] + counted[starts[1:]] - counted[starts[:-1]]


def _same_content_before(crowd: Crowd) -> Column:
    """For each signal, the place of the previous one of the same person about the same content, or -1."""
    starts, contents = crowd.starts, crowd.contents
    if not isinstance(contents, list):
        return _same_content_before_in_arrays(starts, contents)
    before = []
    for person in range(crowd.size):
        latest: dict[int, int] = {}
        for signal in range(starts[person], starts[person + 1]):
            before.append(latest.get(contents[signal], -1))
            latest[contents[signal]] = signal
    return before


def _same_content_before_in_arrays(starts: Any, contents: Any) -> Any:
    import numpy

    person = numpy.repeat(numpy.arange(len(starts) - 1), numpy.diff(starts))
    order = numpy.lexsort((contents, person))  # stable: signals of one content stay in their order
    same = (person[order[1:]] == person[order[:-1]]) & (contents[order[1:]] == contents[order[:-1]])
    before = numpy.full(len(contents), -1, dtype=numpy.int64)
    before[order[1:][same]] = order[:-1][same]
    return before


def _set_aside(plan: Plan, crowd: Crowd) -> Column:
    """1 where any reason sets the person aside."""
    words = max(1, -(-len(plan.aside) // WORD))
    if isinstance(crowd.aside, list):
        people = crowd.size
        return [int(any(crowd.aside[word * people + one] for word in range(words))) for one in range(people)]
    return (crowd.aside.reshape(words, crowd.size) != 0).any(axis=0)


def _told(crowd: Crowd, moments: Mapping[int, int]) -> Column:
    if not moments:
        return [NEVER] * crowd.size
    return [moments.get(int(person), NEVER) for person in crowd.people]


def _by_person(crowd: Crowd, hits: Sequence[Hit]) -> tuple[list[int], list[Hit]]:
    """Hits in the order of the crowd and of time, and where those of each person start. Hits of others drop out."""
    if not hits:
        return [0] * (crowd.size + 1), []
    mine: dict[int, list[Hit]] = {}
    for hit in sorted(hits, key=lambda one: (one.at, one.pattern)):
        mine.setdefault(hit.person, []).append(hit)
    starts, flat = [0], list[Hit]()
    for person in crowd.people:
        flat.extend(mine.get(int(person), ()))
        starts.append(len(flat))
    return starts, flat

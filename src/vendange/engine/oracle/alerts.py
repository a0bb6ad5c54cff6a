"""When a human is called, for the people of one organisation or for one person alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from vendange.agreement.conditions import Condition
from vendange.agreement.maturity import Pattern
from vendange.agreement.terms import Agreement
from vendange.engine.oracle.asking import (
    Asks,
    at_instant,
    in_order,
    in_window,
    instants,
    latest,
    matches,
    meets,
    set_aside,
    span,
)
from vendange.engine.oracle.jars import Pour, engagement, pours
from vendange.engine.oracle.standing import cell, changed, fit_of
from vendange.engine.rows import DAY, Profile, SignalRow, Way


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the organisation. Numbers of signals are unique among all its people."""

    person: int
    profile: Profile
    signals: Sequence[SignalRow]


@dataclass(frozen=True, slots=True)
class Call:
    """One alert, in plain words. `grade` is the cell of the dimension for a dimension's alert, else the common one."""

    person: int
    at: int
    way: Way
    rule: str
    lead_type: str
    grade: str
    signals: frozenset[int]


def calls(
    agreement: Agreement,
    people: Sequence[Member],
    *,
    organisation: bool = True,
    since: int | None = None,
    known: Mapping[int, int] | None = None,
) -> list[Call]:
    """Every alert of these people, in order of time, of the ways below, and of persons.

    `organisation`: whether they work together, so that patterns of organisations apply. `since`: alerts before it are
    neither given nor start any rest; `known`: by person, when the last alert was really given then.
    """
    members = sorted(people, key=lambda member: member.person)
    watch = _Watch(agreement, [one for one in members if not set_aside(agreement, one.profile)], dict(known or {}))
    ways = [watch.by_act, watch.by_own_pattern, watch.by_change, watch.by_score, watch.by_dimension]
    if organisation:
        ways.insert(2, watch.by_shared_pattern)
    for at in instants([signal for member in watch.members for signal in member.signals]):
        if since is None or at >= since:
            for way in ways:
                watch.follow(way, at)
    return watch.made


@dataclass(slots=True)
class _Watch:
    """The people who may be called for, and the calls up to now."""

    agreement: Agreement
    members: list[Member]
    known: dict[int, int]
    made: list[Call] = field(default_factory=list)
    poured: dict[tuple[int, str], list[Pour]] = field(default_factory=dict)

    def follow(self, way: "Callable[[int], Iterator[Call]]", at: int) -> None:
        """Each call is written down before the next is thought about."""
        for call in way(at):
            self.made.append(call)

    def present(self, at: int) -> list[Member]:
        return [member for member in self.members if at_instant(member.signals, at)]

    def by_act(self, at: int) -> Iterator[Call]:
        for act in self.agreement.acts:
            for member in self.present(at):
                revealing = [signal for signal in at_instant(member.signals, at) if matches(act, signal)]
                if revealing and self.rested("act", act.id, at, DAY, member.person):
                    yield self.call(member, at, "act", act.id, act.lead_type, revealing)

    def by_own_pattern(self, at: int) -> Iterator[Call]:
        for pattern in self.agreement.patterns:
            for member in self.present(at) if pattern.of == "person" else ():
                seen = complete(pattern, [member], at)
                if seen and self.rested("pattern", pattern.id, at, self.cool_down, member.person):
                    yield self.call(member, at, "pattern", pattern.id, pattern.lead_type, seen)

    def by_shared_pattern(self, at: int) -> Iterator[Call]:
        """For the person of the last signal that counts, once for the whole organisation."""
        for pattern in self.agreement.patterns:
            seen = complete(pattern, self.members, at) if pattern.of == "organisation" else []
            if seen and self.rested("pattern", pattern.id, at, self.cool_down):
                member = next(member for member in self.members if seen[-1] in member.signals)
                yield self.call(member, at, "pattern", pattern.id, pattern.lead_type, seen)

    def by_change(self, at: int) -> Iterator[Call]:
        interests = self.agreement.interests
        change = interests.change if interests else None
        if interests is None or change is None or not change.lead_type:
            return
        for topic in interests.topics:
            for member in self.present(at):
                recent = [
                    signal
                    for signal in in_window(member.signals, at - span(change.within_days), at)
                    if matches(topic, signal)
                ]
                speaks = any(signal.at == at for signal in recent) and changed(
                    self.agreement, topic, member.signals, at
                )
                if speaks and self.rested("change", topic.id, at, self.cool_down, member.person):
                    yield self.call(member, at, "change", topic.id, change.lead_type, recent)

    def by_score(self, at: int) -> Iterator[Call]:
        for member in self.present(at):
            cell = self.cell(member, at)
            if self.contributes(member, at) and cell in self.agreement.alert and self.all_rested(member, at):
                seen = [signal for signal in member.signals if signal.at <= at and self.counts(signal)]
                yield self.call(member, at, "score", cell, self.agreement.alert_lead_type, seen)

    def by_dimension(self, at: int) -> Iterator[Call]:
        for one in self.agreement.dimensions:
            for member in self.present(at):
                seen = [
                    signal
                    for signal in in_order(member.signals)
                    if signal.at <= at
                    and meets(one.where, signal)
                    and any(matches(rule, signal) for rule in self.agreement.engagement)
                ]
                concerned = bool(seen) and seen[-1].at == at
                cell = self.cell(member, at, one.id, one.where, one.grades)
                if concerned and cell in one.alert and self.all_rested(member, at):
                    yield self.call(member, at, "dimension", one.id, one.lead_type, seen, cell)

    @property
    def cool_down(self) -> int:
        return span(self.agreement.cool_down_days)

    def rested(self, way: Way, rule: str, at: int, rest: int, person: int | None = None) -> bool:
        """Whether this very rule has not called within the rest; without a person: for anybody here."""
        return not any(
            (call.way, call.rule) == (way, rule) and person in {None, call.person} and at - call.at < rest
            for call in self.made
        )

    def all_rested(self, member: Member, at: int) -> bool:
        """Whether nothing at all has called for this person within the cool-down, this very moment included."""
        moments = [call.at for call in self.made if call.person == member.person]
        if member.person in self.known:
            moments.append(self.known[member.person])
        return all(at - moment >= self.cool_down for moment in moments)

    def contributes(self, member: Member, at: int) -> bool:
        return any(self.counts(signal) for signal in at_instant(member.signals, at))

    def counts(self, signal: SignalRow) -> bool:
        """Whether a score may call because of this signal: topics and patterns of organisations do not make it."""
        terms = [term for pattern in self.agreement.patterns if pattern.of == "person" for term in pattern.terms]
        asked: list[Asks] = [*self.agreement.engagement, *self.agreement.acts, *terms]
        return any(matches(one, signal) for one in asked)

    def cell(
        self,
        member: Member,
        at: int,
        dimension: str = "",
        where: Condition | None = None,
        grades: Sequence[float] | None = None,
    ) -> str:
        """The cell at a moment: the common one, or of a dimension. What is poured later does not change it."""
        key = (member.person, dimension)
        if key not in self.poured:
            self.poured[key] = pours(self.agreement, member.signals, where)
        engaged = engagement(self.agreement, self.poured[key], at)
        return cell(self.agreement, fit_of(self.agreement, member.profile), engaged, grades)

    def call(
        self, member: Member, at: int, way: Way, rule: str, lead_type: str, seen: Sequence[SignalRow], cell: str = ""
    ) -> Call:
        return Call(member.person, at, way, rule, lead_type, cell or self.cell(member, at), latest(seen))


def complete(pattern: Pattern, members: Sequence[Member], at: int) -> list[SignalRow]:
    """The signals that complete the pattern at this moment, oldest first; none when it is not complete."""
    begin = at - span(pattern.within_days)
    seen = {member.person: in_window(member.signals, begin, at) for member in members}
    counted = {
        person: [signal for signal in signals if any(matches(term, signal) for term in pattern.terms)]
        for person, signals in seen.items()
    }
    together = in_order([signal for signals in counted.values() for signal in signals])
    enough = all(sum(matches(term, signal) for signal in together) >= term.at_least for term in pattern.terms)
    people = sum(1 for signals in counted.values() if signals)
    speaks = bool(together) and together[-1].at == at
    return together if speaks and enough and people >= pattern.people else []

"""Agreements, people and histories drawn at random, with the awkward cases drawn often."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal, NamedTuple

from hypothesis import strategies as st

from vendange.agreement.conditions import DIMENSIONS, OPERATORS, RANKS, Condition, Group, Leaf, Operator
from vendange.agreement.label import Label
from vendange.agreement.maturity import (
    Act,
    Change,
    Dimension,
    EngagementRule,
    FitRule,
    Grades,
    Heat,
    Interests,
    LeadType,
    Pattern,
    Persona,
    RuleGroup,
    SetAside,
    Temperature,
    Term,
    Topic,
)
from vendange.agreement.promises import OFFICE_HOURS, read_delays, read_desk, read_recycling
from vendange.agreement.terms import Agreement, Calendar, Routing
from vendange.agreement.vocabulary import ORIGINS, ROLES
from vendange.engine.oracle import Member
from vendange.engine.rows import DAY, SignalRow

LABEL = Label("x", "x")
KINDS = ["page_viewed", "email_clicked", "quote_requested"]
ASIDE = "social_post"  # a kind that gives no points: terms and topics ask for it
UNASKED = "booth_visited"  # a kind that nothing asks for
HOUR = DAY // 24
START = 1_600_000_000_000_000  # 13 September 2020, 12:26:40 UTC
MIDNIGHT = 1_600_041_600_000_000  # the next one, UTC
ZONES = ["Europe/Paris", "UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]
# Just before a day ends in UTC and in the winter time of each zone, so that a burst goes on into the next day.
BEGINS = [START, MIDNIGHT, *(MIDNIGHT - minutes * HOUR // 60 - 1 for minutes in (0, 60, -300, 330, -720))]
FILLERS = 61  # acts that push the other questions across the border of a 62-bit word

TEXTS: dict[str, list[str]] = {
    "path": ["/tarifs", "/Tarifs/tours", "/MACHINES/5", "/", "/Élévateurs", "straße"],
    "asset": ["guide-achat.pdf", "Catalogue", "CATALOGUE", "é%_"],
    "campaign": ["spring", "Salon 2020"],
    "channel": ["email", "Social"],
    "topic": ["financing", "Machining"],
    "origin": list(ORIGINS),
    "person.country": ["FR", "fr", "BE", "NO"],
    "person.language": ["fr", "EN"],
    "person.source": ["fair", "Web"],
    "person.job_title": ["Directeur d'usine", "STAGIAIRE", "İnşaat"],
    "person.role": list(ROLES),
    "organisation.industry": ["25.62", "Métal"],
    "organisation.country": ["FR", "de"],
    "organisation.region": ["Île-de-France", "BE"],
    "organisation.postal_code": ["69003", "690"],
}
RANKED: dict[str, list[str]] = {"person.level": list(RANKS["level"]), "organisation.tier": list(RANKS["tier"])}
DATES = ["2020-09-13", "2020-09-14", "2020-09-20", "2020-10-04", "2022-11-22"]
AMOUNTS = [0.0, 1.0, 2.5, 50.0, 5000.0]
SIGNAL_SIDE = ("path", "asset", "topic", "value", "origin", "at", "campaign", "channel")
PERSON_SIDE = tuple(name for name in DIMENSIONS if "." in name)
DAYS = st.sampled_from([0.25, 1.0, 10.0, 21.0, 90.0, 730.0])
LIMITS = st.sampled_from([None, None, None, None, 2.5, 8.0, 12.0, 30.0])
TYPES = st.sampled_from(["project", "quote"])


def values_of(dimension: str) -> list[Any]:
    """What a condition may compare this dimension with, lowest first where there is an order."""
    kind = DIMENSIONS[dimension]
    if kind in {"number", "date"}:
        return [*AMOUNTS] if kind == "number" else [*DATES]
    return [*(RANKED.get(dimension) or TEXTS[dimension])]


@cache
def leaves(dimension: str) -> st.SearchStrategy[Condition]:
    return st.sampled_from(OPERATORS[DIMENSIONS[dimension]]).flatmap(lambda operator: asked(dimension, operator))


@cache
def asked(dimension: str, operator: Operator) -> st.SearchStrategy[Condition]:
    """One question to one dimension."""
    order = values_of(dimension)
    one: st.SearchStrategy[Any] = st.sampled_from(order)
    several = st.lists(one, min_size=1, max_size=3).map(tuple)
    value = {
        "exists": st.booleans(),
        "in": several,
        "not": one | several,
        "between": st.tuples(one, one).map(lambda two: tuple(sorted(two, key=order.index))),
        "starts_with": one.map(lambda text: text[:4]),
        "contains": one.map(lambda text: text[1:4] or text),
    }.get(operator, one)
    return value.map(lambda drawn: Leaf(dimension, operator, drawn))


@cache  # building strategies takes longer than drawing from them
def conditions(side: tuple[str, ...]) -> st.SearchStrategy[Condition]:
    def grouped(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        several = st.lists(parts, min_size=1, max_size=3).map(tuple)
        return st.builds(Group, st.sampled_from(["all", "any", "none"]), several)

    leaf: st.SearchStrategy[Condition] = st.sampled_from(side).flatmap(leaves)
    return st.recursive(leaf, grouped, max_leaves=5)


def mostly(usual: st.SearchStrategy[Any], other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Two thirds of the one; `usual | usual | other` would be half."""
    return st.sampled_from([True, True, False]).flatmap(lambda first: usual if first else other)


@cache
def mostly_none(one: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition | None]:
    return mostly(st.none(), one)


@cache
def kinds(most: int = 2) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(KINDS), min_size=1, max_size=most, unique=True).map(tuple)


def some(draw: st.DrawFn, most: int, least: int = 0) -> range:
    return range(draw(st.sampled_from(range(most, least - 1, -1))))


@st.composite
def engagement_rules(draw: st.DrawFn, number: int, groups: list[str]) -> EngagementRule:
    points = draw(st.sampled_from([16.0, 8.0, 3.0, 30.0, 0.5, 100.0]))
    room = draw(st.sampled_from([1.5, 1.0, 2.0, 4.0, None]))
    return EngagementRule(
        id=f"rule-{number}",
        label=LABEL,
        on=draw(kinds()),
        where=draw(mostly_none(conditions(SIGNAL_SIDE))),
        points=points,
        cap=None if room is None else points * room,
        half_life_days=draw(DAYS),
        group=draw(st.sampled_from(["", *groups])),
        per_day=draw(LIMITS),
        per_content=draw(LIMITS),
    )


@st.composite
def acts(draw: st.DrawFn) -> tuple[Act, ...]:
    """Up to two, sometimes behind so many others that one word of bits cannot hold them all."""
    fillers = FILLERS if draw(st.integers(0, 9)) == 9 else 0
    first = tuple(Act(f"never-{number}", LABEL, (f"never_{number}",), None, "quote") for number in range(fillers))
    rare = st.sampled_from([("quote_requested",), *((kind,) for kind in KINDS)])
    where = conditions(SIGNAL_SIDE) | st.none()
    return first + tuple(Act(f"act-{number}", LABEL, draw(rare), draw(where), draw(TYPES)) for number in some(draw, 2))


@st.composite
def patterns(draw: st.DrawFn, number: int) -> Pattern:
    of: Literal["person", "organisation"] = draw(st.sampled_from(["person", "organisation"]))
    term = st.builds(
        Term, mostly(kinds(), st.just((ASIDE,))), mostly_none(conditions(SIGNAL_SIDE)), st.sampled_from([1, 1, 2, 3])
    )
    return Pattern(
        id=f"pattern-{number}",
        label=LABEL,
        of=of,
        within_days=draw(st.sampled_from([0.25, 1.0, 14.0, 90.0])),
        terms=tuple(draw(st.lists(term, min_size=1, max_size=2))),
        people=draw(st.integers(1, 3)) if of == "organisation" else 1,
        lead_type=draw(TYPES),
    )


@cache
def thresholds(count: int) -> st.SearchStrategy[Any]:
    one = st.sampled_from([16.0, 8.0, 3.0, 2.5, 0.5, 24.0, 40.0, 70.0, 100.0])
    return st.lists(one, min_size=count, max_size=count, unique=True).map(lambda some: tuple(sorted(some)[::-1]))


@cache
def cells() -> st.SearchStrategy[frozenset[str]]:
    acted, fit = (
        st.sampled_from(["123", "1234", "12", "123"]),
        st.sampled_from(["ABCD", "BCD", "D", "ABCD", "ABC", "A"]),
    )
    drawn = st.builds(lambda letters, digits: frozenset(one + other for one in letters for other in digits), fit, acted)
    return mostly(drawn, drawn | st.just(frozenset()))


@st.composite
def dimensions(draw: st.DrawFn, number: int) -> Dimension:
    broad: Condition = Leaf("at", "exists", value=True)
    where = draw(st.just(broad) | st.just(Leaf("topic", "exists", value=True)) | conditions(SIGNAL_SIDE))
    return Dimension(f"dimension-{number}", LABEL, where, draw(thresholds(3)), draw(cells()), draw(TYPES))


@st.composite
def interests(draw: st.DrawFn) -> Interests:
    condition = mostly_none(conditions(SIGNAL_SIDE))
    points = st.sampled_from([1.0, 0.5, 60.0])
    topics = tuple(
        Topic(f"topic-{number}", LABEL, draw(mostly(kinds(), st.just((ASIDE,)))), draw(condition), draw(points))
        for number in some(draw, 2, 1)
    )
    change = st.builds(
        Change,
        within_days=st.sampled_from([0.25, 1.0, 14.0]),
        against_days=st.sampled_from([14.0, 90.0, 180.0, 1.0]),
        at_least=st.sampled_from([1, 2, 2, 3, 4]),
        times=st.sampled_from([1.0, 1.5, 3.0]),
        lead_type=st.sampled_from(["project", "quote", "project", ""]),
    )
    return Interests(draw(DAYS), topics, draw(mostly(change, change | st.none())))


@st.composite
def temperatures(draw: st.DrawFn) -> Temperature:
    warm = draw(st.sampled_from([2.5, 8.0, 3.0, 0.5, 16.0]))
    hot = draw(st.sampled_from([warm + 0.5, warm + 5.0, warm + 20.0]))
    return Temperature(hot, warm, warm * draw(st.sampled_from([0.5, 0.75, 0.25, 0.0])))


@st.composite
def heats(draw: st.DrawFn) -> Heat:
    warm = draw(st.integers(1, 2))
    roles = draw(st.lists(st.sampled_from(ROLES), max_size=3, unique=True))
    return Heat(draw(thresholds(1))[0], warm, warm + draw(st.integers(1, 2)), tuple(roles))


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    fit_points = st.sampled_from([-40.0, -5.5, 10.0, 30.0, 70.0])
    persons = conditions(PERSON_SIDE)
    groups = tuple(RuleGroup(f"group-{number}", LABEL, draw(LIMITS), draw(LIMITS)) for number in some(draw, 2))
    weighed = draw(st.lists(st.sampled_from(ORIGINS), max_size=3, unique=True))
    return Agreement(
        sha="",
        name="drawn",
        calendar=Calendar(draw(st.sampled_from(ZONES)), "FR", OFFICE_HOURS),
        lead_types=(LeadType("project", LABEL), LeadType("quote", LABEL)),
        set_aside=(SetAside("student", LABEL, Leaf("person.level", "is", "student")),) if draw(st.booleans()) else (),
        personas=tuple(Persona(f"persona-{number}", LABEL, draw(persons)) for number in some(draw, 2)),
        fit=tuple(FitRule(f"fit-{number}", LABEL, draw(persons), draw(fit_points)) for number in some(draw, 4)),
        engagement=tuple(draw(engagement_rules(number, [group.id for group in groups])) for number in some(draw, 4, 1)),
        engagement_cap=draw(st.sampled_from([100.0, 100.0, 40.0, 12.0])),
        engagement_per_day=draw(LIMITS),
        groups=groups,
        weights=tuple((origin, draw(st.sampled_from([0.0, 0.25, 0.5, 1.0]))) for origin in weighed),
        dimensions=tuple(draw(dimensions(number)) for number in some(draw, 2)),
        interests=draw(mostly(interests(), interests() | st.none())),
        patterns=tuple(draw(patterns(number)) for number in some(draw, 3)),
        heat=draw(heats() | st.none()),
        acts=draw(acts()),
        grades=Grades(draw(thresholds(3)), draw(thresholds(3))),
        alert=draw(cells()),
        alert_lead_type="project",
        cool_down_days=draw(st.sampled_from([0.25, 1.0, 30.0, 90.0])),
        temperature=draw(temperatures()),
        desk=read_desk(None),
        delays=read_delays(None, Calendar("UTC", "FR", OFFICE_HOURS)),
        returns=(),
        recycling=read_recycling(None),
        volumes=(),
        reports=(),
        routing=Routing(50),
    )


@cache
def text(name: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, "", *TEXTS[name]])


@st.composite
def rows(draw: st.DrawFn, least: int = 3) -> list[SignalRow]:
    """Signals in order of time: simultaneous ones, full days, the same content again and again, long silences."""
    short = st.sampled_from([0, 0, 1, 1_000_000, HOUR, HOUR, 6 * HOUR])
    long = st.sampled_from([DAY - 1, DAY, DAY + 1, 10 * DAY, 14 * DAY, 14 * DAY + 1, 21 * DAY, 90 * DAY, 800 * DAY])
    at, made = draw(st.sampled_from(BEGINS)), list[SignalRow]()
    number = draw(st.sampled_from([12, 20, 8, 26, 16, 30, 6, least]))
    for id in draw(st.permutations(range(1, number + 1))):
        at += draw(mostly(short, long))
        repeated: bool = draw(st.booleans())
        if made and repeated:
            again = made[-draw(st.sampled_from(range(1, min(3, len(made)) + 1)))]
            made.append(
                again._replace(id=id, at=at, path=(again.path or "").upper(), asset=(again.asset or "").title())
            )
            continue
        made.append(
            SignalRow(
                id=id,
                at=at,
                kind=draw(st.sampled_from([*KINDS, *KINDS, ASIDE, ASIDE, UNASKED])),
                path=draw(text("path")),
                asset=draw(text("asset")),
                campaign=draw(text("campaign")),
                channel=draw(text("channel")),
                topic=draw(text("topic")),
                value=draw(st.sampled_from([None, float("nan"), float("inf"), *AMOUNTS])),
                origin=draw(text("origin")),
            )
        )
    return made


@st.composite
def histories(draw: st.DrawFn) -> list[SignalRow]:
    """Signals of one person in the order in which they came in: late ones included."""
    made: list[SignalRow] = draw(rows())
    return draw(st.permutations(made))


@cache
def profiles() -> st.SearchStrategy[dict[str, object]]:
    strategies: dict[str, st.SearchStrategy[Any]] = {
        name: st.sampled_from([None, "", *(TEXTS.get(name) or RANKED.get(name) or [])]) for name in PERSON_SIDE
    }
    strategies["organisation.employees"] = st.sampled_from([None, 10, 49.5, 50, 5000, float("nan"), "200"])
    strategies["person.level"] = st.sampled_from([None, *RANKED["person.level"][1:], "DIRECTOR", "staff", "student"])
    strategies["person.known_since"] = st.sampled_from([None, START, START - 800 * DAY, MIDNIGHT, MIDNIGHT - 1])
    level = {"person.level": strategies.pop("person.level")}
    return st.fixed_dictionaries(level, optional=strategies)


class Moment(NamedTuple):
    """When to measure: so long after one of the signals, whichever these are."""

    place: int
    later: int

    def among(self, signals: Sequence[SignalRow]) -> int:
        times = sorted(signal.at for signal in signals)
        return (times[min(self.place, len(times) - 1)] if times else START) + self.later


def moments() -> st.SearchStrategy[Moment]:
    """On the microsecond of a signal, among them, on the border of a day or a window, or long after."""
    borders = st.sampled_from([0, 1, HOUR, DAY, 6 * HOUR, 10 * DAY, 14 * DAY, 21 * DAY, 22 * DAY, -1])
    later = mostly(borders, st.integers(0, 30 * DAY) | st.integers(0, 1200 * DAY))
    return st.builds(Moment, st.sampled_from([9, 5, 7, 12, 3, 16, 1, 20, 0]), later)


@st.composite
def organisations(draw: st.DrawFn) -> list[Member]:
    """Two to four people whose signals are mixed in time, at the same instant too; some of them set aside."""
    people = list(range(1, draw(st.integers(2, 4)) + 1))
    owners = st.sampled_from([*people, 1, 1, 1])  # one does much more than the others
    signals = [(draw(owners), signal) for signal in draw(rows(4))]
    mixed = draw(st.permutations(signals))
    return [
        Member(person, draw(profiles()), [signal for owner, signal in mixed if owner == person])
        for person in draw(st.permutations(people))
    ]

"""Agreements, people and histories drawn at random, with the awkward cases drawn often."""

from typing import Any

from hypothesis import strategies as st

from vendange.agreement.conditions import Condition, Group, Leaf
from vendange.agreement.label import Label
from vendange.agreement.maturity import Act, EngagementRule, FitRule, Grades, LeadType, SetAside, Temperature
from vendange.agreement.promises import OFFICE_HOURS, read_delays, read_desk, read_recycling
from vendange.agreement.terms import Agreement, Calendar, Routing
from vendange.engine.rows import DAY, SignalRow

LABEL = Label("x", "x")
KINDS = ["page_viewed", "email_clicked", "quote_requested"]
HOUR = DAY // 24
START = 1_600_000_000_000_000

TEXTS: dict[str, list[Any]] = {
    "path": [None, "", "/tarifs", "/Tarifs/tours", "/machines/5", "/"],
    "asset": [None, "guide-achat.pdf", "Catalogue"],
    "topic": [None, "financing", "machining"],
    "person.country": [None, "", "FR", "fr", "BE", "NO"],
    "person.job_title": [None, "Directeur d'usine", "STAGIAIRE"],
    "person.role": [None, "uses", "decides"],
}
RANKS: dict[str, list[Any]] = {
    "person.level": ["student", "staff", "manager", "director", "executive"],
    "organisation.tier": ["target_2", "target_1", "core"],
}
NUMBERS = ["organisation.employees", "value"]
SIGNAL_SIDE = ["path", "asset", "topic", "value"]
PERSON_SIDE = ["person.country", "person.job_title", "person.role", *RANKS, "organisation.employees"]
AMOUNTS = [0.0, 1.0, 2.5, 50.0, 5000.0]


def leaves(dimension: str) -> st.SearchStrategy[Condition]:
    exists = st.booleans().map(lambda value: Leaf(dimension, "exists", value))
    if dimension in NUMBERS:
        value: st.SearchStrategy[Any] = st.sampled_from(AMOUNTS)
    else:
        value = st.sampled_from([text for text in (TEXTS.get(dimension) or RANKS[dimension]) if text])
    several = st.lists(value, min_size=1, max_size=3).map(tuple)
    same = [
        value.map(lambda one: Leaf(dimension, "is", one)),
        several.map(lambda some: Leaf(dimension, "in", some)),
        (value | several).map(lambda one: Leaf(dimension, "not", one)),
    ]
    if dimension in TEXTS:
        part = value.map(lambda one: one[:4])
        more = [
            part.map(lambda one: Leaf(dimension, "starts_with", one)),
            part.map(lambda one: Leaf(dimension, "contains", one)),
        ]
        return st.one_of(exists, *same, *more)
    order = RANKS.get(dimension, AMOUNTS)
    pair = st.tuples(value, value).map(lambda two: tuple(sorted(two, key=order.index)))
    return st.one_of(
        exists,
        *same,
        value.map(lambda one: Leaf(dimension, "at_least", one)),
        value.map(lambda one: Leaf(dimension, "at_most", one)),
        pair.map(lambda two: Leaf(dimension, "between", two)),
    )


def conditions(side: list[str]) -> st.SearchStrategy[Condition]:
    def grouped(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        several = st.lists(parts, min_size=1, max_size=3).map(tuple)
        return st.builds(Group, st.sampled_from(["all", "any", "none"]), several)

    leaf: st.SearchStrategy[Condition] = st.sampled_from(side).flatmap(leaves)
    return st.recursive(leaf, grouped, max_leaves=5)


def mostly_none(one: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition | None]:
    return st.integers(0, 2).flatmap(lambda number: one if number == 2 else st.none())


def engagement_rules(number: int) -> st.SearchStrategy[EngagementRule]:
    points = st.sampled_from([16.0, 8.0, 3.0, 30.0, 0.5, 100.0])
    return st.builds(
        lambda on, where, given, room, half_life: EngagementRule(
            f"rule-{number}", LABEL, tuple(on), where, given, None if room is None else given * room, half_life
        ),
        st.lists(st.sampled_from(KINDS), min_size=1, max_size=2, unique=True),
        mostly_none(conditions(SIGNAL_SIDE)),
        points,
        st.sampled_from([None, 1.0, 1.5, 4.0]),
        st.sampled_from([0.25, 1.0, 10.0, 21.0, 90.0, 730.0]),
    )


def acts(number: int) -> st.SearchStrategy[Act]:
    return st.builds(
        lambda on, where, lead_type: Act(f"act-{number}", LABEL, (on,), where, lead_type),
        st.sampled_from(KINDS),
        mostly_none(conditions(SIGNAL_SIDE)),
        st.sampled_from(["project", "quote"]),
    )


def thresholds(count: int) -> st.SearchStrategy[Any]:
    one = st.sampled_from([70.0, 40.0, 24.0, 16.0, 8.0, 3.0, 0.5, 100.0])
    return st.lists(one, min_size=count, max_size=count, unique=True).map(lambda some: tuple(sorted(some)[::-1]))


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    fit_points = st.sampled_from([-40.0, -5.5, 10.0, 30.0, 70.0])
    cells = st.sampled_from(["1", "12", "123"]).flatmap(
        lambda acted: st.sampled_from(["A", "ABC", "ABCD", "D", "BD"]).map(
            lambda fit: frozenset(one + other for one in fit for other in acted)
        )
    )
    hot, warm = draw(thresholds(2))
    return Agreement(
        sha="",
        name="drawn",
        calendar=Calendar("Europe/Paris", "FR", OFFICE_HOURS),
        lead_types=(LeadType("project", LABEL), LeadType("quote", LABEL)),
        set_aside=(SetAside("student", LABEL, Leaf("person.level", "is", "student")),) if draw(st.booleans()) else (),
        fit=tuple(
            FitRule(f"fit-{number}", LABEL, draw(conditions(PERSON_SIDE)), draw(fit_points))
            for number in range(draw(st.integers(0, 4)))
        ),
        engagement=tuple(draw(engagement_rules(number)) for number in range(draw(st.integers(1, 4)))),
        acts=tuple(draw(acts(number)) for number in range(draw(st.integers(0, 2)))),
        grades=Grades(draw(thresholds(3)), draw(thresholds(3))),
        alert=draw(cells),
        alert_lead_type="project",
        cool_down_days=draw(st.sampled_from([0.25, 1.0, 30.0, 90.0])),
        temperature=Temperature(hot, warm),
        desk=read_desk(None),
        delays=read_delays(None),
        returns=(),
        recycling=read_recycling(None),
        volumes=(),
        reports=(),
        routing=Routing(50),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[SignalRow]:
    """Signals in the order in which they came in: late ones, simultaneous ones and long silences included."""
    gaps = st.sampled_from([0, 0, 1, 1_000_000, HOUR, 6 * HOUR, DAY, DAY + 1, 10 * DAY, 21 * DAY, 90 * DAY, 800 * DAY])
    at, rows = START, []
    for number in range(draw(st.integers(3, 16))):
        at += draw(gaps)
        rows.append(
            SignalRow(
                id=number + 1,
                at=at,
                kind=draw(st.sampled_from([*KINDS, "booth_visited"])),
                path=draw(st.sampled_from(TEXTS["path"])),
                asset=draw(st.sampled_from(TEXTS["asset"])),
                topic=draw(st.sampled_from(TEXTS["topic"])),
                value=draw(st.sampled_from([None, float("nan"), *AMOUNTS])),
            )
        )
    return draw(st.permutations(rows))


def profiles() -> st.SearchStrategy[dict[str, object]]:
    values = {**{name: TEXTS[name] for name in TEXTS if name.startswith("person.")}, **RANKS}
    strategies: dict[str, st.SearchStrategy[Any]] = {
        name: st.sampled_from([None, "", *some]) for name, some in values.items()
    }
    strategies["organisation.employees"] = st.sampled_from([None, 10, 49.5, 50, 5000, float("nan"), "200"])
    return st.fixed_dictionaries({}, optional=strategies)

"""A written agreement is read with its meaning, or refused with the line and what to do."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from vendange.agreement.conditions import Group, Leaf
from vendange.agreement.label import Label
from vendange.agreement.language import canonical, load
from vendange.agreement.terms import Span

EXAMPLES = Path(__file__).parents[2] / "examples" / "agreements"
SHORT = "agreement: Short\nacts:\n  - {id: quote, on: quote_requested}\n"
RULE = "engagement:\n  rules:\n    - {id: reads, on: page_viewed, points: 8%s}\n"
FIT = "fit:\n  - {id: size, points: 5, where: %s}\n"


def test_the_complex_sale_says_what_was_agreed() -> None:
    agreement = load((EXAMPLES / "complex-sale.yaml").read_bytes())
    assert [lead_type.id for lead_type in agreement.lead_types] == ["project", "quote", "repurchase"]
    assert (len(agreement.fit), len(agreement.engagement), len(agreement.acts)) == (8, 15, 4)
    assert agreement.grades.fit == (70, 45, 20)
    assert agreement.alert == {"A1", "A2", "B1"}
    assert agreement.desk.judge_within == Span(1, "working_hours")
    assert agreement.delays.report == Span(5, "working_days")
    prices = next(rule for rule in agreement.engagement if rule.id == "reads-prices")
    assert prices.where == Leaf("path", "starts_with", "/tarifs")
    assert (prices.points, prices.cap, prices.half_life_days) == (8, 24, 10)
    assert next(rule for rule in agreement.engagement if rule.id == "clicks-mail").half_life_days == 21
    assert agreement.labels()["fit/decides"].in_language("fr") == "Peut engager le budget"
    assert [len(field.choices) for field in agreement.reports] == [3, 3, 5, 4, 5, 0]
    assert agreement.reports[0].choices[2] == ("no", Label("No", "Non"))


def test_a_team_of_two_needs_no_score() -> None:
    agreement = load((EXAMPLES / "small-team.yaml").read_bytes())
    assert not (agreement.fit or agreement.engagement or agreement.desk.criteria)
    assert agreement.alert == frozenset()
    assert agreement.recycling.tracks
    assert agreement.recycling.off_target
    assert agreement.returns
    assert agreement.reports


def test_three_lines_are_an_agreement() -> None:
    agreement = load(SHORT)
    assert agreement.acts[0].lead_type == agreement.lead_types[0].id == agreement.alert_lead_type
    assert agreement.acts[0].label == Label("Quote", "Quote")


def test_the_alert_left_out_follows_the_score() -> None:
    assert load(SHORT + RULE % "").alert == {"A1", "A2", "B1"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("{person.country: FR}", Leaf("person.country", "is", "FR")),
        ("{person.country: NO}", Leaf("person.country", "is", "NO")),
        ("{person.country: no}", Leaf("person.country", "is", "no")),
        ("{organisation.postal_code: 01000}", Leaf("organisation.postal_code", "is", "01000")),
        ("{person.country: [FR, BE]}", Leaf("person.country", "in", ("FR", "BE"))),
        ("{person.country: {not: FR}}", Leaf("person.country", "not", "FR")),
        ("{person.country: {exists: false}}", Leaf("person.country", "exists", False)),
        ("{organisation.employees: {between: [50, 5000]}}", Leaf("organisation.employees", "between", (50.0, 5000.0))),
        (
            "{none: [{person.role: uses}, {any: [{person.level: staff}]}]}",
            Group("none", (Leaf("person.role", "is", "uses"), Group("any", (Leaf("person.level", "is", "staff"),)))),
        ),
    ],
)
def test_conditions_are_read_as_they_are_meant(written: str, meant: object) -> None:
    assert load(SHORT + FIT % written).fit[0].where == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("30 minutes", Span(30, "minutes")),
        ("24 hours", Span(24, "hours")),
        ("1 working hour", Span(1, "working_hours")),
        ("4 working hours", Span(4, "working_hours")),
        ("2 working days", Span(2, "working_days")),
        ("21 days", Span(21, "days")),
        ("3 weeks", Span(21, "days")),
    ],
)
def test_durations_are_read(written: str, meant: Span) -> None:
    assert load(f"{SHORT}desk: {{judge_within: {written}}}\n").desk.judge_within == meant


SAME = [
    SHORT,
    "# a comment\nacts: [{on: [quote_requested], id: quote}]\nagreement: 'Short'\n",
    '\ufeff{"agreement": {"name": "Short"}, "acts": [{"id": "quote", "on": "quote_requested", "label": "Quote"}]}',
    SHORT + "cool_down: 90 days\nalert: []\n",
]


def test_writing_it_otherwise_does_not_change_it() -> None:
    assert len({load(text).sha for text in SAME}) == 1


def test_order_of_keys_and_of_alternatives_does_not_change_it() -> None:
    one = load(SHORT + FIT % "{person.country: [FR, BE], person.role: uses}")
    other = load(SHORT + FIT % "{person.role: uses, person.country: [BE, FR]}")
    assert one.sha == other.sha


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("points: 8\n      cap: 24", "points: 8\n      cap: 25"),
        ("half_life: 21 days", "half_life: 22 days"),
        ("/tarifs", "/prix"),
        ("fr: Lit les tarifs", "fr: Lit nos tarifs"),
        ("alert: [A1, A2, B1]", "alert: [A1, A2]"),
        ("{any: [{path", "{none: [{path"),
        ("judge_within: 1 working hour", "judge_within: 1 hour"),
        ("cool_down: 90 days", "cool_down: 60 days"),
        ("required: true", "required: false"),
        ("holidays: FR", "holidays: BE"),
    ],
)
def test_any_change_of_meaning_changes_it(before: str, after: str) -> None:
    text = (EXAMPLES / "complex-sale.yaml").read_text("utf-8")
    assert before in text
    assert load(text).sha != load(text.replace(before, after, 1)).sha


def test_every_field_is_part_of_the_identity() -> None:
    agreement = load((EXAMPLES / "complex-sale.yaml").read_bytes())
    others = {canonical(agreement)}
    for field in fields(agreement):
        if field.name != "sha":
            changed: dict[str, Any] = {field.name: "changed"}
            others.add(canonical(replace(agreement, **changed)))
    assert len(others) == len(fields(agreement))


def test_a_company_may_name_kinds_of_its_own() -> None:
    agreement = load(SHORT + "  - {id: visit, on: plant_visited}\n")
    assert agreement.acts[1].on == ("plant_visited",)

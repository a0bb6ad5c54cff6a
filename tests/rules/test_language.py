"""A written agreement is read with its meaning, or refused with the line and what to do."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from tests.rules.mistakes import COMPLETE
from vendange.agreement.conditions import Group, Leaf
from vendange.agreement.label import Label
from vendange.agreement.language import canonical, load
from vendange.agreement.maturity import Change, Dimension, Heat, RuleGroup, Temperature, Term
from vendange.agreement.terms import PressureLimit, Span

EXAMPLES = Path(__file__).parents[2] / "examples" / "agreements"
SHORT = "agreement: Short\nacts:\n  - {id: quote, on: quote_requested}\n"
RULE = "engagement:\n  rules:\n    - {id: reads, on: page_viewed, points: 8%s}\n"
FIT = "fit:\n  - {id: size, points: 5, where: %s}\n"


def test_the_complex_sale_says_what_was_agreed() -> None:
    agreement = load((EXAMPLES / "complex-sale.yaml").read_bytes())
    assert [lead_type.id for lead_type in agreement.lead_types] == ["project", "quote", "repurchase"]
    assert (len(agreement.fit), len(agreement.engagement), len(agreement.acts)) == (8, 14, 4)
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


def test_the_complex_sale_holds_back_who_reads_everything() -> None:
    agreement = load((EXAMPLES / "complex-sale.yaml").read_bytes())
    assert [(group.id, group.cap, group.per_day) for group in agreement.groups] == [("content", 30, 15)]
    assert [rule.id for rule in agreement.engagement if rule.group] == ["downloads", "compares", "watches"]
    assert {dimension.id: sorted(dimension.alert) for dimension in agreement.dimensions} == {
        "lathes": ["A1"],
        "five-axes": [],
    }
    assert agreement.interests
    assert agreement.interests.change
    assert agreement.interests.change.lead_type == ""
    assert "content_read" not in {kind for rule in agreement.engagement for kind in rule.on}


def test_a_dealer_network_says_whom_it_serves_and_what_dealers_pay() -> None:
    agreement = load((EXAMPLES / "dealer-network.yaml").read_bytes())
    assert [persona.id for persona in agreement.personas] == ["runs-a-business", "buys-for-a-fleet"]
    assert [pattern.of for pattern in agreement.patterns] == ["person", "organisation"]
    assert agreement.interests
    assert agreement.interests.change
    assert agreement.interests.change.lead_type == "service"
    assert agreement.prices
    assert [level.amount_cents for level in agreement.prices.levels] == [12_000, 1_550, 4_000]


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


def test_limits_are_read() -> None:
    agreement = load(COMPLETE)
    assert (agreement.engagement_cap, agreement.engagement_per_day) == (90, 40)
    assert agreement.weights == (("inferred", 0.25), ("declared", 0.5))
    assert agreement.groups == (RuleGroup("content", Label("Content", "Content"), 30, 10),)
    reads, prices = agreement.engagement
    assert (reads.group, reads.cap, reads.per_day, reads.per_content) == ("content", 12, 8, 4)
    assert (prices.group, prices.cap, prices.per_day, prices.per_content) == ("", None, None, None)


def test_dimensions_and_interests_are_read() -> None:
    agreement = load(COMPLETE)
    label = Label("Presses", "Presses")
    where = Leaf("path", "contains", "press")
    assert agreement.dimensions == (Dimension("presses", label, where, (50, 30, 10), frozenset({"A1", "B1"}), "quote"),)
    interests = agreement.interests
    assert interests
    assert interests.half_life_days == 60
    assert [(topic.id, topic.on, topic.points) for topic in interests.topics] == [
        ("financing", ("content_read", "page_viewed"), 1.5)
    ]
    assert interests.change == Change(14, 180, 4, 2.5, "project")


def test_patterns_and_the_organisation_are_read() -> None:
    agreement = load(COMPLETE)
    (pattern,) = agreement.patterns
    assert (pattern.of, pattern.within_days, pattern.people, pattern.lead_type) == ("organisation", 14, 3, "quote")
    assert pattern.terms == (
        Term(("page_viewed",), Leaf("path", "starts_with", "/tarifs"), 3),
        Term(("event_registered", "webinar_attended"), None, 1),
    )
    assert agreement.heat == Heat(20, 1, 3, ("uses", "decides"))
    assert agreement.temperature == Temperature(40, 15, 5)
    assert [persona.id for persona in agreement.personas] == ["buyer"]
    assert agreement.personas[0].where == Leaf("person.role", "in", ("pays", "decides"))


def test_what_the_desk_has_and_what_leads_cost_is_read() -> None:
    agreement = load(COMPLETE)
    assert (agreement.desk.minutes_per_lead, agreement.desk.minutes_per_week) == (12, 1200)
    assert agreement.pressure == (PressureLimit("mail", Label("Mail", "Mail"), ("email", "phone"), 2, 7),)
    assert agreement.prices
    assert agreement.prices.currency == "EUR"
    high, other = agreement.prices.levels
    assert (high.lead_types, high.grades, high.amount_cents) == (("quote",), ("A1", "A2", "A3", "A4", "B1"), 18_000)
    assert (other.lead_types, other.grades, other.amount_cents) == ((), (), 50)


@pytest.mark.parametrize(("written", "cents"), [("180", 18_000), ("0.07", 7), ("1.10", 110), ("999999.99", 99_999_999)])
def test_an_amount_is_exact_to_the_cent(written: str, cents: int) -> None:
    prices = load(f"{SHORT}prices: {{currency: EUR, levels: [{{id: a, amount: {written}}}]}}\n").prices
    assert prices
    assert prices.levels[0].amount_cents == cents


def test_what_is_left_out_limits_nothing_and_calls_nobody() -> None:
    agreement = load(SHORT)
    assert (agreement.engagement_cap, agreement.engagement_per_day) == (100, None)
    assert not (agreement.personas or agreement.groups or agreement.weights or agreement.dimensions)
    assert not (agreement.interests or agreement.patterns or agreement.heat or agreement.pressure or agreement.prices)
    assert (agreement.temperature.margin, agreement.desk.minutes_per_lead, agreement.desk.minutes_per_week) == (
        0,
        15,
        None,
    )


def test_a_dimension_left_bare_is_only_shown_and_has_the_common_thresholds() -> None:
    text = SHORT + RULE % "" + "  dimensions: [{id: presses, where: {path: /presses}}]\n"
    (dimension,) = load(text + "grades: {engagement: {1: 60, 2: 30, 3: 10}}\n").dimensions
    assert (dimension.grades, dimension.alert) == ((60, 30, 10), frozenset())


def test_a_pattern_left_bare_is_of_a_person_and_one_of_an_organisation_takes_two() -> None:
    terms = "within: 2 days, all: [{on: social_post}]"
    one, two = load(f"{SHORT}patterns: [{{id: a, {terms}}}, {{id: b, of: organisation, {terms}}}]\n").patterns
    assert (one.of, one.people, two.of, two.people) == ("person", 1, "organisation", 2)


REORDERED = [
    ("weights: {declared: 0.5, inferred: 0.25}", "weights: {inferred: 0.25, declared: 0.5, verified: 1}"),
    ("roles: [decides, uses]", "roles: [uses, decides]"),
    ("channels: [phone, email]", "channels: [email, phone]"),
    ("grades: [A, B1]", "grades: [B1, A4, A3, A2, A1]"),
    ("on: [content_read, page_viewed]", "on: [page_viewed, content_read]"),
    ("alert: [A1, B1]", "alert: [B1, A1]"),
    ("person.role: [pays, decides]", "person.role: [decides, pays]"),
    ("amount: 180.00", "amount: 180"),
    ("within: 14 days\n", "within: 2 weeks\n"),
    (
        "      - {on: page_viewed, where: {path: {starts_with: /tarifs}}, at_least: 3}\n"
        "      - {on: [webinar_attended, event_registered]}\n",
        "      - {on: [event_registered, webinar_attended]}\n"
        "      - {on: page_viewed, where: {path: {starts_with: /tarifs}}, at_least: 3}\n",
    ),
]


@pytest.mark.parametrize(("before", "after"), REORDERED)
def test_the_order_of_what_has_none_does_not_change_it(before: str, after: str) -> None:
    assert before in COMPLETE
    assert load(COMPLETE).sha == load(COMPLETE.replace(before, after)).sha


CHANGED = [
    ("{id: buyer", "{id: payer"),
    ("[pays, decides]", "[pays]"),
    ("  cap: 90", "  cap: 91"),
    ("  per_day: 40", "  per_day: 41"),
    ("declared: 0.5", "declared: 0.6"),
    ("cap: 30, per_day: 10", "cap: 31, per_day: 10"),
    ("cap: 30, per_day: 10", "cap: 30, per_day: 11"),
    ("points: 8}", "points: 8, group: content}"),
    ("per_day: 8", "per_day: 9"),
    ("per_content: 4", "per_content: 5"),
    ("{id: presses", "{id: lathes"),
    ("{contains: press}", "{contains: lathe}"),
    ("3: 10}, alert", "3: 11}, alert"),
    ("alert: [A1, B1]", "alert: [A1]"),
    ("alert: [A1, B1], lead_type: quote", "alert: [A1, B1], lead_type: project"),
    ("half_life: 60 days", "half_life: 61 days"),
    ("points: 1.5", "points: 1.6"),
    ("{topic: financing}", "{topic: subsidies}"),
    ("within: 14 days, against", "within: 15 days, against"),
    ("against: 180 days", "against: 181 days"),
    ("at_least: 4", "at_least: 5"),
    ("times: 2.5", "times: 2.6"),
    ("times: 2.5, lead_type: project", "times: 2.5"),
    ("id: compares", "id: decides"),
    ("of: organisation", "of: person"),
    ("    within: 14 days", "    within: 15 days"),
    ("people: 3", "people: 4"),
    ("    lead_type: quote", "    lead_type: project"),
    ("at_least: 3}", "at_least: 2}"),
    ("[webinar_attended, event_registered]", "[webinar_attended]"),
    ("{engagement: 20", "{engagement: 21"),
    ("warm: 1, hot", "warm: 2, hot"),
    ("hot: 3", "hot: 4"),
    ("[decides, uses]", "[decides]"),
    ("margin: 5", "margin: 6"),
    ("minutes_per_lead: 12", "minutes_per_lead: 13"),
    ("minutes_per_week: 1200", "minutes_per_week: 1201"),
    ("{id: mail", "{id: letters"),
    ("[phone, email]", "[phone]"),
    ("at_most: 2", "at_most: 3"),
    ("within: 7 days", "within: 8 days"),
    ("currency: EUR", "currency: CHF"),
    ("lead_types: [quote]", "lead_types: [project]"),
    ("grades: [A, B1]", "grades: [A]"),
    ("180.00", "180.01"),
]


@pytest.mark.parametrize(("before", "after"), CHANGED)
def test_any_change_of_a_field_changes_it(before: str, after: str) -> None:
    assert before in COMPLETE
    text = COMPLETE.replace(before, after, 1)
    if after == "of: person":
        text = text.replace("    people: 3\n", "")
    assert load(COMPLETE).sha != load(text).sha


def test_each_order_that_counts_changes_it() -> None:
    rules = "    - {id: more, on: page_viewed, points: 1}\n    - {id: less, on: page_viewed, points: 1}\n"
    turned = "\n".join(reversed(rules.rstrip().split("\n")))
    assert load(SHORT + RULE % "" + rules).sha != load(SHORT + RULE % "" + turned).sha


def test_a_company_may_name_kinds_of_its_own() -> None:
    agreement = load(SHORT + "  - {id: visit, on: plant_visited}\n")
    assert agreement.acts[1].on == ("plant_visited",)

"""Whatever two people answer around a table is a valid agreement, or is refused at the answer (R10, R18)."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.people import EXAMPLES
from vendange.agreement import starting
from vendange.agreement.label import Label
from vendange.agreement.language import load
from vendange.agreement.presets import PRESETS, STANDARD
from vendange.agreement.promises import EFFECTS, WEEKDAYS
from vendange.agreement.reach import ways_to_alert
from vendange.agreement.starting import (
    HOW_MUCH,
    PEOPLE,
    Answers,
    Aside,
    Asked,
    ChosenAct,
    Named,
    Reason,
    Weighed,
    refusals,
)
from vendange.agreement.starting_kept import packed, unpacked
from vendange.agreement.starting_text import clean, identifier, thresholds, write
from vendange.agreement.terms import Span, Unit
from vendange.agreement.vocabulary import KINDS, LEVELS, ROLES

NAMES = sorted(PRESETS)
UNITS: tuple[Unit, ...] = ("minutes", "hours", "days", "working_minutes", "working_hours", "working_days")
labels = st.builds(Label, *[st.text(min_size=1, max_size=60).filter(clean)] * 2)
spans = st.builds(Span, st.integers(1, 300), st.sampled_from(UNITS))
much = st.sampled_from(HOW_MUCH)
sectors = st.lists(st.from_regex(starting.SECTOR, fullmatch=True), max_size=4, unique=True).map(tuple)
HOURS = (("09:00-12:30", "13:30-18:00"), ("00:00-24:00",), ("9:00-17:15",), ())


@st.composite
def named(draw: st.DrawFn, at_least: int = 0, at_most: int = 4) -> list[Named]:
    found: list[Named] = []
    for label in draw(st.lists(labels, min_size=at_least, max_size=at_most)):
        found.append(Named(identifier(label.en, [one.id for one in found]), label))
    return found


@st.composite
def answers(draw: st.DrawFn) -> Answers:
    types = draw(named(at_least=1))
    acts, criteria, asides = draw(named()), draw(named()), draw(named(at_most=2))
    kinds = st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True).map(tuple)
    effects = st.sampled_from(EFFECTS)
    own = tuple(Reason(one.id, one.label, draw(effects), draw(st.integers(1, 400))) for one in draw(named()))
    sizes = sorted(draw(st.lists(st.integers(0, 9000), min_size=2, max_size=2)))
    return Answers(
        preset=draw(st.sampled_from(NAMES)),
        name=draw(st.text(min_size=1, max_size=80).filter(clean)),
        lead_types=tuple(types),
        sectors=draw(sectors),
        smallest=draw(st.sampled_from([None, sizes[0]])),
        largest=draw(st.sampled_from([None, sizes[1]])),
        countries=draw(st.sampled_from([(), ("FR",), ("NO", "BE")])),
        level=draw(st.sampled_from(["", *LEVELS])),
        roles=draw(st.sampled_from([(), ("pays",), ROLES])),
        only_target=draw(st.booleans()),
        aside=draw(st.sampled_from([(), tuple(PEOPLE)])),
        aside_sectors=tuple(Aside(f"in-{one.id}", one.label, draw(sectors)) for one in asides),
        acts=tuple(ChosenAct(one.id, one.label, draw(kinds), draw(st.sampled_from(types)).id) for one in acts),
        scored=draw(st.booleans()),
        weighed=tuple(
            Weighed(kind, draw(labels), draw(much)) for kind in draw(st.sets(st.sampled_from(KINDS), max_size=4))
        ),
        traits=tuple((trait, draw(much)) for trait in draw(st.sets(st.sampled_from(starting.TRAITS)))),
        sooner=draw(st.sampled_from(sorted(starting.SOONER))),
        half_life_days=draw(st.sampled_from(starting.HALF_LIVES)),
        has_desk=draw(st.booleans()),
        judge_within=draw(spans),
        minutes_per_lead=draw(st.integers(1, 60)),
        minutes_per_week=draw(st.sampled_from([None, 60, 900])),
        criteria=tuple(
            Asked(one.id, one.label, draw(st.sampled_from(["marketing", "sales"])), draw(st.none() | labels))
            for one in criteria
        ),
        returns=own or draw(st.sampled_from([STANDARD, STANDARD[:1]])),
        accept=draw(spans),
        call=draw(spans),
        reassign=draw(spans),
        report=draw(spans),
        volume=draw(st.none() | st.integers(1, 500)),
        volume_rows=draw(st.sampled_from([(), ("A",), ("A", "B")])),
        holidays=draw(st.sampled_from(["", "FR", "NO"])),
        hours=tuple((day, draw(st.sampled_from(HOURS))) for day in WEEKDAYS),
    )


@settings(deadline=None)
@given(answers(), st.sampled_from(["en", "fr"]))
def test_what_is_not_refused_is_a_valid_agreement(one: Answers, language: str) -> None:
    found = refusals(one)
    if found:
        assert all(found.values())
        return
    agreement = load(write(one, language))
    assert [each.label for each in agreement.lead_types] == [
        Label(clean(each.label.en), clean(each.label.fr)) for each in one.lead_types
    ]
    assert (agreement.desk.straight_to_sales, bool(agreement.engagement)) == (not one.has_desk, one.scored)
    assert agreement.delays.call == one.call or agreement.delays.call.unit == "days"
    assert {each.on for each in agreement.acts} == {tuple(sorted(each.on)) for each in one.acts}
    if one.scored and not one.acts:
        assert any(ways_to_alert(agreement))


@settings(deadline=None)
@given(answers())
def test_answers_are_kept_as_they_were(one: Answers) -> None:
    assert unpacked(json.loads(json.dumps(packed(one)))) == one


@pytest.mark.parametrize(
    "kept", [{}, {"preset": "complex-sale"}, {**packed(PRESETS["small-team"].answers), "preset": "gone"}, {"x": 1}]
)
def test_answers_of_another_shape_are_none(kept: dict[str, object]) -> None:
    assert unpacked(kept) is None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_preset_left_as_it_is_says_what_the_example_says(name: str, language: str) -> None:
    """The questions ask less than an example may say; what they ask about is the same."""
    assert refusals(PRESETS[name].answers) == {}
    mine, example = load(write(PRESETS[name].answers, language)), load((EXAMPLES / f"{name}.yaml").read_text())
    assert mine.lead_types == example.lead_types
    assert mine.acts == example.acts
    assert mine.delays == example.delays and mine.returns == example.returns
    assert mine.calendar == example.calendar
    assert mine.desk.judge_within == example.desk.judge_within
    assert mine.desk.straight_to_sales == example.desk.straight_to_sales
    assert [(one.id, one.label, one.ask) for one in mine.desk.criteria] == [
        (one.id, one.label, one.ask) for one in example.desk.criteria
    ]
    assert [(one.grades, one.at_least) for one in mine.volumes] == [
        (one.grades, one.at_least) for one in example.volumes
    ]
    assert bool(mine.engagement) == bool(example.engagement)


def test_the_small_team_is_the_example_itself() -> None:
    text = write(PRESETS["small-team"].answers, "en")
    assert load(text).sha == load((EXAMPLES / "small-team.yaml").read_text()).sha
    assert load(text).desk.straight_to_sales and not load(text).engagement


def test_comments_speak_the_language_asked_and_labels_both() -> None:
    english, french = (write(PRESETS["complex-sale"].answers, one) for one in ("en", "fr"))
    assert "# One of these is enough to call a human." in english and "Un seul de ces actes suffit" in french
    assert load(english).sha == load(french).sha
    assert (
        "{en: Project in sight, fr: Projet en vue}" in english and "{en: Project in sight, fr: Projet en vue}" in french
    )


def test_the_sections_stand_in_the_order_of_the_language() -> None:
    text = write(PRESETS["complex-sale"].answers, "en")
    found = [line.split(":")[0] for line in text.splitlines() if line[:1].isalpha()]
    from_docs = [
        line.split(":")[0] for line in (EXAMPLES / "complex-sale.yaml").read_text().splitlines() if line[:1].isalpha()
    ]
    assert found == [name for name in from_docs if name in found]
    assert max(map(len, text.splitlines())) <= 190


BASE = PRESETS["complex-sale"].answers


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"name": " "}, "name"),
        ({"lead_types": ()}, "lead_types"),
        ({"countries": ("France",)}, "countries"),
        ({"sectors": ("metal work",)}, "sectors"),
        ({"smallest": 500, "largest": 50}, "largest"),
        ({"acts": (), "scored": False}, "acts"),
        ({"weighed": ()}, "weighed"),
        ({"lead_types": BASE.lead_types[1:]}, "acts"),
        ({"returns": ()}, "returns"),
        ({"minutes_per_week": 5}, "minutes_per_week"),
        ({"call": Span(0, "hours")}, "call"),
        ({"call": Span(400, "days")}, "call"),
        ({"volume": 0}, "volume"),
        ({"time_zone": "Europe/Pariss"}, "time_zone"),
        ({"holidays": "XX"}, "holidays"),
        ({"hours": ()}, "hours"),
        ({"hours": (("mon", ("18:00-09:00",)),)}, "hours"),
        ({"hours": (("mon", ("09:00-12:30", "12:00-18:00")),)}, "hours"),
    ],
)
def test_a_wrong_answer_is_told_where_it_stands(changed: dict[str, object], where: str) -> None:
    assert where in refusals(replace(BASE, **changed))  # type: ignore[arg-type]


def test_a_score_asks_no_more_than_its_rules_can_give() -> None:
    one = replace(BASE, weighed=BASE.weighed[:1], traits=(("countries", "few"),))
    fit, acted = thresholds(one)
    assert fit == (8, 5, 2) and acted == (14, 8, 3)
    agreement = load(write(replace(one, acts=()), "en"))
    assert agreement.grades.fit == fit and agreement.grades.engagement == acted

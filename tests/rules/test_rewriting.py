"""Other rules in a written agreement: comments and all other sections stay, and the new text is valid."""

from pathlib import Path

import pytest

from vendange.agreement.conditions import Group, Leaf
from vendange.agreement.label import Label
from vendange.agreement.language import load
from vendange.agreement.maturity import EngagementRule, FitRule, Grades
from vendange.agreement.rewriting import as_written, with_rules

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "agreements").glob("*.yaml"))
ODD = Label('Says: "yes" # and {more}', "Dit : « oui »")


def odd(name: str) -> Label:
    return Label(f"{ODD.en} {name}", f"{ODD.fr} {name}")


FIT = (
    FitRule("level", ODD, Leaf("person.level", "at_least", "director"), 12.0),
    FitRule("trade", odd("trade"), Leaf("organisation.industry", "in", ("C25", "28.4", "no")), -5.0),
    FitRule("unknown", odd("unknown"), Leaf("person.role", "exists", False), -2.0),
)
JARS = (
    EngagementRule("prices", ODD, ("page_viewed",), Leaf("path", "starts_with", "/tarifs"), 3.0, 6.0, 30.0),
    EngagementRule(
        "both",
        odd("both"),
        ("content_read", "video_watched"),
        Group("any", (Leaf("topic", "is", "x: y"), Group("none", (Leaf("value", "between", (1.5, 3.0)),)))),
        4.0,
        4.0,
        7.0,
    ),
)
GRADES = Grades((30.0, 20.0, 10.0), (40.0, 20.0, 5.0))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_takes_other_points_and_stays_itself(example: Path) -> None:
    text = example.read_text()
    old, new = load(text), load(with_rules(text, fit=FIT, engagement=JARS, grades=GRADES))
    assert new.fit == FIT and new.engagement == JARS and new.grades == GRADES and new.groups == ()
    kept = (
        "acts",
        "desk",
        "delays",
        "returns",
        "recycling",
        "reports",
        "volumes",
        "set_aside",
        "dimensions",
        "weights",
    )
    assert all(getattr(new, name) == getattr(old, name) for name in kept)


def test_comments_elsewhere_stay_where_they_were() -> None:
    text = next(path for path in EXAMPLES if path.stem == "complex-sale").read_text()
    new = with_rules(text, fit=FIT)
    assert text[: text.index("fit:")] == new[: new.index("fit:")]
    assert text[text.index("# What they do") :] == new[new.index("# What they do") :]


def test_nothing_new_changes_nothing() -> None:
    text = EXAMPLES[0].read_text()
    assert with_rules(text) == text


def test_a_day_has_room_for_one_signal() -> None:
    text = next(path for path in EXAMPLES if path.stem == "complex-sale").read_text()
    strong = EngagementRule("strong", ODD, ("booth_visited",), None, 90.0, 90.0, 30.0)
    assert load(with_rules(text, engagement=[strong])).engagement_per_day == 90
    assert load(with_rules(text, engagement=JARS)).engagement_per_day == 60


def test_conditions_are_written_as_people_would() -> None:
    assert as_written(Leaf("person.country", "is", "FR")) == {"person.country": "FR"}
    assert as_written(Leaf("person.country", "in", ("FR", "BE"))) == {"person.country": ["FR", "BE"]}
    assert as_written(Leaf("person.role", "exists", True)) == {"person.role": {"exists": "true"}}

"""What docs/rules says is what the engine does, and what the slow, obvious version does."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from vendange.agreement.conditions import holds
from vendange.agreement.language import load
from vendange.agreement.terms import Agreement
from vendange.engine import oracle
from vendange.engine.crowd import Someone, crowd_of_rows
from vendange.engine.kernel.company import acts_of, hits_of
from vendange.engine.measure import measure
from vendange.engine.plan import plan_of
from vendange.engine.replay import replay_all
from vendange.engine.rows import DAY, SignalRow

DOCUMENT = Path(__file__).parents[2] / "docs" / "rules" / "maturity.md"
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.DOTALL | re.MULTILINE)
DAY_ZERO = round(datetime(2026, 6, 1, 10, tzinfo=UTC).timestamp()) * 1_000_000
ALONE = "alone"
SHOWN = 0.006  # figures are written with two decimals


@dataclass(frozen=True)
class Example:
    """One block of the page, with the agreement that stands last above it."""

    agreement: Agreement
    said: Mapping[str, Any]

    @property
    def people(self) -> dict[str, dict[str, object]]:
        stated = self.said.get("people") or {ALONE: self.said.get("person", {})}
        return {name: {field: known(value) for field, value in one.items()} for name, one in stated.items()}

    @property
    def members(self) -> list[oracle.Member]:
        signals = list(enumerate(told(self.said["signals"])))
        return [
            oracle.Member(
                place, profile, [row(number, one) for number, one in signals if one.get("who", ALONE) == name]
            )
            for place, (name, profile) in enumerate(self.people.items())
        ]

    @property
    def alone(self) -> bool:
        return "people" not in self.said


def known(value: object) -> object:
    return micros(value) if isinstance(value, date) else value


def micros(day: date) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000


def told(signals: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """`times: 3, every: 1` stands for three signals a day apart; {n} in a text is then their number."""
    for signal in signals:
        for n in range(signal.get("times", 1)):
            texts = {field: text.format(n=n) for field, text in signal.items() if isinstance(text, str)}
            yield {**signal, **texts, "day": signal["day"] + n * signal.get("every", 0)}


def row(number: int, signal: dict[str, Any]) -> SignalRow:
    fields = {field: value for field, value in signal.items() if field in SignalRow._fields}
    return SignalRow(id=number, at=at(signal["day"]), **fields)


def at(day: float) -> int:
    return DAY_ZERO + round(day * DAY)


def examples() -> Iterator[Example]:
    agreement = load(BLOCKS[0])
    for block in BLOCKS:
        if block.startswith("agreement:"):
            agreement = load(block)
        else:
            yield Example(agreement, yaml.safe_load(block))


EXAMPLES = list(examples())


def judged_by_oracle(example: Example) -> list[dict[str, Any]]:
    calls = oracle.calls(example.agreement, example.members, organisation=not example.alone)
    return [
        {
            "who": call.person,
            "at": call.at,
            "way": call.way,
            "by": call.rule,
            "lead_type": call.lead_type,
            "grade": call.grade,
        }
        for call in calls
    ]


def judged_by_engine(example: Example) -> list[dict[str, Any]]:
    """The same by the engine: the organisation's patterns first, then everybody for themselves."""
    plan, organisation = plan_of(example.agreement), None if example.alone else 1
    crowd = crowd_of_rows(
        plan, [Someone(one.person, organisation, one.profile, one.signals) for one in example.members]
    )
    found = replay_all(plan, crowd, hits=hits_of(plan, acts_of(plan, crowd)))
    return [
        {"who": who, "at": one.at, "way": one.way, "by": one.rule, "lead_type": one.lead_type, "grade": one.grade}
        for who, one in sorted(found, key=lambda pair: (pair[1].at, pair[0]))
    ]


def measured_by_oracle(example: Example, moment: int) -> dict[str, Any]:
    (member,) = example.members
    stated, found = example.agreement, oracle.stand(example.agreement, member.profile, member.signals, moment)
    fit = {rule.id: rule.points for rule in stated.fit if holds(rule.where, member.profile)}
    return {
        "fit": found.fit,
        "engagement": found.engagement,
        "grade": found.grade,
        "temperature": found.temperature,
        "category": oracle.category(example.said.get("relationship", "prospect"), found.temperature),
        "set_aside": found.set_aside,
        "lines": fit | found.points,
        "dimensions": found.dimensions,
        "cells": found.cells,
        "interests": found.interests,
        "changes": sorted(found.changes),
        "falls": oracle.next_change(stated, member.profile, member.signals, moment),
    }


def measured_by_engine(example: Example, moment: int) -> dict[str, Any]:
    (member,) = example.members
    found = measure(example.agreement, member.profile, member.signals, moment)
    return {
        "fit": found.fit,
        "engagement": found.engagement,
        "grade": found.grade,
        "temperature": found.temperature,
        "set_aside": found.set_aside,
        "lines": {line.rule: line.points for line in found.lines},
        "dimensions": {name: points for name, (points, _) in found.dimensions.items()},
        "cells": {name: cell for name, (_, cell) in found.dimensions.items()},
        "interests": found.interests,
        "changes": sorted(found.changes),
        "falls": found.next_change_at,
    }


def named(some: list[Example]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("example", some, ids=[one.said["example"] for one in some])


ALL = named(EXAMPLES)
MEASURED = named([one for one in EXAMPLES if "measured" in one.said])


def expected_alerts(example: Example) -> list[dict[str, Any]]:
    names = list(example.people)
    return [
        {**alert, "who": names.index(alert.get("who", ALONE)), "at": at(alert["day"])}
        for alert in example.said["alerts"]
    ]


def check_alerts(example: Example, found: list[dict[str, Any]]) -> None:
    expected = expected_alerts(example)
    fields = [{*one} - {"day"} for one in expected]
    assert len(found) == len(expected), found
    for one, other, asked in zip(found, expected, fields, strict=True):
        assert {field: one[field] for field in asked} == {field: other[field] for field in asked}


@ALL
def test_a_human_is_called_as_the_page_says(example: Example) -> None:
    check_alerts(example, judged_by_oracle(example))


@ALL
def test_the_engine_calls_a_human_as_the_page_says(example: Example) -> None:
    check_alerts(example, judged_by_engine(example))


def check_measure(example: Example, found: Mapping[str, Any], *, limits: bool) -> None:
    """`limits`: whether the lines that hold something back are among what was found."""
    expected = dict(example.said["measured"])
    expected.pop("day")
    near = expected.pop("within", SHOWN)
    fall = expected.pop("falls_on_day", None)
    if "lines" in expected and not limits:
        expected["lines"] = {rule: points for rule, points in expected["lines"].items() if not rule.startswith("limit")}
    for field, value in expected.items():
        if field in found:
            exact = isinstance(value, str | list) or (field == "cells")
            assert found[field] == (value if exact else pytest.approx(value, abs=near)), field
    if fall is not None:
        assert found["falls"] is not None
        assert (found["falls"] - DAY_ZERO) / DAY == pytest.approx(fall, abs=0.001)


@MEASURED
def test_the_points_are_as_the_page_says(example: Example) -> None:
    moment = at(example.said["measured"]["day"])
    check_measure(example, measured_by_oracle(example, moment), limits=False)


@MEASURED
def test_the_engine_measures_as_the_page_says(example: Example) -> None:
    moment = at(example.said["measured"]["day"])
    check_measure(example, measured_by_engine(example, moment), limits=True)


@named([one for one in EXAMPLES if "heat" in one.said])
def test_an_organisation_is_as_warm_as_the_page_says(example: Example) -> None:
    expected = dict(example.said["heat"])
    moment = at(expected.pop("day"))
    standings = [
        (one.profile, oracle.stand(example.agreement, one.profile, one.signals, moment)) for one in example.members
    ]
    found = oracle.heat(example.agreement, standings)
    assert found is not None
    assert {field: getattr(found, field) for field in expected} == expected

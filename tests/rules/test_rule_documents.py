"""What docs/rules says is what the engine does."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from vendange.agreement.language import load
from vendange.engine.kernel import replay
from vendange.engine.measure import measure
from vendange.engine.rows import DAY, SignalRow

DOCUMENT = Path(__file__).parents[2] / "docs" / "rules" / "maturity.md"
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.DOTALL | re.MULTILINE)
AGREEMENT = load(BLOCKS[0])
EXAMPLES = [yaml.safe_load(block) for block in BLOCKS[1:]]
NAMED = pytest.mark.parametrize("example", EXAMPLES, ids=[example["example"] for example in EXAMPLES])


def history(example: dict[str, Any]) -> list[SignalRow]:
    return [
        SignalRow(number, round(signal["day"] * DAY), signal["kind"], path=signal.get("path"))
        for number, signal in enumerate(example["signals"])
    ]


@NAMED
def test_a_human_is_called_as_the_page_says(example: dict[str, Any]) -> None:
    alerts = replay(AGREEMENT, example.get("person", {}), history(example))
    found = [{"day": alert.at / DAY, "by": alert.rule, "lead_type": alert.lead_type} for alert in alerts]
    assert found == example["alerts"]


@pytest.mark.parametrize("example", [one for one in EXAMPLES if "measured" in one], ids=lambda one: one["example"])
def test_the_points_are_as_the_page_says(example: dict[str, Any]) -> None:
    expected = example["measured"]
    found = measure(AGREEMENT, example.get("person", {}), history(example), round(expected["day"] * DAY))
    assert (found.fit, found.engagement) == (expected["fit"], expected["engagement"])
    assert (found.grade, found.temperature) == (expected["grade"], expected["temperature"])
    assert found.set_aside == expected.get("set_aside", "")
    assert {line.rule: line.points for line in found.lines} == expected["lines"]
    if "falls_on_day" in expected:
        assert found.next_change_at is not None
        assert found.next_change_at / DAY == pytest.approx(expected["falls_on_day"], abs=0.001)

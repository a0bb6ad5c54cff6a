"""Answers on their way to and from JSON. What an older Vendange kept in another shape is read as nothing."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from vendange.agreement.label import Label
from vendange.agreement.presets import PRESETS
from vendange.agreement.starting import Answers, Aside, Asked, ChosenAct, Named, Reason, Weighed
from vendange.agreement.terms import Span

SPANS = ("judge_within", "accept", "call", "reassign", "report")
LISTS = ("sectors", "countries", "roles", "aside", "volume_rows")


def packed(answers: Answers) -> dict[str, Any]:
    return asdict(answers)


def unpacked(kept: Mapping[str, Any]) -> Answers | None:
    """The answers as they were; None when this is not what `packed` gives now."""
    try:
        found = _read(dict(kept))
    except (KeyError, TypeError, ValueError):
        return None
    return found if found.preset in PRESETS else None


def _read(kept: dict[str, Any]) -> Answers:
    kept |= {name: Span(**kept[name]) for name in SPANS}
    kept |= {name: tuple(kept[name]) for name in LISTS}
    kept |= {
        "lead_types": tuple(Named(one["id"], Label(**one["label"])) for one in kept["lead_types"]),
        "aside_sectors": tuple(
            Aside(one["id"], Label(**one["label"]), tuple(one["sectors"])) for one in kept["aside_sectors"]
        ),
        "acts": tuple(
            ChosenAct(one["id"], Label(**one["label"]), tuple(one["on"]), one["lead_type"]) for one in kept["acts"]
        ),
        "weighed": tuple(Weighed(one["kind"], Label(**one["label"]), one["much"]) for one in kept["weighed"]),
        "traits": tuple((name, much) for name, much in kept["traits"]),
        "criteria": tuple(
            Asked(one["id"], Label(**one["label"]), one["by"], Label(**one["ask"]) if one["ask"] else None)
            for one in kept["criteria"]
        ),
        "returns": tuple(
            Reason(one["id"], Label(**one["label"]), one["effect"], one["after_days"]) for one in kept["returns"]
        ),
        "hours": tuple((day, tuple(periods)) for day, periods in kept["hours"]),
    }
    return Answers(**kept)

"""Two pages of one step open at once: the second to save is shown what the first has saved, and decides."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

from django.utils.translation import gettext as _

from vendange.agreement.label import Label
from vendange.agreement.starting import Answers
from vendange.agreement.terms import Span
from vendange.web.agreement.start_answers import DELAYS, here
from vendange.web.agreement.start_fields import BUSINESSES, UNIT_NAMES

# Every answer that a step writes; what it shows depends on the business and on the types too.
WRITES: Final[Mapping[str, Sequence[str]]] = {
    "types": ("name", "lead_types"),
    "target": (
        "sectors", "countries", "smallest", "largest", "level", "roles", "only_target", "aside", "aside_sectors",
    ),
    "acts": ("acts",),
    "points": ("scored", "weighed", "traits", "sooner", "half_life_days"),
    "desk": ("has_desk", "criteria", "returns"),
    "delays": (
        *DELAYS, "volume", "volume_rows", "minutes_per_lead", "minutes_per_week", "time_zone", "holidays", "hours",
    ),
}  # fmt: skip


def age_of(step: str, answers: Answers | None) -> str:
    """What a page of this step stands on: another mark when another page has saved these answers since."""
    if answers is None:
        return ""
    kept = asdict(answers)
    names = ("lead_types", *WRITES[step]) if step in WRITES else kept
    text = json.dumps([kept[name] for name in names], sort_keys=True)
    return f"{answers.preset}.{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def is_stale(age: str, step: str, kept: Answers, typed: Answers) -> bool:
    """Whether saving would replace what this page never showed. A page that tells no age is let through."""
    return bool(age) and age != age_of(step, kept) and kept != typed


def saved_meanwhile(age: str, step: str, kept: Answers, typed: Answers) -> list[str]:
    """What is kept now and differs from what was typed, in words."""
    found = [getattr(kept, name) for name in WRITES[step] if getattr(kept, name) != getattr(typed, name)]
    told = [text for one in found if (text := _in_words(one))]
    if age.partition(".")[0] == kept.preset:
        return told
    return [_("Begun anew from: %(business)s") % {"business": BUSINESSES[kept.preset][1]}, *told]


def _in_words(value: object) -> str:
    if isinstance(value, Label):
        return value.in_language(here())
    if isinstance(value, Span):
        return f"{value.amount} {UNIT_NAMES.get(value.unit, value.unit)}"
    if isinstance(value, tuple):
        return ", ".join(map(_in_words, value)) or _("nothing")
    if isinstance(value, bool) or value is None:
        return ""
    return _in_words(value.label) if hasattr(value, "label") else str(value)

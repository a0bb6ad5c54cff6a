"""Why a human was called, in one line: queue, desk, lead, person and home say it alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import get_language, pgettext

from vendange.agreement.terms import Agreement
from vendange.models import Decision, Lead
from vendange.words import reason, word

ICONS: Final[Mapping[str, str]] = {
    "act": "zap",
    "pattern": "blocks",
    "change": "trending-up",
    "score": "gauge",
    "dimension": "crosshair",
    "report": "megaphone",
    "import": "file-input",
}


@dataclass(frozen=True, slots=True)
class Called:
    """`way` begins a sentence; `what` is how the agreement names it, "" when a colleague or a file spoke of them."""

    icon: str
    way: str
    what: str

    @property
    def brief(self) -> str:
        """As the middle of a sentence: "asks for a quote"."""
        return lower_first(self.what or self.way)

    @property
    def full(self) -> str:
        """With the way before it: "Revealing act: asks for a quote"."""
        return self.way + colon() + lower_first(self.what) if self.what else self.way


def called(one: Lead | Decision, agreement: Agreement) -> Called:
    """`agreement`: the one that judged it."""
    if isinstance(one, Lead):
        return called_by(one.way, one.reason, one.evidence, agreement)
    return called_by(one.way, one.rule, one.lines, agreement)


def called_by(way: str, rule: str, lines: Sequence[Mapping[str, Any]], agreement: Agreement) -> Called:
    what = reason(agreement, way, rule, lines).in_language(get_language() or "en")
    return Called(ICONS.get(way, "inbox"), str(word("way", way)), what)


def colon() -> str:
    return pgettext("between a thing and what it is", ": ")


def lower_first(text: str) -> str:
    """The first letter small, unless the word is an abbreviation or the name of a machine.

    >>> lower_first("Asks for a quote"), lower_first("RFQ sent"), lower_first("D4 presses")
    ('asks for a quote', 'RFQ sent', 'D4 presses')
    """
    return text if text[1:2].isupper() or text[1:2].isdigit() else text[:1].lower() + text[1:]

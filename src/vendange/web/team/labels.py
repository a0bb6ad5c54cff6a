"""Why nobody holds a lead, as a sentence: the mildest limit that kept the last candidate out."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from vendange.words import Word, word

NOBODY: Final[Mapping[str, Word]] = {
    "full": _("Everybody who fits carries all they can"),
    "away": _("Everybody who fits is away"),
    "other_language": _("Nobody with room speaks the language"),
    "other_lead_type": _("Nobody takes leads of this type"),
    "other_territory": _("Nobody covers this place"),
    "had_it_before": _("Everybody who fits has had it before"),
    "not_taking_leads": _("Nobody takes new leads now"),
    "no_salesperson": _("No salesperson is known to routing"),
}


def nobody_because(code: str) -> Word:
    return NOBODY.get(code) or word("nobody_because", code)

"""What is asked of whoever brings a file: the file, then what they say of it."""

from typing import Any, Final

from django import forms
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendange.agreement.vocabulary import KINDS
from vendange.sheets.dates import ISO, PATTERNS
from vendange.sheets.terms import LONGEST
from vendange.words import Word, word

LONGEST_ORIGIN: Final = 80
BASES: Final[list[tuple[str, Word]]] = [
    ("given", gettext_lazy("They agreed")),
    ("informed", gettext_lazy("They were informed and could refuse")),
    ("contract", gettext_lazy("They are customers: what the contract needs")),
    ("column", gettext_lazy("A column says it for each")),
    ("none", gettext_lazy("Nothing is known")),
]
REGIMES: Final[list[tuple[str, Word]]] = [
    ("professional", gettext_lazy("Professionals")),
    ("consumer", gettext_lazy("Private people")),
    ("column", gettext_lazy("A column says it")),
    ("unknown", gettext_lazy("Not known")),
]
CHANNELS: Final = ("email", "phone", "sms")
DECIMALS: Final[list[tuple[str, Word]]] = [("point", "1234.50"), ("comma", "1234,50")]
# Not told by colleagues: what only the site and machines tell.
NOT_OF_FILES: Final = frozenset({"email_opened", "time_spent", "consent_given", "consent_withdrawn", "link_followed"})


def channels() -> list[tuple[str, Word]]:
    return [(code, word("channel", code)) for code in CHANNELS]


def kinds() -> list[tuple[str, Word]]:
    told = sorted(
        ((code, str(word("kind", code))) for code in KINDS if code not in NOT_OF_FILES), key=lambda one: one[1]
    )
    return [("", _("Nothing: it is a list of people")), *told]


def formats() -> list[tuple[str, Word]]:
    return [(one, written(one)) for one in (ISO, *PATTERNS)]


def written(shape: str) -> str:
    """How dates are written, in the letters of the reader's language: DD/MM/YYYY, JJ/MM/AAAA."""
    day, _space, hour = shape.partition(" ")
    for part, shown in (("YYYY", _("YYYY")), ("DD", _("DD"))):
        day = day.replace(part, shown)
    return f"{day} {hour}".strip()


class Said(forms.Form):
    """What somebody says of the whole file. Whether it is enough is judged with the map, and told there."""

    use_required_attribute = False

    origin = forms.CharField(
        label=gettext_lazy("Where it comes from"),
        max_length=LONGEST_ORIGIN,
        help_text=gettext_lazy("Who collected these people, where and when: “Partner fair, Lyon, June 2026”."),
    )
    basis = forms.ChoiceField(label=gettext_lazy("Why may they be contacted"), choices=BASES, widget=forms.RadioSelect)
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("On which channels"),
        choices=lazy(channels, list),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    consent_at = forms.DateField(
        label=gettext_lazy("On which day"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("When a column tells it for each, that one counts."),
    )
    wording = forms.CharField(
        label=gettext_lazy("What they were told or agreed to"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 2, "maxlength": LONGEST}),
        help_text=gettext_lazy("Word for word, or the name of the text: it is kept with each person as the proof."),
    )
    regime = forms.ChoiceField(label=gettext_lazy("Who they are"), choices=REGIMES, widget=forms.RadioSelect)
    signal = forms.ChoiceField(
        label=gettext_lazy("What each row tells that they did"), choices=lazy(kinds, list), required=False
    )
    keep_filled = forms.BooleanField(
        label=gettext_lazy("Do not overwrite what is filled"), required=False, initial=True
    )
    date_format = forms.ChoiceField(label=gettext_lazy("Dates"), choices=lazy(formats, list), initial=ISO)
    decimal = forms.ChoiceField(label=gettext_lazy("Numbers"), choices=DECIMALS)

    @property
    def opened(self) -> bool:
        """Whether something else than usual is said of dates and numbers."""
        return bool(self["date_format"].value() != ISO or self["decimal"].value() == "comma")


def time_zone() -> str:
    return str(settings.TIME_ZONE)


def first_values() -> dict[str, Any]:
    return {"keep_filled": True, "date_format": ISO, "decimal": "point", "signal": ""}

"""What a manager says of a salesperson: territory, languages, capacity, absences."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.timezone import get_current_timezone, localdate
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from vendange.agreement.terms import Agreement
from vendange.words import FAMILIES

CODE = re.compile(r"[A-Z0-9]{2,6}")
LANGUAGE = re.compile(r"[a-z]{2}")
YEAR = timedelta(days=365)


class Codes(forms.CharField):
    """A few codes in one line, with commas or spaces between; read as a list."""

    def __init__(self, pattern: re.Pattern[str], upper: bool, **more: Any) -> None:
        super().__init__(required=False, max_length=400, **more)
        self.pattern, self.upper = pattern, upper

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        words = [
            word.upper() if self.upper else word.lower() for word in re.split(r"[,;\s]+", super().clean(value)) if word
        ]
        odd = [word for word in words if not self.pattern.fullmatch(word)]
        if odd:
            raise forms.ValidationError(_("%(code)s is no code: look at the examples below.") % {"code": odd[0]})
        return list(dict.fromkeys(words))


class Place(forms.Form):
    """What routing must know of a salesperson."""

    capacity = forms.IntegerField(label=gettext_lazy("Open leads they can carry"), min_value=0, max_value=500)
    territory = Codes(
        CODE,
        upper=True,
        label=gettext_lazy("Territory"),
        help_text=gettext_lazy("French departments or countries: 69, 38, CH. Empty: everywhere."),
    )
    languages = Codes(
        LANGUAGE, upper=False, label=gettext_lazy("Languages"), help_text=gettext_lazy("Such as fr, de. Empty: any.")
    )
    lead_types = forms.MultipleChoiceField(
        label=gettext_lazy("Types of lead"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: all of them."),
    )
    temperament = forms.ChoiceField(label=gettext_lazy("Temperament"), required=False, widget=forms.RadioSelect)
    taking_leads = forms.BooleanField(label=gettext_lazy("Takes new leads"), required=False)

    def __init__(self, agreement: Agreement | None, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        language = get_language() or "en"
        types = agreement.lead_types if agreement else ()
        kinds: Any = self.fields["lead_types"]
        kinds.choices = [(one.id, one.label.in_language(language)) for one in types]
        temper: Any = self.fields["temperament"]
        temper.choices = [(code, str(name)) for code, name in FAMILIES["temperament"].items()]


class Away(forms.Form):
    """Whole days, both included."""

    first = forms.DateField(
        label=gettext_lazy("First day away"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("Last day away"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Holidays, trade fair. Nothing about health."),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last, today = given.get("first"), given.get("last"), localdate()
        if first and last and last < first:
            self.add_error("last", _("The last day is before the first one."))
        elif last and last < today:
            self.add_error("last", _("This absence is over already: give a last day from today on."))
        if last and last > today + 3 * YEAR:
            self.add_error("last", _("This is more than three years ahead: choose an earlier day."))
        if first and first < today - YEAR:
            self.add_error("first", _("This is more than a year ago: choose a later day."))
        return given

    def bounds(self) -> tuple[datetime, datetime]:
        """From midnight of the first day to midnight after the last one."""
        return midnight(self.cleaned_data["first"]), midnight(self.cleaned_data["last"] + timedelta(days=1))


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=get_current_timezone())

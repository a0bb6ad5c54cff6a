"""What people may type about a source, and about an event that waits for its time."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendange.capture.rules import ORIGIN


class NewSource(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("As colleagues will read it: “Web site”, “Trade fair app”."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        choices=[("segment", gettext_lazy("A website or a program")), ("form", gettext_lazy("A form"))],
        widget=forms.RadioSelect,
        initial="segment",
    )
    origins = forms.CharField(
        label=gettext_lazy("Sites that may send"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("One address a line, such as https://www.example.com. Empty: any site."),
    )

    trusted = forms.BooleanField(
        label=gettext_lazy("The key stays on our own servers"),
        required=False,
        help_text=gettext_lazy(
            "Then it is believed about who somebody is. A key that stands in a page is not: what it says of a person "
            "whom we know is kept beside, and changes nothing."
        ),
    )

    def clean_origins(self) -> list[str]:
        found = [line.strip().rstrip("/") for line in self.cleaned_data["origins"].splitlines() if line.strip()]
        odd = [line for line in found if not ORIGIN.fullmatch(line)]
        if odd:
            told = _("%(line)s is no address of a site: write https:// and the name, without a path.")
            raise forms.ValidationError(told % {"line": odd[0]})
        return found


class Happened(forms.Form):
    """When an event of the quarantine happened."""

    at = forms.DateTimeField(
        label=gettext_lazy("When it happened"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

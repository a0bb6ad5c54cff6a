"""What people may type about sources, forms and texts of consent, and about an event that waits for its time."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendange.ask.rules import PHONE_PARTS
from vendange.engine.sites import site_of
from vendange.web.capture.form_starters import STARTERS
from vendange.web.capture.form_words import CHANNELS


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
        return sites(self.cleaned_data["origins"])


class Sites(forms.Form):
    """Which sites may show a form and post to it."""

    origins = forms.CharField(
        label=gettext_lazy("Sites that may show it"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("One address a line, such as https://www.example.com. Empty: any site."),
    )

    def clean_origins(self) -> list[str]:
        return sites(self.cleaned_data["origins"])


def sites(typed: str) -> list[str]:
    """One address a line; raises ValidationError at the first that is none."""
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    odd = [line.rstrip("/") for line in lines if not site_of(line)]
    if odd:
        told = _("%(line)s is no address of a site: write https:// and the name, without a path.")
        raise forms.ValidationError(told % {"line": odd[0]})
    return list(dict.fromkeys(map(site_of, lines)))


class NewForm(forms.Form):
    """A form begins with a name, a language and one of the starters."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("As colleagues will read it. Visitors read the title, which you write next."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the form"),
        choices=[("en", gettext_lazy("English")), ("fr", gettext_lazy("French"))],
        widget=forms.RadioSelect,
    )
    starter = forms.ChoiceField(
        label=gettext_lazy("Begin with"),
        choices=[(one.code, one.name) for one in STARTERS],
        widget=forms.RadioSelect,
        initial="quote",
    )


class NewText(forms.Form):
    """A new wording of consent; one for calls is typed as its five sentences (C51)."""

    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"), choices=list(CHANNELS.items()), widget=forms.RadioSelect, initial="email"
    )
    purpose = forms.CharField(label=gettext_lazy("Purpose"), max_length=40, initial="news")
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("en", gettext_lazy("English")), ("fr", gettext_lazy("French"))],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(required=False, widget=forms.Textarea({"rows": 4}), max_length=2000)
    caller, choice, period, withdrawal, proof = (
        forms.CharField(required=False, max_length=600, widget=forms.Textarea({"rows": 2, "placeholder": " "}))
        for _part in PHONE_PARTS
    )

    def clean_purpose(self) -> str:
        return str(self.cleaned_data["purpose"]).strip().lower().replace(" ", "_").replace("-", "_")

    def wording(self) -> str:
        """The text as it is kept."""
        given = self.cleaned_data
        if given["channel"] != "phone":
            return str(given["text"])
        return "\n".join(" ".join(str(given[part]).split()) for part in PHONE_PARTS)


class Wanted(forms.Form):
    """Which answers of a form are listed."""

    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    q = forms.CharField(label=gettext_lazy("Who"), required=False, max_length=120)
    which = forms.ChoiceField(
        label=gettext_lazy("Confirmation"),
        required=False,
        choices=[
            ("", gettext_lazy("All answers")),
            ("confirmed", gettext_lazy("Confirmed")),
            ("waiting", gettext_lazy("Waiting for their letter")),
        ],
    )


class Happened(forms.Form):
    """When an event of the quarantine happened."""

    at = forms.DateTimeField(
        label=gettext_lazy("When it happened"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

"""What people may type about a link, and for whom its addresses are made."""

import re
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendange.link.queries import EMAIL
from vendange.models import Organisation

BIGGEST: Final = 2_000_000  # bytes of an uploaded list
MOST: Final = 50_000  # recipients of one file


class NewLink(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        choices=[("link", gettext_lazy("A link to follow")), ("pixel", gettext_lazy("A pixel in a mail"))],
        widget=forms.RadioSelect,
        initial="link",
    )
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, help_text=gettext_lazy("For colleagues: “Spring mailing, guide”.")
    )
    destination = forms.CharField(
        label=gettext_lazy("Leads to"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("Address of the page. It cannot be changed later, by nobody. None for a pixel."),
        widget=forms.TextInput({"inputmode": "url", "placeholder": "https://"}),
    )
    campaign = forms.CharField(label=gettext_lazy("Campaign"), required=False, max_length=200)
    channel = forms.CharField(
        label=gettext_lazy("Channel"),
        required=False,
        max_length=60,
        initial="email",
        help_text=gettext_lazy("Campaign and channel are added as utm_… unless the address has its own."),
    )
    topic = forms.CharField(label=gettext_lazy("Topic"), required=False, max_length=80)
    asset = forms.CharField(label=gettext_lazy("Content"), required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("kind") == "link" and not found.get("destination") and "destination" not in self.errors:
            self.add_error("destination", _("Say where the link leads."))
        return found


class Recipients(forms.Form):
    """For whom addresses are made: a list of e-mail addresses, or all who allow it."""

    who = forms.ChoiceField(
        label=gettext_lazy("For whom"),
        choices=[
            ("list", gettext_lazy("A list of e-mail addresses")),
            ("all", gettext_lazy("Everybody who agreed to be followed")),
        ],
        widget=forms.RadioSelect,
        initial="list",
    )
    emails = forms.CharField(
        label=gettext_lazy("E-mail addresses"),
        required=False,
        widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line. What is not an address is told in the file."),
    )
    file = forms.FileField(label=gettext_lazy("or a file with them"), required=False)
    organisation = forms.CharField(
        label=gettext_lazy("Only of this organisation"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Its name or domain, for everybody who agreed."),
    )
    counted = forms.ChoiceField(
        label=gettext_lazy("Without consent, a recipient gets"),
        choices=[
            ("", gettext_lazy("the destination itself")),
            ("counted", gettext_lazy("our link without a name: how often, never who")),
        ],
        widget=forms.RadioSelect,
        required=False,
        initial="",
    )

    def __init__(self, *given: Any, kind: str = "link", **named: Any) -> None:
        super().__init__(*given, **named)
        if kind == "pixel":  # without consent there is nothing to choose: no pixel
            del self.fields["counted"]

    def clean_file(self) -> list[str]:
        given = self.cleaned_data["file"]
        if given is None:
            return []
        if (given.size or 0) > BIGGEST:
            raise forms.ValidationError(_("This file is larger than 2 MB: make several of it."))
        return addresses_in(given.read().decode("utf-8-sig", "replace"))

    def clean_organisation(self) -> Organisation | None:
        said = self.cleaned_data["organisation"].strip()
        if not said:
            return None
        found = (
            Organisation.objects.filter(domain=said.lower()).first()
            or Organisation.objects.filter(name__iexact=said).order_by("pk").first()
        )
        if found is None:
            raise forms.ValidationError(_("No organisation has this name or domain."))
        return found

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        listed = [*found.get("emails", "").split("\n"), *(found.get("file") or [])]
        found["listed"] = [line.strip() for line in listed if line.strip()]
        if found.get("who") == "list" and not found["listed"] and not self.errors:
            self.add_error("emails", _("Paste at least one e-mail address, or choose a file."))
        if len(found["listed"]) > MOST:
            self.add_error("emails", _("More than 50,000 addresses: make several files."))
        return found


def addresses_in(text: str) -> list[str]:
    """The e-mail address of each line of a list or a CSV file; a line without one is left out, as headings are."""
    return [found.group() for line in re.split(r"[\r\n]+", text) if (found := EMAIL.search(line))]

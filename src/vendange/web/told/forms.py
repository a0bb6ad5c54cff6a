"""What a colleague may type when they tell something."""

import re
from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendange.meet.rules import RARER, USUAL, WARMTHS
from vendange.words import word

ONCE: Final = re.compile(r"[A-Za-z0-9_-]{8,60}")
WHEN: Final = [
    ("now", gettext_lazy("Now")),
    ("yesterday", gettext_lazy("Yesterday")),
    ("day", gettext_lazy("Another day")),
]
WARMTH: Final = [
    ("little", gettext_lazy("A little interested")),
    ("some", gettext_lazy("Interested")),
    ("strong", gettext_lazy("Very interested")),
]
READERS: Final = [("yes", gettext_lazy("Everybody can read it")), ("no", gettext_lazy("Only some can read it"))]
assert tuple(code for code, _word in WARMTH) == WARMTHS  # noqa: S101 - the codes of the rules, with their words


def kinds() -> list[tuple[str, Any]]:
    return [(code, word("kind", code)) for code in (*USUAL, *RARER)]


class Tell(forms.Form):
    """One thing told. Who: `person` (chosen, or "new"), else the newcomer's fields, else `scan`, at a booth."""

    once = forms.CharField(max_length=60)
    user = forms.UUIDField(required=False)
    told_at = forms.CharField(max_length=40, required=False)
    kind = forms.ChoiceField(
        choices=lazy(kinds, list), error_messages={"required": gettext_lazy("Choose what happened.")}
    )
    show = forms.UUIDField(required=False)
    person = forms.CharField(max_length=40, required=False)
    scan = forms.CharField(max_length=2000, required=False)
    name = forms.CharField(max_length=200, required=False)
    company = forms.CharField(max_length=200, required=False)
    email = forms.CharField(max_length=254, required=False)
    phone = forms.CharField(max_length=60, required=False)
    when = forms.ChoiceField(choices=WHEN, required=False)
    day = forms.DateField(required=False)
    topic = forms.CharField(max_length=80, required=False)
    said = forms.CharField(max_length=1000, required=False)
    judged = forms.CharField(max_length=500, required=False)
    warmth = forms.ChoiceField(choices=[("", ""), *WARMTH], required=False)
    link = forms.CharField(max_length=500, required=False)
    public = forms.ChoiceField(choices=[("", ""), *READERS], required=False)

    def clean_once(self) -> str:
        once = str(self.cleaned_data["once"])
        if not ONCE.fullmatch(once):
            raise forms.ValidationError(_("This page is broken: load it again."))
        return once

    def clean_told_at(self) -> datetime:
        """When it was typed, by the clock of the phone; ours when it does not say."""
        now = timezone.now()
        try:
            at = datetime.fromisoformat(str(self.cleaned_data["told_at"]))
        except ValueError:
            return now
        return at if at.tzinfo else now

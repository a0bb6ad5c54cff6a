"""A form that was open while somebody else wrote: only what was changed against what it showed is written.

The form carries what it showed in hidden fields. A field that both have changed is asked about; nothing typed is lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

SHOWN: Final = "shown_"


@dataclass(frozen=True, slots=True)
class Sent:
    """`data`: what the form is to say now, untouched fields as they stand today; `parted`: fields that both changed."""

    data: QueryDict | None
    parted: Sequence[str]


def sent(post: QueryDict, held: Mapping[str, str]) -> Sent:
    """`held`: each field as it stands today."""
    if not post:
        return Sent(None, ())
    data, parted = post.copy(), []
    for field, today in held.items():
        shown, typed = post.get(SHOWN + field, today), post.get(field, "")
        if _same(typed, shown):
            data[field] = today
        elif not _same(shown, today) and not _same(typed, today):
            parted.append(field)
        data[SHOWN + field] = today
    return Sent(data, parted)


def _same(one: str, other: str) -> bool:
    return one.split() == other.split()


def carry(form: forms.Form, held: Mapping[str, str]) -> None:
    """Let the form tell, when it comes back, what it showed."""
    for field, today in held.items():
        form.fields[SHOWN + field] = forms.CharField(required=False, widget=forms.HiddenInput, initial=today)


def ask(form: forms.Form, parted: Mapping[str, str]) -> None:
    """`parted`: what somebody else wrote there meanwhile, as people read it."""
    for field, value in parted.items():
        told = _("A colleague wrote “%(value)s” here while you were writing. Keep again to write yours over it.")
        emptied = _("A colleague emptied this while you were writing. Keep again to write yours over it.")
        form.add_error(field, told % {"value": value} if value else emptied)

"""What colleagues record of a person: an objection. What they tell of them stands in `vendange.web.told`."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from vendange.identify import queries
from vendange.journey import objecting
from vendange.models import Person
from vendange.web.access import Request, allow, load_or_404
from vendange.web.people.pages import MAY_RECORD
from vendange.web.show import redirect_or_swap, show
from vendange.words import word

CHANNELS = ("all", "phone", "email", "sms", "tracking")


def named(family: str, codes: tuple[str, ...]) -> Any:
    return lazy(lambda: [(code, str(word(family, code))) for code in codes], list)


class Objection(forms.Form):
    channel = forms.ChoiceField(
        label=gettext_lazy("What they refuse"), choices=named("channel", CHANNELS), widget=forms.RadioSelect
    )
    method = forms.ChoiceField(
        label=gettext_lazy("How they said it"),
        choices=[
            ("phone", gettext_lazy("On the phone")),
            ("email", gettext_lazy("By e-mail")),
            ("letter", gettext_lazy("By letter")),
            ("person", gettext_lazy("Face to face")),
        ],
        widget=forms.RadioSelect,
    )
    said = forms.CharField(label=gettext_lazy("In their words"), max_length=120, required=False)


@allow(*MAY_RECORD)
@require_http_methods(["GET", "POST"])
def objection(request: Request, public_id: UUID) -> HttpResponse:
    person = person_of(request, public_id)
    form = Objection(request.POST or None, initial={"channel": "all", "method": "phone"})
    if not form.is_valid():
        return ask(request, "people/objection.html", person, form)
    given = form.cleaned_data
    objecting.record(
        person=person,
        channel=given["channel"],
        method=given["method"],
        wording=given["said"],
        by=request.user,
        now=timezone.now(),
    )
    told = _("%(name)s is not to be contacted this way any more.") % {"name": person.name}
    messages.success(request, told)
    return redirect_or_swap(request, to=reverse("person", args=[person.public_id]))


def person_of(request: Request, public_id: UUID) -> Person:
    return load_or_404(queries.visible_to(request.user).select_related("organisation"), public_id=public_id)


def ask(request: Request, page: str, person: Person, form: forms.Form) -> HttpResponse:
    return show(request, page=page, context={"person": person, "form": form}, status=422 if form.is_bound else 200)

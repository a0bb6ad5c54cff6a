"""What colleagues record of a person: an objection, or something they did that no machine saw."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from vendange.capture.actions import source_named
from vendange.capture.rules import Incoming, Who
from vendange.identify import queries
from vendange.journey.arrive import arrive
from vendange.models import Person
from vendange.qualify.actions import record_objection
from vendange.web.access import Request, allow, load_or_404, signed_in
from vendange.web.people.pages import MAY_RECORD
from vendange.web.show import redirect_or_swap, show
from vendange.words import word

TYPED = "Typed by colleagues"
REPORTABLE = (
    "booth_visited",
    "partner_conversation",
    "call_received",
    "callback_requested",
    "quote_requested",
    "demo_requested",
    "sample_requested",
    "email_replied",
    "event_registered",
    "webinar_attended",
    "social_post",
)
CHANNELS = ("all", "phone", "email", "sms", "tracking")
LONGEST_AGO = timedelta(days=366)


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


class Told(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What happened"), choices=named("kind", REPORTABLE), widget=forms.RadioSelect
    )
    at = forms.DateTimeField(
        label=gettext_lazy("When"), widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    said = forms.CharField(label=gettext_lazy("In one sentence"), max_length=300, widget=forms.Textarea({"rows": 3}))
    once = forms.CharField(widget=forms.HiddenInput, max_length=60)

    def clean_at(self) -> datetime:
        at: datetime = self.cleaned_data["at"]
        now = timezone.now()
        if at > now + timedelta(minutes=5):
            raise forms.ValidationError(_("This is in the future: say when it happened."))
        if at < now - LONGEST_AGO:
            raise forms.ValidationError(_("This is more than a year ago: such old news says nothing of a project."))
        return min(at, now)


@allow(*MAY_RECORD)
@require_http_methods(["GET", "POST"])
def objection(request: Request, public_id: UUID) -> HttpResponse:
    person = person_of(request, public_id)
    form = Objection(request.POST or None, initial={"channel": "all", "method": "phone"})
    if not form.is_valid():
        return ask(request, "people/objection.html", person, form)
    given = form.cleaned_data
    method = dict(form.fields["method"].choices)[given["method"]]  # type: ignore[attr-defined]
    record_objection(
        person=person,
        channel=given["channel"],
        method=str(method),
        wording=given["said"],
        by=request.user,
        now=timezone.now(),
    )
    told = _("%(name)s is not to be contacted this way any more.") % {"name": person.name}
    messages.success(request, told)
    return redirect_or_swap(request, to=reverse("person", args=[person.public_id]))


@signed_in
@require_http_methods(["GET", "POST"])
def signal(request: Request, public_id: UUID) -> HttpResponse:
    person = person_of(request, public_id)
    now = timezone.now()
    fresh = {"at": localtime(now).replace(second=0, microsecond=0), "once": secrets.token_urlsafe(12)}
    form = Told(request.POST or None, initial=fresh)
    key = queries.strong_key_of(person)
    if form.is_valid() and key is None:
        form.add_error(None, _("We know no key of this person, so this cannot be kept. Import them again first."))
    if not form.is_valid() or key is None:
        return ask(request, "people/signal.html", person, form)
    arrive(signals=[incoming(form.cleaned_data, key, request, now)], now=now)
    messages.success(request, _("Kept. It counts from now on like any other signal."))
    return redirect_or_swap(request, to=reverse("person", args=[person.public_id]))


def incoming(given: dict[str, Any], key: tuple[str, str], request: Request, now: datetime) -> Incoming:
    named_by: dict[str, Any] = {key[0]: key[1]}
    source = source_named(name=TYPED, kind="desk", now=now)
    return Incoming(
        source_id=source.pk,
        message_id=f"typed-{request.user.pk}-{given['once']}"[:255],
        kind=given["kind"],
        occurred_at=given["at"],
        received_at=now,
        who=Who(**named_by),
        props={"said": given["said"]},
        origin="reported",
        by_id=request.user.pk,
    )


def person_of(request: Request, public_id: UUID) -> Person:
    return load_or_404(queries.visible_to(request.user).select_related("organisation"), public_id=public_id)


def ask(request: Request, page: str, person: Person, form: forms.Form) -> HttpResponse:
    return show(request, page=page, context={"person": person, "form": form}, status=422 if form.is_bound else 200)

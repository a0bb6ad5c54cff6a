"""A colleague says how somebody is reached, and under which rules."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from vendange.journey import vouching
from vendange.models import Person
from vendange.vouch.actions import NotReported
from vendange.vouch.rules import REGIMES, REPORTED
from vendange.web import meanwhile
from vendange.web.access import Request, allow
from vendange.web.people.acts import named, person_of
from vendange.web.people.contact import FIELDS
from vendange.web.people.labels import field_value
from vendange.web.people.pages import MAY_RECORD
from vendange.web.show import redirect_or_swap, show
from vendange.words import said


class Reported(forms.Form):
    """What is typed as it is typed; `vouch` decides what can stand."""

    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=60, required=False)
    country = forms.CharField(
        label=gettext_lazy("Country"), max_length=2, required=False, help_text=gettext_lazy("two letters, such as FR")
    )
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"), max_length=40, required=False, help_text=gettext_lazy("such as Europe/Paris")
    )
    language = forms.CharField(
        label=gettext_lazy("Language"), max_length=5, required=False, help_text=gettext_lazy("two letters, such as fr")
    )
    regime = forms.ChoiceField(
        label=gettext_lazy("Regime"), choices=named("regime", REGIMES), widget=forms.RadioSelect, required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        help_text=gettext_lazy("needed for a professional who writes from a private mailbox"),
    )


@allow(*MAY_RECORD)
@require_http_methods(["GET", "POST"])
def edit(request: Request, public_id: UUID) -> HttpResponse:
    one = person_of(request, public_id)
    held = {"phone": one.phone_raw or one.phone, **{field: getattr(one, field) for field in FIELDS[1:]}}
    sent = meanwhile.sent(request.POST, held)
    form = Reported(sent.data, initial=held)
    meanwhile.carry(form, held)
    status = 422 if form.is_bound else 200
    if form.is_valid() and sent.parted:
        meanwhile.ask(form, {field: field_value(field, held[field]) for field in sent.parted})
        status = 409
    elif form.is_valid() and _report(request, one, form):
        return redirect_or_swap(request, to=reverse("person", args=[one.public_id]))
    return show(request, page="people/contact.html", context={"person": one, "form": form}, status=status)


def _report(request: Request, one: Person, form: Reported) -> bool:
    """Whether what was typed stands now; else the form says what to change."""
    reason = form.cleaned_data["reason"]
    typed = {field: form.cleaned_data[field].strip() for field in form.changed_data if field in REPORTED}
    if reason and "regime" not in typed:
        typed["regime"] = form.cleaned_data["regime"] or one.regime
    if "country" in typed:
        typed["country"] = typed["country"].upper()
    try:
        changed = vouching.report(person=one, said=typed, reason=reason, by=request.user, now=timezone.now())
    except NotReported as refused:
        for field, sentence in refused.problems.items():
            form.add_error(field, said(sentence))
        return False
    if changed:
        messages.success(request, _("%(name)s: the record says so now, on your word.") % {"name": one.name})
    return True

"""A colleague writes what a company is, which target it is and why, and says which part somebody plays."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from vendange.agreement.vocabulary import ROLES, TIERS
from vendange.belong.actions import NotStated
from vendange.belong.queries import STATED
from vendange.identify import queries
from vendange.journey import belonging, vouching
from vendange.models import Organisation
from vendange.vouch.actions import NotReported
from vendange.web import meanwhile
from vendange.web.access import Request, allow, load_or_404, signed_in
from vendange.web.people.pages import MAY_RECORD
from vendange.web.show import redirect_or_swap, show
from vendange.words import said, word

FACTS = ("name", "domain", "registry_number", "country", "industry", "employees", "postal_code", "city")


class Written(forms.Form):
    """What is typed as it is typed; `belong` decides what can stand."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    domain = forms.CharField(
        label=gettext_lazy("Domain of its mails"), max_length=190, required=False, help_text=gettext_lazy("acme.com")
    )
    registry_number = forms.CharField(
        label=gettext_lazy("Company number"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("SIREN, SIRET or VAT number; of another country as it is written"),
    )
    country = forms.CharField(
        label=gettext_lazy("Country"), max_length=2, required=False, help_text=gettext_lazy("two letters, such as FR")
    )
    postal_code = forms.CharField(label=gettext_lazy("Postcode"), max_length=12, required=False)
    city = forms.CharField(label=gettext_lazy("Town"), max_length=120, required=False)
    industry = forms.CharField(label=gettext_lazy("Industry"), max_length=20, required=False)
    employees = forms.CharField(label=gettext_lazy("Employees"), max_length=20, required=False)
    parent = forms.CharField(
        label=gettext_lazy("Belongs to"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("name, domain or number of the organisation above, or the address of its page"),
    )
    tier = forms.ChoiceField(label=gettext_lazy("Target"), required=False, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("needed when the target changes; stands beside it from then on"),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        targets = [("", _("No target")), *((tier, word("tier", tier)) for tier in TIERS)]
        self.fields["tier"].choices = targets  # type: ignore[attr-defined]


def organisation_of(request: Request, public_id: UUID) -> Organisation:
    rows = queries.organisations_visible_to(request.user).select_related("parent")
    return load_or_404(rows, public_id=public_id)


@allow(*MAY_RECORD)
@require_http_methods(["GET", "POST"])
def edit(request: Request, public_id: UUID) -> HttpResponse:
    one = organisation_of(request, public_id)
    held = held_by(one)
    sent = meanwhile.sent(request.POST, held)
    form = Written(sent.data, initial=held)
    meanwhile.carry(form, held)
    status = 422 if form.is_bound else 200
    if form.is_valid() and sent.parted:
        meanwhile.ask(form, {field: _read(field, held[field]) for field in sent.parted})
        status = 409
    elif form.is_valid() and _state(request, one, form):
        return redirect_or_swap(request, to=reverse("organisation", args=[one.public_id]))
    return show(request, page="organisations/edit.html", context={"organisation": one, "form": form}, status=status)


def held_by(one: Organisation) -> dict[str, str]:
    """What the form shows of it."""
    found = {field: getattr(one, field) for field in (*FACTS, "tier")}
    held = {field: "" if value is None else str(value) for field, value in found.items()}
    return held | {"parent": one.parent.name if one.parent else ""}


def _read(field: str, value: str) -> str:
    return str(word("tier", value)) if field == "tier" and value else value


def _state(request: Request, one: Organisation, form: Written) -> bool:
    """Whether what was typed stands now; else the form says what to change."""
    typed = {field: form.cleaned_data[field] for field in form.changed_data if field in STATED}
    reason = form.cleaned_data["reason"]
    try:
        changed = belonging.state(organisation=one, said=typed, reason=reason, by=request.user, now=timezone.now())
    except NotStated as refused:
        for field, sentence in refused.problems.items():
            form.add_error(field, said(sentence))
        return False
    if changed:
        messages.success(request, _("%(name)s says so now, on your word.") % {"name": form.cleaned_data["name"]})
    return True


@signed_in
@require_POST
def role(request: Request, public_id: UUID, person_id: UUID) -> HttpResponse:
    """`role`: the part that this person plays, as the colleague who knows them says."""
    one = organisation_of(request, public_id)
    person = load_or_404(queries.visible_to(request.user).filter(organisation=one), public_id=person_id)
    part = request.POST.get("role", "")
    try:
        vouching.report(person=person, said={"role": part}, by=request.user, now=timezone.now())
    except NotReported as refused:
        messages.error(request, said(refused))
    else:
        told = _("%(name)s: %(part)s, on your word.") if part in ROLES else _("%(name)s: no part, on your word.")
        messages.success(request, told % {"name": person.name, "part": word("buying_role", part) if part else ""})
    return redirect_or_swap(request, to=reverse("organisation", args=[one.public_id]))

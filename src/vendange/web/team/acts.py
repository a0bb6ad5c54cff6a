"""What managers change: a salesperson, an absence, who takes leads, an owner for what nobody holds."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from vendange.agree.queries import NoAgreement, in_force
from vendange.agreement.sentence import sentence
from vendange.agreement.terms import Agreement
from vendange.journey import handover, passing
from vendange.models import Absence, Lead, Salesperson, User
from vendange.route import actions, queries
from vendange.sell.actions import NotNow
from vendange.web.access import Request, allow, load_or_404
from vendange.web.show import redirect_or_swap, show
from vendange.web.team.forms import Away, Place
from vendange.web.team.pages import SEES_EACH
from vendange.words import said

FIELDS = ("capacity", "territory", "languages", "lead_types", "temperament", "taking_leads")
for_managers = allow(*SEES_EACH)


def agreement_now() -> Agreement | None:
    try:
        return in_force(timezone.now()).agreement
    except NoAgreement:
        return None


@for_managers
@require_http_methods(["GET", "POST"])
def salesperson(request: Request, public_id: UUID) -> HttpResponse:
    user = load_or_404(queries.may_sell(), public_id=public_id)
    known = standing_of(user)
    agreement = agreement_now()
    form = Place(agreement, request.POST or None, initial=values_of(known, agreement))
    if not form.is_valid():
        return page(request, user, known, form, Away())
    given = {name: form.cleaned_data[name] for name in FIELDS}
    kept = known.external_id if known else ""
    actions.set_salesperson(user=user, by=request.user, now=timezone.now(), external_id=kept, **given)
    messages.success(request, _("Routing knows it from now on: %(name)s.") % {"name": user.name})
    return redirect_or_swap(request, to="team")


def standing_of(user: User) -> Salesperson | None:
    return getattr(user, "salesperson", None)


def values_of(known: Salesperson | None, agreement: Agreement | None) -> dict[str, Any]:
    if known:
        return {name: getattr(known, name) for name in FIELDS}
    return {"capacity": agreement.routing.default_capacity if agreement else 20, "taking_leads": True}


def page(request: Request, user: User, known: Salesperson | None, form: Place, away: Away) -> HttpResponse:
    now = timezone.now()
    absences = known.absences.filter(ends_at__gt=now).order_by("starts_at") if known else []
    context = {"seller": user, "known": known, "form": form, "away": away, "absences": list(absences)}
    bound = form.is_bound or away.is_bound
    return show(request, page="team/salesperson.html", context=context, status=422 if bound else 200)


@for_managers
@require_POST
def taking(request: Request, public_id: UUID) -> HttpResponse:
    one = load_or_404(Salesperson.objects.select_related("user"), user__public_id=public_id)
    takes = request.POST.get("taking") == "yes"
    actions.take_leads(salesperson=one, taking=takes, by=request.user, now=timezone.now())
    told = _("%(name)s takes new leads again.") if takes else _("%(name)s gets no new lead for now.")
    messages.success(request, told % {"name": one.user.name})
    return redirect_or_swap(request, to="team")


@for_managers
@require_POST
def absence(request: Request, public_id: UUID) -> HttpResponse:
    user = load_or_404(queries.may_sell(), public_id=public_id)
    known = load_or_404(Salesperson.objects.all(), user=user)
    away = Away(request.POST)
    if not away.is_valid():
        agreement = agreement_now()
        return page(request, user, known, Place(agreement, initial=values_of(known, agreement)), away)
    starts_at, ends_at = away.bounds()
    actions.add_absence(
        salesperson=known,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=away.cleaned_data["reason"],
        by=request.user,
        now=timezone.now(),
    )
    messages.success(request, _("Meanwhile leads go to somebody else."))
    return redirect_or_swap(request, to=reverse("salesperson", args=[public_id]))


@for_managers
@require_POST
def remove_absence(request: Request, public_id: UUID, pk: int) -> HttpResponse:
    one = load_or_404(Absence.objects.filter(salesperson__user__public_id=public_id), pk=pk)
    actions.remove_absence(absence=one, by=request.user, now=timezone.now())
    messages.success(request, _("The absence is taken back."))
    return redirect_or_swap(request, to=reverse("salesperson", args=[public_id]))


@for_managers
@require_POST
def find_owner(request: Request, public_id: UUID) -> HttpResponse:
    lead = load_or_404(queries.with_nobody(), public_id=public_id)
    if request.POST.get("to"):
        return give(request, lead)
    if passing.find_owner(lead=lead, now=timezone.now()):
        lead.refresh_from_db()
        messages.success(request, _("It has an owner: %(name)s.") % {"name": lead.owner.name if lead.owner else ""})
    else:
        messages.warning(
            request, _("Still nobody: give somebody room, or end an absence. We look again within the hour.")
        )
    return redirect_or_swap(request, to="team")


def give(request: Request, lead: Lead) -> HttpResponse:
    """The manager names somebody, whom routing would not have chosen."""
    takers = {str(user.public_id): user.salesperson for user in queries.takers()}
    one = takers.get(request.POST["to"])
    try:
        if one is None:
            raise NotNow(sentence("Choose a colleague of the list: this one takes no leads."))
        handover.give(lead=lead, salesperson=one, by=request.user, now=timezone.now())
        messages.success(request, _("It has an owner: %(name)s.") % {"name": one.user.name})
    except NotNow as refused:
        messages.error(request, said(refused))
    return redirect_or_swap(request, to="team")

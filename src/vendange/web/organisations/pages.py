"""The list of organisations and the page of one. Open to every role; a salesperson sees those of their leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from vendange.agree.queries import terms_of
from vendange.agreement.vocabulary import ROLES
from vendange.identify import queries
from vendange.models import Lead, Organisation, Person
from vendange.web.access import Request, load_or_404, signed_in
from vendange.web.heat import stand_of
from vendange.web.paging import address, page_by_moment
from vendange.web.people.circle import parts
from vendange.web.people.labels import Standing, standing
from vendange.web.people.pages import Option
from vendange.web.show import show
from vendange.words import word

RECENT = timedelta(days=90)
LEADS_SHOWN = 20
HEATS = ("hot", "warm", "cold")


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the organisation, and how much they did lately; `share` in percent of the busiest."""

    person: Person
    standing: Standing
    signals: int
    share: float


@signed_in
@require_GET
def organisations(request: Request) -> HttpResponse:
    q = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    heat = request.GET.get("heat", "")
    heat = heat if heat in HEATS else ""
    rows = queries.organisations(request.user, q, heat)
    page = page_by_moment(queries.organisations_listed(rows, request.user), "last_at", request.GET.get("after", ""))
    context = {
        "page": page,
        "firms": [(one, stand_of(one)) for one in page.rows],
        "q": q,
        "heat": heat,
        "heats": heats_of(request, q, heat),
        "total": rows.count(),
        "all_roles": len(ROLES),
        "first_url": address(request.GET),
        "next_url": f"{address(request.GET)}&after={page.after}" if page.after else "",
    }
    return show(request, page="organisations/list.html", context=context)


def heats_of(request: Request, q: str, chosen: str) -> list[Option]:
    """The temperatures, with how many organisations each would show; none while nobody was measured."""
    counts = queries.organisations_counted(request.user, q)
    if not any(counts.get(code) for code in HEATS):
        return []
    every = Option(pgettext("organisations", "All"), sum(counts.values()), address(request.GET, heat=""), not chosen)
    some = [
        Option(word("temperature", code), counts.get(code, 0), address(request.GET, heat=code), code == chosen)
        for code in HEATS
    ]
    return [every, *some]


@signed_in
@require_GET
def organisation(request: Request, public_id: UUID) -> HttpResponse:
    visible = queries.organisations_visible_to(request.user).select_related("heat")
    one = load_or_404(visible, public_id=public_id)
    return show(request, page="organisations/organisation.html", context=about(request, one))


def about(request: Request, one: Organisation) -> dict[str, Any]:
    now = timezone.now()
    everybody = queries.members(one)
    may_see = None
    if request.user.role == "sales":
        visible = queries.visible_to(request.user).filter(organisation=one)
        may_see = set(visible.values_list("pk", flat=True))
    seen = [person for person in everybody if may_see is None or person.pk in may_see]
    found = parts(everybody, may_see)
    members = members_of(seen, one, now - RECENT)
    return {
        "organisation": one,
        "stand": stand_of(one),
        "members": members,
        "unseen": len(everybody) - len(seen),
        "signals": sum(member.signals for member in members),
        "parts": found,
        "roles_known": sum(not part.is_missing for part in found),
        "all_roles": len(ROLES),
        "leads": leads_of(request, one),
    }


def members_of(people: Sequence[Person], one: Organisation, since: Any) -> list[Member]:
    counts = queries.signals_counted(one, since)
    busiest = max((counts.get(person.pk, 0) for person in people), default=0) or 1
    return [
        Member(person, standing(person), counts.get(person.pk, 0), 100 * counts.get(person.pk, 0) / busiest)
        for person in people
    ]


def leads_of(request: Request, one: Organisation) -> list[tuple[Lead, Any]]:
    """Its leads, the open ones first, each with the label of its type."""
    rows = queries.leads_visible_to(request.user).filter(organisation=one)
    rows = rows.select_related("person", "owner", "agreement", "deal").order_by("-opened_at", "-id")[:LEADS_SHOWN]
    leads = sorted(rows, key=lambda lead: not lead.is_open)
    return [(lead, terms_of(lead.agreement).agreement.labels().get(f"lead_types/{lead.lead_type}")) for lead in leads]

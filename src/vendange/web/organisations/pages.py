"""The list of organisations and the page of one. Open to every role; a salesperson sees those of their leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from vendange.agree.queries import terms_of
from vendange.agreement.vocabulary import ROLES
from vendange.identify import queries
from vendange.models import Lead, Organisation, Person
from vendange.web.access import Request, load_or_404, signed_in
from vendange.web.paging import address, page_by_moment
from vendange.web.people.circle import parts
from vendange.web.people.labels import standing
from vendange.web.show import show
from vendange.words import Word

RECENT = timedelta(days=90)
LEADS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the organisation, and how much they did lately; `share` in percent of the busiest."""

    person: Person
    standing: Word
    signals: int
    share: float


@signed_in
@require_GET
def organisations(request: Request) -> HttpResponse:
    q = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    rows = queries.organisations(request.user, q)
    page = page_by_moment(queries.organisations_listed(rows, request.user), "last_at", request.GET.get("after", ""))
    context = {
        "page": page,
        "q": q,
        "total": rows.count(),
        "all_roles": len(ROLES),
        "first_url": address(request.GET),
        "next_url": f"{address(request.GET)}&after={page.after}" if page.after else "",
    }
    return show(request, page="organisations/list.html", context=context)


@signed_in
@require_GET
def organisation(request: Request, public_id: UUID) -> HttpResponse:
    one = load_or_404(queries.organisations_visible_to(request.user), public_id=public_id)
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

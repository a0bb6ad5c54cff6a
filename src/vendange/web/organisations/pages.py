"""The list of organisations and the page of one. Open to every role; a salesperson sees those of their leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from vendange.agree.queries import terms_of
from vendange.agreement.vocabulary import ROLES
from vendange.combine import queries as combined
from vendange.find.queries import Wanted, counted, search_for, wanted_rows
from vendange.identify import queries
from vendange.models import Lead, Organisation, Person, Revealed
from vendange.reveal import queries as revealed
from vendange.web.access import Request, load_or_404, signed_in
from vendange.web.heat import stand_of
from vendange.web.narrowing import BY_NAME, NEWEST, filters_of, sorts_of, wanted_of
from vendange.web.organisations.account import places
from vendange.web.organisations.group import group_of, number_of
from vendange.web.organisations.known import known_of
from vendange.web.paging import Page, address, page_by_id, page_by_moment, page_by_text
from vendange.web.people.labels import Standing, standing
from vendange.web.people.pages import MAY_RECORD
from vendange.web.show import show
from vendange.web.sureness import percent, sure
from vendange.web.taking_away import MAY_EXPORT

RECENT = timedelta(days=90)
LEADS_SHOWN = 20
VISITS_SHOWN = 5


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
    wanted = wanted_of(request.GET, "organisation")
    visible = queries.organisations_visible_to(request.user)
    search = search_for("organisation", wanted.q)
    total, counts = counted(visible, "organisation", wanted, search, everybody=request.user.role != "sales")
    rows = queries.organisations_listed(wanted_rows(visible, "organisation", wanted, search), request.user)
    sort = request.GET.get("sort", "")
    page = page_of(rows, sort, request.GET.get("after", ""))
    context = {
        "page": page,
        "firms": [(one, stand_of(one)) for one in page.rows],
        "wanted": wanted,
        "is_narrowed": wanted != Wanted(),
        "search": search,
        "filters": filters_of(request, "organisation", wanted, counts, total),
        "sort": sort,
        "sorts": sorts_of(request, sort, NEWEST, BY_NAME),
        "may_export": request.user.role in MAY_EXPORT,
        "may_record": request.user.role in MAY_RECORD,
        "export_url": reverse("organisations_export") + address(request.GET),
        "total": total,
        "all_roles": len(ROLES),
        "first_url": address(request.GET),
        "next_url": f"{address(request.GET)}&after={page.after}" if page.after else "",
    }
    return show(request, page="organisations/list.html", context=context)


def page_of(rows: QuerySet[Organisation], sort: str, after: str) -> Page[Organisation]:
    if sort == BY_NAME:
        return page_by_text(rows, "name", after)
    return page_by_id(rows, after) if sort == NEWEST else page_by_moment(rows, "last_at", after)


@signed_in
@require_GET
def organisation(request: Request, public_id: UUID) -> HttpResponse:
    visible = queries.organisations_visible_to(request.user).select_related("heat", "parent")
    alias = Organisation.objects.filter(public_id=public_id, merged_into__in=visible).select_related("merged_into")
    if (found := alias.first()) is not None and found.merged_into is not None:
        return redirect("organisation", found.merged_into.public_id)
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
    heat = getattr(one, "heat", None)
    found = places(everybody, may_see, heat.roles if heat else {}, now - RECENT)
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
        "number": number_of(one),
        "group": group_of(request, one, now - RECENT),
        "known": known_of(one),
        "merges": combined.merges_of(one),
        "twins": combined.twins_of(one)[:3],
        "may_record": request.user.role in MAY_RECORD,
        "visits": visits_of(one) if request.user.role in ("marketing", "admin", "ldr") else [],
    }


def visits_of(one: Organisation) -> list[tuple[Revealed, Any, str]]:
    """Visitors from its networks, with how sure that is, in words and figure."""
    return [(row, sure(row.confidence), percent(row.confidence)) for row in revealed.of_organisation(one, VISITS_SHOWN)]


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

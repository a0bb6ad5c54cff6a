"""The list of people and the page of one of them. Open to every role; a salesperson sees the persons of their leads."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from vendange.agree.queries import NoAgreement, in_force
from vendange.agreement.terms import Agreement
from vendange.agreement.vocabulary import ROLES
from vendange.find.queries import Wanted, counted, search_for, wanted_rows
from vendange.identify import queries
from vendange.models import Consent, Lead, Measure, Person
from vendange.qualify.queries import consents
from vendange.qualify.rules import MOST_ATTEMPTS
from vendange.unite import queries as united
from vendange.web.access import Request, load_or_404, signed_in
from vendange.web.consents import Told, told_of
from vendange.web.desk.lawful import Badge, badge_of, spaced
from vendange.web.heat import stand_of
from vendange.web.narrowing import NEWEST, filters_of, sorts_of, wanted_of
from vendange.web.paging import address, page_by_id, page_by_moment
from vendange.web.people.circle import parts
from vendange.web.people.contact import contact_of
from vendange.web.people.interest import interest_of
from vendange.web.people.keys import keys_of
from vendange.web.people.labels import CHANNEL_ICONS, standing
from vendange.web.people.ledger import ledger_of
from vendange.web.people.score import score_of
from vendange.web.people.timeline import VERDICTS, timeline_of
from vendange.web.segments.pages import MAY_KEEP, MAY_SEE
from vendange.web.show import show
from vendange.web.taking_away import MAY_EXPORT
from vendange.words import word

CHANNELS = ("phone", "email", "sms", "tracking")
MAY_ACT = ("marketing", "manager", "admin", "sales")  # as vendange.web.segments.bulk
MAY_RECORD = ("marketing", "ldr", "admin")


@dataclass(frozen=True, slots=True)
class Allowed:
    """One channel: what the person last said of it."""

    channel: str
    icon: str
    css: str
    state: str
    consent: Consent | None
    told: Told | None = None


@signed_in
@require_GET
def people(request: Request) -> HttpResponse:
    wanted = wanted_of(request.GET, "person")
    visible = queries.visible_to(request.user)
    search = search_for("person", wanted.q)
    total, counts = counted(visible, "person", wanted, search, everybody=request.user.role != "sales")
    sort = request.GET.get("sort", "")
    rows = queries.listed(wanted_rows(visible, "person", wanted, search))
    if sort == NEWEST:
        page = page_by_id(rows, request.GET.get("after", ""))
    else:
        page = page_by_moment(rows, "last_signal_at", request.GET.get("after", ""))
    context = {
        "page": page,
        "total": total,
        "wanted": wanted,
        "is_narrowed": wanted != Wanted(),
        "search": search,
        "filters": filters_of(request, "person", wanted, counts, total),
        "sort": sort,
        "sorts": sorts_of(request, sort, NEWEST),
        "may_record": request.user.role in MAY_RECORD,
        "may_export": request.user.role in MAY_EXPORT,
        "may_act": request.user.role in MAY_ACT,
        "may_keep": request.user.role in MAY_KEEP and any(asdict(replace(wanted, q="", segment="")).values()),
        "may_see_segments": request.user.role in MAY_SEE,
        "bulk_url": reverse("people_bulk") + address(request.GET, sort=""),
        "export_url": reverse("people_export") + address(request.GET),
        "next_url": f"{address(request.GET)}&after={page.after}" if page.after else "",
        "first_url": address(request.GET),
        "people": [(one, standing(one)) for one in page.rows],
    }
    return show(request, page="people/list.html", fragment="people/_rows.html", context=context)


@signed_in
@require_GET
def person(request: Request, public_id: UUID) -> HttpResponse:
    visible = queries.visible_to(request.user).select_related("organisation__heat", "measure__agreement")
    alias = Person.objects.filter(public_id=public_id, merged_into__in=visible).select_related("merged_into").first()
    if alias is not None and alias.merged_into is not None:
        return redirect("person", alias.merged_into.public_id)
    one = load_or_404(visible, public_id=public_id)
    return show(request, page="people/person.html", context=about(request, one, timezone.now()))


def about(request: Request, one: Person, now: datetime) -> dict[str, Any]:
    verdict = request.GET.get("verdict", "")
    start = request.GET.get("from", "0")
    verdict = verdict if verdict in VERDICTS else ""
    measure = measure_of(one)
    leads = queries.leads_about(one)
    said = consents(one)
    badge = lawful_of(one, said, now)
    calls = queries.calls_of(one, 20, queries.contacted_since(now))
    return {
        "person": one,
        "standing": standing(one),
        "lead": leads[0] if leads else None,
        "deal": deal_of(leads),
        "badge": badge,
        "number": spaced(one.phone) if badge and badge.may_call and one.phone else "",
        "timeline": timeline_of(one, verdict, int(start) if start.isdigit() else 0, now),
        "merges": united.merges_of(one),
        "twins": united.twins_of(one)[:3],
        "keys": keys_of(one),
        "ledger": ledger_of(one, agreement_at(now)),
        "score": score_of(measure, now) if measure else None,
        "interest": interest_of(measure) if measure else None,
        "until": until_of(measure, now),
        "channels": channels_of(said, now),
        "reached": contact_of(one, said, badge, now),
        "calls": calls,
        "most_calls": MOST_ATTEMPTS,
        "may_record": request.user.role in MAY_RECORD,
        **circle_of(request, one),
    }


def agreement_at(now: datetime) -> Agreement | None:
    try:
        return in_force(now).agreement
    except NoAgreement:
        return None


def measure_of(one: Person) -> Measure | None:
    return getattr(one, "measure", None)


def until_of(measure: Measure | None, now: datetime) -> datetime | None:
    """Until when the person stands as they do, if they do nothing more; None when nothing falls."""
    falls = measure.next_change_at if measure else None
    return falls if falls and falls > now else None


def deal_of(leads: Sequence[Lead]) -> Any:
    return next((found for lead in leads if (found := getattr(lead, "deal", None))), None)


def lawful_of(one: Person, said: Mapping[str, Consent], now: datetime) -> Badge | None:
    """May they be called; None while no agreement is in force."""
    try:
        agreement = in_force(now).agreement
    except NoAgreement:
        return None
    return badge_of(Lead(person=one, organisation=one.organisation), agreement, said, now)


def channels_of(latest: Mapping[str, Consent], now: datetime) -> list[Allowed]:
    shown = [*CHANNELS, *(channel for channel in latest if channel not in CHANNELS)]
    told = told_of(latest.values(), now)
    return [allowed(one, latest.get(one), told[latest[one].pk] if one in latest else None) for one in shown]


def allowed(channel: str, said: Consent | None, told: Told | None) -> Allowed:
    icon = CHANNEL_ICONS.get(channel, "circle")
    if said is None or told is None:
        return Allowed(channel, icon, "", _("nothing recorded"), None)
    if told.ended:
        return Allowed(channel, icon, "warn", pgettext("consent", "Ended"), said, told)
    css = {"given": "good", "informed": "", "contract": ""}.get(said.status, "bad")
    return Allowed(channel, icon, css, str(word("consent", said.status)), said, told)


def circle_of(request: Request, one: Person) -> dict[str, Any]:
    if one.organisation is None:
        return {"parts": [], "acted": 0, "stand": None}
    everybody = queries.members(one.organisation)
    may_see = None
    if request.user.role == "sales":
        visible = queries.visible_to(request.user).filter(organisation=one.organisation)
        may_see = set(visible.values_list("pk", flat=True))
    found = parts(everybody, may_see)
    acted = {other.role for other in everybody if other.role in ROLES and other.last_signal_at}
    return {"parts": found, "acted": len(acted), "roles": len(ROLES), "stand": stand_of(one.organisation)}

"""People, companies, leads and pages that fit what is typed; each colleague finds what their pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from vendange.find.queries import Typed, organisations_found, people_found
from vendange.find.rules import words_in
from vendange.identify import queries
from vendange.models import Lead, Organisation, Person, User
from vendange.models.lead import CLOSED_STAGES
from vendange.web.access import Request, load_or_404, signed_in
from vendange.web.narrowing import LONGEST_SEARCH
from vendange.web.shell import PLACES, SETTINGS, Place, may_open, open_to
from vendange.web.show import show
from vendange.words import word

PEOPLE, FIRMS, LEADS, PAGES = 6, 4, 4, 5  # shown at most
REMEMBERED: Final = 6
SESSION: Final = "found"
MORE: Final = (
    Place("capture_imports", "upload", gettext_lazy("Imports")),
    Place("capture_forms", "file-text", gettext_lazy("Forms")),
    Place("capture_companies", "building-2", gettext_lazy("Companies by network")),
    Place("colleagues", "users", gettext_lazy("Colleagues")),
    Place("teams", "users", gettext_lazy("Teams")),
    Place("keys", "key-round", gettext_lazy("Keys of programs")),
    Place("agreement_draft", "file-text", gettext_lazy("Draft of the agreement")),
    Place("agreement_suggest", "sparkles", gettext_lazy("What outcomes say of the rules")),
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One line: somebody or something to go to. `who` has an avatar, everything else an icon."""

    url: str
    label: str
    note: str = ""
    who: Person | Organisation | None = None
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    title: str
    hits: Sequence[Hit]
    more: str = ""  # address of the whole list


@signed_in
@require_GET
def find(request: Request) -> HttpResponse:
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    groups = [group for group in (found(request, text) if text else at_first(request)) if group.hits]
    context = {"q": text, "groups": groups, "number": sum(len(group.hits) for group in groups)}
    return show(request, page="finding/page.html", fragment="finding/_options.html", context=context)


def found(request: Request, text: str) -> list[Group]:
    user, typed = request.user, Typed(text)
    few = user.role == "sales"  # who sees few, so that all of them who fit can be put in order
    people = people_found(queries.visible_to(user), typed, PEOPLE, few=few)
    firms = organisations_found(queries.organisations_visible_to(user), typed, FIRMS, few=few)
    return [
        Group("people", _("People"), [of_person(one) for one in people], address("people", text)),
        Group("firms", _("Organisations"), [of_firm(one) for one in firms], address("organisations", text)),
        Group("leads", _("Leads"), [of_lead(one) for one in leads_of(user, people, firms)]),
        Group("pages", _("Pages"), pages_named(user, text)),
    ]


def address(name: str, text: str) -> str:
    return f"{reverse(name)}?{urlencode({'q': text})}"


def at_first(request: Request) -> list[Group]:
    """Before anything is typed: whom one went to last, and the pages."""
    every = [of_page(place) for place in PLACES if may_open(request.user.role, place.name)]
    return [Group("recent", _("Recent"), recent(request)), Group("pages", _("Pages"), every)]


def of_person(one: Person) -> Hit:
    firm = one.organisation.name if one.organisation else ""
    note = " · ".join(filter(None, (one.job_title, firm))) or (one.email if one.name != one.email else "")
    return Hit(reverse("find_go", args=["person", one.public_id]), one.name or _("Unknown visitor"), note, one)


def of_firm(one: Organisation) -> Hit:
    note = " · ".join(filter(None, (one.city, one.domain if one.domain != one.name else "")))
    return Hit(reverse("find_go", args=["organisation", one.public_id]), one.name, note, one)


def leads_of(user: User, people: Sequence[Person], firms: Sequence[Organisation]) -> list[Lead]:
    """Open leads of who was found, in the same order; those of the companies only when nobody was."""
    rows = queries.leads_visible_to(user).exclude(stage__in=CLOSED_STAGES).select_related("person", "owner")
    places = {one.pk: place for place, one in enumerate(people)}
    leads = rows.filter(person__in=places) if people else rows.filter(organisation__in=[one.pk for one in firms])
    return sorted(leads[: 5 * LEADS], key=lambda lead: (places.get(lead.person_id, 0), -lead.pk))[:LEADS]


def of_lead(lead: Lead) -> Hit:
    holder = lead.owner.name if lead.owner else str(word("holder", lead.holder))
    note = f"{word('stage', lead.stage)} · {holder}"
    return Hit(reverse("lead", args=[lead.public_id]), lead.person.name or _("Unknown visitor"), note, icon="target")


def of_page(place: Place) -> Hit:
    return Hit(open_to(place.name)[0], str(place.label), icon=place.icon)


def pages_named(user: User, text: str) -> list[Hit]:
    """Pages whose name has a word that begins with each of those typed."""
    typed = list(words_in(text))
    hits = []
    for place in (*PLACES, SETTINGS, *MORE):
        words = list(words_in(str(place.label)))
        fits = typed and all(any(one.startswith(start) for one in words) for start in typed)
        if fits and may_open(user.role, place.name):
            hits.append(of_page(place))
    return hits[:PAGES]


# Whom one went to last


@signed_in
@require_GET
def go(request: Request, kind: str, public_id: UUID) -> HttpResponse:
    """Go there, and remember it for this session."""
    if kind not in SEEN:
        raise Http404
    load_or_404(SEEN[kind](request.user), public_id=public_id)
    here = [kind, str(public_id)]
    before = [one for one in request.session.get(SESSION, []) if one != here]
    request.session[SESSION] = [here, *before][:REMEMBERED]
    return redirect(kind, public_id)


SEEN: Final[Mapping[str, Any]] = {
    "person": queries.visible_to,
    "organisation": queries.organisations_visible_to,
}


def recent(request: Request) -> list[Hit]:
    kept: list[list[str]] = request.session.get(SESSION, [])
    hits: dict[str, Hit] = {}
    people: QuerySet[Person] = queries.visible_to(request.user).select_related("organisation")
    for one in people.filter(public_id__in=[id_ for kind, id_ in kept if kind == "person"]):
        hits[str(one.public_id)] = of_person(one)
    firms = queries.organisations_visible_to(request.user)
    for firm in firms.filter(public_id__in=[id_ for kind, id_ in kept if kind == "organisation"]):
        hits[str(firm.public_id)] = of_firm(firm)
    return [hits[id_] for _kind, id_ in kept if id_ in hits]

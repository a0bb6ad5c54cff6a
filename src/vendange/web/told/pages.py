"""The page on which a colleague tells something, that of a booth, and the same two as they open without a network."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.staticfiles import finders
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from vendange.agree.queries import NoAgreement, in_force
from vendange.find.queries import Typed, organisations_found, people_found
from vendange.identify import queries as identified
from vendange.meet import queries as met
from vendange.meet.rules import RARER, UNDO_WITHIN, USUAL
from vendange.models import Organisation, Person, Signal, TradeShow, User
from vendange.web.access import Request, load_or_404, public, signed_in
from vendange.web.people.labels import KIND_ICONS
from vendange.web.show import show
from vendange.web.told.forms import READERS, WARMTH, WHEN, Tell
from vendange.web.told.topics import topics_of
from vendange.words import word

LATELY = timedelta(hours=12)
MINE = timedelta(days=1)
SHOWN = 8
FOUND = 6
FIRMS = 3


@signed_in
@require_GET
def tell(request: Request) -> HttpResponse:
    """`?person=` or `?organisation=` fills in who it is about; `?kind=` what happened."""
    given = {name: request.GET.get(name, "") for name in ("kind", "said", "name", "company")}
    organisation = firm_with(request.user, request.GET.get("organisation", ""))
    if organisation:
        given["company"] = organisation.name
    form = Tell(initial={**given, "once": secrets.token_urlsafe(12), "when": "now"})
    person = person_with(request.user, request.GET.get("person", ""))
    return show(request, page="told/page.html", context=context_of(request, form, person))


def again(request: Request, form: Tell, alike: Sequence[Person] = ()) -> HttpResponse:
    """The page with all that was typed, and what must be mended or answered."""
    given = form.data
    person = person_with(request.user, given.get("person", ""))
    page = "told/page.html"
    context = context_of(request, form, person) | {"alike": alike}
    if given.get("scan") or given.get("booth"):
        fair = load_or_404(TradeShow.objects.all(), public_id=form.cleaned_data.get("show"))
        context |= booth_context(fair, request.user)
        page = "told/booth.html"
    return show(request, page=page, context=context, status=422)


def context_of(request: Request, form: Tell, person: Person | None) -> dict[str, Any]:
    now = timezone.now()
    lately = met.told_since(request.user, now - LATELY, SHOWN)
    return {
        **choices(now),
        "form": form,
        "chosen": person,
        "mine": request.user.public_id,
        "lately": [(one, once_of(one, request.user, now)) for one in lately],
        "hidden": hidden_from(request.user, lately),
        "alike": (),
    }


def once_of(one: Signal, user: User, now: datetime) -> str:
    """Under which id it can still be undone; "" when its minute is over."""
    return one.message_id.removeprefix(f"told-{user.pk}-") if now <= one.received_at + UNDO_WITHIN else ""


def choices(now: datetime) -> dict[str, Any]:
    """What the form offers; nothing of it is about a person."""
    today = localtime(now).date()
    return {
        "usual": [(code, KIND_ICONS.get(code, "activity"), word("kind", code)) for code in USUAL],
        "rarer": [(code, KIND_ICONS.get(code, "activity"), word("kind", code)) for code in RARER],
        "whens": WHEN,
        "warmths": WARMTH,
        "readers": READERS,
        "topics": _topics(now),
        "shows": met.running(today),
        "today": today,
        "words": words(),
    }


def _topics(now: datetime) -> Sequence[tuple[str, str]]:
    try:
        return topics_of(in_force(now).agreement)
    except NoAgreement:
        return ()


@signed_in
@require_GET
def shell(request: Request) -> HttpResponse:
    """The same form for when there is no network: kept by the browser, so it says nothing of anybody."""
    form = Tell(initial={"when": "now"})
    context = {**choices(timezone.now()), "form": form, "shell": True}
    return show(request, page="told/shell.html", context=context)


@signed_in
@require_GET
def booth(request: Request, public_id: UUID) -> HttpResponse:
    """One visit after the other, by keys or a badge scanner."""
    one = load_or_404(TradeShow.objects.all(), public_id=public_id)
    form = Tell(initial={"once": secrets.token_urlsafe(12), "when": "now"})
    context = context_of(request, form, None) | booth_context(one, request.user)
    return show(request, page="told/booth.html", context=context)


@signed_in
@require_GET
def booth_shell(request: Request, public_id: UUID) -> HttpResponse:
    one = load_or_404(TradeShow.objects.all(), public_id=public_id)
    context = {**choices(timezone.now()), "form": Tell(), "fair": one, "shell": True}
    return show(request, page="told/booth_shell.html", context=context)


def booth_context(one: TradeShow, user: User) -> dict[str, Any]:
    now = localtime(timezone.now())
    visits = met.latest_told(one, user, 30) if user.role == "sales" else met.latest(one, 30)
    since = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "fair": one,
        "visits": visits,
        "hidden_visits": hidden_from(user, visits),
        "today_count": met.visits_of(one).filter(received_at__gte=since).count(),
    }


@never_cache
@signed_in
@require_GET
def who(request: Request) -> HttpResponse:
    """Who is signed in here now, and the token with which their browser may send."""
    return JsonResponse({"user": str(request.user.public_id), "token": get_token(request)})


@signed_in
@require_GET
def people(request: Request) -> HttpResponse:
    """People and companies whom this colleague may see, by a few letters of name, company or e-mail."""
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    if len(asked) < 2:
        return JsonResponse({"people": [], "companies": []})
    typed, few = Typed(asked), request.user.role == "sales"
    found = people_found(identified.visible_to(request.user), typed, FOUND, few=few)
    firms = organisations_found(identified.organisations_visible_to(request.user), typed, FIRMS, few=few)
    return JsonResponse({"people": [line_of(one) for one in found], "companies": [one.name for one in firms]})


def line_of(one: Person) -> dict[str, str]:
    company = one.organisation.name if one.organisation else ""
    return {
        "id": str(one.public_id),
        "name": one.name or _("Unknown visitor"),
        "company": company,
        "job": one.job_title,
    }


@public
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The script that opens these pages without a network; it stands here because it may only see this path."""
    found = finders.find("told-worker.js")
    text = Path(str(found)).read_text("utf-8")
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


def person_with(user: User, public_id: str) -> Person | None:
    """The person of this address, when the colleague may see them."""
    try:
        wanted = UUID(public_id)
    except ValueError:
        return None
    return known_to(user).select_related("organisation").filter(public_id=wanted).first()


def known_to(user: User) -> QuerySet[Person]:
    """Whom this colleague may see, and whom they told of first since yesterday: those two would else be made twice."""
    visible = identified.visible_to(user)
    if user.role != "sales":
        return visible
    mine = met.brought_by(user, timezone.now() - MINE)
    return Person.objects.filter(Q(pk__in=visible.values("pk")) | Q(pk__in=mine.values("pk")))


def hidden_from(user: User, signals: Sequence[Signal]) -> set[int]:
    """Of these signals' people those whom this colleague may not see: their line says nothing of who they are."""
    people = {one.person_id for one in signals}
    return people - set(known_to(user).filter(pk__in=people).values_list("pk", flat=True))


def firm_with(user: User, public_id: str) -> Organisation | None:
    try:
        wanted = UUID(public_id)
    except ValueError:
        return None
    return identified.organisations_visible_to(user).filter(public_id=wanted).first()


def words() -> dict[str, Any]:
    """What the script says: it holds no words of its own."""
    return {
        "waiting": _("waiting, sent when there is a network"),
        "asked": _("Is it one of these?"),
        "nobody": _("No, somebody new"),
        "wrong": _("cannot be kept"),
        "signIn": _("waiting, sent when you sign in"),
        "failed": _("the server failed (%(status)s); it is tried again") % {"status": "{status}"},
        "refused": _("The server refuses it (%(status)s). Shorten or correct it.") % {"status": "{status}"},
        "kept": _("Kept"),
        "undo": _("Undo"),
        "remove": _("Remove"),
        "change": _("Change"),
        "first": _("Nobody has signed in on this device yet, so nothing can be kept. Sign in once with a network."),
        "full": _("This device has no room left. Free some, or send what waits first."),
        "others": [
            ngettext(
                "%(n)s of another colleague waits here. It is sent when they sign in.",
                "%(n)s of another colleague wait here. They are sent when they sign in.",
                n,
            )
            % {"n": n}
            for n in range(1, 31)
        ],
        "counts": [ngettext("%(n)s waits", "%(n)s wait", n) % {"n": n} for n in range(1, 31)],
        "company": _("Company: %(name)s") % {"name": "{name}"},
        "found": _("%(n)s found") % {"n": "{n}"},
        "who": _("Say who it was: a name and a company, or an e-mail address."),
        "kind": _("Choose what happened."),
        "scan": _("Scan a badge, or type a name and, after a comma, a company."),
    }

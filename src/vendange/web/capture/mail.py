"""Mail that came back, and the addresses that take no letters. For marketing and administrators."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vendange.journey import coming_back
from vendange.models import Address, MailIn, Person
from vendange.reach import queries
from vendange.web.access import Request, allow, load_or_404
from vendange.web.mail import Why, why_of
from vendange.web.show import redirect_or_swap, show
from vendange.words import Word, word

for_capture = allow("marketing", "admin")
SHOWN: Final = 50
STOPPED: Final = 50
KINDS: Final = ("bounce", "delayed", "auto_reply", "complaint", "reply", "other")
ICONS: Final = {
    "bounce": "mail-x",
    "delayed": "hourglass",
    "delivered": "mail-check",
    "auto_reply": "plane",
    "complaint": "octagon-x",
    "reply": "reply",
    "subscription": "circle-question-mark",
}
CSS: Final = {"bounce": "bad", "complaint": "bad", "reply": "good", "delivered": "good", "subscription": "warn"}
# Amazon asks by an address of its own; another one is shown and not made a link.
AMAZON: Final = re.compile(r"https://sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/\?[\x21-\x7e]+")
BIGGEST_ID: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Came:
    """One line: what came back, of whom, and what followed."""

    row: MailIn
    icon: str
    css: str
    person: Person | None
    followed: Word
    asks: str  # an address at Amazon that a human may open, "" for anything else


@dataclass(frozen=True, slots=True)
class Stopped:
    address: Address
    person: Person | None
    why: Why
    may_open: bool


@dataclass(frozen=True, slots=True)
class Tab:
    code: str
    label: Word
    count: int


@for_capture
@require_GET
def mail(request: Request) -> HttpResponse:
    given = request.GET.get("before", "")
    before = min(int(given), BIGGEST_ID) if given.isdigit() and len(given) < 20 else None
    which = request.GET.get("which", "")
    which = which if which in (*KINDS, "ignored") else ""
    found = queries.came_back(which, before, SHOWN + 1)
    context = {
        "lines": lines(found[:SHOWN]),
        "older": found[SHOWN - 1].pk if len(found) > SHOWN else 0,
        "is_first": before is None,
        "which": which,
        "tabs": tabs(),
        "stopped": stopped(timezone.now()),
        "stopped_all": sum(queries.states().get(state, 0) for state in queries.NO_LETTERS),
        "door": door_of(request),
        "mailbox": settings.MAILBOX,
        "last": queries.last_read(),
        "part": "mail",
    }
    return show(request, page="capture/mail.html", context=context)


def door_of(request: Request) -> str:
    """Its address is a secret: administrators see it."""
    found = queries.door() if request.user.role == "admin" else None
    return f"{settings.BASE_URL}/v1/mail/{found.write_key}" if found else ""


def tabs() -> list[Tab]:
    counts = queries.counted()
    kinds = [Tab(code, word("mail_kinds", code), counts.get(code, 0)) for code in KINDS]
    everything = sum(count for code, count in counts.items() if code != "ignored")
    return [Tab("", _("All"), everything), *kinds, Tab("ignored", _("Nothing followed"), counts["ignored"])]


def lines(rows: Sequence[MailIn]) -> list[Came]:
    people = queries.names_at({row.email for row in rows})
    return [
        Came(
            row=row,
            icon=ICONS.get(row.kind, "mail"),
            css="" if row.ignored else CSS.get(row.kind, ""),
            person=people.get(row.email.lower()),
            followed=word("mail_ignored", row.ignored) if row.ignored else word("mail_followed", row.kind),
            asks=row.detail if row.kind == "subscription" and AMAZON.fullmatch(row.detail) else "",
        )
        for row in rows
    ]


def stopped(now: datetime) -> list[Stopped]:
    rows = queries.stopped((*queries.NO_LETTERS, "soft"), STOPPED)
    people = queries.names_at({row.email for row in rows})
    return [Stopped(row, people.get(row.email), why_of(row), row.state != "complained") for row in rows]


@for_capture
@require_POST
def works_again(request: Request, number: int) -> HttpResponse:
    one = load_or_404(Address.objects.all(), pk=min(number, BIGGEST_ID))
    if coming_back.works_again(email=one.email, by=request.user, now=timezone.now()):
        messages.success(request, _("Letters to %(email)s are sent again.") % {"email": one.email})
    return redirect_or_swap(request, to=reverse("capture_mail"))


@allow("admin")
@require_POST
def open_door(request: Request) -> HttpResponse:
    coming_back.open_door(by=request.user, now=timezone.now())
    messages.success(request, _("The door is open. Give its address to your mail provider, and to nobody else."))
    return redirect_or_swap(request, to=reverse("capture_mail"))

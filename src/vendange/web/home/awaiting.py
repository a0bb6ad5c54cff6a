"""What awaits a colleague, by role: a few lines with a place to go and the time that is left."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vendange.models import User
from vendange.report import queries
from vendange.report.queries import DESK, SELLING, Waiting
from vendange.web.shell import may_open, open_to
from vendange.words import word

RECENT: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Awaiting:
    icon: str
    title: str
    detail: str
    way: str
    url: str
    due_at: datetime | None = None
    state: str = ""


def place(user: User, name: str) -> str:
    """Address of a page, "" when this colleague may not open it."""
    return open_to(name)[0] if may_open(user.role, name) else ""


def awaiting(user: User, now: datetime) -> list[Awaiting]:
    """Late first, then the nearest date."""
    found = [one for part in PARTS[user.role] for one in part(user, now)]
    return sorted(found, key=lambda one: (one.state != "bad", one.due_at is None, one.due_at or now))


def alerts(user: User, now: datetime) -> Iterator[Awaiting]:
    one = queries.waiting(Q(stage__in=DESK), now=now)
    url = place(user, "desk")
    if one.late:
        title = ngettext("%(n)s alert late", "%(n)s alerts late", one.late) % {"n": one.late}
        detail = _("%(n)s alerts wait in all") % {"n": one.count}
        yield Awaiting("clock", title, detail, _("Open the queue"), url, one.first, "bad")
    elif one.count:
        title = ngettext("%(n)s alert to judge", "%(n)s alerts to judge", one.count) % {"n": one.count}
        yield Awaiting("headphones", title, _("none is late"), _("Open the queue"), url, one.first, "accent")


def mine(user: User, now: datetime) -> Iterator[Awaiting]:
    steps = queries.by_next_step(user, now=now)
    titles: Mapping[str, Callable[[int], str]] = {
        "accept": lambda n: ngettext("%(n)s lead to accept", "%(n)s leads to accept", n) % {"n": n},
        "call": lambda n: ngettext("%(n)s lead to call", "%(n)s leads to call", n) % {"n": n},
        "report": lambda n: ngettext("%(n)s report owed", "%(n)s reports owed", n) % {"n": n},
        "follow_up": lambda n: ngettext("%(n)s lead to follow up", "%(n)s leads to follow up", n) % {"n": n},
    }
    icons = {"accept": "inbox", "call": "phone", "report": "clipboard-list", "follow_up": "calendar-days"}
    for step, title in titles.items():
        if one := steps.get(step):
            url = f"{reverse('my_leads')}#{step}"
            yield Awaiting(icons[step], title(one.count), lateness(one), _("Open"), url, one.first, state(one))


def lateness(one: Waiting) -> str:
    if not one.late:
        return _("none is late")
    return ngettext("%(n)s of them late", "%(n)s of them late", one.late) % {"n": one.late}


def state(one: Waiting) -> str:
    return "bad" if one.late else "accent"


def nobody(user: User, now: datetime) -> Iterator[Awaiting]:
    one = queries.waiting(Q(holder="nobody"), now=now)
    if one.count:
        title = ngettext("%(n)s lead without an owner", "%(n)s leads without an owner", one.count) % {"n": one.count}
        yield Awaiting(
            "circle-question-mark",
            title,
            _("routing looks again each hour"),
            _("Open the team"),
            place(user, "team"),
            None,
            "bad",
        )


def late_leads(user: User, now: datetime) -> Iterator[Awaiting]:
    one = queries.waiting(Q(stage__in=SELLING, holder="person", next_step__in=("accept", "call")), now=now)
    if one.late:
        title = ngettext("%(n)s lead late in sales", "%(n)s leads late in sales", one.late) % {"n": one.late}
        detail = _("to accept or to call, of %(n)s") % {"n": one.count}
        yield Awaiting("clock", title, detail, _("Open the team"), place(user, "team"), one.first, "bad")


def agreement(user: User, now: datetime) -> Iterator[Awaiting]:
    for version, signed in queries.unsigned():
        missing = [side for side in ("marketing", "sales") if side not in signed]
        title = _("Agreement v%(n)s") % {"n": version.number}
        if user.signs_for in missing:
            way, detail, css = _("Read and sign"), _("waits for your signature"), "warn"
        else:
            teams = ", ".join(str(word("side", side)) for side in missing)
            way, detail, css = _("See the draft"), _("not signed yet by: %(teams)s") % {"teams": teams}, ""
        url = reverse("agreement_version", args=[version.number])
        yield Awaiting("handshake", title, detail, way, url, version.in_force_from, css)


def letters(user: User, now: datetime) -> Iterator[Awaiting]:
    if n := queries.given_up():
        title = ngettext("%(n)s letter not delivered", "%(n)s letters not delivered", n) % {"n": n}
        detail = _("given up after several attempts")
        yield Awaiting("mail-x", title, detail, _("See the settings"), place(user, "settings"), None, "bad")


def refused(user: User, now: datetime) -> Iterator[Awaiting]:
    if n := queries.refused_since(now - RECENT):
        title = ngettext("%(n)s event refused", "%(n)s events refused", n) % {"n": n}
        detail = _("in the last 7 days, each kept with its reason")
        yield Awaiting("inbox", title, detail, _("See why"), place(user, "capture"), None, "warn")


PARTS: Final[Mapping[str, tuple[Callable[[User, datetime], Iterator[Awaiting]], ...]]] = {
    "ldr": (alerts,),
    "marketing": (alerts, agreement),
    "sales": (mine,),
    "manager": (mine, nobody, late_leads, agreement),
    "admin": (letters, refused, agreement),
}

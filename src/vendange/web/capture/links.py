"""Tracked links: where they lead, what came of each, addresses for a mailing. For marketing and administrators."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vendange.journey import following
from vendange.link import actions, queries
from vendange.link.queries import Addressed, Counts, Day, Maker
from vendange.link.rules import LAWS, BadDestination
from vendange.models import TrackedLink
from vendange.web.access import Request, allow, load_or_404
from vendange.web.capture.link_forms import MOST, NewLink, Recipients
from vendange.web.figures import within
from vendange.web.show import conflict, redirect_or_swap, show
from vendange.web.taking_away import harmless
from vendange.words import said, word

for_capture = allow("marketing", "admin")
SHOWN: Final = 50
FOLLOWERS: Final = 50
PERIOD: Final = 30  # days
WIDTH, HEIGHT, TOP, LEFT = 436.0, 132.0, 12.0, 34.0  # of the picture, in its own units


@dataclass(frozen=True, slots=True)
class Line:
    link: TrackedLink
    counts: Counts


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of one day of the picture."""

    css: str  # people | visits | machines
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Picture:
    bars: Sequence[Bar]
    most: int
    first: datetime
    last: datetime


@for_capture
@require_http_methods(["GET", "POST"])
def links(request: Request) -> HttpResponse:
    form = NewLink(request.POST or None)
    if form.is_valid():
        given = dict(form.cleaned_data)
        try:
            one = following.make(leads_to=given.pop("destination"), by=request.user, now=timezone.now(), **given)
        except BadDestination as bad:
            form.add_error("destination", said(bad))
        else:
            messages.success(request, _("%(name)s is made. Its address stands below.") % {"name": one.name})
            return redirect_or_swap(request, to=reverse("capture_link", args=[one.public_id]))
    before = request.GET.get("before", "")
    found = queries.links(SHOWN + 1, before=int(before) if before.isdigit() and len(before) < 19 else None)
    counts = queries.counts(found[:SHOWN])
    context = {
        "lines": [Line(one, counts[one.pk]) for one in found[:SHOWN]],
        "older": found[SHOWN - 1].pk if len(found) > SHOWN else 0,
        "form": form,
        "part": "links",
    }
    return show(request, page="capture/links.html", context=context, status=422 if form.is_bound else 200)


@for_capture
@require_GET
def link(request: Request, public_id: UUID) -> HttpResponse:
    one = wanted(public_id)
    return page_of(request, one, Recipients(kind=one.kind), status=200)


def wanted(public_id: UUID) -> TrackedLink:
    found = load_or_404(TrackedLink.objects.select_related("by", "source"), public_id=public_id)
    assert isinstance(found, TrackedLink)  # noqa: S101 - for the type checker
    return found


def page_of(request: Request, one: TrackedLink, form: Recipients, *, status: int) -> HttpResponse:
    now = timezone.now()
    last = localtime(now).date()
    days = queries.days(one, last - timedelta(days=PERIOD - 1), last)
    context: dict[str, Any] = {
        "link": one,
        "address": maker_of(one, counted=True).unmarked(),
        "to": maker_of(one, counted=False).unmarked(),
        "counts": queries.counts([one])[one.pk],
        "days": [day for day in reversed(days) if day.times or day.visits or day.machines],
        "picture": picture_of(days, now),
        "followers": queries.followers(one, FOLLOWERS, now),
        "laws": [law for law in LAWS if law.kind == one.kind],
        "form": form,
        "part": "links",
    }
    return show(request, page="capture/link.html", context=context, status=status)


def maker_of(one: TrackedLink, *, counted: bool) -> Maker:
    return Maker(one, settings.BASE_URL, settings.SECRET_KEY, counted)


def picture_of(days: Sequence[Day], now: datetime) -> Picture:
    """A column a day: people below, visits of nobody on them, machines on top."""
    most = max([day.times + day.visits + day.machines for day in days] + [1])
    step = (WIDTH - LEFT) / len(days)
    bars = []
    for place, day in enumerate(days):
        foot = TOP + HEIGHT
        for css, count in (("people", day.times), ("visits", day.visits), ("machines", day.machines)):
            if count:
                tall = HEIGHT * count / most
                foot -= tall
                sizes = (LEFT + place * step + 1.5, foot, step - 3, tall)
                bars.append(Bar(css, *(within(size, WIDTH) for size in sizes)))
    return Picture(bars, most, now - timedelta(days=len(days) - 1), now)


@for_capture
@require_POST
def close(request: Request, public_id: UUID) -> HttpResponse:
    one = wanted(public_id)
    actions.close_link(link=one, by=request.user, now=timezone.now())
    messages.success(request, _("%(name)s is closed: whoever follows it is told so.") % {"name": one.name})
    return redirect_or_swap(request, to=reverse("capture_link", args=[public_id]))


@for_capture
@require_POST
def addresses(request: Request, public_id: UUID) -> HttpResponse:
    """The file for the mailing tool; only who agreed to be followed gets an address of their own."""
    one, now = wanted(public_id), timezone.now()
    if one.closed_at:
        back = reverse("capture_link", args=[public_id])
        return conflict(
            request, what=_("%(name)s is closed: there are no more addresses.") % {"name": one.name}, back=back
        )
    form = Recipients(request.POST, request.FILES, kind=one.kind)
    if not form.is_valid():
        return page_of(request, one, form, status=422)
    given = form.cleaned_data
    emails = given["listed"]
    if given["who"] == "all":
        emails = [person.email for person in queries.who_allow(given["organisation"], MOST)]
    rows = queries.addresses_of(maker_of(one, counted=given.get("counted") == "counted"), emails, now)
    marked = sum(not row.because for row in rows)
    actions.addresses_made(link=one, people=len(rows), marked=marked, by=request.user, now=now)
    name = f"addresses-{one.token}-{localtime(now):%Y-%m-%d-%H%M}.csv"
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "Cache-Control": "no-store",
    }
    return HttpResponse("\ufeff" + as_csv(rows), content_type="text/csv; charset=utf-8", headers=headers)


def as_csv(rows: Sequence[Addressed]) -> str:
    """Semicolons, as spreadsheets of most of Europe read them; no cell is taken for a formula."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";")
    writer.writerow(["email", "address", "tracked", "reason"])
    for row in rows:
        why = str(word("not_followed", row.because)) if row.because else ""
        writer.writerow([harmless(cell) for cell in (row.email, row.address, "no" if row.because else "yes", why)])
    return written.getvalue()

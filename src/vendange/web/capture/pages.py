"""Sources. For marketing and administrators."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vendange.capture import actions, queries
from vendange.capture.queries import Heard
from vendange.models import Source
from vendange.web.access import Request, allow, load_or_404
from vendange.web.capture import tracker
from vendange.web.capture.forms import NewSource
from vendange.web.show import redirect_or_swap, show
from vendange.words import said

for_capture = allow("marketing", "admin")
BY_KEY = ("segment", "form")


@dataclass(frozen=True, slots=True)
class Line:
    source: Source
    heard: Heard
    has_key: bool


@for_capture
@require_http_methods(["GET", "POST"])
def sources(request: Request) -> HttpResponse:
    form = NewSource(request.POST or None)
    now = timezone.now()
    if form.is_valid():
        given = form.cleaned_data
        try:
            one = actions.add_source(
                name=given["name"],
                kind=given["kind"],
                origins=given["origins"],
                trusted=given["trusted"],
                by=request.user,
                now=now,
            )
        except actions.NameTaken as taken:
            form.add_error("name", said(taken))
        else:
            messages.success(request, _("%(name)s is added. Its key stands below.") % {"name": one.name})
            return redirect_or_swap(request, to=reverse("capture_source", args=[one.public_id]))
    context = {"lines": lines(now), "form": form, "part": "sources"}
    return show(request, page="capture/sources.html", context=context, status=422 if form.is_bound else 200)


def lines(now: datetime) -> list[Line]:
    heard = queries.heard(localtime(now).replace(hour=0, minute=0, second=0, microsecond=0))
    return [Line(one, heard.get(one.pk, Heard()), one.kind in BY_KEY) for one in queries.sources()]


@for_capture
@require_GET
def source(request: Request, public_id: UUID) -> HttpResponse:
    one = load_or_404(Source.objects.filter(kind__in=BY_KEY), public_id=public_id)
    seen = tracker.about(one, timezone.now())
    context = {"source": one, "part": "sources", "program": program_snippet(one), **seen}
    return show(request, page="capture/source.html", context=context)


def program_snippet(one: Source) -> str:
    body = '{"userId": "camille@atelier-nova.example", "event": "Quote Requested"}'
    first = f"curl {settings.BASE_URL}/v1/track -u {one.write_key}:"
    return " \\\n  ".join([first, "-H 'Content-Type: application/json'", f"-d '{body}'"])


@for_capture
@require_POST
def trust(request: Request, public_id: UUID) -> HttpResponse:
    one = load_or_404(Source.objects.filter(kind__in=BY_KEY), public_id=public_id)
    trusted = request.POST.get("trusted") == "yes"
    actions.trust_source(source=one, trusted=trusted, by=request.user, now=timezone.now())
    told = _("%(name)s is believed about who somebody is.") if trusted else _("What %(name)s says is a claim again.")
    messages.success(request, told % {"name": one.name})
    return redirect_or_swap(request, to=reverse("capture_source", args=[one.public_id]))


@for_capture
@require_POST
def close(request: Request, public_id: UUID) -> HttpResponse:
    one = load_or_404(Source.objects.filter(kind__in=BY_KEY), public_id=public_id)
    actions.close_source(source=one, by=request.user, now=timezone.now())
    messages.success(request, _("%(name)s is closed: its key opens nothing any more.") % {"name": one.name})
    return redirect_or_swap(request, to="capture")

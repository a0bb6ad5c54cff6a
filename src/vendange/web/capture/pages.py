"""Sources and files. For marketing and administrators."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vendange.capture import actions, queries
from vendange.capture.queries import Heard
from vendange.models import ImportBatch, Source
from vendange.web.access import Request, allow, load_or_404
from vendange.web.capture import tracker
from vendange.web.capture.forms import NewSource
from vendange.web.show import redirect_or_swap, show
from vendange.words import said

for_capture = allow("marketing", "admin")
SHOWN = 50
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


@for_capture
@require_GET
def imports(request: Request) -> HttpResponse:
    batches = [(batch, refused_file(batch) is not None) for batch in queries.batches(SHOWN)]
    return show(request, page="capture/imports.html", context={"batches": batches, "part": "imports"})


def refused_file(batch: ImportBatch) -> Path | None:
    """The file of refused rows, when it stands where we keep such files; elsewhere it is the operator's own."""
    path = Path(batch.refused_file)
    kept = (Path(settings.HOME) / "refused").resolve()
    return path if batch.refused_file and path.resolve().is_relative_to(kept) and path.is_file() else None


@for_capture
@require_GET
def refused_rows(request: Request, public_id: UUID) -> HttpResponse:
    path = refused_file(load_or_404(ImportBatch.objects.all(), public_id=public_id))
    if path is None:
        raise Http404(_("The file of refused rows is not kept here any more."))
    disposition = content_disposition_header(True, path.name) or "attachment"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return HttpResponse(path.read_bytes(), content_type="text/csv", headers=headers)

"""The files that came in, a file that is brought, and the page of one of them, whatever its state."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vendange.agreement.sentence import Sentence
from vendange.bring import actions, queries
from vendange.models import ImportBatch
from vendange.sheets.encoding import KNOWN
from vendange.sheets.refusal import FileRefused
from vendange.web.access import Request, allow, load_or_404
from vendange.web.bringing import came, drafts
from vendange.web.bringing.states import State, far_of, state_of
from vendange.web.show import redirect_or_swap, show
from vendange.words import said

SHOWN = 50
ENDED = ("done", "stopped", "failed")
for_bringing = allow("marketing", "admin")


@dataclass(frozen=True, slots=True)
class Line:
    """One file of the list. `counted`: rows of it came in, or were to."""

    batch: ImportBatch
    state: State
    counted: bool
    has_refused: bool
    may_revert: bool


@for_bringing
@require_GET
def imports(request: Request) -> HttpResponse:
    return listed(request)


def listed(request: Request, *, problems: Sequence[str] = (), encoding: bool = False) -> HttpResponse:
    """`encoding`: the file that was just refused asks for it."""
    lines = [line_of(one) for one in queries.latest(SHOWN)]
    context = {
        "lines": lines,
        "part": "imports",
        "maps": queries.kept_maps(),
        "problems": problems,
        "use": request.POST.get("use", ""),
        "encodings": KNOWN if encoding or request.POST.get("encoding") else (),
        "encoding": request.POST.get("encoding", ""),
    }
    return show(request, page="bringing/list.html", context=context, status=422 if problems else 200)


def line_of(batch: ImportBatch) -> Line:
    can = batch.status in ENDED and batch.kind == "people" and batch.rows > 0
    return Line(batch, state_of(batch), batch.status != "draft", refused_file(batch) is not None, can)


def refused_file(batch: ImportBatch) -> Path | None:
    """The file of refused rows, of a draft that of its dry run, when it stands where we keep such files."""
    named = batch.refused_file or came.refused_when_tried(batch)
    path, kept = Path(named), (Path(settings.HOME) / "refused").resolve()
    return path if named and path.resolve().is_relative_to(kept) and path.is_file() else None


@for_bringing
@require_POST
def add(request: Request) -> HttpResponse:
    file = request.FILES.get("file")
    if file is None:
        return listed(request, problems=[_("Choose a file first.")])
    now = timezone.now()
    encoding = request.POST.get("encoding", "")
    try:
        batch = actions.bring(
            file, file.name or "", by=request.user, now=now, encoding=encoding if encoding in KNOWN else ""
        )
    except FileRefused as refused:
        asks = any("encoding" in one for one in map(str, refused.problems))
        return listed(request, problems=[told(one) for one in refused.problems], encoding=asks)
    kept = queries.kept_map(request.POST.get("use", ""))
    how = drafts.found_of(batch)
    actions.note(batch, drafts.with_map(how, kept.how) if kept else how, kept.name if kept else "", by=request.user)
    return redirect_or_swap(request, to=reverse("import", args=[batch.public_id]))


def told(problem: str) -> str:
    return said(problem) if isinstance(problem, Sentence) else problem


def load(public_id: UUID) -> ImportBatch:
    rows = ImportBatch.objects.select_related("by", "job", "source", "reverted_by")
    return load_or_404(rows, public_id=public_id)


@for_bringing
@require_GET
def one_import(request: Request, public_id: UUID) -> HttpResponse:
    batch = load(public_id)
    if batch.status == "draft":
        return draft(request, batch)
    now = timezone.now()
    if came.under_way(batch) and batch.job:
        context = {**common(batch), "under_way": far_of(batch, batch.job, now)}
        return show(request, page="bringing/going.html", context=context)
    return show(request, page="bringing/done.html", context={**common(batch), **came.page_of(batch)})


def draft(request: Request, batch: ImportBatch, *, typed: Any = None, refused: Sequence[str] = ()) -> HttpResponse:
    """The page of a draft; with `typed`, as it was just sent."""
    now = timezone.now()
    context = {**common(batch), **drafts.page_of(batch, now, typed, refused=refused), **tried(batch)}
    return show(request, page="bringing/draft.html", context=context, status=422 if refused else 200)


def tried(batch: ImportBatch) -> dict[str, Any]:
    """The dry run of a draft: how far it is, or what it found."""
    job = batch.job
    if job is not None and job.is_under_way:
        return {"under_way": far_of(batch, job, timezone.now(), trying=True), "tried": None}
    return {"under_way": None, "tried": came.tried_of(batch)}


def common(batch: ImportBatch) -> dict[str, Any]:
    return {
        "batch": batch,
        "state": state_of(batch),
        "part": "imports",
        "has_refused": refused_file(batch) is not None,
        "maps": queries.kept_maps() if batch.status == "draft" else (),
    }


@for_bringing
@require_GET
def far(request: Request, public_id: UUID) -> HttpResponse:
    """How far it is, for htmx; when it has ended, the page itself."""
    batch = load(public_id)
    there = reverse("import", args=[batch.public_id])
    if batch.job is None or not batch.job.is_under_way:
        return redirect_or_swap(request, to=there)
    under_way = far_of(batch, batch.job, timezone.now(), trying=batch.status == "draft")
    context = {"batch": batch, "under_way": under_way}
    return show(request, page="bringing/_far.html", fragment="bringing/_far.html", context=context)


@for_bringing
@require_GET
def refused_rows(request: Request, public_id: UUID) -> HttpResponse:
    batch = load(public_id)
    path = refused_file(batch)
    if path is None:
        raise Http404(_("The file of refused rows is not kept here any more."))
    return HttpResponse(path.read_bytes(), content_type="text/csv", headers=as_download(path.name))


@for_bringing
@require_GET
def map_file(request: Request, public_id: UUID) -> HttpResponse:
    """The map as the command line takes it."""
    batch = load(public_id)
    if not batch.how.get("map"):
        raise Http404(_("Nothing is kept of how this file was read."))
    name = f"{batch.file_name.split('.')[0] or 'map'}.yaml"
    return HttpResponse(queries.map_as_yaml(batch), content_type="application/yaml", headers=as_download(name))


def as_download(name: str) -> dict[str, str]:
    return {"Content-Disposition": content_disposition_header(True, name) or "attachment", "Cache-Control": "no-store"}

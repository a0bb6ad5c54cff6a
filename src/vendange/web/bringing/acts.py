"""What is done with a file: its map changed, tried, taken in, stopped, gone on with, taken back, put away."""

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from vendange.agreement.sentence import Cannot, Incomplete
from vendange.bring import actions, queries
from vendange.bring.rules import ChangedMeanwhile
from vendange.models import ImportBatch, ImportMap
from vendange.sheets.encoding import KNOWN
from vendange.sheets.refusal import FileRefused
from vendange.sheets.signs import SEPARATORS
from vendange.web.access import Request, load_or_404
from vendange.web.bringing import came, drafts
from vendange.web.bringing.pages import common, draft, for_bringing, load, told, tried
from vendange.web.bringing.typed import Typed, typed_of
from vendange.web.show import conflict, redirect_or_swap, show, wants_fragment
from vendange.words import said

LONGEST_NAME: Final = 80


@for_bringing
@require_POST
def change(request: Request, public_id: UUID) -> HttpResponse:
    """All that is sent of a draft is kept first, then done what the button says."""
    batch = load(public_id)
    if batch.status != "draft":
        return conflict(
            request, what=_("This import has begun: its map cannot be changed any more."), back=page_of(batch)
        )
    act = "" if wants_fragment(request) else request.POST.get("act", "")
    if act == "discard":
        return discard(request, batch)
    typed = typed_of(request.POST, batch.read_as["columns"])
    named = request.POST.get("map_name", "").replace("\x00", "").strip()[:LONGEST_NAME]
    seen = request.POST.get("over" if act == "mine" else "seen", "")
    try:
        actions.note(batch, typed.how(batch.how), named, by=request.user, seen=int(seen) if is_count(seen) else None)
    except ChangedMeanwhile as parted:
        return show_both(request, batch, typed, parted)
    except Cannot as cannot:
        return conflict(request, what=said(cannot), back=page_of(batch))
    if wants_fragment(request):
        context = {**common(batch), **drafts.page_of(batch, timezone.now(), typed), **tried(batch), "swap": True}
        return show(request, page="bringing/_seen.html", context=context)
    return ACTS.get(act, see)(request, batch, typed)


def is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def show_both(request: Request, batch: ImportBatch, typed: Typed, parted: ChangedMeanwhile) -> HttpResponse:
    """A colleague has changed the draft: nothing is kept and nothing typed is lost, until it is decided which holds."""
    context = {
        **common(batch),
        **drafts.page_of(batch, timezone.now(), typed),
        **tried(batch),
        "parted": parted,
        "seen": request.POST.get("seen", ""),
    }
    if wants_fragment(request):
        return show(request, page="bringing/_seen.html", context={**context, "swap": True}, status=409)
    return show(request, page="bringing/draft.html", context=context, status=409)


def page_of(batch: ImportBatch) -> str:
    return reverse("import", args=[batch.public_id])


def see(request: Request, batch: ImportBatch, typed: Typed) -> HttpResponse:
    """Two columns on one field cannot be kept; what was sent is shown as it was sent."""
    return draft(request, batch, typed=typed) if typed.problems() else redirect_or_swap(request, to=page_of(batch))


def read_anew(request: Request, batch: ImportBatch, typed: Typed) -> HttpResponse:
    """What was said of columns holds for those that are still there."""
    given = request.POST
    encoding, separator = given.get("encoding", ""), given.get("separator", "")
    try:
        actions.read_anew(
            batch,
            encoding=encoding if encoding in KNOWN else "",
            separator=separator if separator in SEPARATORS else "",
            tab=given.get("sheet", "") if given.get("sheet", "") in batch.read_as["sheets"] else "",
        )
    except FileRefused as refused:
        return draft(request, batch, typed=typed, refused=[told(one) for one in refused.problems])
    actions.note(batch, drafts.with_map(drafts.found_of(batch), batch.how), by=request.user)
    messages.success(request, _("The file is read again."))
    return redirect_or_swap(request, to=page_of(batch))


def use_map(request: Request, batch: ImportBatch, typed: Typed) -> HttpResponse:
    kept = queries.kept_map(request.POST.get("use", ""))
    if kept is None:
        messages.error(request, _("This map is not kept any more."))
        return redirect_or_swap(request, to=page_of(batch))
    actions.note(batch, drafts.with_map(drafts.found_of(batch), kept.how), kept.name, by=request.user)
    messages.success(request, _("The file is read by the map %(name)s.") % {"name": kept.name})
    return redirect_or_swap(request, to=page_of(batch))


def keep_map(request: Request, batch: ImportBatch, typed: Typed) -> HttpResponse:
    if not batch.map_name:
        return draft(request, batch, typed=typed, refused=[_("Give the map a name to keep it under.")])
    how = {name: value for name, value in batch.how.items() if name not in ("found", "changed")}
    actions.keep_map(batch.map_name, how, by=request.user, now=timezone.now())
    messages.success(request, _("The map %(name)s is kept for the next file like this one.") % {"name": batch.map_name})
    return see(request, batch, typed)


def run(request: Request, batch: ImportBatch, typed: Typed) -> HttpResponse:
    return begin(request, batch, typed, dry=False)


def dry_run(request: Request, batch: ImportBatch, typed: Typed) -> HttpResponse:
    return begin(request, batch, typed, dry=True)


def begin(request: Request, batch: ImportBatch, typed: Typed, *, dry: bool) -> HttpResponse:
    """Nothing begins while something is missing; then the page says what."""
    now, how = timezone.now(), batch.how
    wrong = [*typed.problems().values(), *drafts.missing(typed, how)]
    if wrong:
        return draft(request, batch, typed=typed, refused=wrong)
    try:
        actions.choose(batch, how, now)
        actions.ask(batch, dry, by=request.user, now=now)
    except Incomplete as incomplete:
        return draft(request, batch, typed=typed, refused=[drafts.plainly(*one) for one in incomplete.problems.items()])
    except Cannot as cannot:
        return conflict(request, what=said(cannot), back=page_of(batch))
    return redirect_or_swap(request, to=page_of(batch) + ("#go-title" if dry else ""))


def halt(request: Request, batch: ImportBatch, typed: Typed) -> HttpResponse:
    """The dry run ends."""
    actions.stop(batch, timezone.now())
    return redirect_or_swap(request, to=page_of(batch))


def discard(request: Request, batch: ImportBatch) -> HttpResponse:
    try:
        actions.discard(batch)
    except Cannot as cannot:
        return conflict(request, what=said(cannot), back=page_of(batch))
    messages.success(request, _("%(name)s is put away. Nothing of it had come in.") % {"name": batch.file_name})
    return redirect_or_swap(request, to="capture_imports")


Act = Callable[[Request, ImportBatch, Typed], HttpResponse]
ACTS: Final[Mapping[str, Act]] = {
    "see": see,
    "read": read_anew,
    "use": use_map,
    "keep": keep_map,
    "try": dry_run,
    "run": run,
    "halt": halt,
}


@for_bringing
@require_POST
def stop(request: Request, public_id: UUID) -> HttpResponse:
    batch = load(public_id)
    if not actions.stop(batch, timezone.now()):
        messages.info(request, _("It had ended already."))
    return redirect_or_swap(request, to=page_of(batch))


@for_bringing
@require_POST
def go_on(request: Request, public_id: UUID) -> HttpResponse:
    batch = load(public_id)
    try:
        actions.go_on(batch, by=request.user, now=timezone.now())
    except Cannot as cannot:
        return conflict(request, what=said(cannot), back=page_of(batch))
    return redirect_or_swap(request, to=page_of(batch))


@for_bringing
@require_http_methods(["GET", "POST"])
def revert(request: Request, public_id: UUID) -> HttpResponse:
    """Says what will go and what must stay; only then it is taken back."""
    batch = load(public_id)
    if request.method == "POST":
        try:
            actions.ask_revert(batch, by=request.user, now=timezone.now())
        except Cannot as cannot:
            return conflict(request, what=said(cannot), back=page_of(batch))
        return redirect_or_swap(request, to=page_of(batch))
    if not queries.standing(batch).can_revert:
        return conflict(request, what=_("There is nothing of this import to take back."), back=page_of(batch))
    return show(request, page="bringing/revert.html", context={**common(batch), **came.would_go(batch)})


@for_bringing
@require_POST
def forget(request: Request, number: int) -> HttpResponse:
    kept = load_or_404(ImportMap.objects.all(), pk=number)
    actions.forget_map(kept)
    messages.success(request, _("The map %(name)s is forgotten. Files that came in by it stay.") % {"name": kept.name})
    return redirect_or_swap(request, to="capture_imports")

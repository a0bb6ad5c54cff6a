"""The desk's pages: the queue, the person who is open, and the judgement, whole or as a fragment."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vendange.agree.queries import terms_of
from vendange.agreement.stages import ON_DESK, Stage
from vendange.agreement.terms import Agreement
from vendange.journey import desk as journey
from vendange.models import Lead, Review
from vendange.qualify.actions import AlreadyJudged, TakenByColleague
from vendange.qualify.queries import held_by, review_of, taken_back
from vendange.web.access import Request, allow, load_or_404
from vendange.web.desk import drafts
from vendange.web.desk.goes_to import goes_to
from vendange.web.desk.judgement import as_typed, sheet_of, suggestion
from vendange.web.desk.person import pane_of
from vendange.web.desk.queue import TABS, Item, Queue, colleague_on, queue_of
from vendange.web.desk.timeline import named
from vendange.web.show import show

readers = allow("ldr", "marketing", "manager")
PAGE, FRAGMENT = "desk/page.html", "desk/_swap.html"


@readers
@never_cache
@require_safe
def desk(request: Request) -> HttpResponse:
    """The queue, with the first item open that is free."""
    now = timezone.now()
    queue = queue_of(tab_of(request), request.user, now)
    first = first_free(queue, request, now)
    if first:
        take(request, first, now)
        first = wanted(first.public_id)
    return answer(request, queue, first, now)


@readers
@never_cache
@require_safe
def lead(request: Request, public_id: UUID) -> HttpResponse:
    """One lead, opened by its address; an LDR takes it by opening it."""
    now = timezone.now()
    found = wanted(public_id)
    take(request, found, now)
    return answer(request, queue_of(tab_of(request), request.user, now), wanted(public_id), now, by_address=True)


def tab_of(request: Request) -> str:
    said = request.POST.get("list") or request.GET.get("list", "")
    return said if said in TABS else "judge"


def wanted(public_id: UUID) -> Lead:
    rows = Lead.objects.select_related("person__organisation__heat", "organisation", "agreement", "owner")
    return load_or_404(rows, public_id=public_id)


def first_free(queue: Queue, request: Request, now: datetime) -> Lead | None:
    """What I have open already, else the first that no colleague has open."""
    shown = {item.lead.pk: item for item in queue.items}
    if queue.tab == "judge":
        mine = next((review for review in held_by(request.user.pk, now) if review.lead_id in shown), None)
        if mine:
            return shown[mine.lead_id].lead
    free: Item | None = next((item for item in queue.items if item.held_by is None), None)
    chosen = free or (queue.items[0] if queue.items else None)
    return chosen.lead if chosen else None


def take(request: Request, lead: Lead, now: datetime) -> None:
    """An LDR who opens an alert has it, and has left what they had before. A browser that looks ahead opens nothing."""
    looks_ahead = "prefetch" in request.headers.get("Sec-Purpose", "")
    if request.user.role != "ldr" or request.method == "HEAD" or looks_ahead or lead.stage not in ON_DESK:
        return
    for other in held_by(request.user.pk, now):
        if other.lead_id != lead.pk:
            leave(other.lead, request, now)
    try:
        journey.take(lead=lead, by=request.user, now=now)
    except (TakenByColleague, AlreadyJudged):
        return  # the page shows who has it, or how it ended


def leave(lead: Lead, request: Request, now: datetime) -> None:
    try:
        journey.release(lead=lead, by=request.user, now=now)
    except AlreadyJudged:
        return


def answer(
    request: Request,
    queue: Queue,
    lead: Lead | None,
    now: datetime,
    *,
    by_address: bool = False,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    refused: bool = False,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {"queue": queue, "lead": lead, "by_address": by_address, "now": now, "refused": refused}
    if lead:
        context.update(pane=pane_of(lead, now), **report_of(request, lead, typed, problems or {}, now))
    return show(request, page=PAGE, fragment=FRAGMENT, context=context, status=status)


def report_of(
    request: Request, lead: Lead, typed: Mapping[str, str] | None, problems: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """What the right-hand pane shows: a form to fill in, or who has the lead, or how it ended."""
    agreement = terms_of(lead.agreement).agreement
    review = review_of(lead)
    is_open = review is not None and review.outcome == "" and lead.stage in ON_DESK
    held = colleague_on(review, request.user, now) if review and is_open else None
    may_act = request.user.role == "ldr"
    said = typed if typed is not None else drafts.of(request, lead)
    kept: dict[str, Any] = {
        "review": review,
        "was_taken_back": bool(review and review.machine_at and taken_back([lead.pk])),
        "is_open": is_open,
        "held_by": held,
        "may_act": may_act,
        "typed": said,
        "ended_with": ended_with(review, agreement),
        "sleeps_on": named(agreement, "tracks", lead.track) if lead.stage == Stage.RECYCLED else "",
    }
    if review:
        kept["sheet"] = sheet_of(lead, review, agreement, said, problems, now)
    if is_open:
        kept["route"] = goes_to(lead, agreement, now)
        kept["try_again"] = as_typed(suggestion(now, agreement))
    return kept


def ended_with(review: Review | None, agreement: Agreement) -> Mapping[str, str]:
    """The words of the agreement for a track or a reason of the last outcome."""
    if review is None:
        return {}
    return {
        "track": named(agreement, "tracks", review.track),
        "off_target": named(agreement, "off_target", review.off_target),
    }

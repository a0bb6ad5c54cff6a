"""What an LDR does: judge, note a call, leave. Each is a form that works without script."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vendange.agree.queries import terms_of
from vendange.agreement.sentence import Incomplete
from vendange.agreement.terms import Agreement
from vendange.journey import desk as journey
from vendange.journey import doubting
from vendange.models import Lead, Review
from vendange.qualify.actions import AlreadyJudged, NotOfMachine, TakenByColleague
from vendange.web import moments
from vendange.web.access import Request, allow
from vendange.web.desk import drafts
from vendange.web.desk.judgement import moment_typed, read, suggestion, typed_in
from vendange.web.desk.pages import answer, first_free, tab_of, take, wanted
from vendange.web.desk.queue import queue_of
from vendange.web.show import redirect_or_swap, wants_fragment
from vendange.words import said, said_each, word

for_ldr = allow("ldr")


@for_ldr
@require_POST
def judge(request: Request, public_id: UUID) -> HttpResponse:
    """Give the one outcome, then open the next lead in order."""
    now, lead = timezone.now(), wanted(public_id)
    typed = typed_in(request.POST)
    judgement = read(typed, terms_of(lead.agreement).agreement, now)
    try:
        review = journey.judge(lead=lead, by=request.user, now=now, judgement=judgement)
    except Incomplete as lacking:
        return again(request, lead, now, typed, said_each(lacking.problems), status=422)
    except (AlreadyJudged, TakenByColleague):
        return again(request, lead, now, typed, {}, status=409)
    drafts.drop(request)
    messages.success(request, what_happened(wanted(public_id), review))
    return to_the_next(request, now)


def again(
    request: Request, lead: Lead, now: datetime, typed: dict[str, str], problems: dict[str, str], *, status: int
) -> HttpResponse:
    """The same page with what was typed: nothing is lost, whatever stood in the way."""
    if status == 409 and not wants_fragment(request):  # without script a phone shows the top of the page first
        messages.warning(request, _("Not saved: a colleague was faster. What you typed is kept below."))
    return answer(
        request,
        queue_of(tab_of(request), request.user, now),
        wanted(lead.public_id),
        now,
        by_address=True,
        typed=typed,
        problems=problems,
        refused=status == 409,
        status=status,
    )


def what_happened(lead: Lead, review: Review) -> str:
    name = lead.person.name or _("This lead")
    if review.outcome == "pass" and lead.owner:
        return _("%(name)s passed to %(colleague)s.") % {"name": name, "colleague": lead.owner.name}
    if review.outcome == "pass":
        why = word("nobody_because", lead.nobody_because)
        return _("%(name)s passed; nobody can take it yet (%(why)s). It is asked again every hour.") % {
            "name": name,
            "why": str(why).lower(),
        }
    if review.outcome == "recycle" and review.wake_at:
        return _("%(name)s sleeps until %(day)s.") % {"name": name, "day": moments.full_day(review.wake_at)}
    return _("%(name)s is eliminated: no more calls.") % {"name": name}


@for_ldr
@require_POST
def machine(request: Request, public_id: UUID) -> HttpResponse:
    """Close a lead that a machine has opened; the person stays whom they are."""
    now, lead = timezone.now(), wanted(public_id)
    try:
        doubting.close(lead=lead, by=request.user, now=now)
    except (AlreadyJudged, TakenByColleague):
        return again(request, lead, now, typed_in(request.POST), {}, status=409)
    except NotOfMachine as cannot:
        messages.warning(request, said(cannot))
        return redirect_or_swap(request, to=reverse("desk_lead", args=[public_id]))
    drafts.drop(request)
    messages.success(request, _("%(name)s is off the desk: a machine did it.") % {"name": lead.person.name})
    return to_the_next(request, now)


@for_ldr
@require_POST
def log_call(request: Request, public_id: UUID) -> HttpResponse:
    """Note an attempt. Nobody answered: the lead comes back later, unless the LDR says another time."""
    now, lead = timezone.now(), wanted(public_id)
    typed = typed_in(request.POST)
    result = request.POST.get("result", "")
    back_at = call_back_at(result, typed, terms_of(lead.agreement).agreement, now)
    try:
        journey.log_call(lead=lead, by=request.user, now=now, result=result, call_back_at=back_at)
    except Incomplete as lacking:
        return again(request, lead, now, typed, said_each(lacking.problems), status=422)
    except AlreadyJudged:
        return again(request, lead, now, typed, {}, status=409)
    drafts.keep(request, lead, {name: value for name, value in typed.items() if name != "call_back_at"})
    if back_at is None:
        messages.success(request, _("Noted: %(result)s.") % {"result": str(word("call_result", result)).lower()})
        return redirect_or_swap(request, to=reverse("desk_lead", args=[public_id]))
    when = f"{moments.day(back_at, now)}, {moments.clock(back_at)}"
    said = {"result": word("call_result", result), "name": lead.person.name, "when": when}
    messages.success(request, _("%(result)s: %(name)s comes back on %(when)s.") % said)
    return to_the_next(request, now)


def call_back_at(result: str, typed: dict[str, str], agreement: Agreement, now: datetime) -> datetime | None:
    if result == "no_answer":
        return suggestion(now, agreement)
    return moment_typed(typed.get("call_back_at", "")) if result == "call_back" else None


@for_ldr
@require_POST
def release(request: Request, public_id: UUID) -> HttpResponse:
    """Leave a lead to the others; what was typed stays."""
    now, lead = timezone.now(), wanted(public_id)
    drafts.keep(request, lead, typed_in(request.POST))
    review = lead.reviews.filter(outcome="", taken_by=request.user).first()
    if review:
        journey.release(lead=lead, by=request.user, now=now)
        messages.info(request, _("%(name)s is back in the queue.") % {"name": lead.person.name})
    return to_the_next(request, now, but=lead)


def to_the_next(request: Request, now: datetime, but: Lead | None = None) -> HttpResponse:
    """The next lead in marketing's order: a new page, or (htmx) its panes under its own address."""
    queue = queue_of("judge", request.user, now)
    following = first_free(queue, request, now)
    if but and following and following.pk == but.pk:
        others = [item.lead for item in queue.items if item.held_by is None and item.lead.pk != but.pk]
        following = others[0] if others else None
    there = reverse("desk_lead", args=[following.public_id]) if following else reverse("desk")
    if not wants_fragment(request):
        return redirect_or_swap(request, to=there)
    if following:
        take(request, following, now)
        following = wanted(following.public_id)
    response = answer(request, queue_of("judge", request.user, now), following, now, by_address=following is not None)
    response["HX-Push-Url"] = there
    return response

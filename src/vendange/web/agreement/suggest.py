"""What outcomes say of the agreement in force: each rule, and the points that they would have given."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vendange.agree import actions as agree
from vendange.agree.queries import NoAgreement, Terms, in_force
from vendange.agreement.problems import NotAnAgreement
from vendange.agreement.writing import CannotWrite
from vendange.engine.offered import Card
from vendange.models import Job
from vendange.models.job import newest
from vendange.qualify.queries import worths
from vendange.suggest import actions
from vendange.suggest.actions import CannotSuggest
from vendange.suggest.queries import reviewed
from vendange.web.access import Request, signed_in
from vendange.web.agreement import suggested
from vendange.web.agreement.simulation import Progress, may_simulate, progress_of
from vendange.web.home.period import period_of
from vendange.web.paging import address
from vendange.web.show import conflict, redirect_or_swap, show
from vendange.words import said

CARD = "agreement/_suggest_card.html"


def for_whom(request: Request) -> None:
    """Heads, and who may draft; others are told that there is no such page."""
    if not may_simulate(request.user):
        raise Http404(_("This page is not open to your role."))


@signed_in
@require_GET
def suggest(request: Request) -> HttpResponse:
    for_whom(request)
    now = timezone.now()
    terms = current(now)
    context: dict[str, Any] = {"terms": terms, **card_context(request, terms, now)}
    if request.GET.get("part") == "card":
        return show(request, page=CARD, context=context)
    if terms is not None:
        context.update(review_context(request, terms, now))
    return show(request, page="agreement/suggest.html", context=context)


def current(now: datetime) -> Terms | None:
    try:
        return in_force(now)
    except NoAgreement:
        return None


def review_context(request: Request, terms: Terms, now: datetime) -> dict[str, Any]:
    period = period_of(request.GET, now)
    sort = request.GET.get("sort", "")
    sort = sort if sort in suggested.SORTS else suggested.USUAL_SORT
    found = reviewed(terms.agreement, now=now, start=period.start, end=period.end)
    return {
        "period": period,
        "from": localdate(period.start).isoformat(),
        "to": localdate(min(period.end, now)).isoformat(),
        "sheet": suggested.sheet_of(found.review, terms.agreement, sort),
        "sort": sort,
        "sorts": {name: address(request.GET, sort=name) for name in suggested.SORTS},
    }


def card_context(request: Request, terms: Terms | None, now: datetime) -> dict[str, Any]:
    jobs: Sequence[Job] = list(newest(actions.KIND)[:10])
    under_way = next((one for one in jobs if one.is_under_way), None)
    done = next((one for one in jobs if one.state == "done"), None)
    failed = jobs[0] if jobs and jobs[0].state in ("failed", "cancelled") else None
    card = actions.kept_by(Job.objects.get(pk=done.pk)) if done else None
    found: dict[str, Any] = {
        "moved": worths(now).moved,
        "under_way": going(under_way, now) if under_way else None,
        "failed": failed,
        "failed_says": said(failed.said) if failed and failed.said else "",
        "unreadable": done is not None and card is None,
        "job": done,
    }
    if card is not None and terms is not None:
        found.update(told(card, terms))
    return found


def going(job: Job, now: datetime) -> Progress:
    """How far it is, in the words of this work."""
    found = progress_of(job, now)
    return replace(found, step=str(suggested.STEPS[job.step])) if job.step in suggested.STEPS else found


def told(card: Card, terms: Terms) -> dict[str, Any]:
    """The card in words."""
    agreement = terms.agreement
    return {
        "card": card,
        "is_stale": card.sha != agreement.sha,
        "outcome": suggested.OUTCOMES[card.outcome],
        "verdict": suggested.verdict_of(card),
        "taught": suggested.taught(card, agreement),
        "in_force": suggested.points_in_force(agreement),
        "bars": suggested.calibration(card.judged.table) if card.judged else [],
        "held_out_from": suggested.day_of(card.newest.since) if card.newest else None,
        "refused": [
            (suggested.column_in_words(one.column, agreement), suggested.REFUSALS[one.reason]) for one in card.refused
        ],
        "asked": [(one.column, suggested.column_in_words(one.column, agreement), one.word) for one in card.asked],
        "included": [suggested.column_in_words(one, agreement) for one in card.included],
        "unknown": [suggested.column_in_words(one, agreement) for one in card.time_unknown],
        "warned": [
            (suggested.column_in_words(one.column, agreement), suggested.CAUTIONS[one.reason])
            for one in card.warned
            if one.reason in {"clock", "proved_by_time"}
        ],
    }


@signed_in
@require_POST
def learn(request: Request) -> HttpResponse:
    """Ask the worker to learn; fields that were asked about may be vouched for."""
    for_whom(request)
    now = timezone.now()
    terms = current(now)
    if terms is None:
        return conflict(request, what=said(NoAgreement()), back=reverse("agreement"))
    include = [one for one in request.POST.getlist("include") if one][:50]
    actions.ask(version=terms.version, include=include, by=request.user, now=now)
    return redirect_or_swap(request, to=f"{reverse('agreement_suggest')}#card")


@signed_in
@require_POST
def draft(request: Request) -> HttpResponse:
    """The card as the text of a draft, which people read, change and sign like any other."""
    for_whom(request)
    now = timezone.now()
    terms, back = current(now), reverse("agreement_suggest")
    job = newest(actions.KIND).filter(state="done").first()
    card = actions.kept_by(Job.objects.get(pk=job.pk)) if job else None
    if terms is None or card is None or job is None:
        return conflict(request, what=_("Nothing is learnt yet. Learn first."), back=back)
    label = suggested.labels(card, terms.agreement, localdate(job.ended_at or now))
    try:
        text = actions.draft_text(card, terms.version, label)
        version = agree.draft(text=text, by=request.user, now=now)
    except (CannotSuggest, CannotWrite) as refused:
        return conflict(request, what=said(refused), back=back)
    except NotAnAgreement as wrong:
        return conflict(request, what=_("The draft is not valid: %(why)s") % {"why": wrong.problems[0].what}, back=back)
    messages.success(
        request,
        _("Version %(number)s is drafted. It binds nobody until both heads have signed it.")
        % {"number": version.number},
    )
    return redirect_or_swap(request, to=reverse("agreement_version", args=[version.number]))

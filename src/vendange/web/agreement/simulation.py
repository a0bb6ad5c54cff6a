"""Simulating a version: asking, watching, cancelling, and reading what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from vendange.models import AgreementVersion, Job, Signal, User
from vendange.models.job import UNDER_WAY, cancel, newest
from vendange.simulate import actions as simulate
from vendange.simulate.actions import CannotSimulate, asked_of
from vendange.web import moments
from vendange.web.access import Request, load_or_404, signed_in
from vendange.web.agreement import simulated_words as say
from vendange.web.agreement.pages import MAY_DRAFT
from vendange.web.agreement.simulated import LISTS, OUTCOMES, deepest, named, page_of
from vendange.web.agreement.would import other_of, would_of
from vendange.web.show import conflict, redirect_or_swap, show
from vendange.words import said

USUAL: Final = timedelta(days=364)
NOBODY_TAKES_IT: Final = timedelta(seconds=8)  # after which a job that waits has no worker
BUSY_FOR: Final = timedelta(seconds=60)  # without a beat, a job that runs is nobody's


def may_simulate(user: User) -> bool:
    return user.role in MAY_DRAFT or bool(user.signs_for)


@dataclass(frozen=True, slots=True)
class Progress:
    """A job under way, as people follow it."""

    job: Job
    period: str
    share: int  # of 100
    step: str
    lasts: str
    hint: str  # why nothing happens yet


def progress_of(job: Job, now: datetime) -> Progress:
    began = job.started_at if job.state == "running" and job.started_at else job.asked_at
    seconds = max(0, int((now - began).total_seconds()))
    lasts = f"{seconds}{moments.SPACE}s" if seconds < 60 else moments.lasting(seconds // 60)
    share = min(100, 100 * job.done // job.total) if job.total else 0
    return Progress(job, period_of_job(job), share, _step(job), lasts, _hint(job, now))


def period_of_job(job: Job) -> str:
    """The days that a simulation was asked for, as its answer will name them; other long work asks for none."""
    if job.kind != simulate.KIND:
        return ""
    asked = asked_of(job)
    return f"{moments.full_day(asked.start or asked.end - USUAL)} – {moments.full_day(asked.end)}"


def _step(job: Job) -> str:
    if job.cancel:
        return _("Stopping")
    return say.step_in_words(job.step) if job.state == "running" else _("Waiting for the worker")


def _hint(job: Job, now: datetime) -> str:
    if job.state == "running" and job.beat_at and now - job.beat_at > BUSY_FOR:
        return _("The worker that had it has gone silent. It is begun again as soon as a worker runs: “vendange work”.")
    if job.state != "waiting" or now - job.asked_at < NOBODY_TAKES_IT:
        return ""
    if Job.objects.filter(state="running", beat_at__gt=now - BUSY_FOR).exists():
        return _("Another long work is under way; this one comes after it.")
    return _("No worker runs: start “vendange work”. The question is kept, nothing is lost.")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the page is about: the jobs under way, the newest that came to nothing, the newest with a result."""

    under_way: Sequence[Job]
    ended: Job | None
    done: Job | None


def chosen_of(jobs: Sequence[Job], current: AgreementVersion | None) -> Chosen:
    """`jobs`: the newest first."""
    under_way = [one for one in reversed(jobs) if one.is_under_way]  # in the order in which they are taken
    done = [one for one in jobs if one.state == "done"]
    same = next((one for one in done if current and asked_of(one).against_sha == current.sha), None)
    newest_one = jobs[0] if jobs else None
    ended = newest_one if newest_one and newest_one.state in ("failed", "cancelled") else None
    return Chosen(under_way, ended, same or (done[0] if done else None))


@signed_in
@require_http_methods(["GET", "POST"])
def simulation(request: Request, number: int) -> HttpResponse:
    version = load_or_404(AgreementVersion.objects.select_related("created_by"), number=number)
    if request.method == "POST":
        return ask(request, version)
    return page(request, version)


def ask(request: Request, version: AgreementVersion) -> HttpResponse:
    refuse_others(request.user)
    now = timezone.now()
    against = other_of(version, now)
    if against is None:
        return page(request, version, error=_("No agreement is in force: there is nothing to compare with."))
    try:
        start, end = period_of(request, now)
        job = simulate.ask(version=version, against=against, by=request.user, now=now, start=start, end=end)
    except ValueError:
        return page(request, version, error=_("One of the days cannot be read. Write them as 2026-04-01."))
    except CannotSimulate as refused:
        return page(request, version, error=said(refused))
    if job.state == "done":
        messages.info(request, _("The same question was answered today: here is the answer."))
    return redirect_or_swap(request, to=reverse("agreement_simulation", args=[version.number]))


def refuse_others(user: User) -> None:
    if not may_simulate(user):
        raise Http404(_("This page is not open to your role."))


def period_of(request: Request, now: datetime) -> tuple[date | None, date | None]:
    """First and last day; None where it is what is usual. ValueError when one is no date."""
    first, last = request.POST.get("from", "").strip(), request.POST.get("to", "").strip()
    start = date.fromisoformat(first) if first else None
    end = date.fromisoformat(last) if last else None
    today = localdate(now)
    usual = start == today - USUAL and end in (None, today)
    return (None if usual else start), end


def page(request: Request, version: AgreementVersion, *, error: str = "") -> HttpResponse:
    now = timezone.now()
    current = other_of(version, now)
    jobs = list(newest(simulate.KIND, version=version.number)[:30])
    chosen = chosen_of(jobs, current)
    job = chosen.done
    would = would_of(job, version, current) if job else None
    today = localdate(now)
    first, last = period_before(jobs[0] if jobs else None, today)
    context: dict[str, Any] = {
        "version": version,
        "current": current,
        "may_simulate": may_simulate(request.user),
        "going": [progress_of(one, now) for one in chosen.under_way],
        "ended": chosen.ended,
        "ended_period": period_of_job(chosen.ended) if chosen.ended else "",
        "ended_says": said(chosen.ended.said) if chosen.ended and chosen.ended.said else "",
        "unreadable": bool(job and would is None),
        "nothing_recorded": not Signal.objects.exists(),
        "would": would,
        "first": request.POST.get("from", first.isoformat()),
        "last": request.POST.get("to", last.isoformat()),
        "today": today.isoformat(),
        "error": error,
        "now": now,
    }
    if would:
        context.update(results(request, version, would))
    return show(request, page="agreement/simulation.html", context=context, status=422 if error else 200)


def period_before(job: Job | None, today: date) -> tuple[date, date]:
    """What was asked last, to be asked again; a last day that was then today is today again."""
    if job is None:
        return today - USUAL, today
    asked = asked_of(job)
    return asked.start or today - USUAL, asked.end if asked.end < localdate(job.asked_at) else today


def results(request: Request, version: AgreementVersion, would: Any) -> dict[str, Any]:
    """The rows below the card: at one outcome, with one list of leads opened."""
    draft = simulate.text_of(would.asked.version, would.asked.sha)
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in OUTCOMES else deepest(would.kept)
    full = [one for one in LISTS if getattr(would.kept, one)]
    kind = request.GET.get("list", "")
    kind = kind if kind in LISTS else next(iter(full), LISTS[0])
    place = request.GET.get("page", "1")
    against = simulate.text_of(would.asked.against, would.asked.against_sha)
    terms = against if kind == "lost" else draft
    listed = named(would.kept, terms, kind, int(place) if place.isascii() and place.isdigit() else 1, request.user)
    titles = {
        "gained": pgettext("alerts of a simulation", "Gained"),
        "lost": pgettext("alerts of a simulation", "Lost"),
        "moved": _("At another date"),
    }
    return {
        "page": page_of(would.kept, draft, outcome),
        "outcomes": [(one, say.OUTCOMES[one]) for one in OUTCOMES],
        "outcome_word": say.OUTCOMES[outcome],
        "lists": [(one, titles[one], getattr(would.kept, one)) for one in LISTS],
        "listed": listed,
    }


@signed_in
@require_GET
def progress(request: Request, number: int, job: UUID) -> HttpResponse:
    """How far it is, for htmx; when it has ended, the page itself."""
    one = load_or_404(Job.objects.defer("result").filter(kind=simulate.KIND, asked__version=number), public_id=job)
    there = reverse("agreement_simulation", args=[number])
    if one.state not in UNDER_WAY:
        return HttpResponseClientRedirect(there)
    context = {"under_way": progress_of(one, timezone.now()), "version": one.asked["version"]}
    return show(request, page="agreement/_progress.html", fragment="agreement/_progress.html", context=context)


@signed_in
@require_POST
def stop(request: Request, number: int, job: UUID) -> HttpResponse:
    refuse_others(request.user)
    one = load_or_404(Job.objects.filter(kind=simulate.KIND, asked__version=number), public_id=job)
    there = reverse("agreement_simulation", args=[number])
    if not cancel(one, now=timezone.now()):
        return conflict(request, what=_("This simulation had ended before it could be cancelled."), back=there)
    messages.success(request, cancelled_in_words(one, number))
    return redirect_or_swap(request, to=there)


def cancelled_in_words(job: Job, number: int) -> str:
    """That it is cancelled, and what is still under way: two periods are easily taken for one another."""
    told = _("The simulation of %(period)s is cancelled.") % {"period": period_of_job(job)}
    others = newest(simulate.KIND, version=number).filter(state__in=UNDER_WAY, cancel=False).exclude(pk=job.pk)
    remain = ", ".join(period_of_job(one) for one in reversed(others))
    return f"{told} " + (_("Still under way: %(periods)s.") % {"periods": remain}) if remain else told

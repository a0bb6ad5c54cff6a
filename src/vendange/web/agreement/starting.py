"""From a preset to a draft in eight short steps, for two people around one screen (R10, R18).

What is answered is kept in a row of the person who is signed in, not in the session: so it survives signing out, and
goes on in another browser. Each step can be opened again at any time; nothing is kept of a form that was refused.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vendange.agree import actions, queries
from vendange.agreement.presets import PRESETS
from vendange.agreement.starting import Answers, refusals
from vendange.agreement.starting_kept import packed
from vendange.agreement.starting_text import write
from vendange.web.access import Request, allow
from vendange.web.agreement.pages import MAY_DRAFT
from vendange.web.agreement.start_answers import fresh, here, take
from vendange.web.agreement.start_fields import BUSINESSES, fields_of
from vendange.web.agreement.start_meanwhile import age_of, is_stale, saved_meanwhile
from vendange.web.agreement.start_steps import (
    BY_CODE,
    FIRST,
    LAST,
    STEPS,
    Step,
    after,
    before,
    minutes_left,
    number_of,
)
from vendange.web.show import redirect_or_swap, show

for_drafting = allow(*MAY_DRAFT)


@for_drafting
@require_safe
def start(request: Request) -> HttpResponse:
    return page(request, FIRST, queries.answers_of(request.user))


@for_drafting
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: Request, code: str) -> HttpResponse:
    one = BY_CODE.get(code)
    if one is None:
        raise Http404(_("There is no such step."))
    answers = queries.answers_of(request.user)
    if request.method == "POST" and one == FIRST:
        return choose(request, answers)
    if answers is None and one != FIRST:
        return redirect("agreement_start")
    if request.method != "POST" or answers is None or one == LAST:
        return page(request, one, answers)
    taken, problems = take(code, answers, request.POST)
    if problems:
        return page(request, one, taken, problems)
    if is_stale(age := request.POST.get("age", ""), code, answers, taken):
        told = saved_meanwhile(age, code, answers, taken)
        return page(request, one, taken, kept=answers, meanwhile=told, status=409)
    keep(request, taken)
    return redirect_or_swap(request, to=(one if "stay" in request.POST else after(one)).url)


def choose(request: Request, answers: Answers | None) -> HttpResponse:
    """Another business replaces what was answered, once they are sure of it; the same one keeps it."""
    preset = request.POST.get("preset", "")
    if preset not in PRESETS:
        return page(request, FIRST, answers, {"preset": _("Choose the business that resembles yours most.")})
    if answers is None or answers.preset != preset:
        if is_lost(request, answers):
            return ask_first(request, answers, preset)
        keep(request, fresh(preset, str(BUSINESSES[preset][1])))
    return redirect_or_swap(request, to=after(FIRST).url)


def is_lost(request: Request, answers: Answers | None) -> bool:
    """Whether something was answered that would go, and they have not said that it may."""
    untouched = answers is None or answers == fresh(answers.preset, str(BUSINESSES[answers.preset][1]))
    return not untouched and request.POST.get("sure") != "yes"


def ask_first(request: Request, answers: Answers | None, preset: str = "") -> HttpResponse:
    """A page between the click and the loss; `preset`: the business that takes the place, "" to begin again."""
    business = BUSINESSES[preset][1] if preset else ""
    return page(request, FIRST, answers, shown="agreement/start_sure.html", preset=preset, business=business)


def keep(request: Request, answers: Answers) -> None:
    actions.keep_answers(by=request.user, answers=packed(answers), now=timezone.now())


@for_drafting
@require_POST
def count(request: Request) -> HttpResponse:
    """How many of the people known already the answers of this moment concern; nothing is kept."""
    answers = queries.answers_of(request.user)
    if answers is None:
        raise Http404(_("There is no such step."))
    taken, problems = take("target", answers, request.POST)
    context = {"concerned": None if problems else queries.concerned(taken), "waits": bool(problems)}
    return show(request, page="agreement/_start_concerned.html", context=context)


@for_drafting
@require_POST
def draft(request: Request) -> HttpResponse:
    """The answers become a draft; they stay, so that whoever wants another one changes a step and drafts again."""
    answers = queries.answers_of(request.user)
    if answers is None:
        return redirect_or_swap(request, to="agreement_start")
    if (age := request.POST.get("age", "")) and age != age_of(LAST.code, answers):
        told = _("These answers changed after this page was opened. Here they are as they are now: read them again.")
        return page(request, LAST, answers, {"read": told})
    if refusals(answers):
        return page(request, LAST, answers, {"read": _("Something is still missing.")})
    now = timezone.now()
    version = actions.draft(text=write(answers, here()), by=request.user, now=now)
    fresh = _("Version %(number)s is drafted. It binds nobody until both heads have signed it.")
    same = _("This says the same as version %(number)s: nothing new to sign.")
    told = fresh if version.created_at == now else same
    messages.success(request, told % {"number": version.number})
    onward = "agreement_simulation" if "simulate" in request.POST else "agreement_version"
    return redirect_or_swap(request, to=reverse(onward, args=[version.number]))


@for_drafting
@require_POST
def again(request: Request) -> HttpResponse:
    answers = queries.answers_of(request.user)
    if is_lost(request, answers):
        return ask_first(request, answers)
    actions.forget_answers(by=request.user)
    return redirect_or_swap(request, to="agreement_start")


def page(
    request: Request,
    one: Step,
    answers: Answers | None,
    problems: dict[str, str] | None = None,
    *,
    kept: Answers | None = None,
    shown: str = "",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """`kept`: what is kept when that is not `answers`; whoever saves this page has been shown it."""
    place = number_of(one)
    context: dict[str, Any] = {
        "step": one,
        "number": place,
        "steps": [(each, number_of(each), number_of(each) < place, each == one) for each in STEPS],
        "before": before(one),
        "left": minutes_left(one),
        "begun": answers is not None,
        "errors": problems or {},
        **fields_of(
            one.code, answers, timezone.now(), request.POST if (problems or kept) and request.method == "POST" else None
        ),
        **more,
    }
    context["age"] = request.POST.get("age", "") if problems and one != LAST else age_of(one.code, kept or answers)
    return show(request, page=shown or one.page, context=context, status=422 if problems else status)

"""One lead: what is known on the left, what can be done on the right."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vendange.agreement.stages import IN_SALES, ON_DESK, Stage
from vendange.models import Lead
from vendange.sell import queries
from vendange.web.access import Request, allow, load_or_404
from vendange.web.called import called
from vendange.web.lead import known, panels
from vendange.web.lead.story import story
from vendange.web.points import in_tenths, points_of
from vendange.web.show import show
from vendange.web.worth import worth_of_lead

readers = allow("sales", "manager", "ldr", "marketing")
TABS: Final = ("call", "report", "deal", "return")
BY_STEP: Final = {"accept": "accept", "call": "call", "report": "report"}


@readers
@require_safe
def lead(request: Request, public_id: UUID) -> HttpResponse:
    one = to_read(request, public_id)
    return lead_page(request, one, panel=usual_panel(one, request))


def to_read(request: Request, public_id: UUID) -> Lead:
    """The lead, if this colleague may read it; who held it before is told why they no longer may."""
    once_theirs = queries.once_held_by(request.user).filter(public_id=public_id)
    readable = queries.readable_by(request.user)
    if not readable.filter(public_id=public_id).exists() and once_theirs.exists():
        raise Http404(_("It was given back or went to a colleague."))
    return load_or_404(readable, public_id=public_id)


def usual_panel(one: Lead, request: Request) -> str:
    """What this colleague most likely wants to do now, "" when they only read."""
    if one.owner_id != request.user.pk or Stage(one.stage) not in IN_SALES:
        return ""
    return BY_STEP.get(one.next_step, "deal" if one.stage == Stage.OPPORTUNITY else "report")


def lead_page(
    request: Request,
    one: Lead,
    *,
    panel: str,
    acting: bool = False,
    problems: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The page with one act open; with `problems`, what was typed stands there again beside what to do about it."""
    now = timezone.now()
    context: dict[str, Any] = {
        "lead": one,
        "panel": panel,
        "acting": acting,
        "tabs": tabs(one) if is_mine(request, one) else (),
        "may_reassign": may_reassign(request, one),
        "problems": dict(problems or {}),
        "typed": dict(typed or {}),
        **what_is_known(one, now),
        "acts": known.acts(one, request.user, now),
    }
    context.update(panels.context(panel, one, now, context["problems"], context["typed"]))
    return show(request, page="lead/page.html", context=context, status=422 if problems else 200)


def act_page(request: Request, public_id: UUID, panel: str) -> HttpResponse:
    """The page with this act open; the usual page when the lead has gone past that act, or is not theirs."""
    one = to_read(request, public_id)
    is_open = may_reassign(request, one) if panel == "reassign" else is_mine(request, one) and panel in tabs(one)
    return lead_page(request, one, panel=panel if is_open else usual_panel(one, request), acting=is_open)


def is_mine(request: Request, one: Lead) -> bool:
    return one.owner_id == request.user.pk and Stage(one.stage) in IN_SALES


def may_reassign(request: Request, one: Lead) -> bool:
    return request.user.role == "manager" and Stage(one.stage) in IN_SALES and one.owner is not None


def tabs(one: Lead) -> tuple[str, ...]:
    if one.stage == Stage.PASSED:
        return ("accept", "call", "return")
    if one.stage == Stage.ACCEPTED:
        return ("call", "return")
    return TABS


def what_is_known(one: Lead, now: datetime) -> dict[str, Any]:
    given = known.assignment(one)
    return {
        "lead_type": known.lead_type(one),
        "called": called(one, known.agreement_of(one)),
        "reason": known.reason(one, now),
        "fit": known.scored(one, "fit"),
        "engagement": known.scored(one, "engagement"),
        "fit_total": in_tenths(one.evidence, "fit").total,
        "engagement_total": in_tenths(one.evidence, "engagement").total,
        "points": points_of(one.evidence, known.agreement_of(one), now, at=one.raised_at),
        "worth": worth_of_lead(one, now),
        "review": known.passing_review(one),
        "criteria": known.answered(one) if Stage(one.stage) not in ON_DESK else (),
        "assignment": given,
        "why": known.why(given),
        "story": story(one),
    }

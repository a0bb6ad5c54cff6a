"""The team page. Managers and administrators see each load, marketing the sums, a salesperson their own line (R96)."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from vendange.route import queries
from vendange.web.access import Request, allow
from vendange.web.show import show
from vendange.web.team.board import Board, board_of
from vendange.web.team.decision import explained
from vendange.words import word

SEES_EACH = ("manager", "admin")


@allow("sales", "marketing", *SEES_EACH)
@require_GET
def team(request: Request) -> HttpResponse:
    now = timezone.now()
    role = request.user.role
    board = board_of(now, request.user if role == "sales" else None)
    context: dict[str, Any] = {
        "board": board,
        "sees_each": role in SEES_EACH,
        "sees_bars": role in (*SEES_EACH, "sales"),
        "sees_nobody": role != "sales",
    }
    if role != "sales":
        context["nobody"] = [
            (lead, word("nobody_because", lead.nobody_because)) for lead in queries.with_nobody()[:100]
        ]
    if role in SEES_EACH:
        context["takers"] = queries.takers()
        context |= {"unknown": unknown_sellers(board), **decision_of(request, now)}
        context["may_take"] = role == "manager" and not hasattr(request.user, "salesperson")
    return show(request, page="team/team.html", context=context)


def unknown_sellers(board: Board) -> list[Any]:
    known = {line.salesperson.user_id for line in board.lines}
    return [user for user in queries.sellers() if user.pk not in known]


def decision_of(request: Request, now: datetime) -> dict[str, Any]:
    latest = queries.decisions()
    wanted = request.GET.get("decision", "")
    chosen = next((one for one in latest if str(one.pk) == wanted), latest[0] if latest else None)
    return {"decisions": latest, "explained": explained(chosen) if chosen else None}

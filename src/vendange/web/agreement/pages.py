"""The versions of the agreement, and one of them in words. Everybody who works under it may read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from vendange.agree import queries
from vendange.agree.queries import terms_of
from vendange.models import AgreementVersion, Signature, User
from vendange.web.access import Request, signed_in
from vendange.web.agreement.reading import reading_of
from vendange.web.show import show

MAY_DRAFT = ("marketing", "manager", "admin")
SIDES = ("marketing", "sales")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two signatures: given, or awaited from these heads."""

    code: str
    signature: Signature | None
    heads: Sequence[User]
    is_mine: bool


@signed_in
@require_GET
def agreement(request: Request) -> HttpResponse:
    """The version in force; before the first one, the newest."""
    now = timezone.now()
    versions = queries.versions()
    shown = in_force_among(versions, now) or (versions[0] if versions else None)
    return room(request, versions, shown, now)


@signed_in
@require_GET
def version(request: Request, number: int) -> HttpResponse:
    versions = queries.versions()
    shown = next((one for one in versions if one.number == number), None)
    if shown is None:
        raise Http404(_("There is no version %(number)s of the agreement.") % {"number": number})
    return room(request, versions, shown, timezone.now())


def in_force_among(versions: Sequence[AgreementVersion], now: datetime) -> AgreementVersion | None:
    signed = [one for one in versions if one.status == "signed" and one.in_force_from and one.in_force_from <= now]
    return max(signed, key=lambda one: (one.in_force_from or now, one.number), default=None)


def room(
    request: Request,
    versions: Sequence[AgreementVersion],
    shown: AgreementVersion | None,
    now: datetime,
    *,
    error: str = "",
) -> HttpResponse:
    current = in_force_among(versions, now)
    context: dict[str, Any] = {
        "versions": versions,
        "version": shown,
        "current": current,
        "reading": reading_of(terms_of(shown).agreement) if shown else None,
        "sides": sides_of(shown, request.user) if shown else [],
        "may_draft": request.user.role in MAY_DRAFT,
        "today": localdate(now).isoformat(),
        "error": error,
        "proposed": proposed(shown, now),
        "is_coming": bool(shown and shown.status == "signed" and shown.in_force_from and shown.in_force_from > now),
    }
    return show(request, page="agreement/room.html", context=context, status=422 if error else 200)


def proposed(shown: AgreementVersion | None, now: datetime) -> str:
    """The first day in force, as the other head proposed it; else today."""
    wanted = shown.in_force_from if shown else None
    return localdate(max(wanted, now) if wanted else now).isoformat()


def sides_of(shown: AgreementVersion, user: User) -> list[Side]:
    given = {one.side: one for one in shown.signatures.all() if one.void_at is None}
    heads = queries.heads()
    return [
        Side(
            code=side,
            signature=given.get(side),
            heads=[one for one in heads if one.signs_for == side],
            is_mine=user.signs_for == side and shown.status == "draft" and side not in given,
        )
        for side in SIDES
    ]

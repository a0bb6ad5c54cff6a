"""The room of the agreement: a version in words, what it changes, what is said about it, and who signs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from vendange.agree import queries
from vendange.agree.actions import LONGEST, TAKEN_BACK
from vendange.agree.queries import terms_of
from vendange.agree.rules import day_of, is_coming
from vendange.models import AgreementVersion, Comment, Signature, User
from vendange.web.access import Request, signed_in
from vendange.web.agreement.comparing import SECTIONS, Changed, comparison
from vendange.web.agreement.grid import grid_of
from vendange.web.agreement.marking import marked
from vendange.web.agreement.reading import Reading, reading_of
from vendange.web.agreement.would import is_being_simulated, newest_would
from vendange.web.show import show

MAY_DRAFT: Final = ("marketing", "manager", "admin")
SIDES: Final = ("marketing", "sales")
FEW: Final = 8  # changes told above the words; the page of the comparison has all


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two signatures: given, or awaited from these heads; and those that are void."""

    code: str
    signature: Signature | None
    heads: Sequence[User]
    is_mine: bool
    void: Sequence[Signature]


@dataclass(frozen=True, slots=True)
class Said:
    """A comment as the page shows it: the part it is about, and whether the text was another one then."""

    comment: Comment
    about: str
    is_of_former_text: bool
    may_settle: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A version held against another one."""

    against: AgreementVersion
    changes: Sequence[Changed]
    reading: Reading

    @property
    def count(self) -> int:
        return sum(len(one.changes) for one in self.changes)


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
    return room(request, versions, among(versions, number), timezone.now())


def among(versions: Sequence[AgreementVersion], number: int) -> AgreementVersion:
    shown = next((one for one in versions if one.number == number), None)
    if shown is None:
        raise Http404(_("There is no version %(number)s of the agreement.") % {"number": number})
    return shown


def in_force_among(versions: Sequence[AgreementVersion], now: datetime) -> AgreementVersion | None:
    signed = [one for one in versions if one.status == "signed" and one.in_force_from and one.in_force_from <= now]
    return max(signed, key=lambda one: (one.in_force_from or now, one.number), default=None)


def room(
    request: Request,
    versions: Sequence[AgreementVersion],
    shown: AgreementVersion | None,
    now: datetime,
    *,
    problems: Mapping[str, str] | None = None,
) -> HttpResponse:
    """`problems`: what could not be done, by field; what was typed is shown again."""
    if shown is None:
        context: dict[str, Any] = {"may_draft": request.user.role in MAY_DRAFT}
        return show(request, page="agreement/room.html", context=context)
    current = in_force_among(versions, now)
    context = {
        **context_of(request, versions, shown, current, now),
        "problems": problems or {},
        "typed": request.POST if problems else {},
    }
    return show(request, page="agreement/room.html", context=context, status=422 if problems else 200)


def context_of(
    request: Request,
    versions: Sequence[AgreementVersion],
    shown: AgreementVersion,
    current: AgreementVersion | None,
    now: datetime,
) -> dict[str, Any]:
    coming, is_draft = is_coming(shown.status, shown.in_force_from, now), shown.status == "draft"
    held = held_against(shown, current) if current and current != shown and (is_draft or coming) else None
    user, agreed = request.user, terms_of(shown).agreement
    zone = agreed.calendar.time_zone
    return {
        "versions": versions,
        "version": shown,
        "current": current,
        "is_coming": coming,
        "held": held,
        "few": few(held),
        "reading": held.reading if held else reading_of(agreed),
        "grid": grid_beside(shown, current) if is_draft else None,
        "would": newest_would(shown) if is_draft else None,
        "is_being_simulated": is_draft and is_being_simulated(shown),
        "sides": sides_of(shown, user),
        "said": said_about(shown, user),
        "sections": sections(),
        "may_draft": user.role in MAY_DRAFT,
        "may_refuse": is_draft and bool(user.signs_for),
        "may_withdraw": (is_draft and user.role in MAY_DRAFT) or (coming and bool(user.signs_for)),
        "may_take_up": shown.status in TAKEN_BACK and user.role in MAY_DRAFT,
        "supersedes": supersedes(versions, shown, now) if is_draft else [],
        "today": day_of(now, zone).isoformat(),
        "agreed_day": shown.in_force_from if is_draft and shown.in_force_from and shown.in_force_from > now else None,
        "begins": day_of(shown.in_force_from, zone) if shown.in_force_from else None,
        "time_zone": zone,
        "longest": LONGEST,
    }


def held_against(shown: AgreementVersion, other: AgreementVersion) -> Held:
    before, after = terms_of(other).agreement, terms_of(shown).agreement
    return Held(other, comparison(before, after), marked(reading_of(before), reading_of(after)))


def few(held: Held | None) -> list[Any]:
    """The first changes, each with its section."""
    return [(one.title, change) for one in (held.changes if held else ()) for change in one.changes][:FEW]


def grid_beside(shown: AgreementVersion, current: AgreementVersion | None) -> Any:
    against = terms_of(current).agreement if current else None
    return grid_of(terms_of(shown).agreement, against, name=str(shown), against_name=str(current) if current else "")


def supersedes(
    versions: Sequence[AgreementVersion], shown: AgreementVersion, now: datetime
) -> Sequence[AgreementVersion]:
    """Signed versions whose day has not come: those for the same day or a later one would never begin."""
    begins = shown.in_force_from or now
    return [
        one
        for one in versions
        if is_coming(one.status, one.in_force_from, now) and one.in_force_from and one.in_force_from >= begins
    ]


def sections() -> list[tuple[str, str]]:
    """What a comment may be about: the first code of each title."""
    titles: dict[str, str] = {}
    for code, title in SECTIONS.items():
        titles.setdefault(str(title), code)
    return [(code, title) for title, code in titles.items() if code != "name"]


def said_about(shown: AgreementVersion, user: User) -> list[Said]:
    return [
        Said(
            comment=one,
            about=str(SECTIONS.get(one.about, "")),
            is_of_former_text=one.sha != shown.sha,
            may_settle=not one.settled_at and not one.refuses and may_settle(one, user),
        )
        for one in queries.comments_of(shown)
    ]


def may_settle(one: Comment, user: User) -> bool:
    """Who said it, and who writes the agreement."""
    return one.by_id == user.pk or user.role in MAY_DRAFT


def sides_of(shown: AgreementVersion, user: User) -> list[Side]:
    signatures = list(shown.signatures.all())
    given = {one.side: one for one in shown.standing}
    heads = queries.heads()
    return [
        Side(
            code=side,
            signature=given.get(side),
            heads=[one for one in heads if one.signs_for == side],
            is_mine=user.signs_for == side and shown.status == "draft" and side not in given,
            void=[one for one in signatures if one.side == side and one.void_at],
        )
        for side in SIDES
    ]

"""The only place that sets the stage of a lead. Checks that the move is legal, writes the Move, keeps the invariant:
an open lead has a holder (a person, the desk, nurture, or the visible "nobody" queue with its reason) and a next date.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from vendange.agreement.sentence import Cannot, Code, sentence
from vendange.agreement.stages import CLOSED, Holder, Stage, may_move
from vendange.models import Lead, Move, Trail, User
from vendange.models.each import add_each, update_each
from vendange.models.locking import Locking
from vendange.models.trail import line

LEAD: Final = Locking(Lead, "t0.id = %s", ("person", "organisation", "agreement"), (("agreementversion", "text"),))
COLUMNS: Final = tuple(field.name for field in Lead._meta.concrete_fields if not field.primary_key)


class MoveRefused(Cannot):
    """The house rules do not allow this move; the message says from where to where."""


@dataclass(frozen=True, slots=True)
class Next:
    """Who holds an open lead from now on, until when, for what."""

    holder: Holder
    at: datetime
    step: str
    owner: User | None = None
    nobody_because: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """A lead about to be opened: unsaved, with who holds it first and why it is here."""

    lead: Lead
    then: Next
    because: str
    detail: Mapping[str, Any] = field(default_factory=dict)


def locked(lead: Lead) -> Lead:
    """The lead as it is now, locked until the end of the transaction: whoever comes second waits, then sees."""
    found = LEAD.first([lead.pk])
    if found is None:
        raise Lead.DoesNotExist
    return found


def begin(starts: Sequence[Start], *, by: User | None, now: datetime) -> None:
    """Open unsaved leads as alerts, in three questions to the database. The first move is dated when each ripened."""
    leads = [start.lead for start in starts]
    for start in starts:
        start.lead.opened_at = now
        _stand(start.lead, Stage.ALERT, start.then, now)
    Lead.objects.bulk_create(leads, batch_size=200)
    first = [_move_of(one.lead, "", one.because, by, min(one.lead.raised_at, now), one.detail) for one in starts]
    add_each(first)
    told = [_line_of(one.lead, "", one.because, by, now, one.detail) for one in starts]
    add_each(told)


def move(
    lead: Lead,
    *,
    to: Stage,
    because: str,
    by: User | None,
    now: datetime,
    then: Next | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Move a lead; `then` is mandatory unless the stage closes it. The caller holds the lock."""
    before = Stage(lead.stage)
    if not may_move(before, to):
        raise MoveRefused(
            sentence(
                "A lead cannot go from {before} to {to}. Reload the page to see where it is now.",
                before=Code("stage", before),
                to=Code("stage", to),
            )
        )
    if (then is None) != (to in CLOSED):
        raise ValueError(f"{to} {'closes a lead: nothing comes next' if to in CLOSED else 'needs to say what is next'}")
    _stand(lead, to, then, now)
    update_each([lead], COLUMNS)
    _tell(lead, str(before), because, by, now, detail)


def wait(lead: Lead, *, then: Next) -> None:
    """Same stage, another next date or holder: a call back, a postponed step, a colleague who takes over."""
    _stand(lead, Stage(lead.stage), then, None)
    update_each([lead], COLUMNS)


def _stand(lead: Lead, stage: Stage, then: Next | None, now: datetime | None) -> None:
    lead.stage = str(stage)
    if then is None:
        lead.closed_at, lead.next_at, lead.next_step, lead.nobody_because = now, None, "", ""
        return
    lead.closed_at = None
    lead.holder, lead.owner, lead.nobody_because = str(then.holder), then.owner, then.nobody_because
    lead.next_at, lead.next_step = then.at, then.step


def _tell(
    lead: Lead, before: str, because: str, by: User | None, now: datetime, detail: Mapping[str, Any] | None
) -> None:
    add_each([_move_of(lead, before, because, by, now, detail or {})])
    add_each([_line_of(lead, before, because, by, now, detail or {})])


def _move_of(lead: Lead, before: str, because: str, by: User | None, at: datetime, detail: Mapping[str, Any]) -> Move:
    return Move(
        lead=lead,
        from_stage=before,
        to_stage=lead.stage,
        at=at,
        by=by,
        because=because,
        detail=dict(detail),
        agreement_id=lead.agreement_id,
    )


def _line_of(lead: Lead, before: str, because: str, by: User | None, now: datetime, detail: Mapping[str, Any]) -> Trail:
    told = {"from": before, "to": lead.stage, "because": because, "holder": lead.holder, **detail}
    return line(f"lead.{lead.stage}", lead, at=now, by=by, detail=told, agreement_sha=lead.agreement.sha)

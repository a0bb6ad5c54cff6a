"""Writes what came back and where addresses stand."""

from datetime import date, datetime

from django.db import transaction

from vendange.models import Address, MailIn, User
from vendange.models.trail import record as tell
from vendange.reach.rules import Standing


def keep(
    *, key: str, kind: str, email: str, status: str = "", detail: str = "", ignored: str = "", received_at: datetime
) -> MailIn | None:
    """Keep what one message was; None when it was kept before."""
    row, fresh = MailIn.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "email": email.replace("\0", "")[:254],
            "status": status[:12],
            "detail": detail.replace("\0", "")[:500],
            "ignored": ignored,
            "received_at": received_at,
        },
    )
    return row if fresh else None


@transaction.atomic
def stand(
    *, email: str, standing: Standing, status: str = "", said: str = "", by: User | None, now: datetime
) -> Address:
    """An address comes to stand there; a change of state is told in the trail."""
    row, _ = Address.objects.select_for_update().get_or_create(
        email=email.strip().lower()[:254], defaults={"state": "open", "changed_at": now}
    )
    changed = row.state != standing.state
    row.state, row.soft, row.changed_at = standing.state, standing.soft, standing.since
    row.status, row.said = status[:12], said[:500]
    row.save()
    if changed:
        tell(f"address.{standing.state}", row, at=now, by=by, detail={"status": status, "soft": standing.soft})
    return row


def away(*, email: str, until: date, now: datetime) -> None:
    """An automatic reply said plainly until when nobody reads there. It changes nothing else."""
    row, _ = Address.objects.get_or_create(
        email=email.strip().lower()[:254], defaults={"state": "open", "changed_at": now}
    )
    row.away_until = until
    row.save(update_fields=["away_until"])


@transaction.atomic
def works_again(*, address: Address, by: User, now: datetime) -> bool:
    """A human knows better than the last failure. A complaint is no failure: only the person can take it back."""
    row = Address.objects.select_for_update().get(pk=address.pk)
    if row.state not in ("dead", "soft"):
        return False
    row.state, row.soft, row.changed_at = "open", 0, now
    row.save(update_fields=["state", "soft", "changed_at"])
    tell("address.open", row, at=now, by=by, detail={"was": row.status})
    return True

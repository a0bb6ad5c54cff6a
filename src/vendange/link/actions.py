"""Writes tracked links, and each time that somebody who allows it follows one."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from vendange.link.rules import destination, new_token
from vendange.models import Followed, Signal, Source, TrackedLink, User
from vendange.models.each import update_each
from vendange.models.trail import record

SOURCE: Final = "Tracked links"
# When a followed link is looked at again with what is known then: scanners show themselves soon, readers in a day.
LOOKS: Final = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=24))
NETWORK_KEPT: Final = timedelta(hours=24)


@transaction.atomic
def add_link(
    *,
    kind: str,
    name: str,
    leads_to: str,
    source: Source,
    by: User | None,
    now: datetime,
    campaign: str = "",
    channel: str = "",
    topic: str = "",
    asset: str = "",
) -> TrackedLink:
    """A new address of ours. Raises BadDestination; a pixel leads nowhere."""
    link = TrackedLink.objects.create(
        token=new_token(),
        kind=kind,
        name=name.strip()[:120],
        destination=destination(leads_to) if kind == "link" else "",
        campaign=campaign.strip()[:200],
        channel=channel.strip()[:60],
        topic=topic.strip()[:80],
        asset=asset.strip()[:200],
        source=source,
        created_at=now,
        by=by,
    )
    record("link.added", link, at=now, by=by, detail={"name": link.name, "kind": kind, "destination": link.destination})
    return link


@transaction.atomic
def close_link(*, link: TrackedLink, by: User | None, now: datetime) -> None:
    """From now on it leads to a page that says so. Closing twice is closing once."""
    if link.closed_at is None:
        link.closed_at = now
        link.save(update_fields=["closed_at"])
        record("link.closed", link, at=now, by=by, detail={"name": link.name})


@transaction.atomic
def addresses_made(*, link: TrackedLink, people: int, marked: int, by: User | None, now: datetime) -> None:
    """That addresses for a mailing were made, and for how many: who did it can be asked later."""
    record("link.addressed", link, at=now, by=by, detail={"name": link.name, "people": people, "marked": marked})


def keep(pairs: Sequence[tuple[Signal, tuple[int, str]]], now: datetime) -> list[Followed]:
    """Followings of people who allow it: each signal with its link, and the network that it came through."""
    rows = [
        Followed(
            link_id=link,
            person_id=signal.person_id,
            signal=signal,
            at=signal.occurred_at,
            network=network,
            again_at=next_look(signal.occurred_at, now),
        )
        for signal, (link, network) in pairs
    ]
    return Followed.objects.bulk_create(rows, batch_size=500)


def next_look(at: datetime, now: datetime) -> datetime | None:
    return next((at + after for after in LOOKS if at + after > now), None)


def forget(rows: Sequence[Followed]) -> None:
    """These followings go, and the signals that they were: nobody can be shown or judged by them any more."""
    Signal.objects.filter(pk__in=[one.signal_id for one in rows]).delete()


def looked_at(rows: Iterable[Followed], now: datetime) -> None:
    """They were judged now; when next, and no network any more of those that are a day old."""
    found = list(rows)
    for one in found:
        one.again_at = next_look(one.at, now)
        if one.at <= now - NETWORK_KEPT:
            one.network = ""
    update_each(found, ["again_at", "network"])

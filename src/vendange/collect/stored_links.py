"""The tracked links as they stand in the database."""

from django.db import connection

from vendange.collect.links import Link
from vendange.link.rules import leads_to
from vendange.models import TrackedLink

COLUMNS = ("token", "kind", "source_id", "destination", "campaign", "channel", "topic", "asset", "closed_at")


def read_links() -> dict[str, Link]:
    try:
        return {row[0]: _link(*row) for row in TrackedLink.objects.values_list(*COLUMNS)}
    finally:
        connection.close()


def _link(
    token: str,
    kind: str,
    source: int,
    destination: str,
    campaign: str,
    channel: str,
    topic: str,
    asset: str,
    closed_at: object,
) -> Link:
    to = leads_to(destination, campaign=campaign, channel=channel) if destination else ""
    return Link(token, kind, source, to, campaign, channel, topic, asset, closed_at is None)

"""The write keys as they stand in the database."""

from typing import Final

from django.db import connection
from django.db.models import QuerySet

from vendange.collect.sources import Known
from vendange.engine.sites import site_of
from vendange.models import Source

NOT_POSTED_TO: Final = ("import", "desk", "link", "mail")


def read_sources() -> dict[str, Known]:
    return _read(Source.objects.filter(closed_at=None).exclude(kind__in=NOT_POSTED_TO))


def read_mail_doors() -> dict[str, Known]:
    """The doors of mail providers, by the key in their address."""
    return _read(Source.objects.filter(closed_at=None, kind="mail"))


def _read(sources: QuerySet[Source]) -> dict[str, Known]:
    rows = sources.exclude(write_key="")
    try:
        return {
            key: Known(number, tuple(site_of(str(one)) or str(one) for one in origins))
            for key, number, origins in rows.values_list("write_key", "id", "allowed_origins")
        }
    finally:
        connection.close()

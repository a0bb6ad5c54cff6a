"""The write keys as they stand in the database."""

from typing import Final

from django.db import connection

from vendange.collect.sources import Known
from vendange.models import Source

NOT_POSTED_TO: Final = ("import", "desk", "link")


def read_sources() -> dict[str, Known]:
    rows = Source.objects.filter(closed_at=None).exclude(kind__in=NOT_POSTED_TO).exclude(write_key="")
    try:
        return {
            key: Known(number, tuple(str(one).rstrip("/") for one in origins))
            for key, number, origins in rows.values_list("write_key", "id", "allowed_origins")
        }
    finally:
        connection.close()

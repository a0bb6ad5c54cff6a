"""Files that come in, for tests: a few people of a fair, taken in and taken back."""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model

from vendange.bring import actions as bring
from vendange.journey import bringing, taking_back
from vendange.journey.rehearsing import Tally
from vendange.models import (
    Consent,
    Fact,
    Identity,
    ImportBatch,
    Lead,
    Measure,
    Organisation,
    Person,
    Signal,
    User,
)

HEADER = "E-mail,Prénom,Nom,Société,Fonction,Pays"
CONSENT = {"basis": "informed", "channel": ["email"], "wording": "fair-2026"}
MAP = {
    "columns": {
        "email": "E-mail",
        "first_name": "Prénom",
        "last_name": "Nom",
        "organisation": "Société",
        "job_title": "Fonction",
        "country": "Pays",
    }
}
HOW: Mapping[str, Any] = {"map": MAP, "origin": "Fair in Lyon", "consent": CONSENT, "regime": "professional"}


def row(number: int, **said: str) -> str:
    fields = {
        "email": f"p{number}@firm{number % 4}.example",
        "first": "Jo", "last": f"L{number}", "firm": f"Firm {number % 4}",
        "job": "Buyer", "country": "FR", **said,
    }  # fmt: skip
    return ",".join(fields.values())


def came(
    rows: Sequence[str], how: Mapping[str, Any] = HOW, header: str = HEADER, by: User | None = None
) -> ImportBatch:
    raw = io.BytesIO("\n".join([header, *rows, ""]).encode())
    batch = bring.bring(raw, "people.csv", by, datetime.now(UTC))
    bring.choose(batch, how, datetime.now(UTC))
    return batch


def told(*_: object) -> None:
    """Nobody listens."""


def taken(batch: ImportBatch) -> Tally:
    tally = bringing.carry(batch, told, lambda: False)
    batch.refresh_from_db()
    return tally


def back(batch: ImportBatch, by: User | None = None) -> Mapping[str, Any]:
    said = taking_back.take_back(batch, by, told, lambda: False)
    batch.refresh_from_db()
    stayed: Mapping[str, Any] = said["stayed"]
    return stayed


TABLES: Sequence[type[Model]] = (Person, Organisation, Identity, Fact, Consent, Signal, Lead, Measure)
LEFT_OUT: Mapping[type[Model], set[str]] = {
    Measure: {"id", "as_of"}
}  # people who wait to be measured again are no trace of a file


def stand() -> dict[str, Any]:
    """Every row of what an import may write; what is made anew bears no number."""
    return {
        table.__name__: sorted(
            (
                {k: v for k, v in one.items() if k not in LEFT_OUT.get(table, ())}
                for one in table._default_manager.values()
            ),
            key=str,
        )
        for table in TABLES
    }

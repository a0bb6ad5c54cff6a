"""The first rows of a file as they will be read, for people to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from vendange.agreement.sentence import Cannot
from vendange.bring.queries import PreviewRow, preview
from vendange.bring.rules import GONE, OBJECTIONS
from vendange.models import ImportBatch
from vendange.sheets.cells import YES
from vendange.sheets.column_map import BadMap
from vendange.sheets.dates import ISO, NoSuchDate, read_date
from vendange.web import moments
from vendange.web.bringing.fields import word_of
from vendange.web.bringing.forms import time_zone
from vendange.web.bringing.refusing import of_row
from vendange.web.people.labels import CODES
from vendange.words import said, word

ROWS: Final = 10
NOT_SAID: Final = "–"
REACHED: Final = ("email", "phone", "external_id", "user_id")
PLACE: Final = ("postal_code", "city", "organisation_country", "domain")
OF_CONSENT: Final = frozenset({"consent", "consent_at", *OBJECTIONS, *GONE})
ABOVE: Final = frozenset({"first_name", "last_name", "name", "organisation", "occurred_at", *REACHED, *PLACE})


@dataclass(frozen=True, slots=True)
class Seen:
    """One row. `refused`: why it cannot be taken, and then nothing else is said but its cells."""

    line: int
    cells: Sequence[str]
    refused: str = ""
    name: str = ""
    reached: Sequence[str] = ()
    company: str = ""
    place: str = ""
    did: str = ""
    when: str = ""
    consent: Sequence[tuple[str, str]] = ()  # what is said of being contacted, with its colour
    rest: Sequence[tuple[str, str]] = ()


def first_rows(batch: ImportBatch, how: Mapping[str, Any], now: datetime) -> tuple[list[Seen], list[str]]:
    """The rows by what has been said so far, or why the map cannot be used yet."""
    try:
        rows = preview(batch, ROWS, how=with_defaults(how))
    except BadMap as wrong:
        return [], [f"{said(one.what)} {said(one.remedy)}" for one in wrong.problems]
    except Cannot as wrong:
        return [], [said(wrong)]
    return [seen_of(row, how, now) for row in rows], []


def with_defaults(how: Mapping[str, Any]) -> dict[str, Any]:
    """What is not said yet must not keep anybody from looking: an origin, and what belongs to what is chosen."""
    known = dict(how.get("map", {}))
    columns = known.get("columns", {})
    filled = {**how, "map": known, "origin": how.get("origin") or NOT_SAID}
    consent = how.get("consent", {})
    basis = consent.get("basis", "")
    lacks_column = basis == "column" and "consent" not in columns
    if lacks_column:
        filled["consent"] = {}
    elif basis in ("given", "informed", "column"):
        proof = {"wording": consent.get("wording") or NOT_SAID, "channel": consent.get("channel") or ["email"]}
        filled["consent"] = {**consent, **proof}
    if how.get("regime") == "column" and "regime" not in columns:
        filled["regime"] = ""
    if how.get("signal") and "occurred_at" not in columns:
        filled["signal"] = known["signal"] = ""
    return filled


def seen_of(row: PreviewRow, how: Mapping[str, Any], now: datetime) -> Seen:
    if row.refused:
        return Seen(row.line, [cell for cell in row.cells if cell], refused=of_row(row.refused, how))
    fields = {name: shown(name, text) for name, text in row.fields.items()}
    left = {name: text for name, text in fields.items() if name not in ABOVE | OF_CONSENT}
    return Seen(
        row.line,
        row.cells,
        name=f"{fields.get('first_name', '')} {fields.get('last_name', '')}".strip() or fields.get("name", ""),
        reached=[fields[name] for name in REACHED if name in fields],
        company=fields.get("organisation", ""),
        place=" · ".join(fields[name] for name in PLACE if name in fields),
        did=str(word("kind", how["signal"])) if how.get("signal") else "",
        when=day_of(fields.get("occurred_at", ""), how, now),
        consent=contact_of(row, fields, how),
        rest=[(word_of(name), text) for name, text in left.items()],
    )


def shown(name: str, text: str) -> str:
    return str(word(CODES[name], text)) if name in CODES else text


def day_of(text: str, how: Mapping[str, Any], now: datetime) -> str:
    """The date of a cell in words, so that a day taken for a month is seen."""
    shape = how.get("map", {}).get("date", {}).get("format") or ISO
    try:
        at, only_day = read_date(text, format=shape, zone=ZoneInfo(time_zone()), latest=now)
    except NoSuchDate:
        return ""
    at = at.astimezone(ZoneInfo(time_zone()))
    return moments.full_day(at) if only_day else f"{moments.full_day(at)}, {moments.clock(at)}"


def contact_of(row: PreviewRow, fields: Mapping[str, str], how: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What this row says of being contacted: objections first, then what the file or the row allows."""
    refusals = [(word_of(name), "bad") for name in OBJECTIONS if is_yes(fields.get(name, ""))]
    consent = how.get("consent") or {}
    basis, channels = (
        consent.get("basis", ""),
        ", ".join(str(word("channel", one)) for one in consent.get("channel", [])),
    )
    if basis == "column":
        told = fields.get("consent", "")
        agreed = is_yes(told)
        basis = ("given" if agreed else "refused") if told else "none"
    words = {
        "given": (_("agreed: %(channels)s") % {"channels": channels}, "good"),
        "refused": (_("refused: %(channels)s") % {"channels": channels}, "bad"),
        "informed": (_("informed, could refuse"), "good"),
        "contract": (_("customer, for the contract"), "good"),
        "none": (_("nobody knows: not contacted"), "warn"),
        "undated": (_("agreed, but no date: nobody may be contacted on it"), "warn"),
    }
    basis = "undated" if row.undated else basis
    old = [(_("agreed to calls over a year ago: not called"), "warn")] if row.old_call else []
    return [*refusals, *([words[basis]] if basis in words else []), *old]


def is_yes(text: str) -> bool:
    return text.strip().lower() in YES

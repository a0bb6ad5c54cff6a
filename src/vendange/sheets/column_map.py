"""The map: what the columns of a file mean. From YAML with the line and the remedy of every mistake, or from JSON."""

import hashlib
import json
import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from vendange.agreement.places import Place
from vendange.agreement.problems import NotAnAgreement, Problem, nearest
from vendange.agreement.sentence import Sentence, sentence
from vendange.agreement.vocabulary import KIND_PATTERN, KINDS
from vendange.agreement.yaml_tree import Listing, Node, Table, Text, read_tree
from vendange.sheets.dates import FORMATS, ISO
from vendange.sheets.encoding import KNOWN
from vendange.sheets.signs import SEPARATORS
from vendange.sheets.terms import ConsentTerms, Terms, read_terms

Kind = Literal["people", "deals"]
KEYS: Final = ("external_id", "user_id", "email")
# Field → the longest text it holds.
TRAITS: Final[Mapping[str, int]] = {
    "first_name": 120,
    "last_name": 120,
    "job_title": 160,
    "level": 20,
    "role": 20,
    "phone": 60,
    "language": 5,
    "country": 2,
    "source": 80,
    "regime": 20,
    "organisation": 200,
    "organisation_id": 190,
    "domain": 190,
    "registry_number": 30,
    "organisation_country": 2,
    "employees": 10,
    "industry": 20,
    "postal_code": 12,
    "city": 120,
    "region": 10,
    "tier": 20,
    "parent_organisation": 200,
}
SIGNAL_FIELDS: Final[Mapping[str, int]] = {
    "path": 500,
    "asset": 200,
    "campaign": 200,
    "channel": 60,
    "topic": 80,
    "value": 30,
}
# What each row says of itself: who collected it, whether the person may be contacted, whether it is still there.
SAID_OF_ROW: Final[Mapping[str, int]] = {
    "origin": 120,
    "consent": 60,
    "consent_at": 60,
    "do_not_email": 20,
    "do_not_call": 20,
    "do_not_contact": 20,
    "deleted": 20,
    "active": 20,
}
PEOPLE_FIELDS: Final = (*KEYS, "occurred_at", "name", *SIGNAL_FIELDS, *TRAITS, *SAID_OF_ROW)
DEAL_FIELDS: Final = (
    "external_id",
    "closed_at",
    "status",
    "amount",
    "currency",
    "qualified_by",
    "sold_by",
    "lost_reason",
)
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {"people": PEOPLE_FIELDS, "deals": DEAL_FIELDS}
TOP: Final = (
    "source",
    "kind",
    "signal",
    "columns",
    "values",
    "facts",
    "ignore",
    "row_key",
    "date",
    "decimal",
    "encoding",
    "separator",
    "sheet",
    "consent",
    "keep_filled",
    "regime",
)
FACT_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
START: Final = sentence("Start from one of examples/maps.")


class BadMap(Exception):
    """The map cannot be used; `problems` says where, what and what to do."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """`columns` and `facts`: field → column. `values`: field → the same text for every row."""

    name: str
    sha: str
    source: str
    kind: Kind
    signal: str
    columns: Mapping[str, str]
    values: Mapping[str, str]
    facts: Mapping[str, str]
    ignore: tuple[str, ...]
    row_key: tuple[str, ...]
    date_format: str
    time_zone: str
    decimal: str
    encoding: str
    separator: str
    sheet: str = ""
    terms: Terms = field(default_factory=Terms)

    @property
    def names(self) -> tuple[str, ...]:
        """Every column that the map speaks of, each once."""
        consent = (self.terms.consent.column,) if self.terms.consent and self.terms.consent.column else ()
        named = (*self.columns.values(), *self.facts.values(), *self.row_key, *self.ignore, *consent)
        return tuple(dict.fromkeys(named))


def load_map(path: Path, *, time_zone: str) -> ColumnMap:
    """The map in this file; `time_zone` holds where the map names none. Raises BadMap with all problems."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadMap(
            [
                Problem(
                    1,
                    "",
                    sentence("{path} cannot be read: {why}.", path=path, why=error.strerror),
                    sentence("Check the path."),
                )
            ]
        ) from None
    if not raw.strip():
        raise BadMap([Problem(1, "", sentence("The map is empty."), START)])
    return read_map(raw, name=path.name, time_zone=time_zone)


def read_map(raw: bytes, *, name: str, time_zone: str) -> ColumnMap:
    problems: list[Problem] = []
    try:
        top = Place(read_tree(raw, problems), "", problems)
    except NotAnAgreement as error:
        raise BadMap(list(error.problems)) from None
    found = _read(top, name, hashlib.sha256(raw).hexdigest(), time_zone)
    if problems:
        raise BadMap(problems)
    return found


def map_from(said: Mapping[str, Any], *, name: str = "", time_zone: str) -> ColumnMap:
    """The map in this JSON, which has the fields of a map in YAML. Raises BadMap; `where` names each place."""
    problems: list[Problem] = []
    raw = json.dumps(said, sort_keys=True, ensure_ascii=False).encode()
    found = _read(Place(_node(said), "", problems), name, hashlib.sha256(raw).hexdigest(), time_zone)
    if problems:
        raise BadMap(problems)
    return found


def as_json(known: ColumnMap) -> dict[str, Any]:
    """The same as `map_from` reads it and as it is written in YAML; what is as always is left out."""
    terms = known.terms
    said: dict[str, Any] = {
        "source": known.source,
        "kind": known.kind,
        "signal": known.signal,
        "columns": dict(known.columns),
        "values": dict(known.values),
        "facts": dict(known.facts),
        "ignore": list(known.ignore),
        "row_key": list(known.row_key),
        "date": {"format": known.date_format, "time_zone": known.time_zone},
        "decimal": {",": "comma", ".": "point"}[known.decimal],
        "encoding": known.encoding,
        "separator": known.separator,
        "sheet": known.sheet,
        "consent": terms.consent.as_json() if terms.consent else None,
        "regime": terms.regime,
    }
    if not terms.keep_filled:
        said["keep_filled"] = False
    return {name: value for name, value in said.items() if value not in ("", None, {}, [])}


def _node(said: object) -> Node:
    """JSON as the tree that YAML gives: texts only, on the first line."""
    if isinstance(said, Mapping):
        return Table(1, {str(name): (1, _node(value)) for name, value in said.items()})
    if isinstance(said, list | tuple):
        return Listing(1, [_node(one) for one in said])
    if isinstance(said, bool):
        return Text(1, "true" if said else "false", quoted=False)
    return Text(1, "" if said is None else str(said), quoted=isinstance(said, str) and bool(said))


def _read(top: Place, name: str, sha: str, time_zone: str) -> ColumnMap:
    at = top.fields(TOP, needed=("source", "kind", "columns"))
    kind: Kind = "deals" if "kind" in at and at["kind"].one_of(("people", "deals")) == "deals" else "people"
    date = at["date"].fields(("format", "time_zone")) if "date" in at else {}
    found = ColumnMap(
        name=name,
        sha=sha,
        source=_short(at["source"], 80) if "source" in at else "",
        kind=kind,
        signal=_signal(at.get("signal")),
        columns=_texts(at.get("columns"), FIELDS[kind]),
        values=_texts(at.get("values"), tuple(name for name in FIELDS[kind] if name not in KEYS)),
        facts=_facts(at.get("facts")),
        ignore=_list(at.get("ignore")),
        row_key=_list(at.get("row_key")),
        date_format=date["format"].one_of(FORMATS) if "format" in date else ISO,
        time_zone=_zone(date["time_zone"]) if "time_zone" in date else time_zone,
        decimal={"comma": ",", "point": "."}[at["decimal"].one_of(("point", "comma"))] if "decimal" in at else ".",
        encoding=at["encoding"].one_of(KNOWN) if "encoding" in at else "",
        separator=at["separator"].one_of(tuple(SEPARATORS)) if "separator" in at else "",
        sheet=at["sheet"].text() if "sheet" in at else "",
        terms=read_terms(at),
    )
    _check(found, top, at)
    consent = found.terms.consent
    if consent and consent.column:
        return replace(found, columns={**found.columns, "consent": consent.column})
    return found


def _check(found: ColumnMap, top: Place, at: Mapping[str, Place]) -> None:
    columns = at.get("columns", top)
    for name in found.values:
        if name in found.columns:
            at["values"].refuse(
                sentence("{field} is both a column and a value.", field=name), sentence("Keep one of the two.")
            )
    for column in found.ignore:
        if column in (*found.columns.values(), *found.facts.values()):
            at["ignore"].refuse(
                sentence("{column} is both read and ignored.", column=column), sentence("Keep one of the two.")
            )
    for both in found.facts.keys() & set(FIELDS["people"]):
        at["facts"].refuse(
            sentence("{field} is a field of its own.", field=both),
            sentence("Write it under columns: {field}.", field=both),
        )
    if found.kind == "people":
        _check_people(found, columns, at)
    else:
        _check_deals(found, columns, at)


def _check_people(found: ColumnMap, columns: Place, at: Mapping[str, Place]) -> None:
    _check_terms(found, columns, at)
    if found.columns and not set(KEYS) & set(found.columns):
        columns.refuse(
            sentence("No column says who the person is."), sentence("Map one of: {names}.", names=", ".join(KEYS))
        )
    if found.signal and "occurred_at" not in found.columns and "occurred_at" not in found.values:
        at["signal"].refuse(
            sentence("A signal needs the date on which it happened."),
            sentence("Map the column of the date: occurred_at."),
        )
    told = set(SIGNAL_FIELDS) & {*found.columns, *found.values}
    if told and not found.signal:
        columns.refuse(
            sentence("{field} belongs to a signal.", field=min(told)), sentence("Say which: signal: form_submitted.")
        )


def _check_terms(found: ColumnMap, columns: Place, at: Mapping[str, Place]) -> None:
    consent = found.terms.consent or ConsentTerms("none")
    if consent.basis == "column" and consent.column and found.columns.get("consent", consent.column) != consent.column:
        columns.refuse(sentence("Two columns hold the consent."), sentence("Keep one of the two."))
    if found.terms.consent and consent.basis != "column" and "consent" in found.columns:
        at["consent"].refuse(
            sentence("A column says whether each person agreed, and the file says it of all."),
            sentence("Write basis: column, or leave the column out."),
        )
    told = {*found.columns, *found.values}
    if found.terms.regime == "column" and "regime" not in told:
        at["regime"].refuse(
            sentence("No column says who is a private person and who a professional."),
            sentence("Map a column to {field}, or give it under values.", field="regime"),
        )


def _check_deals(found: ColumnMap, columns: Place, at: Mapping[str, Place]) -> None:
    told = {*found.columns, *found.values}
    needed = (
        ("external_id", sentence("Nothing says whose deal it is.")),
        ("closed_at", sentence("Nothing says when it ended.")),
        ("status", sentence("Nothing says won or lost.")),
    )
    for name, what in needed:
        if found.columns and name not in told:
            columns.refuse(
                what,
                sentence("Map a column to {field}, or give it under values.", field=name),
            )
    if "amount" in told and "currency" not in told:
        columns.refuse(sentence("An amount needs a currency."), sentence("Add under values: currency: EUR."))
    for name in ("signal", "facts", "consent", "regime", "keep_filled"):
        if name in at:
            at[name].refuse(sentence("A file of deals has no {name}.", name=name), sentence("Remove this field."))


def _texts(place: Place | None, allowed: tuple[str, ...]) -> Mapping[str, str]:
    return {name: below.text() for name, below in place.fields(allowed).items()} if place else {}


def _facts(place: Place | None) -> Mapping[str, str]:
    if place is None or not isinstance(place.node, Table):
        if place:
            place.refuse(sentence("A table is expected here."), sentence("Write name: column."))
        return {}
    for name in place.node.fields:
        if not FACT_NAME.fullmatch(name):
            place.refuse(
                sentence("{name} cannot name a fact.", name=name),
                sentence("Use lower-case letters, digits and _: catalogue_size."),
            )
    return _texts(place, tuple(place.node.fields))


def _list(place: Place | None) -> tuple[str, ...]:
    if place is None:
        return ()
    return tuple(below.text() for below in (place.items() if place.is_list() else [place]))


def _short(place: Place, most: int) -> str:
    text = place.text()
    if len(text) > most:
        place.refuse(sentence("This name is too long."), sentence("Use at most {most} characters.", most=most))
    return text


def _signal(place: Place | None) -> str:
    kind = place.text() if place else ""
    if place and kind and kind not in KINDS:
        near = nearest(kind, KINDS)
        if near or not re.fullmatch(KIND_PATTERN, kind):
            place.refuse(
                sentence("{kind} is not a known kind of signal.", kind=kind),
                sentence("Did you mean {near}?", near=near) if near else _kinds(),
            )
    return kind


def _kinds() -> Sentence:
    return sentence("Use one of {names}, or another name in lower-case letters, digits and _.", names=", ".join(KINDS))


def _zone(place: Place) -> str:
    name = place.text()
    zones = zoneinfo.available_timezones()
    if name in zones:
        return name
    near = nearest(name, zones) or nearest(name.title(), zones)
    remedy = sentence("Did you mean {near}?", near=near) if near else sentence("Write a name such as Europe/Paris.")
    place.refuse(sentence("{name} is not a known time zone.", name=name), remedy)
    return "UTC"

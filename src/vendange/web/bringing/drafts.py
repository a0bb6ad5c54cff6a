"""A file whose map is being made: what was found of it, what was said so far, what is missing, and its first rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendange.agreement.sentence import Sentence
from vendange.bring import queries
from vendange.bring.rules import change_of, too_long_ago
from vendange.models import ImportBatch
from vendange.sheets.column_map import KEYS, SIGNAL_FIELDS
from vendange.sheets.encoding import KNOWN
from vendange.sheets.known_columns import recognise
from vendange.sheets.signs import SEPARATORS
from vendange.web.bringing.fields import FACT, groups, word_of
from vendange.web.bringing.forms import Said
from vendange.web.bringing.seen import first_rows
from vendange.web.bringing.typed import How, Typed, as_day, kept_of
from vendange.words import Word, said

SAMPLES: Final = 3
LONGEST_SAMPLE: Final = 60
SYSTEMS: Final[Mapping[str, str]] = {
    "odoo": "Odoo",
    "salesforce": "Salesforce",
    "hubspot": "HubSpot",
    "espocrm": "EspoCRM",
    "frappe": "Frappe CRM",
    "mautic": "Mautic",
}


# As they are found out, in `sheets.encoding`.
ENCODINGS: Final[Mapping[str, Word]] = {
    "UTF-8 with a byte order mark": gettext_lazy("UTF-8 with a byte order mark"),
    "UTF-16 without a byte order mark": gettext_lazy("UTF-16 without a byte order mark"),
    "cp1252 (Western European)": gettext_lazy("cp1252 (Western European)"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """`perhaps`: what it may be, when nobody has said and we are not sure."""

    place: int
    name: str
    samples: Sequence[str]
    chosen: str
    fact: str
    recognised: bool
    perhaps: str
    problem: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One way in which the file is read, shown and changeable."""

    name: str
    label: Word
    options: Sequence[tuple[str, Word]]
    chosen: str


@dataclass(frozen=True, slots=True)
class ReadAs:
    system: str
    format: str
    size: str
    choices: Sequence[Choice]
    notes: Sequence[str]


def found_of(batch: ImportBatch) -> How:
    """What is said of a file before anybody has said anything: its columns by their names and by what they hold."""
    header = batch.read_as["columns"]
    rows = queries.samples(batch)
    known = recognise(header, rows)
    sure = {name: column for name, column in known.columns.items() if column not in known.unsure}
    facts = {name: column for name, column in known.facts.items() if column not in known.unsure}
    perhaps = {column: name for name, column in known.columns.items() if column in known.unsure}
    how: How = {
        "map": {"columns": sure, "facts": facts, "ignore": list(known.ignored)},
        "keep_filled": True,
        "found": {
            "system": known.system,
            "known": [*sure.values()],
            "perhaps": perhaps,
            "samples": {name: samples_of(rows, place) for place, name in enumerate(header)},
        },
    }
    if "consent" in sure:
        how["consent"] = {"basis": "column", "column": sure["consent"]}
    if "regime" in sure:
        how["regime"] = "column"
    return how


def samples_of(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    """The first cells of a column that hold something, each once."""
    cells = (row[place].strip()[:LONGEST_SAMPLE] for row in rows if place < len(row))
    return list(dict.fromkeys(filter(None, cells)))[:SAMPLES]


def with_map(found: How, kept: Mapping[str, Any]) -> How:
    """A file read by a map that is kept: its word holds for the columns that it knows, ours for the others."""
    theirs, ours = kept.get("map", {}), found["map"]
    header = [*found["found"]["samples"]]
    columns = {name: column for name, column in theirs.get("columns", {}).items() if column in header}
    facts = {name: column for name, column in theirs.get("facts", {}).items() if column in header}
    ignored = [column for column in theirs.get("ignore", []) if column in header]
    told = {*columns.values(), *facts.values(), *ignored}
    more = {name: one for name, one in ours["columns"].items() if one not in told and name not in columns}
    more_facts = {name: one for name, one in ours["facts"].items() if one not in told and name not in facts}
    left = [column for column in ours["ignore"] if column not in told]
    merged = {**theirs, "columns": {**columns, **more}, "facts": {**facts, **more_facts}, "ignore": [*ignored, *left]}
    said = {name: value for name, value in kept.items() if value not in ("", {}, None)}
    return {**found, **said, "map": merged, "found": found["found"]}


def missing(typed: Typed, how: Mapping[str, Any]) -> list[str]:
    """What must still be said before rows can be taken in, each with what to do."""
    told, columns = typed.said, how["map"].get("columns", {})
    checks = (
        (not told["origin"], _("Say where the file comes from.")),
        (not set(KEYS) & set(columns), no_key()),
        (*_consent(typed, columns),),
        (not told["regime"], _("Say who they are: professionals or private people.")),
        (
            told["regime"] == "column" and "regime" not in columns,
            _("Choose the column that says who is a private person and who a professional."),
        ),
        (*_signal(typed, columns),),
    )
    return [text for wrong, text in checks if wrong]


def no_key() -> str:
    names = ", ".join(word_of(one) for one in ("email", "external_id", "user_id"))
    return _("No column says who the person is. Choose one for: %(names)s.") % {"names": names}


def _consent(typed: Typed, columns: Mapping[str, str]) -> tuple[bool, str]:
    told = typed.said
    basis = told["basis"]
    column = columns.get("consent", "")
    checks = (
        (not basis, _("Say why they may be contacted. If nobody knows, choose “Nothing is known”.")),
        (
            basis == "column" and not column,
            _("Choose the column that says whether they agreed: “%(field)s”.") % {"field": word_of("consent")},
        ),
        (
            bool(column) and basis not in ("column", ""),
            _("%(column)s says for each whether they agreed: choose “A column says it for each”, or leave it out.")
            % {"column": column},
        ),
        (
            basis not in ("none", "") and not told["channels"],
            _("Say on which channels they may be contacted."),
        ),
        (
            basis in ("given", "informed", "column") and not told["wording"],
            _("Say what they were told or agreed to: without it there is no proof."),
        ),
        (
            bool(told["consent_at"]) and not is_past(told["consent_at"]),
            _("The day on which they agreed or were informed must be a day until today."),
        ),
        (
            bool(told["consent_at"]) and basis != "contract" and is_too_old(told["consent_at"]),
            _("Nobody can have agreed on this day: it is too long ago. Correct the year."),
        ),
        (
            basis in ("given", "informed", "column") and not as_day(told["consent_at"]) and "consent_at" not in columns,
            _("Say on which day they agreed or were informed, or choose the column that tells it."),
        ),
    )
    return next(((wrong, text) for wrong, text in checks if wrong), (False, ""))


def is_past(text: str) -> bool:
    day = as_day(text)
    return day is not None and day <= localdate()


def is_too_old(text: str) -> bool:
    day = as_day(text)
    return day is not None and too_long_ago(datetime.combine(day, time(), UTC), timezone.now()) is not None


def _signal(typed: Typed, columns: Mapping[str, str]) -> tuple[bool, str]:
    kind = typed.said["signal"]
    stray = next((name for name in SIGNAL_FIELDS if name in columns), "")
    if kind and "occurred_at" not in columns:
        return True, _("Choose the column that says when it happened.")
    told = {"field": word_of(stray)}
    return bool(stray and not kind), _(
        "“%(field)s” belongs to something that they did: say what each row tells."
    ) % told


def page_of(
    batch: ImportBatch, now: datetime, typed: Typed | None = None, *, refused: Sequence[str] = ()
) -> dict[str, Any]:
    """All that the page of a draft shows; `typed` is what was just sent, `refused` what was said of it."""
    typed = typed or kept_of(batch.how, batch.read_as["columns"])
    how = typed.how(batch.how)
    wrong = typed.problems()
    rows, unreadable = first_rows(batch, how, now)
    columns = columns_of(typed, batch.how.get("found", {}), wrong)
    said = {**typed.said, "consent_at": as_day(typed.said["consent_at"])}
    asked = missing(typed, how)
    return {
        "batch": batch,
        "part": "imports",
        "read": read_of(batch),
        "columns": columns,
        "known": sum(one.recognised for one in columns),
        "groups": groups(),
        "form": Said(initial=said),
        "problems": list(dict.fromkeys([*refused, *wrong.values(), *asked, *([] if asked else unreadable)])),
        "rows": rows,
        "refused_here": sum(bool(one.refused) for one in rows),
        "did": bool(typed.said["signal"]),
        "map_name": batch.map_name,
        "seen": change_of(batch.how),
    }


def columns_of(typed: Typed, found: Mapping[str, Any], wrong: Mapping[int, str]) -> list[Column]:
    known, perhaps = {*found.get("known", [])}, found.get("perhaps", {})
    return [
        Column(
            place=place,
            name=name,
            samples=found.get("samples", {}).get(name, []),
            chosen=typed.chosen.get(place, ""),
            fact=(typed.facts.get(place) or typed.target(place)) if typed.chosen.get(place) == FACT else "",
            recognised=name in known and typed.chosen.get(place) not in ("", FACT),
            perhaps=word_of(perhaps[name]) if name in perhaps else "",
            problem=wrong.get(place, "") if typed.chosen.get(place) else "",
        )
        for place, name in enumerate(typed.header)
    ]


def read_of(batch: ImportBatch) -> ReadAs:
    read = batch.read_as
    book = read["format"] == "xlsx"
    shape = "Excel" if book else "CSV, gzip" if read.get("gzip") else "CSV"
    system = SYSTEMS.get(batch.how.get("found", {}).get("system", ""), "")
    choices = _sheet(read) if book else _text(read)
    return ReadAs(system, shape, filesizeformat(read.get("bytes", 0)), choices, notes_of(batch))


def _sheet(read: Mapping[str, Any]) -> list[Choice]:
    return [Choice("sheet", _("Sheet"), [(one, one) for one in read["sheets"]], read["sheet"])]


def _text(read: Mapping[str, Any]) -> list[Choice]:
    found, shown = read["encoding"], ENCODINGS.get(read["encoding_shown"], read["encoding_shown"])
    others = [(one, one.upper() if one.startswith("utf") else one) for one in KNOWN if one != found]
    names = {"comma": _("Comma"), "semicolon": _("Semicolon"), "tab": _("Tab"), "bar": _("Bar")}
    return [
        Choice("encoding", _("Encoding"), [(found, shown), *others], found),
        Choice("separator", _("Separator"), [(one, names[one]) for one in SEPARATORS], read["separator_name"]),
    ]


def notes_of(batch: ImportBatch) -> list[str]:
    large = [_("The file is large: its rows are an estimate until it is read through.")]
    notes = large if batch.read_as.get("estimated") else []
    before = queries.same_before(batch)
    if before is None:
        return notes
    name = before.by.name if before.by else _("somebody")
    return [*notes, _("This very file came in before (%(name)s): rows that are in add nothing again.") % {"name": name}]


def plainly(place: str, problem: Sentence) -> str:
    """A problem of the map in words of this page: dates that can be read in two ways are chosen here, not in YAML."""
    if place == "date.format":
        return _(
            "Dates are written in a way that we must be told: choose how, under “How dates and numbers are written”."
        )
    return said(problem)

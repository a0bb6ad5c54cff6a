"""A CSV file as a table to learn from: columns, outcomes and dates are understood, or asked about."""

import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from gzip import BadGzipFile
from itertools import product
from pathlib import Path
from typing import Final, Literal

import numpy as np

from vendange.agreement.problems import nearest
from vendange.cli.saying import Failed
from vendange.engine.learning.table import Numbers, Table, Truth, column_of
from vendange.sheets.dates import DAYS, HOURS
from vendange.sheets.encoding import Undecodable, find_encoding
from vendange.sheets.lines import open_bytes
from vendange.sheets.refusal import FileRefused
from vendange.sheets.sheet import Sheet, header_of, rows_of
from vendange.sheets.signs import SEPARATORS
from vendange.sheets.workbook import ZIP

Decimal = Literal["point", "comma"]
MOST_CELLS: Final = 60_000_000
SHOWN: Final = 12
IN_MAP: Final = ", or write its encoding in the map, such as encoding: cp1252."  # there is no map here
YES: Final = frozenset({"1", "1.0", "true", "t", "yes", "y", "won", "vrai", "oui", "o", "gagné", "gagne", "converted"})
NO: Final = frozenset({"0", "0.0", "false", "f", "no", "n", "lost", "faux", "non", "perdu", "not converted"})
FORMATS: Final = {day + hour: DAYS[day] + HOURS[hour] for day, hour in product(DAYS, HOURS)}


@dataclass(frozen=True, slots=True)
class Asking:
    """What was asked of a file: names of its columns, and which values of the label count."""

    label: str
    time: str = ""
    exclude: tuple[str, ...] = ()
    filled: tuple[tuple[str, str], ...] = ()
    won: str = ""
    lost: str = ""
    date: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        pairs = (name for pair in self.filled for name in pair)
        return tuple(dict.fromkeys(name for name in (self.label, self.time, *self.exclude, *pairs) if name))


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What the file holds. `without_outcome`, `without_date`: rows that were left out."""

    table: Table
    won: Truth
    time: Numbers | None
    time_is_date: bool
    filled: Mapping[str, Numbers]
    without_outcome: int
    without_date: int


def read_table(path: Path, asking: Asking) -> Given:
    """Raises Failed with what to do."""
    try:
        sheet = _sheet(path, asking)
        cells = _cells(sheet, asking)
    except FileRefused as error:
        raise Failed(str(error)) from None
    except Undecodable as error:
        raise Failed(f"{path.name}: {str(error).replace(IN_MAP, '.')}") from None
    except (BadGzipFile, EOFError, zlib.error):
        raise Failed(f"{path.name} is a damaged gzip file. Fetch or compress it again.") from None
    except OSError as error:
        raise Failed(f"{path} cannot be read: {error.strerror or error}. Check the path and its rights.") from None
    return _given(cells, asking, "comma" if sheet.separator == ";" else "point")


def _sheet(path: Path, asking: Asking) -> Sheet:
    with path.open("rb") as stream:
        if stream.read(len(ZIP)) == ZIP:
            raise Failed(f"{path.name} is a workbook or a zip file. Save the sheet as CSV (UTF-8) and learn from that.")
    encoding = find_encoding(lambda: open_bytes(path))
    headers = {sign: header_of(path, encoding, sign) for sign in SEPARATORS.values()}
    sign = max(headers, key=lambda one: (len(set(headers[one]) & set(asking.named)), len(headers[one])))
    header = headers[sign]
    if not any(header):
        raise Failed(f"{path.name}: the line of column names cannot be read. Check its first line.")
    for name in asking.named:
        if name not in header:
            raise Failed(f"{path.name} has no column {name}. {_choose(name, header)}")
    if twice := next((name for name in header if name and header.count(name) > 1), ""):
        raise Failed(f"{path.name} has two columns called {twice}. Rename or remove one of them.")
    return Sheet(path, "", encoding, sign, header, 0)


def _choose(name: str, header: Collection[str]) -> str:
    folded = {one.casefold(): one for one in header if one}
    near = folded.get(nearest(name, folded), "")
    return f"Did you mean {near}?" if near else f"It has: {', '.join([one for one in header if one][:20])}."


def _cells(sheet: Sheet, asking: Asking) -> dict[str, list[str]]:
    """Each column that has a name and is not left out; a text that comes again is kept once."""
    away = set(asking.exclude) - {asking.label, asking.time}
    kept = [(place, name) for place, name in enumerate(sheet.header) if name and name not in away]
    columns: dict[str, list[str]] = {name: [] for _, name in kept}
    seen: list[dict[str, str]] = [{} for _ in kept]
    most, width = MOST_CELLS // max(1, len(kept)), len(sheet.header)
    for rows, (line, row) in enumerate(rows_of(sheet)):
        if len(row) > width and any(row[width:]):
            raise Failed(f"{sheet.path.name}, line {line}: {len(row)} cells for {width} columns. Check its separators.")
        if rows >= most:
            raise Failed(
                f"{sheet.path.name} has more than {most:,} rows of {len(kept)} columns, too many to learn from. "
                "Keep the newest rows, or leave columns out with --exclude."
            )
        for known, (place, name) in zip(seen, kept, strict=True):
            cell = row[place].strip() if place < len(row) else ""
            columns[name].append(known.setdefault(cell, cell))
    if not columns[asking.label]:
        raise Failed(f"{sheet.path.name} has a line of column names and no rows. Export it again.")
    return columns


def _given(cells: dict[str, list[str]], asking: Asking, decimal: Decimal) -> Given:
    outcome = _outcomes(cells[asking.label], asking)
    has_outcome = np.array([known is not None for known in outcome])
    time, is_date = _moments(cells, asking.time, asking.date) if asking.time else (None, False)
    dated = ~np.isnan(time) if time is not None else np.ones(len(outcome), np.bool_)
    rows = np.flatnonzero(has_outcome & dated)
    if not len(rows):
        raise Failed(f"No row has both an outcome in {asking.label} and a date in {asking.time}. Check both columns.")
    filled = {name: _filling(cells, when, asking, is_date)[rows] for name, when in asking.filled}
    away = {asking.label, asking.time, *(when for _, when in asking.filled)}
    columns = {name: column_of(name, column, decimal) for name, column in cells.items() if name not in away}
    return Given(
        table=Table(columns, len(outcome)).take(rows),
        won=np.array([known is True for known in outcome])[rows],
        time=None if time is None else time[rows],
        time_is_date=is_date,
        filled=filled,
        without_outcome=int((~has_outcome).sum()),
        without_date=int((has_outcome & ~dated).sum()),
    )


def _outcomes(labels: Sequence[str], asking: Asking) -> list[bool | None]:
    """True: a success; None: not known (yet)."""
    values = dict.fromkeys(label.casefold() for label in labels)
    won, lost = asking.won.casefold(), asking.lost.casefold()
    for option, value in (("--won", won), ("--lost", lost)):
        if value and value not in values:
            raise Failed(f"No row of {asking.label} holds {value} ({option}). It holds: {_values(labels)}.")
    if won or lost:
        meaning = {value: True if value == won else False if value == lost or not lost else None for value in values}
        if not won:
            meaning = {value: value != lost for value in values}
    else:
        unknown = [value for value in values if value and value not in YES | NO]
        if unknown:
            raise Failed(
                f"{asking.label} holds {_values(labels)}. Say which one is a success, such as --won {_first(labels)}; "
                "with --lost, rows with any other value are left out as not decided yet."
            )
        meaning = {value: value in YES for value in values}
    meaning[""] = None
    return [meaning[label.casefold()] for label in labels]


def _first(labels: Sequence[str]) -> str:
    return next(f'"{label}"' if " " in label else label for label in labels if label)


def _values(labels: Sequence[str]) -> str:
    different = [label or "(empty)" for label in dict.fromkeys(labels)]
    more = f" and {len(different) - SHOWN:,} more" if len(different) > SHOWN else ""
    return ", ".join(different[:SHOWN]) + more


def _filling(cells: dict[str, list[str]], when: str, asking: Asking, is_date: bool) -> Numbers:
    times, also_date = _moments(cells, when, asking.date)
    if also_date != is_date and not np.isnan(times).all():
        raise Failed(f"{when} and {asking.time} cannot be compared: one holds dates, one numbers. Write both alike.")
    return times


def _moments(cells: dict[str, list[str]], name: str, format: str) -> tuple[Numbers, bool]:
    """Days since 1970, or plain numbers that only order; NaN: empty. And whether they are dates."""
    column = column_of(name, cells[name])
    if column.kind != "text" and not format:
        return column.numbers, column.kind == "date"
    texts = dict.fromkeys(cell for cell in cells[name] if cell)
    if not texts:
        return np.full(len(cells[name]), np.nan), True
    formats = [format] if format else list(FORMATS)
    found = [one for one in formats if all(_day(text, one) is not None for text in texts)]
    if not found:
        raise Failed(_unread(cells[name], name, formats))
    if len(found) > 1:
        raise Failed(f"The dates of {name} can be read in two ways. Say which: --date {found[0]} or --date {found[1]}.")
    days = {text: _day(text, found[0]) for text in texts}
    return np.array([days.get(cell, np.nan) for cell in cells[name]], np.float64), True


def _day(text: str, format: str) -> float | None:
    try:
        return datetime.strptime(text, FORMATS[format]).replace(tzinfo=UTC).timestamp() / 86_400
    except (ValueError, OverflowError):
        return None


def _unread(column: Sequence[str], name: str, formats: Sequence[str]) -> str:
    """Names the first cell that the form of most others does not read."""
    texts = [cell for cell in column if cell]
    forms: list[Callable[[str], bool]] = [_is_iso, *(partial(_has_form, format=format) for format in formats)]
    reads = max(forms, key=lambda form: sum(map(form, texts[:1000])))
    row = next(place for place, cell in enumerate(column) if cell and not reads(cell))
    what = f"{column[row][:40]} in {name} (row {row + 1:,} under the column names) is no date that can be read"
    return f"{what}. Write dates as 2026-04-01; rows whose cell is empty are left out."


def _is_iso(text: str) -> bool:
    return column_of("", [text]).kind == "date"


def _has_form(text: str, format: str) -> bool:
    return _day(text, format) is not None

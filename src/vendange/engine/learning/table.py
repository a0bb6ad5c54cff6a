"""A table of leads as columns of numbers, texts or days, any cell of which may be empty; and its order in time."""

import math
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Truth = npt.NDArray[np.bool_]
Kind = Literal["number", "text", "date"]
Cell = str | float | bool | date | Decimal | None

NO_CELL: Final = -1  # the code of an empty cell
EMPTY: Final = frozenset({"", "nan", "null", "n/a", "#n/a"})
NUMBER: Final = re.compile(r"[+-]?(0|[1-9]\d{0,17})(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
COMMA: Final = re.compile(r"[+-]?(0|[1-9]\d{0,17})(,\d+)?", re.ASCII)
DATE: Final = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?", re.ASCII)
EPOCH: Final = date(1970, 1, 1)
SEED: Final = 20_260_401


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """`numbers`: of a number, or the days since 1970 of a date; NaN is empty. A text has `codes` into `names`."""

    name: str
    kind: Kind
    numbers: Numbers
    codes: Whole
    names: tuple[str, ...] = ()

    @property
    def empty(self) -> Truth:
        return self.codes == NO_CELL if self.kind == "text" else np.isnan(self.numbers)

    def take(self, rows: Whole) -> "Column":
        if self.kind == "text":
            return Column(self.name, "text", self.numbers, self.codes[rows], self.names)
        return Column(self.name, self.kind, self.numbers[rows], self.codes)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns of one length, by name."""

    columns: Mapping[str, Column]
    rows: int

    @classmethod
    def of(cls, cells: Mapping[str, Sequence[Cell]], decimal: Literal["point", "comma"] = "point") -> "Table":
        """A column is of numbers or dates if all its filled cells are, else of texts. Raises ValueError on lengths."""
        lengths = {len(column) for column in cells.values()}
        if len(lengths) > 1:
            raise ValueError("the columns of a table have the same length")
        return cls({name: column_of(name, column, decimal) for name, column in cells.items()}, max(lengths, default=0))

    def take(self, rows: Whole) -> "Table":
        return Table({name: column.take(rows) for name, column in self.columns.items()}, len(rows))

    def only(self, names: Iterable[str]) -> "Table":
        return Table({name: self.columns[name] for name in names}, self.rows)


def column_of(name: str, cells: Sequence[Cell], decimal: Literal["point", "comma"] = "point") -> Column:
    """Reads each different cell once."""
    places: dict[Cell, int] = {}
    codes = np.fromiter((places.setdefault(cell, len(places)) for cell in cells), np.int64, len(cells))
    texts = [_text(cell) for cell in places]
    filled = [text for text in texts if text]
    if filled and (read := _numbers(filled, decimal)) is not None:
        return Column(name, "number", _spread(texts, read)[codes], NOTHING)
    if filled and (days := _days(filled)) is not None:
        return Column(name, "date", _spread(texts, days)[codes], NOTHING)
    names = sorted(set(filled))
    place = {text: number for number, text in enumerate(names)}
    coded = np.array([place.get(text, NO_CELL) for text in texts], np.int64)
    return Column(name, "text", np.empty(0), coded[codes] if len(codes) else NOTHING, tuple(names))


NOTHING: Final[Whole] = np.empty(0, np.int64)


def _text(cell: Cell) -> str:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, datetime):
        return (cell.astimezone(UTC) if cell.tzinfo else cell).isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(cell).strip()
    return "" if text.casefold() in EMPTY else text


def _spread(texts: Sequence[str], read: Sequence[float]) -> Numbers:
    """The values that were read, at the places of the filled cells."""
    values = np.full(len(texts), np.nan)
    values[[place for place, text in enumerate(texts) if text]] = read
    return values


def _numbers(texts: Sequence[str], decimal: str) -> list[float] | None:
    """None when one of them is no finite number; codes such as 01220 stay texts."""
    shape = COMMA if decimal == "comma" and not all(map(NUMBER.fullmatch, texts)) else NUMBER
    if not all(map(shape.fullmatch, texts)):
        return None
    values = [float(text.replace(",", ".")) for text in texts]
    return values if all(map(math.isfinite, values)) else None


def _days(texts: Sequence[str]) -> list[float] | None:
    if not all(map(DATE.fullmatch, texts)):
        return None
    try:
        return [days_of(text) for text in texts]
    except (ValueError, OverflowError):
        return None


def days_of(text: str) -> float:
    """Days since 1970, in UTC where the text tells its zone. Raises ValueError."""
    at = datetime.fromisoformat(text.replace(" UTC", "Z"))
    moment = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return moment.timestamp() / 86_400


def day_of(days: float) -> date:
    return date.fromordinal(EPOCH.toordinal() + math.floor(days))


def in_order(table: Table, label: Truth, time: Numbers | None, *others: Numbers) -> Whole:
    """The rows, oldest first; without a time, in a shuffle of their outcomes and places that is always the same.

    The shuffle asks no column, so that leaving one out changes nothing else. With a time, rows of one instant are
    ordered by what they hold, never by where they stood: the order of the rows that came in changes nothing. Rows
    that are alike in everything, `others` too, are counted, so that they spread.
    """
    if time is None:
        return np.argsort(_shuffle(label), kind="stable")
    key = _keys(table, label, time, *others)
    order = np.argsort(key, kind="stable")
    twins = np.empty(len(order), np.uint64)
    starts = np.flatnonzero(np.concatenate(([True], key[order][1:] != key[order][:-1]))) if len(order) else NOTHING
    counts = np.diff(np.append(starts, len(order)))
    twins[order] = (np.arange(len(order)) - np.repeat(starts, counts)).astype(np.uint64)
    shuffled = _mixed(key + _mixed(twins))
    return np.lexsort((shuffled, time))


def _shuffle(label: Truth) -> npt.NDArray[np.uint64]:
    """One number for each row, of its place and its outcome."""
    places = np.arange(len(label), dtype=np.uint64)
    return _mixed(_mixed(places + np.uint64(SEED)) ^ _mixed(label.astype(np.uint64) + np.uint64(SEED)))


def _keys(table: Table, label: Truth, *others: Numbers) -> npt.NDArray[np.uint64]:
    """One number for what a row holds, the same on every machine and in every column order."""
    key = _mixed(label.astype(np.uint64) + np.uint64(SEED))
    for name in sorted(table.columns):
        key = _mixed(key ^ _mixed(_prints(table.columns[name])))
    for numbers in others:
        key = _mixed(key ^ _mixed(_bits(numbers)))
    return key


def _prints(column: Column) -> npt.NDArray[np.uint64]:
    if column.kind != "text":
        return _bits(column.numbers)
    prints = [zlib.crc32(name.encode()) for name in column.names]
    return np.array([*prints, 0], np.uint64)[column.codes]


def _bits(numbers: Numbers) -> npt.NDArray[np.uint64]:
    """One pattern for all NaN, and none for a negative zero."""
    return np.where(np.isnan(numbers), -1e300, numbers + 0.0).view(np.uint64)


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Scatters bits evenly (the finaliser of splitmix64: Steele, Lea, Flood, OOPSLA 2014)."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))

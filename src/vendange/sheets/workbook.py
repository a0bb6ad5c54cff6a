"""An Excel workbook (.xlsx, .xlsm) as a table, streamed row by row, so that memory does not grow with the file.

Cells are given as a CSV file would hold them: dates as 2026-04-03, whole numbers without ".0", the leading zeros that
the format of a cell shows, the value that a formula had when the file was saved.
"""

import datetime as dt
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from vendange.agreement.sentence import sentence
from vendange.sheets.refusal import FileRefused

ZIP: Final = b"PK\x03\x04"
EMPTY_ZIP: Final = b"PK\x05\x06"
OLD_OR_LOCKED: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
MB: Final = 1 << 20
MOST_UNPACKED: Final = 3000 * MB  # of all parts: a full sheet of Excel with many columns
MOST_IN_MEMORY: Final = 200 * MB  # of the parts that are held in memory whole: texts that cells share, styles
HELD: Final = ("xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml")
COUNTED_WHOLE: Final = 8 * MB  # of the unpacked sheet: up to here rows are counted by reading them
LOOK: Final = 256 * MB  # of a larger sheet, only so much is read while somebody waits
MOST_ROWS: Final = 1_048_576  # of a sheet, in Excel
HEADER_WITHIN: Final = 1000  # rows
BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    NotImplementedError,
    ParseError,
    InvalidFileException,
)
ROW: Final = re.compile(rb"<(?:\w+:)?row[\s>]")
PLACEHOLDERS: Final = re.compile(r"[0#]+")

warnings.filterwarnings("ignore", module="openpyxl")  # of validations and pictures, which nobody reads here


# To learn a size that nobody may rely on, the library reads every sheet to its end when a file is opened.
ReadOnlyWorksheet._get_size = lambda _: None  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Look:
    """`rows`: under the header; of a large workbook rows that hold nothing may be counted too."""

    header: tuple[str, ...]
    rows: int
    tab: str
    tabs: tuple[str, ...]
    estimated: bool = False


def is_one(path: Path) -> bool:
    """Whether this is a workbook, whatever its name. Raises FileRefused for kinds that we do not read."""
    with path.open("rb") as stream:
        head = stream.read(8)
        if head == OLD_OR_LOCKED:
            raise FileRefused(_old_or_locked(path, stream))
    if not head.startswith((ZIP, EMPTY_ZIP)):
        return False
    _check_parts(path)
    return True


def look(path: Path, tab: str, claim: Callable[[Sequence[str]], int]) -> Look:
    """The named sheet, else of those that people see the one of which most columns are known, then the longest.

    `claim`: how many columns of a header are known. Raises FileRefused.
    """
    try:
        with _book(path) as book:
            seen = tuple(one.title for one in book.worksheets if one.sheet_state == "visible")
            tabs = seen or tuple(one.title for one in book.worksheets)
            if tab and tab not in book.sheetnames:
                raise FileRefused(_no_such_tab(path, tab, tabs))
            headers = {name: header for name in ((tab,) if tab else tabs) if (header := _header(book[name]))}
            claims = {name: claim(header) for name, header in headers.items()}
            best = [name for name in claims if claims[name] == max(claims.values())]
            counted = {name: _counted(path, book[name], LOOK) for name in best}
    except BROKEN:
        raise FileRefused(_broken(path)) from None
    if not counted:
        raise FileRefused(sentence("{file} is empty. Export it again, with a line of column names.", file=path.name))
    name = max(counted, key=lambda name: counted[name][0])
    rows, estimated = counted[name]
    return Look(headers[name], rows, name, tabs, estimated)


def count(path: Path, tab: str) -> int:
    """The rows under the header of a large sheet, all of it read. Raises FileRefused."""
    try:
        with _book(path) as book:
            return _counted(path, book[tab], 0)[0]
    except BROKEN:
        raise FileRefused(_broken(path)) from None


@contextmanager
def _book(path: Path) -> Iterator[Workbook]:
    """Opened by its bytes: we keep files under names of ours, whose endings the library would refuse."""
    with path.open("rb") as stream:
        book = load_workbook(stream, read_only=True, data_only=True)
        try:
            yield book
        finally:
            book.close()


def rows_of(path: Path, tab: str, width: int, decimal: str) -> Iterator[tuple[int, list[str]]]:
    """Each row under the header with its number in the sheet; what holds nothing is left out. Raises FileRefused."""
    try:
        with _book(path) as book:
            rows = _filled(path, book[tab], width, decimal)
            next(rows, None)
            yield from rows
    except BROKEN:
        raise FileRefused(_broken(path)) from None


def _filled(path: Path, sheet: Any, width: int, decimal: str) -> Iterator[tuple[int, list[str]]]:
    sheet.reset_dimensions()  # what the file says of its size is often wrong
    for line, row in enumerate(sheet.iter_rows(), 1):
        if line > MOST_ROWS:
            raise FileRefused(_too_many(path))
        cells = [_text(cell, decimal) for cell in row]
        if any(cells):
            yield line, _as_wide(cells, width)


def _as_wide(cells: list[str], width: int) -> list[str]:
    """Cells that nobody filled in are not written; what stands beyond the header stays, to be told."""
    full = len(cells)
    while full > width and not cells[full - 1].strip():
        full -= 1
    return cells[:full] + [""] * (width - full)


def _header(sheet: Any) -> tuple[str, ...]:
    sheet.reset_dimensions()
    for row in islice(sheet.iter_rows(), HEADER_WITHIN):
        if any(cells := [_text(cell, ".").strip() for cell in row]):
            return tuple(_as_wide(cells, 0))
    return ()


def _counted(path: Path, sheet: Any, most: int) -> tuple[int, bool]:
    """The rows under the header, and whether they are estimated by the first `most` bytes (0: all are read).

    Raises FileRefused beyond what Excel can hold.
    """
    with zipfile.ZipFile(path) as parts:
        size = parts.getinfo(sheet._worksheet_path).file_size
        if size <= COUNTED_WHOLE:
            return sum(1 for _ in _filled(path, sheet, 0, ".")) - 1, False
        with parts.open(sheet._worksheet_path) as stream:
            rows, read = _rows_in(stream, most)
    if rows > MOST_ROWS:
        raise FileRefused(_too_many(path))
    if read < size:
        return min(MOST_ROWS, round(rows * size / read)) - 1, True
    return max(0, rows - 1), False


def _rows_in(stream: IO[bytes], most: int) -> tuple[int, int]:
    """How many rows there are in how many bytes; no further than `most` bytes (0: all) or one row too many."""
    count, read, rest = 0, 0, b""
    while (not most or read < most) and count <= MOST_ROWS and (chunk := stream.read(MB)):
        read += len(chunk)
        text = rest + chunk
        found = list(ROW.finditer(text))
        count += len(found)
        rest = text[max(found[-1].end() if found else 0, len(text) - 12) :]
    return count, read


def _too_many(path: Path) -> str:
    return sentence(
        "{file} has a sheet of more than {most} rows, the most that Excel can hold. Save it as CSV, or split it.",
        file=path.name,
        most=MOST_ROWS,
    )


def _text(cell: Any, decimal: str) -> str:
    value = cell.value
    if value is None or cell.data_type == "e":  # an error such as #N/A is no value
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value, cell.number_format or "", decimal)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "seconds")
    return str(value.isoformat()) if isinstance(value, dt.date | dt.time) else str(value)


def _number(value: float, shown_as: str, decimal: str) -> str:
    """As people see it: 33612345678.0 is 33612345678; with the format 00000 the number 1234 is 01234.

    >>> _number(33612345678.0, "General", "."), _number(1000.0, "00000", "."), _number(0.1, "General", ",")
    ('33612345678', '01000', '0,1')
    >>> _number(612345678, '0#" "##" "##" "##" "##', "."), _number(1e21, "General", "."), _number(-7, "0", ".")
    ('0612345678', '1000000000000000000000', '-7')
    """
    if value == int(value):
        digits = str(int(value))
        places = re.sub(r'"[^"]*"|\\.|[\s()\-]', "", shown_as)
        if value >= 0 and PLACEHOLDERS.fullmatch(places) and "0" in places:
            digits = digits.zfill(len(places) - places.index("0"))
        return digits
    return format(Decimal(repr(value)), "f").replace(".", decimal)


def _check_parts(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as parts:
            sizes = {one.filename: one.file_size for one in parts.infolist()}
            kind = parts.read("mimetype", pwd=None)[:60] if 0 < sizes.get("mimetype", 0) < 200 else b""
    except (*BROKEN, RuntimeError):
        raise FileRefused(_broken(path)) from None
    if b"opendocument.spreadsheet" in kind or "xl/workbook.bin" in sizes:
        raise FileRefused(
            sentence("{file} is a workbook of a kind that we do not read. Save it as .xlsx or CSV.", file=path.name)
        )
    if "xl/workbook.xml" not in sizes:
        raise FileRefused(sentence("{file} is a zip file. Unpack it, and bring the file inside.", file=path.name))
    if sum(sizes.values()) > MOST_UNPACKED or sum(sizes.get(name, 0) for name in HELD) > MOST_IN_MEMORY:
        raise FileRefused(
            sentence(
                "{file} grows too large when it is unpacked. Save the sheet as CSV (UTF-8) and bring that.",
                file=path.name,
            )
        )


def _old_or_locked(path: Path, stream: IO[bytes]) -> str:
    before = b""
    while chunk := stream.read(MB):
        if LOCKED in before[-len(LOCKED) :] + chunk:
            return sentence(
                "{file} is protected by a password. Open it, remove the password, and save it again.", file=path.name
            )
        before = chunk
    return sentence("{file} is a workbook of an old Excel (.xls). Save it as .xlsx or CSV.", file=path.name)


def _no_such_tab(path: Path, tab: str, tabs: tuple[str, ...]) -> str:
    return sentence(
        "{file} has no sheet {sheet}. It has: {names}.", file=path.name, sheet=tab, names=", ".join(tabs[:20])
    )


def _broken(path: Path) -> str:
    return sentence("{file} is a damaged workbook. Open it in your spreadsheet and save it again.", file=path.name)

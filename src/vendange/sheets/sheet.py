"""A CSV file or a workbook as a table: opened, decoded, cut into columns, looked through before anything is written."""

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from vendange.agreement.problems import nearest
from vendange.agreement.sentence import Sentence, sentence
from vendange.sheets import workbook
from vendange.sheets.encoding import CHUNK, Encoding, Undecodable, find_encoding
from vendange.sheets.refusal import FileRefused

GZIP: Final = b"\x1f\x8b"
SEPARATORS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
MOST_COLUMNS: Final = 500
# Columns that we add to a file of refused rows; a corrected file may keep them.
REFUSED_LINE: Final = "refused_line"
REFUSED_BECAUSE: Final = "refused_because"
ADDED: Final = (REFUSED_LINE, REFUSED_BECAUSE)
WORKBOOK: Final = Encoding("utf-8", "workbook")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A readable table. `rows` counts the rows under the header.

    Of a workbook: `tab` is the sheet that is read and `tabs` are all of them; numbers are written with `decimal`.
    """

    path: Path
    sha: str
    encoding: Encoding
    separator: str
    header: tuple[str, ...]
    rows: int
    tab: str = ""
    tabs: tuple[str, ...] = ()
    decimal: str = "."

    @property
    def is_workbook(self) -> bool:
        return bool(self.tab)

    @property
    def separator_name(self) -> str:
        return next(name for name, sign in SEPARATORS.items() if sign == self.separator)


def open_sheet(
    path: Path,
    *,
    columns: Collection[str],
    encoding: str = "",
    separator: str = "",
    tab: str = "",
    decimal: str = ".",
) -> Sheet:
    """Reads the whole file once. `columns` are the names the map knows. Raises FileRefused."""
    sheet = _opened(path, columns, (encoding, separator, tab, decimal), any_column=False)
    check_header(sheet.header, columns)
    return sheet


def open_any(
    path: Path,
    *,
    columns: Collection[str] = (),
    encoding: str = "",
    separator: str = "",
    tab: str = "",
    decimal: str = ".",
) -> Sheet:
    """As `open_sheet`, where nobody has said what the columns mean; `columns` only helps to find the separator."""
    return _opened(path, columns, (encoding, separator, tab, decimal), any_column=True)


def _opened(path: Path, columns: Collection[str], how: tuple[str, str, str, str], *, any_column: bool) -> Sheet:
    encoding, separator, tab, decimal = how
    try:
        if workbook.is_one(path):
            return _open_workbook(path, tab, decimal)
        return _open_csv(path, columns, encoding, separator, any_column=any_column)
    except Undecodable as error:
        if any_column:
            told = sentence(
                "{file}, line {line}: this is in an encoding that we cannot tell. Save the file as UTF-8.",
                file=path.name,
                line=error.line,
            )
            raise FileRefused(told) from None
        raise FileRefused(sentence("{file}: {why}", file=path.name, why=str(error))) from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        damaged = sentence("{file} is a damaged gzip file. Fetch or compress it again.", file=path.name)
        raise FileRefused(damaged) from None
    except OSError as error:
        raise FileRefused(
            sentence(
                "{file} cannot be read: {why}. Check the path and its rights.",
                file=path,
                why=error.strerror or str(error),
            )
        ) from None


def _open_workbook(path: Path, tab: str, decimal: str) -> Sheet:
    found = workbook.look(path, tab)
    _check_width(found.header, path)
    return Sheet(path, _sha(path), WORKBOOK, ",", found.header, found.rows, found.tab, found.tabs, decimal)


def _open_csv(path: Path, columns: Collection[str], encoding: str, separator: str, *, any_column: bool) -> Sheet:
    sha = _sha(path)
    found = find_encoding(lambda: open_bytes(path), encoding)
    signs = [SEPARATORS[separator]] if separator else list(SEPARATORS.values())
    headers = {sign: header_of(path, found, sign) for sign in signs}
    sign = _best(headers, columns, path, mapped=not any_column)
    header = headers[sign]
    _check_width(header, path)
    sheet = Sheet(path, sha, found, sign, header, 0)
    return Sheet(path, sha, found, sign, header, sum(1 for _ in rows_of(sheet)))


def open_bytes(path: Path) -> IO[bytes]:
    """The bytes of the file, unpacked when it is gzip (by its first bytes, whatever its name)."""
    with path.open("rb") as stream:
        magic = stream.read(4)
    if not magic:
        empty = sentence("{file} is empty. Export it again, with a line of column names.", file=path.name)
        raise FileRefused(empty)
    return gzip.open(path, "rb") if magic.startswith(GZIP) else path.open("rb")  # type: ignore[return-value]


def _sha(path: Path) -> str:
    digest = hashlib.sha256()
    with open_bytes(path) as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def rows_of(sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line it starts on. Blank lines are left out. Raises FileRefused on a broken quote."""
    if sheet.is_workbook:
        yield from workbook.rows_of(sheet.path, sheet.tab, len(sheet.header), sheet.decimal)
        return
    with _Rows(sheet.path, sheet.encoding, sheet.separator) as (reader, name):
        first = 1
        try:
            for number, row in enumerate(reader):
                if number and any(cell.strip() for cell in row):
                    yield first, row
                first = reader.line_num + 1
        except csv.Error as error:
            raise FileRefused(_broken(name, first, error)) from None


def _broken(name: str, line: int, error: csv.Error) -> Sentence:
    return sentence(
        "{file}, line {line}: the row cannot be cut into cells ({error}). Check the quotes of this row.",
        file=name,
        line=line,
        error=str(error),
    )


class _Rows:
    """A CSV reader over a decoded file, closed at the end."""

    def __init__(self, path: Path, encoding: Encoding, separator: str) -> None:
        self.path, self.encoding, self.separator = path, encoding, separator

    def __enter__(self) -> tuple[Any, str]:
        self.stream = io.TextIOWrapper(open_bytes(self.path), encoding=self.encoding.codec, newline="")
        return csv.reader(self.stream, delimiter=self.separator, strict=True), self.path.name

    def __exit__(self, *_: object) -> None:
        self.stream.close()


def header_of(path: Path, encoding: Encoding, sign: str) -> tuple[str, ...]:
    """The names of the columns if this sign separates them; none when the line cannot be cut."""
    with _Rows(path, encoding, sign) as (reader, _):
        try:
            return tuple(cell.strip() for cell in next(reader, []))
        except csv.Error:
            return ()


def _best(headers: dict[str, tuple[str, ...]], columns: Collection[str], path: Path, *, mapped: bool) -> str:
    """The separator whose columns the map knows best; with equal claims, we ask."""
    claims = {sign: (len(set(header) & set(columns)), len(header)) for sign, header in headers.items()}
    best = max(claims.values())
    if best == (0, 0):
        raise FileRefused(
            sentence("{file}: the line of column names cannot be read. Check its quotes.", file=path.name)
        )
    signs = [sign for sign, claim in claims.items() if claim == best]
    if len(signs) > 1 and best[1] > 1:
        if mapped:
            raise FileRefused(
                sentence(
                    "{file}: the separator is not clear. Write it in the map: separator: semicolon.", file=path.name
                )
            )
        raise FileRefused(
            sentence("{file}: it is not clear what separates its columns. Save it with semicolons.", file=path.name)
        )
    return signs[0]


def _check_width(header: tuple[str, ...], path: Path) -> None:
    if len(header) > MOST_COLUMNS:
        raise FileRefused(
            sentence(
                "{file} has {columns} columns, the most is {most}; column {first} is {name}. "
                "Remove the columns you do not need.",
                file=path.name,
                columns=len(header),
                most=MOST_COLUMNS,
                first=MOST_COLUMNS + 1,
                name=header[MOST_COLUMNS] or sentence("without a name"),
            )
        )


def check_header(header: tuple[str, ...], columns: Collection[str]) -> None:
    """Every column has one name, which the map knows, and every name of the map is there. Raises FileRefused."""
    problems = unclear_names(header)
    problems += [_unknown(name, columns) for name in header if name and name not in columns and name not in ADDED]
    problems += [_absent(name, header) for name in columns if name not in header]
    if problems:
        raise FileRefused(*problems)


def unclear_names(header: tuple[str, ...]) -> list[Sentence]:
    """What keeps us from telling one column from another."""
    problems = [
        sentence("Column {place} has no name. Name it in the first line, or remove it.", place=place)
        for place, name in enumerate(header, 1)
        if not name
    ]
    twice = dict.fromkeys(name for name in header if name and header.count(name) > 1)
    return problems + [called_twice(name) for name in twice]


def called_twice(name: str) -> Sentence:
    return sentence("Two columns are called {name}. Rename or remove one of them.", name=name)


def _unknown(name: str, columns: Collection[str]) -> Sentence:
    near = _near(name, columns)
    if near:
        return sentence(
            "The map says nothing of the column {name}. Map it under columns, or list it under ignore."
            " Did you mean {near}?",
            name=name,
            near=near,
        )
    return sentence(
        "The map says nothing of the column {name}. Map it under columns, or list it under ignore.", name=name
    )


def _near(name: str, names: Collection[str]) -> str:
    folded = {one.casefold(): one for one in names}
    return folded.get(nearest(name, folded), "")


def _absent(name: str, header: Collection[str]) -> Sentence:
    near = _near(name, header)
    if near:
        return sentence(
            "The map names a column {name} that is not in the file. Did you mean {near}?", name=name, near=near
        )
    return sentence(
        "The map names a column {name} that is not in the file. The file has: {names}.",
        name=name,
        names=", ".join(list(header)[:20]),
    )

"""A CSV file or a workbook as a table: opened, decoded, cut into columns, looked through before anything is written."""

import csv
import gzip
import hashlib
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from vendange.agreement.problems import nearest
from vendange.agreement.sentence import Sentence, sentence
from vendange.sheets import workbook
from vendange.sheets.encoding import CHUNK, Encoding, Undecodable, find_encoding
from vendange.sheets.known_columns import recognise
from vendange.sheets.lines import LOOK, Lines, Unpacked, is_binary, nothing_in, open_bytes
from vendange.sheets.refusal import FileRefused
from vendange.sheets.signs import ADDED, SEPARATORS

MOST_COLUMNS: Final = 500
WORKBOOK: Final = Encoding("utf-8", "workbook")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A readable table. `rows` counts the rows under the header; `estimated`: of a large file, by what was looked at.

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
    estimated: bool = False

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
    """Reads a large file in part, see `read_whole`. `columns` are the names the map knows. Raises FileRefused."""
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
    with _told(path, any_column=any_column):
        if workbook.is_one(path):
            found = workbook.look(path, tab, _claim(columns))
            _check_width(found.header, path)
            sheet = Sheet(path, _sha(path), WORKBOOK, ",", found.header, found.rows, found.tab, found.tabs, decimal)
            return replace(sheet, estimated=found.estimated)
        return _open_csv(path, columns, encoding, separator, any_column=any_column)


def _claim(columns: Collection[str]) -> Callable[[Sequence[str]], int]:
    """How many columns of a header are known: by the map, or by their names when there is none."""
    if columns:
        return lambda header: len(set(header) & set(columns))
    return lambda header: len(recognise(header).columns)


@contextmanager
def _told(path: Path, *, any_column: bool) -> Iterator[None]:
    """What keeps a file from being read, as FileRefused."""
    try:
        yield
    except Undecodable as error:
        raise FileRefused(_undecodable(path, error, any_column=any_column)) from None
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


def _undecodable(path: Path, error: Undecodable, *, any_column: bool) -> Sentence:
    if is_binary(path):
        return sentence(
            "{file} is neither a workbook nor text: nothing in it can be read as a table. Export it again as .xlsx or "
            "CSV.",
            file=path.name,
        )
    if any_column:
        return sentence(
            "{file}, line {line}: this is in an encoding that we cannot tell. Save the file as UTF-8.",
            file=path.name,
            line=error.line,
        )
    return sentence("{file}: {why}", file=path.name, why=str(error))


def _open_csv(path: Path, columns: Collection[str], encoding: str, separator: str, *, any_column: bool) -> Sheet:
    sha = _sha(path)
    found = find_encoding(lambda: open_bytes(path), encoding, most=LOOK)
    named = _named_first(path, found)
    signs = [SEPARATORS[separator]] if separator else [named] if named else list(SEPARATORS.values())
    headers = {sign: header_of(path, found, sign) for sign in signs}
    sign = _best(headers, columns, path, mapped=not any_column)
    header = headers[sign]
    _check_width(header, path)
    return _counted(Sheet(path, sha, found, sign, header, 0), LOOK)


def _named_first(path: Path, encoding: Encoding) -> str:
    """The separator that the first line names, as Excel writes it, or "". Raises FileRefused when nothing follows."""
    with closing(Lines(path, encoding.codec)) as lines:
        if next(iter(lines), None) is None:
            raise FileRefused(nothing_in(path))
        return lines.sign


def _counted(sheet: Sheet, most: int) -> Sheet:
    """With its rows counted, or estimated by those of the first `most` characters (0: all are read)."""
    with _Rows(sheet.path, sheet.encoding, sheet.separator) as (reader, lines):
        rows = sum(1 for _ in _filled(reader, lines, sheet.path, most))
        if most and lines.read > most:
            share = sheet.path.stat().st_size / max(1, lines.packed_place)
            return replace(sheet, rows=round(rows * max(1.0, share)), estimated=True)
    return replace(sheet, rows=rows, estimated=False)


def read_whole(sheet: Sheet) -> Sheet:
    """Of a large file only the beginning was looked at when it came: all of it, before its first row is taken in.

    Its rows are counted then, and its encoding holds to the end. Raises FileRefused.
    """
    if not sheet.estimated:
        return sheet
    with _told(sheet.path, any_column=True):
        if sheet.is_workbook:
            return replace(sheet, rows=workbook.count(sheet.path, sheet.tab), estimated=False)
        found = find_encoding(lambda: open_bytes(sheet.path), "" if sheet.encoding.is_found else sheet.encoding.codec)
        return _counted(replace(sheet, encoding=found), 0)


def _sha(path: Path) -> str:
    """Of what it holds, packed or not; of a large gzip file as it is, so that nobody waits while it is unpacked."""
    digest = hashlib.sha256()
    with open_bytes(path) as stream:
        packed = isinstance(stream, Unpacked)
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            if packed and stream.tell() > LOOK:
                break
        else:
            return digest.hexdigest()
    with path.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


def rows_of(sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line it starts on. Blank lines are left out. Raises FileRefused on a broken quote."""
    if sheet.is_workbook:
        yield from workbook.rows_of(sheet.path, sheet.tab, len(sheet.header), sheet.decimal)
        return
    with _Rows(sheet.path, sheet.encoding, sheet.separator) as (reader, lines):
        yield from _filled(reader, lines, sheet.path)


def _filled(reader: Any, lines: Lines, path: Path, most: int = 0) -> Iterator[tuple[int, list[str]]]:
    first = lines.skipped + 1
    try:
        for number, row in enumerate(reader):
            if number and any(cell.strip() for cell in row):
                yield first, row
            if most and lines.read > most:
                return
            first = lines.skipped + reader.line_num + 1
    except csv.Error as error:
        raise FileRefused(_broken(path.name, first, error)) from None


def _broken(name: str, line: int, error: csv.Error) -> Sentence:
    if "field limit" in str(error):
        return sentence(
            "{file}, line {line}: a cell is longer than {most} characters. A quote that opens here is probably not "
            "closed: close it, or shorten the cell.",
            file=name,
            line=line,
            most=csv.field_size_limit(),
        )
    return sentence(
        "{file}, line {line}: the row cannot be cut into cells ({error}). Check the quotes of this row.",
        file=name,
        line=line,
        error=str(error),
    )


class _Rows:
    """A CSV reader over the lines of a file, from that of the column names on, closed at the end."""

    def __init__(self, path: Path, encoding: Encoding, separator: str) -> None:
        self.path, self.encoding, self.separator = path, encoding, separator

    def __enter__(self) -> tuple[Any, Lines]:
        self.lines = Lines(self.path, self.encoding.codec)
        return csv.reader(self.lines, delimiter=self.separator, strict=True), self.lines

    def __exit__(self, *_: object) -> None:
        self.lines.close()


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

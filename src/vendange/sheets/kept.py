"""A file that is kept until its rows are in: written as it comes, opened, locked by whoever takes its rows in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from vendange.agreement.sentence import Cannot, sentence
from vendange.sheets.column_map import ColumnMap
from vendange.sheets.lines import GZIP
from vendange.sheets.refusal import FileRefused
from vendange.sheets.sheet import Sheet, open_sheet

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PIECE: Final = 1 << 20
BIGGEST: Final = 4 << 30  # bytes, as it comes


def keep(stream: IO[bytes], path: Path) -> None:
    """Raises FileRefused when it is too large, OSError when the disk cannot take it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with path.open("xb") as file:
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > BIGGEST:
                raise FileRefused(
                    sentence("{file} is larger than {most} GB. Split it.", file=path.name, most=BIGGEST >> 30)
                )
            file.write(piece)


def opened_by(path: Path, known: ColumnMap) -> Sheet:
    """The file as its map says how to read it. Raises FileRefused when the two do not fit."""
    return open_sheet(
        path, columns=known.names, encoding=known.encoding, separator=known.separator, tab=known.sheet,
        decimal=known.decimal,
    )  # fmt: skip


def read_as(sheet: Sheet) -> dict[str, Any]:
    """What was found out of a file, as JSON keeps it."""
    with sheet.path.open("rb") as stream:
        packed = stream.read(2) == GZIP
    return {
        "format": "xlsx" if sheet.is_workbook else "csv",
        "gzip": packed,
        "encoding": sheet.encoding.codec,
        "encoding_shown": "" if sheet.is_workbook else sheet.encoding.shown,
        "separator": sheet.separator,
        "separator_name": "" if sheet.is_workbook else sheet.separator_name,
        "sheet": sheet.tab,
        "sheets": list(sheet.tabs),
        "decimal": sheet.decimal,
        "columns": list(sheet.header),
        "estimated": sheet.estimated,
        "bytes": sheet.path.stat().st_size,
    }


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """While its rows come in, in a process that is no job: the file is locked. Raises Cannot when it was."""
    with path.open("rb") as file:
        if not _lock(file):
            raise Cannot(sentence("This import is under way in another process."))
        yield


def is_free(path: Path) -> bool:
    """Whether the file is there and no process takes its rows in."""
    try:
        with alone(path):
            return True
    except (Cannot, OSError):
        return False


def _lock(file: IO[bytes]) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

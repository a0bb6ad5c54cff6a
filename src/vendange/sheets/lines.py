"""The bytes and the lines of a file, unpacked when it is gzip; never more at once than a table can need."""

import gzip
import io
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Final

from vendange.agreement.sentence import Sentence, sentence
from vendange.sheets.refusal import FileRefused

GZIP: Final = b"\x1f\x8b"
MB: Final = 1 << 20
MOST_UNPACKED: Final = 3000 * MB
MOST_LINE: Final = MB  # characters
LOOK: Final = 16 * MB  # of a file that is larger, only so much is read while somebody waits
MOST_SKIPPED: Final = 1000  # lines that hold nothing, before that of the column names
BINARY: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# Excel writes and reads such a first line: it says what separates the columns.
TELLS_SEPARATOR: Final = re.compile(r'"?sep=([,;|\t])"?\s*', re.IGNORECASE)
BLANK: Final = ' \t\r\n,;|"\ufeff'


class Unpacked(gzip.GzipFile):
    """Refuses to grow beyond what a table may hold, whatever the packed file says of its size."""

    def read(self, size: int | None = -1) -> bytes:
        return self._counted(super().read(size))

    def read1(self, size: int = -1) -> bytes:
        return self._counted(super().read1(size))

    def _counted(self, piece: bytes) -> bytes:
        if self.tell() > MOST_UNPACKED:
            raise FileRefused(
                sentence(
                    "{file} is larger than {most} MB once it is unpacked. Split it.",
                    file=Path(str(self.name)).name,
                    most=MOST_UNPACKED // MB,
                )
            )
        return piece


def open_bytes(path: Path) -> IO[bytes]:
    """The bytes of the file, unpacked when it is gzip (by its first bytes, whatever its name)."""
    with path.open("rb") as stream:
        magic = stream.read(4)
    if not magic:
        raise FileRefused(nothing_in(path))
    return Unpacked(path, "rb") if magic.startswith(GZIP) else path.open("rb")  # type: ignore[return-value]


def nothing_in(path: Path) -> Sentence:
    return sentence("{file} is empty. Export it again, with a line of column names.", file=path.name)


def is_binary(path: Path) -> bool:
    """Whether what the file holds is no text in any encoding: a picture, a PDF, what is left of a workbook."""
    with open_bytes(path) as stream:
        head = stream.read(1 << 16)
    return len(BINARY.findall(head)) * 50 > len(head)


class Lines:
    """The lines from that of the column names on. `skipped`: those before it; `sign`: the separator they name, or "";
    `read`: characters until now."""

    def __init__(self, path: Path, codec: str) -> None:
        self.path = path
        self.raw = open_bytes(path)
        self.stream = io.TextIOWrapper(self.raw, encoding=codec, newline="")
        self.skipped, self.read, self.sign = 0, 0, ""
        self.lines = self._from_header()

    def __iter__(self) -> Iterator[str]:
        return self.lines

    def _from_header(self) -> Iterator[str]:
        every = self._each()
        for line in every:
            told = None if self.skipped else TELLS_SEPARATOR.fullmatch(line)
            if told:
                self.sign = told[1]
            elif line.strip(BLANK):
                return chain([line], every)
            self.skipped += 1
            if self.skipped >= MOST_SKIPPED:
                break
        return iter(())

    def _each(self) -> Iterator[str]:
        number = 1
        while line := self.stream.readline(MOST_LINE):
            if len(line) == MOST_LINE:
                raise FileRefused(self._too_long(number))
            self.read += len(line)
            number += 1
            yield line

    def _too_long(self, number: int) -> Sentence:
        return sentence(
            "{file}, line {line} is longer than {most} characters, which no table needs. Export it again as CSV, with "
            "one line for each row.",
            file=self.path.name,
            line=number,
            most=MOST_LINE,
        )

    @property
    def packed_place(self) -> int:
        """How many bytes of the file as it lies there were read until now."""
        packed = getattr(self.raw, "fileobj", None)
        return int((packed or self.raw).tell())

    def close(self) -> None:
        self.stream.close()

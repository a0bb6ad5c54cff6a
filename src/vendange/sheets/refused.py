"""The file of refused rows: as they were, with their line and the reason, to be corrected and imported again."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from vendange.agreement.sentence import Sentence, sentence
from vendange.sheets.refusal import FileRefused
from vendange.sheets.sheet import Sheet
from vendange.sheets.signs import ADDED

SHOWN: Final = 5
MOST_KINDS: Final = 40


class RefusedRows:
    """Counts refusals, keeps the first, writes all when there is a path; the file is made with the first row.

    `count`, `size`: of an import that goes on, how many were refused until now and how long their file was (bytes):
    what a crash has left beyond that is cut off. `kinds`: by the template of the reason, how many rows, the first line
    of them and what was said of it.
    """

    def __init__(self, sheet: Sheet, path: Path | None, *, count: int = 0, size: int = 0) -> None:
        self.sheet, self.path = sheet, path
        self.count, self.began_at = count, size
        self.first: list[tuple[int, str]] = []
        self.kinds: dict[str, tuple[int, int, Sentence]] = {}
        self.stream: IO[str] | None = None

    def __enter__(self) -> "RefusedRows":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.stream:
            self.stream.close()

    def add(self, line: int, row: Sequence[str], because: str, why: Sentence | None = None) -> None:
        """`because`: as the file says it, `why`: the same as a sentence, where it is counted by its kind."""
        self.count += 1
        if why is not None and (why.template in self.kinds or len(self.kinds) < MOST_KINDS):
            count, first, said = self.kinds.get(why.template, (0, line, why))
            self.kinds[why.template] = (count + 1, first, said)
        if len(self.first) < SHOWN:
            self.first.append((line, because))
        if self.path:
            self._write(line, row, because)

    @property
    def size(self) -> int:
        """Of the file, in bytes, with all that was added."""
        if self.stream is None:
            return self.began_at
        self.stream.flush()
        return os.fstat(self.stream.fileno()).st_size

    def back_to(self, size: int, count: int) -> None:
        """Forget what was added since then: it did not come to pass."""
        if self.stream is not None:
            self.stream.close()
            self.stream = None
        self.began_at, self.count = size, count

    @property
    def written(self) -> str:
        return str(self.path) if self.path and self.count else ""

    def _write(self, line: int, row: Sequence[str], because: str) -> None:
        if self.stream is None:
            self._start()
        kept = [cell for name, cell in zip(self._names(row), row, strict=False) if name not in ADDED]
        csv.writer(self._opened(), delimiter=self.sheet.separator).writerow([*kept, line, because])
        self._opened().flush()

    def _names(self, row: Sequence[str]) -> list[str]:
        """The name of each cell; a row that is too long keeps its surplus cells."""
        return [*self.sheet.header, *[""] * max(0, len(row) - len(self.sheet.header))]

    def _start(self) -> None:
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            goes_on = 0 < self.began_at <= (self.path.stat().st_size if self.path.exists() else 0)
            if goes_on:
                os.truncate(self.path, self.began_at)
            self.stream = self.path.open(*("a", -1, "utf-8") if goes_on else ("w", -1, "utf-8-sig"), newline="")
        except OSError as error:
            raise FileRefused(
                sentence(
                    "{file} cannot be written: {why}. Choose another place for the refused rows.",
                    file=self.path,
                    why=error.strerror or str(error),
                )
            ) from None
        if goes_on:
            return
        header = [name for name in self.sheet.header if name not in ADDED]
        csv.writer(self.stream, delimiter=self.sheet.separator).writerow([*header, *ADDED])

    def _opened(self) -> IO[str]:
        assert self.stream is not None  # noqa: S101 (made by _start)
        return self.stream

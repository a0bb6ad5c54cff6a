"""Files that are there whole or not at all, whatever happens while they are written, and folders with one writer."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

try:
    import fcntl
except ImportError:  # Windows: one machine, one administrator
    fcntl = None  # type: ignore[assignment]

UNFINISHED = ".unfinished"


class Busy(Exception):
    """Another process is writing in this folder."""


def placed(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a file beside, then put it at this path: whoever reads sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{token_hex(4)}{UNFINISHED}")
    try:
        write(beside)
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def replaced(path: Path, content: bytes) -> None:
    """As `placed`, of content at hand."""

    def write(beside: Path) -> None:
        beside.write_bytes(content)

    placed(path, write)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder against other writers; Busy when one is there. A process that dies frees it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "writer.lock").open("w") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Busy(f"Another process is writing in {folder}. Wait until it has finished.") from None
        yield

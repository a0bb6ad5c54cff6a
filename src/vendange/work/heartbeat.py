"""The sign of life of the worker: a small file in VENDANGE_HOME, written every few seconds, read by /readyz."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings

EVERY: Final = 2.0  # seconds
DEAD_AFTER: Final = 30.0  # seconds without a beat
STUCK_AFTER: Final = 600.0  # seconds in which a loop has not come round


@dataclass(frozen=True, slots=True)
class Beat:
    """When the worker last beat, its process, and for each loop when it last came round."""

    at: datetime
    process: int
    loops: dict[str, datetime]

    def age(self, now: datetime) -> float:
        return (now - self.at).total_seconds()

    def stuck(self, now: datetime) -> list[str]:
        return [name for name, at in self.loops.items() if (now - at).total_seconds() > STUCK_AFTER]


def file() -> Path:
    return Path(settings.HOME) / "worker.json"


def write(loops: dict[str, datetime], *, now: datetime) -> None:
    beat = asdict(Beat(now, os.getpid(), loops))
    new = file().with_suffix(f".{os.getpid()}")
    new.write_text(json.dumps(beat, default=datetime.isoformat))
    new.replace(file())


def read() -> Beat | None:
    """The last beat; None when no worker has run here, or the file cannot be read."""
    try:
        kept = json.loads(file().read_text())
        loops = {name: datetime.fromisoformat(at).astimezone(UTC) for name, at in kept["loops"].items()}
        return Beat(datetime.fromisoformat(kept["at"]), int(kept["process"]), loops)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None

"""How large the made-up company is. Everything follows from these four numbers, for ever."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vendange.engine.rows import DAY

VERSION: Final = 1  # of what the generator makes; another one makes kept files void
SIGNALS: Final = 20  # for each person
PER_ORGANISATION: Final = 5  # people
END: Final = 20_454 * DAY  # 2026-01-01, microseconds
START: Final = END - 1_096 * DAY  # three years before


@dataclass(frozen=True, slots=True)
class Size:
    people: int
    organisations: int
    signals: int
    seed: int

    @classmethod
    def of(cls, *, people: int | None, signals: int | None, seed: int) -> "Size":
        """What is not said follows from what is: 5 people to an organisation, 20 signals to a person."""
        people = people or (signals or SIGNALS * 1_000_000) // SIGNALS or 1
        return cls(people, max(1, people // PER_ORGANISATION), signals or people * SIGNALS, seed)

    @property
    def name(self) -> str:
        return f"v{VERSION}-{self.people}-{self.signals}-{self.seed}"

    def folder(self, home: Path) -> Path:
        return home / "bench" / self.name

"""Written by no step: lets others have the one writer of SQLite, which takes no turns."""

import time
from collections.abc import Callable
from typing import Final

from django.db import connection

WORKS: Final = 1.0  # seconds after which others have their turn
RESTS: Final = 0.15  # seconds: who waits for SQLite looks ten times a second


class Turns:
    """For long work that writes piece after piece: between two of them, once a second, it rests a moment.

    Without that a colleague who saves something waits until chance lets them in between two pieces. PostgreSQL locks
    rows, so nobody waits for it.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.clock, self.sleep = clock, sleep
        self.since = clock()

    def give(self) -> None:
        if connection.vendor == "sqlite" and self.clock() - self.since >= WORKS:
            self.sleep(RESTS)
            self.since = self.clock()

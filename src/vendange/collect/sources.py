"""Write keys in memory, read again every few seconds and when a key is not known."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import DatabaseError

log = logging.getLogger("vendange.collect")

FRESH_FOR: Final = 5.0  # seconds
UNKNOWN_EVERY: Final = 0.2  # seconds between two looks for keys that are not known: guessing costs us nothing


@dataclass(frozen=True, slots=True)
class Known:
    """A source that may send. No origin named = any site may."""

    id: int
    origins: tuple[str, ...]

    def allows(self, origin: str) -> bool:
        return not self.origins or not origin or origin in self.origins


class Unreachable(Exception):
    """The write keys cannot be read, and none were read before."""


class Sources:
    """The open sources by write key; `read` gives them as they stand in the database now."""

    def __init__(self, read: Callable[[], Mapping[str, Known]]) -> None:
        self.read = read
        self.known: Mapping[str, Known] | None = None
        self.read_at = 0.0
        self.lock = asyncio.Lock()

    async def of_key(self, key: str) -> Known | None:
        found = (await self.all(FRESH_FOR)).get(key)
        if found is None and key:
            found = (await self.all(UNKNOWN_EVERY)).get(key)
        return found

    async def allow_origin(self, origin: str) -> bool:
        """Before the key is known (a preflight carries none): whether any source would take this origin."""
        return any(one.allows(origin) for one in (await self.all(FRESH_FOR)).values())

    async def all(self, age: float) -> Mapping[str, Known]:
        async with self.lock:
            if self.known is None or time.monotonic() - self.read_at > age:
                await self._reload()
        if self.known is None:
            raise Unreachable
        return self.known

    async def _reload(self) -> None:
        self.read_at = time.monotonic()
        try:
            self.known = await asyncio.get_running_loop().run_in_executor(None, self.read)
        except DatabaseError as error:
            log.error("The write keys cannot be read: %s. Those read before stay valid.", error)

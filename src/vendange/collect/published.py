"""Published forms in memory: read again every few seconds, and when one is not known."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import DatabaseError

from vendange.ask.rules import Definition, Question
from vendange.collect.sources import FRESH_FOR, UNKNOWN_EVERY, Unreachable

log = logging.getLogger("vendange.collect")

TRAP: Final = "contact_url"  # a field that humans do not see


@dataclass(frozen=True, slots=True)
class Published:
    """A form that was published. `texts`: the wording of each box by its name; `words`: what forms say of their own."""

    public_id: str
    source: int
    version: int
    origins: tuple[str, ...]
    definition: Definition
    texts: Mapping[str, str]
    words: Mapping[str, str]
    countries: tuple[tuple[str, str], ...]  # code and name, where a question asks for one
    is_closed: bool = False  # it takes nothing any more, and says so in its language

    def allows(self, origin: str, host: str) -> bool:
        """Whether a page of this origin may send; our own pages always may."""
        return not self.origins or not origin or origin in self.origins or origin.partition("://")[2] == host

    def as_json(self, asked: tuple[Question, ...], now: float) -> dict[str, Any]:
        """What the script draws: the questions that come next, and nothing of what is known."""
        form = self.definition
        return {
            "ok": True,
            "id": self.public_id,
            "language": form.language,
            "title": form.title,
            "intro": form.intro,
            "submit": form.submit or self.words["send"],
            "questions": [self._question(one) for one in asked],
            "consents": [{"name": box.name, "text": self.texts[box.name]} for box in form.consents],
            "countries": self.countries if any(one.kind == "country" for one in asked) else (),
            "shown": int(now * 1000),
            "trap": TRAP,
            "words": self.words,
        }

    def _question(self, one: Question) -> dict[str, Any]:
        told = {"id": one.id, "kind": one.kind, "about": one.field, "label": one.label, "help": one.help}
        return {**told, "required": one.required, "options": one.options}


class Forms:
    """`read` gives the forms as they stand in the database now; `known_of` the fields known of a browser."""

    def __init__(self, read: Callable[[], Mapping[str, Published]], known_of: Callable[[str], frozenset[str]]) -> None:
        self.read, self._known_of = read, known_of
        self.forms: Mapping[str, Published] | None = None
        self.read_at = 0.0
        self.lock = asyncio.Lock()

    async def of_id(self, public_id: str) -> Published | None:
        found = (await self._all(FRESH_FOR)).get(public_id)
        return found or (await self._all(UNKNOWN_EVERY)).get(public_id)

    async def known_of(self, anonymous_id: str) -> frozenset[str]:
        try:
            return await asyncio.get_running_loop().run_in_executor(None, self._known_of, anonymous_id)
        except DatabaseError as error:
            log.error("What is known of a browser cannot be read: %s. All questions are asked.", error)
            return frozenset()

    async def _all(self, age: float) -> Mapping[str, Published]:
        async with self.lock:
            if self.forms is None or time.monotonic() - self.read_at > age:
                self.read_at = time.monotonic()
                try:
                    self.forms = await asyncio.get_running_loop().run_in_executor(None, self.read)
                except DatabaseError as error:
                    log.error("The forms cannot be read: %s. Those read before stay valid.", error)
        if self.forms is None:
            raise Unreachable
        return self.forms

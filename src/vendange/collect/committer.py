"""Group commit: one thread writes whatever has queued while it wrote before. A request is answered after its commit."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from vendange.collect.rows import Part, Refusal
from vendange.collect.store import Store

log = logging.getLogger("vendange.collect")

PARTS_AT_ONCE: Final = 500
ROWS_AT_ONCE: Final = 5_000
PARTS_WAITING: Final = 5_000
BYTES_WAITING: Final = 64 * 1024 * 1024


class Outcome(Enum):
    STORED = "stored"
    NOT_STORABLE = "not storable"  # this request alone cannot be written; it is kept among the refused
    UNAVAILABLE = "unavailable"  # the database takes nothing now; nothing of this request is kept


class Full(Exception):
    """More is waiting for the disk than we may hold in memory."""


class Dead(Exception):
    """The writer has stopped: nothing can be stored any more by this process."""


@dataclass(slots=True)
class Waiting:
    part: Part
    size: int
    answer: asyncio.Future[Outcome]


class Committer:
    """`submit` from the event loop; the future it gives is resolved after COMMIT."""

    def __init__(self, store: Store, *, parts_waiting: int = PARTS_WAITING, bytes_waiting: int = BYTES_WAITING) -> None:
        self.store = store
        self.parts_waiting, self.bytes_waiting = parts_waiting, bytes_waiting
        self.queue: deque[Waiting] = deque()
        self.size = 0  # bytes in the queue; touched by the event loop only
        self.wake = threading.Event()
        self.stopping = False
        self.loop: asyncio.AbstractEventLoop | None = None
        self.thread = threading.Thread(target=self._run, name="vendange-inbox-writer", daemon=True)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.thread.start()

    @property
    def alive(self) -> bool:
        return self.thread.is_alive() and not self.stopping

    def submit(self, part: Part) -> asyncio.Future[Outcome]:
        """Queue one request. Raises Full or Dead; never waits."""
        if self.loop is None or not self.alive:
            raise Dead
        size = part.size
        if len(self.queue) >= self.parts_waiting or self.size + size > self.bytes_waiting:
            raise Full
        answer: asyncio.Future[Outcome] = self.loop.create_future()
        self.size += size
        self.queue.append(Waiting(part, size, answer))
        self.wake.set()
        if not self.alive:  # it ended between the look above and now
            self._give_up()
        return answer

    def stop(self, timeout: float = 20) -> None:
        """Write what is queued, then end. Blocks: not for the event loop."""
        self.stopping = True
        self.wake.set()
        if self.thread.ident is not None:
            self.thread.join(timeout)

    def _run(self) -> None:
        taken: list[Waiting] = []
        try:
            while not (self.stopping and not self.queue):
                self.wake.wait()
                self.wake.clear()
                if taken := self._take():
                    self._resolve(taken, self._write([one.part for one in taken]))
        except BaseException:
            self.stopping = True  # before the answers leave: whoever asks next must hear it
            log.exception("The writer of the inbox has stopped. Restart this process; senders are told to retry.")
            self._resolve(taken, [Outcome.UNAVAILABLE] * len(taken))
        finally:
            self.stopping = True
            self.store.close()
            self._give_up()

    def _take(self) -> list[Waiting]:
        """The next requests to write together. A deque: both threads may touch it at once."""
        taken: list[Waiting] = []
        rows = 0
        while self.queue and len(taken) < PARTS_AT_ONCE and rows < ROWS_AT_ONCE:
            taken.append(self.queue.popleft())
            rows += len(taken[-1].part.rows)
        if self.queue or self.stopping:
            self.wake.set()
        return taken

    def _write(self, parts: Sequence[Part]) -> list[Outcome]:
        try:
            return self._write_or_reopen(parts)
        except self.store.unavailable as error:
            log.error("The inbox cannot be written now: %s. Senders are told to retry.", error)
            return [Outcome.UNAVAILABLE] * len(parts)
        except Exception:
            return [self._write_alone(part) for part in parts]

    def _write_or_reopen(self, parts: Sequence[Part]) -> list[Outcome]:
        """Once more on a fresh connection: the server may have restarted, or two collectors crossed each other."""
        try:
            self.store.write(parts)
        except self.store.unavailable:
            self.store.close()
            self.store.write(parts)
        return [Outcome.STORED] * len(parts)

    def _write_alone(self, part: Part) -> Outcome:
        """One of several could not be written: each is tried alone, so that it fails alone."""
        try:
            self.store.write([part])
        except self.store.unavailable:
            return Outcome.UNAVAILABLE
        except Exception as error:
            return self._keep_refused(part, error)
        return Outcome.STORED

    def _keep_refused(self, part: Part, error: Exception) -> Outcome:
        detail = f"The database does not take this: {error}"
        kept = [
            Refusal(row.source, row.message_id, "not_storable", detail, row.received_at, row.payload)
            for row in part.rows
        ]
        try:
            self.store.write([Part(refusals=[*part.refusals, *kept])])
        except Exception as again:
            log.error("A refused request could not be kept either: %s", again)
            return Outcome.UNAVAILABLE
        return Outcome.NOT_STORABLE

    def _resolve(self, taken: list[Waiting], outcomes: list[Outcome]) -> None:
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._answer, taken, outcomes)

    def _answer(self, taken: list[Waiting], outcomes: list[Outcome]) -> None:
        for one, outcome in zip(taken, outcomes, strict=True):
            self.size -= one.size
            if not one.answer.done():
                one.answer.set_result(outcome)

    def _give_up(self) -> None:
        left = list(self.queue)
        self.queue.clear()
        self._resolve(left, [Outcome.UNAVAILABLE] * len(left))

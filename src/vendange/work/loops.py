"""The worker: a few loops, each in its thread, that end with the chunk they are at and survive what goes wrong."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType
from typing import Final

from django.db import Error as DatabaseFault
from django.db import connections

from vendange.connect.mail import deliver
from vendange.find import actions as find
from vendange.journey import arrive, clock
from vendange.work import heartbeat, mail_back
from vendange.work.alone import Alone
from vendange.work.long import LOOK_EVERY, LongWork

log = logging.getLogger("vendange.work")

DRAIN_EVERY: Final = 0.2  # seconds, when less than a chunk is waiting
CHUNK: Final = 250  # events: so few people that they are measured without waking DuckDB, which takes a second or two
MAIL_EVERY: Final = 1.0
WORDS_EVERY: Final = 1.0
TICK_EVERY: Final = 15.0
PAUSE_AFTER_FAULT: Final = 2.0
LEAST_REST: Final = 0.15  # seconds: who waits for SQLite looks ten times a second
SAY_AGAIN_AFTER: Final = 60.0  # seconds before the same fault is told again


@dataclass(slots=True)
class Loop:
    """`turn` does one chunk at the given time and says whether more is waiting; `every` is in seconds.

    `gives_way`: nobody waits for it, so that between two chunks it rests as long as it worked. Without that, chunk
    after chunk would keep others from the one writer of SQLite, which takes no turns.
    """

    name: str
    every: float
    turn: Callable[[datetime], bool]
    gives_way: bool = False
    last_round: datetime = field(default_factory=lambda: datetime.now(UTC))
    told: str = ""
    told_at: float = 0.0

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            stop.wait(self.once())
        connections.close_all()

    def once(self) -> float:
        """One turn; returns how many seconds to rest."""
        begun = time.monotonic()
        try:
            more = self.turn(datetime.now(UTC))
        except Exception as fault:
            self._tell(fault)
            self._drop_connections(fault)
            return PAUSE_AFTER_FAULT
        self.last_round = datetime.now(UTC)
        if not more:
            return self.every
        return max(LEAST_REST, time.monotonic() - begun) if self.gives_way else 0

    def _tell(self, fault: Exception) -> None:
        """The whole story once; the same fault again is told once a minute in one line."""
        now, words = time.monotonic(), f"{type(fault).__name__}: {fault}"
        if words != self.told:
            log.error("%s could not be done: %s. Nothing is lost, it is tried again.", self.name, words, exc_info=fault)
        elif now - self.told_at < SAY_AGAIN_AFTER:
            return
        else:
            log.error("%s still cannot be done: %s.", self.name, words)
        self.told, self.told_at = words, now

    @staticmethod
    def _drop_connections(fault: Exception) -> None:
        if isinstance(fault, DatabaseFault):
            connections.close_all()


def drain(now: datetime) -> bool:
    """After less than a whole chunk events may gather: fifty together cost a third of what they cost by eights."""
    return arrive.drain(now=now, limit=CHUNK) == CHUNK


def words(now: datetime) -> bool:  # noqa: ARG001 - all turns are alike
    return find.keep_up() > 0


def mail(now: datetime) -> bool:
    return deliver.deliver_due(now=now) > 0


class Clock:
    """Ticks only in the one worker that holds the lock."""

    def __init__(self, alone: Alone) -> None:
        self.alone = alone

    def __call__(self, now: datetime) -> bool:
        if not self.alone.hold():
            return False
        clock.tick(now=now)
        more = clock.forget(now=now)
        more = clock.fade(now=now) or more
        return clock.catch_up(now=now) or more


class Worker:
    """All loops of one process. `run` blocks until SIGTERM or SIGINT, or `stop`."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.alone = Alone()
        self.long = LongWork()
        self.loops: Sequence[Loop] = (
            Loop("Reading what has come in", DRAIN_EVERY, drain),
            Loop("Writing down what is searched", WORDS_EVERY, words, gives_way=True),
            Loop("Delivering mail", MAIL_EVERY, mail),
            Loop("Reading what mail providers tell", mail_back.DRAIN_EVERY, mail_back.posted),
            Loop("Looking into the mailbox", mail_back.LOOK_EVERY, mail_back.Mailbox()),
            Loop("What is due", TICK_EVERY, Clock(self.alone), gives_way=True),
            Loop("Long work", LOOK_EVERY, self.long),
        )

    def stop(self, number: int = 0, frame: FrameType | None = None) -> None:  # noqa: ARG002 - a signal handler's form
        self.stopping.set()

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        threads = [threading.Thread(target=one.run, args=(self.stopping,), name=one.name) for one in self.loops]
        for one in threads:
            one.start()
        while not self.stopping.is_set():
            self._beat()
            self.stopping.wait(heartbeat.EVERY)
        for one in threads:
            one.join()
        self._end_long_work()
        self.alone.release()

    def _end_long_work(self) -> None:
        try:
            self.long.stop(datetime.now(UTC))
        except DatabaseFault as fault:
            log.error("A job could not be given back: %s. It is begun again once it has been silent.", fault)
        connections.close_all()

    def _beat(self) -> None:
        try:
            heartbeat.write({one.name: one.last_round for one in self.loops}, now=datetime.now(UTC))
        except OSError as fault:
            log.error("The sign of life cannot be written: %s", fault)

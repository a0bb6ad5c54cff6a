"""Sends requests to a server over open connections, as fast as it answers: one thread, no library in between."""

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

ALL_OF_IT: Final = 65_536
PATIENCE: Final = 120.0  # seconds for one answer: on a machine that others use too, the disk may be slow


class Unanswered(Exception):
    """The server closed a connection, or answered something else than 200; the message says which."""


@dataclass(slots=True)
class Load:
    """What came of it: requests answered 200, seconds of the wall, and milliseconds of each request."""

    answered: int = 0
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    def slowest(self, share: float) -> float:
        """The wait that so large a share of the requests stays under: 0.99 gives the p99."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@dataclass(slots=True)
class _Line:
    """One connection with the request that it waits for."""

    socket: socket.socket
    sent_at: float = 0.0
    heard: bytes = b""


def send(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Load:
    """Send these requests, each once, for so long at most, always one on each connection. Raises Unanswered."""
    left = iter(requests)
    load = Load(waits=[])
    begun = time.perf_counter()
    with selectors.DefaultSelector() as waiting:
        lines = [_Line(_connected(port)) for _ in range(connections)]
        for line in lines:
            waiting.register(line.socket, selectors.EVENT_READ, line)
        try:
            busy = sum(_next(line, left) for line in lines)
            while busy:
                busy -= _heard(waiting, load, left, begun + seconds)
        finally:
            for line in lines:
                line.socket.close()
    load.seconds = time.perf_counter() - begun
    return load


def _connected(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def _next(line: _Line, left: Iterator[bytes]) -> bool:
    """Send the next request; False when there is none."""
    request = next(left, None)
    if request is None:
        return False
    line.heard, line.sent_at = b"", time.perf_counter()
    line.socket.sendall(request)
    return True


def _heard(waiting: selectors.BaseSelector, load: Load, left: Iterator[bytes], end: float) -> int:
    """Read what has come; how many connections have nothing more to do."""
    done = 0
    ready = waiting.select(PATIENCE)
    if not ready:
        raise Unanswered(f"No answer came within {PATIENCE:.0f} seconds.")
    for key, _ in ready:
        line: _Line = key.data
        line.heard += _piece(line.socket)
        if not _complete(line.heard):
            continue
        now = time.perf_counter()
        load.answered += 1
        load.waits.append(1000 * (now - line.sent_at))
        if now >= end or not _next(line, left):
            waiting.unregister(line.socket)
            done += 1
    return done


def _piece(line: socket.socket) -> bytes:
    piece = line.recv(ALL_OF_IT)
    if not piece:
        raise Unanswered("The collector closed a connection.")
    return piece


def _complete(heard: bytes) -> bool:
    """Whether the whole answer is there; raises Unanswered when it is no 200."""
    head, found, body = heard.partition(b"\r\n\r\n")
    if not found:
        return False
    status, _, fields = head.partition(b"\r\n")
    if b" 200" not in status:
        raise Unanswered(f"The collector answered {status.decode('latin-1')}.")
    length = next(line for line in fields.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return len(body) >= int(length.partition(b":")[2])

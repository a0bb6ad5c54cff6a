"""How much one sender may send: buckets that fill again with time, in the memory of this process."""

import ipaddress
import time
from collections.abc import Callable
from typing import Final

MOST_BUCKETS: Final = 50_000


class Buckets:
    """One bucket for each name: `size` at once, then `rate` a second."""

    def __init__(self, size: float, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.size, self.rate, self.clock = size, rate, clock
        self.levels: dict[str, tuple[float, float]] = {}  # what was left, and when

    def take(self, name: str) -> float:
        """Take one; 0 when there was one, else the seconds until there is."""
        now = self.clock()
        left, at = self.levels.get(name, (self.size, now))
        left = min(self.size, left + (now - at) * self.rate)
        if len(self.levels) > MOST_BUCKETS:
            self._forget_full(now)
        self.levels[name] = (max(left - 1, 0.0) if left >= 1 else left, now)
        return 0.0 if left >= 1 else (1 - left) / self.rate

    def _forget_full(self, now: float) -> None:
        """A bucket that is full again says nothing; when all are in use the oldest half goes."""
        kept = {
            name: (left, at) for name, (left, at) in self.levels.items() if left + (now - at) * self.rate < self.size
        }
        if len(kept) > MOST_BUCKETS // 2:
            kept = dict(list(kept.items())[-MOST_BUCKETS // 2 :])
        self.levels = kept


def network(ip: str) -> str:
    """Whom an address stands for: itself, or for IPv6 the network of 64 bits that one subscriber has."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else ip

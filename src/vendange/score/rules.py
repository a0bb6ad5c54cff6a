"""Score decides: which of the engine's alerts are news. Plain Python."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vendange.engine.rows import DAY, Alert


class Told(NamedTuple):
    """An alert that somebody was already given; `at` in microseconds."""

    at: int
    way: str
    rule: str


def news(alerts: Iterable[Alert], told: Sequence[Told], cool_down_days: float) -> list[Alert]:
    """The alerts nobody was told yet. Late signals shift times: near an alert already given, it is the same one.

    A revealing act is the same within a day; a score is the same within the cool-down, whatever the way of the other.
    """
    given = list(told)
    fresh = []
    for alert in alerts:
        if not any(_same(alert, one, cool_down_days) for one in given):
            fresh.append(alert)
            given.append(Told(alert.at, alert.way, alert.rule))
    return fresh


def _same(alert: Alert, one: Told, cool_down_days: float) -> bool:
    if alert.way == "act":
        return (one.way, one.rule) == (alert.way, alert.rule) and abs(one.at - alert.at) < DAY
    return abs(one.at - alert.at) < cool_down_days * DAY

"""Score decides: which of the engine's alerts are news. Plain Python."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vendange.engine.rows import DAY, Alert


class Told(NamedTuple):
    """An alert that somebody was already given; `at` in microseconds. Not `mine`: about a colleague of the person."""

    at: int
    way: str
    rule: str
    mine: bool = True


def news(alerts: Iterable[Alert], told: Sequence[Told], cool_down_days: float) -> list[Alert]:
    """The alerts nobody was told yet. Late signals shift times: near an alert already given, it is the same one.

    A revealing act is the same within a day. A pattern, also when a colleague completed it, and a burst in a topic are
    the same within the cool-down. So is a score, common or of a dimension, whatever the way of the other alert.
    """
    given = list(told)
    fresh = []
    for alert in alerts:
        if not any(_same(alert, one, cool_down_days * DAY) for one in given):
            fresh.append(alert)
            given.append(Told(alert.at, alert.way, alert.rule))
    return fresh


def _same(alert: Alert, one: Told, cool_down: float) -> bool:
    apart = abs(one.at - alert.at)
    if alert.way in {"score", "dimension"}:
        return one.mine and apart < cool_down
    return (one.way, one.rule) == (alert.way, alert.rule) and apart < (DAY if alert.way == "act" else cool_down)

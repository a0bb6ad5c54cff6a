"""Segments follow what happens: whoever was measured, has changed, or whose acts grew old is looked at again."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from vendange.segment import actions as segment

MARKS: Final = 2_000  # that one tick settles
ROUNDS: Final = 5


def look(people: Collection[int], *, now: datetime, measured: bool = True) -> None:
    """In the transaction in which they were measured, or in one of its own."""
    segment.look(people, now=now, measured=measured)


def keep_up(*, now: datetime) -> int:
    """What time and other changes than signals have done to segments; how many people were looked at."""
    looked = segment.let_time_pass(now)
    for _ in range(ROUNDS):
        marks = segment.look_at_marked(now, MARKS)
        looked += marks
        if marks < MARKS:
            break
    return looked


def forget(*, now: datetime) -> None:
    segment.forget_who_left(now)

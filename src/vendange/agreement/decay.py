"""Reads points that halve with time."""

from typing import Final

from vendange.agreement.places import Place
from vendange.agreement.sentence import sentence

MOST_POINTS: Final = 1000
SECOND_THOUGHT: Final = sentence(
    "Decaying points must be above 0. To take points off, use a fit rule: it does not decay."
)


def read_half_life(place: Place | None, default: float) -> float:
    """Elapsed days after which points are worth half."""
    if place is None:
        return default
    if getattr(place.node, "text", "").startswith("-"):
        place.refuse(
            sentence("A half-life cannot be negative."),
            sentence("Write the time after which points are worth half: 21 days."),
        )
        return default
    return place.elapsed_days()


def read_decaying_points(place: Place | None) -> float:
    """Left out: 1."""
    points = place.number(at_most=MOST_POINTS) if place else 1.0
    if place and points <= 0:
        place.refuse(sentence("{points} points cannot decay.", points=f"{points:g}"), SECOND_THOUGHT)
        return 1.0
    return points

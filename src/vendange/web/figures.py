"""Numbers as people of a language write them: thousands, money, shares, points, and the widths of bars."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.formats import number_format
from django.utils.translation import get_language

NARROW = "\u202f"  # no-break space inside French thousands
SPACE = "\u00a0"  # no-break space before units
MINUS = "\u2212"
SIGNS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}


def french() -> bool:
    return (get_language() or "").startswith("fr")


def number(value: float, places: int = 0) -> str:
    text = number_format(round(value, places), decimal_pos=places, use_l10n=True, force_grouping=True)
    if french():
        text = text.replace("\xa0", NARROW)
    return text.replace("-", MINUS)


def placed(amount: str, currency: str, unit: str = "") -> str:
    """The sign before in English, after in French; other currencies by their code."""
    sign = SIGNS.get(currency, currency)
    if french():
        return f"{amount}{SPACE}{unit}{sign}"
    return f"{sign}{SPACE}{amount}{SPACE + unit if unit else ''}"


def money(cents: int, currency: str) -> str:
    places = 2 if cents % 100 else 0
    return placed(number(cents / 100, places), currency)


def money_short(cents: int, currency: str) -> str:
    """Thousands or millions with three telling digits; below 10 000 the whole amount."""
    amount = abs(cents) / 100
    if amount < 10_000:
        return money(round(cents / 100) * 100, currency)
    step, unit = (1_000_000, "M") if amount >= 1_000_000 else (1_000, "k")
    value = cents / 100 / step
    places = 0 if unit == "k" or value >= 100 else 1 if value >= 10 else 2
    text = number(value, places)
    if places:
        text = text.rstrip("0").rstrip(".,")
    return placed(text, currency, unit)


def rate(part: float | None, whole: float | None) -> str:
    """One decimal only where it tells something: under 10 %, on a hundred cases or more."""
    if part is None or not whole:
        return "–"
    share = 100 * part / whole
    places = 1 if share < 10 and whole >= 100 and part else 0
    return f"{number(share, places)}{SPACE}%"


def points(value: float) -> str:
    places = 0 if abs(value - round(value)) < 0.05 else 1
    return ("+" if value > 0 else "") + number(value, places)


def within(value: float, most: float = 100) -> str:
    """A coordinate for SVG, always with a point: never the decimal comma of the page's language."""
    return f"{min(max(value, 0), most):.2f}".rstrip("0").rstrip(".")


class Segment(NamedTuple):
    css: str
    start: str
    width: str


def points_of(line: Any) -> float:
    if isinstance(line, int | float):
        return float(line)
    return float(line["points"] if isinstance(line, Mapping) else line.points)


def segments(given: Sequence[float], out_of: float) -> list[Segment]:
    """Positive points from the left, widest first as given; then what was taken away, over the end of them."""
    plus = [value for value in given if value > 0]
    scale = 100 / max(out_of, sum(plus), 1)
    parts, at = [], 0.0
    for place, value in enumerate(plus, start=1):
        width = value * scale
        parts.append(Segment(f"q{min(place, 4)}", within(at), within(width)))
        at += width
    taken = min(-sum(value for value in given if value < 0) * scale, at)
    if taken > 0:
        parts.append(Segment("taken", within(at - taken), within(taken)))
    return parts

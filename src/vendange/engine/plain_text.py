"""What strangers send, made into text that a page can show: one line, no invisible characters, of bounded size."""

import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

MOST_PROPS: Final = 50
LONGEST_TEXT: Final = 500
# Characters without a shape, and those that turn the direction of writing; lines and tabs are not among them.
INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
JOINERS: Final = "\u200c\u200d"  # some scripts write with them, between letters


def folded(text: str) -> str:
    """Small letters without accents, with straight apostrophes."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("’", "'"))
    return plain.encode("ascii", "ignore").decode()


def one_line(given: object, longest: int) -> str:
    """One line of text without control or invisible characters; "" for anything that is not text or a number."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if not isinstance(given, str | int | float):
        return ""
    text = unicodedata.normalize("NFC", str(given)[: longest * 4])
    if not text.isprintable():
        text = "".join(one if one.isprintable() else " " * one.isspace() for one in text)
    return " ".join(text.split())[:longest].strip()


def seen(text: str) -> str:
    """Text without the characters that nobody sees; what has none is as it was.

    >>> seen("No\\u202eva\\u200b"), seen("\\u200b \\u2060"), seen("two\\nlines")
    ('Nova', '', 'two\\nlines')
    """
    return text if text.isprintable() else INVISIBLE.sub("", text).strip(JOINERS + " ")


def bounded(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties for people to read, of a size that a page can show."""
    cleaned = ((one_line(name, 60), kept(value)) for name, value in list(properties.items())[:MOST_PROPS])
    return {name: value for name, value in cleaned if name and value not in (None, "")}


def kept(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return one_line(value, LONGEST_TEXT)
    if isinstance(value, int | float):
        return value if math.isfinite(value) and abs(value) < 1e18 else str(value)[:40]
    return bounded(value) if isinstance(value, Mapping) else [kept(one) for one in list(value)[:MOST_PROPS]]


def number_of(given: object) -> float | None:
    try:
        number = float(one_line(given, 40))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def snake(name: object) -> str:
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(name)[:100])
    return re.sub(r"[\s\-.]+", "_", apart).lower()

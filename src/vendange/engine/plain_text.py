"""What strangers send, made into text that a page can show: one line, no invisible characters, of bounded size."""

import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

MOST_PROPS: Final = 50
LONGEST_TEXT: Final = 500


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

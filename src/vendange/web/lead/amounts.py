"""Amounts as people type them, in either language, read exactly: cents as an integer, never through a float."""

import re
from typing import Final

HIGHEST: Final = 10**13  # cents
SPACES: Final = re.compile(r"[\s\u00a0\u202f\u2009'’]")
PLAIN: Final = re.compile(r"(\d+)(?:[.,](\d{1,2}))?")
GROUPED: Final = re.compile(r"([1-9]\d{0,2}(?:([.,])\d{3})(?:\2\d{3})*)(?:(?!\2)[.,](\d{1,2}))?")
SIGNS: Final = "€£$"
LONGEST: Final = 100  # characters: more is no amount of anything


class NotAnAmount(ValueError):
    """What was typed cannot be read as an amount of money."""


class TooLarge(NotAnAmount):
    """An amount beyond the highest one."""


def cents_of(text: str) -> int:
    """Cents of an amount typed in English or French; raises NotAnAmount, and TooLarge beyond HIGHEST.

    A separator before three digits parts thousands, before one or two digits it is the decimal one.

    >>> cents_of("12 500,50"), cents_of("12,500.50"), cents_of("12.500,50 €"), cents_of("12500")
    (1250050, 1250050, 1250050, 1250000)
    """
    told = text.strip().strip(SIGNS).strip()
    parts = SPACES.split(told)
    if len(parts) > 1 and not all(re.match(r"\d{3}(?:[.,]\d{1,2})?$", part) for part in parts[1:]):
        raise NotAnAmount(text)
    bare = "".join(parts)
    if len(bare) > LONGEST or not bare.isascii():
        raise NotAnAmount(text)
    if grouped := GROUPED.fullmatch(bare):
        whole, cents = re.sub(r"[.,]", "", grouped[1]), grouped[3]
    elif plain := PLAIN.fullmatch(bare):
        whole, cents = plain[1], plain[2]
    else:
        raise NotAnAmount(text)
    found = int(whole) * 100 + int((cents or "").ljust(2, "0"))
    if found > HIGHEST:
        raise TooLarge(text)
    return found

"""Reads a mail address as somebody wrote it into a cell."""

import re
from typing import Final

from email_validator import EmailNotValidError, validate_email

# What nearly all addresses look like. Domains that only seem to be ordinary are left to the library.
LABEL: Final = r"[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){0,62}"
PLAIN: Final = re.compile(
    rf"[a-z0-9_!#$%&'*+\-/=?^`{{|}}~]+(?:\.[a-z0-9_!#$%&'*+\-/=?^`{{|}}~]+)*@(?:{LABEL}\.)+"
    r"(?!(?:arpa|invalid|local|localhost|onion|test)\Z)[a-z]{2,63}",
    re.ASCII,
)
LONGEST: Final = 254


class NoAddress(ValueError):
    """This is not a mail address."""


def plain_address(text: str) -> str:
    """The address in small letters, or "" where only the library can tell."""
    small = text.lower()
    return small if text.isascii() and len(text) <= LONGEST and PLAIN.fullmatch(small) else ""


def address_of(text: str) -> str:
    """The address in small letters, as far as its spelling tells; nobody is asked. Raises NoAddress.

    >>> address_of("C.Moreau@Atelier-Nova.example")
    'c.moreau@atelier-nova.example'
    """
    try:
        return plain_address(text) or _by_the_library(text)
    except EmailNotValidError:
        raise NoAddress(text) from None


def _by_the_library(text: str) -> str:
    found: str = validate_email(text, check_deliverability=False, test_environment=True).normalized
    return found.lower()

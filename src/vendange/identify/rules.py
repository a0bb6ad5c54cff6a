"""Identify decides: which keys are strong, what a telephone number is."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Protocol

import phonenumbers

STRONG: Final = ("user_id", "external_id", "email")

PERSON_FIELDS: Final = (
    "first_name",
    "last_name",
    "job_title",
    "level",
    "role",
    "language",
    "country",
    "time_zone",
    "source",
    "regime",
)


@lru_cache(maxsize=20_000)
def e164(raw: str, country: str) -> str:
    """A telephone number in E.164, or "" when it cannot be read without guessing (C78).

    >>> e164("06 12 34 56 78", "FR"), e164("06 12 34 56 78", "")
    ('+33612345678', '')
    """
    try:
        number = phonenumbers.parse(raw, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class Named(Protocol):
    """What identification reads of one incoming thing: keys and declared traits (see `vendange.capture.rules.Who`)."""

    @property
    def user_id(self) -> str: ...
    @property
    def external_id(self) -> str: ...
    @property
    def anonymous_id(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def traits(self) -> Mapping[str, str]: ...


def keys_of(who: Named) -> list[tuple[str, str]]:
    """Strong keys in the order in which they decide; the e-mail address in lower case."""
    found = ((kind, getattr(who, kind).strip()) for kind in STRONG)
    return [(kind, value.lower() if kind == "email" else value) for kind, value in found if value]

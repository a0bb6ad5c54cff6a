"""Identify decides: which keys are strong, what a telephone number is."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol

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


class Dialled(NamedTuple):
    """How a country dials: what stands after the plus, before a number at home, and which digits the rest may have."""

    code: str
    trunk: str  # "" where nothing stands before
    valid: re.Pattern[str]  # any kind of number


KINDS: Final = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "voip", "personal_number", "pager", "uan",
    "voicemail",
)  # fmt: skip


def _any_kind(known: Any) -> str:
    """Every pattern of a country as one; each matches a whole number of one of its lengths."""
    kinds = [kind for name in KINDS if (kind := getattr(known, name)) is not None and kind.national_number_pattern]
    ways = [
        rf"(?=(?:{'|'.join(rf'[0-9]{{{n}}}' for n in kind.possible_length or known.general_desc.possible_length)})\Z)"
        f"(?:{kind.national_number_pattern})"
        for kind in kinds
    ]
    return f"(?={known.general_desc.national_number_pattern})(?:{'|'.join(ways)})"


def _dialled() -> Mapping[str, Dialled]:
    """By country and by +code: those where nothing but one digit can stand before a number, and no number begins so."""
    found: dict[str, Dialled] = {}
    for country in ("FR", "DE", "BE", "CH", "NL", "AT", "ES", "PT", "US"):
        known: Any = phonenumbers.PhoneMetadata.metadata_for_region(country)
        trunk = known.national_prefix_for_parsing or ""
        if len(trunk) < 2 and known.national_prefix_transform_rule is None:
            one = Dialled(str(known.country_code), trunk, re.compile(_any_kind(known), re.ASCII))
            found |= {country: one, f"+{one.code}": one}
    return found


PLAINLY: Final = re.compile(r"\+?[0-9](?:[ .\-\u00a0]?[0-9]){6,16}", re.ASCII)
NOT_DIGITS: Final = re.compile(r"[^0-9]+")
DIALLED: Final = _dialled()


def e164(raw: str, country: str) -> str:
    """A telephone number in E.164, or "" when it cannot be read without guessing, or nobody has such a number (C78).

    >>> e164("06 12 34 56 78", "FR"), e164("06 12 34 56 78", ""), e164("0000000000", "FR")
    ('+33612345678', '', '')
    """
    return plainly_e164(raw, country) or _e164(raw, country)


def plainly_e164(raw: str, country: str) -> str:
    """The same for a number that is written as most are, at a fraction of the cost; "" says nothing of any other."""
    if not PLAINLY.fullmatch(raw):
        return ""
    digits = NOT_DIGITS.sub("", raw)
    if raw[0] == "+":
        dialled = next((DIALLED[code] for code in _codes(digits) if code in DIALLED), None)
        number = digits[len(dialled.code) :] if dialled else ""
    else:
        dialled = DIALLED.get(country)
        if dialled is None or dialled.trunk != "0" or digits[0] != "0":
            return ""
        number = digits[1:]
    if dialled is None or number[0] in ("0", dialled.trunk) or not dialled.valid.fullmatch(number):
        return ""
    return f"+{dialled.code}{number}"


def _codes(digits: str) -> tuple[str, str, str]:
    return f"+{digits[:1]}", f"+{digits[:2]}", f"+{digits[:3]}"


@lru_cache(maxsize=20_000)
def _e164(raw: str, country: str) -> str:
    try:
        number = phonenumbers.parse(raw, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
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
    found = (
        ("user_id", who.user_id.strip()),
        ("external_id", who.external_id.strip()),
        ("email", who.email.strip().lower()),
    )
    return [key for key in found if key[1]]

"""Numbers by which registers know companies: which are French and right, which are wrong, which we cannot check.

SIREN and SIRET are checked as ISO/IEC 7812-1 annex B says (Luhn), save the sites of La Poste; the key of a French VAT
number as the tax office computes it. Plain Python.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

# Where the French register holds companies; Monaco, New Caledonia and Polynesia have their own.
FRENCH: Final = frozenset({"FR", "GP", "MQ", "GF", "RE", "YT", "BL", "MF", "PM"})
LA_POSTE: Final = "356000000"
SAID: Final = re.compile(r"(?i)\b(?:siren|siret|r\.?\s*c\.?\s*s\.?|tva|vat|n°|no\.)|:")
FRENCH_VAT: Final = re.compile(r"FR(?P<key>[0-9A-Z]{2})(?P<siren>\d{9})")
OTHER_VAT: Final = re.compile(
    r"(?:AT|BE|BG|CHE|CY|CZ|DE|DK|EE|EL|ES|FI|GB|GR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)"
    r"[A-Z]?\d[0-9A-Z]{5,11}"
)
KEY_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was read. `siren` and `siret` only when they are right; `wrong`: the code of what is not."""

    written: str = ""
    siren: str = ""
    siret: str = ""
    wrong: str = ""  # length | digits | vat_key

    @property
    def is_checked(self) -> bool:
        return bool(self.siren)


@lru_cache(maxsize=20_000)
def read_number(raw: str, country: str = "") -> Number:
    """What this number is for a company of this country, "" when nobody says which.

    >>> read_number("552 100 554", "FR").siren, read_number("FR 40 303 265 045").siren
    ('552100554', '303265045')
    >>> read_number("RCS Lyon 552 100 553", "FR").wrong, read_number("HRB 6684", "DE")
    ('digits', Number(written='HRB 6684', siren='', siret='', wrong=''))
    """
    written = " ".join(raw.split())
    if not written:
        return Number()
    bare = re.sub(r"[\s.\-_/\u00a0\u202f]", "", SAID.sub("", written)).upper()
    if vat := FRENCH_VAT.fullmatch(bare):
        return _of_vat(written, vat["key"], vat["siren"])
    french = country.upper() in FRENCH
    if (country and not french) or OTHER_VAT.fullmatch(bare):
        return Number(written)
    digits = bare if bare.isascii() and bare.isdigit() else _after_a_town(written)
    wrong = "length" if len(digits) not in (9, 14) else "" if _is_right(digits) else "digits"
    if wrong:  # without a country it may be right elsewhere
        return Number(written, wrong=wrong) if french else Number(written)
    return Number(written, digits[:9], digits if len(digits) == 14 else "")


def _after_a_town(written: str) -> str:
    """The digits of "RCS Lyon B 552 100 554": what stands around them is a court."""
    found = re.findall(r"(?<!\d)\d(?:[\s.]?\d){8,13}(?!\d)", written)
    return re.sub(r"\D", "", found[-1]) if found else ""


def _of_vat(written: str, key: str, siren: str) -> Number:
    if not _is_right(siren):
        return Number(written, wrong="digits")
    return Number(written, siren) if _key_is_right(key, siren) else Number(written, wrong="vat_key")


def _is_right(digits: str) -> bool:
    if len(digits) == 14 and not _is_right(digits[:9]):
        return False
    if digits.startswith(LA_POSTE) and len(digits) == 14 and sum(map(int, digits)) % 5 == 0:
        return True
    doubled = (int(one) * (1 + at % 2) for at, one in enumerate(reversed(digits)))
    return any(one != "0" for one in digits) and sum(sum(divmod(one, 10)) for one in doubled) % 10 == 0


def _key_is_right(key: str, siren: str) -> bool:
    """Of digits: (12 + 3 × (SIREN mod 97)) mod 97. With letters: the form that the tax office announced for later."""
    if key.isdigit():
        return int(key) == (12 + 3 * (int(siren) % 97)) % 97
    if not set(key) <= set(KEY_LETTERS):
        return False
    first, second = (KEY_LETTERS.index(one) for one in key)
    sought = first * 24 + second - 10 if key[0].isdigit() else first * 34 + second - 100
    return (int(siren) + 1 + sought // 11) % 11 == sought % 11


def spaced_number(siren: str, siret: str = "") -> str:
    """In groups of three, as people read it: of the site when it is known.

    >>> spaced_number("303265045"), spaced_number("552100554", "55210055400013")
    ('303 265 045', '552 100 554 00013')
    """
    head = siret[:9] or siren
    return " ".join(part for part in (head[:3], head[3:6], head[6:9], siret[9:]) if part)

"""The short way to read a telephone number gives what the long way gives, or leaves it to the long way."""

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vendange.engine.places import phone_of
from vendange.identify.rules import DIALLED, e164, plainly_e164

COUNTRIES = ["", "FR", "DE", "GB", "BE", "CH", "NL", "AT", "ES", "PT", "US", "IT", "LU", "33", "ZZ"]
starts = st.sampled_from(
    ["", "+", "0", "00", "+33", "+330", "0033", "+49", "+1", "+11", "+351", "+41", "33", "34", "49"]
)
shapes = st.builds(
    lambda start, digits, sign: start + sign + sign.join(digits),
    starts,
    st.lists(st.text("0123456789", min_size=1, max_size=4), min_size=1, max_size=6),
    st.sampled_from(["", " ", ".", "-", "\u00a0", "/", " (0)"]),
)


def the_long_way(raw: str, country: str) -> str:
    try:
        number = phonenumbers.parse(raw, country or None)
    except phonenumbers.NumberParseException:
        return ""
    valid = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else ""


@given(shapes, st.sampled_from(COUNTRIES))
@example("06 12 34 56 78", "FR")
@example("+49 49 37 12", "FR")
@example("+49 89 123456", "")
@example("0043 1 2345", "AT")
@example("0000000000", "FR")
@example("0123456789", "FR")
def test_both_ways_agree(raw: str, country: str) -> None:
    assert e164(raw, country) == the_long_way(raw, country)


@pytest.mark.parametrize("country", sorted(name for name in DIALLED if name.isalpha()))
def test_every_beginning_of_every_length_agrees(country: str) -> None:
    """Of the countries that are read the short way: each first two digits, in each length, at home and abroad."""
    dialled = DIALLED[country]
    for length in range(4, 16):
        for first in range(100):
            number = f"{first:02}9876543210123"[:length]
            for raw in (f"+{dialled.code}{number}", f"{dialled.trunk}{number}"):
                short = plainly_e164(raw, country)
                assert short in ("", the_long_way(raw, country)), raw


@pytest.mark.parametrize(
    ("raw", "country"), [("06 12 34 56 78", "FR"), ("+41 44 668 18 00", ""), ("0241-123456", "DE")]
)
def test_what_is_common_goes_the_short_way(raw: str, country: str) -> None:
    assert plainly_e164(raw, country)


@pytest.mark.parametrize(("raw", "country"), [("0000000000", "FR"), ("+33000000000", ""), ("+1 111 111 1111", "")])
def test_what_nobody_can_have_is_no_number(raw: str, country: str) -> None:
    assert e164(raw, country) == plainly_e164(raw, country) == "" == phone_of(raw, country).number

"""On which clocks somebody may be, and what of a telephone number can be dialled."""

from datetime import UTC, datetime

import pytest

from vendange.engine.places import clock_of, moments, phone_of
from vendange.vouch.rules import wrong


@pytest.mark.parametrize(
    ("said", "country", "region", "phone", "names", "because"),
    [
        ("Europe/Lisbon", "FR", "", "", ("Europe/Lisbon",), "said"),
        ("", "FR", "69", "", ("Europe/Paris",), "country"),
        ("", "FR", "974", "", ("Indian/Reunion",), "region"),
        ("", "FR", "972", "+33465710041", ("America/Martinique",), "region"),
        ("", "", "", "+33465710041", ("Europe/Paris",), "phone"),
        ("", "US", "", "+12125551234", ("America/New_York",), "phone"),
        ("", "US", "", "+33612345678", None, "country"),  # a number of home says nothing of where they are
        ("Paris", "", "", "", (), ""),
        ("", "XX", "", "", (), ""),
    ],
)
def test_the_clock_is_said_or_inferred(
    said: str, country: str, region: str, phone: str, names: tuple[str, ...] | None, because: str
) -> None:
    found = clock_of(said=said, country=country, region=region, phone=phone)
    assert found.because == because
    assert found.names == names if names is not None else len(found.names) > 4


def test_of_several_clocks_each_hour_counts_once() -> None:
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    hours = sorted(moment.hour for moment in moments(clock_of(said="", country="US"), now))
    assert hours == sorted(set(hours)) and {8, 5} <= set(hours)
    assert len(moments(clock_of(said="", country="DE"), now)) == 1  # Busingen keeps the time of Zurich and Berlin


@pytest.mark.parametrize(
    ("raw", "country", "number", "extension", "why"),
    [
        ("06 12 34 56 78", "FR", "+33612345678", "", ""),
        ("+44 20 7946 0958 ext. 12", "FR", "+442079460958", "12", ""),
        ("06 12 34 56 78", "", "", "", "no_country"),
        ("12", "FR", "", "", "unreadable"),
        ("ask Paul", "FR", "", "", "unreadable"),
    ],
)
def test_a_number_is_read_by_its_country_or_told_to_be_unreadable(
    raw: str, country: str, number: str, extension: str, why: str
) -> None:
    found = phone_of(raw, country)
    assert (found.number, found.extension, found.wrong) == (number, extension, why)


@pytest.mark.parametrize(
    ("said", "private", "reason", "field"),
    [
        ({"phone": "06 12 34 56 78", "country": ""}, False, "", "phone"),
        ({"country": "France"}, False, "", "country"),
        ({"time_zone": "Paris"}, False, "", "time_zone"),
        ({"language": "French"}, False, "", "language"),
        ({"regime": "partner"}, False, "", "regime"),
        ({"role": "boss"}, False, "", "role"),
        ({"regime": "professional"}, True, " ", "reason"),
    ],
)
def test_what_a_colleague_may_not_report_is_told(said: dict[str, str], private: bool, reason: str, field: str) -> None:
    assert set(wrong(said, country="", private=private, reason=reason)) == {field}


def test_a_private_mailbox_is_a_professional_with_a_reason() -> None:
    assert not wrong({"regime": "professional"}, country="FR", private=True, reason="Sole trader, writes for the firm")

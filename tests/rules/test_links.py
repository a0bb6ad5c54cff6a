"""Where links may lead, marks that nobody can forge, and who may be followed."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendange.link.rules import (
    MARK,
    BadDestination,
    Said,
    destination,
    forbidden_by,
    law_of,
    leads_to,
    mark_of,
    network_of,
    new_token,
    person_of,
)

NOW = datetime(2026, 9, 7, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("https://www.example.com", "https://www.example.com/"),
        (" http://example.com:8080/a?b=c#d ", "http://example.com:8080/a?b=c#d"),
        ("https://EXAMPLE.com/é tude".replace(" ", "%20"), "https://example.com/%C3%A9%20tude"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443/x"),
        ("https://example.com/?next=//other.example", "https://example.com/?next=//other.example"),
    ],
)
def test_addresses_are_stored_as_they_are_sent(written: str, stored: str) -> None:
    assert destination(written) == stored and stored.isascii()


@pytest.mark.parametrize(
    "written",
    [
        "",
        "example.com",
        "//example.com",
        "javascript:alert(1)",
        "JaVaScRiPt://example.com/%0aalert(1)",
        "data:text/html,hello",
        "file:///etc/passwd",
        "ftp://example.com/",
        "mailto:camille@nova.example",
        "https://",
        "https:///path",
        "https:example.com",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://example.com@evil.example/",
        "https://example.com\\@evil.example/",
        "https:\\\\evil.example",
        "https://example.com/a b",
        "https://exa\tmple.com/",
        "https://example.com/\r\nSet-Cookie: a=b",
        "https://example.com/\x00",
        "https://example.com/\u202e",
        "https://example.com:99999/",
        "https://example.com:port/",
        "https://[::1/",
        "https://example.com/" + "a" * 2000,
    ],
)
def test_a_link_leads_to_sites_only(written: str) -> None:
    with pytest.raises(BadDestination):
        destination(written)


@pytest.mark.parametrize(
    ("stored", "to"),
    [
        ("https://a.example/", "https://a.example/?utm_campaign=Salon+%26+foire&utm_medium=email"),
        ("https://a.example/?x=1#top", "https://a.example/?x=1&utm_campaign=Salon+%26+foire&utm_medium=email#top"),
        ("https://a.example/?utm_source=own", "https://a.example/?utm_source=own"),
        ("https://a.example/?UTM_campaign=", "https://a.example/?UTM_campaign="),
    ],
)
def test_the_campaign_is_said_unless_the_address_says_its_own(stored: str, to: str) -> None:
    assert leads_to(stored, campaign="Salon & foire", channel="email") == to
    assert leads_to("https://a.example/p", campaign="", channel="") == "https://a.example/p"


@given(st.integers(0, 2**48 - 1), st.text(min_size=1, max_size=60))
def test_a_mark_says_who_only_to_who_made_it(person: int, secret: str) -> None:
    token = new_token()
    mark = mark_of(person, token, secret)
    assert MARK.fullmatch(mark) and person_of(mark, token, secret) == person
    assert str(person) not in mark or person < 1000
    assert person_of(mark, new_token(), secret) is None and person_of(mark, token, secret + "!") is None


def test_no_letter_of_a_mark_can_be_changed() -> None:
    mark = mark_of(42, "abcdefghij", "secret")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for place, own in enumerate(mark):
        others = (mark[:place] + letter + mark[place + 1 :] for letter in letters if letter != own)
        assert all(person_of(other, "abcdefghij", "secret") is None for other in others)
    for other in ("", mark[:-1], mark + "A", "é" * 20, "=" * 20):
        assert person_of(other, "abcdefghij", "secret") is None


def test_marks_of_neighbours_have_nothing_in_common() -> None:
    marks = [mark_of(number, "abcdefghij", "secret") for number in range(1, 200)]
    alike = max(sum(a == b for a, b in zip(one, other, strict=True)) for one, other in pairwise(marks))
    assert len(set(marks)) == 199 and alike < 8


def test_a_network_is_recognised_within_its_day_only() -> None:
    day = date(2026, 9, 7)
    office = network_of("192.0.2.7", day, "s")
    assert office == network_of("192.0.2.250", day, "s") and len(office) == 24
    assert office not in {
        network_of("192.0.3.7", day, "s"),
        network_of("192.0.2.7", date(2026, 9, 8), "s"),
        network_of("192.0.2.7", day, "t"),
    }
    assert network_of("2001:db8:1::1", day, "s") == network_of("2001:db8:1:ffff::2", day, "s") != office
    assert network_of("", day, "s") == network_of("no address", day, "s") == ""


def said(*lines: str) -> list[Said]:
    pairs = [line.split() for line in lines]
    return [Said(channel, status, NOW + place * HOUR) for place, (channel, status) in enumerate(pairs)]


@pytest.mark.parametrize(
    ("lines", "because"),
    [
        ([], "no_consent"),
        (["email given"], "no_consent"),
        (["tracking given"], ""),
        (["tracking refused"], "refused"),
        (["tracking given", "tracking withdrawn"], "withdrawn"),
        (["tracking withdrawn", "tracking given"], ""),
        (["tracking given", "all refused"], "objected"),
        (["tracking given", "all withdrawn"], "objected"),
        (["all refused", "tracking given"], "objected"),
        (["all refused", "all given", "tracking given"], ""),
        (["all given"], "no_consent"),
    ],
)
def test_only_the_latest_word_counts_and_an_objection_stops_everything(lines: list[str], because: str) -> None:
    assert forbidden_by(said(*lines), NOW + timedelta(days=1)) == because


def test_what_was_said_later_is_not_known_yet() -> None:
    lines = said("tracking given", "tracking withdrawn")
    assert forbidden_by(lines, NOW + timedelta(minutes=30)) == ""
    assert forbidden_by(lines, NOW - HOUR) == "no_consent"


def test_the_rule_of_the_day_is_found_by_country() -> None:
    assert "CNIL" in law_of("fr", "pixel", date(2026, 4, 14)).source
    assert "2002/58" in law_of("FR", "pixel", date(2026, 4, 13)).source
    assert "2002/58" in law_of("IT", "pixel", date(2026, 10, 28)).source
    assert "284/2026" in law_of("IT", "pixel", date(2026, 10, 29)).source
    assert law_of("FR", "link", date(2026, 11, 22)) == law_of("", "link", date(2026, 11, 22))

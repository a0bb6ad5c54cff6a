"""What the events of the Segment protocol are read as, and what is refused with which reason."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendange.capture.rules import Incoming, Refused, read_event

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def read(kind: str, *, sent_at: str = "", user_agent: str = "", **payload: Any) -> Incoming | Refused:
    payload.setdefault("userId", "u1")
    return read_event(
        kind,
        payload,
        source_id=7,
        message_id="m",
        received_at=NOW,
        sent_at=sent_at,
        ip="192.0.2.1",
        user_agent=user_agent,
    )


def accepted(kind: str, **payload: Any) -> Incoming:
    one = read(kind, **payload)
    assert isinstance(one, Incoming), one
    return one


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Quote Requested", "quote_requested"),
        ("quote_requested", "quote_requested"),
        ("Démo demandée !", "demo_demandee"),
        ("videoWatched", "video_watched"),
        ("  Webinar — Attended ", "webinar_attended"),
        ("x" * 50, "x" * 50),
    ],
)
def test_track_names(name: str, kind: str) -> None:
    assert accepted("track", event=name).kind == kind


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (None, "no_event_name"),
        ("", "no_event_name"),
        (["x"], "no_event_name"),
        ("3D viewed", "event_name_unusable"),
        ("引き合い", "event_name_unusable"),
        ("x", "event_name_unusable"),
        ("x" * 51, "event_name_unusable"),
    ],
)
def test_unusable_names(name: object, reason: str) -> None:
    refused = read("track", event=name)
    assert isinstance(refused, Refused)
    assert refused.reason == reason
    assert refused.detail


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({"properties": {"path": "/tarifs"}}, "/tarifs"),
        ({"properties": {"url": "https://www.example.com/tarifs?utm=1#top"}}, "/tarifs"),
        ({"properties": {"url": "https://www.example.com"}}, "/"),
        ({"context": {"page": {"path": "/a/b"}}}, "/a/b"),
        ({"context": {"page": {"url": "https://x.example/c"}}}, "/c"),
        ({"properties": {"path": 5}, "context": "odd"}, "/5"),
        ({}, ""),
    ],
)
def test_page_paths(payload: dict[str, Any], path: str) -> None:
    one = accepted("page", **payload)
    assert (one.kind, one.path) == ("page_viewed", path)


def test_screen_is_a_page_named() -> None:
    assert accepted("screen", name="Prices").path == "/Prices"


@pytest.mark.parametrize(
    ("said", "sent", "happened"),
    [
        ("2026-03-04T09:00:00Z", "", NOW - timedelta(hours=1)),
        ("2026-03-04T11:00:00.123+02:00", "", NOW - timedelta(hours=1) + timedelta(milliseconds=123)),
        ("2026-03-04T09:00:00Z", "2026-03-04T10:00:01Z", NOW - timedelta(hours=1)),  # a healthy clock: left alone
        ("2026-03-04T10:09:00Z", "2026-03-04T10:10:00Z", NOW - timedelta(minutes=1)),  # ten minutes ahead
        ("2026-03-01T09:59:00Z", "2026-03-01T10:00:00Z", NOW - timedelta(minutes=1)),  # three days behind
        ("1970-01-01T00:00:00Z", "1970-01-01T00:01:00Z", NOW - timedelta(minutes=1)),  # a clock never set
        ("2026-03-04T10:30:00Z", "", NOW),  # nothing happens after we have received it
        ("2026-03-04T09:00:00Z", "nonsense", NOW - timedelta(hours=1)),
        (None, "", NOW),
    ],
)
def test_when(said: str | None, sent: str, happened: datetime) -> None:
    assert accepted("track", event="Page Read", timestamp=said, sent_at=sent).occurred_at == happened


def test_both_times_are_kept_when_the_clock_was_wrong() -> None:
    one = accepted("track", event="Read it", timestamp="2026-03-04T10:09:00Z", sent_at="2026-03-04T10:10:00Z")
    assert one.props["time_said"] == "2026-03-04T10:09:00Z"
    assert one.received_at == NOW


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("1970-01-01T00:00:00Z", "time_too_old"),
        ("2100-01-01T00:00:00Z", "time_in_future"),
        ("2026-03-04T09:00:00", "time_without_zone"),
        ("2026-03-04", "time_without_zone"),
        ("2026-02-30T09:00:00Z", "time_unreadable"),
        ("0001-01-01T00:00:00+14:00", "time_unreadable"),
        ("yesterday", "time_unreadable"),
        (1772618400, "time_unreadable"),
    ],
)
def test_times_refused(said: object, reason: str) -> None:
    refused = read("track", event="Page Read", timestamp=said)
    assert isinstance(refused, Refused)
    assert refused.reason == reason


def test_who_from_identify() -> None:
    who = accepted(
        "identify",
        anonymousId="a1",
        traits={
            "firstName": "Émilie",
            "last_name": "O'Brien",
            "email": "e.lefevre@atelier.example",
            "phone": "06 12 34 56 78",
            "title": "Directrice achats",
            "seniority": "Director",
            "role": "acheteuse",
            "locale": "fr-FR",
            "company": {"name": "Atelier Nova", "id": 44, "employee_count": 120, "industry": "25.62Z"},
            "address": {"country": "fr", "city": "Lyon", "postalCode": "69003"},
            "website": "https://www.atelier.example/fr",
            "favouriteColour": "red",
        },
    ).who
    assert (who.user_id, who.anonymous_id, who.email) == ("u1", "a1", "e.lefevre@atelier.example")
    assert dict(who.traits) == {
        "first_name": "Émilie",
        "last_name": "O'Brien",
        "phone": "06 12 34 56 78",
        "job_title": "Directrice achats",
        "level": "director",
        "role_said": "acheteuse",
        "language": "fr",
        "organisation": "Atelier Nova",
        "organisation_id": "44",
        "employees": "120",
        "industry": "25.62Z",
        "country": "FR",
        "city": "Lyon",
        "postal_code": "69003",
        "domain": "atelier.example",
        "favourite_colour": "red",
    }


def test_identify_and_group_are_declarations() -> None:
    assert (accepted("identify").kind, accepted("identify").origin) == ("", "declared")
    group = accepted(
        "group", groupId="g9", traits={"name": "Nova", "employees": "51-200", "address": {"country": "DE"}}
    )
    assert group.kind == ""
    assert dict(group.who.traits) == {
        "organisation": "Nova",
        "organisation_id": "g9",
        "employees": "51-200",
        "organisation_country": "DE",
    }


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("Paul Durand", "Paul", "Durand"), ("Anne-Marie LE GOFF", "Anne-Marie", "LE GOFF"), ("Cher", "", "Cher")],
)
def test_full_names(name: str, first: str, last: str) -> None:
    traits = accepted("identify", traits={"name": name}).who.traits
    assert (traits.get("first_name", ""), traits["last_name"]) == (first, last)


def test_mail_as_user_id_is_also_a_mail() -> None:
    assert accepted("identify", userId="a@b.example").who.email == "a@b.example"
    assert accepted("identify", traits={"email": "not a mail"}).who.email == ""


def test_alias_links_two_keys() -> None:
    who = accepted("alias", previousId="anon-9").who
    assert (who.user_id, who.anonymous_id) == ("u1", "anon-9")


def test_signal_fields() -> None:
    one = accepted(
        "track",
        event="Content Downloaded",
        properties={
            "asset": "Guide",
            "topic": "laser",
            "revenue": "1200.50",
            "pages": 12,
            "nested": {"a": ["\u0000b"]},
        },
        context={"campaign": {"name": "Printemps", "medium": "email"}},
    )
    assert (one.asset, one.topic, one.value, one.campaign, one.channel) == (
        "Guide",
        "laser",
        1200.5,
        "Printemps",
        "email",
    )
    assert one.props == {"revenue": "1200.50", "pages": 12, "nested": {"a": ["b"]}}


def test_campaign_from_the_address() -> None:
    one = accepted("page", context={"page": {"path": "/", "search": "?utm_campaign=salon&utm_medium=qr"}})
    assert (one.campaign, one.channel) == ("salon", "qr")


@pytest.mark.parametrize(
    ("agent", "verdict"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/131.0", "human"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", "machine"),
        ("Mozilla/5.0 HeadlessChrome/156.0", "machine"),
        ("analytics-python/2.4.0", "human"),
    ],
)
def test_verdict(agent: str, verdict: str) -> None:
    assert accepted("page", user_agent=agent).verdict == verdict
    assert accepted("page", context={"userAgent": agent}).verdict == verdict


def test_nobody_is_refused() -> None:
    refused = read("track", userId=None, event="Page Read")
    assert isinstance(refused, Refused)
    assert refused.reason == "nobody"


@pytest.mark.parametrize("key", [True, {"a": 1}, ["u"], "x" * 256])
def test_bad_keys(key: object) -> None:
    assert isinstance(read("track", userId=key, event="Page Read"), Refused)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("event", "name", "properties", "traits", "context", "timestamp", "userId", "anonymousId", "groupId")


@given(
    kind=st.sampled_from(["track", "identify", "page", "screen", "group", "alias", "other"]),
    payload=st.dictionaries(st.sampled_from(FIELDS), anything),
    sent_at=st.text(max_size=40),
)
def test_anything_is_read_or_refused(kind: str, payload: dict[str, Any], sent_at: str) -> None:
    one = read(kind, sent_at=sent_at, **payload)
    if isinstance(one, Incoming):
        assert "\x00" not in repr(one)
        assert one.occurred_at <= NOW
    else:
        assert one.detail


def test_what_a_form_posts_as_properties_names_the_person() -> None:
    typed = {
        "email": "Camille@Atelier-Nova.example",
        "firstName": "Camille",
        "company": "Atelier Nova",
        "machine": "T5",
    }
    found = read_event(
        "track",
        {"event": "Quote Requested", "anonymousId": "cookie-1", "properties": typed},
        source_id=1,
        message_id="form-1",
        received_at=datetime(2026, 9, 7, 8, 0, tzinfo=UTC),
        sent_at="",
        ip="",
        user_agent="",
    )
    assert isinstance(found, Incoming)
    assert found.who.email.lower() == "camille@atelier-nova.example"
    assert found.who.traits["first_name"] == "Camille"
    assert found.who.traits["organisation"] == "Atelier Nova"
    assert found.props["machine"] == "T5"

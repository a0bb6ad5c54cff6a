"""What may be kept only for a time: addresses a day at most, counts of nobody 25 months."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connections
from django.test.utils import CaptureQueriesContext

from tests.people import MONDAY, House
from vendange.capture.actions import cut_addresses
from vendange.capture.queries import in_micros
from vendange.journey.arrive import drain
from vendange.journey.clock import forget
from vendange.models import AudienceCount, Cleared, Fact, InboxEvent, RefusedEvent, Signal


def event(house: House, number: int, ip: str = "81.2.69.160", **said: object) -> InboxEvent:
    payload = {"userId": "u1", "event": "Quote Requested", "context": {"ip": "2a01:4f8:1:2::3"}, **said}
    return InboxEvent.objects.create(
        source=house.source.pk, message_id=f"f{number}", kind="track", received_at=in_micros(MONDAY), ip=ip,
        payload=json.dumps(payload).encode(),
    )  # fmt: skip


@pytest.mark.parametrize("handled", [False, True])
@pytest.mark.parametrize(
    ("minutes", "whole"), [(22 * 60 + 59, True), (23 * 60, False), (23 * 60 + 59, False), (24 * 60, False)]
)
def test_a_day_after_an_event_only_the_network_is_left(house: House, minutes: int, whole: bool, handled: bool) -> None:
    """An hour before the day is over: a promise of 24 hours that is begun at its end is kept late."""
    one = event(house, 1)
    if handled:
        drain(now=MONDAY)
    forget(now=MONDAY + timedelta(minutes=minutes))
    one.refresh_from_db()
    said = json.loads(bytes(one.payload))["context"]["ip"]
    assert (one.ip, said) == (("81.2.69.160", "2a01:4f8:1:2::3") if whole else ("81.2.69.0/24", "2a01:4f8:1::/48"))


def test_refused_events_too_whatever_their_form(house: House) -> None:
    for payload in (b'{"context": {"ip":"81.2.69.160"}, "event"', b"\xff\xfe nothing", b'{"client_ip": "81.2.69.160"}'):
        RefusedEvent.objects.create(reason="not_json", received_at=in_micros(MONDAY), payload=payload)
    forget(now=MONDAY + timedelta(hours=24))
    kept = [bytes(one.payload) for one in RefusedEvent.objects.order_by("id")]
    assert kept == [
        b'{"context": {"ip":"81.2.69.0/24"}, "event"',
        b"\xff\xfe nothing",
        b'{"client_ip": "81.2.69.0/24"}',
    ]


def test_what_the_worker_refuses_keeps_no_address_from_the_start(house: House) -> None:
    event(house, 1, timestamp="1970-01-01T00:00:00Z")
    drain(now=MONDAY)
    assert b"81.2.69" not in bytes(RefusedEvent.objects.get().payload)
    assert b"2a01:4f8:1::/48" in bytes(RefusedEvent.objects.get().payload)


def test_signals_and_facts_never_hold_an_address(house: House) -> None:
    properties = {
        "ip": "81.2.69.160",
        "from": "81.2.69.160",
        "more": {"clientIp": "81.2.69.160", "size": 3},
        "plan": "A",
    }
    event(house, 1, properties=properties)
    traits = {"last_ip": "81.2.69.160", "seen": "81.2.69.160", "pet": "cat"}
    InboxEvent.objects.create(
        source=house.source.pk, message_id="i1", kind="identify", received_at=in_micros(MONDAY),
        payload=json.dumps({"userId": "u1", "traits": traits}).encode(),
    )  # fmt: skip
    drain(now=MONDAY)
    props = Signal.objects.get().props
    assert props["plan"] == "A" and props["more"] == {"size": 3} and "81.2.69" not in str(props)
    assert "81.2.69" not in str(list(Fact.objects.values_list("field", "value")))
    assert Fact.objects.filter(field="pet").exists()


def test_in_batches_each_row_once_and_more_is_told(house: House) -> None:
    for number in range(5):
        event(house, number)
    later = MONDAY + timedelta(hours=23)
    assert [cut_addresses(MONDAY, 2) for _ in range(3)] == [True, True, False]
    assert set(InboxEvent.objects.values_list("ip", flat=True)) == {"81.2.69.0/24"}
    assert Cleared.objects.get(key="inbox").up_to == InboxEvent.objects.latest("id").pk
    with CaptureQueriesContext(connections[settings.INBOX_ALIAS]) as asked:
        forget(now=later)
    assert not [one for one in asked if one["sql"].startswith("UPDATE")]


def test_an_event_that_came_later_is_left_alone(house: House) -> None:
    event(house, 1)
    young = event(house, 2)
    InboxEvent.objects.filter(pk=young.pk).update(received_at=in_micros(MONDAY + timedelta(hours=5)))
    forget(now=MONDAY + timedelta(hours=24))
    assert list(InboxEvent.objects.order_by("id").values_list("ip", flat=True)) == ["81.2.69.0/24", "81.2.69.160"]
    forget(now=MONDAY + timedelta(hours=29))
    assert set(InboxEvent.objects.values_list("ip", flat=True)) == {"81.2.69.0/24"}


def test_counts_of_nobody_go_after_25_months(house: House) -> None:
    for number, days in enumerate((800, 759, 1)):
        AudienceCount.objects.create(
            key=str(number), source=house.source.pk, day=(MONDAY - timedelta(days=days)).date(), kind="page_viewed",
            verdict="human", times=1,
        )  # fmt: skip
    forget(now=MONDAY)
    assert sorted(AudienceCount.objects.values_list("key", flat=True)) == ["1", "2"]

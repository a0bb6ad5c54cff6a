"""Times that cannot be right: corrected when the sender's clock explains them, else kept until a human says when."""

import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from tests.people import House
from vendange.capture.queries import clocks, in_micros, in_quarantine
from vendange.journey.arrive import drain
from vendange.journey.quarantine import CannotTakeIn, TakenAlready, take_in
from vendange.models import InboxEvent, Person, RefusedEvent, Signal, Trail

NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def came(house: House, name: str, *, kind: str = "track", sent_at: str = "", **payload: Any) -> InboxEvent:
    event = {"userId": "ada@nova.example", "messageId": name, **({"event": "Page Read"} if kind == "track" else {})}
    return InboxEvent.objects.create(
        source=house.source.pk,
        message_id=name,
        kind=kind,
        received_at=in_micros(NOW),
        sent_at=sent_at,
        payload=json.dumps({**event, **payload}).encode(),
    )


def drained() -> None:
    while drain(now=NOW):
        pass


def quarantined(house: House, **payload: Any) -> RefusedEvent:
    came(house, "odd", **{"timestamp": "1970-01-01T00:00:00Z", **payload})
    drained()
    return RefusedEvent.objects.get()


def test_a_wrong_clock_is_corrected_and_both_times_stay(house: House) -> None:
    came(house, "set", timestamp="1970-01-01T00:00:00Z", sent_at="1970-01-01T01:00:00Z")
    came(house, "ahead", timestamp="2100-01-01T00:00:00Z", sent_at="2100-01-01T02:00:00Z")
    drained()
    found = {one.message_id: one for one in Signal.objects.all()}
    assert {name: one.occurred_at for name, one in found.items()} == {"set": NOW - HOUR, "ahead": NOW - 2 * HOUR}
    assert found["set"].received_at == NOW
    assert found["set"].props == {"time_said": "1970-01-01T00:00:00Z", "sent_at": "1970-01-01T01:00:00Z"}


@pytest.mark.parametrize("said", ["1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z", "yesterday", "2026-03-04T09:00:00"])
def test_what_the_clock_does_not_explain_waits(house: House, said: str) -> None:
    one = quarantined(house, timestamp=said, sent_at="2026-03-04T10:00:00Z")
    assert in_quarantine() == 1 and not Signal.objects.exists()
    kept = clocks(one)
    assert kept and (kept.said, kept.sent) == (said, "2026-03-04T10:00:00Z")


def test_a_human_says_when_it_happened(house: House) -> None:
    one = quarantined(house)
    take_in(refused_id=one.pk, happened_at=NOW - HOUR, by=house.carole, now=NOW)
    signal = Signal.objects.get()
    assert (signal.occurred_at, signal.received_at) == (NOW - HOUR, NOW)
    assert signal.props["time_said"] == "1970-01-01T00:00:00Z"
    one.refresh_from_db()
    assert (one.taken_by, one.happened_at, in_quarantine()) == (house.carole.pk, NOW - HOUR, 0)
    assert Trail.objects.get(verb="event.taken_in").detail["happened_at"] == (NOW - HOUR).isoformat()


def test_a_declaration_can_be_taken_in_too(house: House) -> None:
    one = quarantined(house, kind="identify", traits={"jobTitle": "Works manager"})
    take_in(refused_id=one.pk, happened_at=NOW, by=house.carole, now=NOW)
    assert Person.objects.get(email="ada@nova.example").job_title == "Works manager"


def test_one_event_has_one_time(house: House) -> None:
    one = quarantined(house)
    take_in(refused_id=one.pk, happened_at=NOW, by=house.carole, now=NOW)
    with pytest.raises(TakenAlready):
        take_in(refused_id=one.pk, happened_at=NOW - HOUR, by=house.carole, now=NOW)
    assert Signal.objects.get().occurred_at == NOW


def test_begun_again_after_a_crash_in_between(house: House) -> None:
    """On SQLite the story and the quarantine are two files: the first may have been written and not the second."""
    one = quarantined(house)
    take_in(refused_id=one.pk, happened_at=NOW, by=house.carole, now=NOW)
    RefusedEvent.objects.update(taken_at=None)
    take_in(refused_id=one.pk, happened_at=NOW, by=house.carole, now=NOW)
    assert Signal.objects.count() == 1


@pytest.mark.parametrize("at", [NOW + timedelta(seconds=1), datetime(1999, 12, 31, tzinfo=UTC)])
def test_impossible_times_are_not_taken(house: House, at: datetime) -> None:
    one = quarantined(house)
    with pytest.raises(CannotTakeIn):
        take_in(refused_id=one.pk, happened_at=at, by=house.carole, now=NOW)
    assert in_quarantine() == 1


def test_what_is_wrong_otherwise_stays_out(house: House) -> None:
    one = quarantined(house, event="")
    with pytest.raises(CannotTakeIn, match="track event needs its name"):
        take_in(refused_id=one.pk, happened_at=NOW, by=house.carole, now=NOW)
    assert in_quarantine() == 1


def test_other_refusals_are_not_in_quarantine(house: House) -> None:
    came(house, "nobody", userId="")
    drained()
    one = RefusedEvent.objects.get()
    assert one.reason == "nobody" and clocks(one) is None and in_quarantine() == 0
    with pytest.raises(CannotTakeIn):
        take_in(refused_id=one.pk, happened_at=NOW, by=house.carole, now=NOW)


STORY: list[dict[str, Any]] = [
    {"name": "page", "kind": "page", "timestamp": "2026-03-02T10:00:00Z", "properties": {"path": "/tarifs"}},
    {"name": "who", "kind": "identify", "timestamp": "2026-03-02T10:01:00Z", "traits": {"firstName": "Ada"}},
    {"name": "firm", "kind": "group", "timestamp": "2026-03-02T10:02:00Z", "groupId": "g", "traits": {"name": "Nova"}},
    {"name": "late", "timestamp": "2025-11-02T10:00:00Z"},
    {"name": "unset", "timestamp": "1970-01-01T00:00:00Z", "sent_at": "1970-01-01T00:10:00Z"},
    {"name": "past", "timestamp": "1970-01-01T00:00:00Z"},
    {"name": "future", "timestamp": "2100-01-01T00:00:00Z"},
]


def told(house: House, order: Any) -> tuple[object, ...]:
    """What stands in the end, whatever came first: each event in a batch of its own. Everything is taken back."""
    with transaction.atomic(using=settings.INBOX_ALIAS), transaction.atomic():
        for one in order:
            came(house, **one)
            drain(now=NOW)
        person = Person.objects.get(email="ada@nova.example")
        signals = Signal.objects.order_by("message_id").values_list("message_id", "occurred_at", "person_id", "props")
        mine = [(name, at, owner == person.pk, str(props)) for name, at, owner, props in signals]
        firm = person.organisation.name if person.organisation else ""
        refused = sorted(RefusedEvent.objects.values_list("message_id", "reason"))
        found = (person.first_name, firm, person.last_signal_at, mine, refused, in_quarantine())
        transaction.set_rollback(True)
        transaction.set_rollback(True, using=settings.INBOX_ALIAS)
    return found


def test_order_never_matters(house: House) -> None:
    expected = told(house, STORY)
    assert expected[0] == "Ada" and expected[1] == "Nova" and expected[5] == 2
    random = Random(5)
    orders = random.sample(list(permutations(STORY)), 24)
    assert all(told(house, order) == expected for order in orders)

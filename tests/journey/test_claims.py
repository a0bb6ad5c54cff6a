"""Anybody may post an address through a key that stands in a page: A27, from the door to the record."""

from typing import Any

import pytest

from tests.people import MONDAY, House
from vendange.capture.rules import Incoming, Who
from vendange.journey.arrive import arrive
from vendange.models import Fact, Lead, Person, Signal, Source


def posted(source: Source, message: str, **who: Any) -> Incoming:
    return Incoming(
        source_id=source.pk,
        message_id=message,
        kind="quote_requested",
        occurred_at=MONDAY,
        received_at=MONDAY,
        who=Who(**who),
    )


@pytest.fixture
def servers(house: House) -> Source:
    return Source.objects.create(
        name="Our servers", kind="segment", write_key="secret", created_at=MONDAY, trusted=True
    )


def test_a_claimed_address_counts_and_changes_nobody(house: House, servers: Source) -> None:
    arrive(signals=[posted(servers, "1", email="c@nova.example", traits={"first_name": "Camille"})], now=MONDAY)
    record = Person.objects.values().exclude(pk__isnull=True).get(email="c@nova.example")
    typed = {"last_name": "Impostor", "phone": "+33612345678", "regime": "professional"}
    arrive(signals=[posted(house.source, "2", email="C@nova.example", traits=typed)], now=MONDAY)
    assert Person.objects.values().get(pk=record["id"]) == record
    assert Signal.objects.filter(person=record["id"]).count() == 2
    assert set(Fact.objects.filter(person=record["id"]).values_list("field", flat=True)) == {*typed, "first_name"}
    assert Lead.objects.filter(person=record["id"]).count() == 1  # the same wish twice is one lead

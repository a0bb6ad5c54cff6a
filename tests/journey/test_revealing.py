"""Visitors from the network of a company, from the inbox to the organisation, and everything that takes it back."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import MONDAY, House
from vendange.belong.actions import Companies
from vendange.capture.queries import in_micros
from vendange.capture.rules import Who
from vendange.identify.actions import Sighting, find_or_create
from vendange.journey import revealing
from vendange.journey.arrive import arrive, drain
from vendange.journey.clock import forget
from vendange.models import (
    Heat,
    InboxEvent,
    Informed,
    Lead,
    NotRevealed,
    Organisation,
    Person,
    Revealed,
    Signal,
    Touched,
)
from vendange.reveal import actions as reveal
from vendange.reveal import queries as revealed
from vendange.reveal.rules import Company, address_of, company_of, kept_network, read, together

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
BEVTEC = {"organization": "Bevtec", "isp": "Bredband2 AB", "domain": "bevtec.example", "connection_type": "Corporate"}
RECORDS: dict[str, dict[str, str]] = {
    "89.160.20.112": BEVTEC,
    "89.160.20.113": BEVTEC,
    "2a01:4f8::1": {**BEVTEC, "organization": "Nova Pumps", "domain": "novapumps.example"},
    "38.105.0.64": {"organization": "GHD", "isp": "Cogent Communications"},
    "1.128.0.0": {"organization": "Telstra Internet", "isp": "Telstra Internet"},
}


def from_table(addresses: Any) -> dict[str, Company]:
    """What `companies_at` says when a file holds RECORDS."""
    found = {}
    for text in addresses:
        address = address_of(text)
        if address is not None and text in RECORDS:
            found[text] = company_of(together([(read(RECORDS[text]), 56 if address.version == 6 else 28)], address))
    return found


@pytest.fixture(autouse=True)
def a_file() -> Iterator[None]:
    with patch.object(revealed, "is_ready", lambda: True), patch.object(revealed, "companies_at", from_table):
        yield


@pytest.fixture
def told(house: House) -> House:
    """Somebody has confirmed that visitors are informed."""
    revealing.turn_on(notice="https://www.example.com/privacy", by=house.carole, now=MONDAY)
    return house


@pytest.fixture
def bevtec(db: None) -> Organisation:
    return Organisation.objects.create(name="Bevtec AB", domain="bevtec.example", created_at=MONDAY)


def send(
    house: House, number: int, *, ip: str = "89.160.20.112", cookie: str = "c1", at: datetime = MONDAY, **said: Any
) -> InboxEvent:
    payload = {"anonymousId": cookie, "properties": {"path": "/pumps"}, "context": {"mode": "lead"}, **said}
    return InboxEvent.objects.create(
        source=house.source.pk,
        message_id=f"r{number}",
        kind="page",
        received_at=in_micros(at),
        user_agent=CHROME,
        ip=ip,
        payload=json.dumps(payload).encode(),
    )


def test_a_visitor_of_a_known_organisation_counts_for_it(told: House, bevtec: Organisation) -> None:
    send(told, 1)
    drain(now=MONDAY)
    row = Revealed.objects.get()
    assert (row.name, row.domain, row.confidence, row.organisation) == ("Bevtec", "bevtec.example", 0.9, bevtec)
    assert (row.network, row.visits) == ("89.160.20.112/28", 1)
    assert (row.person.organisation, row.person.organisation_confidence) == (bevtec, 0.9)


def test_the_address_itself_is_kept_nowhere_but_in_the_inbox(told: House, bevtec: Organisation) -> None:
    send(told, 1, ip="89.160.20.113", properties={"path": "/", "ip": "89.160.20.113", "seen_from": "89.160.20.113"})
    drain(now=MONDAY)
    assert "89.160.20.113" not in str([*Revealed.objects.values(), *Signal.objects.values(), *Person.objects.values()])


def test_without_a_confirmation_nobody_is_recognised(house: House, bevtec: Organisation) -> None:
    send(house, 1)
    drain(now=MONDAY)
    assert not Revealed.objects.exists()


def test_after_it_was_turned_off_nobody_is_recognised(told: House, bevtec: Organisation) -> None:
    reveal.turn_off(by=told.carole, now=MONDAY)
    send(told, 1)
    drain(now=MONDAY)
    assert not Revealed.objects.exists()
    assert Informed.objects.get().ended_by == told.carole


@pytest.mark.parametrize(
    ("said", "ip"),
    [
        ({"context": {"mode": "audience"}}, "89.160.20.112"),
        ({"context": {}}, "89.160.20.112"),
        ({"context": {"ip": "89.160.20.112"}}, "38.105.0.64"),  # told by a source that nobody trusts
        ({"context": {"mode": "lead", "automated": True}}, "89.160.20.112"),
        ({}, "10.1.2.3"),
        ({}, "1.128.0.0"),
        ({}, ""),
        ({}, "89.160.20.0/24"),
    ],
)
def test_who_is_not_looked_at(told: House, bevtec: Organisation, said: dict[str, Any], ip: str) -> None:
    send(told, 1, ip=ip, **said)
    drain(now=MONDAY)
    assert not Revealed.objects.exists()


def test_a_server_that_is_believed_tells_the_address_of_the_visitor(told: House, bevtec: Organisation) -> None:
    told.source.trusted = True
    told.source.save()
    send(told, 1, ip="38.105.0.64", context={"ip": "89.160.20.112"})
    drain(now=MONDAY)
    assert Revealed.objects.get().name == "Bevtec"


def test_a_weak_name_and_an_unknown_domain_make_nobody_an_organisation(told: House) -> None:
    send(told, 1, ip="38.105.0.64")
    send(told, 2, ip="2a01:4f8::1", cookie="c2")
    drain(now=MONDAY)
    assert {(row.name, row.organisation) for row in Revealed.objects.all()} == {("GHD", None), ("Nova Pumps", None)}
    assert not Organisation.objects.exists()
    assert not Person.objects.filter(organisation_confidence__isnull=False).exists()


def test_pages_within_half_an_hour_are_one_visit(told: House, bevtec: Organisation) -> None:
    for number, minutes in enumerate((0, 10, 35, 120)):
        send(told, number, at=MONDAY + timedelta(minutes=minutes))
    drain(now=MONDAY + timedelta(hours=3))
    send(told, 9, at=MONDAY + timedelta(minutes=130))
    drain(now=MONDAY + timedelta(hours=3))
    row = Revealed.objects.get()
    assert (row.visits, row.first_at, row.last_at) == (2, MONDAY, MONDAY + timedelta(minutes=130))


def test_the_same_questions_for_ten_times_as_many_visitors(told: House, bevtec: Organisation) -> None:
    def questions(first: int, count: int) -> int:
        for number in range(first, first + count):
            send(told, number, cookie=f"c{number}")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            drain(now=MONDAY)
        return len([one for one in asked if "revealed" in one["sql"] or "informed" in one["sql"]])

    assert questions(0, 3) == questions(100, 30)


def test_who_says_where_they_work_works_there(told: House, bevtec: Organisation) -> None:
    send(told, 1)
    drain(now=MONDAY)
    visitor = Person.objects.get(organisation=bevtec)
    told_of = find_or_create(
        [Sighting(Who(user_id="u1", traits={"organisation": "Atelier Nova"}), MONDAY, "test"),
         Sighting(Who(anonymous_id="c1", traits={"organisation": "Atelier Nova"}), MONDAY, "test")],
        companies=Companies(), now=MONDAY
    )  # fmt: skip
    visitor.refresh_from_db()
    assert visitor.organisation is not None
    assert (visitor.organisation.name, visitor.organisation_confidence) == ("Atelier Nova", None)
    assert bevtec.pk in told_of.organisations
    send(told, 2)
    drain(now=MONDAY)
    assert not Revealed.objects.exists()


def test_an_objection_stops_it_and_removes_what_was_recognised(told: House, bevtec: Organisation) -> None:
    send(told, 1)
    drain(now=MONDAY)
    assert Heat.objects.filter(organisation=bevtec).exists()
    row = revealing.never(name="BEVTEC", reason="objection", by=told.carole, now=MONDAY)
    visitor = Person.objects.get(identities__value="c1")
    assert (visitor.organisation, visitor.organisation_confidence) == (None, None)
    assert not Revealed.objects.exists() and not Heat.objects.exists()
    assert Touched.objects.filter(person=visitor).exists()
    send(told, 2)
    drain(now=MONDAY)
    assert not Revealed.objects.exists()
    revealing.allow_again(row, by=told.carole, now=MONDAY)
    send(told, 3)
    drain(now=MONDAY)
    assert Revealed.objects.get().organisation == bevtec


def test_an_open_lead_loses_the_organisation_that_was_only_guessed(told: House, bevtec: Organisation) -> None:
    payload: dict[str, Any] = {"anonymousId": "c1", "event": "Quote Requested", "context": {"mode": "lead"}}
    send(told, 1, **payload)
    InboxEvent.objects.update(kind="track")
    drain(now=MONDAY)
    lead = Lead.objects.get()
    assert lead.organisation == bevtec
    revealing.never(name="bevtec.example", reason="objection", by=told.carole, now=MONDAY)
    lead.refresh_from_db()
    assert lead.organisation is None and lead.is_open


@pytest.mark.parametrize("network", ["89.160.20.0/24", "89.160.20.112"])
def test_our_own_offices_are_never_companies(told: House, bevtec: Organisation, network: str) -> None:
    send(told, 1)
    drain(now=MONDAY)
    revealing.never(network=network, reason="office", by=told.carole, now=MONDAY)
    assert not Revealed.objects.exists()
    send(told, 2, cookie="c2")
    drain(now=MONDAY)
    assert not Revealed.objects.exists()


@pytest.mark.parametrize(("network", "name"), [("", ""), ("nonsense", ""), ("0.0.0.0/0", ""), ("::/0", "x")])
def test_what_names_nothing_or_everything_is_not_left_out(told: House, network: str, name: str) -> None:
    with pytest.raises(reveal.CannotBar):
        revealing.never(network=network, name=name, reason="office", by=told.carole, now=MONDAY)
    assert not NotRevealed.objects.exists()


def test_a_colleague_adds_the_organisation_and_its_visitors_count(told: House) -> None:
    send(told, 1, ip="2a01:4f8::1")
    drain(now=MONDAY)
    made = revealing.add_organisation(name="Nova Pumps", domain="novapumps.example", by=told.carole, now=MONDAY)
    visitor = Person.objects.get(identities__value="c1")
    assert (visitor.organisation, visitor.organisation_confidence) == (made, 0.9)
    with pytest.raises(revealing.CannotAdd):
        revealing.add_organisation(name="Again", domain="novapumps.example", by=told.carole, now=MONDAY)
    with pytest.raises(revealing.CannotAdd):
        revealing.add_organisation(name="Free mail", domain="gmail.com", by=told.carole, now=MONDAY)


def test_what_was_read_again_later_recognises_nobody(told: House, bevtec: Organisation) -> None:
    """A day later the inbox holds networks only: whoever reads an old event again finds no address in it."""
    event = send(told, 1)
    forget(now=MONDAY + timedelta(days=1))
    event.refresh_from_db()
    assert event.ip == "89.160.20.0/24"
    drain(now=MONDAY + timedelta(days=1))
    assert Signal.objects.exists() and not Revealed.objects.exists()


def test_visits_are_forgotten_after_25_months(told: House, bevtec: Organisation) -> None:
    send(told, 1)
    drain(now=MONDAY)
    forget(now=MONDAY + timedelta(days=759))
    assert Revealed.objects.exists()
    forget(now=MONDAY + timedelta(days=761))
    assert not Revealed.objects.exists()
    assert Person.objects.get(identities__value="c1").organisation is None


def test_an_import_recognises_nobody(told: House, bevtec: Organisation) -> None:
    arrive(signals=[told.signal("page_viewed", "someone@free.example", MONDAY)], now=MONDAY)
    assert not Revealed.objects.exists()


def test_a_network_that_is_kept_is_never_one_machine() -> None:
    for text in ("89.160.20.113", "2a01:4f8::1"):
        address = address_of(text)
        assert address is not None
        assert kept_network(address, 128 if ":" in text else 32).endswith(("/28", "/56"))

"""A configuration that is saved again says what has changed, whatever the order in which the saves come in."""

import json
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from tests.people import MONDAY, House
from vendange.capture.queries import in_micros
from vendange.engine.configuration import changes, read_configuration
from vendange.journey.arrive import drain
from vendange.journey.queries import story_of_lead
from vendange.models import Configuration, InboxEvent, Lead, Person, Signal
from vendange.web.configured import line_of, said_of

SAVES = (
    {"options": {"engine": "diesel", "roof": "glass"}, "price": 41_000},
    {"options": {"engine": "electric", "roof": "glass"}, "price": 45_200},
    {"options": {"engine": "electric", "roof": "glass"}, "price": 45_200},
    {"options": {"engine": "electric", "hook": True}, "price": 44_000.5},
)
ENGLISH = (
    "Press 40, engine: diesel, roof: glass, €\u00a041,000",
    "engine: diesel → electric, +€\u00a04,200",
    "saved again, nothing changed",
    "added: hook, taken away: roof: glass, \u2212€\u00a01,199.50",
)
FRENCH = (
    "Press 40, engine\u00a0: diesel, roof\u00a0: glass, 41\u202f000\u00a0€",
    "engine\u00a0: diesel → electric, +4\u202f200\u00a0€",
    "enregistrée à nouveau, rien n’a changé",
    "ajouté\u00a0: hook, retiré\u00a0: roof\u00a0: glass, \u22121\u202f199,50\u00a0€",
)
Row = tuple[str, str, float | None, str, Any]


def save(house: House, number: int, said: dict[str, Any], who: str = "lea@atelier.example", **more: Any) -> None:
    """One save as the collector leaves it in the inbox; it happened at its own hour, whenever it comes in."""
    properties = {"configuration_id": "c-9", "product": "Press 40", "currency": "EUR", **said}
    happened = MONDAY + timedelta(hours=number)
    payload = {
        "event": "Configuration Saved",
        "userId": who,
        "timestamp": happened.isoformat(),
        "properties": properties,
        **more,
    }
    InboxEvent.objects.create(
        source=house.source.pk,
        message_id=f"save{number}",
        kind="track",
        received_at=in_micros(MONDAY + timedelta(days=1)),
        payload=json.dumps(payload).encode(),
    )


def rows() -> list[Row]:
    return [
        (one.message_id, one.kind, one.value, one.asset, one.props)
        for one in Signal.objects.order_by("occurred_at", "message_id")
    ]


def lines() -> list[str]:
    return [said_of(kind, props) for _, kind, _, _, props in rows()]


def begin_anew() -> None:
    for table in (Configuration, Signal, InboxEvent):
        table.objects.all().delete()


@pytest.mark.django_db
def test_each_save_says_what_changed_in_both_languages(house: House) -> None:
    for number, said in enumerate(SAVES):
        save(house, number, said)
    drain(now=MONDAY + timedelta(days=1))
    kinds = ["configuration_saved", "configuration_changed", "configuration_saved", "configuration_changed"]
    assert [(kind, value, asset) for _, kind, value, asset, _ in rows()] == list(
        zip(kinds, (41_000.0, 4_200.0, 45_200.0, -1_199.5), ("Press 40",) * 4, strict=True)
    )
    assert tuple(lines()) == ENGLISH
    with translation.override("fr"):
        assert tuple(lines()) == FRENCH
    lead = Lead.objects.get()
    assert [item.kind for item in story_of_lead(lead) if item.type == "signal"] == list(reversed(kinds))


@pytest.mark.django_db
def test_the_order_of_arrival_never_matters(house: House) -> None:
    found = []
    for order in permutations(range(len(SAVES))):
        begin_anew()
        for number in order:
            save(house, number, SAVES[number])
            drain(now=MONDAY + timedelta(days=1))
        found.append(rows())
    assert len(found) == 24 and all(one == found[0] for one in found)
    assert tuple(lines()) == ENGLISH


@pytest.mark.django_db
def test_what_comes_again_changes_nothing(house: House) -> None:
    for number, said in enumerate(SAVES):
        save(house, number, said)
    drain(now=MONDAY + timedelta(days=1))
    before = rows()
    InboxEvent.objects.update(handled=False)
    drain(now=MONDAY + timedelta(days=2))
    assert rows() == before and Configuration.objects.count() == len(SAVES)


@pytest.mark.django_db
def test_a_late_save_measures_again_whom_it_tells_otherwise(house: House) -> None:
    save(house, 2, SAVES[1], who="max@atelier.example")
    drain(now=MONDAY + timedelta(days=1))
    max_ = Person.objects.get(email="max@atelier.example")
    assert max_.measure.engagement is not None
    type(max_.measure).objects.all().delete()
    save(house, 1, SAVES[0], who="lea@atelier.example")
    drain(now=MONDAY + timedelta(days=1))
    assert [kind for _, kind, *_ in rows()] == ["configuration_saved", "configuration_changed"]
    assert type(max_.measure).objects.filter(person=max_).exists()


@pytest.mark.django_db
def test_without_a_name_it_is_the_same_one_for_the_same_person_and_product(house: House) -> None:
    save(house, 1, {"configuration_id": None, "options": ["roof"]})
    save(house, 2, {"configuration_id": None, "options": ["roof", "hook"]})
    save(house, 3, {"configuration_id": None, "options": ["hook"], "product": "Press 60"})
    save(house, 4, {"configuration_id": None, "options": ["hook"]}, who="max@atelier.example")
    drain(now=MONDAY + timedelta(days=1))
    assert lines() == ["Press 40, roof", "added: hook", "Press 60, hook", "Press 40, hook"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "odd",
    [
        {"options": 7},
        {"options": [[["x"]], None, {"name": {}}]},
        {"options": {"a": {"b": {"c": {"d": {"e": {}}}}}}},
        {"price": "much", "currency": ["EUR"], "product": {"x": 1}},
        {"changes": "mine", "options": {"": "x", "y": [1, [2]]}},
        {"options": {"n" * 3000: "v" * 9000}},
    ],
)
def test_odd_saves_come_in_and_can_be_shown(house: House, odd: dict[str, Any]) -> None:
    save(house, 1, odd)
    save(house, 2, SAVES[0])
    assert drain(now=MONDAY + timedelta(days=1)) == 2
    assert Signal.objects.count() == 2 and all(isinstance(line, str) for line in lines())


@pytest.mark.django_db
def test_many_saves_ask_the_database_as_often_as_few(house: House) -> None:
    def asked(first: int, count: int) -> int:
        for number in range(first, first + count):
            said = SAVES[number % 4] | {"configuration_id": f"k{number % 5}"}
            save(house, number, said, who=f"p{number % 3}@atelier.example")
        with CaptureQueriesContext(connection) as seen:
            drain(now=MONDAY + timedelta(days=1))
        return sum("configuration" in one["sql"] for one in seen.captured_queries)

    assert asked(0, 2) == asked(2, 16)


@pytest.mark.django_db
def test_person_desk_and_lead_show_what_changed(house: House, client: Client) -> None:
    for number, said in enumerate(SAVES[:2]):
        save(house, number, said)
    drain(now=MONDAY + timedelta(days=1))
    lead = Lead.objects.select_related("person").get()
    client.force_login(house.marc)
    pages = [reverse("person", args=[lead.person.public_id]), reverse("desk"), reverse("lead", args=[lead.public_id])]
    for page in pages:
        shown = client.get(page).content.decode()
        assert "engine: diesel → electric, +€\u00a04,200" in shown, page


def test_a_save_without_a_price_is_told_as_none_and_prices_are_read_as_people_write_them() -> None:
    with_price = read_configuration({"product": "Press", "price": "49 400,50 €", "currency": "EUR"})
    assert with_price.price == 49400.5
    without = read_configuration({"product": "Press", "currency": "EUR"})
    assert line_of(changes(with_price, without), "EUR").endswith("→ –")

"""What is read for the engine is what the tables hold, to the microsecond, on both databases."""

import random
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection
from django.db.models import Q

from tests.people import House, open_house
from vendange.agreement.conditions import as_known
from vendange.agreement.vocabulary import PERSON_DIMENSIONS, SIGNAL_DIMENSIONS
from vendange.engine.history.buckets import sums_of, together
from vendange.engine.schema import column_of
from vendange.engine.tables import KEPT_SCHEMA, PEOPLE_SCHEMA
from vendange.models import Organisation, Person, Signal, arrow
from vendange.models.arrow import DatabaseSource, people_of, signals_of, signals_of_organisations
from vendange.models.reading import SIGNAL_COLUMNS, from_signals_of, listed, rows
from vendange.score.queries import micros, profile

START = datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC)
TEXTS = ("", "/Tarifs", "STRASSE", 'quoted "twice"', "a,b\nc\t\\", "été", "\u2028", "İ")


def filled(source_id: int, people: int = 70, signals: int = 600) -> None:
    drawn = random.Random(5)
    firms = [
        Organisation.objects.create(name=f"Firm {n}", created_at=START, employees=n or None, tier="core")
        for n in range(9)
    ]
    members = [
        Person(
            organisation=drawn.choice([*firms, None]),
            level=drawn.choice(["", "director", "staff"]),
            role=drawn.choice(["", "decides"]),
            job_title=drawn.choice(TEXTS),
            set_aside=drawn.choice(["", "", "student"]),
            created_at=START + timedelta(microseconds=n),
        )
        for n in range(people)
    ]
    Person.objects.bulk_create(members)
    moments = [0, 1, 999_999, 1_000_000, 500, 10**12 + 7, -(10**15)]
    Signal.objects.bulk_create(
        Signal(
            person=drawn.choice(members),
            source_id=source_id,
            message_id=f"drawn {n}",
            kind=drawn.choice(["page_viewed", "content_read"]),
            occurred_at=START + timedelta(microseconds=drawn.choice(moments) + n),
            received_at=START + timedelta(days=1, microseconds=n),
            path=drawn.choice(TEXTS),
            topic=drawn.choice(TEXTS),
            value=drawn.choice([None, 0.1, 1 / 3, 1e300, -5e-324, 42.0]),
            origin=drawn.choice(["observed", "declared"]),
            verdict=drawn.choice(["human", "unknown", "machine"]),
        )
        for n in range(signals)
    )


def expected(rows: Any) -> list[dict[str, Any]]:
    """Through the ORM, one value after the other."""
    found = []
    for row in rows.exclude(verdict="machine").select_related("person").order_by("pk"):
        one = {"person": row.person_id, "organisation": row.person.organisation_id, "at": micros(row.occurred_at)}
        one |= {"id": row.pk, "kind": row.kind, "received": micros(row.received_at)}
        one |= {name: as_known(name, getattr(row, name)) for name in SIGNAL_DIMENSIONS if name != "at"}
        found.append(one)
    return found


def sorted_rows(table: pa.Table) -> list[dict[str, Any]]:
    return sorted(table.to_pylist(), key=lambda row: int(row["id"]))


def test_signals_are_read_as_they_are(house: House) -> None:
    filled(house.source.pk)
    ids = list(Person.objects.values_list("pk", flat=True))[:40]
    found = sorted_rows(signals_of(ids, KEPT_SCHEMA.names))
    assert found == expected(Signal.objects.filter(person_id__in=ids))
    assert signals_of(ids).schema == KEPT_SCHEMA
    some = signals_of(ids, ["person", "at", "id", "kind"])
    assert (some.num_rows, some.column("path").null_count) == (len(found), len(found))
    assert signals_of([]).num_rows == 0


def test_people_are_read_as_they_are(house: House) -> None:
    filled(house.source.pk)
    known = {one.pk: one for one in Person.objects.select_related("organisation")}
    table = people_of(known)
    assert table.schema == PEOPLE_SCHEMA
    assert sorted(table.column("person").to_pylist()) == sorted(known)
    for row in table.to_pylist():
        one = known[row["person"]]
        facts = profile(one)
        assert row["organisation"] == one.organisation_id
        assert {name: row[column_of(name)] for name in PERSON_DIMENSIONS} == {
            name: as_known(name, facts[name]) for name in PERSON_DIMENSIONS
        }


def test_what_an_organisation_may_count_leaves_out_who_is_set_aside(house: House) -> None:
    filled(house.source.pk)
    firms = list(Organisation.objects.values_list("pk", flat=True))[:5]
    moments = {firm: START + timedelta(seconds=place) for place, firm in enumerate(firms)}
    found = sorted_rows(signals_of_organisations(moments, {"content_read"}))
    rows = Signal.objects.filter(person__set_aside="", kind="content_read")
    theirs = [Q(person__organisation_id=firm, occurred_at__gte=at) for firm, at in moments.items()]
    wanted = expected(rows.filter(reduce(or_, theirs)))
    assert [one["id"] for one in found] == [one["id"] for one in wanted]
    assert found


@pytest.mark.parametrize("piece", [7, 200_000])
def test_the_history_reads_everything_once(house: House, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "PIECE", piece)
    filled(house.source.pk)
    Signal.objects.filter(pk__in=list(Signal.objects.values_list("pk", flat=True))[100:200]).delete()
    source = DatabaseSource()
    everything = expected(Signal.objects.all())
    assert sorted_rows(together(source.signals_since(0))) == everything
    middle = everything[len(everything) // 2]["id"]
    assert [row["id"] for row in sorted_rows(together(source.signals_since(middle)))] == [
        row["id"] for row in everything if row["id"] > middle
    ]
    assert sorted_rows(source.signals_of_bucket(5)) == [row for row in everything if row["person"] % 64 == 5]
    assert source.people().num_rows == Person.objects.count()
    assert source.sums(10**9) == sums_of(together(source.signals_since(0)))
    until = [row["id"] for row in everything if row["id"] <= middle]
    assert sum(count for count, _, _ in source.sums(middle).values()) == len(until)


def test_what_is_committed_is_read_the_same_through_a_connection_of_its_own(transactional_db: None) -> None:
    filled(open_house().source.pk)
    ids = list(Person.objects.values_list("pk", flat=True))
    assert sorted_rows(signals_of(ids, KEPT_SCHEMA.names)) == expected(Signal.objects.all())
    assert people_of(ids).num_rows == len(ids)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps the narrow index: see migration 0006")
def test_all_that_rules_read_of_a_person_lies_in_one_index(house: House) -> None:
    columns = ", ".join(column for name, column in SIGNAL_COLUMNS.items() if name not in {"organisation", "received"})
    plan = rows(f"EXPLAIN QUERY PLAN SELECT {columns} {from_signals_of()}", listed([1, 2]))
    assert any("COVERING INDEX signal_of_person" in str(step[-1]) for step in plan), plan

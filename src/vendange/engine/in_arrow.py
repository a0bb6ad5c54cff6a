"""What a worker of a cluster does with its share of the rows: whole people, in order, through the same kernel.

Rows come and go as Arrow, piece by piece. Three kinds of rows come mixed, sorted by person, at and id: what is known of
the person (`fit0` is not null), calls of their organisation's patterns (`pattern`), and their signals (`at`).
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import vendange
from vendange.engine.crowd import Crowd
from vendange.engine.kernel.company import Acts, hits_of
from vendange.engine.kernel.running import Before, Hit
from vendange.engine.on_duckdb import assembled, numbers
from vendange.engine.past.measured import standings_of
from vendange.engine.past.replaying import alerts_table
from vendange.engine.plan import Plan

ROWS: Final = 500_000  # that one run of the kernel takes, unless one person has more
HITS: Final = pa.schema([("person", pa.int64()), ("called_at", pa.int64()), ("pattern", pa.int64())])

Batches = Iterable[pa.RecordBatch]
Part = Callable[[Batches], Iterator[pa.RecordBatch]]


class OtherVersion(Exception):
    """A worker has another Vendange than who asks it; its answers could differ."""


@cache
def fingerprint() -> str:
    """Of the code that gives the answers."""
    root = Path(vendange.__file__).parent
    paths = sorted(path for part in ("agreement", "engine") for path in (root / part).rglob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def check(expected: str) -> None:
    if fingerprint() != expected:
        raise OtherVersion("This worker has another version of Vendange. Install the same one on every machine.")


def alerts_part(plan: Plan, since: int | None, expected: str) -> Part:
    """Rows of people become alerts (whole.ALERTS)."""

    def part(batches: Batches) -> Iterator[pa.RecordBatch]:
        check(expected)
        for rows in whole(batches, "person"):
            crowd, hits = _read(plan, rows)
            before = Before() if since is None else Before(since=dict.fromkeys(crowd.people.tolist(), since))
            yield from alerts_table(plan, crowd, hits, before).to_batches()

    return part


def standings_part(plan: Plan, as_of: int, expected: str) -> Part:
    """Rows of people become their standings (measured.STANDINGS)."""

    def part(batches: Batches) -> Iterator[pa.RecordBatch]:
        check(expected)
        for rows in whole(batches, "person"):
            yield from standings_of(plan, _read(plan, rows)[0], as_of).to_batches()

    return part


def hits_part(plan: Plan, since: int | None, expected: str) -> Part:
    """Acts that patterns of organisations count, sorted by organisation, become the calls of these patterns (HITS)."""

    def part(batches: Batches) -> Iterator[pa.RecordBatch]:
        check(expected)
        for rows in whole(batches, "organisation"):
            acts = _acts(plan, rows)
            wanted = None if since is None else dict.fromkeys(np.unique(acts.organisation).tolist(), since)
            hits = hits_of(plan, acts, since=wanted, evidence=False)
            columns = [[hit.person for hit in hits], [hit.at for hit in hits], [hit.pattern for hit in hits]]
            yield from pa.table(columns, schema=HITS).to_batches()

    return part


def whole(batches: Batches, column: str, enough: int = ROWS) -> Iterator[pa.Table]:
    """The rows again in larger pieces that never divide rows of equal `column`, by which they are sorted."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= enough and batch.num_rows:
            table = pa.Table.from_batches(waiting)
            values = numbers(table, column)
            last = int(np.searchsorted(values, values[-1]))
            if last:
                yield table.slice(0, last)
                waiting, rows = table.slice(last).to_batches(), rows - last
    if rows:
        yield pa.Table.from_batches(waiting)


def _acts(plan: Plan, rows: pa.Table) -> Acts:
    return Acts(
        organisation=numbers(rows, "organisation"),
        person=numbers(rows, "person"),
        at=numbers(rows, "at"),
        id=numbers(rows, "id"),
        masks=tuple(numbers(rows, f"mask{word}") for word in range(plan.words)),
    )


def _read(plan: Plan, rows: pa.Table) -> tuple[Crowd, list[Hit]]:
    known, asked = (rows.filter(pc.is_valid(rows.column(name))) for name in ("fit0", "at"))
    hits = list[Hit]()
    if "pattern" in rows.column_names:
        called = rows.filter(pc.is_valid(rows.column("pattern")))
        columns = (called.column(name).to_pylist() for name in HITS.names)
        hits = [Hit(*row) for row in zip(*columns, strict=True)]
    return assembled(plan, asked, known), hits

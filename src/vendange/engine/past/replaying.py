"""The whole history under an agreement: every alert that it would have given, in little memory.

Two passes over the buckets. The first gathers the acts that patterns of organisations count, because colleagues may
stand in different buckets; the second follows each person. Without such patterns the first is left out. Several plans
that ask the same questions are followed in one reading: variants of thresholds cost only their kernel.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa

from vendange.engine.crowd import NOBODY, Crowd
from vendange.engine.grades import CELLS, fits
from vendange.engine.history.reading import columns_of, crowds, manifest_of, tables_of
from vendange.engine.kernel.company import acts_of, hits_of, together
from vendange.engine.kernel.running import Before, Hit, Kernel
from vendange.engine.on_duckdb import crowd_of_tables
from vendange.engine.plan import Plan
from vendange.engine.replay import WAYS, lead_type_of, name_of

Moment = Literal["happened", "known"]  # when something happened, or when it had also been received
Tell = Callable[[str, int, int], None]  # what is being done, how many steps of how many are done
Cancel = Callable[[], bool]

LOT: Final = 500_000  # signals that are followed at once; a bucket that holds more is taken whole
ALERTS: Final = pa.schema(
    [
        ("person", pa.int64()),
        ("organisation", pa.int64()),  # null: none
        ("at", pa.int64()),  # microseconds
        ("way", pa.string()),
        ("rule", pa.string()),
        ("lead_type", pa.string()),
        ("grade", pa.string()),
        ("engagement", pa.float64()),
        ("fit", pa.float64()),
    ]
)


class Cancelled(Exception):
    """Whoever asked does not want to wait for the answer any more."""


class Unlike(ValueError):
    """Plans that ask different questions cannot be followed in one reading."""


def quiet(what: str, done: int, total: int) -> None:
    """Tells nobody."""


def never() -> bool:
    return False


def replay_history(
    plan: Plan,
    folder: Path,
    *,
    by: Moment = "happened",
    cache: Path | None = None,
    tell: Tell = quiet,
    cancelled: Cancel = never,
) -> pa.Table:
    """Every alert of the history (ALERTS), sorted by person and time; NoHistory, Cancelled."""
    return replay_variants([plan], folder, by=by, cache=cache, tell=tell, cancelled=cancelled)[0]


def replay_variants(
    plans: Sequence[Plan],
    folder: Path,
    *,
    by: Moment = "happened",
    cache: Path | None = None,
    tell: Tell = quiet,
    cancelled: Cancel = never,
) -> list[pa.Table]:
    """As `replay_history`, for several plans that differ in thresholds only; Unlike when they differ in more."""
    first = plans[0]
    if any(not _alike(first, other) for other in plans):
        raise Unlike("These agreements differ in more than their thresholds: replay each by itself.")
    passes = 2 if len(first.shared.within) else 1
    reading = _Reading(first, folder, by, cache, tell, cancelled, passes)
    hits: list[Hit] = []
    if passes == 2:
        hits = hits_of(first, together([acts_of(first, crowd) for crowd in reading.crowds()]), evidence=False)
    found: list[list[pa.Table]] = [[] for _ in plans]
    for crowd in reading.crowds():
        for mine, plan in zip(found, plans, strict=True):
            mine.append(alerts_table(plan, crowd, hits))
    return [_in_order(pa.concat_tables([ALERTS.empty_table(), *mine])) for mine in found]


def _alike(one: Plan, other: Plan) -> bool:
    mine, theirs = (
        (plan.questions, plan.fit, plan.aside, plan.jars, plan.limits, plan.own, plan.shared, plan.topics)
        for plan in (one, other)
    )
    return mine == theirs


class _Reading:
    """Reads the history lot by lot, telling how far it is."""

    def __init__(
        self, plan: Plan, folder: Path, by: Moment, cache: Path | None, tell: Tell, cancelled: Cancel, passes: int
    ) -> None:
        self.plan, self.folder, self.by, self.cache = plan, folder, by, cache
        self.tell, self.cancelled = tell, cancelled
        self.lots = lots_of([bucket.sums[0] for bucket in manifest_of(folder).buckets])
        self.steps, self.done = passes * len(self.lots), 0

    def crowds(self) -> Iterator[Crowd]:
        large = all(len(lot) == 1 for lot in self.lots)
        for crowd in crowds(self.plan, self.folder, self.cache) if large and self.by == "happened" else self._small():
            yield crowd
            self.done += 1
            self.tell("parts of the history", self.done, self.steps)
            if self.cancelled():
                raise Cancelled

    def _small(self) -> Iterator[Crowd]:
        signals, people = columns_of(self.plan)
        if self.by == "known":
            signals = [*signals, "received"]
        for lot in self.lots:
            rows, members, in_order = _together([tables_of(self.folder, place, signals, people) for place in lot])
            crowd = crowd_of_tables(self.plan, rows, members, self.cache, in_order=in_order)
            yield as_known(crowd, rows) if self.by == "known" else crowd


def lots_of(counts: Sequence[int], most: int = LOT) -> list[list[int]]:
    """Buckets that are read together, by place: as many as hold `most` signals, at least one.

    >>> lots_of([4, 5, 30, 0, 1], most=10)
    [[0, 1], [2], [3, 4]]
    """
    lots: list[list[int]] = []
    room = 0
    for place, count in enumerate(counts):
        if count > room or not lots:
            lots.append([])
            room = most
        lots[-1].append(place)
        room = max(0, room - count) if count <= most else -1
    return lots


def _together(parts: Sequence[tuple[pa.Table, pa.Table, bool]]) -> tuple[pa.Table, pa.Table, bool]:
    if len(parts) == 1:
        return parts[0]
    signals, people = (pa.concat_tables([part[place] for part in parts]).unify_dictionaries() for place in (0, 1))
    return signals, people, False


def as_known(crowd: Crowd, signals: pa.Table) -> Crowd:
    """The same people, with each signal at the moment when it had happened and been received."""
    if not len(crowd.at):
        return crowd
    ids = signals.column("id").to_numpy()
    places = np.argsort(ids)
    mine = places[np.searchsorted(ids, crowd.ids, sorter=places)]
    at = np.maximum(crowd.at, signals.column("received").fill_null(0).to_numpy()[mine])
    person = np.repeat(np.arange(crowd.size), np.diff(crowd.starts))
    order = np.lexsort((crowd.ids, at, person))
    masks = crowd.masks.reshape(-1, len(at))[:, order].reshape(-1)
    return replace(
        crowd,
        at=at[order],
        ids=crowd.ids[order],
        masks=np.ascontiguousarray(masks),
        weights=crowd.weights[order] if len(crowd.weights) else crowd.weights,
        contents=crowd.contents[order] if len(crowd.contents) else crowd.contents,
    )


def alerts_table(plan: Plan, crowd: Crowd, hits: Sequence[Hit] = (), before: Before | None = None) -> pa.Table:
    """Every alert of one crowd (ALERTS); `hits` may also be those of people of other crowds."""
    found = Kernel(plan, len(crowd.at)).find(crowd, before=before, hits=hits)
    person = np.asarray(found.person, np.int64)
    organisation = np.asarray(crowd.organisations)[person]
    pairs = list(zip(np.asarray(found.way).tolist(), np.asarray(found.rule).tolist(), strict=True))
    columns = [
        np.asarray(crowd.people)[person],
        pa.array(organisation, pa.int64(), mask=organisation == NOBODY),
        np.asarray(found.at, np.int64),
        [WAYS[way] for way, _ in pairs],
        [name_of(plan, way, rule) for way, rule in pairs],
        [lead_type_of(plan, way, rule) for way, rule in pairs],
        [CELLS[cell] for cell in np.asarray(found.cell).tolist()],
        np.asarray(found.engagement, np.float64),
        np.asarray(fits(plan, crowd), np.float64)[person],
    ]
    return pa.table([_of(column, field.type) for column, field in zip(columns, ALERTS, strict=True)], schema=ALERTS)


def _of(column: Any, type_: pa.DataType) -> pa.Array:
    return column if isinstance(column, pa.Array) else pa.array(column, type_)


def _in_order(table: pa.Table) -> pa.Table:
    """By person and time; what is called at the same instant stays in its order."""
    order = np.lexsort((table.column("at").to_numpy(), table.column("person").to_numpy()))
    return table.take(pa.array(order))

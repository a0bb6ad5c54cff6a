"""Where everybody in the history stands at one moment, as one table."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vendange.engine.crowd import NOBODY, Crowd
from vendange.engine.grades import CELLS, WARMTH, bands, fits
from vendange.engine.history.reading import crowds
from vendange.engine.kernel.running import Kernel
from vendange.engine.plan import WORD, Plan, words_for

STANDINGS: Final = pa.schema(
    [
        ("person", pa.int64()),
        ("organisation", pa.int64()),  # null: none
        ("set_aside", pa.string()),  # id of the reason, "" for none
        ("fit", pa.float64()),
        ("engagement", pa.float64()),
        ("grade", pa.string()),
        ("temperature", pa.string()),
        ("dimensions", pa.list_(pa.float64())),  # engagement in each, in the order of the agreement
        ("dimension_grades", pa.list_(pa.string())),
        ("interests", pa.list_(pa.float64())),  # by topic, in the order of the agreement
        ("changes", pa.list_(pa.bool_())),  # by topic: a burst holds
    ]
)


def measure_history(plan: Plan, folder: Path, as_of: int, cache: Path | None = None) -> pa.Table:
    """Everybody at `as_of` (microseconds) as STANDINGS, sorted by person; later signals are left out. NoHistory."""
    found = [standings_of(plan, crowd, as_of) for crowd in crowds(plan, folder, cache)]
    return pa.concat_tables([STANDINGS.empty_table(), *found]).combine_chunks().sort_by("person")


def standings_of(plan: Plan, crowd: Crowd, as_of: int) -> pa.Table:
    """Everybody of a crowd of numpy columns, in its order."""
    standing = Kernel(plan, len(crowd.at)).stand(crowd, as_of)
    engagement = np.asarray(standing.engagement, np.float64).reshape(crowd.size, plan.tracks)
    organisations = np.asarray(crowd.organisations, np.int64)
    thresholds = [plan.agreement.grades.engagement, *(one.grades for one in plan.agreement.dimensions)]
    grades = [_cells(plan, crowd, engagement[:, track], one) for track, one in enumerate(thresholds)]
    columns: list[Any] = [
        np.asarray(crowd.people, np.int64),
        pa.array(organisations, pa.int64(), mask=organisations == NOBODY),
        _reasons(plan, crowd),
        np.asarray(fits(plan, crowd), np.float64),
        engagement[:, 0],
        grades[0],
        [WARMTH[level] for level in np.asarray(standing.warmth).tolist()],
        _lists(engagement[:, 1:].reshape(-1), crowd.size, pa.float64()),
        _lists([one for row in zip(*grades[1:], strict=True) for one in row], crowd.size, pa.string()),
        _lists(np.asarray(standing.interest, np.float64), crowd.size, pa.float64()),
        _lists(np.asarray(standing.changed, np.int64).astype(bool), crowd.size, pa.bool_()),
    ]
    arrays = [
        column if isinstance(column, pa.Array) else pa.array(column, field.type)
        for column, field in zip(columns, STANDINGS, strict=True)
    ]
    return pa.table(arrays, schema=STANDINGS)


def _cells(plan: Plan, crowd: Crowd, points: npt.NDArray[np.float64], thresholds: tuple[float, ...]) -> list[str]:
    below = np.zeros(len(points), np.int64)
    for threshold in thresholds:
        below += points < threshold
    return [CELLS[cell] for cell in (np.asarray(bands(plan, crowd), np.int64) * 4 + below).tolist()]


def _reasons(plan: Plan, crowd: Crowd) -> pa.Array:
    """Id of the first reason that sets each person aside."""
    words = np.asarray(crowd.aside, np.int64).reshape(words_for(plan.aside), crowd.size)
    found = np.full(crowd.size, len(plan.aside_ids))
    for place in reversed(range(len(plan.aside_ids))):
        found[(words[place // WORD] >> (place % WORD)) & 1 == 1] = place
    return pa.array([*plan.aside_ids, ""]).take(pa.array(found))


def _lists(flat: Any, rows: int, type_: pa.DataType) -> pa.Array:
    """A list of equal length for each row."""
    offsets = np.arange(rows + 1, dtype=np.int32) * (len(flat) // rows if rows else 0)
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(flat, type_))

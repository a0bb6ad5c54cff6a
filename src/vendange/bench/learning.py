"""What learning from outcomes costs: a made-up table of leads, from its columns to the judged card."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vendange.bench.clock import alone, repeated
from vendange.bench.result import Result
from vendange.engine.learning.candidates import candidates_of, holds
from vendange.engine.learning.learn import learn
from vendange.engine.learning.table import Column, Numbers, Table, Truth

ROWS: Final = 55_000
FIELDS: Final = 10
CHOSEN: Final = 16  # the intercept and fifteen rules
NAMES: Final = (4, 12, 40, 400)  # different values of the columns of texts
TARGET: Final = 8.0  # CPU s


@dataclass(frozen=True, slots=True)
class Found:
    cpu: float
    wall: float
    rounds: list[float]
    limit: float
    details: dict[str, Any]


def bench_learn(rows: int = ROWS, seed: int = 7, rounds: int = 3) -> list[Result]:
    """Beside it, one dense step of the selection: the weighted products of 16 chosen columns with all conditions."""
    found = alone(learnt, rows, seed, rounds)
    details = {**found.details, "wall": round(found.wall, 3), "rounds": found.rounds, "target_of": "ours"}
    target = TARGET if rows >= ROWS else None
    return [Result(f"learn {rows:,} × {FIELDS}", "CPU s", found.cpu, found.limit, target, details)]


def learnt(rows: int, seed: int, rounds: int) -> Found:
    table, won, time = made_up(rows, seed)
    learned = learn(table, won, time)
    spent, each = repeated(lambda: learn(table, won, time), rounds)
    candidates = candidates_of(table, won)
    matrix = np.column_stack([holds(one, table.columns[one.column]) for one in candidates.conditions]).astype(float)
    weights = np.random.default_rng(seed).random((rows, CHOSEN))
    least, _ = repeated(lambda: weights.T @ matrix, rounds)
    told = {
        "rows": rows,
        "conditions": matrix.shape[1],
        "rules": len(learned.rules),
        "auc": round(learned.judged.auc, 3),
        "limit_is": "one dense step of the selection",
    }
    return Found(spent.cpu, spent.wall, each, least.cpu, told)


def made_up(rows: int, seed: int) -> tuple[Table, Truth, Numbers]:
    """Six columns of numbers, one in ten empty, and four of texts; three of them tell something. And days of a year."""
    chance = np.random.default_rng(seed)
    columns: dict[str, Column] = {}
    for place in range(FIELDS - len(NAMES)):
        values = np.round(chance.lognormal(3, 1, rows), 1)
        values[chance.random(rows) < 0.1] = np.nan
        columns[f"number{place}"] = Column(f"number{place}", "number", values, np.empty(0, np.int64))
    for size in NAMES:
        codes = np.minimum(chance.zipf(1.3, rows) - 1, size - 1)
        names = tuple(f"name {place}" for place in range(size))
        columns[f"text{size}"] = Column(f"text{size}", "text", np.empty(0), codes, names)
    odds = -2.5 + 0.8 * (np.nan_to_num(columns["number0"].numbers) > 30) - 0.5 * (columns["text12"].codes > 3)
    odds += chance.normal(0, 0.6, NAMES[-1])[columns["text400"].codes]
    won: Truth = chance.random(rows) < 1 / (1 + np.exp(-odds))
    return Table(columns, rows), won, np.floor(chance.random(rows) * 365)

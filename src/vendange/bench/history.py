"""Two benches over the whole history: where everybody stands at its end, and every alert that it would have given."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from vendange.bench.clock import alone, peak, repeated, spending
from vendange.bench.result import Result
from vendange.bench.size import END, Size
from vendange.bench.terms import plan_from
from vendange.engine.history.reading import PEOPLE, columns_of, crowds, files_of
from vendange.engine.kernel.fast import can_compile
from vendange.engine.kernel.running import Kernel
from vendange.engine.on_duckdb import ask, parquet
from vendange.engine.past.everybody import heats, standings
from vendange.engine.past.replaying import replay_history
from vendange.engine.plan import Plan

SCANS: Final = 3
FULL: Final = 10_000_000  # signals from which on the promised ratios are judged; below, fixed costs rule


@dataclass(frozen=True, slots=True)
class Job:
    """What the fresh process is told."""

    size: Size
    folder: Path
    agreement: Path | None
    rounds: int


@dataclass(frozen=True, slots=True)
class Found:
    cpu: float
    wall: float
    rounds: list[float]
    waking: float  # processor seconds before the first row: imports of the compiler, the kernel read from its cache
    peak: float  # GB
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Promise:
    """What the issue asks: at most so many times the bare scan, in less than so many GB."""

    ratio: float
    gigabytes: float


MEASURE: Final = Promise(12.0, 2.0)
REPLAY: Final = Promise(8.0, 2.5)
REPLAY_LARGE: Final = Promise(8.0, 3.0)


def scan_limit(job: Job) -> tuple[float, list[float], dict[str, Any]]:
    """Processor seconds of a bare scan, warm; those of each round; what was read."""
    signals, people = columns_of(plan_from(job.agreement))
    once = _scan(job.folder, signals, people)
    once()
    spent, rounds = repeated(once, SCANS)
    return spent.cpu, rounds, {"signals": signals, "people": people}


def _scan(folder: Path, signals: list[str], people: list[str]) -> Callable[[], object]:
    """DuckDB reads the columns that the plan's questions need, of the same files, and keeps the largest of each."""
    questions = [
        f"SELECT {', '.join(map(_largest, columns))} FROM {parquet(*paths)}"  # noqa: S608 (our own names)
        for columns, paths in ((signals, files_of(folder)), (people, [folder / PEOPLE]))
    ]
    return lambda: [ask(question) for question in questions]


def _largest(column: str) -> str:
    return f'max("{column}")'


def measure_everybody(job: Job) -> Found:
    plan = plan_from(job.agreement)
    waking = _awake(plan, job)
    counts: dict[str, int] = {}

    def work() -> None:
        found = list(standings(plan, job.folder, END))
        heated = heats(plan, found)
        counts["people"] = sum(len(one.people) for one in found)
        counts["hot people"] = sum(int((one.warmth == 2).sum()) for one in found)
        counts["organisations"] = 0 if heated is None else len(heated.organisations)
        counts["hot organisations"] = 0 if heated is None else int((heated.warmth == 2).sum())

    return _found(work, job.rounds, waking, counts)


def replay_everything(job: Job) -> Found:
    plan = plan_from(job.agreement)
    waking = _awake(plan, job)
    counts: dict[str, int] = {}

    def work() -> None:
        found = replay_history(plan, job.folder)
        counts["alerts"] = found.num_rows
        counts["people called for"] = len(np.unique(found.column("person").to_numpy()))
        for way in found.column("way").value_counts().to_pylist():
            counts[f"by {way['values']}"] = way["counts"]

    return _found(work, job.rounds, waking, counts)


def _awake(plan: Plan, job: Job) -> float:
    """Load and compile what is loaded and compiled once for each process, with the people of one bucket."""
    with spending() as spent:
        crowd = next(crowds(plan, job.folder, buckets=[1]))
        kernel = Kernel(plan, job.size.signals)
        kernel.stand(crowd, END)
        kernel.find(crowd)
    return spent.cpu


def _found(work: Callable[[], None], rounds: int, waking: float, counts: dict[str, int]) -> Found:
    spent, each = repeated(work, rounds)
    return Found(spent.cpu, spent.wall, each, round(waking, 3), round(peak(), 3), counts)


def judged(name: str, job: Job, work: Callable[[Job], Found], promise: Promise) -> list[Result]:
    """Processor time beside a bare scan of the same run, then memory."""
    limit, scans, columns = alone(scan_limit, job)
    found = alone(work, job)
    applies = job.size.signals >= FULL and job.agreement is None and can_compile()
    details = {
        **asdict(job.size),
        "target_of": "ratio",
        "ns_per_signal": round(found.cpu / job.size.signals * 1e9, 1),
        "wall": round(found.wall, 3),
        "rounds": found.rounds,
        "limit_is": "bare DuckDB scan: max of each column read, same Parquet, warm, median",
        "limit_rounds": scans,
        "limit_columns": columns,
        "waking": found.waking,
        "compiled": can_compile(),
        **found.counts,
    }
    memory = {**asdict(job.size), "target_of": "ours", "of": "one process, its most at any moment"}
    return [
        Result(name, "CPU s", found.cpu, limit, promise.ratio if applies else None, details),
        Result(f"{name} memory", "GB", found.peak, None, promise.gigabytes if applies else None, memory),
    ]


def bench_measure(job: Job) -> list[Result]:
    return judged("measure", job, measure_everybody, MEASURE)


def bench_replay(job: Job) -> list[Result]:
    return judged("replay", job, replay_everything, REPLAY if job.size.signals < 5 * FULL else REPLAY_LARGE)

"""Counts what work costs: processor time of all threads, and the most memory, in a process that does nothing else."""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
Answer = TypeVar("Answer")
STATUS: Final = Path("/proc/self/status")


@dataclass(slots=True)
class Spent:
    """Seconds: `cpu` of all threads of this process together, `wall` on the clock at the wall."""

    cpu: float = 0.0
    wall: float = 0.0


@contextmanager
def spending() -> Iterator[Spent]:
    spent = Spent()
    cpu, wall = time.process_time(), time.perf_counter()
    try:
        yield spent
    finally:
        spent.cpu, spent.wall = time.process_time() - cpu, time.perf_counter() - wall


def alone(work: Callable[P, Answer], *args: P.args, **kwargs: P.kwargs) -> Answer:
    """Do this work in a fresh process, so that neither its memory nor its time is mixed with ours."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *args, **kwargs).result()


def peak() -> float:
    """Most memory that this process held until now, in GB of 10⁹ bytes."""
    if STATUS.exists():  # ru_maxrss begins with what the parent held
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e9
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e9 if sys.platform == "darwin" else most * 1024 / 1e9


def repeated(work: Callable[[], Any], rounds: int) -> tuple[Spent, list[float]]:
    """The median of some rounds, and the processor seconds of each."""
    all_spent = []
    for _ in range(rounds):
        with spending() as spent:
            work()
        all_spent.append(spent)
    cpu = [spent.cpu for spent in all_spent]
    return Spent(median(cpu), median(spent.wall for spent in all_spent)), [round(one, 3) for one in cpu]

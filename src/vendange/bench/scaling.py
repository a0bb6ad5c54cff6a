"""Does measuring stay as cheap for each signal when there are fifty times as many?"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from vendange.bench.clock import alone
from vendange.bench.history import Found, Job, measure_everybody
from vendange.bench.result import Result

SIZES: Final = (2_000_000, 20_000_000, 100_000_000)  # signals
ALLOWED: Final = 1.15  # times the cost of a signal in the smallest one
CPU_UNIT: Final = "CPU ns per signal"


@dataclass(frozen=True, slots=True)
class Step:
    job: Job
    found: Found

    @property
    def each(self) -> float:
        """Nanoseconds for one signal."""
        return self.found.cpu / self.job.size.signals * 1e9


def bench_scaling(jobs: Sequence[Job]) -> list[Result]:
    """One line for each size, smallest first; the limit of each is the cost of a signal in the smallest."""
    steps = [Step(job, alone(measure_everybody, job)) for job in sorted(jobs, key=lambda job: job.size.signals)]
    return [_line(step, steps[0]) for step in steps]


def _line(step: Step, smallest: Step) -> Result:
    return Result(
        name=f"measure {step.job.size.signals / 1e6:g}M signals",
        unit=CPU_UNIT,
        ours=step.each,
        limit=smallest.each,
        target=None if step is smallest else ALLOWED,
        details={
            **asdict(step.job.size),
            "target_of": "ratio",
            "cpu": round(step.found.cpu, 3),
            "wall": round(step.found.wall, 3),
            "rounds": step.found.rounds,
            "limit_is": "the cost of a signal in the smallest size: linear growth",
            "peak": step.found.peak,
        },
    )

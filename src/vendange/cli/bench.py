"""`vendange bench`: what the engine costs on this machine, beside what the machine cannot do without."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from vendange.agreement.language import NotAnAgreement
from vendange.bench.clock import alone
from vendange.bench.history import Job, bench_measure, bench_replay
from vendange.bench.past import STEPS, laid_down
from vendange.bench.result import Result
from vendange.bench.size import Size
from vendange.cli.saying import Failed, Progress, say_json, table
from vendange.engine.fast import can_compile

UNITS: Final = {"k": 1_000, "m": 1_000_000}
SLOW: Final = "numba is not installed: the kernel is interpreted, some fifty times slower. pip install 'vendange[fast]'"


class Count(click.ParamType):
    """A whole number; 2M and 500k are understood."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).replace("_", "").replace(",", "").lower()
        factor = UNITS.get(text[-1:], 1)
        try:
            number = round(float(text.rstrip("km")) * factor)
        except (ValueError, OverflowError):
            self.fail(f"{value} is no number. Write for example 200000, 200k or 20M.", param, ctx)
        if not 1 <= number <= 2_000_000_000:
            self.fail(f"{value} is out of reach. Write a number from 1 to 2,000M.", param, ctx)
        return number


def sized(command: Callable[..., None]) -> Callable[..., None]:
    """The options that every bench has."""
    options = (
        click.option("--people", type=Count(), help="How many people; when left out, one for every 20 signals."),
        click.option("--signals", type=Count(), help="How many signals; when left out, 20 for each person."),
        click.option("--seed", default=7, show_default=True, help="The same number makes the same company."),
        click.option("--rounds", default=3, show_default=True, type=click.IntRange(1, 99), help="Median of so many."),
        click.option(
            "--agreement",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Measure with this agreement; without, with the one that the targets were set for.",
        ),
        click.option("--json", "as_json", is_flag=True, help="The results as JSON."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group()
def bench() -> None:
    """What the engine costs on this machine, each time beside the machine's own limit."""
    if not can_compile():
        click.echo(SLOW, err=True)


@bench.command()
@sized
def measure(as_json: bool, **asked: Any) -> None:
    """Measure everybody as of the last day: fit, engagement, grade, temperature, heat of organisations."""
    _say(bench_measure(_job(**asked)), as_json=as_json)


@bench.command()
@sized
def replay(as_json: bool, **asked: Any) -> None:
    """Find every alert of three years, patterns of organisations included."""
    _say(bench_replay(_job(**asked)), as_json=as_json)


def _job(people: int | None, signals: int | None, seed: int, rounds: int, agreement: Path | None) -> Job:
    """The made-up company is laid down on first use, and kept for the next one."""
    from vendange.settings import HOME

    size = Size.of(people=people, signals=signals, seed=seed)
    job = Job(size, size.folder(HOME) / "history", agreement, rounds)
    if not (job.folder / "manifest.json").exists():
        click.echo(f"Making up {size.people:,} people with {size.signals:,} signals under {job.folder} …", err=True)
    try:
        alone(laid_down, size, HOME)
    except OSError as error:
        raise Failed(f"The sample cannot be written: {error}. Make room under VENDANGE_HOME, then again.") from None
    return job


def _say(results: Sequence[Result], *, as_json: bool) -> None:
    if as_json:
        say_json([result.as_json() for result in results])
        return
    head = ("BENCH", "OURS", "LIMIT", "RATIO", "TARGET", "")
    click.echo(table([head, *map(_line, results)]))
    for result in results:
        if result.met is False:
            click.echo(f"{result.name}: the target is missed.", err=True)


def _line(result: Result) -> tuple[str, ...]:
    of_ratio = result.details.get("target_of") == "ratio"
    target = "–" if result.target is None else f"≤ {result.target:g}{'×' if of_ratio else ' ' + result.unit}"
    return (
        result.name,
        f"{result.ours:,.3f} {result.unit}",
        "–" if result.limit is None else f"{result.limit:,.3f} {result.unit}",
        "–" if result.ratio is None else f"{result.ratio:.2f}×",
        target,
        {True: "met", False: "MISSED", None: ""}[result.met],
    )

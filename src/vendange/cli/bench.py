"""`vendange bench`: what the engine costs on this machine, beside what the machine cannot do without."""

import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

from vendange.agreement.problems import NotAnAgreement
from vendange.bench import desk as desk_bench
from vendange.bench import forms as forms_bench
from vendange.bench.arrive import Ask, bench_arrive
from vendange.bench.clock import alone
from vendange.bench.database import LEAST_FREE, Foreign, Place, fill
from vendange.bench.history import Job, bench_measure, bench_replay
from vendange.bench.importing import LEADS, bench_import
from vendange.bench.ingest import ROUNDS, SECONDS, NoCollector, bench_ingest
from vendange.bench.learning import ROWS, bench_learn
from vendange.bench.load import Unanswered
from vendange.bench.past import laid_down
from vendange.bench.relay import NotRunning
from vendange.bench.result import Result
from vendange.bench.scaling import SIZES, bench_scaling
from vendange.bench.search import bench_search
from vendange.bench.segment import bench_segment
from vendange.bench.server import NoServer, Server, postgresql
from vendange.bench.size import Size
from vendange.bench.terms import plan_from
from vendange.cli.saying import Failed, say_json, table
from vendange.cli.serve import COLLECTOR, HOST, server
from vendange.engine.kernel.fast import can_compile
from vendange.environment import env_text

UNITS: Final = {"k": 1_000, "m": 1_000_000}
SLOW: Final = "numba is not installed: the kernel is interpreted, some fifty times slower. pip install 'vendange[fast]'"
STORED: Final = 100_000  # people of the benches of the relay
FEWEST: Final = 1_000  # leads of a bench of learning
BYTES: Final = 25  # of disk for each signal of a history
ROOM_OF_ROWS: Final = 15_000  # bytes of disk for each row of an imported file, in four databases
FILLED: Final = "filled"  # a file beside a database that is complete


class Count(click.ParamType[int]):
    """A whole number; 2M and 500k are understood."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).replace("_", "").replace(",", "").lower()
        factor = UNITS.get(text[-1:], 1)
        try:
            number = round(float(text.removesuffix("k").removesuffix("m")) * factor)
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
        click.option("--rounds", type=click.IntRange(1, 99), help="The median of so many is told."),
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


on_postgresql = click.option("--postgresql", "embedded", is_flag=True, help="Also on an embedded PostgreSQL.")


@click.group()
def bench() -> None:
    """What the engine costs on this machine, each time beside the machine's own limit."""
    if not can_compile():
        click.echo(SLOW, err=True)


@bench.command()
@sized
@click.option("--scaling", is_flag=True, help="Three sizes, 2M, 20M and 100M signals: does the cost grow faster?")
def measure(as_json: bool, scaling: bool, **asked: Any) -> None:
    """Measure everybody as of the last day: fit, engagement, grade, temperature, heat of organisations."""
    _say(_scaled(asked) if scaling else bench_measure(_job(**asked)), as_json=as_json)


@bench.command()
@sized
def replay(as_json: bool, **asked: Any) -> None:
    """Find every alert of three years, patterns of organisations included."""
    _say(bench_replay(_job(**asked)), as_json=as_json)


@bench.command()
@sized
@on_postgresql
def arrive(as_json: bool, embedded: bool, **asked: Any) -> None:
    """Measure 1, 100 and 5,000 touched people out of a full database, reading included."""
    _say(_arrived(_job(**asked), asked["rounds"], embedded=embedded), as_json=as_json)


@bench.command()
@click.option("--rounds", type=click.IntRange(1, 99), default=ROUNDS, show_default=True, help="Their median is told.")
@click.option("--seconds", type=click.FloatRange(0.2, 60), default=SECONDS, show_default=True, help="Of one measure.")
@click.option("--json", "as_json", is_flag=True, help="The results as JSON.")
@on_postgresql
def ingest(rounds: int, seconds: float, as_json: bool, embedded: bool) -> None:
    """Events a second that a collector stores before it answers, beside one bare writer."""
    _say(_ingested(rounds, seconds, embedded=embedded), as_json=as_json)


@bench.command("desk")
@click.option("--people", type=Count(), default=STORED, show_default=True, help="How many are stored.")
@click.option("--seconds", type=click.FloatRange(1, 600), default=60.0, show_default=True, help="Of events coming in.")
@click.option("--json", "as_json", is_flag=True, help="The results as JSON.")
@on_postgresql
def desk(people: int, seconds: float, as_json: bool, embedded: bool) -> None:
    """How soon a quote request stands on the page of the desk while 200 events a second come in."""
    _say(_on_the_desk(people, seconds, embedded=embedded), as_json=as_json)


@bench.command("forms")
@click.option("--people", type=Count(), default=STORED, show_default=True, help="How many are stored.")
@click.option("--count", type=Count(), default=2_000, show_default=True, help="Answers, and page views, of each run.")
@click.option("--json", "as_json", is_flag=True, help="The results as JSON.")
@on_postgresql
def forms(people: int, count: int, as_json: bool, embedded: bool) -> None:
    """Answers to a public form until the last one is a lead on the desk, and page views of strangers."""
    _say(_through_forms(people, count, embedded=embedded), as_json=as_json)


@bench.command("learn")
@click.option("--rows", type=Count(), default=ROWS, show_default=True, help="How many leads, with 10 columns each.")
@click.option("--seed", default=7, show_default=True, help="The same number makes the same leads.")
@click.option("--rounds", type=click.IntRange(1, 99), default=3, show_default=True, help="Their median is told.")
@click.option("--json", "as_json", is_flag=True, help="The results as JSON.")
def learn_card(rows: int, seed: int, rounds: int, as_json: bool) -> None:
    """Learn a card of points from a table of leads and judge it."""
    if rows < FEWEST:
        raise Failed(f"{rows} leads are too few to learn from. Ask for at least {FEWEST}.")
    _say(bench_learn(rows, seed, rounds), as_json=as_json)


@bench.command("search")
@click.option("--people", type=Count(), default=100_000, show_default=True, help="How many people are searched.")
@click.option("--rounds", type=click.IntRange(1, 999), default=60, show_default=True, help="Of 14 searches and a list.")
@click.option("--seed", default=7, show_default=True, help="The same number types the same searches.")
@click.option("--json", "as_json", is_flag=True, help="The results as JSON.")
@on_postgresql
def search_people(people: int, rounds: int, seed: int, as_json: bool, embedded: bool) -> None:
    """Search as one types, and lists with their counts, at so many people."""
    size = Size.of(people=people, signals=None, seed=seed)
    folder = _home() / "bench" / f"search-{people}"
    _need_room(_home(), 3_000 * people)
    results = bench_search(Place(size, folder, folder / "sqlite"), rounds)
    if embedded:
        try:
            with postgresql(folder / "postgresql") as own:
                results += bench_search(Place(size, folder, folder / "postgresql" / "home", own.url), rounds)
        except NoServer as error:
            raise Failed(str(error)) from None
    _say(results, as_json=as_json)


@bench.command("segment")
@sized
@on_postgresql
def segment(as_json: bool, embedded: bool, **asked: Any) -> None:
    """Fill a segment from empty out of everybody, and follow people for twenty segments."""
    job = _job(**asked)

    def bench(place: Place, _: Server | None) -> list[Result]:
        _filled(place, job)
        return bench_segment(place, job.rounds)

    _say(_everywhere(job, embedded, bench), as_json=as_json)


@bench.command("import")
@click.option("--rows", type=Count(), default=LEADS, show_default=True, help="How many rows the file has.")
@click.option("--seed", default=7, show_default=True, help="The same number makes the same file.")
@click.option("--json", "as_json", is_flag=True, help="The results as JSON.")
@on_postgresql
def import_file(rows: int, seed: int, as_json: bool, embedded: bool) -> None:
    """Bring a file of people with their companies in, and search them for duplicates."""
    _say(_imported(rows, seed, embedded=embedded), as_json=as_json)


@bench.command("all")
@sized
@on_postgresql
def all_of_them(as_json: bool, embedded: bool, **asked: Any) -> None:
    """Every bench, one after the other, with --scaling and with a replay of 100M signals."""
    whole = asked["people"] is None and asked["signals"] is None
    job = _job(**asked)
    results = [*bench_measure(job), *bench_replay(job), *_arrived(job, asked["rounds"], embedded=embedded)]
    results += [*bench_learn(), *_ingested(ROUNDS, SECONDS, embedded=embedded)]
    if whole:
        results += _imported(LEADS, 7, embedded=embedded)
        results += [*_on_the_desk(STORED, 60.0, embedded=embedded), *_through_forms(STORED, 2_000, embedded=embedded)]
        results += [*bench_replay(_job(**{**asked, "signals": SIZES[-1], "rounds": 1})), *_scaled(asked)]
    _say(results, as_json=as_json)


def _imported(rows: int, seed: int, *, embedded: bool) -> list[Result]:
    _need_room(_home(), ROOM_OF_ROWS * rows)
    try:
        return bench_import(_home() / "bench" / "import", rows, seed, embedded=embedded)
    except NoServer as error:
        raise Failed(str(error)) from None


def _ingested(rounds: int, seconds: float, *, embedded: bool) -> list[Result]:
    def command(port: int) -> list[str]:
        return server(COLLECTOR, HOST, port)

    try:
        return bench_ingest(_home() / "bench", command, rounds=rounds, seconds=seconds, embedded=embedded)
    except (NoServer, NoCollector, Unanswered) as error:
        raise Failed(str(error)) from None


def _on_the_desk(people: int, seconds: float, *, embedded: bool) -> list[Result]:
    asked = desk_bench.Ask(_size(people, None, 7), seconds, _up)
    return _relayed(lambda: desk_bench.bench_desk(_home(), asked, embedded=embedded))


def _through_forms(people: int, count: int, *, embedded: bool) -> list[Result]:
    asked = forms_bench.Ask(_size(people, None, 7), count, _up)
    return _relayed(lambda: forms_bench.bench_forms(_home(), asked, embedded=embedded))


def _relayed(bench: Callable[[], list[Result]]) -> list[Result]:
    try:
        return bench()
    except (NoServer, NotRunning, Unanswered) as error:
        raise Failed(str(error)) from None


def _up(port: int) -> list[str]:
    return [sys.executable, "-m", "vendange.cli.main", "up", "--empty", "--port", str(port)]


def _scaled(asked: dict[str, Any]) -> list[Result]:
    """The three sizes; or a tenth, the whole and five times of what was asked."""
    if asked["people"] is None and asked["signals"] is None:
        return bench_scaling([_job(**{**asked, "signals": signals}) for signals in SIZES])
    size = _size(asked["people"], asked["signals"], asked["seed"])
    sizes = [max(1, size.signals // 10), size.signals, 5 * size.signals]
    return bench_scaling([_job(**{**asked, "people": None, "signals": signals}) for signals in sizes])


def _size(people: int | None, signals: int | None, seed: int) -> Size:
    return Size.of(people=people, signals=signals, seed=seed)


def _home() -> Path:
    from vendange.settings import HOME

    return HOME


def _job(people: int | None, signals: int | None, seed: int, rounds: int | None, agreement: Path | None) -> Job:
    """The made-up company is laid down on first use, and kept for the next one."""
    try:
        plan_from(agreement)
    except NotAnAgreement as error:
        raise Failed(f"{agreement} is no agreement. See: vendange agreement check {agreement}\n{error}") from None
    size = _size(people, signals, seed)
    folder = size.folder(_home()) / "history"
    if not (folder / "manifest.json").exists():
        _need_room(_home(), BYTES * size.signals)
        click.echo(f"Making up {size.people:,} people with {size.signals:,} signals under {folder} …", err=True)
        alone(laid_down, size, _home())
    return Job(size, folder, agreement, rounds or (3 if size.signals <= SIZES[1] else 1))


def _need_room(home: Path, needed: int) -> None:
    home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home).free
    if free < needed:
        raise Failed(
            f"{needed / 1e9:.1f} GB are needed under {home}, {free / 1e9:.1f} GB are free. "
            "Make room, set VENDANGE_HOME to another disk, or ask for fewer --signals."
        )


def _arrived(job: Job, rounds: int | None, *, embedded: bool) -> list[Result]:
    return _everywhere(job, embedded, lambda place, server: _asked(place, server, job, rounds))


def _everywhere(job: Job, embedded: bool, bench: Callable[[Place, Server | None], list[Result]]) -> list[Result]:
    """On SQLite always; on PostgreSQL when DATABASE_URL names one, or when an embedded one is wanted."""
    folder = job.folder.parent
    results = bench(Place(job.size, job.folder, _own(folder / "sqlite")), None)
    if url := env_text("DATABASE_URL"):
        results += bench(Place(job.size, job.folder, folder / "given", url), None)
    if embedded:
        own = _own(folder / "postgresql")
        try:
            with postgresql(own) as server:
                results += bench(Place(job.size, job.folder, own / "home", server.url), server)
        except NoServer as error:
            raise Failed(str(error)) from None
        _is_filled(own)
    return results


def _own(folder: Path) -> Path:
    """A database of ours; one that was being filled when somebody stopped it begins anew."""
    if folder.exists() and not (folder / FILLED).exists():
        shutil.rmtree(folder)
    return folder


def _is_filled(folder: Path) -> None:
    (folder / FILLED).touch()


def _asked(place: Place, server: Server | None, job: Job, rounds: int | None) -> list[Result]:
    _filled(place, job)
    return bench_arrive(Ask(place, server, job.agreement, 1, max(15, rounds or 0)))


def _filled(place: Place, job: Job) -> None:
    """The made-up company stands in that database, brought in if it must be."""
    if not (place.home / FILLED).exists():
        _need_room(_home(), LEAST_FREE * job.size.signals)
        click.echo(f"Filling a database with {job.size.signals:,} signals (kept under {place.home.parent}) …", err=True)
    try:
        alone(fill, place)
    except Foreign:
        raise Failed(
            "The database that DATABASE_URL names holds other people, and a bench would mix them with invented ones. "
            "Give it an empty database, or leave DATABASE_URL out."
        ) from None
    _is_filled(place.home)


def _say(results: Sequence[Result], *, as_json: bool) -> None:
    """A missed target is said, and is no failure of the command."""
    if as_json:
        say_json([result.as_json() for result in results])
        return
    head = ("BENCH", "OURS", "LIMIT", "RATIO", "TARGET", "")
    click.echo(table([head, *map(_line, results)]))


def _line(result: Result) -> tuple[str, ...]:
    unit = "×" if result.details.get("target_of") == "ratio" else f" {result.unit}"
    return (
        result.name,
        f"{result.ours:,.3f} {result.unit}",
        "–" if result.limit is None else f"{result.limit:,.3f} {result.unit}",
        "–" if result.ratio is None else f"{result.ratio:.2f}×",
        "–" if result.target is None else f"{'≥' if result.at_least else '≤'} {result.target:g}{unit}",
        {True: "met", False: "MISSED", None: ""}[result.met],
    )

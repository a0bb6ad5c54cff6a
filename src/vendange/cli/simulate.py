"""`vendange agreement simulate`: what a draft would have called over the recorded past, in sentences and tables."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Final
from zoneinfo import ZoneInfo

import click
from django.conf import settings

from vendange.agree.queries import NoAgreement, in_force, terms_of
from vendange.agreement.language import NotAnAgreement, load
from vendange.agreement.sentence import Cannot
from vendange.agreement.terms import Agreement
from vendange.cli.saying import Failed, no_period, say_json
from vendange.cli.simulate_words import in_words
from vendange.models import AgreementVersion
from vendange.simulate.actions import as_plain
from vendange.simulate.actions import history_folder as folder

PAUSE: Final = 1.0  # seconds between two lines of progress


@click.command("simulate")
@click.argument("draft", metavar="FILE|VERSION")
@click.option("--against", metavar="FILE|VERSION", help="What to compare with; the agreement in force when left out.")
@click.option("--from", "start", metavar="DATE", help="First day; a year before the end when left out.")
@click.option("--to", "end", metavar="DATE", help="Last day, included; today when left out.")
@click.option("--engine", default="duckdb", show_default=True, metavar="ENGINE", help="duckdb, or spark://host:port.")
@click.option(
    "--list", "listed", default=10, show_default=True, type=click.IntRange(0), help="Leads named of each kind."
)
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def simulate(
    draft: str, against: str | None, start: str | None, end: str | None, engine: str, listed: int, as_json: bool
) -> None:
    """Replay a draft over the recorded past beside the agreement in force: alerts, leads, work, results, and limits."""
    (mine, mine_name), (other, name) = _named(draft), _against(against)
    since = _day(start) if start else None
    asked = _day(end) + timedelta(days=1) if end else None
    until = min(asked or datetime.now(UTC), datetime.now(UTC))
    if start and since and since >= until:
        raise no_period(start, end, is_backwards=asked is not None and since >= asked)
    replay = _engine(engine)
    found = _simulated(mine, other, since, until, replay)
    if as_json:
        say_json(as_plain(found))
    else:
        click.echo(in_words(found, mine, mine_name, name, listed))


def _simulated(draft: Agreement, against: Agreement, since: datetime | None, until: datetime, replay: Any) -> Any:
    from vendange.engine.history.building import build
    from vendange.engine.history.files import Busy
    from vendange.engine.history.manifest import NoHistory
    from vendange.models.arrow import DatabaseSource
    from vendange.simulate.queries import simulated

    told = _Teller()
    try:
        build(
            DatabaseSource(),
            folder(),
            tell=lambda what, count: told.tell(f"Bringing the history up to date: {what}", count),
        )
        return simulated(
            draft,
            against,
            folder=folder(),
            now=datetime.now(UTC),
            start=since,
            end=until,
            replay=replay,
            tell=told.tell,
        )
    except (Busy, NoHistory, Cannot) as error:
        raise Failed(str(error)) from None
    finally:
        told.end()


def _engine(engine: str) -> Any:
    """How to replay; None for DuckDB."""
    if engine == "duckdb":
        return None
    if not engine.startswith(("spark://", "local[")):
        raise Failed(f"There is no engine {engine}. Write duckdb, or the address of a Spark master: spark://host:7077")
    from vendange.engine.on_spark import NoSpark, replay

    def with_spark(plans: Sequence[Any], by: Any, tell: Any) -> list[Any]:
        found = []
        for place, plan in enumerate(plans, 1):
            try:
                found.append(replay(plan.agreement, folder(), master=engine, by=by))
            except NoSpark as error:
                raise Failed(str(error)) from None
            tell("replays", place, len(plans))
        return found

    return with_spark


def _loaded(file: Path) -> Agreement:
    try:
        return load(file.read_bytes())
    except OSError as error:
        raise Failed(f"{file} cannot be read: {error.strerror}. Check the path.") from None
    except NotAnAgreement as error:
        many = f"{len(error.problems)} problem{'s' if len(error.problems) > 1 else ''} to correct."
        raise Failed("\n".join([*(f"{file.name}: {one}" for one in error.problems), many])) from None


def _against(text: str | None) -> tuple[Agreement, str]:
    """What to compare with, and how to call it."""
    if text is None:
        try:
            terms = in_force(datetime.now(UTC))
        except NoAgreement:
            raise Failed(
                "No agreement is in force: there is nothing to compare with. Name a file or a version: --against FILE"
            ) from None
        return terms.agreement, f"v{terms.version.number}, in force"
    return _named(text)


def _named(text: str) -> tuple[Agreement, str]:
    """An agreement by its version or its file, and how to call it."""
    number = text.lower().removeprefix("v")
    if not (number.isascii() and number.isdigit() and len(number) < 9):
        return _loaded(Path(text)), Path(text).name
    version = AgreementVersion.objects.filter(number=int(number)).first()
    if version is None:
        raise Failed(f"There is no version {text}. `vendange agreement list` shows them.")
    return terms_of(version).agreement, f"v{version.number}"


def _day(text: str) -> datetime:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 (the company's time zone is added)
        return datetime.combine(day, time(), ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Failed(f"{text} is not a date. Write it as 2026-04-01.") from None


class _Teller:
    """Says how far it is, on standard error: one line rewritten on a terminal, else now and then a line."""

    def __init__(self) -> None:
        self.told, self.live, self.width = monotonic(), sys.stderr.isatty(), 0

    def tell(self, what: str, done: int, total: int = 0) -> None:
        if monotonic() - self.told < (0.1 if self.live else PAUSE):
            return
        self.told = monotonic()
        line = f"{what} ({100 * done // total} %)" if total else f"{what} ({done:,})"
        sys.stderr.write(f"\r{line:<{self.width}}" if self.live else f"{line}\n")
        sys.stderr.flush()
        self.width = len(line)

    def end(self) -> None:
        if self.live and self.width:
            sys.stderr.write(f"\r{'':<{self.width}}\r")

"""`vendange history`: all signals of the past in files made for replays, kept in step with the database."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final

import click

from vendange.cli.saying import Failed, say_json
from vendange.simulate.actions import history_folder as folder

PAUSE: Final = 2.0  # seconds between two lines of progress


@click.group()
def history() -> None:
    """All signals of the past, in files made for replays."""


@history.command()
@click.option("--compact", is_flag=True, help="Merge every tail, also small ones.")
@click.option("--json", "as_json", is_flag=True, help="What was done, as JSON.")
def build(compact: bool, as_json: bool) -> None:
    """Add what is new since the last build, and mend what differs from the database."""
    from vendange.engine.history.building import build as build_history
    from vendange.engine.history.files import Busy
    from vendange.engine.history.manifest import NoHistory
    from vendange.models.arrow import DatabaseSource

    began = monotonic()
    try:
        done = build_history(DatabaseSource(), folder(), compact=compact, tell=_Teller().tell)
    except (Busy, NoHistory) as error:
        raise Failed(str(error)) from error
    if as_json:
        say_json({**asdict(done), "seconds": round(monotonic() - began, 1)})
        return
    were = "was" if done.added == 1 else "were"
    click.echo(
        f"{_count(done.added, 'new signal')} {were} added in {monotonic() - began:.0f} s. {_merged(done.merged)}"
    )
    if done.mended:
        was = "was" if len(done.mended) == 1 else "were"
        click.echo(f"{_count(len(done.mended), 'bucket')} differed from the database and {was} written anew.")
    else:
        click.echo("Everything else agrees with the database.")


class _Teller:
    """Says how far a build is, on standard error, but not at every step."""

    def __init__(self) -> None:
        self.what, self.told = "", monotonic()

    def tell(self, what: str, count: int) -> None:
        if monotonic() - self.told >= PAUSE:
            self.told = monotonic()
            sys.stderr.write(f"{count:,} {what}\n")


def _merged(count: int) -> str:
    return f"{_count(count, 'bucket')} merged." if count else "No bucket needed merging."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@history.command()
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def status(as_json: bool) -> None:
    """What the history holds, and where it differs from the database; exit code 1 when it does."""
    from vendange.engine.history.building import Status
    from vendange.engine.history.building import status as status_of
    from vendange.engine.history.manifest import NoHistory
    from vendange.models.arrow import DatabaseSource

    try:
        found: Status = status_of(folder(), DatabaseSource())
    except NoHistory as error:
        raise Failed(str(error)) from error
    if as_json:
        say_json({**asdict(found), "built_at": _moment(found.built_at)})
    else:
        click.echo("\n".join(_lines(found)))
    if found.differs or not found.people_whole:
        raise click.exceptions.Exit(1)


def _lines(found: Any) -> list[str]:
    built = _moment(found.built_at)
    return [
        f"{_count(found.signals, 'signal')} of {_count(found.people, 'person').replace('persons', 'people')}"
        f" in {_count(found.buckets, 'bucket')}, {found.size / 1024**2:,.1f} MB in {folder()}.",
        f"Read up to signal {found.watermark}; {_count(found.tails, 'tail')} not merged yet.",
        f"Last built {built:%Y-%m-%d %H:%M} UTC." if built else "No build has come to its end yet.",
        *([] if found.people_whole else ["The file of the people is damaged. Mend: vendange history build"]),
        *([_difference(found.differs)] if found.differs or found.people_whole else []),
    ]


def _moment(micros: int) -> datetime | None:
    return datetime.fromtimestamp(micros / 1_000_000, UTC) if micros else None


def _difference(places: tuple[int, ...]) -> str:
    if not places:
        return "Up to that signal it agrees with the database."
    named = ", ".join(map(str, places[:10])) + (" …" if len(places) > 10 else "")
    verb = "differs" if len(places) == 1 else "differ"
    return f"{_count(len(places), 'bucket')} {verb} from the database ({named}). Mend: vendange history build"

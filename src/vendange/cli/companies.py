"""`vendange companies …`: the files that say which company a network belongs to."""

from datetime import UTC, datetime
from pathlib import Path

import click

from vendange.agreement.sentence import Cannot
from vendange.cli.saying import Failed, day_here, say_json, table
from vendange.reveal.actions import add_file, remove_file
from vendange.reveal.queries import File, files


@click.group()
def companies() -> None:
    """Files that say which company a network belongs to (MaxMind format, .mmdb)."""


@companies.command("add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="What was understood, as JSON.")
def add(file: Path, as_json: bool) -> None:
    """Read FILE through and install it, in place of the older one of its kind. Running processes take it at once."""
    try:
        with file.open("rb") as stream:
            added = add_file(stream, by=None, now=datetime.now(UTC))
    except Cannot as cannot:
        raise Failed(str(cannot)) from None
    except OSError as error:
        raise Failed(f"{file} cannot be copied: {error.strerror}. Is there room under VENDANGE_HOME?") from None
    if as_json:
        say_json(_said(added))
        return
    click.echo(f"{added.kind} of {day_here(added.built_at)} is installed: {added.networks:,} networks read.")
    click.echo(f"Understood: {', '.join(added.fields)}.")
    if added.is_old(datetime.now(UTC)):
        click.echo("It is more than 60 days old: networks change hands. Download a newer one.")


@companies.command("list")
@click.option("--json", "as_json", is_flag=True, help="The list as JSON.")
def installed(as_json: bool) -> None:
    """List the installed files."""
    found, now = files(), datetime.now(UTC)
    if as_json:
        say_json([_said(one) for one in found])
    elif not found:
        click.echo("No file yet. Add one: vendange companies add FILE.mmdb")
    else:
        rows = [(one.path.name, one.kind, day_here(one.built_at), _state(one, now)) for one in found]
        click.echo(table([("FILE", "KIND", "BUILT", ""), *rows]))


def _state(one: File, now: datetime) -> str:
    return "damaged: add it again" if one.broken else "old" if one.is_old(now) else ""


def _said(one: File) -> dict[str, object]:
    return {
        "file": one.path.name,
        "kind": one.kind,
        "built_at": one.built_at,
        "added_at": one.added_at,
        "networks": one.networks,
        "fields": list(one.fields),
        "broken": one.broken,
    }


@companies.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Remove an installed file, by the name that `list` shows."""
    if not remove_file(name, by=None, now=datetime.now(UTC)):
        raise Failed(f"There is no file {name}. `vendange companies list` shows them.")
    click.echo(f"{name} is removed. What was recognised with it stays.")

"""`vendange source …`: where signals come from."""

from datetime import UTC, datetime

import click

from vendange.capture.actions import add_source
from vendange.cli.saying import Failed, day_here, say_json, table
from vendange.engine.sites import site_of
from vendange.models import Source


@click.group()
def source() -> None:
    """Where signals come from, and the write key of each."""


@source.command("add")
@click.argument("name")
@click.option("--site", "sites", multiple=True, metavar="URL", help="A site that may send; may be repeated.")
@click.option("--server", is_flag=True, help="Its key stays on your servers: it is believed about who somebody is.")
@click.option("--json", "as_json", is_flag=True, help="The write key as JSON.")
def add(name: str, sites: tuple[str, ...], server: bool, as_json: bool) -> None:
    """Add a source, such as your web site, and print its write key."""
    name = name.strip()
    if not 1 <= len(name) <= 80:
        raise Failed("A source needs a name of 1 to 80 characters.")
    if Source.objects.filter(name__iexact=name).exists():
        raise Failed(f"There is already a source {name}. `vendange source list` shows its write key.")
    for site in sites:
        if not site_of(site):
            raise Failed(f"{site} is no address of a site. Write https:// and the name, without a path.")
    origins = list(dict.fromkeys(map(site_of, sites)))
    made = add_source(name=name, kind="segment", origins=origins, trusted=server, by=None, now=datetime.now(UTC))
    if as_json:
        say_json({"write_key": made.write_key, "id": str(made.public_id), "name": made.name})
        return
    click.echo(f"Source {made.name} added. Its write key is {made.write_key}")
    if server:
        click.echo("Keep it secret: what it says of who somebody is, is believed.")
    else:
        click.echo("It may stand in your pages for all to see: it can only write signals.")


@source.command("list")
@click.option("--json", "as_json", is_flag=True, help="The list as JSON.")
def sources(as_json: bool) -> None:
    """List the sources with their write keys."""
    found = list(Source.objects.order_by("name"))
    if as_json:
        columns = ("name", "kind", "write_key", "created_at", "closed_at")
        say_json([{"id": str(one.public_id), **{name: getattr(one, name) for name in columns}} for one in found])
    elif not found:
        click.echo("There is no source yet. Add one: vendange source add NAME")
    else:
        rows = [(one.name, one.kind, one.write_key, f"since {day_here(one.created_at)}") for one in found]
        click.echo(table([("NAME", "KIND", "WRITE KEY", ""), *rows]))

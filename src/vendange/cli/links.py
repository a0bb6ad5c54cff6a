"""`vendange link …`: tracked links, and addresses for a mailing."""

import sys
from datetime import UTC, datetime
from typing import Any

import click
from django.conf import settings

from vendange.cli.saying import Failed, day_here, say_json, table
from vendange.journey import following
from vendange.link import actions, queries
from vendange.link.queries import Addressed, Maker
from vendange.link.rules import BadDestination
from vendange.models import TrackedLink
from vendange.web.capture.link_forms import addresses_in
from vendange.web.capture.links import as_csv

LISTED = 1_000


@click.group()
def link() -> None:
    """Addresses that tell when they are followed; by whom, only with consent."""


@link.command("add")
@click.argument("name")
@click.argument("destination", default="")
@click.option("--pixel", is_flag=True, help="A pixel for mails instead of a link: it leads nowhere.")
@click.option("--campaign", default="", help="Added to the address as utm_campaign.")
@click.option("--channel", default="email", show_default=True, help="Added to the address as utm_medium.")
@click.option("--topic", default="", help="What it is about, for rules that read topics.")
@click.option("--asset", default="", help="The content that it leads to.")
@click.option("--json", "as_json", is_flag=True, help="The link as JSON.")
def add(name: str, destination: str, pixel: bool, as_json: bool, **said: str) -> None:
    """Make a link that leads to DESTINATION, for ever and whoever follows it."""
    if pixel == bool(destination):
        raise Failed("A pixel leads nowhere: leave out the destination." if pixel else "Say where the link leads.")
    if not 1 <= len(name.strip()) <= 120:
        raise Failed("A link needs a name of 1 to 120 characters.")
    kind, now = "pixel" if pixel else "link", datetime.now(UTC)
    try:
        made = following.make(kind=kind, name=name, leads_to=destination, by=None, now=now, **said)
    except BadDestination as bad:
        raise Failed(str(bad)) from None
    if as_json:
        say_json(_as_json(made))
        return
    everybody = (
        f" Its address for everybody, which tells how often and never who: {_address(made)}" if not pixel else ""
    )
    click.echo(f"{made.name} is made.{everybody}")
    click.echo(f"Addresses for people who agreed to be followed: vendange link addresses {made.token} FILE")


@link.command("list")
@click.option("--json", "as_json", is_flag=True, help="The list as JSON.")
def links(as_json: bool) -> None:
    """List the newest links with what came of them: people who agreed, visits of nobody, machines set aside."""
    found = queries.links(LISTED)
    counts = queries.counts(found)
    if as_json:
        say_json([{**_as_json(one), **_counted(counts[one.pk])} for one in found])
    elif not found:
        click.echo("There is no link yet. Make one: vendange link add NAME https://…")
    else:
        rows = [
            (
                one.token,
                one.name,
                str(counts[one.pk].people),
                str(counts[one.pk].visits),
                str(counts[one.pk].machines),
                f"closed {day_here(one.closed_at)}" if one.closed_at else "",
            )
            for one in found
        ]
        click.echo(table([("TOKEN", "NAME", "PEOPLE", "VISITS", "MACHINES", ""), *rows]))


@link.command("addresses")
@click.argument("token")
@click.argument("emails", type=click.File("r", encoding="utf-8-sig"), default="-")
@click.option("--counted", is_flag=True, help="Without consent: our link without a name, instead of the destination.")
@click.option("--json", "as_json", is_flag=True, help="The rows as JSON.")
def addresses(token: str, emails: Any, counted: bool, as_json: bool) -> None:
    """Write a CSV of e-mail; address; tracked; reason, for the e-mail addresses in the file EMAILS (- reads input)."""
    found = TrackedLink.objects.filter(token=token, closed_at=None).first()
    if found is None:
        raise Failed(f"There is no open link {token}. `vendange link list` shows them.")
    if counted and found.kind == "pixel":
        raise Failed("Without consent nobody gets a pixel, not even one without a name. Leave out --counted.")
    now = datetime.now(UTC)
    rows = queries.addresses_of(_maker(found, counted=counted), addresses_in(emails.read()), now)
    if not rows:
        raise Failed("There is no e-mail address in this file. Write one a line.")
    marked = sum(not row.because for row in rows)
    actions.addresses_made(link=found, people=len(rows), marked=marked, by=None, now=now)
    _say(rows, as_json)
    click.echo(f"Tracked: {marked:,} of {len(rows):,}.", err=True)


def _say(rows: list[Addressed], as_json: bool) -> None:
    if as_json:
        say_json([{"email": row.email, "address": row.address, "because": row.because} for row in rows])
    else:
        sys.stdout.write(as_csv(rows))


def _maker(one: TrackedLink, *, counted: bool) -> Maker:
    return Maker(one, settings.BASE_URL, settings.SECRET_KEY, counted)


def _address(one: TrackedLink) -> str:
    return _maker(one, counted=True).unmarked()


def _as_json(one: TrackedLink) -> dict[str, Any]:
    columns = ("token", "kind", "name", "destination", "campaign", "channel", "topic", "asset", "closed_at")
    return {"id": str(one.public_id), "address": _address(one), **{name: getattr(one, name) for name in columns}}


def _counted(counts: queries.Counts) -> dict[str, int]:
    return {
        "people": counts.people,
        "times": counts.times,
        "visits": counts.visits,
        "machines": counts.machines,
    }

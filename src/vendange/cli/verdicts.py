"""`vendange verdicts`: judge again who did what, a human or a machine, by the rules of today."""

from dataclasses import asdict
from datetime import UTC, datetime

import click

from vendange.cli.saying import say_json
from vendange.journey.judging import judge_again

BEGINNING = "2000-01-01"


@click.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), default=BEGINNING, help="Only what came in since this day.")
@click.option("--dry-run", is_flag=True, help="Say what would change, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="The counts as JSON.")
def verdicts(since: datetime, dry_run: bool, as_json: bool) -> None:
    """Judge again whether humans or machines did what the collector brought; scores follow.

    Files and what colleagues typed are believed. Leads that machines have opened stay: a human closes them.
    """
    done = judge_again(since=since.replace(tzinfo=UTC), dry=dry_run)
    if as_json:
        say_json(asdict(done))
        return
    click.echo(f"Signals judged again: {done.looked:,}. With another verdict: {done.changed:,}.")
    if dry_run:
        click.echo("Nothing was written: leave out --dry-run to write it.")
    elif done.people:
        click.echo(f"People whom the worker measures again: {done.people:,}.")

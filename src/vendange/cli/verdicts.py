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
    would = "would get" if dry_run else "got"
    click.echo(f"{done.looked:,} signals judged again; {done.changed:,} {would} another verdict.")
    if done.people:
        follow = "would be" if dry_run else "are"
        click.echo(f"{done.people:,} people {follow} measured again by the worker.")

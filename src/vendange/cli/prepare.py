"""What must be in place before anything is served: the tables. `vendange migrate`, and the first step of `up`."""

from collections.abc import Callable

import click
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor


@click.command()
def migrate() -> None:
    """Make or change the tables that this version needs. Does nothing when they are as they should be."""
    if not migrate_pending(click.echo):
        click.echo("The tables are as they should be.")


def migrate_pending(say: Callable[[str], None]) -> bool:
    """Migrate the databases that are behind; whether any was."""
    behind = [alias for alias in dict.fromkeys(("default", settings.INBOX_ALIAS)) if is_behind(alias)]
    for alias in behind:
        say("Preparing the tables of the inbox ..." if alias == "inbox" else "Preparing the tables ...")
        only = ["vendange"] if alias == "inbox" else []
        call_command("migrate", *only, database=alias, verbosity=0, interactive=False, skip_checks=True)
    return bool(behind)


def is_behind(alias: str) -> bool:
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes("vendange" if alias == "inbox" else None)))

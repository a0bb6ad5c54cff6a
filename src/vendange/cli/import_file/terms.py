"""What the command line says of a file as a whole, where its map does not."""

from collections.abc import Callable
from typing import Any

import click
from django.conf import settings

from vendange.sheets.column_map import ColumnMap, as_json, map_from
from vendange.sheets.terms import BASES, CHANNELS, REGIMES

Command = Callable[..., Any]
OPTIONS = (
    click.option("--origin", help="Where the rows come from: who collected them, when."),
    click.option("--consent", "basis", type=click.Choice(BASES), help="By what right people may be contacted."),
    click.option("--channel", multiple=True, type=click.Choice(CHANNELS), help="On which channel; may be repeated."),
    click.option("--purpose", help="For what."),
    click.option("--consent-at", "at", metavar="DAY", help="When they agreed, as 2026-04-03."),
    click.option("--wording", help="What they were told, word for word, or the name of the text."),
    click.option("--consent-column", "column", metavar="COLUMN", help="The column in which each row says it."),
    click.option("--regime", type=click.Choice(REGIMES), help="Private persons or professionals."),
    click.option("--keep-filled/--overwrite", default=None, help="Whether what is filled stays (it does)."),
    click.option("--sheet", metavar="NAME", help="Which sheet of a workbook."),
)


def ask_terms(command: Command) -> Command:
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def with_terms(known: ColumnMap, said: dict[str, Any]) -> ColumnMap:
    """The map with what the command line said above it. Raises BadMap."""
    given = {name: value for name, value in said.items() if value not in (None, "", ())}
    whole = as_json(known)
    names = {"basis": "basis", "purpose": "purpose", "at": "at", "wording": "wording", "column": "column"}
    consent = {name: given[name] for name in names if name in given}
    if given.get("channel"):
        consent["channel"] = list(given["channel"])
    if consent:
        whole["consent"] = consent if "basis" in consent else {**whole.get("consent", {}), **consent}
    for ours, theirs in (
        ("source", "origin"),
        ("regime", "regime"),
        ("sheet", "sheet"),
        ("keep_filled", "keep_filled"),
    ):
        if theirs in given:
            whole[ours] = given[theirs]
    return map_from(whole, name=known.name, time_zone=settings.TIME_ZONE)

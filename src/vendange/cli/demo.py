"""`vendange demo`: a living sample company, in an empty database."""

from datetime import UTC, datetime

import click

from vendange.cli.saying import Failed, Progress, say_json, table
from vendange.demo.company import LOGINS, Built, NoExamples, NotEmpty, build


@click.command()
@click.option("--people", default=1500, show_default=True, type=click.IntRange(20, 200_000), help="How many people.")
@click.option("--months", default=18, show_default=True, type=click.IntRange(1, 60), help="How many months of life.")
@click.option("--seed", default=7, show_default=True, help="The same number builds the same company.")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def demo(people: int, months: int, seed: int, as_json: bool) -> None:
    """Build a sample company, Ateliers Rochebrune, by living through its months."""
    shown = Progress(100, "parts of the sample company", every=10)
    try:
        built = build(
            people=people,
            months=months,
            seed=seed,
            now=datetime.now(UTC),
            progress=lambda _, share: shown.at(round(100 * share)),
        )
    except (NotEmpty, NoExamples) as error:
        raise Failed(str(error)) from None
    shown.end()
    if as_json:
        say_json({**_figures(built), "logins": [[one.role, one.username, one.password] for one in LOGINS]})
        return
    click.echo(_told(built))
    click.echo(
        table([("ROLE", "USERNAME", "PASSWORD", "NAME"), *((o.role, o.username, o.password, o.name) for o in LOGINS)])
    )


def _figures(built: Built) -> dict[str, int]:
    return {name: getattr(built, name) for name in Built.__slots__}


def _told(built: Built) -> str:
    return (
        f"Ateliers Rochebrune stands: {built.people:,} people in {built.organisations:,} organisations, "
        f"{built.signals:,} signals, {built.leads:,} leads, {built.passed:,} passed to sales, {built.won:,} won.\n"
        "All names are invented and no mail was sent. Sign in as:"
    )

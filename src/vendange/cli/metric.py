"""`vendange metric`: the numbers that marketing and sales share."""

from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import click
from django.conf import settings

from vendange.cli.saying import Failed, moment_here, no_period, say_json, table
from vendange.report.queries import Metric, common_metric

QUARTER: Final = timedelta(days=90)


@click.command()
@click.option("--from", "start", metavar="DATE", help="First day; 90 days before the end when left out.")
@click.option("--to", "end", metavar="DATE", help="Last day, included; today when left out.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def metric(start: str | None, end: str | None, as_json: bool) -> None:
    """Show how far the leads raised in a period have come by now."""
    until = _day(end) + timedelta(days=1) if end else datetime.now(UTC)
    since = _day(start) if start else until - QUARTER
    if start and since >= until:
        raise no_period(start, end, is_backwards=end is not None)
    found = common_metric(since, until)
    if as_json:
        say_json(asdict(found))
    else:
        click.echo(_shown(found))


def _day(text: str) -> datetime:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 (the company's time zone is added)
        return datetime.combine(day, time(), ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Failed(f"{text} is not a date. Write it as 2026-04-01.") from None


def _shown(one: Metric) -> str:
    """Each step with its volume and its share of the step before."""
    steps = (
        ("raised", one.raised, None),
        ("judged", one.judged, one.raised),
        ("passed to sales", one.passed, one.judged),
        ("accepted", one.accepted, one.passed),
        ("called in time", one.called_in_time, one.timed),
        ("opportunities", one.opportunities, one.accepted),
        ("won", one.won, one.raised),
    )
    rows = [(name, f"{count:,}", _share(count, of)) for name, count, of in steps]
    rows[4] = (*rows[4][:2], f"{rows[4][2]} of {one.timed:,} passed leads whose times are known")
    rows[6] = (*rows[6][:2], f"{rows[6][2]} of those raised, {one.won_cents / 100:,.2f} in known amounts")
    now = (
        f"Where they stand now: {one.waiting:,} wait on the desk, {one.in_sales:,} with sales,"
        f" {one.recycled:,} recycled, {one.eliminated:,} eliminated, {one.returned:,} returned, {one.lost:,} lost,"
        f" {one.won:,} won."
    )
    period = f"Leads raised from {moment_here(one.start)} to {moment_here(one.end)}"
    return f"{period}\n{table(rows)}\n{now}"


def _share(count: int, of: int | None) -> str:
    return f"{100 * count / of:.1f} %" if of else "-"

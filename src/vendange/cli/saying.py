"""How the command line speaks: sentences for people, JSON for programs, failures with a remedy and exit code 1."""

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click
from django.conf import settings


class Failed(click.ClickException):
    """An expected failure: one sentence (or several lines) with its remedy, exit code 1, no traceback."""

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


def no_period(start: str, end: str | None, *, is_backwards: bool) -> Failed:
    """Why nothing lies between two days as they were typed. `is_backwards`: both were, and the first is the later."""
    if is_backwards:
        return Failed(f"The period ends before it starts: {start} is after {end}. Exchange the two dates.")
    return Failed(f"The days from {start} have not come yet: nothing is recorded on them. Begin with a day that has.")


def counted(count: int, one: str, many: str = "") -> str:
    """ "1 lead", "2 leads", "3 criteria"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def day_here(at: datetime) -> str:
    """The day in the company's time zone, which is that of the days that people type."""
    return f"{at.astimezone(ZoneInfo(settings.TIME_ZONE)):%Y-%m-%d}"


def moment_here(at: datetime) -> str:
    """Day, minute and time zone of the company."""
    return f"{at.astimezone(ZoneInfo(settings.TIME_ZONE)):%Y-%m-%d %H:%M} {settings.TIME_ZONE}"


def say_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Columns side by side, two spaces between them."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))] if rows else []
    padded = ([cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows)
    return "\n".join("  ".join(cells).rstrip() for cells in padded)


class Progress:
    """How far a long work is, on standard error: one line rewritten on a terminal, else a line every `every` rows."""

    def __init__(self, total: int, what: str, *, every: int = 10_000) -> None:
        self.total, self.what, self.every, self.told = total, what, every, 0
        self.live = sys.stderr.isatty()

    def at(self, done: int) -> None:
        if self.live:
            sys.stderr.write(f"\r{self._line(done)}")
            sys.stderr.flush()
        elif done // self.every > self.told:
            self.told = done // self.every
            sys.stderr.write(self._line(done) + "\n")

    def end(self) -> None:
        if self.live:
            sys.stderr.write("\n")

    def _line(self, done: int) -> str:
        share = 100 * done // self.total if self.total else 100
        return f"{done:,} of {self.total:,} {self.what} ({share} %)"

"""The command `vendange import`."""

import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from django.conf import settings

from vendange.capture.actions import close_batch, open_batch, source_named
from vendange.cli.import_file.rows import RowReader, RowRefused
from vendange.cli.import_file.run import Tally, run
from vendange.cli.saying import Failed, say_json
from vendange.models import ImportBatch
from vendange.sheets.column_map import BadMap, ColumnMap, load_map
from vendange.sheets.refusal import FileRefused
from vendange.sheets.refused import RefusedRows
from vendange.sheets.sheet import Sheet, open_sheet, rows_of

STOPPED = 130


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--map", "map_file", required=True, type=click.Path(path_type=Path), help="What the columns mean (YAML).")
@click.option("--dry-run", is_flag=True, help="Read and check every row, write nothing.")
@click.option("--refused", "refused_file", type=click.Path(path_type=Path), help="Where refused rows go (CSV).")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N rows.")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def import_file(
    file: Path, map_file: Path, dry_run: bool, refused_file: Path | None, limit: int | None, as_json: bool
) -> None:
    """Take in a CSV file (gzip too) of people, their signals, or past deals."""
    try:
        known = load_map(map_file, time_zone=settings.TIME_ZONE)
        sheet = open_sheet(file, columns=known.names, encoding=known.encoding, separator=known.separator)
        _check_first_date(sheet, known)
    except BadMap as error:
        raise Failed("\n".join(f"{map_file.name}: {problem}" for problem in error.problems)) from None
    except FileRefused as error:
        raise Failed("\n".join((*error.problems, "Nothing was imported."))) from None
    if refused_file and refused_file.resolve() == file.resolve():
        raise Failed("--refused names the file that is imported. Choose another name for the refused rows.")
    click.echo(_announce(sheet, known), err=True)
    if dry_run:
        _dry_run(sheet, known, refused_file, limit or 0, as_json)
    else:
        _import(sheet, known, refused_file, limit or 0, as_json)


def _check_first_date(sheet: Sheet, known: ColumnMap) -> None:
    """A date format that the map lacks is one mistake of the map, not ten thousand mistakes of rows."""
    reader = RowReader(known, sheet.header, datetime.now(UTC))
    for line, row in rows_of(sheet):
        try:
            reader.signal(row) if known.kind == "people" else reader.ending(row, line)
        except RowRefused as error:
            if "in the map" in str(error):
                raise FileRefused(f"{sheet.path.name}, line {line}: {error}") from None
        return


def _announce(sheet: Sheet, known: ColumnMap) -> str:
    how = "as the map says" if sheet.encoding.given else "detected"
    lines = [f"{sheet.path.name}: {sheet.rows:,} rows, {sheet.encoding.shown} ({how}), {sheet.separator_name} between."]
    if "occurred_at" in known.columns or "closed_at" in known.columns:
        lines.append(f"Dates are read as {known.date_format}; without an offset they are local to {known.time_zone}.")
    return "\n".join(lines)


def _dry_run(sheet: Sheet, known: ColumnMap, refused_file: Path | None, limit: int, as_json: bool) -> None:
    now, began, tally = datetime.now(UTC), time.monotonic(), Tally()
    try:
        with RefusedRows(sheet, refused_file) as refused:
            run(sheet, RowReader(known, sheet.header, now), refused, tally=tally, limit=limit, write=False, now=now)
    except FileRefused as error:
        raise Failed("\n".join(error.problems)) from None
    if as_json:
        say_json({"dry_run": True, **_told(sheet, refused, tally, began)})
        return
    click.echo(f"Dry run: {tally.added:,} rows can be read, {tally.refused:,} would be refused. Nothing was written.")
    _say_refused(refused)


def _import(sheet: Sheet, known: ColumnMap, refused_file: Path | None, limit: int, as_json: bool) -> None:
    now, began, tally = datetime.now(UTC), time.monotonic(), Tally()
    same = ImportBatch.objects.filter(file_sha=sheet.sha, map_sha=known.sha, status="done")
    before = same.order_by("-ended_at").first()
    batch = open_batch(
        file_name=sheet.path.name, file_sha=sheet.sha, map_name=known.name, map_sha=known.sha, by=None, now=now
    )
    if before and before.ended_at and not as_json:
        click.echo(f"This file was imported on {before.ended_at:%Y-%m-%d at %H:%M} UTC; known rows add nothing.")
    source = source_named(name=known.source, kind="import", now=now)
    reader = replace(RowReader(known, sheet.header, now), source_id=source.pk, batch_id=batch.pk)
    path = refused_file or settings.HOME / "refused" / f"{sheet.path.name.split('.')[0]}-{batch.pk}.csv"
    status = "stopped"
    try:
        with RefusedRows(sheet, path) as refused:
            run(sheet, reader, refused, tally=tally, limit=limit, write=True, now=now)
        status = "done"
    except FileRefused as error:
        raise Failed("\n".join(error.problems)) from None
    except KeyboardInterrupt:
        click.echo(_stopped(tally), err=True)
        raise click.exceptions.Exit(STOPPED) from None
    finally:
        _close(batch, status, tally, refused)
    if as_json:
        say_json({"dry_run": False, "batch": str(batch.public_id), **_told(sheet, refused, tally, began)})
    else:
        click.echo(_summary(tally, known))
        _say_refused(refused)
    if tally.rows and tally.refused == tally.rows:
        raise click.exceptions.Exit(1)


def _close(batch: ImportBatch, status: str, tally: Tally, refused: RefusedRows) -> None:
    close_batch(
        batch=batch,
        status=status,
        rows=tally.rows,
        added=tally.added,
        known=tally.known,
        refused=tally.refused,
        refused_file=refused.written,
        now=datetime.now(UTC),
    )


def _stopped(tally: Tally) -> str:
    return (
        f"Stopped after {tally.rows:,} rows; they are complete, the others were not begun."
        " Run the same command again to go on: rows already known are skipped."
    )


def _summary(tally: Tally, known: ColumnMap) -> str:
    what = {"people": "signals" if known.signal else "people", "deals": "deals"}[known.kind]
    became = f"{tally.added:,} {what} added, {tally.known:,} already known, {tally.refused:,} refused"
    lines = [f"{tally.rows:,} rows: {became}."]
    if known.kind == "people":
        lines.append(f"{tally.people:,} new people, {tally.leads:,} leads opened on the desk.")
    if tally.rows and tally.known == tally.rows:
        lines.append("Every row was already known: nothing was added.")
    return "\n".join(lines)


def _say_refused(refused: RefusedRows) -> None:
    for line, because in refused.first:
        click.echo(f"  Line {line}: {because}")
    if refused.count > len(refused.first):
        click.echo(f"  … and {refused.count - len(refused.first):,} more.")
    if refused.written:
        click.echo(f"Refused rows with their reasons: {refused.written}. Correct them there and import that file.")


def _told(sheet: Sheet, refused: RefusedRows, tally: Tally, began: float) -> dict[str, Any]:
    return {
        "file": str(sheet.path),
        "encoding": sheet.encoding.shown,
        "separator": sheet.separator_name,
        **asdict(tally),
        "refused_file": refused.written,
        "first_refusals": [{"line": line, "reason": because} for line, because in refused.first],
        "seconds": round(time.monotonic() - began, 3),
    }

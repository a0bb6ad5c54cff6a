"""The command `vendange import`: the same work as in the browser, in this process."""

import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from django.conf import settings

from vendange.agreement.sentence import Cannot
from vendange.bring import actions as bring
from vendange.bring import queries as brought
from vendange.cli.import_file.terms import ask_terms, with_terms
from vendange.cli.saying import Failed, Progress, say_json
from vendange.journey import bringing, rehearsing, taking_back
from vendange.journey.rehearsing import Tally
from vendange.models import ImportBatch
from vendange.sheets.column_map import BadMap, ColumnMap, as_json, load_map
from vendange.sheets.kept import alone, opened_by
from vendange.sheets.refusal import FileRefused
from vendange.sheets.refused import SHOWN, RefusedRows
from vendange.sheets.sheet import Sheet

STOPPED = 130


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--map", "map_file", type=click.Path(path_type=Path), help="What the columns mean (YAML).")
@click.option("--dry-run", is_flag=True, help="Read, check and look up every row, write nothing.")
@click.option("--refused", "refused_file", type=click.Path(path_type=Path), help="Where refused rows go (CSV).")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N rows.")
@click.option("--resume", metavar="ID", help="Go on with an import that was stopped.")
@click.option("--revert", metavar="ID", help="Take back all that an import brought.")
@ask_terms
@click.option("--json", "in_json", is_flag=True, help="The result as JSON.")
def import_file(
    file: Path | None,
    map_file: Path | None,
    dry_run: bool,
    refused_file: Path | None,
    limit: int | None,
    resume: str | None,
    revert: str | None,
    in_json: bool,
    **terms: Any,
) -> None:
    """Take in a file (CSV, packed or not, or an Excel workbook) of people, their signals, or past deals."""
    try:
        if resume or revert:
            _one_of_before(str(resume or revert), resume is not None, limit or 0, in_json)
            return
        if file is None or map_file is None:
            raise Failed("Name the file and its map: vendange import FILE --map MAP.")
        known = _map(map_file, terms)
        sheet = opened_by(file, known)
        _check(sheet, known, refused_file)
        click.echo(_announce(sheet, known), err=True)
        if dry_run:
            _dry_run(sheet, known, refused_file, limit or 0, in_json)
        else:
            _import(sheet, known, refused_file, limit or 0, in_json)
    except FileRefused as error:
        raise Failed("\n".join((*error.problems, "Nothing was imported."))) from None
    except Cannot as error:
        raise Failed(str(error)) from None


def _map(path: Path, terms: dict[str, Any]) -> ColumnMap:
    try:
        known = with_terms(load_map(path, time_zone=settings.TIME_ZONE), terms)
    except BadMap as error:
        raise Failed("\n".join(f"{path.name}: {problem}" for problem in error.problems)) from None
    if known.kind == "people" and known.terms.consent is None:
        raise Failed(
            f"{path.name}: {bring.NO_BASIS} Write in the map, for instance, consent: {{basis: informed, channel: email,"
            " wording: …}, or add --consent none."
        )
    return known


def _check(sheet: Sheet, known: ColumnMap, refused_file: Path | None) -> None:
    if why := brought.first_date(sheet, known, datetime.now(UTC)):
        raise FileRefused(f"{sheet.path.name}: {why}")
    if refused_file and refused_file.resolve() == sheet.path.resolve():
        raise Failed("--refused names the file that is imported. Choose another name for the refused rows.")


def _announce(sheet: Sheet, known: ColumnMap) -> str:
    if sheet.is_workbook:
        lines = [f"{sheet.path.name}: {sheet.rows:,} rows of the sheet {sheet.tab}."]
        if len(sheet.tabs) > 1 and not known.sheet:
            lines.append(f"It also has: {', '.join(tab for tab in sheet.tabs if tab != sheet.tab)} (--sheet NAME).")
    else:
        how = "as the map says" if sheet.encoding.given else "detected"
        found = f"{sheet.encoding.shown} ({how}), {sheet.separator_name} between"
        lines = [f"{sheet.path.name}: {sheet.rows:,} rows, {found}."]
    if "occurred_at" in known.columns or "closed_at" in known.columns:
        lines.append(f"Dates are read as {known.date_format}; without an offset they are local to {known.time_zone}.")
    return "\n".join(lines)


def _dry_run(sheet: Sheet, known: ColumnMap, refused_file: Path | None, limit: int, in_json: bool) -> None:
    began, progress = time.monotonic(), Progress(min(limit or sheet.rows, sheet.rows), "rows")
    with RefusedRows(sheet, refused_file) as refused:
        tally = rehearsing.rehearse(
            sheet, known, refused, tell_how_far=lambda _, done, __: progress.at(done), cancelled=lambda: False, say=str,
            limit=limit,
        )  # fmt: skip
    progress.end()
    if in_json:
        say_json({"dry_run": True, **_told(sheet, tally, began, refused.written, refused.first)})
        return
    can, not_known = tally.rows - tally.refused, f"{tally.added:,} of them not known yet"
    click.echo(f"Dry run: {can:,} rows can be read ({not_known}), {tally.refused:,} would be refused.")
    for line in _of_dates(tally):
        click.echo(line)
    click.echo("Nothing was written.")
    _say_refused(tally, refused.written, refused.first)


def _import(sheet: Sheet, known: ColumnMap, refused_file: Path | None, limit: int, in_json: bool) -> None:
    began = time.monotonic()
    same = ImportBatch.objects.filter(file_sha=sheet.sha, map_sha=known.sha)
    before = same.filter(status="done").order_by("-ended_at").first()
    unfinished = same.filter(status__in=("stopped", "failed", "running"), job=None).order_by("-id")
    batch = next((one for one in unfinished if brought.standing(one).can_go_on), None)
    if batch and not in_json:
        click.echo(f"This import stood at row {brought.last_row(batch):,}: it goes on from there.")
    elif before and before.ended_at and not in_json:
        click.echo(f"This file was imported on {before.ended_at:%Y-%m-%d at %H:%M} UTC; known rows add nothing.")
    _carry(batch or _begun(sheet, known), sheet, known, refused_file, limit, in_json, began)


def _begun(sheet: Sheet, known: ColumnMap) -> ImportBatch:
    now = datetime.now(UTC)
    with sheet.path.open("rb") as stream:
        batch = bring.bring(stream, sheet.path.name, None, now, known=known)
    bring.note(batch, {"map": as_json(known)}, known.name)
    bring.choose(batch, {"map": as_json(known)}, now)
    return batch


def _carry(
    batch: ImportBatch,
    sheet: Sheet,
    known: ColumnMap,
    refused_file: Path | None,
    limit: int,
    in_json: bool,
    began: float,
) -> None:
    progress, first = Progress(min(limit or sheet.rows, sheet.rows), "rows"), list[tuple[int, str]]()
    try:
        with alone(brought.file_of(batch)):
            tally = bringing.carry(
                batch, lambda _, done, __: progress.at(done), lambda: False, limit=limit, refused_file=refused_file,
                first=first,
            )  # fmt: skip
    except KeyboardInterrupt:
        batch.refresh_from_db()
        click.echo(_stopped(batch), err=True)
        raise click.exceptions.Exit(STOPPED) from None
    progress.end()
    if in_json:
        told = _told(sheet, tally, began, batch.refused_file, first)
        say_json({"dry_run": False, "batch": str(batch.public_id), **told})
    else:
        click.echo(_summary(tally, known, batch))
        _say_refused(tally, batch.refused_file, first)
    if tally.rows and tally.refused == tally.rows:
        raise click.exceptions.Exit(1)


def _one_of_before(public_id: str, goes_on: bool, limit: int, in_json: bool) -> None:
    batch, began = brought.by_public_id(public_id), time.monotonic()
    if goes_on:
        if not brought.standing(batch).can_go_on:
            raise Failed(f"The import {public_id} cannot go on: it is done, under way, or taken back.")
        _carry(batch, brought.sheet_of(batch), brought.map_of(batch), None, limit, in_json, began)
        return
    if not brought.standing(batch).can_revert:
        raise Failed(f"There is nothing of the import {public_id} to take back, or it is of deals.")
    progress = Progress(batch.steps.filter(undone=False).count(), "steps")
    said = taking_back.take_back(batch, None, lambda _, done, __: progress.at(done), lambda: False)
    progress.end()
    if in_json:
        say_json({"batch": public_id, **said})
        return
    click.echo(f"{batch.file_name}: {batch.rows:,} rows were taken back.")
    for what, reasons in said["stayed"].items():
        if what != "list" and reasons:
            because = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in reasons.items())
            click.echo(f"  Of {what}, some stay: {because}.")


def _stopped(batch: ImportBatch) -> str:
    return (
        f"Stopped after {batch.rows:,} rows; they are complete, the others were not begun. Run the same command again"
        f" to go on from there, or vendange import --revert {batch.public_id} to take them back."
    )


def _summary(tally: Tally, known: ColumnMap, batch: ImportBatch) -> str:
    what = {"people": "signals" if known.signal else "people", "deals": "deals"}[known.kind]
    became = f"{tally.added:,} {what} added, {tally.known:,} already known, {tally.refused:,} refused"
    lines = [f"{tally.rows:,} rows: {became}."]
    if known.kind == "people":
        lines.append(f"{tally.people:,} new people, {tally.leads:,} leads opened on the desk.")
    if tally.kept_out:
        lines.append(f"{tally.kept_out:,} people are allowed nothing that they refuse or have refused before.")
    lines += _of_dates(tally)
    if tally.rows and tally.known == tally.rows:
        lines.append("Every row was already known: nothing was added.")
    elif known.kind == "people":
        lines.append(f"To take all of it back: vendange import --revert {batch.public_id}")
    return "\n".join(lines)


def _of_dates(tally: Tally) -> list[str]:
    lines = []
    if tally.undated:
        lines.append(f"{tally.undated:,} rows agree, but no date: nobody may be contacted on it (--consent-at DAY).")
    if tally.old_calls:
        lines.append(f"{tally.old_calls:,} rows agreed to calls more than a year ago: that allows no call any more.")
    return lines


def _say_refused(tally: Tally, written: str, first: list[tuple[int, str]]) -> None:
    for line, because in first:
        click.echo(f"  Line {line}: {because}")
    if tally.refused > SHOWN:
        click.echo(f"  … and {tally.refused - len(first):,} more.")
    if written:
        click.echo(f"Refused rows with their reasons: {written}. Correct them there and import that file.")


def _told(sheet: Sheet, tally: Tally, began: float, written: str, first: list[tuple[int, str]]) -> dict[str, Any]:
    return {
        "file": str(sheet.path),
        "encoding": sheet.encoding.shown,
        "separator": "" if sheet.is_workbook else sheet.separator_name,
        "sheet": sheet.tab,
        **asdict(tally),
        "refused_file": written,
        "first_refusals": [{"line": line, "reason": because} for line, because in first],
        "seconds": round(time.monotonic() - began, 3),
    }

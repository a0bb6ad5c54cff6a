"""Files that came in: what a file holds as its map reads it, how far an import is, what it brought."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml
from django.conf import settings

from vendange.agreement.sentence import Cannot, Sentence, sentence
from vendange.bring.rules import Ending, RowReader, said_of, too_long_ago
from vendange.models import ImportBatch, ImportMap, ImportStep, Job
from vendange.models.job import packed
from vendange.sheets.cells import RowRefused
from vendange.sheets.column_map import ColumnMap, map_from
from vendange.sheets.dates import ISO, NoSuchDate, read_date
from vendange.sheets.encoding import Encoding
from vendange.sheets.kept import is_free
from vendange.sheets.refused import MOST_KINDS
from vendange.sheets.sheet import Sheet, rows_of

KIND: Final = "import"
REVERT: Final = "revert"
TOLD: Final = ("kept_out", "undated", "old_calls")
UNDER_WAY: Final = ("waiting", "running", "reverting")


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One of the first rows. `fields`: what Vendange would keep, facts too; empty when the row is refused."""

    line: int
    cells: tuple[str, ...]
    fields: Mapping[str, str]
    refused: Sentence | None = None
    undated: bool = False
    old_call: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an import is. `state`: as of ImportBatch.status, but a job that died or was ended counts.

    `step`, `done`, `total`: of the job under way, in rows; `why`: what made it fail. `dry`: the job only rehearses.
    """

    state: str
    done: int = 0
    total: int = 0
    step: str = ""
    dry: bool = False
    why: Sentence | None = None
    can_go_on: bool = False
    can_revert: bool = False


def file_of(batch: ImportBatch) -> Path:
    """Where the file lies. Raises Cannot when it is not kept any more."""
    path: Path = Path(settings.HOME) / batch.kept_file
    if not batch.kept_file or not path.exists():
        raise Cannot(sentence("The file {file} is not kept any more: bring it again.", file=batch.file_name))
    return path


def sheet_of(batch: ImportBatch) -> Sheet:
    """The file as it was found out when it came. Raises Cannot."""
    read = batch.read_as
    return Sheet(
        path=file_of(batch),
        sha=batch.file_sha,
        encoding=Encoding(read["encoding"], read["encoding_shown"]),
        separator=read["separator"],
        header=tuple(read["columns"]),
        rows=batch.total,
        tab=read["sheet"],
        tabs=tuple(read["sheets"]),
        decimal=read["decimal"],
        estimated=read.get("estimated", False),
    )


def told_of(batch: ImportBatch) -> dict[str, int]:
    """What its rows say of being contacted and what was not taken over as it stands there, counted."""
    return {name: batch.read_as.get(name, 0) for name in TOLD}


def map_of(batch: ImportBatch) -> ColumnMap:
    return map_from(said_of(batch.how), name=batch.map_name, time_zone=settings.TIME_ZONE)


def samples(batch: ImportBatch, rows: int = 50) -> Sequence[tuple[str, ...]]:
    """The cells of the first rows, to recognise what columns hold."""
    return [tuple(cells) for _, cells in islice(rows_of(sheet_of(batch)), rows)]


def preview(batch: ImportBatch, rows: int = 10, how: Mapping[str, Any] | None = None) -> list[PreviewRow]:
    """The first rows as they will be read, by the map that was chosen, or by `how`. Raises BadMap and Cannot."""
    sheet = sheet_of(batch)
    said = said_of(how if how is not None else batch.how)
    known = map_from(said, name=batch.map_name, time_zone=settings.TIME_ZONE)
    reader = RowReader(known, sheet.header, datetime.now(UTC))
    return [_previewed(reader, line, cells) for line, cells in islice(rows_of(sheet), rows)]


def _previewed(reader: RowReader, line: int, cells: Sequence[str]) -> PreviewRow:
    try:
        row = reader.ending(line, cells) if reader.map.kind == "deals" else reader.person(line, cells)
        fields = reader.shown(cells)
    except RowRefused as why:
        return PreviewRow(line, tuple(cells), {}, why.sentence)
    if isinstance(row, Ending):
        return PreviewRow(line, tuple(cells), fields)
    return PreviewRow(line, tuple(cells), fields, undated=row.undated, old_call=row.old_call)


def day_not_believed(known: ColumnMap, now: datetime) -> Sentence | None:
    """Why the day that is said of the whole file cannot be the one on which people agreed."""
    consent = known.terms.consent
    if consent is None or not consent.at:
        return None
    try:
        day, _ = read_date(consent.at, format=ISO, zone=ZoneInfo(known.time_zone), latest=now)
    except NoSuchDate as error:
        return error.sentence
    return too_long_ago(day, now, consent.at) if consent.basis != "contract" else None


def first_date(sheet: Sheet, known: ColumnMap, now: datetime) -> Sentence | None:
    """A date format that the map lacks is one mistake of the map, not ten thousand mistakes of rows."""
    reader = RowReader(known, sheet.header, now)
    for line, cells in rows_of(sheet):
        try:
            reader.person(line, cells) if known.kind == "people" else reader.ending(line, cells)
        except RowRefused as error:
            if "in the map" in error.sentence.template:
                return sentence("Line {line}: {why}", line=line, why=error.sentence)
        return None
    return None


def standing(batch: ImportBatch) -> Standing:
    """Asked again from the database: a job tells how far it is there."""
    batch.refresh_from_db()
    job = job_of(batch)
    state = _state(batch, job)
    under_way = job is not None and job.is_under_way
    dry = bool(job and job.asked.get("dry_run"))
    return Standing(
        state=state,
        done=job.done if job and under_way else batch.rows,
        total=(job.total if job and under_way else 0) or batch.total,
        step=job.step if job and under_way else "",
        dry=dry,
        why=job.said if job and job.state == "failed" else None,
        can_go_on=state in ("stopped", "failed") and bool(batch.kept_file) and not _begun_back(batch),
        can_revert=state in ("done", "stopped", "failed") and batch.kind == "people" and batch.rows > 0,
    )


def job_of(batch: ImportBatch) -> Job | None:
    """Its latest job, as the database has it now."""
    return Job.objects.filter(pk=batch.job_id).first() if batch.job_id else None


def _state(batch: ImportBatch, job: Job | None) -> str:
    """A batch whose job ended without telling it (it died too often) has failed; a command that was killed, stopped."""
    if batch.status == "running" and job is None and is_free(Path(settings.HOME) / batch.kept_file):
        return "stopped"
    if batch.status in UNDER_WAY and job is not None and not job.is_under_way:
        return "failed" if job.state == "failed" else "stopped"
    return str(batch.status)


def _begun_back(batch: ImportBatch) -> bool:
    return ImportStep.objects.filter(batch=batch, undone=True).exists()


def last_row(batch: ImportBatch) -> int:
    """The last row that is in, counted from 1 under the header; 0 before the first."""
    return ImportStep.objects.filter(batch=batch).order_by("-last_row").values_list("last_row", flat=True).first() or 0


def same_before(batch: ImportBatch) -> ImportBatch | None:
    """The latest import of this very file that was not taken back."""
    rows = ImportBatch.objects.filter(file_sha=batch.file_sha, rows__gt=0).exclude(pk=batch.pk)
    return rows.exclude(status__in=("draft", "reverted")).order_by("-started_at", "-id").first()


def by_public_id(public_id: str) -> ImportBatch:
    """Raises Cannot."""
    found = ImportBatch.objects.select_related("by", "job").filter(public_id=public_id).first()
    if found is None:
        raise Cannot(sentence("There is no import {id}.", id=public_id))
    return found


def latest(limit: int = 50) -> Sequence[ImportBatch]:
    """The latest files that came in, whichever way."""
    return list(ImportBatch.objects.select_related("by", "job").order_by("-started_at", "-id")[:limit])


def kept_maps() -> Sequence[ImportMap]:
    return list(ImportMap.objects.select_related("by").defer("how").order_by("name"))


def kept_map(number: str) -> ImportMap | None:
    """The one of this number, as a form sends it; None when there is none."""
    return ImportMap.objects.filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None


def map_as_yaml(batch: ImportBatch) -> str:
    """The map of this import as the command line takes it."""
    return yaml.safe_dump(said_of(batch.how), allow_unicode=True, sort_keys=False, width=120)


def made_by(batch: ImportBatch) -> Mapping[str, int]:
    """How many rows of each table this import made, and under "changed" how many values it filled or changed."""
    found: Counter[str] = Counter()
    for made, changed in ImportStep.objects.filter(batch=batch, undone=False).values_list("made", "changed").iterator():
        found.update({table: sum(last - first + 1 for first, last in runs) for table, runs in made.items()})
        found["changed"] += len(changed)
    return found


def reasons_with(before: Sequence[Mapping[str, Any]], whys: Sequence[tuple[int, Sentence]]) -> list[dict[str, Any]]:
    """Why rows were refused, counted by kind: {count, line, sentence}, with the first line and what was said of it."""
    found = {one["sentence"]["template"]: dict(one) for one in before}
    for line, why in whys:
        if why.template in found:
            found[why.template]["count"] += 1
        elif len(found) < MOST_KINDS:
            found[why.template] = {"count": 1, "line": line, "sentence": packed(why)}
    return [*found.values()]

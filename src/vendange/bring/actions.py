"""Writes what is known of a file that comes in: the file itself, its map, how far it is, what is to be taken back."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings
from django.db import transaction

from vendange.agreement.sentence import Cannot, Incomplete, Sentence, sentence
from vendange.bring import queries
from vendange.bring.queries import KIND, REVERT, file_of, job_of, last_row, reasons_with, sheet_of, standing
from vendange.bring.rules import FORBIDS, Word, by_place, changed, check_seen, heeded, is_kept_out, said_of
from vendange.models import Consent, ImportBatch, ImportMap, ImportStep, Job, User
from vendange.models.each import add_values
from vendange.models.job import cancel
from vendange.models.runs import runs
from vendange.models.trail import record as tell
from vendange.sheets.column_map import BadMap, ColumnMap, map_from
from vendange.sheets.kept import keep, opened_by, read_as
from vendange.sheets.refusal import FileRefused
from vendange.sheets.sheet import Sheet, check_header, open_any, unclear_names
from vendange.sheets.sheet import read_whole as whole

FOLDER: Final = "imports"
DRAFTS_KEPT: Final = timedelta(days=30)
FILES_KEPT: Final = timedelta(days=90)


def bring(
    stream: IO[bytes],
    name: str,
    by: User | None,
    now: datetime,
    *,
    encoding: str = "",
    known: ColumnMap | None = None,
) -> ImportBatch:
    """Keep a file that comes in, and find out how it is to be read; nothing of it is taken in yet.

    `encoding`: said by whoever knows it; found out when left out. `known`: the map that it must fit. Raises FileRefused
    when the file cannot be read as a table; then it is not kept.
    """
    kept = Path(FOLDER) / f"{uuid.uuid4().hex}.file"
    path = Path(settings.HOME) / kept
    name = Path(name or "file").name[:200]
    try:
        keep(stream, path)
        sheet = opened_by(path, known) if known else open_any(path, columns=(), encoding=encoding)
        if problems := unclear_names(sheet.header):
            raise FileRefused(*problems)
        return _opened(sheet, name, kept, by, now)
    except FileRefused as refused:
        path.unlink(missing_ok=True)
        raise FileRefused(*(named(problem, name) for problem in refused.problems)) from None
    except OSError as error:
        path.unlink(missing_ok=True)
        raise FileRefused(_no_room(name, error)) from None


def _no_room(name: str, error: OSError) -> Sentence:
    return sentence(
        "{file} could not be kept: {why}. Free some room on the disk and bring it again.",
        file=name,
        why=error.strerror or str(error),
    )


def named(problem: str, name: str) -> str:
    """The sentence speaks of the file by the name that people gave it, not by that under which it is kept."""
    if not isinstance(problem, Sentence) or "file" not in problem.values:
        return problem
    return Sentence(problem.template, {**problem.values, "file": name})


def _opened(sheet: Sheet, name: str, kept: Path, by: User | None, now: datetime) -> ImportBatch:
    return ImportBatch.objects.create(
        file_name=name,
        file_sha=sheet.sha,
        status="draft",
        kept_file=str(kept),
        read_as=read_as(sheet),
        total=sheet.rows,
        started_at=now,
        by=by,
    )


def choose(batch: ImportBatch, how: Mapping[str, Any], now: datetime) -> ColumnMap:
    """What the columns mean, and what whoever brought the file says of it. Raises Incomplete with every problem.

    `problems` of it are named by the place in the map, as `columns`, `consent.wording`, or `file`.
    """
    _still_a_draft(batch)
    try:
        known = map_from(said_of(how), name=batch.map_name, time_zone=settings.TIME_ZONE)
    except BadMap as error:
        raise Incomplete(
            by_place(
                (one.where, sentence("{what} {remedy}", what=one.what, remedy=one.remedy)) for one in error.problems
            )
        ) from None
    sheet = _read_again(batch, known)
    problems = [*_said_by_nobody(known), *_of_file(sheet, known, now)]
    if problems:
        raise Incomplete(by_place(problems))
    batch.how, batch.map_sha, batch.kind = dict(how), known.sha, known.kind
    batch.read_as, batch.total = read_as(sheet), sheet.rows
    batch.save(update_fields=["how", "map_sha", "kind", "read_as", "total"])
    return known


def read_whole(batch: ImportBatch) -> Sheet:
    """All of a large file, of which only the beginning was looked at when it came: its rows are counted now.

    Raises FileRefused, and Cannot when it is not kept any more.
    """
    before = sheet_of(batch)
    sheet = whole(before)
    if before.estimated:
        batch.read_as, batch.total = {**batch.read_as, **read_as(sheet)}, sheet.rows
        batch.save(update_fields=["read_as", "total"])
    return sheet


def _read_again(batch: ImportBatch, known: ColumnMap) -> Sheet:
    """With the encoding, the separator and the sheet that people chose instead of what was found."""
    sheet = sheet_of(batch)
    wanted = (known.encoding, known.separator, known.sheet)
    stands = (sheet.encoding.codec, "" if sheet.is_workbook else sheet.separator_name, sheet.tab)
    if sheet.decimal == known.decimal and all(want in ("", has) for want, has in zip(wanted, stands, strict=True)):
        return sheet
    try:
        return open_any(
            file_of(batch), columns=known.names, encoding=known.encoding, separator=known.separator,
            tab=known.sheet, decimal=known.decimal,
        )  # fmt: skip
    except FileRefused as refused:
        told = [Sentence("{told}", {"told": named(one, batch.file_name)}) for one in refused.problems]
        raise Incomplete(by_place(("file", one) for one in told)) from None


def _said_by_nobody(known: ColumnMap) -> list[tuple[str, Sentence]]:
    """Where a file comes from and by what right people may be contacted must be said, of all rows or by each."""
    if known.kind == "people" and known.terms.consent is None:
        return [("consent", NO_BASIS)]
    return []


NO_BASIS: Final = sentence(
    "Nothing says by what right these people may be contacted. Say it of the whole file or name a column; if nobody"
    " knows, say none: then nobody is contacted on it."
)


def _of_file(sheet: Sheet, known: ColumnMap, now: datetime) -> list[tuple[str, Sentence]]:
    try:
        check_header(sheet.header, known.names)
    except FileRefused as refused:
        return [
            ("columns", one if isinstance(one, Sentence) else Sentence("{told}", {"told": one}))
            for one in refused.problems
        ]
    checks = (
        ("consent.at", queries.day_not_believed(known, now)),
        ("date.format", queries.first_date(sheet, known, now)),
    )
    return [(place, why) for place, why in checks if why]


@transaction.atomic
def ask(batch: ImportBatch, dry_run: bool, by: User | None, now: datetime) -> Job:
    """Have the rows taken in, or (dry) only read and looked up. Raises Cannot."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if not batch.how:
        raise Cannot(sentence("Say first what the columns of {file} mean.", file=batch.file_name))
    if batch.status != "draft" or _under_way(batch):
        raise Cannot(sentence("This import has begun already."))
    return _begin(batch, KIND, "draft" if dry_run else "waiting", by, now, dry_run=dry_run)


def _under_way(batch: ImportBatch) -> bool:
    job = job_of(batch)
    return job is not None and job.is_under_way


def _begin(batch: ImportBatch, kind: str, status: str, by: User | None, now: datetime, **asked: Any) -> Job:
    job = Job.objects.create(kind=kind, asked={"batch": str(batch.public_id), **asked}, by=by, asked_at=now)
    batch.job, batch.status = job, status
    batch.save(update_fields=["job", "status"])
    return job


def stop(batch: ImportBatch, now: datetime) -> bool:
    """End the job as soon as it can; what is in stays. False when nothing was under way."""
    if batch.job is None or not cancel(batch.job, now=now):
        return False
    waiting = ImportBatch.objects.filter(pk=batch.pk, status="waiting", job__state="cancelled")
    waiting.update(status="stopped")
    return True


@transaction.atomic
def go_on(batch: ImportBatch, by: User | None, now: datetime) -> Job:
    """Where it stood. Raises Cannot."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if not standing(batch).can_go_on:
        raise Cannot(sentence("This import cannot go on: it is not one that was stopped."))
    file_of(batch)
    return _begin(batch, KIND, "waiting", by, now, dry_run=False, after=last_row(batch))


@transaction.atomic
def ask_revert(batch: ImportBatch, by: User | None, now: datetime) -> Job:
    """Have everything taken back that this import brought. Raises Cannot."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.kind != "people":
        raise Cannot(sentence("Only files of people can be taken back: what a deal ended has ended."))
    if not standing(batch).can_revert:
        raise Cannot(sentence("There is nothing of this import to take back."))
    return _begin(batch, REVERT, "reverting", by, now)


def discard(batch: ImportBatch) -> None:
    """A draft goes, with its file. Raises Cannot."""
    if batch.status != "draft" or _under_way(batch):
        raise Cannot(sentence("This import has begun: take it back instead."))
    forget_file(batch)
    batch.delete()


def forget_file(batch: ImportBatch) -> None:
    """The rows are in, so nobody needs the file any more."""
    if batch.kept_file:
        (Path(settings.HOME) / batch.kept_file).unlink(missing_ok=True)
        batch.kept_file = ""
        batch.save(update_fields=["kept_file"])


def forget_old(now: datetime) -> None:
    """Drafts that nobody went on with go after a month, files of rows that were left or refused after three."""
    for draft in ImportBatch.objects.filter(status="draft", started_at__lt=now - DRAFTS_KEPT):
        if not _under_way(draft):
            discard(draft)
    ended = ImportBatch.objects.filter(ended_at__lt=now - FILES_KEPT)
    for batch in ended.exclude(kept_file=""):
        forget_file(batch)
    ours = Path(settings.HOME) / "refused"
    for batch in ended.exclude(refused_file=""):
        path = Path(batch.refused_file)
        if path.parent == ours:  # one that somebody has put elsewhere is theirs
            path.unlink(missing_ok=True)
            ended.filter(pk=batch.pk).update(refused_file="")


def read_anew(batch: ImportBatch, *, encoding: str = "", separator: str = "", tab: str = "") -> None:
    """Read a draft in another way, each as a map names it; "" is found out. Raises FileRefused, and Cannot."""
    _still_a_draft(batch)
    path = file_of(batch)
    decimal = batch.read_as["decimal"]
    try:
        sheet = open_any(path, encoding=encoding, separator=separator, tab=tab, decimal=decimal)
        if problems := unclear_names(sheet.header):
            raise FileRefused(*problems)
    except FileRefused as refused:
        raise FileRefused(*(named(problem, batch.file_name) for problem in refused.problems)) from None
    batch.read_as, batch.total = read_as(sheet), sheet.rows
    batch.save(update_fields=["read_as", "total"])


@transaction.atomic
def note(
    batch: ImportBatch, how: Mapping[str, Any], map_name: str = "", *, by: User | None = None, seen: int | None = None
) -> None:
    """Keep what somebody has said of a draft so far, complete or not; a change of a colleague after `seen` raises."""
    stands = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    _still_a_draft(stands)
    kept = {"changed": stands.how["changed"]} if "changed" in stands.how else {}
    if by is not None:
        if seen is not None:
            check_seen(stands.how, by.pk, seen)
        kept = {"changed": changed(stands.how, by.pk, by.name, datetime.now(UTC))}
    batch.how, batch.map_name = {**how, **kept}, map_name or batch.map_name
    batch.save(update_fields=["how", "map_name"])


def _still_a_draft(batch: ImportBatch) -> None:
    if batch.status != "draft":
        raise Cannot(sentence("This import has begun: its map cannot be changed any more."))


def keep_map(name: str, how: Mapping[str, Any], by: User, now: datetime) -> ImportMap:
    """For the next file like it. The same name again keeps the newer one."""
    made, _ = ImportMap.objects.update_or_create(name=name[:80], defaults={"how": dict(how), "by": by, "at": now})
    return made


def forget_map(kept: ImportMap) -> None:
    kept.delete()


def begin(batch: ImportBatch, source_id: int) -> None:
    """Its rows come in from now on."""
    batch.status, batch.source_id, batch.ended_at = "running", source_id, None
    batch.save(update_fields=["status", "source", "ended_at"])


def end(batch: ImportBatch, status: str, *, refused_file: str) -> None:
    """`refused_file`: where rows to be corrected lie, "" when there are none."""
    batch.status, batch.refused_file, batch.ended_at = status, refused_file[:400], datetime.now(UTC)
    batch.save(update_fields=["status", "refused_file", "ended_at"])
    tell(
        "import.ended",
        batch,
        at=batch.ended_at,
        by=batch.by,
        detail={"file": batch.file_name, "status": status, "rows": batch.rows},
    )
    if status == "done":
        forget_file(batch)


def add_step(
    batch: ImportBatch,
    *,
    first_row: int,
    last_row: int,
    people: Sequence[int],
    made: Mapping[str, Sequence[int]],
    changed: Sequence[Sequence[Any]],
    counted: Mapping[str, int],
    refused_bytes: int,
    whys: Sequence[tuple[int, Sentence]] = (),
) -> None:
    """These rows are in, in the transaction that took them in. Raises Overtaken when they were in already."""
    before = batch.rows
    for name in COUNTED:
        setattr(batch, name, getattr(batch, name) + counted[name])
    batch.read_as |= {
        "refused_bytes": refused_bytes,
        **{name: count + counted[name] for name, count in queries.told_of(batch).items()},
        "reasons": reasons_with(batch.read_as.get("reasons", []), whys),
    }
    stands = ImportBatch.objects.filter(pk=batch.pk, rows=before, status="running")
    if before != first_row - 1 or not stands.update(**{name: getattr(batch, name) for name in (*COUNTED, "read_as")}):
        raise Overtaken(sentence("This import is under way in another process."))
    ImportStep.objects.create(
        batch=batch,
        first_row=first_row,
        last_row=last_row,
        people=runs(people),
        made={table: runs(ids) for table, ids in made.items() if ids},
        changed=changed,
    )


class Overtaken(Cannot):
    """Somebody else has gone on with this import: nothing of ours counts any more."""


COUNTED: Final = ("rows", "added", "known", "refused", "people", "organisations")


def count_leads(batch: ImportBatch, leads: int) -> None:
    """So many were opened on the desk by what came in."""
    batch.leads += leads
    batch.save(update_fields=["leads"])


LINE: Final = (
    "person_id", "channel", "purpose", "status", "at", "method", "wording", "page", "by_id", "import_batch_id",
)  # fmt: skip


def keep_words(said: Sequence[tuple[int, Sequence[Word]]], batch: ImportBatch) -> int:
    """What rows say of being contacted, by person; how many people are allowed what they refuse or have refused.

    Of rows that disagree the strictest holds, wherever it stands.
    """
    people = {person for person, _ in said}
    lines = Consent.objects.filter(person_id__among=people).order_by("at", "id")
    latest: dict[int, dict[str, tuple[str, datetime]]] = {}
    for person, channel, status, at in lines.values_list("person", "channel", "status", "at"):
        latest.setdefault(person, {})[channel] = (status, at)
    kept_out, rows = set[int](), []
    each = ((person, word) for person, words in said for word in words)
    for person, word in sorted(each, key=lambda one: one[1].status not in FORBIDS):
        theirs = latest.setdefault(person, {})
        if is_kept_out(word, theirs):
            kept_out.add(person)
        if told := heeded(word, theirs):
            theirs[told.channel] = (told.status, told.at)
            said_so = (told.channel, told.purpose, told.status, told.at, "file", told.wording, "")
            rows.append((person, *said_so, batch.by_id, batch.pk))
    add_values(Consent, LINE, rows)
    return len(kept_out)

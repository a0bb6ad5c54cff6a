"""A file comes in: rows become people, facts, keys, consents and signals, some at a time, wholly or not at all.

How far it is stands in the database with what came in, in one transaction: whatever happens, the next go begins at the
row where it stood, and no row counts twice.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction

from vendange.agreement.sentence import Cannot, Sentence, joined, sentence
from vendange.belong.actions import Companies
from vendange.bring import actions as bring
from vendange.bring import queries as brought
from vendange.bring.rules import Ending, Row, RowReader
from vendange.capture import actions as capture
from vendange.capture import queries as captured
from vendange.capture.rules import Incoming, Who
from vendange.identify import actions as identify
from vendange.identify import queries as identified
from vendange.identify.actions import Journal, Sighting
from vendange.journey import rehearsing
from vendange.journey.arrive import FAULTS, measure
from vendange.journey.past import PastDeal, record_past
from vendange.journey.rehearsing import Cells, Say, Tally, pieces
from vendange.models import ImportBatch, Job, Person, Signal
from vendange.models.job import Cancel, Stopped, Tell
from vendange.models.turns import Turns
from vendange.score import actions as score
from vendange.sheets.cells import RowRefused
from vendange.sheets.column_map import ColumnMap
from vendange.sheets.refusal import FileRefused
from vendange.sheets.refused import RefusedRows
from vendange.sheets.sheet import Sheet, rows_of

logger = logging.getLogger(__name__)
KIND: Final = brought.KIND
ATTEMPTS: Final = 3


@dataclass(slots=True)
class _Taken:
    """What some rows brought. `touched`: who must be measured, with when their oldest new signal happened."""

    tally: Tally = field(default_factory=Tally)
    journals: list[Journal] = field(default_factory=list)
    signals: list[int] = field(default_factory=list)
    turned: list[tuple[str, int, str, str, str]] = field(default_factory=list)
    touched: dict[int, datetime | None] = field(default_factory=dict)
    refused: list[tuple[int, Sequence[str], Sentence]] = field(default_factory=list)

    def add(self, other: "_Taken") -> None:
        self.tally.add(other.tally)
        self.journals += other.journals
        self.signals += other.signals
        self.turned += other.turned
        self.touched |= other.touched
        self.refused += other.refused


def run(job: Job, tell_how_far: Tell, cancelled: Cancel, say: Say = str) -> Mapping[str, Any]:
    """The work of a job of this kind. Raises Cannot and Stopped."""
    batch = brought.by_public_id(job.asked["batch"])
    if job.asked.get("dry_run"):
        return rehearsing.rehearse_batch(batch, refused_path(batch, "rehearsed"), tell_how_far, cancelled, say)
    return asdict(carry(batch, tell_how_far, cancelled, say))


def refused_path(batch: ImportBatch, what: str = "refused") -> Path:
    """Named by us, so that no name of a file can lead anywhere."""
    path: Path = Path(settings.HOME) / "refused" / f"{batch.public_id}-{what}.csv"
    return path


def carry(
    batch: ImportBatch,
    tell_how_far: Tell,
    cancelled: Cancel,
    say: Say = str,
    *,
    limit: int = 0,
    refused_file: Path | None = None,
    first: list[tuple[int, str]] | None = None,
) -> Tally:
    """Take in what is not in yet, from the row after the last, up to row `limit` (0: all).

    `first` is given the first refusals, with their lines. Raises Stopped when it was cancelled, Cannot when the file
    cannot be read any further; what is in stays.
    """
    work = _Work.of(batch, say)
    bring.begin(batch, work.source_id)
    path = refused_file or refused_path(batch)
    start, turns = brought.last_row(batch), Turns()
    try:
        if not start:
            work = replace(work, sheet=bring.read_whole(batch))
        with RefusedRows(work.sheet, path, count=batch.refused, size=batch.read_as.get("refused_bytes", 0)) as refused:
            for number, rows in pieces(islice(rows_of(work.sheet), start, limit or None), start):
                if cancelled():
                    raise Stopped
                work.take(number, rows, refused)
                tell_how_far("Taking in", number + len(rows) - 1, min(limit or work.sheet.rows, work.sheet.rows))
                turns.give()
        bring.end(batch, "done", refused_file=refused.written)
        (first if first is not None else []).extend(refused.first)
    except (Stopped, KeyboardInterrupt):
        bring.end(batch, "stopped", refused_file=refused.written)
        raise
    except bring.Overtaken:
        raise
    except FileRefused as error:
        bring.end(batch, "failed", refused_file=refused.written)
        raise Cannot(joined({str(place): _sentence(one) for place, one in enumerate(error.problems)})) from None
    except Exception:
        batch.refresh_from_db()
        bring.end(batch, "failed", refused_file=refused.written)
        raise
    return tally_of(batch)


def _sentence(text: str) -> Sentence:
    return text if isinstance(text, Sentence) else Sentence("{told}", {"told": text})


def tally_of(batch: ImportBatch) -> Tally:
    """What the import as a whole has brought until now."""
    told = brought.told_of(batch)
    return Tally(**{name: getattr(batch, name) for name in asdict(Tally()) if name not in told}, **told)


@dataclass(frozen=True, slots=True)
class _Work:
    """One import under way."""

    batch: ImportBatch
    sheet: Sheet
    known: ColumnMap
    reader: RowReader
    source_id: int
    now: datetime
    say: Say

    @classmethod
    def of(cls, batch: ImportBatch, say: Say) -> "_Work":
        sheet, known, now = brought.sheet_of(batch), brought.map_of(batch), datetime.now(UTC)
        source = capture.source_named(name=known.source, kind="import", now=now)
        return cls(batch, sheet, known, RowReader(known, sheet.header, now), source.pk, now, say)

    def take(self, number: int, rows: Sequence[Cells], refused: RefusedRows) -> None:
        """What these rows bring and how far we are are one transaction; then who was touched is measured.

        When something breaks they are taken in halves, so that a row that nothing can be done with is refused alone.
        """
        try:
            touched = self._in_one(number, rows, refused)
        except FAULTS as fault:
            if len(rows) == 1:
                logger.exception("Line %s of import %s cannot be taken in", rows[0][0], self.batch.public_id)
                self._in_one(number, rows, refused, _unforeseen(fault))
                return
            half = len(rows) // 2
            self.take(number, rows[:half], refused)
            self.take(number + half, rows[half:], refused)
            return
        leads = measure(touched, now=datetime.now(UTC))
        if leads:
            bring.count_leads(self.batch, leads)

    def _in_one(
        self, number: int, rows: Sequence[Cells], refused: RefusedRows, why: Sentence | None = None
    ) -> dict[int, datetime | None]:
        """Who was touched. `why`: these rows are refused unread. Somebody else who brings the same people at the same
        moment may come first: then they are known."""
        for attempt in range(ATTEMPTS):
            try:
                with transaction.atomic():
                    taken = _Taken(refused=[(line, cells, why) for line, cells in rows]) if why else self._take(rows)
                    self._keep(number, len(rows), taken, refused)
            except FAULTS as fault:
                self.batch.refresh_from_db()
                refused.back_to(self.batch.read_as.get("refused_bytes", 0), self.batch.refused)
                if attempt == ATTEMPTS - 1 or not isinstance(fault, IntegrityError):
                    raise
            else:
                return taken.touched
        raise AssertionError  # the last attempt has raised

    def _keep(self, number: int, count: int, taken: _Taken, refused: RefusedRows) -> None:
        for line, cells, why in taken.refused:
            refused.add(line, cells, self.say(why))
        bring.add_step(
            self.batch,
            first_row=number,
            last_row=number + count - 1,
            people=[pk for journal in taken.journals for pk in journal.people],
            made=_made(taken),
            changed=[[*change] for journal in taken.journals for change in journal.changed]
            + [[*one] for one in taken.turned],
            counted={**asdict(taken.tally), "rows": count, "refused": len(taken.refused)},
            refused_bytes=refused.size,
            whys=[(line, why) for line, _cells, why in taken.refused],
        )

    def _take(self, rows: Sequence[Cells]) -> _Taken:
        readable: list[tuple[Row | Ending, Sequence[str]]] = []
        taken = _Taken()
        read = self.reader.person if self.known.kind == "people" else self.reader.ending
        for line, cells in rows:
            try:
                readable.append((read(line, cells), cells))
            except RowRefused as why:
                taken.refused.append((line, cells, why.sentence))
        if readable and self.known.kind == "people":
            taken.add(self._people([one for one, _ in readable if isinstance(one, Row)]))
        elif readable:
            taken.add(self._deals(readable))
        return taken

    def _deals(self, rows: Sequence[tuple[Row | Ending, Sequence[str]]]) -> _Taken:
        cells = {one.line: row for one, row in rows}
        endings = [_past(one) for one, _ in rows if isinstance(one, Ending)]
        done = record_past(rows=endings, now=self.now)
        refused = [(line, cells[line], why) for line, why in done.refused]
        return _Taken(tally=Tally(added=done.added, known=done.known), refused=refused)

    def _people(self, rows: Sequence[Row]) -> _Taken:
        fresh = rows
        if self.known.signal:
            new = {one.message_id for one in captured.unknown([self._incoming(row) for row in rows])}
            once = {row.message_id: row for row in reversed(rows) if row.message_id in new}
            fresh = [row for row in rows if once.get(row.message_id) is row]
        found = identify.find_or_create(
            [self._sighting(row) for row in fresh],
            companies=Companies(),
            now=self.now,
            overwrite=not self.known.terms.keep_filled,
        )
        stood = {person.pk: person.relationship for person in found.people}
        kept = self._signals(fresh, found.people)
        turned = [
            ("Person", person.pk, "relationship", stood[person.pk], person.relationship)
            for person in {one.pk: one for one in found.people}.values()
            if person.relationship != stood[person.pk]
        ]
        kept_out = bring.keep_words(
            [(person.pk, row.words) for row, person in zip(fresh, found.people, strict=True) if row.words], self.batch
        )
        touched = self._touch(found, kept)
        added = len(kept) if self.known.signal else found.created
        tally = Tally(
            added=added,
            known=len(rows) - added,
            people=found.created,
            organisations=len(found.journal.made.get("Organisation", ())),
            kept_out=kept_out,
            undated=sum(row.undated for row in rows),
            old_calls=sum(row.old_call for row in rows),
        )
        return _Taken(tally, [found.journal], [one.pk for one in kept], turned, touched)

    def _signals(self, rows: Sequence[Row], people: Sequence[Person]) -> list[Signal]:
        if not self.known.signal:
            return []
        kept = capture.record([self._incoming(row) for row in rows], people)
        capture.tell_configurations(kept)
        identify.acted([(row.person, row.occurred_at) for row in kept])
        return kept

    def _touch(self, found: identify.Found, kept: Sequence[Signal]) -> dict[int, datetime | None]:
        """Who must be measured, noted in this transaction; a crash before they are leaves them to the clock."""
        touched: dict[int, datetime | None] = dict.fromkeys((person.pk for person in found.people), None)
        for one in kept:
            oldest = touched[one.person_id]
            touched[one.person_id] = min(one.occurred_at, oldest) if oldest else one.occurred_at
        colleagues: dict[int, datetime | None] = dict.fromkeys(identified.people_of(found.organisations), None)
        if found.organisations:
            score.forget_empty_heats(found.organisations)
        score.touch(colleagues | touched)
        return touched

    def _sighting(self, row: Row) -> Sighting:
        return Sighting(
            row.who, row.occurred_at, row.origin or self.known.source, "declared", trusted=True,
            import_batch_id=self.batch.pk,
        )  # fmt: skip

    def _incoming(self, row: Row) -> Incoming:
        who = row.who
        return Incoming(
            source_id=self.source_id,
            message_id=row.message_id,
            kind=self.known.signal,
            occurred_at=row.occurred_at,
            received_at=self.now,
            who=Who(who.user_id, who.external_id, "", who.email, who.traits),
            value=row.value,
            props={"precision": "day"} if row.only_day else {},
            origin="declared",
            import_batch_id=self.batch.pk,
            path=row.about.get("path", ""),
            asset=row.about.get("asset", ""),
            campaign=row.about.get("campaign", ""),
            channel=row.about.get("channel", ""),
            topic=row.about.get("topic", ""),
        )


def _made(taken: _Taken) -> dict[str, list[int]]:
    made: dict[str, list[int]] = {"Signal": taken.signals}
    for journal in taken.journals:
        for table, ids in journal.made.items():
            made.setdefault(table, []).extend(ids)
    return made


def _past(one: Ending) -> PastDeal:
    return PastDeal(
        row=one.line,
        key=one.key,
        closed_at=one.closed_at,
        status=one.status,
        amount_cents=one.amount_cents,
        currency=one.currency,
        qualified_by=one.qualified_by,
        sold_by=one.sold_by,
        lost_reason=one.lost_reason,
    )


def _unforeseen(fault: Exception) -> Sentence:
    return sentence(
        "This row could not be stored: {fault}. Correct it.", fault=f"{type(fault).__name__}: {fault}"[:300]
    )

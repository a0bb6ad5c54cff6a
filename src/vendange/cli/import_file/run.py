"""Takes the rows of a file through the journey, in whole batches, and counts what became of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from django.db import IntegrityError

from vendange.capture.rules import Incoming
from vendange.cli.import_file.rows import RowReader, RowRefused
from vendange.cli.saying import Progress
from vendange.journey.arrive import arrive
from vendange.journey.past import PastDeal, record_past
from vendange.sheets.refused import RefusedRows
from vendange.sheets.sheet import Sheet, rows_of

BATCH: Final = 500
ATTEMPTS: Final = 3
Row = tuple[int, list[str]]


@dataclass(slots=True)
class Tally:
    """What became of the rows: added + known + refused = rows. `leads`: opened on the desk by what came in."""

    rows: int = 0
    added: int = 0
    known: int = 0
    refused: int = 0
    people: int = 0
    leads: int = 0


def run(
    sheet: Sheet, reader: RowReader, refused: RefusedRows, *, tally: Tally, limit: int, write: bool, now: datetime
) -> None:
    """Reads the rows, at most `limit` of them (0: all). `tally` is true after each batch, also when this is stopped."""
    progress = Progress(min(sheet.rows, limit) if limit else sheet.rows, "rows")
    for batch in _batches(islice(rows_of(sheet), limit or None)):
        counted = _people(batch, reader, refused, write, now) if reader.map.kind == "people" else None
        counted = counted or _deals(batch, reader, refused, write, now)
        _add(tally, counted, len(batch), refused.count)
        progress.at(tally.rows)
    progress.end()


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        yield batch


def _add(tally: Tally, counted: Tally, rows: int, refused: int) -> None:
    tally.rows += rows
    tally.added += counted.added
    tally.known += counted.known
    tally.people += counted.people
    tally.leads += counted.leads
    tally.refused = refused


def _people(batch: Sequence[Row], reader: RowReader, refused: RefusedRows, write: bool, now: datetime) -> Tally:
    signals: list[Incoming] = []
    for line, row in batch:
        try:
            signals.append(reader.signal(row))
        except RowRefused as error:
            refused.add(line, row, str(error))
    return _arrive(signals, bool(reader.map.signal), now) if write else Tally(added=len(signals))


def _arrive(signals: Sequence[Incoming], are_signals: bool, now: datetime) -> Tally:
    """A second import of the same rows at the same moment loses the race for a batch; then they are known to it."""
    if not signals:
        return Tally()
    for attempt in range(ATTEMPTS):
        try:
            came = arrive(signals=signals, now=now)
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
        else:
            break
    added = came.signals if are_signals else came.people
    return Tally(added=added, known=len(signals) - added, people=came.people, leads=came.leads)


def _deals(batch: Sequence[Row], reader: RowReader, refused: RefusedRows, write: bool, now: datetime) -> Tally:
    rows = dict(batch)
    endings: list[PastDeal] = []
    for line, row in batch:
        try:
            endings.append(reader.ending(row, line))
        except RowRefused as error:
            refused.add(line, row, str(error))
    if not write:
        return Tally(added=len(endings))
    done = record_past(rows=endings, now=now)
    for line, because in done.refused:
        refused.add(line, rows[line], because)
    return Tally(added=done.added, known=done.known)

"""An import is rehearsed: every row is read and looked up, and nothing is written."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from vendange.agreement.sentence import Cannot, Sentence, joined
from vendange.bring import actions as bring
from vendange.bring import queries as brought
from vendange.bring.rules import Ending, Row, RowReader
from vendange.capture import queries as captured
from vendange.identify import queries as identified
from vendange.identify.rules import keys_of
from vendange.models import ImportBatch, Source
from vendange.models.job import Cancel, Stopped, Tell, packed
from vendange.sheets.cells import RowRefused
from vendange.sheets.column_map import ColumnMap
from vendange.sheets.refusal import FileRefused
from vendange.sheets.refused import RefusedRows
from vendange.sheets.sheet import Sheet, rows_of

AT_ONCE: Final = 2_000  # rows of one transaction: less than half a second of SQLite's one writer
REHEARSED: Final = 300_000  # keys that a rehearsal remembers, to tell rows of one person apart
Say = Callable[[Sentence], str]
Cells = tuple[int, list[str]]


@dataclass(slots=True)
class Tally:
    """What became of the rows: added + known + refused = rows.

    `kept_out`: people who are allowed something that they have refused; `undated`: rows that agree on no day that
    anybody tells; `old_calls`: rows that agreed to calls more than a year ago.
    """

    rows: int = 0
    added: int = 0
    known: int = 0
    refused: int = 0
    people: int = 0
    organisations: int = 0
    leads: int = 0
    kept_out: int = 0
    undated: int = 0
    old_calls: int = 0

    def add(self, other: "Tally") -> None:
        for name, count in asdict(other).items():
            setattr(self, name, getattr(self, name) + count)


def pieces(rows: Iterable[Cells], start: int) -> Iterator[tuple[int, list[Cells]]]:
    """Some rows at a time, with the number of the first, from 1 under the header."""
    source, number = iter(rows), start + 1
    while piece := list(islice(source, AT_ONCE)):
        yield number, piece
        number += len(piece)


def rehearse_batch(
    batch: ImportBatch, path: Path, tell_how_far: Tell, cancelled: Cancel, say: Say
) -> Mapping[str, Any]:
    """Read and look up every row; of refused ones the file to correct is made already, at `path`."""
    try:
        sheet, known = bring.read_whole(batch), brought.map_of(batch)
    except FileRefused as error:
        raise Cannot(
            joined(
                {
                    str(n): one if isinstance(one, Sentence) else Sentence("{told}", {"told": one})
                    for n, one in enumerate(error.problems)
                }
            )
        ) from None
    with RefusedRows(sheet, path) as refused:
        tally = rehearse(sheet, known, refused, tell_how_far=tell_how_far, cancelled=cancelled, say=say)
    first = [{"line": line, "reason": why} for line, why in refused.first]
    kinds = [{"count": count, "line": line, "sentence": packed(why)} for count, line, why in refused.kinds.values()]
    return {**asdict(tally), "refused_file": refused.written, "first_refusals": first, "reasons": kinds}


def rehearse(
    sheet: Sheet,
    known: ColumnMap,
    refused: RefusedRows,
    *,
    tell_how_far: Tell,
    cancelled: Cancel,
    say: Say,
    limit: int = 0,
) -> Tally:
    """What would become of the rows, by reading them and looking their keys up; nothing is written.

    `people`: whom nobody knows yet, each once among the first 300,000 keys of the file.
    """
    reader, tally, seen = RowReader(known, sheet.header, datetime.now(UTC)), Tally(), set[int]()
    source = captured.source_of(known.source, "import")
    for number, rows in pieces(islice(rows_of(sheet), limit or None), 0):
        if cancelled():
            raise Stopped
        tally.rows += len(rows)
        read: list[Row | Ending] = []
        for line, cells in rows:
            try:
                read.append(reader.person(line, cells) if known.kind == "people" else reader.ending(line, cells))
            except RowRefused as why:
                refused.add(line, cells, say(why.sentence), why.sentence)
        _look_up(read, known, source, seen, tally)
        tally.refused = refused.count
        tell_how_far("Reading", number + len(rows) - 1, limit or sheet.rows)
    return tally


def _look_up(
    rows: Sequence[Row | Ending], known: ColumnMap, source: Source | None, seen: set[int], tally: Tally
) -> None:
    people = [one for one in rows if isinstance(one, Row)]
    if len(people) < len(rows):
        tally.added += len(rows)
        return
    keys = [keys_of(row.who) for row in people]
    held = identified.held({key for those in keys for key in those})
    told = captured.told_already(source, [row.message_id for row in people]) if known.signal else set()
    for row, mine in zip(people, keys, strict=True):
        is_new = not any(key in held or hash(key) in seen for key in mine)
        tally.people += is_new
        is_known = row.message_id in told or hash(row.message_id) in seen if known.signal else not is_new
        tally.known += is_known
        tally.added += not is_known
        tally.undated += row.undated
        tally.old_calls += row.old_call
        if len(seen) < REHEARSED:
            seen.update(hash(key) for key in mine)
            seen.add(hash(row.message_id))

"""Takes back what an import has written, in whichever table, and notes what had to stay."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import models, transaction

from vendange.models import (
    Consent,
    Fact,
    Identity,
    ImportBatch,
    ImportStep,
    Organisation,
    Person,
    Signal,
    User,
)
from vendange.models.each import update_each
from vendange.models.runs import expanded
from vendange.models.trail import record as tell
from vendange.revert.queries import NO, is_used
from vendange.revert.rules import Numbers

TABLES: Final[Mapping[str, type[models.Model]]] = {
    "Person": Person,
    "Organisation": Organisation,
    "Identity": Identity,
}
LISTED: Final = 200  # of those that stay, by name; all are counted
AT_ONCE: Final = 400


def _some(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE)]


def take_signals(step: ImportStep) -> int:
    """How many went; a signal that a colleague has taken back before is gone already."""
    gone = 0
    for ids in _some(expanded(step.made.get("Signal", ()))):
        gone += Signal.objects.filter(pk__in=ids, import_batch=step.batch).delete()[1].get("vendange.Signal", 0)
    return gone


def take_words(people: Collection[int], batch: ImportBatch) -> int:
    """What allowed contact goes. What was refused stays, whoever said it (C22); how many people have refused."""
    lines = Consent.objects.filter(import_batch=batch, person__in=people)
    lines.exclude(status__in=NO).delete()
    return lines.values("person").distinct().count()


def take_facts_and_keys(people: Collection[int], batch: ImportBatch) -> None:
    """Of people who were known before: what the file said of them, and the keys that it gave them."""
    Fact.objects.filter(import_batch=batch, person__in=people).delete()
    Identity.objects.filter(import_batch=batch, person__in=people).delete()


def put_back(step: ImportStep, made: Mapping[str, Numbers]) -> int:
    """Values that the file filled or replaced are as before, unless they are others now; how many are."""
    changed: dict[str, list[tuple[int, str, Any, Any]]] = {}
    for table, pk, column, before, after in reversed(step.changed):
        if table in TABLES and pk not in made.get(table, Numbers((), ())):
            changed.setdefault(table, []).append((pk, column, before, after))
    return sum(_put_back(TABLES[table], theirs) for table, theirs in changed.items())


def _put_back(table: type[models.Model], changed: Sequence[tuple[int, str, Any, Any]]) -> int:
    rows = table._default_manager.in_bulk({pk for pk, _, _, _ in changed})
    companies = {before for _, column, before, _ in changed if column == "organisation_id" and before}
    there = set(Organisation.objects.filter(pk__in=companies).values_list("pk", flat=True))
    others, touched, columns = 0, dict[int, models.Model](), set[str]()
    for pk, column, before, after in changed:
        row = rows.get(pk)
        if row is None or getattr(row, column) != after:
            others += row is not None
            continue
        setattr(row, column, None if column == "organisation_id" and before not in there else before)
        touched[pk] = row
        columns.add(column.removesuffix("_id") if column in ("organisation_id", "person_id") else column)
    update_each(touched.values(), sorted(columns))
    return others


def remove(table: type[models.Model], ids: Sequence[int]) -> None:
    """Rows that the import made and that nothing else holds, with what is made anew from the rest."""
    for some in _some(ids):
        table._default_manager.filter(pk__in=some).delete()


def done(
    step: ImportStep, batch: ImportBatch, stayed: Mapping[str, Mapping[str, int]], listed: Sequence[list[str]]
) -> None:
    """This step is undone, in the transaction that undid it."""
    step.undone = True
    step.save(update_fields=["undone"])
    note(batch, stayed, listed)


def note(batch: ImportBatch, stayed: Mapping[str, Mapping[str, int]], listed: Sequence[list[str]] = ()) -> None:
    """What stays, counted by reason, and the first of them: [person | organisation, public id, reason]."""
    before = batch.stayed
    for what, reasons in stayed.items():
        counted = Counter(before.get(what, {}))
        counted.update(reasons)
        if counted:
            before[what] = dict(counted)
    before["list"] = [*before.get("list", []), *listed][:LISTED]
    batch.stayed = before
    batch.save(update_fields=["stayed"])


def count_anew(batch: ImportBatch, what: str) -> None:
    """`what`: people | organisations, which are looked at once more, also when that was broken off."""
    batch.stayed.pop(what, None)
    listed = {"people": "person", "organisations": "organisation"}[what]
    batch.stayed["list"] = [one for one in batch.stayed.get("list", []) if one[0] != listed]


@transaction.atomic
def remove_source(batch: ImportBatch) -> None:
    """The source of the rows goes with the last file that named it, when nothing else refers to it."""
    source = batch.source
    if source is None or source.kind != "import" or is_used(source):
        return
    source.delete()
    batch.source = None


def begin(batch: ImportBatch) -> None:
    """It goes on where it stood, if it was begun before."""
    batch.status = "reverting"
    batch.save(update_fields=["status"])


def stop(batch: ImportBatch, status: str) -> None:
    batch.status = status
    batch.save(update_fields=["status"])


def end(batch: ImportBatch, *, by: User | None, now: datetime) -> None:
    batch.status, batch.reverted_at, batch.reverted_by = "reverted", now, by
    batch.save(update_fields=["status", "reverted_at", "reverted_by"])
    counted = {what: reasons for what, reasons in batch.stayed.items() if what != "list"}
    tell(
        "import.reverted", batch, at=now, by=by, detail={"file": batch.file_name, "rows": batch.rows, "stayed": counted}
    )

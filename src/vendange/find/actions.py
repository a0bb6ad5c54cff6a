"""Writes down the words of people and companies, and notes in the trail who took a list away."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from vendange.find.queries import KINDS, TABLES, known_of, placeholders
from vendange.find.rules import Words, is_spelt, words_of
from vendange.models import FoundMark, FoundWord, User
from vendange.models.each import put_each
from vendange.models.trail import record

BATCH: Final = 2_000  # marks that one transaction settles
LOCK: Final = 7_236_174_015  # any number, the same for every process: one at a time writes words


@transaction.atomic
def keep_up(most: int = BATCH) -> int:
    """Write down the words of those that are marked, the first marked first; how many marks that settled.

    Only the marks that were read are taken away: whoever changes meanwhile leaves another one.
    """
    if not _alone():
        return 0
    marks = list(FoundMark.objects.order_by("id").values_list("id", "kind", "ref")[:most])
    for kind in KINDS:
        refs = sorted({ref for _, marked, ref in marks if marked == kind})
        if refs:
            _settle(kind, refs)
    FoundMark.objects.filter(pk__in=[mark[0] for mark in marks]).delete()
    return len(marks)


def _alone() -> bool:
    """On SQLite whoever writes is alone already."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _settle(kind: str, refs: Sequence[int]) -> None:
    table = TABLES[kind]
    found = {ref: words_of(known) for ref, known in known_of(kind, refs).items()}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT rowid, names, others FROM {table} WHERE rowid IN ({placeholders(refs)})",  # noqa: S608 (ours)
            refs,
        )
        before = {ref: (set(names.split()), set(others.split())) for ref, names, others in cursor.fetchall()}
        gone = [ref for ref, words in before.items() if _differs(words, found.get(ref))]
        fresh = [ref for ref, words in found.items() if ref not in before or _differs(before[ref], words)]
        cursor.executemany(f"DELETE FROM {table} WHERE rowid = %s", [[ref] for ref in gone])  # noqa: S608
        cursor.executemany(
            f"INSERT INTO {table} (rowid, names, others) VALUES (%s, %s, %s)",  # noqa: S608
            [[ref, " ".join(sorted(found[ref].names)), " ".join(sorted(found[ref].others))] for ref in fresh],
        )
    _count(
        more=(word for ref in fresh for word in found[ref].names),
        less=(word for ref in gone for word in before[ref][0]),
    )


def _differs(before: tuple[set[str], set[str]], now: Words | None) -> bool:
    return now is None or before[0] != set(now.names) or before[1] != set(now.others)


def _count(*, more: Iterable[str], less: Iterable[str]) -> None:
    """How many bear each word; a word that nobody bears any more is forgotten."""
    change = Counter(filter(is_spelt, more))
    change.subtract(filter(is_spelt, less))
    rows = sorted((word, word[::-1], number) for word, number in change.items() if number)
    bearers = f"{FoundWord._meta.db_table}.bearers + EXCLUDED.bearers"
    put_each(FoundWord, ("word", "backwards", "bearers"), rows, merged={"bearers": bearers})
    fewer = [word for word, _, number in rows if number < 0]
    if fewer:
        FoundWord.objects.filter(word__in=fewer, bearers__lte=0).delete()


def note_taken(what: str, asked: Mapping[str, Any], rows: int, *, by: User, now: datetime) -> None:
    """A line of the trail: who took a list away, narrowed how, and how long it was."""
    record(f"{what}.exported", by, at=now, by=by, detail={**asked, "rows": rows})

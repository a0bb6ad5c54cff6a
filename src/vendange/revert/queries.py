"""What has happened since to what an import brought."""

from collections.abc import Collection, Iterator
from typing import Any

from django.db import models
from django.db.models import Q

from vendange.models import Consent, Fact, Identity, ImportBatch, ImportStep, Organisation, Person, Signal, Source
from vendange.revert.rules import Numbers, reason_of

NO = ("refused", "withdrawn")


def steps_of(batch: ImportBatch) -> list[int]:
    """Those still to be undone, the latest first."""
    return list(
        ImportStep.objects.filter(batch=batch, undone=False).order_by("-first_row").values_list("pk", flat=True)
    )


def made_by(batch: ImportBatch, table: str) -> Numbers:
    """The rows of this table that the import as a whole has made."""
    steps = ImportStep.objects.filter(batch=batch).values_list("made", flat=True)
    return Numbers.of(run for made in steps.iterator(chunk_size=500) for run in made.get(table, ()))


def named_by_others(batch: ImportBatch) -> Numbers:
    """People whom another file has named too, unless it was taken back."""
    steps = ImportStep.objects.exclude(batch=batch).filter(undone=False).values_list("people", flat=True)
    return Numbers.of(run for people in steps.iterator(chunk_size=500) for run in people)


def named_by(batch: ImportBatch) -> Numbers:
    """People whom this file named, known before or not."""
    steps = ImportStep.objects.filter(batch=batch).values_list("people", flat=True)
    return Numbers.of(run for people in steps.iterator(chunk_size=500) for run in people)


def left_before(batch: ImportBatch) -> list[ImportBatch]:
    """Other files that were taken back and had to leave somebody or something."""
    others = ImportBatch.objects.filter(status="reverted").exclude(pk=batch.pk).order_by("-reverted_at", "-id")
    return [one for one in others if one.stayed.get("people") or one.stayed.get("organisations")]


def still_there(ids: Collection[int]) -> list[int]:
    """Those of these people whom nobody has removed."""
    return list(Person.objects.filter(pk__in=ids).values_list("pk", flat=True))


def is_used(source: Source) -> bool:
    """Whether anything but files that were taken back refers to it."""
    for other, column in _relations(Source):
        rows = other._default_manager.filter(**{column: source.pk})
        if (rows.exclude(status__in=("reverting", "reverted")) if other is ImportBatch else rows).exists():
            return True
    return False


def kept_people(ids: Collection[int], batch: ImportBatch, others: Numbers) -> dict[int, str]:
    """Those of these people who must stay, and the first reason why."""
    found = {pk: "other_file" for pk in ids if pk in others}
    merged = Person.objects.filter(Q(merged_into__isnull=False), pk__in=ids).values_list("pk", flat=True)
    found |= dict.fromkeys(merged, "merged")
    refused = Consent.objects.filter(import_batch=batch, person__in=ids, status__in=NO)
    found |= dict.fromkeys(refused.values_list("person", flat=True), "refused")
    found |= _pointed_at(Person, ids, Q(import_batch=batch))
    return found


def kept_organisations(ids: Collection[int]) -> dict[int, str]:
    """Those of these companies that must stay, and why."""
    merged = Organisation.objects.filter(merged_into__isnull=False, pk__in=ids).values_list("pk", flat=True)
    return {**dict.fromkeys(merged, "merged"), **_pointed_at(Organisation, ids, None)}


def _pointed_at(table: type[models.Model], ids: Collection[int], ours: Q | None) -> dict[int, str]:
    """Rows of any table that belong to these, but for what the import brought and what is made anew anyway."""
    found: dict[int, str] = {}
    for other, column in _relations(table):
        reason = reason_of(other.__name__)
        if not reason:
            continue
        rows = other._default_manager.filter(**{f"{column}__in": ids})
        if ours is not None and other in (Fact, Identity, Consent, Signal):
            rows = rows.exclude(ours)
        for pk in rows.values_list(column, flat=True).distinct():
            found.setdefault(pk, reason)
    return found


def _relations(table: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Every column of every table that points here."""
    for relation in table._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ForeignObjectRel) and not relation.concrete:
            other: Any = relation.related_model
            yield other, relation.field.name


def leads_since(people: Collection[int], batch: ImportBatch) -> int:
    """Leads of these people that were opened since the file came in and that a human has judged."""
    rows = Person.objects.filter(pk__in=people, leads__opened_at__gte=batch.started_at)
    return rows.filter(leads__reviews__outcome__in=("pass", "recycle")).values("leads").distinct().count()

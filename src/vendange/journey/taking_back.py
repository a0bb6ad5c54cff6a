"""An import is taken back, step by step from its end: each step wholly or not at all, so that a crash loses nothing."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from vendange.bring import actions as bring
from vendange.bring import queries as brought
from vendange.identify import actions as identify
from vendange.identify import queries as identified
from vendange.journey import doubting
from vendange.journey.arrive import measure
from vendange.models import ImportBatch, ImportStep, Job, Organisation, Person, User
from vendange.models.job import Cancel, Stopped, Tell
from vendange.models.runs import expanded
from vendange.models.turns import Turns
from vendange.qualify import queries as qualified
from vendange.qualify.actions import TakenByColleague
from vendange.revert import actions as revert
from vendange.revert import queries as happened
from vendange.revert.rules import Numbers
from vendange.score import actions as score

KIND: Final = brought.REVERT


@dataclass(slots=True)
class _Stays:
    """What a step had to leave, by table and reason, and the first of them by their public ids."""

    counted: dict[str, Counter[str]] = field(default_factory=dict)
    listed: list[list[str]] = field(default_factory=list)

    def add(self, what: str, reason: str, count: int = 1) -> None:
        if count:
            self.counted.setdefault(what, Counter())[reason] += count


def run(job: Job, tell_how_far: Tell, cancelled: Cancel) -> Mapping[str, Any]:
    """The work of a job of this kind. Raises Cannot and Stopped."""
    return take_back(brought.by_public_id(job.asked["batch"]), job.by, tell_how_far, cancelled)


def take_back(batch: ImportBatch, by: User | None, tell_how_far: Tell, cancelled: Cancel) -> Mapping[str, Any]:
    """Everything that the import brought, but for what has happened since; what stays is told in `batch.stayed`.

    Raises Stopped when it was cancelled; what is undone by then stays undone, and asking again goes on.
    """
    revert.begin(batch)
    try:
        steps, turns = happened.steps_of(batch), Turns()
        made = {table: happened.made_by(batch, table) for table in ("Person", "Organisation")}
        others = happened.named_by_others(batch)
        for number, step in enumerate(steps):
            if cancelled():
                raise Stopped
            turns.give()
            tell_how_far("Taking back", number, len(steps))
            _undo(ImportStep.objects.select_related("batch").get(pk=step), batch, made, others, by)
        _remove_companies(batch)
        _free_what_others_left(batch)
        revert.remove_source(batch)
    except (Stopped, KeyboardInterrupt):
        revert.stop(batch, "stopped")
        raise
    except Exception:
        revert.stop(batch, "failed")
        raise
    revert.end(batch, by=by, now=datetime.now(UTC))
    bring.forget_file(batch)
    return {"rows": batch.rows, "stayed": batch.stayed}


def _undo(step: ImportStep, batch: ImportBatch, made: Mapping[str, Numbers], others: Numbers, by: User | None) -> None:
    """One step. Then whoever is still there is measured without it."""
    now = datetime.now(UTC)
    people = expanded(step.people)
    with transaction.atomic():
        stays = _Stays()
        companies = set(Person.objects.filter(pk__in=people).values_list("organisation", flat=True)) - {None}
        revert.take_signals(step)
        stays.add("consents", "refused", revert.take_words(people, batch))
        stays.add("values", "changed", revert.put_back(step, made))
        revert.take_facts_and_keys([pk for pk in people if pk not in made["Person"]], batch)
        _take_leads_back(people, batch, stays, by, now)
        gone = _remove_people(expanded(step.made.get("Person", ())), batch, others, stays)
        left = [pk for pk in people if pk not in gone]
        identify.acted_again(left)
        score.forget_empty_heats(companies)
        colleagues = identified.people_of(companies)
        touched: dict[int, datetime | None] = dict.fromkeys([*left, *colleagues], None)
        score.touch(dict.fromkeys(Person.objects.filter(pk__in=touched).values_list("pk", flat=True)))
        revert.done(step, batch, stays.counted, stays.listed)
    measure(left, now=datetime.now(UTC))


def _take_leads_back(people: Sequence[int], batch: ImportBatch, stays: _Stays, by: User | None, now: datetime) -> None:
    """Alerts that nothing speaks for any more are closed, as a colleague closes one that was taken back.

    One that somebody has open just now, and all when nobody is named who takes the import back, wait on the desk,
    marked. What a human has judged stays.
    """
    waiting = {review.lead.person_id for review in qualified.unjudged(people, Q())}
    for person in waiting:
        for lead in doubting.took_back(person, by=by, now=now):
            if by is None:
                stays.add("leads", "waiting")
                continue
            try:
                doubting.close(lead=lead, by=by, now=now)
            except TakenByColleague:
                stays.add("leads", "open")
    stays.add("leads", "judged", happened.leads_since(people, batch))


def _remove_people(ids: Sequence[int], batch: ImportBatch, others: Numbers, stays: _Stays) -> set[int]:
    kept = happened.kept_people(ids, batch, others)
    for reason in kept.values():
        stays.add("people", reason)
    _list(stays, "person", Person.objects.filter(pk__in=kept).values_list("pk", "public_id"), kept)
    gone = [pk for pk in ids if pk not in kept]
    revert.remove(Person, gone)
    return set(gone)


def _free_what_others_left(batch: ImportBatch) -> None:
    """Files that were taken back before had to leave people whom this one named too: now they may go."""
    named = happened.named_by(batch)
    for before in happened.left_before(batch):
        if not happened.made_by(before, "Person").meets(named):
            continue
        others = happened.named_by_others(before)
        revert.count_anew(before, "people")
        for step in ImportStep.objects.filter(batch=before).order_by("-first_row").iterator(chunk_size=100):
            if ids := happened.still_there(expanded(step.made.get("Person", ()))):
                _once_more(before, ids, others)
        _remove_companies(before)
        revert.note(before, {})


def _once_more(before: ImportBatch, ids: Sequence[int], others: Numbers) -> None:
    """People whom this file made, and whom it had to leave."""
    with transaction.atomic():
        stays = _Stays()
        companies = set(Person.objects.filter(pk__in=ids).values_list("organisation", flat=True)) - {None}
        gone = _remove_people(ids, before, others, stays)
        if gone:
            score.forget_empty_heats(companies)
            score.touch(dict.fromkeys(identified.people_of(companies)))
        revert.note(before, stays.counted, stays.listed)


def _remove_companies(batch: ImportBatch) -> None:
    """Those that the import made and that nobody works for now."""
    revert.count_anew(batch, "organisations")
    for step in ImportStep.objects.filter(batch=batch).order_by("-first_row").iterator(chunk_size=100):
        ids = expanded(step.made.get("Organisation", ()))
        if not ids:
            continue
        with transaction.atomic():
            stays = _Stays()
            kept = happened.kept_organisations(ids)
            there = Organisation.objects.filter(pk__in=kept)
            for reason in kept.values():
                stays.add("organisations", reason)
            _list(stays, "organisation", there.values_list("pk", "public_id"), kept)
            revert.remove(Organisation, [pk for pk in ids if pk not in kept])
            revert.note(batch, stays.counted, stays.listed)


def _list(stays: _Stays, what: str, rows: Collection[tuple[int, Any]], kept: Mapping[int, str]) -> None:
    stays.listed += [[what, str(public_id), kept[pk]] for pk, public_id in rows]

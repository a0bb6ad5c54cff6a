"""What the engine needs to know of people, read in bulk, and what it said of them before."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import Q

from vendange.agreement.terms import Agreement
from vendange.engine.crowd import Crowd, crowd_of_rows
from vendange.engine.heat import Colleague
from vendange.engine.plan import Plan
from vendange.engine.rows import Line
from vendange.models import Decision, Heat, Measure, Organisation, Person, Touched
from vendange.models.reading import colleagues_of, someones, someones_of_companies
from vendange.score.rules import Told

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LINE = tuple(column.name for column in fields(Line))
Profile = Mapping[str, object]
FEW: Final = 300  # people whose rows are asked one by one; more are asked in DuckDB, which takes some 20 ms to wake


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)


def as_json(line: Line) -> dict[str, Any]:
    """A line as it is kept: in measures, decisions and the evidence of a lead."""
    return {name: getattr(line, name) for name in LINE}


def profile(person: Person) -> Profile:
    """The dimensions that fit rules may read (`vendange.agreement.vocabulary.PERSON_DIMENSIONS`)."""
    company = person.organisation
    return {
        "person.level": person.level or None,
        "person.role": person.role or None,
        "person.job_title": person.job_title or None,
        "person.country": person.country or None,
        "person.language": person.language or None,
        "person.source": person.source or None,
        "person.known_since": micros(person.created_at),
        "organisation.employees": company.employees if company else None,
        "organisation.industry": (company.industry or None) if company else None,
        "organisation.country": (company.country or None) if company else None,
        "organisation.region": (company.region or None) if company else None,
        "organisation.postal_code": (company.postal_code or None) if company else None,
        "organisation.tier": (company.tier or None) if company else None,
    }


def crowd_of(plan: Plan, person_ids: Collection[int], *, committed: bool) -> Crowd:
    """These people with their whole history. Machine signals count for nothing. `committed`: see models.arrow."""
    if len(person_ids) <= FEW:
        return crowd_of_rows(plan, someones(person_ids))
    from vendange.engine.history.reading import columns_of
    from vendange.engine.on_duckdb import crowd_of_tables
    from vendange.models.arrow import people_of, signals_of

    signals, people_columns = columns_of(plan)
    rows = signals_of(person_ids, signals, committed=committed)
    people = people_of(person_ids, people_columns, committed=committed)
    return crowd_of_tables(plan, rows, people, kept_sql())


def crowd_of_companies(plan: Plan, organisation_ids: Collection[int], since: int, *, committed: bool) -> Crowd:
    """The people of these organisations whom nobody has set aside, with what their shared patterns may count."""
    kinds = {kind for bit in plan.shared.bit for kind in plan.questions[bit].on}
    begin = moment(since)
    if len(organisation_ids) <= FEW:
        return crowd_of_rows(plan, someones_of_companies(organisation_ids, kinds, begin))
    from vendange.engine.history.reading import columns_of
    from vendange.engine.on_duckdb import crowd_of_tables
    from vendange.models.arrow import people_of, signals_of_organisations

    signal_columns, people_columns = columns_of(plan)
    signals = signals_of_organisations(organisation_ids, kinds, begin, signal_columns, committed=committed)
    people = people_of(signals.column("person").unique().to_pylist(), people_columns, committed=committed)
    return crowd_of_tables(plan, signals, people, kept_sql())


def kept_sql() -> Path:
    """Where compiled agreements are kept; may be deleted at any time."""
    return Path(settings.HOME) / "sql"


def told_of(person_ids: Collection[int]) -> dict[int, list[Told]]:
    """What somebody was called for about these people, by person, oldest first."""
    found: dict[int, list[Told]] = {}
    rows = Decision.objects.filter(person_id__in=person_ids).order_by("at")
    for person_id, at, way, rule in rows.values_list("person_id", "at", "way", "rule"):
        found.setdefault(person_id, []).append(Told(micros(at), way, rule))
    return found


def told_of_companies(organisation_ids: Collection[int], patterns: Collection[str]) -> dict[int, list[Told]]:
    """What these organisations' patterns have called for, by organisation, oldest first."""
    found: dict[int, list[Told]] = {}
    rows = Decision.objects.filter(way="pattern", rule__in=patterns, person__organisation_id__in=organisation_ids)
    for organisation_id, at, rule in rows.order_by("at").values_list("person__organisation_id", "at", "rule"):
        found.setdefault(organisation_id, []).append(Told(micros(at), "pattern", rule, mine=False))
    return found


def colleagues(agreement: Agreement, organisation_ids: Collection[int]) -> dict[int, list[Colleague]]:
    """The people who count in the heat of these organisations, as last measured."""
    stated = agreement.heat
    if stated is None:
        return {}
    found: dict[int, list[Colleague]] = {pk: [] for pk in organisation_ids}
    lock_companies(found)
    for organisation_id, role, engagement, is_aside in colleagues_of(found, stated.engagement):
        found[organisation_id].append(Colleague(role, engagement or 0.0, bool(is_aside)))
    return found


def lock_companies(organisation_ids: Collection[int]) -> None:
    """Two workers who have measured two colleagues count in their organisation one after the other."""
    if connection.features.has_select_for_update:
        rows = Organisation.objects.select_for_update(no_key=True).filter(pk__in=organisation_ids).order_by("pk")
        list(rows.values_list("pk"))


def heats(organisation_ids: Collection[int]) -> dict[int, Heat]:
    return {heat.organisation_id: heat for heat in Heat.objects.filter(organisation_id__in=organisation_ids)}


def cooling(now: datetime, limit: int) -> list[int]:
    """People whose measure falls by time alone, and has fallen by now (R44)."""
    due = Measure.objects.filter(next_change_at__lte=now).order_by("next_change_at")
    return list(due.values_list("person_id", flat=True)[:limit])


def measured_by_another(version_id: int, limit: int) -> list[int]:
    """People whose measure was taken under another agreement. Two ranges, because an index knows no "not"."""
    other = Q(agreement_id__lt=version_id) | Q(agreement_id__gt=version_id)
    return list(Measure.objects.filter(other).values_list("person_id", flat=True)[:limit])


def waiting(now: datetime, limit: int) -> list[int]:
    """People who wait to be measured, first come first served; signals that are ahead of our clock wait for it."""
    due = Touched.objects.filter(Q(since__isnull=True) | Q(since__lte=now)).order_by("pk")
    return list(due.values_list("person_id", flat=True)[:limit])

"""What the engine needs to know of people, read in bulk, and what it said of them before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Floor, Mod

from vendange.agreement.terms import Agreement
from vendange.engine.crowd import Crowd, crowd_of_rows
from vendange.engine.heat import Colleague
from vendange.engine.kernel.running import Before
from vendange.engine.plan import Plan, plan_of
from vendange.engine.replay import replay_all
from vendange.engine.rows import Line
from vendange.models import Decision, Heat, Lead, Measure, Organisation, Person, Signal, Touched
from vendange.models.measure import SHOWN
from vendange.models.reading import colleagues_of, decisions_of, someones, someones_of_companies
from vendange.models.reading import micros as stored_micros
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

    columns, people_columns = columns_of(plan)
    own = [name for name in columns if name != "organisation"]  # that of their people is enough
    rows = signals_of(person_ids, own, committed=committed)
    people = people_of(person_ids, people_columns, committed=committed)
    return crowd_of_tables(plan, rows, people, kept_sql())


def crowd_of_companies(plan: Plan, since: Mapping[int, int], *, committed: bool) -> Crowd:
    """The people of these organisations whom nobody has set aside, with what their shared patterns may count.

    `since`: for each organisation, the moment from which signals are wanted.
    """
    kinds = {kind for bit in plan.shared.bit for kind in plan.questions[bit].on}
    moments = {organisation: moment(at) for organisation, at in since.items()}
    if len(moments) <= FEW:
        return crowd_of_rows(plan, someones_of_companies(moments, kinds))
    from vendange.engine.history.reading import columns_of
    from vendange.engine.on_duckdb import crowd_of_tables
    from vendange.models.arrow import people_of, signals_of_organisations

    columns, people_columns = columns_of(plan)
    own = [name for name in columns if name != "organisation"]
    signals = signals_of_organisations(moments, kinds, own, committed=committed)
    people = people_of(signals.column("person").unique().to_pylist(), people_columns, committed=committed)
    return crowd_of_tables(plan, signals, people, kept_sql())


def kept_sql() -> Path:
    """Where compiled agreements are kept; may be deleted at any time."""
    return Path(settings.HOME) / "sql"


def told_of(person_ids: Collection[int]) -> dict[int, list[Told]]:
    """What somebody was called for about these people, by person, oldest first."""
    found: dict[int, list[Told]] = {}
    for person_id, at, way, rule in decisions_of(person_ids):
        found.setdefault(person_id, []).append(Told(stored_micros(at), way, rule))
    return found


def intact(leads: Collection[int]) -> set[int]:
    """Those of these leads that an act or a pattern called for of which no part was a machine's or was taken back."""
    rows = Decision.objects.filter(lead__in=leads, way__in=("act", "pattern", "change")).exclude(signal_ids=[])
    called = list(rows.values_list("lead_id", "signal_ids"))
    wanted = {number for _lead, ids in called for number in ids}
    standing = set(Signal.objects.filter(pk__in=wanted).exclude(verdict="machine").values_list("pk", flat=True))
    return {lead for lead, ids in called if lead and standing.issuperset(ids)}


def called_for(agreement: Agreement, since: Mapping[int, int]) -> set[tuple[int, str]]:
    """Person and type of lead of each alert that what they did, machines left out, gives since their moment."""
    plan, people = plan_of(agreement), sorted(since)
    found: set[tuple[int, str]] = set()
    for first in range(0, len(people), FEW):
        some = people[first : first + FEW]
        crowd = crowd_of(plan, some, committed=False)
        before = Before({person: since[person] for person in some}, {})
        found |= {(person, alert.lead_type) for person, alert in replay_all(plan, crowd, before=before)}
    return found


def told_of_companies(organisation_ids: Collection[int], patterns: Collection[str]) -> dict[int, list[Told]]:
    """What these organisations' patterns have called for, by organisation, oldest first."""
    found: dict[int, list[Told]] = {}
    rows = Decision.objects.filter(way="pattern", rule__in=patterns, person__organisation_id__in=organisation_ids)
    rows = rows.exclude(lead__reviews__off_target="by_machine")
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


def fading(before: datetime, limit: int) -> list[int]:
    """People with points that were measured before this moment, the oldest measures first."""
    old = Measure.objects.filter(as_of__lt=before, engagement__gte=SHOWN).order_by("as_of")
    return list(old.values_list("person_id", flat=True)[:limit])


def measured_by_another(version_id: int, limit: int) -> list[int]:
    """People whose measure was taken under another agreement. Two ranges, because an index knows no "not"."""
    other = Q(agreement_id__lt=version_id) | Q(agreement_id__gt=version_id)
    return list(Measure.objects.filter(other).values_list("person_id", flat=True)[:limit])


def waiting(now: datetime, limit: int) -> list[int]:
    """People who wait to be measured, first come first served; signals that are ahead of our clock wait for it."""
    due = Touched.objects.filter(Q(since__isnull=True) | Q(since__lte=now)).order_by("pk")
    return list(due.values_list("person_id", flat=True)[:limit])


@dataclass(frozen=True, slots=True)
class Cut:
    """How an agreement cuts the two scores into cells, and which of them call: all that a picture of it needs."""

    fit: tuple[float, float, float]
    engagement: tuple[float, float, float]
    alert: frozenset[str]


class Spot(NamedTuple):
    """People at the same whole points (fit, engagement); `called` of them stand in a cell that `held` calls."""

    fit: int
    engagement: int
    people: int
    called: int


class Dot(NamedTuple):
    fit: float
    engagement: float
    called: bool  # by the agreement that is held against


@dataclass(frozen=True, slots=True)
class Base:
    """Where the people in the target stand, as last measured; whom the agreement sets aside is left out.

    `cells`: people of each cell of `now`, and how many of them `held` calls; `before`: people of each cell of `held`.
    """

    people: int
    cells: Mapping[str, tuple[int, int]]
    before: Mapping[str, int]
    spots: Sequence[Spot]
    dots: Sequence[Dot]  # all of them, or every so many-th


def base_of(now: Cut, held: Cut, most_dots: int) -> Base:
    """Exact counts by cell, whatever the thresholds, and at most so many dots, the same ones each time."""
    rows = Measure.objects.filter(set_aside="", person__set_aside="", person__merged_into__isnull=True)
    people = rows.count()
    called = _in_cells(held)
    return Base(
        people=people,
        cells={cell: (n, h) for cell, n, h in _by_cell(rows, now, called)},
        before={cell: n for cell, n, _called in _by_cell(rows, held, called)},
        spots=[
            Spot(*spot)
            for spot in rows.annotate(whole_fit=Floor("fit"), whole_engagement=Floor("engagement"))
            .values_list("whole_fit", "whole_engagement")
            .annotate(people=Count("pk"), called=Count("pk", filter=called))
            .order_by("whole_fit", "whole_engagement")
        ],
        dots=_dots(rows, called, max(1, -(-people // most_dots))),
    )


def won_leads(most: int) -> tuple[int, list[tuple[float, float]]]:
    """How many leads were won, and fit and engagement of the newest of them when they were raised."""
    rows = Lead.objects.filter(stage="won")
    return rows.count(), list(rows.order_by("-raised_at", "-pk").values_list("fit", "engagement")[:most])


def _dots(rows: QuerySet[Measure], called: Q, each: int) -> list[Dot]:
    chosen = rows.annotate(place=Mod(F("person_id"), each), called=Case(When(called, then=True), default=False))
    return [Dot(*dot) for dot in chosen.filter(place=0).order_by("pk").values_list("fit", "engagement", "called")]


def _by_cell(rows: QuerySet[Measure], cut: Cut, called: Q) -> list[tuple[str, int, int]]:
    letters = Case(
        *(When(fit__gte=least, then=Value(letter)) for letter, least in zip("ABC", cut.fit, strict=True)),
        default=Value("D"),
    )
    digits = Case(
        *(When(engagement__gte=least, then=Value(digit)) for digit, least in zip("123", cut.engagement, strict=True)),
        default=Value("4"),
    )
    found = rows.annotate(letter=letters, digit=digits).values_list("letter", "digit").order_by("letter", "digit")
    counted = found.annotate(people=Count("pk"), called=Count("pk", filter=called))
    return [(letter + digit, people, of_them) for letter, digit, people, of_them in counted]


def _in_cells(cut: Cut) -> Q:
    """In a cell that calls."""
    found = Q(pk__in=[])
    for cell in sorted(cut.alert):
        found |= _within("fit", cut.fit, "ABCD".index(cell[0])) & _within(
            "engagement", cut.engagement, "1234".index(cell[1])
        )
    return found


def _within(name: str, thresholds: tuple[float, float, float], place: int) -> Q:
    least = Q(**{f"{name}__gte": thresholds[place]}) if place < len(thresholds) else Q()
    return least & (Q(**{f"{name}__lt": thresholds[place - 1]}) if place else Q())


class Stands(NamedTuple):
    """One person under one agreement; `cell` "" when it sets them aside."""

    fit: float
    engagement: float
    cell: str


def everybody(agreement: Agreement, now: datetime) -> dict[int, Stands]:
    """Where everybody would stand under an agreement, by person. Reads all signals: `signals_kept` says how many."""
    from vendange.engine.past.measured import standings_of

    plan = plan_of(agreement)
    people = Person.objects.filter(merged_into__isnull=True, set_aside="").values_list("pk", flat=True)
    found = standings_of(plan, crowd_of(plan, list(people), committed=True), micros(now)).select(
        ["person", "set_aside", "fit", "engagement", "grade"]
    )
    rows = zip(*(column.to_pylist() for column in found.columns), strict=True)
    return {person: Stands(fit, acted, "" if aside else cell) for person, aside, fit, acted, cell in rows}


def signals_kept() -> int:
    return Signal.objects.count()

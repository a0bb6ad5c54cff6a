"""What the engine needs to know of a person, read in bulk, and what it said before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from vendange.engine.rows import Line, SignalRow
from vendange.models import Decision, Person, Signal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LINE = tuple(column.name for column in fields(Line))
Profile = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class History:
    """One person as the engine sees them: profile, signals in order, and the alerts already given."""

    person: Person
    profile: Profile
    signals: tuple[SignalRow, ...]
    decisions: tuple[Decision, ...]


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)


def as_json(line: Line) -> dict[str, Any]:
    """A line as it is kept: in measures, decisions and the evidence of a lead."""
    return {name: getattr(line, name) for name in LINE}


def histories(person_ids: Iterable[int]) -> list[History]:
    """Everything about these people, in three questions to the database. Machine signals count for nothing."""
    ids = list(set(person_ids))
    signals: dict[int, list[SignalRow]] = {}
    rows = Signal.objects.filter(person_id__in=ids).exclude(verdict="machine").order_by("occurred_at", "id")
    columns = ("person_id", "id", "occurred_at", "kind", "path", "asset", "campaign", "channel", "topic", "value")
    for person_id, pk, at, kind, path, asset, campaign, channel, topic, value in rows.values_list(*columns):
        signals.setdefault(person_id, []).append(
            SignalRow(
                pk,
                micros(at),
                kind,
                path or None,
                asset or None,
                campaign or None,
                channel or None,
                topic or None,
                value,
            )
        )
    decisions: dict[int, list[Decision]] = {}
    for decision in Decision.objects.filter(person_id__in=ids).order_by("at"):
        decisions.setdefault(decision.person_id, []).append(decision)
    return [
        History(person, profile(person), tuple(signals.get(person.pk, ())), tuple(decisions.get(person.pk, ())))
        for person in Person.objects.filter(pk__in=ids).select_related("organisation")
    ]


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
        "organisation.employees": company.employees if company else None,
        "organisation.industry": (company.industry or None) if company else None,
        "organisation.country": (company.country or None) if company else None,
        "organisation.region": (company.region or None) if company else None,
        "organisation.postal_code": (company.postal_code or None) if company else None,
        "organisation.tier": (company.tier or None) if company else None,
    }

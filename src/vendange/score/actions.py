"""Writes measures and decisions: what the engine says of the people who were touched."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from vendange.agreement.terms import Agreement
from vendange.engine.replay import replay
from vendange.engine.measure import measure
from vendange.engine.rows import Alert
from vendange.engine.rows import Measure as Measured
from vendange.models import AgreementVersion, Decision, Lead, Measure, Person
from vendange.score.queries import History, as_json, histories, micros, moment
from vendange.score.rules import Told, news


@dataclass(frozen=True, slots=True)
class Ripe:
    """A person whom the engine has just found ripe, and how."""

    person: Person
    alert: Alert


def refresh(
    *,
    person_ids: Iterable[int],
    new_signals_from: Mapping[int, datetime],
    version: AgreementVersion,
    agreement: Agreement,
    now: datetime,
) -> list[Ripe]:
    """Measure these people again from their whole history; returns the alerts nobody was told yet.

    `new_signals_from`: when the oldest signal that has just come in happened, by person. A new agreement calls nobody
    for what is past and judged (R15); what has only just come in is judged by it, whenever it happened.
    """
    found = histories(person_ids)
    as_of = micros(now)
    _keep_measures([(one, measure(agreement, one.profile, one.signals, as_of)) for one in found], version, now)
    in_force = version.in_force_from or now
    ripe: list[Ripe] = []
    for one in found:
        if one.person.set_aside or one.person.pk not in new_signals_from:
            continue
        since = micros(min(in_force, new_signals_from[one.person.pk]))
        ripe.extend(Ripe(one.person, alert) for alert in _new_alerts(one, agreement, since, as_of))
    return ripe


def cool(*, person_ids: Iterable[int], version: AgreementVersion, agreement: Agreement, now: datetime) -> int:
    """Measure again those whose interest fades by time alone (R44); returns how many."""
    found = histories(person_ids)
    as_of = micros(now)
    _keep_measures([(one, measure(agreement, one.profile, one.signals, as_of)) for one in found], version, now)
    return len(found)


def tell(found: Sequence[tuple[Ripe, Lead]], *, version: AgreementVersion, now: datetime) -> None:
    """Remember that a human was called for these, under which agreement, on which evidence."""
    Decision.objects.bulk_create([_decision(ripe.alert, ripe.person, lead, version, now) for ripe, lead in found])


def _decision(alert: Alert, person: Person, lead: Lead, version: AgreementVersion, now: datetime) -> Decision:
    return Decision(
        person=person,
        lead=lead,
        agreement=version,
        at=moment(alert.at),
        decided_at=now,
        way=alert.way,
        rule=alert.rule,
        grade=alert.grade,
        fit=alert.fit,
        engagement=alert.engagement,
        lines=[as_json(line) for line in alert.lines],
        signal_ids=list(alert.signal_ids),
    )


def _new_alerts(one: History, agreement: Agreement, since: int, as_of: int) -> list[Alert]:
    told = [Told(micros(d.at), d.way, d.rule) for d in one.decisions]
    known = [past.at for past in told if past.at < since]
    signals = [row for row in one.signals if row.at <= as_of]
    alerts = replay(agreement, one.profile, signals, since=since, known=known)
    return news(alerts, told, agreement.cool_down_days)


def _keep_measures(measured: Sequence[tuple[History, Measured]], version: AgreementVersion, now: datetime) -> None:
    rows = [
        Measure(
            person=one.person,
            agreement=version,
            as_of=now,
            fit=found.fit,
            engagement=found.engagement,
            grade=found.grade,
            temperature=found.temperature,
            lines=[as_json(line) for line in found.lines],
            next_change_at=moment(found.next_change_at) if found.next_change_at is not None else None,
        )
        for one, found in measured
    ]
    columns = ["agreement", "as_of", "fit", "engagement", "grade", "temperature", "lines", "next_change_at"]
    Measure.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["person"], update_fields=columns, batch_size=200
    )

"""Writes measures, decisions and heats: what the engine says of the people who were touched, and of their companies."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from django.db import connection
from django.db.models import Exists, OuterRef, Q

from vendange.agreement.terms import Agreement
from vendange.engine.crowd import NOBODY, Crowd
from vendange.engine.heat import Heated, heat
from vendange.engine.kernel.company import acts_of, hits_of
from vendange.engine.kernel.running import Before, Hit, ends_at
from vendange.engine.measure import measure_all
from vendange.engine.plan import Plan, plan_of
from vendange.engine.replay import replay_all
from vendange.engine.rows import Alert
from vendange.engine.rows import Measure as Measured
from vendange.models import AgreementVersion, Decision, Heat, Lead, Measure, Person, Touched
from vendange.models.each import add_each, put_each
from vendange.score import queries
from vendange.score.queries import as_json, crowd_of, crowd_of_companies, micros, moment, told_of, told_of_companies
from vendange.score.rules import Told, news

LATER: Final = 2**62  # nothing is called for before it
EARLIER: Final = "CASE WHEN {0} IS NULL OR EXCLUDED.since < {0} THEN coalesce(EXCLUDED.since, {0}) ELSE {0} END"
MEASURE: Final = (
    "person",
    "agreement",
    "as_of",
    "fit",
    "engagement",
    "grade",
    "temperature",
    "lines",
    "next_change_at",
    "set_aside",
    "dimensions",
    "interests",
    "changes",
)
HEAT: Final = ("organisation", "agreement", "as_of", "temperature", "engaged", "roles", "disagreement")


@dataclass(frozen=True, slots=True)
class Ripe:
    """A person whom the engine has just found ripe, and how."""

    person: Person
    alert: Alert


def touch(people: Mapping[int, datetime | None]) -> None:
    """These people must be measured. With each, when their oldest new signal happened; None: they did nothing new."""
    rows = [(person, _stored(at)) for person, at in sorted(people.items())]
    put_each(Touched, ("person", "since"), rows, merged={"since": EARLIER.format("vendange_touched.since")})


def take(person_ids: Collection[int]) -> dict[int, datetime | None]:
    """Those of these people who wait to be measured; no other worker takes them before our transaction ends."""
    rows = Touched.objects.select_for_update(skip_locked=True).filter(person_id__in=person_ids)
    return dict(rows.order_by("pk").values_list("person_id", "since"))


def refresh(
    *,
    touched: Mapping[int, datetime | None],
    version: AgreementVersion,
    agreement: Agreement,
    now: datetime,
    committed: bool = False,
) -> list[Ripe]:
    """Measure these people from their whole history, and forget that they wait; returns what nobody was told yet.

    `touched` is as in `touch`; `committed`: the transaction around this one has not written what must be read.
    A new agreement calls nobody for what is past and judged (R15); what has only just come in is judged by it, whenever
    it happened.
    """
    plan = plan_of(agreement)
    crowd, as_of = crowd_of(plan, touched, committed=committed), micros(now)
    _keep_measures(crowd, measure_all(plan, crowd, as_of), version, now)
    _keep_heats(crowd, version, agreement, now)
    in_force = version.in_force_from or now
    since = {person: micros(min(in_force, at)) for person, at in touched.items() if at is not None}
    Touched.objects.filter(person_id__in=touched).delete()
    touch(_ahead(crowd, as_of))
    return _ripe(Calls(plan, crowd, since, as_of, committed).found()) if since else []


def tell(found: Sequence[tuple[Ripe, Lead]], *, version: AgreementVersion, now: datetime) -> None:
    """Remember that a human was called for these, under which agreement, on which evidence."""
    add_each([_decision(ripe.alert, ripe.person, lead, version, now) for ripe, lead in found])


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


def _ahead(crowd: Crowd, as_of: int) -> dict[int, datetime | None]:
    """People with signals that are ahead of our clock: they wait until it is time."""
    ends, found = ends_at(crowd, as_of), dict[int, datetime | None]()
    for place in range(crowd.size):
        if ends[place] < crowd.starts[place + 1]:
            found[int(crowd.people[place])] = moment(int(crowd.at[ends[place]]))
    return found


def _ripe(alerts: Sequence[tuple[int, Alert]]) -> list[Ripe]:
    """With their persons; whom the desk has set aside is left alone."""
    ids = {person for person, _ in alerts}
    people = Person.objects.filter(pk__in=ids, set_aside="").select_related("organisation").in_bulk() if ids else {}
    return [Ripe(people[person], alert) for person, alert in alerts if person in people]


@dataclass(frozen=True, slots=True)
class Calls:
    """Looks for the alerts of a crowd that nobody was told. `since`: from when on, by person; others call nobody."""

    plan: Plan
    crowd: Crowd
    since: Mapping[int, int]
    as_of: int
    committed: bool

    def found(self) -> list[tuple[int, Alert]]:
        hits, companies = self.of_companies()
        late = [hit for hit in hits if hit.at < self.since.get(hit.person, LATER)]
        told = told_of({*self.since, *(hit.person for hit in late)})
        since = dict.fromkeys(map(int, self.crowd.people), LATER) | dict(self.since)
        mine = [hit for hit in hits if hit not in late]
        found = self.news(self.crowd, since, mine, told, companies)
        return found + self.at_colleagues(late, told, companies) if late else found

    def at_colleagues(
        self, hits: Sequence[Hit], told: Mapping[int, Sequence[Told]], companies: Mapping[int, Sequence[Told]]
    ) -> list[tuple[int, Alert]]:
        """A late signal completes what a colleague did after it: the call is at that colleague, and nothing else."""
        since: dict[int, int] = {}
        for hit in hits:
            since[hit.person] = min(hit.at, since.get(hit.person, hit.at))
        called = {(hit.person, hit.at, self.pattern(hit.pattern)) for hit in hits}
        crowd = crowd_of(self.plan, since, committed=self.committed)
        found = self.news(crowd, since, hits, told, companies)
        return [(person, alert) for person, alert in found if (person, alert.at, alert.rule) in called]

    def news(
        self,
        crowd: Crowd,
        since: Mapping[int, int],
        hits: Sequence[Hit],
        told: Mapping[int, Sequence[Told]],
        companies: Mapping[int, Sequence[Told]],
    ) -> list[tuple[int, Alert]]:
        known = {
            person: max(moments)
            for person, given in told.items()
            if (moments := [one.at for one in given if one.at < since.get(person, LATER)])
        }
        alerts: dict[int, list[Alert]] = {}
        for person, alert in replay_all(self.plan, crowd, before=Before(since, known), hits=hits):
            if alert.at <= self.as_of:
                alerts.setdefault(person, []).append(alert)
        if not alerts:
            return []
        employer = dict(zip(map(int, crowd.people), map(int, crowd.organisations), strict=True))
        rest = self.plan.agreement.cool_down_days
        return [
            (person, alert)
            for person, mine in alerts.items()
            for alert in news(mine, [*told.get(person, ()), *companies.get(employer[person], ())], rest)
        ]

    def of_companies(self) -> tuple[list[Hit], dict[int, list[Told]]]:
        """Calls of organisations' patterns from the new signals on, and what these patterns have called for before."""
        since = self.companies() if self.plan.shared.within else {}
        if not since:
            return [], {}
        names = [self.pattern(place) for place in range(len(self.plan.shared_ids))]
        queries.lock_companies(since)
        told = told_of_companies(since, names)
        known: dict[tuple[int, int], int] = {}
        for company, given in told.items():
            for one in given:
                if one.at < since[company]:
                    known[company, names.index(one.rule)] = one.at
        before = max(self.plan.shared.within)
        wanted = {company: at - before for company, at in since.items()}
        around = crowd_of_companies(self.plan, wanted, committed=self.committed)
        hits = hits_of(self.plan, acts_of(self.plan, around), since=since, known=known)
        return [hit for hit in hits if hit.at <= self.as_of], told

    def companies(self) -> dict[int, int]:
        """Organisations in which somebody has just done what a pattern counts, each with the first such moment."""
        acts, found = acts_of(self.plan, self.crowd), dict[int, int]()
        for company, person, at in zip(acts.organisation.tolist(), acts.person.tolist(), acts.at.tolist(), strict=True):
            if at >= self.since.get(person, LATER):
                found[company] = min(at, found.get(company, at))
        return found

    def pattern(self, place: int) -> str:
        return self.plan.agreement.patterns[self.plan.shared_ids[place]].id


def _keep_measures(crowd: Crowd, measured: Iterable[Measured], version: AgreementVersion, now: datetime) -> None:
    as_of = _stored(now)
    rows = [
        (
            int(person),
            version.pk,
            as_of,
            one.fit,
            one.engagement,
            one.grade,
            one.temperature,
            _json(one.lines),
            _stored(moment(one.next_change_at)) if one.next_change_at is not None else None,
            one.set_aside,
            _json(one.dimensions),
            _json(one.interests),
            _json(one.changes),
        )
        for person, one in zip(crowd.people, measured, strict=True)
    ]
    put_each(Measure, MEASURE, rows)


def _keep_heats(crowd: Crowd, version: AgreementVersion, agreement: Agreement, now: datetime) -> None:
    """Count again in the organisations of these people; what has not changed keeps the date since which it stands."""
    ids = {int(company) for company in crowd.organisations} - {NOBODY}
    if agreement.heat is None or not ids:
        return
    before = queries.heats(ids)
    rows = []
    for company, people in queries.colleagues(agreement, ids).items():
        found = heat(agreement, people)
        if found and not _stands(before.get(company), found, version):
            counted = (found.temperature, found.engaged, _json(found.roles), found.disagreement)
            rows.append((company, version.pk, _stored(now), *counted))
    put_each(Heat, HEAT, rows)


def _stands(kept: Heat | None, found: Heated, version: AgreementVersion) -> bool:
    if kept is None or kept.agreement_id != version.pk:
        return False
    said = (kept.temperature, kept.engaged, kept.roles, kept.disagreement)
    return said == (found.temperature, found.engaged, found.roles, found.disagreement)


def drop_old_heats(version: AgreementVersion) -> None:
    """An agreement that does not speak of heat leaves none of an older one to be shown."""
    Heat.objects.filter(Q(agreement_id__lt=version.pk) | Q(agreement_id__gt=version.pk)).delete()


def forget_empty_heats(organisation_ids: Collection[int]) -> None:
    """An organisation that has lost its last visitor has no heat."""
    someone = Person.objects.filter(organisation=OuterRef("organisation"), merged_into=None)
    Heat.objects.filter(~Exists(someone), organisation_id__in=organisation_ids).delete()


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _stored(at: datetime | None) -> Any:
    return None if at is None else connection.ops.adapt_datetimefield_value(at)

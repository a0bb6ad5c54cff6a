"""Reads the leads of a period with their evidence, all that was recorded of them, and what was known before."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import nan
from typing import Any, Final

from django.db.models import QuerySet

from vendange.agreement.label import Label
from vendange.agreement.terms import Agreement
from vendange.engine.before import HALF_LIVES, PROFILE, Acts, Cell, Counter, acts_of, cell
from vendange.engine.crowd import Someone
from vendange.engine.learning.learned import Learned
from vendange.engine.matching import matched
from vendange.engine.offered import Card, as_rules, card_rules, with_points
from vendange.engine.rows import DAY, SignalRow
from vendange.models import AgreementVersion, Assignment, Deal, Fact, Lead, Person, Return, Review, Signal
from vendange.models.job import Tell
from vendange.models.reading import someones
from vendange.suggest import rules
from vendange.suggest.rules import OUTCOMES, Ended, came, usual_days

USUAL: Final = timedelta(days=364)  # the period when none is named
LOOKED_AT: Final = 5000  # leads that are learnt from, the newest
SAMPLED: Final = 2000  # people on whom a draft's alerts are counted
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# The declared fact that fills each dimension.
FACTS: Final[Mapping[str, str]] = {
    "level": "person.level",
    "role": "person.role",
    "job_title": "person.job_title",
    "country": "person.country",
    "language": "person.language",
    "source": "person.source",
    "employees": "organisation.employees",
    "industry": "organisation.industry",
    "organisation_country": "organisation.country",
    "region": "organisation.region",
    "postal_code": "organisation.postal_code",
    "tier": "organisation.tier",
}
Facts = Mapping[tuple[int, str], Sequence[tuple[datetime, str]]]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What was recorded in a period, and the agreement whose rules are listed."""

    start: datetime
    end: datetime
    review: rules.Review
    agreement: Agreement


def reviewed(
    agreement: Agreement, *, now: datetime, start: datetime | None = None, end: datetime | None = None
) -> Reviewed:
    """Every rule of `agreement`, and what became of the leads raised from `start` until `end` (excluded)."""
    until = min(end or now, now)
    since = start or until - USUAL
    leads = ended(scored(since, until))
    return Reviewed(since, until, rules.reviewed(leads, terms_of(leads), agreement, now), agreement)


def scored(start: datetime, end: datetime) -> QuerySet[Lead]:
    """Leads that a rule raised, the oldest first; a colleague told of the others, or a file knows their end only."""
    found = Lead.objects.filter(raised_at__gte=start, raised_at__lt=end).exclude(way__in=("report", "import"))
    return found.order_by("raised_at", "pk")


def ended(leads: QuerySet[Lead]) -> list[Ended]:
    """Each with what was recorded of it: five questions, however many there are."""
    judged, refused = _judged(leads), _refused(leads)
    accepted, deals = _accepted(leads), _deals(leads)
    columns = ("pk", "way", "reason", "grade", "raised_at", "agreement_id", "evidence", "fit", "engagement")
    found = []
    for pk, way, reason, grade, raised, version, evidence, fit, engagement in leads.values_list(*columns):
        said = judged.get(pk, set())
        opened, won = deals.get(pk, (None, None))
        found.append(
            Ended(
                way=way,
                reason=reason,
                grade=grade,
                raised_at=raised,
                agreement=version,
                points={(line["side"], line["rule"]): line["points"] for line in evidence},
                fit=fit,
                engagement=engagement,
                judged=bool(said),
                passed="pass" in said,
                recycled="recycle" in said,
                eliminated="eliminate" in said,
                refused=tuple(refused.get(pk, ())),
                accepted_at=accepted.get(pk),
                opportunity_at=opened,
                won_at=won,
            )
        )
    return found


def _judged(leads: QuerySet[Lead]) -> Mapping[int, set[str]]:
    """What the desk ever decided of each."""
    found: dict[int, set[str]] = {}
    for lead, outcome in Review.objects.filter(lead__in=_ids(leads), outcome__gt="").values_list("lead_id", "outcome"):
        found.setdefault(lead, set()).add(outcome)
    return found


def _refused(leads: QuerySet[Lead]) -> Mapping[int, list[str]]:
    """Why sales gave each back; another contact that was added is no return of the lead."""
    found: dict[int, list[str]] = {}
    rows = Return.objects.filter(lead__in=_ids(leads)).exclude(effect="keep").order_by("at", "pk")
    for lead, reason in rows.values_list("lead_id", "reason"):
        found.setdefault(lead, []).append(reason)
    return found


def _accepted(leads: QuerySet[Lead]) -> Mapping[int, datetime]:
    found: dict[int, datetime] = {}
    rows = Assignment.objects.filter(lead__in=_ids(leads), accepted_at__isnull=False, imported=False)
    for lead, at in rows.order_by("accepted_at").values_list("lead_id", "accepted_at"):
        if at is not None:
            found.setdefault(lead, at)
    return found


def _deals(leads: QuerySet[Lead]) -> Mapping[int, tuple[datetime, datetime | None]]:
    """When the project of each was opened, and won."""
    rows = Deal.objects.filter(lead__in=_ids(leads)).values_list("lead_id", "opened_at", "closed_at", "status")
    return {lead: (opened, closed if status == "won" else None) for lead, opened, closed, status in rows}


def _ids(leads: QuerySet[Lead]) -> Any:
    """As a question inside a question: no list of a million numbers travels."""
    return leads.order_by().values("pk")


def terms_of(leads: Iterable[Ended]) -> Mapping[int, Agreement]:
    """What the versions that raised these leads say."""
    wanted = {one.agreement for one in leads}
    return {one.pk: one.terms for one in AgreementVersion.objects.filter(pk__in=wanted)}


@dataclass(frozen=True, slots=True)
class Known:
    """Leads that had their time, as they were known when they were raised: one cell for each lead and column.

    `filled`: when a cell was filled, in days since 1970, NaN where nobody knows. `points`: fit and engagement together,
    as the agreement of then gave them. `outcome`: the deepest of which there are enough.
    """

    outcome: str
    within_days: int
    cells: Mapping[str, Sequence[Cell]]
    filled: Mapping[str, Sequence[float]]
    label: Sequence[bool]
    raised: Sequence[float]
    points: Sequence[float]
    acts: tuple[Acts, ...]
    too_young: int


def known(agreement: Agreement, now: datetime) -> Known:
    """The newest judged leads. Nothing that came after a lead was raised is in its row."""
    last = (
        scored(EPOCH, now).order_by("-raised_at", "-pk").values_list("raised_at", flat=True)[LOOKED_AT : LOOKED_AT + 1]
    )
    rows = scored(max(last, default=EPOCH), now)
    pairs = [(row, one) for row, one in zip(rows, ended(rows), strict=True) if one.judged]
    outcome, within = deepest([one for _, one in pairs], now)
    ripe = [(row, one) for row, one in pairs if row.raised_at <= now - timedelta(days=within)]
    people = {row.person_id for row, _ in ripe}
    someone = {one.person: one for one in someones(people)} if people else {}
    acts = acts_of(agreement, {signal.kind for one in someone.values() for signal in one.signals})
    counter = Counter(acts, dict(agreement.weights))
    facts, received = _facts(people), _received(people)
    then = [_profile_then(row, someone.get(row.person_id), facts) for row, _ in ripe]
    counts = [counter.row(_before(row, someone, received), _micros(row.raised_at)) for row, _ in ripe]
    days = [_days(row.raised_at) for row, _ in ripe]
    filled = {name: [one[name][1] for one in then] for name in PROFILE}
    return Known(
        outcome=outcome,
        within_days=within,
        cells={
            **{name: [one[name][0] for one in then] for name in PROFILE},
            **{name: [row[place] for row in counts] for place, name in enumerate(counter.columns())},
        },
        filled={
            **{name: times for name, times in filled.items() if any(time == time for time in times)},
            **dict.fromkeys(counter.columns(), days),
        },
        label=[came(one, outcome, within) for _, one in ripe],
        raised=days,
        points=[row.fit + row.engagement for row, _ in ripe],
        acts=acts,
        too_young=len(pairs) - len(ripe),
    )


def deepest(leads: Sequence[Ended], now: datetime) -> tuple[str, int]:
    """Won, else an opportunity, else accepted: the first that enough leads reached in its time, and enough did not."""
    for outcome in OUTCOMES:
        within = usual_days(leads, outcome)
        ripe = [one for one in leads if one.raised_at <= now - timedelta(days=within)]
        reached = sum(came(one, outcome, within) for one in ripe)
        if min(reached, len(ripe) - reached) >= rules.ENOUGH_CASES:
            return outcome, within
    return OUTCOMES[-1], usual_days(leads, OUTCOMES[-1])


def _facts(people: Collection[int]) -> Facts:
    """What was said of each person and when, the oldest first, by (person, dimension)."""
    found: dict[tuple[int, str], list[tuple[datetime, str]]] = {}
    rows = Fact.objects.filter(person__in=people, field__in=FACTS).order_by("at", "pk")
    for person, field, at, value in rows.values_list("person_id", "field", "at", "value").iterator(5000):
        found.setdefault((person, FACTS[field]), []).append((at, value))
    return found


def _received(people: Collection[int]) -> Mapping[int, int]:
    """When we knew of each signal that reached us late (more than a minute after it happened)."""
    rows = Signal.objects.filter(person__in=people).values_list("pk", "occurred_at", "received_at").iterator(5000)
    late = timedelta(minutes=1)
    return {pk: _micros(received) for pk, occurred, received in rows if received - occurred > late}


def _profile_then(row: Lead, one: Someone | None, facts: Facts) -> dict[str, tuple[Cell, float]]:
    """Each dimension with its value when the lead was raised, and when that was filled in (NaN: nobody knows)."""
    found: dict[str, tuple[Cell, float]] = {}
    for name in PROFILE:
        now = one.profile.get(name) if one else None
        said = facts.get((row.person_id, name), ())
        before = [fact for fact in said if fact[0] <= row.opened_at]
        if not said:
            found[name] = cell(name, now), nan
        elif not before:
            found[name] = None, nan
        else:
            is_same = any(_alike(value, now) for _, value in before)
            found[name] = cell(name, now if is_same else before[-1][1]), min(_days(before[0][0]), _days(row.raised_at))
    return found


def _alike(said: str, now: object) -> bool:
    return said.strip().casefold() == str(now).strip().casefold()


def _before(row: Lead, someone: Mapping[int, Someone], received: Mapping[int, int]) -> list[SignalRow]:
    """The signals that had happened, and had reached us, when a human was called."""
    raised, opened = _micros(row.raised_at), _micros(row.opened_at)
    mine = someone[row.person_id].signals if row.person_id in someone else ()
    return [one for one in mine if one.at <= raised and received.get(one.id, one.at) <= max(opened, raised)]


def _micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def _days(at: datetime) -> float:
    return _micros(at) / DAY


def learnt_from(agreement: Agreement, now: datetime) -> tuple[str, ...]:
    """The fields that `learned` looks at, by name."""
    return fields_of(known(agreement, now))


def fields_of(found: Known) -> tuple[str, ...]:
    return (*PROFILE, *telling(found))


def learned(
    agreement: Agreement,
    *,
    now: datetime,
    include: Collection[str] = (),
    tell: Tell = lambda _what, _done, _total: None,
) -> Card:
    """The card that outcomes teach, and what a draft with its points would call; judged on the newest leads."""
    import numpy as np

    from vendange.engine.learning.learn import learn
    from vendange.engine.learning.learned import CannotLearn
    from vendange.engine.learning.table import Table

    tell("Reading what was known of each lead", 0, 3)
    found = known(agreement, now)
    card = Card(
        sha=agreement.sha,
        outcome=found.outcome,
        within_days=found.within_days,
        leads=len(found.label),
        reached=sum(found.label),
        too_young=found.too_young,
        included=tuple(sorted(include)),
    )
    tell("Learning from outcomes", 1, 3)
    table = Table.of({name: found.cells[name] for name in fields_of(found)})
    try:
        told = learn(
            table,
            np.array(found.label, np.bool_),
            np.array(found.raised),
            filled={name: np.array(times) for name, times in found.filled.items() if name in table.columns},
            include=include,
            known_points=np.array(found.points),
        )
    except CannotLearn as fault:
        return replace(card, fault=fault.code, fault_figures=tuple(fault.figures.items()))
    tell("Counting the alerts of the draft", 2, 3)
    return _matched(_with(card, told), found, agreement, now)


def telling(found: Known) -> list[str]:
    """Of the columns of each kind of act the one whose half-life tells most of the leads that are learnt from."""
    import numpy as np

    from vendange.engine.learning.judging import Groups, auc_of
    from vendange.engine.learning.learn import OLDEST

    until = round(OLDEST * len(found.label))
    won = np.array(found.label[:until], np.bool_)
    best: dict[str, tuple[float, str]] = {}
    for one in found.acts:
        for days in HALF_LIVES:
            name = f"{one.key}|{days}"
            auc = auc_of(Groups.of(np.array(found.cells[name][:until], np.float64), won))
            best[one.key] = max(best.get(one.key, (0.0, "")), (round(abs(auc - 0.5), 9), name))
    return [name for _, name in best.values()]


def _with(card: Card, told: Learned) -> Card:
    return replace(
        card,
        verdict=told.verdict,
        rules=card_rules(told),
        calibration=told.calibration,
        judged=told.judged,
        compared=told.compared,
        oldest=told.oldest,
        newest=told.newest,
        refused=told.refused,
        asked=told.asked,
        warned=told.warned,
        time_unknown=told.time_unknown,
    )


def _matched(card: Card, found: Known, agreement: Agreement, now: datetime) -> Card:
    """With the points and thresholds of a draft that calls about as often; only what is offered needs them."""
    fit, engagement = as_rules(card.rules, found.acts, lambda _: Label("", ""))
    if card.verdict != "signal" or not (fit or engagement):
        return card
    people = someones(_some_people())
    draft = matched(agreement, people, fit=fit, engagement=engagement, start=_micros(now - USUAL), end=_micros(now))
    new = draft.agreement
    return replace(
        card,
        rules=with_points(card.rules, new.fit if fit else (), new.engagement if engagement else ()),
        fit_grades=new.grades.fit,
        engagement_grades=new.grades.engagement,
        people=draft.people,
        alerts_before=draft.alerts_before,
        alerts_after=draft.alerts_after,
    )


def _some_people() -> list[int]:
    """Everybody, or an even sample of them."""
    people = Person.objects.filter(merged_into__isnull=True, last_signal_at__isnull=False).order_by("pk")
    every = max(1, -(-people.count() // SAMPLED))
    return list(people.values_list("pk", flat=True))[::every]

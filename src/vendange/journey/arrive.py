"""Signals come in → each finds its person → the people touched are measured → ripe ones are put on the desk."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import DataError, IntegrityError, transaction

from vendange.agree.queries import NoAgreement, Terms, in_force, terms_of
from vendange.agreement.calendars import due
from vendange.agreement.stages import CLOSED, Holder, Stage
from vendange.belong.actions import Companies
from vendange.capture import actions as capture
from vendange.capture import queries as captured
from vendange.capture.rules import Incoming, Refused
from vendange.engine.worth import Worths
from vendange.identify import actions as identify
from vendange.identify import queries as identified
from vendange.identify.actions import Sighting
from vendange.journey import answers, cooling, doubting, following, revealing, segmenting
from vendange.journey.judging import judge_bursts
from vendange.journey.move import Next, Start, begin, locked, move
from vendange.journey.passing import hand_over
from vendange.models import InboxEvent, Lead, Person, Signal
from vendange.qualify import actions as qualify
from vendange.qualify import queries as qualified
from vendange.score import actions as score
from vendange.score import queries as scored
from vendange.score.actions import Ripe

logger = logging.getLogger(__name__)
FAULTS: Final = (DataError, IntegrityError, ValueError, TypeError, KeyError)  # of one row, not of the database


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a batch brought: new signals, those known already, new people, leads opened or woken."""

    signals: int = 0
    known: int = 0
    people: int = 0
    leads: int = 0


def arrive(*, signals: Sequence[Incoming], now: datetime) -> Arrival:
    """Take a batch in, then measure whom it touched, in two transactions. The same batch again changes nothing.

    A crash between the two loses nothing: who was touched waits, and the clock measures them.
    `occurred_at` says when a lead became ripe; `now` says when we knew, and that is when the desk's clock starts.
    """
    came, touched = _take_in(signals, now)
    return replace(came, leads=measure(touched, now=now))


@transaction.atomic
def _take_in(signals: Sequence[Incoming], now: datetime) -> tuple[Arrival, set[int]]:
    """Keep the signals with their people; returns also who must be measured."""
    said = [one for one in signals if not one.kind]
    fresh = captured.unknown([one for one in signals if one.kind])
    seen = [*said, *fresh]
    trusted = captured.trusted_sources()
    names = captured.names_of({one.source_id for one in seen if not (one.channel or one.kind)})
    sightings = [_sighting(one, names, trusted=one.source_id in trusted) for one in seen]
    people, created, told_of, _ = identify.find_or_create(sightings, companies=Companies(), now=now)
    acting = people[len(said) :]
    kept = capture.record(fresh, acting)
    judge_bursts(kept)
    answers.keep(kept, fresh, now)
    revealing.recognise(list(zip(kept, fresh, strict=True)), trusted)
    judged_otherwise = following.keep(kept, fresh, now)
    told_again = capture.tell_configurations(kept)
    # A name says nothing for a browser's consent: only the browser itself allows, while anybody may forbid.
    capture.keep_consents(
        [row for row, one in zip(kept, fresh, strict=True) if not one.who.is_known or one.kind != "consent_given"]
    )
    identify.acted([(row.person, row.occurred_at) for row in kept if row.verdict != "machine"])
    measured = {*(person.pk for person in people), *judged_otherwise}
    touched = dict.fromkeys(measured, None) | _oldest([*kept, *told_again])
    if told_of:
        score.forget_empty_heats(told_of)
    score.touch(dict.fromkeys(identified.people_of(told_of), None) | touched)  # the fit of colleagues: when it is time
    return Arrival(len(fresh), len(signals) - len(seen), created), set(touched)


def _sighting(one: Incoming, names: Mapping[int, str], *, trusted: bool) -> Sighting:
    """Where something was said is the channel, else what was done, else by whom we know of it."""
    origin = "declared" if one.origin in {"observed", "declared"} else one.origin
    said_at = one.channel or one.kind or names.get(one.source_id, "")
    return Sighting(one.who, one.occurred_at, said_at, origin, trusted, one.import_batch_id, bool(one.answered))


def _oldest(signals: Iterable[Signal]) -> dict[int, datetime | None]:
    oldest: dict[int, datetime] = {}
    for one in signals:
        oldest[one.person_id] = min(one.occurred_at, oldest.get(one.person_id, one.occurred_at))
    return {**oldest}


def measure(person_ids: Collection[int], *, now: datetime) -> int:
    """Measure those of these people who were touched, and call humans; how many more things the desk has to do.

    Without an agreement they wait until one comes into force. Somebody who cannot be measured waits alone, and is
    tried again by the clock.
    """
    try:
        terms = in_force(now) if person_ids else None
    except NoAgreement:
        terms = None
    if terms is None:
        segmenting.look(person_ids, now=now, measured=False)  # what they did is known without one
        return 0
    return _measure(person_ids, terms, now)


def _measure(person_ids: Collection[int], terms: Terms, now: datetime) -> int:
    try:
        return _measure_together(person_ids, terms, now)
    except FAULTS:
        if len(person_ids) > 1:
            return sum(_measure([person], terms, now) for person in person_ids)
        logger.exception("Person %s cannot be measured; it is tried again", *person_ids)
        return 0


def _measure_together(person_ids: Collection[int], terms: Terms, now: datetime) -> int:
    committed = not transaction.get_connection().in_atomic_block
    with transaction.atomic():
        touched = score.take(person_ids)
        if not touched:
            return 0
        warm = cooling.warm(touched)
        ripe = score.refresh(
            touched=touched, version=terms.version, agreement=terms.agreement, now=now, committed=committed
        )
        cooling.tell_owners(warm, version=terms.version, now=now)
        called = _call_humans(ripe, terms, now)
        doubting.look(touched, now=now)
        segmenting.look(touched, now=now)
        return called


def _call_humans(ripe: Sequence[Ripe], terms: Terms, now: datetime) -> int:
    """Open leads, wake recycled ones, or add to the evidence of open ones; how many more things the desk has to do."""
    if not ripe:
        return 0
    standing = _standing(ripe)
    opened: dict[tuple[int, str], Lead] = {}
    woken = 0
    worth = qualified.worths(now)
    for one in ripe:
        key = (one.person.pk, one.alert.lead_type)
        if key not in standing and key not in opened:
            opened[key] = _ripened(one, terms, worth)
    _open([(lead, {"rule": lead.reason}) for lead in opened.values()], terms, now)
    _pass_straight(list(opened.values()), terms, now)
    for key, lead in standing.items():
        if lead.stage == Stage.RECYCLED:
            standing[key] = locked(lead)
            to_the_desk(standing[key], because="new_signals", now=now)
            woken += 1
    found = [(one, {**standing, **opened}[one.person.pk, one.alert.lead_type]) for one in ripe]
    score.tell(found, version=terms.version, now=now)
    return len(opened) + woken


def _standing(ripe: Sequence[Ripe]) -> dict[tuple[int, str], Lead]:
    """The open lead of each person and type, the latest if there are several."""
    people = {one.person.pk for one in ripe}
    rows = Lead.objects.filter(person_id__in=people).exclude(stage__in=[str(stage) for stage in CLOSED])
    wanted = {(one.person.pk, one.alert.lead_type) for one in ripe}
    found = {(lead.person_id, lead.lead_type): lead for lead in rows.order_by("id")}
    return {key: lead for key, lead in found.items() if key in wanted}


def _ripened(ripe: Ripe, terms: Terms, worth: Worths) -> Lead:
    """A new lead, judged under the agreement in force."""
    alert = ripe.alert
    return Lead(
        person=ripe.person,
        organisation=ripe.person.organisation,
        lead_type=alert.lead_type,
        agreement=terms.version,
        way=alert.way,
        reason=alert.rule,
        grade=alert.grade,
        fit=alert.fit,
        engagement=alert.engagement,
        evidence=[scored.as_json(line) for line in alert.lines],
        propensity=worth.propensity(alert.way, alert.grade),
        raised_at=scored.moment(alert.at),
    )


def _open(leads: Sequence[tuple[Lead, Mapping[str, str]]], terms: Terms, now: datetime) -> None:
    due_at = _judge_by(terms, now)
    then = Next(Holder.DESK, due_at, "judge")
    begin([Start(lead, then, lead.way, detail) for lead, detail in leads], by=None, now=now)
    _open_reviews([lead for lead, _ in leads], terms, due_at, now)


def open_linked(lead: Lead, *, now: datetime) -> Lead:
    """Sales heard of another intention: a new lead on the desk, linked to the one that it replaces (R7)."""
    other = Lead(
        person=lead.person,
        organisation=lead.organisation,
        lead_type=lead.lead_type,
        agreement=lead.agreement,
        way="report",
        reason="other_lead",
        grade=lead.grade,
        fit=lead.fit,
        engagement=lead.engagement,
        evidence=lead.evidence,
        propensity=lead.propensity,
        raised_at=now,
        linked_to=lead,
    )
    terms = terms_of(lead.agreement)
    _open([(other, {"rule": "other_lead"})], terms, now)
    _pass_straight([other], terms, now)
    return other


def open_past(person: Person, *, raised_at: datetime, terms: Terms, now: datetime) -> Lead:
    """A lead of before Vendange, known by its end only: no signal of the file called a human under this agreement."""
    lead = Lead(
        person=person,
        organisation=person.organisation,
        lead_type=terms.agreement.alert_lead_type,
        agreement=terms.version,
        way="import",
        reason="imported",
        grade="D4",
        fit=0.0,
        engagement=0.0,
        raised_at=person.last_signal_at or raised_at,
    )
    _open([(lead, {"imported": "yes"})], terms, now)
    return lead


def to_the_desk(lead: Lead, *, because: str, now: datetime) -> None:
    """A lead comes back to the desk, under its own agreement: it wakes up, or new signals speak for it."""
    terms = terms_of(lead.agreement)
    due_at = _judge_by(terms, now)
    move(lead, to=Stage.ALERT, because=because, by=None, now=now, then=Next(Holder.DESK, due_at, "judge"))
    _open_reviews([lead], terms, due_at, now)
    _pass_straight([lead], terms, now)


def _pass_straight(leads: Sequence[Lead], terms: Terms, now: datetime) -> None:
    """Where both heads agreed that nobody judges, a salesperson has the lead in the same moment (R18)."""
    if not terms.agreement.desk.straight_to_sales:
        return
    for lead in leads:
        qualify.pass_unjudged(review=qualify.open_review_of(lead), now=now)
        hand_over(lead, by=None, now=now, because="straight")


def _judge_by(terms: Terms, now: datetime) -> datetime:
    return due(now, terms.agreement.desk.judge_within, terms.agreement.calendar)


def _open_reviews(leads: Sequence[Lead], terms: Terms, due_at: datetime, now: datetime) -> None:
    agreement = terms.agreement
    met = [qualified.criteria_met(agreement, scored.profile(lead.person)) for lead in leads]
    qualify.open_reviews(leads=list(zip(leads, met, strict=True)), due_at=due_at, agreement=agreement, now=now)


def drain(*, now: datetime, limit: int = 500) -> int:
    """Take the oldest waiting events of the inbox in; returns how many were handled.

    Safe after a crash at any point: signals are unique, and an event is marked only when it is in. An event that
    nothing can be done with is refused alone, with its reason, and its neighbours go on.
    """
    events = captured.waiting(limit, now)
    if not events:
        return 0
    links = following.read(events, now)
    mine = [event for event in events if event.pk not in links.read]
    visits = [captured.visit(event) for event in mine]
    found = [(event, one or captured.read(event)) for event, one in zip(mine, visits, strict=True)]
    refused = [(event, one) for event, one in found if isinstance(one, Refused)]
    counted = [(event, one) for event, one in zip(mine, visits, strict=True) if isinstance(one, Incoming)]
    of_nobody = {event.pk for event, _ in counted}
    readable = [(event, one) for event, one in found if isinstance(one, Incoming) and event.pk not in of_nobody]
    readable += links.signals
    try:
        arrive(signals=[one for _, one in readable], now=now)
    except FAULTS:
        refused.extend(_one_by_one(readable, now))
    capture.settle(handled=events, refused=refused, visits=[*counted, *links.visits], forgotten=links.forgotten)
    return len(events)


def _one_by_one(pairs: Sequence[tuple[InboxEvent, Incoming]], now: datetime) -> list[tuple[InboxEvent, Refused]]:
    refused = []
    for event, one in pairs:
        try:
            arrive(signals=[one], now=now)
        except FAULTS as reason:
            logger.exception("Event %s of source %s cannot be taken in", event.message_id, event.source)
            refused.append((event, Refused("cannot_be_stored", f"{type(reason).__name__}: {reason}")))
    return refused

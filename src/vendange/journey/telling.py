"""A colleague tells what was said or seen → it is kept as a signal like any other; so are scans of a show."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from vendange.agreement.sentence import Incomplete, Sentence, sentence
from vendange.capture import actions as capture
from vendange.capture.rules import Incoming, Who
from vendange.identify import actions as identify
from vendange.identify import queries as identified
from vendange.journey import doubting
from vendange.journey.arrive import Arrival, arrive, measure
from vendange.meet import actions as meet
from vendange.meet import queries as met
from vendange.meet.rules import (
    CHANNELS,
    CannotTell,
    Days,
    Guest,
    Newcomer,
    Told,
    check_told,
    first_and_last,
    happened,
    may_undo,
)
from vendange.models import ImportBatch, Lead, Person, Signal, Source, TradeShow, User
from vendange.score import actions as score

SOURCE: Final = "Told by colleagues"
ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept; `known`: this very message had come before."""

    signal: Signal
    known: bool


def tell(
    *,
    told: Told,
    who: Person | Newcomer,
    message_id: str,
    show: TradeShow | None,
    by: User,
    now: datetime,
    zone: ZoneInfo,
) -> Kept:
    """Keep it, once for each `message_id` of this colleague; it counts at once.

    Raises Incomplete with a sentence for each field, or CannotTell. A newcomer without an e-mail address gets a key of
    ours, so that what is heard of them later finds them again.
    """
    show = show if show and belongs_to(show.kind, told.kind) else None
    source = show.source if show else capture.source_named(name=SOURCE, kind="desk", now=now)
    number = number_of(message_id, by)
    before = told_before(message_id, by)
    if before:
        return Kept(before, known=True)
    newcomer = who if isinstance(who, Newcomer) else None
    check_told(told, newcomer)
    occurred_at, only_day = happened(told, now=now, zone=zone)
    if show:
        check_at(Days(show.from_day, show.to_day, zone), occurred_at)
    one = Incoming(
        source_id=source.pk,
        message_id=number,
        kind=told.kind,
        occurred_at=occurred_at,
        received_at=now,
        who=_who(who, number),
        campaign=show.name if show else "",
        channel=CHANNELS[told.kind],
        topic=told.topic or (show.topic if show else ""),
        props=_props(told, only_day=only_day),
        origin="reported",
        by_id=by.pk,
    )
    came = _arrive([one], now)
    kept = met.told_by(by, number)
    if kept is None:
        raise CannotTell(sentence("This could not be kept. Try again."))
    return Kept(kept, known=came.known > 0)


def belongs_to(show_kind: str, kind: str) -> bool:
    """Whether something of this kind happens at a show; a call bears no campaign of one."""
    return kind in (show_kind, "booth_visited")


def check_at(days: Days, at: datetime) -> None:
    """What happened at a show happened on its days, or on those around. Raises Incomplete."""
    near = timedelta(days=1)
    if not days.first - near <= at.astimezone(days.zone).date() <= days.last + near:
        first, last = days.first.isoformat(), days.last.isoformat()
        wrong = sentence("This show is from {first} to {last}: say when it happened.", first=first, last=last)
        raise Incomplete({"show": wrong})


def number_of(message_id: str, by: User) -> str:
    """One message id is one message of each colleague."""
    return f"told-{by.pk}-{message_id}"


def told_before(message_id: str, by: User) -> Signal | None:
    """What this colleague told under this id already: its answer was lost."""
    return met.told_by(by, number_of(message_id, by))


def _who(who: Person | Newcomer, number: str) -> Who:
    if isinstance(who, Newcomer):
        first, last = first_and_last(who.name)
        said = {
            "first_name": first[:120],
            "last_name": last[:120],
            "organisation": who.company,
            "phone": who.phone,
            "job_title": who.job_title,
        }
        traits = {name: text for name, text in said.items() if text}
        return Who(email=who.email, external_id="" if who.email else number, traits=traits)
    key = identified.strong_key_of(who)
    if key is None:
        raise CannotTell(sentence("We know no key of this person, so this cannot be kept. Import them again first."))
    named_by: dict[str, Any] = {key[0]: key[1]}
    return Who(**named_by)


def _props(told: Told, *, only_day: bool) -> dict[str, Any]:
    """The voice of the person and our judgement stand apart for ever."""
    found = {"said": told.said, "judged": told.judged, "warmth": told.warmth, "link": told.link}
    kept: dict[str, Any] = {name: text for name, text in found.items() if text}
    if told.public is not None:
        kept["public"] = told.public
    return kept | ({"precision": "day"} if only_day else {})


def _arrive(signals: Sequence[Incoming], now: datetime) -> Arrival:
    """The same message twice at one moment: the second loses the race, and then it is known."""
    for attempt in range(ATTEMPTS):
        try:
            return arrive(signals=signals, now=now)
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
    raise CannotTell(sentence("This could not be kept. Try again."))


def withdraw(*, signal: Signal, by: User, now: datetime) -> Sequence[Lead]:
    """Within its minute who told it takes it back; the scores follow. Raises CannotTell.

    Returns the leads that it had called and that still wait on the desk, marked: a human closes them, since somebody
    may be reading them.
    """
    may_undo(
        teller=signal.by_id if signal.origin == "reported" else None, by=by.pk, told_at=signal.received_at, now=now
    )
    person = signal.person_id
    with transaction.atomic():
        capture.withdraw(signal=signal, by=by, now=now)
        identify.acted_again([person])
        score.touch({person: None})
        left = doubting.took_back(person, by=by, now=now)
    measure([person], now=now)
    return left


@transaction.atomic
def add_show(
    *, name: str, place: str, topic: str, kind: str, days: tuple[date, date], by: User, now: datetime
) -> TradeShow:
    """A show with the source of its signals. Raises ShowTaken, NameReserved or Incomplete.

    The source of a file that had this name becomes the show's.
    """
    meet.check_days(days)
    capture.check_name(name)
    known = Source.objects.filter(name__iexact=name).first()
    if known and known.kind not in ("desk", "import"):
        raise meet.ShowTaken(name)
    source = known or capture.source_named(name=name, kind="desk", now=now)
    return meet.add_show(name=name, place=place, topic=topic, kind=kind, days=days, source=source, by=by, now=now)


@dataclass(frozen=True, slots=True)
class Collected:
    """Of a file of people (C5, C12): who collected them, on which basis, and what they were told."""

    by: str
    basis: str
    wording: str
    professional: bool = False

    @property
    def traits(self) -> dict[str, str]:
        said = {"collected_by": self.by, "collected_basis": self.basis, "collected_wording": self.wording}
        said["regime"] = "professional" if self.professional else ""
        return {name: text[:500] for name, text in said.items() if text}


@dataclass(frozen=True, slots=True)
class Guests:
    """What a batch of rows brought; `refused` by their place in it."""

    added: int = 0
    known: int = 0
    leads: int = 0
    refused: Mapping[int, Sentence] | None = None


def take_guests(
    *, show: TradeShow, guests: Sequence[Guest], collected: Collected, batch: ImportBatch, by: User, now: datetime
) -> Guests:
    """A scan is a signal for each person and time; a row without time is somebody expected, and no signal.

    The same rows again add nothing. The number of a badge alone must be of a list that came in before.
    """
    badges = met.known_badges(show, [one.key for one in guests])
    unknown = {place for place, one in enumerate(guests) if not one.named and one.key not in badges}
    taken = [one for place, one in enumerate(guests) if place not in unknown]
    missing = sentence("This badge is in no list of the show. Take the badge list in first, or add a name.")
    rows = [_guest(one, show, collected, batch, by, now) for one in taken]
    came = _arrive(rows, now) if rows else Arrival()
    scans = sum(1 for one in rows if one.kind)
    fresh = came.signals + (_newly_expected(taken, badges) if scans < len(rows) else 0)
    return Guests(fresh, len(rows) - fresh, came.leads, dict.fromkeys(unknown, missing))


def _newly_expected(guests: Sequence[Guest], badges: set[str]) -> int:
    return len({one.key for one in guests if one.at is None} - badges)


def _guest(one: Guest, show: TradeShow, collected: Collected, batch: ImportBatch, by: User, now: datetime) -> Incoming:
    key = met.guest_prefix(show) + one.key
    said = [str(show.public_id), one.key, one.at.isoformat() if one.at else ""]
    return Incoming(
        source_id=show.source_id,
        message_id="scan-" + hashlib.sha256("|".join(said).encode()).hexdigest(),
        kind=show.kind if one.at else "",
        occurred_at=one.at or now,
        received_at=now,
        who=Who(email=one.email, external_id=key, traits={**collected.traits, **one.traits}),
        campaign=show.name,
        channel=CHANNELS.get(show.kind, "event"),
        topic=show.topic,
        props=({"said": one.said} if one.said else {}) | ({"precision": "day"} if one.only_day else {}),
        origin="declared",
        import_batch_id=batch.pk,
        by_id=by.pk,
    )

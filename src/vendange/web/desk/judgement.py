"""The judgement on the right: what was typed, read into a Judgement, and shown again when it cannot be kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import localtime, make_aware
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vendange.agreement.calendars import next_opening
from vendange.agreement.conditions import dimensions_of
from vendange.agreement.terms import Agreement, Criterion
from vendange.models import Lead, Person, Review
from vendange.qualify.rules import Judgement
from vendange.score.queries import profile
from vendange.words import word

WAKE_IN = (30, 90, 180)
ON_A_DAY = "day"
LONGEST = 2000
FIELDS = ("outcome", "gap_reason", "note", "wake_in", "wake_on", "track", "off_target", "call_back_at")


@dataclass(frozen=True, slots=True)
class State:
    """One of the three states of a criterion, as a choice."""

    code: str
    icon: str
    word: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One criterion of the agreement, with its state, where that comes from, and what to ask."""

    id: str
    label: str
    states: Sequence[State]
    origin: str
    evidence: str
    ask: str
    asked_by: str


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that the form shows."""

    typed: Mapping[str, str]
    problems: Mapping[str, str]
    criteria: Sequence[Asked]
    wakes: Sequence[Choice]
    tracks: Sequence[Choice]
    off_target: Sequence[Choice]
    met: int
    not_met: int
    unknown: int
    first_problem: str = ""


def typed_in(posted: QueryDict) -> dict[str, str]:
    """What of a posted form is worth keeping."""
    names = [name for name in posted if name in FIELDS or name.startswith("criterion-")]
    values = {name: str(posted.get(name, ""))[:LONGEST] for name in names[:50]}
    return {name: value for name, value in values.items() if value}


def read(typed: Mapping[str, str], agreement: Agreement, now: datetime) -> Judgement:
    """The judgement that was typed, complete or not: the rules say what it lacks."""
    criteria = {
        name.removeprefix("criterion-"): value for name, value in typed.items() if name.startswith("criterion-")
    }
    return Judgement(
        outcome=typed.get("outcome", ""),
        criteria=criteria,
        gap_reason=typed.get("gap_reason", ""),
        note=typed.get("note", ""),
        wake_at=wake_at(typed, agreement, now),
        track=typed.get("track", ""),
        off_target=typed.get("off_target", ""),
    )


def wake_at(typed: Mapping[str, str], agreement: Agreement, now: datetime) -> datetime | None:
    """The first opening hour of the day that was chosen; None when no day can be read."""
    zone = ZoneInfo(agreement.calendar.time_zone)
    day = wake_day(typed, now.astimezone(zone).date())
    if day is None:
        return None
    return next_opening(datetime.combine(day, time(), zone), agreement.calendar)


def wake_day(typed: Mapping[str, str], today: date) -> date | None:
    chosen = typed.get("wake_in", "")
    if chosen.isdecimal() and len(chosen) < 5:
        return today + timedelta(days=int(chosen))
    try:
        day = parse_date(typed.get("wake_on", ""))
    except ValueError:
        return None
    # The year 9999 is a date, yet no calendar can count on from it.
    return day if day and day.year < today.year + 1000 else None


def moment_typed(value: str) -> datetime | None:
    """A local date and time as browsers send it; None when there is none to read."""
    try:
        moment = parse_datetime(value)
    except ValueError:
        return None
    if moment is None:
        return None
    return moment if moment.tzinfo else make_aware(moment)


def sheet_of(
    lead: Lead,
    review: Review,
    agreement: Agreement,
    typed: Mapping[str, str],
    problems: Mapping[str, str],
    now: datetime,
) -> Sheet:
    criteria = asked_of(lead.person, review, agreement, typed)
    states = [state.code for one in criteria for state in one.states if state.is_chosen]
    return Sheet(
        typed=typed,
        problems=problems,
        criteria=criteria,
        wakes=wakes_of(agreement, typed),
        tracks=[
            Choice(one.id, one.label.in_language(language()), typed.get("track") == one.id)
            for one in agreement.recycling.tracks
        ],
        off_target=[
            Choice(one.id, one.label.in_language(language()), typed.get("off_target") == one.id)
            for one in agreement.recycling.off_target
        ],
        met=states.count("met"),
        not_met=states.count("not_met"),
        unknown=states.count("unknown"),
        first_problem=next(iter(problems), ""),
    )


def language() -> str:
    return get_language() or "en"


def wakes_of(agreement: Agreement, typed: Mapping[str, str]) -> list[Choice]:
    """The usual lengths, and the agreement's own; its own is chosen until somebody chooses."""
    usual = sorted({*WAKE_IN, agreement.recycling.default_days})
    chosen = typed.get("wake_in") or (ON_A_DAY if typed.get("wake_on") else str(agreement.recycling.default_days))
    days = [Choice(str(days), _("%(days)s days") % {"days": days}, chosen == str(days)) for days in usual]
    return [*days, Choice(ON_A_DAY, _("On a day"), chosen == ON_A_DAY)]


def asked_of(person: Person, review: Review, agreement: Agreement, typed: Mapping[str, str]) -> list[Asked]:
    kept = {one["id"]: one for one in review.criteria}
    known = profile(person)
    return [
        asked(one, kept.get(one.id, {}), known, typed.get(f"criterion-{one.id}")) for one in agreement.desk.criteria
    ]


def asked(one: Criterion, kept: Mapping[str, str], known: Mapping[str, object], typed: str | None) -> Asked:
    before = kept.get("state", "unknown")
    state = typed or before
    heard = typed is not None and typed != before
    evidence = kept.get("evidence", "") or (evidence_of(one, known) if kept.get("origin") == "declared" else "")
    return Asked(
        id=one.id,
        label=one.label.in_language(language()),
        states=[
            State(code, icon, str(word("criterion", code)), code == state)
            for code, icon in (("met", "check"), ("not_met", "x"), ("unknown", "circle-question-mark"))
        ],
        origin="verified" if heard and state != "unknown" else kept.get("origin", ""),
        evidence="" if heard else evidence,
        ask=one.ask.in_language(language()) if one.ask else "",
        asked_by=str(word("side", one.asked_by)),
    )


def evidence_of(one: Criterion, known: Mapping[str, object]) -> str:
    """What is known that answers this criterion: "Manager, Methods manager"."""
    read_by_it = sorted(dimensions_of(one.met_when))
    values = [value_in_words(name, known.get(name)) for name in read_by_it]
    if "person.level" in read_by_it and known.get("person.job_title"):
        values.append(str(known["person.job_title"]))
    return ", ".join(value for value in values if value)


def value_in_words(dimension: str, value: object) -> str:
    families = {"person.level": "level", "person.role": "buying_role", "organisation.tier": "tier"}
    if value in (None, ""):
        return ""
    return str(word(families[dimension], str(value))) if dimension in families else str(value)


def suggestion(now: datetime, agreement: Agreement) -> datetime:
    """When to try again after nobody answered: two hours later, or when the office opens again."""
    return next_opening(now + timedelta(hours=2), agreement.calendar)


def as_typed(moment: datetime) -> str:
    """The form in which browsers write a local date and time."""
    return localtime(moment).strftime("%Y-%m-%dT%H:%M")

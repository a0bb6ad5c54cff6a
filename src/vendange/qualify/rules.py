"""Qualify decides: whether a judgement is complete, and whether somebody may be called. Plain Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from vendange.agreement.sentence import Incomplete, Sentence, sentence
from vendange.agreement.stages import Outcome
from vendange.agreement.terms import Agreement
from vendange.engine.periods import last_day

STATES: Final = ("met", "not_met", "unknown")
BY_MACHINE: Final = "by_machine"  # the one reason to eliminate that is not the agreement's: no human did it
FARTHEST_WAKE_UP: Final = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an LDR decides of a lead."""

    outcome: str
    criteria: Mapping[str, str] = field(default_factory=dict)  # criterion id -> met | not_met | unknown
    gap_reason: str = ""
    note: str = ""
    wake_at: datetime | None = None
    track: str = ""
    off_target: str = ""
    salesperson_id: int | None = None  # somebody else than routing's choice; then `gap_reason` style note says why


def check(judgement: Judgement, agreement: Agreement, now: datetime) -> None:
    """Raises Incomplete, with one sentence per field, unless this judgement can be kept."""
    problems: dict[str, Sentence] = {}
    if judgement.outcome not in set(Outcome):
        problems["outcome"] = sentence("Choose one of the three: pass, recycle or eliminate.")
    problems.update(_unknown_states(judgement, agreement))
    if judgement.outcome == Outcome.PASS and gaps(judgement, agreement) and not judgement.gap_reason.strip():
        problems["gap_reason"] = sentence("Some criteria are not met: say why you pass it all the same.")
    if judgement.outcome == Outcome.RECYCLE:
        problems.update(_recycle_problems(judgement, agreement, now))
    if judgement.outcome == Outcome.ELIMINATE and judgement.off_target not in {
        reason.id for reason in agreement.recycling.off_target
    }:
        problems["off_target"] = sentence("Say why it is off target: choose a reason of the agreement.")
    if problems:
        raise Incomplete(problems)


def gaps(judgement: Judgement, agreement: Agreement) -> list[str]:
    """Criteria that are not known to be met, in the agreement's order."""
    return [c.id for c in agreement.desk.criteria if judgement.criteria.get(c.id, "unknown") != "met"]


def _unknown_states(judgement: Judgement, agreement: Agreement) -> dict[str, Sentence]:
    known = {criterion.id for criterion in agreement.desk.criteria}
    return {
        f"criterion-{name}": sentence(
            "{name} with {state} is not a criterion of this agreement; reload the page.",
            name=repr(name),
            state=repr(state),
        )
        for name, state in judgement.criteria.items()
        if name not in known or state not in STATES
    }


def _recycle_problems(judgement: Judgement, agreement: Agreement, now: datetime) -> dict[str, Sentence]:
    problems = {}
    if judgement.wake_at is None:
        problems["wake_at"] = sentence("A recycled lead needs a wake-up date.")
    elif judgement.wake_at <= now:
        problems["wake_at"] = sentence("The wake-up date is past: choose a later day.")
    elif judgement.wake_at > now + FARTHEST_WAKE_UP:
        problems["wake_at"] = sentence("The wake-up date is more than three years away: choose an earlier day.")
    if judgement.track not in {track.id for track in agreement.recycling.tracks}:
        problems["track"] = sentence("Choose where it is nurtured meanwhile.")
    return problems


def initial_criteria(agreement: Agreement, met: Sequence[str]) -> list[dict[str, str]]:
    """The state of each criterion before anybody has called: met when what is known says so, else unknown."""
    return [
        {"id": c.id, "state": "met" if c.id in met else "unknown", "origin": "declared" if c.id in met else ""}
        for c in agreement.desk.criteria
    ]


# May I call? The first, thin form; the whole law comes with the compliance issue.

MOST_ATTEMPTS: Final = 4  # attempts in any 30 days, answered or not, all colleagues together (compliance C58, C65)
ATTEMPTS_WITHIN: Final = timedelta(days=30)
OFFICE_HOURS: Final = (8, 19)


@dataclass(frozen=True, slots=True)
class Callee:
    """What is known of a person before a call. `there` is their local time."""

    regime: str
    private_mailbox: bool
    has_number: bool
    set_aside: bool
    objected: bool
    phone_consent_at: datetime | None
    attempts: int
    there: datetime
    phone_consent_months: float = 12  # for how long, as the text says that they agreed to


@dataclass(frozen=True, slots=True)
class Lawful:
    """Whether the person may be called now. `state`: good (yes), warn (allowed, better not now), bad (no)."""

    state: str
    because: str
    attempts: int


def may_call(callee: Callee, now: datetime) -> Lawful:
    """The first thing that forbids the call, else what allows it. Not known: treated as a consumer (C1)."""
    forbidden = (
        ("set_aside", callee.set_aside),
        ("objected", callee.objected),
        ("no_number", not callee.has_number),
        ("no_consent", is_consumer(callee) and callee.phone_consent_at is None),
        ("consent_expired", is_consumer(callee) and not _consent_holds(callee, now)),
        ("attempts_used_up", callee.attempts >= MOST_ATTEMPTS),
    )
    because = next((code for code, holds in forbidden if holds), "")
    if because:
        return Lawful("bad", because, callee.attempts)
    if callee.there.weekday() >= 5 or not OFFICE_HOURS[0] <= callee.there.hour < OFFICE_HOURS[1]:
        return Lawful("warn", "odd_hour", callee.attempts)
    return Lawful("good", "consent" if is_consumer(callee) else "professional", callee.attempts)


def is_consumer(callee: Callee) -> bool:
    """A professional whom we know by a private mailbox is treated as a private person (C2)."""
    return callee.regime != "professional" or callee.private_mailbox


def _consent_holds(callee: Callee, now: datetime) -> bool:
    """As long as its text said, never longer than a year; the last day is in (C53)."""
    given_at = callee.phone_consent_at
    if given_at is None:
        return False
    return given_at <= now and not has_ended(last_day(given_at, callee.phone_consent_months), now)


def has_ended(last: datetime, now: datetime) -> bool:
    """Whether a consent whose last day that is holds no more; the day itself is in."""
    return now >= last + timedelta(days=1)


def mail_rule(regime: str, *, private_mailbox: bool, function: bool, refused: bool, agreed: bool) -> str:
    """Which rule a letter to this address stands under: the code of it (C2, C3, C6, C7).

    refused; function: an address such as info@ is the company's; agreed; professional; consent_needed.
    """
    if refused:
        return "refused"
    if function and not private_mailbox:
        return "function"
    if agreed:
        return "agreed"
    return "professional" if regime == "professional" and not private_mailbox else "consent_needed"

"""What each act of a salesperson shows: choices with their effect, dates to pick, fields of the lead's agreement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vendange.agreement.terms import ReportField, ReturnReason
from vendange.models import Lead
from vendange.sell import queries
from vendange.web.lead import when
from vendange.web.lead.known import agreement_of, assignment, evidence, in_words
from vendange.words import word

LINE: Final = 30  # characters that fit in one row of a segmented control on a phone
MOST_SEGMENTS: Final = 4
EFFECT_ICONS: Final = {
    "wake_up": "calendar-clock",
    "nurture": "sprout",
    "keep": "users",
    "linked_lead": "layers",
    "cool": "trending-down",
}
RESULT_OF_CALL: Final = {"reached": "yes", "message": "message", "no_answer": "no", "call_back": "yes"}
Sent = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str
    kind: str
    required: bool
    choices: tuple[Choice, ...]
    value: str
    problem: str
    wide: bool  # too much text for one row: free picks instead of a segmented control


@dataclass(frozen=True, slots=True)
class Reason:
    id: str
    label: str
    effect: str
    icon: str
    words: str
    chosen: bool


def context(panel: str, lead: Lead, now: datetime, problems: Sent, typed: Sent) -> dict[str, Any]:
    found: dict[str, Any] = {"attempts": queries.attempts_on(lead)} if panel in {"call", "return", "report"} else {}
    if panel in PARTS:
        found.update(PARTS[panel](lead, now, {**found, "problems": problems}, typed))
    return found


def accepting(lead: Lead, now: datetime, _found: Mapping[str, Any], _typed: Sent) -> dict[str, Any]:
    return {"evidence": evidence(lead, now)}


def calling(lead: Lead, now: datetime, _found: Mapping[str, Any], _typed: Sent) -> dict[str, Any]:
    return {
        "results": [(code, word("call_result", code)) for code in ("reached", "message", "no_answer")],
        "picks": when.soon(now, agreement_of(lead).calendar),
    }


def reporting(lead: Lead, now: datetime, found: Mapping[str, Any], typed: Sent) -> dict[str, Any]:
    agreement = agreement_of(lead)
    last = found["attempts"][-1] if found["attempts"] else None
    said = {"answer-reached": RESULT_OF_CALL.get(last.result, "")} if last and not typed else {}
    return {
        "fields": [field(one, {**said, **typed}, found["problems"]) for one in agreement.reports],
        "picks": when.soon(now, agreement.calendar),
        "last_call": last,
        "owed_at": lead.next_at if lead.next_step == "report" else None,
    }


def field(one: ReportField, sent: Sent, problems: Sent) -> Field:
    name = f"answer-{one.id}"
    value = sent.get(name, "")
    choices = tuple(Choice(code, in_words(label), code == value) for code, label in one.choices)
    wide = len(choices) > MOST_SEGMENTS or sum(len(choice.label) for choice in choices) > LINE
    return Field(name, in_words(one.label), one.kind, one.required, choices, value, problems.get(name, ""), wide)


def returning(lead: Lead, now: datetime, _found: Mapping[str, Any], typed: Sent) -> dict[str, Any]:
    agreement = agreement_of(lead)
    return {
        "reasons": [reason(one, typed.get("reason", "")) for one in agreement.returns],
        "months": when.later(now, agreement.calendar),
    }


def reason(one: ReturnReason, chosen: str) -> Reason:
    words = str(word("effect", one.effect))
    if one.effect in {"nurture", "cool"} and one.after_days:
        days = ngettext("%(n)s day", "%(n)s days", one.after_days) % {"n": one.after_days}
        words = _("%(effect)s, for %(time)s") % {"effect": words, "time": days}
    icon = "phone-off" if one.id == "unreachable" else EFFECT_ICONS.get(one.effect, "undo-2")
    return Reason(one.id, in_words(one.label), one.effect, icon, words, one.id == chosen)


def dealing(lead: Lead, _now: datetime, _found: Mapping[str, Any], _typed: Sent) -> dict[str, Any]:
    return {"deal": getattr(lead, "deal", None)}


def reassigning(lead: Lead, _now: datetime, _found: Mapping[str, Any], _typed: Sent) -> dict[str, Any]:
    given = assignment(lead)
    return {"considered": given.candidates if given else []}


PARTS: Final[Mapping[str, Callable[[Lead, datetime, Mapping[str, Any], Sent], dict[str, Any]]]] = {
    "accept": accepting,
    "call": calling,
    "report": reporting,
    "return": returning,
    "deal": dealing,
    "reassign": reassigning,
}

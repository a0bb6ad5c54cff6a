"""The story of a lead as lines that people read: what happened, who did it, what was said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from vendange.journey.queries import Item, story_of_lead
from vendange.models import Lead
from vendange.web.configured import said_of
from vendange.web.heat import ICONS as WARMTHS
from vendange.web.heat import fall
from vendange.web.lead.known import agreement_of, in_words
from vendange.words import word

# Moves that another line already tells: the call, the return, the decision.
TOLD_ELSEWHERE: Final = frozenset({"called", "returned"})
ICONS: Final = {
    "alert": ("bell", ""),
    "judging": ("headphones", ""),
    "passed": ("arrow-right", "accent"),
    "accepted": ("check", "accent"),
    "working": ("phone-call", ""),
    "opportunity": ("trending-up", "accent"),
    "won": ("trophy", "good"),
    "lost": ("x", "bad"),
    "recycled": ("refresh-cw", ""),
    "eliminated": ("ban", ""),
    "returned": ("undo-2", "warn"),
}


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    icon: str
    css: str
    title: str
    by: str
    detail: str


def story(lead: Lead) -> list[Line]:
    shown = (one for one in story_of_lead(lead) if not is_told_elsewhere(one))
    return [line(one, lead) for one in shown]


def is_told_elsewhere(one: Item) -> bool:
    return one.type == "decision" or (one.type == "move" and one.detail.get("because") in TOLD_ELSEWHERE)


def line(one: Item, lead: Lead) -> Line:
    if one.type == "call":
        return Line(one.at, "phone", "", str(word("call_result", one.kind)), one.by, str(one.detail["note"]))
    if one.type == "report":
        return Line(
            one.at,
            "clipboard-list",
            "",
            pgettext("what sales told", "Report"),
            one.by,
            report_words(one.detail["answers"], lead),
        )
    if one.type == "return":
        return Line(one.at, "undo-2", "warn", return_title(one, lead), one.by, return_detail(one))
    if one.type == "signal":
        return Line(one.at, "settings-2", "", str(word("kind", one.kind)), "", said_of(one.kind, one.detail["props"]))
    if one.type == "cooling":
        return Line(one.at, WARMTHS.get(one.kind, "snowflake"), "warn", _("Interest has fallen"), "", fall(one.detail))
    icon, css = ICONS.get(one.kind, ("arrow-right", ""))
    return Line(one.at, icon, css, str(word("stage", one.kind)), one.by, because(one.detail))


def report_words(answers: Mapping[str, str], lead: Lead) -> str:
    said = []
    for field in agreement_of(lead).reports:
        if answer := answers.get(field.id):
            label = in_words(dict(field.choices).get(answer)) or answer
            question = in_words(field.label).rstrip(" ?\u00a0")
            told = _("%(question)s: %(answer)s") % {"question": question, "answer": label}
            said.append(answer if field.kind == "text" else told)
    return " · ".join(said)


def return_title(one: Item, lead: Lead) -> str:
    label = in_words(agreement_of(lead).labels().get(f"returns/{one.kind}")) or one.kind
    kept = one.detail["effect"] == "keep"
    return (_("Contact added: %(reason)s") if kept else _("Given back: %(reason)s")) % {"reason": label}


def return_detail(one: Item) -> str:
    attempts = one.detail["attempts"]
    said = ngettext("%(n)s attempt made", "%(n)s attempts made", attempts) % {"n": attempts}
    return " · ".join(part for part in (said, str(one.detail["note"])) if part)


def because(detail: Mapping[str, Any]) -> str:
    """What a move says beyond its stage."""
    told = {
        "woke_up": _("its wake-up date came"),
        "straight": _("as agreed, without a desk"),
        "new_signals": _("new signals speak for it"),
        "lease_ended": _("it was left open too long"),
        "call_back": _("a call back was agreed"),
        "declined": _("refused by the salesperson before"),
        "replaced": _("given to somebody else by a manager"),
        "not_called": _("not called in time by the salesperson before"),
        "owner_found": _("an owner was found"),
        "other_lead": _("another lead led to it"),
        "new_owner": _("given to somebody else by a manager"),
    }.get(str(detail.get("because", "")), "")
    to = (
        _("to %(name)s") % {"name": detail["to"]} if detail.get("to") and detail.get("to") != detail.get("from") else ""
    )
    to = "" if to and str(detail["to"]) in ICONS else to
    why = str(detail.get("why", "") or "")
    return " · ".join(part for part in (to, told, why) if part)

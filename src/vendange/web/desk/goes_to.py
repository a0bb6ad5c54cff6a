"""Before passing: who would get the lead, why them, and who else was weighed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vendange.agreement.terms import Agreement, Span
from vendange.journey.passing import preview
from vendange.models import Lead
from vendange.route.rules import Considered, Term
from vendange.words import word


@dataclass(frozen=True, slots=True)
class Reason:
    text: str
    points: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """One salesperson: in with reasons that add up to `total`, or out for one cause."""

    name: str
    total: int
    reasons: Sequence[Reason]
    out_because: str
    load: int
    capacity: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class GoesTo:
    """`name` is "" when nobody can take it; then `nobody_because` says why and the lead waits in the visible queue."""

    name: str
    reasons: str
    nobody_because: str
    within: str
    weighed: Sequence[Weighed]


def goes_to(lead: Lead, agreement: Agreement, now: datetime) -> GoesTo:
    choice = preview(lead, now)
    chosen = choice.chosen
    return GoesTo(
        name=chosen.candidate.name if chosen else "",
        reasons=", ".join(in_words(term) for term in chosen.terms) if chosen else "",
        nobody_because=str(word("nobody_because", choice.nobody_because)) if not chosen else "",
        within=span_words(agreement.delays.call),
        weighed=[weighed(one, one is chosen) for one in choice.considered],
    )


def weighed(one: Considered, is_chosen: bool) -> Weighed:
    return Weighed(
        name=one.candidate.name,
        total=one.total,
        reasons=[Reason(in_words(term), term.points) for term in one.terms],
        out_because=str(word("excluded", one.out_because)) if one.out_because else "",
        load=one.candidate.load,
        capacity=one.candidate.capacity,
        is_chosen=is_chosen,
    )


def in_words(term: Term) -> str:
    if term.code == "room":
        load, _slash, capacity = term.detail.partition("/")
        return _("carries %(load)s of %(capacity)s leads") % {"load": load, "capacity": capacity}
    return str(word("route_reason", term.code))


def span_words(span: Span) -> str:
    """A promise of the agreement in words: "24 h", "1 working hour"."""
    forms = {
        "minutes": ngettext("%(n)s minute", "%(n)s minutes", span.amount),
        "hours": ngettext("%(n)s hour", "%(n)s hours", span.amount),
        "days": ngettext("%(n)s day", "%(n)s days", span.amount),
        "working_minutes": ngettext("%(n)s working minute", "%(n)s working minutes", span.amount),
        "working_hours": ngettext("%(n)s working hour", "%(n)s working hours", span.amount),
        "working_days": ngettext("%(n)s working day", "%(n)s working days", span.amount),
    }
    return forms[span.unit] % {"n": span.amount}

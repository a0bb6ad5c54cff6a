"""One version of the agreement, laid out for two printed pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from vendange.agreement.label import Label
from vendange.agreement.terms import Agreement, ReturnReason
from vendange.web.agreement.bounds import desk_time, pressure, prices
from vendange.web.agreement.maturity import (
    Section,
    acts_in_words,
    dimensions,
    interests,
    limits,
    limits_of_rule,
    organisation,
    patterns,
)
from vendange.web.agreement.sentences import condition_in_words, hours_in_words, span_in_words, time_in_words
from vendange.words import Word, word


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of a table: what it is, when it holds, what it gives."""

    label: Label
    where: str
    points: float
    cap: float | None = None
    half_life: str = ""
    limits: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    code: str
    calls: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """Who owes what, within which delay."""

    who: Word
    what: str
    within: str


@dataclass(frozen=True, slots=True)
class Reading:
    agreement: Agreement
    rows: Sequence[tuple[str, float | None, Sequence[Cell]]]  # letter, points from which, cells
    columns: Sequence[tuple[str, float | None]]
    set_aside: Sequence[tuple[Label, str]]
    fit: Sequence[Rule]
    engagement: Sequence[Rule]
    acts: Sequence[tuple[Label, Label | None]]
    duties: Sequence[Duty]
    returns: Sequence[tuple[Label, str]]
    hours: Sequence[str]
    alert_lead_type: Label | None
    criteria: Sequence[tuple[Label, Label | None, Word, str]]
    personas: Sequence[tuple[Label, str]]
    does: Sequence[Section]  # what stands below the rules of engagement
    patterns: Sequence[tuple[Label, str, str]]
    stands: Section | None
    desk_time: str
    owes: Sequence[Section]  # what stands below the reports


def reading_of(agreement: Agreement) -> Reading:
    types = {one.id: one.label for one in agreement.lead_types}
    return Reading(
        agreement=agreement,
        rows=grid(agreement),
        columns=[*zip("4321", (None, *reversed(agreement.grades.engagement)), strict=True)],
        set_aside=[(one.label, condition_in_words(one.where)) for one in agreement.set_aside],
        fit=[Rule(one.label, condition_in_words(one.where), one.points) for one in agreement.fit],
        engagement=[
            Rule(
                one.label,
                acts_in_words(one.on, condition_in_words(one.where)),
                one.points,
                one.cap,
                time_in_words(one.half_life_days),
                limits_of_rule(one, agreement.groups),
            )
            for one in agreement.engagement
        ],
        acts=[(one.label, types.get(one.lead_type)) for one in agreement.acts],
        duties=duties(agreement),
        returns=[(one.label, effect(one)) for one in agreement.returns],
        hours=hours_in_words(agreement.calendar),
        alert_lead_type=types.get(agreement.alert_lead_type),
        criteria=[
            (one.label, one.ask, word("side", one.asked_by), condition_in_words(one.met_when))
            for one in agreement.desk.criteria
        ],
        personas=[(one.label, condition_in_words(one.where)) for one in agreement.personas],
        does=present(limits(agreement), dimensions(agreement), interests(agreement)),
        patterns=patterns(agreement),
        stands=organisation(agreement.heat),
        desk_time=desk_time(agreement.desk),
        owes=present(pressure(agreement), prices(agreement)),
    )


def present(*sections: Section | None) -> list[Section]:
    return [section for section in sections if section]


def grid(agreement: Agreement) -> list[tuple[str, float | None, list[Cell]]]:
    """Fit downwards from A, engagement rightwards up to 1: the best corner is on the upper right."""
    begins = dict(zip("ABC", agreement.grades.fit, strict=True))
    return [
        (fit, begins.get(fit), [Cell(fit + acted, fit + acted in agreement.alert) for acted in "4321"])
        for fit in "ABCD"
    ]


def duties(agreement: Agreement) -> list[Duty]:
    delays = agreement.delays
    sales = word("side", "sales")
    judging = Duty(word("side", "marketing"), _("judges each alert"), span_in_words(agreement.desk.judge_within))
    return [
        *([] if agreement.desk.straight_to_sales else [judging]),
        Duty(sales, _("accepts or refuses"), span_in_words(delays.accept)),
        Duty(sales, _("calls"), span_in_words(delays.call)),
        Duty(sales, _("not called: another salesperson gets it"), span_in_words(delays.reassign)),
        Duty(sales, _("reports after the first call"), span_in_words(delays.report)),
    ]


def effect(reason: ReturnReason) -> str:
    told = str(word("effect", reason.effect))
    return _("%(effect)s, %(days)s days") % {"effect": told, "days": reason.after_days} if reason.after_days else told

"""One version of the agreement as texts, laid out for two printed pages.

Every value is a text or a label by then, lists hold lines and tuples hold the parts of one line: so that `marking.py`
can set two readings side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vendange.agreement.label import Label
from vendange.agreement.maturity import Temperature
from vendange.agreement.terms import Agreement, Calendar, ReportField, ReturnReason
from vendange.web import figures
from vendange.web.agreement.bounds import desk_time, pressure, prices
from vendange.web.agreement.maturity import (
    Section,
    acts_in_words,
    amount,
    dimensions,
    here,
    interests,
    limits,
    limits_of_rule,
    organisation,
    patterns,
)
from vendange.web.agreement.sentences import condition_in_words, hours_in_words, span_in_words, time_in_words
from vendange.words import word


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of a table: what it is, when it holds, what it gives."""

    label: Label
    where: str
    points: str
    cap: str = ""
    half_life: str = ""
    limits: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    code: str
    calls: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """Who owes what, within which delay."""

    who: str
    what: str
    within: str


@dataclass(frozen=True, slots=True)
class Reading:
    agreement: Agreement
    lead_types: Sequence[Label]
    rows: Sequence[tuple[str, str, Sequence[Cell]]]  # letter, points from which, cells
    columns: Sequence[tuple[str, str]]
    set_aside: Sequence[tuple[Label, str]]
    fit: Sequence[Rule]
    engagement: Sequence[Rule]
    acts: Sequence[tuple[Label, Label]]
    score_calls: str
    duties: Sequence[Duty]
    returns: Sequence[tuple[Label, str]]
    open: str
    criteria: Sequence[tuple[Label, str, str]]  # who asks, when it is known
    personas: Sequence[tuple[Label, str]]
    does: Sequence[Section]  # what stands below the rules of engagement
    patterns: Sequence[tuple[Label, str, str]]
    stands: Sequence[Section]
    desk_time: str
    recycled: str
    tracks: Sequence[Label]
    off_target: Sequence[Label]
    reports: Sequence[tuple[Label, str, str]]  # always asked, what is answered
    owes: Sequence[Section]  # what stands below the reports


def reading_of(agreement: Agreement) -> Reading:
    types = {one.id: one.label for one in agreement.lead_types}
    return Reading(
        agreement=agreement,
        lead_types=[one.label for one in agreement.lead_types],
        rows=grid(agreement),
        columns=[*zip("4321", ("", *map(begins, reversed(agreement.grades.engagement))), strict=True)],
        set_aside=[(one.label, condition_in_words(one.where)) for one in agreement.set_aside],
        fit=[Rule(one.label, condition_in_words(one.where), figures.points(one.points)) for one in agreement.fit],
        engagement=[
            Rule(
                one.label,
                acts_in_words(one.on, condition_in_words(one.where)),
                figures.points(one.points),
                "–" if one.cap is None else amount(one.cap),
                time_in_words(one.half_life_days),
                limits_of_rule(one, agreement.groups),
            )
            for one in agreement.engagement
        ],
        acts=[(one.label, types[one.lead_type]) for one in agreement.acts],
        score_calls=score_calls(agreement, types),
        duties=[*duties(agreement), *volumes(agreement)],
        returns=[(one.label, effect(one)) for one in agreement.returns],
        open=opening(agreement.calendar),
        criteria=[
            (
                one.label,
                _("asked by %(side)s") % {"side": word("side", one.asked_by)},
                _("known when %(it)s") % {"it": condition_in_words(one.met_when)} if one.met_when else "",
            )
            for one in agreement.desk.criteria
        ],
        personas=[(one.label, condition_in_words(one.where)) for one in agreement.personas],
        does=present(limits(agreement), dimensions(agreement), interests(agreement)),
        patterns=patterns(agreement),
        stands=present(organisation(agreement.heat)),
        desk_time=desk_time(agreement.desk),
        recycled=_("Recycled leads wake up after %(n)s days unless said otherwise, on one of these tracks:")
        % {"n": agreement.recycling.default_days},
        tracks=[one.label for one in agreement.recycling.tracks],
        off_target=[one.label for one in agreement.recycling.off_target],
        reports=[(one.label, _("always") if one.required else "", answers(one)) for one in agreement.reports],
        owes=present(pressure(agreement), prices(agreement)),
    )


def present(*sections: Section | None) -> list[Section]:
    return [section for section in sections if section]


def begins(points: float) -> str:
    return f"≥{figures.SPACE}{amount(points)}"


def grid(agreement: Agreement) -> list[tuple[str, str, list[Cell]]]:
    """Fit downwards from A, engagement rightwards up to 1: the best corner is on the upper right."""
    from_which = dict(zip("ABC", map(begins, agreement.grades.fit), strict=True))
    return [
        (fit, from_which.get(fit, ""), [Cell(fit + acted, fit + acted in agreement.alert) for acted in "4321"])
        for fit in "ABCD"
    ]


def score_calls(agreement: Agreement, types: dict[str, Label]) -> str:
    """What a cell that calls does, and when it is called hot or warm; "" when no cell calls."""
    if not agreement.alert:
        return ""
    told = _("A score opens a lead of type %(type)s, and not again within %(days)s.") % {
        "type": here(types[agreement.alert_lead_type]),
        "days": time_in_words(agreement.cool_down_days),
    }
    return f"{told} {temperature(agreement.temperature)}"


def temperature(stated: Temperature) -> str:
    told = _("Hot from %(hot)s, warm from %(warm)s.") % {"hot": amount(stated.hot), "warm": amount(stated.warm)}
    stays = _("It stays so until %(n)s points below.") % {"n": amount(stated.margin)}
    return f"{told} {stays}" if stated.margin else told


def duties(agreement: Agreement) -> list[Duty]:
    delays = agreement.delays
    marketing, sales = str(word("side", "marketing")), str(word("side", "sales"))
    judging = Duty(marketing, _("judges each alert"), span_in_words(agreement.desk.judge_within))
    return [
        *([] if agreement.desk.straight_to_sales else [judging]),
        Duty(sales, _("accepts or refuses"), span_in_words(delays.accept)),
        Duty(sales, _("calls"), span_in_words(delays.call)),
        Duty(sales, _("not called: another salesperson gets it"), span_in_words(delays.reassign)),
        Duty(sales, _("reports after the first call"), span_in_words(delays.report)),
    ]


def volumes(agreement: Agreement) -> list[Duty]:
    marketing = str(word("side", "marketing"))
    return [Duty(marketing, here(one.label), _("%(n)s a month") % {"n": one.at_least}) for one in agreement.volumes]


def opening(calendar: Calendar) -> str:
    """When the desk and sales are there, on which clock."""
    told = "; ".join(hours_in_words(calendar))
    off = _("public holidays of %(country)s off") % {"country": calendar.holidays} if calendar.holidays else ""
    return f"{told} ({', '.join(part for part in (calendar.time_zone, off) if part)})."


def answers(one: ReportField) -> str:
    if one.choices:
        return " · ".join(here(label) for _code, label in one.choices)
    return _("a date") if one.kind == "date" else _("in words")


def effect(reason: ReturnReason) -> str:
    told = str(word("effect", reason.effect))
    if not reason.after_days:
        return told
    return ngettext("%(effect)s, %(days)s day", "%(effect)s, %(days)s days", reason.after_days) % {
        "effect": told,
        "days": reason.after_days,
    }

"""What outcomes say of each rule, and what they teach, as a page shows it and as the label of a rule says it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.utils.translation import get_language, gettext_lazy, ngettext, npgettext, override
from django.utils.translation import gettext as _

from vendange.agreement.label import Label
from vendange.agreement.terms import Agreement
from vendange.engine.before import as_leaf, is_of_acts, split
from vendange.engine.learning.learned import Step
from vendange.engine.offered import Card, CardRule
from vendange.engine.shares import Share
from vendange.suggest.rules import Fate, Review, Section
from vendange.web.agreement.sentences import DIMENSIONS, condition_in_words, time_in_words
from vendange.web.figures import SPACE, number, rate, within
from vendange.web.moments import full_day
from vendange.words import Word, word

SECTIONS: Final[Mapping[str, Word]] = {
    "acts": gettext_lazy("Act"),
    "patterns": gettext_lazy("Acts close together"),
    "topics": gettext_lazy("Burst of interest"),
    "dimensions": gettext_lazy("Product or topic"),
    "cells": gettext_lazy("Cell"),
    "engagement": gettext_lazy("Engagement"),
    "fit": gettext_lazy("Fit"),
}
OUTCOMES: Final[Mapping[str, Word]] = {
    "won": gettext_lazy("a sale"),
    "opportunity": gettext_lazy("an opportunity"),
    "accepted": gettext_lazy("being accepted by sales"),
}


def _by(share: str) -> Callable[["Row"], Any]:
    """The largest share first; what rests on few cases comes after."""

    def key(row: "Row") -> tuple[bool, float]:
        one: Share = getattr(row.fate, share)
        return one.few, -(one.value or 0)

    return key


SORTS: Final[Mapping[str, Callable[["Row"], Any]]] = {
    "rejected": _by("rejected"),
    "leads": lambda row: -row.fate.raised,
    "passed": _by("passed"),
    "returned": _by("returned"),
    "won": _by("won"),
    "name": lambda row: row.label.casefold(),
}
USUAL_SORT: Final = "rejected"
Where = tuple[Section, str]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share in words: its percentage, how many of how many, and between what chance lets it lie."""

    text: str
    cases: str
    between: str
    few: bool

    @classmethod
    def of(cls, share: Share) -> "Rate":
        if share.interval is None:
            return cls("–", "0", "", True)
        low, high = (number(100 * one) for one in share.interval)
        cases = f"{number(share.count)}/{number(share.of)}"
        percent = f"{number(100 * share.count / share.of)}{SPACE}%"  # whole ones: a column reads at a glance
        return cls(percent, cases, f"{low}–{high}{SPACE}%", share.few)


@dataclass(frozen=True, slots=True)
class Row:
    """One rule with what became of its leads."""

    fate: Fate
    section: Word
    label: str
    passed: Rate
    recycled: Rate
    eliminated: Rate
    returned: Rate
    rejected: Rate
    won: Rate
    reasons: str
    effect: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page: what to look at first, every rule, and those that never or always fire."""

    everything: Row
    rows: Sequence[Row]
    to_review: Sequence[tuple[Row, str]]
    never: Sequence[tuple[Word, str]]
    always: Sequence[tuple[Word, str]]
    raised: int
    judged: int
    within_days: int


def sheet_of(review: Review, agreement: Agreement, sort: str) -> Sheet:
    rows = [row_of(one, agreement) for one in review.fates]
    by_fate = {(row.fate.section, row.fate.id): row for row in rows}
    return Sheet(
        everything=row_of(review.everything, agreement),
        rows=sorted(rows, key=SORTS.get(sort, SORTS[USUAL_SORT])),
        to_review=[(by_fate[one.section, one.id], _often(one, agreement)) for one in review.to_review],
        never=[_named(one, agreement) for one in review.never],
        always=[_named(one, agreement) for one in review.always],
        raised=review.raised,
        judged=review.judged,
        within_days=review.within_days,
    )


def row_of(fate: Fate, agreement: Agreement) -> Row:
    return Row(
        fate=fate,
        section=SECTIONS[fate.section],
        label=name_of(fate.section, fate.id, agreement),
        passed=Rate.of(fate.passed),
        recycled=Rate.of(fate.recycled),
        eliminated=Rate.of(fate.eliminated),
        returned=Rate.of(fate.returned),
        rejected=Rate.of(fate.rejected),
        won=Rate.of(fate.won),
        reasons=", ".join(f"{_reason(reason, agreement)} {count}" for reason, count in fate.reasons[:3]),
        effect=effect_of(fate),
    )


def name_of(section: str, rule: str, agreement: Agreement) -> str:
    found = agreement.labels().get(f"{section}/{rule}")
    return found.in_language(get_language() or "en") if found else rule


def _named(one: Where, agreement: Agreement) -> tuple[Word, str]:
    return SECTIONS[one[0]], name_of(*one, agreement)


def _reason(reason: str, agreement: Agreement) -> str:
    return name_of("returns", reason, agreement)


def _often(fate: Fate, agreement: Agreement) -> str:
    """ "12 returns “Not mature yet”, 11 returns “Project postponed”"."""
    told = [
        ngettext("%(n)s return “%(reason)s”", "%(n)s returns “%(reason)s”", count)
        % {"n": count, "reason": _reason(reason, agreement)}
        for reason, count in fate.many
    ]
    return ", ".join(told)


def effect_of(fate: Fate) -> str:
    """ "74 calls less: 52 passed, 28 rejected, won 9/61": what its absence would have changed; won of those that had
    their time, like its share.
    """
    gone = fate.effect
    if not gone.gone:
        return _("no call less")
    less = ngettext("%(n)s call less", "%(n)s calls less", gone.gone) % {"n": number(gone.gone)}
    passed = npgettext("leads", "%(n)s passed", "%(n)s passed", gone.passed) % {"n": number(gone.passed)}
    rejected = npgettext("leads", "%(n)s rejected", "%(n)s rejected", gone.rejected) % {"n": number(gone.rejected)}
    told = {"less": less, "passed": passed, "rejected": rejected, "won": number(gone.won), "of": number(gone.ripe)}
    return _("%(less)s: %(passed)s, %(rejected)s, won %(won)s/%(of)s") % told


# The card that outcomes teach.


@dataclass(frozen=True, slots=True)
class Taught:
    """One learnt rule. `gives`: as the draft would write it, "" when it cannot be written."""

    rule: CardRule
    what: str
    points: str
    share: str
    rest: str
    newest: str
    gives: str


def taught(card: Card, agreement: Agreement) -> list[Taught]:
    return [_taught(one, agreement) for one in card.rules]


def _taught(one: CardRule, agreement: Agreement) -> Taught:
    sign = "+" if one.points > 0 else "−"
    newest = "" if one.newest_rate is None else _of(one.newest_rate, one.newest_n)
    share, rest = _of(one.rate, one.n), rate(one.rest, 1)
    return Taught(one, what(one, agreement), f"{sign}{abs(one.points)}", share, rest, newest, _gives(one))


def points_in_force(agreement: Agreement) -> list[tuple[str, str]]:
    """Each rule with what it gives: "8 each, at most 24"."""
    language = get_language() or "en"
    fit = [(one.label.in_language(language), number(one.points)) for one in agreement.fit]
    return fit + [(one.label.in_language(language), _jar(one.points, one.cap)) for one in agreement.engagement]


def _jar(points: float, cap: float | None) -> str:
    if cap is None:
        return _("%(points)s each") % {"points": number(points)}
    return _("%(points)s each, at most %(cap)s") % {"points": number(points), "cap": number(cap)}


def _of(value: float, of: int) -> str:
    return _("%(rate)s of %(of)s") % {"rate": rate(value, 1), "of": number(of)}


def _gives(one: CardRule) -> str:
    if not one.gives:
        return ""
    points = number(one.gives)
    if one.cap is None:
        return f"+{points}" if one.gives > 0 else points
    return _jar(one.gives, one.cap)


def what(one: CardRule, agreement: Agreement) -> str:
    """A learnt condition in words, in the language of now."""
    if not is_of_acts(one.column):
        return capitalised(condition_in_words(as_leaf(one.condition)))
    key, days = split(one.column)
    sort, _slash, name = key.partition("/")
    section = {"rule": "engagement", "topic": "topics"}.get(sort)
    named = name_of(section, name, agreement) if section else str(word("kind", name))
    least = number(float(str(one.value)), 0 if float(str(one.value)).is_integer() else 2)
    told = {"what": named, "least": least, "time": time_in_words(float(days))}
    return _("%(what)s: at least %(least)s, where each counts 1 and half of it after %(time)s") % told


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def column_in_words(column: str, agreement: Agreement) -> str:
    """The name of a field or of an act."""
    if not is_of_acts(column):
        return str(DIMENSIONS[column])
    sort, _slash, name = split(column)[0].partition("/")
    section = {"rule": "engagement", "topic": "topics"}.get(sort)
    return name_of(section, name, agreement) if section else str(word("kind", name))


def labels(card: Card, agreement: Agreement, learnt_on: date) -> Callable[[CardRule], Label]:
    """The label of each rule of a draft, in both languages: what, its share, on how many, since when."""

    def label(one: CardRule) -> Label:
        return Label(*(_label(one, agreement, learnt_on, language) for language in ("en", "fr")))

    return label


def _label(one: CardRule, agreement: Agreement, learnt_on: date, language: str) -> str:
    with override(language):
        short = column_in_words(one.column, agreement) if is_of_acts(one.column) else what(one, agreement)
        told = {"what": short, "rate": rate(one.rate, 1), "n": number(one.n), "day": full_day(learnt_on)}
        return _("%(what)s (%(rate)s of %(n)s leads, learnt %(day)s)") % told


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of points: the rate said and the rate seen, as places of a picture of 100 by 100, and in words."""

    points: str
    leads: str
    said: str
    seen: str
    x: str
    y: str
    low: str
    high: str
    size: str


def calibration(steps: Sequence[Step]) -> list[Bar]:
    most = max((one.n for one in steps), default=1)
    return [_bar(one, most) for one in steps]


def _bar(one: Step, most: int) -> Bar:
    low, high = Share(one.wins, one.n).interval or (0.0, 1.0)
    return Bar(
        points=number(one.low) if one.low == one.high else f"{number(one.low)}–{number(one.high)}",
        leads=number(one.n),
        said=rate(one.expected, 1),
        seen=f"{rate(one.rate, 1)} ({one.wins}/{one.n})",
        x=within(100 * one.expected),
        y=within(100 - 100 * one.rate),
        low=within(100 - 100 * low),
        high=within(100 - 100 * high),
        size=within(1.4 + 2.2 * (one.n / most) ** 0.5),
    )


def verdict_of(card: Card) -> str:
    """What is to be thought of the card, in one sentence."""
    if card.fault:
        return _FAULTS.get(card.fault, gettext_lazy("Nothing can be learnt from these leads.")) % dict(
            card.fault_figures
        )
    if card.verdict == "no_signal":
        return _("No reliable signal: on the newest leads, what was learnt ranks no better than chance.")
    if card.verdict == "not_better":
        return _("The points in force rank the newest leads as well or better: nothing is offered, keep them.")
    if not card.offered:
        return _(
            "What was learnt takes points off for acts, and points that fade cannot be negative: nothing is offered."
        )
    return _("What was learnt ranks the newest leads better than the points in force do. It can become a draft.")


_FAULTS: Final[Mapping[str, Word]] = {
    "few_rows": gettext_lazy("Too few leads to learn from: %(rows)s had their time, %(needed)s are needed."),
    "one_outcome": gettext_lazy("All %(rows)s leads ended alike, so there is nothing to learn."),
    "few_oldest": gettext_lazy("Too few leads ended either way: %(fewest)s, and %(needed)s are needed."),
    "few_newest": gettext_lazy("Too few of the newest leads ended either way: %(fewest)s, and %(needed)s are needed."),
    "no_field": gettext_lazy("No field is known that could be learnt from."),
}
STEPS: Final[Mapping[str, Word]] = {
    "Reading what was known of each lead": gettext_lazy("Reading what was known of each lead"),
    "Learning from outcomes": gettext_lazy("Learning from outcomes"),
    "Counting the alerts of the draft": gettext_lazy("Counting the alerts of the draft"),
}
REFUSALS: Final[Mapping[str, Word]] = {
    "filled_later": gettext_lazy("filled in after the lead was raised"),
    "alone": gettext_lazy("tells the outcome nearly alone, as what is filled in afterwards does"),
    "both_ends": gettext_lazy("some of its values mean a success, others a failure, nearly without exception"),
    "empty_tells": gettext_lazy("whether it is filled tells the outcome"),
}
CAUTIONS: Final[Mapping[str, Word]] = {
    "clock": gettext_lazy("tells the date, not the lead"),
    "identifier": gettext_lazy("is different for nearly every lead"),
    "constant": gettext_lazy("is the same for every lead"),
    "proved_by_time": gettext_lazy("looks like the outcome, but was known before it"),
}


def day_of(days: float | None) -> date | None:
    return None if days is None else (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=days)).date()

"""What a simulation says, in the language of the reader: each code and each doubt as people say it."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from vendange.engine.shares import FEW, Spread
from vendange.web import moments
from vendange.web.figures import SPACE, number, points
from vendange.words import Word, word

if TYPE_CHECKING:
    from vendange.simulate.actions import Kept
    from vendange.simulate.queries import Simulation
    from vendange.simulate.rules import KindSeen, Work

OUTCOMES: Final[Mapping[str, Word]] = {
    "passed": later("Passed to sales"),
    "accepted": later("Accepted by sales"),
    "opportunity": later("Opportunity opened"),
    "won": pgettext_lazy("what followed an alert", "Won"),
}
STEPS: Final[Mapping[str, Word]] = {
    "": later("Starting"),
    "Bringing the history up to date": later("Bringing the history up to date"),
    "Looking at what was recorded": later("Looking at what was recorded"),
    "The agreement in force": later("Replaying the agreement that it is compared with"),
    "The agreement in force, by what was known": later("Replaying it again by what was known at each moment"),
    "The draft, by what was known": later("Replaying the draft by what was known at each moment"),
    "The draft and its variants": later("Replaying the draft, and other thresholds and cells"),
    "Comparing": later("Comparing"),
}
STARTS: Final[Mapping[str, Word]] = {
    "history": later("The record begins there: nothing older can be compared."),
    "kind": later(
        "Nothing older is compared: the draft treats a kind of signal otherwise that was not recorded before."
    ),
}
NOTHING_RECOMMENDED: Final[Mapping[str, Word]] = {
    "few_outcomes": later("Too few outcomes are recorded to choose on one part of them and judge on another."),
    "short_period": later(
        "The period is too short to hold out a quarter and let alerts ripen: choose an earlier first day."
    ),
    "no_score": later("No score calls in this draft, so there is no threshold to choose."),
    "did_not_hold": later("What was chosen on the months before did not hold on the held-out quarter."),
    "no_difference": later("The best candidate did no better, beyond chance, than the draft’s own thresholds."),
    "too_much_work": later("Even the strictest threshold takes more than the minutes of the desk."),
}


def step_in_words(step: str) -> str:
    return str(STEPS.get(step, step))


def of_words() -> str:
    """How a count is said of its whole."""
    return pgettext("a count of a whole", "{count} of {of}")


def days_of(spread: Spread | None) -> str:
    """ "26 days (half between 18 and 35), on 79"; an asterisk marks few."""
    if spread is None:
        return "–"
    told = ngettext("%(n)s day", "%(n)s days", round(spread.median)) % {"n": number(spread.median)}
    return f"{told} ({number(spread.quarter)}–{number(spread.three_quarters)})"


def rests_on(spread: Spread | None) -> str:
    if spread is None:
        return ""
    few = _(", few") if spread.count < FEW else ""
    return _("on %(n)s") % {"n": number(spread.count)} + few


def month_of(spread: Spread | None) -> str:
    if spread is None:
        return "–"
    return f"{number(spread.median)} ({number(spread.quarter)}–{number(spread.three_quarters)})"


def per_week(value: float) -> str:
    return number(value, 1)


def moved_in_words(days: float | None) -> str:
    """ "3.2 days sooner": the median of those that come at another date."""
    if days is None or abs(days) < 0.05:
        return ""
    told = {"n": number(abs(days), 1)}
    return (_("%(n)s days sooner") if days < 0 else _("%(n)s days later")) % told


def difference(new: float, old: float) -> str:
    """Of the two as they are shown, so that the sum on screen adds up."""
    return points(round(round(new, 1) - round(old, 1), 1))


def from_words(sides: Any) -> str:
    """ "A from 40, B from 70"."""
    told = [
        pgettext("a letter of fit calls from an engagement on", "%(letter)s from %(n)s")
        % {"letter": letter, "n": number(floor, 0 if float(floor).is_integer() else 1)}
        for letter, floor in sides
    ]
    return ", ".join(told) or _("no score calls")


def work_in_words(work: "Work", current: "Work") -> str:
    """What the weeks ask of the desk, and what that means for the delay that was promised."""
    if not work.judges:
        return _("No lead desk: every lead goes straight to a salesperson.")
    if work.half is None or work.nine_tenths is None:
        return _("There is no whole week to tell the work of the desk.")
    told = {"usual": number(work.half), "full": number(work.nine_tenths)}
    if work.capacity is None:
        return (
            _("The desk would need %(usual)s minutes in a usual week and %(full)s in a full one.") % told
            + " "
            + _("The draft does not say how many it has (desk, minutes_per_week).")
        )
    if not work.over:
        return _("Every week would have fitted into the minutes of the desk.")
    over = ngettext(
        "%(n)s week of %(weeks)s would have been more than the desk can do (compared: %(before)s).",
        "%(n)s weeks of %(weeks)s would have been more than the desk can do (compared: %(before)s).",
        work.over,
    )
    told = {"n": number(work.over), "weeks": number(work.weeks), "before": number(current.over)}
    return over % told + " " + _("In such a week the agreed delays cannot be kept.")


def why_called(way: str, rule: str, labels: Mapping[str, Any], language: str) -> str:
    """What called, as the draft names it."""
    family = {"act": "acts", "pattern": "patterns", "change": "topics", "dimension": "dimensions"}.get(way)
    if family is None:  # a score: its cell stands beside it
        return str(word("way", way))
    label = labels.get(f"{family}/{rule}")
    said = label.in_language(language) if label else rule
    return _("%(way)s: %(what)s") % {"way": word("way", way), "what": said}


def day_there(at: datetime, zone: str) -> str:
    return moments.full_day(at.astimezone(ZoneInfo(zone)).date())


def period_in_words(found: "Simulation") -> str:
    """First and last day, in the company's time zone."""
    zone = ZoneInfo(found.time_zone)
    first, last = found.start.astimezone(zone).date(), found.end.astimezone(zone).date()
    return f"{moments.full_day(first)} – {moments.full_day(last)}"


def short_limits(kept: "Kept") -> list[str]:
    """The few that stand beside the figure."""
    found = kept.simulation
    one = found.limits
    told = []
    if kept.gained:
        told.append(
            ngettext(
                "that the %(n)s gained lead would be won: nobody has called it;",
                "that the %(n)s gained leads would be won: nobody has called them;",
                kept.gained,
            )
            % {"n": number(kept.gained)}
        )
    told.append(_("who people were then: the profiles of all %(n)s are those of today;") % {"n": number(one.people)})
    if one.missing or one.merged:
        told.append(_("who was erased since: at most %(n)s signals are missing;") % {"n": number(one.missing)})
    told.append(_("what came before %(day)s, when the record begins.") % {"day": _day(one.first_signal)})
    return told


def limits(found: "Simulation") -> list[tuple[str, str]]:
    """What may not be claimed, each with the numbers of this very history."""
    one = found.limits
    return [
        (_("That sales would have won more or less"), _sold(found)),
        (
            _("That people were then as they are now"),
            _("Levels, sizes and countries of all %(n)s people are those of today.") % {"n": number(one.people)},
        ),
        (_("That we would have known in time"), _known(found)),
        (
            _("That nobody is missing"),
            _(
                "Who was deleted is in no figure, and older weeks lose most: at most %(missing)s signals are gone,"
                " %(merged)s people were merged into others. %(refused)s who refused contact are counted all the same."
            )
            % {"missing": number(one.missing), "merged": number(one.merged), "refused": number(one.refused)},
        ),
        (
            _("Anything before the record begins"),
            _("The first signal is of %(day)s; its first weeks know little of anybody.")
            % {"day": _day(one.first_signal)},
        ),
        *_kinds(found),
    ]


def _sold(found: "Simulation") -> str:
    one = found.limits
    told = _("Sales worked on the alerts of then only, and follow-up itself causes signals.")
    if not one.gained_people:
        return told
    unworked = _(
        "Of the %(people)s people behind the gained alerts, %(unworked)s were never judged by anybody: their outcome is"
        " unknown, and counts here as none."
    ) % {"people": number(one.gained_people), "unworked": number(one.gained_unworked)}
    return f"{told} {unworked}"


def _known(found: "Simulation") -> str:
    one, weeks = found.limits, (found.end - found.start).days / 7
    share = number(100 * one.late / one.signals, 1) if one.signals else "0"
    late = _("%(share)s of %(n)s signals were received more than a day after they happened.") % {
        "share": f"{share}{SPACE}%",
        "n": number(one.signals),
    }
    if one.known_current is None or one.known_draft is None:
        return late
    told = _(
        "Taken when they were received, the draft gives %(draft)s alerts a week and the other %(current)s; when they"
        " happened, %(draft_happened)s and %(current_happened)s."
    ) % {
        "draft": per_week(one.known_draft / weeks),
        "current": per_week(one.known_current / weeks),
        "draft_happened": per_week(found.now.per_week),
        "current_happened": per_week(found.current.per_week),
    }
    return f"{late} {told}"


def _kinds(found: "Simulation") -> Iterator[tuple[str, str]]:
    """Kinds of signals that were not recorded from the start."""
    never = [str(word("kind", one.kind)) for one in found.limits.kinds if one.first_at is None]
    seen = [one for one in found.limits.kinds if one.first_at and one.first_at >= found.start]
    if seen:
        yield (
            _("What kinds of signals say before they were first recorded"),
            "; ".join(_first(one) for one in seen) + ".",
        )
    if never:
        yield _("What kinds say that were never recorded"), ", ".join(never) + "."


def _first(one: "KindSeen") -> str:
    told = _("%(kind)s from %(day)s on") % {"kind": word("kind", one.kind), "day": _day(one.first_at)}
    why = _("not recorded before") if one.missed else _("rare: perhaps recorded, and nobody did it")
    return f"{told} ({why})"


def _day(at: datetime | date | None) -> str:
    return moments.full_day(at) if at else "–"

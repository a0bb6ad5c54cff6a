"""Conditions, delays and hours of an agreement as people say them."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vendange.agreement.conditions import DIMENSIONS as CONDITION_DIMENSIONS
from vendange.agreement.conditions import Condition, Leaf
from vendange.agreement.terms import Calendar, Span
from vendange.web import figures, moments
from vendange.words import Word, word

DIMENSIONS: Final[Mapping[str, Word]] = {
    "person.level": gettext_lazy("rank"),
    "person.role": gettext_lazy("part in the purchase"),
    "person.job_title": gettext_lazy("job title"),
    "person.country": gettext_lazy("country"),
    "person.language": gettext_lazy("language"),
    "person.source": gettext_lazy("first source"),
    "person.known_since": gettext_lazy("known to us"),
    "organisation.employees": gettext_lazy("employees"),
    "organisation.industry": gettext_lazy("industry"),
    "organisation.country": gettext_lazy("country of the company"),
    "organisation.region": gettext_lazy("region"),
    "organisation.postal_code": gettext_lazy("postcode"),
    "organisation.tier": gettext_lazy("target"),
    "path": gettext_lazy("page"),
    "asset": gettext_lazy("document"),
    "campaign": gettext_lazy("campaign"),
    "channel": gettext_lazy("channel"),
    "topic": gettext_lazy("topic"),
    "value": gettext_lazy("value"),
    "origin": gettext_lazy("origin"),
    "at": gettext_lazy("day"),
}
CODED: Final[Mapping[str, str]] = {
    "person.level": "level",
    "person.role": "buying_role",
    "organisation.tier": "tier",
    "origin": "origin",
}
WEEKDAYS: Final = (
    gettext_lazy("Mon"),
    gettext_lazy("Tue"),
    gettext_lazy("Wed"),
    gettext_lazy("Thu"),
    gettext_lazy("Fri"),
    gettext_lazy("Sat"),
    gettext_lazy("Sun"),
)


def condition_in_words(condition: Condition | None) -> str:
    """A condition as one line; "" for none."""
    if condition is None:
        return ""
    if isinstance(condition, Leaf):
        return leaf_in_words(condition)
    parts = [part_in_words(part) for part in condition.parts]
    if condition.join == "none":
        return _("neither %(parts)s") % {"parts": _(" nor ").join(parts)}
    return (_(" and ") if condition.join == "all" else _(" or ")).join(parts)


def part_in_words(part: Condition) -> str:
    """In brackets when it is a choice of its own."""
    told = condition_in_words(part)
    return told if isinstance(part, Leaf) or len(part.parts) == 1 else f"({told})"


def leaf_in_words(leaf: Leaf) -> str:
    if leaf.operator == "exists":
        known = _("%(what)s known") if leaf.value else _("%(what)s not known")
        return known % {"what": DIMENSIONS[leaf.dimension]}
    values = [value_in_words(leaf, one) for one in (leaf.value if isinstance(leaf.value, tuple) else (leaf.value,))]
    told = {"what": DIMENSIONS[leaf.dimension], "value": ", ".join(values)}
    match leaf.operator:
        case "between":
            return _("%(what)s from %(low)s to %(high)s") % {**told, "low": values[0], "high": values[1]}
        case "at_least":
            return _("%(what)s at least %(value)s") % told
        case "at_most":
            return _("%(what)s at most %(value)s") % told
        case "before":
            return _("%(what)s before %(value)s") % told
        case "after":
            return _("%(what)s after %(value)s") % told
        case "starts_with":
            return _("%(what)s begins with %(value)s") % told
        case "contains":
            return _("%(what)s contains “%(value)s”") % told
        case "not":
            return _("%(what)s other than %(value)s") % told
        case "in":
            return _("%(what)s among %(value)s") % told
    return _("%(what)s: %(value)s") % told


def value_in_words(leaf: Leaf, value: object) -> str:
    if leaf.dimension in CODED:
        return str(word(CODED[leaf.dimension], str(value)))
    if CONDITION_DIMENSIONS[leaf.dimension] == "date":
        return moments.full_day(date.fromisoformat(str(value)))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return figures.number(value, 0 if float(value).is_integer() else 1)
    return str(value)


def span_in_words(span: Span) -> str:
    """A delay: "1 working hour", "24 hours"."""
    told = {"n": span.amount}
    match span.unit:
        case "minutes":
            return ngettext("%(n)s minute", "%(n)s minutes", span.amount) % told
        case "hours":
            return ngettext("%(n)s hour", "%(n)s hours", span.amount) % told
        case "days":
            return ngettext("%(n)s day", "%(n)s days", span.amount) % told
        case "working_minutes":
            return ngettext("%(n)s working minute", "%(n)s working minutes", span.amount) % told
        case "working_hours":
            return ngettext("%(n)s working hour", "%(n)s working hours", span.amount) % told
        case "working_days":
            return ngettext("%(n)s working day", "%(n)s working days", span.amount) % told


def time_in_words(days: float) -> str:
    """Elapsed days in the largest unit that tells them whole: "14 days", "6 hours"."""
    if days.is_integer():
        return span_in_words(Span(int(days), "days"))
    minutes = round(days * 24 * 60)
    return span_in_words(Span(minutes // 60, "hours") if minutes % 60 == 0 else Span(minutes, "minutes"))


def share_in_words(share: float) -> str:
    percent = round(100 * share, 1)
    return f"{figures.number(percent, 0 if percent.is_integer() else 1)}{figures.SPACE}%"


def hours_in_words(calendar: Calendar) -> list[str]:
    """Opening hours, days with the same hours together: "Mon–Fri 9:00–12:30, 13:30–18:00"."""
    groups: list[tuple[list[int], tuple[tuple[int, int], ...]]] = []
    for day in sorted(calendar.hours, key=lambda hours: hours.weekday):
        if groups and groups[-1][1] == day.periods and groups[-1][0][-1] == day.weekday - 1:
            groups[-1][0].append(day.weekday)
        elif day.periods:
            groups.append(([day.weekday], day.periods))
    return [f"{days_in_words(days)} {periods_in_words(periods)}" for days, periods in groups]


def days_in_words(days: list[int]) -> str:
    first, last = WEEKDAYS[days[0]], WEEKDAYS[days[-1]]
    return str(first) if len(days) == 1 else f"{first}–{last}"


def periods_in_words(periods: tuple[tuple[int, int], ...]) -> str:
    return ", ".join(f"{clock(start)}–{clock(end)}" for start, end in periods)


def clock(minutes: int) -> str:
    hour, rest = divmod(minutes, 60)
    return _("%(hour)s:%(minutes)s") % {"hour": hour, "minutes": f"{rest:02d}"}

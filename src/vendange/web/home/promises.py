"""Promises of the month as sentences with a bar: what was said, what came of it, on how many cases."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from vendange.agreement.terms import Span
from vendange.report.rules import NEARLY, Delivered, Kept
from vendange.web.called import lower_first
from vendange.web.figures import SPACE, number, rate
from vendange.words import word


@dataclass(frozen=True, slots=True)
class Line:
    who: str
    what: str
    figure: str
    rests_on: str
    state: str
    value: float
    mark: float | None
    few: bool


def span_words(span: Span) -> str:
    """1 h, 24 h, 5 working days."""
    n = span.amount
    return {
        "minutes": f"{n}{SPACE}min",
        "hours": f"{n}{SPACE}h",
        "days": ngettext("%(n)s day", "%(n)s days", n) % {"n": n},
        "working_minutes": ngettext("%(n)s working minute", "%(n)s working minutes", n) % {"n": n},
        "working_hours": ngettext("%(n)s working hour", "%(n)s working hours", n) % {"n": n},
        "working_days": ngettext("%(n)s working day", "%(n)s working days", n) % {"n": n},
    }[span.unit]


def lines(delivered: Sequence[Delivered], kept: Sequence[Kept]) -> list[Line]:
    return [*map(volume, delivered), *map(delay, kept)]


def volume(one: Delivered) -> Line:
    most = max(one.at_least, 1)
    return Line(
        who=str(word("side", "marketing")),
        what=_("promises %(n)s: %(which)s")
        % {"n": number(one.at_least), "which": lower_first(one.label.in_language(get_language() or "en"))},
        figure=number(one.passed),
        rests_on=_("expected %(n)s by now") % {"n": number(one.expected)},
        state=one.state,
        value=100 * one.passed / most,
        mark=100 * one.expected / most,
        few=False,
    )


def delay(one: Kept) -> Line:
    who, what = said(one)
    if not one.due:
        return Line(who, what, "–", _("nothing due yet"), "", 0, None, False)
    figure, base = number(one.kept), _("of %(n)s") % {"n": number(one.due)}
    if not one.few:
        figure, base = rate(one.kept, one.due), _("%(n)s of %(all)s") % {"n": number(one.kept), "all": number(one.due)}
    return Line(who, what, figure, base, one.state, 100 * one.kept / one.due, 100 * NEARLY, one.few)


def said(one: Kept) -> tuple[str, str]:
    within = {"time": span_words(one.within)}
    return {
        "judge": (str(word("user_role", "ldr")), _("judges in %(time)s") % within),
        "accept": (str(word("side", "sales")), _("accept in %(time)s") % within),
        "call": (str(word("side", "sales")), _("call in %(time)s") % within),
        "report": (str(word("side", "sales")), _("report in %(time)s") % within),
    }[one.code]

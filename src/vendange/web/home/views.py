"""Home: the same common metric for everyone, what awaits me, the promises of the month."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from vendange.agree.queries import NoAgreement, Terms, in_force
from vendange.report import queries
from vendange.report.rules import FEW, Signed
from vendange.web.access import Request, signed_in
from vendange.web.home import fall, promises, series
from vendange.web.home.awaiting import awaiting
from vendange.web.home.period import CHOICES, Period, midnight, month_of, period_of, said
from vendange.web.shell import may_open
from vendange.web.show import show

MONTHS, WEEKS = 12, 26


@signed_in
@require_safe
def home(request: Request) -> HttpResponse:
    now = timezone.now()
    period = period_of(request.GET.dict(), now)
    terms = terms_at(now)
    context: dict[str, Any] = {
        "period": period,
        "period_said": said(period, now),
        "choices": CHOICES,
        "as_table": request.GET.get("as") == "table",
        "asked": request.GET.urlencode(),
        "terms": terms,
        "awaiting": awaiting(request.user, now),
        **common(period, now),
        **waterfall(period, terms, now),
    }
    if not context["raised"] and queries.is_empty():
        return show(request, page="home/empty.html", context={**context, **first_steps(request)})
    context.update(this_month(terms, now))
    context.update(charts(terms, now))
    return show(request, page="home/page.html", context=context)


def first_steps(request: Request) -> dict[str, Any]:
    """What an empty house says to this colleague."""
    return {"greeted": request.user.first_name, "may_begin": may_open(request.user.role, "agreement_start")}


def terms_at(now: datetime) -> Terms | None:
    try:
        return in_force(now)
    except NoAgreement:
        return None


def common(period: Period, now: datetime) -> dict[str, Any]:
    """The figure that stands above departmental ones, against the period before at the same age (R11)."""
    here = queries.signed(period.start, period.end, known_by=now)
    before = queries.signed(period.before.start, period.before.end, known_by=period.before.end)
    comparable = before.passed >= FEW and here.passed >= FEW and before.currency == here.currency
    return {"signed": here, "few": here.passed < FEW, "trend": trend(here, before) if comparable else None}


def trend(here: Signed, before: Signed) -> dict[str, float | None]:
    """Changes in percent; of the conversion in points."""
    points = 100 * here.sales / here.passed - 100 * before.sales / before.passed
    each = change(here.each_cents, before.each_cents)
    return {
        "cents": change(here.cents, before.cents),
        "passed": change(here.passed, before.passed),
        "points": round(points, 1),
        "each": each,
    }


def change(here: float | None, before: float | None) -> float | None:
    return round(100 * (here - before) / before) if here is not None and before else None


def waterfall(period: Period, terms: Terms | None, now: datetime) -> dict[str, Any]:
    found = queries.waterfall(period.start, period.end, now=now)
    within = promises.span_words(terms.agreement.delays.call) if terms else ""
    return {
        "fall": found,
        "raised": found.raised,
        "columns": fall.columns(found, within),
        "outline": fall.outline(found),
        "shadows": fall.shadows(found),
    }


def this_month(terms: Terms | None, now: datetime) -> dict[str, Any]:
    if terms is None:
        return {"promises": []}
    start, end = month_of(now)
    return {"promises": promises.lines(*queries.promises(terms.agreement, start=start, end=end, now=now))}


def charts(terms: Terms | None, now: datetime) -> dict[str, Any]:
    zone = ZoneInfo(timezone.get_current_timezone_name())
    month_starts, week_starts = series.month_starts(now, MONTHS), series.week_starts(now, WEEKS)
    by_month = queries.by_month(midnight(month_starts[0]), now, zone)
    by_week = queries.by_week(midnight(week_starts[0]), now, zone)
    promised = terms.agreement.volumes[0] if terms and terms.agreement.volumes else None
    return {
        "months": series.months(by_month, month_starts, promised.at_least if promised else 0),
        "promised_label": promised.label.in_language(get_language() or "en") if promised else "",
        "weeks": series.weeks(by_week, week_starts),
    }

"""Where one person stands at one moment, with the lines that add up to it."""

import math
from collections.abc import Sequence

from vendange.agreement.terms import Agreement
from vendange.engine.compiled import plan_of
from vendange.engine.grades import borders, engagement_grade, fit_grade, warmth_of
from vendange.engine.kernel import Running, fit_of, in_order, set_aside_as
from vendange.engine.rows import Measure, Profile, SignalRow


def measure(agreement: Agreement, profile: Profile, signals: Sequence[SignalRow], as_of: int) -> Measure:
    """Fit, engagement, grade and temperature at `as_of` (microseconds); later signals are left out."""
    plan = plan_of(agreement)
    running = Running(plan)
    for signal in in_order(signals):
        if signal.at > as_of:
            break
        running.add(signal)
    fit, fit_lines = fit_of(plan, profile)
    engagement = running.engagement(as_of)
    graded, acted = fit_grade(agreement, fit), engagement_grade(agreement, engagement)
    return Measure(
        as_of=as_of,
        fit=fit,
        fit_grade=graded,
        engagement=engagement,
        engagement_grade=acted,
        grade=graded + acted,
        temperature=warmth_of(agreement, engagement),
        set_aside=set_aside_as(plan, profile),
        lines=fit_lines + running.lines(as_of),
        next_change_at=_next_fall(running, engagement, as_of),
    )


def _next_fall(running: Running, engagement: float, as_of: int) -> int | None:
    """First microsecond after `as_of` at which engagement is below a border that it now reaches."""
    reached = [border for border in borders(running.plan.agreement) if border <= engagement]
    if not reached:
        return None
    border = max(reached)
    slowest = min(rate for rate, count in zip(running.plan.rates, running.counts, strict=True) if count)
    uncapped = math.fsum(
        total * math.exp(-rate * (as_of - last))
        for total, rate, last in zip(running.sums, running.plan.rates, running.last, strict=True)
    )
    above = as_of
    below = as_of + 2 + math.ceil(math.log(2 * max(uncapped, border) / border) / slowest)
    while below - above > 1:
        middle = (above + below) // 2
        if running.engagement(middle) < border:
            below = middle
        else:
            above = middle
    return below

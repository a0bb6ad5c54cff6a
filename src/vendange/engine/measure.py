"""Where people stand at one moment, with the lines that add up to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from vendange.agreement.terms import Agreement
from vendange.engine.crowd import Crowd, Someone, crowd_of_rows
from vendange.engine.grades import ENGAGEMENT, WARMTH, fit_grade, fits, grade
from vendange.engine.kernel.jars import NEVER
from vendange.engine.kernel.running import Kernel, ends_at
from vendange.engine.kernel.standing import Standing
from vendange.engine.lines import engagement_lines, fit_lines
from vendange.engine.plan import WORD, Plan, plan_of
from vendange.engine.rows import Measure, Profile, SignalRow


def measure(agreement: Agreement, profile: Profile, signals: Sequence[SignalRow], as_of: int) -> Measure:
    """One person at `as_of` (microseconds); later signals are left out."""
    plan = plan_of(agreement)
    crowd = crowd_of_rows(plan, [Someone(0, None, profile, signals)])
    return next(iter(measure_all(plan, crowd, as_of)))


def measure_all(plan: Plan, crowd: Crowd, as_of: int, *, compiled: bool | None = None) -> Iterator[Measure]:
    """Everybody of the crowd, in its order, with lines and the moment of the next change."""
    kernel = Kernel(plan, len(crowd.at), compiled=compiled)
    standing = Standing(*map(listed, kernel.stand(crowd, as_of, jars=True, next_change=True)))
    points, ends = listed(fits(plan, crowd)), listed(ends_at(crowd, as_of))
    plain = Crowd(*(listed(getattr(crowd, column)) for column in Crowd.__slots__))
    for person in range(crowd.size):
        yield _Reading(plan, plain, standing, person).measured(as_of, points[person], ends[person])


def listed(column: Any) -> list[Any]:
    """As a list: numbers are taken out of it one by one much faster than out of an array."""
    return column if isinstance(column, list) else list(column.tolist())


@dataclass(frozen=True, slots=True)
class _Reading:
    """One person's part of a standing."""

    plan: Plan
    crowd: Crowd
    standing: Standing
    person: int

    def measured(self, as_of: int, fit: float, end: int) -> Measure:
        agreement = self.plan.agreement
        engagement, *dimensions = self.part(self.standing.engagement, self.plan.tracks)
        band, acted = fit_grade(agreement, fit), grade(agreement.grades.engagement, engagement)
        falls = int(self.standing.next_change[self.person])
        lines = fit_lines(self.plan, self.crowd, self.person)
        return Measure(
            as_of=as_of,
            fit=fit,
            fit_grade=band,
            engagement=engagement,
            engagement_grade=acted,
            grade=band + acted,
            temperature=WARMTH[int(self.standing.warmth[self.person])],
            set_aside=set_aside_as(self.plan, self.crowd, self.person),
            lines=lines + engagement_lines(self.plan, self.crowd, self.standing, self.person, end),
            next_change_at=None if falls == NEVER else falls,
            dimensions={
                one.id: (points, band + ENGAGEMENT[ENGAGEMENT.index(grade(one.grades, points))])
                for one, points in zip(agreement.dimensions, dimensions, strict=True)
            },
            interests=dict(zip(self.topics, self.part(self.standing.interest, len(self.topics)), strict=True)),
            changes=tuple(
                topic
                for topic, holds in zip(self.topics, self.part(self.standing.changed, len(self.topics)), strict=True)
                if holds
            ),
        )

    @property
    def topics(self) -> tuple[str, ...]:
        interests = self.plan.agreement.interests
        return tuple(topic.id for topic in interests.topics) if interests else ()

    def part(self, column: Any, width: int) -> list[float]:
        return [float(one) for one in column[self.person * width : (self.person + 1) * width]]


def set_aside_as(plan: Plan, crowd: Crowd, person: int) -> str:
    """Id of the first reason that sets the person aside, "" for none."""
    for place, reason in enumerate(plan.aside_ids):
        if int(crowd.aside[place // WORD * crowd.size + person]) >> (place % WORD) & 1:
            return reason
    return ""

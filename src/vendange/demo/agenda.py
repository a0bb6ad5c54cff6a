"""What simulated colleagues mean to do, and when: a queue of plans in working time."""

import heapq
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from vendange.agreement.calendars import due, next_opening
from vendange.agreement.terms import Calendar, Span
from vendange.qualify.actions import AlreadyJudged, TakenByColleague
from vendange.sell.actions import NotNow, NotYours

# Somebody else was quicker, or the lead has moved on: the house says no, as it would to real people.
TOO_LATE: Final = (AlreadyJudged, TakenByColleague, NotYours, NotNow)
Plan = Callable[[datetime], None]


@dataclass(slots=True)
class Agenda:
    """Plans run in the order of their times, each with its own time as `now`."""

    calendar: Calendar
    rng: random.Random
    end: datetime
    plans: list[tuple[datetime, int, Plan]] = field(default_factory=list)
    made: int = 0

    def at(self, when: datetime, plan: Plan) -> None:
        """Plan something; what lies after the end of the simulation is left to real people."""
        if when < self.end:
            self.made += 1
            heapq.heappush(self.plans, (when, self.made, plan))

    def in_working_minutes(self, now: datetime, minutes: float, plan: Plan) -> datetime:
        when = self.after(now, minutes)
        self.at(when, plan)
        return when

    def after(self, now: datetime, minutes: float) -> datetime:
        seconds = timedelta(seconds=self.rng.randrange(60))
        return due(now, Span(max(1, round(minutes)), "working_minutes"), self.calendar) + seconds

    def in_days(self, now: datetime, days: float) -> datetime:
        """A working moment about so many days later."""
        opening = next_opening(now + timedelta(days=days), self.calendar)
        return due(opening, Span(self.rng.randrange(5, 150), "working_minutes"), self.calendar)

    def run_until(self, when: datetime) -> None:
        while self.plans and self.plans[0][0] <= when:
            at, _, plan = heapq.heappop(self.plans)
            with suppress(*TOO_LATE):
                plan(at)

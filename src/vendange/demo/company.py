"""Ateliers Rochebrune, an invented French maker of machine tools: months of its life, lived through the real code.

Nothing is written here: signals arrive, colleagues act and the clock ticks exactly as they do for real users.
"""

import gc
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db import transaction

from vendange.agree.queries import terms_of
from vendange.capture.actions import source_named, trust_source
from vendange.capture.rules import Incoming
from vendange.demo import acts, seasons, segments, team
from vendange.demo.agenda import Agenda
from vendange.demo.days import Days
from vendange.demo.desk_work import DeskWork
from vendange.demo.intentions import intentions
from vendange.demo.last_days import LastDays, cast_of
from vendange.demo.market import market
from vendange.demo.sales_work import SalesWork
from vendange.demo.team import LOGINS, Login, NoExamples, Team
from vendange.journey import clock, handover
from vendange.journey.arrive import arrive
from vendange.models import Deal, Lead, Organisation, Person, Review, Signal, Source, User
from vendange.models.outgoing import discard
from vendange.route.queries import takers, with_nobody

__all__ = ["LOGINS", "Built", "Login", "NoExamples", "NotEmpty", "build"]

DAYS_PER_MONTH: Final = 30.44
CALLING: Final = frozenset({"quote_requested", "demo_requested", "configuration_saved", "callback_requested"})
TICK: Final = time(8, 55)  # once a working day is enough here: the real worker does it all the time
TAKEN_IN: Final = (TICK,)  # when signals are taken in; a revealing act, and all before it, at once


class NotEmpty(Exception):
    """There is a company in this database already; the message says what to do."""

    def __init__(self) -> None:
        super().__init__(
            "This database has users already, and the sample company never mixes with real data. "
            "Give an empty place: VENDANGE_HOME=/some/new/folder vendange demo"
        )


@dataclass(frozen=True, slots=True)
class Built:
    """What the simulation left behind."""

    people: int
    organisations: int
    signals: int
    leads: int
    passed: int
    won: int


@transaction.atomic
def build(
    *,
    people: int = 1500,
    months: int = 18,
    seed: int = 7,
    now: datetime,
    progress: Callable[[str, float], None],
) -> Built:
    """Simulate `months` months that end at `now`, in one transaction: all of it or nothing.

    `progress` is told a sentence in English and the share done, from 0 to 1. Raises NotEmpty and NoExamples.
    """
    if User.objects.exists():
        raise NotEmpty
    words = team.text()
    progress("Hiring colleagues", 0.0)
    with _rare_collections():
        life = _Life.begin(people=people, months=months, seed=seed, now=now, words=words)
        for number in range(life.days):
            life.live(number)
            progress(f"{life.date_of(number):%B %Y}", (number + 1) / life.days)
        life.end()
    return _counted()


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Millions of short-lived rows hold few cycles: looking for them rarely saves a tenth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _counted() -> Built:
    return Built(
        people=Person.objects.count(),
        organisations=Organisation.objects.count(),
        signals=Signal.objects.count(),
        leads=Lead.objects.count(),
        passed=Review.objects.filter(outcome="pass").values("lead").distinct().count(),
        won=Deal.objects.filter(status="won").count(),
    )


@dataclass(slots=True)
class _Life:
    """The company between its first day and now."""

    first: date
    now: datetime
    days: int
    second_version: int
    words: str
    team: Team
    market: Days
    agenda: Agenda
    desk: DeskWork
    sales: SalesWork
    waiting: list[Incoming] = field(default_factory=list)  # signals that are not taken in yet, in order

    @classmethod
    def begin(cls, *, people: int, months: int, seed: int, now: datetime, words: str) -> "_Life":
        rng = random.Random(seed)
        today = now.astimezone(seasons.PARIS).date()
        first = today - timedelta(days=round(months * DAYS_PER_MONTH))
        days = (today - first).days + 1
        start = datetime.combine(first, time(0, 30), tzinfo=seasons.PARIS)
        colleagues = team.hire(people=people, start=start, end=now, rng=rng)
        version = team.sign(team.first_text(words), (colleagues.head, colleagues.manager), start)
        calendar = terms_of(version).agreement.calendar
        sources = {name: source_named(name=name, kind=kind, now=start).pk for name, kind in acts.SOURCES.items()}
        for one in Source.objects.filter(pk__in=sources.values()):  # all of them speak from servers of theirs
            trust_source(source=one, trusted=True, by=colleagues.head, now=start)
        whole = market(people=people, days=days, rng=rng)
        scenes = cast_of(whole, days, rng)
        hidden = intentions(whole, days, [scene.contact.firm for scene in scenes], rng)
        alone = frozenset(scene.contact.email for scene in scenes)
        agenda = Agenda(calendar, rng, now)
        desk = DeskWork(colleagues, whole, hidden, agenda, start, rng, alone)
        sales = SalesWork(colleagues, desk, agenda, rng, alone)
        street = Days(whole, hidden, calendar, sources, rng)
        desk.on_pass = sales.look
        LastDays(scenes, street, colleagues, agenda, desk, sales, rng).plan()
        return cls(first, now, days, days // 3, words, colleagues, street, agenda, desk, sales)

    def date_of(self, number: int) -> date:
        return self.first + timedelta(days=number)

    def live(self, number: int) -> None:
        """One day: signals arrive in several batches, the clock ticks, and colleagues act in between."""
        day = self.date_of(number)
        if number == self.second_version:
            at = self._at(day, time(8, 30))
            team.sign(self.words, (self.team.head, self.team.manager), at)
        today = self.market.signals_of(number, day)
        self.waiting.extend(one for one in today if one.occurred_at < self.now)
        is_working = seasons.busyness(day, self.agenda.calendar) > 0.1
        moments = [self._at(day, at) for at in (TAKEN_IN if is_working else ())]
        moments += [one.occurred_at + timedelta(seconds=20) for one in today if one.kind in CALLING]
        for at in sorted(one for one in moments if one < self.now):
            self._until(at)
            if at.astimezone(seasons.PARIS).time() == TICK:
                self._tick(at)

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=seasons.PARIS)

    def _until(self, now: datetime) -> None:
        """Let everything happen up to a moment."""
        self.agenda.run_until(now)
        due = [one for one in self.waiting if one.occurred_at <= now]
        if due:
            self.waiting = [one for one in self.waiting if one.occurred_at > now]
            if arrive(signals=due, now=now).leads:
                self.desk.look(now)

    def _tick(self, now: datetime) -> None:
        done = clock.tick(now=now)
        if done.woken:
            self.desk.look(now)
        if done.reassigned or done.found or self._given_by_hand(now):
            self.sales.look(now)

    def _given_by_hand(self, now: datetime) -> int:
        """What nobody could take for two days, the manager gives to whoever has most room."""
        stuck = list(with_nobody(before=now - timedelta(days=2)))
        for lead in stuck:
            lightest = min(takers(), key=lambda user: user.leads.count())
            handover.give(lead=lead, salesperson=lightest.salesperson, by=self.team.manager, now=now)
        return len(stuck)

    def end(self) -> None:
        """Now: what is due is done, and no letter of the past leaves the house."""
        self._until(self.now)
        self._tick(self.now)
        segments.keep(self.team.head, self.now)
        discard(before=self.now, because="Sample company: letters of the simulated months are not sent.")

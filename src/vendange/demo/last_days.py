"""The last days before now, arranged so that everybody who signs in finds something to do, whatever the hour is."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vendange.agree.queries import in_force, terms_of
from vendange.agreement.calendars import due, is_open
from vendange.demo import acts
from vendange.demo.acts import Did
from vendange.demo.agenda import Agenda
from vendange.demo.days import Days
from vendange.demo.desk_work import DeskWork
from vendange.demo.market import Contact, Market
from vendange.demo.places import RHONE_ALPES
from vendange.demo.sales_work import SalesWork
from vendange.demo.seasons import PARIS
from vendange.demo.team import Team
from vendange.journey import deal, desk, handover, passing
from vendange.journey.arrive import arrive
from vendange.models import Lead
from vendange.qualify.rules import Judgement

HOUR: Final = timedelta(hours=1)
# Who plays what: the first ones matter most, a small company has no more.
PARTS: Final = (
    *("late", "to_accept", "late_call", "report_owed", "to_call", "soon", "nobody", "soon", "call_back", "to_call"),
    *("soon", "soon", "report_owed", "late", "to_call", "soon", "soon", "opportunity", "soon", "follow_up", "nobody"),
    *("soon", "opportunity", "follow_up", "soon", "soon"),
)
PEOPLE_PER_PART: Final = 8  # in a small company only one person in eight plays a part
# Hours before now at which a lead of Hugo's is passed, accepted, called; later steps follow from the part.
HUGO: Final = {
    "to_accept": ((0.7,),),
    "to_call": ((3, 2.4), (6, 5), (19, 18)),
    "late_call": ((28, 27),),
    "report_owed": ((98, 96, 90), (50, 49, 45)),
    "follow_up": ((220, 218, 210), (170, 169, 160)),
    "opportunity": ((950, 948, 940), (1300, 1290, 1280)),
}


@dataclass(frozen=True, slots=True)
class Scene:
    """One person of the cast, and what part their lead plays."""

    contact: Contact
    part: str


def cast_of(market: Market, days: int, rng: random.Random) -> list[Scene]:
    """People who fit well and have been known for a while, one a firm; fewer parts in a small company."""
    known = [one for one in market.contacts if one.arrives < max(1, days - 60) and _fits(one)]
    rng.shuffle(known)
    scenes: list[Scene] = []
    used: set[str] = set()
    for part in PARTS[: len(market.contacts) // PEOPLE_PER_PART]:
        free = [one for one in known if one.firm.domain not in used]
        one = next((c for c in free if _suits(c, part)), free[0] if free and part in HUGO else None)
        if one:
            used.add(one.firm.domain)
            scenes.append(Scene(one, part))
    return scenes


def _fits(contact: Contact) -> bool:
    firm = contact.firm
    ranked = contact.level in {"manager", "director", "executive"}
    return firm.kind == "maker" and ranked and firm.employees >= 50 and firm.industry not in {"C17", "C22", "C26"}


def _suits(contact: Contact, part: str) -> bool:
    town = contact.firm.town
    if part == "nobody":
        return town.country == "IT"
    return town.region in RHONE_ALPES if part in HUGO else town.country == "FR"


@dataclass(slots=True)
class LastDays:
    """Plans the scenes. Their people are left alone by the simulated desk and salespeople."""

    scenes: Sequence[Scene]
    street: Days
    team: Team
    agenda: Agenda
    desk: DeskWork
    sales: SalesWork
    rng: random.Random

    def plan(self) -> None:
        """Put all scenes into the agenda."""
        soon, late = self._desk_moments()
        hours = {part: iter(times) for part, times in HUGO.items()}
        pushes = iter(self._pushes())
        for scene in self.scenes:
            push = next(pushes)
            if scene.part in HUGO:
                self._hugo(scene, next(hours[scene.part]), push)
            elif scene.part == "nobody":
                self._pass_at(scene.contact, self._near(25), push)
            elif scene.part == "call_back":
                self._call_back(scene.contact, push)
            else:
                self._open_at(scene.contact, next(late if scene.part == "late" else soon), push)

    def _pushes(self) -> Iterator[str]:
        """What brings each lead to the desk: revealing acts, and now and then a score."""
        while True:
            yield from (
                "quote_requested",
                "score",
                "demo_requested",
                "configuration_saved",
                "score",
                "callback_requested",
            )

    def _desk_moments(self) -> tuple[Iterator[datetime], Iterator[datetime]]:
        """Moments at which an alert opens that is still due now, and the latest at which it is late by now."""
        agreement = terms_of(in_force(self.agenda.end).version).agreement
        soon: list[datetime] = []
        late: list[datetime] = []
        at = self.agenda.end - timedelta(minutes=4)
        while len(late) < 40 and at > self.agenda.end - timedelta(days=12):
            (soon if due(at, agreement.desk.judge_within, agreement.calendar) > self.agenda.end else late).append(at)
            at -= timedelta(minutes=self.rng.randrange(4, 8))
        soon = soon or [self.agenda.end - timedelta(minutes=2)]
        return (soon[place % len(soon)] for place in range(len(self.scenes))), iter((late or soon)[3::7])

    def _near(self, hours: float) -> datetime:
        """A working moment about so many hours before now, else that moment."""
        wanted = self.agenda.end - hours * HOUR
        tries = (wanted + self.rng.uniform(-0.15, 0.15) * hours * HOUR for _ in range(24))
        return next((at for at in tries if is_open(at, self.agenda.calendar)), wanted)

    def _open_at(self, contact: Contact, at: datetime, push: str) -> None:
        """A few visits in the days before, then the one that calls a human."""
        for days in (11, 6, 2):
            before = (at - timedelta(days=days, minutes=self.rng.randrange(200))).astimezone(PARIS)
            dids = [acts.machine_page(self.rng), acts.article(self.rng)]
            self.street.expected[before.date()].append((contact, dids, before))
        self.agenda.at(at, lambda now: self._come(contact, self._push(push), now))

    def _push(self, push: str) -> list[Did]:
        if push != "score":
            return [acts.machine_page(self.rng), acts.asks(push, self.rng)]
        return [
            acts.visited("Porte ouverte"),
            acts.told_by_partner(self.rng),
            *(acts.prices(self.rng) for _ in range(3)),
        ]

    def _come(self, contact: Contact, dids: Sequence[Did], now: datetime) -> None:
        seconds = timedelta(seconds=15)
        arrive(
            signals=[self.street.signal(contact, did, now - seconds * (len(dids) - n)) for n, did in enumerate(dids)],
            now=now,
        )

    def _lead(self, contact: Contact) -> Lead | None:
        return Lead.objects.filter(person__email=contact.email).select_related("agreement").order_by("-pk").first()

    def _call_back(self, contact: Contact, push: str) -> None:
        at = self._near(4)
        self._open_at(contact, at, push)
        self.agenda.at(at + timedelta(minutes=12), lambda now: self._promise(contact, now))

    def _promise(self, contact: Contact, now: datetime) -> None:
        if lead := self._lead(contact):
            nadia, back = self.team.desk[0], self.agenda.end + timedelta(minutes=50)
            desk.take(lead=lead, by=nadia, now=now)
            note = "En réunion, rappeler sur sa ligne directe."
            desk.log_call(lead=lead, by=nadia, now=now, result="call_back", call_back_at=back, note=note)

    def _pass_at(self, contact: Contact, at: datetime, push: str, *, to_hugo: bool = False) -> None:
        self._open_at(contact, at - timedelta(minutes=35), push)
        self.agenda.at(at, lambda now: self._pass(contact, now, to_hugo=to_hugo))

    def _pass(self, contact: Contact, now: datetime, *, to_hugo: bool) -> None:
        lead = self._lead(contact)
        if lead is None:
            return
        nadia = self.team.desk[0]
        judgement = self.desk.passing("project", terms_of(lead.agreement).agreement)
        chosen = passing.preview(lead, now).chosen
        if to_hugo and (chosen is None or chosen.candidate.id != self.team.hugo.pk):
            judgement = Judgement(
                "pass",
                criteria=judgement.criteria,
                gap_reason=judgement.gap_reason or "Hugo connaît l'atelier.",
                note=judgement.note,
                salesperson_id=self.team.hugo.pk,
            )
        desk.take(lead=lead, by=nadia, now=now - timedelta(minutes=6))
        desk.log_call(lead=lead, by=nadia, now=now - timedelta(minutes=2), result="reached")
        desk.judge(lead=lead, by=nadia, now=now, judgement=judgement)

    def _hugo(self, scene: Scene, hours: tuple[float, ...], push: str) -> None:
        """A lead of Hugo's, as far along as its part says."""
        contact, hugo = scene.contact, self.team.hugo.user
        passed = self._near(hours[0])
        steps = [passed + (hours[0] - later) * HOUR for later in hours[1:]]
        self._pass_at(contact, passed, push, to_hugo=True)
        if steps:
            self._then(contact, steps[0], passed, lambda lead, now: handover.accept(lead=lead, by=hugo, now=now))
        if len(steps) > 1:
            self._then(
                contact,
                steps[1],
                passed,
                lambda lead, now: handover.log_call(lead=lead, by=hugo, now=now, result="reached"),
            )
        if scene.part in {"follow_up", "opportunity"}:
            self._then(contact, steps[1] + 30 * HOUR, steps[1], self._report)
        if scene.part == "opportunity":
            self._then(contact, steps[1] + 300 * HOUR, steps[1], self._open_deal)

    def _then(self, contact: Contact, at: datetime, after: datetime, act: Callable[[Lead, datetime], object]) -> None:
        def on_the_lead(now: datetime) -> None:
            if lead := self._lead(contact):
                act(lead, now)

        self.agenda.at(self._working(at, after), on_the_lead)

    def _working(self, at: datetime, after: datetime) -> datetime:
        """That moment, or the last one before it at which somebody works, but never before `after`."""
        while not is_open(at, self.agenda.calendar) and at > after:
            at -= timedelta(minutes=20)
        return max(at, after + timedelta(minutes=5))

    def _report(self, lead: Lead, now: datetime) -> None:
        answers = self.sales.answers(lead, truth="project", reached=True, then="project")
        next_at = self._ahead()
        handover.file_report(lead=lead, by=self.team.hugo.user, now=now, answers=answers, next_at=next_at)

    def _open_deal(self, lead: Lead, now: datetime) -> None:
        deal.open_deal(
            lead=lead,
            by=self.team.hugo.user,
            now=now,
            amount_cents=self.rng.randrange(90, 420) * 100_000,
            expected_on=(self.agenda.end + timedelta(days=self.rng.randrange(20, 90))).date(),
            next_at=self._ahead(),
        )

    def _ahead(self) -> datetime:
        return self.agenda.in_days(self.agenda.end, self.rng.uniform(0.5, 6))

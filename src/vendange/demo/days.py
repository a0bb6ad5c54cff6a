"""What happens on one day in the market, as signals of people and of machines."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from vendange.agreement.terms import Calendar
from vendange.capture.rules import Incoming, Who
from vendange.demo import acts, seasons
from vendange.demo.acts import Did
from vendange.demo.intentions import Intention, Intentions
from vendange.demo.market import Contact, Market

IDLE_VISITS = 0.012  # per known person and ordinary working day
CURIOUS_VISITS = 0.12
STRAY_ACTS = 0.00011  # revealing acts of people who mean nothing by them, per known person and day
OPENERS, MACHINES = 0.03, 0.035  # share of a newsletter clicked by people, and by mail scanners


@dataclass(slots=True)
class Days:
    """The market, day after day. `sources` holds the id of each source by its name."""

    market: Market
    hidden: Intentions
    calendar: Calendar
    sources: dict[str, int]
    rng: random.Random
    known: list[Contact] = field(default_factory=list)
    active: list[Intention] = field(default_factory=list)
    invited: dict[str, list[Contact]] = field(default_factory=lambda: defaultdict(list))
    expected: dict[date, list[tuple[Contact, list[Did], datetime]]] = field(default_factory=lambda: defaultdict(list))
    begun: int = 0
    sent: int = 0

    def signals_of(self, number: int, day: date) -> list[Incoming]:
        """All signals of one day, in order. The first day also brings the address book in."""
        busy = seasons.busyness(day, self.calendar)
        found = [*self._newcomers(number, day), *self._of_intentions(number, day, busy)]
        found.extend(self._noise(day, busy))
        found.extend(self._appointments(day))
        for contact, dids, at in self.expected.pop(day, ()):
            found.extend(self.visit(contact, dids, at))
        if seasons.is_newsletter_day(day):
            found.extend(self._newsletter(day))
        found.sort(key=lambda one: one.occurred_at)
        return found

    def visit(self, contact: Contact, dids: list[Did], start: datetime) -> Iterator[Incoming]:
        """What somebody did on one visit, as it reaches us; the first time with what they declare of themselves."""
        for did in dids:
            yield self.signal(contact, did, acts.at(did, start))

    def signal(self, contact: Contact, did: Did, at: datetime) -> Incoming:
        self.sent += 1
        traits = {} if contact.introduced else contact.traits()
        contact.introduced = True
        return Incoming(
            source_id=self.sources[did.source],
            message_id=f"demo-{self.sent}",
            kind=did.kind,
            occurred_at=at,
            received_at=at + timedelta(seconds=2),
            who=Who(email=contact.email, traits=traits),
            path=did.path,
            asset=did.asset,
            campaign=did.campaign,
            channel=did.channel,
            topic=did.topic,
            value=did.value,
            verdict=did.verdict,
        )

    def introduce(self, contact: Contact, at: datetime) -> Incoming:
        """A line of the old address book: a declaration, no signal."""
        self.sent += 1
        contact.introduced = True
        return Incoming(
            source_id=self.sources[acts.BOOK],
            message_id=f"demo-{self.sent}",
            kind="",
            occurred_at=at,
            received_at=at,
            who=Who(email=contact.email, traits={**contact.traits(), "source": acts.BOOK}),
            origin="reported",
        )

    def _newcomers(self, number: int, day: date) -> Iterator[Incoming]:
        contacts = self.market.contacts
        while len(self.known) < len(contacts) and contacts[len(self.known)].arrives <= number:
            contact = contacts[len(self.known)]
            self.known.append(contact)
            at = seasons.moment(day, self.rng)
            if number == 0:
                yield self.introduce(contact, at)
            elif not contact.introduced:
                kind = self.rng.choices(("newsletter_subscribed", "form_submitted", "content_downloaded"), (4, 3, 3))[0]
                path = {"newsletter_subscribed": "/newsletter", "form_submitted": "/contact"}.get(kind, "")
                did = acts.paper(self.rng) if kind == "content_downloaded" else Did(kind, path=path, channel="web")
                yield from self.visit(contact, [acts.article(self.rng), did], at)

    def _of_intentions(self, number: int, day: date, busy: float) -> Iterator[Incoming]:
        starts = self.hidden.by_start
        while self.begun < len(starts) and starts[self.begun].start <= number:
            self.active.append(starts[self.begun])
            self.begun += 1
        self.active = [one for one in self.active if one.end >= number]
        for one in self.active:
            for contact in one.group:
                if self.rng.random() < one.visits(number) * busy:
                    dids = (acts.buying_visit if one.is_near(number) else acts.looking_visit)(self.rng)
                    yield from self.visit(contact, dids, seasons.moment(day, self.rng))
            for on, contact, kind in one.acts:
                if on == number:
                    dids = [acts.machine_page(self.rng), acts.asks(kind, self.rng)]
                    yield from self.visit(contact, dids, seasons.moment(day, self.rng))

    def _noise(self, day: date, busy: float) -> Iterator[Incoming]:
        if not self.known:
            return
        for _ in range(seasons.poisson(len(self.known) * IDLE_VISITS * busy, self.rng)):
            contact = self.rng.choice(self.known)
            greedy = contact.curious and self.rng.random() < CURIOUS_VISITS / IDLE_VISITS
            dids = (acts.greedy_visit if greedy else acts.idle_visit)(self.rng)
            yield from self.visit(contact, dids, seasons.moment(day, self.rng))
        for _ in range(seasons.poisson(len(self.known) * STRAY_ACTS * busy, self.rng)):
            kind = self.rng.choice(("callback_requested", "quote_requested", "configuration_saved"))
            contact = self.rng.choice(self.known)
            yield self.signal(contact, acts.asks(kind, self.rng), seasons.moment(day, self.rng))

    def _appointments(self, day: date) -> Iterator[Incoming]:
        """Fairs and webinars: some register four days before, and some of those come."""
        for ahead in (0, 4):
            coming = day + timedelta(days=ahead)
            for name, share, come in (
                (seasons.fair_on(coming), 0.03, acts.visited),
                (seasons.webinar_on(coming), 0.015, acts.attended),
            ):
                if not name or not self.known:
                    continue
                if ahead:
                    self.invited[name] = self._guests(share)
                    for one in self.invited[name]:
                        yield self.signal(one, acts.registered(name), seasons.moment(day, self.rng))
                else:
                    guests = [one for one in self.invited[name] if self.rng.random() < 0.6]
                    for one in guests:
                        yield self.signal(one, come(name), seasons.moment(day, self.rng))

    def _guests(self, share: float) -> list[Contact]:
        wanted = [contact for one in self.active for contact in one.group if self.rng.random() < 0.16]
        others = self.rng.sample(self.known, min(len(self.known), round(len(self.known) * share)))
        return list({one.email: one for one in (*wanted, *others)}.values())

    def _newsletter(self, day: date) -> Iterator[Incoming]:
        campaign = f"Lettre {day:%Y-%m}"
        start = datetime.combine(day, datetime.min.time(), tzinfo=seasons.PARIS) + timedelta(hours=9)
        for contact in self.rng.sample(self.known, round(len(self.known) * MACHINES)):
            yield self.signal(
                contact, acts.clicked(campaign, "machine"), start + timedelta(seconds=self.rng.randrange(90))
            )
        for contact in self.rng.sample(self.known, round(len(self.known) * OPENERS)):
            at = start + timedelta(seconds=round(self.rng.expovariate(1 / 7200)) % 36_000)
            yield from self.visit(contact, [acts.clicked(campaign), acts.article(self.rng)], at)

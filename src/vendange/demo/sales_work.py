"""How the simulated salespeople work: accept, call, report, give back, open projects, win and lose."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vendange.agree.queries import terms_of
from vendange.demo import names
from vendange.demo.agenda import Agenda, Plan
from vendange.demo.desk_work import DeskWork
from vendange.demo.team import Team
from vendange.journey import deal, handover
from vendange.models import Assignment, Lead, User

FORGETS, REFUSES = 0.035, 0.012  # share of leads that a salesperson never calls; refuses before accepting
CALLS_AT_MOST: Final = 3
AFTER_REPORT: Final = {  # what comes of a lead once the salesperson has spoken with the person
    "project": {"project": 62, "again": 18, "give_back": 14, "lose": 6},
    "interest": {"project": 17, "again": 23, "give_back": 46, "lose": 14},
    "nothing": {"project": 3, "again": 10, "give_back": 62, "lose": 25},
}
WINS: Final = {"project": 0.46, "interest": 0.22, "nothing": 0.1}
RETURNS: Final = {"postponed": 30, "immature": 28, "other-contact": 14, "other-lead": 6, "gone-cold": 22}
WHY_RETURNED: Final = {
    "postponed": "Investissement repoussé à l'exercice suivant.",
    "immature": "Pas de besoin formulé, lit par curiosité.",
    "other-contact": "C'est le directeur technique qui suit le dossier.",
    "other-lead": "Autre atelier du groupe, autre machine.",
    "gone-cold": "Ne répond plus depuis l'envoi du devis.",
    "unreachable": "Trois essais, jamais joint.",
}
WHY_LOST: Final = (
    "Délai de livraison trop long",
    "Prix, un confrère a fait 15 % de moins",
    "Achat d'une machine d'occasion",
    "Projet abandonné par la direction",
    "Le groupe impose un autre fournisseur",
)
WHY_REFUSED: Final = "En déplacement toute la semaine"
SENTENCES: Final = (
    "Deux tours à remplacer, décision au comité d'investissement.",
    "Veut une pièce d'essai avant de parler prix.",
    "Bon contact, demande un chiffrage en crédit-bail.",
    "À revoir avec le responsable méthodes.",
    "Compare trois constructeurs, nous sommes dans la liste.",
)


@dataclass(slots=True)
class SalesWork:
    """Plans the work of salespeople on each lead that they are given."""

    team: Team
    desk: DeskWork
    agenda: Agenda
    rng: random.Random
    left_alone: frozenset[str]
    seen: int = 0

    def look(self, now: datetime) -> None:
        """Salespeople see which leads they were given since they looked last."""
        fresh = Assignment.objects.filter(pk__gt=self.seen).order_by("pk")
        for one in fresh.select_related("lead__person", "salesperson__user"):
            self.seen = one.pk
            if one.lead.person.email not in self.left_alone:
                self._receive(one, now)

    def _receive(self, one: Assignment, now: datetime) -> None:
        by = one.salesperson.user
        opened = self.team.is_back(one.salesperson, self.agenda.after(now, self.rng.lognormvariate(0, 0.8) * 50))
        promptness = self.team.promptness[one.salesperson_id]
        draw = self.rng.random() if promptness < 1 else 1.0
        if draw < FORGETS:
            return
        if draw < FORGETS + REFUSES:
            self._plan(one, opened, lambda at: self._refuse(one.lead, by, at))
            return
        prompt = self.rng.random() < promptness
        call_at = self.agenda.after(opened, self.rng.uniform(10, 130) if prompt else self.rng.uniform(500, 900))
        if prompt and call_at > one.call_by > opened + timedelta(minutes=5):
            call_at = opened + timedelta(minutes=4)  # the week-end is near: better now than late
        self._plan(one, opened, lambda at: self._accept(one.lead, by, at))
        self._plan(one, call_at, lambda at: self.call(one, at, attempt=1))

    def _plan(self, one: Assignment, when: datetime, plan: Plan) -> None:
        """A plan that falls away when the lead has gone to somebody else meanwhile."""

        def if_still_theirs(now: datetime) -> None:
            if Assignment.objects.filter(pk=one.pk, ended_at__isnull=True).exists():
                plan(now)

        self.agenda.at(self.team.is_back(one.salesperson, when), if_still_theirs)

    def _accept(self, lead: Lead, by: User, now: datetime) -> None:
        handover.accept(lead=lead, by=by, now=now)

    def _refuse(self, lead: Lead, by: User, now: datetime) -> None:
        handover.decline(lead=lead, by=by, now=now, why=WHY_REFUSED)
        self.look(now)

    def call(self, one: Assignment, now: datetime, *, attempt: int) -> None:
        """One attempt; then another one, the report, or the lead back."""
        by = one.salesperson.user
        result = self.rng.choices(("reached", "no_answer", "message", "call_back"), (58, 22, 14, 6))[0]
        if result == "call_back":
            back = self.agenda.in_days(now, self.rng.uniform(0.5, 4))
            handover.log_call(lead=one.lead, by=by, now=now, result=result, call_back_at=back)
            self._plan(one, back, lambda at: self.call(one, at, attempt=attempt))
            return
        handover.log_call(lead=one.lead, by=by, now=now, result=result)
        if result == "reached" or attempt == CALLS_AT_MOST:
            late = self.rng.random() < 0.14
            written = self.agenda.in_days(now, self.rng.uniform(7, 10) if late else self.rng.uniform(0.1, 3.5))
            self._plan(one, written, lambda at: self.report(one, at, reached=result == "reached"))
        else:
            again = self.agenda.in_days(now, self.rng.uniform(0.6, 2))
            self._plan(one, again, lambda at: self.call(one, at, attempt=attempt + 1))

    def report(self, one: Assignment, now: datetime, *, reached: bool) -> None:
        """The account of the call, and what is to come of it."""
        truth = self.desk.truth(one.lead, now)
        weights = AFTER_REPORT[truth] if reached else {"again": 30, "give_back": 70}
        then = self.rng.choices(list(weights), list(weights.values()))[0]
        days = {"project": (6, 24), "again": (12, 35), "give_back": (1, 6), "lose": (8, 30)}[then]
        next_at = self.agenda.in_days(now, self.rng.uniform(*days))
        answers = self.answers(one.lead, truth=truth, reached=reached, then=then)
        handover.file_report(lead=one.lead, by=one.salesperson.user, now=now, answers=answers, next_at=next_at)
        plans: Mapping[str, Plan] = {
            "project": lambda at: self.open_deal(one, at),
            "again": lambda at: self.call(one, at, attempt=CALLS_AT_MOST),
            "give_back": lambda at: self._give_back(one, at, reached=reached),
            "lose": lambda at: self._lose(one, at),
        }
        self._plan(one, next_at, plans[then])

    def answers(self, lead: Lead, *, truth: str, reached: bool, then: str) -> dict[str, str]:
        """An answer to each field of the agreement that has choices, likely for this truth."""
        good = truth == "project"
        wanted = {
            "reached": "yes" if reached else "no",
            "right-person": self.rng.choice(("yes", "yes", "adviser") if good else ("yes", "adviser", "no")),
            "project-date": self.rng.choice(
                ("quarter", "half-year", "half-year", "year") if good else ("later", "none")
            ),
            "budget": self.rng.choice(("voted", "planned", "planned") if good else ("unknown", "none", "planned")),
            "next": {"project": self.rng.choice(("visit", "demo", "quote")), "give_back": "return"}.get(then, "call"),
            "sentence": self.rng.choice(SENTENCES) if reached else "",
        }
        found = {}
        for field in terms_of(lead.agreement).agreement.reports:
            choices = [code for code, _ in field.choices]
            said = wanted.get(field.id, "")
            if field.kind == "choice" and said not in choices:
                said = self.rng.choice(choices) if field.required else ""
            found[field.id] = said
        return {name: said for name, said in found.items() if said}

    def _give_back(self, one: Assignment, now: datetime, *, reached: bool) -> None:
        agreed = [reason.id for reason in terms_of(one.lead.agreement).agreement.returns]
        likely = [code for code in RETURNS if code in agreed]
        reason = self.rng.choices(likely, [RETURNS[code] for code in likely])[0] if reached else "unreachable"
        handover.give_back(
            lead=one.lead,
            by=one.salesperson.user,
            now=now,
            reason=reason if reason in agreed else agreed[0],
            note=WHY_RETURNED[reason],
            wake_at=self.agenda.in_days(now, self.rng.uniform(60, 200)) if reason == "postponed" else None,
            contact=" ".join(names.person(self.rng, "FR")) if reason == "other-contact" else "",
        )
        if reason == "other-contact":
            again = self.agenda.in_days(now, self.rng.uniform(2, 6))
            self._plan(one, again, lambda at: self.call(one, at, attempt=CALLS_AT_MOST))
        elif reason == "other-lead":
            self.desk.look(now)

    def _lose(self, one: Assignment, now: datetime) -> None:
        deal.lose(lead=one.lead, by=one.salesperson.user, now=now, why=self.rng.choice(WHY_LOST))

    def open_deal(self, one: Assignment, now: datetime) -> None:
        """A project with an amount, which ends some months later."""
        length = self.rng.uniform(35, 170)
        amount = round(min(600_000, max(40_000, self.rng.lognormvariate(12.25, 0.6))), -3)
        next_at = self.agenda.in_days(now, self.rng.uniform(10, 25))
        deal.open_deal(
            lead=one.lead,
            by=one.salesperson.user,
            now=now,
            amount_cents=int(amount) * 100,
            expected_on=(now + timedelta(days=length)).date(),
            next_at=next_at,
        )
        self._plan(one, next_at, lambda at: self._follow(one, at, now + timedelta(days=length), int(amount) * 100))

    def _follow(self, one: Assignment, now: datetime, decided_at: datetime, amount_cents: int) -> None:
        by = one.salesperson.user
        truth = self.desk.truth(one.lead, now - timedelta(days=60))
        if now >= decided_at:
            if self.rng.random() < WINS[truth]:
                final = round(amount_cents * self.rng.uniform(0.88, 1.04), -5)
                deal.win(lead=one.lead, by=by, now=now, amount_cents=int(final))
            else:
                self._lose(one, now)
            return
        if self.rng.random() < 0.6:
            handover.log_call(lead=one.lead, by=by, now=now, result=self.rng.choice(("reached", "reached", "message")))
        next_at = self.agenda.in_days(now, self.rng.uniform(18, 45))
        later = now + timedelta(minutes=12)
        answers = self.answers(one.lead, truth=truth, reached=True, then="project")
        handover.file_report(lead=one.lead, by=by, now=later, answers=answers, next_at=next_at)
        self._plan(one, next_at, lambda at: self._follow(one, at, decided_at, amount_cents))

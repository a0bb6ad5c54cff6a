"""How the simulated LDRs work: they take an alert, call, and give one outcome."""

import functools
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from vendange.agree.queries import terms_of
from vendange.agreement.terms import Agreement
from vendange.demo.agenda import Agenda
from vendange.demo.intentions import Intentions
from vendange.demo.market import Contact, Market
from vendange.demo.team import Team
from vendange.journey import desk
from vendange.journey.move import locked
from vendange.models import Lead, Review, User
from vendange.qualify.rules import Judgement

USUAL, SLOW, IS_SLOW = 16.0, 150.0, 0.08  # working minutes before an alert is opened; how often it is slow
SCENES = timedelta(days=14)  # the last days are played by `last_days`
ASLEEP = timedelta(days=700)
PASSES = {"project": 0.9, "interest": 0.3, "nothing": 0.1}
DROPS = {"project": 0.0, "interest": 0.1, "nothing": 0.32}
NOTES = {
    "pass": (
        "Tour de 1998 à remplacer, la maintenance coûte trop cher. Budget demandé pour l'exercice prochain.",
        "Nouveau marché aéronautique, il manque une cinq axes. Comparaison avec deux confrères en cours.",
        "Sous-traite la rectification et veut la reprendre dans l'atelier avant l'été.",
        "Temps de cycle trop long sur l'inox, cherche plus de rigidité.",
        "Le bâtiment est agrandi, deux machines à prévoir. Veut voir une démonstration.",
    ),
    "recycle": (
        "Pas avant le prochain budget, mais le besoin est réel.",
        "Se renseigne seulement, rappeler après le salon.",
        "Le directeur industriel arrive dans trois mois, il décidera.",
        "Carnet de commandes trop court en ce moment.",
    ),
    "eliminate": ("Étudie pour son mémoire.", "Vend lui-même des outillages.", "Cherche une machine pour son garage."),
}
GAPS = (
    "Le décideur sera présent au premier rendez-vous.",
    "Besoin net, le budget se décide le mois prochain.",
    "N'a pas voulu en dire plus au téléphone, mais compare des devis.",
)


@dataclass(slots=True)
class DeskWork:
    """Plans the work of the desk. `begin` is the first moment of the simulation; scenes leave some people alone."""

    team: Team
    market: Market
    hidden: Intentions
    agenda: Agenda
    begin: datetime
    rng: random.Random
    left_alone: frozenset[str]
    on_pass: Callable[[datetime], None] | None = None  # told when a lead has been passed
    seen: int = 0

    def look(self, now: datetime) -> None:
        """Somebody of the desk sees what has come into the queue since they looked last."""
        fresh = Review.objects.filter(pk__gt=self.seen).order_by("pk")
        for pk, email in fresh.values_list("pk", "lead__person__email"):
            self.seen = pk
            if email not in self.left_alone:
                self._plan(pk, now, first=True)
            elif now < self.agenda.end - SCENES:
                self.agenda.in_working_minutes(now, 40, functools.partial(self._not_yet, pk))

    def _not_yet(self, review_id: int, now: datetime) -> None:
        """Somebody with a part in the last days came too early: nurtured until well after them."""
        review = Review.objects.select_related("lead__agreement").get(pk=review_id)
        if review.outcome:
            return
        lead = review.lead
        track = terms_of(lead.agreement).agreement.recycling.tracks[0].id
        asleep = Judgement("recycle", note=self.rng.choice(NOTES["recycle"]), wake_at=now + ASLEEP, track=track)
        desk.judge(lead=lead, by=self.team.desk[-1], now=now, judgement=asleep)

    def truth(self, lead: Lead, now: datetime) -> str:
        contact = self.market.by_email.get(lead.person.email)
        return self.hidden.truth(contact.firm, (now - self.begin).days) if contact else "nothing"

    def _plan(self, review_id: int, now: datetime, *, first: bool) -> None:
        usual = SLOW if self.rng.random() < IS_SLOW else USUAL
        minutes = self.rng.lognormvariate(0, 0.7) * usual if first else self.rng.uniform(20, 45)
        by = self.rng.choices(self.team.desk, [3, *[1] * (len(self.team.desk) - 1)])[0]
        self.agenda.in_working_minutes(now, minutes, lambda at: self._work(review_id, by, at, first=first))

    def _work(self, review_id: int, by: User, now: datetime, *, first: bool) -> None:
        outcome, lead_id = Review.objects.values_list("outcome", "lead_id").get(pk=review_id)
        done = now + timedelta(minutes=self.rng.uniform(4, 9))
        if outcome or done >= self.agenda.end:
            return
        lead = locked(Lead(pk=lead_id))
        desk.take(lead=lead, by=by, now=now)
        result = self.rng.choices(("reached", "message", "no_answer", "call_back"), (62, 12, 18, 8))[0]
        if result == "call_back":
            back = self.agenda.after(now, self.rng.uniform(60, 700))
            desk.log_call(lead=lead, by=by, now=done, result=result, call_back_at=back)
            self.agenda.at(back, lambda at: self._work(review_id, by, at, first=False))
            return
        desk.log_call(lead=lead, by=by, now=done - timedelta(minutes=2), result=result)
        if result != "reached" and first:
            desk.release(lead=lead, by=by, now=done)
            self._plan(review_id, done, first=False)
            return
        self.judge(lead, by, done, reached=result == "reached")

    def judge(self, lead: Lead, by: User, now: datetime, *, reached: bool) -> None:
        """Give the outcome that the truth behind the lead makes likely."""
        truth = self.truth(lead, now) if reached else "interest"
        agreement = terms_of(lead.agreement).agreement
        draw = self.rng.random()
        person = self.market.by_email.get(lead.person.email)
        if person and (person.level == "student" or person.firm.kind == "competitor"):
            judgement = self._eliminate(person, agreement)
        elif draw < PASSES[truth]:
            judgement = self.passing(truth, agreement)
        elif draw < PASSES[truth] + DROPS[truth]:
            judgement = self._eliminate(person, agreement)
        else:
            judgement = self._recycle(agreement, now)
        desk.judge(lead=lead, by=by, now=now, judgement=judgement)
        if judgement.outcome == "pass" and self.on_pass:
            self.on_pass(now)

    def passing(self, truth: str, agreement: Agreement) -> Judgement:
        chance = {"project": 0.82, "interest": 0.5, "nothing": 0.3}[truth]
        found = {c.id: "met" if self.rng.random() < chance else "unknown" for c in agreement.desk.criteria}
        gap = "" if all(state == "met" for state in found.values()) else self.rng.choice(GAPS)
        return Judgement("pass", criteria=found, gap_reason=gap, note=self.rng.choice(NOTES["pass"]))

    def _recycle(self, agreement: Agreement, now: datetime) -> Judgement:
        found = {c.id: self.rng.choice(("met", "not_met", "unknown", "unknown")) for c in agreement.desk.criteria}
        return Judgement(
            "recycle",
            criteria=found,
            note=self.rng.choice(NOTES["recycle"]),
            wake_at=self.agenda.in_days(now, self.rng.choice((30, 45, 60, 90, 90, 120, 180))),
            track=self.rng.choice(agreement.recycling.tracks).id,
        )

    def _eliminate(self, person: Contact | None, agreement: Agreement) -> Judgement:
        reasons = [reason.id for reason in agreement.recycling.off_target]
        fitting = "student" if person and person.level == "student" else "competitor"
        known = fitting in reasons and person and person.level == "student"
        reason = fitting if known else self.rng.choice([one for one in reasons if one != "student"] or reasons)
        return Judgement("eliminate", note=self.rng.choice(NOTES["eliminate"]), off_target=reason)

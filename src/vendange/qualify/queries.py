"""The desk's queue, and what leads like this one became."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from vendange.agreement.conditions import holds
from vendange.agreement.stages import ON_DESK, Stage
from vendange.agreement.terms import Agreement
from vendange.engine.periods import last_day, months_in
from vendange.engine.worth import Fate, Worths, worths_of
from vendange.models import Call, Consent, ConsentText, Deal, Decision, Lead, Measure, Person, Review, Signal
from vendange.models.trail import Trail
from vendange.qualify.rules import ATTEMPTS_WITHIN, BY_MACHINE

PERIOD_LINE: Final = 2  # of the five sentences of a consent to calls, the third says for how long (C51)
DOUBTS: Final = ("lead.by_machine", "lead.taken_back", "lead.human_after_all")
LOOKED_AT: Final = 5000  # judged leads, the newest: what was usual before them says little of today


def worths(now: datetime) -> Worths:
    """What became of the newest leads that the agreement raised and the desk judged; one question to the database.

    Leads that a colleague told of, or that a file knows by their end only, were not scored: they are in no figure.
    """
    reviews = Review.objects.filter(lead=OuterRef("pk"), outcome__gt="").exclude(off_target=BY_MACHINE)
    judged = Exists(reviews)
    rows = Lead.objects.filter(judged, raised_at__lte=now).exclude(way__in=("report", "import"))
    newest = rows.order_by("-raised_at", "-id").values_list("way", "grade", "raised_at", "deal__opened_at")
    return worths_of([Fate(*row) for row in list(newest[:LOOKED_AT])[::-1]], now)


def never_judged(grade: str) -> int:
    """People who stand in this cell now and about whom nobody at the desk ever decided."""
    # All of the cell less the few who do not count: the cell may hold nearly everybody, and this is on every lead page.
    mine = Measure.objects.filter(grade=grade)
    merged = Person.objects.filter(merged_into__gt=0).annotate(cell=_cell_of("pk")).filter(cell=grade)
    outcomes = Review.objects.filter(outcome__gt="").exclude(lead__person__merged_into__gt=0)
    judged = outcomes.annotate(cell=_cell_of("lead__person")).filter(cell=grade)
    known: int = judged.aggregate(people=Count("lead__person", distinct=True))["people"]
    return mine.count() - merged.count() - known


def _cell_of(person: str) -> Subquery:
    """Where that person stands, asked for each: as a join, SQLite would begin with all who stand there."""
    return Subquery(Measure.objects.filter(person=OuterRef(person)).values("grade")[:1])


def queue(now: datetime) -> QuerySet[Review]:
    """Alerts to judge, late first, then the best chance, then the earliest promise (marketing sets this order, R53).

    Those that only a machine speaks for come last of all.
    """
    late = Case(When(due_at__lt=now, then=Value(0)), default=Value(1), output_field=IntegerField())
    return (
        Review.objects.filter(outcome="", lead__stage__in=[str(stage) for stage in ON_DESK])
        .select_related("lead__person__organisation", "lead__agreement", "taken_by")
        .annotate(late=late, doubted=Case(When(machine_at=None, then=0), default=1, output_field=IntegerField()))
        .order_by("doubted", "late", F("lead__propensity").desc(nulls_last=True), "due_at", "id")
    )


def perhaps_of_machines(people: Collection[int]) -> list[Review]:
    """Alerts of these people that nobody has judged yet, where a machine has done something or was suspected."""
    machine = Exists(Signal.objects.filter(person=OuterRef("lead__person"), verdict="machine"))
    return unjudged(people, Q(machine_at__isnull=False) | Q(machine))


def taken_back(leads: Collection[int]) -> set[int]:
    """Of these leads those whose signal its teller took back; the others that nothing speaks for are a machine's."""
    said = Trail.objects.filter(subject="lead", subject_id__in=leads, verb__in=DOUBTS).order_by("id")
    last = dict(said.values_list("subject_id", "verb"))
    return {lead for lead, verb in last.items() if verb == "lead.taken_back"}


def unjudged(people: Collection[int], which: Q) -> list[Review]:
    """Alerts of these people that nobody has judged yet."""
    before = Exists(Review.objects.filter(lead=OuterRef("lead"), outcome__gt=""))
    rows = Review.objects.filter(
        which,
        ~before,
        outcome="",
        lead__person__in=people,
        lead__stage__in=[str(stage) for stage in ON_DESK],
    )
    return list(rows.exclude(lead__way__in=("report", "import")).select_related("lead__agreement").order_by("pk"))


def criteria_met(agreement: Agreement, profile: Mapping[str, object]) -> list[str]:
    """Criteria that what is already known answers with yes."""
    return [c.id for c in agreement.desk.criteria if c.met_when is not None and holds(c.met_when, profile)]


def with_call_back(reviews: QuerySet[Review]) -> QuerySet[Any]:
    """Adds `call_back_at`: what the desk last agreed with the person since the alert, None when nothing."""
    said = Call.objects.filter(lead=OuterRef("lead"), side="marketing", at__gte=OuterRef("opened_at")).order_by("-id")
    return reviews.annotate(call_back_at=Subquery(said.values("call_back_at")[:1]))


def to_judge(now: datetime) -> QuerySet[Review]:
    """The queue without those who are to be called back later."""
    return with_call_back(queue(now)).filter(Q(call_back_at__isnull=True) | Q(call_back_at__lte=now))


def call_backs(now: datetime) -> QuerySet[Review]:
    """Those who are to be called back later, the next one first; together with `to_judge`, all that is open."""
    return with_call_back(queue(now)).filter(call_back_at__gt=now).order_by("call_back_at", "id")


def recycled() -> QuerySet[Lead]:
    """Leads that sleep, the next to wake first."""
    asleep = Lead.objects.filter(stage=str(Stage.RECYCLED))
    return asleep.select_related("person__organisation", "agreement").order_by("next_at", "id")


@dataclass(frozen=True, slots=True)
class DeskDay:
    """The desk since a moment: what was judged (and when each came), what is open, what sleeps."""

    judged: Sequence[tuple[datetime, datetime]]  # (opened, decided) of each
    passed: int
    open: int
    call_backs: int
    recycled: int

    @property
    def to_judge(self) -> int:
        return self.open - self.call_backs

    @property
    def alerts(self) -> int:
        """All that was to judge: R47, judged and open add up to it."""
        return len(self.judged) + self.open


def desk_day(since: datetime, now: datetime) -> DeskDay:
    done = Review.objects.filter(decided_at__gte=since, decided_at__lte=now, imported=False)
    rows = list(done.values_list("opened_at", "decided_at", "outcome"))
    return DeskDay(
        judged=[(opened, decided) for opened, decided, _ in rows if decided],
        passed=sum(outcome == "pass" for _, _, outcome in rows),
        open=queue(now).count(),
        call_backs=call_backs(now).count(),
        recycled=recycled().count(),
    )


def attempts(person: Person, now: datetime) -> int:
    """Calls to this person in the last 30 days, answered or not, by whomever."""
    return Call.objects.filter(person=person, at__gt=now - ATTEMPTS_WITHIN, at__lte=now).count()


def consents(person: Person) -> Mapping[str, Consent]:
    """The latest word of the person on each channel."""
    return {row.channel: row for row in Consent.objects.filter(person=person).order_by("at", "id")}


def months_agreed(given: Consent) -> float:
    """For how many months the text that was agreed to holds; a year when it is not a text of ours that says it."""
    return _months([given.wording])[given.wording]


def last_days(said: Iterable[Consent]) -> Mapping[int, datetime]:
    """The last day of each consent that ends by itself, by its number: those to calls (C53). One question for all."""
    calls = [one for one in said if one.channel == "phone" and one.status == "given"]
    months = _months({one.wording for one in calls})
    return {one.pk: last_day(one.at, months[one.wording]) for one in calls}


def _months(wordings: Collection[str]) -> Mapping[str, float]:
    """For how many months each of these wordings holds, by its code."""
    named = [one.split("/") for one in wordings]
    ours = [one for one in named if len(one) == 4 and one[3].isdecimal() and len(one[3]) <= 9]
    wanted = Q()
    for channel, purpose, language, version in ours:
        wanted |= Q(channel=channel, purpose=purpose, language=language, version=int(version))
    found = {one.code: one.text for one in ConsentText.objects.filter(wanted)} if ours else {}
    return {one: months_in(_period(found.get(one, ""))) or 12 for one in wordings}


def _period(text: str) -> str:
    return "".join(text.split("\n")[PERIOD_LINE : PERIOD_LINE + 1])


def colleagues(person: Person, limit: int = 50) -> Sequence[Person]:
    """People of the same organisation, the last to act first, with `last_kind`; the person is among them."""
    if person.organisation_id is None:
        return []
    acts = Signal.objects.filter(person=OuterRef("pk")).exclude(verdict="machine").order_by("-occurred_at", "-id")
    people = Person.objects.filter(organisation=person.organisation_id, merged_into__isnull=True)
    ordered = people.annotate(last_kind=Subquery(acts.values("kind")[:1])).order_by(
        F("last_signal_at").desc(nulls_last=True), "id"
    )
    return list(ordered[:limit])


def earlier_leads(lead: Lead, limit: int = 6) -> Sequence[Lead]:
    """Other intentions of the same person or organisation, the latest first."""
    same = Q(person=lead.person_id)
    if lead.organisation_id:
        same |= Q(organisation=lead.organisation_id)
    others = Lead.objects.filter(same).exclude(pk=lead.pk).select_related("person", "owner", "agreement")
    return list(others.order_by("-opened_at", "-id")[:limit])


def won_amounts(lead_type: str, limit: int = 500) -> Sequence[tuple[str, int]]:
    """Currency and cents of the latest sales that began as leads of this type."""
    won = Deal.objects.filter(status="won", amount_cents__isnull=False, lead__lead_type=lead_type)
    rows = won.order_by("-closed_at", "-id").values_list("currency", "amount_cents")[:limit]
    return [(currency, cents) for currency, cents in rows if cents is not None]


def first_signal(person: Person) -> Signal | None:
    return Signal.objects.filter(person=person).exclude(verdict="machine").order_by("occurred_at", "id").first()


def review_of(lead: Lead) -> Review | None:
    """The open review, else the last one."""
    reviews = lead.reviews.select_related("taken_by", "decided_by")
    return reviews.filter(outcome="").first() or reviews.order_by("-decided_at", "-id").first()


def held_by(user_id: int, now: datetime) -> Sequence[Review]:
    """Open reviews that a colleague has taken and not left."""
    mine = Review.objects.filter(outcome="", taken_by=user_id, taken_until__gt=now)
    return list(mine.select_related("lead__person").order_by("-taken_at"))


@dataclass(frozen=True, slots=True)
class Deed:
    """One act among those that called a human, and who did it."""

    signal: Signal
    person: Person
    is_colleague: bool  # of the person whom the lead is about


def deeds_of(lead: Lead) -> list[Deed]:
    """The acts that together called a human for this lead, oldest first; none when a colleague or a file spoke."""
    called = Decision.objects.filter(lead=lead, way=lead.way, rule=lead.reason).order_by("at", "pk")
    ids = called.values_list("signal_ids", flat=True).first()
    rows = Signal.objects.filter(pk__in=ids or ()).select_related("person").order_by("occurred_at", "pk")
    return [Deed(row, row.person, row.person_id != lead.person_id) for row in rows]

"""The common metric: one cohort, one definition per step, the same numbers for everyone (R11, R99, R101, R103)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Case, Count, Exists, F, Min, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import TruncMonth, TruncWeek

from vendange.agreement.calendars import due
from vendange.agreement.stages import IN_SALES, ON_DESK
from vendange.agreement.terms import Agreement
from vendange.models import (
    AgreementVersion,
    Assignment,
    Deal,
    Lead,
    Outgoing,
    RefusedEvent,
    Report,
    Review,
    Signal,
    User,
)
from vendange.report.rules import Delivered, Kept, Signed, Step, expected_by, steps

SELLING: Final = [str(stage) for stage in IN_SALES]
DESK: Final = [str(stage) for stage in ON_DESK]
JUDGED, PASSED, ACCEPTED = Q(was_judged=True), Q(was_passed=True), Q(was_accepted=True)
IN_TIME = Q(was_called_in_time=True, is_imported=False)
DEAL, LOST, SELLS = Q(deal__isnull=False), Q(stage="lost"), Q(stage__in=SELLING)

# Each step of the waterfall: who is counted there. docs/rules/common-metric.md says the same in words.
STEPS: Final[Mapping[str, Q]] = {
    "raised": Q(),
    "judged": JUDGED,
    "passed": PASSED,
    "accepted": ACCEPTED,
    "called_in_time": IN_TIME,
    "opportunities": DEAL,
    "won": Q(stage="won"),
}
UNCALLED = ACCEPTED & Q(was_called=False, is_imported=False)
# Each detour: who stopped between two steps, and where they stand now.
DETOURS: Final[Mapping[str, Q]] = {
    "unjudged": ~JUDGED,
    "kept_recycled": JUDGED & ~PASSED & Q(stage="recycled"),
    "kept_eliminated": JUDGED & ~PASSED & Q(stage="eliminated"),
    "kept_on_desk": JUDGED & ~PASSED & Q(stage__in=DESK),
    "to_accept": PASSED & ~ACCEPTED & Q(stage="passed", holder="person"),
    "nobody": PASSED & ~ACCEPTED & Q(stage="passed", holder="nobody"),
    "refused": PASSED & ~ACCEPTED & ~Q(stage="passed"),
    "called_late": ACCEPTED & Q(was_called=True, was_called_in_time=False, is_imported=False),
    "untimed": ACCEPTED & Q(is_imported=True),
    "uncalled": UNCALLED & SELLS,
    "gone_uncalled": UNCALLED & ~SELLS,
    "in_work": IN_TIME & ~DEAL & SELLS,
    "lost_early": IN_TIME & ~DEAL & LOST,
    "given_back": IN_TIME & ~DEAL & ~SELLS & ~LOST,
    "deal_open": DEAL & SELLS,
    "deal_lost": DEAL & LOST,
    "deal_given_back": DEAL & ~SELLS & ~LOST & ~Q(stage="won"),
    "joined": DEAL & ~IN_TIME,
}
LONGEST_REPORT: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Metric:
    """Leads raised in a period, and how far they have come by now.

    raised: a human was called · judged: the desk gave at least one outcome · passed: at least once to sales ·
    accepted: a salesperson took it · called: reached or not, at least one attempt · called_in_time: the first attempt
    came before the date promised · timed: accepted leads whose times are known (those of an imported past are not) ·
    opportunities: a deal was opened · won: a deal was won. Detours say where the others stand now.
    """

    start: datetime
    end: datetime
    raised: int
    judged: int
    passed: int
    accepted: int
    timed: int
    called: int
    called_in_time: int
    opportunities: int
    won: int
    won_cents: int
    waiting: int
    recycled: int
    eliminated: int
    in_sales: int
    returned: int
    lost: int


def common_metric(start: datetime, end: datetime) -> Metric:
    """One question to the database, whatever the volume."""
    figures = _cohort(start, end).aggregate(
        **_counted(STEPS),
        timed=Count("id", filter=Q(was_passed=True, is_imported=False)),
        called=Count("id", filter=Q(was_called=True, is_imported=False)),
        won_cents=Sum("deal__amount_cents", filter=Q(stage="won")),
        waiting=Count("id", filter=Q(stage__in=("alert", "judging"))),
        recycled=Count("id", filter=Q(stage="recycled")),
        eliminated=Count("id", filter=Q(stage="eliminated")),
        in_sales=Count("id", filter=Q(stage__in=("passed", "accepted", "working", "opportunity"))),
        returned=Count("id", filter=Q(stage="returned")),
        lost=Count("id", filter=Q(stage="lost")),
    )
    figures["won_cents"] = figures["won_cents"] or 0
    return Metric(start=start, end=end, **figures)


def _cohort(start: datetime, end: datetime) -> QuerySet[Lead]:
    reviews = Review.objects.filter(lead=OuterRef("pk"))
    given = Assignment.objects.filter(lead=OuterRef("pk"))
    called = given.filter(first_called_at__isnull=False)
    return Lead.objects.filter(raised_at__gte=start, raised_at__lt=end).annotate(
        was_judged=_yes(Exists(reviews.filter(outcome__gt=""))),
        was_passed=_yes(Exists(reviews.filter(outcome="pass"))),
        was_accepted=_yes(Exists(given.filter(accepted_at__isnull=False))),
        was_called=_yes(Exists(called)),
        was_called_in_time=_yes(Exists(called.filter(first_called_at__lte=F("call_by")))),
        is_imported=_yes(Exists(given.filter(imported=True))),
    )


def _yes(condition: Exists) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _counted(wanted: Mapping[str, Q]) -> dict[str, Count]:
    return {name: Count("id", filter=condition) if condition else Count("id") for name, condition in wanted.items()}


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The cohort in steps that add up, in front of the signals of the same period."""

    signals: int
    machines: int
    late: int  # of those not judged yet, past their date
    steps: tuple[Step, ...]

    @property
    def raised(self) -> int:
        return self.steps[0].count


def waterfall(start: datetime, end: datetime, *, now: datetime) -> Waterfall:
    """Two questions to the database: one for the signals, one for the leads."""
    heard = Signal.objects.filter(occurred_at__gte=start, occurred_at__lt=end).aggregate(
        signals=Count("id"), machines=Count("id", filter=Q(verdict="machine"))
    )
    late = Count("id", filter=~JUDGED & Q(next_at__lt=now))
    figures = _cohort(start, end).aggregate(**_counted(STEPS), **_counted(DETOURS), late=late)
    return Waterfall(heard["signals"], heard["machines"], figures["late"], steps(figures))


def signed(start: datetime, end: datetime, *, known_by: datetime) -> Signed:
    """What the leads raised in a period had brought by a date: the same date of life makes two periods comparable."""
    passes = Review.objects.filter(lead=OuterRef("pk"), outcome="pass", decided_at__lt=known_by)
    passed = Lead.objects.filter(raised_at__gte=start, raised_at__lt=end).filter(Exists(passes)).count()
    rows = list(
        Deal.objects.filter(status="won", closed_at__lt=known_by, lead__raised_at__gte=start, lead__raised_at__lt=end)
        .values_list("currency")
        .annotate(cents=Sum("amount_cents"), known=Count("amount_cents"), sales=Count("id"))
        .order_by("-known", "currency")
    )
    told = [(currency, cents or 0, known) for currency, cents, known, _ in rows if known]
    main, others = (told[0], tuple(told[1:])) if told else (("EUR", 0, 0), ())
    unknown = sum(sales - known for _, _, known, sales in rows)
    return Signed(passed, main[2], main[1], main[0], unknown, others)


def promises(
    agreement: Agreement, *, start: datetime, end: datetime, now: datetime
) -> tuple[list[Delivered], list[Kept]]:
    """What the agreement promises for one month, and what came of it. Counted in the month in which it fell due."""
    delays = agreement.delays
    given = Assignment.objects.filter(imported=False)
    # Taken away or closed before its date: nothing was owed any more.
    to_accept = given.annotate(done=_answered()).exclude(done__isnull=True, ended_at__lt=F("accept_by"))
    to_call = given.annotate(done=F("first_called_at")).exclude(done__isnull=True, ended_at__lt=F("call_by"))
    to_judge = Review.objects.filter(imported=False).annotate(done=F("decided_at"))
    accept, accept_due = _kept(to_accept, "accept_by", start, end, now)
    call, call_due = _kept(to_call, "call_by", start, end, now)
    judge, judge_due = _kept(to_judge, "due_at", start, end, now)
    judging = [] if agreement.desk.straight_to_sales else [Kept("judge", agreement.desk.judge_within, judge, judge_due)]
    return _delivered(agreement, start, end, now), [
        *judging,
        Kept("accept", delays.accept, accept, accept_due),
        Kept("call", delays.call, call, call_due),
        _reported(agreement, start, end, now),
    ]


def _answered() -> Case:
    """Refusing in time is answering in time; what a manager took away owed no answer any more."""
    refused = When(ended_because__in=("declined", "returned"), then=F("ended_at"))
    return Case(When(accepted_at__isnull=False, then=F("accepted_at")), refused, default=None)


def _kept(
    rows: QuerySet[Assignment] | QuerySet[Review], date: str, start: datetime, end: datetime, now: datetime
) -> tuple[int, int]:
    """`rows` say in `done` when the promise was kept. Owed: kept, early or late, or past its date."""
    found = rows.filter(**{f"{date}__gte": start, f"{date}__lt": end}).aggregate(
        kept=Count("id", filter=Q(done__lte=F(date))),
        due=Count("id", filter=Q(done__isnull=False) | Q(**{f"{date}__lt": now})),
    )
    return found["kept"], found["due"]


def _reported(agreement: Agreement, start: datetime, end: datetime, now: datetime) -> Kept:
    """The date of a report is counted from the first call, on the calendar of the lead's own agreement."""
    first = Report.objects.filter(lead=OuterRef("lead"), at__gte=OuterRef("first_called_at")).order_by("at")
    rows = (
        Assignment.objects.filter(imported=False, first_called_at__gte=start - LONGEST_REPORT, first_called_at__lt=end)
        .select_related("lead__agreement")
        .annotate(reported_at=first.values("at")[:1])
    )
    kept = owed = 0
    for row in rows:
        own = row.lead.agreement.terms
        due_at = due(row.first_called_at or start, own.delays.report, own.calendar)
        done = row.reported_at
        if start <= due_at < end and not (row.ended_at and row.ended_at < due_at and not done):
            owed += done is not None or due_at < now
            kept += done is not None and done <= due_at
    return Kept("report", agreement.delays.report, kept, owed)


def _delivered(agreement: Agreement, start: datetime, end: datetime, now: datetime) -> list[Delivered]:
    passed = dict(
        Review.objects.filter(outcome="pass", decided_at__gte=start, decided_at__lt=end)
        .values_list("lead__grade")
        .annotate(leads=Count("lead", distinct=True))
        .order_by()
    )
    calendar = agreement.calendar
    return [
        Delivered(
            one.id,
            one.label,
            sum(leads for grade, leads in passed.items() if not one.grades or grade in one.grades),
            one.at_least,
            expected_by(now, start, end, one.at_least, calendar),
        )
        for one in agreement.volumes
    ]


def by_month(start: datetime, end: datetime, zone: ZoneInfo) -> dict[datetime, tuple[int, int]]:
    """For each month in which something happened: leads passed, deals won."""
    passed = (
        Review.objects.filter(outcome="pass", decided_at__gte=start, decided_at__lt=end)
        .annotate(month=TruncMonth("decided_at", tzinfo=zone))
        .values_list("month")
        .annotate(leads=Count("lead", distinct=True))
        .order_by("month")
    )
    won = (
        Deal.objects.filter(status="won", closed_at__gte=start, closed_at__lt=end)
        .annotate(month=TruncMonth("closed_at", tzinfo=zone))
        .values_list("month")
        .annotate(sales=Count("id"))
        .order_by("month")
    )
    given, sold = dict(passed), dict(won)
    return {month: (given.get(month, 0), sold.get(month, 0)) for month in sorted({*given, *sold})}


def by_week(start: datetime, end: datetime, zone: ZoneInfo) -> dict[datetime, tuple[int, int]]:
    """For each week in which the desk judged: how many, and how many of them it passed."""
    rows = (
        Review.objects.filter(outcome__gt="", decided_at__gte=start, decided_at__lt=end)
        .annotate(week=TruncWeek("decided_at", tzinfo=zone))
        .values_list("week")
        .annotate(judged=Count("id"), passed=Count("id", filter=Q(outcome="pass")))
        .order_by("week")
    )
    return {week: (judged, passed) for week, judged, passed in rows}


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait for one thing, how many of them are late, and the date of the first."""

    count: int
    late: int
    first: datetime | None


def waiting(leads: Q, *, now: datetime) -> Waiting:
    """Open leads of a kind, by their next date."""
    found = Lead.objects.filter(leads).aggregate(
        count=Count("id"), late=Count("id", filter=Q(next_at__lt=now)), first=Min("next_at")
    )
    return Waiting(**found)


def by_next_step(user: User, *, now: datetime) -> dict[str, Waiting]:
    """What a salesperson owes, by step: accept, call, report, follow_up."""
    rows = (
        Lead.objects.filter(owner=user, stage__in=SELLING)
        .values_list("next_step")
        .annotate(count=Count("id"), late=Count("id", filter=Q(next_at__lt=now)), first=Min("next_at"))
        .order_by()
    )
    return {step: Waiting(count, late, first) for step, count, late, first in rows}


def unsigned() -> list[tuple[AgreementVersion, frozenset[str]]]:
    """Drafts, newest first, with the sides that have signed."""
    drafts = AgreementVersion.objects.filter(status="draft").prefetch_related("signatures").order_by("-number")
    return [(one, frozenset(given.side for given in one.standing)) for one in drafts]


def given_up() -> int:
    """Letters that could not be delivered."""
    return Outgoing.objects.filter(given_up_at__isnull=False).count()


def refused_since(moment: datetime) -> int:
    """Events that were not accepted, each kept with its reason."""
    return RefusedEvent.objects.filter(received_at__gte=int(moment.timestamp() * 1_000_000)).count()


def is_empty() -> bool:
    """Nothing has come in yet: no signal, no lead."""
    return not Lead.objects.exists() and not Signal.objects.exists()

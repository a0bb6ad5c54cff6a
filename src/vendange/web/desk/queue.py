"""The list on the left: what waits, in marketing's order, and the figures of the day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median

from django.utils.timezone import localtime

from vendange.agree.queries import NoAgreement, in_force, terms_of
from vendange.agreement.calendars import working_minutes_between
from vendange.models import Lead, Person, Review, User
from vendange.qualify.queries import DeskDay, call_backs, desk_day, recycled, taken_back, to_judge
from vendange.web.called import Called, called
from vendange.web.sureness import employer

SHOWN = 100
TABS = ("judge", "callbacks", "recycled")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the queue."""

    lead: Lead
    person: Person
    company: str
    called: Called
    at: datetime | None  # due, to be called back, or waking up
    is_alert_cell: bool
    held_by: User | None
    by_machine: bool = False  # nothing that a human did speaks for it any more
    taken_back: bool = False  # then: whether a colleague took back what had called


@dataclass(frozen=True, slots=True)
class Queue:
    """One tab: its first lines, how many more there are, and the figures of the day."""

    tab: str
    items: Sequence[Item]
    more: int
    day: DeskDay
    median_minutes: int | None


def queue_of(tab: str, user: User, now: datetime) -> Queue:
    midnight = localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    day = desk_day(midnight, now)
    total = {"judge": day.to_judge, "callbacks": day.call_backs, "recycled": day.recycled}[tab]
    items = lines_of(tab, user, now)
    return Queue(tab, items, max(0, total - len(items)), day, median_to_judge(day, now))


def lines_of(tab: str, user: User, now: datetime) -> list[Item]:
    if tab == "recycled":
        return [item_of(lead, lead.next_at, None) for lead in recycled()[:SHOWN]]
    reviews = call_backs(now) if tab == "callbacks" else to_judge(now)
    shown = list(reviews.select_related("lead__organisation")[:SHOWN])
    back = taken_back([review.lead_id for review in shown])
    return [
        replace(
            item_of(review.lead, review.due_at, colleague_on(review, user, now)),
            by_machine=review.machine_at is not None,
            taken_back=review.lead_id in back,
        )
        for review in shown
    ]


def colleague_on(review: Review, user: User, now: datetime) -> User | None:
    """The colleague who has this lead open now, if it is not oneself."""
    held = review.taken_by_id and review.taken_by_id != user.pk and review.taken_until and review.taken_until > now
    return review.taken_by if held else None


def item_of(lead: Lead, at: datetime | None, held_by: User | None) -> Item:
    agreement = terms_of(lead.agreement).agreement
    return Item(
        lead=lead,
        person=lead.person,
        company=employer(lead.person),
        called=called(lead, agreement),
        at=at,
        is_alert_cell=lead.grade in agreement.alert,
        held_by=held_by,
    )


def median_to_judge(day: DeskDay, now: datetime) -> int | None:
    """Working minutes from the alert to its outcome, the middle one of today; None before the first."""
    if not day.judged:
        return None
    try:
        calendar = in_force(now).agreement.calendar
    except NoAgreement:
        return None
    return round(median(working_minutes_between(opened, decided, calendar) for opened, decided in day.judged))

"""Reads what colleagues told, the shows, and what each show brought."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from vendange.meet.rules import badge_key, folded
from vendange.models import Identity, Lead, Person, Signal, TradeShow, User

MOST_ALIKE = 5
LOOKED_THROUGH = 200


@dataclass(frozen=True, slots=True)
class Brought:
    """What one show brought. `expected`: in a list, not come. `leads`: of visitors, raised at a visit or later.

    `won`: how many of these leads.
    """

    visits: int = 0
    people: int = 0
    companies: int = 0
    expected: int = 0
    leads: int = 0
    won: int = 0


def shows() -> Sequence[TradeShow]:
    return list(TradeShow.objects.select_related("source").order_by("-from_day", "-id"))


def running(today: date) -> Sequence[TradeShow]:
    """Shows of today, of yesterday and of tomorrow: stands are built the day before, and cards typed the day after."""
    near = timedelta(days=1)
    rows = TradeShow.objects.select_related("source").filter(from_day__lte=today + near, to_day__gte=today - near)
    return list(rows.order_by("from_day", "id"))


def visits_of(show: TradeShow) -> QuerySet[Signal]:
    return Signal.objects.filter(source=show.source).exclude(verdict="machine")


def brought(show: TradeShow) -> Brought:
    """Exact counts of now; four questions whatever the size of the show."""
    came = visits_of(show).aggregate(
        visits=Count("pk"),
        people=Count("person", distinct=True),
        companies=Count("person__organisation", distinct=True),
    )
    seen = visits_of(show).filter(person=OuterRef("person"), occurred_at__lte=OuterRef("raised_at"))
    followed = Lead.objects.filter(Exists(seen)).aggregate(leads=Count("pk"), won=Count("pk", filter=Q(stage="won")))
    return Brought(**came, **followed, expected=expected(show))


def visits_by_show() -> Mapping[int, int]:
    """How many visits each show brought, by the number of its source."""
    rows = Signal.objects.filter(source__trade_show__isnull=False).exclude(verdict="machine")
    return dict(rows.values_list("source").annotate(visits=Count("pk")).order_by())


def guest_prefix(show: TradeShow) -> str:
    """What the keys of the guests of one show begin with."""
    return f"guest:{show.public_id}:"


def expected(show: TradeShow) -> int:
    """How many people of the lists of this show have not come."""
    prefix = guest_prefix(show)
    rows = Identity.objects.filter(kind="external_id", value__gte=prefix, value__lt=prefix[:-1] + ";")
    came = visits_of(show).filter(person=OuterRef("person"))
    return rows.filter(~Exists(came)).values("person").distinct().count()


def latest(show: TradeShow, limit: int) -> Sequence[Signal]:
    """The last visits, newest first, with their people."""
    rows = visits_of(show).select_related("person__organisation", "by")
    return list(rows.order_by("-occurred_at", "-id")[:limit])


def latest_told(show: TradeShow, user: User, limit: int) -> Sequence[Signal]:
    """Of the last visits those that this colleague told."""
    rows = visits_of(show).filter(by=user).select_related("person__organisation", "by")
    return list(rows.order_by("-occurred_at", "-id")[:limit])


def guest_with(show: TradeShow, number: str) -> Person | None:
    """The person of the badge list who bears this number."""
    wanted = {"kind": "external_id", "value": guest_prefix(show) + badge_key(number)}
    row = Identity.objects.filter(**wanted).select_related("person__organisation").first()
    return row.person if row else None


def known_badges(show: TradeShow, numbers: Sequence[str]) -> set[str]:
    """Which of these keys of guests are known."""
    prefix = guest_prefix(show)
    rows = Identity.objects.filter(kind="external_id", value__in=[prefix + one for one in numbers])
    return {value.removeprefix(prefix) for value in rows.values_list("value", flat=True)}


def alike(people: QuerySet[Person], *, first: str, last: str, company: str) -> Sequence[Person]:
    """Known people who may be this one: the same name however it is written, or the same last name and company.

    Looks by the index of names in the usual spellings, and through the people of companies of that very name.
    """
    spelled = {spelling for name in (first, last) if name for spelling in _spellings(name)}
    rows = people.select_related("organisation")
    found = {one.pk: one for one in rows.filter(last_name__in=spelled).order_by("-last_signal_at")[:LOOKED_THROUGH]}
    if company:
        there = rows.filter(organisation__name__in=_spellings(company)).order_by("-last_signal_at")[:LOOKED_THROUGH]
        found |= {one.pk: one for one in there}
    wanted = {folded(first), folded(last)}
    same = [one for one in found.values() if {folded(one.first_name), folded(one.last_name)} == wanted]
    near = [one for one in found.values() if one not in same and _is_near(one, last, company)]
    return [*same, *near][:MOST_ALIKE]


def _is_near(one: Person, last: str, company: str) -> bool:
    there = one.organisation is not None and bool(company) and folded(one.organisation.name) == folded(company)
    return there and bool(last) and folded(one.last_name) == folded(last)


def _spellings(name: str) -> list[str]:
    return list({name, name.strip(), name.lower(), name.upper(), name.title(), name.capitalize()})


def told_by(user: User, message_id: str, source_ids: Sequence[int] | None = None) -> Signal | None:
    """What this colleague told under this message id, through whichever source."""
    rows = Signal.objects.filter(message_id=message_id, by=user).select_related("person__organisation", "source")
    return (rows.filter(source__in=source_ids) if source_ids else rows).first()


def brought_by(user: User, since: datetime) -> QuerySet[Person]:
    """People whom this colleague made by telling of them since then; they typed all that is known of them."""
    first = Signal.objects.filter(person=OuterRef("pk"), by=user, origin="reported", received_at__gte=since)
    rows = Person.objects.filter(merged_into__isnull=True, created_at__gte=since)
    return rows.filter(Exists(first.filter(received_at=OuterRef("created_at"))))


def told_since(user: User, since: datetime, limit: int) -> Sequence[Signal]:
    """What this colleague told lately, newest first."""
    rows = Signal.objects.filter(by=user, received_at__gte=since, origin="reported")
    return list(rows.select_related("person__organisation").order_by("-received_at", "-id")[:limit])

"""Links as they stand, who followed them, and who may be followed."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import TruncDate

from vendange.engine.machines import Follow, Judged
from vendange.link.rules import Said, forbidden_by, leads_to, mark_of
from vendange.models import AudienceCount, Consent, Followed, Identity, Organisation, Person, Signal, TrackedLink

ABOUT = ("tracking", "all")  # channels that decide whether somebody may be followed
REFUSED = ("refused", "withdrawn")
DELIVERED = ("email_sent", "email_delivered")
AT_ONCE = 5_000  # addresses asked for in one question


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a link was followed: by people (and how many different ones), by nobody in particular, by machines."""

    people: int = 0
    times: int = 0
    visits: int = 0
    machines: int = 0


def links(limit: int, *, before: int | None = None, closed: bool = True) -> list[TrackedLink]:
    """The newest first; with a number, those made before it."""
    rows = TrackedLink.objects.select_related("by") if closed else TrackedLink.objects.filter(closed_at=None)
    return list((rows.filter(pk__lt=before) if before else rows).order_by("-pk")[:limit])


def counts(found: Collection[TrackedLink]) -> Mapping[int, Counts]:
    """By link; three questions, however many links."""
    rows = Followed.objects.filter(link__in=[one.pk for one in found]).values("link").order_by()
    seen = ~Q(signal__verdict="machine")
    named: dict[int, Mapping[str, Any]] = {
        row["link"]: row
        for row in rows.annotate(
            people=Count("person", distinct=True, filter=seen),
            times=Count("pk", filter=seen),
            machines=Count("pk", filter=~seen),
        )
    }
    nobody = visits(found)
    return {
        one.pk: Counts(
            people=named.get(one.pk, {}).get("people", 0),
            times=named.get(one.pk, {}).get("times", 0),
            visits=sum(nobody.get((one.token, verdict), 0) for verdict in ("human", "unknown")),
            machines=named.get(one.pk, {}).get("machines", 0) + nobody.get((one.token, "machine"), 0),
        )
        for one in found
    }


def ids_of(tokens: Collection[str]) -> dict[str, int]:
    """Numbers of links by what stands in their address."""
    return dict(TrackedLink.objects.filter(token__in=tokens).values_list("token", "pk"))


def path_of(token: str) -> str:
    """How visits of nobody are counted for a link."""
    return f"/l/{token}"


def visits(found: Collection[TrackedLink]) -> dict[tuple[str, str], int]:
    rows = AudienceCount.objects.filter(
        source__in={one.source_id for one in found}, path__in=[path_of(one.token) for one in found]
    )
    counted = rows.values_list("path", "verdict").annotate(n=Sum("times")).order_by()
    return {(path.rpartition("/")[2], verdict): n for path, verdict, n in counted}


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    times: int = 0  # by people
    visits: int = 0
    machines: int = 0


def days(link: TrackedLink, first: date, last: date) -> Sequence[Day]:
    """Each day of a period, also those on which nothing was followed; days of the installation."""
    found: dict[date, list[int]] = {}
    rows = Followed.objects.filter(link=link, at__date__gte=first, at__date__lte=last)
    people = rows.annotate(day=TruncDate("at")).values_list("day", "signal__verdict").annotate(n=Count("pk")).order_by()
    for day, verdict, n in people:
        found.setdefault(day, [0, 0, 0])[2 if verdict == "machine" else 0] += n
    nobody = AudienceCount.objects.filter(source=link.source_id, day__gte=first, day__lte=last)
    nobody = nobody.filter(path=path_of(link.token))
    for day, verdict, n in nobody.values_list("day", "verdict", "times"):
        found.setdefault(day, [0, 0, 0])[2 if verdict == "machine" else 1] += n
    length = (last - first).days + 1
    return [Day(one, *found.get(one, (0, 0, 0))) for one in (first + timedelta(days=n) for n in range(length))]


@dataclass(frozen=True, slots=True)
class Follower:
    """Somebody who followed a link and still allows us to know it."""

    person: Person
    times: int
    last: datetime


def followers(link: TrackedLink, limit: int, now: datetime) -> list[Follower]:
    """People behind the latest followings, machines left out, and whoever has withdrawn since."""
    rows = Followed.objects.filter(link=link).exclude(signal__verdict="machine").values("person").order_by()
    latest = list(rows.annotate(times=Count("pk"), last=Max("at")).order_by("-last")[:limit])
    people = Person.objects.select_related("organisation").in_bulk([row["person"] for row in latest])
    allowed = said_by(people)
    return [
        Follower(people[row["person"]], row["times"], row["last"])
        for row in latest
        if not forbidden_by(allowed.get(row["person"], ()), now)
    ]


def no_longer_allowed(people: Collection[int] | None, limit: int) -> list[Followed]:
    """Followings by somebody who withdrew or objected after them, or who does not allow it now; of all, or of these."""
    refused = Consent.objects.filter(channel__in=ABOUT, status__in=REFUSED)
    if people is not None:
        refused = refused.filter(person__in=people)
    about = Consent.objects.filter(person=OuterRef("person")).order_by("-at", "-id").values("status")
    rows = Followed.objects.filter(person__in=refused.values("person")).annotate(
        tracking=Subquery(about.filter(channel="tracking")[:1]), everything=Subquery(about.filter(channel="all")[:1])
    )
    later = refused.filter(person=OuterRef("person"), at__gte=OuterRef("at"))
    rows = rows.filter(Exists(later) | ~Q(tracking="given") | Q(everything__in=REFUSED))
    return list(rows.order_by("pk")[:limit])


def said_by(people: Iterable[int]) -> dict[int, list[Said]]:
    """What each of them allowed or refused, as far as it decides whether they may be followed."""
    found: dict[int, list[Said]] = {}
    rows = Consent.objects.filter(person__in=list(people), channel__in=ABOUT).order_by("at", "id")
    for person, *said in rows.values_list("person", "channel", "status", "at"):
        found.setdefault(person, []).append(Said(*said))
    return found


def living(people: Collection[int]) -> dict[int, Person]:
    """These people by the number in their mark; who was merged into another is that other. Gone: left out."""
    found = Person.objects.in_bulk(people)
    merged = {one.merged_into_id for one in found.values() if one.merged_into_id}
    into = Person.objects.in_bulk(merged) if merged else {}
    return {number: into.get(one.merged_into_id or 0, one) for number, one in found.items()}


def of_emails(emails: Collection[str]) -> dict[str, Person]:
    """People by their e-mail address in lower case, among those who have it as a key."""
    wanted, found = sorted({one.lower() for one in emails}), dict[str, Person]()
    for first in range(0, len(wanted), AT_ONCE):
        rows = Identity.objects.filter(kind="email", value__in=wanted[first : first + AT_ONCE])
        for row in rows.select_related("person__merged_into"):
            found[row.value] = row.person.merged_into or row.person
    return found


def who_allow(organisation: Organisation | None, limit: int) -> list[Person]:
    """People with an e-mail address whose latest word on being followed is yes; of one organisation when given."""
    given = Consent.objects.filter(channel="tracking", status="given").values("person")
    rows = Person.objects.filter(pk__in=given, merged_into__isnull=True).exclude(email="")
    rows = rows.filter(organisation=organisation) if organisation else rows
    return list(rows.order_by("email", "pk")[:limit])


# What verdicts are judged by.


def around(rows: Sequence[Followed], before: timedelta, after: timedelta) -> list[Followed]:
    """All followings of the same people and through the same networks around these."""
    if not rows:
        return []
    moments = [one.at for one in rows]
    near = Followed.objects.filter(at__gte=min(moments) - before, at__lte=max(moments) + after)
    people = near.filter(person__in={one.person_id for one in rows})
    networks = {one.network for one in rows} - {""}
    through = near.filter(network__in=networks) if networks else near.none()
    found = {
        one.pk: one
        for asked in (people, through)
        for one in asked.select_related("signal", "link", "person").order_by("at", "pk")
    }
    return list(found.values())


def as_follow(one: Followed, request: Judged) -> Follow:
    return Follow(
        link=one.link_id,
        person=one.person_id,
        organisation=one.person.organisation_id,
        at=one.at,
        request=request,
        network=one.network,
        is_pixel=one.link.kind == "pixel",
    )


def delivered(people: Collection[int], first: datetime, last: datetime) -> dict[int, list[datetime]]:
    """When mail to these people was delivered, by person."""
    found: dict[int, list[datetime]] = {}
    rows = Signal.objects.filter(person__in=people, occurred_at__gte=first, occurred_at__lte=last, kind__in=DELIVERED)
    for person, at in rows.values_list("person", "occurred_at"):
        found.setdefault(person, []).append(at)
    return found


def stays(people: Collection[int], first: datetime, last: datetime) -> dict[int, list[tuple[datetime, float]]]:
    """When these people left a page, and how many seconds they had been on it, by person; machines left out."""
    found: dict[int, list[tuple[datetime, float]]] = {}
    rows = Signal.objects.filter(person__in=people, occurred_at__gte=first, occurred_at__lte=last, kind="time_spent")
    kept = rows.exclude(verdict="machine").exclude(value=None)
    for person, at, seconds in kept.values_list("person", "occurred_at", "value"):
        found.setdefault(person, []).append((at, float(seconds or 0)))
    return found


def of_signals(signals: Collection[int]) -> list[Followed]:
    """Those among these signals that are followings of links."""
    return list(Followed.objects.filter(signal__in=signals).select_related("signal", "link", "person"))


def to_judge_again(now: datetime, limit: int) -> list[Followed]:
    """Followings whose next look is due, the first due first."""
    rows = Followed.objects.filter(again_at__lte=now).select_related("signal", "link", "person")
    return list(rows.order_by("again_at", "pk")[:limit])


# Addresses for a mailing.

EMAIL = re.compile(r"[^@\s,;<>\"']{1,64}@[^@\s,;<>\"']+\.[^@\s,;<>\"']+")


@dataclass(frozen=True, slots=True)
class Addressed:
    """What one recipient gets: `address` ("" when no pixel may be shown), and why it is not marked ("" when it is)."""

    email: str
    address: str
    because: str


@dataclass(frozen=True, slots=True)
class Maker:
    """How addresses of one link are made: where we answer, what the marks are keyed with, and what others get.

    `counted`: without consent our link without a mark, which counts nobody; else the plain destination (C46). Of a
    pixel nobody gets anything without consent, whatever is asked (C44).
    """

    link: TrackedLink
    base: str
    secret: str
    counted: bool = False

    def marked(self, person: Person) -> str:
        return self._ours(f"/{mark_of(person.pk, self.link.token, self.secret)}")

    def unmarked(self) -> str:
        if self.link.kind == "pixel":
            return ""
        if self.counted:
            return self._ours("")
        link = self.link
        return leads_to(link.destination, campaign=link.campaign, channel=link.channel) if link.destination else ""

    def _ours(self, mark: str) -> str:
        door, end = ("o", ".gif") if self.link.kind == "pixel" else ("l", "")
        return f"{self.base}/v1/{door}/{self.link.token}{mark}{end}"


def addresses_of(maker: Maker, emails: Sequence[str], now: datetime) -> list[Addressed]:
    """An address for each of these e-mail addresses, once each, in their order."""
    wanted = list(dict.fromkeys(one.strip().lower() for one in emails if one.strip()))
    people = of_emails([one for one in wanted if EMAIL.fullmatch(one)])
    allowed = said_by({one.pk for one in people.values()})
    plain = maker.unmarked()
    found = []
    for email in wanted:
        person = people.get(email)
        because = forbidden_by(allowed.get(person.pk, ()), now) if person else _unknown(email)
        found.append(Addressed(email, maker.marked(person) if person and not because else plain, because))
    return found


def _unknown(email: str) -> str:
    return "unknown" if EMAIL.fullmatch(email) else "no_address"

"""Which addresses take letters, what came back, and of which of our letters it speaks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.conf import settings
from django.db.models import Count, QuerySet
from django.db.models.functions import Lower

from vendange.models import Address, Consent, Identity, InboxEvent, MailIn, Outgoing, Person, Source, User
from vendange.models.inbox import MAIL_KINDS
from vendange.reach.rules import Standing, is_signed, number_of, sign

NO_LETTERS: Final = ("dead", "complained")
REFUSED: Final = ("refused", "withdrawn")
BIGGEST: Final = 2**63 - 1
DOOR: Final = "Mail provider"  # the source whose key opens /v1/mail/


@dataclass(frozen=True, slots=True)
class Takes:
    """Whether letters may go there; if not, why (dead | complained | objected), since when, and what was said."""

    yes: bool = True
    because: str = ""
    since: datetime | None = None
    said: str = ""


def mark_of(letter: Outgoing) -> str:
    """The signed mark of a letter that is kept."""
    return sign(letter.pk or 0, letter.key, letter.recipient, settings.SECRET_KEY)


def letter_of(marks: Iterable[str]) -> Outgoing | None:
    """The letter that one of these marks proves to be ours."""
    numbers = {mark: number_of(mark) for mark in marks}
    letters = Outgoing.objects.in_bulk([one for one in numbers.values() if one <= BIGGEST])
    for mark, number in numbers.items():
        letter = letters.get(number)
        if letter is not None and is_signed(mark, letter.key, letter.recipient, settings.SECRET_KEY):
            return letter
    return None


def takes_letters(emails: Collection[str]) -> Mapping[str, Takes]:
    """For each of these addresses whether letters may go there: asked again just before each is sent (C20)."""
    wanted = {email: email.strip().lower() for email in emails}
    rows = Address.objects.filter(email__in=set(wanted.values()), state__in=NO_LETTERS)
    stopped = {row.email: Takes(False, row.state, row.changed_at, row.said) for row in rows}
    objected = _objections(set(wanted.values()))
    return {email: stopped.get(low) or objected.get(low) or Takes() for email, low in wanted.items()}


def undeliverable(emails: Collection[str]) -> Mapping[str, Takes]:
    """Addresses that are dead, or from where a complaint came."""
    rows = Address.objects.filter(email__in={one.strip().lower() for one in emails}, state__in=NO_LETTERS)
    return {row.email: Takes(False, row.state, row.changed_at, row.said) for row in rows}


def _objections(emails: Collection[str]) -> Mapping[str, Takes]:
    """Of everybody at these addresses, the latest word on letters or on everything, where it was no."""
    owners = _owners(emails)
    said = Consent.objects.filter(person__in=owners, channel__in=("email", "all")).order_by("at", "id")
    latest = {(one.person_id, one.channel): one for one in said}
    found: dict[str, Takes] = {}
    for one in latest.values():
        if one.status in REFUSED:
            for email in owners[one.person_id]:
                found[email] = Takes(False, "objected", one.at, one.wording)
    return found


def _owners(emails: Collection[str]) -> dict[int, set[str]]:
    owners: dict[int, set[str]] = {}
    keys = Identity.objects.filter(kind="email", value__in=emails).values_list("person_id", "value")
    written = [(one.pk, one.email) for one in _written(emails).only("email")]
    for person, email in [*keys, *written]:
        owners.setdefault(person, set()).add(email.lower())
    return owners


def _written(emails: Collection[str]) -> QuerySet[Person]:
    """Whose record bears one of these addresses, as `low`; through the index of addresses in lower case."""
    return Person.objects.annotate(low=Lower("email")).filter(low__in={one.lower() for one in emails if one})


def people_at(email: str) -> Sequence[Person]:
    """Everybody whom we know at this address, whoever merged into another left out."""
    owners = _owners({email.lower()}) if email else {}
    return list(Person.objects.filter(pk__in=owners, merged_into=None).order_by("pk"))


def objected(people: Collection[Person]) -> set[int]:
    """Those of them whose latest word on everything is no."""
    said = Consent.objects.filter(person__in=people, channel="all").order_by("at", "id")
    latest = dict(said.values_list("person", "status"))
    return {person for person, status in latest.items() if status in REFUSED}


def colleague_at(email: str) -> User | None:
    return User.objects.filter(email__iexact=email, is_active=True).order_by("pk").first() if email else None


def standing(email: str) -> Standing | None:
    row = address(email)
    return Standing(row.state, row.soft, row.changed_at) if row else None


def address(email: str) -> Address | None:
    return Address.objects.filter(email=email.strip().lower()).first() if email else None


def away(email: str, today: date) -> date | None:
    """The last day of an absence that is not over."""
    row = address(email)
    return row.away_until if row and row.away_until and row.away_until >= today else None


def waiting(limit: int) -> list[InboxEvent]:
    """What came in through the doors of mail providers, the oldest first."""
    return list(InboxEvent.objects.filter(kind__in=MAIL_KINDS, handled=False).order_by("id")[:limit])


def is_known(key: str) -> bool:
    return MailIn.objects.filter(key=key).exists()


def door() -> Source | None:
    """The door of the mail provider, when one was opened."""
    return Source.objects.filter(kind="mail", closed_at=None).exclude(name=MAILBOX).order_by("pk").first()


MAILBOX: Final = "Mail that comes back"  # the source of what was read in our own mailbox


def came_back(kind: str, before: int | None, until: int) -> Sequence[MailIn]:
    """The newest first; `kind` "" is everything, "ignored" what nothing followed from."""
    rows = MailIn.objects.order_by("-pk")
    if kind == "ignored":
        rows = rows.exclude(ignored="")
    elif kind:
        rows = rows.filter(kind=kind)
    return list((rows.filter(pk__lt=before) if before else rows)[:until])


def counted() -> Mapping[str, int]:
    """How many of each kind, and of how many nothing followed."""
    kinds = dict(MailIn.objects.values_list("kind").annotate(n=Count("pk")).order_by())
    return {**kinds, "ignored": MailIn.objects.exclude(ignored="").count()}


def states() -> Mapping[str, int]:
    """How many addresses stand where."""
    return dict(Address.objects.values_list("state").annotate(n=Count("pk")).order_by())


def stopped(states: Collection[str], until: int) -> Sequence[Address]:
    """Addresses in one of these states, the latest change first."""
    return list(Address.objects.filter(state__in=states).order_by("-changed_at", "-pk")[:until])


def names_at(emails: Collection[str]) -> Mapping[str, Person]:
    """Somebody at each of these addresses, in one question."""
    found = _written(emails).filter(merged_into=None).order_by("-pk")
    return {one.email.lower(): one for one in found}


def last_read() -> datetime | None:
    return MailIn.objects.order_by("-pk").values_list("received_at", flat=True).first()

"""A human vouches for what was only claimed: the record takes it over, and the score follows."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from vendange.agreement.sentence import Sentence
from vendange.belong.rules import FREE_MAIL
from vendange.identify.rules import e164
from vendange.journey.arrive import measure
from vendange.models import Fact, Person, User
from vendange.score import actions as score
from vendange.vouch import actions as vouch


def take_over(*, fact: Fact, by: User, now: datetime) -> None:
    """The person's record says this from now on; raises `vouch.actions.NotTaken`."""
    phone = e164(fact.value, fact.person.country) if fact.field == "phone" else fact.person.phone
    with transaction.atomic():
        person = vouch.take_over(fact=fact, phone=phone, private=_is_private(fact.person), by=by, now=now)
        score.touch({person.pk: None})
    measure([person.pk], now=now)


def _is_private(person: Person) -> bool:
    return person.email.rpartition("@")[2].lower() in FREE_MAIL


def report(*, person: Person, said: Mapping[str, str], reason: str = "", by: User, now: datetime) -> frozenset[str]:
    """A colleague says how a person is reached, or which part they play; raises `vouch.actions.NotReported`."""
    private = _is_private(person)
    with transaction.atomic():
        changed = vouch.report(person=person, said=said, private=private, reason=reason, by=by, now=now)
        if changed:
            score.touch({person.pk: None})
    measure([person.pk] if changed else [], now=now)
    return changed


def report_each(
    *, field: str, said: Mapping[int, str], reason: str = "", by: User, now: datetime
) -> tuple[dict[int, str], dict[int, Sentence]]:
    """Of many people, in one transaction; the clock measures them. Answers as `vouch.actions.report_each`."""
    mailboxes = Person.objects.filter(pk__among=said.keys()).values_list("pk", "email")
    private = {pk for pk, email in mailboxes if email.rpartition("@")[2].lower() in FREE_MAIL}
    with transaction.atomic():
        before, refused = vouch.report_each(field=field, said=said, private=private, reason=reason, by=by, now=now)
        score.touch(dict.fromkeys(before))
    return before, refused

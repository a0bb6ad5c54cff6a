"""Writes the record of a person, and a verified fact, when somebody vouches for what was said."""

from datetime import datetime

from django.db import transaction

from vendange.agreement.sentence import Cannot, sentence
from vendange.models import Fact, Identity, Person, User
from vendange.models.trail import record as tell
from vendange.vouch.rules import COLUMNS


class NotTaken(Cannot):
    """This fact cannot be what the record says."""


@transaction.atomic
def take_over(*, fact: Fact, phone: str, by: User, now: datetime) -> Person:
    """The person's record says this from now on, whatever it said before.

    `phone`: the value in E.164 when it is a number that can be read, else "". Raises NotTaken.
    """
    person = Person.objects.select_for_update().get(pk=fact.person_id)
    column = COLUMNS.get(fact.field)
    if column is None:
        raise NotTaken(sentence("{field} is no field of a person's record.", field=fact.field))
    before, room = getattr(person, column), getattr(Person._meta.get_field(column), "max_length", None)
    if column == "email":
        _vouch_for_address(person, fact.value, now)
    setattr(person, column, fact.value[:room])
    if column == "phone_raw":
        person.phone = phone
    person.save(update_fields=[column, "phone"])
    said = {"field": fact.field, "value": fact.value, "source": by.name[:120]}
    Fact.objects.create(person=person, origin="verified", at=now, by=by, **said)
    told = {"field": fact.field, "from": before, "to": fact.value}
    tell("fact.taken_over", person, at=now, by=by, detail=told)
    return person


def _vouch_for_address(person: Person, email: str, now: datetime) -> None:
    """The address is a key of this person from now on, unless somebody believed has given it to another."""
    held, made = Identity.objects.get_or_create(
        kind="email", value=email.lower(), defaults={"person": person, "first_seen_at": now}
    )
    if held.person_id != person.pk and not held.claimed:
        raise NotTaken(sentence("{email} is already the address of {name}.", email=email, name=held.person.name))
    if not made:
        held.person, held.claimed = person, False
        held.save(update_fields=["person", "claimed"])

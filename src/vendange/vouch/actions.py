"""Writes the record of a person, with a verified fact when somebody vouches for it, or a reported one."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from vendange.agreement.sentence import Cannot, Incomplete, sentence
from vendange.engine.places import phone_of
from vendange.models import Fact, Identity, Person, User
from vendange.models.trail import record as tell
from vendange.vouch.rules import COLUMNS, wrong


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


class NotReported(Incomplete):
    """What a colleague reports of a person cannot stand: a sentence for each field."""


@transaction.atomic
def report(
    *, person: Person, said: Mapping[str, str], private: bool, reason: str = "", by: User, now: datetime
) -> frozenset[str]:
    """The record says this from now on, on a colleague's word; returns the fields that have changed.

    `said`: of vouch.rules.REPORTED. A regime that is confirmed with a reason is a fact too, though nothing changes.
    Raises NotReported; then nothing is written.
    """
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    problems = wrong(said, country=person.country, private=private, reason=reason)
    if problems:
        raise NotReported(problems)
    before = {field: getattr(person, COLUMNS[field]) for field in said}
    changed = {field: value for field, value in said.items() if value != before[field]}
    for field, value in changed.items():
        column = COLUMNS[field]
        setattr(person, column, value[: getattr(Person._meta.get_field(column), "max_length", None)])
    if {"phone", "country"} & set(changed) and person.phone_raw:
        person.phone = phone_of(person.phone_raw, person.country).number or ("" if "phone" in changed else person.phone)
    elif "phone" in changed:
        person.phone = ""
    person.save(update_fields=[*(COLUMNS[field] for field in changed), "phone"])
    told = dict(changed)
    if reason.strip() and said.get("regime"):
        told["regime"] = said["regime"]
    source = f"{by.name}: {reason.strip()}" if reason.strip() else by.name
    Fact.objects.bulk_create(
        Fact(person=person, field=field, value=value, origin="reported", source=source[:120], at=now, by=by)
        for field, value in told.items()
        if value
    )
    if told:
        detail = {"changed": {field: [before[field], value] for field, value in told.items()}, "reason": reason[:300]}
        tell("fact.reported", person, at=now, by=by, detail=detail)
    return frozenset(told)

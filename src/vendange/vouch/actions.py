"""Writes the record of a person, with a verified fact when somebody vouches for it, or a reported one."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from vendange.agreement.sentence import Cannot, Incomplete, Sentence, sentence
from vendange.engine.places import phone_of
from vendange.models import Fact, Identity, Person, User
from vendange.models.each import add_each, update_each
from vendange.models.trail import line
from vendange.models.trail import record as tell
from vendange.vouch.rules import COLUMNS, WHY_PROFESSIONAL, told_by, wrong


class NotTaken(Cannot):
    """This fact cannot be what the record says."""


class ReasonNeeded(NotTaken):
    """It can stand once a colleague reports it and says why."""


@transaction.atomic
def take_over(*, fact: Fact, phone: str, private: bool, by: User, now: datetime) -> Person:
    """The person's record says this from now on, whatever it said before.

    `phone`: the value in E.164 when it is a number that can be read, else "". `private`: they are known by a private
    mailbox; that such a person is a professional takes a reason, so it is reported instead (C2). Raises NotTaken.
    """
    person = Person.objects.select_for_update().get(pk=fact.person_id)
    column = COLUMNS.get(fact.field)
    if column is None:
        raise NotTaken(sentence("{field} is no field of a person's record.", field=fact.field))
    if fact.field == "regime" and fact.value == "professional" and private:
        raise ReasonNeeded(WHY_PROFESSIONAL)
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
    reason, source = reason.strip(), ""
    problems = wrong(said, country=person.country, private=private, reason=reason)
    try:
        source = told_by(by.name, reason)
    except Cannot as refused:
        problems["reason"] = refused.sentence
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
    if reason and said.get("regime"):
        told["regime"] = said["regime"]
    Fact.objects.bulk_create(
        Fact(person=person, field=field, value=value, origin="reported", source=source, at=now, by=by)
        for field, value in told.items()
        if value
    )
    if told:
        detail = {"changed": {field: [before[field], value] for field, value in told.items()}, "reason": reason}
        tell("fact.reported", person, at=now, by=by, detail=detail)
    return frozenset(told)


@transaction.atomic
def report_each(
    *, field: str, said: Mapping[int, str], private: Collection[int], reason: str = "", by: User, now: datetime
) -> tuple[dict[int, str], dict[int, Sentence]]:
    """One field of many people, by their numbers, each as by `report`: what it was before where it has changed, and
    why not where it is refused.

    `field`: one that changes no other, as language and regime. `private`: those known by a private mailbox.
    """
    rows = Person.objects.select_for_update(of=("self",)).filter(pk__among=said.keys(), merged_into=None).order_by("pk")
    source, column = told_by(by.name, reason.strip()), COLUMNS[field]
    refused: dict[int, Sentence] = {}
    before: dict[int, str] = {}
    changed: list[Person] = []
    for one in rows:
        value, was = said[one.pk], str(getattr(one, column))
        if value == was:
            continue
        problems = wrong({field: value}, country=one.country, private=one.pk in private, reason=reason)
        if problems:
            refused[one.pk] = NotReported(problems).sentence
            continue
        setattr(one, column, value)
        before[one.pk] = was
        changed.append(one)
    update_each(changed, [column])
    add_each(
        Fact(person=one, field=field, value=said[one.pk], origin="reported", source=source, at=now, by=by)
        for one in changed
        if said[one.pk]
    )
    add_each(
        line("fact.reported", one, at=now, by=by, detail=_told(field, before[one.pk], said[one.pk], reason))
        for one in changed
    )
    return before, refused


def _told(field: str, before: str, after: str, reason: str) -> dict[str, object]:
    return {"changed": {field: [before, after]}, "reason": reason.strip()}


@transaction.atomic
def proved(*, person: Person, email: str, source: str, now: datetime) -> Person:
    """Whoever reads this mailbox answered a letter that was sent to it; returns whose record the address is.

    A record that is vouched for by another key gains no address in this way, or what a stranger once claimed would
    be its own: the address begins a record then, and stays a claim of the other, for a human to judge.
    """
    address = email.strip().lower()
    if not address:
        return person
    known = Identity.objects.select_for_update(of=("self",)).select_related("person").filter(kind="email")
    held = known.filter(value=address).first()
    if held is None:
        held = Identity(person=person, kind="email", value=address, claimed=True, first_seen_at=now)
    if held.claimed and _is_vouched_for(held.person):
        held.person = _parted(held.person, address, source, now)
    held.claimed = False
    held.save()
    said = Fact(field="email", value=address, origin="verified", source=source[:120], at=now)
    said.person = held.person
    said.save()
    return held.person


def _parted(person: Person, address: str, source: str, now: datetime) -> Person:
    """A record of its own for an address that was only claimed; what was claimed stays with `person` as a fact."""
    own = Person.objects.create(email=address, created_at=now, relationship="suspect", regime="unknown")
    Fact.objects.create(person=person, field="email", value=address, origin="declared", source=source[:120], at=now)
    if person.email == address:
        theirs = person.identities.filter(kind="email", claimed=False).order_by("pk").values_list("value", flat=True)
        person.email = theirs.first() or ""
        person.save(update_fields=["email"])
    tell("person.address_parted", person, at=now, by=None, detail={"address": address, "now": str(own.public_id)})
    return own


def _is_vouched_for(person: Person) -> bool:
    """Whether a source that is believed has named them, or they have answered a letter (see `identify.queries`)."""
    return person.identities.filter(claimed=False).exclude(kind="anonymous_id").exists()

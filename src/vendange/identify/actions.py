"""Writes persons, organisations, identities and declared facts, by batch: one question to the database per table."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Model, OuterRef, Subquery
from django.db.models.functions import Lower

from vendange.identify.queries import vouched_for
from vendange.identify.rules import (
    ORGANISATION_FIELDS,
    ORGANISATION_TRAITS,
    PERSON_FIELDS,
    STRONG,
    Named,
    company_domain,
    e164,
    keys_of,
    region_of,
    whole_number,
)
from vendange.models import Fact, Identity, Organisation, Person, Signal
from vendange.models.each import add_each, update_each

Key = tuple[str, str]
EMPLOYER = ("organisation", "organisation_confidence")


@dataclass(frozen=True, slots=True)
class Sighting:
    """Somebody named by keys and traits, at a time, through a source.

    `trusted`: whether this source is believed about who somebody is. Through a key that stands in a public page anybody
    can claim any address: it adds to what is known, and changes nobody's record (A27).
    """

    who: Named
    at: datetime
    source: str
    origin: str = "declared"
    trusted: bool = True


class Found(NamedTuple):
    """People in the order of their sightings, how many of them are new, and organisations of which more is known."""

    people: list[Person]
    created: int
    organisations: frozenset[int]


@dataclass(slots=True)
class _Batch:
    """What is known of the people of one batch, loaded once, and what changes."""

    now: datetime
    identities: dict[Key, Identity]
    guarded: set[int] = field(default_factory=set)  # people vouched for by a source that is believed
    vouched: set[int] = field(default_factory=set)  # id() of people whom this batch vouches for
    organisations: "_Organisations" = field(default_factory=lambda: _Organisations({}))
    created: list[Person] = field(default_factory=list)
    changed: dict[int, Person] = field(default_factory=dict)
    new_identities: list[Identity] = field(default_factory=list)
    repointed: list[Identity] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)


@transaction.atomic
def find_or_create(sightings: Sequence[Sighting], *, now: datetime) -> Found:
    """The person of each sighting. Declared traits fill blanks, never overwrite."""
    known = _known(sightings)
    batch = _Batch(now=now, identities=known, guarded=_guarded(sightings, known))
    people = [_person(sighting, batch) for sighting in sightings]
    pairs = list(zip(sightings, people, strict=True))
    batch.organisations = _Organisations.of([one for one, person in pairs if _names_organisation(one, person)])
    for sighting, person in pairs:
        _learn(person, sighting, batch)
    _save(batch)
    return Found(people, len(batch.created), frozenset(batch.organisations.told_more))


def _known(sightings: Iterable[Sighting]) -> dict[Key, Identity]:
    wanted: dict[str, set[str]] = {}
    for sighting in sightings:
        for kind, value in keys_of(sighting.who):
            wanted.setdefault(kind, set()).add(value)
        if sighting.who.anonymous_id:
            wanted.setdefault("anonymous_id", set()).add(sighting.who.anonymous_id)
    found: dict[Key, Identity] = {}
    people: dict[int, Person] = {}
    for kind, values in wanted.items():
        rows = Identity.objects.filter(kind=kind, value__in=list(values)).select_related("person__organisation")
        for row in rows:
            row.person = people.setdefault(row.person_id, row.person)  # one object for all keys of somebody
            found[row.kind, row.value] = row
    return found


def _guarded(sightings: Iterable[Sighting], known: dict[Key, Identity]) -> set[int]:
    """Those among the known whom a source that is believed has named; asked only where claims are in play."""
    named = (row for row in known.values() if row.kind in STRONG)
    if all(sighting.trusted for sighting in sightings) and not any(row.claimed for row in named):
        return set()
    return vouched_for({row.person_id for row in known.values()})


def _is_guarded(person: Person, batch: _Batch) -> bool:
    return person.pk in batch.guarded or id(person) in batch.vouched


def _person(sighting: Sighting, batch: _Batch) -> Person:
    """The first strong key that is known decides; a cookie alone names only who it has always named.

    For a source that is believed, a key that was only claimed decides last, and never that a newcomer with other keys
    is somebody whom we know already.
    """
    who = sighting.who
    strong = keys_of(who)
    found = [batch.identities[key] for key in strong if key in batch.identities]
    if sighting.trusted:
        found = [row for row in found if not row.claimed or len(strong) == 1 or not _is_guarded(row.person, batch)]
        found.sort(key=lambda row: row.claimed)
    known = found[0] if found else None
    cookie = batch.identities.get(("anonymous_id", who.anonymous_id)) if who.anonymous_id else None
    if known:
        person = known.person
    elif not strong and cookie and not cookie.shared:
        person = cookie.person
    else:
        person = Person(created_at=batch.now, relationship="suspect", regime="unknown")
        batch.created.append(person)
    guarded = not sighting.trusted and _is_guarded(person, batch)
    for key in strong:
        if not guarded or key[0] == "user_id":
            _attach(key, person, batch, claimed=not sighting.trusted)
    if who.anonymous_id:
        _remember_cookie(cookie, who.anonymous_id, person, bool(strong), batch)
    return person


def _attach(key: Key, person: Person, batch: _Batch, *, claimed: bool) -> None:
    """A new key of this person. A key that was only claimed goes to whom a source that is believed gives it."""
    row = batch.identities.get(key)
    if row is None:
        row = Identity(person=person, kind=key[0], value=key[1], first_seen_at=batch.now, claimed=claimed)
        batch.identities[key] = row
        batch.new_identities.append(row)
    elif row.claimed and not claimed:
        row.person, row.claimed = person, False
        if row.pk:
            batch.repointed.append(row)
            batch.guarded.add(person.pk)
    if not row.claimed and row.kind in STRONG:
        batch.vouched.add(id(row.person))


def _remember_cookie(cookie: Identity | None, value: str, person: Person, is_known: bool, batch: _Batch) -> None:
    """A cookie follows the last known person, and is declared shared once it has been two known ones (A25)."""
    if cookie is None:
        _attach(("anonymous_id", value), person, batch, claimed=True)
    elif is_known and cookie.person is not person and cookie.person_id != person.pk and not cookie.shared:
        if _is_anonymous(cookie.person, batch):
            cookie.person = person
        else:
            cookie.shared = True
        if cookie.pk:
            batch.repointed.append(cookie)


def _is_anonymous(person: Person, batch: _Batch) -> bool:
    if person.email:
        return False
    if any(row.person is person and row.kind != "anonymous_id" for row in batch.new_identities):
        return False
    return not (person.pk and person.identities.exclude(kind="anonymous_id").exists())


def _learn(person: Person, sighting: Sighting, batch: _Batch) -> None:
    traits = {name: value.strip() for name, value in sighting.who.traits.items() if value and value.strip()}
    if sighting.trusted or not _is_guarded(person, batch):
        _fill(person, sighting, traits, batch)
    elif sighting.who.email.lower() not in ("", person.email):
        traits["email"] = sighting.who.email.lower()
    batch.facts.extend(
        Fact(
            person=person,
            field=name[:60],
            value=value[:500],
            origin=sighting.origin,
            source=sighting.source[:120],
            at=sighting.at,
        )
        for name, value in traits.items()
    )


def _fill(person: Person, sighting: Sighting, traits: dict[str, str], batch: _Batch) -> None:
    """What was said fills what is blank. An address that is somebody else's key stays theirs."""
    before = _snapshot(person)
    email = sighting.who.email.strip().lower()
    if email and not person.email and batch.identities[("email", email)].person is person:
        person.email = email
    for name in PERSON_FIELDS:
        if traits.get(name) and not getattr(person, name):
            setattr(person, name, traits[name][: _room(Person, name)])
    if traits.get("regime") and person.regime == "unknown":
        person.regime = traits["regime"]
    _learn_phone(person, traits)
    organisation = None
    if _names_organisation(sighting, person):
        own = person.organisation if _has_own(person) else None
        organisation = batch.organisations.resolve(sighting, traits, own, batch.now)
    if organisation and not _has_own(person):
        if person.organisation_id:  # loses a visitor who was only guessed
            batch.organisations.told_more.add(person.organisation_id)
        person.organisation, person.organisation_confidence = organisation, None
    if person.pk and _snapshot(person) != before:
        batch.changed[person.pk] = person


def _names_organisation(sighting: Sighting, person: Person) -> bool:
    """Whether there is something to learn about a company: the person has none yet, or says something of one."""
    return not _has_own(person) or any(sighting.who.traits.get(trait) for trait in ORGANISATION_TRAITS)


def _has_own(person: Person) -> bool:
    """Whether they or a colleague said where they work; what the network of a visit suggests gives way to that."""
    return (person.organisation_id or person.organisation) is not None and person.organisation_confidence is None


def _room(table: type[Model], column: str) -> int | None:
    """How many characters a column holds."""
    room: int | None = getattr(table._meta.get_field(column), "max_length", None)
    return room


def _learn_phone(person: Person, traits: dict[str, str]) -> None:
    if traits.get("phone") and not person.phone:
        person.phone_raw = traits["phone"][:60]
        person.phone = e164(traits["phone"], person.country or traits.get("organisation_country", ""))


def _snapshot(person: Person) -> tuple[object, ...]:
    names = ("email", "phone", "phone_raw", *PERSON_FIELDS)
    return (*(getattr(person, name) for name in names), person.organisation_id, id(person.organisation))


def _save(batch: _Batch) -> None:
    batch.organisations.save()
    for person in (*batch.created, *batch.changed.values()):
        person.organisation = person.organisation  # takes the id that the save above gave
    Person.objects.bulk_create(batch.created)
    update_each(batch.changed.values(), ["email", "phone", "phone_raw", *EMPLOYER, *PERSON_FIELDS])
    for identity in (*batch.new_identities, *batch.repointed):
        identity.person = identity.person
    for fact in batch.facts:
        fact.person = fact.person
    add_each(batch.new_identities)
    Identity.objects.bulk_update(batch.repointed, ["person", "shared", "claimed"])
    add_each(_unsaid(batch.facts))


def _unsaid(facts: Sequence[Fact]) -> list[Fact]:
    """Only what is new: the same person declaring the same value again is one fact, not two."""
    ids = {fact.person_id for fact in facts}
    said = set(Fact.objects.filter(person_id__in=ids).values_list("person_id", "field", "value", "origin"))
    kept = []
    for fact in facts:
        key = (fact.person_id, fact.field, fact.value, fact.origin)
        if key not in said:
            said.add(key)
            kept.append(fact)
    return kept


@dataclass(slots=True)
class _Organisations:
    """The organisations that a batch names: by domain, by their id elsewhere, else by exact name."""

    by_key: dict[Key, Organisation]
    created: list[Organisation] = field(default_factory=list)
    changed: dict[int, Organisation] = field(default_factory=dict)
    told_more: set[int] = field(default_factory=set)  # those whose profile has changed, for all their people

    @classmethod
    def of(cls, sightings: Iterable[Sighting]) -> "_Organisations":
        wanted: dict[str, set[str]] = {"domain": set(), "external_id": set(), "name": set()}
        for sighting in sightings:
            for kind, value in _organisation_keys(sighting.who):
                wanted[kind].add(value)
        found: dict[Key, Organisation] = {}
        if wanted["name"]:
            named = Organisation.objects.annotate(folded=Lower("name")).filter(folded__in=list(wanted["name"]))
            found.update({("name", row.name.lower()): row for row in named.order_by("-id")})
        for kind in ("external_id", "domain"):
            if wanted[kind]:
                rows = Organisation.objects.filter(**{f"{kind}__in": list(wanted[kind])})
                found.update({(kind, getattr(row, kind)): row for row in rows})
        return cls(found)

    def resolve(
        self, sighting: Sighting, traits: dict[str, str], own: Organisation | None, now: datetime
    ) -> Organisation | None:
        keys = _organisation_keys(sighting.who)
        if not keys:
            return None
        one = next((self.by_key[key] for key in keys if key in self.by_key), None)
        if one is None and own is not None and own.external_id is None and own.name == own.domain:
            one = own
        if one is not None and one.name == one.domain:  # known by its mail addresses only until now
            one.name = traits.get("organisation", one.name)[:200]
        if one is None:
            named = traits.get("organisation") or dict(keys).get("domain") or dict(keys)["external_id"]
            one = Organisation(name=named[:200], created_at=now, domain=None, external_id=None)
            self.created.append(one)
        self._fill(one, dict(keys), traits)
        for key in keys:
            self.by_key.setdefault(key, one)
        return one

    def _fill(self, one: Organisation, keys: dict[str, str], traits: dict[str, str]) -> None:
        changed = one.name != one.domain and one.name == traits.get("organisation", "")[:200]
        for name in ("domain", "external_id"):
            if keys.get(name) and not getattr(one, name) and (name, keys[name]) not in self.by_key:
                setattr(one, name, keys[name])
                changed = True
        for trait, column in ORGANISATION_FIELDS.items():
            value = whole_number(traits.get(trait, "")) if column == "employees" else traits.get(trait)
            if value and not getattr(one, column):
                setattr(one, column, value[: _room(Organisation, column)] if isinstance(value, str) else value)
                changed = True
                if one.pk:
                    self.told_more.add(one.pk)
        if one.postal_code and not one.region:
            one.region = region_of(one.country, one.postal_code)
        if changed and one.pk:
            self.changed[one.pk] = one

    def save(self) -> None:
        Organisation.objects.bulk_create(self.created)
        update_each(self.changed.values(), ["domain", "external_id", *ORGANISATION_FIELDS.values()])


def _organisation_keys(who: Named) -> list[Key]:
    """Foreign id, domain (the company's own, else of a professional mail address), exact name; in that order."""
    traits = who.traits
    domain = company_domain("@" + traits["domain"]) if traits.get("domain") else company_domain(who.email)
    found = (
        ("external_id", traits.get("organisation_id", "").strip()),
        ("domain", domain),
        ("name", traits.get("organisation", "").strip().lower()),
    )
    return [(kind, value[:190]) for kind, value in found if value]


@transaction.atomic
def proved(*, person: Person, email: str, source: str, now: datetime) -> None:
    """Whoever reads this mailbox is this person: they answered a letter that was sent to it."""
    address = email.strip().lower()
    if not address:
        return
    Identity.objects.filter(kind="email", value=address, person=person).update(claimed=False)
    Fact.objects.create(person=person, field="email", value=address, origin="verified", source=source[:120], at=now)


def acted_again(person_ids: Collection[int]) -> None:
    """After other verdicts: the last act of each is their last signal that counts, or none (C35)."""
    acts = Signal.objects.filter(person=OuterRef("pk")).exclude(verdict="machine").order_by("-occurred_at")
    Person.objects.filter(pk__in=person_ids).update(last_signal_at=Subquery(acts.values("occurred_at")[:1]))


def acted(last_acts: Sequence[tuple[Person, datetime]]) -> None:
    """A person's last act moves with what *they* do, in whatever order we hear of it; a suspect becomes a prospect."""
    moved: dict[int, Person] = {}
    for person, at in last_acts:
        if person.last_signal_at is None or at > person.last_signal_at:
            person.last_signal_at = at
            if person.relationship == "suspect":
                person.relationship = "prospect"
            moved[person.pk] = person
    update_each(moved.values(), ["last_signal_at", "relationship"])

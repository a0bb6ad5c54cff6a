"""Writes persons, identities and declared facts, by batch: one question to the database per table."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol

from django.db import transaction
from django.db.models import Model, OuterRef, Subquery

from vendange.identify.queries import vouched_for
from vendange.identify.rules import PERSON_FIELDS, STRONG, Named, e164, keys_of
from vendange.models import Fact, Identity, Organisation, Person, Signal
from vendange.models.each import add_each, update_each
from vendange.models.fields import room

Key = tuple[str, str]
EMPLOYER: Final = ("organisation", "organisation_confidence")
# What a batch may write of somebody known, by the names of the attributes.
WRITTEN: Final = ("email", "phone", "phone_raw", "organisation_id", "organisation_confidence", *PERSON_FIELDS)
NAMES_A_COMPANY: Final = ("organisation", "organisation_id", "domain")


@dataclass(frozen=True, slots=True)
class Sighting:
    """Somebody named by keys and traits, at a time, through a source.

    `trusted`: whether this source is believed about who somebody is. Through a key that stands in a public page anybody
    can claim any address: it adds to what is known, and changes nobody's record (A27). `import_batch_id`: the file that
    says so, kept with each fact and key that it brings.
    """

    who: Named
    at: datetime
    source: str
    origin: str = "declared"
    trusted: bool = True
    import_batch_id: int | None = None


class Change(NamedTuple):
    """A value that stood in a row that was there before, and what stands there now; both as JSON can hold them."""

    table: str  # Person | Organisation | Identity
    id: int
    column: str
    before: Any
    after: Any


class Journal(NamedTuple):
    """What a batch did, so that it can be told and taken back. New facts and keys name their import themselves."""

    people: list[int]  # ids of everybody named, each once, in order
    made: dict[str, list[int]]  # Person, Organisation -> ids of the new rows, in order
    changed: list[Change]


class Found(NamedTuple):
    """People in the order of their sightings, how many of them are new, and organisations of which more is known."""

    people: list[Person]
    created: int
    organisations: frozenset[int]
    journal: Journal


class Companies(Protocol):
    """How the companies that people work for are found: the step belong, handed in by the journey."""

    @property
    def told_more(self) -> Collection[int]: ...
    @property
    def created(self) -> Collection[Organisation]: ...
    def speaks_of_one(self, traits: Mapping[str, str]) -> bool: ...
    def load(self, named: Iterable[Named]) -> None: ...
    def resolve(
        self, named: Named, traits: Mapping[str, str], own: Organisation | None, now: datetime, *, overwrite: bool
    ) -> Organisation | None: ...
    def save(self) -> None: ...
    def changes(self) -> Iterable[tuple[int, str, Any, Any]]: ...


@dataclass(slots=True)
class _Batch:
    """What is known of the people of one batch, loaded once, and what changes."""

    now: datetime
    identities: dict[Key, Identity]
    companies: Companies
    overwrite: bool = False
    guarded: set[int] = field(default_factory=set)  # people vouched for by a source that is believed
    vouched: set[int] = field(default_factory=set)  # id() of people whom this batch vouches for
    left: set[int] = field(default_factory=set)  # organisations that lose somebody who was only guessed to be theirs
    created: list[Person] = field(default_factory=list)
    changed: dict[int, Person] = field(default_factory=dict)
    new_identities: list[Identity] = field(default_factory=list)
    repointed: list[Identity] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    before: dict[int, dict[str, Any]] = field(default_factory=dict)  # known people who changed, as they were
    changes: list[Change] = field(default_factory=list)


@transaction.atomic
def find_or_create(
    sightings: Sequence[Sighting], *, companies: Companies, now: datetime, overwrite: bool = False
) -> Found:
    """The person of each sighting. Declared traits fill blanks, and overwrite only where the caller says so.

    `overwrite`: what a believed source says replaces what stands; a blank never does. Facts stay side by side.
    """
    known = _known(sightings)
    guarded = _guarded(sightings, known)
    batch = _Batch(now=now, identities=known, companies=companies, overwrite=overwrite, guarded=guarded)
    people = [_person(sighting, batch) for sighting in sightings]
    pairs = list(zip(sightings, people, strict=True))
    companies.load([one.who for one, person in pairs if _names_organisation(one, person, companies)])
    for sighting, person in pairs:
        _learn(person, sighting, batch)
    _save(batch)
    made = {"Person": batch.created, "Organisation": companies.created}
    journal = Journal(
        sorted({person.pk for person in people}),
        {name: sorted(row.pk for row in rows) for name, rows in made.items()},
        batch.changes,
    )
    return Found(people, len(batch.created), frozenset(batch.left.union(companies.told_more)), journal)


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
            _attach(key, person, sighting, batch, claimed=not sighting.trusted)
    if who.anonymous_id:
        _remember_cookie(cookie, sighting, person, bool(strong), batch)
    return person


def _attach(key: Key, person: Person, sighting: Sighting, batch: _Batch, *, claimed: bool) -> None:
    """A new key of this person. A key that was only claimed goes to whom a source that is believed gives it."""
    row = batch.identities.get(key)
    if row is None:
        row = Identity(
            person=person,
            kind=key[0],
            value=key[1],
            first_seen_at=batch.now,
            claimed=claimed,
            import_batch_id=sighting.import_batch_id,
        )
        batch.identities[key] = row
        batch.new_identities.append(row)
    elif row.claimed and not claimed:
        row.person, row.claimed = person, False
        if row.pk:
            batch.repointed.append(row)
            batch.guarded.add(person.pk)
    if not row.claimed and row.kind in STRONG:
        batch.vouched.add(id(row.person))


def _remember_cookie(
    cookie: Identity | None, sighting: Sighting, person: Person, is_known: bool, batch: _Batch
) -> None:
    """A cookie follows the last known person, and is declared shared once it has been two known ones (A25)."""
    if cookie is None:
        _attach(("anonymous_id", sighting.who.anonymous_id), person, sighting, batch, claimed=True)
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
            import_batch_id=sighting.import_batch_id,
        )
        for name, value in traits.items()
    )


def _fill(person: Person, sighting: Sighting, traits: dict[str, str], batch: _Batch) -> None:
    """What was said fills what is blank. An address that is somebody else's key stays theirs."""
    before = _snapshot(person)
    overwrite = batch.overwrite and sighting.trusted
    email = sighting.who.email.strip().lower()
    if email and (overwrite or not person.email) and batch.identities[("email", email)].person is person:
        person.email = email
    for name in PERSON_FIELDS:
        if traits.get(name) and _is_open(person, name, traits[name], overwrite=overwrite):
            setattr(person, name, traits[name][: room(Person, name)])
    _learn_phone(person, traits, overwrite=overwrite)
    organisation = None
    if _names_organisation(sighting, person, batch.companies):
        own = person.organisation if _has_own(person) else None
        organisation = batch.companies.resolve(sighting.who, traits, own, batch.now, overwrite=overwrite)
    moves = overwrite and any(traits.get(name) for name in NAMES_A_COMPANY)
    if organisation and (moves or not _has_own(person)):
        if person.organisation_id and not _has_own(person):  # loses a visitor who was only guessed
            batch.left.add(person.organisation_id)
        person.organisation, person.organisation_confidence = organisation, None
    if person.pk and _snapshot(person) != before:
        batch.changed[person.pk] = person
        batch.before.setdefault(person.pk, before[0])


def _is_open(person: Person, name: str, value: str, *, overwrite: bool) -> bool:
    """Whether this may be written there."""
    stands = getattr(person, name)
    if name == "regime":
        return value != "unknown" and (overwrite or stands in ("", "unknown"))
    return overwrite or not stands


def _names_organisation(sighting: Sighting, person: Person, companies: Companies) -> bool:
    """Whether there is something to learn about a company: the person has none yet, or says something of one."""
    return not _has_own(person) or companies.speaks_of_one(sighting.who.traits)


def _has_own(person: Person) -> bool:
    """Whether they or a colleague said where they work; what the network of a visit suggests gives way to that."""
    return (person.organisation_id or person.organisation) is not None and person.organisation_confidence is None


def _learn_phone(person: Person, traits: dict[str, str], *, overwrite: bool) -> None:
    if traits.get("phone") and (overwrite or not person.phone):
        person.phone_raw = traits["phone"][:60]
        person.phone = e164(traits["phone"], person.country or traits.get("organisation_country", ""))


def _snapshot(person: Person) -> tuple[dict[str, Any], int]:
    return {name: getattr(person, name) for name in WRITTEN}, id(person.organisation)


def _save(batch: _Batch) -> None:
    before = _as_they_stand(batch)
    batch.companies.save()
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
    batch.changes = _changes(batch, before)


def _as_they_stand(batch: _Batch) -> dict[tuple[str, int], dict[str, Any]]:
    """Every row that this batch is about to change, as the database holds it, by table and id."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    found.update({("Person", pk): values for pk, values in batch.before.items()})
    if batch.repointed:
        keys = Identity.objects.filter(pk__in=[row.pk for row in batch.repointed])
        found.update(
            {("Identity", row.pop("pk")): dict(row) for row in keys.values("pk", "person_id", "shared", "claimed")}
        )
    return found


def _changes(batch: _Batch, before: dict[tuple[str, int], dict[str, Any]]) -> list[Change]:
    now: dict[tuple[str, int], Model] = {("Person", pk): row for pk, row in batch.changed.items()}
    now |= {("Identity", row.pk): row for row in batch.repointed}
    firms = [Change("Organisation", *change) for change in batch.companies.changes()]
    return firms + [
        Change(*key, column, value, getattr(now[key], column))
        for key, values in before.items()
        for column, value in values.items()
        if value != getattr(now[key], column)
    ]


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

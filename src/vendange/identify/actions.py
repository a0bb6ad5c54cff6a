"""Writes persons, identities and declared facts, by batch: one question to the database per table."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol

from django.db import transaction
from django.db.models import OuterRef, Subquery

from vendange.identify.queries import POINTS, Held, held_by, of_the_day, stated, visits_of_the_day, vouched_for
from vendange.identify.rules import PERSON_FIELDS, STRONG, Named, e164, keys_of
from vendange.models import Fact, Identity, Organisation, Person, Signal
from vendange.models.each import add_each, add_values, maker, number_each, update_each
from vendange.models.fields import room

Key = tuple[str, str]
# What a batch may write of somebody known, by the names of the attributes.
WRITTEN: Final = ("email", "phone", "phone_raw", "organisation_id", "organisation_confidence", *PERSON_FIELDS)
NAMES_A_COMPANY: Final = ("organisation", "organisation_id", "domain")
EMPLOYER: Final[Any] = Person._meta.get_field("organisation")
LONGEST_NAME: Final = 60  # of a fact
ROOM: Final = {name: room(Person, name) for name in PERSON_FIELDS}
FACT: Final = ("person_id", "field", "value", "origin", "source", "at", "import_batch_id")
IDENTITY: Final = ("person_id", "kind", "value", "shared", "claimed", "first_seen_at", "import_batch_id")


@dataclass(frozen=True, slots=True)
class Sighting:
    """Somebody named by keys and traits, at a time, through a source.

    `trusted`: whether this source is believed about who somebody is. Through a key that stands in a public page anybody
    can claim any address: it adds to what is known, and changes nobody's record (A27). `import_batch_id`: the file that
    says so, kept with each fact and key that it brings. `answers`: it is the person's own answer to a form of ours.
    """

    who: Named
    at: datetime
    source: str
    origin: str = "declared"
    trusted: bool = True
    import_batch_id: int | None = None
    answers: bool = False


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
    def load(self, named: Iterable[Named], own: Iterable[Organisation | None]) -> None: ...
    def resolve(
        self,
        named: Named,
        traits: Mapping[str, str],
        own: Organisation | None,
        now: datetime,
        *,
        overwrite: bool,
        trusted: bool,
    ) -> Organisation | None: ...
    def save(self) -> None: ...
    def changes(self) -> Iterable[tuple[int, str, Any, Any]]: ...


@dataclass(slots=True)
class _Batch:
    """What is known of the people of one batch, loaded once, and what changes."""

    now: datetime
    held: dict[Key, Held]
    companies: Companies
    overwrite: bool = False
    guarded: set[int] = field(default_factory=set)  # people vouched for by a source that is believed
    stated: set[tuple[int, str]] = field(default_factory=set)  # fields of people that a colleague wrote or vouched for
    vouched: set[int] = field(default_factory=set)  # id() of people whom this batch vouches for
    left: set[int] = field(default_factory=set)  # organisations that lose somebody who was only guessed to be theirs
    created: list[Person] = field(default_factory=list)
    times: Counter[int] = field(default_factory=Counter)  # how often somebody is named, by id()
    employed: dict[int, tuple[Person, Organisation]] = field(default_factory=dict)  # by new companies, by id()
    changed: dict[int, Person] = field(default_factory=dict)
    before: dict[int, dict[str, Any]] = field(default_factory=dict)  # those, as they were
    new_keys: list[Held] = field(default_factory=list)
    strong_keys: Counter[int] = field(default_factory=Counter)  # of those: how many, by id() of the person
    repointed: list[Held] = field(default_factory=list)
    facts: list[tuple[Any, ...]] = field(default_factory=list)  # in the columns of FACT
    new_facts: list[tuple[Any, ...]] = field(default_factory=list)  # those that nobody can have said before


@transaction.atomic(savepoint=False)  # in a savepoint SQLite takes ten times as long for a row with triggers
def find_or_create(
    sightings: Sequence[Sighting], *, companies: Companies, now: datetime, overwrite: bool = False
) -> Found:
    """The person of each sighting. Declared traits fill blanks, and overwrite only where the caller says so.

    `overwrite`: what a believed source says replaces what stands, save what a colleague stated; a blank never does.
    Facts stay side by side.
    """
    strong = [keys_of(sighting.who) for sighting in sightings]
    cookies = [sighting.who.anonymous_id for sighting in sightings]
    held = held_by(strong, cookies)
    held |= visits_of_the_day([(one.who.anonymous_id, one.at) for one in sightings], strong, held)
    batch = _Batch(now, held, companies, overwrite, _guarded(sightings, held))
    if overwrite:
        batch.stated = stated({row.person.pk for row in held.values()})
    newcomer = maker(Person, created_at=now, relationship="suspect", regime="unknown")
    people = [_person(one, keys, batch, newcomer) for one, keys in zip(sightings, strong, strict=True)]
    number_each(batch.created)
    batch.times.update(map(id, people))
    pairs = list(zip(sightings, people, strict=True))
    naming = [(one, person) for one, person in pairs if _names_organisation(one, person, batch)]
    companies.load([one.who for one, _ in naming], [person.organisation for _, person in naming])
    for sighting, person in pairs:
        _learn(person, sighting, batch)
    _save(batch)
    return Found(people, len(batch.created), frozenset(batch.left.union(companies.told_more)), _journal(batch, people))


def _guarded(sightings: Iterable[Sighting], held: Mapping[Key, Held]) -> set[int]:
    """Those among the known whom a source that is believed has named; asked only where claims are in play."""
    named = (row for row in held.values() if row.kind in STRONG)
    if all(sighting.trusted for sighting in sightings) and not any(row.claimed for row in named):
        return set()
    return vouched_for({row.person.pk for row in held.values()})


def _is_guarded(person: Person, batch: _Batch) -> bool:
    return person.pk in batch.guarded or id(person) in batch.vouched


def _person(sighting: Sighting, strong: Sequence[Key], batch: _Batch, newcomer: Callable[[], Person]) -> Person:
    """The first strong key that is known decides; a cookie alone names only who it has always named.

    For a source that is believed, a key that was only claimed decides last, and never that a newcomer with other keys
    is somebody whom we know already.
    """
    cookie_id = sighting.who.anonymous_id
    found = [batch.held[key] for key in strong if key in batch.held]
    if sighting.trusted and found:
        found = [row for row in found if not row.claimed or len(strong) == 1 or not _is_guarded(row.person, batch)]
        found.sort(key=lambda row: row.claimed)
    cookie = batch.held.get(("anonymous_id", cookie_id)) if cookie_id else None
    if cookie and cookie.shared and not strong:
        cookie_id = of_the_day(cookie_id, sighting.at)
        cookie = batch.held.get(("anonymous_id", cookie_id))
    if found:
        person = found[0].person
    elif not strong and cookie and not cookie.shared:
        person = cookie.person
    else:
        person = newcomer()
        batch.created.append(person)
    guarded = not sighting.trusted and _is_guarded(person, batch)
    for key in strong:
        if not guarded or key[0] == "user_id":
            _attach(key, person, sighting, batch, claimed=not sighting.trusted)
    if cookie_id:
        _remember_cookie(cookie, cookie_id, person, sighting, batch)
    return person


def _attach(key: Key, person: Person, sighting: Sighting, batch: _Batch, *, claimed: bool) -> None:
    """A new key of this person. A key that was only claimed goes to whom a source that is believed gives it."""
    row = batch.held.get(key)
    strong = key[0] in STRONG
    if row is None:
        row = Held(*key, person, claimed=claimed, import_batch_id=sighting.import_batch_id)
        batch.held[key] = row
        batch.new_keys.append(row)
        batch.strong_keys[id(person)] += strong
    elif row.claimed and not claimed:
        if row.id:
            batch.repointed.append(row)
            batch.guarded.add(person.pk)
        else:
            batch.strong_keys[id(row.person)] -= strong
            batch.strong_keys[id(person)] += strong
        row.person, row.claimed = person, False
    if strong and not row.claimed:
        batch.vouched.add(id(row.person))


def _remember_cookie(cookie: Held | None, cookie_id: str, person: Person, sighting: Sighting, batch: _Batch) -> None:
    """A cookie follows the last known person, and is declared shared once it has been two known ones (A25)."""
    if cookie is None:
        _attach(("anonymous_id", cookie_id), person, sighting, batch, claimed=True)
    elif keys_of(sighting.who) and cookie.person is not person and not cookie.shared:
        if _is_anonymous(cookie.person, batch):
            cookie.person = person
        else:
            cookie.shared = True
        if cookie.id:
            batch.repointed.append(cookie)


def _is_anonymous(person: Person, batch: _Batch) -> bool:
    if person.email or batch.strong_keys[id(person)]:
        return False
    return not (person.pk and person.identities.exclude(kind="anonymous_id").exists())


def _learn(person: Person, sighting: Sighting, batch: _Batch) -> None:
    traits = {name: value.strip() for name, value in sighting.who.traits.items() if value and value.strip()}
    heard = sighting.trusted or not _is_guarded(person, batch)
    if heard:
        _fill(person, sighting, traits, batch)
    if (batch.overwrite or not heard) and sighting.who.email.lower() not in ("", person.email):
        traits["email"] = sighting.who.email.lower()
    source, origin = sighting.source[:120], sighting.origin
    is_first = person._state.adding and batch.times[id(person)] == 1
    number, at, batch_id = person.id, sighting.at, sighting.import_batch_id
    told: Iterable[Key] = traits.items()
    if max(map(len, traits), default=0) > LONGEST_NAME:
        told = dict.fromkeys((name[:LONGEST_NAME], value[:500]) for name, value in told)
    facts = [(number, name, value[:500], origin, source, at, batch_id) for name, value in told]
    (batch.new_facts if is_first else batch.facts).extend(facts)


def _fill(person: Person, sighting: Sighting, traits: dict[str, str], batch: _Batch) -> None:
    """What was said fills what is blank. An address that is somebody else's key stays theirs."""
    before = None if person._state.adding else _snapshot(person)
    email = sighting.who.email.strip().lower()
    if email and _is_open(person, "email", email, sighting, batch) and batch.held["email", email].person is person:
        person.email = email
    for name, value in traits.items():
        if name in ROOM and _is_open(person, name, value, sighting, batch):
            setattr(person, name, value[: ROOM[name]])
    if traits.get("phone") and _is_open(person, "phone", traits["phone"], sighting, batch):
        person.phone_raw = traits["phone"][:60]
        person.phone = e164(traits["phone"], person.country or traits.get("organisation_country", ""))
    if _names_organisation(sighting, person, batch):
        _employ(person, sighting, traits, batch)
    if before is not None and _snapshot(person) != before:
        batch.changed[person.pk] = person
        batch.before.setdefault(person.pk, before[0])


def _employ(person: Person, sighting: Sighting, traits: dict[str, str], batch: _Batch) -> None:
    has_own = _has_own(person, batch)
    own = person.organisation if has_own else None
    trusted, overwrite = sighting.trusted, batch.overwrite and sighting.trusted
    organisation = batch.companies.resolve(sighting.who, traits, own, batch.now, overwrite=overwrite, trusted=trusted)
    moves = overwrite and any(traits.get(name) for name in NAMES_A_COMPANY)
    moves = moves and not any((person.pk, name) in batch.stated for name in NAMES_A_COMPANY)
    if organisation and (moves or not has_own):
        if person.organisation_id and not has_own:  # loses a visitor who was only guessed
            batch.left.add(person.organisation_id)
        person.organisation_confidence = None
        _work_for(person, organisation)
        batch.employed.pop(id(person), None)
        if organisation.id is None:
            batch.employed[id(person)] = (person, organisation)


def _work_for(person: Person, organisation: Organisation) -> None:
    """As `person.organisation = organisation`, which asks whether it may, a hundred thousand times."""
    person.organisation_id = organisation.id
    EMPLOYER.set_cached_value(person, organisation)


def _is_open(person: Person, name: str, value: str, sighting: Sighting, batch: _Batch) -> bool:
    """Whether this may be written there. What a colleague stated stays; a claim makes no call lawful (C1)."""
    overwrite = batch.overwrite and sighting.trusted and (person.pk, name) not in batch.stated
    stands = getattr(person, name)
    if name == "regime":
        lawful = value != "professional" or sighting.trusted or sighting.answers
        return lawful and value != "unknown" and (overwrite or stands in ("", "unknown"))
    return overwrite or not stands


def _names_organisation(sighting: Sighting, person: Person, batch: _Batch) -> bool:
    """Whether there is something to learn about a company: the person has none yet, or says something of one."""
    return not _has_own(person, batch) or batch.companies.speaks_of_one(sighting.who.traits)


def _has_own(person: Person, batch: _Batch) -> bool:
    """Whether they or a colleague said where they work; what the network of a visit suggests gives way to that."""
    has_one = person.organisation_id is not None or id(person) in batch.employed
    return has_one and person.organisation_confidence is None


def _snapshot(person: Person) -> tuple[dict[str, Any], int]:
    return {name: getattr(person, name) for name in WRITTEN}, id(person.organisation)


def _save(batch: _Batch) -> None:
    batch.companies.save()
    for person, organisation in batch.employed.values():
        _work_for(person, organisation)  # with the id that the save above gave
    add_each(batch.created)
    update_each(batch.changed.values(), WRITTEN)
    now = batch.now
    keys = [
        (row.person.id, row.kind, row.value, row.shared, row.claimed, now, row.import_batch_id)
        for row in batch.new_keys
    ]
    add_values(Identity, IDENTITY, keys)
    pointing = [
        Identity(id=row.id, person_id=row.person.pk, shared=row.shared, claimed=row.claimed) for row in batch.repointed
    ]
    update_each(pointing, POINTS)
    add_values(Fact, FACT, batch.new_facts + _unsaid(batch))


def _unsaid(batch: _Batch) -> list[tuple[Any, ...]]:
    """Only what is new: the same person declaring the same value again is one fact, not two."""
    known = {fact[0] for fact in batch.facts}.difference(person.pk for person in batch.created)
    rows = Fact.objects.filter(person_id__among=known).values_list(*FACT[:4]) if known else []
    said = set(rows)
    kept = []
    for fact in batch.facts:
        if fact[:4] not in said:
            said.add(fact[:4])
            kept.append(fact)
    return kept


def _journal(batch: _Batch, people: Iterable[Person]) -> Journal:
    made = {"Person": batch.created, "Organisation": batch.companies.created}
    changed = [Change("Organisation", *change) for change in batch.companies.changes()]
    for pk, values in batch.before.items():
        now = batch.changed[pk]
        changed += [
            Change("Person", pk, name, value, getattr(now, name))
            for name, value in values.items()
            if value != getattr(now, name)
        ]
    for row in {row.id: row for row in batch.repointed}.values():
        points = (row.person.pk, row.shared, row.claimed)
        changed += [
            Change("Identity", row.id or 0, name, before, after)
            for name, before, after in zip(POINTS, row.stood or points, points, strict=True)
            if before != after
        ]
    named = sorted({person.pk for person in people})
    return Journal(named, {name: sorted(row.pk for row in rows) for name, rows in made.items()}, changed)


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

"""Reads who is worth comparing, who may be one person, and what a merge would move."""

from array import array
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, Q, QuerySet

from vendange.engine.likeness import pairs_that_share
from vendange.models import Fact, Identity, Lead, Merge, Person, Signal, Twins
from vendange.unite.rules import FEW, SUGGESTED, Record, keys_of, mailbox, most_alike, words_of

if TYPE_CHECKING:
    import numpy as np

READ_AT_ONCE: Final = 5_000
COMPARED: Final = 4  # words of a name; who has more is compared whatever they are


@dataclass(frozen=True, slots=True)
class Shared:
    """`pairs`: two columns of numbers of people, the smaller first, each pair once, in order; and numbers that too
    many people have."""

    pairs: "np.ndarray[Any, Any]"
    switchboards: frozenset[str]


def shared_keys() -> Shared:
    """Who shares a key with whom, and may be alike enough. Some hundred bytes are held for each person and pair."""
    keys, people, most = array("q"), array("q"), array("q")
    seen = _Seen()
    for place, record in enumerate(_everybody()):
        seen.add(record)
        for key, limit in keys_of(record):
            keys.append(hash(key))
            people.append(place)
            most.append(limit)
    looked = _Looked(seen)
    places = pairs_that_share(keys, people, most, looked.worth)
    return Shared(looked.ids[places], looked.switchboards)


class _Seen:
    """What can be asked of everybody at once: a number for each thing, 0 for none. Equal things have equal numbers."""

    def __init__(self) -> None:
        self.ids, self.boxes, self.names, self.phones = array("q"), array("q"), array("q"), array("q")
        self.firms, self.sizes, self.open = array("q"), array("q"), array("b")
        self.words = tuple(array("q") for _ in range(COMPARED))
        self.times: dict[str, int] = {}  # how many have a telephone number

    def add(self, record: Record) -> None:
        words = words_of(record)
        self.ids.append(record.id)
        self.boxes.append(_number(mailbox(record.email)))
        self.names.append(_number(" ".join(words)) if len(words) > 1 else 0)
        self.phones.append(_number(record.phone))
        self.firms.append(record.organisation or 0)
        self.sizes.append(len(words))
        self.open.append(bool(record.claims) or len(words) > COMPARED)
        for place, column in enumerate(self.words):
            column.append(_number(words[place]) if place < len(words) else 0)
        if record.phone:
            self.times[record.phone] = self.times.get(record.phone, 0) + 1


def _number(text: str) -> int:
    return hash(text) if text else 0


class _Looked:
    """The same as columns, of which many pairs are asked at once."""

    def __init__(self, seen: _Seen) -> None:
        import numpy as np

        self.ids, self.boxes, self.names, self.phones, self.firms, self.sizes = (
            np.frombuffer(column, np.int64)
            for column in (seen.ids, seen.boxes, seen.names, seen.phones, seen.firms, seen.sizes)
        )
        self.open = np.frombuffer(seen.open, np.bool_)
        self.words = [np.frombuffer(column, np.int64) for column in seen.words]
        self.switchboards = frozenset(phone for phone, times in seen.times.items() if times > FEW)

    def worth(self, one: Any, other: Any) -> Any:
        """Which of these pairs could be alike enough to be suggested; two columns of places."""
        employer, phone = self._same(self.firms, one, other), self._same(self.phones, one, other)
        name, nearly = self._same(self.names, one, other), self._nearly(one, other)
        firms = (self.firms[one] != 0) & (self.firms[other] != 0)
        box = self._same(self.boxes, one, other)
        most = most_alike(
            mailbox=box,
            phone=phone,
            name=name,
            nearly=nearly & ~name,
            employer=employer & (name | nearly),
            other_employer=firms & ~employer & ~box,
        )
        return (most > SUGGESTED - 0.001) | self.open[one] | self.open[other]

    def _same(self, column: Any, one: Any, other: Any) -> Any:
        mine = column[one]
        return (mine != 0) & (mine == column[other])

    def _nearly(self, one: Any, other: Any) -> Any:
        """Names of as many words, of which one at least is the same."""
        shared = False
        for mine in self.words:
            for theirs in self.words:
                shared = shared | ((mine[one] != 0) & (mine[one] == theirs[other]))
        return shared & (self.sizes[one] > 1) & (self.sizes[one] == self.sizes[other])


def _everybody() -> Iterator[Record]:
    """All people who were not merged, without what is asked of pairs only."""
    claims = _claims(Fact.objects.all())
    columns = ("pk", "first_name", "last_name", "email", "phone", "organisation_id")
    rows = Person.objects.filter(merged_into=None).order_by("pk").values_list(*columns)
    for pk, first_name, last_name, email, phone, organisation in rows.iterator(READ_AT_ONCE):
        yield Record(pk, first_name, last_name, email, phone, False, organisation, claims.get(pk, frozenset()))


def _claims(facts: QuerySet[Fact]) -> Mapping[int, frozenset[str]]:
    """Mailboxes that people were said to have, besides the one of their record."""
    found: dict[int, set[str]] = {}
    for person, address in facts.filter(field="email").values_list("person", "value").iterator(READ_AT_ONCE):
        found.setdefault(person, set()).add(mailbox(address))
    return {person: frozenset(addresses - {""}) for person, addresses in found.items()}


def records(people: Collection[int], switchboards: frozenset[str] = frozenset()) -> Mapping[int, Record]:
    """What is compared of these people; who was merged is left out."""
    claims = _claims(Fact.objects.filter(person__in=people))
    ids: dict[int, set[str]] = {}
    for person, value in Identity.objects.filter(person__in=people, kind="external_id").values_list("person", "value"):
        ids.setdefault(person, set()).add(value)
    columns = ("pk", "first_name", "last_name", "email", "phone", "organisation_id")
    return {
        pk: Record(
            pk, first, last, email, phone, phone in switchboards, organisation,
            claims.get(pk, frozenset()), frozenset(ids.get(pk, ())),
        )
        for pk, first, last, email, phone, organisation in Person.objects.filter(
            pk__in=people, merged_into=None
        ).values_list(*columns)
    }  # fmt: skip


def to_judge() -> QuerySet[Twins]:
    """Pairs that nobody has judged, the most alike first."""
    rows = Twins.objects.filter(state="open", first__merged_into=None, second__merged_into=None)
    return rows.select_related("first__organisation", "second__organisation").order_by("-score", "pk")


def twins_of(person: Person) -> QuerySet[Twins]:
    return to_judge().filter(Q(first=person) | Q(second=person))


def merges_of(person: Person) -> QuerySet[Merge]:
    """What was merged into this record and stands, the latest first."""
    return Merge.objects.filter(kept=person, undone_at=None).select_related("absorbed", "by").order_by("-at", "-pk")


def shared_phone(phone: str) -> bool:
    """Whether so many people have this number that it says nothing."""
    return bool(phone) and Person.objects.filter(phone=phone, merged_into=None)[: FEW + 1].count() > FEW


def counted(people: Collection[int]) -> tuple[Mapping[int, int], Mapping[int, int]]:
    """How many signals and how many leads each of these people has."""
    signals = Signal.objects.filter(person__in=people).values_list("person").annotate(n=Count("pk")).order_by()
    leads = Lead.objects.filter(person__in=people).values_list("person").annotate(n=Count("pk")).order_by()
    return dict(signals), dict(leads)

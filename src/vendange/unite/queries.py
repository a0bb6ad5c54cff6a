"""Reads who is worth comparing, who may be one person, and what a merge would move."""

from array import array
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, QuerySet

from vendange.models import Fact, Identity, Lead, Merge, Person, Signal, Twins
from vendange.unite.rules import FEW, Record, keys_of, mailbox

if TYPE_CHECKING:
    import numpy as np

READ_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Shared:
    """`pairs`: two columns of numbers of people, the smaller first, each pair once, in order; and numbers that too
    many people have."""

    pairs: "np.ndarray[Any, Any]"
    switchboards: frozenset[str]


def shared_keys() -> Shared:
    """Who shares a key with whom. Some thirty bytes are held for each key of each person and for each pair."""
    keys, people, most = array("q"), array("q"), array("q")
    phones: dict[str, int] = {}
    for record in _everybody():
        if record.phone:
            phones[record.phone] = phones.get(record.phone, 0) + 1
        for key, limit in keys_of(record):
            keys.append(int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True))
            people.append(record.id)
            most.append(limit)
    return Shared(_pairs(keys, people, most), frozenset(phone for phone, times in phones.items() if times > FEW))


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


def _pairs(keys: "array[int]", people: "array[int]", most: "array[int]") -> "np.ndarray[Any, Any]":
    """Of each key that at least two and not too many people share, every two of them."""
    import numpy as np

    key, person, limit = (np.frombuffer(column, np.int64) for column in (keys, people, most))
    order = np.lexsort((person, key))
    sorted_key = key[order]
    starts = np.flatnonzero(np.insert(sorted_key[1:] != sorted_key[:-1], 0, values=True)) if len(order) else order
    sizes = np.diff(starts, append=len(order))
    worth = (sizes > 1) & (sizes <= limit[order[starts]])
    found = array("q")
    for start, size in zip(starts[worth].tolist(), sizes[worth].tolist(), strict=True):
        for pair in combinations(person[order[start : start + size]].tolist(), 2):
            if pair[0] != pair[1]:
                found.extend(pair)
    return np.unique(np.frombuffer(found, np.int64).reshape(-1, 2), axis=0)


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

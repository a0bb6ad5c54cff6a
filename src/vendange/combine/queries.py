"""Reads which organisations are worth comparing, which may be one, and what was merged into one."""

from array import array
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, Q, QuerySet

from vendange.combine.rules import (
    FEW_NAMES,
    SUGGESTED,
    Firm,
    Known,
    compared_by,
    core,
    label_of,
    most_alike,
    place_keys,
    words_of,
)
from vendange.engine.likeness import pairs_that_share
from vendange.models import Lead, Organisation, OrganisationMerge, OrganisationTwins, Person

if TYPE_CHECKING:
    import numpy as np

READ_AT_ONCE: Final = 5_000
COMPARED: Final = 5  # words of a name; of one who has more, those that both have are taken to be all
COLUMNS: Final = (
    "id", "group", "whole", "sorted", "label", "labelled", "code", "city", "number", "country", "elsewhere",
)  # fmt: skip


def stands_above(above: Organisation, one: Organisation) -> bool:
    """Whether `one` belongs to `above`, or to something that does."""
    seen = set[int]()
    parent = one.parent_id
    while parent is not None and parent not in seen:
        if parent == above.pk:
            return True
        seen.add(parent)
        parent = Organisation.objects.filter(pk=parent).values_list("parent_id", flat=True).first()
    return False


def firms(organisations: Collection[int]) -> Mapping[int, Firm]:
    """What is compared of these organisations; who was merged is left out."""
    return {one.id: one for one in _read(Organisation.objects.filter(pk__among=organisations))}


def _read(organisations: QuerySet[Organisation]) -> Iterator[Firm]:
    columns = ("pk", "name", "domain", "siren", "siret", "external_id", "country", "postal_code", "city", "parent_id")
    rows = organisations.filter(merged_into=None).values_list(*columns)
    for pk, name, domain, siren, siret, elsewhere, country, code, city, above in rows.iterator(READ_AT_ONCE):
        number = siren or (siret or "")[:9]
        yield Firm(pk, name, domain or "", number, elsewhere or "", country, code, city, above or pk)


@dataclass(frozen=True, slots=True)
class Shared:
    """`pairs`: two columns of numbers of organisations, the smaller first, each pair once, in order."""

    pairs: "np.ndarray[Any, Any]"
    known: Known


def shared_keys() -> Shared:
    """Who shares a key with whom, and may be alike enough. Some hundred bytes are held for each organisation."""
    keys, places = array("q"), array("q")
    seen = _Seen()
    for place, one in enumerate(_read(Organisation.objects.order_by("pk"))):
        seen.add(one)
        for key in set(compared_by(one)):
            keys.append(hash(key))
            places.append(place)
    looked = _Looked(seen)
    return Shared(looked.ids[pairs_that_share(keys, places, FEW_NAMES, looked.worth)], looked.known)


class _Counted:
    """Things by number, from 1, 0 for none; and how often each was there."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {"": 0}
        self.times = array("q", [0])

    def number(self, thing: str) -> int:
        number = self.numbers.setdefault(thing, len(self.times))
        if number == len(self.times):
            self.times.append(0)
        self.times[number] += 1
        return number

    def by_name(self) -> Mapping[str, int]:
        return dict(zip(self.numbers, self.times, strict=True))


class _Seen:
    """What can be asked of all at once: a number for each thing, 0 for none. Equal things have equal numbers."""

    def __init__(self) -> None:
        self.columns = {name: array("q") for name in COLUMNS}
        self.words = tuple(array("q") for _ in range(COMPARED))
        self.more: dict[int, list[int]] = {}  # of a place, the words that have no column
        self.counted = {name: _Counted() for name in ("words", "places", "labels")}
        self.towns: set[str] = set()

    def add(self, one: Firm) -> None:
        said = words_of(one)
        words = sorted({self.counted["words"].number(word) for word in set(said)} - {0})
        label, town = label_of(one.domain), core(one.city)
        code, city = place_keys(one)
        if len(town) == 1:
            self.towns.add(town[0])
        if len(words) > COMPARED:
            self.more[len(self.columns["id"])] = words[COMPARED:]
        row = (
            one.id, one.group, _number("".join(said)), _number(" ".join(sorted(said))), _number(label),
            self.counted["labels"].number(label), self.counted["places"].number(code),
            self.counted["places"].number(city), _number(one.siren.casefold()), _number(one.country.casefold()),
            _number(one.external_id.casefold()),
        )  # fmt: skip
        for name, value in zip(COLUMNS, row, strict=True):
            self.columns[name].append(value)
        for place, column in enumerate(self.words):
            column.append(words[place] if place < len(words) else 0)


def _number(text: str) -> int:
    return hash(text) if text else 0


class _Looked:
    """The same as columns, of which many pairs are asked at once."""

    def __init__(self, seen: _Seen) -> None:
        import numpy as np

        self.columns = {name: np.frombuffer(column, np.int64) for name, column in seen.columns.items()}
        self.ids = self.columns["id"]
        counted = {name: one.by_name() for name, one in seen.counted.items()}
        self.known = known = Known(len(self.ids), **counted, towns=frozenset(seen.towns))
        self.word = np.array([0.0, *map(known.of_word, list(known.words)[1:])])
        self.place = np.array([0.0, *map(known.of_place, list(known.places)[1:])])
        self.label = np.array([0.0, *map(known.of_label, list(known.labels)[1:])])
        self.words = [np.frombuffer(column, np.int64) for column in seen.words]
        self.told = sum((self.word[column] for column in self.words), np.zeros(len(self.ids)))
        self.more = np.zeros(len(self.ids), np.bool_)
        for place, words in seen.more.items():
            self.told[place] += self.word[words].sum()
            self.more[place] = True

    def worth(self, one: Any, other: Any) -> Any:
        """Which of these pairs could be alike enough to be suggested; two columns of places."""
        import numpy as np

        rest = np.minimum(self.told[one], self.told[other])
        shared = np.where(self.more[one] | self.more[other], rest, self._shared(one, other))
        most = most_alike(
            name=rest * (self._same("whole", one, other) | self._same("sorted", one, other)),
            shared=shared,
            rest=rest,
            domain=self._domain(one, other),
            place=np.maximum(*(self.place[self._both(name, one, other)] for name in ("code", "city"))),
            other_number=self._differ("number", one, other),
            other_country=self._differ("country", one, other),
            other_id=self._differ("elsewhere", one, other),
        )
        return (most > SUGGESTED - 0.001) & (self.columns["group"][one] != self.columns["group"][other])

    def _shared(self, one: Any, other: Any) -> Any:
        """What the words tell that both have."""
        told = 0.0
        for mine in self.words:
            for theirs in self.words:
                told = told + self.word[mine[one] * (mine[one] == theirs[other])]
        return told

    def _domain(self, one: Any, other: Any) -> Any:
        import numpy as np

        label, whole = self.columns["label"], self.columns["whole"]
        crossed = ((label[one] == whole[other]) & (label[one] != 0)) | (
            (label[other] == whole[one]) & (label[other] != 0)
        )
        return np.maximum(crossed, self.label[self._both("labelled", one, other)])

    def _both(self, name: str, one: Any, other: Any) -> Any:
        """The number of what both have, 0 where it is not the same."""
        mine = self.columns[name][one]
        return mine * (mine == self.columns[name][other])

    def _same(self, name: str, one: Any, other: Any) -> Any:
        return self._both(name, one, other) != 0

    def _differ(self, name: str, one: Any, other: Any) -> Any:
        mine, theirs = self.columns[name][one], self.columns[name][other]
        return (mine != 0) & (theirs != 0) & (mine != theirs)


def to_judge() -> QuerySet[OrganisationTwins]:
    """Pairs that nobody has judged, the most alike first."""
    rows = OrganisationTwins.objects.filter(state="open", first__merged_into=None, second__merged_into=None)
    return rows.select_related("first", "second").order_by("-score", "pk")


def twins_of(one: Organisation) -> QuerySet[OrganisationTwins]:
    return to_judge().filter(Q(first=one) | Q(second=one))


def merges_of(one: Organisation) -> QuerySet[OrganisationMerge]:
    """What was merged into this one and stands, the latest first."""
    rows = OrganisationMerge.objects.filter(kept=one, undone_at=None)
    return rows.select_related("absorbed", "by").order_by("-at", "-pk")


def counted(organisations: Collection[int]) -> tuple[Mapping[int, int], Mapping[int, int]]:
    """How many people and how many leads each of these has."""
    people = Person.objects.filter(organisation__in=list(organisations), merged_into=None)
    leads = Lead.objects.filter(organisation__in=list(organisations))
    return (
        dict(people.values_list("organisation").annotate(n=Count("pk")).order_by()),
        dict(leads.values_list("organisation").annotate(n=Count("pk")).order_by()),
    )

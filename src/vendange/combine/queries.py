"""Reads which organisations are worth comparing, which may be one, and what was merged into one."""

from array import array
from collections.abc import Collection, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, Q, QuerySet

from vendange.combine.rules import FEW_NAMES, Firm, compared_by
from vendange.engine.likeness import pairs_that_share
from vendange.models import Lead, Organisation, OrganisationMerge, OrganisationTwins, Person

if TYPE_CHECKING:
    import numpy as np

READ_AT_ONCE: Final = 5_000
PARTS: Final = 16  # of all keys: the pairs of one part are held at once


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
    columns = ("pk", "name", "domain", "siren", "siret", "external_id", "country", "postal_code", "city", "parent_id")
    rows = Organisation.objects.filter(pk__in=list(organisations), merged_into=None).values_list(*columns)
    return {
        pk: Firm(pk, name, domain or "", siren or (siret or "")[:9], elsewhere or "", country, code, city, above or pk)
        for pk, name, domain, siren, siret, elsewhere, country, code, city, above in rows
    }


class SharedKeys:
    """Who shares a key with whom. Twenty-four bytes are held for each key of each organisation."""

    def __init__(self) -> None:
        import numpy as np

        keys, owners = array("q"), array("q")
        rows = Organisation.objects.filter(merged_into=None).order_by("pk").only("name", "domain")
        for one in rows.iterator(READ_AT_ONCE):
            for key in set(compared_by(Firm(one.pk, one.name, one.domain or ""))):
                # Not hash(): it is another one after a death, and a part of the keys would be another part.
                keys.append(int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True))
                owners.append(one.pk)
        self.keys, self.owners = np.frombuffer(keys, np.int64), np.frombuffer(owners, np.int64)

    def pairs(self, part: int) -> "np.ndarray[Any, Any]":
        """Those that share a key of this part of all keys, every two of them once."""
        chosen = self.keys % PARTS == part
        keys = self.keys[chosen]
        return pairs_that_share(keys, self.owners[chosen], FEW_NAMES)


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

"""Reads organisations: what a text means, groups, what was said of one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Max, Q

from vendange.belong.rules import ORGANISATION_TRAITS
from vendange.models import Fact, Organisation, OrganisationFact, Person, Signal
from vendange.models.organisation import CLAIMED

MOST_IN_GROUP: Final = 100
FACTS_SHOWN: Final = 200


def named(text: str) -> Organisation | None:
    """What a name, a domain, a number or the address of a page means; None: nothing, or more than one."""
    rows = Organisation.objects.filter(merged_into=None)
    text = text.strip().rstrip("/")
    try:
        return rows.filter(public_id=UUID(text[-36:])).first()
    except ValueError:
        found = list(rows.filter(Q(name__iexact=text) | Q(domain=text.lower()) | Q(siren=text.replace(" ", "")))[:2])
    return found[0] if len(found) == 1 else None


def parents() -> Mapping[int, int | None]:
    """Of each organisation that has one, the one above it."""
    return dict(Organisation.objects.exclude(parent=None).values_list("pk", "parent_id"))


def told_of(organisations: Collection[int]) -> tuple[set[tuple[int, str]], set[int]]:
    """Which columns of these a colleague has written by hand, and which of these are known from claims alone."""
    rows = OrganisationFact.objects.filter(organisation_id__among=list(organisations), origin__in=("reported", CLAIMED))
    found = list(rows.values_list("organisation_id", "field", "origin"))
    return {row[:2] for row in found if row[2] == "reported"}, {row[0] for row in found if row[2] == CLAIMED}


# A group


@dataclass(frozen=True, slots=True)
class Member:
    """One organisation of a group, `depth` steps below its head; `signals`: of its people, since the day asked."""

    organisation: Organisation
    depth: int
    signals: int
    people: int


def group_of(one: Organisation, since: Any) -> Sequence[Member]:
    """The group from its head down, each under the one above it; a company alone is no group."""
    head, seen = one, {one.pk}
    while head.parent_id is not None and head.parent_id not in seen:
        head = Organisation.objects.select_related("heat").get(pk=head.parent_id)
        seen.add(head.pk)
    below: dict[int, list[Organisation]] = {}
    level, found = [head], {head.pk: head}
    while level and len(found) < MOST_IN_GROUP:
        rows = Organisation.objects.filter(parent__in=level, merged_into=None).exclude(pk__in=found)
        level = list(rows.select_related("heat").order_by("name", "pk")[:MOST_IN_GROUP])
        for row in level:
            below.setdefault(row.parent_id or 0, []).append(row)
            found[row.pk] = row
    if len(found) == 1:
        return []
    signals, people = signals_of(found, since), people_of(found)
    return [
        Member(row, depth, signals.get(row.pk, 0), people.get(row.pk, 0)) for row, depth in _downwards(head, below, 0)
    ]


def _downwards(
    one: Organisation, below: Mapping[int, Sequence[Organisation]], depth: int
) -> Iterator[tuple[Organisation, int]]:
    yield one, depth
    for child in below.get(one.pk, ()):
        yield from _downwards(child, below, depth + 1)


def signals_of(organisations: Collection[int], since: Any) -> Mapping[int, int]:
    """Signals of human beings since then, by organisation."""
    rows = Signal.objects.filter(person__organisation__in=list(organisations), occurred_at__gte=since)
    rows = rows.exclude(verdict="machine")
    return dict(rows.values_list("person__organisation").annotate(n=Count("pk")).order_by())


def people_of(organisations: Collection[int]) -> Mapping[int, int]:
    rows = Person.objects.filter(organisation__in=list(organisations), merged_into=None)
    return dict(rows.values_list("organisation").annotate(n=Count("pk")).order_by())


# What was said


@dataclass(frozen=True, slots=True)
class Said:
    """A value of a field that people of the organisation gave: how many of them, when last."""

    field: str
    value: str
    people: int
    at: Any


def said_by_people(one: Organisation) -> Sequence[Said]:
    """What its people said of it, each value once, the latest first."""
    rows = Fact.objects.filter(person__organisation=one, field__in=[*ORGANISATION_TRAITS])
    counted = rows.values_list("field", "value").annotate(people=Count("person", distinct=True), at=Max("at"))
    return [Said(*row) for row in counted.order_by("-at", "field", "value")[:FACTS_SHOWN]]


def stated_of(one: Organisation) -> Sequence[OrganisationFact]:
    """What colleagues wrote, the latest first."""
    return list(one.facts.filter(origin="reported").select_related("by").order_by("-at", "-pk")[:FACTS_SHOWN])

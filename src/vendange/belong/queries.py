"""Reads organisations: what a text means, groups, what was said of one."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Max, Q

from vendange.agreement.sentence import Cannot, Sentence, sentence
from vendange.belong.rules import ORGANISATION_TRAITS, WRONG_NUMBER, company_domain, makes_a_circle, whole_number
from vendange.engine.company_numbers import read_number, spaced_number
from vendange.engine.places import is_country
from vendange.engine.plain_text import LONGEST_TEXT, one_line
from vendange.models import Fact, Organisation, OrganisationFact, Person, Signal
from vendange.models.fields import room
from vendange.models.organisation import CLAIMED

MOST_IN_GROUP: Final = 100
FACTS_SHOWN: Final = 200
MOST_MEANT: Final = 5
PAGE: Final = re.compile(r"(?i)(?<![0-9a-f])(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f])")
STATED: Final = (
    "name", "domain", "registry_number", "country", "industry", "employees", "postal_code", "city", "tier", "parent",
)  # fmt: skip
PLACED: Final = ("country", "parent", *(field for field in STATED if field not in ("country", "parent")))


def named(text: str) -> Organisation | None:
    """What a name, a domain, a number or the address of a page means; None: nothing, or more than one."""
    found = meant_by(text)
    return found[0] if len(found) == 1 else None


def meant_by(text: str) -> Sequence[Organisation]:
    """All that a name, a domain, a SIREN, SIRET or VAT number, or the address of a page may mean, a few of many.

    A SIRET that no site has means its company.
    """
    rows = Organisation.objects.filter(merged_into=None)
    if page := PAGE.search(text):
        return list(rows.filter(public_id=UUID(page["id"])))
    number = read_number(text)
    found: list[Organisation] = []
    if number.siret:
        found = list(rows.filter(siret=number.siret))
    if number.siren and not found:
        found = list(rows.filter(siren=number.siren))
    if found:
        return found
    text = " ".join(text.split())
    says = Q(name__iexact=text) | Q(registry_number__iexact=text)
    if domain := company_domain(text):
        says |= Q(domain=domain)
    return list(rows.filter(says).order_by("pk")[:MOST_MEANT]) if text else []


def told_apart(one: Organisation) -> str:
    """A company among others of its name.

    >>> told_apart(Organisation(name="Nova", siren="732829320")), told_apart(Organisation(name="Nova", city="Lyon"))
    ('Nova (732 829 320)', 'Nova (Lyon)')
    """
    number = spaced_number(one.siren or "", "" if one.siren else one.siret or "") or one.registry_number
    more = number or one.domain or one.city or one.country
    return f"{one.name} ({more})" if more else one.name


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


# What a colleague types


def as_columns(one: Organisation, said: Mapping[str, str], reason: str) -> tuple[dict[str, Any], dict[str, Sentence]]:
    """Each column with its value, and what is wrong by field."""
    typed = {field: one_line(said[field], LONGEST_TEXT) for field in STATED if field in said}
    become: dict[str, Any] = {}
    problems: dict[str, Sentence] = {}
    for field in sorted(typed, key=PLACED.index):
        try:
            become |= _column(one, field, typed[field], become)
        except Cannot as wrong:
            problems[field] = wrong.sentence
    try:
        become |= _number_as_it_stands(one, typed, become)
    except Cannot as wrong:
        problems.setdefault("registry_number", wrong.sentence)
    try:
        become |= _of_its_company(one, become)
    except Cannot as wrong:
        problems.setdefault("parent", wrong.sentence)
    if "tier" in become and become["tier"] != one.tier and not reason.strip():
        problems["reason"] = sentence("Say why this target is another now.")
    return become, problems


def _column(one: Organisation, field: str, value: str, become: Mapping[str, Any]) -> dict[str, Any]:
    """`become`: the country and the one above as they will be, which a number needs."""
    if field == "name" and not value:
        raise Cannot(sentence("An organisation needs a name."))
    if field == "employees":
        count = whole_number(value)
        if value and count is None:
            raise Cannot(sentence("Write a number of people, such as 250."))
        return {"employees": count}
    if field == "domain":
        return {"domain": _domain(one, value)}
    if field == "registry_number":
        return {} if value == one.registry_number else _numbers(one, value, become)
    if field == "parent":
        return {"parent_id": _parent(one, value)}
    if field == "country":
        value = value.upper()
        if value and not is_country(value):
            raise Cannot(sentence("Write the two letters of a country, such as FR."))
    return {field: value[: room(Organisation, field)]}


def _domain(one: Organisation, value: str) -> str | None:
    if not value:
        return None
    domain = company_domain(value)
    if not domain:
        raise Cannot(
            sentence(
                "{domain} names no company: it is a provider of mailboxes, or no domain such as acme.com.", domain=value
            )
        )
    other = Organisation.objects.filter(domain=domain).exclude(pk=one.pk).first()
    if other is not None:
        raise Cannot(sentence("{domain} is the domain of {name}: merge the two.", domain=domain, name=other.name))
    return domain


def _numbers(one: Organisation, value: str, become: Mapping[str, Any]) -> dict[str, Any]:
    number = read_number(value, become.get("country", one.country))
    if number.wrong:
        raise Cannot(WRONG_NUMBER[number.wrong])
    found = Organisation.objects.exclude(pk=one.pk)
    site_of = found.filter(siren=number.siren).first() if number.siren else None
    if site_of is not None and not (number.siret and become.get("parent_id", one.parent_id) == site_of.pk):
        raise Cannot(
            sentence("This is the number of {name}: merge the two, or make one a site of it.", name=site_of.name)
        )
    if number.siret and found.filter(siret=number.siret).exists():
        raise Cannot(sentence("Another site has this SIRET already."))
    siren = number.siren if site_of is None else None
    return {"registry_number": value[:30], "siren": siren or None, "siret": number.siret or None}


def _number_as_it_stands(one: Organisation, typed: Mapping[str, str], become: Mapping[str, Any]) -> dict[str, Any]:
    """A number that nobody has touched is looked at again when the country is another; a key is not lost by it."""
    country = become.get("country", one.country)
    if country == one.country or not one.registry_number or typed.get("registry_number", "") not in (
        "", one.registry_number,
    ) or "siren" in become:  # fmt: skip
        return {}
    found = _numbers(one, one.registry_number, become)
    return found if found["siren"] or found["siret"] else {}


def _of_its_company(one: Organisation, become: Mapping[str, Any]) -> dict[str, Any]:
    """A site that stands elsewhere than under its company: it takes the SIREN itself when nobody has it."""
    siren, siret = become.get("siren", one.siren), become.get("siret", one.siret)
    if siren or not siret or become.get("parent_id", one.parent_id) == one.parent_id:
        return {}
    company = Organisation.objects.exclude(pk=one.pk).filter(siren=siret[:9]).first()
    if company is None:
        return {"siren": siret[:9]}
    if become["parent_id"] == company.pk:
        return {}
    raise Cannot(
        sentence(
            "By its SIRET this is a site of {name}: take the number away first, or leave it there.", name=company.name
        )
    )


def _parent(one: Organisation, value: str) -> int | None:
    if not value:
        return None
    found = meant_by(value)
    if not found:
        raise Cannot(sentence("No organisation is found by that: give its name, or the address of its page."))
    if len(found) > 1:
        raise Cannot(
            sentence(
                "This may be several organisations: {names}. Give the number, or the address of its page.",
                names=", ".join(map(told_apart, found)),
            )
        )
    above = found[0]
    if makes_a_circle(one.pk, above.pk, parents()):
        raise Cannot(sentence("{name} belongs to this one: it cannot stand above it too.", name=above.name))
    return above.pk

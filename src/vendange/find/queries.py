"""Reads the words of people and companies: who is found by a search, in which order, and which spelling was meant."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final, TypeVar

from django.db import connection
from django.db.models import Count, F, Model, Q, QuerySet, Sum, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Length

from vendange.find.rules import (
    Known,
    Term,
    Words,
    fits,
    folded,
    meant,
    or_else,
    rank,
    terms_of,
    unbroken,
    wholly,
    word_of,
    words_of,
)
from vendange.models import FoundFacet, FoundMark, FoundWord, Identity, Organisation, Person
from vendange.models.held import held, members, owners_of, segments_of, stages_of
from vendange.models.numbered import bearers

KINDS: Final = ("person", "organisation")
TABLES: Final[Mapping[str, str]] = {kind: f"vendange_found_{kind}" for kind in KINDS}
MOST_UNSETTLED: Final = 300  # marks that a search looks through itself; with more it tells that it is behind
FEW: Final = 5  # with fewer found, other spellings are looked for too
EXACT, BEGUN, CORRECTED = 60, 120, 60  # rows that are read and put in order
COMMON: Final = 5_000  # bearers of a beginning from which on PostgreSQL had better not gather them all
SPELLINGS: Final = 8
LOOKED_AT: Final = 2_000  # words of the vocabulary that are compared with what was typed
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Search:
    """What a list is narrowed to: terms, the words taken instead of those nobody bears, whose number or id it is."""

    terms: tuple[Term, ...]
    instead: tuple[str, ...] = ()
    bearers: tuple[int, ...] = ()
    is_behind: bool = False  # many were changed a moment ago and are not found by their new words yet


def placeholders(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values))


# What is known of somebody


def known_of(kind: str, refs: Sequence[int]) -> Mapping[int, Known]:
    """What people or companies are found by; those that are gone, or were merged into others, are left out."""
    if kind == "organisation":
        firms = Organisation.objects.filter(pk__in=refs, merged_into=None).prefetch_related("aliases")
        return {one.pk: known_organisation(one) for one in firms}
    people = list(Person.objects.filter(pk__in=refs, merged_into=None).select_related("organisation"))
    return {one.pk: known_person(one, addresses) for one, addresses in with_addresses(people)}


def with_addresses(people: Sequence[Person]) -> list[tuple[Person, tuple[str, ...]]]:
    """Each with all the mail addresses under which they were ever known."""
    found: dict[int, list[str]] = {}
    keys = Identity.objects.filter(kind="email", person_id__in=[one.pk for one in people], shared=False, claimed=False)
    for person_id, value in keys.order_by("id").values_list("person_id", "value"):
        found.setdefault(person_id, []).append(value.lower())
    return [(one, tuple(dict.fromkeys(filter(None, (one.email.lower(), *found.get(one.pk, ())))))) for one in people]


def known_person(one: Person, addresses: tuple[str, ...]) -> Known:
    return Known(
        name=f"{one.first_name} {one.last_name}".strip(),
        company=one.organisation.name if one.organisation else "",
        title=one.job_title,
        phone=one.phone or one.phone_raw,
        addresses=addresses,
    )


def known_organisation(one: Organisation) -> Known:
    merged = [said for alias in one.aliases.all() for said in (alias.name, alias.domain)]
    others = tuple(filter(None, (one.domain, one.registry_number, *merged)))
    return Known(name=one.name, title=one.city, others=others)


# Lists: everybody who fits


def search_for(kind: str, text: str) -> Search | None:
    """What the text asks for, misspelt words replaced if nobody fits it as it stands; None: it asks for nothing."""
    if not text.strip():
        return None
    terms = terms_of(text)
    behind = FoundMark.objects.order_by().count() > MOST_UNSETTLED
    whose = tuple(bearers(kind, text))
    if whose or not terms or _anybody(kind, terms):
        return Search(terms, bearers=whose, is_behind=behind)
    widened, instead = _widened(terms)
    return Search(widened, instead, is_behind=behind)


def narrowed(rows: QuerySet[M], kind: str, search: Search | None) -> QuerySet[M]:
    """Those rows that fit: exactly, also those whose words have just changed and are not written down yet."""
    if search is None:
        return rows
    if not search.terms:
        return rows.none()
    ids = _fitting(kind, search.terms)
    unsettled = _unsettled(kind)
    fresh = [ref for ref, words in unsettled.items() if words and fits(search.terms, words.all)]
    if not unsettled and not search.bearers:
        return rows.filter(pk__in=ids)
    return rows.filter((Q(pk__in=ids) & ~Q(pk__in=list(unsettled))) | Q(pk__in=[*fresh, *search.bearers]))


def _anybody(kind: str, terms: Sequence[Term]) -> bool:
    return bool(_ids(kind, terms, 1)) or any(words and fits(terms, words.all) for words in _unsettled(kind).values())


def _unsettled(kind: str) -> Mapping[int, Words | None]:
    """Those whose words are not written down yet, with their words; None: they are gone."""
    marks = FoundMark.objects.filter(kind=kind).order_by("-id").values_list("ref", flat=True)[:MOST_UNSETTLED]
    refs = list(dict.fromkeys(marks))
    if not refs:
        return {}
    known = known_of(kind, refs)
    return {ref: words_of(known[ref]) if ref in known else None for ref in refs}


# What lists are narrowed to, and how many each choice would show


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; "" is everybody. `owner`: the login of a colleague who holds an open lead.

    `stage`: of an open lead; `segment`: the public id of a segment. People only.
    """

    q: str = ""
    relationship: str = ""
    temperature: str = ""
    tier: str = ""
    source: str = ""
    owner: str = ""
    stage: str = ""
    segment: str = ""


Counts = Mapping[str, Mapping[str, int]]
COLUMNS: Final[Mapping[str, Mapping[str, Any]]] = {
    "person": {
        "relationship": F("relationship"),
        "temperature": Coalesce("measure__temperature", Value("cold")),  # who was never measured has shown nothing
        "tier": Coalesce("organisation__tier", Value("")),
        "source": F("source"),
    },
    "organisation": {"temperature": Coalesce("heat__temperature", Value("")), "tier": F("tier")},
}


def wanted_rows(rows: QuerySet[M], kind: str, wanted: Wanted, search: Search | None) -> QuerySet[M]:
    """Those rows that are wanted; unordered."""
    return _held(_chosen(narrowed(rows, kind, search), kind, wanted), kind, wanted)


def _held(rows: QuerySet[M], kind: str, wanted: Wanted, but: str = "") -> QuerySet[M]:
    """Those of the owner, the stage and the segment that are wanted; one of the three may be left out."""
    given = {name: getattr(wanted, name) for name in ("owner", "stage", "segment") if name != but}
    return held(rows, kind, **given)


def counted(
    rows: QuerySet[M], kind: str, wanted: Wanted, search: Search | None, *, everybody: bool = False
) -> tuple[int, Counts]:
    """How many are wanted; and for each filter, how many each of its values would show, the others as they are.

    `everybody`: the rows are all that there are, so that nothing needs to be looked up for each.
    """
    fitting = narrowed(rows, kind, search)
    names = tuple(COLUMNS[kind])
    found: dict[str, Counter[str]] = {name: Counter() for name in names}
    total = 0
    for *values, number in _cells(fitting, kind, wanted, everybody=everybody and search is None):
        missed = [name for name, value in zip(names, values, strict=True) if getattr(wanted, name) not in ("", value)]
        if not missed:
            total += number
        for name, value in zip(names, values, strict=True):
            if not missed or missed == [name]:
                found[name][value] += number
    chosen = _chosen(fitting, kind, wanted)
    others = {"owner": owners_of(_held(chosen, kind, wanted, "owner"), kind)}
    if kind == "person":
        others["stage"] = stages_of(_held(chosen, kind, wanted, "stage"))
        of_all = everybody and search is None and not any(astuple(replace(wanted, segment="")))
        others["segment"] = segments_of(None if of_all else _held(chosen, kind, wanted, "segment"))
    return total, {**found, **others}


def _cells(rows: QuerySet[Any], kind: str, wanted: Wanted, *, everybody: bool) -> list[tuple[Any, ...]]:
    """Each combination of values that there is, and how many have it."""
    owned = _held(rows, kind, wanted)
    if kind == "person":
        facets = FoundFacet.objects.all()
        if everybody and wanted.segment and not (wanted.owner or wanted.stage):
            facets = facets.filter(ref__in=members(wanted.segment))
        elif not everybody or wanted.owner or wanted.stage or wanted.segment:
            facets = facets.filter(ref__in=owned.order_by().values("pk"))
        return list(facets.values_list(*COLUMNS[kind]).annotate(rows=Count("pk")).order_by())
    said = _named(owned, kind).values_list(*(f"its_{name}" for name in COLUMNS[kind]))
    return list(said.annotate(rows=Count("pk")).order_by())


def _named(rows: QuerySet[M], kind: str) -> QuerySet[M]:
    named: QuerySet[M] = rows.annotate(**{f"its_{name}": column for name, column in COLUMNS[kind].items()})
    return named


def _chosen(rows: QuerySet[M], kind: str, wanted: Wanted) -> QuerySet[M]:
    chosen = {f"its_{name}": given for name in COLUMNS[kind] if (given := getattr(wanted, name))}
    return _named(rows, kind).filter(**chosen) if chosen else rows


# As one types: a few, the best first


class Typed:
    """What somebody has typed so far. Other spellings are looked for once, and only when they are needed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.terms = terms_of(text)

    @cached_property
    def widened(self) -> tuple[Term, ...]:
        return _widened(self.terms)[0]


def people_found(rows: QuerySet[Person], typed: Typed, most: int, *, few: bool = False) -> list[Person]:
    """The people among `rows` who fit best. `few`: the rows are few, so all who fit are looked at among them."""
    found = {one.pk: one for one in _candidates(rows.select_related("organisation"), "person", typed, few=few)}
    ranked = [
        (rank(typed.text, typed.terms, known_person(one, addresses)), -_seconds(one.last_signal_at), one.pk)
        for one, addresses in with_addresses(list(found.values()))
    ]
    return [found[pk] for _, _, pk in sorted(ranked)[:most]]


def organisations_found(
    rows: QuerySet[Organisation], typed: Typed, most: int, *, few: bool = False
) -> list[Organisation]:
    ranked = [
        (rank(typed.text, typed.terms, known_organisation(one)), folded(one.name), one.pk, one)
        for one in _candidates(rows, "organisation", typed, few=few)
    ]
    return [one for *_, one in sorted(ranked, key=lambda found: found[:3])[:most]]


def _seconds(at: datetime | None) -> float:
    return ((at or LONG_AGO) - LONG_AGO).total_seconds()


def _candidates(rows: QuerySet[M], kind: str, typed: Typed, *, few: bool) -> list[M]:
    """Whole words first, then their beginnings, then other spellings: of one word if it found few, of more if none."""
    if not typed.terms:
        return []
    among = rows if few else None
    unsettled = _unsettled(kind)
    ids = set(_ids(kind, wholly(typed.terms), EXACT, among))
    if len(ids) < EXACT:
        ids.update(_ids(kind, typed.terms, BEGUN, among))
    ids.difference_update(unsettled)
    ids.update(ref for ref, words in unsettled.items() if words and fits(typed.terms, words.all))
    ids.update(bearers(kind, typed.text))
    if len(ids) < (FEW if len(typed.terms) == 1 else 1) and typed.widened != typed.terms:
        ids.update(set(_ids(kind, typed.widened, CORRECTED, among)) - set(unsettled))
        ids.update(ref for ref, words in unsettled.items() if words and fits(typed.widened, words.all))
    return list(rows.filter(pk__in=ids))


# What the databases are asked


def _ids(kind: str, terms: Sequence[Term], most: int, among: QuerySet[Any] | None = None) -> list[int]:
    """Those who fit, the newest first; `among` those rows only."""
    table = TABLES[kind]
    if among is not None:
        return list(among.filter(pk__in=_fitting(kind, terms)).order_by("-pk").values_list("pk", flat=True)[:most])
    if connection.vendor == "sqlite":
        sql, given = _where(kind, terms)
        asked = f"SELECT rowid FROM {table} WHERE {sql} ORDER BY rowid DESC LIMIT {most}"  # noqa: S608
    else:
        asked, given = _few_of_postgresql(table, terms, most)
    with connection.cursor() as cursor:
        cursor.execute(asked, given)
        return [row[0] for row in cursor.fetchall()]


def _fitting(kind: str, terms: Sequence[Term]) -> RawSQL:
    sql, given = _where(kind, terms)
    return RawSQL(f"SELECT rowid FROM {TABLES[kind]} WHERE {sql}", given)  # noqa: S608, S611 (ours)


def _where(kind: str, terms: Sequence[Term]) -> tuple[str, list[Any]]:
    if connection.vendor == "sqlite":
        return f"{TABLES[kind]} MATCH %s", [
            " AND ".join(_said(term, '"{}"*', '"{}"', " OR ", " AND ") for term in terms)
        ]
    return "words @@ %s::tsquery", [_tsquery(terms)]


def _tsquery(terms: Sequence[Term]) -> str:
    return " & ".join(_said(term, "'{}':*", "'{}'", " | ", " & ") for term in terms)


def _said(term: Term, begun: str, whole: str, either: str, both: str) -> str:
    """A term in the language of one database. Words are letters and digits, so nothing in them needs quoting."""
    ways = (both.join((whole if one.whole else begun).format(one.word) for one in way) for way in term)
    return f"({either.join(f'({way})' for way in ways)})"


def _few_of_postgresql(table: str, terms: Sequence[Term], most: int) -> tuple[str, list[Any]]:
    """Its index gathers all who fit before it gives one. Beginnings that very many bear are looked for row by row.

    The OFFSET keeps it from walking through the whole table in the order that is asked for.
    """
    common = [term for term in terms if _is_common(term)]
    rare = [term for term in terms if term not in common]
    tests = ["(' ' || names || ' ' || others) ~ %s" for _ in common]
    given: list[Any] = [_pattern(term) for term in common]
    if not rare:
        sql = f"SELECT rowid FROM {table} WHERE {' AND '.join(tests)} ORDER BY rowid DESC LIMIT {most}"  # noqa: S608
        return sql, given
    where = " AND ".join(["words @@ %s::tsquery", *tests])
    inner = f"SELECT rowid FROM {table} WHERE {where} OFFSET 0"  # noqa: S608
    return f"SELECT rowid FROM ({inner}) AS fitting ORDER BY rowid DESC LIMIT {most}", [_tsquery(rare), *given]  # noqa: S608


def _is_common(term: Term) -> bool:
    """Whether it is one short beginning of a word, borne by very many."""
    one = term[0][0]
    if len(term) > 1 or len(term[0]) > 1 or one.whole or len(one.word) > 2:
        return False
    bearers = FoundWord.objects.filter(_begins("word", one.word)).aggregate(all=Sum("bearers"))["all"]
    return (bearers or 0) > COMMON or not one.word.isalpha()


def _pattern(term: Term) -> str:
    return f" {term[0][0].word}"


# Which spelling was meant


def _widened(terms: Sequence[Term]) -> tuple[tuple[Term, ...], tuple[str, ...]]:
    """Each word that nobody bears, or else each, with those like it that somebody bears; and what was added."""
    words = [word for term in terms if (word := word_of(term))]
    unknown = [word for word in words if not _is_known(word)]
    spelled = {word: _spellings(word, is_known=not unknown) for word in unknown or words}
    wider = tuple(or_else(term, spelled.get(word_of(term), [])) for term in terms)
    return wider, tuple(dict.fromkeys(one for each in spelled.values() for one in each))


def _is_known(start: str) -> bool:
    return FoundWord.objects.filter(_begins("word", start)).exists()


def _spellings(typed: str, *, is_known: bool) -> list[str]:
    """Words of the vocabulary like this one: with one mistake or two, ending with it, or else with it somewhere."""
    start, end = unbroken(typed)
    near = Q(_begins("word", start)) | Q(_begins("backwards", end[::-1]))
    long_enough = FoundWord.objects.annotate(length=Length("word")).filter(length__gte=len(typed) - 2)
    rows = long_enough.filter(near).values_list("word", "bearers").order_by("-bearers", "word")
    found = meant(typed, rows[:LOOKED_AT], SPELLINGS)
    ending = FoundWord.objects.filter(_begins("backwards", typed[::-1])).exclude(word=typed)
    found += ending.order_by("-bearers", "word").values_list("word", flat=True)[:SPELLINGS]
    if not found and not is_known:  # this looks at every word
        within = FoundWord.objects.filter(word__contains=typed).order_by("-bearers", "word")
        found += within.values_list("word", flat=True)[:SPELLINGS]
    return list(dict.fromkeys(found))


def _begins(column: str, start: str) -> Q:
    """In the way in which each database uses its index."""
    if connection.vendor == "sqlite":
        return Q(**{f"{column}__gte": start, f"{column}__lt": start + "\x7f"})
    return Q(**{f"{column}__startswith": start})

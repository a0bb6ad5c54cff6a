"""Finding people and organisations, and who may see them."""

import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery

from vendange.agreement.stages import CLOSED, TEAM
from vendange.agreement.vocabulary import ROLES
from vendange.identify.rules import STRONG
from vendange.models import ApiKey, Call, Consent, Deal, Fact, Identity, Lead, Organisation, Person, Signal, User

CLOSED_STAGES = [str(stage) for stage in CLOSED]
SALES_STAGES = [str(stage) for stage, team in TEAM.items() if team == "sales"]
Reader = User | ApiKey
Key = tuple[str, str]
POINTS: Final = ("person_id", "shared", "claimed")  # what may change of a key
MOST_PEOPLE = 200  # of one organisation, on one page


def by_key(kind: str, values: Sequence[str]) -> Mapping[str, Person]:
    """The persons who hold these keys, by key."""
    rows = Identity.objects.filter(kind=kind, value__in=list(values)).select_related("person__organisation")
    return {row.value: row.person for row in rows}


def held(keys: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of these keys that somebody holds, as pairs of kind and value."""
    wanted: dict[str, list[str]] = {}
    for kind, value in keys:
        wanted.setdefault(kind, []).append(value)
    rows = (Identity.objects.filter(kind=kind, value__in=values) for kind, values in wanted.items())
    return {pair for found in rows for pair in found.values_list("kind", "value")}


@dataclass(slots=True, eq=False)
class Held:
    """A key and who holds it. `id` and `stood`: of one that was there before, with what it said then."""

    kind: str
    value: str
    person: Person
    shared: bool = False
    claimed: bool = False
    import_batch_id: int | None = None
    id: int | None = None
    stood: tuple[int, bool, bool] | None = None


def held_by(strong: Iterable[Sequence[tuple[str, str]]], cookies: Iterable[str]) -> dict[tuple[str, str], Held]:
    """Who holds these keys: one question for each kind of key, and one for the people, each of whom is one object."""
    wanted: dict[str, set[str]] = {"anonymous_id": {cookie for cookie in cookies if cookie}}
    for keys in strong:
        for kind, value in keys:
            wanted.setdefault(kind, set()).add(value)
    columns = ("kind", "value", "pk", *POINTS)
    rows = [
        row
        for kind, values in wanted.items()
        if values
        for row in Identity.objects.filter(kind=kind, value__among=values).values_list(*columns)
    ]
    named = {row[3] for row in rows}
    found = Person.objects.select_related("organisation").filter(pk__among=named) if rows else ()
    people = {person.pk: person for person in found}
    return {
        (kind, value): Held(kind, value, people[person], shared, claimed, id=number, stood=(person, shared, claimed))
        for kind, value, number, person, shared, claimed in rows
    }


def of_the_day(cookie: str, at: datetime) -> str:
    """Under what the nameless visits of one day in a browser of several people come together.

    Nobody can send this name who does not hold our key, so that it never comes to name somebody.
    """
    return hmac.new(settings.SECRET_KEY.encode(), f"{at:%Y-%m-%d} {cookie}".encode(), "sha256").hexdigest()


def visits_of_the_day(
    cookies: Iterable[tuple[str, datetime]], strong: Iterable[Sequence[Key]], held: Mapping[Key, Held]
) -> dict[Key, Held]:
    """Who has been in shared browsers on these days, for visits that no strong key names."""
    shared = {value for (kind, value), row in held.items() if kind == "anonymous_id" and row.shared}
    if not shared:
        return {}
    pairs = zip(cookies, strong, strict=True)
    nameless = [of_the_day(cookie, at) for (cookie, at), keys in pairs if cookie in shared and not keys]
    return held_by([], nameless) if nameless else {}


def vouched_for(people: Collection[int]) -> set[int]:
    """Those among these people whom a source that is believed has named, or a letter that they answered."""
    # By person alone: asked for the kinds too, SQLite reads every address that it knows.
    rows = Identity.objects.filter(person__in=people, claimed=False).values_list("person_id", "kind")
    return {person for person, kind in rows if kind in STRONG}


def stated(people: Collection[int]) -> set[tuple[int, str]]:
    """Which fields of these people a colleague has written by hand, or vouched for."""
    rows = Fact.objects.filter(person_id__among=list(people), origin__in=("reported", "verified"))
    return set(rows.values_list("person_id", "field"))


def by_email(email: str) -> Person | None:
    return Person.objects.filter(email__iexact=email.strip()).order_by("id").first()


def people_of(organisation_ids: Collection[int]) -> list[int]:
    """Everybody who works there."""
    if not organisation_ids:
        return []
    rows = Person.objects.filter(organisation_id__in=organisation_ids, merged_into=None)
    return list(rows.values_list("pk", flat=True))


def leads_visible_to(reader: Reader) -> QuerySet[Lead]:
    """Which leads a colleague, or the key of a program, may see: all of them, except for the role sales.

    A salesperson sees those that they hold or held. A key of sales is nobody who could hold one: it sees those that
    are with sales now, or ended there.
    """
    if reader.role != "sales":
        return Lead.objects.all()
    if isinstance(reader, ApiKey):
        return Lead.objects.filter(stage__in=SALES_STAGES)
    held = Lead.objects.filter(pk=OuterRef("pk"), assignments__salesperson__user=reader)
    return Lead.objects.filter(Q(owner=reader) | Exists(held))


def visible_to(reader: Reader) -> QuerySet[Person]:
    """The persons of the leads that this reader may see; for other roles than sales: everybody."""
    people = Person.objects.filter(merged_into__isnull=True)
    if reader.role != "sales":
        return people
    return people.filter(Exists(leads_visible_to(reader).filter(person=OuterRef("pk"))))


def organisations_visible_to(reader: Reader) -> QuerySet[Organisation]:
    """Organisations of at least one person whom this reader may see; for other roles than sales: all of them."""
    organisations = Organisation.objects.filter(merged_into=None)
    if reader.role != "sales":
        return organisations
    return organisations.filter(Exists(visible_to(reader).filter(organisation=OuterRef("pk"))))


def listed(rows: QuerySet[Person]) -> QuerySet[Person]:
    """For a list: the last to act first, each with measure, company, `last_kind` and `open_leads`."""
    acts = Signal.objects.filter(person=OuterRef("pk")).exclude(verdict="machine").order_by("-occurred_at", "-id")
    standing = Lead.objects.exclude(stage__in=CLOSED_STAGES).select_related("owner").order_by("-opened_at", "-id")
    return (
        rows.select_related("organisation", "measure")
        .prefetch_related(Prefetch("leads", queryset=standing, to_attr="open_leads"))
        .annotate(last_kind=Subquery(acts.values("kind")[:1]))
        .order_by(F("last_signal_at").desc(nulls_last=True), "-id")
    )


def verdicts(person: Person) -> Mapping[str, int]:
    """How many signals of each verdict."""
    rows = Signal.objects.filter(person=person).values_list("verdict").annotate(signals=Count("pk")).order_by()
    return dict(rows)


def signals_of(person: Person, verdict: str, until: int) -> Sequence[Signal]:
    """The newest `until` signals, of one verdict or ("") of all."""
    rows = Signal.objects.filter(person=person, **({"verdict": verdict} if verdict else {}))
    return list(rows.select_related("source", "by").order_by("-occurred_at", "-id")[:until])


def calls_of(person: Person, until: int, since: datetime | None = None) -> Sequence[Call]:
    rows = Call.objects.filter(person=person, **({"at__gt": since} if since else {}))
    return list(rows.select_related("by").order_by("-at", "-id")[:until])


def consents_of(person: Person, until: int) -> Sequence[Consent]:
    """Every word of the person about being contacted, the latest first."""
    return list(Consent.objects.filter(person=person).select_related("by").order_by("-at", "-id")[:until])


def contacts_counted(person: Person) -> tuple[int, int]:
    """How many calls, how many words about consent, ever."""
    return Call.objects.filter(person=person).count(), Consent.objects.filter(person=person).count()


def keys_told(person: Person) -> Sequence[Identity]:
    """Every key of this person, those of strong kinds first, each kind by when it was first seen."""
    rows = Identity.objects.filter(person=person).order_by("first_seen_at", "pk")
    return sorted(rows, key=lambda row: (row.kind not in STRONG, row.claimed))


def strong_key_of(person: Person) -> tuple[str, str] | None:
    """A key by which what we hear of this person will find them again; None when there is none."""
    rows = Identity.objects.filter(person=person, shared=False)
    order = {"user_id": 0, "external_id": 1, "email": 2, "anonymous_id": 3}
    known = sorted(rows.values_list("kind", "value"), key=lambda key: order.get(key[0], 9))
    return known[0] if known else None


def leads_about(person: Person) -> Sequence[Lead]:
    """Their leads, the open one first, then the latest."""
    rows = Lead.objects.filter(person=person).select_related("owner", "agreement", "deal")
    return sorted(rows.order_by("-opened_at", "-id")[:20], key=lambda lead: not lead.is_open)


def deal_of(lead: Lead) -> Deal | None:
    return Deal.objects.filter(lead=lead).first()


def members(organisation: Organisation) -> Sequence[Person]:
    """Its people, the last to act first, with `last_kind`."""
    return list(listed(organisation.people.filter(merged_into__isnull=True))[:MOST_PEOPLE])


def signals_counted(organisation: Organisation, since: datetime) -> Mapping[int, int]:
    """Signals of human beings since then, by person."""
    rows = Signal.objects.filter(person__organisation=organisation, occurred_at__gte=since).exclude(verdict="machine")
    return dict(rows.values_list("person").annotate(signals=Count("pk")).order_by())


def organisations_listed(rows: QuerySet[Organisation], user: User) -> QuerySet[Organisation]:
    """For a list: the last to act first, with `last_at`, `people_known`, `open_leads`, `roles_known`."""
    mine = visible_to(user).filter(organisation=OuterRef("pk")).order_by()
    standing = leads_visible_to(user).filter(organisation=OuterRef("pk")).exclude(stage__in=CLOSED_STAGES).order_by()
    acted = mine.filter(last_signal_at__isnull=False).order_by("-last_signal_at")
    return (
        rows.select_related("heat")
        .annotate(
            last_at=Subquery(acted.values("last_signal_at")[:1]),
            people_known=_how_many(mine, "pk"),
            open_leads=_how_many(standing, "pk"),
            roles_known=_how_many(
                Person.objects.filter(organisation=OuterRef("pk"), role__in=ROLES, merged_into__isnull=True), "role"
            ),
        )
        .order_by(F("last_at").desc(nulls_last=True), "-id")
    )


def _how_many(rows: QuerySet[Person] | QuerySet[Lead], column: str) -> Subquery:
    grouped = rows.order_by().values("organisation")
    return Subquery(grouped.annotate(n=Count(column, distinct=True)).values("n")[:1])


def contacted_since(now: datetime) -> datetime:
    """From when contacts count for attention: the last 30 days."""
    return now - timedelta(days=30)

"""Reads who belongs to a segment: a few people row by row in Python, everybody as columns in DuckDB."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from vendange.agreement.problems import NotAnAgreement
from vendange.agreement.segments import Did, Selection, selection_of
from vendange.agreement.vocabulary import KINDS, SIGNAL_DIMENSIONS
from vendange.models import Consent, Person, Segment, SegmentLeft, SegmentMember, Signal
from vendange.models.held import open_leads
from vendange.models.reading import SIGNAL_COLUMNS, from_acts, listed, micros, rows
from vendange.segment.rules import NO, Act, Known, cells, fits, kinds_asked, longest, windows

ROW: Final = tuple(SIGNAL_DIMENSIONS)
FEW = 2_000  # people who are asked row by row: DuckDB and its compiler take longer to wake
PIECE: Final = 20_000  # numbers of people that are looked at together
BACK: Final = timedelta(days=7)
PROFILE: Final = (
    "level", "role", "job_title", "country", "language", "source", "created_at",
    "organisation__employees", "organisation__industry", "organisation__country", "organisation__region",
    "organisation__postal_code", "organisation__tier",
)  # fmt: skip


def standing() -> list[tuple[Segment, Selection]]:
    """The open segments by conditions, with what they ask; one whose text cannot be read any more is left out."""
    found = []
    for one in Segment.objects.filter(kind="rules", closed_at=None).order_by("id"):
        selection = readable(one)
        if selection is not None:
            found.append((one, selection))
    return found


def readable(one: Segment) -> Selection | None:
    try:
        return selection_of(one.wording, is_new=False)
    except NotAnAgreement:
        return None


# A few people, row by row


def known_of(people: Collection[int], selections: Sequence[Selection], now: datetime) -> dict[int, Known]:
    """What these segments may ask of these people; those who are gone, or were merged into others, are left out."""
    acts = _acts(people, selections, now)
    leads = _leads(people)
    said = _said(people) if any(one.consents for one in selections) else {}
    columns = Person.objects.filter(pk__in=people, merged_into=None).values_list(
        "pk", "relationship", "measure__temperature", "measure__grade", *PROFILE
    )
    found = {}
    for pk, relationship, temperature, grade, *profile in columns:
        stages, owners = leads.get(pk, ((), ()))
        found[pk] = Known(
            profile=_profile(profile),
            relationship=relationship,
            temperature=temperature or "cold",
            tier=profile[-1] or "",
            grade=grade or "",
            stages=stages,
            owners=owners,
            said=said.get(pk, {}),
            acts=acts.get(pk, ()),
        )
    return found


def _profile(cells: Sequence[Any]) -> dict[str, Any]:
    names = (name.replace("__", ".") if "__" in name else f"person.{name}" for name in PROFILE)
    found: dict[str, Any] = {name: None if value == "" else value for name, value in zip(names, cells, strict=True)}
    found["person.known_since"] = micros(found.pop("person.created_at"))
    return found


def _acts(people: Collection[int], selections: Sequence[Selection], now: datetime) -> dict[int, list[Act]]:
    kinds = kinds_asked(selections)
    if not kinds or not people:
        return {}
    back = longest(selections)
    after = None if back is None else now - timedelta(days=back)
    columns = ", ".join(SIGNAL_COLUMNS[name] for name in ("kind", "at", *(name for name in ROW if name != "at")))
    found: dict[int, list[Act]] = {}
    for person, kind, at, *said in rows(
        f"SELECT s.person_id, {columns} {from_acts(kinds, after, now)}", listed(people)
    ):
        moment = micros(at)
        row = dict(zip((name for name in ROW if name != "at"), said, strict=True)) | {"at": moment}
        found.setdefault(person, []).append(Act(kind, moment, row))
    return found


def _leads(people: Collection[int]) -> dict[int, tuple[set[str], set[str]]]:
    """Stages and owners of their open leads."""
    found: dict[int, tuple[set[str], set[str]]] = {}
    theirs = open_leads().filter(person__in=people)
    for person, stage, owner in theirs.values_list("person_id", "stage", "owner__username"):
        stages, owners = found.setdefault(person, (set(), set()))
        stages.add(stage)
        if owner:
            owners.add(owner)
    return found


def _said(people: Collection[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    lines = Consent.objects.filter(person__in=people).order_by("at", "id")
    for person, channel, status in lines.values_list("person_id", "channel", "status"):
        found.setdefault(person, {})[channel] = status
    return found


def belonging(people: Collection[int], selections: Sequence[Selection], now: datetime) -> list[set[int]]:
    """Those of these people who belong to each of the segments."""
    known, moment = known_of(people, selections, now), micros(now)
    return [{pk for pk, one in known.items() if fits(selection, one, moment)} for selection in selections]


# Everybody, as columns


def pieces(size: int = PIECE) -> Iterator[tuple[int, int]]:
    """First and last number of people, a piece after the other."""
    ends = Person.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is not None:
        for first in range(ends["first"], ends["last"] + 1, size):
            yield first, first + size - 1


def belonging_between(first: int, last: int, selection: Selection, now: datetime) -> list[int]:
    """Those with these numbers who belong to it, in order. Each condition is asked of those whom the others left."""
    people = list(_candidates(first, last, selection).order_by("pk").values_list("pk", flat=True))
    if selection.who is not None and people:
        people = _who(people, selection, now)
    for did in selection.did:
        if people:
            acted = _who_did(people, did, now)
            people = [pk for pk in people if pk in acted]
    for did in selection.did_not:
        if people:
            acted = _who_did(people, did, now)
            people = [pk for pk in people if pk not in acted]
    return people


def _candidates(first: int, last: int, selection: Selection) -> QuerySet[Person]:
    """Where they stand and what they allowed: codes, which the database compares."""
    people = Person.objects.filter(pk__gte=first, pk__lte=last, merged_into=None)
    if selection.relationship:
        people = people.filter(relationship__in=selection.relationship)
    if selection.temperature:
        warm = Q(measure__temperature__in=selection.temperature)
        people = people.filter(warm | Q(measure=None) if "cold" in selection.temperature else warm)
    if selection.tier:
        people = people.filter(organisation__tier__in=selection.tier)
    if selection.cell:
        people = people.filter(measure__grade__in=cells(selection.cell))
    if selection.stage:
        people = people.filter(Exists(open_leads().filter(person=OuterRef("pk"), stage__in=selection.stage)))
    if selection.held:
        people = people.filter(_held(selection.held))
    return _consented(people, selection.consents)


def _held(held: tuple[str, ...]) -> Any:
    theirs = open_leads().filter(person=OuterRef("pk"), owner__isnull=False)
    if held == ("nobody",):
        return ~Exists(theirs)
    return Exists(theirs if held == ("somebody",) else theirs.filter(owner__username__in=held))


def _consented(people: QuerySet[Person], consents: Iterable[tuple[str, str]]) -> QuerySet[Person]:
    wanted = dict(consents)
    for channel in (*wanted, *(["all"] if wanted else [])):
        latest = Consent.objects.filter(person=OuterRef("pk"), channel=channel).order_by("-at", "-id")
        people = people.annotate(**{f"said_{channel}": Coalesce(Subquery(latest.values("status")[:1]), Value(""))})
    for channel, state in wanted.items():
        refused = Q(**{f"said_{channel}__in": NO}) | Q(said_all__in=NO)
        people = people.filter(refused) if state == "refused" else people.exclude(refused)
        if state == "given":
            people = people.filter(**{f"said_{channel}": "given"})
    return people


def _who(people: Sequence[int], selection: Selection, now: datetime) -> list[int]:
    if len(people) <= FEW:
        return sorted(belonging(people, [Selection(who=selection.who)], now)[0])
    from vendange.agreement.conditions import dimensions_of
    from vendange.engine.compile import holding_sql
    from vendange.engine.on_duckdb import ask
    from vendange.engine.schema import column_of
    from vendange.models.arrow import people_of

    assert selection.who is not None  # noqa: S101 - for the type checker
    columns = {"person", *map(column_of, dimensions_of(selection.who))}
    found = ask(holding_sql(selection.who, "people"), people=people_of(people, columns))
    kept: list[int] = found.column("person").to_pylist()
    return sorted(kept)


def _who_did(people: Sequence[int], did: Did, now: datetime) -> set[int]:
    after = None if did.within_days is None else now - timedelta(days=did.within_days)
    if did.where is None:
        asked = (
            f"SELECT s.person_id {from_acts(did.on, after, now)}"
            f" GROUP BY s.person_id HAVING count(*) >= {int(did.times)}"
        )
        return {person for (person,) in rows(asked, listed(people))}
    if len(people) <= FEW:
        return belonging(people, [Selection(did=(did,))], now)[0]
    from vendange.agreement.conditions import dimensions_of
    from vendange.engine.compile import holding_sql
    from vendange.engine.on_duckdb import ask
    from vendange.engine.schema import column_of
    from vendange.models.arrow import acts_of

    columns = {"person", *map(column_of, dimensions_of(did.where))}
    signals = acts_of(people, did.on, after, now, columns)
    inner = holding_sql(did.where, "signals")
    found = ask(
        f'SELECT "person" FROM ({inner}) AS holding GROUP BY 1 HAVING count(*) >= {int(did.times)}',  # noqa: S608 (ours)
        signals=signals,
    )
    return set(found.column("person").to_pylist())


def grown_old(selections: Iterable[Selection], after: datetime, until: datetime) -> set[int]:
    """People with an act that grew too old for one of these segments between two moments."""
    found: set[int] = set()
    for kinds, days in sorted(windows(selections)):
        back = timedelta(days=days)
        acts = Signal.objects.filter(kind__in=kinds, occurred_at__gt=after - back, occurred_at__lte=until - back)
        found.update(acts.values_list("person_id", flat=True).distinct())
    return found


# What pages tell


@dataclass(frozen=True, slots=True)
class Size:
    members: int = 0
    came: int = 0  # of the members of now, in the last seven days
    left: int = 0  # in the last seven days


def sizes(now: datetime) -> Mapping[int, Size]:
    """Of every open segment, by its number. Three questions, however many segments there are."""
    since = now - BACK
    members = SegmentMember.objects.filter(segment__closed_at=None).order_by()
    number = dict(members.values_list("segment_id").annotate(n=Count("pk")))
    came = dict(members.filter(since__gt=since).values_list("segment_id").annotate(n=Count("pk")))
    left = dict(SegmentLeft.objects.filter(at__gt=since).order_by().values_list("segment_id").annotate(n=Count("pk")))
    return {pk: Size(count, came.get(pk, 0), left.get(pk, 0)) for pk, count in number.items()} | {
        pk: Size(left=count) for pk, count in left.items() if pk not in number
    }


def never_heard_of(selection: Selection, known: Collection[str]) -> list[str]:
    """Kinds of signal of a segment that neither we nor the agreement name, and that never came in."""
    kinds = kinds_asked([selection]) - set(KINDS) - set(known)
    return sorted(kind for kind in kinds if not Signal.objects.filter(kind=kind).exists())


@dataclass(frozen=True, slots=True)
class Preview:
    """Who belongs to what is being written; `is_whole`: everybody was looked at, else only the latest known."""

    number: int
    is_whole: bool
    examples: Sequence[tuple[Person, Known]]


def preview(selection: Selection, now: datetime, most: int, seconds: float) -> Preview:
    """How many belong to it, the latest known first, looked for at most so long; and some of them."""
    start, number, chosen, whole = monotonic(), 0, list[int](), True
    for first, last in reversed(list(pieces())):
        if monotonic() - start > seconds:
            whole = False
            break
        found = belonging_between(first, last, selection, now)
        number += len(found)
        chosen += reversed(found[-(most - len(chosen)) :] if len(chosen) < most else [])
    known = known_of(chosen, [selection], now)
    people = Person.objects.select_related("organisation", "measure").in_bulk(chosen)
    return Preview(number, whole, [(people[pk], known[pk]) for pk in chosen if pk in known])

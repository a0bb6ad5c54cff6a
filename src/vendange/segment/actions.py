"""Writes segments and who belongs to them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from vendange.agreement.segments import Selection, selection_of
from vendange.agreement.sentence import Cannot, Incomplete, Sentence, sentence
from vendange.models import Job, Person, Segment, SegmentLeft, SegmentMark, SegmentMember, User
from vendange.models.job import Cancel, Stopped, Tell
from vendange.models.reading import LIST, listed
from vendange.models.trail import record
from vendange.models.turns import Turns
from vendange.segment import queries
from vendange.segment.rules import windows

KIND: Final = "segment"
LOCK: Final = 7_236_174_022  # any number: who changes what others look at, and who looks at many, go one by one
LONGEST_NAME: Final = 120
AT_ONCE: Final = 500  # people who are looked at row by row together
FILLED: Final = 5_000  # numbers of people in one transaction of a filling: others may write between two
SMALL: Final = 20_000  # people up to which a segment is filled while one waits
SLICES: Final = 24  # in which a long time without a worker is caught up
LEFT_KEPT: Final = timedelta(days=31)


# What a segment is


class ChangedMeanwhile(Cannot):
    """Somebody has changed it since it was read."""


@transaction.atomic
def create(
    *, name: str, about: str = "", kind: str = "rules", wording: str = "", by: User | None, now: datetime
) -> Segment:
    """A new segment, still empty. Raises Incomplete; NotAnAgreement when its conditions cannot be read."""
    if kind == "rules":
        selection_of(wording)
    one = Segment(name=_named(name, None), about=about.strip()[:500], kind=kind, wording=wording, by=by)
    one.created_at = one.changed_at = now
    if kind == "hand":
        one.filled_at = now
    one.save()
    record("segment.created", one, at=now, by=by, detail={"name": one.name, "kind": kind})
    return one


@transaction.atomic
def change(
    one: Segment,
    *,
    name: str,
    about: str,
    wording: str,
    by: User | None,
    now: datetime,
    read_at: datetime | None = None,
) -> bool:
    """Another name or other conditions; whether its members must be found anew.

    `read_at`: its `changed_at` as whoever changes it has seen it. Raises ChangedMeanwhile when it was changed since.
    """
    _alone()
    stands = Segment.objects.select_for_update(of=("self",)).get(pk=one.pk)
    if stands.closed_at is not None:
        raise Cannot(sentence("{name} is closed: nobody joins it any more.", name=one.name))
    if read_at is not None and stands.changed_at != read_at:
        raise ChangedMeanwhile(sentence("{name} was changed meanwhile by a colleague.", name=stands.name))
    anew = one.kind == "rules" and selection_of(wording) != queries.readable(stands)
    before = {"name": one.name, "wording": one.wording}
    one.name, one.about, one.changed_at = _named(name, one), about.strip()[:500], now
    if one.kind == "rules":
        one.wording = wording
    if anew:
        one.filled_at = one.looked_at = None
    one.save()
    after = {"name": one.name, "wording": one.wording}
    changed = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    record("segment.changed", one, at=now, by=by, detail=changed)
    return anew


def _named(name: str, one: Segment | None) -> str:
    name = " ".join(name.split())
    problem: Sentence | None = None
    if not name:
        problem = sentence("Give the segment a name.")
    elif len(name) > LONGEST_NAME:
        problem = sentence("This name is too long: use at most {most} characters.", most=LONGEST_NAME)
    elif Segment.objects.filter(name=name).exclude(pk=one.pk if one else 0).exists():
        problem = sentence("Another segment is called “{name}”: choose another name.", name=name)
    if problem:
        raise Incomplete({"name": problem})
    return name


@transaction.atomic
def close(one: Segment, *, by: User | None, now: datetime) -> None:
    """Nobody joins or leaves it any more; who belonged to it stays known."""
    if one.closed_at is None:
        _alone()
        one.closed_at = now
        one.save(update_fields=["closed_at"])
        record("segment.closed", one, at=now, by=by, detail={"name": one.name, "members": one.members.count()})


@transaction.atomic
def reopen(one: Segment, *, by: User | None, now: datetime) -> None:
    """Open again; by conditions, its members must be found anew."""
    if one.closed_at is not None:
        one.closed_at = None
        if one.kind == "rules":
            one.filled_at = one.looked_at = None
        one.save(update_fields=["closed_at", "filled_at", "looked_at"])
        record("segment.opened", one, at=now, by=by, detail={"name": one.name})


# By hand


@transaction.atomic
def add(one: Segment, people: Collection[int], *, now: datetime) -> list[int]:
    """Put these people into a segment by hand; those who were not in it before."""
    _by_hand(one)
    known = set(SegmentMember.objects.filter(segment=one, person__in=people).values_list("person_id", flat=True))
    fresh = sorted(set(Person.objects.filter(pk__in=people, merged_into=None).values_list("pk", flat=True)) - known)
    _join(one, fresh, now)
    return fresh


@transaction.atomic
def remove(one: Segment, people: Collection[int], *, now: datetime) -> list[int]:
    """Take these people out of a segment by hand; those who were in it."""
    _by_hand(one)
    theirs = SegmentMember.objects.filter(segment=one, person__in=people)
    gone = sorted(theirs.values_list("person_id", flat=True))
    _leave(one, gone, now)
    return gone


def _by_hand(one: Segment) -> None:
    if one.kind != "hand":
        raise Cannot(
            sentence("Who belongs to {name} is decided by its conditions: change them instead.", name=one.name)
        )
    if one.closed_at is not None:
        raise Cannot(sentence("{name} is closed: nobody joins it any more.", name=one.name))


# By conditions


def _alone(*, shared: bool = False) -> None:
    """Until this transaction ends nobody else fills a segment or changes one; on SQLite whoever writes is alone.

    `shared`: others who have just measured somebody may look at those at the same time.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_xact_lock{'_shared' if shared else ''}(%s)", [LOCK])


@transaction.atomic
def look(people: Collection[int], *, now: datetime, measured: bool = False) -> None:
    """Look at these people again: in which segments do they belong? `measured`: nobody else has them in hand now."""
    if not people or not Segment.objects.filter(kind="rules", closed_at=None).exists():
        return
    _alone(shared=measured)
    standing = queries.standing()
    ordered = sorted(people)
    for at in range(0, len(ordered), AT_ONCE):
        _look(ordered[at : at + AT_ONCE], standing, now)


def _look(people: Sequence[int], standing: Sequence[tuple[Segment, Selection]], now: datetime) -> None:
    before: dict[int, set[int]] = {}
    rows = SegmentMember.objects.filter(person__in=people, segment__in=[one.pk for one, _ in standing])
    for segment, person in rows.values_list("segment_id", "person_id"):
        before.setdefault(segment, set()).add(person)
    found = queries.belonging(people, [selection for _, selection in standing], now)
    for (one, _), theirs in zip(standing, found, strict=True):
        was = before.get(one.pk, set())
        _join(one, sorted(theirs - was), now)
        _leave(one, sorted(was - theirs), now)


def fill(one: Segment, *, now: datetime, tell: Tell, cancelled: Cancel) -> int:
    """Look at everybody, a piece after the other, each in a transaction of its own; how many belong to it."""
    pieces = list(queries.pieces(FILLED))
    number, turns = 0, Turns()
    if pieces:  # what must be woken and compiled for it takes seconds, during which others may write
        queries.belonging_between(*pieces[0], selection_of(one.wording, is_new=False), now)
    for at, (first, last) in enumerate(pieces):
        if cancelled():
            raise Stopped
        turns.give()
        tell("Looking at everybody", at, len(pieces))
        number += _fill_between(one, first, last, now)
    Segment.objects.filter(pk=one.pk, wording=one.wording).update(filled_at=now, looked_at=now)
    return number


@transaction.atomic
def _fill_between(one: Segment, first: int, last: int, now: datetime) -> int:
    _alone()
    fresh = Segment.objects.get(pk=one.pk)
    if fresh.closed_at is not None or fresh.wording != one.wording:
        raise Cannot(sentence("{name} was changed or closed meanwhile: look at it again.", name=fresh.name))
    there = SegmentMember.objects.filter(segment=one, person__gte=first, person__lte=last)
    before = set(there.values_list("person_id", flat=True))
    found = queries.belonging_between(first, last, selection_of(one.wording, is_new=False), now)
    _join(one, [pk for pk in found if pk not in before], now)
    if before:
        _leave(one, sorted(before.difference(found)), now)
    return len(found)


def _join(one: Segment, people: Sequence[int], now: datetime) -> None:
    """One statement, however many they are."""
    if not people:
        return
    each = f"json_each({LIST})" if connection.vendor == "sqlite" else f"unnest({LIST}::text::bigint[]) AS one(value)"
    sql = (
        "INSERT INTO vendange_segmentmember (segment_id, person_id, since)"  # noqa: S608 (ours)
        f" SELECT %s, value, %s FROM {each} WHERE true ON CONFLICT DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.replace(LIST, "%s"), [one.pk, connection.ops.adapt_datetimefield_value(now), listed(people)])


def _leave(one: Segment, people: Sequence[int], now: datetime) -> None:
    for at in range(0, len(people), AT_ONCE):
        some = people[at : at + AT_ONCE]
        SegmentMember.objects.filter(segment=one, person__in=some).delete()
        SegmentLeft.objects.bulk_create(SegmentLeft(segment=one, person_id=person, at=now) for person in some)


@transaction.atomic
def look_at_marked(now: datetime, most: int) -> int:
    """Look again at those of whom something has changed that segments ask for; how many marks that settled.

    Only the marks that were read are taken away: whoever changes meanwhile leaves another one.
    """
    marks = list(SegmentMark.objects.order_by("id").values_list("id", "ref")[:most])
    if marks:
        look({ref for _, ref in marks}, now=now)
        SegmentMark.objects.filter(pk__in=[pk for pk, _ in marks]).delete()
    return len(marks)


def let_time_pass(now: datetime) -> int:
    """Look again at those for whom an act has grown too old since somebody last looked; how many they are."""
    looking = [(one, what) for one, what in queries.standing() if one.looked_at is not None and one.looked_at < now]
    if not any(windows([what]) for _, what in looking):
        return 0
    start = min(one.looked_at for one, what in looking if one.looked_at and windows([what]))
    step = max((now - start) / SLICES, timedelta(hours=1))
    number, selections = 0, [what for _, what in looking]
    while start < now:
        until = min(start + step, now)
        people = queries.grown_old(selections, start, until)
        look(people, now=now)
        Segment.objects.filter(pk__in=[one.pk for one, _ in looking], looked_at__lt=until).update(looked_at=until)
        number, start = number + len(people), until
    return number


def forget_who_left(now: datetime) -> None:
    SegmentLeft.objects.filter(at__lt=now - LEFT_KEPT).delete()


# As long work


def find_members(one: Segment, *, by: User | None, now: datetime) -> Job | None:
    """Have its members found: at once in a small company, else by a job, which is answered."""
    if not Person.objects.order_by("pk")[SMALL : SMALL + 1].exists():
        fill(one, now=now, tell=_untold, cancelled=_never)
        return None
    waiting = Job.objects.filter(kind=KIND, state="waiting", asked=_asked(one)).first()
    return waiting or Job.objects.create(kind=KIND, by=by, asked_at=now, asked=_asked(one))


def _asked(one: Segment) -> dict[str, str]:
    return {"segment": str(one.public_id)}


def _untold(_what: str, _done: int, _total: int) -> None:
    """Nobody watches."""


def _never() -> bool:
    return False


def run(job: Job, tell: Tell, cancelled: Cancel) -> Mapping[str, Any]:
    one = Segment.objects.filter(public_id=job.asked["segment"]).first()
    if one is None or one.closed_at is not None or queries.readable(one) is None:
        raise Cannot(sentence("This segment is closed, or its conditions cannot be read any more."))
    return {"members": fill(one, now=datetime.now(UTC), tell=tell, cancelled=cancelled)}

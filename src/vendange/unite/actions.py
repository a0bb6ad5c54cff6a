"""Writes merges and the rows that they move, and which records may be one person."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from vendange.agreement.sentence import Cannot, sentence
from vendange.models import Consent, Job, Measure, Merge, Person, Touched, Twins, User
from vendange.models.job import Cancel, Stopped, Tell, ask_once
from vendange.models.moving import Naming, empty_again, fill, give_rows_back, tables_that_name, take_rows
from vendange.models.trail import record as tell
from vendange.unite import queries
from vendange.unite.rules import SUGGESTED, Likeness, likeness

KIND: Final = "twins"
AT_ONCE: Final = 2_000  # pairs
# Blanks of the record that stays, filled from the one that is taken in.
FILLED: Final = (
    "first_name", "last_name", "email", "phone", "phone_raw", "job_title", "level", "role", "language", "country",
    "time_zone", "source", "organisation_id",
)  # fmt: skip
NO: Final = ("refused", "withdrawn")
STANDS: Final = ("suspect", "prospect", "customer")


class CannotMerge(Cannot):
    """These two cannot become one, or this merge cannot be undone now."""


def movable() -> dict[str, Naming]:
    """Every table with rows of a person, by its name; what is one per person is made anew instead."""
    return dict(tables_that_name(Person, but=(Merge, Twins, Person)))


@transaction.atomic
def merge(*, kept: Person, absorbed: Person, by: User | None, now: datetime) -> Merge:
    """All that is known of `absorbed` becomes `kept`'s; its keys and its public id lead there from now on.

    What is blank is filled, nothing is overwritten, and of each consent the stricter stays (C22).
    """
    kept, absorbed = _both(kept, absorbed)
    strict = _stricter(kept, absorbed)
    moved = take_rows(movable(), kept=kept, absorbed=absorbed)
    Measure.objects.filter(person=absorbed).delete()
    Touched.objects.filter(person=absorbed).delete()
    Consent.objects.bulk_create(_forbids(kept, channel, purpose, by, now) for channel, purpose in strict)
    filled = _fill(kept, absorbed)
    absorbed.merged_into = kept
    absorbed.save(update_fields=["merged_into"])
    done = Merge.objects.create(kept=kept, absorbed=absorbed, at=now, by=by, moved=moved, filled=filled)
    _settle_twins(kept, absorbed, by, now)
    detail = {"absorbed": str(absorbed.public_id), "rows": {name: len(ids) for name, ids in moved.items()}}
    tell("person.merged", kept, at=now, by=by, detail=detail)
    return done


def _both(kept: Person, absorbed: Person) -> tuple[Person, Person]:
    """The two rows, locked in one order, so that two merges at once wait for each other."""
    if kept.pk == absorbed.pk:
        raise CannotMerge(sentence("This is one record already."))
    both = Person.objects.select_for_update().filter(pk__in=(kept.pk, absorbed.pk)).order_by("pk")
    rows = {one.pk: one for one in both}
    for one in rows.values():
        if one.merged_into_id is not None:
            raise CannotMerge(sentence("{name} has been merged into another record meanwhile.", name=one.name))
    return rows[kept.pk], rows[absorbed.pk]


def _stricter(kept: Person, absorbed: Person) -> list[tuple[str, str]]:
    """Channels and purposes that one of the two refuses now while the later word of the other would allow them."""
    latest: dict[tuple[str, str], dict[int, Consent]] = {}
    for line in Consent.objects.filter(person__in=(kept, absorbed)).order_by("at", "id"):
        latest.setdefault((line.channel, line.purpose), {})[line.person_id] = line
    found = []
    for key, words in latest.items():
        last = max(words.values(), key=lambda line: (line.at, line.pk))
        if last.status == "given" and any(line.status in NO for line in words.values()):
            found.append(key)
    return found


def _forbids(person: Person, channel: str, purpose: str, by: User | None, now: datetime) -> Consent:
    return Consent(
        person=person, channel=channel, purpose=purpose, status="withdrawn", at=now, method="merge", by=by,
        wording="One of the two records refused",
    )  # fmt: skip


def _fill(kept: Person, absorbed: Person) -> dict[str, tuple[Any, Any]]:
    """Each field that changes, with what it was and what it is now."""
    become = {name: getattr(absorbed, name) for name in FILLED if not getattr(kept, name) and getattr(absorbed, name)}
    if kept.regime == "unknown" != absorbed.regime:
        become["regime"] = absorbed.regime
    if STANDS.index(absorbed.relationship) > STANDS.index(kept.relationship):
        become["relationship"] = absorbed.relationship
    return fill(kept, become)


def _settle_twins(kept: Person, absorbed: Person, by: User | None, now: datetime) -> None:
    """Their pair is settled; what else was asked about the absorbed one is asked anew, about the one that stays."""
    pair = Twins.objects.filter(first_id=min(kept.pk, absorbed.pk), second_id=max(kept.pk, absorbed.pk))
    pair.update(state="merged", settled_at=now, settled_by=by)
    Twins.objects.filter(Q(first=absorbed) | Q(second=absorbed), state="open").delete()


@transaction.atomic
def unmerge(*, merge: Merge, by: User, now: datetime) -> Merge:
    """Every row goes back where it was. What came since stays with the record that was kept, objections with both."""
    merge = Merge.objects.select_for_update(of=("self",)).select_related("kept", "absorbed").get(pk=merge.pk)
    kept, absorbed = merge.kept, merge.absorbed
    if merge.undone_at is not None:
        raise CannotMerge(sentence("This merge has been undone already."))
    if kept.merged_into_id is not None:
        raise CannotMerge(sentence("{name} was merged itself since. Undo that first.", name=kept.name))
    refused = _refused(kept)
    give_rows_back(movable(), merge.moved, kept=kept, absorbed=absorbed)
    empty_again(kept, merge.filled)
    absorbed.merged_into = None
    absorbed.save(update_fields=["merged_into"])
    for person in (kept, absorbed):
        missing = refused - _refused(person)
        Consent.objects.bulk_create(_forbids(person, channel, purpose, by, now) for channel, purpose in sorted(missing))
    merge.undone_at, merge.undone_by = now, by
    merge.save(update_fields=["undone_at", "undone_by"])
    pair = Twins.objects.filter(first_id=min(kept.pk, absorbed.pk), second_id=max(kept.pk, absorbed.pk))
    pair.update(state="different", settled_at=now, settled_by=by)
    tell("person.unmerged", kept, at=now, by=by, detail={"absorbed": str(absorbed.public_id)})
    return merge


def _refused(person: Person) -> set[tuple[str, str]]:
    """What this person forbids now."""
    latest: dict[tuple[str, str], str] = {}
    for line in Consent.objects.filter(person=person).order_by("at", "id"):
        latest[line.channel, line.purpose] = line.status
    return {key for key, status in latest.items() if status in NO}


def differ(*, twins: Twins, by: User, now: datetime) -> None:
    """A human says that these are two people: nobody is asked about them again."""
    twins.state, twins.settled_at, twins.settled_by = "different", now, by
    twins.save(update_fields=["state", "settled_at", "settled_by"])
    tell("person.told_apart", twins.first, at=now, by=by, detail={"other": str(twins.second.public_id)})


def ask(*, by: User | None, now: datetime) -> Job:
    """Have everybody compared; a search under way is joined."""
    return ask_once(KIND, by=by, now=now)


def run(job: Job, tell_how_far: Tell, cancelled: Cancel) -> Mapping[str, Any]:
    """Compare everybody who shares a key with somebody; begun again after a death, it goes on where it stood."""
    tell_how_far("Reading people", 0, 0)
    shared = queries.shared_keys()
    start = job.done - job.done % AT_ONCE if job.tries > 1 else 0
    found = 0
    for at in range(start, len(shared.pairs), AT_ONCE):
        if cancelled():
            raise Stopped
        tell_how_far("Comparing", at, len(shared.pairs))
        found += _compare(shared.pairs[at : at + AT_ONCE], shared.switchboards)
    return {"compared": len(shared.pairs), "found": found}


def _compare(pairs: Any, switchboards: frozenset[str]) -> int:
    """`pairs`: an array of two columns of numbers of people. Those that are alike enough are kept or rated anew."""
    records = queries.records({int(one) for one in pairs.ravel()}, switchboards)
    now = datetime.now(UTC)
    rows = []
    for first, second in pairs.tolist():
        if first in records and second in records:
            alike = likeness(records[first], records[second])
            if alike.score >= SUGGESTED:
                rows.append(_twins(first, second, alike, now))
    Twins.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["first", "second"], update_fields=["score", "because"]
    )
    return len(rows)


def _twins(first: int, second: int, alike: Likeness, now: datetime) -> Twins:
    return Twins(first_id=first, second_id=second, score=alike.score, because=list(alike.because), found_at=now)


def ask_about(one: Person, other: Person, now: datetime) -> None:
    """A human is asked whether these two are one person, where they are alike enough."""
    first, second = sorted((one.pk, other.pk))
    both = queries.records({first, second})
    if len(both) < 2:
        return
    alike = likeness(both[first], both[second])
    if alike.score >= SUGGESTED:
        Twins.objects.bulk_create([_twins(first, second, alike, now)], ignore_conflicts=True)

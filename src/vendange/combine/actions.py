"""Writes merges of organisations and the rows that they move, and which two may be one."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import Q

from vendange.agreement.sentence import Cannot, sentence
from vendange.combine import queries
from vendange.combine.rules import SUGGESTED, Known, Likeness, likeness
from vendange.models import Heat, Job, Organisation, OrganisationMerge, OrganisationTwins, User
from vendange.models.job import Cancel, Stopped, Tell, ask_once
from vendange.models.moving import Naming, empty_again, fill, give_rows_back, tables_that_name, take_rows
from vendange.models.organisation import one_at_a_time, vouch_for
from vendange.models.trail import record as tell

KIND: Final = "organisation_twins"
AT_ONCE: Final = 2_000  # pairs
# Blanks of the one that stays, filled from the one that is taken in.
FILLED: Final = (
    "registry_number", "country", "postal_code", "city", "region", "industry", "employees", "tier",
)  # fmt: skip


class CannotMerge(Cannot):
    """These two cannot become one, or this merge cannot be undone now."""


def movable() -> dict[str, Naming]:
    """Every table with rows of an organisation, by its name; aliases stay with whom they were merged into."""
    found = dict(tables_that_name(Organisation, but=(OrganisationMerge, OrganisationTwins)))
    return {name: naming for name, naming in found.items() if naming.field != "merged_into"}


@transaction.atomic
def merge(*, kept: Organisation, absorbed: Organisation, by: User | None, now: datetime) -> OrganisationMerge:
    """All that belongs to `absorbed` becomes `kept`'s; its domain, number, ids and name lead there from now on.

    What is blank is filled, nothing is overwritten.
    """
    one_at_a_time()
    kept, absorbed = _both(kept, absorbed)
    if kept.number and absorbed.number and kept.number != absorbed.number:
        raise CannotMerge(
            sentence("They have two company numbers, so they are two companies: make one a part of the other instead.")
        )
    become = _blanks(kept, absorbed)
    if "siren" in become or "siret" in become:
        Organisation.objects.filter(pk=absorbed.pk).update(siren=None, siret=None)
    blank = not kept.parent_id and absorbed.parent_id
    if queries.stands_above(absorbed, kept) or (blank and not queries.stands_above(kept, absorbed)):
        become["parent_id"] = absorbed.parent_id
    filled = fill(kept, {**become, "name": become.get("name", kept.name)})  # a name that is written is looked for anew
    vouch_for((kept.pk, absorbed.pk))
    moved = take_rows(movable(), kept=kept, absorbed=absorbed)
    Heat.objects.filter(organisation=absorbed).delete()
    absorbed.merged_into = kept
    absorbed.save(update_fields=["merged_into", "name"])
    done = OrganisationMerge.objects.create(kept=kept, absorbed=absorbed, at=now, by=by, moved=moved, filled=filled)
    _settle(kept, absorbed, "merged", by, now)
    OrganisationTwins.objects.filter(Q(first=absorbed) | Q(second=absorbed), state="open").delete()
    detail = {"absorbed": str(absorbed.public_id), "rows": {name: len(ids) for name, ids in moved.items()}}
    tell("organisation.merged", kept, at=now, by=by, detail=detail)
    return done


def _both(kept: Organisation, absorbed: Organisation) -> tuple[Organisation, Organisation]:
    """The two rows, locked in one order, so that two merges at once wait for each other."""
    if kept.pk == absorbed.pk:
        raise CannotMerge(sentence("This is one organisation already."))
    rows = {
        one.pk: one
        for one in Organisation.objects.select_for_update(of=("self",))
        .filter(pk__in=(kept.pk, absorbed.pk))
        .order_by("pk")
    }
    for one in rows.values():
        if one.merged_into_id is not None:
            raise CannotMerge(sentence("{name} has been merged into another one meanwhile.", name=one.name))
    return rows[kept.pk], rows[absorbed.pk]


def _blanks(kept: Organisation, absorbed: Organisation) -> dict[str, Any]:
    """What the one that stays learns. Domain and id elsewhere stay with the alias, which leads here anyway."""
    become = {one: getattr(absorbed, one) for one in FILLED if not getattr(kept, one) and getattr(absorbed, one)}
    if kept.name == kept.domain and absorbed.name != absorbed.domain:
        become["name"] = absorbed.name
    if absorbed.siren and not kept.number:
        become |= {"siren": absorbed.siren, "siret": absorbed.siret}
    return become


class Parted(NamedTuple):
    """A merge that is undone; `alone`: those that stand under nobody now, or they would stand above themselves."""

    merge: OrganisationMerge
    alone: Sequence[Organisation]


@transaction.atomic
def unmerge(*, merge: OrganisationMerge, by: User, now: datetime) -> Parted:
    """Every row goes back where it was; what came since stays with the one that was kept."""
    one_at_a_time()
    rows = OrganisationMerge.objects.select_for_update(of=("self",)).select_related("kept", "absorbed")
    merge = rows.get(pk=merge.pk)
    kept, absorbed = merge.kept, merge.absorbed
    if merge.undone_at is not None:
        raise CannotMerge(sentence("This merge has been undone already."))
    if kept.merged_into_id is not None:
        raise CannotMerge(sentence("{name} was merged itself since. Undo that first.", name=kept.name))
    give_rows_back(movable(), merge.moved, kept=kept, absorbed=absorbed)
    lent = {column: merge.filled[column][1] for column in ("siren", "siret") if column in merge.filled}
    lent = {column: value for column, value in lent.items() if getattr(kept, column) == value}
    empty_again(kept, merge.filled)
    fill(absorbed, {**lent, "merged_into": None, "name": absorbed.name})
    alone = [one for one in (absorbed, kept) if _freed(one)]
    merge.undone_at, merge.undone_by = now, by
    merge.save(update_fields=["undone_at", "undone_by"])
    _settle(kept, absorbed, "different", by, now)
    detail = {"absorbed": str(absorbed.public_id), "alone": [str(one.public_id) for one in alone]}
    tell("organisation.unmerged", kept, at=now, by=by, detail=detail)
    return Parted(merge, alone)


def _freed(one: Organisation) -> bool:
    """Whether it stood above itself, since others have moved meanwhile; it stands under nobody then."""
    circle = queries.stands_above(one, one)
    if circle:
        fill(one, {"parent_id": None})
    return circle


def _settle(one: Organisation, other: Organisation, state: str, by: User | None, now: datetime) -> None:
    pair = OrganisationTwins.objects.filter(first_id=min(one.pk, other.pk), second_id=max(one.pk, other.pk))
    pair.update(state=state, settled_at=now, settled_by=by)


def differ(*, twins: OrganisationTwins, by: User, now: datetime) -> None:
    """A human says that these are two: nobody is asked about them again."""
    _settle(twins.first, twins.second, "different", by, now)
    tell("organisation.told_apart", twins.first, at=now, by=by, detail={"other": str(twins.second.public_id)})


def ask(*, by: User | None, now: datetime) -> Job:
    """Have all of them compared; a search under way is joined."""
    return ask_once(KIND, by=by, now=now)


def run(job: Job, tell_how_far: Tell, cancelled: Cancel) -> Mapping[str, Any]:
    """Compare all that share a key with another; begun again after a death, it goes on where it stood."""
    tell_how_far("Reading organisations", 0, 0)
    shared = queries.shared_keys()
    start = job.done - job.done % AT_ONCE if job.tries > 1 else 0
    found = 0
    for at in range(start, len(shared.pairs), AT_ONCE):
        if cancelled():
            raise Stopped
        tell_how_far("Comparing", at, len(shared.pairs))
        found += _compare(shared.pairs[at : at + AT_ONCE], shared.known)
    _forget_unlike(shared.known)
    return {"compared": len(shared.pairs), "found": found}


def _compare(pairs: Any, known: Known) -> int:
    """`pairs`: an array of two columns of numbers. Those that are alike enough are kept or rated anew."""
    firms = queries.firms({int(one) for one in pairs.ravel()})
    now = datetime.now(UTC)
    rows = []
    for first, second in pairs.tolist():
        one, other = firms.get(first), firms.get(second)
        if one is not None and other is not None and one.group != other.group:
            alike = likeness(one, other, known)
            if alike.score >= SUGGESTED:
                rows.append(_twins(first, second, alike, now))
    OrganisationTwins.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["first", "second"], update_fields=["score", "because"]
    )
    return len(rows)


def _forget_unlike(known: Known) -> None:
    """Pairs that nobody has judged and that are not alike enough any more: a name has become common, or changed."""
    open_pairs = OrganisationTwins.objects.filter(state="open").order_by("pk").values_list("pk", "first", "second")
    last = 0
    while some := list(open_pairs.filter(pk__gt=last)[:AT_ONCE]):
        firms = queries.firms({pk for _, *both in some for pk in both})
        unlike = [
            pk
            for pk, first, second in some
            if first in firms and second in firms and likeness(firms[first], firms[second], known).score < SUGGESTED
        ]
        OrganisationTwins.objects.filter(pk__in=unlike, state="open").delete()
        last = some[-1][0]


def _twins(first: int, second: int, alike: Likeness, now: datetime) -> OrganisationTwins:
    because = list(alike.because)
    return OrganisationTwins(first_id=first, second_id=second, score=alike.score, because=because, found_at=now)

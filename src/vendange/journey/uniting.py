"""Two records become one, or one becomes two again: both are measured by what is theirs now."""

from datetime import datetime

from django.db import transaction

from vendange.identify import actions as identify
from vendange.journey.arrive import measure
from vendange.models import Merge, Person, User
from vendange.score import actions as score
from vendange.unite import actions as unite


def merge(*, kept: Person, absorbed: Person, by: User | None, now: datetime) -> Merge:
    """Raises `unite.actions.CannotMerge`. Leads of both stay leads; whoever holds one keeps it."""
    with transaction.atomic():
        done = unite.merge(kept=kept, absorbed=absorbed, by=by, now=now)
        _touch([done.kept_id])
    measure([done.kept_id], now=now)
    return done


def unmerge(*, merge: Merge, by: User, now: datetime) -> Merge:
    """Raises `unite.actions.CannotMerge`."""
    both = [merge.kept_id, merge.absorbed_id]
    with transaction.atomic():
        done = unite.unmerge(merge=merge, by=by, now=now)
        _touch(both)
    measure(both, now=now)
    return done


def _touch(people: list[int]) -> None:
    identify.acted_again(people)
    score.touch(dict.fromkeys(people))

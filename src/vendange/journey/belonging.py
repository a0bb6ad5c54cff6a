"""A colleague says something of a company, or two become one: its people are measured by what is true now."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from django.db import transaction

from vendange.belong import actions as belong
from vendange.belong.rules import MEASURED
from vendange.combine import actions as combine
from vendange.identify import queries as identified
from vendange.journey.arrive import measure
from vendange.models import Organisation, OrganisationMerge, User
from vendange.score import actions as score

AT_ONCE: Final = 200  # people who are measured while a colleague waits; the others by the clock


def state(
    *,
    organisation: Organisation,
    said: Mapping[str, str],
    reason: str = "",
    by: User,
    now: datetime,
    at_once: int = AT_ONCE,
) -> frozenset[str]:
    """Write these fields by hand; returns those that changed. Raises `belong.actions.NotStated`.

    `at_once`: so many of its people are measured now, the others by the clock.
    """
    with transaction.atomic():
        changed = belong.state(organisation=organisation, said=said, reason=reason, by=by, now=now)
        people = _touch([organisation.pk]) if changed & MEASURED else []
    measure(people[:at_once], now=now)
    return changed


def merge(*, kept: Organisation, absorbed: Organisation, by: User | None, now: datetime) -> OrganisationMerge:
    """Raises `combine.actions.CannotMerge`. Leads of both stay leads; whoever holds one keeps it."""
    with transaction.atomic():
        done = combine.merge(kept=kept, absorbed=absorbed, by=by, now=now)
        people = _touch([done.kept_id])
    measure(people[:AT_ONCE], now=now)
    return done


def unmerge(*, merge: OrganisationMerge, by: User, now: datetime) -> combine.Parted:
    """Raises `combine.actions.CannotMerge`."""
    with transaction.atomic():
        done = combine.unmerge(merge=merge, by=by, now=now)
        people = _touch([done.merge.kept_id, done.merge.absorbed_id])
    measure(people[:AT_ONCE], now=now)
    return done


def _touch(organisations: Collection[int]) -> list[int]:
    people = identified.people_of(organisations)
    score.touch(dict.fromkeys(people))
    score.forget_empty_heats(organisations)
    return people

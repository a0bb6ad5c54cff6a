"""Where everybody stands and how hot every organisation is, out of the history, bucket by bucket in little memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from vendange.engine.crowd import NOBODY, Crowd
from vendange.engine.grades import bands, fits
from vendange.engine.history.manifest import BUCKETS
from vendange.engine.history.reading import crowds
from vendange.engine.kernel.running import Kernel
from vendange.engine.plan import Plan

EVERY: Sequence[int] = range(BUCKETS)


class Stood(NamedTuple):
    """Where the people of one bucket stand; numpy arrays, one entry for each person."""

    people: Any
    organisations: Any  # crowd.NOBODY for none
    fit: Any
    engagement: Any
    cell: Any  # place in grades.CELLS
    warmth: Any  # place in grades.WARMTH
    aside: Any  # whether some reason sets them aside


@dataclass(frozen=True, slots=True)
class Heats:
    """How many engaged people each organisation has, and what that makes it: a place in grades.WARMTH."""

    organisations: Any
    engaged: Any
    warmth: Any


def standings(
    plan: Plan, folder: Path, as_of: int, *, cache: Path | None = None, buckets: Sequence[int] = EVERY
) -> Iterator[Stood]:
    """Everybody at `as_of`, bucket by bucket. NoHistory: there is none."""
    for crowd in crowds(plan, folder, cache, buckets):
        if crowd.size:
            yield stood(plan, crowd, as_of)


def stood(plan: Plan, crowd: Crowd, as_of: int) -> Stood:
    standing = Kernel(plan, len(crowd.at)).stand(crowd, as_of)
    engagement = np.asarray(standing.engagement, dtype=np.float64).reshape(-1, plan.tracks)[:, 0]
    reached = sum((engagement >= border).astype(np.int64) for border in plan.agreement.grades.engagement)
    return Stood(
        people=np.asarray(crowd.people),
        organisations=np.asarray(crowd.organisations),
        fit=np.asarray(fits(plan, crowd)),
        engagement=engagement,
        cell=np.asarray(bands(plan, crowd)) * 4 + 3 - reached,
        warmth=np.asarray(standing.warmth),
        aside=(np.asarray(crowd.aside).reshape(-1, crowd.size) != 0).any(axis=0),
    )


def heats(plan: Plan, found: Iterable[Stood]) -> Heats | None:
    """The heat of every organisation that has people, in order of their ids; None when nothing was agreed on it."""
    heat = plan.agreement.heat
    if heat is None:
        return None
    parts = [
        (one.organisations[at_work], (one.engagement >= heat.engagement)[at_work] & ~one.aside[at_work])
        for one in found
        if (at_work := one.organisations != NOBODY).any()
    ]
    if not parts:
        return Heats(*(np.empty(0, np.int64) for _ in range(3)))
    organisations, places = np.unique(np.concatenate([part[0] for part in parts]), return_inverse=True)
    counted = np.concatenate([part[1] for part in parts])
    engaged = np.bincount(places[counted], minlength=len(organisations))
    return Heats(organisations, engaged, (engaged >= heat.warm).astype(np.int64) + (engaged >= heat.hot))

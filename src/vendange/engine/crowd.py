"""People and their signals as the kernel reads them: flat columns, sorted by person, then by time, then by id.

The columns are lists when the crowd is small and made of rows, numpy arrays when it comes out of SQL; the kernel
reads both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from vendange.agreement.conditions import as_known
from vendange.engine.asking import Ask, asking_of
from vendange.engine.plan import Plan, words_for
from vendange.engine.rows import Profile, SignalRow

Column = Any  # list or numpy array of numbers; the kernel does not care which
NOBODY = -1  # organisation of a person who has none


class Someone(NamedTuple):
    """One person with their whole history, in any order."""

    person: int
    organisation: int | None
    profile: Profile
    signals: Sequence[SignalRow]


@dataclass(frozen=True, slots=True)
class Crowd:
    """P people, N signals. Signals of person p are `starts[p]` to `starts[p + 1]`.

    `masks` holds one word after the other: word w of signal i is `masks[w * N + i]`; `fit` and `aside` likewise with P.
    `weights` is empty when every signal weighs 1, `contents` when no rule limits contents.
    """

    people: Column
    organisations: Column
    fit: Column
    aside: Column
    starts: Column
    at: Column
    ids: Column
    masks: Column
    weights: Column
    contents: Column  # equal numbers: the same content, within one person

    @property
    def size(self) -> int:
        return len(self.people)


def crowd_of_rows(plan: Plan, people: Iterable[Someone]) -> Crowd:
    """Ask every question row by row; right for a few thousand signals, `on_duckdb.crowd_of_tables` beyond."""
    asking = asking_of(plan)
    members = sorted(people, key=lambda one: one.person)
    rows = [sorted(one.signals, key=_when) for one in members]
    starts = [0]
    for mine in rows:
        starts.append(starts[-1] + len(mine))
    flat = [row for mine in rows for row in mine]
    weights = dict(plan.agreement.weights)
    return Crowd(
        people=[one.person for one in members],
        organisations=[NOBODY if one.organisation is None else one.organisation for one in members],
        fit=_masks([one.profile for one in members], asking.fit, words_for(plan.fit)),
        aside=_masks([one.profile for one in members], asking.aside, words_for(plan.aside)),
        starts=starts,
        at=[row.at for row in flat],
        ids=[row.id for row in flat],
        masks=_masks(flat, asking.signal, plan.words),
        weights=[weights.get((row.origin or "").casefold(), 1.0) for row in flat] if weights else [],
        contents=_numbered(flat) if plan.limits.contents else [],
    )


def _when(row: SignalRow) -> tuple[int, int]:
    return row.at, row.id


def _masks(rows: Sequence[Any], ask: Ask[Any], words: int) -> list[int]:
    if words == 1:
        return [ask(row)[0] for row in rows]
    answers = [ask(row) for row in rows]
    return [answer[word] for word in range(words) for answer in answers]


def _numbered(rows: Sequence[SignalRow]) -> list[int]:
    numbers: dict[object, int] = {}
    return [numbers.setdefault(content_of(row), len(numbers)) for row in rows]


def content_of(row: SignalRow) -> str:
    """What a signal is about: its asset, else its path; "" when neither is known."""
    return str(as_known("asset", row.asset) or as_known("path", row.path) or "")

"""Columns that know the outcome because they were filled in after it. The time of filling is the only sure proof.

Statistics see a part of the others and refuse; names are only asked about. They look at all leads, the newest too:
that can take a good column away, it cannot make a card look better than it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from vendange.engine.learning.judging import Groups, auc_of
from vendange.engine.learning.learned import Asked, Refusal, Refused, Warned
from vendange.engine.learning.names import telling_word
from vendange.engine.learning.table import Column, Numbers, Table, Truth, Whole

BINS: Final = 20
PSEUDO: Final = 5
LATE_SHARE: Final = 0.05  # of the filled cells
ALONE: Final = 0.80  # AUC
PURE: Final = 0.90  # share of successes
PURE_WINS: Final = 0.15  # of all successes
BARREN: Final = 0.2  # times the usual rate
BARREN_LOSSES: Final = 0.05  # of all others
EMPTY_SHARE: Final = 0.05
EMPTY_AUC: Final = 0.62
FILLED_ROWS: Final = 30
FILLED_ONE: Final = 0.98
REST_ONE: Final = 0.90  # share of that outcome where the cell is empty, above which filling tells nothing
CLOCK: Final = 0.85  # AUC
DIFFERENT: Final = 0.9  # share of the cells of a text that no other cell has

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Sorted:
    """Which columns may be learnt from, and what is said of the others. `time_unknown`: when filled, nobody knows."""

    used: tuple[str, ...]
    refused: tuple[Refused, ...]
    asked: tuple[Asked, ...]
    warned: tuple[Warned, ...]
    time_unknown: tuple[str, ...]


def sort_out(
    table: Table,
    won: Truth,
    newest: Truth,
    time: Numbers | None,
    filled: Mapping[str, Numbers],
    answered: Collection[str],
) -> Sorted:
    """`filled`: when each cell was filled, in days as `time` is; `answered`: columns that somebody vouches for.

    The leads stand oldest first; `newest` are those that judge.
    """
    used, unknown = list[str](), list[str]()
    refused, asked, warned = list[Refused](), list[Asked](), list[Warned]()
    for name, column in table.columns.items():
        if no_use := _no_use(column):
            warned.append(no_use)
            continue
        late = late_share(column, time, filled.get(name))
        if late is None or late >= LATE_SHARE:
            if found := _refusal(column, won, late):
                refused.append(Refused(name, found[0], tuple(found[1].items())))
                continue
        elif found := _refusal(column, won, None):
            warned.append(Warned(name, "proved_by_time", late))
        if (word := telling_word(name)) and late is None and name not in answered:
            asked.append(Asked(name, word))
            continue
        if (clock := auc_alone(column, newest)) >= CLOCK:
            warned.append(Warned(name, "clock", clock))
        used.append(name)
        if late is None:
            unknown.append(name)
    return Sorted(tuple(used), tuple(refused), tuple(asked), tuple(warned), tuple(unknown))


def _no_use(column: Column) -> Warned | None:
    """A column of one value, or of texts that nearly all differ, holds nothing that could be learnt."""
    values = column.codes[~column.empty] if column.kind == "text" else column.numbers[~column.empty]
    different = len(np.unique(values)) / max(1, len(values))
    if len(values) == len(column.empty) and len(values) * different <= 1:
        return Warned(column.name, "constant", different)
    if not len(values):
        return Warned(column.name, "constant", 0.0)
    if column.kind == "text" and different >= DIFFERENT and not column.empty.any():
        return Warned(column.name, "identifier", different)
    return None


def _refusal(column: Column, won: Truth, late: float | None) -> tuple[Refusal, Figures] | None:
    if late is not None:
        return "filled_later", {"share": late}
    if (auc := auc_alone(column, won)) >= ALONE:
        return "alone", {"auc": auc}
    if ends := _both_ends(column, won):
        return "both_ends", ends
    if told := _empty_tells(column, won):
        return "empty_tells", told
    return None


def late_share(column: Column, time: Numbers | None, filled_at: Numbers | None) -> float | None:
    """The share of its filled cells that were filled after the lead was to be scored; None: not known of most."""
    if time is None or filled_at is None:
        return None
    known = ~column.empty & ~np.isnan(filled_at)
    if not known.any():
        return None
    late = float((filled_at[known] > time[known]).mean())
    return late if late >= LATE_SHARE or 2 * known.sum() >= (~column.empty).sum() else None


def auc_alone(column: Column, won: Truth) -> float:
    """How well the column ranks by itself: the rates of its values among one half of the leads, judged on the other."""
    codes = values_of(column)
    halves = np.arange(len(won)) % 2 == 0
    aucs = [_auc_across(codes, won, learnt) for learnt in (halves, ~halves)]
    return sum(aucs) / 2


def _auc_across(codes: Whole, won: Truth, learnt: Truth) -> float:
    rates = _rates(codes[learnt], won[learnt], int(codes.max(initial=0)) + 1)
    return auc_of(Groups.of(rates[codes[~learnt]], won[~learnt]))


def _rates(codes: Whole, won: Truth, size: int) -> Numbers:
    """The rate of each value, with a few pseudo-leads at the usual rate."""
    n, wins = np.bincount(codes, minlength=size), np.bincount(codes[won], minlength=size)
    rates: Numbers = np.round((wins + PSEUDO * float(won.mean() if len(won) else 0)) / (n + PSEUDO), 12)
    return rates


def values_of(column: Column) -> Whole:
    """One number for each different text, or for each of twenty bins of a number; the last for empty cells."""
    if column.kind == "text":
        return np.where(column.empty, len(column.names), column.codes)
    filled = column.numbers[~column.empty]
    different = np.unique(filled)
    cuts = different if len(different) <= BINS else np.unique(np.quantile(filled, np.linspace(0, 1, BINS + 1)[1:-1]))
    bins: Whole = np.searchsorted(cuts, column.numbers, side="right")
    bins[column.empty] = len(cuts) + 1
    return bins


def _both_ends(column: Column, won: Truth) -> Figures | None:
    """Nearly sure successes at one end and nearly none at the other. A good source alone has only the one end."""
    codes = values_of(column)
    size = int(codes.max(initial=0)) + 1
    rates = _rates(codes, won, size)
    n, wins = np.bincount(codes, minlength=size), np.bincount(codes[won], minlength=size)
    pure, barren = rates >= PURE, rates <= BARREN * won.mean()
    at_top = float(wins[pure].sum() / max(1, wins.sum()))
    at_bottom = float((n - wins)[barren].sum() / max(1, (n - wins).sum()))
    if at_top >= PURE_WINS and at_bottom >= BARREN_LOSSES:
        return {"wins": at_top, "losses": at_bottom}
    return None


def _empty_tells(column: Column, won: Truth) -> Figures | None:
    empty = column.empty
    if empty.mean() < EMPTY_SHARE or empty.all():
        return None
    auc = auc_of(Groups.of(empty.astype(float), won))
    if max(auc, 1 - auc) >= EMPTY_AUC:
        return {"auc": max(auc, 1 - auc)}
    filled, rest = float(won[~empty].mean()), float(won[empty].mean())
    for here, there in ((filled, rest), (1 - filled, 1 - rest)):
        if (~empty).sum() >= FILLED_ROWS and here >= FILLED_ONE and there <= REST_ONE:
            return {"one_outcome": here}
    return None

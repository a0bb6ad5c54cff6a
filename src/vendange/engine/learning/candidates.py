"""Conditions that people can read, made from the leads to learn on: thresholds in round numbers, names, lists of names.

A column becomes a few bins, a condition the set of bins that meet it, so that one pass over the leads tells all.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from math import floor, log10
from typing import Final

import numpy as np

from vendange.engine.learning.learned import Condition
from vendange.engine.learning.season import usual
from vendange.engine.learning.table import EPOCH, Column, Numbers, Table, Truth, Whole, day_of

THRESHOLDS: Final = 16
LEAST_LEADS: Final = 30
LEAST_SHARE: Final = 0.01
LEAST_NAMED: Final = 10  # leads that a name needs to stand in a list
PSEUDO: Final = 20  # leads at the usual rate that are added to each name before names are ranked
LONGEST_LIST: Final = 12


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """`bins`: one for each lead; `masks`: for each condition a row, 1 where a bin meets it."""

    bins: Whole
    masks: Numbers
    conditions: tuple[Condition, ...]

    def sums(self, weights: Numbers) -> Numbers:
        """The sum of the weights of the leads that meet each condition."""
        sums: Numbers = self.masks @ np.bincount(self.bins, weights, self.masks.shape[1])
        return sums


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """All conditions of all columns. `signs`: of the effect of each taken alone; 0: none."""

    fields: tuple[Field, ...]
    conditions: tuple[Condition, ...]
    signs: Numbers

    def sums(self, weights: Numbers) -> Numbers:
        return np.concatenate([field.sums(weights) for field in self.fields]) if self.fields else np.empty(0)


def candidates_of(table: Table, won: Truth) -> Candidates:
    """Only from these leads: the newest ones must not tell where a threshold lies."""
    fields = [field for column in table.columns.values() if (field := _field(column, won)) is not None]
    found = Candidates(tuple(fields), tuple(one for field in fields for one in field.conditions), np.empty(0))
    n, wins = found.sums(np.ones(len(won))), found.sums(won.astype(float))
    rest = np.maximum(len(won) - n, 1)
    signs = np.sign(np.round(wins / np.maximum(n, 1) - (won.sum() - wins) / rest, 12))
    return Candidates(found.fields, found.conditions, signs)


def holds(condition: Condition, column: Column) -> Truth:
    """Which leads meet the condition."""
    match condition.operator, condition.value:
        case "exists", bool(value):
            return column.empty if not value else ~column.empty
        case "at_least", float() | int() as value:
            return _from_on(value, column)
        case "after", date() as value:
            return _from_on(value.toordinal() - EPOCH.toordinal() + 1, column)
        case _, str(value):
            return _one_of((value,), column)
        case _, tuple(values):
            return _one_of(values, column)
    raise TypeError(f"{condition} cannot be asked")


def _from_on(value: float, column: Column) -> Truth:
    met: Truth = column.numbers >= value
    return met


def _one_of(values: Iterable[str], column: Column) -> Truth:
    wanted = set(values)
    known = np.array([*(name in wanted for name in column.names), False], np.bool_)
    return known[column.codes]


def _least(rows: int) -> int:
    return max(LEAST_LEADS, round(LEAST_SHARE * rows))


def _field(column: Column, won: Truth) -> Field | None:
    if column.kind == "text":
        bins, asked = _names(column, won)
    else:
        bins, asked = _cuts(column)
    if column.empty.any():
        asked.append((Condition(column.name, "exists", False), np.array([int(bins.max(initial=0))])))
    return _kept(bins, asked, _least(len(won)))


def _kept(bins: Whole, asked: list[tuple[Condition, Whole]], least: int) -> Field | None:
    """Conditions that enough leads meet, and enough do not; of two that tell the same leads apart, the rarer."""
    size = int(bins.max(initial=0)) + 1
    counts = np.bincount(bins, minlength=size)
    there = counts > 0
    found: dict[bytes, tuple[int, Condition, Numbers]] = {}
    for condition, meeting in asked:
        mask = np.zeros(size)
        mask[meeting] = 1.0
        n = int(counts @ mask)
        parted = mask[there] == mask[there][:1]  # the same for a condition and its contrary
        if least <= n <= len(bins) - least and n < found.get(parted.tobytes(), (len(bins),))[0]:
            found[parted.tobytes()] = (n, condition, mask)
    kept = found.values()
    return Field(bins, np.array([mask for *_, mask in kept]), tuple(one for _, one, _ in kept)) if found else None


def _cuts(column: Column) -> tuple[Whole, list[tuple[Condition, Whole]]]:
    """Bin k holds the values from threshold k - 1 to the next; the last bin, the empty ones."""
    filled = column.numbers[~column.empty]
    cuts = _months(filled) if column.kind == "date" else round_cuts(filled)
    bins = np.searchsorted(cuts, column.numbers, side="right")
    bins[column.empty] = len(cuts) + 1
    return bins, [(_from(column, cut), np.arange(place + 1, len(cuts) + 1)) for place, cut in enumerate(cuts)]


def _from(column: Column, cut: float) -> Condition:
    if column.kind == "date":
        return Condition(column.name, "after", day_of(cut - 1))
    return Condition(column.name, "at_least", int(cut) if cut == int(cut) else float(cut))


def round_cuts(values: Numbers) -> Numbers:
    """About sixteen thresholds that hold as many values each, in numbers that people would choose.

    >>> round_cuts(np.arange(1.0, 1001.0))[:4].tolist()
    [60.0, 100.0, 200.0, 250.0]
    """
    different = np.unique(values)
    if len(different) <= THRESHOLDS:
        return different[1:]
    exact = np.unique(np.quantile(values, np.linspace(0, 1, THRESHOLDS + 2)[1:-1]))
    near = np.unique([_rounded(value) for value in exact])
    if 2 * len(near) < len(exact):  # far from zero beside their spread, such as years
        step = _nice((different[-1] - different[0]) / (2 * THRESHOLDS))
        near = np.unique(np.round(np.round(exact / step) * step, 10))
    kept: Numbers = near[(near > different[0]) & (near <= different[-1])]
    return kept


def _rounded(value: float) -> float:
    """To one digit, or to a digit and a half: 3, 3.5, 40, 45."""
    if value == 0:
        return 0.0
    power = 10.0 ** floor(log10(abs(value)))
    return float(f"{round(value / power * 2) / 2 * power:.10g}")


def _nice(step: float) -> float:
    """1, 2 or 5, ten times more or less."""
    power = 10.0 ** floor(log10(step))
    return next(float(f"{nice * power:.10g}") for nice in (1, 2, 5, 10) if nice * power >= step)


def _months(days: Numbers) -> Numbers:
    """The first days of months, or days where all lie within few months."""
    if not len(days):
        return np.empty(0)
    exact = np.unique(np.floor(np.quantile(days, np.linspace(0, 1, THRESHOLDS + 2)[1:-1])))
    firsts = np.unique([_first_day(day_of(day)) for day in exact])
    cuts = exact if 2 * len(firsts) < len(exact) else firsts
    kept: Numbers = cuts[(cuts > days.min()) & (cuts <= days.max())]
    return kept


def _first_day(day: date) -> float:
    """Of the month that begins next to this day."""
    last = monthrange(day.year, day.month)[1]
    start = day.replace(day=1).toordinal()
    return float((start if day.day <= last // 2 else start + last) - EPOCH.toordinal())


def _names(column: Column, won: Truth) -> tuple[Whole, list[tuple[Condition, Whole]]]:
    """A bin for each name that is frequent enough, one for all the others, and the last for the empty ones."""
    size = len(column.names) + 1
    filled = ~column.empty
    n = np.bincount(column.codes[filled], minlength=size)[:-1]
    wins = np.bincount(column.codes[filled & won], minlength=size)[:-1]
    kept = np.flatnonzero(n >= LEAST_NAMED)
    place = np.full(size, len(kept), np.int64)
    place[kept], place[-1] = np.arange(len(kept)), len(kept) + 1
    names = [column.names[one] for one in kept]
    asked: list[tuple[Condition, Whole]] = [
        (Condition(column.name, "is", names[one]), np.array([one])) for one in range(len(names))
    ]
    expected = np.bincount(column.codes[filled], usual(won)[filled], minlength=size)[:-1]
    pseudo = PSEUDO * float(won.mean())
    asked += _lists(column.name, names, (wins[kept] + pseudo) / (expected[kept] + pseudo))
    return place[column.codes], asked


def _lists(column: str, names: list[str], ratios: Numbers) -> Iterator[tuple[Condition, Whole]]:
    """The best two names, the best three … up to twelve, as long as they beat the rate of their time; so the worst."""
    for sign in (1, -1):
        ranked = np.lexsort((np.arange(len(names)), -sign * np.round(ratios, 12)))
        ranked = ranked[sign * (ratios[ranked] - 1) > 0][:LONGEST_LIST]
        for length in range(2, len(ranked) + 1):
            listed = ranked[:length]
            yield Condition(column, "in", tuple(sorted(names[one] for one in listed))), listed

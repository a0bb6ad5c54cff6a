"""Learn a card from a table of leads, and judge it on the newest ones: the one entry of this room."""

from collections.abc import Callable, Collection, Mapping
from typing import Final, Literal

import numpy as np

from vendange.engine.learning.association import association
from vendange.engine.learning.candidates import holds
from vendange.engine.learning.card import Card, learn_card
from vendange.engine.learning.judging import compare, is_better, is_signal, judge
from vendange.engine.learning.leaks import sort_out
from vendange.engine.learning.learned import CannotLearn, Code, Compared, Judged, Learned, Part, Rule
from vendange.engine.learning.table import Numbers, Table, Truth, Whole, in_order

OLDEST: Final = 0.7
FEWEST_ROWS: Final = 100
FEWEST_EACH: Final = 10  # of both outcomes among the leads to learn on
FEWEST_JUDGING: Final = 1  # of both outcomes among the newest; so few can only end in "no reliable signal"


def learn(
    table: Table,
    label: Truth,
    time: Numbers | None = None,
    *,
    exclude: Collection[str] = (),
    filled: Mapping[str, Numbers] | None = None,
    include: Collection[str] = (),
    known_points: Numbers | None = None,
) -> Learned:
    """A card learnt on the oldest 70 % of the leads and judged once on the newest 30 %.

    `label`: the success of each lead. `time`: when it was to be scored, in days since 1970 (`days_of`); without it, a
    shuffle that is always the same. `filled`: when each cell of a column was filled, NaN where nobody knows.
    `include`: columns with telling names that somebody vouches for. `known_points`: the points in force, NaN where a
    lead had none; the card is offered only when it beats them. Raises CannotLearn; ValueError for a lead without time.
    """
    filled, label = filled or {}, np.asarray(label, np.bool_)
    if time is not None and np.isnan(time).any():
        raise ValueError("each lead has the time at which it was to be scored")
    others = [filled[name] for name in sorted(filled)] + ([] if known_points is None else [known_points])
    order = in_order(table, label, time, *others)
    fields = table.only(name for name in table.columns if name not in exclude).take(order)
    won = label[order]
    _check(won)
    cut = round(OLDEST * len(won))
    newest = np.arange(len(won)) >= cut
    moment = None if time is None else time[order]
    times = {name: when[order] for name, when in filled.items()}
    sorted_out = sort_out(fields, won, newest, moment, times, include)
    kept = fields.only(sorted_out.used)
    oldest_rows, newest_rows = np.arange(cut), np.arange(cut, len(won))
    card = learn_card(kept.take(oldest_rows), won[oldest_rows])
    scores = card.scores(kept.take(newest_rows))
    judged = judge(scores, won[newest_rows], card.rates(scores))
    known = None if known_points is None else known_points[order][newest_rows]
    compared = None if known is None else compare(scores, known, won[newest_rows])
    verdict = _verdict(card, judged, compared, lambda: association(kept, won))
    return Learned(
        verdict=verdict,
        rules=() if verdict == "no_signal" else _rules(card, kept, won, cut),
        calibration=card.calibration,
        judged=judged,
        compared=compared,
        refused=sorted_out.refused,
        asked=sorted_out.asked,
        warned=sorted_out.warned,
        used=sorted_out.used,
        time_unknown=sorted_out.time_unknown,
        order="shuffle" if time is None else "time",
        oldest=_part(won, moment, oldest_rows),
        newest=_part(won, moment, newest_rows),
        tried=len(card.points),
        ridge=card.ridge,
    )


def _check(won: Truth) -> None:
    rows, wins = len(won), int(won.sum())
    if rows < FEWEST_ROWS:
        raise CannotLearn("few_rows", rows=rows, needed=FEWEST_ROWS)
    if wins in (0, rows):
        raise CannotLearn("one_outcome", rows=rows, wins=wins)
    cut = round(OLDEST * rows)
    for part, rows_of_part, needed in (("oldest", won[:cut], FEWEST_EACH), ("newest", won[cut:], FEWEST_JUDGING)):
        fewest = min(int(rows_of_part.sum()), int((~rows_of_part).sum()))
        if fewest < needed:
            code: Literal["few_oldest", "few_newest"] = "few_oldest" if part == "oldest" else "few_newest"
            raise CannotLearn(code, fewest=fewest, needed=needed, rows=len(rows_of_part))


def _verdict(card: Card, judged: Judged, compared: Compared | None, of_all: Callable[[], float]) -> Code:
    if not card.points or not is_signal(judged, of_all):
        return "no_signal"
    return "signal" if compared is None or is_better(compared) else "not_better"


def _rules(card: Card, table: Table, won: Truth, cut: int) -> tuple[Rule, ...]:
    return tuple(
        _rule(card, place, holds(condition, table.columns[condition.column]), won, cut)
        for place, condition in enumerate(card.conditions)
    )


def _rule(card: Card, place: int, met: Truth, won: Truth, cut: int) -> Rule:
    old, old_won, new, new_won = met[:cut], won[:cut], met[cut:], won[cut:]
    points = card.points[place]
    return Rule(
        condition=card.conditions[place],
        points=points,
        sign=1 if points > 0 else -1,
        n=int(old.sum()),
        rate=float(old_won[old].mean()),
        rest=float(old_won[~old].mean()),
        newest_n=int(new.sum()),
        newest_rate=float(new_won[new].mean()) if new.any() else None,
    )


def _part(won: Truth, time: Numbers | None, rows: Whole) -> Part:
    n, wins = len(rows), int(won[rows].sum())
    if time is None:
        return Part(n, wins, None, None)
    return Part(n, wins, float(time[rows[0]]), float(time[rows[-1]]))

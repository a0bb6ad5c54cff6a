"""Columns that know the outcome: refused by time of filling or by statistics, asked about by name, good ones kept."""

import numpy as np
import pytest

from tests.engine.leads import drawn
from vendange.engine.learning.leaks import auc_alone, late_share
from vendange.engine.learning.learn import learn
from vendange.engine.learning.learned import Learned
from vendange.engine.learning.names import telling_word
from vendange.engine.learning.table import Cell, Numbers, Table, column_of

ROWS = 2000


def with_column(name: str, cells: list[Cell], **asked: object) -> Learned:
    table, won, time = drawn(ROWS)
    added = Table({**table.columns, name: column_of(name, cells)}, ROWS)
    return learn(added, won, time, **asked)  # type: ignore[arg-type]


def reason(learned: Learned, name: str) -> str:
    return next((one.reason for one in learned.refused if one.column == name), "")


def outcomes() -> list[bool]:
    return [bool(one) for one in drawn(ROWS)[1]]


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("name", ["progress", "deal_status"])
def test_a_status_is_always_refused(share: float, name: str) -> None:
    """Also one that was set for a part of the leads only, whatever it is called."""
    chance = np.random.default_rng(3)
    cells: list[Cell] = [("closed won" if won else "lost") if chance.random() < share else "open" for won in outcomes()]
    learned = with_column(name, cells)
    assert reason(learned, name) in {"alone", "both_ends"}
    assert not any(rule.condition.column == name for rule in learned.rules)


def test_a_field_that_only_winners_have_is_refused() -> None:
    chance = np.random.default_rng(4)
    cells: list[Cell] = [str(chance.integers(3)) if won and chance.random() < 0.2 else None for won in outcomes()]
    assert reason(with_column("catalogue", cells), "catalogue") == "empty_tells"


def test_a_field_that_is_filled_more_when_won_is_refused() -> None:
    chance = np.random.default_rng(4)
    cells: list[Cell] = ["a" if chance.random() < (0.9 if won else 0.4) else "" for won in outcomes()]
    assert reason(with_column("talk", cells), "talk") == "empty_tells"


def test_a_pure_but_legitimate_source_is_kept() -> None:
    """Nine of ten of its leads are won, and it brings one lead in twenty; nothing pure at the other end."""
    table, won, time = drawn(ROWS)
    chance = np.random.default_rng(6)
    pure = chance.random(ROWS) < 0.05
    won = np.where(pure, chance.random(ROWS) < 0.9, won)
    cells: list[Cell] = ["summit" if one else str(chance.choice(["x", "y", "z"])) for one in pure]
    learned = learn(Table({**table.columns, "event": column_of("event", cells)}, ROWS), won, time)
    assert "event" in learned.used
    assert learned.refused == ()
    assert any(rule.condition.value == "summit" and rule.points > 0 for rule in learned.rules)


def test_good_columns_are_kept() -> None:
    learned = learn(*drawn(ROWS))
    assert (learned.refused, learned.asked) == ((), ())
    assert set(learned.used) == {"pages", "source", "coin", "colour"}
    assert set(learned.time_unknown) == set(learned.used)


def filled_at(late: float, known: float = 1.0) -> Numbers:
    """A part of the cells a day late, the others a day early; and for some nobody knows."""
    _, _, time = drawn(ROWS)
    chance = np.random.default_rng(8)
    at = np.where(chance.random(ROWS) < late, time + 1, time - 1)
    return np.where(chance.random(ROWS) < known, at, np.nan)


def test_what_is_filled_later_is_refused_whatever_it_says() -> None:
    table, won, time = drawn(ROWS)
    learned = learn(table, won, time, filled={"coin": filled_at(0.10), "pages": filled_at(0.0)})
    assert reason(learned, "coin") == "filled_later"
    assert dict(learned.refused[0].figures)["share"] == pytest.approx(0.10, abs=0.03)
    assert "pages" in learned.used
    assert set(learned.time_unknown) == {"source", "colour"}


def test_a_time_that_is_known_for_few_cells_proves_nothing() -> None:
    table, _, time = drawn(ROWS)
    assert late_share(table.columns["coin"], time, filled_at(0.0, known=0.2)) is None
    assert late_share(table.columns["coin"], time, filled_at(0.5, known=0.2)) == pytest.approx(0.5, abs=0.1)
    assert late_share(table.columns["coin"], None, filled_at(0.5)) is None


def test_what_was_known_before_is_used_with_a_warning_though_it_looks_like_a_leak() -> None:
    chance = np.random.default_rng(5)
    cells: list[Cell] = [float(won) + float(chance.normal(0, 0.3)) for won in outcomes()]
    learned = with_column("final_result", cells, filled={"final_result": filled_at(0.0)})
    assert "final_result" in learned.used
    assert [(one.column, one.reason) for one in learned.warned] == [("final_result", "proved_by_time")]
    assert reason(with_column("final_result", cells), "final_result") == "alone"


def test_a_telling_name_asks_until_somebody_answers() -> None:
    cells: list[Cell] = [str(one) for one in np.random.default_rng(2).choice(["a", "b"], ROWS)]
    learned = with_column("lost_reason", cells)
    assert [(one.column, one.word) for one in learned.asked] == [("lost_reason", "lost")]
    assert "lost_reason" not in learned.used
    answered = with_column("lost_reason", cells, include=("lost_reason",))
    assert (answered.asked, "lost_reason" in answered.used) == ((), True)


def test_an_answer_does_not_let_a_refused_column_in() -> None:
    cells: list[Cell] = ["yes" if won else "no" for won in outcomes()]
    learned = with_column("status", cells, include=("status",))
    assert reason(learned, "status") == "alone"
    assert learned.asked == ()


def test_a_column_that_tells_the_date_is_warned_about() -> None:
    cells: list[Cell] = [float(place) for place in range(ROWS)]
    assert [(one.column, one.reason) for one in with_column("number", cells).warned] == [("number", "clock")]


def test_excluded_columns_are_not_looked_at() -> None:
    learned = learn(*drawn(ROWS), exclude=("pages", "source"))
    assert set(learned.used) == {"coin", "colour"}
    assert learned.verdict == "no_signal"


def test_many_different_values_do_not_rank_leads_they_never_saw() -> None:
    chance = np.random.default_rng(1)
    won = chance.random(ROWS) < 0.3
    assert auc_alone(column_of("id", [f"lead {place}" for place in range(ROWS)]), won) == 0.5
    assert 0.4 < auc_alone(column_of("n", [float(one) for one in chance.random(ROWS)]), won) < 0.6


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("deal_stage", "deal"),
        ("daysToClose", "close"),
        ("Motif de perte", "motif"),
        ("date_clôture", "cloture"),
        ("STATUS", "status"),
        ("Raison sociale", ""),
        ("landing_page", ""),
        ("state", ""),
        ("website_visits", ""),
        ("window", ""),
    ],
)
def test_names_in_both_languages(name: str, word: str) -> None:
    assert telling_word(name) == word


def test_a_column_of_which_few_times_are_known_counts_as_unknown() -> None:
    table, won, time = drawn(ROWS)
    learned = learn(table, won, time, filled={"coin": filled_at(0.0, known=0.2), "pages": filled_at(0.0)})
    assert set(learned.time_unknown) == {"coin", "source", "colour"}

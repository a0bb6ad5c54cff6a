"""The whole history replayed bucket by bucket gives what one person after the other gives."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.engine.test_history import Database, filled
from vendange.agreement.language import load
from vendange.agreement.terms import Agreement
from vendange.engine.crowd import Someone, crowd_of_rows
from vendange.engine.grades import CELLS
from vendange.engine.history.building import build
from vendange.engine.history.manifest import NoHistory
from vendange.engine.kernel.company import acts_of, hits_of
from vendange.engine.past.replaying import ALERTS, Cancelled, Unlike, lots_of, replay_history, replay_variants
from vendange.engine.plan import made, plan_of
from vendange.engine.replay import replay_all
from vendange.engine.rows import DAY

EXAMPLES = Path(__file__).parents[2] / "examples" / "agreements"


def known_answer(agreement: Agreement, database: Database) -> list[dict[str, Any]]:
    """The same, all people in one crowd of rows."""
    plan = plan_of(agreement)
    crowd = crowd_of_rows(plan, database.persons())
    where = {one.person: one.organisation for one in database.persons()}
    return [
        {
            "person": person,
            "organisation": where[person],
            "at": alert.at,
            "way": alert.way,
            "rule": alert.rule,
            "lead_type": alert.lead_type,
            "grade": alert.grade,
            "engagement": alert.engagement,
            "fit": alert.fit,
        }
        for person, alert in replay_all(plan, crowd, hits=hits_of(plan, acts_of(plan, crowd)))
    ]


@pytest.mark.parametrize("example", ["complex-sale", "inbound-leads"])
def test_buckets_give_what_one_crowd_gives(example: str, tmp_path: Path) -> None:
    agreement = replace(load((EXAMPLES / f"{example}.yaml").read_text()), alert=frozenset(CELLS))
    database = busy()
    build(database, tmp_path)
    found = replay_history(plan_of(agreement), tmp_path)
    assert found.schema == ALERTS
    assert found.to_pylist() == known_answer(agreement, database)
    assert found.num_rows


def busy() -> Database:
    database = filled(40)
    for person in range(0, 40, 3):
        database.arrive(person, 12)
    return database


class Late(Database):
    """Each signal is received five days after it happened."""

    def table(self) -> pa.Table:
        table = super().table()
        late = pc.add(table.column("at"), 5 * DAY)
        return table.set_column(table.column_names.index("received"), "received", late)


def sample() -> Agreement:
    """Whoever opens prices is called, and two of one organisation together."""
    text = (EXAMPLES / "complex-sale.yaml").read_text()
    text = text.replace("alert: [A1, A2, B1]", "alert: [A1, A2, A3, A4, B1, B2, B3, B4, C1, C2, C3, C4, D1, D2, D3]")
    return load(text.replace("at_least: 3}\n      - {on: webinar_attended}", "at_least: 1}"))


@pytest.fixture(autouse=True)
def small_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that even these histories are read in several parts."""
    monkeypatch.setattr(lots_of, "__defaults__", (100,))


def test_an_organisation_is_seen_across_buckets(tmp_path: Path) -> None:
    database = busy()
    build(database, tmp_path)
    found = replay_history(plan_of(sample()), tmp_path).to_pylist()
    assert found == known_answer(sample(), database)
    assert {"pattern", "score"} <= {row["way"] for row in found}


def test_variants_of_thresholds_give_what_each_gives_alone(tmp_path: Path) -> None:
    build(busy(), tmp_path)
    strict = replace(sample(), alert=frozenset({"D1", "D2"}))
    both = replay_variants([made(sample()), made(strict)], tmp_path)
    assert both == [replay_history(made(one), tmp_path) for one in (sample(), strict)]
    assert both[0].num_rows > both[1].num_rows


def test_variants_of_rules_are_refused(tmp_path: Path) -> None:
    build(busy(), tmp_path)
    other = replace(sample(), engagement=sample().engagement[:-1])
    with pytest.raises(Unlike):
        replay_variants([made(sample()), made(other)], tmp_path)


def test_what_is_known_later_calls_later(tmp_path: Path) -> None:
    build(Late(**vars(busy())), tmp_path)
    happened = replay_history(plan_of(sample()), tmp_path)
    known = replay_history(plan_of(sample()), tmp_path, by="known")
    assert known.drop_columns("at") == happened.drop_columns("at")
    apart = {a - b for a, b in zip(known.column("at").to_pylist(), happened.column("at").to_pylist(), strict=True)}
    assert apart == {5 * DAY}


def test_it_tells_how_far_it_is_and_can_be_stopped(tmp_path: Path) -> None:
    build(busy(), tmp_path)
    told: list[tuple[str, int, int]] = []
    replay_history(plan_of(sample()), tmp_path, tell=lambda *one: told.append(one))
    assert told[-1] == ("parts of the history", len(told), len(told))
    assert len(told) > 2
    with pytest.raises(Cancelled):
        replay_history(plan_of(sample()), tmp_path, cancelled=lambda: True)


def test_without_a_history_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoHistory, match="vendange history build"):
        replay_history(plan_of(sample()), tmp_path)


def test_people_without_signals_act_in_no_pattern() -> None:
    plan = plan_of(sample())
    assert len(plan.shared.within)
    someone = Someone(1, 1, {}, [])
    assert len(acts_of(plan, crowd_of_rows(plan, [someone]))) == 0
    assert len(acts_of(plan, crowd_of_rows(plan, []))) == 0

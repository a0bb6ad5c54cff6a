"""Questions asked in SQL and questions asked row by row have the same answers."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.engine.drawn import agreements, histories, profiles
from vendange.agreement.conditions import Condition, Group, Leaf
from vendange.agreement.label import Label
from vendange.agreement.language import load
from vendange.agreement.maturity import Act
from vendange.agreement.terms import Agreement
from vendange.engine import compile as compiling
from vendange.engine.compile import every_signal_sql, people_sql, signals_sql
from vendange.engine.crowd import NOBODY, Crowd, Someone, crowd_of_rows
from vendange.engine.on_duckdb import ask, crowd_of_tables
from vendange.engine.plan import Plan, made, plan_of
from vendange.engine.rows import DAY, Profile, SignalRow
from vendange.engine.tables import PEOPLE_SCHEMA, SIGNALS_SCHEMA, folded, people_table, signals_table

EXAMPLES = 2000 if settings.default and settings.default.max_examples >= 1000 else 100
SHA = "5" * 64

members = st.tuples(profiles(), histories(), st.sampled_from([None, 3, 4]), st.booleans())


@settings(max_examples=EXAMPLES, deadline=None)
@given(agreements(), st.lists(members, max_size=4))
def test_both_ways_of_asking_have_the_same_answers(
    agreement: Agreement, drawn: list[tuple[Profile, list[SignalRow], int | None, bool]]
) -> None:
    plan = plan_of(agreement)
    people = [
        Someone(place * 2, organisation, profile, () if silent else rows)
        for place, (profile, rows, organisation, silent) in enumerate(drawn)
    ]
    found = crowd_of_tables(plan, signals_table(people), people_table(people))
    expected = answering(plan, crowd_of_rows(plan, people))
    event(f"{plan.words} words")
    assert plain(found, plan.words) == plain(expected, plan.words)


def answering(plan: Plan, crowd: Crowd) -> Crowd:
    """Without the signals that SQL leaves out because they answer nothing."""
    count = len(crowd.at)
    masks = [[crowd.masks[word * count + place] for word in range(plan.words)] for place in range(count)]
    kept = [place for place in range(count) if plan.keeps_all_signals or any(masks[place])]
    return Crowd(
        people=crowd.people,
        organisations=crowd.organisations,
        fit=crowd.fit,
        aside=crowd.aside,
        starts=[sum(place < start for place in kept) for start in crowd.starts],
        at=[crowd.at[place] for place in kept],
        ids=[crowd.ids[place] for place in kept],
        masks=[masks[place][word] for word in range(plan.words) for place in kept],
        weights=[crowd.weights[place] for place in kept] if len(crowd.weights) else [],
        contents=[crowd.contents[place] for place in kept] if len(crowd.contents) else [],
    )


def plain(crowd: Crowd, words: int) -> dict[str, list[float]]:
    columns = {name: list(getattr(crowd, name)) for name in Crowd.__slots__ if name != "contents"}
    seen: dict[int, int] = {}
    columns["contents"] = [seen.setdefault(code, len(seen)) for code in crowd.contents]
    assert len(columns["masks"]) == words * len(columns["at"])
    return columns


def plan_with(*conditions: Condition) -> Plan:
    """Each condition is asked of every visit to a page."""
    agreement = load(Path("examples/agreements/small-team.yaml").read_text())
    acts = tuple(
        Act(f"act-{place}", Label("x", "x"), ("page_viewed",), where, "project")
        for place, where in enumerate(conditions)
    )
    return plan_of(replace(agreement, sha=SHA, engagement=(), acts=acts, interests=None, patterns=()))


def bits(plan: Plan, row: SignalRow) -> list[bool]:
    someone = [Someone(1, None, {}, [row])]
    found = crowd_of_tables(plan, signals_table(someone), people_table(someone))
    mask = int(found.masks[0]) if len(found.masks) else 0
    return [bool(mask >> place & 1) for place in range(len(plan.questions))]


def test_texts_that_mean_something_to_sql_are_only_texts() -> None:
    odd = "l'été%_\\\"; DROP TABLE signals; --"
    plan = plan_with(
        Leaf("path", "is", odd),
        Leaf("path", "starts_with", odd[:9]),
        Leaf("path", "contains", "%"),
        Leaf("path", "starts_with", "%"),
        Leaf("path", "contains", "_x"),
        Leaf("value", "is", 0.1 + 0.2),
        Leaf("value", "at_least", 0.3),
    )
    row = SignalRow(1, 0, "page_viewed", path=odd.upper(), value=0.1 + 0.2)
    assert bits(plan, row) == [True, True, True, False, False, True, True]
    assert bits(plan, row._replace(value=0.3))[5:] == [False, True]


def test_the_unknown_answers_no_question_also_when_it_is_denied() -> None:
    asked = Leaf("path", "is", "/tarifs")
    plan = plan_with(
        asked, Group("none", (asked,)), Leaf("path", "not", "/tarifs"), Leaf("path", "exists", value=False)
    )
    assert bits(plan, SignalRow(1, 0, "page_viewed")) == [False, True, False, True]
    assert bits(plan, SignalRow(1, 0, "page_viewed", path="/")) == [False, True, True, False]


def test_signals_of_unknown_persons_are_left_out_and_silent_persons_stay() -> None:
    plan = plan_with(Leaf("path", "exists", value=False))
    rows = [SignalRow(number, 5 - number, "page_viewed") for number in range(5)]
    known, unknown = Someone(4, None, {}, rows), Someone(3, 9, {}, rows)
    found = crowd_of_tables(plan, signals_table([unknown, known]), people_table([Someone(7, 2, {}, ()), known]))
    assert (list(found.people), list(found.organisations), list(found.starts)) == ([4, 7], [NOBODY, 2], [0, 5, 5])
    assert list(found.ids) == [4, 3, 2, 1, 0]


def test_what_is_said_to_be_in_order_is_not_believed() -> None:
    plan = plan_with(Leaf("path", "exists", value=False))
    people = [Someone(4, None, {}, [SignalRow(number, 5 - number, "page_viewed") for number in range(5)])]
    found = crowd_of_tables(plan, signals_table(people), people_table(people), in_order=True)
    assert list(found.ids) == [4, 3, 2, 1, 0]


@settings(max_examples=50, deadline=None)
@given(histories())
def test_columns_of_a_database_become_those_of_the_rows(rows: list[SignalRow]) -> None:
    expected = signals_table([Someone(1, None, {}, rows)])
    raw = pa.table({name: [getattr(row, name) for row in rows] for name in SignalRow._fields})
    raw = raw.append_column("person", pa.array([1] * len(rows)))
    for coded in (raw, raw.set_column(3, "path", raw.column("path").dictionary_encode())):
        found = folded(coded, SIGNALS_SCHEMA)
        assert found.to_pylist() == expected.to_pylist()
        assert folded(found, SIGNALS_SCHEMA).to_pylist() == expected.to_pylist()


def test_numbers_of_any_sort_and_ranks_are_taken_in_true_and_false_are_not() -> None:
    def one(column: str, values: list[object], type_: pa.DataType) -> object:
        return folded(pa.table({column: pa.array(values, type_)}), PEOPLE_SCHEMA).column(column).to_pylist()

    employees, since = "organisation__employees", "person__known_since"
    assert one(employees, [3, None], pa.int32()) == [3.0, None]
    assert one(employees, [float("inf"), float("nan"), 2.5], pa.float64()) == [None, None, 2.5]
    assert one(employees, [True], pa.bool_()) == [None]
    assert one(employees, ["200"], pa.string()) == [None]
    assert one("person__level", ["Manager", "king", ""], pa.string()) == [2.0, None, None]
    assert one("person__country", [3], pa.int64()) == [None]
    assert one("person__country", ["FR", "fr", ""], pa.large_string()) == ["fr", "fr", None]
    assert one(since, [datetime(1970, 1, 2, tzinfo=UTC)], pa.timestamp("ms", "UTC")) == [DAY]
    assert one(since, ["1970-01-02", None], pa.string()) == [DAY, None]


def test_the_text_is_kept_on_disk_and_a_damaged_one_is_written_again(tmp_path: Path) -> None:
    cache = tmp_path / "sql"
    plan = plan_with(Leaf("path", "is", "/tarifs"))
    text = signals_sql(plan, "duckdb", cache)
    [path] = cache.iterdir()
    assert SHA in path.name
    compiling._written.clear()
    assert signals_sql(plan, "duckdb", cache) == text
    path.write_text(path.read_text().replace("/tarifs", "/autres"))
    compiling._written.clear()
    assert signals_sql(plan, "duckdb", cache) == text
    assert "/tarifs" in path.read_text()


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    compiling._written.clear()
    assert "mask0" in signals_sql(plan_with(Leaf("path", "is", "/tarifs")), "duckdb", tmp_path / "file" / "sql")


def test_drafts_without_identity_never_share_a_text(tmp_path: Path) -> None:
    for path in ("/one", "/other"):
        plan = made(replace(plan_with(Leaf("path", "is", path)).agreement, sha=""))
        assert path in signals_sql(plan, "duckdb", tmp_path)
    assert not list(tmp_path.iterdir())


def test_signals_that_answer_nothing_are_left_out_in_sql_too() -> None:
    plan = plan_with(Leaf("path", "is", "/tarifs"))
    rows = [SignalRow(number, 0, "page_viewed", path=path) for number, path in enumerate(["/tarifs", "/", None])]
    signals = signals_table([Someone(1, None, {}, rows)])
    assert ask(signals_sql(plan, "duckdb"), signals=signals).column("id").to_pylist() == [0]
    assert ask(every_signal_sql(plan, "duckdb"), signals=signals).num_rows == 3


def test_spark_asks_the_same_in_its_own_words() -> None:
    plan = plan_with(Leaf("path", "is", "l'été"), Leaf("value", "at_least", 0.5))
    assert "`t0`.`value` >= CAST('0.5' AS DOUBLE)" in signals_sql(plan, "spark")
    assert "FROM `people`" in people_sql(plan, "spark")

"""The history holds what the database holds, whatever happened to either; and nothing of who was erased."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.drawn import agreements
from tests.engine.test_compile import answering, plain
from vendange.engine.crowd import Someone, crowd_of_rows
from vendange.engine.history import building as history
from vendange.engine.history import files
from vendange.engine.history.buckets import sums_of, together
from vendange.engine.history.building import build, status
from vendange.engine.history.files import Busy, alone_in
from vendange.engine.history.manifest import BUCKETS, NoHistory, Sums
from vendange.engine.history.reading import crowds, files_of, scan, tables_of
from vendange.engine.plan import plan_of
from vendange.engine.rows import SignalRow
from vendange.engine.tables import KEPT_SCHEMA, people_table, signals_table

START = 1_700_000_000_000_000


@dataclass
class Database:
    """A source in memory: who did what, by the number of the signal."""

    signals: dict[int, tuple[int, SignalRow]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    last: int = 0

    def arrive(self, person: int, count: int = 1) -> None:
        for _ in range(count):
            self.last += 1
            chance = random.Random(self.last)
            row = SignalRow(
                id=self.last,
                at=START + chance.randrange(10**12),
                kind=chance.choice(["page_viewed", "email_clicked"]),
                path=chance.choice([None, "/tarifs", f"/page/{self.last % 7}"]),
                value=chance.choice([None, 2.5]),
            )
            self.signals[self.last] = (person, row)

    def persons(self) -> list[Someone]:
        known: dict[int, list[SignalRow]] = {person: [] for person in (0, 7)}  # they did nothing yet
        for person, row in self.signals.values():
            known.setdefault(person, []).append(row)
        return [Someone(person, person % 3 or None, {"person.country": "FR"}, rows) for person, rows in known.items()]

    def table(self) -> pa.Table:
        table = signals_table(self.persons())
        return table.append_column("received", table.column("at"))

    def only(self, kept: Any) -> pa.Table:
        table = self.table()
        return table.filter(pa.array([kept(row) for row in table.select(["person", "id"]).to_pylist()], pa.bool_()))

    def signals_since(self, id: int) -> Iterator[pa.RecordBatch | pa.Table]:
        yield from self.only(lambda row: row["id"] > id).to_batches(max_chunksize=50)

    def signals_of_bucket(self, bucket: int) -> pa.Table:
        self.asked.append(f"bucket {bucket}")
        return self.only(lambda row: row["person"] % BUCKETS == bucket)

    def people(self) -> pa.Table:
        return people_table(self.persons())

    def sums(self, until: int) -> dict[int, Sums]:
        return sums_of(self.only(lambda row: row["id"] <= until))


def filled(people: int = 150) -> Database:
    database = Database()
    for person in range(people):
        database.arrive(person, person % 5)
    return database


def held(folder: Path) -> list[dict[str, Any]]:
    pieces = [tables_of(folder, place) for place in range(BUCKETS)]
    for place, (signals, people, in_order) in enumerate(pieces):
        keys = [(row["person"], row["at"], row["id"]) for row in signals.select(["person", "at", "id"]).to_pylist()]
        assert not in_order or keys == sorted(keys)
        assert {key[0] % BUCKETS for key in keys} | {who % BUCKETS for who in people.column("person").to_pylist()} <= {
            place
        }
    return listed(together([signals for signals, _, _ in pieces]))


def listed(table: pa.Table) -> list[dict[str, Any]]:
    return sorted(table.select(KEPT_SCHEMA.names).to_pylist(), key=lambda row: int(row["id"]))


def people_held(folder: Path) -> set[int]:
    return {who for place in range(BUCKETS) for who in tables_of(folder, place)[1].column("person").to_pylist()}


def test_holds_what_the_database_holds(tmp_path: Path) -> None:
    database = filled()
    built = build(database, tmp_path)
    assert (built.added, built.mended, built.merged) == (len(database.signals), (), status(tmp_path).buckets)
    assert held(tmp_path) == listed(database.table())
    assert people_held(tmp_path) == {one.person for one in database.persons()}
    assert scan(tmp_path, ["person", "at", "kind"]) == len(database.signals)


def test_what_is_new_is_added_and_nothing_else_is_touched(tmp_path: Path) -> None:
    database = filled()
    build(database, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in files_of(tmp_path)}
    database.arrive(3, 4)
    database.arrive(1_000_003)
    built = build(database, tmp_path)
    assert (built.added, built.mended, built.merged) == (5, (), 0)
    assert {path: path.stat().st_mtime_ns for path in files_of(tmp_path) if path in before} == before
    assert status(tmp_path).tails == 1
    assert held(tmp_path) == listed(database.table())
    assert database.asked == []


def test_tails_are_merged_when_asked_and_when_they_have_grown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = filled()
    build(database, tmp_path)
    database.arrive(3, 40)
    assert build(database, tmp_path).merged == 0
    assert build(database, tmp_path, compact=True).merged == 1
    assert status(tmp_path).tails == 0
    assert not list((tmp_path / "tail").iterdir())
    monkeypatch.setattr(history, "FEW", 10)
    database.arrive(5, 40)
    assert build(database, tmp_path).merged == 1
    assert held(tmp_path) == listed(database.table())


def test_deletions_moves_and_late_verdicts_reach_it(tmp_path: Path) -> None:
    database = filled()
    build(database, tmp_path)
    erased, moved, machine = 9, 14, 60
    database.signals = {id: one for id, one in database.signals.items() if one[0] != erased}
    database.signals = {id: (moved + 64 if one[0] == moved else one[0], one[1]) for id, one in database.signals.items()}
    del database.signals[machine]
    assert status(tmp_path, database).differs is not None
    built = build(database, tmp_path)
    assert {erased % BUCKETS, moved % BUCKETS} <= set(built.mended)
    assert len(built.mended) == 3
    assert held(tmp_path) == listed(database.table())
    assert erased not in people_held(tmp_path)
    assert status(tmp_path, database).differs == ()


def test_nothing_of_an_erased_person_stays_in_any_file(tmp_path: Path) -> None:
    database = filled()
    build(database, tmp_path)
    database.arrive(9, 3)
    build(database, tmp_path)
    database.signals = {id: one for id, one in database.signals.items() if one[0] != 9}
    build(database, tmp_path, compact=True)
    for path in tmp_path.rglob("*.parquet"):
        assert 9 not in pa.parquet.read_table(path, partitioning=None).column("person").to_pylist()


class Cut(BaseException):
    """The power is gone."""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_build_cut_off_at_any_moment_leaves_a_history_that_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    placed = files.placed
    steps: Iterator[bool] = iter(())

    def cutting(path: Path, write: Any) -> None:
        cut = next(steps, False)
        if cut and when == "before":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(f"{path.name}.0{files.UNFINISHED}").write_bytes(b"half")
            raise Cut
        placed(path, write)
        if cut:
            raise Cut

    monkeypatch.setattr("vendange.engine.history.files.placed", cutting)
    monkeypatch.setattr("vendange.engine.history.buckets.placed", cutting)
    database, number, finished = filled(8), 0, False
    build(database, tmp_path / "first")
    while not finished:
        folder = tmp_path / str(number)
        steps = iter(())
        database = filled(8)
        build(database, folder)
        before = listed(database.table())
        database.arrive(11, 3)
        database.arrive(500, 2)
        with_new = listed(database.table())
        del database.signals[5]
        after = listed(database.table())
        steps = iter([False] * number + [True])
        try:
            build(database, folder, compact=True)
            finished = next(steps, None) is not None
        except Cut:
            found = held(folder)
            assert found in (before, with_new, after)
        steps = iter(())
        build(database, folder)
        assert held(folder) == after
        assert status(folder, database).differs == ()
        assert not list(folder.rglob(f"*{files.UNFINISHED}"))
        number += 1
    assert number > 8


def test_a_lost_or_damaged_file_is_noticed_and_mended(tmp_path: Path) -> None:
    database = filled()
    build(database, tmp_path)
    first, second = files_of(tmp_path)[:2]
    first.unlink()
    with pytest.raises(NoHistory, match="history build"):
        held(tmp_path)
    second.write_bytes(second.read_bytes()[:-10])
    assert status(tmp_path, database).differs == (0, 1)
    assert build(database, tmp_path).mended == (0, 1)
    assert held(tmp_path) == listed(database.table())
    content = bytearray(files_of(tmp_path)[3].read_bytes())
    content[20] ^= 255
    files_of(tmp_path)[3].write_bytes(content)
    with pytest.raises(NoHistory, match="damaged"):
        held(tmp_path)


def test_says_what_to_do_when_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(NoHistory, match="vendange history build"):
        status(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(NoHistory, match="damaged"):
        status(tmp_path)
    (tmp_path / "manifest.json").write_text('{"form": 99}')
    with pytest.raises(NoHistory, match="another version"):
        status(tmp_path)


def test_two_builds_never_write_at_once(tmp_path: Path) -> None:
    with alone_in(tmp_path), pytest.raises(Busy, match="Wait"):
        build(filled(), tmp_path)


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["arrive", "arrive", "erase", "move", "build", "compact"]), st.integers(0, 300)),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(OPERATIONS)
def test_keeps_in_step_with_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, operations: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("history")
    database = Database()
    for name, number in [*operations, ("build", 0)]:
        if name == "arrive":
            database.arrive(number, 1 + number % 4)
        elif name == "erase":
            database.signals = {id: one for id, one in database.signals.items() if one[0] % 5 != number % 5}
        elif name == "move":
            database.signals = {id: (one[0] + 64 * (id % 2), one[1]) for id, one in database.signals.items()}
        else:
            build(database, folder, compact=name == "compact")
            assert held(folder) == listed(database.table())


@settings(max_examples=4, deadline=None)
@given(agreements())
def test_its_crowds_are_those_of_the_rows(tmp_path_factory: pytest.TempPathFactory, agreement: Any) -> None:
    folder = tmp_path_factory.mktemp("history")
    database, plan = filled(70), plan_of(agreement)
    build(database, folder)
    database.arrive(7, 3)  # a tail
    build(database, folder)
    people = database.persons()
    found = list(crowds(plan, folder))
    assert len(found) == BUCKETS
    for place, crowd in enumerate(found):
        mine = [one for one in people if one.person % BUCKETS == place]
        assert plain(crowd, plan.words) == plain(answering(plan, crowd_of_rows(plan, mine)), plan.words)

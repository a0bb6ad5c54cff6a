"""The benches run at tiny sizes and tell what they should; how fast is never asserted."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from vendange.bench.generate import Company
from vendange.bench.past import laid_down
from vendange.bench.result import Result
from vendange.bench.size import END, START, Size
from vendange.bench.terms import plan_from
from vendange.engine.crowd import NOBODY
from vendange.engine.history.reading import crowds
from vendange.engine.measure import measure_all
from vendange.engine.past.everybody import heats, standings
from vendange.engine.past.replaying import replay_history

KEYS = ["name", "unit", "ours", "limit", "ratio", "target", "met", "details"]
TINY = Size.of(people=150, signals=None, seed=3)  # so small that nothing is compiled


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("bench")
    laid_down(TINY, home)
    return home


def told(home: Path, *words: str, code: int = 0) -> list[dict[str, Any]]:
    said = said_by(home, *words, "--people", "150", "--seed", "3", "--json", code=code)
    found: list[dict[str, Any]] = json.loads(said.stdout)
    assert [list(one) for one in found] == [KEYS] * len(found)
    return found


def said_by(home: Path, *words: str, code: int, **more: str) -> "subprocess.CompletedProcess[str]":
    """In a process of its own: a bench measures fresh processes, and those need a main module."""
    environment = {**os.environ, "VENDANGE_HOME": str(home), "DATABASE_URL": "", **more}
    command = [sys.executable, "-m", "vendange.cli.main", "bench", *words]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert said.returncode == code, said.stderr
    return said


def test_the_company_is_as_large_as_asked_and_heavy_tailed() -> None:
    company = Company(Size.of(people=20_000, signals=None, seed=7))
    counts = company.counts
    assert counts.sum() == 400_000
    assert 2 <= np.median(counts) <= 6
    assert np.percentile(counts, 99) > 100
    assert 0.1 < (counts == 0).mean() < 0.25


def test_signals_stand_in_order_and_within_the_three_years() -> None:
    table = Company(TINY).signals(5)
    columns = [table.column(name).to_numpy() for name in ("person", "at", "id")]
    assert np.array_equal(np.lexsort(columns[::-1]), np.arange(table.num_rows))
    assert columns[1].min() >= START
    assert columns[1].max() < END
    assert set(columns[0] % 64) == {5}
    assert len(set(columns[2])) == table.num_rows


def test_one_seed_makes_one_company() -> None:
    assert Company(TINY).signals(9).equals(Company(TINY).signals(9))
    other = Size.of(people=500, signals=None, seed=4)
    assert not Company(other).signals(9).equals(Company(TINY).signals(9))


def test_everybody_stands_where_the_measure_of_each_says(home: Path) -> None:
    plan, folder = plan_from(None), TINY.folder(home) / "history"
    found = list(standings(plan, folder, END))
    assert sum(len(one.people) for one in found) == TINY.people
    everybody = (crowd for crowd in crowds(plan, folder) if crowd.size)
    for one, crowd in zip(found, everybody, strict=True):
        for place, measure in enumerate(measure_all(plan, crowd, END)):
            assert (measure.fit, measure.engagement) == (one.fit[place], one.engagement[place])


def test_an_organisation_is_as_hot_as_its_engaged_people(home: Path) -> None:
    plan = plan_from(None)
    found = list(standings(plan, TINY.folder(home) / "history", END))
    heated = heats(plan, found)
    assert heated is not None
    engaged = [one.organisations[(one.engagement >= 20) & (one.organisations != NOBODY)] for one in found]
    ids, counts = np.unique(np.concatenate(engaged), return_counts=True)
    assert dict(zip(ids, counts, strict=True)) == {
        company: count for company, count in zip(heated.organisations, heated.engaged, strict=True) if count
    }


def test_measure_and_replay_tell_what_they_found(home: Path) -> None:
    measured, memory = told(home, "measure", "--rounds", "1")
    assert measured["details"]["people"] == TINY.people
    assert (measured["target"], measured["met"]) == (None, None)  # too small to be judged
    assert memory["unit"] == "GB"
    replayed, _ = told(home, "replay", "--rounds", "1")
    alerts = replay_history(plan_from(None), TINY.folder(home) / "history")
    assert replayed["details"]["alerts"] == alerts.num_rows > 0
    assert isinstance(alerts, pa.Table)


def test_arrive_fills_a_database_and_measures_out_of_it(home: Path) -> None:
    [one] = told(home, "arrive")
    assert one["details"]["touched"] == 1
    assert one["details"]["their_signals"] > 1
    assert one["limit"] > 0
    [again] = told(home, "arrive")  # nothing was written: the same calls, in the same database
    assert again["details"]["calls"] == one["details"]["calls"]


def test_scaling_tells_three_sizes(home: Path) -> None:
    names = [one["name"] for one in told(home, "measure", "--scaling", "--rounds", "1")]
    assert names == ["measure 0.0003M signals", "measure 0.003M signals", "measure 0.015M signals"]


def test_what_cannot_be_done_is_said(home: Path, tmp_path: Path) -> None:
    assert "is no number" in said_by(home, "measure", "--signals", "many", code=2).stderr
    (tmp_path / "odd.yaml").write_text("agreement: Odd\nfit: 3\n")
    said = said_by(home, "measure", "--agreement", str(tmp_path / "odd.yaml"), code=1)
    assert "is no agreement" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_target_is_met_by_the_figure_it_is_of() -> None:
    ratio = Result("one", "CPU s", 10.0, 2.0, 8.0, {"target_of": "ratio"})
    assert (ratio.ratio, ratio.met) == (5.0, True)
    assert Result("two", "CPU ms", 30.0, 2.0, 25.0).met is False
    assert Result("three", "GB", 1.0, None, None).met is None


def test_ingest_stores_all_that_it_acknowledges(home: Path) -> None:
    said = said_by(home, "ingest", "--rounds", "1", "--seconds", "0.3", "--json", code=0)
    single, slowest, together = json.loads(said.stdout)
    assert single["name"] == "ingest single SQLite" and together["name"] == "ingest by 100 SQLite"
    for one in (single, together):
        assert one["ours"] > 0 and one["limit"] > 0
        assert one["met"] == (one["ratio"] >= one["target"])  # at least, not at most
        assert one["details"]["stored"] == one["details"]["acknowledged"] > 100
    assert (slowest["unit"], slowest["target"]) == ("ms", 50.0)
    assert not list((home / "bench").glob("ingest-*"))


def test_a_quote_request_is_seen_on_the_page_of_the_desk(home: Path) -> None:
    [one] = json.loads(said_by(home, "desk", "--people", "150", "--seconds", "2", "--json", code=0).stdout)
    told = one["details"]
    assert told["events"] == 400 and told["refused"] == told["not_seen"] == 0
    assert told["quote_requests"] == 10 and 0 < told["p50_s"] <= one["ours"]
    assert not list((home / "bench").glob("relay-*")) and not list(home.glob("relay-*"))


def test_each_answer_to_a_form_becomes_a_lead(home: Path) -> None:
    said = said_by(home, "forms", "--people", "150", "--count", "40", "--json", code=0)
    found = {one["name"]: one for one in json.loads(said.stdout)}
    assert list(found) == ["hits, 1 client, SQLite", "hits, 4 clients, SQLite", "form to lead, 4 clients, SQLite"]
    assert all(one["details"]["sent"] == 40 and one["ours"] > 0 for one in found.values())


def test_a_file_comes_in_and_its_people_are_searched_for_duplicates(home: Path) -> None:
    said = said_by(home, "import", "--rows", "400", "--json", code=0)
    found = {one["name"]: one for one in json.loads(said.stdout)}
    brought, searched = found["import, 400 rows, sqlite"], found["duplicates searched, 400 rows, sqlite"]
    assert brought["met"] == (brought["ours"] >= brought["target"]) and brought["limit"] > 0
    tables = brought["details"]["rows_of_tables"]
    assert 370 < tables["person"] == tables["consent"] < 400
    assert tables["fact"] > 8 * tables["person"]
    assert 1 <= searched["details"]["found"] <= searched["details"]["compared"]
    assert not (home / "bench" / "import").exists()

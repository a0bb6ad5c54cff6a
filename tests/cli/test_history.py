"""The history is built, told about and mended from the command line."""

import errno
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import override_settings

from tests.cli.typed import vendange
from tests.people import MONDAY, House
from vendange.engine.history.files import alone_in
from vendange.journey.arrive import arrive
from vendange.models import Signal


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Iterator[Path]:
    with override_settings(HOME=tmp_path):
        yield tmp_path


def visits(house: House, count: int, email: str = "camille@atelier-nova.example") -> None:
    days = [MONDAY - timedelta(days=day) for day in range(count)]
    arrive(signals=[house.signal("page_viewed", email, day, path="/Tarifs") for day in days], now=MONDAY)


def test_says_first_how_to_build_it(db: None) -> None:
    said = vendange("history", "status")
    assert (said.code, "vendange history build" in said.err) == (1, True)


def test_is_built_and_says_what_it_holds(house: House, home: Path) -> None:
    visits(house, 5)
    assert vendange("history", "build", "--json").value["added"] == 5
    told = vendange("history", "status")
    assert told.code == 0
    assert "5 signals of 1 person in 1 bucket" in told.out
    assert "agrees with the database" in told.out
    visits(house, 3, "sam@elsewhere.example")
    assert "3 new signals were added" in vendange("history", "build").out


def test_tells_of_deletions_until_they_are_mended(house: House, home: Path) -> None:
    visits(house, 5)
    vendange("history", "build")
    Signal.objects.order_by("id").first().delete()  # type: ignore[union-attr]
    told = vendange("history", "status")
    assert (told.code, "1 bucket differs from the database" in told.out) == (1, True)
    assert len(vendange("history", "status", "--json").value["differs"]) == 1
    assert "1 bucket differed from the database and was written anew" in vendange("history", "build").out
    assert vendange("history", "status", "--json").value["signals"] == 4


def test_two_builds_never_write_at_once(db: None, home: Path) -> None:
    with alone_in(home / "history"):
        said = vendange("history", "build", "--compact")
    assert (said.code, "Another process is writing" in said.err) == (1, True)


@pytest.mark.parametrize(
    ("number", "told"), [(errno.ENOSPC, "Make room on the disk"), (errno.EACCES, "the right to write in VENDANGE_HOME")]
)
def test_a_folder_that_cannot_be_written_gets_a_remedy(
    house: House, monkeypatch: pytest.MonkeyPatch, number: int, told: str
) -> None:
    """As Arrow says it: with a number and without the name of the file."""
    visits(house, 2)

    def refuse(*given: object, **named: object) -> None:
        raise OSError(number, "Failed to open local file 'x.parquet'")

    monkeypatch.setattr("vendange.engine.history.buckets.pq.write_table", refuse)
    monkeypatch.setattr("vendange.engine.history.buckets.pq.ParquetWriter", refuse)
    said = vendange("history", "build")
    assert said.code == 1 and told in said.err and "Traceback" not in said.err


@pytest.mark.parametrize("content", ["{}", "[]", '{"form": 1, "buckets": []}', "null", '"x"'])
def test_a_manifest_of_another_shape_is_damaged(house: House, home: Path, content: str) -> None:
    visits(house, 2)
    assert vendange("history", "build").code == 0
    (home / "history" / "manifest.json").write_text(content)
    for act in ("status", "build"):
        said = vendange("history", act)
        assert said.code == 1 and "is damaged" in said.err


def test_a_damaged_file_of_people_is_noticed_and_mended(house: House, home: Path) -> None:
    visits(house, 2)
    assert vendange("history", "build").code == 0
    (home / "history" / "people.parquet").write_text("junk")
    said = vendange("history", "status")
    assert said.code == 1 and "people is damaged" in said.out and "agrees" not in said.out
    assert vendange("history", "build").code == 0
    assert vendange("history", "status").code == 0

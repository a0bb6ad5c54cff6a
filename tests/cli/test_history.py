"""The history is built, told about and mended from the command line."""

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

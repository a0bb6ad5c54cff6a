"""Files of networks: installed whole or refused with a sentence, replaced at once, harmless when they break."""

import io
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import override_settings

from tests.cli.typed import vendange
from vendange.cli.doctor import _networks
from vendange.reveal.actions import CannotRead, add_file, remove_file
from vendange.reveal.queries import companies_at, files, folder, is_ready

DATA = Path("/work/shared/data/geoip_mmdb")
NOW = datetime(2026, 9, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, db: None) -> Iterator[Path]:
    with override_settings(HOME=tmp_path):
        yield tmp_path


def real(name: str) -> Path:
    path = DATA / f"{name}.mmdb"
    if not path.exists():
        pytest.skip("the test files of MaxMind are not on this machine")
    return path


def install(name: str) -> None:
    with real(name).open("rb") as stream:
        add_file(stream, by=None, now=NOW)


@pytest.mark.parametrize("content", [b"", b"not a database", b"\xab\xcd\xefMaxMind.com" + b"\xff" * 50, b"\x00" * 4096])
def test_what_is_no_file_of_networks_is_refused_and_leaves_nothing(content: bytes) -> None:
    with pytest.raises(CannotRead, match="damaged"):
        add_file(io.BytesIO(content), by=None, now=NOW)
    assert list(folder().iterdir()) == [] and not is_ready()


@pytest.mark.parametrize(
    "name",
    [
        "GeoIP2-City-Test-Broken-Double-Format",
        "GeoIP2-City-Test-Invalid-Node-Count",
        "MaxMind-DB-test-broken-pointers-24",
        "GeoLite2-City-Test",
        "GeoIP2-Static-IP-Score-Test",
    ],
)
def test_broken_files_and_files_without_companies_are_refused(name: str) -> None:
    with pytest.raises(CannotRead):
        install(name)
    assert files() == []


def test_files_speak_together() -> None:
    assert companies_at(["38.105.0.64"])["38.105.0.64"].never == "nothing_said"
    for name in ("GeoIP2-ISP-Test", "GeoIP2-Domain-Test", "GeoIP2-Anonymous-IP-Test", "GeoIP2-Enterprise-Test"):
        install(name)
    assert [one.kind for one in files()] == ["GeoIP2-Enterprise", "GeoIP2-ISP", "GeoIP2-Domain", "GeoIP2-Anonymous-IP"]
    found = companies_at(["38.105.0.64", "1.128.0.0", "74.209.24.0", "10.0.0.1", "64.17.254.216"])
    assert found["38.105.0.64"].name == "GHD" and found["38.105.0.64"].is_one
    assert found["64.17.254.216"].name == "Karlin Peebles LLP"
    assert found["1.128.0.0"].never == "provider" and found["74.209.24.0"].never == "consumer"
    assert "10.0.0.1" not in found


def test_a_newer_file_takes_the_place_of_the_older_one_at_once() -> None:
    install("GeoIP2-ISP-Test")
    before = companies_at(["38.105.0.64"])
    install("GeoIP2-ISP-Test")
    assert len(files()) == 1 and companies_at(["38.105.0.64"]) == before
    assert remove_file("GeoIP2-ISP", by=None, now=NOW) and not remove_file("GeoIP2-ISP", by=None, now=NOW)
    assert not is_ready() and list(folder().iterdir()) == []


def test_a_file_that_breaks_later_says_nothing_and_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    install("GeoIP2-ISP-Test")
    assert companies_at(["38.105.0.64"])["38.105.0.64"].is_one
    place = files()[0].path
    with place.open("r+b") as stream:  # cut short in place, under those who read it
        stream.truncate(3_000)
    assert not companies_at(["38.105.0.64"])["38.105.0.64"].is_one
    assert "companies add" in caplog.text
    assert [one.broken for one in files()] == [True]
    found = _networks(NOW)
    assert found.state == "careful" and "Add it again" in found.sentence
    shutil.copy(real("GeoIP2-ISP-Test"), place)
    assert companies_at(["38.105.0.64"])["38.105.0.64"].is_one


def test_an_old_file_is_told() -> None:
    install("GeoIP2-ISP-Test")
    made = files()[0].built_at
    assert [files()[0].is_old(made + timedelta(days=days)) for days in (60, 61)] == [False, True]
    said = _networks(made + timedelta(days=100)).sentence
    assert said == "GeoIP2-ISP.mmdb is 100 days old: networks change hands. Download a newer one and add it."


def test_the_command_adds_lists_and_removes() -> None:
    assert "No file yet" in vendange("companies", "list").out
    done = vendange("companies", "add", real("GeoIP2-ISP-Test"), "--json")
    assert (done.value["kind"], done.value["networks"]) == ("GeoIP2-ISP", 2129)
    assert "GeoIP2-ISP.mmdb" in vendange("companies", "list").out
    assert vendange("companies", "remove", "GeoIP2-ISP.mmdb").code == 0
    refused = vendange("companies", "remove", "GeoIP2-ISP.mmdb")
    assert refused.code == 1 and "There is no file" in refused.err


def test_the_command_refuses_a_broken_file_in_a_sentence(tmp_path: Path) -> None:
    bad = tmp_path / "bad.mmdb"
    bad.write_bytes(b"nothing")
    refused = vendange("companies", "add", bad)
    assert refused.code == 1 and "damaged" in refused.err and "Traceback" not in refused.err

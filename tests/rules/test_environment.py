"""Variables of the environment are read, or refused with what to write instead."""

import pytest

from vendange.environment import BadEnvironment, env_bool, env_int, env_zone


def test_what_is_not_set_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VENDANGE_TIME_ZONE", raising=False)
    assert env_zone("VENDANGE_TIME_ZONE", "Europe/Paris") == "Europe/Paris"


@pytest.mark.parametrize("zone", ["Mars", "../etc/passwd", "CEST+2"])
def test_a_zone_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setenv("VENDANGE_TIME_ZONE", zone)
    with pytest.raises(BadEnvironment, match="Write for example VENDANGE_TIME_ZONE=Europe/Paris"):
        env_zone("VENDANGE_TIME_ZONE", "Europe/Paris")


def test_neither_yes_nor_no_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENDANGE_DEBUG", "maybe")
    with pytest.raises(BadEnvironment, match="neither yes nor no"):
        env_bool("VENDANGE_DEBUG", default=False)


@pytest.mark.parametrize("number", ["a lot", "0"])
def test_a_number_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    monkeypatch.setenv("VENDANGE_SMTP_PORT", number)
    with pytest.raises(BadEnvironment, match="VENDANGE_SMTP_PORT"):
        env_int("VENDANGE_SMTP_PORT", default=587, lowest=1)

"""When the compiled kernel is used: never at the price of half a minute while events wait."""

from pathlib import Path

import pytest

from vendange.engine.kernel import fast
from vendange.engine.kernel.running import ASLEEP, AWAKE, UNMADE, worth_compiling


@pytest.mark.parametrize(
    ("awake", "made", "signals", "worth"),
    [
        (False, False, UNMADE - 1, False),
        (False, False, UNMADE, True),
        (False, True, ASLEEP - 1, False),
        (False, True, ASLEEP, True),
        (True, True, AWAKE - 1, False),
        (True, True, AWAKE, True),
    ],
)
def test_it_is_woken_when_that_pays(
    monkeypatch: pytest.MonkeyPatch, awake: bool, made: bool, signals: int, worth: bool
) -> None:
    monkeypatch.setattr(fast, "is_awake", lambda: awake)
    monkeypatch.setattr(fast, "is_made", lambda: made)
    assert worth_compiling(signals) is worth


def test_without_numba_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "can_compile", lambda: False)
    assert not worth_compiling(10 * UNMADE)


def test_it_is_made_when_each_entry_lies_on_the_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fast, "cache_folder", lambda: tmp_path / "kernel-1")
    assert not fast.is_made()
    inside = tmp_path / "kernel-1" / "kernel_2"
    inside.mkdir(parents=True)
    for name in ("find_alerts", "stand"):
        assert not fast.is_made()
        (inside / f"part.{name}-12.py311.1.nbc").touch()
    assert fast.is_made()

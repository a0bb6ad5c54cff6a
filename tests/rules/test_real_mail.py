"""Real messages of a folder that is not ours to publish: named by VENDANGE_REAL_MAIL, or beside the project."""

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from vendange.engine.bounces import meaning
from vendange.reach.rules import read

BESIDE = ROOT.parent / "shared" / "data" / "mail"
# What the name of a file says of it, in the collections that we know.
NAMED = {
    "spam-rejection": "not_the_address",
    "message-too-large": "not_the_address",
    "user-unknown": "dead",
    "doesnotexist": "dead",
    "yahoo_1": "bounce",
    "postfix_0": "bounce",
    "arf-01": "complaint",
    "arf-08": "other",
}


def folder() -> Path:
    named = Path(os.environ.get("VENDANGE_REAL_MAIL") or BESIDE)
    if not named.is_dir():
        pytest.skip("there is no folder of real messages: name one in VENDANGE_REAL_MAIL")
    return named


def said(raw: bytes) -> set[str]:
    told = read(raw, received_at=datetime(2026, 11, 22, tzinfo=UTC))
    failed = [one for one in told.reports if one.action == "failed"]
    return {told.kind, *(meaning(one.status, one.said) for one in failed)}


def test_real_messages_are_what_their_names_say() -> None:
    files = [one for one in sorted(folder().rglob("*")) if one.is_file() and one.suffix in (".eml", ".msg", ".txt")]
    counted: Counter[bool] = Counter()
    wrong = []
    for file in files:
        wanted = next((code for start, code in NAMED.items() if file.name.startswith(start)), "")
        answers = said(file.read_bytes())  # reading none of them may raise
        if wanted:
            counted[wanted in answers] += 1
            wrong += [] if wanted in answers else [f"{file.name}: {wanted}, not {sorted(answers)}"]
    assert files
    assert counted[False] <= 0.02 * len(files), wrong

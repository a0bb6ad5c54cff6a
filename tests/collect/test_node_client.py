"""Segment's library for Node, unmodified: every kind of event arrives once, although answers get lost on the way."""

import json
import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.collect.forgetful import forgetful
from tests.collect.npm import CLIENTS, installed_clients
from tests.collect.reading import rows, wait_for
from tests.live import Live, running

ROUNDS = 20
KINDS = ("identify", "group", "page", "screen", "track", "alias")


@pytest.fixture
def live(own_environment: dict[str, str]) -> Iterator[Live]:
    with running(own_environment) as one:
        yield one


def test_every_kind_arrives_once_although_answers_get_lost(live: Live) -> None:
    folder = installed_clients()
    key = json.loads(live.command("source", "add", "node", "--json"))["write_key"]
    with forgetful(urlsplit(live.url).port or 0) as gateway:
        words = ["node", str(CLIENTS / "node.cjs"), str(folder), gateway.url, key, str(ROUNDS)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert gateway.lost and set(gateway.lost + gateway.passed) == {"/v1/batch"}
    stored = rows(live.environment, "inbox", "SELECT kind, message_id FROM vendange_inboxevent")
    assert sorted(stored) == sorted((kind, f"{kind}-{n}") for kind in KINDS for n in range(ROUNDS))

    waiting = "SELECT count(*) FROM vendange_inboxevent WHERE NOT handled"
    wait_for(lambda: rows(live.environment, "inbox", waiting) == [(0,)], seconds=60)
    assert rows(live.environment, "inbox", "SELECT count(*) FROM vendange_refusedevent") == [(0,)]
    found = rows(live.environment, "vendange", "SELECT kind, path, value FROM vendange_signal")
    assert sorted(found, key=str) == sorted(
        [("page_viewed", "/tarifs", None), ("page_viewed", "/Configurator", None), ("quote_requested", "", 4200)]
        * ROUNDS,
        key=str,
    )
    assert rows(live.environment, "vendange", "SELECT count(*) FROM vendange_person") == [(ROUNDS,)]
    assert rows(live.environment, "vendange", "SELECT name FROM vendange_organisation") == [("Nova",)]

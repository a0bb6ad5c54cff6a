"""Segment's own Python client, unmodified, against the running product: every event in its timeline, none twice."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from segment.analytics.client import Client

from tests.collect.reading import rows, wait_for
from tests.live import Live, running

EVENTS = 1_000
PEOPLE = 50


@pytest.fixture
def live(own_environment: dict[str, str]) -> Iterator[Live]:
    with running(own_environment) as one:
        yield one


def send(live: Live, key: str, *, gzip: bool) -> None:
    failures: list[Any] = []
    client = Client(
        key, host=live.url, gzip=gzip, on_error=lambda error, _: failures.append(error), max_queue_size=EVENTS + 1
    )
    for n in range(EVENTS):
        client.track(
            user_id=f"person-{n % PEOPLE}",
            event="Content Downloaded",
            properties={"asset": f"guide-{n}", "note": "Émilie « laser »"},
            timestamp=datetime.now(UTC),
            message_id=f"message-{n}",
        )
    client.shutdown()
    assert failures == []


@pytest.mark.parametrize("gzip", [False, True])
def test_a_thousand_events_arrive_once_even_when_sent_twice(live: Live, gzip: bool) -> None:
    key = json.loads(live.command("source", "add", "web", "--json"))["write_key"]
    send(live, key, gzip=gzip)
    send(live, key, gzip=gzip)
    stored = rows(live.environment, "inbox", "SELECT message_id FROM vendange_inboxevent")
    assert sorted(stored) == sorted((f"message-{n}",) for n in range(EVENTS))
    assert rows(live.environment, "inbox", "SELECT count(*) FROM vendange_refusedevent") == [(0,)]

    waiting = "SELECT count(*) FROM vendange_inboxevent WHERE NOT handled"
    wait_for(lambda: rows(live.environment, "inbox", waiting) == [(0,)], seconds=60)
    found = rows(live.environment, "vendange", "SELECT person_id, message_id, kind, asset FROM vendange_signal")
    assert sorted(one[1] for one in found) == sorted(f"message-{n}" for n in range(EVENTS))
    assert {(one[2], one[3].partition("-")[0]) for one in found} == {("content_downloaded", "guide")}
    assert len({one[0] for one in found}) == PEOPLE
    assert Path(live.environment["VENDANGE_HOME"], "worker.json").exists()

"""Several collectors and workers of one PostgreSQL database: the same events sent to all of them count once."""

import json
import signal
import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from segment.analytics.client import Client

from tests.collect.loading import Environment, Senders, collector, event, kill, named, source_key, worker
from tests.collect.reading import rows, wait_for
from tests.conftest import POSTGRESQL
from tests.live import free_port

COLLECTORS = 3
EVENTS = 600
WAITING = "SELECT count(*) FROM vendange_inboxevent WHERE NOT handled"

pytestmark = pytest.mark.skipif(
    POSTGRESQL == "sqlite", reason="SQLite has one writer: several collectors need a server"
)


@pytest.fixture
def key(own_environment: Environment) -> str:
    return source_key(own_environment)


@pytest.fixture
def ports(own_environment: Environment, key: str) -> Iterator[list[int]]:
    found = [free_port() for _ in range(COLLECTORS)]
    started = [collector(own_environment, port) for port in found]
    yield found
    for one in started:
        kill(one, signal.SIGTERM)


def test_each_event_counts_once_whoever_hears_it(own_environment: Environment, key: str, ports: list[int]) -> None:
    """All collectors hear the same events at the same moment, in opposite orders, so that their writers cross."""
    failures: list[object] = []

    def tell(port: int, backwards: bool) -> None:
        client = Client(
            key, host=f"http://127.0.0.1:{port}", on_error=lambda error, _: failures.append(error), upload_size=50
        )
        for n in reversed(range(EVENTS)) if backwards else range(EVENTS):
            told = json.loads(event(named("same", n)))
            client.track(user_id=told["userId"], event=told["event"], message_id=told["messageId"])
        client.shutdown()

    tellers = [threading.Thread(target=tell, args=(port, n % 2 == 1)) for n, port in enumerate(ports)]
    for one in tellers:
        one.start()
    for one in tellers:
        one.join(120)
    assert failures == []
    everything_counts_once(own_environment, [named("same", n) for n in range(EVENTS)])


def test_one_of_them_may_die(own_environment: Environment, key: str, ports: list[int]) -> None:
    dies = free_port()
    doomed = collector(own_environment, dies)
    senders = Senders([*ports, dies], key, "mixed", threads=8)
    threading.Event().wait(1.5)
    kill(doomed)
    threading.Event().wait(1)
    acknowledged = senders.join()
    stored = [name for (name,) in rows(own_environment, "inbox", "SELECT message_id FROM vendange_inboxevent")]
    assert len(acknowledged) > 100 and set(acknowledged) <= set(stored)
    everything_counts_once(own_environment, stored)


def everything_counts_once(environment: Environment, names: list[str]) -> None:
    """Also when two workers read the inbox."""
    workers = [worker(environment), worker(environment)]
    try:
        wait_for(lambda: rows(environment, "inbox", WAITING) == [(0,)], seconds=120)
    finally:
        for one in workers:
            kill(one, signal.SIGTERM)
    stored = [name for (name,) in rows(environment, "inbox", "SELECT message_id FROM vendange_inboxevent")]
    signals = [name for (name,) in rows(environment, "vendange", "SELECT message_id FROM vendange_signal")]
    assert Counter(stored) == Counter(signals) == Counter(names)
    assert rows(environment, "inbox", "SELECT count(*) FROM vendange_refusedevent") == [(0,)]
    people = {name.split("-")[-2] for name in names}
    assert rows(environment, "vendange", "SELECT count(*) FROM vendange_person") == [(len(people),)]

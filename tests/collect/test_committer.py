"""Group commit: answers only after the commit, one poison request fails alone, limits and death are told."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from tests.collect.asking import MemoryStore, ask, collector_on, lived
from vendange.collect.committer import Committer, Dead, Full, Outcome
from vendange.collect.rows import Part, Refusal, Row
from vendange.collect.store import Store, store_of
from vendange.models import InboxEvent, RefusedEvent

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def row(message_id: Any, payload: bytes = b"{}") -> Row:
    return Row(1, message_id, "track", 1_700_000_000_000_000, "", "", "", payload)


def part(*message_ids: Any) -> Part:
    return Part(rows=[row(one) for one in message_ids])


def inbox() -> Store:
    return store_of(connections[settings.INBOX_ALIAS].settings_dict)


class Queueing(Committer):
    """Takes requests before its writer starts, so that they share a transaction."""

    @property
    def alive(self) -> bool:
        return True


def submitted(store: Store, parts: Sequence[Part]) -> list[Outcome]:
    async def story() -> list[Outcome]:
        one = Queueing(store)
        one.loop = asyncio.get_running_loop()
        answers = [one.submit(part) for part in parts]
        one.start(one.loop)
        found = await asyncio.gather(*answers)
        await one.loop.run_in_executor(None, one.stop)
        return list(found)

    return lived(story())


def test_stored_once_whatever_is_repeated() -> None:
    assert submitted(inbox(), [part("a", "b", "a"), part("b"), part("c")]) == [Outcome.STORED] * 3
    assert submitted(inbox(), [part("a"), Part()]) == [Outcome.STORED] * 2
    stored = InboxEvent.objects.order_by("message_id")
    assert [(one.message_id, one.handled, bytes(one.payload)) for one in stored] == [
        ("a", False, b"{}"),
        ("b", False, b"{}"),
        ("c", False, b"{}"),
    ]


def test_refusals_are_kept() -> None:
    kept = Refusal(1, "m\x00", "bad_type", "Why.", 5, b"\x00\xff" * 40_000)
    assert submitted(inbox(), [Part(rows=[row("a")], refusals=[kept])]) == [Outcome.STORED]
    one = RefusedEvent.objects.get()
    assert (one.message_id, one.reason, one.detail, len(one.payload)) == ("m", "bad_type", "Why.", 32 * 1024)


def test_a_poison_request_fails_alone_and_is_kept() -> None:
    poison = Part(rows=[row("p"), Row(2**70, "q", "track", 0, "", "", "", b"{}")])
    found = submitted(inbox(), [part("a"), poison, part("b")])
    assert found[0] is found[2] is Outcome.STORED
    assert found[1] is not Outcome.STORED
    assert set(InboxEvent.objects.values_list("message_id", flat=True)) == {"a", "b"}


class Moody(MemoryStore):
    """A store that fails as it is told."""

    def __init__(self, *faults: Exception | None) -> None:
        super().__init__()
        self.faults = list(faults)

    def write(self, parts: Sequence[Part]) -> None:
        fault = self.faults.pop(0) if self.faults else None
        if fault:
            raise fault
        super().write(parts)


def test_a_database_that_comes_back_is_asked_again() -> None:
    assert submitted(Moody(OSError("gone")), [part("a")]) == [Outcome.STORED]


def test_a_database_that_is_away_blames_no_event() -> None:
    store = Moody(OSError("gone"), OSError("still gone"))
    assert submitted(store, [part("a"), part("b")]) == [Outcome.UNAVAILABLE] * 2
    assert not store.refusals


def test_what_cannot_be_stored_is_kept_among_the_refused() -> None:
    store = Moody(ValueError("together"), ValueError("alone"))
    assert submitted(store, [part("a"), part("b")]) == [Outcome.NOT_STORABLE, Outcome.STORED]
    assert [(one.message_id, one.reason) for one in store.refusals] == [("a", "not_storable")]


class Held(MemoryStore):
    """A store that writes only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()

    def write(self, parts: Sequence[Part]) -> None:
        self.let.wait(10)
        super().write(parts)


def test_too_much_waiting_is_answered_429() -> None:
    async def story() -> None:
        store = Held()
        collector = collector_on(store)
        collector.committer.parts_waiting = 2
        bodies = [b'{"event":"A b","userId":"u","messageId":"%d"}' % n for n in range(8)]
        asked = [asyncio.create_task(ask(collector, "/v1/track", body)) for body in bodies]
        await asyncio.sleep(0.2)
        refused = [task.result() for task in asked if task.done()]
        assert refused
        assert {got.status for got in refused} == {429}
        assert all(int(got.headers["retry-after"]) > 0 for got in refused)
        store.let.set()
        answered = [(await task).status for task in asked]
        assert answered.count(200) == len(store.rows)
        await collector.stop()

    lived(story())


class Broken(MemoryStore):
    def write(self, parts: Sequence[Part]) -> None:  # noqa: ARG002 - the store's form
        raise KeyboardInterrupt


def test_a_dead_writer_is_told_and_nobody_hangs() -> None:
    async def story() -> list[int]:
        collector = collector_on(Broken())
        body = b'{"event":"A b","userId":"u"}'
        asked = [asyncio.create_task(ask(collector, "/v1/track", body)) for _ in range(3)]
        first = [(await asyncio.wait_for(task, 5)).status for task in asked]
        assert not collector.committer.alive
        return [*first, (await ask(collector, "/v1/track", body)).status]

    assert set(lived(story())) == {503}


def test_limits_are_exceptions_before_anything_is_queued() -> None:
    async def story() -> None:
        one = Committer(MemoryStore(), bytes_waiting=100)
        with pytest.raises(Dead):
            one.submit(part("a"))
        one.start(asyncio.get_running_loop())
        with pytest.raises(Full):
            one.submit(part("a"))
        one.stop()

    lived(story())

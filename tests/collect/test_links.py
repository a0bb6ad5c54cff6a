"""Tracked links at the door: they lead to their stored place only, one event each, and nobody waits for our disk."""

import json
import time
from collections.abc import Sequence
from typing import Any

import pytest

from tests.collect.asking import SOURCES, Got, MemoryStore, ask, lived
from vendange.collect.app import Collector
from vendange.collect.links import GIF, Link, Links
from vendange.collect.rows import Part
from vendange.collect.sources import Sources
from vendange.link.rules import mark_of

SECRET = "a secret of this installation"
TOKEN, PIXEL, CLOSED = "abcdefghij", "pppppppppp", "cccccccccc"
TO = "https://shop.example/spring?a=1&utm_campaign=Spring&utm_medium=email"
LINKS = {
    TOKEN: Link(TOKEN, "link", 7, TO, "Spring", "email", "lathes", "Guide", is_open=True),
    PIXEL: Link(PIXEL, "pixel", 7, "", "Spring", "email", "", "", is_open=True),
    CLOSED: Link(CLOSED, "link", 7, TO, "", "", "", "", is_open=False),
}
MARK = mark_of(42, TOKEN, SECRET)
AGENT = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0 Safari/537.36"}


class Broken(MemoryStore):
    """A database that takes nothing for as long as `broken`."""

    broken = True

    def write(self, parts: Sequence[Part]) -> None:
        if self.broken:
            raise OSError("no space left on device")
        super().write(parts)


class Slow(MemoryStore):
    def write(self, parts: Sequence[Part]) -> None:
        time.sleep(2)
        super().write(parts)


def follow(store: MemoryStore, *paths: str, **words: Any) -> list[Got]:
    async def story() -> list[Got]:
        collector = Collector(store=store, sources=Sources(lambda: SOURCES), links=Links(lambda: LINKS, SECRET))
        try:
            given = {"method": "GET", "key": "", "headers": AGENT, **words}
            return [await ask(collector, f"/v1/{path}", **given) for path in paths]
        finally:
            await collector.stop()

    return lived(story())


def test_a_link_leads_on_after_one_event_of_nobody() -> None:
    store = MemoryStore()
    [got] = follow(store, f"l/{TOKEN}")
    assert (got.status, got.headers["location"], got.headers["cache-control"]) == (302, TO, "no-store")
    assert got.headers["referrer-policy"] == "no-referrer" and got.body == b""
    [row] = store.rows.values()
    said = json.loads(row.payload)
    assert (row.source, row.kind, row.ip, row.user_agent) == (7, "link", "", AGENT["user-agent"])
    assert said["context"] == {"mode": "audience"} and "mark" not in said and said["event"] == "Link Followed"


def test_a_mark_is_kept_with_the_address_of_the_request() -> None:
    store = MemoryStore()
    [got] = follow(store, f"l/{TOKEN}/{MARK}")
    [row] = store.rows.values()
    said = json.loads(row.payload)
    assert (got.status, row.ip, said["mark"], said["event"]) == (302, "192.0.2.7", MARK, "Email Clicked")
    assert said["properties"] == {
        "path": f"/l/{TOKEN}", "asset": "Guide", "campaign": "Spring", "channel": "email", "topic": "lathes",
    }  # fmt: skip


@pytest.mark.parametrize(
    "mark",
    ["A" * 20, "!!!", MARK[:-1] + ("A" if MARK[-1] != "A" else "B"), mark_of(42, PIXEL, SECRET), "../../etc", "%00"],
)
def test_a_forged_mark_is_a_visit_of_nobody(mark: str) -> None:
    store = MemoryStore()
    [got] = follow(store, f"l/{TOKEN}/{mark}")
    [row] = store.rows.values()
    assert (got.status, got.headers["location"], row.ip) == (302, TO, "")
    assert "mark" not in json.loads(row.payload) and mark.encode() not in row.payload


def test_a_browser_that_asks_for_privacy_is_a_visit_of_nobody() -> None:
    store = MemoryStore()
    [got] = follow(store, f"l/{TOKEN}/{MARK}", headers={**AGENT, "sec-gpc": "1"})
    [row] = store.rows.values()
    assert (got.status, row.ip) == (302, "") and "mark" not in json.loads(row.payload)


@pytest.mark.parametrize(
    "path",
    [
        f"l/{TOKEN}?to=https://evil.example",
        f"l/{TOKEN}?url=//evil.example&next=//evil.example",
        f"l/{TOKEN}//evil.example",
        f"l/{TOKEN}/https://evil.example",
        f"l/{TOKEN}/..//evil.example",
        f"l/{TOKEN}/\\evil.example",
        f"l/{TOKEN}/@evil.example",
        f"l/{TOKEN}/%2f%2fevil.example",
        f"l/{TOKEN}/?utm_campaign=evil",
        f"l/{TOKEN}#//evil.example",
        f"l/{TOKEN}/\r\nLocation: https://evil.example",
        f"l//evil.example/{TOKEN}",
        "l/https://evil.example",
        "l/evil.example",
        "l//evil.example",
        f"l/{TOKEN.upper()}",
        f"l/{TOKEN}x",
        "l/",
        f"o/{TOKEN}.gif",
        f"l/{PIXEL}",
    ],
)
def test_nothing_in_an_address_changes_where_it_leads(path: str) -> None:
    [got] = follow(MemoryStore(), path)
    assert got.headers.get("location", TO) == TO and got.status in (302, 404, 410)
    assert b"evil" not in got.body and not any("evil" in value for value in got.headers.values())


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"x-forwarded-host": "evil.example"}, {"referer": "x"}])
def test_no_header_changes_where_it_leads(headers: dict[str, str]) -> None:
    [got] = follow(MemoryStore(), f"l/{TOKEN}", headers=headers)
    assert got.headers["location"] == TO


@pytest.mark.parametrize(("token", "status"), [("zzzzzzzzzz", 404), (CLOSED, 410)])
def test_unknown_and_closed_links_say_so_on_a_plain_page(token: str, status: int) -> None:
    store = MemoryStore()
    [got] = follow(store, f"l/{token}/{MARK}")
    assert got.status == status and "location" not in got.headers and store.rows == {}
    assert got.headers["content-type"].startswith("text/html") and b'lang="fr"' in got.body


@pytest.mark.parametrize("path", [f"l/{PIXEL}", f"o/{TOKEN}.gif", f"o/{CLOSED}.gif"])
def test_through_the_other_door_it_does_not_exist(path: str) -> None:
    store = MemoryStore()
    [got] = follow(store, path)
    assert got.status == 404 and store.rows == {}


def test_a_pixel_is_one_point_that_nobody_keeps() -> None:
    store = MemoryStore()
    for got in follow(store, f"o/{PIXEL}/{mark_of(42, PIXEL, SECRET)}.gif", f"o/{PIXEL}.gif"):
        assert (got.status, got.body, got.headers["content-type"]) == (200, GIF, "image/gif")
        assert got.headers["cache-control"] == "no-store"
    said = [json.loads(row.payload) for row in store.rows.values()]
    assert [one["event"] for one in said] == ["Email Opened", "Link Followed"] and all(one["pixel"] for one in said)


@pytest.mark.parametrize(
    ("words", "hints"),
    [
        ({"method": "HEAD"}, "head"),
        ({"headers": {"sec-purpose": "prefetch"}}, "prefetch"),
        ({"headers": {"sec-fetch-dest": "image"}}, "embedded"),
        ({"headers": {"sec-fetch-dest": "document"}}, ""),
        ({"headers": {"sec-ch-ua": '"HeadlessChrome";v="130"'}}, "automated"),
    ],
)
def test_what_a_request_says_of_a_machine_is_noted(words: dict[str, Any], hints: str) -> None:
    store = MemoryStore()
    [got] = follow(store, f"l/{TOKEN}/{MARK}", **words)
    assert got.status == 302 and [row.hints for row in store.rows.values()] == [hints]


def test_links_are_only_followed() -> None:
    store = MemoryStore()
    assert [got.status for got in follow(store, f"l/{TOKEN}", method="POST")] == [405] and not store.rows


def test_a_visitor_goes_on_when_nothing_can_be_stored_and_the_loss_is_told() -> None:
    store = Broken()

    async def story() -> list[Got]:
        links = Links(lambda: LINKS, SECRET)
        collector = Collector(store=store, sources=Sources(lambda: SOURCES), links=links)
        given: dict[str, Any] = {"method": "GET", "key": ""}
        lost = [await ask(collector, f"/v1/l/{TOKEN}/{MARK}", **given) for _ in range(3)]
        store.broken = False
        lost.append(await ask(collector, f"/v1/l/{TOKEN}", **given))
        await collector.stop()
        lost.append(await ask(collector, f"/v1/l/{TOKEN}", **given))
        return lost

    assert [(got.status, got.headers["location"]) for got in lived(story())] == [(302, TO)] * 5
    assert [(one.reason, one.source) for one in store.refusals] == [("link_not_stored", 7)]
    assert "followed 3 times" in store.refusals[0].detail and len(store.rows) == 1


def test_a_visitor_does_not_wait_for_a_slow_disk() -> None:
    store = Slow()
    before = time.monotonic()

    async def story() -> float:
        collector = Collector(store=store, sources=Sources(lambda: SOURCES), links=Links(lambda: LINKS, SECRET))
        await ask(collector, f"/v1/l/{TOKEN}", method="GET", key="")
        waited = time.monotonic() - before
        await collector.stop()
        return waited

    assert lived(story()) < 1.9 and len(store.rows) == 1

"""The tracker as it is served: small, fresh, for any site; and what the collector notes beside what it sends."""

import json

import pytest

from tests.collect.asking import KEY, MemoryStore, once
from vendange.collect.tracker import SOURCE, script

SIZE = 3 * 1024  # bytes: issue 5


def test_it_is_small() -> None:
    assert len(script()) <= SIZE < len(SOURCE.read_bytes())


def test_it_keeps_nothing_but_its_cookie_and_asks_the_browser_nothing_that_would_tell_it_apart() -> None:
    said = script().decode()
    for word in ("localStorage", "sessionStorage", "indexedDB", "canvas", "screen.", "plugins", "fonts", "userAgent"):
        assert word not in said
    assert said.count("doc.cookie =") == 1 and "eval" not in said and "Function(" not in said


def test_any_site_may_load_it_and_keeps_it_for_a_while() -> None:
    got = once(MemoryStore(), "/v1/tracker.js", method="GET", key="", headers={"origin": "https://shop.example"})
    assert (got.status, got.body) == (200, script())
    assert got.headers["content-type"] == "text/javascript"
    assert got.headers["cache-control"] == "public, max-age=3600"
    assert got.headers["cross-origin-resource-policy"] == "cross-origin"
    assert got.headers["access-control-allow-origin"] == "https://shop.example"
    again = {"if-none-match": got.headers["etag"]}
    same = once(MemoryStore(), "/v1/tracker.js", method="GET", key="", headers=again)
    assert (same.status, same.body, same.headers["etag"]) == (304, b"", got.headers["etag"])


def test_it_is_only_read() -> None:
    assert once(MemoryStore(), "/v1/tracker.js", method="POST", key="").status == 405


@pytest.mark.parametrize(
    ("headers", "hints"),
    [
        ({}, ""),
        ({"sec-purpose": "prefetch;prerender"}, "prefetch"),
        ({"purpose": "prefetch"}, "prefetch"),
        ({"x-moz": "prefetch"}, "prefetch"),
        ({"sec-ch-ua": '"HeadlessChrome";v="130"'}, "automated"),
        ({"sec-ch-ua": '"Chromium";v="130"'}, ""),
    ],
)
def test_what_a_request_says_of_a_machine_is_noted(headers: dict[str, str], hints: str) -> None:
    store = MemoryStore()
    assert once(store, "/v1/page", b'{"anonymousId": "b1"}', headers=headers).status == 200
    assert [row.hints for row in store.rows.values()] == [hints]


@pytest.mark.parametrize(("mode", "ip"), [("audience", ""), ("lead", "192.0.2.7"), (None, "192.0.2.7")])
def test_the_address_of_an_audience_is_never_written(mode: str | None, ip: str) -> None:
    store = MemoryStore()
    body = json.dumps({"writeKey": KEY, "messageId": "m", "context": {"mode": mode}}).encode()
    assert once(store, "/v1/page", body, key="", headers={"content-type": "text/plain;charset=UTF-8"}).status == 200
    assert [row.ip for row in store.rows.values()] == [ip]

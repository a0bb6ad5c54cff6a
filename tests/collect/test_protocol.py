"""The Segment HTTP protocol as senders meet it: what is stored, what is refused, with which answer."""

import gzip
import json
from typing import Any

import pytest

from tests.collect.asking import KEY, Got, MemoryStore, basic, once
from vendange.collect import body as bodies
from vendange.collect.protocol import BODY_LIMIT, DEPTH_LIMIT, EVENT_LIMIT, UNPACKED_LIMIT

EVENT = b'{"event":"Quote Requested","userId":"u1","messageId":"m1"}'


def batch(*events: Any, **more: Any) -> bytes:
    return json.dumps({"batch": list(events), **more}).encode()


def track(message_id: str = "m1", **more: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Quote Requested", "userId": "u1", "messageId": message_id, **more}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/track", "track"),
        ("/v1/t", "track"),
        ("/v1/identify", "identify"),
        ("/v1/i", "identify"),
        ("/v1/page", "page"),
        ("/v1/p", "page"),
        ("/v1/screen", "screen"),
        ("/v1/s", "screen"),
        ("/v1/group", "group"),
        ("/v1/g", "group"),
        ("/v1/alias", "alias"),
        ("/v1/a/", "alias"),
    ],
)
def test_single_events_by_long_and_short_names(path: str, kind: str) -> None:
    store = MemoryStore()
    got = once(store, path, EVENT, headers={"content-type": "text/plain", "user-agent": "Firefox"})
    assert (got.status, got.json) == (200, {"success": True})
    (row,) = store.rows.values()
    assert (row.kind, row.message_id, row.source, row.payload) == (kind, "m1", 1, EVENT)
    assert (row.ip, row.user_agent) == ("192.0.2.7", "Firefox")


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b"])
@pytest.mark.parametrize("packed", [False, True])
def test_batches_plain_and_packed(path: str, packed: bool) -> None:
    store = MemoryStore()
    content = batch(track("a"), track("b"), track("a"), sentAt="2026-03-04T10:00:00Z")
    headers = {"content-encoding": "gzip"} if packed else {}
    assert once(store, path, gzip.compress(content) if packed else content, headers=headers).status == 200
    assert sorted(row.message_id for row in store.rows.values()) == ["a", "b"]
    assert {row.sent_at for row in store.rows.values()} == {"2026-03-04T10:00:00Z"}


def test_the_key_may_stand_in_the_body() -> None:
    store = MemoryStore()
    assert once(store, "/v1/batch", batch(track(), writeKey=KEY), key="").status == 200
    assert once(store, "/v1/t", json.dumps(track("m2", writeKey=KEY)).encode(), key="").status == 200
    assert len(store.rows) == 2


@pytest.mark.parametrize(
    ("key", "headers", "content"),
    [
        ("", {}, EVENT),
        ("nobody", {}, EVENT),
        ("", {"authorization": "Bearer abc"}, EVENT),
        ("", {"authorization": "Basic ???"}, EVENT),
        ("", {}, b'{"writeKey":{"a":1}}'),
        ("", {}, b"not json"),
    ],
)
def test_unknown_keys_are_told_so(key: str, headers: dict[str, str], content: bytes) -> None:
    store = MemoryStore()
    got = once(store, "/v1/track", content, key=key, headers=headers)
    assert got.status == 401
    assert "vendange source add" in got.json["message"]
    assert not store.rows
    assert not store.refusals


def test_one_bad_event_of_a_batch_is_kept_apart_from_its_neighbours() -> None:
    store = MemoryStore()
    deep: dict[str, Any] = track("deep")
    for _ in range(DEPTH_LIMIT):
        deep = {**track("deep"), "properties": {"a": [deep.get("properties")]}}
    events = [
        track("good-1"),
        "text",
        None,
        {**track("t"), "type": "wrong"},
        {**track("t"), "type": ["track"]},
        track("x" * 256),
        {**track(), "messageId": 5},
        track("nul\x00"),
        deep,
        track("large", properties={"a": "x" * EVENT_LIMIT}),
        track("good-2"),
    ]
    assert once(store, "/v1/batch", batch(*events)).status == 200
    assert [row.message_id for row in store.rows.values()] == ["good-1", "good-2"]
    assert [one.reason for one in store.refusals] == [
        "not_an_object",
        "not_an_object",
        "unknown_type",
        "unknown_type",
        "id_too_long",
        "bad_type",
        "bad_message_id",
        "too_deep",
        "event_too_large",
    ]
    assert all(one.detail and one.source == 1 for one in store.refusals)


@pytest.mark.parametrize("poison", [b'{"messageId":"p","a":NaN}', b'{"messageId":"p","a":"\\ud800"}', b'{"a":"\xff"}'])
def test_an_event_that_is_no_json_fails_alone(poison: bytes) -> None:
    store = MemoryStore()
    good = json.dumps(track("good")).encode()
    assert once(store, "/v1/batch", b'{"batch":[' + good + b"," + poison + b"]}").status == 200
    assert [row.message_id for row in store.rows.values()] == ["good"]
    assert [one.reason for one in store.refusals] == ["not_json"]


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        (b"", 400, "not_json"),
        (b"not json", 400, "not_json"),
        (b"[]", 400, "not_an_object"),
        (b"{}", 400, "no_batch"),
        (b'{"batch":5}', 400, "bad_type"),
        (b'{"batch":{"a":1}}', 400, "bad_type"),
        (b'{"batch":' + b"[" * 100_000, 400, "too_deep"),
        (batch(*[{}] * 2_501), 413, "batch_too_long"),
        (b'{"batch":[], "a":"' + b"x" * BODY_LIMIT + b'"}', 413, "too_large"),
    ],
)
def test_bodies_refused_whole_are_kept_with_their_reason(content: bytes, status: int, reason: str) -> None:
    store = MemoryStore()
    got = once(store, "/v1/batch", content)
    assert (got.status, got.json["code"]) == (status, reason)
    assert got.json["message"].endswith(".")
    assert [one.reason for one in store.refusals] == [reason]
    assert not store.rows


def test_an_empty_batch_is_nothing_to_do() -> None:
    assert once(MemoryStore(), "/v1/batch", batch()).status == 200


def test_a_single_bad_event_is_answered_400_and_kept() -> None:
    store = MemoryStore()
    got = once(store, "/v1/track", b'{"messageId":["x"]}')
    assert (got.status, got.json["code"]) == (400, "bad_type")
    assert store.refusals[0].payload == b'{"messageId":["x"]}'


@pytest.mark.parametrize(
    ("headers", "content", "status", "reason"),
    [
        ({"content-encoding": "gzip"}, b"not gzip", 400, "not_gzip"),
        ({"content-encoding": "gzip"}, gzip.compress(EVENT, mtime=0)[:-9], 400, "not_gzip"),
        ({"content-encoding": "gzip"}, gzip.compress(b"0" * (UNPACKED_LIMIT + 1), mtime=0), 413, "too_large"),
        ({"content-encoding": "br"}, EVENT, 415, "wrong_encoding"),
        ({"content-type": "application/x-www-form-urlencoded"}, b"a=1", 415, "wrong_content_type"),
        ({"content-length": str(BODY_LIMIT + 1)}, EVENT, 413, "too_large"),
    ],
)
def test_wrappings_that_we_do_not_take(headers: dict[str, str], content: bytes, status: int, reason: str) -> None:
    got = once(MemoryStore(), "/v1/track", content, headers=headers)
    assert (got.status, got.json["code"]) == (status, reason)


def test_a_body_without_end_is_stopped_at_the_limit() -> None:
    got = once(MemoryStore(), "/v1/track", [b"x" * 60_000] * 2_000)
    assert got.status == 413


def test_a_sender_that_leaves_gets_no_answer() -> None:
    assert once(MemoryStore(), "/v1/track", []).status == 0


def test_a_slow_sender_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(receive: object, _limit: int) -> bytes:
        raise TimeoutError

    monkeypatch.setattr(bodies, "_pieces", never)
    assert once(MemoryStore(), "/v1/track", EVENT).status == 408


def test_without_message_id_the_same_bytes_count_once() -> None:
    store = MemoryStore()
    for _ in range(2):
        assert once(store, "/v1/track", b'{"event":"A b","userId":"u"}').status == 200
    assert once(store, "/v1/track", b'{"event":"A c","userId":"u","messageId":null}').status == 200
    assert len(store.rows) == 2
    assert all(message_id.startswith("sha256-") for _, message_id in store.rows)


def preflight(origin: str, path: str = "/v1/t") -> Got:
    asked = {"origin": origin, "access-control-request-method": "POST"}
    return once(MemoryStore(), path, method="OPTIONS", key="", headers=asked)


def test_preflight_and_origins() -> None:
    allowed = preflight("https://shop.example")
    assert allowed.status == 204
    assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
    assert "authorization" in allowed.headers["access-control-allow-headers"]
    assert allowed.headers["access-control-max-age"] == "86400"
    got = once(MemoryStore(), "/v1/t", EVENT, key="wk-one-site", headers={"origin": "https://evil.example"})
    assert got.status == 403
    got = once(MemoryStore(), "/v1/t", EVENT, key="wk-one-site", headers={"origin": "https://shop.example"})
    assert (got.status, got.headers["access-control-expose-headers"]) == (200, "Retry-After")


def test_settings_of_the_browser_library() -> None:
    got = once(MemoryStore(), f"/v1/projects/{KEY}/settings", method="GET", key="")
    assert got.json["integrations"]["Segment.io"]["apiKey"] == KEY
    assert once(MemoryStore(), "/v1/projects/unknown/settings", method="GET", key="").status == 401
    assert once(MemoryStore(), f"/v1/projects/{KEY}/settings", key="").status == 405


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v1/track", 405), ("POST", "/v1/nothing", 404)])
def test_other_paths_and_methods(method: str, path: str, status: int) -> None:
    assert once(MemoryStore(), path, EVENT, method=method).status == status


def test_basic_is_read_without_regard_to_case() -> None:
    headers = {"authorization": basic(KEY).replace("Basic", "basic")}
    assert once(MemoryStore(), "/v1/track", EVENT, key="", headers=headers).status == 200

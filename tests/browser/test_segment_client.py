"""Segment's library for browsers, unmodified, on a page of another site: each event arrives once."""

import functools
import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.collect.forgetful import Gateway, forgetful
from tests.collect.npm import CLIENTS, installed_clients
from tests.collect.reading import rows, wait_for
from tests.live import Live

KINDS = ["alias", "group", "identify", "page", "screen", "track"]


class Site(SimpleHTTPRequestHandler):
    """The customer's own site: the page beside, and the library as npm gave it."""

    def __init__(self, library: Path, *words: Any) -> None:
        self.library = library
        super().__init__(*words, directory=str(CLIENTS))

    def translate_path(self, path: str) -> str:
        named = urlsplit(path).path
        if named.startswith("/library/"):
            return str(self.library / Path(named).name)
        return super().translate_path(path)

    def log_message(self, *words: Any) -> None: ...


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    library = installed_clients() / "node_modules/@segment/analytics-next/dist/umd"
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Site, library))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """The lost answers are told in the console, so nothing is asserted of it here."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def told(live: Live, site: str, page: Page, gateway: Gateway, name: str, **more: str) -> int:
    """Open the page with a source of its own; gives the number of the source when the page has told everything."""
    added = json.loads(live.command("source", "add", name, "--site", site, "--json"))
    asked = {"key": added["write_key"], "collector": gateway.url, **more}
    page.goto(f"{site}/page.html?{urlencode(asked)}")
    page.wait_for_function("document.title === 'told'", timeout=60_000)
    [(number,)] = rows(live.environment, "vendange", "SELECT max(id) FROM vendange_source")
    return int(number)


def kinds(live: Live, source: int) -> list[str]:
    found = rows(live.environment, "inbox", "SELECT source, kind FROM vendange_inboxevent")
    return sorted(kind for number, kind in found if number == source)


def test_each_event_arrives_once_by_the_short_forms(live: Live, site: str, page: Page) -> None:
    with forgetful(urlsplit(live.url).port or 0) as gateway:
        source = told(live, site, page, gateway, "short")
        wait_for(lambda: kinds(live, source) == KINDS and len(gateway.passed) >= len(KINDS), seconds=60)
        page.click("#away")  # what is told while the page goes away arrives as well
        wait_for(lambda: kinds(live, source) == sorted([*KINDS, "track"]), seconds=20)
    assert gateway.lost
    assert {"/v1/p", "/v1/i", "/v1/g", "/v1/t", "/v1/a", "/v1/s"} <= {*gateway.lost, *gateway.passed}
    refused = rows(live.environment, "inbox", "SELECT count(*) FROM vendange_refusedevent")
    assert refused == [(0,)]


def test_each_event_arrives_once_in_batches(live: Live, site: str, page: Page) -> None:
    with forgetful(urlsplit(live.url).port or 0) as gateway:
        source = told(live, site, page, gateway, "batching", batching="yes")
        wait_for(lambda: kinds(live, source) == KINDS and bool(gateway.passed), seconds=60)
    assert gateway.lost and set(gateway.passed + gateway.lost) == {"/v1/b"}


def test_another_site_may_not_send_with_this_key(live: Live, site: str, page: Page) -> None:
    added = json.loads(live.command("source", "add", "elsewhere", "--site", "https://nova.example", "--json"))
    asked = {"key": added["write_key"], "collector": live.url}
    page.goto(f"{site}/page.html?{urlencode(asked)}")
    page.wait_for_timeout(1500)
    [(number,)] = rows(live.environment, "vendange", "SELECT max(id) FROM vendange_source")
    assert kinds(live, int(number)) == []

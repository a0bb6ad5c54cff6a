"""Our tag on somebody else's site, in a real browser: who is counted, who is known, and what stays on their machine."""

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, LiteralString

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import FLAGS, browser_path
from tests.browser.foreign import foreign_site
from tests.collect.reading import rows, wait_for
from tests.live import Live

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true});"
THIRTEEN_MONTHS = 395 * 86_400  # seconds, from the shortest thirteen months that there are
APP = """
window.vendange = window.vendange || function () { (vendange.q = vendange.q || []).push(arguments); };
vendange('an act of another version');
document.addEventListener('click', (event) => {
  const act = event.target.dataset.act;
  if (act === 'yes') vendange('consent', true, {wording: 'cookies-3-fr'});
  if (act === 'no') vendange('consent', false);
  if (act === 'forget') vendange('forget');
  if (act === 'prices') history.pushState({}, '', '/prices?page=2');
  if (act === 'sort') history.replaceState({}, '', location.pathname + '?sort=up');
});
"""
STORED = """async () => [document.cookie, localStorage.length, sessionStorage.length,
  (await indexedDB.databases()).length, (await caches.keys()).length]"""
Open = Callable[..., BrowserContext]


@dataclass(frozen=True)
class Site:
    """A foreign site with the tag, and the Vendange that it speaks to."""

    live: Live
    url: str

    def counted(self) -> dict[tuple[str, str], int]:
        found = self.of("inbox", "SELECT kind, path, times FROM vendange_audiencecount WHERE verdict <> 'machine'")
        return {(kind, path): times for kind, path, times in found}

    def signals(self) -> list[str]:
        return [kind for (kind,) in self.of("vendange", "SELECT kind FROM vendange_signal ORDER BY id")]

    def of(self, file: str, query: LiteralString) -> list[tuple[Any, ...]]:
        return rows(self.live.environment, file, query)

    def settle(self) -> None:
        """Until all that has been sent is taken in."""
        time.sleep(0.5)
        wait_for(lambda: self.of("inbox", "SELECT 1 FROM vendange_inboxevent WHERE NOT handled") == [], seconds=20)


@pytest.fixture
def site(live: Live) -> Iterator[Site]:
    """A page with every kind of link; its policy lets it load and reach nothing but itself and us."""
    name = f"Site {time.monotonic_ns()}"
    key = json.loads(live.command("source", "add", name, "--json"))["write_key"]
    page = f"""<!doctype html><html lang="en"><title>Machines</title><script src="/app.js"></script>
      <script async src="{live.url}/v1/tracker.js" data-key="{key}"></script>
      <button data-act="yes">yes</button> <button data-act="no">no</button> <button data-act="forget">forget</button>
      <button data-act="prices">prices</button> <button data-act="sort">sort</button>
      <a href="/files/guide.pdf" target="_blank">guide</a> <a href="http://127.0.0.1:9/partner?who=me">partner</a>"""
    pages = dict.fromkeys(("/", "/prices", "/contact"), ("text/html", page)) | {"/app.js": ("text/javascript", APP)}
    policy = f"default-src 'none'; script-src 'self' {live.url}; connect-src {live.url}; base-uri 'none'"
    with foreign_site(pages, policy=policy) as url:
        yield Site(live, url)


@pytest.fixture(scope="module")
def by_hand(browser: Browser) -> Iterator[Browser]:
    """A browser in human hands, as far as anybody can tell: also in what it sends while a page goes away."""
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    hidden = (f"--user-agent={AGENT}", "--disable-blink-features=AutomationControlled")
    chromium = browser.browser_type.launch(executable_path=browser_path(), args=[*FLAGS, *as_root, *hidden])
    yield chromium
    chromium.close()


@pytest.fixture
def visitor(by_hand: Browser) -> Iterator[BrowserContext]:
    """One visitor; nothing of ours may complain in the console of the site."""
    context = by_hand.new_context()
    complaints: list[str] = []
    context.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.route("http://127.0.0.1:9/**", lambda route: route.fulfill(body="the partner's site"))
    yield context
    context.close()
    assert complaints == []


def arrive(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("window.vendange && window.vendange.on")
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def walk(page: Page) -> None:
    """Two pages, a document, a partner's site: what somebody does on a site of one page in the browser."""
    press(page, "sort")
    press(page, "prices")
    page.wait_for_timeout(1_200)
    with page.expect_popup():
        page.get_by_role("link", name="guide").click()
    page.bring_to_front()
    page.get_by_role("link", name="partner").click()
    page.wait_for_url("http://127.0.0.1:9/**")


def test_audience_counts_and_keeps_nothing(site: Site, visitor: BrowserContext) -> None:
    before = site.of("vendange", "SELECT count(*) FROM vendange_person")
    page = arrive(visitor, f"{site.url}/?utm_campaign=spring&utm_medium=cpc&mail=camille@example.com")
    walk(page)
    site.settle()
    assert visitor.cookies() == []
    assert arrive(visitor, f"{site.url}/contact").evaluate(STORED) == ["", 0, 0, 0, 0]
    site.settle()
    counted = site.counted()
    once = [("page_viewed", "/"), ("page_viewed", "/prices"), ("page_viewed", "/contact"), ("link_followed", "/prices")]
    assert {name: counted[name] for name in once} == dict.fromkeys(once, 1)
    assert counted["content_downloaded", "/files/guide.pdf"] == counted["time_spent", "/prices"] == 1
    assert site.of("inbox", "SELECT campaign, channel FROM vendange_audiencecount WHERE path = '/' AND times = 1")[
        :1
    ] == [("spring", "cpc")]
    assert site.of("vendange", "SELECT count(*) FROM vendange_person") == before
    left = site.of("inbox", "SELECT DISTINCT ip, user_agent, payload FROM vendange_inboxevent")
    assert [(ip, agent, bytes(payload)) for ip, agent, payload in left] == [("", "", b"{}")]


def test_after_consent_the_same_arrives_once_with_its_person(site: Site, visitor: BrowserContext) -> None:
    page = arrive(visitor, f"{site.url}/")
    press(page, "yes")
    (cookie,) = visitor.cookies()
    assert 390 * 86_400 - 60 < cookie["expires"] - time.time() <= THIRTEEN_MONTHS
    press(page, "yes")
    walk(page)
    site.settle()
    assert sorted(site.signals()) == sorted(
        ["consent_given", "page_viewed", "page_viewed", "content_downloaded", "time_spent", "link_followed"]
    )
    second = arrive(visitor, f"{site.url}/contact")
    press(second, "yes")
    assert [(one["value"], one["expires"]) for one in visitor.cookies()] == [(cookie["value"], cookie["expires"])]
    site.settle()
    assert site.of("vendange", "SELECT channel, status, wording, page FROM vendange_consent") == [
        ("tracking", "given", "cookies-3-fr", "/")
    ]
    assert site.of("vendange", "SELECT DISTINCT verdict, because FROM vendange_signal") == [("human", "")]
    assert site.of("vendange", "SELECT count(DISTINCT person_id) FROM vendange_signal") == [(1,)]
    press(second, "no")
    assert visitor.cookies() == []
    site.settle()
    assert site.of("vendange", "SELECT status FROM vendange_consent ORDER BY id") == [("given",), ("withdrawn",)]


def test_who_opts_out_stays_out(site: Site, visitor: BrowserContext) -> None:
    page = arrive(visitor, f"{site.url}/")
    press(page, "forget")
    assert [one["value"] for one in visitor.cookies()] == ["out"]
    site.settle()
    before = site.of("inbox", "SELECT count(*) FROM vendange_inboxevent")
    walk(arrive(visitor, f"{site.url}/contact"))
    time.sleep(0.5)
    assert site.of("inbox", "SELECT count(*) FROM vendange_inboxevent") == before


def test_a_browser_that_asks_for_privacy_is_never_named(site: Site, visitor: BrowserContext) -> None:
    visitor.add_init_script(GPC)
    before = len(site.signals())
    page = arrive(visitor, f"{site.url}/")
    press(page, "yes")
    press(page, "prices")
    site.settle()
    assert visitor.cookies() == [] and len(site.signals()) == before


def test_a_browser_that_a_program_drives_counts_for_nothing(site: Site, open_context: Open) -> None:
    driven = open_context(user_agent=AGENT)
    page = arrive(driven, f"{site.url}/")
    press(page, "yes")
    site.settle()
    newest = "SELECT kind, verdict, because FROM vendange_signal WHERE kind = 'page_viewed' ORDER BY id DESC LIMIT 1"
    assert site.of("vendange", newest) == [("page_viewed", "machine", "automated")]
    machines = "SELECT path FROM vendange_audiencecount WHERE verdict = 'machine' AND kind = 'page_viewed'"
    assert site.of("inbox", machines) == [("/",)]

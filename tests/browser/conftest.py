"""A real browser in front of the real process: what a person at a desk has, and nothing faked in between."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.live import Live, running

ROOT = Path(__file__).parents[2]
ARTEFACTS = ROOT / "artefacts"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
)


def browser_path() -> str:
    for name in (os.environ.get("VENDANGE_BROWSER", ""), *NAMES):
        if name and (found := shutil.which(name)):
            return found
    pytest.fail("No browser found: install Chromium, name one in VENDANGE_BROWSER, or run `dev.py test --no-browser`.")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()  # Chromium refuses its sandbox to root
    with sync_playwright() as play:
        # Playwright keeps an event loop in this thread; the tests around it are synchronous all the same.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        chromium = play.chromium.launch(executable_path=browser_path(), args=[*FLAGS, *as_root])
        yield chromium
        chromium.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The real process with an empty home of its own, one for each file of tests."""
    with running({**os.environ, "VENDANGE_HOME": str(tmp_path_factory.mktemp("home"))}) as started:
        yield started


@pytest.fixture
def open_context(browser: Browser, live: Live) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser window of its own: `open_context(locale="fr-FR", color_scheme="dark", viewport={...})`."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def open_one(**options: object) -> BrowserContext:
        wanted = {"base_url": live.url, "locale": "en-GB", "viewport": {"width": 1440, "height": 900}, **options}
        context = browser.new_context(**wanted)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        context.on("console", hear)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()
    assert not complaints, f"The page complained in the console: {complaints}"


@pytest.fixture
def page(open_context: Callable[..., BrowserContext]) -> Page:
    """One English, light, desktop page in a fresh context."""
    return open_context().new_page()


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[..., Path]:
    """`picture(page, "desk-fr-dark")` keeps artefacts/desk-fr-dark.png, of the whole page unless told otherwise."""

    def keep(page: Page, name: str = "", *, whole: bool = True) -> Path:
        ARTEFACTS.mkdir(exist_ok=True)
        path = ARTEFACTS / f"{re.sub(r'[^a-z0-9-]+', '-', (name or request.node.name).lower())}.png"
        page.screenshot(path=path, full_page=whole)
        return path

    return keep

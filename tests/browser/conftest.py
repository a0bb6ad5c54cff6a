"""A real browser in front of the real process: what a person at a desk has, and nothing faked in between."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

ROOT = Path(__file__).parents[2]
ARTEFACTS = ROOT / "artefacts"
VENDANGE = Path(sys.executable).with_name("vendange")
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
READY_WITHIN = 60  # seconds


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


@dataclass(frozen=True, slots=True)
class Live:
    """A running Vendange with a home of its own, started empty."""

    url: str
    environment: dict[str, str]

    def command(self, *words: str) -> str:
        """What `vendange WORDS` prints for this installation; a failure shows all it said."""
        done = subprocess.run([VENDANGE, *words], env=self.environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"vendange {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The real process, one for each file of tests. Fill it by `live.command(...)`: `demo`, `user add`, `import`."""
    home = tmp_path_factory.mktemp("home")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "VENDANGE_HOME": str(home), "VENDANGE_BASE_URL": url}
    log = home / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [VENDANGE, "up", "--port", str(port), "--empty"], env=environment, stdout=output, stderr=output
        )
        try:
            wait_until_ready(url, server, log)
            yield Live(url=url, environment=environment)
        finally:
            stop(server)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + READY_WITHIN
    while time.monotonic() < give_up and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"`vendange up` did not answer at {url}. It said:\n{log.read_text()[-4000:]}")


def stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


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

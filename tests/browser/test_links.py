"""A mail with tracked links in a real browser: a scanner with scripts on that opens all of them, and a reader.

In this agreement one click in a mail calls the desk, so that a scanner that counted would show at once.
"""

import os
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import FLAGS, browser_path
from tests.browser.foreign import foreign_site
from tests.browser.links_company import PEOPLE, fill_links_of
from tests.collect.reading import rows, wait_for
from tests.live import Live

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
CLICKS = "SELECT s.verdict, s.because FROM vendange_signal s JOIN vendange_person p ON p.id = s.person_id"
LEADS = "SELECT p.email FROM vendange_lead l JOIN vendange_person p ON p.id = l.person_id"
POINTS = "SELECT p.email, m.engagement FROM vendange_measure m JOIN vendange_person p ON p.id = m.person_id"
SCANNED, READER = PEOPLE


@pytest.fixture
def disguised(browser: Browser) -> Iterator[Browser]:
    """A browser that a program drives and that says nothing of it: scripts run, the name is that of any Chrome."""
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    hidden = (f"--user-agent={AGENT}", "--disable-blink-features=AutomationControlled")
    chromium = browser.browser_type.launch(executable_path=browser_path(), args=[*FLAGS, *as_root, *hidden])
    yield chromium
    chromium.close()


def test_a_scanner_that_opens_every_link_calls_nobody_and_a_reader_does(live: Live, disguised: Browser) -> None:
    """A45."""
    page = "<!doctype html><html lang='en'><title>Page</title><h1>Machines</h1><script>document.title = 'ran'</script>"
    pages = {f"/page{n}": ("text/html", page) for n in range(4)}
    with foreign_site(pages, policy="default-src 'self' 'unsafe-inline'") as site:
        mails = fill_links_of(live.environment, site)
        before = dict(rows(live.environment, "vendange", POINTS))
        scanner = disguised.new_context()
        opened = [scanner.new_page() for _ in mails[SCANNED]]
        for tab, address in zip(opened, mails[SCANNED], strict=True):
            tab.goto(address)
            expect(tab).to_have_title("ran")
        assert [tab.url for tab in opened] == [f"{site}/page{n}?utm_medium=email" for n in range(4)]
        scanner.close()
        reader = disguised.new_context()
        reader.new_page().goto(mails[READER][0])
        reader.close()
    time.sleep(0.5)
    waiting = "SELECT 1 FROM vendange_inboxevent WHERE NOT handled"
    wait_for(lambda: rows(live.environment, "inbox", waiting) == [], seconds=30)
    clicks = f"{CLICKS} WHERE s.kind = 'email_clicked' AND p.email = "
    assert rows(live.environment, "vendange", f"{clicks}'{SCANNED}'") == [("machine", "many_links")] * 4
    assert rows(live.environment, "vendange", f"{clicks}'{READER}'") == [("human", "")]
    wait_for(lambda: rows(live.environment, "vendange", LEADS) != [], seconds=20)
    assert rows(live.environment, "vendange", LEADS) == [(READER,)]
    points = dict(rows(live.environment, "vendange", POINTS))
    assert points[SCANNED] <= before[SCANNED] and points[READER] > before[READER]

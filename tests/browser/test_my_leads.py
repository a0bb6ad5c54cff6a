"""Routine acts of a salesperson, on a phone and at a desk: two clicks or 30 seconds (R97), also without script."""

import time
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.sales_company import PASSWORD, fill_sales_of
from tests.live import Live

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
Open = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def sales(live: Live) -> Live:
    fill_sales_of(live.environment)
    return live


def signed_in(context: BrowserContext, who: str = "hugo", to: str = "/my-leads/") -> Page:
    page = context.new_page()
    page.goto(f"/accounts/login/?next={to}")
    page.fill("[name=login]", who)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"**{to}")
    return page


def test_accepting_is_one_click(sales: Live, open_context: Open) -> None:
    page = signed_in(open_context())
    before = page.locator("#accept article").count()
    page.locator("#accept .btn.primary").first.click()
    expect(page.locator("#said")).to_contain_text("Accepted")
    expect(page.locator("#accept article")).to_have_count(before - 1)


def test_a_report_takes_less_than_thirty_seconds_on_a_phone(sales: Live, open_context: Open) -> None:
    page = signed_in(open_context(**PHONE))
    started = time.monotonic()
    page.locator("#report .btn.icon").first.click()
    page.locator(".pick", has_text="Visit").click()
    page.locator("textarea").fill("Two lathes to replace before summer.")
    page.get_by_role("button", name="Save the report").click()
    expect(page.locator("#said")).to_contain_text("is filed")
    assert time.monotonic() - started < 30


def test_giving_back_without_script(sales: Live, open_context: Open) -> None:
    page = signed_in(open_context(java_script_enabled=False, **PHONE))
    page.locator("#report a").first.click()
    page.get_by_role("link", name="Give back").first.click()
    expect(page.locator("input[name=contact]")).to_be_hidden()
    page.locator(".reason", has_text="Another contact").click()
    page.fill("[name=contact]", "Hélène Vidal, plant manager")
    page.get_by_role("button", name="Give back").click()
    expect(page.locator("#said")).to_contain_text("Kept")


@pytest.mark.parametrize("size", ["desk", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
def test_read_aloud_and_fitting(sales: Live, open_context: Open, size: str, theme: str, language: str) -> None:
    """No violation that axe sees, nothing wider than the window, on each of the salesperson's pages."""
    options = PHONE if size == "phone" else {}
    page = signed_in(open_context(color_scheme=theme, locale=language, **options))
    lead = page.locator("#report a").first.get_attribute("href")
    for path in (
        "/",
        "/?as=table",
        "/my-leads/",
        *(f"{lead}{act}" for act in ("", "call", "report", "return", "deal")),
    ):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        found = Axe().run(page).response["violations"]
        assert [(path, one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []

"""The desk as an LDR uses it: by keys, by hand without script, on a phone, and read aloud."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.desk_company import PASSWORD, fill_the_desk_of
from tests.live import Live

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
Open = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def desk(live: Live) -> Live:
    fill_the_desk_of(live.environment)
    return live


def signed_in(context: BrowserContext, who: str = "alice") -> Page:
    page = context.new_page()
    page.goto("/accounts/login/?next=/desk/")
    page.fill("[name=login]", who)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/desk/", timeout=30_000)  # the first page of a cold server
    return page


def expect_no_barrier(page: Page) -> None:
    """No violation of the accessibility rules that axe can see."""
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []


def test_judged_by_keys_alone(desk: Live, open_context: Open) -> None:
    page = signed_in(open_context())
    first = page.locator("[data-opened]").inner_text()
    page.keyboard.press("1")
    expect(page.locator("[name=outcome][value=pass]")).to_be_checked()
    page.fill("[name=gap_reason]", "The director joins on Tuesday")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#said")).to_contain_text(f"{first} passed to")
    expect(page.locator("[data-opened]")).not_to_have_text(first)
    expect(page).to_have_url(re.compile(r"/desk/[0-9a-f-]{36}/$"))
    following = page.locator("[data-opened]").inner_text()
    page.reload()
    expect(page.locator("[data-opened]")).to_have_text(following)


def test_opened_from_the_list_and_back(desk: Live, open_context: Open) -> None:
    page = signed_in(open_context())
    first = page.locator("[data-opened]").inner_text()
    other = page.locator(".qitem:not([aria-current])").first
    name = other.locator(".who").inner_text()
    other.click()
    expect(page.locator("[data-opened]")).to_have_text(name)
    expect(page).to_have_title(f"{name} · Desk · Vendange")
    page.locator("label", has=page.locator("[name^=criterion-][value=not_met]")).first.click()
    expect(page.locator("[data-count=not_met]")).to_have_text("1")
    page.go_back()
    expect(page).to_have_url(re.compile(r"/desk/$"))
    expect(page.locator("[data-opened]")).to_have_text(re.compile(f"{first}|{name}"))


def test_judged_without_script(desk: Live, open_context: Open) -> None:
    page = signed_in(open_context(java_script_enabled=False))
    name = page.locator("[data-opened]").inner_text()
    page.get_by_text("Recycle", exact=True).first.click()
    page.get_by_text("30 days", exact=True).click()
    page.get_by_text("Machining", exact=True).click()
    page.get_by_role("button", name="Save and next").last.click()
    expect(page.locator("#said")).to_contain_text(f"{name} sleeps until")


def test_no_answer_in_one_click(desk: Live, open_context: Open) -> None:
    page = signed_in(open_context())
    name = page.locator("[data-opened]").inner_text()
    page.get_by_role("button", name="No answer").click()
    expect(page.locator("#said")).to_contain_text(f"No answer: {name} comes back on")
    page.get_by_role("link", name="Callbacks").click()
    expect(page.locator(".queue")).to_contain_text(name)


@pytest.mark.parametrize("options", [{}, {"locale": "fr-FR", "color_scheme": "dark"}, PHONE])
def test_desk_can_be_read_aloud(desk: Live, open_context: Open, options: dict[str, object]) -> None:
    page = signed_in(open_context(**options))
    expect_no_barrier(page)
    page.locator(".qitem").first.click()
    page.wait_for_url(re.compile(r"/desk/[0-9a-f-]{36}/$"))
    expect_no_barrier(page)


def test_phone_shows_the_queue_then_one_column(desk: Live, open_context: Open) -> None:
    page = signed_in(open_context(**PHONE))
    expect(page.locator(".queue")).to_be_visible()
    expect(page.locator("[data-opened]")).to_be_hidden()
    page.locator(".qitem").first.click()
    expect(page.locator("[data-opened]")).to_be_visible()
    expect(page.locator(".queue")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".crits").scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Save and next").last).to_be_in_viewport()


def test_head_of_sales_reads_only(desk: Live, open_context: Open) -> None:
    page = signed_in(open_context(), "marc")
    expect(page.get_by_text("You may read the desk")).to_be_visible()
    expect(page.locator("[data-judgement]")).to_have_count(0)

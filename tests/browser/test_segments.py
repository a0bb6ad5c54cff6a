"""Segments with mouse and keys: fields and text in step, members at once, people ticked and changed together."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.live import Live

PASSWORD = "vendange-demo"
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def company(live: Live) -> Live:
    live.command("demo", "--people", "200", "--months", "3")
    return live


def window(browser: Browser, company: Live, **options: Any) -> Page:
    context = browser.new_context(base_url=company.url, locale="en-GB", **options)
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("[name=login]", "sophie")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile(r"^(?!.*/login/)"))
    return page


@pytest.fixture
def page(browser: Browser, company: Live) -> Iterator[Page]:
    page = window(browser, company)
    yield page
    page.context.close()


def test_fields_and_text_follow_each_other(page: Page) -> None:
    page.goto("/people/segments/new?relationship=prospect")
    text = page.locator("#segment-text")
    expect(text).to_have_value(re.compile("relationship: prospect"))
    page.select_option("[name=who_what]", "person.country")
    page.fill("[name=who_value]", "FR")
    expect(text).to_have_value(re.compile("person.country: FR"))
    text.fill("did:\n  - on: page_viewed\n    times: 2\n")
    expect(page.locator("[name=act_on]")).to_have_value("page_viewed")
    expect(page.locator("[name=act_times]")).to_have_value("2")
    expect(page.locator("[name=who_what]")).to_have_value("")
    expect(page.locator("#look h2")).to_have_text(re.compile(r"\d"))
    text.fill("did:\n  - on: page_viewd\n")
    expect(page.locator(".problems")).to_contain_text("page_viewed")


def test_a_row_is_added_and_taken_away_by_keys(page: Page) -> None:
    page.goto("/people/segments/new")
    page.locator("button[value=more_acts]").press("Enter")
    expect(page.locator("[data-row=act]")).to_have_count(2)
    expect(page.locator("[name=act_on]").last).to_be_focused()
    page.locator("button[value=less_act_1]").press("Enter")
    expect(page.locator("[data-row=act]")).to_have_count(1)


def test_saved_with_its_members_and_used_as_a_filter(page: Page) -> None:
    page.goto("/people/segments/new")
    page.fill("#segment-name", "Viewers")
    page.fill("#segment-text", "did: {on: page_viewed}")
    page.locator("button[value=save]").click()
    page.wait_for_url(re.compile(r"/people/segments/[0-9a-f-]{36}/$"))
    shown = page.locator(".about h2").inner_text()
    assert int(re.sub(r"\D", "", shown)) > 0
    page.locator(".about .acts a").first.click()
    page.wait_for_url(re.compile(r"segment="))
    assert page.locator("section.card > header h2").first.inner_text().strip() == shown.strip()


def test_those_ticked_join_by_hand_and_it_is_undone(page: Page) -> None:
    page.goto("/people/")
    page.locator(".pick-all").check()
    page.locator("[name=one]").nth(0).uncheck()
    ticked = page.locator("[name=one]:checked").count()
    page.locator(".picked button").click()
    page.locator("#act-join").check()
    page.locator(".foot button").click()
    expect(page.locator("h2").first).to_have_text(re.compile(str(ticked)))
    page.locator("form.card button.primary").click()
    page.wait_for_url(re.compile(r"/people/selected/[0-9a-f-]{36}/$"))
    undo = page.locator("form[action$=undo] button")
    expect(undo).to_be_visible(timeout=30_000)
    undo.click()
    expect(page.locator("#bulk .num").first).to_be_visible(timeout=30_000)


def test_all_of_it_without_a_script(browser: Browser, company: Live) -> None:
    page = window(browser, company, java_script_enabled=False)
    page.goto("/people/segments/new")
    page.locator("button[value=more_who]").click()
    assert page.locator("[data-row=who]").count() == 2
    page.fill("#segment-name", "Without a script")
    page.select_option("[name=who_what] >> nth=0", "person.country")
    page.fill("[name=who_value] >> nth=0", "FR")
    page.locator("button[value=save]").click()
    page.wait_for_url(re.compile(r"/people/segments/[0-9a-f-]{36}/$"))
    assert "person.country: FR" in page.input_value("#segment-text")
    page.context.close()

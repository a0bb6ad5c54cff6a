"""Two heads, two browsers: from an empty house to an agreement in force, by keys alone, on a phone, without script."""

import subprocess
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.live import VENDANGE, Live

PASSWORD = "a long password for the room"
PEOPLE = {"ana": ("marketing", "marketing"), "ben": ("manager", "sales")}
AFTER = ("types", "target", "acts", "points", "desk", "delays", "read")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
Open = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def house(live: Live) -> Live:
    """By the commands that an administrator types: two heads, and nothing else."""
    for name, (role, side) in PEOPLE.items():
        words = ["user", "add", name, "--email", f"{name}@small.example", "--role", role, "--password-stdin"]
        words += ["--first-name", name.capitalize(), "--signs-for", side]
        command = [str(VENDANGE), *words]
        subprocess.run(command, env=live.environment, input=f"{PASSWORD}\n", text=True, check=True, timeout=60)
    return live


def sign_in(context: BrowserContext, who: str, to: str) -> Page:
    page = context.new_page()
    page.goto(f"/accounts/login/?next={to}")
    page.fill("[name=login]", who)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: url.endswith(to) and "login" not in url, timeout=30_000)
    return page


def tab_to(page: Page, selector: str) -> None:
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    pytest.fail(f"No key leads to {selector} on {page.url}")


def expect_no_barrier(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []


def expect_no_wider_than_the_window(page: Page) -> None:
    assert page.evaluate("document.querySelector('main').scrollWidth <= document.querySelector('main').clientWidth")


def test_from_an_empty_house_to_two_signatures_by_keys_alone(house: Live, open_context: Open) -> None:
    page = sign_in(open_context(), "ana", "/")
    tab_to(page, "a[href='/agreement/start/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/agreement/start/")
    tab_to(page, "[name=preset]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=preset][value=small-team]")).to_be_checked()
    for step in AFTER:
        expect_no_barrier(page)
        tab_to(page, ".foot .primary")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/agreement/start/{step}")
    expect(page.locator("#words")).to_contain_text("No score: only a revealing act calls a human.")
    expect_no_barrier(page)
    page.go_back()
    page.wait_for_url("**/delays")
    page.reload()
    page.goto("/agreement/start/read")
    tab_to(page, ".foot .primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/agreement/1/")
    tab_to(page, "form.signing .btn.primary")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("waits for the other head")

    other = sign_in(open_context(locale="fr-FR"), "ben", "/agreement/1/")
    tab_to(other, "form.signing .btn.primary")
    other.keyboard.press("Enter")
    expect(other.locator("#said")).to_contain_text("la version 1 est en vigueur")


def test_answers_wait_in_another_browser_on_a_phone_and_without_script(house: Live, open_context: Open) -> None:
    page = sign_in(open_context(), "ben", "/agreement/start/")
    page.check("[name=preset][value=complex-sale]")
    page.click(".foot .primary")
    page.wait_for_url("**/types")
    page.fill("[name=name]", "What Ben sells")
    page.click(".foot .primary")
    page.wait_for_url("**/target")

    phone = sign_in(open_context(java_script_enabled=False, **PHONE), "ben", "/agreement/start/types")
    expect(phone.locator("[name=name]")).to_have_value("What Ben sells")
    phone.goto("/agreement/start/delays")
    phone.fill("[name=call_amount]", "2")
    phone.click(".foot .primary")
    phone.wait_for_url("**/read")
    expect(phone.locator("#words")).to_contain_text("2 hours")


def test_each_step_fits_a_phone_in_french(house: Live, open_context: Open) -> None:
    page = sign_in(open_context(locale="fr-FR", **PHONE), "ben", "/agreement/start/")
    page.check("[name=preset][value=dealer-network]")
    page.click(".foot .primary")
    for step in AFTER:
        page.goto(f"/agreement/start/{step}")
        expect_no_wider_than_the_window(page)
        expect_no_barrier(page)


def test_the_count_follows_what_is_typed(house: Live, open_context: Open) -> None:
    page = sign_in(open_context(), "ben", "/agreement/start/target")
    with page.expect_response("**/count") as told:
        page.fill("[name=countries]", "Norway")
        page.press("[name=countries]", "Tab")
    assert told.value.status == 200
    expect(page.locator("#concerned")).to_contain_text("Counted again once the answers can be read.")

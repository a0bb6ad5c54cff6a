"""The palette of Ctrl K by keys alone, as a screen reader is told of it, on a phone, and without script."""

import time
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_my_leads import PHONE, signed_in
from tests.collect.reading import rows
from tests.live import Live

DOOR = "Chercher une personne ou une entreprise"  # Sophie reads French
FIELD = "Nom, e-mail, numéro, entreprise, page"
Open = Callable[..., BrowserContext]
WAITING = "SELECT count(*) FROM vendange_foundmark"
SOMEBODY = (
    "SELECT first_name, last_name, email FROM vendange_person"
    " WHERE last_name <> '' AND merged_into_id IS NULL ORDER BY id LIMIT 1"
)


@pytest.fixture(scope="module")
def company(live: Live) -> Live:
    """The sample company, once the worker has written down its words."""
    live.command("demo", "--people", "80", "--months", "2")
    limit = time.monotonic() + 60
    while rows(live.environment, "vendange", WAITING) != [(0,)]:
        assert time.monotonic() < limit, "The worker does not write the words down."
        time.sleep(0.3)
    return live


def somebody(company: Live) -> tuple[str, str, str]:
    [found] = rows(company.environment, "vendange", SOMEBODY)
    return found


def active(page: Page) -> str:
    """What the screen reader is told to be chosen."""
    expect(page.locator("[role=option][aria-selected=true]")).to_have_count(1)
    field = page.get_by_role("combobox", name=FIELD)
    chosen = field.get_attribute("aria-activedescendant")
    assert chosen
    option = page.locator(f"#{chosen}")
    expect(option).to_have_attribute("aria-selected", "true")
    return option.inner_text()


def test_somebody_is_found_and_opened_by_keys_alone(company: Live, open_context: Open) -> None:
    first, last, email = somebody(company)
    page = signed_in(open_context(), "sophie", "/people/")
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Chercher")
    expect(dialog).to_be_visible()
    page.keyboard.type(email.upper())
    expect(dialog.get_by_role("option").first).to_contain_text(last)
    assert f"{first} {last}" in active(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/*-*/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(last)
    page.keyboard.press("/")  # whom one went to last stands there before anything is typed
    expect(dialog.get_by_role("group", name="Récents").get_by_role("option")).to_contain_text([last])


def test_arrows_go_round_and_escape_gives_the_focus_back(company: Live, open_context: Open) -> None:
    page = signed_in(open_context(), "sophie", "/organisations/")
    door = page.get_by_role("link", name=DOOR)
    door.focus()
    page.keyboard.press("Control+k")
    page.keyboard.type("org")
    dialog = page.get_by_role("dialog", name="Chercher")
    expect(dialog.get_by_role("option", name="Organisations", exact=True)).to_be_visible()
    first = active(page)
    page.keyboard.press("ArrowUp")
    last = active(page)
    page.keyboard.press("ArrowDown")
    assert active(page) == first
    assert dialog.get_by_role("option").count() == 1 or last != first
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(door).to_be_focused()


def test_a_stroke_in_a_field_is_a_stroke(company: Live, open_context: Open) -> None:
    page = signed_in(open_context(), "sophie", "/people/")
    field = page.get_by_role("searchbox", name="Nom, e-mail, numéro, entreprise")
    field.focus()
    page.keyboard.press("/")
    expect(field).to_have_value("/")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_enter_means_what_is_typed_even_before_the_answer(company: Live, open_context: Open) -> None:
    page = signed_in(open_context(), "sophie", "/people/")
    page.keyboard.press("/")
    page.keyboard.type("capt")
    page.keyboard.press("Enter")
    page.wait_for_url("**/capture/")
    expect(page.get_by_role("link", name="Captation")).to_have_attribute("aria-current", "page")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_of_it_hinders_anybody(company: Live, open_context: Open, scheme: str) -> None:
    page = signed_in(open_context(color_scheme=scheme), "sophie", "/people/")
    for typed in ("", "a", "zzzzzz"):
        page.keyboard.press("Control+k")
        page.keyboard.type(typed)
        expect(page.get_by_role("dialog").locator("[role=option], .none").first).to_be_visible()
        page.wait_for_timeout(300)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        page.keyboard.press("Escape")
        page.reload()


def test_on_a_phone_by_its_button(company: Live, open_context: Open) -> None:
    _, last, _ = somebody(company)
    page = signed_in(open_context(**PHONE), "sophie", "/people/")
    page.get_by_role("link", name=DOOR).tap()
    page.keyboard.type(last)
    option = page.get_by_role("dialog").get_by_role("option", name=last).first
    expect(option).to_be_visible()
    box = option.bounding_box()
    assert box and box["height"] >= 44 and box["width"] <= 390
    option.tap()
    page.wait_for_url("**/people/*-*/")


def test_without_script_the_field_leads_to_a_page(company: Live, open_context: Open) -> None:
    _, last, _ = somebody(company)
    page = signed_in(open_context(java_script_enabled=False), "sophie", "/people/")
    page.get_by_role("link", name=DOOR).click()
    page.get_by_role("searchbox", name=FIELD).fill(last)
    page.keyboard.press("Enter")
    page.get_by_role("region", name="Personnes").get_by_role("link", name=last).first.click()
    page.wait_for_url("**/people/*-*/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(last)

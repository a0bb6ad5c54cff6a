"""Writing an agreement in a real browser: a threshold dragged, keys, a text typed while the server answers, saved."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect

from tests.browser.test_agreement_room import PEOPLE, TEXT, vendange
from tests.browser.test_starting import PASSWORD, expect_no_barrier, expect_no_wider_than_the_window, sign_in
from tests.live import Live

Open = Callable[..., BrowserContext]
SLIDER = '[role=slider][data-path="grades.engagement.{}"]'


@pytest.fixture(scope="module")
def house(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Live:
    """Two heads and one draft."""
    for name, (role, side) in PEOPLE.items():
        named = ["--email", f"{name}@small.example", "--role", role, "--first-name", name.capitalize()]
        vendange(live, "user", "add", name, *named, "--signs-for", side, "--password-stdin", typed=PASSWORD)
    file = tmp_path_factory.mktemp("text") / "agreement.yaml"
    file.write_text(TEXT)
    vendange(live, "agreement", "draft", str(file))
    return live


def writing(open_context: Open, **options: object) -> Page:
    return sign_in(open_context(**options), "ana", "/agreement/1/write")


def text_says(page: Page, line: str) -> None:
    expect(page.locator("#text")).to_have_value(re.compile(re.escape(line)))


def test_a_threshold_is_dragged_and_moved_by_keys_and_the_text_follows(house: Live, open_context: Open) -> None:
    page = writing(open_context)
    expect_no_barrier(page)
    line = page.locator(SLIDER.format(2))
    box = line.locator(".box").bounding_box()
    plot = page.locator("[data-grid]").bounding_box()
    assert box and plot
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(plot["x"] + plot["width"] * 0.36, box["y"] + 5, steps=6)
    expect(line).to_have_attribute("aria-valuenow", "36")
    expect(page.locator('[name="grades.engagement.2"]')).to_have_value("36")
    page.mouse.move(plot["x"] + plot["width"] * 0.02, box["y"] + 5, steps=6)
    expect(line).to_have_attribute("aria-valuenow", "16")  # its neighbour stands at 15
    page.mouse.move(plot["x"] + plot["width"] * 0.3, box["y"] + 5, steps=6)
    page.mouse.up()
    text_says(page, "engagement: {1: 70, 2: 30, 3: 15}")
    expect(line).to_be_focused()
    for key in ("ArrowRight", "PageUp", "ArrowDown"):
        page.keyboard.press(key)
    expect(line).to_have_attribute("aria-valuenow", "35")
    text_says(page, "engagement: {1: 70, 2: 35, 3: 15}")
    page.keyboard.press("End")
    text_says(page, "engagement: {1: 70, 2: 69, 3: 15}")
    page.keyboard.press("Home")
    text_says(page, "engagement: {1: 70, 2: 16, 3: 15}")


def test_nothing_typed_while_the_server_answers_is_lost(house: Live, open_context: Open) -> None:
    page = writing(open_context)
    page.locator('[name="fit[1].points"]').fill("31")
    page.keyboard.press("Tab")
    page.locator('[name="fit[2].points"]').fill("19")
    page.locator("#text").press("Control+End")
    page.keyboard.type("# typed meanwhile")
    text_says(page, "points: 31")
    text_says(page, "points: 19")
    text_says(page, "# typed meanwhile")
    expect(page.locator('[name="fit[2].points"]')).to_have_value("19")
    expect(page.locator(".rule b", has_text="Runs a workshop or a department")).to_have_count(1)


def test_a_mistake_is_marked_at_its_field_and_its_line_and_the_form_comes_back(house: Live, open_context: Open) -> None:
    page = writing(open_context)
    text = page.locator("#text")
    text.fill(TEXT.replace("points: 30", "points: many", 1))
    expect(page.locator('[name="fit[1].points"]')).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#gutter b")).to_have_text("35\n")
    text.fill(TEXT.replace("fit:\n", "fit\n", 1))
    expect(page.locator(".guided.stale > fieldset")).to_have_attribute("disabled", "")
    expect_no_barrier(page)
    page.locator("[data-line]").click()
    expect(text).to_be_focused()
    text.fill(TEXT)
    expect(page.locator(".guided.stale")).to_have_count(0)


def test_a_style_that_something_else_set_on_a_field_is_not_carried_over(house: Live, open_context: Open) -> None:
    """Extensions and pictures leave style="" on fields; written into an attribute, our policy refuses it, loudly."""
    page = writing(open_context)
    page.evaluate("for (const one of document.querySelectorAll('#guided input')) one.style.caretColor = 'transparent'")
    page.locator("#text").press("Control+End")
    page.keyboard.type("# one more")
    expect(page.locator("#state")).to_contain_text("not saved yet")
    page.locator('[name="fit[1].points"]').fill("32")
    page.keyboard.press("Tab")
    text_says(page, "points: 32")  # and `open_context` hears that the console stays empty


def test_leaving_asks_and_saving_does_not(house: Live, open_context: Open) -> None:
    page = writing(open_context)
    asked: list[str] = []

    def hear(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", hear)
    page.locator('[name="volumes[1].at_least"]').fill("25")
    page.keyboard.press("Tab")
    expect(page.locator("#state")).to_contain_text("not saved yet")
    page.keyboard.press("Control+s")
    expect(page.locator("#state")).to_contain_text("saved")
    expect(page.locator("[data-said]")).to_contain_text("Version 1 is saved")
    page.goto("/agreement/1/")
    assert asked == []
    page.goto("/agreement/1/write")
    page.locator('[name="volumes[1].at_least"]').fill("26")
    page.goto("/agreement/1/")
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
def test_it_fits_a_phone_and_can_be_read_aloud_in_the_dark(house: Live, open_context: Open, language: str) -> None:
    size = {"width": 390, "height": 844}
    page = writing(open_context, viewport=size, has_touch=True, color_scheme="dark", locale=language)
    expect_no_wider_than_the_window(page)
    expect_no_barrier(page)


def test_the_same_without_script(house: Live, open_context: Open) -> None:
    page = writing(open_context, java_script_enabled=False)
    page.locator('[name="fit[1].points"]').fill("32")
    page.get_by_role("button", name="Bring both in step").click()
    text_says(page, "points: 32")
    page.get_by_role("switch", name="Asks for a demonstration").click()
    expect(page.locator("#text")).not_to_have_value(re.compile("demo_requested"))
    page.get_by_role("button", name="Save v1").click()
    expect(page.locator("#state")).to_contain_text("saved")


def test_the_form_keeps_its_place_and_the_focus(house: Live, open_context: Open) -> None:
    page = writing(open_context)
    pane = page.locator(".guide .scroll")
    field = page.locator('[name="engagement.rules[2].points"]')
    field.scroll_into_view_if_needed()
    place = pane.evaluate("one => one.scrollTop")
    field.fill("9")
    for _ in range(4):
        page.keyboard.press("Tab")
    text_says(page, "points: 9")
    expect(page.locator("#w-engagement-rules-2-drop")).to_be_focused()
    assert pane.evaluate("one => one.scrollTop") == place
    page.keyboard.press("Enter")
    expect(page.locator("#undo")).to_be_visible()
    expect(page.locator("#w-engagement-rules-2-points")).to_be_focused()
    page.locator("#undo").click()
    text_says(page, "points: 9")

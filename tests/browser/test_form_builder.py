"""Marketing builds a form by mouse, and another by keys alone; publishes it, and a visitor fills it in."""

import re
import subprocess
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.every_page import barriers, choose_language
from tests.browser.test_pages import sign_in
from tests.live import VENDANGE, Live

PASSWORD = "vendange-demo"


@pytest.fixture(scope="module")
def company(live: Live) -> Live:
    """One colleague in marketing, and nothing else yet."""
    for who in ("sophie", "aude"):
        words = ["user", "add", who, "--email", f"{who}@rochebrune.example", "--role", "marketing", "--password-stdin"]
        command = [str(VENDANGE), *words]
        subprocess.run(command, env=live.environment, input=f"{PASSWORD}\n", text=True, check=True, timeout=60)
    return live


@pytest.fixture
def sophie(page: Page, company: Live) -> Page:
    enter(page, "sophie")
    return page


def enter(page: Page, who: str) -> None:
    sign_in(page, who)
    page.wait_for_load_state()


def order(page: Page) -> list[str | None]:
    return [one.get_attribute("data-question") for one in page.locator("[data-question]").all()]


def make(page: Page, name: str, starter: str = "empty") -> None:
    page.goto("/capture/forms/")
    page.locator("#id_name").fill(name)
    page.locator(f".starters [value={starter}]").check(force=True)
    page.get_by_role("button", name="Make this form").click()
    page.wait_for_url("**/build")


def saved(page: Page) -> None:
    """The draft says what the page says."""
    page.wait_for_load_state("networkidle")
    expect(page.locator("#the-state")).to_contain_text("saved")


def publish(page: Page) -> str:
    """The address of the published form."""
    page.get_by_role("button", name="Publish", exact=True).click()
    page.wait_for_url("**/publish")
    page.get_by_role("button", name="Publish this form").click()
    expect(page.get_by_label("Its own page")).to_be_visible()
    return page.get_by_label("Its own page").input_value()


def test_by_mouse(sophie: Page, open_context: Callable[..., BrowserContext]) -> None:
    make(sophie, "By mouse")
    for word in ("Last name", "Company"):
        sophie.get_by_role("button", name=word, exact=True).click()
        expect(sophie.locator("#the-told")).to_have_text(f"Added: {word}")
    sophie.get_by_label("A question of your own").fill("What is your budget?")
    sophie.locator("button[value=own]").click()
    expect(sophie.get_by_text("This asks for a budget")).to_be_visible()  # R24
    sophie.get_by_role("button", name="Keep it all the same").click()
    expect(sophie.get_by_text("You have read the risk and keep it.")).to_be_visible()
    drag(sophie, "organisation", above="email")
    expect(sophie.locator("#the-told")).to_have_text("Company is number 1 of 4 now.")
    assert order(sophie) == ["organisation", "email", "last_name", "what_is_your_budget"]
    sophie.get_by_role("button", name="Undo").click()
    expect(sophie.locator("[data-question]").first).to_have_attribute("data-question", "email")
    sophie.get_by_label("Title").fill("Ask us anything")
    expect(sophie.locator(".visitor .vt")).to_have_text("Ask us anything")
    saved(sophie)
    sophie.locator("#known-last_name").check(force=True)
    expect(sophie.locator(".ticks .help")).to_contain_text("3 questions")
    sophie.reload()
    expect(sophie.get_by_label("Title")).to_have_value("Ask us anything")
    assert barriers(sophie) == []
    fill_in(open_context().new_page(), publish(sophie))


def drag(page: Page, question: str, *, above: str) -> None:
    grip = page.locator(f"#q-{question} [data-grip]")
    grip.scroll_into_view_if_needed()
    start, end = grip.bounding_box(), page.locator(f"#q-{above}").bounding_box()
    assert start and end
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, (y + end["y"]) / 2, steps=5)
    page.mouse.move(x, end["y"] + 4, steps=5)
    page.mouse.up()


def fill_in(visitor: Page, address: str) -> None:
    visitor.goto(address)
    visitor.get_by_label("Work e-mail").fill("camille@atelier-nova.example")
    visitor.get_by_label("Last name").fill("Moreau")
    visitor.wait_for_timeout(2100)  # whoever answers within two seconds is taken for a program
    visitor.get_by_role("button", name="Send").click()
    visitor.wait_for_url("**/thanks")
    expect(visitor.get_by_text("Thank you")).to_be_visible()


def test_what_came_in_is_read(sophie: Page) -> None:
    """The answer of the test before, as the worker took it in."""
    make(sophie, "Before reading")
    for _try in range(30):
        sophie.goto("/capture/forms/")
        row = sophie.get_by_role("row", name=re.compile("By mouse"))
        if row.get_by_role("link", name="Answers to By mouse").count():
            break
        sophie.wait_for_timeout(500)
    sophie.get_by_role("link", name="Answers to By mouse").click()
    expect(sophie.get_by_text("camille@atelier-nova.example").first).to_be_visible()
    with sophie.expect_download() as file:
        sophie.get_by_role("link", name="All as a file").click()
    assert "camille@atelier-nova.example" in file.value.path().read_text("utf-8-sig")


def test_by_keys_alone(sophie: Page) -> None:
    sophie.goto("/capture/forms/")
    walk(sophie, "#id_name")
    sophie.keyboard.type("By keys")
    walk(sophie, ".starters input")
    for _step in range(3):
        sophie.keyboard.press("ArrowDown")
    walk(sophie, "main .btn.primary")
    sophie.keyboard.press("Enter")
    sophie.wait_for_url("**/build")
    walk(sophie, "#add-last_name")
    sophie.keyboard.press("Enter")
    expect(sophie.locator("#last_name-label")).to_be_focused()
    sophie.keyboard.press("ControlOrMeta+a")
    sophie.keyboard.type("Your name")
    expect(sophie.locator("#h-last_name b")).to_have_text("Your name")
    sophie.keyboard.press("Alt+ArrowUp")
    expect(sophie.locator("#the-told")).to_have_text("Your name is number 1 of 2 now.")
    assert order(sophie) == ["last_name", "email"]
    expect(sophie.locator("#last_name-label")).to_be_focused()
    walk(sophie, "#down-last_name")
    sophie.keyboard.press("Space")
    expect(sophie.locator("#the-told")).to_have_text("Your name is number 2 of 2 now.")
    walk(sophie, "#own-label")
    sophie.keyboard.type("How much will you spend?")
    walk(sophie, "button[value=own]")
    sophie.keyboard.press("Enter")
    expect(sophie.get_by_text("This asks for a budget")).to_be_visible()
    walk(sophie, "[value^='remove how_much']")
    sophie.keyboard.press("Enter")
    expect(sophie.locator("#the-told")).to_have_text("Taken out: How much will you spend?")
    expect(sophie.locator("#remove-last_name")).to_be_focused()
    saved(sophie)
    walk(sophie, ".top button[value=publish]")
    sophie.keyboard.press("Enter")
    sophie.wait_for_url("**/publish")
    walk(sophie, "main .btn.primary")
    sophie.keyboard.press("Enter")
    expect(sophie.get_by_label("Its own page")).to_be_visible()


def walk(page: Page, selector: str) -> None:
    """By Tab alone to the first place that fits."""
    for _step in range(160):
        if page.evaluate("one => document.activeElement.matches(one)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never came to {selector}")


def test_who_moves_a_question_writes_on(sophie: Page) -> None:
    """Alt and an arrow move the question while somebody writes in it: focus, caret and what is marked stay."""
    make(sophie, "Written on")
    sophie.get_by_role("button", name="Last name", exact=True).click()
    field = sophie.locator("#last_name-label")
    expect(field).to_be_focused()
    field.fill("Your name")
    field.evaluate("one => one.setSelectionRange(1, 4)")
    for keys, place in (("Alt+ArrowUp", 1), ("Alt+ArrowDown", 2), ("Alt+ArrowUp", 1)):
        sophie.keyboard.press(keys)
        expect(sophie.locator("#the-told")).to_have_text(f"Your name is number {place} of 2 now.")
        expect(field).to_be_focused()
        assert field.evaluate("one => [one.selectionStart, one.selectionEnd]") == [1, 4]
    sophie.keyboard.type("xyz")
    expect(field).to_have_value("Yxyz name")
    sophie.locator("#d-email > summary").click()
    expect(sophie.locator("#d-email > summary")).to_be_focused()
    sophie.keyboard.press("Alt+ArrowUp")
    expect(sophie.locator("#the-told")).to_have_text("Work e-mail is number 1 of 2 now.")
    expect(sophie.locator("#d-email > summary")).to_be_focused()
    saved(sophie)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width", [1024, 1280, 390])
def test_the_bar_keeps_what_is_in_it(sophie: Page, width: int, language: str) -> None:
    """However long the name and the language: the menu of the colleague and the buttons stay within the window."""
    make(sophie, f"A form with a rather long name {width} {language}")
    build = sophie.url
    choose_language(sophie, language)
    sophie.set_viewport_size({"width": width, "height": 844})
    for address in (build, build.removesuffix("build"), f"{build.removesuffix('build')}answers", "/capture/refused/"):
        sophie.goto(address)
        for part in sophie.locator(".top .end > *").all():
            box = part.bounding_box()
            assert box is None or (box["x"] >= 0 and box["x"] + box["width"] <= width), (address, box)
        assert sophie.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    shown = sophie.locator(".tabs [aria-current]:visible").bounding_box()
    assert shown and shown["x"] >= 0 and shown["x"] + shown["width"] <= width  # the open tab, last of eight
    choose_language(sophie, "en")


def test_without_script(open_context: Callable[..., BrowserContext], company: Live) -> None:
    page = open_context(java_script_enabled=False).new_page()
    page.goto("/accounts/login/")
    page.fill("[name=login]", "aude")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    make(page, "Plainly")
    page.get_by_role("button", name="Last name", exact=True).click()
    assert order(page) == ["email", "last_name"]
    page.locator("#up-last_name").click()
    assert order(page) == ["last_name", "email"]
    page.get_by_label("Title").fill("No script")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.locator(".visitor .vt")).to_have_text("No script")
    page.get_by_role("button", name="Take out: Last name").click()
    assert order(page) == ["email"]
    page.get_by_role("button", name="Undo").click()
    assert order(page) == ["last_name", "email"]


@pytest.fixture
def of_two(browser: Browser, company: Live) -> Iterator[list[Page]]:
    """Two colleagues. Their consoles are not heard: the browser notes each refusal (409) there."""
    contexts = [browser.new_context(base_url=company.url, locale="en-GB") for _ in range(2)]
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def test_two_people_lose_nothing(of_two: list[Page]) -> None:
    sophie, aude = of_two
    enter(sophie, "sophie")
    make(sophie, "Of two")
    enter(aude, "aude")
    aude.goto(sophie.url)
    aude.get_by_label("Title").fill("Of Aude")
    saved(aude)
    expect(aude.locator(".visitor .vt")).to_have_text("Of Aude")
    sophie.get_by_label("Introduction").fill("Of Sophie")
    expect(sophie.get_by_role("alert")).to_contain_text("has changed this form meanwhile")
    expect(sophie.get_by_label("Introduction")).to_have_value("Of Sophie")
    sophie.get_by_role("button", name="Take theirs").click()
    expect(sophie.get_by_label("Title")).to_have_value("Of Aude")
    sophie.get_by_role("button", name="Undo").click()
    expect(sophie.get_by_label("Introduction")).to_have_value("Of Sophie")
    saved(sophie)

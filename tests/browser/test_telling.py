"""Telling on a real phone-sized Chromium: half a minute, no network, exactly once, and never in another's name."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, expect

from tests.collect.reading import rows
from tests.live import Live

PASSWORD = "vendange-demo"
expect.set_options(timeout=20_000)
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
Open = Callable[..., BrowserContext]
NO_NETWORK = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "status of 500", "status of 413")


@pytest.fixture(scope="module")
def company(live: Live) -> Live:
    told = {**live.environment, "DJANGO_SETTINGS_MODULE": "vendange.settings"}
    words = [sys.executable, "-c", "from tests.browser.sales_company import fill; fill()"]
    subprocess.run(words, env=told, cwd=os.fspath(Path(__file__).parents[2]), check=True, timeout=120)
    return live


@pytest.fixture
def open_context(browser: Browser, company: Live) -> Iterator[Open]:
    """As everywhere, but a page without a network may say so in its console."""
    opened_here: list[BrowserContext] = []
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(known in message.text for known in NO_NETWORK):
            complaints.append(message.text)

    def open_one(**options: object) -> BrowserContext:
        context = browser.new_context(base_url=company.url, locale="en-GB", **options)  # type: ignore[arg-type]
        context.set_default_timeout(20_000)
        context.on("console", hear)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        opened_here.append(context)
        return context

    yield open_one
    for context in opened_here:
        context.close()
    assert not complaints, f"The page complained in the console: {complaints}"


def sign_in(page: Page, who: str) -> None:
    page.goto("/accounts/login/?next=/tell/")
    page.fill("[name=login]", who)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/tell/")


def opened(open_context: Open, who: str = "nadia") -> Page:
    """A phone on which somebody has opened the page once, so that it opens without a network from then on."""
    page = open_context(**PHONE).new_page()
    sign_in(page, who)
    opens_alone(page)
    return page


def opens_alone(page: Page) -> None:
    """The browser has kept what it needs to open this page without a network."""
    page.wait_for_selector("html[data-kept]", state="attached", timeout=60_000)
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


TOLD = (
    "SELECT u.username, p.last_name, s.props FROM vendange_signal s JOIN vendange_user u ON u.id = s.by_id"
    " JOIN vendange_person p ON p.id = s.person_id"
)


def told(live: Live, said: str) -> list[tuple[str, str]]:
    """By whom and of whom, of what was told in these words."""
    return [(by, who) for by, who, props in rows(live.environment, "vendange", TOLD) if said in str(props)]


def fill_newcomer(page: Page, name: str, said: str) -> None:
    page.locator("[name=kind][value=partner_conversation]").check()
    page.fill("#tell-name", name)
    page.fill("#tell-company", "Fonderie Vauclair")
    page.fill("#tell-said", said)


def keep(page: Page) -> None:
    page.get_by_role("button", name="Keep it").click()


def until(page: Page, done: Callable[[], bool], seconds: int = 30) -> None:
    """Waits while the browser goes on: what is routed is answered in this very thread."""
    for _tenth in range(seconds * 10):
        if done():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"not done within {seconds} s")


def stored(page: Page) -> int:
    return int(page.evaluate("Object.keys(localStorage).filter(one => one.startsWith('vendange-told:')).length"))


def test_a_known_person_is_told_of_in_eight_touches_at_most(company: Live, open_context: Open) -> None:
    page = opened(open_context)
    page.goto("/tell/")
    acts: list[Callable[[], None]] = [
        lambda: page.locator(".tiles label", has_text="Called us").tap(),
        lambda: page.locator("#tell-name").tap(),
        lambda: page.locator("#tell-name").press_sequentially("moreau1"),
        lambda: page.locator("#tell-found li").first.tap(),
        lambda: page.locator("#tell-said").tap(),
        lambda: page.locator("#tell-said").press_sequentially("Wants a date for a trial."),
        lambda: page.get_by_role("button", name="Keep it").tap(),
    ]
    for act in acts:
        act()
    expect(page.locator("[data-list] li.kept")).to_contain_text("Moreau1")
    assert len(acts) <= 8
    assert told(company, "Wants a date for a trial") == [("nadia", "Moreau1")]
    until(page, lambda: stored(page) == 0)


def test_the_button_that_keeps_is_in_sight_and_covers_nothing(company: Live, open_context: Open) -> None:
    """On a phone it stands at the lower edge from the start; at the end of the page it stands under the last field."""
    page = opened(open_context)
    page.goto("/tell/")
    bar, rail = page.locator(".tell .keep"), page.locator(".rail")
    top = rail.bounding_box()["y"]  # type: ignore[index]
    box = bar.bounding_box()
    assert box and box["y"] + box["height"] <= top + 1
    for field in ("#tell-said", "#tell-name", "#tell-said"):
        page.locator(field).tap()
        assert page.locator(field).evaluate(ON_TOP), field
    page.evaluate("document.querySelector('.main').scrollTo(0, 1e6)")
    last = page.locator(".tell > *:visible:not(.keep)").last.bounding_box()
    box = bar.bounding_box()
    assert last and box and last["y"] + last["height"] <= box["y"] + 1


# Whether the middle of a field is what a thumb would hit.
ON_TOP = """one => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return one.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""


def test_without_a_network_the_page_opens_keeps_and_sends_once(company: Live, open_context: Open) -> None:
    page = opened(open_context)
    page.context.set_offline(True)
    page.goto("/tell/")
    body = page.content()
    assert "nadia" not in body.lower() and "moreau" not in body.lower()
    for name in ("Alma Perrin", "Bruno Sauvage"):
        fill_newcomer(page, name, f"offline words of {name[:4]}")
        keep(page)
    expect(page.locator("[data-count]")).to_have_text("2 wait")
    assert told(company, "offline words") == []
    page.reload()
    expect(page.locator("[data-count]")).to_have_text("2 wait")
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    until(page, lambda: len(told(company, "offline words")) == 2)
    expect(page.locator("[data-list] li.waiting")).to_have_count(0)
    page.reload()
    page.wait_for_timeout(300)  # time enough to send once more
    assert len(told(company, "offline words")) == 2
    until(page, lambda: stored(page) == 0)


def test_a_lost_answer_sends_again_and_is_kept_once(company: Live, open_context: Open) -> None:
    page = opened(open_context)
    lost: list[int] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            route.fetch()  # it comes in, and its answer never arrives
            lost.append(1)
            route.abort()

    page.context.route("**/tell/keep", lose)
    fill_newcomer(page, "Chantal Guyot", "answer was lost")
    keep(page)
    until(page, lambda: len(told(company, "answer was lost")) == 1)
    assert stored(page) == 1
    page.evaluate("dispatchEvent(new Event('online'))")
    until(page, lambda: stored(page) == 0)  # the timer of the page sends again what an answer was lost of
    expect(page.locator("[data-list] li.kept")).to_contain_text("Guyot")
    assert len(told(company, "answer was lost")) == 1


def test_another_colleague_on_the_same_phone_never_sends_it(company: Live, open_context: Open) -> None:
    page = opened(open_context)
    page.context.set_offline(True)
    page.goto("/tell/")
    fill_newcomer(page, "Denis Faure", "typed by nadia")
    keep(page)
    page.context.clear_cookies()  # before there is a network: else it goes in the name of who typed it
    page.context.set_offline(False)
    page.reload()
    page.goto("/tell/")
    assert "/accounts/login/" in page.url
    sign_in(page, "sophie")
    expect(page.locator("[data-others]")).to_contain_text("of another colleague")
    assert "Denis" not in page.locator("main").inner_text()
    page.wait_for_timeout(500)  # time enough to send
    assert told(company, "typed by nadia") == []
    page.context.clear_cookies()
    sign_in(page, "nadia")
    until(page, lambda: told(company, "typed by nadia") == [("nadia", "Faure")])
    until(page, lambda: stored(page) == 0)


def test_when_the_session_is_over_signing_in_sends_it(company: Live, open_context: Open) -> None:
    page = opened(open_context)
    page.context.clear_cookies()
    fill_newcomer(page, "Elise Garnier", "session was over")
    keep(page)
    expect(page.locator("[data-sign-in]")).to_be_visible()
    assert told(company, "session was over") == []
    page.locator("[data-sign-in]").click()
    page.fill("[name=login]", "nadia")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    until(page, lambda: told(company, "session was over") == [("nadia", "Garnier")])


def test_a_known_name_is_asked_about_and_undone_within_the_minute(company: Live, open_context: Open) -> None:
    page = opened(open_context)
    fill_newcomer(page, "Camille Moreau2", "which camille")
    keep(page)
    question = page.locator("[data-list] li.asked")
    expect(question).to_contain_text("Is it one of these?")
    expect(question.locator(".pick").first).to_be_in_viewport()  # before everything else that stands here
    question.locator(".pick").first.click()
    expect(page.locator("[data-list] li.kept")).to_contain_text("Moreau2")
    assert told(company, "which camille") == [("nadia", "Moreau2")]
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator("[data-list] li.kept")).to_contain_text("Undone")
    assert told(company, "which camille") == []


def test_what_cannot_be_kept_keeps_all_that_was_typed(company: Live, open_context: Open) -> None:
    page = opened(open_context)
    page.locator("[name=kind][value=social_post]").check()
    page.fill("#tell-name", "Farid Brun")
    page.fill("#tell-company", "Fonderie Vauclair")
    page.fill("#tell-said", "no link given")
    keep(page)
    expect(page.locator("[data-wrong=link]")).to_be_visible()
    assert page.input_value("#tell-name") == "Farid Brun"
    assert page.input_value("#tell-said") == "no link given"
    assert told(company, "no link given") == [] and stored(page) == 0


def test_what_the_server_fails_on_holds_nothing_else_up(company: Live, open_context: Open) -> None:
    page = opened(open_context)
    answers = {"Felix": 500, "Greta": 413}

    def fail(route: Route) -> None:
        status = next((code for name, code in answers.items() if name in (route.request.post_data or "")), 0)
        route.fulfill(status=status, body="") if status else route.continue_()

    page.context.route("**/tell/keep", fail)
    for name in ("Felix Odin", "Greta Brandt", "Hector Lindqvist"):
        fill_newcomer(page, name, "while it fails")
        keep(page)
        if name.startswith("Greta"):  # refused for good: it stands in the form again, with the reason
            expect(page.get_by_text("The server refuses it (413)").first).to_be_visible()
            expect(page.locator("#tell-name")).to_have_value(name)
    until(page, lambda: told(company, "while it fails") == [("nadia", "Lindqvist")])
    waiting = page.locator("[data-waiting] li.waiting")
    expect(waiting).to_have_count(1)
    expect(waiting).to_contain_text("the server failed (500)")
    expect(page.locator("[data-no-network]")).to_be_hidden()
    expect(page.locator("[data-count]")).to_have_text("1 waits")  # what is refused does not wait
    answers.clear()
    page.evaluate("dispatchEvent(new Event('online'))")
    until(page, lambda: ("nadia", "Odin") in told(company, "while it fails"))


def at_booth(open_context: Open, show: str) -> Page:
    """The booth of a new show of today, on a phone."""
    page = open_context(**PHONE).new_page()
    page.goto("/accounts/login/?next=/capture/shows/")
    page.fill("[name=login]", "sophie")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/capture/shows/")
    today = page.evaluate("new Date().toLocaleDateString('sv-SE', {timeZone: 'Europe/Paris'})")
    for field, text in (("name", show), ("from_day", today), ("to_day", today)):
        page.fill(f"main [name={field}]", text)
    page.get_by_role("button", name="Add a show").click()
    page.get_by_role("link", name="At the booth").click()
    page.wait_for_url("**/tell/shows/*/")
    return page


def test_a_booth_takes_badges_by_keys_alone_also_without_a_network(company: Live, open_context: Open) -> None:
    page = at_booth(open_context, "SIMODEC")
    opens_alone(page)
    expect(page.locator("#tell-scan")).to_be_focused()
    page.keyboard.type("Gilles Henry, Tournage Express\n")
    page.keyboard.type("MECARD:N:Imbert,Jeanne;ORG:Hexal Meca;EMAIL:jeanne@hexal.example;;\n")
    page.keyboard.type("BEGIN:VCARD\nVERSION:3.0\nN:Kovac;Luc;;;\nORG:Ateliers Kovac\nEND:VCARD\n")
    expect(page.locator("[data-list] li.kept")).to_have_count(3)
    page.context.set_offline(True)
    page.reload()
    page.keyboard.type("leo@kovac.example\n")
    expect(page.locator("[data-list] li.waiting")).to_have_count(1)
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    came = (
        "SELECT count(*), count(DISTINCT person_id) FROM vendange_signal s JOIN vendange_tradeshow t"
        " ON t.source_id = s.source_id WHERE s.kind = 'booth_visited' AND s.campaign = 'SIMODEC'"
    )
    until(page, lambda: rows(company.environment, "vendange", came) == [(4, 4)])
    until(page, lambda: stored(page) == 0)


def test_a_scan_never_answers_a_question(company: Live, open_context: Open) -> None:
    page = at_booth(open_context, "SALON DES CLES")
    page.keyboard.type("Camille Moreau2, Nowhere\n")
    question = page.locator("[data-needs] li.asked")
    expect(question).to_have_count(1)
    expect(question).to_be_in_viewport()
    page.keyboard.type("1001")
    assert page.input_value("#tell-scan") == "1001"
    page.keyboard.press("Enter")
    expect(page.locator("[data-needs] li.wrong")).to_contain_text("1001")  # in no list of this show
    expect(question).to_have_count(1)
    page.locator("[data-needs] li.asked button").first.focus()
    page.keyboard.type("1002\n")  # whatever has the focus, what is scanned goes into its field
    expect(page.locator("[data-needs] li.wrong")).to_have_count(2)
    expect(question).to_have_count(1)
    page.keyboard.press("Alt+Digit1")
    expect(page.locator("[data-list] li.kept")).to_contain_text("Moreau2")
    expect(question).to_have_count(0)

"""Two heads, two browsers, one draft: commented, refused, changed under the pen, signed by both, taken back."""

import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_starting import PASSWORD, expect_no_barrier, expect_no_wider_than_the_window, sign_in, tab_to
from tests.live import VENDANGE, Live

PEOPLE = {"ana": ("marketing", "marketing"), "ben": ("manager", "sales")}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
TEXT = (Path(__file__).parents[2] / "examples" / "agreements" / "complex-sale.yaml").read_text()
Open = Callable[..., BrowserContext]


def vendange(live: Live, *words: str, typed: str = "") -> str:
    command = [str(VENDANGE), *words]
    env, text = live.environment, f"{typed}\n" if typed else ""
    return subprocess.run(command, env=env, input=text, text=True, check=True, timeout=60, capture_output=True).stdout


def written(folder: Path, hours: int) -> str:
    """A text that differs from the one in force by one delay."""
    file = folder / f"accept-{hours}.yaml"
    file.write_text(TEXT.replace("accept: 4 working hours", f"accept: {hours} working hours"))
    return str(file)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("texts")


@pytest.fixture(scope="module")
def house(live: Live, folder: Path) -> Live:
    """Two heads, v1 in force, v2 and v3 drafted."""
    for name, (role, side) in PEOPLE.items():
        named = ["--email", f"{name}@small.example", "--role", role, "--first-name", name.capitalize()]
        vendange(live, "user", "add", name, *named, "--signs-for", side, "--password-stdin", typed=PASSWORD)
    vendange(live, "agreement", "draft", written(folder, 4))
    for name in PEOPLE:
        vendange(live, "agreement", "sign", "1", "--as", name)
    for hours in (3, 2):
        vendange(live, "agreement", "draft", written(folder, hours))
    return live


def room(open_context: Open, who: str, number: int, **options: object) -> Page:
    return sign_in(open_context(**options), who, f"/agreement/{number}/")


def test_a_draft_is_read_and_signed_by_keys_and_void_when_its_text_changes(
    house: Live, open_context: Open, folder: Path
) -> None:
    page = room(open_context, "ana", 2)
    expect_no_barrier(page)
    expect(page.locator(".few li")).to_have_count(1)
    expect(page.locator(".words .owes ins")).to_have_text("3")
    tab_to(page, ".signing .primary")
    page.keyboard.press("Enter")
    expect(page.locator(".sign .good")).to_contain_text("Has signed this text")
    vendange(house, "agreement", "revise", "2", written(folder, 5), "--as", "ben")
    page.reload()
    expect(page.locator(".void li")).to_contain_text("void since")
    tab_to(page, ".void a")
    page.keyboard.press("Enter")
    expect(page.locator(".few del")).to_have_text("3 working hours")
    expect(page.locator(".few ins")).to_have_text("5 working hours")
    expect_no_barrier(page)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_panes_and_signatures_fill_the_window(house: Live, open_context: Open, number: int, locale: str) -> None:
    page = room(open_context, "ben", number, locale=locale)
    signs, words = page.locator(".signs").bounding_box(), page.locator("#words").bounding_box()
    assert signs and words
    assert 870 < signs["y"] + signs["height"] <= 900 and words["height"] > 480


def test_one_head_refuses_without_script_and_the_other_reads_why(house: Live, open_context: Open) -> None:
    ben = room(open_context, "ben", 3, java_script_enabled=False)
    ben.fill("#text", "Two hours, on a Friday evening?")
    ben.select_option("#about", "delays")
    ben.locator(".say button").click()
    ben.locator("#signatures details summary").click()
    ben.fill("#reason", "Two hours are too short.")
    ben.locator("#signatures details button").click()
    expect(ben.locator(".top .chip")).to_contain_text("Refused")
    ana = room(open_context, "ana", 3, **PHONE)
    expect_no_wider_than_the_window(ana)
    expect(ana.locator(".talk .refuses")).to_contain_text("Two hours are too short.")
    ana.locator(".talk li form button").tap()
    expect(ana.locator(".talk .settled")).to_contain_text("Friday evening")
    ana.locator(".eff form button").tap()
    ana.wait_for_url("**/agreement/4/")
    expect(ana.locator(".top .chip")).to_contain_text("Draft")


def test_both_sign_for_a_day_to_come_and_one_takes_it_back(house: Live, open_context: Open) -> None:
    ana, ben = room(open_context, "ana", 2), room(open_context, "ben", 2)
    day = date.today() + timedelta(days=9)  # noqa: DTZ011 (what a colleague types)
    ana.fill("#from", day.isoformat())
    ana.locator(".signing .primary").click()
    expect(ana.locator(".sign .good")).to_have_count(1)
    ben.reload()
    expect(ben.locator("#from")).to_have_count(0)
    ben.locator(".signing .primary").click()
    expect(ben.locator(".sign .good")).to_have_count(2)
    expect(ben.locator(".eff")).to_contain_text("from midnight")
    expect_no_barrier(ben)
    ben.locator(".eff summary").click()
    ben.fill("#back_reason", "The fair is put off.")
    ben.locator(".eff details button").click()
    expect(ben.locator(".top .chip")).to_contain_text("Withdrawn")
    ana.goto("/agreement/")
    expect(ana.locator(".top .chip")).to_contain_text("in force v1")

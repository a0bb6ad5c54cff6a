"""Marketing brings a CSV file and a workbook: maps, tries, takes in, sees who came, takes back; also without script."""

import csv
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.every_page import barriers
from tests.browser.test_pages import sign_in
from tests.live import VENDANGE, Live

PASSWORD = "vendange-demo"
HEADER = ("Lead ID", "First Name", "Last Name", "Company / Account", "Email", "Lead Owner", "Machines")
PAGE = re.compile(r"/capture/imports/[0-9a-f-]{36}/")
LONG = 60_000  # milliseconds; the worker takes a job when it looks


@pytest.fixture(scope="module")
def company(live: Live) -> Live:
    words = ["user", "add", "sophie", "--email", "sophie@rochebrune.example", "--role", "marketing", "--password-stdin"]
    command = [str(VENDANGE), *words]
    subprocess.run(command, env=live.environment, input=f"{PASSWORD}\n", text=True, check=True, timeout=60)
    return live


@pytest.fixture
def sophie(page: Page, company: Live) -> Page:
    sign_in(page, "sophie")
    return page


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    """As an old system writes them: cp1252, semicolons; two rows that cannot be taken."""
    rows = [[f"L{n}", "Émilie", f"Lefèvre {n}", "Atelier Nova", f"e{n}@nova.example", "Sam", str(n)] for n in range(40)]
    rows[3][4], rows[5][4] = "not an address", "nor this"
    path = tmp_path / "leads.csv"
    with path.open("w", encoding="cp1252", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows([HEADER, *rows])
    return path


@pytest.fixture
def book(tmp_path: Path) -> Path:
    made, path = Workbook(), tmp_path / "partner.xlsx"
    sheet = made.active
    assert sheet is not None
    sheet.title = "Notes"
    sheet.append(["Nothing of use"])
    sheet.append(["x"])
    people = made.create_sheet("Contacts")
    people.append(["Prénom", "Nom", "E-mail", "Consentement", "Date du consentement"])
    for number in range(6):
        people.append(["Hugo", f"Roux {number}", f"h{number}@rhone.example", "oui" if number else "non", "2026-04-03"])
    made.save(path)
    return path


def bring(page: Page, path: Path) -> None:
    page.goto("/capture/imports/")
    page.locator("#id_file").set_input_files(path)
    expect(page.locator(".drop b")).to_have_text(path.name)
    page.get_by_role("button", name="Read this file").click()
    page.wait_for_url(PAGE)


def chip(page: Page, name: str, value: str) -> None:
    """One of several choices, as a pointer takes it: its label."""
    page.locator(f"label:has([name={name}][value={value}])").click()


def say(page: Page, basis: str = "informed") -> None:
    page.get_by_label("Where it comes from").fill("Fair in Lyon")
    chip(page, "basis", basis)
    chip(page, "channels", "email")
    page.get_by_label("What they were told or agreed to").fill("Notice at the entrance")
    if basis == "informed":
        page.get_by_label("On which day").fill("2026-04-03")
    chip(page, "regime", "professional")


def test_a_csv_file_from_its_upload_to_its_end(sophie: Page, leads: Path) -> None:
    page = sophie
    bring(page, leads)
    expect(page.get_by_text("looks like an export of Salesforce")).to_be_visible()
    expect(page.get_by_label("Encoding")).to_have_value("cp1252")
    expect(page.get_by_role("cell", name="Émilie").first).to_be_visible()
    say(page)
    # Two columns on one field are told at once, beside the second; then it is put right.
    choice = page.get_by_label("Lead Owner", exact=True)
    choice.select_option("email")
    expect(page.locator("#the-seen")).to_contain_text("is “E-mail” already")
    choice.select_option("-")
    expect(page.locator("#the-seen")).not_to_contain_text("already")
    expect(page.get_by_text("2 of them refused")).to_be_visible()
    expect(page.get_by_text("not an address is not an e-mail address")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Where it comes from")).to_have_value("Fair in Lyon")
    assert not barriers(page)
    page.get_by_role("button", name="Try without writing").click()
    expect(page.locator(".tried")).to_contain_text("Refused", timeout=LONG)
    assert page.locator(".tried dd").all_inner_texts() == ["40", "38", "0", "2"]
    page.get_by_role("button", name="Take in 40 rows").click()
    expect(page.get_by_role("heading", name="Why rows were refused")).to_be_visible(timeout=LONG)
    assert page.locator(".came-in dd").all_inner_texts()[:4] == ["40", "38", "0", "2"]
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Refused rows").click()
    assert "not an address" in fetched.value.path().read_text("utf-8-sig")
    page.get_by_role("link", name="See the people who came").click()
    expect(page.get_by_text("Émilie Lefèvre 39")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Take this file back").click()
    expect(page.get_by_text("people whom only this file named")).to_be_visible()
    assert not barriers(page)
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Taken back by")).to_be_visible(timeout=LONG)
    page.goto("/people/?q=nova")
    expect(page.get_by_text("Émilie Lefèvre 39")).to_have_count(0)


def test_a_workbook_by_keys_alone(sophie: Page, book: Path) -> None:
    page = sophie
    bring(page, book)
    page.get_by_label("Sheet").select_option("Contacts")
    expect(page.get_by_role("rowheader", name="Prénom")).to_be_visible()
    page.get_by_label("Where it comes from").focus()
    page.keyboard.type("Partner, September")
    page.keyboard.press("Tab")
    # What a column says of consent is never guessed.
    expect(page.get_by_text("perhaps “Whether they agreed”: please say")).to_be_visible()
    for name, field in (("Consentement", "Whether"), ("Date du consentement", "When they agreed")):
        page.get_by_label(name, exact=True).focus()
        page.keyboard.type(field)
    page.locator("[name=basis][value=given]").focus()
    for _step in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.locator("[name=basis][value=column]")).to_be_checked()
    page.locator("[name=channels][value=email]").focus()
    page.keyboard.press("Space")
    page.get_by_label("What they were told or agreed to").focus()
    page.keyboard.type("Monthly letter of the partner")
    page.locator("[name=regime][value=professional]").focus()
    page.keyboard.press("Space")
    rows = page.locator(".as-read tbody tr")
    expect(rows.nth(0)).to_contain_text("refused: E-mail")
    expect(rows.nth(1)).to_contain_text("agreed: E-mail")
    page.get_by_label("Keep this map under a name").fill("Partner")
    page.get_by_role("button", name="Keep the map").click()
    expect(page.get_by_text("The map Partner is kept")).to_be_visible()
    page.get_by_role("button", name="Take in 6 rows").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Done", exact=True)).to_be_visible(timeout=LONG)
    page.goto("/capture/imports/")
    expect(page.get_by_role("row", name=re.compile("partner.xlsx.*Done"))).to_be_visible()
    expect(page.get_by_label("Read it by a map that is kept")).to_contain_text("Partner")


def test_a_refused_file_says_why_and_keeps_the_place(browser: Browser, company: Live, tmp_path: Path) -> None:
    """In a window of its own: that an answer is a refusal is told in the console too, and here it is one."""
    sophie = browser.new_context(base_url=company.url, locale="en-GB").new_page()
    sign_in(sophie, "sophie")
    path = tmp_path / "twice.csv"
    path.write_text("Email;Email\na@nova.example;b@nova.example\n")
    sophie.goto("/capture/imports/")
    sophie.locator("#id_file").set_input_files(path)
    with sophie.expect_response("**/imports/add") as answer:
        sophie.get_by_role("button", name="Read this file").click()
    assert answer.value.status == 422
    expect(sophie.get_by_role("alert").first).to_contain_text("Two columns are called Email")
    expect(sophie.locator(".drop b")).to_have_text("twice.csv")
    sophie.context.close()


def test_without_script(open_context: Callable[..., BrowserContext], company: Live, leads: Path) -> None:
    page = open_context(java_script_enabled=False).new_page()
    page.goto("/accounts/login/")
    page.fill("[name=login]", "sophie")
    page.fill("[name=password]", PASSWORD)
    page.locator("button[type=submit]").first.click()
    page.goto("/capture/imports/")
    page.locator("#id_file").set_input_files(leads)
    page.get_by_role("button", name="Read this file").click()
    expect(page.get_by_text("Say where the file comes from.")).to_be_visible()
    say(page)
    page.get_by_role("button", name="Show how it is read now").click()
    expect(page.get_by_text("2 of them refused")).to_be_visible()
    page.get_by_role("button", name="Take in 40 rows").click()
    for _look in range(60):
        if page.get_by_text("Done", exact=True).is_visible():
            break
        page.wait_for_timeout(1000)
        page.reload()
    expect(page.get_by_text("Take this file back")).to_be_visible()

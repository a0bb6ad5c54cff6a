"""One lead travels the whole relay on the real process: from a quote request on the wire to a sale on the home page."""

import base64
import json
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.collect.reading import rows, wait_for
from tests.live import VENDANGE, Live

PASSWORD = "a long password for the relay"
AGREEMENT = Path(__file__).parents[2] / "examples" / "agreements" / "complex-sale.yaml"
PEOPLE = {
    "nadia": ("ldr", "Nadia", "Belkacem", ""),
    "hugo": ("sales", "Hugo", "Lemaire", ""),
    "marc": ("manager", "Marc", "Delaunay", "sales"),
    "sophie": ("marketing", "Sophie", "Arnoux", "marketing"),
}
Open = Callable[..., BrowserContext]


@dataclass(frozen=True, slots=True)
class House:
    """A running Vendange with its colleagues, its agreement in force and the keys of two programs."""

    live: Live
    write_key: str
    api_key: str

    def post(self, door: str, **event: Any) -> None:
        """What the site sends, as any client of the Segment protocol does."""
        secret = base64.b64encode(f"{self.write_key}:".encode()).decode()
        headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.live.url}/v1/{door}", json.dumps(event).encode(), headers)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert answer.status == 200

    def asks_for_a_quote(self, first: str, company: str) -> str:
        """Somebody says who they are and asks for a quote; returns once the desk has the lead."""
        email = f"{first.lower()}@{company.lower().replace(' ', '-')}.example"
        traits: dict[str, Any] = {
            "firstName": first,
            "lastName": "Moreau",
            "email": email,
            "phone": "+33 4 65 71 00 40",
        }
        traits |= {"title": "Plant manager", "company": {"name": company}, "country": "FR"}
        self.post("identify", userId=email, messageId=f"who-{first}", traits=traits)
        path = {"page": {"path": "/quote/lathe"}}
        self.post("track", userId=email, messageId=f"quote-{first}", event="Quote Requested", context=path)
        waiting = "SELECT count(*) FROM vendange_lead WHERE stage = 'alert'"
        wait_for(lambda: rows(self.live.environment, "vendange", waiting) == [(1,)], seconds=20)
        return email

    def read(self, path: str, **query: str) -> Any:
        """What the API answers to a program with a key."""
        asked = urllib.request.Request(
            f"{self.live.url}/api/v1/{path}?{urllib.parse.urlencode(query)}",
            headers={"Authorization": f"Bearer {self.api_key}"},
        )
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def house(live: Live) -> House:
    """By the commands that an administrator types, and nothing else."""
    for name, (role, first, last, side) in PEOPLE.items():
        words = ["user", "add", name, "--email", f"{name}@rochebrune.example", "--role", role, "--password-stdin"]
        words += ["--first-name", first, "--last-name", last, *(("--signs-for", side) if side else ())]
        command = [str(VENDANGE), *words]
        subprocess.run(command, env=live.environment, input=f"{PASSWORD}\n", text=True, check=True, timeout=60)
    live.command("agreement", "draft", str(AGREEMENT))
    live.command("agreement", "sign", "1", "--as", "sophie")
    live.command("agreement", "sign", "1", "--as", "marc")
    write_key = json.loads(live.command("source", "add", "Web site", "--json"))["write_key"]
    api_key = json.loads(live.command("key", "add", "BI", "--role", "manager", "--json"))["key"]
    return House(live, write_key, api_key)


def sign_in(context: BrowserContext, who: str, to: str) -> Page:
    page = context.new_page()
    page.goto(to)
    page.fill("[name=login]", f"{who}@rochebrune.example")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{to}", timeout=30_000)  # the first page of a cold server
    return page


def put_hugo_on_the_board(open_context: Open) -> None:
    """Routing must know a salesperson: the manager's form, answered by the real server."""
    page = sign_in(open_context(java_script_enabled=False), "marc", "/team/")
    page.get_by_role("link", name="Hugo Lemaire").click()
    page.fill("[name=capacity]", "12")
    page.fill("[name=territory]", "FR")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#said")).to_contain_text("Hugo Lemaire")


def pass_it(page: Page, company: str) -> None:
    """The LDR's minute: open the desk, choose Pass, say why the gaps do not matter."""
    page.goto("/desk/")
    expect(page.locator("[data-opened]")).to_contain_text("Moreau")
    expect(page.locator("body")).to_contain_text(company)
    page.keyboard.press("1")
    page.fill("[name=gap_reason]", "Their lathe is out of order since Monday")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#said")).to_contain_text("passed to Hugo Lemaire")


def accept_and_call(page: Page, company: str) -> None:
    page.goto("/my-leads/")
    offer = page.locator("#accept article", has_text=company)
    lead = offer.locator("a[href^='/leads/']").first.get_attribute("href") or ""
    offer.locator(".btn.primary").click()
    expect(page.locator("#said")).to_contain_text("Accepted")
    page.goto(f"{lead}call")
    page.get_by_role("button", name="Reached").click()
    expect(page.locator("#said")).to_be_visible()
    page.goto(f"{lead}report")


def figures(page: Page) -> str:
    """The common metric as it stands on the first page."""
    page.goto("/")
    return page.locator(".hero .common .fig").inner_text() + "\n" + page.locator(".hero .equation").inner_text()


def test_from_the_site_to_the_signature(house: House, open_context: Open) -> None:
    put_hugo_on_the_board(open_context)
    ldr = sign_in(open_context(), "nadia", "/desk/")
    email = house.asks_for_a_quote("Camille", "Atelier Nova")
    pass_it(ldr, "Atelier Nova")

    sales = sign_in(open_context(), "hugo", "/my-leads/")
    accept_and_call(sales, "Atelier Nova")
    sales.locator("label", has_text="Yes").first.click()
    sales.locator("label", has_text="Visit").click()
    sales.get_by_role("button", name="Save the report").click()
    expect(sales.locator("#said")).to_contain_text("is filed")

    lead = next(one["id"] for one in house.read("leads", stage="working")["results"])
    sales.goto(f"/leads/{lead}/deal")
    sales.fill("[name=name]", "A lathe of five axes")
    sales.fill("[name=amount]", "184000")
    sales.get_by_role("button", name="It is a project").click()
    expect(sales.locator("#said")).to_be_visible()
    sales.goto(f"/leads/{lead}/deal")
    sales.fill("[name=won_amount]", "180000")
    sales.get_by_role("button", name="Won", exact=True).click()
    expect(sales.locator("#said")).to_be_visible()

    shown = {"nadia": figures(ldr), "hugo": figures(sales)}
    for who in ("marc", "sophie"):
        shown[who] = figures(sign_in(open_context(), who, "/"))
    assert set(shown.values()) == {shown["hugo"]}
    assert "180" in shown["hugo"].splitlines()[0]
    assert "100" in shown["hugo"]

    person = house.read("people", email=email)["results"][0]["id"]
    story = house.read(f"people/{person}/timeline", limit="100")["results"]
    assert [one["at"] for one in story] == sorted((one["at"] for one in story), reverse=True)
    told = [(one["type"], one["kind"]) for one in reversed(story)]
    assert ("signal", "quote_requested") in told
    stages = [kind for sort, kind in told if sort == "move"]
    assert stages == ["alert", "judging", "passed", "accepted", "working", "opportunity", "won"]
    assert {"call", "report"} <= {sort for sort, _kind in told}


def test_given_back_with_a_reason_and_seen_again_by_the_desk(house: House, open_context: Open) -> None:
    ldr = sign_in(open_context(), "nadia", "/desk/")
    email = house.asks_for_a_quote("Thomas", "Fonderie Delmas")
    pass_it(ldr, "Fonderie Delmas")

    sales = sign_in(open_context(), "hugo", "/my-leads/")
    accept_and_call(sales, "Fonderie Delmas")
    sales.get_by_role("link", name="Give back").first.click()
    sales.locator(".reason", has_text="Not mature yet").click()
    sales.fill("[name=note]", "The budget is voted in spring.")
    sales.get_by_role("button", name="Give back").click()
    expect(sales.locator("#said")).to_be_visible()
    sales.goto("/my-leads/")
    expect(sales.locator("main")).not_to_contain_text("Fonderie Delmas")

    ldr.goto("/desk/")
    ldr.get_by_role("link", name="Recycled").click()
    ldr.locator(".qitem", has_text="Thomas Moreau").click()
    expect(ldr.locator("[data-opened]")).to_have_text("Thomas Moreau")
    expect(ldr.locator(".panes")).to_contain_text("Not mature yet")
    expect(ldr.locator(".panes")).to_contain_text("The budget is voted in spring.")
    found = house.read("leads", stage="recycled")["results"]
    assert [one["person"]["email"] for one in found] == [email]

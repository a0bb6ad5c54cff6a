"""Forms in a real browser: drawn on a foreign site, on a page of ours without JavaScript, in a site's own HTML."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, LiteralString

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import FLAGS, browser_path
from tests.browser.every_page import barriers
from tests.browser.foreign import foreign_site
from tests.collect.reading import rows, wait_for
from tests.collect.test_killed import sign_an_agreement
from tests.live import Live

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
# No command makes a form: people do, in the builder. This is what its last button does.
MAKE = """
import json, sys, django
django.setup()
from datetime import UTC, datetime
from vendange.ask import actions
from vendange.ask.rules import read_definition
from vendange.models import User
now, by = datetime.now(UTC), User.objects.get(username="ann")
letter = {"channel": "email", "purpose": "news", "language": "en", "text": "Send me your letter."}
code = actions.add_text(**letter, by=by, now=now).code
asks = {"signal": "quote_requested", "title": "A quote", "ask_at_most": 4, "consents": [
    {"channel": "email", "purpose": "news", "wording": code}], "questions": [
    {"id": "email", "kind": "email", "label": "Your e-mail", "required": True},
    {"id": "organisation", "label": "Your company", "required": True},
    {"id": "country", "kind": "country", "label": "Your country"},
    {"id": "machine", "kind": "choice", "label": "Which machine?", "options": ["Lathe", "Mill"]},
    {"id": "employees", "kind": "number", "label": "How many are you?"},
    {"id": "need", "kind": "long", "label": "What for?"}]}
form = actions.add_form(name="Quote", definition=read_definition(asks), by=by, now=now)
actions.publish(form=form, by=by, now=now)
print(form.public_id)
"""
CONSENT = "document.querySelector('#agree').onclick = () => vendange('consent', true, {wording: 'cookies-1'});"


@dataclass(frozen=True)
class Stage:
    """A foreign site with our form in its pages, and the Vendange that it speaks to."""

    live: Live
    form: str
    url: str

    def of(self, query: LiteralString) -> list[tuple[Any, ...]]:
        return rows(self.live.environment, "vendange", query)

    def answers(self) -> int:
        return int(self.of("SELECT count(*) FROM vendange_submission")[0][0])


@pytest.fixture(scope="module")
def form(live: Live) -> str:
    sign_an_agreement(live.environment)
    environment = {**live.environment, "DJANGO_SETTINGS_MODULE": "vendange.settings"}
    done = subprocess.run([sys.executable, "-c", MAKE], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def stage(live: Live, form: str) -> Iterator[Stage]:
    """The site's policy lets it load and reach nothing but itself and us: no inline script, no inline style."""
    key = live.command("source", "add", "Site", "--json").split('"write_key": "')[1].split('"')[0]
    embedded = f"""<!doctype html><html lang="en"><title>Machines</title><main><h1>Machines</h1>
      <script async src="{live.url}/v1/tracker.js" data-key="{key}"></script>
      <button id="agree">agree</button><script defer src="/consent.js"></script>
      <script async src="{live.url}/v1/form.js" data-form="{form}"></script></main>"""
    own = f"""<!doctype html><html lang="en"><title>Own</title><form method="post" action="{live.url}/v1/forms/{form}">
      <label>E-mail <input name="email"></label> <label>Company <input name="organisation"></label>
      <label>Need <textarea name="need"></textarea></label> <input type="hidden" name="utm_source" value="own">
      <button>Ask</button></form>"""
    pages = {
        "/quote": ("text/html", embedded),
        "/own": ("text/html", own),
        "/consent.js": ("text/javascript", CONSENT),
        "/from": ("text/html", '<!doctype html><title>from</title><a href="/quote?utm_campaign=spring">go</a>'),
    }
    policy = f"default-src 'none'; script-src 'self' {live.url}; connect-src {live.url}; form-action {live.url}"
    with foreign_site(pages, policy=policy) as url:
        yield Stage(live, form, url)


@pytest.fixture(scope="module")
def by_hand(browser: Browser) -> Iterator[Browser]:
    """A browser in human hands, as far as anybody can tell."""
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    hidden = (f"--user-agent={AGENT}", "--disable-blink-features=AutomationControlled")
    chromium = browser.browser_type.launch(executable_path=browser_path(), args=[*FLAGS, *as_root, *hidden])
    yield chromium
    chromium.close()


@pytest.fixture
def visit(by_hand: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A visitor: `visit(java_script_enabled=False)`. Nothing of ours may complain in the console of the site."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def one(**words: Any) -> BrowserContext:
        context = by_hand.new_context(**words)
        context.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        opened.append(context)
        return context

    yield one
    for context in opened:
        context.close()
    assert complaints == []


def fill(page: Page, email: str, company: str) -> None:
    page.get_by_label("Your e-mail").fill(email)
    page.get_by_label("Your company").fill(company)


def send(page: Page) -> None:
    page.wait_for_timeout(2_100)  # nobody is faster
    page.get_by_role("button", name="Send").click()


def test_a_form_on_a_foreign_page_becomes_a_lead_with_its_campaign_and_consent(
    stage: Stage, visit: Callable[..., BrowserContext]
) -> None:
    page = visit().new_page()
    page.goto(f"{stage.url}/from")
    page.get_by_role("link", name="go").click()
    expect(page.get_by_role("heading", name="A quote")).to_be_visible()
    consent = page.get_by_role("checkbox", name="Send me your letter.")
    expect(consent).not_to_be_checked()
    fill(page, "lea@nova", "")
    send(page)
    email = page.get_by_label("Your e-mail")
    expect(email).to_be_focused()
    expect(email).to_have_accessible_description("This is no e-mail address. It looks like name@company.com.")
    expect(page.get_by_label("Your company")).to_have_accessible_description("Please answer this question.")
    expect(page.get_by_label("Your country")).to_have_accessible_description(
        ""
    )  # none is chosen, and none is asked for
    assert barriers(page) == []
    fill(page, "lea@nova.example", "Nova")
    page.get_by_label("Lathe").check()
    page.get_by_label("Your country").select_option("Belgium")
    consent.check()
    page.get_by_role("button", name="Send").dblclick()
    expect(page.get_by_text("Thank you. We have received your answer.")).to_be_visible()
    wait_for(lambda: stage.of("SELECT 1 FROM vendange_lead l JOIN vendange_person p ON p.id = l.person_id"
                              " WHERE p.email = 'lea@nova.example'") == [(1,)], seconds=20)  # fmt: skip
    assert stage.answers() == 1
    [(where, referrer, campaign)] = stage.of("SELECT page, referrer, campaign FROM vendange_submission")
    assert (where, referrer) == (f"{stage.url}/quote", f"{stage.url}/from")
    assert "spring" in str(campaign)
    assert stage.of("SELECT country FROM vendange_person WHERE email = 'lea@nova.example'") == [("BE",)]
    consents = stage.of("SELECT channel, purpose, status, wording, page FROM vendange_consent WHERE channel = 'email'")
    assert consents == [("email", "news", "given", "email/news/en/1", f"{stage.url}/quote")]
    assert stage.of("SELECT verdict, path, campaign FROM vendange_signal WHERE kind = 'quote_requested'") == [
        ("human", "/quote", "spring")
    ]
    assert stage.of("SELECT 1 FROM vendange_identity WHERE kind = 'anonymous_id'") == []  # nobody agreed to be known


def test_who_comes_back_is_asked_what_is_not_known_yet_r21(stage: Stage, visit: Callable[..., BrowserContext]) -> None:
    context, before = visit(), stage.answers()
    page = context.new_page()
    page.goto(f"{stage.url}/quote")
    page.wait_for_function("window.vendange && window.vendange.on")
    page.get_by_role("button", name="agree").click()
    expect(page.get_by_label("How many are you?")).to_have_count(0)  # four at a time
    fill(page, "max@mill.example", "Mill")
    page.get_by_label("Mill").check()
    send(page)
    expect(page.get_by_role("status")).to_be_visible()
    wait_for(lambda: stage.answers() == before + 1, seconds=20)
    page.goto(f"{stage.url}/quote")
    expect(page.get_by_label("How many are you?")).to_be_visible()
    expect(page.get_by_label("What for?")).to_be_visible()
    expect(page.get_by_label("Your company")).to_have_count(0)
    assert "Mill" not in page.locator("main").inner_html()
    assert page.get_by_label("Your e-mail").input_value() == ""  # nothing that is known is told


def test_without_network_what_was_typed_stays_and_goes_out_later(
    stage: Stage, visit: Callable[..., BrowserContext]
) -> None:
    context, before = visit(), stage.answers()
    page = context.new_page()
    page.goto(f"{stage.url}/quote")
    fill(page, "ada@wire.example", "Wire")
    context.set_offline(True)
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("What you typed is still here")
    assert page.get_by_label("Your company").input_value() == "Wire"
    context.set_offline(False)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_be_visible()
    wait_for(lambda: stage.answers() == before + 1, seconds=20)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_our_page_works_without_javascript(stage: Stage, visit: Callable[..., BrowserContext], scheme: str) -> None:
    before = stage.answers()
    page = visit(java_script_enabled=False, color_scheme=scheme).new_page()
    page.goto(f"{stage.live.url}/f/{stage.form}/?utm_source=mail-{scheme}")
    fill(page, "no", "Paper")
    page.get_by_label("Mill").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("This is no e-mail address.")).to_be_visible()
    assert page.get_by_label("Your company").input_value() == "Paper" and page.get_by_label("Mill").is_checked()
    page.get_by_label("Your e-mail").fill(f"{scheme}@paper.example")
    page.wait_for_timeout(2_100)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_have_text("Thank you. We have received your answer.")
    wait_for(lambda: stage.answers() == before + 1, seconds=20)
    [(campaign,)] = stage.of("SELECT campaign FROM vendange_submission ORDER BY id DESC LIMIT 1")
    assert f"mail-{scheme}" in str(campaign)


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_our_pages_are_open_to_everybody(
    stage: Stage, visit: Callable[..., BrowserContext], width: int, scheme: str
) -> None:
    page = visit(viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True).new_page()
    for address in ("", "thanks"):
        page.goto(f"{stage.live.url}/f/{stage.form}/{address}")
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_sites_own_html_brings_its_mistakes_to_our_page(stage: Stage, visit: Callable[..., BrowserContext]) -> None:
    before = stage.answers()
    page = visit().new_page()
    page.goto(f"{stage.url}/own")
    page.get_by_label("E-mail").fill("eve@own")
    page.get_by_label("Company").fill("Own")
    page.get_by_label("Need").fill("two\nlines")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url(f"{stage.live.url}/f/**")
    expect(page.get_by_text("This is no e-mail address.")).to_be_visible()
    assert page.get_by_label("Your company").input_value() == "Own"
    assert page.get_by_label("What for?").input_value() == "two\nlines"
    page.get_by_label("Your e-mail").fill("eve@own.example")
    time.sleep(2.1)
    page.get_by_role("button", name="Send").click()
    page.wait_for_url(f"{stage.live.url}/f/*/thanks")
    wait_for(lambda: stage.answers() == before + 1, seconds=20)
    [(campaign, answers)] = stage.of("SELECT campaign, answers FROM vendange_submission ORDER BY id DESC LIMIT 1")
    assert "own" in str(campaign) and "two\\nlines" in str(answers).replace("\n", "\\n")

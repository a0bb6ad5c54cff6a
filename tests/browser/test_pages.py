"""Every page, as somebody who may open it, in both languages, light and dark, at a desk and on a phone.

The pictures are kept in artefacts/pages: they are looked at before a release.
"""

import base64
import hashlib
import hmac
import re
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser import every_page
from tests.browser.brought import bring_files_to
from tests.browser.conftest import ARTEFACTS
from tests.browser.every_page import DESK_DARK, DESK_LIGHT, PAGES, PHONE_DARK, SIGHTS, STATUS, WHO
from tests.browser.fair import add_fair_to
from tests.browser.forms_company import make_forms
from tests.browser.in_bulk import act_in
from tests.collect.reading import rows
from tests.live import VENDANGE, Live

PASSWORD = "vendange-demo"
SALESPERSON = "hugo"
AXE_LOOKS = (DESK_LIGHT, DESK_DARK, PHONE_DARK)
# Routes that are no page: they act on POST, answer a file or a program, or lead elsewhere.
NO_PAGE = {
    *("language", "theme", "font", "account_logout", "password_link", "revoke_key"),
    *("desk_judge", "desk_call", "desk_release", "lead_accept", "lead_decline", "lead_won", "lead_lost"),
    *("salesperson_taking", "salesperson_absence", "salesperson_absence_remove", "team_find_owner"),
    *("agreement_sign", "agreement_withdraw", "capture_close", "capture_refused_rows", "capture_take_in"),
    *("capture_companies_add", "capture_companies_bar", "capture_companies_end", "capture_companies_on"),
    *("capture_companies_off", "capture_companies_file", "capture_companies_remove"),
    *("capture_trust", "person_fact", "person_twins_compare", "person_twins_judge", "person_unmerge", "person_merge"),
    *("organisation_twins_compare", "organisation_twins_judge", "organisation_unmerge", "organisation_merge"),
    "organisation_role",
    *("agreement_suggest_learn", "agreement_suggest_draft", "agreement_simulation_progress"),
    *("agreement_simulation_cancel", "agreement_start_again", "agreement_start_count", "agreement_start_draft"),
    *("capture_form_close", "capture_form_sites", "capture_form_file", "capture_consent_retire"),
    *("agreement_refuse", "agreement_take_up", "agreement_comment", "agreement_settle"),
    *("mfa_download_recovery_codes", "mfa_login_webauthn", "mfa_reauthenticate_webauthn"),
    *("tell_keep", "tell_undo", "tell_who", "tell_people", "tell_worker", "show_add", "show_change", "show_file"),
    *("capture_link_close", "capture_link_addresses", "desk_machine", "capture_mail_door", "capture_mail_works"),
    *("find_go", "people_export", "organisations_export", "segment_by_hand", "segment_close", "people_bulk_undo"),
    *("import_add", "import_map", "import_map_file", "import_map_forget", "import_far", "import_stop", "import_go_on"),
    *("mfa_remove_webauthn", "mfa_edit_webauthn"),  # pages of a passkey: they need the device
    *("form_hosted", "form_thanks", "form_confirm"),  # in the language of the form: test_forms.py
}


@pytest.fixture(scope="module")
def company(live: Live) -> Live:
    """A small sample company with a draft on the table, and one more colleague for the second factor."""
    live.command("demo", "--people", "200", "--months", "4")
    [(newest,)] = rows(live.environment, "vendange", every_page.VERSION)
    draft = Path(live.environment["VENDANGE_HOME"]) / "draft.yaml"
    draft.write_text(live.command("agreement", "show", str(newest)).replace("points: 30", "points: 31"))
    live.command("agreement", "draft", str(draft))
    live.command("link", "add", "Spring guide", "https://www.example.com/guide", "--campaign", "Spring")
    make_forms(live)
    add_fair_to(live.environment)
    bring_files_to(live.environment)
    act_in(live.environment)
    words = ["user", "add", "elsa", "--email", "elsa@rochebrune.example", "--role", "ldr", "--password-stdin"]
    command = [str(VENDANGE), *words]
    subprocess.run(command, env=live.environment, input=f"{PASSWORD}\n", text=True, check=True, timeout=60)
    return live


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def window(browser: Browser, company: Live, complaints: list[str]) -> Iterator[Callable[[], Page]]:
    """A window of its own whose console is heard."""
    opened = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def open_one() -> Page:
        context = browser.new_context(base_url=company.url, locale="en-GB", reduced_motion="reduce")
        context.set_default_timeout(20_000)
        context.on("console", hear)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        opened.append(context)
        return context.new_page()

    yield open_one
    for context in opened:
        context.close()


def sign_in(page: Page, who: str) -> None:
    page.goto("/accounts/login/")
    page.fill("[name=login]", who)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile(r"^(?!.*/login/)"))


def confirm(page: Page) -> None:
    """The password once more, which the pages of the second factor ask for."""
    page.goto("/accounts/reauthenticate/")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile(r"^(?!.*/reauthenticate/)"))


def protect(page: Page) -> str:
    """Switches the second factor on by the real form; returns its secret."""
    page.goto("/accounts/2fa/totp/activate/")
    secret = page.locator("#authenticator_secret").input_value()
    page.fill("[name=code]", code_of(secret))
    page.press("[name=code]", "Enter")
    page.wait_for_url(re.compile(r"^(?!.*/activate/)"))
    return secret


def code_of(secret: str) -> str:
    """The six digits of RFC 6238 for this half minute."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, (int(time.time()) // 30).to_bytes(8, "big"), hashlib.sha1)
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def enter(page: Page, role: str) -> None:
    """As far as somebody of this role is when the pages are opened."""
    if role == "guarded":
        sign_in(page, WHO[role])
        confirm(page)
        protect(page)
    elif role == "halfway":
        page.goto("/accounts/login/")
    elif role in WHO:
        sign_in(page, WHO[role])
        if role == "admin":
            confirm(page)
        if role == "marketing":
            begin_an_agreement(page)
    else:
        page.goto("/accounts/login/")


def begin_an_agreement(page: Page) -> None:
    """The steps of the wizard open once the first question is answered."""
    page.goto("/agreement/start/")
    page.locator("[name=preset]").first.check()
    page.locator("main .btn.primary").click()
    page.wait_for_url("**/agreement/start/types")


@pytest.mark.parametrize("role", PAGES)
def test_every_page(role: str, window: Callable[[], Page], company: Live, complaints: list[str]) -> None:
    """Status, language, one heading, nothing too wide, nothing in the console, no barrier; a picture of each look."""
    (ARTEFACTS / "pages").mkdir(parents=True, exist_ok=True)
    known = every_page.objects(company, SALESPERSON)
    page = window()
    enter(page, role)
    found: list[str] = []
    for language in ("en", "fr"):
        if role == "halfway":
            page.context.clear_cookies()
            page.goto("/accounts/login/")
        every_page.choose_language(page, language)
        if role == "halfway":
            sign_in(page, WHO["guarded"])
        for name, path in PAGES[role].items():
            found += [
                f"{name} {language}: {one}" for one in looked_at(page, role, name, path.format(**known), language)
            ]
            found += [f"{name} {language} says in the console: {one}" for one in heard(complaints, name)]
        page.goto("/" if role in WHO else "/accounts/login/")
    assert found == []


def looked_at(page: Page, role: str, name: str, path: str, language: str) -> Iterator[str]:
    """Opens the page once and looks at it in four ways."""
    every_page.take(page, DESK_LIGHT)
    answer = page.goto(path)
    if answer is None or answer.status != STATUS.get(name, 200) or not page.url.endswith(path):
        yield f"answered {answer and answer.status} at {page.url}"
        return
    for sight in SIGHTS:
        every_page.take(page, sight)
        look = f"{sight.scheme} {sight.width}"
        yield from (f"{look}: {one}" for one in every_page.faults(page, language))
        if language == "en" and sight in AXE_LOOKS:
            yield from (f"{look}: {one}" for one in every_page.barriers(page))
        every_page.unroll(page, sight)
        picture = f"{role}-{name}-{language}-{sight.scheme}-{sight.width}.png"
        page.screenshot(path=ARTEFACTS / "pages" / picture)


def heard(complaints: list[str], name: str) -> list[str]:
    """What the console said since the last page; the browser notes a 404 that we asked for."""
    said = [f"in the console: {one}" for one in complaints if not (name in STATUS and "404" in one)]
    complaints.clear()
    return said


def routes(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            if "api" not in str(one.pattern):
                yield from routes(one.url_patterns)
        elif one.name:
            yield one.name


def test_no_page_is_forgotten() -> None:
    """A new screen must be added to every_page.PAGES, or be named here as no page."""
    number = "00000000-0000-0000-0000-000000000000"
    filled = re.compile(r"\{(version)\}|\{\w+\}")
    opened = set()
    for path in {one for pages in PAGES.values() for one in pages.values()}:
        address = filled.sub(lambda found: "1" if found[1] else number, path).partition("?")[0]
        try:
            opened.add(resolve(address).url_name)
        except Resolver404:
            assert address == "/nowhere"
    assert set(routes(get_resolver().url_patterns)) - NO_PAGE - opened == set()

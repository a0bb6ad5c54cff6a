"""Every page of the product, with an object for each and a colleague who may open it; and how a page is looked at."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Page

from tests.collect.reading import rows
from tests.live import Live

LEADS: Final = "SELECT l.public_id FROM vendange_lead l LEFT JOIN vendange_user u ON u.id = l.owner_id"
MINE: Final = f"{LEADS} WHERE u.username = '%s' AND l.stage IN ('passed', 'accepted', 'working', 'opportunity')"
# One object of each sort, from the tables of the running Vendange: the best that the sample company has.
OBJECTS: Final = {
    "waiting": f"{LEADS} WHERE l.stage IN ('alert', 'judging') ORDER BY l.stage, l.next_at LIMIT 1",
    "offered": f"{MINE} ORDER BY l.stage = 'passed' DESC LIMIT 1",
    "working": f"{MINE} ORDER BY l.stage = 'working' DESC LIMIT 1",
    "project": f"{MINE} ORDER BY l.stage = 'opportunity' DESC LIMIT 1",
    "any_working": f"{LEADS} WHERE l.stage IN ('accepted', 'working') ORDER BY l.stage DESC LIMIT 1",
    "won": f"{LEADS} ORDER BY l.stage = 'won' DESC, l.closed_at DESC LIMIT 1",
    "recycled": f"{LEADS} WHERE l.stage = 'recycled' LIMIT 1",
    "person": "SELECT p.public_id FROM vendange_person p JOIN vendange_lead l ON l.person_id = p.id"
    " JOIN vendange_signal s ON s.person_id = p.id GROUP BY p.id ORDER BY count(*) DESC LIMIT 1",
    "own": "SELECT p.public_id FROM vendange_person p JOIN vendange_lead l ON l.person_id = p.id"
    " JOIN vendange_user u ON u.id = l.owner_id WHERE u.username = '%s' LIMIT 1",
    "quiet": "SELECT public_id FROM vendange_person ORDER BY id DESC LIMIT 1",
    "organisation": "SELECT o.public_id FROM vendange_organisation o JOIN vendange_lead l ON l.organisation_id = o.id"
    " GROUP BY o.id ORDER BY count(*) DESC LIMIT 1",
    "link": "SELECT public_id FROM vendange_trackedlink ORDER BY id LIMIT 1",
    "source": "SELECT public_id FROM vendange_source WHERE write_key <> '' ORDER BY id LIMIT 1",
    "fair": "SELECT public_id FROM vendange_tradeshow ORDER BY id LIMIT 1",
    "import_draft": "SELECT public_id FROM vendange_importbatch WHERE status = 'draft' ORDER BY id LIMIT 1",
    "import_done": "SELECT public_id FROM vendange_importbatch WHERE file_name = 'came.csv' LIMIT 1",
    "segment": "SELECT public_id FROM vendange_segment WHERE kind = 'rules' ORDER BY id LIMIT 1",
    "by_hand": "SELECT public_id FROM vendange_segment WHERE kind = 'hand' ORDER BY id LIMIT 1",
    "bulk": "SELECT public_id FROM vendange_job WHERE kind = 'bulk' ORDER BY id LIMIT 1",
    "form": "SELECT public_id FROM vendange_form WHERE published IS NOT NULL ORDER BY id LIMIT 1",
    "form_draft": "SELECT public_id FROM vendange_form WHERE published IS NULL ORDER BY id LIMIT 1",
    "seller": "SELECT public_id FROM vendange_user WHERE username = '%s'",
    "colleague": "SELECT public_id FROM vendange_user WHERE username = 'nadia'",
}
VERSION: Final = "SELECT max(number) FROM vendange_agreementversion"

STEPS: Final = ("types", "target", "acts", "points", "desk", "delays", "read")  # after the first, of the wizard

# Role or colleague -> name of the picture -> address; `{person}` and the like are filled from OBJECTS.
PAGES: Final[dict[str, dict[str, str]]] = {
    "stranger": {
        "login": "/accounts/login/",
        "password-reset": "/accounts/password/reset/",
        "password-reset-done": "/accounts/password/reset/done/",
        "password-reset-key": "/accounts/password/reset/key/1-worn-out/",
        "password-reset-key-done": "/accounts/password/reset/key/done/",
        "inactive": "/accounts/inactive/",
        "404-stranger": "/nowhere",
    },
    "ldr": {
        "home": "/",
        "home-table": "/?as=table",
        "desk": "/desk/",
        "desk-lead": "/desk/{waiting}/",
        "lead": "/leads/{any_working}/",
        "lead-recycled": "/leads/{recycled}/",
        "people": "/people/",
        "people-none": "/people/?q=zzzzzz",
        "people-narrowed": "/people/?temperature=cold&tier=core&sort=newest",
        "find": "/find/?q=mar",
        "find-none": "/find/?q=zzzzzz",
        "people-twins": "/people/twins/",
        "segments-read": "/people/segments/",
        "segment-read": "/people/segments/{segment}/",
        "person": "/people/{person}/",
        "person-quiet": "/people/{quiet}/",
        "person-objection": "/people/{person}/objection",
        "tell": "/tell/",
        "tell-person": "/tell/?person={person}&kind=social_post",
        "tell-shell": "/tell/shell",
        "organisations": "/organisations/",
        "organisation": "/organisations/{organisation}/",
        "organisation-edit": "/organisations/{organisation}/edit",
        "organisation-twins": "/organisations/twins/",
        "person-contact": "/people/{person}/contact",
        "404": "/nowhere",
    },
    "sales": {
        "home": "/",
        "my-leads": "/my-leads/",
        "lead-offered": "/leads/{offered}/",
        "lead": "/leads/{working}/",
        "lead-call": "/leads/{working}/call",
        "lead-report": "/leads/{working}/report",
        "lead-return": "/leads/{working}/return",
        "lead-deal": "/leads/{project}/deal",
        "team": "/team/",
        "person": "/people/{own}/",
    },
    "manager": {
        "home": "/",
        "desk": "/desk/",
        "my-leads": "/my-leads/",
        "lead-reassign": "/leads/{any_working}/reassign",
        "lead-won": "/leads/{won}/",
        "team": "/team/",
        "salesperson": "/team/{seller}/",
        "agreement": "/agreement/",
    },
    "marketing": {
        "home": "/",
        "people-acting": "/people/?temperature=cold",
        "people-of-segment": "/people/?segment={segment}",
        "segments": "/people/segments/",
        "segment": "/people/segments/{segment}/",
        "segment-by-hand": "/people/segments/{by_hand}/",
        "segment-new": "/people/segments/new?temperature=cold&relationship=prospect",
        "bulk": "/people/selected/?segment={by_hand}",
        "bulk-confirm": "/people/selected/confirm?segment={by_hand}&act=objection&method=phone",
        "bulk-done": "/people/selected/{bulk}/",
        "team": "/team/",
        "agreement": "/agreement/",
        "agreement-version": "/agreement/{version}/",
        "agreement-compare": "/agreement/{version}/compare",
        "agreement-print": "/agreement/{version}/print",
        "agreement-simulation": "/agreement/{version}/simulation",
        "agreement-write": "/agreement/{version}/write",
        "agreement-draft": "/agreement/draft",
        "agreement-start": "/agreement/start/",
        **{f"agreement-start-{step}": f"/agreement/start/{step}" for step in STEPS},
        "agreement-suggest": "/agreement/suggest",
        "capture": "/capture/",
        "capture-source": "/capture/sources/{source}/",
        "forms": "/capture/forms/",
        "form": "/capture/forms/{form}/",
        "form-draft": "/capture/forms/{form_draft}/",
        "form-build": "/capture/forms/{form}/build",
        "form-publish": "/capture/forms/{form_draft}/publish",
        "form-answers": "/capture/forms/{form}/answers",
        "form-answers-none": "/capture/forms/{form_draft}/answers",
        "consents": "/capture/forms/consents/",
        "consents-phone": "/capture/forms/consents/?channel=phone&purpose=prospecting&language=en",
        "capture-imports": "/capture/imports/",
        "import-draft": "/capture/imports/{import_draft}/",
        "import-done": "/capture/imports/{import_done}/",
        "import-revert": "/capture/imports/{import_done}/revert",
        "capture-shows": "/capture/shows/",
        "capture-show": "/capture/shows/{fair}/",
        "tell-booth": "/tell/shows/{fair}/",
        "tell-booth-shell": "/tell/shows/{fair}/shell",
        "capture-mail": "/capture/mail/",
        "capture-companies": "/capture/companies/",
        "capture-companies-settings": "/capture/companies/settings/",
        "capture-links": "/capture/links/",
        "capture-link": "/capture/links/{link}/",
        "capture-refused": "/capture/refused/",
    },
    "admin": {
        "home": "/",
        "settings": "/settings/",
        "colleagues": "/settings/colleagues",
        "invite": "/settings/colleagues/invite",
        "colleague": "/settings/colleagues/{colleague}",
        "teams": "/settings/teams",
        "keys": "/settings/keys",
        "password-change": "/accounts/password/change/",
        "mfa": "/accounts/2fa/",
        "mfa-totp": "/accounts/2fa/totp/activate/",
        "mfa-webauthn": "/accounts/2fa/webauthn/",
        "mfa-webauthn-add": "/accounts/2fa/webauthn/add/",
        "reauthenticate": "/accounts/reauthenticate/",
    },
}
# Elsa has a second factor; the half-way one has given the password, not yet the code.
PAGES["guarded"] = {
    "mfa": "/accounts/2fa/",
    "mfa-totp-off": "/accounts/2fa/totp/deactivate/",
    "mfa-codes": "/accounts/2fa/recovery-codes/",
    "mfa-codes-new": "/accounts/2fa/recovery-codes/generate/",
    "mfa-reauthenticate": "/accounts/2fa/reauthenticate/",
}
PAGES["halfway"] = {"mfa-sign-in": "/accounts/2fa/authenticate/"}
STATUS: Final = {"404": 404, "404-stranger": 404}
WHO: Final = {"ldr": "nadia", "sales": "hugo", "manager": "marc", "marketing": "sophie", "admin": "admin"}
WHO["guarded"] = "elsa"

# Words of English that no French sentence holds, looked for in what we write, not in what people typed.
ENGLISH: Final = re.findall(
    r"[a-z']+",
    "the and with from this that your you are not yet save cancel next back their which who when what since "
    "nobody anybody person people search filter settings sign password open closed add remove working days hours "
    "waiting wakes called written leads' none all every last first",
)
# Where data stands: names, companies, addresses, codes and what people typed keep their own language.
DATA: Final = "[translate=no], [lang], code, pre, kbd, blockquote, .notranslate"
LOOK: Final = """([words, data]) => {
  const seen = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const english = new Set();
  for (let node = seen.nextNode(); node; node = seen.nextNode()) {
    const holder = node.parentElement;
    if (holder.closest('script, style, template') || holder.closest(data)) continue;
    const text = ' ' + node.data.toLowerCase().replace(/[^a-zà-ÿ']+/g, ' ') + ' ';
    const found = words.find(word => text.includes(` ${word} `));
    if (found) english.add(`${found}: ${node.data.trim().slice(0, 90)}`);
  }
  const panes = [document.scrollingElement, ...document.querySelectorAll('.main, .panes, .rail')];
  const wide = panes.filter(one => one.scrollWidth > one.clientWidth + 1 && one.checkVisibility());
  return {
    english: [...english], lang: document.documentElement.lang,
    h1: [...document.querySelectorAll('h1')].filter(one => one.checkVisibility()).length,
    wide: wide.map(one => `${one.className || one.tagName} is ${one.scrollWidth} px wide in ${one.clientWidth}`),
  };
}"""


@dataclass(frozen=True, slots=True)
class Sight:
    """A way of looking: one picture each."""

    scheme: Literal["light", "dark"]
    width: int
    height: int


DESK_LIGHT, DESK_DARK = Sight("light", 1440, 900), Sight("dark", 1440, 900)
PHONE_LIGHT, PHONE_DARK = Sight("light", 390, 844), Sight("dark", 390, 844)
AXE: Final = Path(AXE_FILE_PATH)
SIGHTS: Final = (DESK_LIGHT, DESK_DARK, PHONE_DARK, PHONE_LIGHT)


def objects(live: Live, seller: str) -> dict[str, str]:
    """The address part of each object; `seller` is the salesperson who looks."""
    found = {"version": str(rows(live.environment, "vendange", VERSION)[0][0])}
    for name, query in OBJECTS.items():
        row = rows(live.environment, "vendange", query.replace("%s", seller))
        assert row, f"the sample company has no {name}"
        found[name] = str(UUID(row[0][0]))
    return found


def choose_language(page: Page, language: str) -> None:
    """By the buttons that every page has, wherever they are folded away."""
    page.evaluate(
        "code => { const one = document.querySelector(`button[name=language][value=${code}]`);"
        " one.form.requestSubmit(one) }",
        language,
    )
    page.wait_for_function("code => document.documentElement.lang.startsWith(code)", arg=language)


def take(page: Page, sight: Sight) -> None:
    page.emulate_media(color_scheme=sight.scheme)
    page.set_viewport_size({"width": sight.width, "height": sight.height})


def faults(page: Page, language: str) -> list[str]:
    """What a careful reader would complain of in the page as it stands."""
    seen = page.evaluate(LOOK, [ENGLISH if language == "fr" else [], DATA])
    found = [f"English in French: {one}" for one in seen["english"]]
    found += seen["wide"]
    if seen["h1"] != 1:
        found.append(f"{seen['h1']} headings of the first rank")
    if not seen["lang"].startswith(language):
        found.append(f"lang is {seen['lang']!r}")
    return found


def unroll(page: Page, sight: Sight) -> None:
    """On a phone the page scrolls inside its frame: a window as high as the page, so that the picture shows it all."""
    hidden = page.evaluate(
        "[...document.querySelectorAll('.main, .panes')]"
        ".reduce((most, one) => Math.max(most, one.scrollHeight - one.clientHeight), 0)"
    )
    if sight.width < 700 and hidden > 0:
        page.set_viewport_size({"width": sight.width, "height": min(sight.height + hidden, 2400)})


def barriers(page: Page) -> list[str]:
    """What axe finds. It is put into the page once, and asked again for each way of looking."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    violations = page.evaluate("axe.run({resultTypes: ['violations']}).then(found => found.violations)")
    return [f"axe {one['id']}: {[node['target'] for node in one['nodes']]}" for one in violations]

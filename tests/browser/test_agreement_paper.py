"""An agreement on paper: as many pages as it takes, and no word of it is ever lost."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_agreement_room import PEOPLE, TEXT, vendange
from tests.browser.test_starting import PASSWORD, expect_no_barrier, sign_in
from tests.live import Live

Open = Callable[..., BrowserContext]
EXAMPLES = Path(__file__).parents[2] / "examples" / "agreements"
PRESETS = sorted(EXAMPLES.glob("*.yaml"))
MORE = ((18, 0), (40, 0), (90, 0), (0, 20), (90, 20))  # rules of fit, reasons of returns
RULE = """\
  - id: more-{n}
    label: {{en: Works in a firm known to us as rule {n}., fr: Travaille chez un client connu comme règle {n}.}}
    where: {{organisation.employees: {{at_least: {n}}}, person.country: FR}}
    points: 1
"""
RETURN = (
    "  - {{id: back-{n}, label: {{en: Given back for reason {n}., fr: Rendue pour le motif {n}.}}, effect: keep}}\n"
)
# Words that stand outside the page they belong to, as a printer sees them.
LOST = """() => [...document.querySelectorAll(".sheet")].flatMap((sheet) => {
  const one = document.body.classList.contains("short") ? document.querySelector(".sheets") : sheet;
  const box = one.getBoundingClientRect();
  const away = (r) => r.left < box.left || r.right > box.right || r.top < box.top || r.bottom > box.bottom;
  const words = [...sheet.querySelectorAll("h1, h3, p, li, th, td, span")];
  return words.filter((e) => e.checkVisibility() && !e.closest(".vh") && [...e.getClientRects()].some(away))
    .map((e) => e.textContent.trim());
})"""


def longer(rules: int, returns: int) -> str:
    fit = "".join(RULE.format(n=n) for n in range(1, rules + 1))
    back = "".join(RETURN.format(n=n) for n in range(1, returns + 1))
    return TEXT.replace("\nfit:\n", f"\nfit:\n{fit}").replace("\nreturns:\n", f"\nreturns:\n{back}")


@pytest.fixture(scope="module")
def house(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Live:
    """One head, and a draft of each preset and of each longer text, in that order."""
    folder = tmp_path_factory.mktemp("texts")
    role, side = PEOPLE["ana"]
    named = ["--email", "ana@small.example", "--role", role, "--signs-for", side]
    vendange(live, "user", "add", "ana", *named, "--password-stdin", typed=PASSWORD)
    for place, text in enumerate([*(one.read_text() for one in PRESETS), *(longer(*one) for one in MORE)]):
        (folder / f"{place}.yaml").write_text(text)
        vendange(live, "agreement", "draft", str(folder / f"{place}.yaml"))
    return live


def paper(open_context: Open, number: int, language: str) -> Page:
    page = sign_in(open_context(), "ana", f"/agreement/{number}/")
    page.goto(f"/agreement/{number}/print?language={language}")
    expect(page.locator("html.laid")).to_have_count(1)
    return page


def pages_of(page: Page) -> int:
    """As many as a printer gives out; each says which it is, and no word stands outside."""
    count = len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True)))
    page.emulate_media(media="print")
    assert page.evaluate(LOST) == []
    said = [one for one in page.locator("[data-page]").all_inner_texts() if one]
    assert said == [f"{place} / {count}" for place in range(1, count + 1)]
    assert page.locator(".sheet").last.locator(".hands").count() == page.locator(".hands").count() == 1
    return count


@pytest.mark.parametrize(("language", "told"), [("en", "What a lead is"), ("fr", "Ce qu’est une piste")])
def test_presets_take_two_pages_or_one_in_either_language(
    house: Live, open_context: Open, language: str, told: str
) -> None:
    counts = []
    for number in range(1, len(PRESETS) + 1):
        page = paper(open_context, number, language)
        expect(page.locator("main")).to_contain_text(told)
        expect(page.locator("[data-print]")).to_be_visible()
        expect_no_barrier(page)
        counts.append(pages_of(page))
    assert counts == [2, 1, 1, 1]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("rules", "returns"), MORE)
def test_a_long_agreement_loses_no_word(
    house: Live, open_context: Open, rules: int, returns: int, language: str
) -> None:
    page = paper(open_context, len(PRESETS) + 1 + MORE.index((rules, returns)), language)
    shown = page.locator("main").inner_text()
    rule, reason = ("rule", "for reason") if language == "en" else ("règle", "le motif")
    assert [n for n in range(1, rules + 1) if shown.count(f"{rule} {n}.") != 1] == []
    assert [n for n in range(1, returns + 1) if shown.count(f"{reason} {n}.") != 1] == []
    titles = page.locator(".sheets h3:not(:has(em))").all_inner_texts()
    assert len(titles) == len(set(titles)) == 19  # every section once, and the signatures
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.flow')).fontSize) * 0.75")
    assert size >= 6.99  # points: smaller is not read
    assert pages_of(page) >= (3 if rules >= 40 else 2)


def test_paper_without_script_flows_on_and_is_not_cut(house: Live, open_context: Open) -> None:
    page = sign_in(open_context(java_script_enabled=False), "ana", "/agreement/1/")
    page.goto(f"/agreement/{len(PRESETS) + 3}/print?language=en")
    page.emulate_media(media="print")
    assert page.evaluate(LOST) == []

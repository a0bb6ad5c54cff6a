"""`vendange agreement simulate` as the head of marketing types it."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.test_olist import DEALS, LEADS, MAPS
from tests.cli.typed import vendange
from tests.people import EXAMPLES, MONDAY, House, colleague
from vendange.journey.arrive import arrive

EXAMPLE = EXAMPLES / "complex-sale.yaml"
DAYS = ("--from", "2026-04-01", "--to", "2026-09-30")


@pytest.fixture
def clean_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A history of its own for each test."""
    monkeypatch.setattr("vendange.cli.simulate.folder", lambda: tmp_path / "history")


@pytest.fixture
def months(house: House, clean_history: None) -> House:
    """Five people ask for quotes, two weeks apart; two of them read prices before."""
    for number in range(5):
        at = MONDAY - timedelta(days=14 * number)
        email = f"person{number}@atelier{number}.example"
        arrive(signals=[house.signal("page_viewed", email, at - timedelta(days=3), path="/tarifs")], now=at)
        arrive(signals=[house.quote_request(email, at, first_name="Person", last_name=f"Number {number}")], now=at)
    return house


def without_quotes(tmp_path: Path) -> Path:
    """The draft calls for whoever reads the prices, no longer for a quote."""
    text = EXAMPLE.read_text()
    text = text.replace(
        "    on: quote_requested\n    lead_type: quote", "    on: callback_requested\n    lead_type: quote"
    )
    text = text.replace(
        "    on: callback_requested\n    lead_type: project", "    on: page_viewed\n    lead_type: project"
    )
    path = tmp_path / "draft.yaml"
    path.write_text(text)
    return path


def test_the_same_text_changes_nothing(months: House) -> None:
    found = vendange("agreement", "simulate", EXAMPLE, *DAYS, "--json").value
    assert (found["same"], found["gained"], found["lost"], found["moved"]) == (5, [], [], [])
    assert found["current"]["alerts"] == found["now"]["alerts"] == found["really_raised"] == 5
    assert sum(week["draft"] for week in found["weeks"]) == 5
    assert found["recommendation"]["because"] in {"few_outcomes", "short_period"}


def test_gained_and_lost_leads_are_named(months: House, tmp_path: Path) -> None:
    draft = without_quotes(tmp_path)
    found = vendange("agreement", "simulate", draft, *DAYS, "--json").value
    assert [one["lead_type"] for one in found["gained"]] == ["project"] * 5
    assert [one["lead_type"] for one in found["lost"]] == ["quote"] * 5
    assert found["lost"][-1]["name"] == "Person Number 0"
    known = vendange("explain", "person", found["lost"][-1]["person"], "--json").value
    assert known["person"]["name"] == "Person Number 0"
    assert {one["kind"]: one["treated"] for one in found["limits"]["kinds"]}["page_viewed"] == "otherwise"
    said = vendange("agreement", "simulate", draft, *DAYS, "--list", 2).out
    assert "5 are gained, 5 are lost" in said
    assert "LOST: only the current agreement gives them; the latest 2 of 5" in said
    assert said.count("Person Number 0") == 2
    assert "WHAT MAY NOT BE CLAIMED" in said


def test_a_person_is_named_by_the_draft_at_another_date(months: House, tmp_path: Path) -> None:
    text = EXAMPLE.read_text().replace("    on: quote_requested\n", "    on: page_viewed\n")
    path = tmp_path / "sooner.yaml"
    path.write_text(text)
    found = vendange("agreement", "simulate", path, *DAYS, "--json").value
    assert (len(found["moved"]), found["gained"], found["lost"]) == (5, [], [])
    assert all(one["at"] < one["before"] for one in found["moved"])


def test_another_version_or_file_can_be_compared_with(months: House) -> None:
    assert (
        "Current: Complex sale, machine tools (v1)"
        in vendange("agreement", "simulate", EXAMPLE, *DAYS, "--against", "v1").out
    )
    assert (
        "(small-team.yaml)"
        in vendange("agreement", "simulate", EXAMPLE, *DAYS, "--against", EXAMPLES / "small-team.yaml").out
    )


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ((EXAMPLE, "--from", "2026-09-30", "--to", "2026-04-01"), "Exchange the two dates"),
        ((EXAMPLE, "--from", "2099-10-01"), "have not come yet"),
        ((EXAMPLE, "--from", "2099-10-01", "--to", "2099-10-31"), "have not come yet"),
        ((EXAMPLE, "--from", "in spring"), "Write it as 2026-04-01"),
        ((EXAMPLE, "--from", "2020-01-01", "--to", "2020-12-31"), "no signal of this period"),
        (("nowhere.yaml",), "Check the path"),
        ((EXAMPLE, "--against", "v99"), "There is no version v99"),
        ((EXAMPLE, "--engine", "abacus"), "There is no engine abacus"),
    ],
)
def test_what_cannot_be_is_said_with_its_remedy(months: House, words: tuple[object, ...], answer: str) -> None:
    said = vendange("agreement", "simulate", *words)
    assert said.code == 1
    assert answer in said.err


def test_a_draft_is_also_a_version(months: House) -> None:
    assert vendange("agreement", "simulate", "v1", *DAYS, "--json").value["same"] == 5
    assert "There is no version v99" in vendange("agreement", "simulate", "v99").err


def test_a_period_that_is_too_short_names_the_day_as_typed(months: House) -> None:
    at = MONDAY + timedelta(days=1)
    arrive(signals=[months.signal("page_viewed", "late@atelier.example", at, path="/tarifs")], now=at)
    said = vendange("agreement", "simulate", EXAMPLE, "--from", "2026-09-08", "--to", "2026-09-09")
    assert said.code == 1
    assert "2026-09-08 is too late a beginning" in said.err


def test_every_problem_of_a_draft_is_named(house: House, clean_history: None, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(
        EXAMPLE.read_text().replace("cool_down: 90 days", "cool_down: soon").replace("points: 8", "points: -8")
    )
    said = vendange("agreement", "simulate", path)
    assert said.code == 1
    assert "problems to correct" in said.err


def test_without_an_agreement_there_is_nothing_to_compare_with(db: None, clean_history: None) -> None:
    said = vendange("agreement", "simulate", EXAMPLE)
    assert said.code == 1
    assert "--against FILE" in said.err


def test_without_signals_it_says_so(house: House, clean_history: None) -> None:
    said = vendange("agreement", "simulate", EXAMPLE)
    assert said.code == 1
    assert "no signal of this period" in said.err


@pytest.mark.skipif(not LEADS.exists(), reason="the Olist funnel is not at hand")
def test_real_leads_are_replayed(db: None, clean_history: None, tmp_path: Path) -> None:
    """The current agreement calls for every form; the draft for those that searched for us only."""
    colleague("mara", "marketing", "marketing")
    colleague("sergio", "manager", "sales")
    vendange("agreement", "draft", EXAMPLES / "inbound-leads.yaml")
    for username in ("mara", "sergio"):
        vendange("agreement", "sign", "1", "--as", username)
    vendange("import", LEADS, "--map", MAPS / "olist-leads.yaml", "--limit", 1000, "--json")
    vendange("import", DEALS, "--map", MAPS / "olist-deals.yaml", "--refused", tmp_path / "no.csv", "--json")
    found = vendange(
        "agreement", "simulate", EXAMPLES / "inbound-leads.yaml", "--from", "2017-06-01", "--to", "2018-12-31", "--json"
    ).value
    assert (found["current"]["alerts"], found["now"]["alerts"], found["same"]) == (1000, 1000, 1000)
    wins = found["now"]["caught"]["won"]
    assert 0 < wins["count"] <= wins["of"]
    assert found["limits"]["late"] == 1000
    assert found["limits"]["known_draft"] == 0


def test_without_a_desk_no_minutes_are_told(months: House, tmp_path: Path) -> None:
    text = EXAMPLE.read_text()
    own_desk = text[text.index("\ndesk:\n") : text.index("\n\n", text.index("\ndesk:\n") + 1)]
    draft = tmp_path / "straight.yaml"
    draft.write_text(text.replace(own_desk, "\ndesk: {straight_to_sales: true}"))
    beside = vendange("agreement", "simulate", draft, *DAYS).out
    assert "No lead desk: every lead goes straight to a salesperson." in beside
    assert "draft: no lead desk, straight to sales" in beside and "current, 12 each" in beside
    assert "FULL WEEK" not in beside and "MINUTES, DRAFT" not in beside and "MINUTES, CURRENT" in beside
    alone = vendange("agreement", "simulate", draft, "--against", draft, *DAYS).out
    assert "minutes" not in alone.casefold() and "desk has" not in alone

"""8,000 real leads and their 842 deals, from the files to the figures. Skipped where the data is not at hand."""

import csv
import gzip
from pathlib import Path

import pytest
from django.test import Client

from tests.cli.typed import vendange
from tests.people import EXAMPLES, colleague
from vendange.models import Deal, Lead, Person, Signal, User

DATA = Path(__file__).parents[3] / "shared" / "data" / "olist_funnel"
MAPS = EXAMPLES.parent / "maps"
LEADS = DATA / "olist_marketing_qualified_leads_dataset.csv.gz"
DEALS = DATA / "olist_closed_deals_dataset.csv.gz"
WHOLE_FILE = ("metric", "--from", "2017-06-01", "--to", "2018-06-30", "--json")

pytestmark = pytest.mark.skipif(not LEADS.exists(), reason=f"the Olist funnel is not at {DATA}")


def test_real_leads_come_in_and_add_up(db: None, tmp_path: Path) -> None:
    """The tutorial docs/tutorials/real-leads.md, command by command, on the first 1,000 leads and their deals."""
    colleague("mara", "marketing", "marketing")
    colleague("sergio", "manager", "sales")
    vendange("agreement", "draft", EXAMPLES / "inbound-leads.yaml")
    for username in ("mara", "sergio"):
        assert vendange("agreement", "sign", "1", "--as", username).code == 0
    first = vendange("import", LEADS, "--map", MAPS / "olist-leads.yaml", "--limit", 1000, "--json").value
    assert (first["added"], first["refused"], first["people"], first["leads"]) == (1000, 0, 1000, 1000)
    known = {row["mql_id"] for row in rows(LEADS)[:1000]}
    expected = [row for row in rows(DEALS) if row["mql_id"] in known]
    deals = vendange(
        "import", DEALS, "--map", MAPS / "olist-deals.yaml", "--refused", tmp_path / "no.csv", "--json"
    ).value
    assert (deals["added"], deals["refused"]) == (len(expected), 842 - len(expected))
    check_figures(len(expected))
    again = vendange("import", LEADS, "--map", MAPS / "olist-leads.yaml", "--limit", 1000, "--json").value
    assert (again["added"], again["known"], again["people"], again["leads"]) == (0, 1000, 0, 0)
    check_one_story(expected[0])


def rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def check_figures(won: int) -> None:
    """Nothing is invented: no amount, no time of a call, no lead that is lost by a guess."""
    figures = vendange(*WHOLE_FILE).value
    assert (figures["raised"], figures["won"], figures["waiting"], figures["lost"]) == (1000, won, 1000 - won, 0)
    assert (figures["timed"], figures["won_cents"]) == (0, 0)
    assert set(Deal.objects.values_list("amount_cents", "imported")) == {(None, True)}
    assert not User.objects.filter(is_active=True).exclude(username__in=("mara", "sergio")).exists()
    assert (Person.objects.count(), Signal.objects.count(), Lead.objects.count()) == (1000, 1000, 1000)


def check_one_story(deal: dict[str, str]) -> None:
    explained = vendange("explain", "person", deal["mql_id"], "--json").value
    assert explained["leads"][0]["stage"] == "won"
    key = vendange("key", "add", "reader", "--role", "manager", "--json").value["key"]
    client = Client(headers={"Authorization": f"Bearer {key}"})
    person = client.get("/api/v1/people", {"external_id": deal["mql_id"]}).json()["results"][0]
    story = client.get(f"/api/v1/people/{person['id']}/timeline").json()["results"]
    kinds = {(item["type"], item["kind"]) for item in story}
    assert {("signal", "form_submitted"), ("move", "alert"), ("move", "won")} <= kinds

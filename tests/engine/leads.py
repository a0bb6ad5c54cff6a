"""Tables of leads that are drawn, and those of the build data where it is at hand."""

import csv
import gzip
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from vendange.engine.learning.table import Numbers, Table, Truth, days_of

DATA = Path(__file__).parents[3] / "shared" / "data"
OLIST = DATA / "olist_funnel"
Leads = tuple[Table, Truth, Numbers | None]


def drawn(rows: int = 2000, seed: int = 1, strength: float = 1.0) -> tuple[Table, Truth, Numbers]:
    """Half of what decides is known: pages read, and one good and one bad source. A coin and a colour tell nothing."""
    chance = np.random.default_rng(seed)
    pages = np.floor(chance.exponential(6, rows))
    source = chance.choice(["fair", "mail", "partner", "search"], rows, p=[0.1, 0.3, 0.2, 0.4])
    odds = -2.2 + strength * ((pages >= 8) * 1.2 + (source == "partner") * 1.0 - (source == "mail") * 1.2)
    won: Truth = chance.random(rows) < 1 / (1 + np.exp(-odds))
    table = Table.of(
        {
            "pages": [float(one) if one < 30 else None for one in pages],
            "source": [str(one) for one in source],
            "coin": [bool(one) for one in chance.random(rows) < 0.5],
            "colour": [str(one) for one in chance.choice(["red", "green", ""], rows)],
        }
    )
    return table, won, np.floor(np.sort(chance.random(rows) * 300))


def rows_of(name: str) -> list[dict[str, str]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def olist_deals() -> dict[str, dict[str, str]]:
    return {row["mql_id"]: row for row in rows_of("olist_funnel/olist_closed_deals_dataset.csv.gz")}


@cache
def olist(*more: str) -> tuple[Table, Truth, Numbers]:
    """Origin and landing page of 8,000 leads; `more`: columns of the deal, empty where there is none."""
    leads, deals = rows_of("olist_funnel/olist_marketing_qualified_leads_dataset.csv.gz"), olist_deals()
    cells: dict[str, Any] = {name: [lead[name] for lead in leads] for name in ("landing_page_id", "origin")}
    cells |= {name: [deals.get(lead["mql_id"], {}).get(name, "") for lead in leads] for name in more}
    won = np.array([lead["mql_id"] in deals for lead in leads])
    return Table.of(cells), won, np.array([days_of(lead["first_contact_date"]) for lead in leads])


@cache
def extraalearn() -> tuple[Table, Truth, None]:
    leads = rows_of("extraalearn/ExtraaLearn.csv.gz")
    names = [name for name in leads[0] if name != "status"]
    table = Table.of({name: [lead[name] for lead in leads] for name in names})
    return table, np.array([lead["status"] == "1" for lead in leads]), None


@cache
def maven(*more: str) -> tuple[Table, Truth, Numbers]:
    leads = [one for one in rows_of("maven_crm/sales_pipeline.csv.gz") if one["deal_stage"] in {"Won", "Lost"}]
    names = ("sales_agent", "product", "account", "engage_date", *more)
    table = Table.of({name: [lead[name] for lead in leads] for name in names})
    won = np.array([lead["deal_stage"] == "Won" for lead in leads])
    return table, won, np.array([days_of(lead["engage_date"]) for lead in leads])


def shuffled(leads: Leads, rows: int, chance: np.random.Generator, *, labels: bool) -> Leads:
    """So many leads drawn at random; `labels`: their outcomes are exchanged, so that nothing tells them any more."""
    table, won, time = leads
    rows = min(rows, len(won))
    drawn_rows = chance.permutation(len(won))[:rows]
    outcomes = chance.permutation(won[drawn_rows]) if labels else won[drawn_rows]
    return table.take(drawn_rows), outcomes, None if time is None else time[drawn_rows]

"""What outcomes say, in French: number and gender agree, and one column has one shape of share."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from tests.people import House
from tests.web.test_shell import browser
from vendange.engine.shares import Share
from vendange.web.agreement.suggested import Rate, effect_of


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 transmise, 0 rejetée"), (1, "1 transmise, 1 rejetée"), (2, "2 transmises, 2 rejetées")]
)
def test_what_became_of_leads_agrees_in_number(count: int, told: str) -> None:
    gone = SimpleNamespace(gone=3, passed=count, rejected=count, won=count, ripe=3)
    fate: Any = SimpleNamespace(effect=gone)
    with translation.override("fr"):
        assert told in effect_of(fate)


def test_shares_of_a_column_are_whole_percents() -> None:
    with translation.override("fr"):
        assert [Rate.of(Share(count, of)).text for count, of in ((9, 114), (2, 25))] == ["8\xa0%", "8\xa0%"]


def test_an_empty_period_is_said_in_french(house: House) -> None:
    house.carole.language = "fr"
    house.carole.save()
    page = browser(house.carole).get("/agreement/suggest").content.decode()
    assert "Aucune piste n’est apparue dans cette période" in page

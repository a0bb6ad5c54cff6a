"""A draft tried on one person and on everybody: what is said of who is set aside, found, gained and lost."""

from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from tests.people import House
from tests.web.test_grid import acted
from tests.web.test_shell import browser
from tests.web.test_writing import OTHER, send
from vendange.agree import actions
from vendange.models import AgreementVersion


@pytest.fixture
def draft(house: House) -> AgreementVersion:
    return actions.draft(text=OTHER, by=house.carole, now=timezone.now())


def test_who_the_desk_has_set_aside_is_said_to_be(house: House, draft: AgreementVersion) -> None:
    person = acted(house, times=9).person
    person.set_aside = "competitor"
    person.save(update_fields=["set_aside"])
    page = unescape(send(browser(house.carole), draft.number, act=f"test {person.public_id}").content.decode())
    tested = page.split('class="tested"')[1]
    assert "Set aside by the desk (Competitor): nobody is called for this person" in tested
    assert "calls a human" not in tested and "Would have called" not in tested


def test_enter_in_the_search_finds_without_script(house: House, draft: AgreementVersion) -> None:
    measure = acted(house)
    page = send(browser(house.carole), draft.number, act="", who="léa").content.decode()
    assert f"test {measure.person.public_id}" in page


def test_the_preview_says_who_is_gained_and_lost_first(house: House, draft: AgreementVersion) -> None:
    cell, carole = acted(house).grade, browser(house.carole)
    changed = {"fit[1].points": "80"}
    to = preview(carole, draft, **changed).split("→ ")[1][:2]
    told = preview(carole, draft, **changed, alert=f"A1 {to}")
    assert cell != to and "1 person gained, 0 lost." in told.split("1 person changes cell")[0]


def preview(client: Client, draft: AgreementVersion, **fields: str) -> str:
    page = unescape(send(client, draft.number, act="preview", **fields).content.decode())
    return page.split('class="previewed"')[1]

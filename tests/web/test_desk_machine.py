"""A lead that a machine has opened, on the desk: marked, last, closed by one act."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.people import House
from tests.web.test_desk import HTMX, alert, browser, house, page, post, stage_of
from vendange.journey.arrive import arrive, measure
from vendange.models import Lead, Person, Signal
from vendange.score import actions as score

pytestmark = pytest.mark.django_db
__all__ = ["house"]


@pytest.fixture
def alice(house: House) -> Client:
    return browser(house.alice)


def unmask(lead: Lead) -> Lead:
    """What called for it turns out to be a program's."""
    Signal.objects.filter(person=lead.person_id).update(verdict="machine", because="many_links")
    score.touch({lead.person_id: None})
    measure([lead.person_id], now=timezone.now())
    return lead


def test_it_is_marked_and_comes_last(house: House, alice: Client) -> None:
    first = unmask(alert(house, "camille", 30))
    other = alert(house, "denis", 5)
    shown = page(alice)
    assert shown.count("Opened by a machine") == 1
    assert stage_of(other) == "judging" and stage_of(first) == "alert"
    marked = page(alice, first)
    assert marked.count("Opened by a machine") == 3  # in the queue, beside the name, above the outcomes
    assert "Nothing that a human did speaks for this lead any more" in marked and 'data-press="4"' in marked


def test_one_act_closes_it_and_opens_the_next(house: House, alice: Client) -> None:
    lead, other = unmask(alert(house, "camille", 30)), alert(house, "denis", 5)
    page(alice, lead)
    answer = post(alice, lead, "machine", headers=HTMX)
    assert answer.status_code == 200 and str(other.public_id) in answer["HX-Push-Url"]
    assert stage_of(lead) == "eliminated" and Person.objects.get(pk=lead.person_id).set_aside == ""
    ended = page(alice, lead)
    assert "Opened by a machine." in ended and "data-press" not in ended


def test_who_is_no_lead_desk_reads_and_cannot(house: House) -> None:
    lead = unmask(alert(house))
    carole = browser(house.carole)
    shown = page(carole, lead)
    assert "Opened by a machine" in shown and "data-press" not in shown
    assert post(carole, lead, "machine").status_code == 404 and stage_of(lead) == "alert"


def test_a_human_act_in_the_meantime_wins(house: House, alice: Client) -> None:
    lead = unmask(alert(house, "camille", 30))
    page(alice, lead)
    now = timezone.now() - timedelta(minutes=1)
    arrive(signals=[house.quote_request("camille@camille.example", now)], now=timezone.now())
    answer = post(alice, lead, "machine")
    assert answer.status_code == 303 and stage_of(lead) == "judging"
    assert "A human has acted since" in page(alice, lead)


def test_a_colleague_who_has_it_open_is_told(house: House, alice: Client) -> None:
    lead = unmask(alert(house))
    page(browser(house.aude), lead)
    assert post(alice, lead, "machine").status_code == 409 and stage_of(lead) == "judging"


def test_in_french(house: House, alice: Client) -> None:
    house.alice.language = "fr"
    house.alice.save()
    lead = unmask(alert(house))
    assert "Ouverte par une machine" in page(alice, lead)

"""What a salesperson finds on My leads: theirs only, sorted by what is to be done, in a fixed number of questions."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.web.relay import DAY, Company, company
from vendange.journey import deal, handover
from vendange.models import Deal, User
from vendange.sell.queries import signed_by

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def house(db: None) -> Company:
    return company(NOW)


def page_of(client: Client, user: User) -> str:
    client.force_login(user)
    return client.get("/my-leads/").content.decode()


def test_a_lead_to_accept_says_why_and_how_long(house: Company, client: Client) -> None:
    house.passed(at=NOW - HOUR, to=house.hugo, name="Camille Moreau", company="Atelier Nova")
    html = page_of(client, house.hugo)
    for said in ("Atelier Nova", "Camille Moreau", "Asks for a quote", "6 % scrap", "Still to find out", "Why you?"):
        assert said in html
    assert "Room for it" in html


def test_the_leads_of_others_are_not_shown(house: Company, client: Client) -> None:
    house.passed(at=NOW - HOUR, to=house.lea, company="Hexal")
    html = page_of(client, house.hugo)
    assert "Hexal" not in html
    assert "No lead is with you now" in html


def test_each_lead_stands_where_its_next_step_is(house: Company, client: Client) -> None:
    house.accepted(at=NOW - 3 * HOUR, to=house.hugo)
    house.called(at=NOW - 3 * HOUR, to=house.hugo)
    followed = house.called(at=NOW - DAY, to=house.hugo)
    answers = {"reached": "yes", "next": "visit"}
    handover.file_report(lead=followed, by=house.hugo, now=NOW - HOUR, answers=answers, next_at=NOW + DAY)
    client.force_login(house.hugo)
    context = client.get("/my-leads/").context
    assert [len(context[name]) for name in ("offers", "to_call", "to_report", "to_follow")] == [0, 1, 1, 1]
    assert context["to_follow"] == [followed]


def test_a_call_back_that_was_made_becomes_a_report_to_write(house: Company) -> None:
    lead = house.accepted(at=NOW - 3 * HOUR, to=house.hugo)
    back = NOW - HOUR
    handover.log_call(lead=lead, by=house.hugo, now=NOW - 2 * HOUR, result="call_back", call_back_at=back)
    handover.log_call(lead=lead, by=house.hugo, now=NOW - timedelta(minutes=30), result="reached")
    lead.refresh_from_db()
    assert lead.next_step == "report"
    assert lead.next_at and lead.next_at > NOW


def test_revenue_comes_first_and_counts_only_what_they_won(house: Company, client: Client) -> None:
    """A lead that Hugo lost to Léa before she won it is hers; nor does a second assignment count it twice."""
    lead = house.called(at=NOW - 3 * DAY, to=house.hugo)
    deal.win(lead=lead, by=house.hugo, now=NOW - DAY, amount_cents=1_250_050)
    other = house.passed(at=NOW - 3 * DAY, to=house.hugo)
    handover.decline(lead=other, by=house.hugo, now=NOW - 3 * DAY + HOUR, why="Too far away")
    handover.log_call(lead=other, by=house.lea, now=NOW - 2 * DAY, result="reached")
    deal.win(lead=other, by=house.lea, now=NOW - DAY, amount_cents=900_000)
    since = NOW - 30 * DAY
    assert signed_by(house.hugo, since) == (1_250_050, 1)
    assert signed_by(house.lea, since) == (900_000, 1)
    assert "signed in" in page_of(client, house.hugo)


def test_opportunities_add_up(house: Company, client: Client) -> None:
    for cents in (12_500_00, 7_500_00, None):
        lead = house.called(at=NOW - DAY, to=house.hugo)
        deal.open_deal(lead=lead, by=house.hugo, now=NOW - HOUR, amount_cents=cents)
    client.force_login(house.hugo)
    context = client.get("/my-leads/").context
    assert [(total.currency, total.cents) for total in context["totals"]] == [("EUR", 20_000_00)]
    assert "no amount yet" in page_of(client, house.hugo)
    assert Deal.objects.count() == 3


def test_accepting_takes_one_click(house: Company, client: Client) -> None:
    lead = house.passed(at=NOW - HOUR, to=house.hugo)
    client.force_login(house.hugo)
    answer = client.post(f"/leads/{lead.public_id}/accept", {"from": "list"})
    assert (answer.status_code, answer["Location"]) == (303, "/my-leads/")
    lead.refresh_from_db()
    assert lead.stage == "accepted"


def test_htmx_gets_the_list_as_it_is_now(house: Company, client: Client) -> None:
    lead = house.passed(at=NOW - HOUR, to=house.hugo)
    client.force_login(house.hugo)
    answer = client.post(f"/leads/{lead.public_id}/accept", {"from": "list"}, headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert '<div id="work"' in html
    assert "To accept" not in html


@pytest.mark.parametrize(
    ("who", "status"), [("hugo", 200), ("marc", 200), ("sophie", 404), ("nadia", 404), ("admin", 404)]
)
def test_it_is_a_page_of_sales(house: Company, client: Client, who: str, status: int) -> None:
    client.force_login(getattr(house, who))
    assert client.get("/my-leads/").status_code == status


def test_a_stranger_is_asked_to_sign_in(house: Company, client: Client) -> None:
    assert "/accounts/login/" in client.get("/my-leads/")["Location"]


def test_twice_as_many_leads_ask_the_database_no_more(house: Company, client: Client) -> None:
    def some() -> None:
        house.passed(at=NOW - HOUR, to=house.hugo)
        house.accepted(at=NOW - 2 * HOUR, to=house.hugo)
        lead = house.called(at=NOW - DAY, to=house.hugo)
        deal.open_deal(lead=lead, by=house.hugo, now=NOW - HOUR, amount_cents=100_000)

    client.force_login(house.hugo)
    some()
    few = questions(client, "/my-leads/")
    some()
    some()
    assert questions(client, "/my-leads/") == few


def questions(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def test_accepting_too_late_from_the_list_is_told_in_french(house: Company, client: Client) -> None:
    lead = house.passed(at=NOW - DAY, to=house.hugo)
    handover.decline(lead=lead, by=house.hugo, now=NOW, why="My cousin works there")
    house.hugo.language = "fr"
    house.hugo.save()
    client.force_login(house.hugo)
    answer = client.post(f"/leads/{lead.public_id}/accept", {"from": "list"})
    assert answer.status_code == 409
    assert "Cette piste est maintenant chez Lea Roche. Rien de son travail n’a changé." in answer.content.decode()

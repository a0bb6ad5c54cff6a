"""Home: the same common figure first for everyone, what awaits each role, and periods that are said."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.web.relay import DAY, Company, colleague, company
from vendange.journey import deal
from vendange.models.user import ROLES
from vendange.web.home.period import between, months_before, period_of

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
PEOPLE = ("sophie", "nadia", "hugo", "marc", "admin")


@pytest.fixture
def house(db: None) -> Company:
    return company(NOW)


def sale(house: Company) -> None:
    lead = house.called(at=NOW - 9 * DAY, to=house.hugo)
    deal.win(lead=lead, by=house.hugo, now=NOW - DAY, amount_cents=30_000_000)


def test_every_role_sees_the_same_figure_first(house: Company, client: Client) -> None:
    sale(house)
    house.passed(at=NOW - DAY, to=house.hugo)
    seen = []
    for who in PEOPLE:
        client.force_login(getattr(house, who))
        html = client.get("/").content.decode()
        start, end = html.index('<article class="card hero">'), html.index("Month by month")
        seen.append(html[start:end])
        assert "What awaits me" in html
    assert len(seen) == len(ROLES)
    assert set(seen) == {seen[0]}
    assert "€\u00a0300\u00a0k" in seen[0]


def test_a_new_company_is_told_the_first_three_steps(client: Client, db: None) -> None:
    client.force_login(colleague("sophie", "marketing", "marketing"))
    html = client.get("/").content.decode()
    for command in ("vendange agreement draft", "vendange source add", "vendange import"):
        assert command in html


def test_few_leads_say_so(house: Company, client: Client) -> None:
    sale(house)
    client.force_login(house.sophie)
    assert "few leads, moves a lot" in client.get("/").content.decode()


def test_what_awaits_each_role(house: Company, client: Client) -> None:
    house.passed(at=NOW - 5 * DAY, to=house.hugo)
    house.raise_lead(at=NOW - 5 * DAY)
    said = {
        "nadia": "1 alert late",
        "sophie": "1 alert late",
        "hugo": "1 lead to accept",
        "marc": "1 lead late in sales",
    }
    for who, title in said.items():
        client.force_login(getattr(house, who))
        assert title in client.get("/").content.decode(), who
    client.force_login(house.lea)
    assert "Nothing waits for you" in client.get("/").content.decode()


def test_the_table_says_what_the_picture_says(house: Company, client: Client) -> None:
    sale(house)
    client.force_login(house.sophie)
    picture, table = client.get("/?months=6"), client.get("/?months=6&as=table")
    assert picture.context["columns"] == table.context["columns"]
    assert "fallsvg" not in table.content.decode()


@pytest.mark.parametrize(
    "asked", ["?months=0", "?months=nine", "?months=999", "?from=2026-13-01", "?from=2026-05-01&to=2026-04-01"]
)
def test_an_odd_period_is_said_and_not_guessed(house: Company, client: Client, asked: str) -> None:
    client.force_login(house.sophie)
    answer = client.get(f"/{asked}")
    assert answer.status_code == 200
    assert answer.context["period"].months == 12
    assert answer.context["period"].problem


def test_both_days_of_a_period_belong_to_it() -> None:
    period = between("2026-03-01", "2026-03-31", NOW)
    gone = period.end.astimezone(UTC) - period.start.astimezone(UTC)
    assert gone == timedelta(days=31) - HOUR  # the clocks go forward in March


def test_a_shorter_month_ends_on_its_last_day() -> None:
    assert months_before(datetime(2026, 3, 31, 12, tzinfo=UTC), 1).day == 28
    assert period_of({"months": "3"}, NOW).before.end == period_of({"months": "3"}, NOW).start


def test_home_asks_as_much_when_there_is_twice_as_much(house: Company, client: Client) -> None:
    def some() -> None:
        sale(house)
        house.called(at=NOW - 3 * DAY, to=house.hugo)
        house.passed(at=NOW - HOUR, to=house.hugo)
        house.raise_lead(at=NOW - DAY)

    client.force_login(house.marc)
    some()
    few = questions(client)
    some()
    some()
    assert questions(client) == few


def questions(client: Client) -> int:
    client.get("/")
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/").status_code == 200
    return len(asked)


def test_a_stranger_is_asked_to_sign_in(client: Client, db: None) -> None:
    assert "/accounts/login/" in client.get("/")["Location"]

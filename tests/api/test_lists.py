"""What the API answers, page by page, and to whom."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.api.world import Ask, ask_as, passed
from tests.people import MONDAY, House
from vendange.admit.actions import add_key, revoke_key
from vendange.find.actions import keep_up
from vendange.identify.queries import leads_visible_to, visible_to
from vendange.journey import handover
from vendange.journey.arrive import arrive
from vendange.models import ApiKey, Person


def everything(ask: Ask, path: str, **query: Any) -> list[dict[str, Any]]:
    """All results, following `after`."""
    found: list[dict[str, Any]] = []
    while True:
        answer = ask(path, **query).json()
        found += answer["results"]
        if answer["paging"]["next"] is None:
            return found
        query["after"] = answer["paging"]["next"]["after"]


def test_a_lead_shows_where_it_stands(house: House) -> None:
    lead = passed(house, "camille@atelier-nova.example")
    shown = ask_as("manager")("/leads").json()["results"][0]
    assert UUID(shown["id"]) == lead.public_id
    assert (shown["stage"], shown["holder"], shown["lead_type"]) == ("passed", "person", lead.lead_type)
    assert shown["owner"]["username"] in {"bob", "bruno"}
    assert shown["person"]["email"] == "camille@atelier-nova.example"
    assert shown["agreement"]["number"] == house.version.number
    assert datetime.fromisoformat(shown["next_at"]) == lead.next_at


def test_one_lead_brings_its_evidence(house: House) -> None:
    lead = house.lead()
    answer = ask_as("ldr")(f"/leads/{lead.public_id}").json()
    assert answer["evidence"] == lead.evidence


def test_pages_follow_one_another(house: House) -> None:
    emails = [f"p{number}@company{number}.example" for number in range(5)]
    for email in emails:
        house.lead(email)
    ask = ask_as("manager")
    first = ask("/leads", limit=2).json()
    assert len(first["results"]) == 2
    assert first["paging"]["next"]["after"] == first["results"][-1]["id"]
    assert [lead["person"]["email"] for lead in everything(ask, "/leads", limit=2)] == emails
    assert ask("/leads", limit=5).json()["paging"] == {"next": None}


def test_leads_are_filtered(house: House) -> None:
    mine = passed(house, "passed@atelier-nova.example")
    house.lead("waiting@autre.example")
    ask = ask_as("manager")

    def emails(**query: Any) -> list[str]:
        return [lead["person"]["email"] for lead in everything(ask, "/leads", **query)]

    assert mine.owner is not None
    assert emails(stage="alert") == ["waiting@autre.example"]
    assert emails(owner=mine.owner.username) == ["passed@atelier-nova.example"]
    assert emails(lead_type="nothing") == []
    assert emails(raised_after=MONDAY.isoformat()) == []
    assert len(emails(raised_after=(MONDAY - timedelta(days=1)).isoformat())) == 2


@pytest.mark.parametrize("rim", ["0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"])
def test_the_rims_of_time_are_no_fault(house: House, rim: str) -> None:
    house.lead()
    assert len(everything(ask_as("manager"), "/leads", raised_after=rim)) == (1 if rim < "2" else 0)


def test_people_are_found_by_their_whole_address(house: House) -> None:
    house.lead("camille@atelier-nova.example")
    ask = ask_as("marketing")
    found = ask("/people", email="Camille@Atelier-Nova.example").json()["results"]
    assert [person["email"] for person in found] == ["camille@atelier-nova.example"]
    assert found[0]["measure"]["grade"]
    assert ask("/people", email="camille@").json() == {"results": [], "paging": {"next": None}}


def test_an_old_id_leads_to_the_person_of_today(house: House) -> None:
    kept = house.lead("kept@atelier-nova.example").person
    gone = Person.objects.create(first_name="Old", merged_into=kept, created_at=MONDAY)
    ask = ask_as("manager")
    assert ask(f"/people/{gone.public_id}").json()["id"] == str(kept.public_id)
    assert len(everything(ask, "/people")) == 1


def test_the_timeline_tells_all_once_newest_first(house: House) -> None:
    """Many things happen at one instant; the cursor may fall among them."""
    email = "camille@atelier-nova.example"
    signals = [house.signal("page_viewed", email, MONDAY, path=f"/page/{number}") for number in range(25)]
    arrive(signals=signals, now=MONDAY)
    lead = passed(house, email)
    ask = ask_as("ldr")
    path = f"/people/{lead.person.public_id}/timeline"
    items = everything(ask, path, limit=3)
    assert items == ask(path, limit=200).json()["results"]
    assert sorted(items, key=lambda item: item["at"], reverse=True) == items
    pages = [item["detail"]["path"] for item in items if item["kind"] == "page_viewed"]
    assert sorted(pages) == sorted(f"/page/{number}" for number in range(25))
    assert {"signal", "move", "decision"} <= {item["type"] for item in items}
    assert {item["lead"] for item in items if item["type"] == "move"} == {str(lead.public_id)}


def test_organisations(house: House) -> None:
    house.lead("camille@atelier-nova.example")
    ask = ask_as("manager")
    found = ask("/organisations", domain="atelier-nova.example").json()["results"]
    assert len(found) == 1
    assert ask(f"/organisations/{found[0]['id']}").json() == found[0]


def test_the_metric_is_the_same_for_every_role(house: House) -> None:
    passed(house, "camille@atelier-nova.example")
    period = {"start": (MONDAY - timedelta(days=1)).isoformat(), "end": (MONDAY + timedelta(days=1)).isoformat()}
    answers = [ask_as(role)("/metric", **period).json() for role in ("marketing", "ldr", "sales", "manager", "admin")]
    assert (answers[0]["raised"], answers[0]["passed"]) == (1, 1)
    assert answers == [answers[0]] * 5


def test_a_sales_key_sees_what_was_handed_to_sales_and_nothing_else(house: House) -> None:
    theirs = passed(house, "passed@atelier-nova.example")
    not_yet = house.lead("waiting@autre.example")
    ask = ask_as("sales")
    assert [lead["id"] for lead in everything(ask, "/leads")] == [str(theirs.public_id)]
    assert [person["email"] for person in everything(ask, "/people")] == ["passed@atelier-nova.example"]
    assert [one["domain"] for one in everything(ask, "/organisations")] == ["atelier-nova.example"]
    assert ask(f"/people/{theirs.person.public_id}/timeline").status_code == 200
    nobody = UUID(int=7)
    for path in ("/leads/{}", "/people/{}", "/people/{}/timeline"):
        known = not_yet.public_id if "leads" in path else not_yet.person.public_id
        hidden, absent = ask(path.format(known)), ask(path.format(nobody))
        assert (hidden.status_code, hidden.content) == (404, absent.content)


def test_pages_and_programs_have_one_rule_of_who_sees_what(house: House) -> None:
    """A key of sales is nobody's: it sees what is with sales. A salesperson sees what they hold or held."""
    theirs, waiting = passed(house, "passed@atelier-nova.example"), house.lead("waiting@autre.example")
    holder = theirs.owner
    assert holder is not None
    other = house.bob if holder == house.bruno else house.bruno
    key, _ = add_key(name="crm", role="sales", by=None, now=MONDAY)
    assert [list(leads_visible_to(one)) for one in (key, holder, other)] == [[theirs], [theirs], []]
    assert [list(visible_to(one)) for one in (key, holder, other)] == [[theirs.person], [theirs.person], []]
    handover.give_back(lead=theirs, by=holder, now=MONDAY + timedelta(hours=3), reason="immature")
    assert [list(leads_visible_to(one)) for one in (key, holder)] == [[], [theirs]]
    assert set(leads_visible_to(house.alice)) == {theirs, waiting}


@pytest.mark.parametrize("path", ["/leads", "/people", "/organisations"])
def test_twice_as_many_rows_ask_the_database_no_more_often(house: House, path: str) -> None:
    ask = ask_as("manager")

    def questions() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert ask(path).status_code == 200
        return len(seen)

    for number in range(3):
        passed(house, f"p{number}@company{number}.example")
    ask(path)
    before = questions()
    for number in range(3, 6):
        passed(house, f"p{number}@company{number}.example")
    assert questions() == before


def test_no_key_a_wrong_key_and_a_revoked_key_open_nothing(house: House) -> None:
    key, secret = add_key(name="revoked", role="admin", by=None, now=MONDAY)
    revoke_key(key=key, by=house.marc, now=MONDAY)
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": f"Bearer {secret}"}):
        answer = Client(headers=headers).get("/api/v1/leads")
        assert answer.status_code == 401
        assert answer.json()["error"] == "no_key"
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert secret not in answer.content.decode()


def test_the_key_in_the_address_is_no_key(house: House) -> None:
    _, secret = add_key(name="query", role="admin", by=None, now=MONDAY)
    assert Client().get("/api/v1/leads", {"key": secret}).status_code == 401


def test_when_a_key_was_last_used_is_noted_at_most_once_a_minute(house: House) -> None:
    ask = ask_as("manager")
    ask("/leads")
    first = ApiKey.objects.get().last_used_at
    ask("/leads")
    assert first is not None
    assert ApiKey.objects.get().last_used_at == first
    long_ago = datetime.now(UTC) - timedelta(minutes=2)
    ApiKey.objects.update(last_used_at=long_ago)
    ask("/leads")
    assert ApiKey.objects.get().last_used_at != long_ago


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/leads", {"limit": 0}, "limit"),
        ("/leads", {"limit": 201}, "limit"),
        ("/leads", {"stage": "cooking"}, "stage"),
        ("/leads", {"stages": "alert"}, "stages"),
        ("/leads", {"after": "yesterday"}, "after"),
        ("/leads", {"raised_after": "2026-09-07T08:00:00"}, "raised_after"),
        ("/leads", {"raised_after": "1767225600"}, "raised_after"),
        ("/people", {"email": "a\x00b"}, "email"),
        ("/people/not-an-id", {}, "person_id"),
        ("/people/00000000-0000-0000-0000-000000000000/timeline", {"after": "1-x"}, "after"),
    ],
)
def test_what_is_not_understood_is_named(house: House, path: str, query: dict[str, Any], field: str) -> None:
    answer = ask_as("manager")(path, **query)
    assert answer.status_code == 422
    assert answer.json()["fields"] == [field]
    assert field in answer.json()["message"]


def test_an_unknown_id_is_told_in_a_sentence(house: House) -> None:
    answer = ask_as("manager")(f"/leads/{UUID(int=1)}")
    assert answer.status_code == 404
    assert answer.json()["message"].endswith(".")


def test_people_and_organisations_are_searched_and_narrowed_as_on_the_pages(house: House) -> None:
    for name in ("camille", "paul"):
        house.lead(f"{name}@{name}.example")
    Person.objects.filter(email="paul@paul.example").update(first_name="Paul", last_name="Lefèvre")
    keep_up()
    ask = ask_as("marketing")

    def people(**query: str) -> list[str]:
        return [one["email"] for one in everything(ask, "/people", **query)]

    assert people(q="lefevre") == people(q="lefebrve") == people(q="paul@pau") == ["paul@paul.example"]
    assert people(q="lefevre", relationship="customer") == []
    assert people(q="zzzz") == []
    assert people(q="%") == []
    assert people(q="paul", relationship="prospect") == ["paul@paul.example"]
    assert [one["name"] for one in everything(ask, "/organisations", q="camille")] == ["camille.example"]
    assert everything(ask, "/organisations", q="camille", tier="core") == []

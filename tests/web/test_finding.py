"""The palette: whom each role finds, pages by name, whom one went to last, and the files that lists become."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.people import House
from tests.web.test_people import passed_to, questions, visitors
from tests.web.test_shell import browser
from vendange.find.actions import keep_up
from vendange.journey.arrive import arrive
from vendange.models import Identity, Organisation, Person, Trail
from vendange.web.taking_away import harmless

NOW = timezone.now()
AS_TYPED = {"HX-Request": "true"}


def found(client: Client, text: str) -> dict[str, list[str]]:
    groups = client.get("/find/", {"q": text}, headers=AS_TYPED).context["groups"]
    return {group.id: [hit.label for hit in group.hits] for group in groups}


def test_people_companies_leads_and_pages_are_found(house: House) -> None:
    lead = passed_to(house, house.bob, "camille@atelier-nova.example")
    Person.objects.filter(pk=lead.person_id).update(first_name="Camille", last_name="Moreau")
    keep_up()
    everything = found(browser(house.carole), "nova")
    assert everything == {
        "people": ["Camille Moreau"],
        "firms": ["atelier-nova.example"],
        "leads": ["Camille Moreau"],
    }
    assert found(browser(house.carole), "peo") == {"pages": ["People"]}


def test_each_role_finds_what_its_pages_show(house: House) -> None:
    mine, other = passed_to(house, house.bob, "mine@aaa.example"), passed_to(house, house.bruno, "other@bbb.example")
    Person.objects.update(first_name="", last_name="")
    assert found(browser(house.bob), "mine")["people"] == ["mine@aaa.example"]
    assert found(browser(house.bob), "other@bbb") == {}
    assert found(browser(house.bob), "capture") == {}  # a page that sales may not open
    assert found(browser(house.carole), "capture") == {"pages": ["Capture"]}
    bob = browser(house.bob)
    assert bob.get(f"/find/person/{mine.person.public_id}").status_code == 302
    assert bob.get(f"/find/person/{other.person.public_id}").status_code == 404
    assert browser().get("/find/?q=mine").status_code == 302


def test_whom_one_went_to_last_stands_first_and_only_while_one_may_see_them(house: House) -> None:
    one, two = house.lead("one@aaa.example").person, house.lead("two@bbb.example").person
    Person.objects.update(first_name="", last_name="")
    client = browser(house.alice)
    for person in (one, two, one):
        assert client.get(f"/find/person/{person.public_id}")["Location"] == f"/people/{person.public_id}/"
    firm = Organisation.objects.get(domain="aaa.example")
    assert client.get(f"/find/organisation/{firm.public_id}")["Location"] == f"/organisations/{firm.public_id}/"
    assert found(client, "")["recent"] == ["aaa.example", "one@aaa.example", "two@bbb.example"]
    Person.objects.filter(pk=one.pk).update(merged_into=two)
    assert found(client, "")["recent"] == ["aaa.example", "two@bbb.example"]
    assert client.get(f"/find/lead/{one.public_id}").status_code == 404


@pytest.mark.parametrize("text", ["%", "'", "<script>alert(1)</script>", "🍇", "a" * 300, "\x00", '" OR ""=""', "حسن"])
def test_whatever_is_typed_is_only_text(house: House, text: str) -> None:
    visitors(house, 1)
    client = browser(house.alice)
    for address in ("/find/", "/people/", "/organisations/"):
        answer = client.get(address, {"q": text})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()


def test_as_many_questions_for_twice_as_many(house: House) -> None:
    visitors(house, 8)
    keep_up()
    client = browser(house.alice)
    before = questions(client, "/find/?q=firm1")
    visitors(house, 8, start=8)
    keep_up()
    assert questions(client, "/find/?q=firm1") <= before


def rows_of(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_a_list_becomes_a_file_by_right_and_the_trail_says_so(house: House) -> None:
    arrive(
        signals=[
            house.signal("page_viewed", f"{name}@firm.example", NOW - timedelta(hours=1), traits={"last_name": last})
            for name, last in (("ana", "=HYPERLINK(1)"), ("ben", "Durand"))
        ],
        now=NOW,
    )
    Person.objects.filter(email="ben@firm.example").update(phone="+33612345678")
    for refused in (house.alice, house.bob):
        assert browser(refused).get("/people/export.csv").status_code == 404
        assert "export.csv" not in browser(refused).get("/people/").content.decode()
    rows = rows_of(browser(house.carole).get("/people/export.csv"))
    assert [(row["last_name"], row["phone"], row["company"]) for row in rows] == [
        ("'=HYPERLINK(1)", "", "firm.example"),
        ("Durand", "+33612345678", "firm.example"),
    ]
    assert [row["email"] for row in rows_of(browser(house.carole).get("/people/export.csv?q=durand"))] == [
        "ben@firm.example"
    ]
    told = Trail.objects.filter(verb="people.exported", by=house.carole).order_by("id")
    assert [line.detail for line in told] == [{"rows": 2}, {"q": "durand", "rows": 1}]
    firms = rows_of(browser(house.carole).get("/organisations/export.csv?q=firm"))
    assert [row["name"] for row in firms] == ["firm.example"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("=1+1", "'=1+1"),
        ("+33612345678", "+33612345678"),
        ("+33 6 12 34 56 78", "+33 6 12 34 56 78"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3+cmd", "'-2+3+cmd"),
        ("@SUM(1)", "'@SUM(1)"),
        (" =1", "' =1"),
        ("\t=1", "'\t'=1"),
        ("x;=1+1", "x;'=1+1"),
        ("x; =1+1;ok", "x;' =1+1;ok"),
        ('x;"=1+1"', """x;'"=1+1\""""),
        ("x\n@SUM(1)", "x\n'@SUM(1)"),
        ("x\t-2+3", "x\t'-2+3"),
        ("x;+33612345678", "x;+33612345678"),
        ("＝1+1", "'＝1+1"),
        ("-12.5", "-12.5"),
        ("d’Arc", "d’Arc"),
        (None, ""),
    ],
)
def test_no_cell_is_a_formula(given: object, kept: str) -> None:
    assert harmless(given) == kept


def test_filters_go_together_and_each_choice_says_what_it_would_show(house: House) -> None:
    visitors(house, 6)
    Organisation.objects.filter(domain="firm1.example").update(tier="core")
    client = browser(house.alice)
    for address in ("?tier=core", "?tier=core&relationship=prospect", "?q=firm1&tier=core&temperature=cold"):
        answer = client.get("/people/" + address)
        assert answer.context["total"] == len(answer.context["people"]) == 2
        for one in answer.context["filters"]:
            for option in one.options:
                if option.count is not None:
                    shown = client.get("/people/" + option.url)
                    assert shown.context["total"] == option.count, (address, one.name, option.code)
    passed_to(house, house.bob, "p0@firm0.example")
    owned = client.get(f"/people/?owner={house.bob.username}")
    assert [one.email for one, _ in owned.context["people"]] == ["p0@firm0.example"]
    assert owned.context["filters"][-1].chosen == house.bob.username


def test_other_orders_show_each_once(house: House) -> None:
    visitors(house, 60)
    client = browser(house.carole)
    for start in ("/people/?sort=newest", "/organisations/?sort=name", "/organisations/?sort=newest"):
        shown: list[int] = []
        address = start
        while address:
            answer = client.get(address)
            shown += [one.pk for one in answer.context["page"].rows]
            following = answer.context["next_url"]
            address = start.partition("?")[0] + following if following else ""
        assert len(shown) == len(set(shown)) == answer.context["total"]


@pytest.mark.parametrize("typed", ["732829320", "732 829 320", "73282932000074", "FR44732829320", "crm-0042"])
def test_a_company_is_found_by_each_of_its_numbers(house: House, typed: str) -> None:
    one = Organisation.objects.create(name="Nova", siren="732829320", external_id="crm-0042", created_at=timezone.now())
    keep_up()
    client = browser(house.alice)
    page = client.get("/organisations/", {"q": typed}).context
    assert [row.pk for row in page["page"].rows] == [one.pk] and page["total"] == 1
    assert found(client, typed) == {"firms": ["Nova"]}


def test_a_person_is_found_by_their_id_elsewhere(house: House) -> None:
    one = Person.objects.create(first_name="Ada", last_name="Roux", created_at=timezone.now())
    Identity.objects.create(person=one, kind="external_id", value="00Q5g00000Ab", first_seen_at=timezone.now())
    claimed = Person.objects.create(first_name="Eve", created_at=timezone.now())
    Identity.objects.create(person=claimed, kind="external_id", value="007", claimed=True, first_seen_at=timezone.now())
    keep_up()
    client = browser(house.alice)
    assert [row.pk for row in client.get("/people/", {"q": "00Q5g00000Ab"}).context["page"].rows] == [one.pk]
    assert found(client, "00Q5g00000Ab") == {"people": ["Ada Roux"]}
    assert [*client.get("/people/", {"q": "007"}).context["page"].rows] == []

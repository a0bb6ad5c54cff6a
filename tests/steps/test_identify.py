"""Strong keys decide who somebody is; weak ones never merge anybody; what is declared fills blanks only."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.people import MONDAY
from vendange.belong.actions import Companies
from vendange.capture.rules import Who
from vendange.identify.actions import Sighting, find_or_create
from vendange.models import Fact, Identity, Organisation, Person


def meet(**keys: Any) -> Person:
    return find_or_create([sighting(**keys)], companies=Companies(), now=MONDAY).people[0]


def sighting(*, at: datetime = MONDAY, **keys: Any) -> Sighting:
    return Sighting(Who(**keys), at, "test")


def test_the_same_address_is_the_same_person_whatever_its_case(db: None) -> None:
    assert meet(email="Camille@Nova.example") == meet(email="camille@nova.example")


def test_two_sightings_of_a_newcomer_in_one_batch_are_one_person(db: None) -> None:
    people, created, *_ = find_or_create(
        [sighting(user_id="u1"), sighting(user_id="u1", email="a@nova.example")], companies=Companies(), now=MONDAY
    )
    assert created == 1
    assert people[0] == people[1] == Person.objects.get()
    assert Identity.objects.count() == 2


def test_a_cookie_follows_who_it_names_and_is_shared_once_it_was_two(db: None) -> None:
    visitor = meet(anonymous_id="c1")
    alice = meet(anonymous_id="c1", email="alice@nova.example")
    assert visitor != alice
    assert meet(anonymous_id="c1") == alice
    bob = meet(anonymous_id="c1", email="bob@nova.example")
    assert bob != alice
    assert Identity.objects.get(kind="anonymous_id").shared
    assert meet(anonymous_id="c1") not in (alice, bob)


def test_one_cookie_as_a_thousand_people_merges_nobody(db: None) -> None:
    kiosk = [sighting(anonymous_id="kiosk", email=f"p{n}@nova.example") for n in range(1000)]
    people, created, *_ = find_or_create(kiosk, companies=Companies(), now=MONDAY)
    assert created == len(set(people)) == 1000


def test_what_is_declared_fills_blanks_and_never_overwrites(db: None) -> None:
    meet(email="camille@nova.example", traits={"first_name": "Camille", "phone": "04 65 71 00 41", "country": "FR"})
    person = meet(email="camille@nova.example", traits={"first_name": "Impostor", "job_title": "Buyer"})
    assert (person.first_name, person.job_title, person.phone) == ("Camille", "Buyer", "+33465710041")
    said = list(Fact.objects.filter(field="first_name").order_by("id").values_list("value", flat=True))
    assert said == ["Camille", "Impostor"]


def test_saying_it_again_is_one_fact(db: None) -> None:
    for _ in range(3):
        meet(email="camille@nova.example", traits={"first_name": "Camille"})
    assert Fact.objects.count() == 1


@pytest.mark.parametrize("address", ["paul@gmail.com", "paul@orange.fr"])
def test_a_private_mailbox_never_makes_a_company(db: None, address: str) -> None:
    assert meet(email=address).organisation is None
    assert not Organisation.objects.exists()


def test_colleagues_meet_in_one_company_that_learns(db: None) -> None:
    first = meet(email="a@nova.example")
    traits = {"organisation": "Atelier Nova", "organisation_country": "FR", "postal_code": "69003", "employees": "180"}
    second = meet(email="b@achats.nova.example", traits=traits)
    company = Organisation.objects.get()
    assert first.organisation == second.organisation == company
    assert (company.domain, company.employees, company.region) == ("nova.example", 180, "69")


def test_newcomers_are_suspects_of_an_unknown_regime(db: None) -> None:
    person = meet(email="a@nova.example")
    person.refresh_from_db()
    assert (person.relationship, person.regime) == ("suspect", "unknown")


def test_a_group_call_names_the_company_known_by_its_addresses_only(db: None) -> None:
    meet(user_id="u1", email="a@nova.example")
    meet(user_id="u1", traits={"organisation": "Atelier Nova", "organisation_id": "G1", "employees": "120"})
    company = Organisation.objects.get()
    assert (company.name, company.domain, company.external_id, company.employees) == (
        "Atelier Nova",
        "nova.example",
        "G1",
        120,
    )


@pytest.mark.parametrize(("written", "employees"), [("50 to 200", 50), ("1,277", 1277), ("a 12 b 34", None)])
def test_a_size_is_read_or_left_unknown(db: None, written: str, employees: int | None) -> None:
    meet(email="a@nova.example", traits={"employees": written})
    assert Organisation.objects.get().employees == employees


def test_a_shared_browser_makes_one_nameless_visitor_a_day(db: None) -> None:
    """Its visits name none of those who were seen in it, and are not a crowd either."""
    known = [meet(anonymous_id="kiosk", email=f"p{n}@nova.example") for n in range(2)]
    assert Identity.objects.get(value="kiosk").shared
    later = [MONDAY, MONDAY + timedelta(hours=3), MONDAY + timedelta(days=1)]
    visits = [sighting(anonymous_id="kiosk", at=at) for at in (*later, MONDAY)]
    first, again, next_day, once_more = find_or_create(visits, companies=Companies(), now=MONDAY).people
    assert first == again == once_more != next_day and not {first, next_day} & set(known)
    assert find_or_create(visits, companies=Companies(), now=MONDAY).created == 0
    assert Person.objects.count() == 4
    assert meet(anonymous_id="kiosk", email="p0@nova.example") == known[0]  # who says who they are is themselves
    day = Identity.objects.get(person=first)
    assert "kiosk" not in day.value and not Identity.objects.exclude(pk=day.pk).filter(person=first).exists()


@pytest.mark.parametrize("origin", ["reported", "verified"])
@pytest.mark.parametrize(
    ("field", "column", "ours", "theirs"),
    [
        ("job_title", "job_title", "Buyer", "Head of buying"),
        ("phone", "phone_raw", "+33 4 65 71 00 41", "+33 6 12 34 56 78"),
        ("regime", "regime", "consumer", "professional"),
        ("organisation", "organisation__name", "Nova", "Other"),
    ],
)
def test_a_file_that_may_overwrite_leaves_what_a_colleague_stated(
    db: None, field: str, column: str, ours: str, theirs: str, origin: str
) -> None:
    person = meet(email="a@gmail.com", traits={field: ours, "last_name": "Moreau"})
    Fact.objects.create(person=person, field=field, value=ours, origin=origin, at=MONDAY)
    said = sighting(email="a@gmail.com", traits={field: theirs, "last_name": "Morel"})
    find_or_create([said], companies=Companies(), now=MONDAY, overwrite=True)
    assert Person.objects.values_list(column, "last_name").get() == (ours, "Morel")
    assert Fact.objects.filter(person=person, field=field, value=theirs, origin="declared").exists()


def test_an_address_that_a_colleague_vouched_for_is_not_overwritten(db: None) -> None:
    person = meet(email="a@gmail.com", external_id="7")
    Fact.objects.create(person=person, field="email", value="a@gmail.com", origin="verified", at=MONDAY)
    find_or_create([sighting(email="b@gmail.com", external_id="7")], companies=Companies(), now=MONDAY, overwrite=True)
    person.refresh_from_db()
    assert person.email == "a@gmail.com"
    assert Fact.objects.filter(person=person, field="email", value="b@gmail.com", origin="declared").exists()

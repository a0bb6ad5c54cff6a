"""What was only said becomes what the record says when a human vouches for it; and how true such words proved."""

from datetime import timedelta
from typing import Any

import pytest

from tests.people import MONDAY, House
from vendange.journey.vouching import take_over
from vendange.models import Fact, Identity, Person, Touched, Trail
from vendange.vouch.actions import NotTaken
from vendange.vouch.queries import proved


@pytest.fixture
def camille(db: None) -> Person:
    return Person.objects.create(created_at=MONDAY, email="c@nova.example", country="FR", job_title="Buyer")


def fact(person: Person, field: str, value: str, origin: str = "declared", days: int = 0) -> Fact:
    at = MONDAY + timedelta(days=days)
    return Fact.objects.create(person=person, field=field, value=value, origin=origin, source="Quote form", at=at)


def test_the_record_says_it_and_who_vouched_is_known(house: House, camille: Person) -> None:
    take_over(fact=fact(camille, "job_title", "Head of purchasing"), by=house.alice, now=MONDAY)
    camille.refresh_from_db()
    assert camille.job_title == "Head of purchasing"
    verified = Fact.objects.get(person=camille, origin="verified")
    assert (verified.value, verified.by) == ("Head of purchasing", house.alice)
    told = Trail.objects.get(verb="fact.taken_over")
    assert told.detail == {"field": "job_title", "from": "Buyer", "to": "Head of purchasing"}


def test_a_number_is_read_by_the_country(house: House, camille: Person) -> None:
    take_over(fact=fact(camille, "phone", "06 12 34 56 78"), by=house.alice, now=MONDAY)
    camille.refresh_from_db()
    assert (camille.phone_raw, camille.phone) == ("06 12 34 56 78", "+33612345678")


def test_the_score_follows(house: House, camille: Person) -> None:
    take_over(fact=fact(camille, "level", "director"), by=house.alice, now=MONDAY)
    assert not Touched.objects.filter(person=camille).exists()
    camille.refresh_from_db()
    assert camille.measure.fit > 0


def test_a_claimed_address_becomes_a_key(house: House, camille: Person) -> None:
    claimant = Person.objects.create(created_at=MONDAY)
    Identity.objects.create(person=claimant, kind="email", value="new@nova.example", claimed=True, first_seen_at=MONDAY)
    take_over(fact=fact(camille, "email", "New@nova.example"), by=house.alice, now=MONDAY)
    held = Identity.objects.get(kind="email", value="new@nova.example")
    assert (held.person, held.claimed) == (camille, False)


def test_the_address_of_somebody_else_is_refused_with_their_name(house: House, camille: Person) -> None:
    other = Person.objects.create(created_at=MONDAY, first_name="Eve", last_name="Roux")
    Identity.objects.create(person=other, kind="email", value="eve@nova.example", first_seen_at=MONDAY)
    with pytest.raises(NotTaken, match="already the address of Eve Roux"):
        take_over(fact=fact(camille, "email", "eve@nova.example"), by=house.alice, now=MONDAY)
    camille.refresh_from_db()
    assert camille.email == "c@nova.example"


def test_what_is_no_field_of_the_record_stays_a_fact(house: House, camille: Person) -> None:
    with pytest.raises(NotTaken):
        take_over(fact=fact(camille, "favourite_colour", "blue"), by=house.alice, now=MONDAY)


def test_declared_answers_are_held_against_what_was_verified(db: None, django_assert_num_queries: Any) -> None:
    for n, (said, found) in enumerate([("Paris", "paris"), ("Lyon", "Lille"), ("Nice", "Nice")]):
        person = Person.objects.create(created_at=MONDAY)
        fact(person, "city", "Somewhere")
        fact(person, "city", said, days=1)
        fact(person, "city", found, "verified", days=2)
        fact(person, "city", f"later {n}", days=3)
    silent = Person.objects.create(created_at=MONDAY)
    fact(silent, "city", "Brest", "verified")
    with django_assert_num_queries(1):
        assert proved(["city", "level"]) == {"city": (3, 2)}

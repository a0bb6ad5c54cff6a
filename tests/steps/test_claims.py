"""Through a key that stands in a public page anybody can claim any address: that adds a claim, and changes nobody."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import MONDAY
from vendange.belong.actions import Companies
from vendange.capture.rules import Who
from vendange.identify.actions import Sighting, find_or_create
from vendange.models import Fact, Identity, Person

CAMILLE: dict[str, Any] = {"email": "camille@nova.example", "traits": {"first_name": "Camille", "country": "FR"}}
IMPOSTOR = {"last_name": "Impostor", "phone": "+33 6 12 34 56 78", "regime": "professional", "organisation": "Nova SA"}


def vouched(**keys: Any) -> Person:
    """Named by an import, a colleague or a server of ours."""
    return met(trusted=True, **keys)


def claimed(**keys: Any) -> Person:
    """Named through a public key."""
    return met(trusted=False, **keys)


def met(*, trusted: bool, **keys: Any) -> Person:
    return find_or_create(
        [Sighting(Who(**keys), MONDAY, "test", trusted=trusted)], companies=Companies(), now=MONDAY
    ).people[0]


def row_of(person: Person) -> dict[str, Any]:
    return dict(Person.objects.values().get(pk=person.pk))


def test_a_claim_reaches_the_person_and_leaves_the_record_as_it_was(db: None) -> None:
    camille = vouched(**CAMILLE)
    before = row_of(camille)
    assert claimed(email="camille@nova.example", traits=IMPOSTOR) == camille
    assert row_of(camille) == before
    said = dict(Fact.objects.filter(person=camille).values_list("field", "value"))
    assert said["last_name"] == "Impostor"  # told beside, for a human to judge


def test_a_claim_in_the_very_batch_of_the_import_changes_nothing_either(db: None) -> None:
    both = [
        Sighting(Who(**CAMILLE), MONDAY, "file"),
        Sighting(Who(email="camille@nova.example", traits=IMPOSTOR), MONDAY, "site", trusted=False),
    ]
    find_or_create(both, companies=Companies(), now=MONDAY)
    assert (Person.objects.get().last_name, Person.objects.get().phone) == ("", "")


def test_a_newcomer_who_fills_forms_only_is_taken_at_their_word(db: None) -> None:
    claimed(email="camille@nova.example", traits={"first_name": "Camille"})
    person = claimed(email="camille@nova.example", traits={"job_title": "Buyer"})
    assert (person.first_name, person.job_title) == ("Camille", "Buyer")


def test_what_is_vouched_for_later_holds_from_then_on(db: None) -> None:
    person = claimed(email="camille@nova.example")
    assert Identity.objects.get().claimed
    assert vouched(**CAMILLE) == person
    assert not Identity.objects.get().claimed
    claimed(email="camille@nova.example", traits=IMPOSTOR)
    assert row_of(person)["last_name"] == ""


@pytest.mark.parametrize(("given", "kept"), [("external_id", 0), ("email", 0), ("user_id", 1)])
def test_a_claim_gives_a_known_person_no_key_that_could_draw_others_to_them(db: None, given: str, kept: int) -> None:
    camille = vouched(email="camille@nova.example", user_id="" if given == "user_id" else "7")
    keys: dict[str, Any] = {"user_id": "7", given: "stranger@other.example"} if given == "email" else {given: "x9"}
    claimed(**{"email": "camille@nova.example", **keys})
    held = Identity.objects.filter(person=camille, claimed=True)
    assert held.count() == kept


def test_another_address_claimed_is_told_as_a_claim(db: None) -> None:
    camille = vouched(email="camille@nova.example", user_id="7")
    claimed(user_id="7", email="stranger@other.example")
    assert Person.objects.get(pk=camille.pk).email == "camille@nova.example"
    assert Fact.objects.get(person=camille, field="email").value == "stranger@other.example"


def test_a_login_that_was_claimed_goes_to_whom_our_server_gives_it(db: None) -> None:
    camille = vouched(email="camille@nova.example")
    claimed(user_id="u1", email="camille@nova.example")
    dominique = vouched(user_id="u1", email="dominique@nova.example")
    assert dominique != camille
    assert Identity.objects.get(kind="user_id", value="u1").person == dominique
    claimed(user_id="u2", email="camille@nova.example")
    assert vouched(user_id="u2", email="dominique@nova.example") == dominique
    assert Identity.objects.get(kind="user_id", value="u2").person == dominique


def test_an_address_that_is_somebody_elses_key_is_not_written_into_a_second_record(db: None) -> None:
    vouched(email="camille@nova.example")
    visitor = vouched(user_id="u1")
    assert vouched(user_id="u1", email="camille@nova.example") == visitor
    assert row_of(visitor)["email"] == ""


def test_two_keys_of_one_person_learn_into_one_record(db: None) -> None:
    vouched(user_id="u1", email="camille@nova.example")
    both = [
        Sighting(Who(user_id="u1", traits={"first_name": "Camille"}), MONDAY, "test"),
        Sighting(Who(email="camille@nova.example", traits={"job_title": "Buyer"}), MONDAY, "test"),
    ]
    find_or_create(both, companies=Companies(), now=MONDAY)
    person = Person.objects.get()
    assert (person.first_name, person.job_title) == ("Camille", "Buyer")


def test_claims_ask_no_more_of_the_database_when_they_are_many(db: None) -> None:
    for n in range(20):
        vouched(email=f"p{n}@nova.example")
    claims = [Sighting(Who(email=f"p{n}@nova.example"), MONDAY, "site", trusted=False) for n in range(20)]
    asked = []
    for some in (claims[:5], claims):
        with CaptureQueriesContext(connection) as queries:
            find_or_create(some, companies=Companies(), now=MONDAY)
        asked.append(len(queries))
    assert asked[0] == asked[1]

"""Keys of somebody stand on their page: what is only claimed, and which browsers are of several people."""

import re

import pytest
from django.utils.translation import override

from tests.people import MONDAY, House
from tests.web.test_people import questions
from tests.web.test_shell import browser
from vendange.ask.rules import FIELDS
from vendange.belong.rules import ORGANISATION_FIELDS
from vendange.capture.rules import Incoming, Who
from vendange.identify.rules import PERSON_FIELDS
from vendange.journey.arrive import arrive
from vendange.models import Fact, Identity, Person, Twins
from vendange.web.people.keys import keys_of
from vendange.web.people.labels import field_name
from vendange.web.people.twins import disguised


def page_of(house: House, person: Person, language: str = "en") -> str:
    page = browser(house.alice).get(f"/people/{person.public_id}/", headers={"Accept-Language": language})
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_a_claimed_key_and_a_shared_browser_are_told(house: House) -> None:
    person = house.lead().person
    Identity.objects.filter(person=person).update(claimed=False)
    for kind, value, claimed, shared in (
        ("user_id", "camille-42", True, False),
        ("external_id", "told-7-abc", False, False),
        ("anonymous_id", "b1", True, False),
        ("anonymous_id", "b2", True, True),
    ):
        Identity.objects.create(
            person=person, kind=kind, value=value, claimed=claimed, shared=shared, first_seen_at=MONDAY
        )
    found = keys_of(person)
    assert [(one.value, one.claimed) for one in found.strong] == [(person.email, False), ("camille-42", True)]
    assert (found.browsers, found.shared, found.more) == (2, 1, 0)
    page = page_of(house, person)
    assert "camille-42 only claimed" in page and f"{person.email} vouched for" in page
    assert "2 browsers 1 of several people" in page and "told-7" not in page
    assert "2 navigateurs 1 de plusieurs personnes" in page_of(house, person, "fr")


def test_many_browsers_cost_no_more(house: House) -> None:
    person, client = house.lead().person, browser(house.alice)
    few = questions(client, f"/people/{person.public_id}/")
    Identity.objects.bulk_create(
        Identity(person=person, kind=kind, value=f"{kind}{n}", first_seen_at=MONDAY)
        for n in range(40)
        for kind in ("anonymous_id", "user_id")
    )
    assert questions(client, f"/people/{person.public_id}/") == few
    found = keys_of(person)
    assert (len(found.strong), found.more, found.browsers) == (12, 29, 40)


def test_a_fact_names_its_source_when_nothing_was_done(house: House) -> None:
    """A site that only says who somebody is does nothing by that: the source is what it is called."""
    said = Incoming(
        source_id=house.source.pk,
        message_id="i-1",
        kind="",
        occurred_at=MONDAY,
        received_at=MONDAY,
        who=Who(email="a@nova.example", traits={"job_title": "Buyer"}),
    )
    arrive(signals=[said], now=MONDAY)
    assert Fact.objects.get(field="job_title").source == house.source.name
    assert f"Buyer {house.source.name}, 7 Sep" in page_of(house, Person.objects.get(email="a@nova.example"))


def test_letters_that_look_like_ours_are_told(house: House) -> None:
    people = [
        Person.objects.create(created_at=MONDAY, first_name=name, last_name="Martin", email=f"{name}@nova.example")
        for name in ("Jean", "J\u0435an", "Jeanne")
    ]
    pair = Twins.objects.create(first=people[0], second=people[1], score=0.9, because=["name"], found_at=MONDAY)
    assert disguised(pair) and not disguised(Twins(first=people[0], second=people[2]))
    pair.because = ["address", "name"]
    pair.save()
    page = browser(house.alice).get("/people/twins/").content.decode()
    assert "letters of another alphabet" in page and "addresses that look alike" in page and "same mailbox" not in page


@pytest.mark.parametrize(
    "field", sorted({*FIELDS, *PERSON_FIELDS, *ORGANISATION_FIELDS, "organisation_id", "other_contact"})
)
def test_every_field_of_ours_has_a_name_in_both_languages(field: str) -> None:
    with override("fr"):
        french = str(field_name(field))
    with override("en"):
        english = str(field_name(field))
    assert french and english and field not in (french, english)
    assert french != field.replace("_", " ").capitalize() or french in SAME


# Words that both languages write alike, and our codes too.
SAME = {"Source", "Domain"}


def test_two_of_one_name_are_told_apart_by_their_addresses(house: House) -> None:
    both = [
        Person.objects.create(created_at=MONDAY, first_name="Jean", last_name="Martin", email=email)
        for email in ("jean@nova.example", "")
    ]
    pair = Twins.objects.create(first=both[0], second=both[1], score=0.9, because=["name"], found_at=MONDAY)
    posted = {"keep": str(both[0].public_id)}
    page = browser(house.alice).post(f"/people/twins/{pair.pk}/judge", posted, follow=True).content.decode()
    assert "Jean Martin (no address) has become one record with Jean Martin (jean@nova.example)" in page

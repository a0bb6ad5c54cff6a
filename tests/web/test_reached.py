"""How somebody is reached: number, mailbox, clock, language and regime, with what tells so and what follows."""

from typing import Any

import pytest

from tests.people import House
from tests.web.test_account import opened
from tests.web.test_shell import browser
from vendange.models import Consent, Fact, Organisation, Person, Trail
from vendange.qualify.rules import mail_rule


def somebody(house: House, **fields: Any) -> Person:
    lead = house.lead()
    Fact.objects.filter(person=lead.person).delete()
    Person.objects.filter(pk=lead.person_id).update(**{"regime": "unknown", "country": "", **fields})
    return Person.objects.get(pk=lead.person_id)


def lines(house: House, one: Person) -> dict[str, Any]:
    answer = browser(house.alice).get(f"/people/{one.public_id}/")
    return {line.icon: line for line in answer.context["reached"]}


def test_what_is_worked_out_is_shown_as_such(house: House) -> None:
    one = somebody(house, country="FR", language="")
    found = lines(house, one)
    assert (found["clock"].value, found["clock"].origin) == ("Europe/Paris", "inferred")
    assert (found["languages"].value, found["languages"].origin) == ("French", "inferred")
    assert "treated as a private person until somebody says" in found["scale"].notes


def test_a_number_that_cannot_be_read_is_kept_and_told(house: House) -> None:
    found = lines(house, somebody(house, phone="", phone_raw="06 12 34 56 78"))["phone"]
    assert (found.value, found.warn) == ("06 12 34 56 78", True)
    assert found.notes == ["not read: nobody says of which country it is"]


def test_a_switchboard_and_mailboxes_of_nobody_are_told(house: House) -> None:
    one = somebody(house, email="info@nova.example", phone="+33465710041", phone_raw="+33465710041")
    for n in range(3):
        Person.objects.create(
            created_at=one.created_at, email=f"p{n}@nova.example", phone=one.phone, organisation=one.organisation
        )
    found = lines(house, one)
    assert "3 other people have it" in found["phone"].notes[-1]
    assert "of a function" in found["mail"].notes[0] and "the mailbox of a company" in found["scale"].notes[-1]


def test_somewhere_on_several_clocks_all_of_them_must_allow_a_call(house: House) -> None:
    Organisation.objects.update(country="", city="")
    found = lines(house, somebody(house, country="US"))["clock"]
    assert found.value.startswith("one of") and "all of them" in found.notes[-1]


def test_a_colleague_reports_how_somebody_is_reached(house: House) -> None:
    one = somebody(house)
    typed = {"phone": "06 12 34 56 78", "country": "fr", "time_zone": "", "language": "fr", "regime": "professional"}
    answer = browser(house.alice).post(f"/people/{one.public_id}/contact", {**typed, "reason": ""}, follow=True)
    assert "on your word" in answer.content.decode()
    one.refresh_from_db()
    assert (one.phone, one.phone_raw, one.country, one.regime) == (
        "+33612345678",
        "06 12 34 56 78",
        "FR",
        "professional",
    )
    said = set(Fact.objects.filter(person=one, origin="reported", by=house.alice).values_list("field", flat=True))
    assert said == {"phone", "country", "language", "regime"}
    assert Trail.objects.filter(verb="fact.reported").exists()
    assert {line.origin for line in answer.context["reached"] if line.icon in ("phone", "scale")} == {"reported"}


def test_a_private_mailbox_needs_a_reason_and_then_is_a_professional(house: House) -> None:
    one = somebody(house, email="camille@gmail.com", regime="professional", phone="+33465710041", country="FR")
    assert "they write from a private mailbox" in lines(house, one)["scale"].notes[0]
    client, path = browser(house.alice), f"/people/{one.public_id}/contact"
    typed = {"phone": "", "country": "FR", "time_zone": "", "language": "", "regime": "professional"}
    refused = client.post(path, {**typed, "regime": "unknown", "reason": ""})
    assert refused.status_code == 302 or refused.status_code == 303
    refused = client.post(path, {**typed, "reason": ""})
    assert refused.status_code == 422 and "say why they are a professional" in refused.content.decode()
    client.post(path, {**typed, "reason": "Sole trader, buys for her workshop"})
    notes = lines(house, one)["scale"].notes
    assert "a colleague has said why, private mailbox or not" in notes
    assert any("about their work" in note for note in notes)


@pytest.mark.parametrize(("more", "kept"), [(0, True), (1, False)])
def test_a_reason_is_kept_whole_or_refused(house: House, more: int, kept: bool) -> None:
    one = somebody(house, email="camille@gmail.com", country="FR")
    reason = "x" * (120 - len(f"{house.alice.name}: ") + more)
    typed = {"phone": "", "country": "FR", "time_zone": "", "language": "", "regime": "professional", "reason": reason}
    answer = browser(house.alice).post(f"/people/{one.public_id}/contact", typed)
    said = Fact.objects.filter(person=one, field="regime", origin="reported").first()
    if kept:
        assert said is not None and said.source == f"{house.alice.name}: {reason}"
        assert Trail.objects.get(verb="fact.reported").detail["reason"] == reason
    else:
        assert answer.status_code == 422 and said is None
        assert (
            f"This reason has {len(reason)} characters" in answer.content.decode() and reason in answer.content.decode()
        )


@pytest.mark.parametrize(
    ("regime", "private", "function", "refused", "agreed", "rule"),
    [
        ("professional", False, False, False, False, "professional"),
        ("professional", True, False, False, False, "consent_needed"),
        ("consumer", False, False, False, True, "agreed"),
        ("unknown", False, False, False, False, "consent_needed"),
        ("unknown", False, True, False, False, "function"),
        ("unknown", True, True, False, False, "consent_needed"),
        ("professional", False, False, True, True, "refused"),
        ("unknown", False, True, True, False, "refused"),
    ],
)
def test_which_rule_a_letter_stands_under(
    regime: str, private: bool, function: bool, refused: bool, agreed: bool, rule: str
) -> None:
    found = mail_rule(regime, private_mailbox=private, function=function, refused=refused, agreed=agreed)
    assert found == rule


def test_a_refusal_of_letters_is_said_first(house: House) -> None:
    one = somebody(house, regime="professional")
    Consent.objects.create(
        person=one, channel="email", purpose="prospecting", status="withdrawn", at=one.created_at, method="email"
    )
    assert "they refused" in lines(house, one)["scale"].notes[-1]


def test_a_form_that_was_open_takes_nothing_back_of_a_colleague(house: House) -> None:
    one = somebody(house, language="en")
    address = f"/people/{one.public_id}/contact"
    carole, alice = browser(house.carole), browser(house.alice)
    stale, fresh = opened(alice, address), opened(carole, address)
    carole.post(address, {**fresh, "country": "FR", "language": "fr"})
    asked = alice.post(address, {**stale, "language": "de", "phone": "+33 6 12 34 56 78"})
    assert asked.status_code == 409 and "A colleague wrote “French”" in asked.content.decode()
    assert asked.context["form"]["phone"].value() == "+33 6 12 34 56 78"
    assert alice.post(address, {**stale, "phone": "+33 6 12 34 56 78"}).status_code == 303
    one.refresh_from_db()
    assert (one.country, one.language, one.phone) == ("FR", "fr", "+33612345678")
    assert set(Fact.objects.filter(person=one, by=house.alice).values_list("field", flat=True)) == {"phone"}


@pytest.mark.parametrize("country", ["zz", "!!", "1"])
def test_only_countries_that_there_are(house: House, country: str) -> None:
    one = somebody(house)
    answer = browser(house.alice).post(f"/people/{one.public_id}/contact", {"country": country, "regime": "unknown"})
    assert answer.status_code == 422 and "two letters of a country" in answer.content.decode()


def test_use_makes_nobody_with_a_private_mailbox_a_professional_without_a_reason(house: House) -> None:
    one = somebody(house, email="camille@gmail.com")
    said = Fact.objects.create(person=one, field="regime", value="professional", origin="declared", at=one.created_at)
    client, address = browser(house.alice), f"/people/{one.public_id}/facts/{said.pk}/use"
    asked = client.post(address, follow=True)
    one.refresh_from_db()
    assert one.regime == "unknown" and "say why they are a professional" in asked.content.decode()
    assert asked.request["PATH_INFO"] == f"/people/{one.public_id}/contact"
    Person.objects.filter(pk=one.pk).update(email="camille@nova.example")
    told = client.post(address, follow=True, headers={"accept-language": "fr"}).content.decode()
    one.refresh_from_db()
    assert one.regime == "professional" and "« professional »" not in told and "“professional”" not in told

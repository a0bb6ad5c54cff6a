"""What the engine says, as the API and `vendange explain` give it."""

import json
from datetime import UTC, datetime, timedelta

from click.testing import CliRunner
from pytest import approx

from tests.api.world import ask_as
from tests.people import MONDAY, House
from vendange.cli.explain import explain
from vendange.journey.arrive import arrive
from vendange.models import Heat, Measure, Organisation

ROLES = {"decides": "silent", "pays": "engaged", "uses": "missing"}


def heated(house: House) -> None:
    for one in Organisation.objects.all():
        values = {"temperature": "warm", "engaged": 1, "roles": ROLES, "disagreement": True, "as_of": MONDAY}
        Heat.objects.update_or_create(organisation=one, defaults={**values, "agreement": house.version})


def test_a_lead_says_what_called(house: House) -> None:
    house.lead()
    assert ask_as("ldr")("/leads").json()["results"][0]["called_by"] == {
        "way": "act",
        "rule": "quote",
        "label": {"en": "Asks for a quote", "fr": "Demande un devis"},
    }


def test_a_person_brings_category_dimensions_and_interests(house: House) -> None:
    lead = house.lead()
    Measure.objects.update(
        temperature="hot",
        dimensions={"lathes": [46.0, "A1"]},
        interests={"financing": 4.5, "machining": 0.0},
        changes=["financing"],
    )
    told = ask_as("ldr")(f"/people/{lead.person.public_id}").json()["measure"]
    assert (told["category"], told["temperature"], told["set_aside"]) == ("hot", "hot", "")
    lathes = {"id": "lathes", "label": {"en": "Lathes", "fr": "Tours"}, "engagement": 46.0, "grade": "A1"}
    assert told["dimensions"] == [lathes]
    assert [(one["id"], one["points"], one["has_burst"]) for one in told["interests"]] == [
        ("financing", 4.5, True),
        ("machining", 0.0, False),
    ]


def test_an_organisation_brings_its_heat(house: House) -> None:
    house.lead()
    ask = ask_as("manager")
    Heat.objects.all().delete()
    assert ask("/organisations").json()["results"][0]["heat"] is None
    heated(house)
    told = ask("/organisations").json()["results"][0]["heat"]
    assert (told["temperature"], told["engaged"], told["roles"], told["disagreement"]) == ("warm", 1, ROLES, True)
    assert told["agreement"] == house.version.number


def test_explain_measures_as_of_now(house: House) -> None:
    lead = house.lead()
    email, now = lead.person.email, datetime.now(UTC)
    arrive(signals=[house.signal("page_viewed", email, now - timedelta(days=1), path="/tarifs")], now=now)
    heated(house)
    Measure.objects.update(engagement=99.0, grade="D1", as_of=now - timedelta(days=90), interests={}, dimensions={})
    given = CliRunner().invoke(explain, ["person", str(lead.person.public_id), "--json"])
    told = json.loads(given.output)
    assert datetime.fromisoformat(told["as_of"]) >= now
    assert 0 < told["engagement"] < 99 and told["last_kept"]["engagement"] == 99.0
    assert sum(one["points"] for one in told["lines"] if one["side"] == "engagement") == approx(told["engagement"])
    assert {one["id"] for one in told["dimensions"]} and {one["id"] for one in told["interests"]}
    said = CliRunner().invoke(explain, ["person", str(lead.person.public_id)]).output
    assert f"as of {now:%Y-%m-%d}" in said and "Lists still show D1" in said
    assert "By product or topic: Lathes" in said
    assert "1 engaged, decides silent, pays engaged, uses missing. They disagree." in said
    assert Measure.objects.get(person=lead.person).engagement == 99.0  # nothing is written
    of_lead = CliRunner().invoke(explain, ["lead", str(lead.public_id)]).output
    assert "revealing act: Asks for a quote" in of_lead and "They disagree." in of_lead

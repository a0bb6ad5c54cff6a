"""Organisations: who sees which, who is who and which part nobody is known to play."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from tests.people import House
from tests.web.test_people import passed_to, questions
from tests.web.test_shell import browser
from vendange.journey.arrive import arrive
from vendange.models import Organisation

NOW = timezone.now()


def staff(house: House, company: str, **roles: str) -> Organisation:
    """People of a company, each with a part in the purchase."""
    domain = company.lower().replace(" ", "-") + ".example"
    seen = [
        house.signal(
            "page_viewed", f"{name}@{domain}", NOW - timedelta(days=1), traits={"organisation": company, "role": role}
        )
        for name, role in roles.items()
    ]
    arrive(signals=seen, now=NOW)
    return Organisation.objects.get(domain=domain)


def page(client: Client, one: Organisation) -> str:
    return client.get(f"/organisations/{one.public_id}/").content.decode()


def test_parts_nobody_plays_are_shown(house: House) -> None:
    one = staff(house, "Atelier Nova", ana="uses", ben="pays")
    answer = browser(house.alice).get(f"/organisations/{one.public_id}/")
    missing = [part.role for part in answer.context["parts"] if part.is_missing]
    assert missing == ["advises", "checks", "decides"]
    assert answer.context["signals"] == 2 and "2 of 5 roles known" in answer.content.decode()


def test_salesperson_sees_organisations_of_their_leads_and_no_other_names(house: House) -> None:
    nova, other = staff(house, "Nova", ana="uses", ben="pays"), staff(house, "Other", zoe="uses")
    lead = passed_to(house, house.bob, "ana@nova.example")
    assert lead.organisation == nova
    bob = browser(house.bob)
    assert "Other" not in bob.get("/organisations/").content.decode()
    assert bob.get(f"/organisations/{other.public_id}/").status_code == 404
    seen = page(bob, nova)
    assert "ben@nova.example" not in seen and "Known to marketing" in seen and "1 more person" in seen


def test_search_by_name_and_counts(house: House) -> None:
    staff(house, "Nova", ana="uses"), staff(house, "Other", zoe="uses")
    answer = browser(house.marc).get("/organisations/?q=nov")
    rows = answer.context["page"].rows
    assert [(one.name, one.people_known, one.roles_known, one.open_leads) for one in rows] == [("Nova", 1, 1, None)]


def test_as_many_questions_for_twice_as_many(house: House) -> None:
    client = browser(house.alice)
    one = staff(house, "Nova", ana="uses", ben="pays")
    before, inside = questions(client, "/organisations/"), questions(client, f"/organisations/{one.public_id}/")
    staff(house, "Other", zoe="uses"), staff(house, "Nova", cid="checks", dan="decides")
    assert questions(client, "/organisations/") == before
    assert questions(client, f"/organisations/{one.public_id}/") == inside


def test_silent_organisations_page_too(house: House) -> None:
    Organisation.objects.bulk_create(Organisation(name=f"Firm {n}", created_at=NOW) for n in range(55))
    client = browser(house.alice)
    first = client.get("/organisations/")
    second = client.get(f"/organisations/{first.context['next_url']}")
    assert len(first.context["page"].rows) == 50 and len(second.context["page"].rows) == 5

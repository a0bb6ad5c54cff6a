"""Which company somebody belongs to: numbers and domains decide, in the order of docs/rules/organisations.md."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import MONDAY
from vendange.belong.actions import Companies
from vendange.capture.rules import Who
from vendange.identify.actions import Sighting, find_or_create
from vendange.models import Fact, Organisation, OrganisationMerge

SIREN, SEAT, SITE = "732829320", "73282932000074", "73282932000082"
OTHER = "552100554"


def works(email: str = "", **traits: str) -> Organisation:
    found = meet([(email, traits)])[0]
    assert found is not None
    return found


def meet(rows: list[tuple[str, dict[str, str]]]) -> list[Organisation | None]:
    seen = [Sighting(Who(email=email, traits=traits), MONDAY, "file") for email, traits in rows]
    return [person.organisation for person in find_or_create(seen, companies=Companies(), now=MONDAY).people]


def fr(number: str, **traits: str) -> dict[str, Any]:
    return {"registry_number": number, "organisation_country": "FR", **traits}


def test_a_number_finds_the_company_whatever_it_is_called(db: None) -> None:
    one = works("a@nova.example", **fr("732 829 320", organisation="Nova"))
    assert works("b@gmail.com", **fr("FR44732829320", organisation="Atelier Nova SAS")) == one
    one.refresh_from_db()
    assert (one.siren, one.siret, one.domain, one.name) == (SIREN, None, "nova.example", "Nova")


def test_one_number_with_another_domain_is_one_company_with_its_first_domain(db: None) -> None:
    one = works("a@nova.example", **fr(SIREN))
    assert works("b@nova-group.example", **fr(SIREN)) == one
    one.refresh_from_db()
    assert one.domain == "nova.example"
    assert works("c@nova-group.example") != one  # by that domain alone nobody is recognised


def test_one_domain_with_two_numbers_is_a_group(db: None) -> None:
    head = works("a@nova.example", **fr(SIREN, organisation="Nova"))
    part = works("b@nova.example", **fr(OTHER, organisation="Nova Bois"))
    assert (part.parent, part.siren, part.domain) == (head, OTHER, None)
    assert works("c@nova.example") == head
    assert works("d@nova.example", **fr(OTHER)) == part


def test_another_siret_is_a_site_of_the_company(db: None) -> None:
    one = works("a@nova.example", **fr(SEAT, organisation="Nova"))
    site = works("b@nova.example", **fr(SITE, organisation="Nova Toulouse", city="Toulouse"))
    assert (one.siren, one.siret, one.parent) == (SIREN, SEAT, None)
    assert (site.siren, site.siret, site.parent, site.domain) == (None, SITE, one, None)
    assert works("c@nova.example", **fr(SITE)) == site
    assert works("d@nova.example", **fr(SEAT)) == works("e@nova.example", **fr(SIREN)) == one


def test_a_company_and_its_sites_may_come_in_one_batch(db: None) -> None:
    rows = [("", fr(number, organisation="Nova")) for number in (SEAT, SITE, SITE, SIREN)]
    found = [one for one in meet([(f"p{n}@nova.example", traits) for n, (_, traits) in enumerate(rows)]) if one]
    assert [one.siret for one in found] == [SEAT, SITE, SITE, SEAT]
    assert Organisation.objects.filter(parent__siren=SIREN).count() == 1


def test_a_wrong_number_is_a_fact_and_never_a_key(db: None) -> None:
    one = works("a@nova.example", **fr("732829321"))
    assert (one.siren, one.registry_number) == (None, "")
    assert Fact.objects.get(field="registry_number").value == "732829321"
    assert works("b@other.example", **fr("732829321")) != one


def test_a_number_of_another_country_is_kept_and_no_key(db: None) -> None:
    one = works("a@nova.example", registry_number="HRB 6684", organisation_country="DE")
    assert (one.siren, one.registry_number) == (None, "HRB 6684")
    assert works("b@other.example", registry_number="HRB 6684", organisation_country="DE") != one


def test_one_name_with_two_numbers_is_two_companies(db: None) -> None:
    assert works(**fr(SIREN, organisation="Nova")) != works(**fr(OTHER, organisation="Nova"))


def test_an_id_elsewhere_decides_before_the_number(db: None) -> None:
    one = works("a@nova.example", organisation_id="crm-1", **fr(SIREN))
    assert works("b@nova.example", organisation_id="crm-1", **fr(OTHER)) == one
    one.refresh_from_db()
    assert one.siren == SIREN


@pytest.mark.parametrize("by", ["email", "organisation"])
def test_whoever_comes_later_finds_the_one_that_took_theirs_in(db: None, by: str) -> None:
    kept, middle, absorbed = (works(f"a@{name}.example", organisation=name) for name in ("nova", "mid", "old"))
    Organisation.objects.filter(pk=absorbed.pk).update(merged_into=middle)
    Organisation.objects.filter(pk=middle.pk).update(merged_into=kept)
    assert not OrganisationMerge.objects.exists()
    assert works(**({"email": "b@old.example"} if by == "email" else {"organisation": "OLD"})) == kept


def test_the_questions_are_as_many_for_two_hundred_as_for_two(db: None) -> None:
    def asked(first: int, count: int) -> int:
        rows = [(f"p{n}@firm{n}.example", fr(SIREN, organisation=f"F{n}")) for n in range(first, first + count)]
        with CaptureQueriesContext(connection) as queries:
            meet(rows)
        return len([one for one in queries if "vendange_organisation" in one["sql"] and "INSERT" not in one["sql"]])

    asked(0, 1)
    assert asked(10, 2) == asked(100, 200)

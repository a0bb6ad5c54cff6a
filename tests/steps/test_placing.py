"""No circle of companies, sites under their company, and what is typed or sent is read before it stands."""

from typing import Any

import pytest

from tests.people import MONDAY, House
from tests.steps.test_belong import SEAT, SIREN, SITE, works
from vendange.belong import queries as belonged
from vendange.belong.actions import Companies, NotStated
from vendange.capture.rules import Who
from vendange.journey import belonging
from vendange.models import Fact, Organisation, Person, Trail


def firm(name: str, **columns: Any) -> Organisation:
    return Organisation.objects.create(name=name, created_at=MONDAY, **columns)


def write(house: House, one: Organisation, reason: str = "", **said: str) -> Organisation:
    belonging.state(organisation=one, said=said, reason=reason, by=house.alice, now=MONDAY)
    return Organisation.objects.get(pk=one.pk)


def refused(house: House, one: Organisation, **said: str) -> dict[str, str]:
    with pytest.raises(NotStated) as caught:
        belonging.state(organisation=one, said=said, by=house.alice, now=MONDAY)
    return {field: str(told) for field, told in caught.value.problems.items()}


def test_undoing_a_merge_makes_no_circle(house: House) -> None:
    above, taken = firm("A"), firm("B")
    below, kept = firm("D", parent=taken), firm("C")
    Organisation.objects.filter(pk=taken.pk).update(parent=above)
    done = belonging.merge(kept=kept, absorbed=taken, by=house.alice, now=MONDAY)
    write(house, kept, parent="")  # what it had been given of A
    write(house, above, parent="D")
    parted = belonging.unmerge(merge=done, by=house.alice, now=MONDAY)
    taken.refresh_from_db()
    below.refresh_from_db()
    above.refresh_from_db()
    assert (below.parent, taken.parent, above.parent) == (taken, None, below)
    assert list(parted.alone) == [taken]
    assert Trail.objects.get(verb="organisation.unmerged").detail["alone"] == [str(taken.public_id)]


def test_undoing_puts_the_kept_one_below_nobody_that_is_below_it(house: House) -> None:
    above = firm("A")
    taken = firm("B", parent=above)
    between = firm("M", parent=taken)
    kept = firm("K", parent=between)
    other = firm("X", parent=kept)
    done = belonging.merge(kept=kept, absorbed=taken, by=house.alice, now=MONDAY)
    write(house, between, parent="X")
    parted = belonging.unmerge(merge=done, by=house.alice, now=MONDAY)
    parents = belonged.parents()
    assert (parents[between.pk], parents.get(kept.pk), parents[other.pk]) == (other.pk, None, kept.pk)
    assert list(parted.alone) == [kept]


def test_a_merge_fills_what_stands_above(house: House) -> None:
    above = firm("A")
    kept, taken = firm("K"), firm("B", parent=above)
    done = belonging.merge(kept=kept, absorbed=taken, by=house.alice, now=MONDAY)
    kept.refresh_from_db()
    assert kept.parent == above
    belonging.unmerge(merge=done, by=house.alice, now=MONDAY)
    kept.refresh_from_db()
    taken.refresh_from_db()
    assert kept.parent is None
    assert taken.parent == above


def test_a_merge_with_one_further_down_makes_no_circle(house: House) -> None:
    kept = firm("K")
    between = firm("M", parent=kept)
    belonging.merge(kept=kept, absorbed=firm("B", parent=between), by=house.alice, now=MONDAY)
    kept.refresh_from_db()
    assert kept.parent is None


def test_a_file_opens_the_circle_that_somebody_made_meanwhile(house: House) -> None:
    one, other = firm("Nova One"), firm("Nova Two")
    batch = Companies()
    who = Who(email="", traits={"organisation": "Nova One", "parent_organisation": "Nova Two"})
    batch.load([who])
    batch.resolve(who, who.traits, None, MONDAY)
    Organisation.objects.filter(pk=other.pk).update(parent=one)
    batch.save()
    one.refresh_from_db()
    assert one.parent is None


def test_a_site_is_made_in_one_save_and_does_not_lose_its_company(house: House) -> None:
    head = firm("Nova", siren=SIREN, registry_number=SIREN)
    site = write(house, firm("Nova Toulouse"), registry_number=SITE, country="FR", parent="Nova")
    assert (site.siren, site.siret, site.parent) == (None, SITE, head)
    assert "site of Nova" in refused(house, site, parent="")["parent"]
    firm("Other group")
    assert "site of Nova" in refused(house, site, parent="Other group")["parent"]
    site = write(house, site, parent="", registry_number="")
    assert (site.siret, site.parent) == (None, None)


def test_a_site_of_nobody_takes_the_number_of_its_company(house: House) -> None:
    site = firm("Nova Toulouse", siret=SITE, registry_number=SITE, parent=firm("Nova"))
    site = write(house, site, parent="")
    assert (site.siren, site.siret) == (SIREN, SITE)


@pytest.mark.parametrize("country", ["!!", "1", "ZZ", "zz", "FRA"])
def test_only_countries_that_there_are(house: House, country: str) -> None:
    assert set(refused(house, firm("Nova"), country=country)) == {"country"}


def test_the_number_is_looked_at_again_when_the_country_changes(house: House) -> None:
    one = write(house, firm("Nova"), country="DE", registry_number="12345")
    assert "9 digits" in refused(house, one, country="FR")["registry_number"]
    assert "9 digits" in refused(house, one, country="FR", registry_number="12345")["registry_number"]
    right = write(house, firm("Bois"), country="DE", registry_number=SIREN)
    assert (right.siren, write(house, right, country="FR").siren) == (None, SIREN)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("http://www.nova-test.fr/x", "nova-test.fr"), ("nova-test.fr/", "nova-test.fr"), ("société.fr", "société.fr"),
     ("www.Nova-Test.fr:443?x=1", "nova-test.fr")],
)  # fmt: skip
def test_a_domain_is_read_as_it_is_pasted(house: House, typed: str, kept: str) -> None:
    assert write(house, firm("Nova"), domain=typed).domain == kept


@pytest.mark.parametrize(
    "typed", ["*.com", "nоva.com", "xn--nva-8cd.com", "сосо.com", "gmail.com", "1.2.3.4", "nova", "no va.fr", "-.fr"]
)
def test_what_is_no_domain_of_a_company_is_refused(house: House, typed: str) -> None:
    assert "names no company" in refused(house, firm("Nova"), domain=typed)["domain"]


@pytest.mark.parametrize(
    "typed", [SIREN, "732 829 320", SEAT, "FR 44 732829320", "nova", "nova.example", "https://www.nova.example/en"]
)
def test_the_one_above_is_found_by_any_of_its_numbers(house: House, typed: str) -> None:
    head = firm("Nova", siren=SIREN, domain="nova.example")
    assert write(house, firm("Bois"), parent=typed).parent == head


@pytest.mark.parametrize("behind", ["", "/", "/edit", "/?x=1", "/edit?x=1#top"])
def test_the_one_above_is_found_by_the_address_of_its_page(house: House, behind: str) -> None:
    head = firm("Nova")
    typed = f"https://vendange.example/organisations/{head.public_id}{behind}"
    assert write(house, firm("Bois"), parent=typed).parent == head


def test_two_of_one_name_are_told_with_their_numbers(house: House) -> None:
    firm("Nova", siren=SIREN)
    firm("Nova", city="Lyon")
    told = refused(house, firm("Bois"), parent="Nova")["parent"]
    assert "Nova (732 829 320), Nova (Lyon)" in told


@pytest.mark.parametrize("name", ["\u200b", "\u202e \u2060"])
def test_a_name_of_nothing_that_is_seen_is_none(house: House, name: str) -> None:
    assert set(refused(house, firm("Nova"), name=name)) == {"name"}
    assert write(house, firm("Bois"), name=f"No\u202eva{name}").name == "Nova"


def test_characters_that_nobody_sees_come_in_by_no_way(db: None) -> None:
    one = works("a\u200b@nova.example", organisation="No\u202eva\u200b", first_name="\u200b", city="\u2060 ")
    person = Person.objects.get()
    assert (one.name, one.city, person.first_name, person.email) == ("Nova", "", "", "a@nova.example")
    assert not Fact.objects.filter(field__in=("first_name", "city")).exists()
    assert Who(traits={"note": "two\nlines", "name": "\u0645\u06cc\u200c\u062e"}).traits == {
        "note": "two\nlines", "name": "\u0645\u06cc\u200c\u062e",
    }  # fmt: skip

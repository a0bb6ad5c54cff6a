"""Which company somebody belongs to: numbers and domains decide, in the order of docs/rules/organisations.md."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import MONDAY, House
from vendange.belong import queries as belonged
from vendange.belong.actions import Companies, NotStated
from vendange.capture.rules import Who
from vendange.combine import actions as combine
from vendange.combine import queries as combined
from vendange.identify.actions import Sighting, find_or_create
from vendange.journey import belonging
from vendange.models import (
    Fact,
    Measure,
    Organisation,
    OrganisationFact,
    OrganisationMerge,
    OrganisationTwins,
    Person,
    Trail,
)

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


def test_a_file_says_what_stands_above_by_name_number_or_domain(db: None) -> None:
    rows = [
        ("a@part.example", {"organisation": "Part", "parent_organisation": "Nova"}),
        ("b@nova.example", {"organisation": "Nova"}),
        ("c@other.example", {"organisation": "Other", "parent_organisation": "nova.example"}),
        ("d@fer.example", {"organisation": "Fer", "parent_organisation": "732 829 320"}),
    ]
    part, nova, other, fer = meet(rows)
    assert nova and part and other and fer and fer.parent
    assert (part.parent, nova.parent) == (nova, None)
    assert (other.parent, fer.parent.siren) == (nova, SIREN)  # nova has its domain by then
    assert Organisation.objects.filter(name="Nova").count() == 1
    assert set(Organisation.objects.exclude(parent=None).values_list("name", flat=True)) == {"Part", "Other", "Fer"}


def test_a_file_makes_no_circle_and_moves_nobody(house: House) -> None:
    rows = [
        ("a@one.example", {"organisation": "One", "parent_organisation": "Two"}),
        ("b@two.example", {"organisation": "Two", "parent_organisation": "One"}),
        ("c@me.example", {"organisation": "Me", "parent_organisation": "me.example"}),
    ]
    one, two, me = meet(rows)
    assert one and two and me
    assert (one.parent, two.parent, me.parent) == (two, None, None)
    meet([("b@two.example", {"organisation": "Two", "parent_organisation": "One"})])
    meet([("a@one.example", {"organisation": "One", "parent_organisation": "Me"})])
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.parent, two.parent) == (two, None)
    told(me, house, parent="Two")
    told(me, house, parent="")
    meet([("c@me.example", {"organisation": "Me", "parent_organisation": "Two"})])
    me.refresh_from_db()
    assert me.parent is None


def told(one: Organisation, house: House, reason: str = "", **said: str) -> frozenset[str]:
    return belonging.state(organisation=one, said=said, reason=reason, by=house.alice, now=MONDAY)


def test_what_a_colleague_writes_stays_and_says_who_wrote_it(house: House) -> None:
    one = works("a@nova.example", organisation="Nova", industry="62")
    assert told(one, house, name="Atelier Nova", industry="31", employees="250", city="") == {
        "name", "industry", "employees",
    }  # fmt: skip
    find_or_create(
        [Sighting(Who(email="a@nova.example", traits={"industry": "62", "employees": "9"}), MONDAY, "file")],
        companies=Companies(), now=MONDAY, overwrite=True,
    )  # fmt: skip
    one.refresh_from_db()
    assert (one.name, one.industry, one.employees) == ("Atelier Nova", "31", 250)
    said = OrganisationFact.objects.filter(organisation=one).values_list("field", "value", "origin", "by")
    assert ("industry", "31", "reported", house.alice.pk) in said
    assert Trail.objects.get(verb="organisation.stated").detail["changed"]["industry"] == ["62", "31"]


def test_a_field_that_was_emptied_by_hand_stays_empty(house: House) -> None:
    one = works("a@nova.example", organisation="Nova", organisation_id="1", city="Lyon")
    told(one, house, city="", domain="")
    assert works("", organisation="Nova", organisation_id="1", city="Lyon") == one
    one.refresh_from_db()
    assert (one.city, one.domain) == ("", None)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("name", " ", "needs a name"),
        ("domain", "gmail.com", "no company"),
        ("domain", "other.example", "merge the two"),
        ("registry_number", "732829321", "one of its digits"),
        ("registry_number", OTHER, "number of Other"),
        ("employees", "many", "number of people"),
        ("parent", "nobody knows", "No organisation"),
        ("parent", "Part", "cannot stand above"),
        ("tier", "core", "why"),
    ],
)
def test_what_cannot_stand_is_told_and_nothing_is_written(house: House, field: str, value: str, why: str) -> None:
    one = works("a@nova.example", organisation="Nova", organisation_country="FR")
    works("a@other.example", **fr(OTHER, organisation="Other"))
    told(works("a@part.example", organisation="Part"), house, parent="Nova")
    with pytest.raises(NotStated, match=why):
        told(one, house, city="Lyon", **{field: value})
    one.refresh_from_db()
    assert one.city == ""


def test_a_target_is_set_with_a_reason_and_measured(house: House) -> None:
    one = works("a@nova.example", organisation="Nova")
    assert told(one, house, reason="Named in the plan of 2027", tier="core") == {"tier"}
    fact = OrganisationFact.objects.get()
    assert (fact.value, fact.reason) == ("core", "Named in the plan of 2027")
    assert Measure.objects.filter(person__organisation=one).exists()


def everything() -> dict[str, Any]:
    """Whose every row is; what merging says by itself left out."""
    rows: dict[str, Any] = {
        name: sorted(one.table._default_manager.values_list("pk", f"{one.field}_id"))
        for name, one in combine.movable().items()
    }
    rows["Organisation"] = list(Organisation.objects.order_by("pk").values())
    return rows


def two(house: House) -> tuple[Organisation, Organisation]:
    kept = works("a@nova.example", organisation="Nova")
    absorbed = works("b@nova-sas.example", **fr(SEAT, organisation="Nova SAS", city="Lyon"))
    works("c@nova-sas.example", **fr(SITE, organisation="Nova Toulouse"))
    house.lead("d@nova-sas.example")
    return kept, absorbed


def test_a_merge_takes_all_over_and_undone_all_is_where_it_was(house: House) -> None:
    kept, absorbed = two(house)
    before = everything()
    done = belonging.merge(kept=kept, absorbed=absorbed, by=house.alice, now=MONDAY)
    kept.refresh_from_db()
    assert (kept.siren, kept.siret, kept.city, kept.name, kept.domain) == (SIREN, SEAT, "Lyon", "Nova", "nova.example")
    assert not absorbed.people.exists() and not absorbed.leads.exists() and kept.leads.exists()
    assert Organisation.objects.get(siret=SITE).parent == kept
    assert works("new@nova-sas.example") == works(organisation="Nova SAS") == works(**fr(SIREN)) == kept
    Person.objects.filter(email="new@nova-sas.example").delete()
    Person.objects.filter(email="").delete()
    belonging.unmerge(merge=done, by=house.alice, now=MONDAY)
    assert everything() == before
    with pytest.raises(combine.CannotMerge, match="undone already"):
        belonging.unmerge(merge=done, by=house.alice, now=MONDAY)


def test_two_numbers_are_never_merged(house: House) -> None:
    one, other = works("a@nova.example", **fr(SIREN)), works("b@other.example", **fr(OTHER))
    with pytest.raises(combine.CannotMerge, match="two company numbers"):
        belonging.merge(kept=one, absorbed=other, by=house.alice, now=MONDAY)


def test_the_one_above_taken_in_makes_no_circle(house: House) -> None:
    head, middle, part = (works(f"a@{name}.example", organisation=name) for name in ("head", "middle", "part"))
    told(middle, house, parent="head")
    told(part, house, parent="middle")
    belonging.merge(kept=part, absorbed=head, by=house.alice, now=MONDAY)
    middle.refresh_from_db()
    part.refresh_from_db()
    assert (part.parent, middle.parent) == (None, part)
    assert [(row.organisation.name, row.depth) for row in belonged.group_of(middle, MONDAY)] == [
        ("part", 0), ("middle", 1),
    ]  # fmt: skip


def test_a_search_keeps_what_was_judged_and_goes_on_where_it_died(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(combine, "AT_ONCE", 1)
    for domain, name in (
        ("nova.example", "Atelier Nova"),
        ("x.example", "ATELIER NOVA SAS"),
        ("y.example", "Durand Scierie"),
        ("z.example", "Scierie Durand SARL"),
    ):
        works(f"a@{domain}", organisation=name)
    job = combine.ask(by=house.alice, now=MONDAY)
    assert combine.ask(by=house.alice, now=MONDAY) == job
    told_of: list[int] = []
    combine.run(job, lambda _what, done, _total: told_of.append(done), lambda: False)
    pair, _ = OrganisationTwins.objects.order_by("first")
    because = ["name", "other_domain"]
    assert (pair.first.name, pair.second.name, pair.because) == ("Atelier Nova", "ATELIER NOVA SAS", because)
    combine.differ(twins=pair, by=house.alice, now=MONDAY)
    job.tries, job.done, job.total = 2, 1, 2
    told_of.clear()
    combine.run(job, lambda _what, done, _total: told_of.append(done), lambda: False)
    assert told_of == [0, 1]
    assert [one.first.name for one in combined.to_judge()] == ["Durand Scierie"]
    Organisation.objects.filter(name="Durand Scierie").update(name="Fer")
    combine.run(job, lambda _what, _done, _total: None, lambda: False)
    assert not combined.to_judge().exists() and OrganisationTwins.objects.filter(state="different").exists()

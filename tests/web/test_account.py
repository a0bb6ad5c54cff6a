"""The page of an organisation: its group, who plays which part, what colleagues write, two that are one."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.people import House
from tests.web.test_organisations import page, staff
from tests.web.test_people import questions
from tests.web.test_shell import browser
from vendange.combine import actions as combine
from vendange.journey import belonging
from vendange.models import Fact, Organisation, OrganisationFact, OrganisationMerge, OrganisationTwins, Person, Trail

NOW = timezone.now()


def write(client: Client, one: Organisation, **said: str) -> str:
    held = {
        "name": one.name, "domain": one.domain or "", "registry_number": one.registry_number, "country": one.country,
        "postal_code": one.postal_code, "city": one.city, "industry": one.industry,
        "employees": str(one.employees or ""), "parent": one.parent.name if one.parent else "", "tier": one.tier,
    }  # fmt: skip
    answer = client.post(f"/organisations/{one.public_id}/edit", {**held, "reason": "", **said}, follow=True)
    return answer.content.decode()


def test_a_colleague_writes_what_a_company_is_and_it_stands_with_their_name(house: House) -> None:
    one = staff(house, "Nova", ana="uses")
    seen = write(browser(house.alice), one, registry_number="FR44732829320", tier="core", reason="In the plan of 2027")
    assert "on your word" in seen and "732 829 320" in seen and "Core account" in seen and "In the plan of 2027" in seen
    assert set(OrganisationFact.objects.filter(origin="reported").values_list("field", "by")) == {
        ("registry_number", house.alice.pk), ("tier", house.alice.pk),
    }  # fmt: skip
    assert Trail.objects.filter(verb="organisation.stated").count() == 1


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"registry_number": "732829321", "country": "FR"}, "one of its digits is wrong"),
        ({"tier": "core"}, "Say why this target is another now"),
        ({"domain": "gmail.com"}, "names no company"),
        ({"parent": "Nobody knows it"}, "No organisation is found"),
        ({"employees": "many"}, "Write a number of people"),
    ],
)
def test_what_cannot_stand_is_said_beside_its_field(house: House, said: dict[str, str], why: str) -> None:
    one = staff(house, "Nova", ana="uses")
    assert why in write(browser(house.alice), one, **said)
    assert not OrganisationFact.objects.filter(origin="reported").exists()


def test_only_those_who_record_may_edit(house: House) -> None:
    one = staff(house, "Nova", ana="uses")
    for who in (house.bob, house.marc):
        assert browser(who).get(f"/organisations/{one.public_id}/edit").status_code == 404
    assert browser(house.carole).get(f"/organisations/{one.public_id}/edit").status_code == 200


def test_a_missing_part_is_given_to_somebody_in_one_click(house: House) -> None:
    one = staff(house, "Nova", ana="uses", ben="")
    ben = Person.objects.get(email="ben@nova.example")
    client = browser(house.alice)
    assert f"people/{ben.public_id}/role" in page(client, one)
    answer = client.post(f"/organisations/{one.public_id}/people/{ben.public_id}/role", {"role": "pays"}, follow=True)
    assert "Pays, on your word" in answer.content.decode()
    fact = Fact.objects.get(person=ben, field="role")
    assert (fact.value, fact.origin, fact.by) == ("pays", "reported", house.alice)
    missing = [place.role for place in answer.context["parts"] if place.is_missing]
    assert missing == ["advises", "checks", "decides"]
    path = f"/organisations/{one.public_id}/people/{ben.public_id}/role"
    assert "no part, on your word" in client.post(path, {"role": ""}, follow=True).content.decode()
    ben.refresh_from_db()
    assert ben.role == ""


def test_a_part_nobody_knows_of_and_people_of_others_are_refused(house: House) -> None:
    one, other = staff(house, "Nova", ana="uses"), staff(house, "Other", zoe="uses")
    client, zoe = browser(house.alice), Person.objects.get(email="zoe@other.example")
    assert (
        client.post(f"/organisations/{one.public_id}/people/{zoe.public_id}/role", {"role": "pays"}).status_code == 404
    )
    path = f"/organisations/{other.public_id}/people/{zoe.public_id}/role"
    assert "one of those offered" in client.post(path, {"role": "boss"}, follow=True).content.decode()


def test_a_group_is_shown_as_a_tree_with_each_site_and_the_whole(house: House) -> None:
    head, part = staff(house, "Nova", ana="uses"), staff(house, "Nova Bois", ben="pays", cid="")
    client = browser(house.alice)
    write(client, part, parent="Nova")
    group = client.get(f"/organisations/{part.public_id}/").context["group"]
    assert [(row.organisation.name, row.depth, row.signals, row.here) for row in group.rows] == [
        ("Nova", 0, 1, False), ("Nova Bois", 1, 2, True),
    ]  # fmt: skip
    assert (group.signals, group.people) == (3, 3)
    assert "cannot stand above it too" in write(client, head, parent="Nova Bois")
    before = questions(client, f"/organisations/{head.public_id}/")
    write(client, staff(house, "Nova Fer", dan="uses"), parent="Nova")
    assert questions(client, f"/organisations/{head.public_id}/") == before


def test_a_salesperson_opens_no_site_that_is_not_theirs(house: House) -> None:
    part = staff(house, "Nova Bois", ben="pays")
    staff(house, "Nova", ana="uses")
    write(browser(house.alice), part, parent="Nova")
    house.lead("ben@nova-bois.example")
    from tests.web.test_people import passed_to

    passed_to(house, house.bob, "eve@nova-bois.example")
    rows = browser(house.bob).get(f"/organisations/{part.public_id}/").context["group"].rows
    assert [(row.organisation.name, row.may_open) for row in rows] == [("Nova", False), ("Nova Bois", True)]


def pair(house: House) -> OrganisationTwins:
    first, second = staff(house, "Atelier Nova", ana="uses"), staff(house, "Atelier Nova SAS", ben="pays")
    job = combine.ask(by=house.alice, now=NOW)
    combine.run(job, lambda _what, _done, _total: None, lambda: False)
    found = OrganisationTwins.objects.get()
    assert {found.first, found.second} == {first, second}
    return found


def test_two_that_look_alike_are_judged_side_by_side_and_undone(house: House) -> None:
    twins, client = pair(house), browser(house.alice)
    assert "same name but for the legal form" in client.get("/organisations/twins/").content.decode()
    assert "May be one with" in page(client, twins.first)
    judge = f"/organisations/twins/{twins.pk}/judge"
    assert "which of the two" in client.post(judge, {"keep": "x"}, follow=True).content.decode()
    answer = client.post(judge, {"keep": str(twins.second.public_id)}, follow=True).content.decode()
    assert "one organisation with" in answer and "No pair waits" in answer
    alias = client.get(f"/organisations/{twins.first.public_id}/")
    assert alias["Location"] == f"/organisations/{twins.second.public_id}/"
    listed = [one.name for one in client.get("/organisations/").context["page"].rows]
    assert listed == ["Atelier Nova SAS"]
    done = OrganisationMerge.objects.get()
    answer = client.post(f"/organisations/merges/{done.public_id}/undo", follow=True).content.decode()
    assert "two organisations again" in answer
    assert client.get(f"/organisations/{twins.first.public_id}/").status_code == 200
    assert "judged this pair meanwhile" in client.post(judge, {"keep": "both"}, follow=True).content.decode()


def test_two_that_differ_are_not_asked_about_again(house: House) -> None:
    twins, client = pair(house), browser(house.alice)
    answer = client.post(f"/organisations/twins/{twins.pk}/judge", {"keep": "both"}, follow=True).content.decode()
    assert "are two organisations" in answer and "No pair waits" in answer


def test_any_two_can_be_merged_by_hand_but_not_two_numbers(house: House) -> None:
    one, other = staff(house, "Nova", ana="uses"), staff(house, "Other", zoe="uses")
    client, path = browser(house.alice), f"/organisations/{one.public_id}/merge"
    assert "Nothing, or more than one" in client.post(path, {"other": "Nobody"}, follow=True).content.decode()
    for firm, number in ((one, "732829320"), (other, "552100554")):
        belonging.state(organisation=firm, said={"registry_number": number}, by=house.alice, now=NOW)
    assert "two company numbers" in client.post(path, {"other": "other.example"}, follow=True).content.decode()
    belonging.state(organisation=other, said={"registry_number": ""}, by=house.alice, now=NOW)
    client.post(path, {"other": f"https://vendange.example/organisations/{other.public_id}/"})
    assert OrganisationMerge.objects.get().absorbed == other
    found = client.get("/organisations/?q=other").context["page"].rows
    assert [row.pk for row in found] == [one.pk]  # by its old name


@pytest.mark.parametrize("who", ["bob", "marc"])
def test_who_does_not_judge_sees_no_pairs(house: House, who: str) -> None:
    client = browser(getattr(house, who))
    assert client.get("/organisations/twins/").status_code == 404


def test_what_people_said_wrongly_is_remarked_and_not_used(house: House) -> None:
    from vendange.journey.arrive import arrive

    traits = {"organisation": "Nova", "organisation_country": "FR", "registry_number": "732829321"}
    arrive(signals=[house.signal("page_viewed", "ana@nova.example", NOW - timedelta(days=1), traits=traits)], now=NOW)
    answer = browser(house.alice).get(f"/organisations/{Organisation.objects.get().public_id}/")
    row = next(row for row in answer.context["known"] if row.field == "registry_number")
    assert (row.used, str(row.said[0].remark)) == ("", "wrong: a digit does not fit")


def opened(client: Client, address: str) -> dict[str, str]:
    """What a browser sends back when nothing is typed."""
    form = client.get(address).context["form"]
    return {name: str(form[name].value() or "") for name in form.fields}


def test_a_form_that_was_open_takes_nothing_back_of_a_colleague(house: House) -> None:
    one = staff(house, "Nova", ana="uses")
    address = f"/organisations/{one.public_id}/edit"
    carole, alice = browser(house.carole), browser(house.alice)
    stale = opened(alice, address)
    carole.post(address, {**opened(carole, address), "city": "Lyon", "employees": "250"})
    assert alice.post(address, {**stale, "industry": "C28"}).status_code == 303
    one.refresh_from_db()
    assert (one.city, one.employees, one.industry) == ("Lyon", 250, "C28")
    assert set(OrganisationFact.objects.filter(by=house.alice).values_list("field", flat=True)) == {"industry"}


def test_what_two_have_changed_is_asked_about_and_nothing_typed_is_lost(house: House) -> None:
    one = staff(house, "Nova", ana="uses")
    address = f"/organisations/{one.public_id}/edit"
    carole, alice = browser(house.carole), browser(house.alice)
    stale = opened(alice, address)
    carole.post(address, {**opened(carole, address), "city": "Lyon", "postal_code": "69003"})
    asked = alice.post(address, {**stale, "city": "Dijon", "industry": "C28"})
    assert asked.status_code == 409 and "A colleague wrote “Lyon”" in asked.content.decode()
    again = {name: str(asked.context["form"][name].value() or "") for name in asked.context["form"].fields}
    assert (again["city"], again["industry"], again["postal_code"]) == ("Dijon", "C28", "69003")
    one.refresh_from_db()
    assert (one.city, one.industry) == ("Lyon", "")
    assert alice.post(address, again).status_code == 303
    one.refresh_from_db()
    assert (one.city, one.industry, one.postal_code) == ("Dijon", "C28", "69003")


def test_undoing_a_merge_says_who_stands_alone(house: House) -> None:
    above, taken, kept = (Organisation.objects.create(name=name, created_at=NOW) for name in "ABC")
    below = Organisation.objects.create(name="D", created_at=NOW, parent=taken)
    done = belonging.merge(kept=kept, absorbed=taken, by=house.alice, now=NOW)
    Organisation.objects.filter(pk=taken.pk).update(parent=above)
    Organisation.objects.filter(pk=above.pk).update(parent=below)
    answer = browser(house.alice).post(f"/organisations/merges/{done.public_id}/undo", follow=True)
    assert "B stands under nobody now" in answer.content.decode()

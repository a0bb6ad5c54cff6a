"""What a claim may say of a company and of a regime: table and property of docs/rules/organisations.md."""

from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.people import MONDAY, House
from tests.steps.test_claims import claimed, vouched
from vendange.belong import actions as belong
from vendange.belong.actions import Companies
from vendange.capture.rules import Who
from vendange.combine import actions as combine
from vendange.identify.actions import Sighting, find_or_create
from vendange.models import Fact, Organisation, OrganisationFact, Person

SIREN: Final = "732829320"
SAID: Final = {
    "organisation": "Nova",
    "organisation_id": "77",
    "registry_number": SIREN,
    "organisation_country": "FR",
    "domain": "evil.example",
    "employees": "5",
    "industry": "62",
    "postal_code": "69003",
    "city": "Lyon",
    "region": "69",
    "tier": "core",
    "parent_organisation": "Evil Group",
}
NAMED: Final = ({"organisation": "Nova"}, {"domain": "nova.example"}, {"organisation_id": "1"})


def companies() -> list[dict[str, Any]]:
    return [dict(row) for row in Organisation.objects.order_by("pk").values()]


def known(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value and name not in ("id", "public_id", "created_at")}


@given(
    said=st.dictionaries(st.sampled_from(sorted(SAID)), st.none(), min_size=1),
    named=st.sampled_from(NAMED),
    stood=st.sets(st.sampled_from(["industry", "city", "registry_number", "organisation_id", "domain"])),
    together=st.booleans(),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_claim_changes_a_company_that_somebody_believed_has_named(
    db: None, said: dict[str, None], named: dict[str, str], stood: set[str], together: bool
) -> None:
    OrganisationFact.objects.all().delete()
    Person.objects.all().delete()
    Organisation.objects.all().delete()
    theirs = {"industry": "31", "city": "Nantes", "registry_number": "552100554", "organisation_id": "1"}
    theirs |= {"domain": "nova.example"}
    traits = {"organisation": "Nova", **{name: theirs[name] for name in stood}}
    believed = Sighting(Who(email="a@gmail.com", traits=traits), MONDAY, "file")
    claim = Sighting(
        Who(email="b@gmail.com", traits={**{name: SAID[name] for name in said}, **named}), MONDAY, "site", trusted=False
    )
    find_or_create([believed], companies=Companies(), now=MONDAY)
    before = Organisation.objects.values().get()
    # Once more with the one who is believed, in one batch; and after it alone.
    find_or_create([believed, claim] if together else [claim], companies=Companies(), now=MONDAY)
    find_or_create([claim], companies=Companies(), now=MONDAY)
    assert Organisation.objects.values().get(pk=before["id"]) == before
    assert not Organisation.objects.exclude(tier="").exists()


@pytest.mark.parametrize("trait", sorted(set(SAID) - {"organisation", "tier", "parent_organisation"}))
def test_a_company_that_was_only_claimed_is_filled_by_claims(db: None, trait: str) -> None:
    claimed(email="a@gmail.com", traits={"organisation": "Nova"})
    claimed(email="b@gmail.com", traits={"organisation": "Nova", trait: SAID[trait]})
    assert len(companies()) == 1 and len(known(companies()[0])) > 1


@pytest.mark.parametrize("trait", ["tier", "parent_organisation"])
def test_a_claim_never_says_what_a_company_is_worth_or_where_it_stands(db: None, trait: str) -> None:
    claimed(email="a@gmail.com", traits={"organisation": "Nova", trait: SAID[trait]})
    assert [known(row) for row in companies()] == [{"name": "Nova"}]
    assert Fact.objects.get(field=trait).value == SAID[trait]


def test_a_company_named_by_its_mail_only_keeps_learning_its_name_from_claims(db: None) -> None:
    claimed(email="a@nova.example", anonymous_id="c")
    claimed(anonymous_id="c", traits={"organisation": "Nova SA"})
    assert [known(row) for row in companies()] == [{"name": "Nova SA", "domain": "nova.example"}]


def test_what_somebody_believed_names_stands_from_then_on(db: None) -> None:
    claimed(email="a@gmail.com", traits={"organisation": "Nova"})
    vouched(email="c@gmail.com", traits={"organisation": "Nova", "city": "Nantes"})
    before = companies()
    claimed(email="b@gmail.com", traits=SAID)
    assert companies()[: len(before)] == before and before[0]["city"] == "Nantes"


def test_a_key_that_a_claim_gave_in_one_batch_draws_nobody_there(db: None) -> None:
    vouched(email="a@gmail.com", traits={"organisation": "Nova"})
    batch = [
        Sighting(Who(email="b@gmail.com", traits={"organisation": "Nova", "domain": "evil.example"}), MONDAY, "site",
                 trusted=False),
        Sighting(Who(email="c@evil.example"), MONDAY, "file"),
    ]  # fmt: skip
    find_or_create(batch, companies=Companies(), now=MONDAY)
    assert Person.objects.get(email="c@evil.example").organisation != Organisation.objects.get(name="Nova")


@pytest.mark.parametrize("act", ["wrote", "above", "merged"])
def test_what_a_colleague_has_judged_stands(house: House, act: str) -> None:
    claimed(email="a@gmail.com", traits={"organisation": "Nova"})
    claimed(email="b@gmail.com", traits={"organisation": "Other"})
    nova, other = Organisation.objects.get(name="Nova"), Organisation.objects.get(name="Other")
    if act == "merged":
        combine.merge(kept=nova, absorbed=other, by=house.alice, now=MONDAY)
    elif act == "above":
        belong.state(organisation=other, said={"parent": str(nova.public_id)}, by=house.alice, now=MONDAY)
    else:
        belong.state(organisation=nova, said={"city": "Nantes"}, by=house.alice, now=MONDAY)
    before = Organisation.objects.values().get(pk=nova.pk)
    claimed(email="c@gmail.com", traits={name: text for name, text in SAID.items() if name != "organisation_id"})
    assert Organisation.objects.values().get(pk=nova.pk) == before


@pytest.mark.parametrize(
    ("trusted", "answers", "said", "stands"),
    [
        (False, False, "professional", "unknown"),
        (False, False, "consumer", "consumer"),
        (False, True, "professional", "professional"),
        (True, False, "professional", "professional"),
    ],
)
def test_who_may_say_that_somebody_is_a_professional(
    db: None, trusted: bool, answers: bool, said: str, stands: str
) -> None:
    who = Who(email="a@nova.example", traits={"regime": said})
    seen = [Sighting(who, MONDAY, "test", trusted=trusted, answers=answers)]
    for _ in range(2):
        find_or_create(seen, companies=Companies(), now=MONDAY)
        assert Person.objects.get().regime == stands
    assert Fact.objects.get(field="regime").value == said

"""Two records become one and two again: every row goes back where it was, and what was refused stays refused (A29)."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.people import MONDAY, House
from vendange.capture.rules import Incoming, Who
from vendange.identify.queries import by_key
from vendange.journey.arrive import arrive
from vendange.journey.uniting import merge, unmerge
from vendange.models import Consent, Fact, Identity, Job, Lead, Person, Revealed, Signal, Trail, Twins
from vendange.qualify.queries import consents
from vendange.unite import actions, queries
from vendange.unite.actions import CannotMerge, movable

LATER = MONDAY + timedelta(days=1)


def person(number: int, **fields: Any) -> Person:
    made = Person.objects.create(created_at=MONDAY, **fields)
    Identity.objects.create(person=made, kind="external_id", value=f"crm-{number}", first_seen_at=MONDAY)
    return made


def two(**fields: Any) -> tuple[Person, Person]:
    return person(1, first_name="Jean", email="jean@nova.example"), person(2, last_name="Martin", **fields)


def act(house: House, number: int, message: str, kind: str = "page_viewed") -> None:
    one = Incoming(
        source_id=house.source.pk, message_id=message, kind=kind, occurred_at=MONDAY, received_at=MONDAY,
        who=Who(external_id=f"crm-{number}"), path="/tarifs",
    )  # fmt: skip
    arrive(signals=[one], now=MONDAY)


def said(one: Person, channel: str, status: str, days: int = 0) -> None:
    Consent.objects.create(
        person=one,
        channel=channel,
        purpose="prospecting",
        status=status,
        at=MONDAY + timedelta(days=days),
        method="form",
    )


def everything() -> dict[str, Any]:
    """Whose every row is, and every record; what is measured anew, and what merging says by itself, left out."""
    tables = movable()
    rows: dict[str, Any] = {
        name: dict(one.table._default_manager.values_list("pk", "person_id")) for name, one in tables.items()
    }
    mine = Consent.objects.exclude(method="merge")
    rows["Consent"] = dict(mine.values_list("pk", "person_id"))
    rows["Person"] = list(Person.objects.order_by("pk").values())
    return rows


def test_all_that_is_known_comes_together(house: House) -> None:
    kept, absorbed = two(phone="+33612345678", regime="professional", relationship="customer")
    act(house, 1, "a")
    act(house, 2, "b")
    Fact.objects.create(person=absorbed, field="city", value="Lyon", origin="declared", at=MONDAY)
    merge(kept=kept, absorbed=absorbed, by=house.alice, now=LATER)
    kept.refresh_from_db()
    assert (kept.first_name, kept.last_name, kept.phone) == ("Jean", "Martin", "+33612345678")
    assert (kept.regime, kept.relationship) == ("professional", "customer")
    assert Signal.objects.filter(person=kept).count() == 2
    assert by_key("external_id", ["crm-1", "crm-2"]) == {"crm-1": kept, "crm-2": kept}
    assert kept.measure.engagement > 0
    act(house, 2, "c")  # an old key leads to the one that stays
    assert Signal.objects.filter(person=kept).count() == 3
    told = Trail.objects.get(verb="person.merged")
    assert told.detail["rows"]["Signal"] == 1


def test_nothing_is_overwritten(house: House) -> None:
    kept, absorbed = two(first_name="Jeanne", email="other@nova.example")
    merge(kept=kept, absorbed=absorbed, by=house.alice, now=LATER)
    kept.refresh_from_db()
    assert (kept.first_name, kept.email) == ("Jean", "jean@nova.example")


@pytest.mark.parametrize("first", ["kept", "absorbed"])
def test_the_stricter_consent_stays(house: House, first: str) -> None:
    kept, absorbed = two()
    no, yes = (kept, absorbed) if first == "kept" else (absorbed, kept)
    said(no, "email", "refused")
    said(yes, "email", "given", days=3)
    said(yes, "phone", "given")
    merge(kept=kept, absorbed=absorbed, by=house.alice, now=LATER + timedelta(days=9))
    latest = consents(kept)
    assert latest["email"].status == "withdrawn"
    assert latest["phone"].status == "given"


def test_undone_what_was_refused_meanwhile_is_refused_by_both(house: House) -> None:
    kept, absorbed = two()
    done = merge(kept=kept, absorbed=absorbed, by=house.alice, now=LATER)
    said(kept, "all", "refused", days=2)
    unmerge(merge=done, by=house.alice, now=LATER + timedelta(days=3))
    assert consents(kept)["all"].status == "refused"
    assert consents(absorbed)["all"].status == "withdrawn"


def test_what_a_human_changed_since_is_not_emptied(house: House) -> None:
    kept, absorbed = two(phone="+33612345678")
    done = merge(kept=kept, absorbed=absorbed, by=house.alice, now=LATER)
    Person.objects.filter(pk=kept.pk).update(last_name="Martin-Roux")
    unmerge(merge=done, by=house.alice, now=LATER)
    kept.refresh_from_db()
    assert (kept.last_name, kept.phone) == ("Martin-Roux", "")


def test_rows_of_which_there_is_one_stay_apart(house: House) -> None:
    kept, absorbed = two()
    for one in (kept, absorbed):
        Revealed.objects.create(
            person=one, network="192.0.2.0/24", name="Nova", confidence=0.5, first_at=MONDAY, last_at=MONDAY
        )
    done = merge(kept=kept, absorbed=absorbed, by=house.alice, now=LATER)
    assert "Revealed" not in done.moved


def test_leads_and_their_holders_stay(house: House) -> None:
    kept, absorbed = two()
    act(house, 1, "a", "quote_requested")
    act(house, 2, "b", "quote_requested")
    before = list(Lead.objects.order_by("pk").values_list("stage", "owner", "next_at"))
    merge(kept=kept, absorbed=absorbed, by=house.alice, now=LATER)
    assert list(Lead.objects.order_by("pk").values_list("stage", "owner", "next_at")) == before
    assert set(Lead.objects.values_list("person", flat=True)) == {kept.pk}


def test_what_cannot_be_is_refused_in_words(house: House) -> None:
    kept, absorbed = two()
    third = person(3, first_name="Eve")
    with pytest.raises(CannotMerge, match="one record already"):
        merge(kept=kept, absorbed=kept, by=house.alice, now=LATER)
    done = merge(kept=kept, absorbed=absorbed, by=house.alice, now=LATER)
    with pytest.raises(CannotMerge, match="merged into another record meanwhile"):
        merge(kept=third, absorbed=absorbed, by=house.alice, now=LATER)
    merge(kept=third, absorbed=kept, by=house.alice, now=LATER)
    with pytest.raises(CannotMerge, match="Undo that first"):
        unmerge(merge=done, by=house.alice, now=LATER)


def test_undoing_twice_is_told(house: House) -> None:
    kept, absorbed = two()
    done = merge(kept=kept, absorbed=absorbed, by=house.alice, now=LATER)
    unmerge(merge=done, by=house.alice, now=LATER)
    with pytest.raises(CannotMerge, match="undone already"):
        unmerge(merge=done, by=house.alice, now=LATER)
    merge(kept=kept, absorbed=absorbed, by=house.alice, now=LATER)  # and may be merged again


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_undone_in_turn_everything_is_where_it_was(house: House, data: st.DataObject) -> None:
    people = [
        person(Person.objects.count() + 1000, first_name=f"P{n}"[: data.draw(st.integers(0, 2))]) for n in range(4)
    ]
    numbers = [int(one.identities.get().value.removeprefix("crm-")) for one in people]
    for n, number in enumerate(data.draw(st.lists(st.sampled_from(numbers), max_size=6))):
        act(house, number, f"{number}-{n}", data.draw(st.sampled_from(["page_viewed", "quote_requested"])))
    for one in data.draw(st.lists(st.sampled_from(people), max_size=4)):
        said(one, data.draw(st.sampled_from(["email", "phone"])), data.draw(st.sampled_from(["given", "refused"])))
    before = everything()
    merges, standing = [], list(people)
    for _ in range(data.draw(st.integers(1, 3))):
        absorbed = standing.pop(data.draw(st.integers(0, len(standing) - 1)))
        kept = data.draw(st.sampled_from(standing))
        merges.append(merge(kept=kept, absorbed=absorbed, by=house.alice, now=LATER))
    for done in reversed(merges):
        unmerge(merge=done, by=house.alice, now=LATER)
    assert everything() == before


def compare(**fields: Any) -> None:
    job = Job.objects.create(kind=actions.KIND, asked_at=MONDAY, **fields)
    actions.run(job, lambda *how_far: None, lambda: False)


def test_twins_are_found_once_and_stay_judged(house: House) -> None:
    first = person(1, first_name="Jean", last_name="Martin", email="j.martin@nova.example")
    second = person(2, first_name="jean", last_name="MARTIN", email="j.martin+salon@nova.example")
    person(3, first_name="Anne", last_name="Roux", email="a.roux@nova.example")
    compare()
    found = queries.to_judge().get()
    assert (found.first, found.second) == (first, second)
    actions.differ(twins=found, by=house.alice, now=LATER)
    compare()
    assert not queries.to_judge().exists()
    assert Twins.objects.get().state == "different"


def test_a_switchboard_makes_no_twins(house: House) -> None:
    """A34: ten thousand would do the same as fifty, only later."""
    for n in range(50):
        person(n, first_name=f"First{n}", last_name=f"Last{n}", phone="+33140000000")
    compare()
    assert not Twins.objects.exists()


def test_a_claimed_address_is_a_reason_to_ask(house: House) -> None:
    first = person(1, first_name="Jean", email="jean@nova.example")
    second = person(2)
    Fact.objects.create(person=second, field="email", value="Jean@nova.example", origin="declared", at=MONDAY)
    compare()
    assert queries.twins_of(first).get().because == ["claim", "other_id"]
    assert queries.twins_of(second).exists()


def test_a_search_that_died_goes_on_where_it_stood(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 2)
    for n in range(6):
        person(n, email=f"same+{n}@nova.example")
    compare(tries=2, done=5)
    assert Twins.objects.count() == 15 - 4


def test_pairs_are_told_once_whatever_they_share(db: None) -> None:
    for n in range(3):
        person(n, first_name="Jean", last_name="Martin", email=f"jm+{n}@nova.example", phone="+33465710041")
    pairs = queries.shared_keys().pairs
    assert len(pairs) == 3
    assert np.array_equal(pairs, np.unique(pairs, axis=0))


def test_nobody_is_nobodys_twin(db: None) -> None:
    assert len(queries.shared_keys().pairs) == 0

"""What a file brought goes back, but for what has happened since."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.files_in import CONSENT, HEADER, HOW, MAP, back, came, row, stand, taken, told
from tests.people import House
from vendange.bring import queries as brought
from vendange.capture.rules import Incoming, Who
from vendange.journey import rehearsing, taking_back
from vendange.journey.arrive import arrive
from vendange.models import (
    Consent,
    Identity,
    Lead,
    Person,
    Signal,
    Source,
)
from vendange.models.job import Stopped


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    settings.HOME = tmp_path / "home"
    monkeypatch.setattr(rehearsing, "AT_ONCE", 3)
    yield tmp_path


def test_what_is_filled_stays_unless_the_owner_of_the_file_says_otherwise(house: House) -> None:
    taken(came([row(1)]))
    taken(came([row(1, job="Head of buying")]))
    assert Person.objects.get().job_title == "Buyer"
    batch = came([row(1, job="Head of buying")], {**HOW, "keep_filled": False})
    taken(batch)
    assert Person.objects.get().job_title == "Head of buying"
    back(batch)
    assert Person.objects.get().job_title == "Buyer"


def test_an_import_goes_back_and_leaves_the_tables_as_they_were(house: House) -> None:
    taken(came([row(1), row(2, job="")]))
    before = stand()
    batch = came(
        [row(2, job="Chief"), *(row(n) for n in range(3, 9))], {**HOW, "consent": {**CONSENT, "channel": ["sms"]}}
    )
    taken(batch)
    assert Person.objects.count() == 8
    assert back(batch) == {"list": []}
    assert (batch.status, batch.reverted_at is not None) == ("reverted", True)
    assert stand() == before


def test_a_file_of_signals_goes_back_with_its_leads(house: House) -> None:
    how = {**HOW, "signal": "quote_requested", "map": {"columns": {**MAP["columns"], "occurred_at": "Day"}}}
    batch = came([f"{row(1)},2026-09-01", f"{row(2)},2026-09-02"], how, f"{HEADER},Day", by=house.carole)
    tally = taken(batch)
    assert (tally.added, batch.leads, Signal.objects.count()) == (2, 2, 2)
    assert {one.relationship for one in Person.objects.all()} == {"prospect"}
    stayed = back(batch, house.carole)
    assert Signal.objects.count() == 0
    assert {lead.stage for lead in Lead.objects.all()} == {"eliminated"}
    assert stayed["people"] == {"lead": 2}
    assert {one.last_signal_at for one in Person.objects.all()} == {None}


def test_what_has_happened_since_stays_and_is_told(house: House) -> None:
    batch = came([row(n) for n in range(1, 6)])
    taken(batch)
    acted = Incoming(
        source_id=house.source.pk, message_id="later", kind="page_viewed", occurred_at=datetime.now(UTC),
        received_at=datetime.now(UTC), who=Who(email="p1@firm1.example"), path="/",
    )  # fmt: skip
    arrive(signals=[acted], now=datetime.now(UTC))
    Consent.objects.create(
        person=Person.objects.get(email="p2@firm2.example"), channel="email", purpose="prospecting", status="withdrawn",
        at=datetime.now(UTC), method="email", wording="",
    )  # fmt: skip
    taken(came([row(3)]))
    stayed = back(batch)
    assert stayed["people"] == {"acted": 1, "consent": 1, "other_file": 1}
    assert stayed["organisations"] == {"people": 3}
    assert {one.email[:2] for one in Person.objects.all()} == {"p1", "p2", "p3"}
    assert len(stayed["list"]) == 6
    assert Identity.objects.filter(value="p1@firm1.example").exists()


def test_values_changed_since_stay(house: House) -> None:
    taken(came([row(1, job="", country="")]))
    batch = came([row(1)])
    taken(batch)
    Person.objects.update(job_title="Director")
    stayed = back(batch)
    person = Person.objects.get()
    assert (person.job_title, person.country, stayed["values"]) == ("Director", "", {"changed": 1})


def test_a_refusal_that_a_file_told_stays_when_the_file_goes(house: House) -> None:
    how = {**HOW, "map": {"columns": {**MAP["columns"], "do_not_contact": "Opposition"}}}
    batch = came([f"{row(1)},oui", f"{row(2)},"], how, f"{HEADER},Opposition")
    taken(batch)
    stayed = back(batch)
    assert (stayed["people"], stayed["consents"]) == ({"refused": 1}, {"refused": 1})
    assert [one.status for one in Consent.objects.all()] == ["refused"]


def test_taking_back_goes_on_after_it_was_stopped(house: House) -> None:
    before = stand()
    batch = came([row(n) for n in range(8)])
    taken(batch)
    asked = iter([False, True])
    with pytest.raises(Stopped):
        taking_back.take_back(batch, None, told, lambda: next(asked))
    standing = brought.standing(batch)
    assert (standing.state, standing.can_go_on, standing.can_revert) == ("stopped", False, True)
    back(batch)
    assert stand() == before


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(st.data())
def test_whatever_comes_in_goes_back(house: House, data: st.DataObject) -> None:
    """Any rows over any that were there before: the tables are as they were."""
    cell = st.sampled_from(["", "a", "b"])
    line = st.builds(
        lambda number, first, last, firm, job, country: ",".join(
            (f"p{number}@{firm or 'x'}.example", first, last, firm, job, country)
        ),
        st.integers(0, 6), cell, cell, cell, cell, st.sampled_from(["", "FR", "BE"]),
    )  # fmt: skip
    lines = st.lists(line, min_size=1, max_size=8)
    with transaction.atomic():
        taken(came(data.draw(lines), {**HOW, "keep_filled": data.draw(st.booleans())}))
        before = stand()
        how = {**HOW, "keep_filled": data.draw(st.booleans()), "consent": {**CONSENT, "channel": ["sms"]}}
        batch = came(data.draw(lines), how)
        taken(batch)
        new = Person.objects.filter(pk__gt=max(one["id"] for one in before["Person"])).count()
        assert batch.people == new
        stayed = back(batch)
        assert not stayed.get("people")
        assert stand() == before
        transaction.set_rollback(True)


@pytest.mark.parametrize("first", [0, 1])
def test_a_file_that_came_twice_goes_in_either_order(house: House, first: int) -> None:
    before, sources = stand(), Source.objects.count()
    batches = [came([row(n) for n in range(8)]) for _ in range(2)]
    for batch in batches:
        taken(batch)
    stayed = back(batches[first])
    assert stayed.get("people", {}) == ({"other_file": 8} if first == 0 else {})
    assert not back(batches[1 - first]).get("people")
    assert stand() == before
    batches[first].refresh_from_db()
    assert {what for what, reasons in batches[first].stayed.items() if reasons} == set()
    assert Source.objects.count() == sources


def test_of_three_files_the_last_lets_people_go(house: House) -> None:
    before = stand()
    batches = [came(rows) for rows in ([row(1), row(2)], [row(1), row(2), row(3)], [row(2), row(3)])]
    for batch in batches:
        taken(batch)
    assert back(batches[0])["people"] == {"other_file": 2}
    assert back(batches[1])["people"] == {"other_file": 1}
    batches[0].refresh_from_db()
    assert batches[0].stayed["people"] == {"other_file": 1}
    assert {one.email[:2] for one in Person.objects.all()} == {"p2", "p3"}
    back(batches[2])
    assert stand() == before


def test_a_source_that_another_file_came_from_stays(house: House) -> None:
    batch, other = came([row(1)]), came([row(2)])
    taken(batch), taken(other)
    back(batch)
    assert Source.objects.filter(name=HOW["origin"]).exists()
    back(other)
    assert not Source.objects.filter(name=HOW["origin"]).exists()

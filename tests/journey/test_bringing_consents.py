"""What files say of being contacted: no day is made up, the strictest line holds, and old agreements are told."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.files_in import HEADER, HOW, MAP, came, row, taken, told
from tests.people import House
from vendange.agreement.sentence import Incomplete
from vendange.bring import queries as brought
from vendange.journey import bringing, rehearsing
from vendange.models import Consent, Organisation, Person
from vendange.qualify.queries import consents

ASKED = {"basis": "column", "column": "Optin", "channel": ["email", "phone"], "wording": "web form"}
SAYS = {"map": {"columns": {**MAP["columns"], "consent_at": "Agreed"}}, "consent": ASKED}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    settings.HOME = tmp_path / "home"
    monkeypatch.setattr(rehearsing, "AT_ONCE", 3)
    yield tmp_path


def lines() -> list[tuple[str, str, str]]:
    return [(one.person.email[:2], one.channel, one.status) for one in Consent.objects.order_by("person", "channel")]


def ago(days: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%d}"


def test_who_agreed_on_no_day_has_not_agreed(house: House) -> None:
    how = {**HOW, "consent": ASKED}
    rows = [f"{row(1)},yes", f"{row(2)},no", f"{row(3)},"]
    batch = came(rows, how, f"{HEADER},Optin")
    assert [one.undated for one in brought.preview(batch)] == [True, False, False]
    said = rehearsing.rehearse_batch(batch, bringing.refused_path(batch), told, lambda: False, str)
    tally = taken(batch)
    assert (said["undated"], tally.undated, tally.added, tally.refused) == (1, 1, 3, 0)
    assert lines() == [("p2", "email", "refused"), ("p2", "phone", "refused")]


def test_an_empty_cell_is_no_date_and_a_day_of_the_file_is_one(house: House) -> None:
    header = f"{HEADER},Optin,Agreed"
    rows = [f"{row(1)},yes,", f"{row(2)},yes,{ago(20)}", f"{row(3)},no,"]
    tally = taken(came(rows, {**HOW, **SAYS}, header))
    assert tally.undated == 1
    assert {who for who, _channel, status in lines() if status == "given"} == {"p2"}
    tally = taken(came(rows, {**HOW, **SAYS, "consent": {**ASKED, "at": ago(9)}}, header))
    assert tally.undated == 0
    assert f"{Consent.objects.filter(person__email__startswith='p1').latest('id').at:%Y}" == ago(9)[:4]


def test_what_a_row_tells_dates_what_it_agrees_to(house: House) -> None:
    columns = {**MAP["columns"], "occurred_at": "Day"}
    how = {**HOW, "map": {"columns": columns}, "consent": ASKED, "signal": "form_submitted"}
    tally = taken(came([f"{row(1)},yes,2026-09-01 12:00"], how, f"{HEADER},Optin,Day"))
    assert (tally.undated, {one.at.date().isoformat() for one in Consent.objects.all()}) == (0, {"2026-09-01"})


def test_nobody_agreed_before_anybody_could_ask(house: House) -> None:
    header = f"{HEADER},Optin,Agreed"
    days = ("1971-01-01", "1994-12-30", "1996-01-01")
    batch = came([f"{row(n)},yes,{day}" for n, day in enumerate(days)] + [f"{row(4)},no,1980-01-01"], {
        **HOW, **SAYS}, header)  # fmt: skip
    tally = taken(batch)
    assert tally.refused == 3
    assert "Nobody can have agreed on 1971-01-01" in Path(batch.refused_file).read_text("utf-8-sig")
    assert {who for who, _channel, status in lines() if status == "refused"} == {"p4"}


@pytest.mark.parametrize("day", ["1900-01-01", "1994-01-01", "2199-01-01", "in May"])
def test_the_day_of_the_file_must_be_one_on_which_somebody_agreed(house: House, day: str) -> None:
    with pytest.raises(Incomplete) as wrong:
        came([row(1)], {**HOW, "consent": {"basis": "given", "channel": ["email"], "wording": "x", "at": day}})
    assert "consent.at" in wrong.value.problems


def test_an_agreement_to_calls_of_more_than_a_year_ago_is_told(house: House) -> None:
    rows = [f"{row(1)},yes,{ago(364)}", f"{row(2)},yes,{ago(367)}", f"{row(3)},no,{ago(700)}"]
    batch = came(rows, {**HOW, **SAYS}, f"{HEADER},Optin,Agreed")
    assert [one.old_call for one in brought.preview(batch)] == [False, True, False]
    said = rehearsing.rehearse_batch(batch, bringing.refused_path(batch), told, lambda: False, str)
    assert (said["old_calls"], taken(batch).old_calls) == (1, 1)


@pytest.mark.parametrize("between", [0, 5])
@pytest.mark.parametrize("order", [("yes", "no"), ("no", "yes")])
def test_of_two_lines_that_disagree_the_refusal_holds(house: House, order: tuple[str, str], between: int) -> None:
    how = {**HOW, "consent": {**ASKED, "at": ago(30)}}
    others = [f"{row(n)}," for n in range(10, 10 + between)]
    tally = taken(came([f"{row(1)},{order[0]}", *others, f"{row(1)},{order[1]}"], how, f"{HEADER},Optin"))
    person = Person.objects.get(email__startswith="p1@")
    assert {channel: one.status for channel, one in consents(person).items()} == {
        "email": "refused",
        "phone": "refused",
    }
    latest = Consent.objects.filter(person=person).order_by("at").values_list("status", flat=True)
    assert [*latest][-2:] == ["refused", "refused"]
    assert len({(one.channel, one.at) for one in Consent.objects.filter(person=person)}) == len(latest)
    assert tally.kept_out == (0 if between and order[0] == "yes" else 1)


@pytest.mark.parametrize(("field", "cells"), [("deleted", ("true", "false")), ("active", ("False", "True"))])
def test_records_that_are_gone_where_they_come_from_stay_out(house: House, field: str, cells: tuple[str, str]) -> None:
    how: Mapping[str, Any] = {**HOW, "map": {"columns": {**MAP["columns"], field: "State"}}}
    tally = taken(came([f"{row(n)},{cell}" for n, cell in enumerate((*cells, ""))], how, f"{HEADER},State"))
    assert (tally.added, tally.refused) == (2, 1)


def test_the_address_of_a_private_person_names_no_company(house: House) -> None:
    columns = {name: column for name, column in MAP["columns"].items() if name != "organisation"}
    how = {**HOW, "map": {"columns": columns, "ignore": ["Société"]}, "regime": "consumer"}
    taken(came([row(1), row(2)], how))
    assert (Organisation.objects.count(), {one.organisation for one in Person.objects.all()}) == (0, {None})
    taken(came([row(3)], {**HOW, "regime": "consumer"}))
    assert [one.name for one in Organisation.objects.all()] == ["Firm 3"]

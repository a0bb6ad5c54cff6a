"""A file comes in step by step, and goes on where it stood; nothing is written twice and nobody is overruled."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.files_in import HEADER, HOW, MAP, came, row, stand, taken, told
from tests.people import House
from vendange.agreement.sentence import Cannot, Incomplete
from vendange.bring import actions as bring
from vendange.bring import queries as brought
from vendange.journey import bringing, rehearsing
from vendange.models import (
    Consent,
    Fact,
    ImportBatch,
    Job,
    Person,
    Signal,
)
from vendange.models.job import Stopped
from vendange.qualify.queries import consents


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    settings.HOME = tmp_path / "home"
    monkeypatch.setattr(rehearsing, "AT_ONCE", 3)
    yield tmp_path


def test_rows_become_people_who_say_where_they_come_from(house: House) -> None:
    batch = came([row(n) for n in range(7)])
    tally = taken(batch)
    assert (tally.rows, tally.added, tally.known, tally.people, tally.organisations) == (7, 7, 0, 7, 4)
    assert (batch.status, batch.rows, batch.steps.count(), batch.kept_file) == ("done", 7, 3, "")
    person = Person.objects.get(email="p3@firm3.example")
    assert (person.organisation and person.organisation.name, person.regime) == ("Firm 3", "professional")
    facts = Fact.objects.filter(person=person)
    assert {(one.source, one.import_batch) for one in facts} == {("Fair in Lyon", batch)}
    said = Consent.objects.get(person=person)
    assert (said.channel, said.status, said.method, said.wording) == ("email", "informed", "file", "fair-2026")
    assert said.import_batch == batch


def test_the_same_file_again_adds_nothing_and_is_known(house: House) -> None:
    first = came([row(n) for n in range(5)])
    taken(first)
    before = stand()
    again = came([row(n) for n in range(5)])
    assert brought.same_before(again) == first
    tally = taken(again)
    assert (tally.added, tally.known) == (0, 5)
    assert {**stand(), "Measure": 0} == {**before, "Measure": 0}


def test_a_stopped_import_goes_on_where_it_stood(house: House) -> None:
    batch = came([row(n) for n in range(8)])
    asked = iter([False, True])
    with pytest.raises(Stopped):
        bringing.carry(batch, told, lambda: next(asked))
    assert (brought.standing(batch).state, batch.rows, Person.objects.count()) == ("stopped", 3, 3)
    bring.go_on(batch, None, datetime.now(UTC))
    tally = taken(batch)
    assert (tally.rows, tally.people, Person.objects.count()) == (8, 8, 8)
    assert [(one.first_row, one.last_row) for one in batch.steps.order_by("first_row")] == [(1, 3), (4, 6), (7, 8)]


def test_a_crash_inside_a_step_leaves_the_steps_before_and_no_line_of_refused_rows_twice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(n, email="not an address" if n in (1, 4) else f"p{n}@x.example") for n in range(6)]
    batch = came(rows)
    kept = bring.add_step

    def dies(*args: Any, **named: Any) -> None:
        kept(*args, **named)
        if named["first_row"] == 4:
            raise MemoryError

    monkeypatch.setattr(bring, "add_step", dies)
    with pytest.raises(MemoryError):
        bringing.carry(batch, told, lambda: False)
    monkeypatch.setattr(bring, "add_step", kept)
    batch = ImportBatch.objects.get(pk=batch.pk)
    assert (batch.status, batch.rows, Person.objects.count()) == ("failed", 3, 2)
    tally = taken(batch)
    assert (tally.rows, tally.refused, Person.objects.count()) == (6, 2, 4)
    lines = list(csv.reader(io.StringIO(Path(batch.refused_file).read_text("utf-8-sig"))))
    assert [line[-2] for line in lines] == ["refused_line", "3", "6"]


def test_refused_rows_are_corrected_and_brought_again(house: House) -> None:
    batch = came([row(1), row(2, email="nobody at home"), row(3, country="Ruritania")])
    tally = taken(batch)
    assert (tally.added, tally.refused) == (1, 2)
    text = Path(batch.refused_file).read_text("utf-8-sig")
    assert "nobody at home is not an e-mail address" in text
    corrected = text.replace("nobody at home", "p2@x.example", 1).replace("Ruritania", "Belgique", 1)
    again = bring.bring(io.BytesIO(corrected.encode()), "refused.csv", None, datetime.now(UTC))
    bring.choose(again, HOW, datetime.now(UTC))
    assert taken(again).added == 2
    assert Person.objects.get(email="p3@firm3.example").country == "BE"


def test_a_rehearsal_writes_nothing_and_counts_what_would_come(house: House) -> None:
    taken(came([row(1), row(2)]))
    before = stand()
    batch = came([row(1), row(3), row(3), row(4, email="?")])
    said = rehearsing.rehearse_batch(batch, bringing.refused_path(batch), told, lambda: False, str)
    assert {name: said[name] for name in ("rows", "added", "known", "refused", "people")} == {
        "rows": 4, "added": 1, "known": 2, "refused": 1, "people": 1,
    }  # fmt: skip
    assert stand() == before


@pytest.mark.parametrize(
    ("how", "place"),
    [
        ({**HOW, "consent": {}}, "consent"),
        ({**HOW, "origin": ""}, "map"),
        ({**HOW, "consent": {"basis": "given", "channel": ["email"]}}, "consent"),
        ({**HOW, "consent": {"basis": "given", "wording": "x"}}, "consent"),
        ({**HOW, "map": {"columns": {"email": "E-mail"}}}, "columns"),
        ({**HOW, "regime": "column"}, "regime"),
    ],
)
def test_what_must_be_said_is_asked_for(house: House, how: Mapping[str, Any], place: str) -> None:
    with pytest.raises(Incomplete) as missing:
        came([row(1)], how)
    assert place in missing.value.problems


def test_without_a_basis_nobody_becomes_somebody_who_may_be_contacted(house: House) -> None:
    taken(came([row(1)], {**HOW, "consent": {"basis": "none"}}))
    person = Person.objects.get()
    assert (person.regime, Consent.objects.count()) == ("unknown", 0)
    assert Fact.objects.get(person=person, field="regime_said").value == "professional"


def test_each_row_says_its_own_consent_and_an_objection_is_never_overruled(house: House) -> None:
    header = f"{HEADER},Optin,Opt Out"
    how = {
        **HOW,
        "map": {"columns": {**MAP["columns"], "do_not_email": "Opt Out"}},
        "consent": {
            "basis": "column",
            "column": "Optin",
            "channel": ["email"],
            "wording": "web form",
            "at": "2026-05-01",
        },
    }
    rows = [f"{row(1)},oui,", f"{row(2)},non,", f"{row(3)},,", f"{row(4)},yes,1", f"{row(5)},perhaps,"]
    tally = taken(came(rows, how, header))
    assert (tally.added, tally.refused) == (4, 1)
    words = {one.person.email[:2]: one.status for one in Consent.objects.order_by("id")}
    assert words == {"p1": "given", "p2": "refused", "p4": "refused"}
    again = taken(came([f"{row(2)},oui,"], how, header))
    assert (again.known, again.kept_out) == (1, 1)
    assert consents(Person.objects.get(email__startswith="p2"))["email"].status == "refused"


def test_an_objection_of_a_file_stands_above_a_younger_consent(house: House) -> None:
    taken(came([row(1)]))
    person = Person.objects.get()
    Consent.objects.create(
        person=person, channel="phone", purpose="prospecting", status="given",
        at=datetime.now(UTC) + timedelta(hours=1), method="form", wording="",
    )  # fmt: skip
    how = {**HOW, "map": {"columns": {**MAP["columns"], "do_not_call": "DNC"}}}
    taken(came([f"{row(1)},true"], how, f"{HEADER},DNC"))
    assert consents(person)["phone"].status == "refused"


def test_the_work_is_a_job_that_a_worker_does(house: House) -> None:
    from vendange.work.doing import do

    batch = came([row(1), row(2, email="?")], by=house.carole)
    house.carole.language = "fr"
    house.carole.save()
    job = bring.ask(batch, False, house.carole, datetime.now(UTC))
    with pytest.raises(Cannot):
        bring.ask(batch, False, house.carole, datetime.now(UTC))
    Job.objects.filter(pk=job.pk).update(state="running", tries=1)
    do(Job.objects.get(pk=job.pk))
    job.refresh_from_db()
    batch.refresh_from_db()
    assert (job.state, batch.status, batch.added, batch.refused) == ("done", "done", 1, 1)
    assert brought.standing(batch).can_revert
    job = bring.ask_revert(batch, house.carole, datetime.now(UTC))
    Job.objects.filter(pk=job.pk).update(state="running", tries=1)
    do(Job.objects.get(pk=job.pk))
    assert Person.objects.count() == 0


def test_a_draft_may_be_thrown_away_with_its_file(house: House, home: Path) -> None:
    batch = came([row(1)])
    assert brought.file_of(batch).exists()
    bring.discard(batch)
    assert not ImportBatch.objects.exists()
    assert not list((home / "home" / "imports").iterdir())


def test_who_was_overtaken_by_another_process_counts_nothing_twice(house: House) -> None:
    batch = came([row(n) for n in range(8)])
    asked = iter(range(9))

    def meanwhile() -> bool:
        if next(asked) == 1:
            taken(ImportBatch.objects.get(pk=batch.pk))
        return False

    with pytest.raises(bring.Overtaken):
        bringing.carry(batch, told, meanwhile)
    batch.refresh_from_db()
    assert (batch.status, batch.rows, Person.objects.count(), batch.steps.count()) == ("done", 8, 8, 3)


def test_a_name_that_another_source_has_is_numbered_once(house: House) -> None:
    how = {**HOW, "origin": house.source.name, "signal": "booth_visited", "map": {
        "columns": {**MAP["columns"], "occurred_at": "Day"}}}  # fmt: skip
    rows, header = [f"{row(1)},2026-09-01", f"{row(2)},2026-09-02"], f"{HEADER},Day"
    first = came(rows, how, header)
    taken(first)
    again = came(rows, how, header)
    said = rehearsing.rehearse_batch(again, bringing.refused_path(again), told, lambda: False, str)
    assert (said["added"], said["known"]) == (0, 2)
    tally = taken(again)
    assert (tally.added, tally.known, Signal.objects.count()) == (0, 2, 2)
    assert [batch.source.name for batch in (first, again) if batch.source] == [f"{house.source.name} (2)"] * 2


def test_files_that_nobody_wants_any_more_go(house: House, home: Path) -> None:
    draft, left = came([row(1)]), came([row(n) for n in range(8)])
    refused = came([row(1, email="?"), row(2)])
    asked = iter([False, True])
    with pytest.raises(Stopped):
        bringing.carry(left, told, lambda: next(asked))
    taken(refused)
    bring.forget_old(datetime.now(UTC) + timedelta(days=29))
    assert ImportBatch.objects.count() == 3
    bring.forget_old(datetime.now(UTC) + timedelta(days=31))
    assert not ImportBatch.objects.filter(pk=draft.pk).exists()
    assert brought.standing(left).can_go_on
    assert Path(refused.refused_file).exists()
    bring.forget_old(datetime.now(UTC) + timedelta(days=91))
    assert not brought.standing(left).can_go_on
    with pytest.raises(Cannot):
        bring.go_on(left, None, datetime.now(UTC))
    files = [path for path in (home / "home").rglob("*") if path.is_file()]
    assert files == []

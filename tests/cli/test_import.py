"""`vendange import`: each row comes in once or is refused with its reason; nothing is half-done."""

import csv
import gzip
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from openpyxl import Workbook

from tests.cli.typed import Said, vendange
from tests.people import House
from vendange.bring import actions as bring
from vendange.identify import actions as identify
from vendange.journey import rehearsing
from vendange.models import Deal, ImportBatch, Lead, Person, Signal, Source

MAP = """
source: Fair in Lyon
kind: people
signal: booth_visited
columns: {email: Mail, first_name: First, last_name: Last, occurred_at: Day, country: Country}
facts: {machines: Machines}
ignore: [Note]
consent: {basis: informed, channel: email, wording: fair-2026}
"""
DEALS = """
source: Old CRM
kind: deals
columns: {external_id: Id, closed_at: Day, status: State, amount: Sum, qualified_by: By, sold_by: Seller}
values: {currency: EUR}
decimal: comma
separator: semicolon
"""
HEADER = "Mail,First,Last,Day,Country,Machines,Note"
GOOD = "camille@atelier-nova.example,Camille,Moreau,2026-04-03,FR,12,hello"


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path / "home"
    (tmp_path / "map.yaml").write_text(MAP)
    return tmp_path


def imported(folder: Path, rows: Sequence[str], *options: object, header: str = HEADER) -> Said:
    (folder / "people.csv").write_text("\n".join([header, *rows, ""]))
    return vendange("import", folder / "people.csv", "--map", folder / "map.yaml", *options)


def test_a_row_becomes_a_person_with_a_signal(house: House, folder: Path) -> None:
    said = imported(folder, [GOOD], "--json")
    assert said.code == 0
    assert {name: said.value[name] for name in ("rows", "added", "known", "refused", "people")} == {
        "rows": 1,
        "added": 1,
        "known": 0,
        "refused": 0,
        "people": 1,
    }
    signal = Signal.objects.select_related("person", "source", "import_batch").get()
    assert (signal.kind, signal.source.name, signal.props) == ("booth_visited", "Fair in Lyon", {"precision": "day"})
    assert (signal.person.email, signal.person.country) == ("camille@atelier-nova.example", "FR")
    assert signal.person.facts.get(field="machines").value == "12"
    assert signal.import_batch is not None
    assert (signal.import_batch.status, signal.import_batch.added) == ("done", 1)


def test_the_same_file_again_adds_nothing_and_says_so(house: House, folder: Path) -> None:
    imported(folder, [GOOD])
    said = imported(folder, [GOOD])
    assert "was imported on" in said.out
    assert "Every row was already known: nothing was added." in said.out
    assert (Signal.objects.count(), Person.objects.count()) == (1, 1)


def test_the_same_row_twice_under_other_names_and_orders_is_one(house: House, folder: Path) -> None:
    imported(folder, [GOOD, GOOD])
    turned = ",".join(reversed(HEADER.split(","))), ",".join(reversed(GOOD.split(",")))
    (folder / "other.csv.gz").write_bytes(gzip.compress("\n".join(turned).encode()))
    said = vendange("import", folder / "other.csv.gz", "--map", folder / "map.yaml", "--json")
    assert (said.value["added"], said.value["known"]) == (0, 1)
    assert Signal.objects.count() == 1


def test_a_dry_run_writes_nothing(house: House, folder: Path) -> None:
    before = Source.objects.count()
    said = imported(folder, [GOOD, GOOD.replace("04-03", "02-30")], "--dry-run")
    assert "Dry run: 1 rows can be read (1 of them not known yet), 1 would be refused." in said.out
    assert "Line 3: 2026-02-30 is a date that cannot be" in said.out
    counts = Signal.objects.count(), Person.objects.count(), ImportBatch.objects.count(), Source.objects.count()
    assert counts == (0, 0, 0, before)
    assert not (folder / "home").exists()


def test_a_limit_takes_the_first_rows(house: House, folder: Path) -> None:
    rows = [GOOD.replace("camille", f"p{number}") for number in range(5)]
    assert imported(folder, rows, "--limit", 2, "--json").value["rows"] == 2
    assert Signal.objects.count() == 2


@pytest.mark.parametrize(
    ("row", "because"),
    [
        (GOOD.replace("04-03", "02-30"), "2026-02-30 is a date that cannot be"),
        (GOOD.replace("2026-04-03", "03/04/2026"), "can be read in two ways"),
        (GOOD.replace("2026-04-03", ""), "The date is missing"),
        (GOOD.replace("2026", "2826"), "in the future"),
        (GOOD.replace("@", " at "), "is not an e-mail address"),
        (GOOD.replace("camille@atelier-nova.example", ""), "Nobody is named: Mail is empty"),
        (GOOD.replace("FR", "Ruritania"), "is not a country code"),
        (GOOD.replace("Moreau", "M" * 121), "last_name has 121 characters, the most is 120"),
        (GOOD.replace("Moreau", "Mo\x00reau"), "control character"),
        (GOOD.replace("Moreau", "LefÃ¨vre"), "garbled letters"),
        (GOOD.replace("Moreau", "Lef\ufffdvre"), "garbled letters"),
        (GOOD + ",more", "The row has 8 cells, the first line has 7"),
        (GOOD.rpartition(",")[0], "The row has 6 cells"),
    ],
)
def test_a_bad_row_is_refused_and_the_others_come_in(house: House, folder: Path, row: str, because: str) -> None:
    good = GOOD.replace("camille", "other")
    said = imported(folder, [good, row], "--refused", folder / "refused.csv")
    assert said.code == 0
    assert "1 signals added, 0 already known, 1 refused" in said.out
    assert f"Line 3: {because}" in said.out or because in said.out
    assert Signal.objects.get().person.email == "other@atelier-nova.example"
    with (folder / "refused.csv").open(encoding="utf-8-sig", newline="") as stream:
        kept = list(csv.reader(stream))
    assert kept[0] == [*HEADER.split(","), "refused_line", "refused_because"]
    assert kept[1][-2] == "3"
    assert because in kept[1][-1]


def test_a_refused_file_can_be_corrected_and_imported(house: House, folder: Path) -> None:
    imported(folder, [GOOD, GOOD.replace("04-03", "02-30")])
    batch = ImportBatch.objects.get()
    refused = Path(batch.refused_file)
    assert refused.parent == folder / "home" / "refused"
    refused.write_text(refused.read_text("utf-8-sig").replace("2026-02-30", "2026-02-28", 1))
    said = vendange("import", refused, "--map", folder / "map.yaml", "--json")
    assert (said.value["added"], said.value["refused"]) == (1, 0)
    refused_as_it_was = vendange("import", folder / "people.csv", "--map", folder / "map.yaml", "--json")
    assert (refused_as_it_was.value["added"], refused_as_it_was.value["refused"]) == (0, 1)


def test_an_unknown_column_stops_before_anything_is_written(house: House, folder: Path) -> None:
    said = imported(folder, [GOOD + ",x"], header=HEADER + ",Phone")
    assert said.code == 1
    assert "The map says nothing of the column Phone. Map it under columns, or list it under ignore." in said.err
    assert "Nothing was imported." in said.err
    assert ImportBatch.objects.count() == 0


def test_dates_that_the_map_must_explain_stop_at_the_first_row(house: House, folder: Path) -> None:
    said = imported(folder, [GOOD.replace("2026-04-03", "03/04/2026")] * 3)
    assert said.code == 1
    assert "Line 2: 03/04/2026 can be read in two ways" in said.err
    assert "DD/MM/YYYY} / MM/DD/YYYY" in said.err
    assert ImportBatch.objects.count() == 0


def test_the_file_itself_is_never_overwritten(house: House, folder: Path) -> None:
    said = imported(folder, [GOOD.replace("04-03", "02-30")], "--refused", folder / "people.csv")
    assert (said.code, "names the file that is imported" in said.err) == (1, True)
    assert GOOD.replace("04-03", "02-30") in (folder / "people.csv").read_text()


def test_a_file_of_which_every_row_is_refused_has_failed(house: House, folder: Path) -> None:
    bad = GOOD.replace("04-03", "02-30")
    assert imported(folder, [bad]).code == imported(folder, [bad], "--json").code == 1


def test_a_wrong_map_is_told_line_by_line(house: House, folder: Path) -> None:
    (folder / "map.yaml").write_text(MAP.replace("booth_visited", "booth_visitd"))
    said = imported(folder, [GOOD])
    assert said.code == 1
    assert (
        "map.yaml: Line 4, signal: booth_visitd is not a known kind of signal. Did you mean booth_visited?" in said.err
    )


@pytest.mark.parametrize("left_as", ["stopped", "failed", "running"], ids=["interrupted", "failed", "killed"])
def test_interrupted_it_keeps_whole_batches_and_goes_on_later(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch, left_as: str
) -> None:
    rows = [GOOD.replace("camille", f"p{number}") for number in range(12)]
    calls = iter(range(99))
    kept = bring.add_step

    def stop_at_the_third(*args: Any, **words: Any) -> None:
        if next(calls) == 2:
            raise KeyboardInterrupt
        kept(*args, **words)

    monkeypatch.setattr(rehearsing, "AT_ONCE", 5)
    monkeypatch.setattr(bring, "add_step", stop_at_the_third)
    said = imported(folder, rows)
    assert said.code == 130
    assert "Stopped after 10 rows" in said.err
    assert (Signal.objects.count(), ImportBatch.objects.get().status) == (10, "stopped")
    monkeypatch.setattr(bring, "add_step", kept)
    ImportBatch.objects.update(status=left_as)
    again = imported(folder, rows)
    assert "stood at row 10: it goes on from there" in again.out
    batch = ImportBatch.objects.get()
    assert (batch.rows, batch.added, Signal.objects.count()) == (12, 12, 12)


def test_rows_that_lose_a_race_are_tried_again(house: House, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = iter(range(99))
    kept = bring.add_step

    def lose_once(*args: Any, **words: Any) -> None:
        kept(*args, **words)
        if next(calls) == 0:
            raise IntegrityError("somebody was faster")

    monkeypatch.setattr(bring, "add_step", lose_once)
    assert imported(folder, [GOOD], "--json").value["added"] == 1
    assert Signal.objects.count() == 1


def test_a_row_that_breaks_something_is_refused_alone(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = identify.find_or_create

    def breaks(sightings: Any, **words: Any) -> Any:
        if any(one.who.email.startswith("p3") for one in sightings):
            raise ValueError("nobody foresaw this")
        return kept(sightings, **words)

    monkeypatch.setattr(identify, "find_or_create", breaks)
    rows = [GOOD.replace("camille", f"p{number}") for number in range(7)]
    said = imported(folder, rows, "--json").value
    assert (said["rows"], said["added"], said["refused"]) == (7, 6, 1)
    assert "nobody foresaw this" in said["first_refusals"][0]["reason"]
    assert said["first_refusals"][0]["line"] == 5


def test_an_import_is_taken_back_by_its_number(house: House, folder: Path) -> None:
    batch = imported(folder, [GOOD], "--json").value["batch"]
    said = vendange("import", "--revert", batch)
    assert (said.code, Person.objects.count(), Signal.objects.count()) == (0, 0, 0)
    assert "1 rows were taken back" in said.out
    assert vendange("import", "--revert", batch).code == 1


def test_what_right_there_is_to_contact_must_be_said(house: House, folder: Path) -> None:
    (folder / "map.yaml").write_text(MAP.rpartition("consent")[0])
    said = imported(folder, [GOOD])
    assert (said.code, "by what right these people may be contacted" in said.err) == (1, True)
    words = (
        "--consent",
        "given",
        "--channel",
        "email",
        "--channel",
        "phone",
        "--wording",
        "x",
        "--consent-at",
        "2026-04-01",
    )
    assert imported(folder, [GOOD], *words).code == 0
    assert sorted(Person.objects.get().consents.values_list("channel", "status")) == [
        ("email", "given"),
        ("phone", "given"),
    ]


def test_a_workbook_comes_in_as_a_csv_file_does(house: House, folder: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER.split(","))
    sheet.append(["camille@atelier-nova.example", "Camille", "Moreau", date(2026, 4, 3), "France", 12, None])
    book.save(folder / "people.xlsx")
    said = vendange("import", folder / "people.xlsx", "--map", folder / "map.yaml", "--json")
    assert (said.value["added"], said.value["sheet"]) == (1, "Sheet")
    signal = Signal.objects.select_related("person").get()
    assert (signal.occurred_at.isoformat(), signal.person.country) == ("2026-04-02T22:00:00+00:00", "FR")
    assert signal.person.facts.get(field="machines").value == "12"


def test_past_deals_close_their_leads_and_the_others_are_refused(house: House, folder: Path) -> None:
    people = MAP.replace("columns: {", "columns: {external_id: Note, ").replace("ignore: [Note]\n", "")
    (folder / "map.yaml").write_text(people.replace("booth_visited", "quote_requested"))
    imported(folder, [GOOD])
    (folder / "deals.yaml").write_text(DEALS)
    rows = [
        "Id;Day;State;Sum;By;Seller",
        "hello;2026-05-03;won;1 234,50;sdr-1;sr-2",
        "stranger;2026-05-03;won;10;;",
        "hello;2026-05-03;maybe;10;;",
        "hello;2026-05-03;won;12.50;;",
        ";2026-05-03;won;10;;",
        "hello;2026-05-03;;10;;",
        "hello;2026-05-03;won;-5;;",
    ]
    (folder / "deals.csv").write_text("\n".join(rows))
    words = ("import", folder / "deals.csv", "--map", folder / "deals.yaml", "--json")
    first, again = vendange(*words).value, vendange(*words).value
    assert (first["added"], first["known"], first["refused"]) == (1, 0, 6)
    assert (again["added"], again["known"], again["refused"]) == (0, 1, 6)
    deal = Deal.objects.get()
    assert (deal.amount_cents, deal.currency, deal.imported) == (123450, "EUR", True)
    assert Lead.objects.get().stage == "won"
    text = Path(first["refused_file"]).read_text("utf-8-sig")
    for told in ("stranger", "maybe is not a status", "12.50 is not a number", "whose deal", "won or lost", "positive"):
        assert told in text


def test_people_without_a_signal_are_declared_once(house: House, folder: Path) -> None:
    declared = (
        MAP.replace("signal: booth_visited\n", "").replace(", occurred_at: Day", "").replace("[Note]", "[Note, Day]")
    )
    (folder / "map.yaml").write_text(declared)
    first, again = (imported(folder, [GOOD], "--json").value for _ in range(2))
    assert (first["added"], again["added"], again["known"]) == (1, 0, 1)
    assert (Person.objects.count(), Signal.objects.count()) == (1, 0)

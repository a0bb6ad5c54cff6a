"""Files of people on the pages: who may, what is brought and refused, how it is read, and its map; without script."""

import gzip
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from tests.people import House
from tests.web.brought import HEADER, LIST, MAPPED, ROWS, SAID, bring, csv_file, kept_files, page_of, sent
from tests.web.test_shell import browser
from vendange.models import ImportBatch, ImportMap, Job, Person
from vendange.sheets.column_map import load_map


@pytest.fixture
def carole(house: House) -> Client:
    return browser(house.carole)


# Rights


@pytest.mark.parametrize("who", ["alice", "bob", "marc"])
def test_others_have_no_business_here(house: House, carole: Client, who: str) -> None:
    there, other = page_of(bring(carole)), browser(getattr(house, who))
    for address in (LIST, there, f"{there}map.yaml", f"{there}far", f"{there}revert", f"{there}refused.csv"):
        assert other.get(address).status_code == 404, address
    for act in ("add", "maps/1/forget"):
        assert other.post(f"{LIST}{act}").status_code == 404, act
    for act in ("map", "stop", "go-on", "revert"):
        assert other.post(f"{there}{act}").status_code == 404, act


def test_what_changes_something_is_never_a_link(carole: Client) -> None:
    there = page_of(bring(carole))
    for address in (f"{LIST}add", f"{there}map", f"{there}stop", f"{there}go-on"):
        assert carole.get(address).status_code == 405, address


# Bringing


def test_no_file_yet_invites(carole: Client) -> None:
    page = carole.get(LIST).content.decode()
    assert "No file yet" in page and "Choose a file" in page and 'enctype="multipart/form-data"' in page


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (SimpleUploadedFile("empty.csv", b""), "empty"),
        (csv_file("x;y", header="Email;Email"), "Two columns are called Email"),
        (csv_file("x;y", header="Email;"), "Column 2 has no name"),
        (SimpleUploadedFile("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600), "old.xls"),
        (SimpleUploadedFile("photo.csv", b"\x81\x8d,\x8f\x90\n\x9d,\x81\n"), "encoding"),
    ],
)
def test_a_refused_file_says_why_and_leaves_nothing(carole: Client, file: SimpleUploadedFile, why: str) -> None:
    before = kept_files()
    answer = carole.post(f"{LIST}add", {"file": file})
    assert answer.status_code == 422 and why in answer.content.decode()
    assert not ImportBatch.objects.exists() and kept_files() == before


def test_no_file_at_all_is_told(carole: Client) -> None:
    answer = carole.post(f"{LIST}add")
    assert answer.status_code == 422 and "Choose a file first." in answer.content.decode()


def test_whoever_knows_the_encoding_says_it(carole: Client) -> None:
    strange = ("Łukasz;Żak;l@nova.example;Łódź;x;", "Ąę;Śź;s@nova.example;x;x;")
    file = csv_file(*strange, encoding="cp1250")
    page = carole.post(f"{LIST}add", {"file": file}).content.decode()
    assert "How its letters are written" in page and "cp1250" in page
    file.seek(0)
    batch = bring(carole, file, encoding="cp1250")
    assert "Łukasz" in carole.get(page_of(batch)).content.decode()


def test_what_was_found_of_a_file_is_shown(carole: Client) -> None:
    file = csv_file(*ROWS, header=HEADER.replace("Machines", "Lead Owner"), encoding="cp1252")
    page = carole.get(page_of(bring(carole, file)))
    read, text = page.context["read"], page.content.decode()
    assert (read.system, read.format) == ("Salesforce", "CSV")
    assert [(one.name, one.chosen) for one in read.choices] == [("encoding", "cp1252"), ("separator", "semicolon")]
    assert "looks like an export of Salesforce" in text and "Émilie" in text
    chosen = {one.name: (one.chosen, one.recognised) for one in page.context["columns"]}
    assert chosen["Email"] == ("email", True) and chosen["Lead Owner"] == ("-", False)
    assert page.context["columns"][0].samples == ["Camille", "Émilie", "Hugo"]


def test_gzip_is_read(carole: Client) -> None:
    packed = gzip.compress("\n".join([HEADER, *ROWS]).encode())
    batch = bring(carole, SimpleUploadedFile("leads.csv.gz", packed))
    assert batch.total == 6 and "CSV, gzip" in carole.get(page_of(batch)).content.decode()


def workbook() -> SimpleUploadedFile:
    book, stream = Workbook(), io.BytesIO()
    first, second = book.active, book.create_sheet("Partners")
    assert first is not None
    first.title = "Customers"
    first.append(["Prénom", "E-mail", "Ville"])
    for number in range(9):
        first.append([f"Camille{number}", f"camille{number}@nova.example", "Lyon"])
    second.append(["Nom", "Courriel", "Société"])
    for number in range(3):
        second.append([f"Roux{number}", f"r{number}@rhone.example", "Rhône"])
    book.save(stream)
    return SimpleUploadedFile("book.xlsx", stream.getvalue())


def test_another_sheet_is_read_again(carole: Client) -> None:
    batch = bring(carole, workbook())
    page = carole.get(page_of(batch))
    assert [one.name for one in page.context["columns"]] == ["Prénom", "E-mail", "Ville"]
    answer = carole.post(
        f"{page_of(batch)}map", {"act": "read", "sheet": "Partners", "origin": "Our fair"}, follow=True
    )
    assert [(one.name, one.chosen) for one in answer.context["columns"]] == [
        ("Nom", "name"), ("Courriel", "email"), ("Société", "organisation"),
    ]  # fmt: skip
    batch.refresh_from_db()
    assert batch.total == 3 and batch.how["origin"] == "Our fair"


def test_a_wrong_separator_can_be_put_right_again(carole: Client) -> None:
    batch = bring(carole)
    wrong = carole.post(f"{page_of(batch)}map", sent("read", separator="comma", encoding="utf-8"), follow=True)
    assert len(wrong.context["columns"]) == 1
    right = carole.post(f"{page_of(batch)}map", {**SAID, "act": "read", "separator": "semicolon"}, follow=True)
    assert [one.chosen for one in right.context["columns"]][:4] == ["first_name", "last_name", "email", "organisation"]


def test_an_encoding_that_does_not_fit_changes_nothing(carole: Client) -> None:
    batch = bring(carole, csv_file(*ROWS, encoding="cp1252"))
    answer = carole.post(f"{page_of(batch)}map", sent("read", encoding="utf-8", separator="semicolon"))
    assert answer.status_code == 422 and "leads.csv" in answer.content.decode()
    batch.refresh_from_db()
    assert batch.read_as["encoding"] == "cp1252" and batch.how["origin"] == SAID["origin"]


# The map


def test_two_columns_on_one_field_are_told_at_once(carole: Client) -> None:
    batch = bring(carole)
    mapped = ("first_name", "first_name", *MAPPED[2:])
    answer = carole.post(f"{page_of(batch)}map", sent("", mapped), headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 200 and "First Name is “First name” already" in text
    assert 'id="note-1" hx-swap-oob="true"' in text and "<html" not in text
    again = carole.post(f"{page_of(batch)}map", sent("see", mapped))
    assert [one.chosen for one in again.context["columns"]][:2] == ["first_name", "first_name"]


def test_what_is_unsure_is_asked(carole: Client) -> None:
    file = csv_file("abc;x@nova.example", header="Telephone;Courriel")
    columns = carole.get(page_of(bring(carole, file))).context["columns"]
    assert (columns[0].chosen, columns[0].recognised) == ("", False) and columns[1].chosen == "email"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"origin": ""}, "Say where the file comes from."),
        ({"basis": ""}, "Say why they may be contacted."),
        ({"wording": ""}, "without it there is no proof"),
        ({"channels": []}, "Say on which channels"),
        ({"consent_at": ""}, "Say on which day"),
        ({"regime": ""}, "Say who they are"),
        ({"basis": "column"}, "Choose the column that says whether they agreed"),
        ({"basis": "column", "c5": "consent", "consent_at": ""}, "Say on which day"),
        ({"consent_at": "1900-01-01"}, "too long ago"),
        ({"regime": "column"}, "Choose the column that says who is a private person"),
        ({"signal": "booth_visited"}, "Choose the column that says when it happened"),
        ({"c2": "-"}, "No column says who the person is"),
        ({"c3": ""}, "Say what Company / Account is"),
        ({"c3": "topic"}, "belongs to something that they did"),
    ],
)
def test_nothing_begins_while_something_is_missing(carole: Client, change: Mapping[str, Any], why: str) -> None:
    batch = bring(carole)
    for act in ("run", "try"):
        answer = carole.post(f"{page_of(batch)}map", {**sent(act), **change})
        assert answer.status_code == 422 and why in answer.content.decode()
    assert not Job.objects.exists() and not Person.objects.filter(email="camille@nova.example").exists()


def test_what_was_typed_survives_a_reload_and_a_colleague(house: House, carole: Client) -> None:
    batch = bring(carole)
    carole.post(f"{page_of(batch)}map", sent("", wording=""), headers={"HX-Request": "true"})
    house.alice.role = "marketing"
    house.alice.save()
    page = browser(house.alice).get(page_of(batch))
    form = page.context["form"]
    assert form["origin"].value() == SAID["origin"] and form["channels"].value() == ["email", "phone"]
    assert "Say what they were told or agreed to" in page.content.decode()


@pytest.mark.parametrize("swaps", [True, False])
def test_two_colleagues_on_one_draft_never_overwrite_each_other(house: House, carole: Client, swaps: bool) -> None:
    batch = bring(carole)
    house.alice.role = "marketing"
    house.alice.save()
    alice, there = browser(house.alice), page_of(batch)
    seen = [client.get(there).context["seen"] for client in (carole, alice)]
    headers = {"HX-Request": "true"} if swaps else {}
    carole.post(f"{there}map", sent("see", origin="Hers", seen=seen[0]), headers=headers)
    for _ in range(2):  # told again as long as it is not decided
        answer = alice.post(f"{there}map", sent("see", origin="Mine", seen=seen[1]), headers=headers)
        text = answer.content.decode()
        assert answer.status_code == 409 and "Carole Test has changed this draft meanwhile" in text
        assert answer.context["seen"] == str(seen[1]) and answer.context["form"]["origin"].value() == "Mine"
        batch.refresh_from_db()
        assert batch.how["origin"] == "Hers"
    decided = sent("mine", origin="Mine", seen=seen[1], over=answer.context["parted"].number)
    assert alice.post(f"{there}map", decided).status_code == 303
    batch.refresh_from_db()
    assert batch.how["origin"] == "Mine"
    again = carole.post(f"{there}map", sent("run", origin="Hers", seen=seen[0] + 1))
    assert again.status_code == 409 and not Job.objects.exists()


def test_two_changes_of_one_colleague_at_once_are_no_conflict(carole: Client) -> None:
    """An answer that was overtaken on its way never told the page which change is the last."""
    there = page_of(bring(carole))
    seen = carole.get(there).context["seen"]
    for origin in ("One", "Two"):
        assert carole.post(f"{there}map", sent("see", origin=origin, seen=seen)).status_code == 303
    assert ImportBatch.objects.get().how["origin"] == "Two"


def test_who_changed_a_draft_is_no_part_of_a_map_that_is_kept(carole: Client) -> None:
    batch = bring(carole)
    carole.post(f"{page_of(batch)}map", sent("keep", map_name="Fair"))
    assert "changed" not in ImportMap.objects.get().how


def test_the_first_rows_are_shown_as_they_will_be_read(carole: Client) -> None:
    batch = bring(carole)
    page = carole.post(f"{page_of(batch)}map", sent("see"), follow=True)
    first, _second, third, *_others = page.context["rows"]
    assert (first.name, first.company, first.reached) == ("Camille Moreau", "Atelier Nova", ["camille@nova.example"])
    assert first.consent == [("informed, could refuse", "good")] and ("Machines", "5") in first.rest
    assert third.line == 4 and "not an address is not an e-mail address" in third.refused
    assert "As the first rows will be read" in page.content.decode()


def test_dates_that_can_be_read_in_two_ways_are_asked(carole: Client) -> None:
    header = "Email;Visited"
    batch = bring(carole, csv_file("a@nova.example;03/04/2026", header=header))
    chosen = {**sent("try", ("email", "occurred_at")), "signal": "booth_visited"}
    answer = carole.post(f"{page_of(batch)}map", chosen)
    assert answer.status_code == 422 and "choose how, under" in answer.content.decode()
    told = {**chosen, "date_format": "DD/MM/YYYY", "act": "see"}
    page = carole.post(f"{page_of(batch)}map", told, follow=True)
    assert page.context["rows"][0].when == "3 April 2026"


def test_maps_are_kept_used_again_and_forgotten(carole: Client) -> None:
    batch = bring(carole)
    assert carole.post(f"{page_of(batch)}map", sent("keep")).status_code == 422
    mapped = ("first_name", "last_name", "email", "organisation", "-", "fact")
    page = carole.post(f"{page_of(batch)}map", sent("keep", mapped, map_name="Fair"), follow=True)
    assert "The map Fair is kept" in page.content.decode()
    kept = ImportMap.objects.get(name="Fair")
    assert "found" not in kept.how
    second = bring(carole, csv_file("A;B;a@x.example;X;y;1"), use=str(kept.pk))
    page = carole.get(page_of(second))
    assert [one.chosen for one in page.context["columns"]] == [*mapped] and page.context["form"]["origin"].value()
    third = bring(carole, csv_file("A;B;a@y.example;X;y;1"))
    page = carole.post(f"{page_of(third)}map", {**sent("use"), "use": str(kept.pk)}, follow=True)
    assert [one.chosen for one in page.context["columns"]] == [*mapped]
    carole.post(f"{LIST}maps/{kept.pk}/forget")
    assert not ImportMap.objects.exists() and carole.post(f"{LIST}maps/{kept.pk}/forget").status_code == 404


def test_the_map_is_what_the_command_line_takes(carole: Client, tmp_path: Path) -> None:
    batch = bring(carole)
    carole.post(f"{page_of(batch)}map", sent("see"))
    answer = carole.get(f"{page_of(batch)}map.yaml")
    assert 'filename="leads.yaml"' in answer["Content-Disposition"]
    path = tmp_path / "leads.yaml"
    path.write_bytes(answer.content)
    known = load_map(path, time_zone="UTC")
    assert known.columns["email"] == "Email" and known.facts == {"machines": "Machines"}
    assert known.terms.consent is not None and known.terms.consent.wording == SAID["wording"]


def test_a_file_of_as_many_columns_as_there_may_be(carole: Client) -> None:
    header = ";".join(["Email", *(f"Column {number}" for number in range(499))])
    batch = bring(carole, csv_file(";".join(["a@x.example", *"x" * 499]), header=header))
    wide = {f"f{place}": f"column_{place}" for place in range(1, 500)}
    answer = carole.post(f"{page_of(batch)}map", {**sent("see", ("email", *["fact"] * 499)), **wide})
    assert answer.status_code == 303
    batch.refresh_from_db()
    assert len(batch.how["map"]["facts"]) == 499


@pytest.mark.parametrize(
    "odd",
    [
        {"consent_at": "2099-01-01"},
        {"consent_at": "someday", "basis": "contract"},
        {"date_format": "%Y", "c0": "no_such_field"},
        {"regime": "x", "signal": "Not A Kind", "decimal": "x"},
        {"basis": "x", "channels": ["pigeon"]},
        {"f5": "Not a name!", "origin": "x" * 500, "wording": "y" * 5_000},
    ],
)
def test_what_no_browser_sends_is_told_and_begins_nothing(carole: Client, odd: Mapping[str, Any]) -> None:
    batch = bring(carole)
    for act in ("see", "run"):
        answer = carole.post(f"{page_of(batch)}map", {**sent(act), **odd})
        assert answer.status_code in (303, 422)
    assert carole.get(page_of(batch)).context["problems"] and not Job.objects.exists()

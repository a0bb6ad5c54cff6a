"""Workbooks become rows as a CSV file would; what cannot be read is refused with what to do."""

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.workbook.protection import WorkbookProtection

from vendange.sheets import workbook
from vendange.sheets.refusal import FileRefused
from vendange.sheets.sheet import Sheet, open_any, rows_of


def written(path: Path, *rows: list[Any], formats: dict[str, str] | None = None, **others: list[Any]) -> Sheet:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for place, shown_as in (formats or {}).items():
        sheet[place].number_format = shown_as
    for name, row in others.items():
        book.create_sheet(name).append(row)
    book.save(path)
    return open_any(path)


def test_cells_are_what_people_see(tmp_path: Path) -> None:
    sheet = written(
        tmp_path / "people.xlsx",
        ["E-mail", "Tel", "CP", "Day", "Moment", "Part", "Yes", "Text"],
        ["a@x.example", 33612345678.0, 1234, dt.date(2026, 4, 3), dt.datetime(2026, 4, 3, 14, 30), 0.25, True, "007"],  # noqa: DTZ001
        ["b@x.example", "+33612345678", 612345678, None, None, None, False, "=not a formula"],
        formats={"C2": "00000", "C3": '0#" "##" "##" "##" "##'},
    )
    rows = list(rows_of(sheet))
    assert rows[0] == (
        2, ["a@x.example", "33612345678", "01234", "2026-04-03", "2026-04-03 14:30:00", "0.25", "true", "007"],
    )  # fmt: skip
    assert rows[1][1][1:3] == ["+33612345678", "0612345678"]
    assert (sheet.rows, sheet.header[:2], sheet.is_workbook) == (2, ("E-mail", "Tel"), True)


def test_a_formula_gives_the_value_it_had(tmp_path: Path) -> None:
    path = tmp_path / "sums.xlsx"
    written(path, ["E-mail", "Sum"], ["a@x.example", "=1+1"])
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    cell = parts["xl/worksheets/sheet1.xml"]
    assert b"<v></v>" in cell or b"<v />" in cell or b"<v/>" in cell
    for empty in (b"<v></v>", b"<v />", b"<v/>"):
        cell = cell.replace(empty, b"<v>2</v>")
    with zipfile.ZipFile(path, "w") as book:
        for name, body in {**parts, "xl/worksheets/sheet1.xml": cell}.items():
            book.writestr(name, body)
    assert list(rows_of(open_any(path))) == [(2, ["a@x.example", "2"])]


def test_empty_rows_and_cells_do_no_harm_and_surplus_cells_are_told(tmp_path: Path) -> None:
    sheet = written(tmp_path / "x.xlsx", ["A", "B"], [], ["1"], [None, None, None], ["1", "2", "3"])
    assert list(rows_of(sheet)) == [(3, ["1", ""]), (5, ["1", "2", "3"])]


def test_the_first_sheet_that_holds_something_unless_another_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    assert written(path, People=["E-mail"], Other=["Name"]).tab == "People"
    assert open_any(path, tab="Other").header == ("Name",)
    with pytest.raises(FileRefused, match=r"has no sheet Nowhere\. It has: Sheet, People, Other"):
        open_any(path, tab="Nowhere")


def test_rows_of_a_large_workbook_are_counted_without_reading_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "COUNTED_WHOLE", 0)
    monkeypatch.setattr(workbook, "MB", 64)  # so that a row is cut in two now and then
    assert written(tmp_path / "x.xlsx", ["A"], *([str(number)] for number in range(500))).rows == 500


def zipped(**parts: bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as book:
        for name, body in parts.items():
            book.writestr(name.replace("__", "/").replace("_", "."), body)
    return raw.getvalue()


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (OLD, "an old Excel"),
        (OLD + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (b"PK\x03\x04 and no more", "damaged workbook"),
        (zipped(people_csv=b"a,b"), "is a zip file"),
        (zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "a kind that we do not read"),
        (zipped(xl__workbook_xml=b"<workbook/>"), "damaged workbook"),
        (zipped(xl__workbook_xml=b"<", xl__sharedStrings_xml=b" " * (201 << 20)), "grows too large"),
    ],
    ids=["old", "locked", "cut", "zip", "ods", "empty", "bomb"],
)
def test_what_is_no_workbook_is_refused_with_what_to_do(tmp_path: Path, raw: bytes, told: str) -> None:
    path = tmp_path / "people.xlsx"
    path.write_bytes(raw)
    with pytest.raises(FileRefused, match=told):
        open_any(path)


def test_a_sheet_that_is_only_locked_against_changes_is_read(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["E-mail"])
    book.active.append(["a@x.example"])
    book.active.protection.sheet = True
    book.security = WorkbookProtection(workbookPassword="secret", lockStructure=True)
    book.save(tmp_path / "x.xlsx")
    assert list(rows_of(open_any(tmp_path / "x.xlsx"))) == [(2, ["a@x.example"])]

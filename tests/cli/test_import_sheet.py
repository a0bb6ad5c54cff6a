"""Files as they come: encodings, separators, headers, dates. What is not certain is asked, never guessed."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from vendange.sheets.dates import NoSuchDate, read_date
from vendange.sheets.refusal import FileRefused
from vendange.sheets.sheet import Sheet, open_sheet, rows_of

NAME = "Émilie Lefèvre – €"
TEXT = f"name,city\n{NAME},Besançon\n"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def opened(tmp_path: Path, raw: bytes, *columns: str, encoding: str = "", separator: str = "") -> Sheet:
    path = tmp_path / "file.csv"
    path.write_bytes(raw)
    return open_sheet(path, columns=columns or ("name", "city"), encoding=encoding, separator=separator)


def refused(tmp_path: Path, raw: bytes, *columns: str, encoding: str = "") -> str:
    with pytest.raises(FileRefused) as error:
        opened(tmp_path, raw, *columns, encoding=encoding)
    return str(error.value)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (TEXT.encode(), "UTF-8"),
        (TEXT.encode("utf-8-sig"), "UTF-8 with a byte order mark"),
        (TEXT.encode("cp1252"), "cp1252 (Western European)"),
        (TEXT.encode("utf-16"), "UTF-16"),
        (TEXT.encode("utf-16-be"), "UTF-16 without a byte order mark"),
        (gzip.compress(TEXT.encode("cp1252"), mtime=0), "cp1252 (Western European)"),
    ],
)
def test_the_same_letters_come_out_of_every_encoding(tmp_path: Path, raw: bytes, shown: str) -> None:
    sheet = opened(tmp_path, raw)
    assert sheet.encoding.shown == shown
    assert [row for _, row in rows_of(sheet)] == [[NAME, "Besançon"]]


@pytest.mark.parametrize(
    "raw",
    [
        TEXT.encode() + "Zoé,Nîmes\n".encode("cp1252"),
        "Zoé,Nîmes\n".encode("cp1252") + TEXT.encode(),
        "name,city\nHélène,Orléans\n".encode("mac-roman"),
        "name,city\nHélène,Orléans\n".encode("cp850"),
        "name,city\nИван,Москва\n".encode("cp1251"),
        "name,city\nRené,5 €\n".encode("iso-8859-15"),
    ],
    ids=["UTF-8 then cp1252", "cp1252 then UTF-8", "Mac", "DOS", "Cyrillic", "Latin 9"],
)
def test_bytes_that_cannot_be_read_with_certainty_are_refused_with_a_remedy(tmp_path: Path, raw: bytes) -> None:
    said = refused(tmp_path, raw)
    assert "ine " in said
    assert "Save the file as UTF-8, or write its encoding in the map" in said


def test_an_encoding_that_the_map_gives_is_followed_and_checked(tmp_path: Path) -> None:
    raw = "name,city\nHélène,Orléans\n".encode("mac-roman")
    assert [row for _, row in rows_of(opened(tmp_path, raw, encoding="mac-roman"))] == [["Hélène", "Orléans"]]
    assert "is not UTF-8" in refused(tmp_path, raw, encoding="utf-8")


@pytest.mark.parametrize(("sign", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")])
def test_the_separator_is_found_by_the_columns(tmp_path: Path, sign: str, name: str) -> None:
    sheet = opened(tmp_path, f"name{sign}city\nA, B; C{sign}Lyon\n".replace("A, B; C", '"A, B; C"').encode())
    assert sheet.separator_name == name
    assert [row for _, row in rows_of(sheet)] == [["A, B; C", "Lyon"]]


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04rest", "damaged workbook"),
        (gzip.compress(b"name,city\n" + b"a,b\n" * 999, mtime=0)[:-9], "damaged gzip"),
        (b"name,city,name\n", "Two columns are called name"),
        (b"name,,city\n", "Column 2 has no name"),
        (b"name,city,age\n", "The map says nothing of the column age. Map it under columns, or list it under ignore."),
        (b"name,CITY \n", "Did you mean CITY?"),
        ((",".join(f"c{number}" for number in range(2000)) + "\n").encode(), "column 501 is c500"),
        (b'name,city\na,b\n"c,d\n', "line 3: the row cannot be cut"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, raw: bytes, told: str) -> None:
    assert told in refused(tmp_path, raw)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="cannot be read"):
        open_sheet(tmp_path / "none.csv", columns=("name",))


def test_lines_are_counted_through_blank_ones_and_cells_of_several_lines(tmp_path: Path) -> None:
    sheet = opened(tmp_path, b'name,city\na,b\n\n"c\nd",e\nf,g\n')
    assert [(line, row[0]) for line, row in rows_of(sheet)] == [(2, "a"), (4, "c\nd"), (6, "f")]
    assert sheet.rows == 3


def test_columns_that_we_added_to_a_refused_file_are_no_surprise(tmp_path: Path) -> None:
    assert opened(tmp_path, b"name,city,refused_line,refused_because\na,b,7,why\n").rows == 1


@pytest.mark.parametrize(
    ("text", "written", "instant", "only_day"),
    [
        ("2026-04-03", "YYYY-MM-DD", "2026-04-02T22:00", True),
        ("2026-04-03 14:30", "YYYY-MM-DD", "2026-04-03T12:30", False),
        ("2026-04-03T14:30:15.25Z", "YYYY-MM-DD", "2026-04-03T14:30:15.250000", False),
        ("2026-04-03 14:30:00 +0500", "YYYY-MM-DD", "2026-04-03T09:30", False),
        ("03/04/2026", "DD/MM/YYYY", "2026-04-02T22:00", True),
        ("03/04/2026", "MM/DD/YYYY", "2026-03-03T23:00", True),
        ("3.4.2026 08:05", "DD.MM.YYYY HH:MM", "2026-04-03T06:05", False),
    ],
)
def test_dates_that_can_be_read(text: str, written: str, instant: str, only_day: bool) -> None:
    found = read_date(text, format=written, zone=ZoneInfo("Europe/Paris"), latest=NOW)
    assert found == (datetime.fromisoformat(instant).replace(tzinfo=UTC), only_day)


@pytest.mark.parametrize(
    ("text", "written", "told"),
    [
        ("03/04/2026", "YYYY-MM-DD", "can be read in two ways"),
        ("2026-02-30", "YYYY-MM-DD", "cannot be"),
        ("2026-04-03 25:00", "YYYY-MM-DD", "cannot be"),
        ("30/02/2026", "DD/MM/YYYY", "Correct the day"),
        ("04/13/2026", "DD/MM/YYYY", "Correct the day"),
        ("31/12/99", "YYYY-MM-DD", "a year of two digits"),
        ("45000", "YYYY-MM-DD", "spreadsheet's day number"),
        ("", "YYYY-MM-DD", "missing"),
        ("soon", "YYYY-MM-DD", "is not a date"),
        ("2026.04.03", "DD/MM/YYYY", "is not written DD/MM/YYYY"),
        ("2126-04-03", "YYYY-MM-DD", "in the future"),
        ("0026-04-03", "YYYY-MM-DD", "before 1970"),
    ],
)
def test_dates_that_cannot_be(text: str, written: str, told: str) -> None:
    with pytest.raises(NoSuchDate, match=told):
        read_date(text, format=written, zone=ZoneInfo("Europe/Paris"), latest=NOW)

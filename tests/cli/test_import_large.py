"""Large files and bombs: only a beginning is read while somebody waits; what no table can be is refused cheaply."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from vendange.sheets import lines, sheet, workbook
from vendange.sheets.refusal import FileRefused
from vendange.sheets.sheet import open_any, read_whole, rows_of


def kept(tmp_path: Path, raw: bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(raw)
    return path


def refused(tmp_path: Path, raw: bytes) -> str:
    with pytest.raises(FileRefused) as error:
        open_any(kept(tmp_path, raw))
    return str(error.value)


def test_a_line_that_no_table_needs_is_refused_before_it_is_read(tmp_path: Path) -> None:
    raw = b"email,first_name\n" + b"a" * (40 << 20)
    assert "line 2 is longer than 1048576 characters" in refused(tmp_path, raw)
    assert "line 2 is longer than 1048576 characters" in refused(tmp_path, gzip.compress(raw, 1))


def test_a_quote_that_is_never_closed_is_told_as_one(tmp_path: Path) -> None:
    told = refused(tmp_path, b'email,first_name\na@x.example,"A\n' + b"b@x.example,B\n" * 20_000)
    assert told.startswith("file, line 2: a cell is longer than 131072 characters. A quote that opens here")


def test_what_grows_beyond_all_tables_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_UNPACKED", 1 << 20)
    assert "once it is unpacked" in refused(tmp_path, gzip.compress(b"email\n" + b"a@x.example\n" * 200_000))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_of_a_large_file_a_beginning_is_read_and_the_rest_by_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: type[bytes]
) -> None:
    monkeypatch.setattr(sheet, "LOOK", 100_000)
    raw = b"email,first_name\n" + b"".join(b"a%d@x.example,Anne\n" % number for number in range(50_000))
    found = open_any(kept(tmp_path, pack(raw)))
    assert found.estimated and 30_000 < found.rows < 90_000
    whole = read_whole(found)
    assert (whole.rows, whole.estimated) == (50_000, False)


def test_letters_far_below_are_read_by_the_encoding_that_they_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet, "LOOK", 1000)
    monkeypatch.setattr("vendange.sheets.encoding.CHUNK", 1000)
    raw = b"email,first_name\n" + b"a@x.example,Anne\n" * 5000
    found = read_whole(open_any(kept(tmp_path, raw + "b@x.example,Zoé\n".encode("cp1252"))))
    assert found.encoding.codec == "cp1252"
    assert [cells for _, cells in rows_of(found)][-1] == ["b@x.example", "Zoé"]
    with pytest.raises(FileRefused, match="an encoding that we cannot tell"):
        read_whole(open_any(kept(tmp_path, raw + b"b@x.example,Zo\x81\n")))


def bomb(rows: int) -> bytes:
    book, raw = Workbook(), io.BytesIO()
    book.save(raw)
    given = zipfile.ZipFile(raw)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as parts:
        for name in given.namelist():
            body = given.read(name)
            if name.endswith("sheet1.xml"):
                first = b'<row r="1"><c t="inlineStr" r="A1"><is><t>email</t></is></c></row>'
                row = b'<row><c t="inlineStr"><is><t>a@b.fr</t></is></c></row>'
                start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
                body = start + first + row * rows + b"</sheetData></worksheet>"
            parts.writestr(name, body)
    return made.getvalue()


def test_a_sheet_of_more_rows_than_excel_holds_is_refused(tmp_path: Path) -> None:
    assert "more than 1048576 rows" in refused(tmp_path, bomb(1_100_000))


def test_of_a_large_sheet_a_beginning_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "LOOK", 1 << 20)
    found = open_any(kept(tmp_path, bomb(300_000)))
    assert found.estimated and 290_000 < found.rows < 310_000
    assert read_whole(found).rows == 300_000


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"sep=;\nemail;first_name\na@x.example;A\n", 3),
        (b'\xef\xbb\xbf"sep=;"\r\nemail;first_name\r\na@x.example;A\r\n', 3),
        (b"\n\n\nemail,first_name\n\na@x.example,A\n", 6),
        (b";;\nemail;first_name\na@x.example;A\n", 3),
    ],
)
def test_what_excel_leaves_out_before_the_names_is_left_out(tmp_path: Path, raw: bytes, line: int) -> None:
    found = open_any(kept(tmp_path, raw))
    assert found.header == ("email", "first_name")
    assert list(rows_of(found)) == [(line, ["a@x.example", "A"])]


def test_a_byte_order_mark_alone_is_an_empty_file(tmp_path: Path) -> None:
    assert "is empty" in refused(tmp_path, b"\xef\xbb\xbf")


def test_what_is_no_text_is_told_as_such(tmp_path: Path) -> None:
    assert "neither a workbook nor text" in refused(tmp_path, bytes(range(256)) * 200)


def test_the_sheet_whose_columns_are_known_best_is_read(tmp_path: Path) -> None:
    book = Workbook()
    book.create_sheet("Notes").append(["Salon de Lyon"])
    book["Notes"].append(["exporté par Bob"])
    for name, rows in (("Short", 1), ("Contacts 2026", 3)):
        contacts = book.create_sheet(name)
        contacts.append(["E-mail", "Prénom", "Société"])
        for number in range(rows):
            contacts.append([f"a{number}@x.example", "Eva", "X1"])
    book.save(tmp_path / "x.xlsx")
    assert open_any(tmp_path / "x.xlsx").tab == "Contacts 2026"

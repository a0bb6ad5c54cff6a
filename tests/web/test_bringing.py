"""Files of people on the pages: brought, read as, mapped, looked at, tried, taken in, taken back; without script."""

import gzip
import io
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook

from tests.people import House
from tests.web.test_people import questions
from tests.web.test_shell import browser
from vendange.models import Consent, ImportBatch, ImportMap, Job, Organisation, Person
from vendange.sheets.column_map import PEOPLE_FIELDS, load_map
from vendange.web.bringing.fields import GROUPS
from vendange.work.doing import do

LIST = "/capture/imports/"
HEADER = "First Name;Last Name;Email;Company / Account;Lead Source;Machines"
ROWS = (
    "Camille;Moreau;camille@nova.example;Atelier Nova;Fair;5",
    "Émilie;Lefèvre;emilie@rhone.example;Mécanique du Rhône;Fair;",
    "Hugo;Roux;not an address;Atelier Nova;Fair;2",
    "Inès;Faure;ines@rhone.example;Mécanique du Rhône;Fair;1",
    "Paul;Arnaud;paul@rhone.example;Mécanique du Rhône;Fair;",
    "Chloé;Blanc;chloe@rhone.example;Mécanique du Rhône;Fair;",
)
SAID = {
    "origin": "Fair in Lyon, 2026",
    "basis": "informed",
    "channels": ["email", "phone"],
    "wording": "Notice at the entrance",
    "consent_at": "2026-04-03",
    "regime": "professional",
    "signal": "",
    "keep_filled": "on",
    "date_format": "YYYY-MM-DD",
    "decimal": "point",
}
MAPPED = ("first_name", "last_name", "email", "organisation", "source", "fact")


def csv_file(*rows: str, header: str = HEADER, encoding: str = "utf-8", name: str = "leads.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join([header, *rows]).encode(encoding), content_type="text/csv")


def bring(client: Client, file: SimpleUploadedFile | None = None, **more: str) -> ImportBatch:
    answer = client.post(f"{LIST}add", {"file": file or csv_file(*ROWS), **more})
    assert answer.status_code == 303, answer.context["problems"]
    return ImportBatch.objects.latest("id")


def sent(act: str, mapped: tuple[str, ...] = MAPPED, **said: Any) -> dict[str, Any]:
    chosen = {f"c{place}": field for place, field in enumerate(mapped)}
    return {**SAID, **chosen, "f5": "machines", **said, "act": act}


def kept_files() -> set[str]:
    folder = Path(settings.HOME) / "imports"
    return {one.name for one in folder.iterdir()} if folder.exists() else set()


def page_of(batch: ImportBatch) -> str:
    return f"{LIST}{batch.public_id}/"


def work() -> None:
    """What waits is done, as the worker does it."""
    while (job := Job.objects.select_related("by").filter(state="waiting").order_by("id").first()) is not None:
        Job.objects.filter(pk=job.pk).update(state="running", started_at=job.asked_at, tries=job.tries + 1)
        job.refresh_from_db()
        do(job)
        job.refresh_from_db()
        assert job.state == "done", job.failure


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
    first.append(["Prénom", "E-mail"])
    first.append(["Camille", "camille@nova.example"])
    second.append(["Nom", "Courriel", "Société"])
    for number in range(3):
        second.append([f"Roux{number}", f"r{number}@rhone.example", "Rhône"])
    book.save(stream)
    return SimpleUploadedFile("book.xlsx", stream.getvalue())


def test_another_sheet_is_read_again(carole: Client) -> None:
    batch = bring(carole, workbook())
    page = carole.get(page_of(batch))
    assert [one.name for one in page.context["columns"]] == ["Prénom", "E-mail"]
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


# Trying, taking in, taking back


def test_a_dry_run_counts_and_writes_nothing(carole: Client) -> None:
    batch = bring(carole)
    assert carole.post(f"{page_of(batch)}map", sent("try")).status_code == 303
    assert "Waiting for the worker" in carole.get(page_of(batch)).content.decode()
    people = Person.objects.count()
    work()
    page = carole.get(page_of(batch))
    tried = page.context["tried"]
    assert [count for _label, count, _css in tried.figures][:4] == [6, 5, 0, 1] and not tried.stale
    assert [(one.count, one.first) for one in tried.reasons] == [(1, 4)]
    assert "is not an e-mail address" in page.content.decode()
    assert Person.objects.count() == people
    refused = carole.get(f"{page_of(batch)}refused.csv")
    assert refused.status_code == 200 and b"not an address" in b"".join(refused)
    carole.post(f"{page_of(batch)}map", sent("see", (*MAPPED[:3], "-", *MAPPED[4:])))
    assert carole.get(page_of(batch)).context["tried"].stale


def taken_in(client: Client, **said: Any) -> ImportBatch:
    batch = bring(client)
    assert client.post(f"{page_of(batch)}map", sent("run", **said)).status_code == 303
    work()
    batch.refresh_from_db()
    return batch


def test_rows_come_in_with_their_origin_and_their_proof(carole: Client) -> None:
    batch = taken_in(carole)
    assert (batch.status, batch.rows, batch.added, batch.refused) == ("done", 6, 5, 1)
    person = Person.objects.get(email="camille@nova.example")
    assert (person.name, person.source, person.regime) == ("Camille Moreau", "Fair", "professional")
    line = Consent.objects.get(person=person, channel="email")
    assert (line.status, line.wording, line.import_batch) == ("informed", SAID["wording"], batch)
    page = carole.get(page_of(batch)).content.decode()
    for words in ("Take this file back", "Refused rows", "Why rows were refused", "Notice at the entrance"):
        assert words in page, words
    assert carole.post(f"{page_of(batch)}map", sent("see")).status_code == 409


def test_those_who_came_are_one_step_away(carole: Client) -> None:
    batch = bring(carole)
    carole.post(f"{page_of(batch)}map", sent("run", ("first_name", "last_name", "email", "organisation", "-", "fact")))
    work()
    (link,) = carole.get(page_of(batch)).context["links"]
    people = carole.get(link[2]).content.decode()
    assert "Camille Moreau" in people and "Émilie Lefèvre" in people


def test_a_whole_file_is_taken_back_after_a_look(carole: Client) -> None:
    batch = taken_in(carole)
    page = carole.get(f"{page_of(batch)}revert")
    assert (5, "people whom only this file named") in page.context["goes"]
    assert "Objections: whoever refused is not contacted again by mistake" in page.content.decode()
    assert carole.post(f"{page_of(batch)}revert").status_code == 303
    assert "Waiting for the worker" in carole.get(page_of(batch)).content.decode()
    work()
    batch.refresh_from_db()
    assert batch.status == "reverted" and not Person.objects.filter(email="camille@nova.example").exists()
    assert not Organisation.objects.filter(name="Atelier Nova").exists()
    after = carole.get(page_of(batch)).content.decode()
    assert "Taken back by Carole" in after and "Take this file back" not in after
    for act in ("revert", "go-on"):
        assert carole.post(f"{page_of(batch)}{act}").status_code == 409, act


def test_what_has_gone_on_since_stays_and_is_told(carole: Client) -> None:
    batch = taken_in(carole)
    person = Person.objects.get(email="camille@nova.example")
    Consent.objects.create(
        person=person, channel="email", purpose="prospecting", status="refused", at=batch.started_at, method="told"
    )
    carole.post(f"{page_of(batch)}revert")
    work()
    page = carole.get(page_of(batch))
    assert page.context["stayed"] and Person.objects.filter(pk=person.pk).exists()
    assert "What stayed, and why" in page.content.decode()


def test_what_waits_is_stopped_and_gone_on_with(carole: Client) -> None:
    batch = bring(carole)
    carole.post(f"{page_of(batch)}map", sent("run"))
    carole.post(f"{page_of(batch)}stop")
    batch.refresh_from_db()
    assert batch.status == "stopped"
    page = carole.get(page_of(batch)).content.decode()
    assert "Go on from row 1" in page
    assert carole.post(f"{page_of(batch)}go-on").status_code == 303
    work()
    batch.refresh_from_db()
    assert (batch.status, batch.added) == ("done", 5)


def test_a_draft_is_put_away(carole: Client) -> None:
    before = kept_files()
    batch = bring(carole)
    page = carole.post(f"{page_of(batch)}map", {"act": "discard"}, follow=True).content.decode()
    assert "leads.csv is put away" in page and not ImportBatch.objects.exists() and kept_files() == before


def test_the_same_file_again_says_so(carole: Client) -> None:
    taken_in(carole)
    page = carole.get(page_of(bring(carole))).content.decode()
    assert "This very file came in before (Carole Test)" in page


# The list


def test_the_list_says_who_brought_what_and_what_can_be_undone(carole: Client) -> None:
    batch = taken_in(carole)
    bring(carole, csv_file(*ROWS[:1], name="draft.csv"))
    page = carole.get(LIST)
    done = next(line for line in page.context["lines"] if line.batch == batch)
    assert done.may_revert and done.has_refused and not done.state.is_draft
    text = page.content.decode()
    assert "Carole Test" in text and f"{page_of(batch)}revert" in text and "draft.csv" in text


def test_as_many_questions_for_twice_as_many(carole: Client) -> None:
    for number in range(2):
        bring(carole, csv_file(*ROWS[:2], name=f"{number}.csv"))
    before = questions(carole, LIST)
    for number in range(3):
        bring(carole, csv_file(*ROWS[:2], name=f"more {number}.csv"))
    assert questions(carole, LIST) == before


def test_as_many_questions_for_many_columns(carole: Client) -> None:
    narrow = bring(carole, csv_file("a@x.example;1", header="Email;One"))
    header = ";".join(["Email", *(f"Column {number}" for number in range(60))])
    wide = bring(carole, csv_file(";".join(["a@x.example", *"x" * 60]), header=header))
    assert questions(carole, page_of(narrow)) == questions(carole, page_of(wide))


def test_every_field_of_a_map_can_be_chosen() -> None:
    assert sorted(code for _title, codes in GROUPS for code in codes) == sorted(PEOPLE_FIELDS)


def test_a_dry_run_can_be_stopped(carole: Client) -> None:
    batch = bring(carole)
    carole.post(f"{page_of(batch)}map", sent("try"))
    assert "Stop trying" in carole.get(page_of(batch)).content.decode()
    carole.post(f"{page_of(batch)}map", sent("halt"))
    page = carole.get(page_of(batch))
    assert page.context["under_way"] is None and page.context["tried"] is None


def test_how_far_it_is(carole: Client) -> None:
    """Rows of all, how fast since it began or went on, how long it will last; at its end the page itself comes."""
    batch = bring(carole)
    carole.post(f"{page_of(batch)}map", sent("run"))
    batch.refresh_from_db()
    assert batch.job_id is not None
    now = timezone.now()
    running = {"state": "running", "started_at": now - timedelta(seconds=10), "beat_at": now, "tries": 1}
    job = Job.objects.filter(pk=batch.job_id)
    job.update(**running, done=3_000, total=10_000, asked={"after": 1_000})
    far = carole.get(f"{page_of(batch)}far", headers={"HX-Request": "true"}).content.decode()
    for words in ("Taking it in", "30 %", "3,000 of 10,000 rows", "200 rows a second", "35\xa0s left"):
        assert words in far, words
    job.update(beat_at=now - timedelta(minutes=5))
    assert "has gone silent" in carole.get(page_of(batch)).content.decode()
    job.update(state="failed", result={"sentence": {"template": "It broke.", "values": {}}})
    end = carole.get(f"{page_of(batch)}far", headers={"HX-Request": "true"})
    assert end["HX-Redirect"] == page_of(batch)
    page = carole.get(page_of(batch)).content.decode()
    assert "It broke." in page and "Go on from row 1" in page


def test_french(house: House, carole: Client) -> None:
    house.carole.language = "fr"
    house.carole.save()
    batch = bring(carole)
    page = carole.post(f"{page_of(batch)}map", sent("see"), follow=True).content.decode()
    for words in ("Ce que devient chaque colonne", "n’est pas une adresse", "informé, pouvait refuser", "Entreprise"):
        assert words in page, words

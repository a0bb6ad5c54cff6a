"""Files of people on the pages: tried, taken in, stopped, gone on with, taken back, and listed; without script."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.people import House
from tests.web.brought import LIST, MAPPED, ROWS, SAID, bring, csv_file, kept_files, page_of, sent, work
from tests.web.test_people import questions
from tests.web.test_shell import browser
from vendange.models import Consent, ImportBatch, Job, Organisation, Person
from vendange.sheets.column_map import PEOPLE_FIELDS
from vendange.web.bringing.fields import GROUPS


@pytest.fixture
def carole(house: House) -> Client:
    return browser(house.carole)


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
    assert "Taken back by Carole" in after and "Nothing had to stay." in after and "Take this file back" not in after
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


def test_agreements_without_a_day_and_old_ones_are_told(carole: Client) -> None:
    header = "Email;Optin;Agreed;First Name"
    old, young = (f"{timezone.now() - timedelta(days=days):%Y-%m-%d}" for days in (400, 40))
    rows = ("a@x.example;yes;;A", f"b@x.example;yes;{old};B", f"c@x.example;yes;{young};C")
    batch = bring(carole, csv_file(*rows, header=header))
    mapped = ("email", "consent", "consent_at", "first_name")
    said = {"basis": "column", "consent_at": "", "f5": ""}
    page = carole.post(f"{page_of(batch)}map", sent("see", mapped, **said), follow=True)
    assert [one.consent[-1][0] for one in page.context["rows"]] == [
        "agreed, but no date: nobody may be contacted on it",
        "agreed to calls over a year ago: not called",
        "agreed: E-mail, Phone",
    ]
    told = [
        ("Agreed, but no date: not contacted", 1, "warn"),
        ("Agreed to calls over a year ago: not called", 1, "warn"),
    ]
    carole.post(f"{page_of(batch)}map", sent("try", mapped, **said))
    work()
    assert [*carole.get(page_of(batch)).context["tried"].figures][-2:] == told
    carole.post(f"{page_of(batch)}map", sent("run", mapped, **said))
    work()
    assert [*carole.get(page_of(batch)).context["figures"]][-2:] == told
    assert not Consent.objects.filter(person__email="a@x.example").exists()

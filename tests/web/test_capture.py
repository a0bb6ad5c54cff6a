"""Capture: sources with their keys, files with their refused rows, events with the reason they were refused."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.timezone import localtime

from tests.people import House
from tests.web.test_people import questions
from tests.web.test_shell import browser
from vendange.capture.queries import in_micros
from vendange.journey.arrive import drain
from vendange.models import ImportBatch, InboxEvent, RefusedEvent, Signal, Source, Trail

NOW = timezone.now()


def refuse(count: int, house: House, payload: bytes = b"{}") -> None:
    RefusedEvent.objects.bulk_create(
        RefusedEvent(
            source=house.source.pk,
            reason="not_json",
            detail="trailing comma",
            received_at=in_micros(NOW),
            payload=payload,
        )
        for _ in range(count)
    )


def batch(refused_file: str = "") -> ImportBatch:
    return ImportBatch.objects.create(
        file_name="fair.csv", map_name="m", status="done", rows=3, added=2, refused=1, refused_file=refused_file,
        started_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("who", ["alice", "bob", "marc"])
@pytest.mark.parametrize("address", ["/capture/", "/capture/imports/", "/capture/refused/"])
def test_others_have_no_business_here(house: House, who: str, address: str) -> None:
    assert browser(getattr(house, who)).get(address).status_code == 404


def test_events_of_today_and_the_last_one(house: House) -> None:
    for n in range(3):
        InboxEvent.objects.create(
            source=house.source.pk, message_id=f"m{n}", kind="track", received_at=in_micros(NOW), payload=b"{}"
        )
    line = browser(house.carole).get("/capture/").context["lines"][0]
    assert line.source == house.source and line.heard.since == 3 and line.heard.last is not None


def test_source_is_added_with_a_key_and_closed(house: House) -> None:
    client = browser(house.carole)
    sent = {"name": "Fair app", "kind": "segment", "origins": "https://fair.example/\n"}
    answer = client.post("/capture/", sent, follow=True)
    one = Source.objects.get(name="Fair app")
    assert one.allowed_origins == ["https://fair.example"] and one.write_key in answer.content.decode()
    assert client.post("/capture/", {**sent, "name": "FAIR app"}).status_code == 422
    for _twice in range(2):
        client.post(f"/capture/sources/{one.public_id}/close")
    one.refresh_from_db()
    assert one.closed_at and Trail.objects.filter(verb="source.closed").count() == 1


def test_a_source_is_believed_and_no_more(house: House) -> None:
    address = f"/capture/sources/{house.source.public_id}/"
    marketing = browser(house.carole)
    for given, held in (("yes", True), ("no", False)):
        marketing.post(f"{address}trust", {"trusted": given})
        house.source.refresh_from_db()
        assert house.source.trusted is held
    told = Trail.objects.filter(verb="source.trusted").order_by("id")
    assert [line.detail["trusted"] for line in told] == [True, False]
    assert browser(house.alice).post(f"{address}trust", {"trusted": "yes"}).status_code == 404


def test_refusals_are_told_in_french(house: House) -> None:
    house.carole.language = "fr"
    house.carole.save()
    carole = browser(house.carole)
    answer = carole.post("/capture/", {"name": "x", "kind": "segment", "origins": "fair.example"}).content.decode()
    assert "fair.example n’est pas" in answer
    for _twice in range(2):
        answer = carole.post("/capture/", {"name": "Salon", "kind": "segment"}).content.decode()
    assert "Une source s’appelle déjà Salon." in answer
    refuse(1, house)
    page = carole.get("/capture/refused/").content.decode()
    assert "L’expéditeur a reçu cette réponse" in page and '<q lang="en">trailing comma</q>' in page


def test_odd_site_is_refused(house: House) -> None:
    answer = browser(house.carole).post("/capture/", {"name": "x", "kind": "segment", "origins": "fair.example"})
    assert answer.status_code == 422 and "fair.example is no address" in answer.content.decode()


def test_refused_rows_can_be_fetched(house: House) -> None:
    path = Path(settings.HOME) / "refused" / "fair-1.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text("row,why\n")
    answer = browser(house.carole).get(f"/capture/imports/{batch(str(path)).public_id}/refused.csv")
    assert answer.content == b"row,why\n" and "fair-1.csv" in answer["Content-Disposition"]


def test_file_elsewhere_is_not_served(house: House, tmp_path: Path) -> None:
    other = tmp_path / "passwd"
    other.write_text("secret")
    one = batch(str(other))
    assert browser(house.carole).get(f"/capture/imports/{one.public_id}/refused.csv").status_code == 404
    assert "fair.csv" in browser(house.carole).get("/capture/imports/").content.decode()


def test_refusals_are_text_whatever_was_sent(house: House) -> None:
    refuse(1, house, b"<script>alert(1)</script>\xff" + b"x" * 900)
    page = browser(house.carole).get("/capture/refused/").content.decode()
    assert "Not JSON" in page and "&lt;script&gt;" in page and "<script>alert" not in page and "x" * 301 not in page


def test_older_refusals_come_by_cursor(house: House) -> None:
    refuse(60, house)
    client = browser(house.carole)
    first = client.get("/capture/refused/")
    second = client.get(f"/capture/refused/?before={first.context['older']}")
    assert len(first.context["refusals"]) == 50 and len(second.context["refusals"]) == 10


@pytest.mark.parametrize("address", ["/capture/", "/capture/imports/", "/capture/refused/"])
def test_as_many_questions_for_twice_as_many(house: House, address: str) -> None:
    client = browser(house.carole)
    refuse(2, house)
    batch()
    before = questions(client, address)
    refuse(2, house)
    batch()
    Source.objects.create(name="More", kind="segment", write_key="k", created_at=NOW)
    assert questions(client, address) == before


def odd_time(house: House, said: str = "1970-01-01T00:00:00Z") -> RefusedEvent:
    event = {"userId": "ada@nova.example", "event": "Page Read", "timestamp": said}
    InboxEvent.objects.create(
        source=house.source.pk,
        message_id=f"odd {said}",
        kind="track",
        received_at=in_micros(NOW),
        sent_at="2026-03-04T10:00:00Z",
        payload=json.dumps(event).encode(),
    )
    drain(now=NOW)
    return RefusedEvent.objects.latest("pk")


def test_both_times_are_shown_of_what_waits(house: House) -> None:
    odd_time(house)
    page = browser(house.carole).get("/capture/refused/?which=quarantine").content.decode()
    assert "<dd>1970-01-01T00:00:00Z</dd>" in page and "<dd>2026-03-04T10:00:00Z</dd>" in page
    assert "Awaiting a time 1" in " ".join(page.split()) and "Take it in" in page


def test_somebody_says_when_it_happened(house: House) -> None:
    one, client = odd_time(house), browser(house.carole)
    sent = {"at": "2025-11-03T09:30"}
    page = client.post(f"/capture/refused/{one.pk}/take-in", sent, follow=True).content.decode()
    assert "taken in with this time" in page and "Nothing awaits a time" in page
    signal = Signal.objects.get()
    assert localtime(signal.occurred_at).strftime("%Y-%m-%dT%H:%M") == sent["at"]
    assert "Taken in by Carole" in client.get("/capture/refused/").content.decode()
    story = client.get(f"/people/{signal.person.public_id}/").content.decode()
    assert "their clock said 1970-01-01T00:00:00Z" in story
    assert client.post(f"/capture/refused/{one.pk}/take-in", sent).status_code == 409


@pytest.mark.parametrize(("typed", "why"), [("", "required"), ("2099-01-01T00:00", "cannot have happened after")])
def test_odd_times_are_told_at_the_field(house: House, typed: str, why: str) -> None:
    one = odd_time(house)
    answer = browser(house.carole).post(f"/capture/refused/{one.pk}/take-in", {"at": typed})
    assert answer.status_code == 422 and why in answer.content.decode() and not Signal.objects.exists()


def test_taking_in_is_for_some(house: House) -> None:
    one = odd_time(house)
    assert browser(house.bob).post(f"/capture/refused/{one.pk}/take-in", {"at": "2025-11-03T09:30"}).status_code == 404
    assert browser(house.carole).post("/capture/refused/999999/take-in", {"at": "x"}).status_code == 404


def test_as_many_questions_for_twice_as_many_in_quarantine(house: House) -> None:
    client, address = browser(house.carole), "/capture/refused/?which=quarantine"
    odd_time(house)
    before = questions(client, address)
    for year in range(1971, 1976):
        odd_time(house, f"{year}-01-01T00:00:00Z")
    assert questions(client, address) == before

"""Capture → Links: what came of each, addresses for a mailing, and who may see them."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.cli.typed import vendange
from tests.journey.test_following import follow, said, somebody
from tests.people import House
from tests.web.test_people import questions
from tests.web.test_shell import browser
from vendange.journey import following
from vendange.journey.arrive import drain
from vendange.link.rules import person_of
from vendange.models import Person, Source, TrackedLink, Trail

pytestmark = pytest.mark.django_db
NEW = {"kind": "link", "name": "Guide", "destination": "https://shop.example/guide", "channel": "email"}


@pytest.fixture
def carole(house: House) -> Client:
    return browser(house.carole)


def made(name: str = "Guide", kind: str = "link") -> TrackedLink:
    to = "https://shop.example/guide" if kind == "link" else ""
    return following.make(
        kind=kind, name=name, leads_to=to, by=None, now=timezone.now() - timedelta(days=3), campaign="Spring"
    )


def followed(one: TrackedLink, person: Person | None, minutes: int = 5, **words: str) -> None:
    follow(one, person, timezone.now() - timedelta(minutes=minutes), **words)


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def rows(answer: object) -> list[list[str]]:
    text = answer.content.decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text), delimiter=";"))


@pytest.mark.parametrize("role", ["alice", "bob", "marc"])
def test_only_marketing_and_administrators_see_links(house: House, role: str) -> None:
    one, client = made(), browser(getattr(house, role))
    address = f"/capture/links/{one.public_id}/"
    assert [client.get(path).status_code for path in ("/capture/links/", address)] == [404, 404]
    assert [client.post(f"{address}{act}").status_code for act in ("close", "addresses.csv")] == [404, 404]


def test_a_link_is_made_and_its_page_opens(house: House, carole: Client) -> None:
    answer = carole.post("/capture/links/", NEW)
    one = TrackedLink.objects.get()
    assert answer.status_code == 303 and answer["Location"] == f"/capture/links/{one.public_id}/"
    assert (one.by, one.source.kind, one.destination) == (house.carole, "link", NEW["destination"])
    assert f"/v1/l/{one.token}" in page(carole, answer["Location"])
    assert Trail.objects.filter(verb="link.added").exists()
    assert page(carole, "/capture/").count("Tracked links") >= 1


@pytest.mark.parametrize("to", ["", "javascript:alert(1)", "//evil.example", "https://a@evil.example/", "https://a b/"])
def test_a_bad_destination_is_refused_and_stays_typed(carole: Client, to: str) -> None:
    answer = carole.post("/capture/links/", {**NEW, "destination": to})
    assert answer.status_code == 422 and answer.context["form"].errors["destination"]
    assert not TrackedLink.objects.exists()


def test_people_nobody_and_machines_are_shown_apart(house: House, carole: Client) -> None:
    one, person = made(), somebody(house, "camille@nova.example")
    followed(one, person)
    followed(one, person, 60 * 24)
    followed(one, None)
    followed(one, None, agent="curl/8")
    drain(now=timezone.now())
    counts = carole.get("/capture/links/").context["lines"][0].counts
    assert (counts.people, counts.times, counts.visits, counts.machines) == (1, 2, 1, 1)
    shown = carole.get(f"/capture/links/{one.public_id}/")
    days = shown.context["days"]
    assert sum(day.times for day in days) == 2 and sum(day.visits for day in days) == 1
    assert "camille@nova.example" in shown.content.decode() and len(shown.context["picture"].bars) >= 3


def test_who_withdraws_is_shown_no_more(house: House, carole: Client) -> None:
    one, person = made(), somebody(house, "camille@nova.example")
    followed(one, person)
    drain(now=timezone.now())
    said(person, "withdrawn", timezone.now())
    assert "camille@nova.example" not in page(carole, f"/capture/links/{one.public_id}/")


def test_only_who_agreed_gets_an_address_of_their_own(house: House, carole: Client, settings: object) -> None:
    one = made()
    yes = somebody(house, "yes@nova.example")
    somebody(house, "never@nova.example", consent=False)
    said(somebody(house, "gone@nova.example"), "withdrawn", timezone.now() - timedelta(days=1))
    said(somebody(house, "objects@nova.example"), "refused", timezone.now() - timedelta(days=1), "all")
    typed = "YES@nova.example\nyes@nova.example\n\nnever@nova.example\ngone@nova.example\nobjects@nova.example\n=1+1\n"
    file = SimpleUploadedFile("list.csv", b"name;email\r\nX;unknown@nova.example\r\n=c;+evil@nova.example\r\n")
    answer = carole.post(
        f"/capture/links/{one.public_id}/addresses.csv", {"who": "list", "emails": typed, "file": file}
    )
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    head, *found = rows(answer)
    plain = "https://shop.example/guide?utm_campaign=Spring"
    assert head == ["email", "address", "tracked", "reason"]
    assert [row[1] for row in found[1:]] == [plain] * 6
    assert [(row[0], row[2], row[3]) for row in found] == [
        ("yes@nova.example", "yes", ""),
        ("never@nova.example", "no", "never agreed to be followed"),
        ("gone@nova.example", "no", "withdrew their consent"),
        ("objects@nova.example", "no", "objected to everything"),
        ("'=1+1", "no", "not an e-mail address"),
        ("unknown@nova.example", "no", "not known to us"),
        ("'+evil@nova.example", "no", "not known to us"),
    ]
    mark = found[0][1].rpartition("/")[2]
    assert person_of(mark, one.token, settings.SECRET_KEY) == yes.pk  # type: ignore[attr-defined]
    assert Trail.objects.get(verb="link.addressed").detail == {"name": "Guide", "people": 7, "marked": 1}


def test_others_get_our_link_without_a_name_when_asked(house: House, carole: Client) -> None:
    one = made()
    asked = {"who": "list", "emails": "never@nova.example", "counted": "counted"}
    [_, row] = rows(carole.post(f"/capture/links/{one.public_id}/addresses.csv", asked))
    assert row[1].endswith(f"/v1/l/{one.token}") and row[2] == "no"


def test_no_pixel_without_consent(house: House, carole: Client) -> None:
    """C44."""
    one = made("Open", "pixel")
    somebody(house, "yes@nova.example")
    somebody(house, "never@nova.example", consent=False)
    asked = {"who": "list", "emails": "yes@nova.example\nnever@nova.example"}
    found = rows(carole.post(f"/capture/links/{one.public_id}/addresses.csv", asked))[1:]
    assert found[0][1].endswith(".gif") and found[1][1:3] == ["", "no"]


def test_nobody_chooses_a_pixel_without_a_name(house: House, carole: Client, tmp_path: Path) -> None:
    """C44: neither on the page nor on the command line."""
    one = made("Open", "pixel")
    shown = page(carole, f"/capture/links/{one.public_id}/")
    assert 'name="counted"' not in shown and f"/v1/o/{one.token}" not in shown
    asked = {"who": "list", "emails": "never@nova.example", "counted": "counted"}
    [_, row] = rows(carole.post(f"/capture/links/{one.public_id}/addresses.csv", asked))
    assert row[1:3] == ["", "no"]
    path = tmp_path / "list.txt"
    path.write_text("never@nova.example\n")
    assert vendange("link", "addresses", one.token, str(path), "--counted").code == 1
    assert vendange("link", "addresses", one.token, str(path), "--json").value[0]["address"] == ""
    assert "/v1/o/" not in vendange("link", "add", "Other", "--pixel").out


def test_a_closed_link_gives_no_addresses(house: House, carole: Client) -> None:
    one = made()
    carole.post(f"/capture/links/{one.public_id}/close")
    answer = carole.post(f"/capture/links/{one.public_id}/addresses.csv", {"who": "list", "emails": "a@nova.example"})
    assert answer.status_code == 409 and "csv" not in answer["Content-Type"]


def test_everybody_who_agreed_of_one_organisation(house: House, carole: Client) -> None:
    one = made()
    for email in ("a@nova.example", "b@nova.example", "c@other.example"):
        somebody(house, email)
    said(Person.objects.get(email="b@nova.example"), "withdrawn", timezone.now())
    address = f"/capture/links/{one.public_id}/addresses.csv"
    found = rows(carole.post(address, {"who": "all", "organisation": "nova.example"}))[1:]
    assert [(row[0], row[2]) for row in found] == [("a@nova.example", "yes"), ("b@nova.example", "no")]
    assert len(rows(carole.post(address, {"who": "all"}))) == 4
    refused = carole.post(address, {"who": "all", "organisation": "nobody at all"})
    assert refused.status_code == 422 and refused.context["form"].errors["organisation"]


@pytest.mark.parametrize("asked", [{"who": "list"}, {"who": "list", "emails": " \n "}, {}])
def test_nobody_is_no_mailing(carole: Client, asked: dict[str, str]) -> None:
    assert carole.post(f"/capture/links/{made().public_id}/addresses.csv", asked).status_code == 422


def test_closed_once_and_said_so(house: House, carole: Client) -> None:
    one = made()
    for _ in range(2):
        assert carole.post(f"/capture/links/{one.public_id}/close").status_code == 303
    assert Trail.objects.filter(verb="link.closed").count() == 1
    assert "closed" in page(carole, f"/capture/links/{one.public_id}/")


def test_as_many_questions_for_twice_as_many_links_and_followers(house: House, carole: Client) -> None:
    one = made()
    followed(one, somebody(house, "p0@nova.example"))
    drain(now=timezone.now())
    pages = ["/capture/links/", f"/capture/links/{one.public_id}/"]
    before = [questions(carole, address) for address in pages]
    for number in range(1, 8):
        made(f"Other {number}")
        followed(one, somebody(house, f"p{number}@nova.example"), 5 + 10 * number, ip=f"10.{number}.0.1")
    drain(now=timezone.now())
    assert len(carole.get(pages[1]).context["followers"]) == 8
    assert [questions(carole, address) for address in pages] == before


def test_its_source_takes_nothing_with_a_key(house: House) -> None:
    from vendange.collect.write_keys import read_sources

    made()
    assert Source.objects.get(kind="link").write_key not in read_sources()


@pytest.mark.parametrize(("language", "words"), [("en", "Make a link"), ("fr", "Créer un lien")])
def test_in_both_languages(house: House, language: str, words: str) -> None:
    house.carole.language = language
    house.carole.save()
    assert words in page(browser(house.carole), "/capture/links/")


def test_the_command_makes_lists_and_addresses(house: House, tmp_path: object) -> None:
    somebody(house, "yes@nova.example")
    one = vendange("link", "add", "Guide", "https://shop.example/", "--campaign", "Spring", "--json").value
    assert one["address"].endswith(f"/v1/l/{one['token']}") and one["channel"] == "email"
    [listed] = vendange("link", "list", "--json").value
    assert (listed["token"], listed["people"], listed["visits"]) == (one["token"], 0, 0)
    path = tmp_path / "list.txt"  # type: ignore[operator]
    path.write_text("yes@nova.example\nnobody@nova.example\n")
    found = vendange("link", "addresses", one["token"], str(path), "--json").value
    assert [row["because"] for row in found] == ["", "unknown"]
    assert "Tracked: 1 of 2." in vendange("link", "addresses", one["token"], str(path)).err
    assert vendange("link", "add", "Bad", "ftp://shop.example/").code == 1
    assert vendange("link", "addresses", "zzzzzzzzzz", str(path)).code == 1

"""Capture → Companies: who may, what is listed, what is left out, what is added, and the page of an organisation."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.utils import timezone

from tests.people import House
from tests.web.test_people import questions
from tests.web.test_shell import browser
from vendange.models import Informed, NotRevealed, Organisation, Person, Revealed, Signal, Trail, User
from vendange.reveal.queries import files

NOW = timezone.now()
LIST, SETTINGS = "/capture/companies/", "/capture/companies/settings/"


def seen(
    house: House, name: str, confidence: float = 0.9, *, domain: str = "", organisation: Organisation | None = None
) -> Revealed:
    person = Person.objects.create(created_at=NOW)
    if organisation and confidence >= 0.8:
        person.organisation, person.organisation_confidence = organisation, confidence
        person.save()
    Signal.objects.create(
        person=person, source=house.source, message_id=f"{name}{person.pk}", kind="page_viewed", path="/pumps",
        occurred_at=NOW, received_at=NOW,
    )  # fmt: skip
    return Revealed.objects.create(
        person=person, organisation=organisation, name=name, domain=domain, network="89.160.20.112/28", visits=3,
        confidence=confidence, because=["apart_from_provider", "home_line"], first_at=NOW, last_at=NOW,
    )  # fmt: skip


@pytest.fixture
def admin(house: House) -> User:
    return User.objects.create(username="ada", first_name="Ada", role="admin")


@pytest.mark.parametrize("who", ["alice", "bob", "marc"])
@pytest.mark.parametrize("address", [LIST, SETTINGS])
def test_others_have_no_business_here(house: House, who: str, address: str) -> None:
    assert browser(getattr(house, who)).get(address).status_code == 404


def test_a_company_stands_with_words_figure_reasons_and_pages(house: House) -> None:
    nova = Organisation.objects.create(name="Nova Pumps AB", domain="nova.example", created_at=NOW)
    seen(house, "Nova Pumps", domain="nova.example", organisation=nova)
    seen(house, "Nova Pumps", domain="nova.example", organisation=nova)
    seen(house, "GHD", 0.55)
    page = browser(house.carole).get(LIST)
    text = page.content.decode()
    assert [(one.line.name, one.line.visits, one.line.visitors) for one in page.context["lines"]] == [
        ("GHD", 3, 1), ("Nova Pumps", 6, 2),
    ] or [(one.line.name, one.line.visits, one.line.visitors) for one in page.context["lines"]] == [
        ("Nova Pumps", 6, 2), ("GHD", 3, 1),
    ]  # fmt: skip
    for words in (
        "almost certain",
        "90\xa0%",
        "perhaps",
        "55\xa0%",
        "a line that homes use too",
        "/pumps",
        "No company is recognised now",
    ):
        assert words in text, words
    assert "Add as an organisation" in text and "its visitors count for it" in text


@pytest.mark.parametrize(
    ("query", "names"),
    [("?q=pump", ["Nova Pumps"]), ("?known=no", ["GHD"]), ("?known=yes&sure=high", ["Nova Pumps"]),
     ("?days=7", ["GHD"]), ("?q=zzz", []), ("?known=x&sure=y&days=4&page=-1", ["GHD", "Nova Pumps"])],
)  # fmt: skip
def test_filters_stand_in_the_address(house: House, query: str, names: list[str]) -> None:
    nova = Organisation.objects.create(name="Nova Pumps AB", domain="nova.example", created_at=NOW)
    old = seen(house, "Nova Pumps", organisation=nova)
    Revealed.objects.filter(pk=old.pk).update(last_at=NOW - timedelta(days=20))
    seen(house, "GHD", 0.55)
    page = browser(house.carole).get(LIST + query)
    assert [one.line.name for one in page.context["lines"]] == names and page.context["total"] == len(names)


def test_as_many_questions_for_ten_times_as_many_companies(house: House) -> None:
    client = browser(house.carole)
    seen(house, "First")
    before = questions(client, LIST)
    for n in range(10):
        seen(house, f"Company {n}")
        seen(house, f"Company {n}")
    assert questions(client, LIST) == before
    NotRevealed.objects.create(name="x", reason="office", at=NOW, by=house.carole)
    few = questions(client, SETTINGS)
    for n in range(10):
        NotRevealed.objects.create(name=f"x{n}", reason="office", at=NOW, by=house.alice)
    assert questions(client, SETTINGS) == few


def test_it_starts_only_with_a_confirmation_and_tells_who_and_when(house: House) -> None:
    client = browser(house.carole)
    assert client.post(f"{SETTINGS}on", {"notice": "https://www.example.com/privacy"}).status_code == 422
    assert not Informed.objects.exists()
    client.post(f"{SETTINGS}on", {"notice": "https://www.example.com/privacy", "told": "on"})
    one = Informed.objects.get()
    assert (one.by, one.ended_at, one.notice) == (house.carole, None, "https://www.example.com/privacy")
    assert house.carole.name in client.get(SETTINGS).content.decode()
    client.post(f"{SETTINGS}off")
    one.refresh_from_db()
    assert one.ended_by == house.carole
    assert set(Trail.objects.values_list("verb", flat=True)) >= {"companies.turned_on", "companies.turned_off"}


def test_never_again_from_the_list_goes_back_to_its_filters(house: House) -> None:
    seen(house, "Telco SA")
    client = browser(house.carole)
    answer = client.post(
        "/capture/companies/never", {"what": "Telco SA", "reason": "provider", "back": f"{LIST}?q=telco"}
    )
    assert answer["Location"] == f"{LIST}?q=telco" and not Revealed.objects.exists()
    away = client.post("/capture/companies/never", {"what": "x", "reason": "provider", "back": "https://evil.example/"})
    assert away["Location"] == SETTINGS
    one = NotRevealed.objects.get(name="telco sa")
    client.post(f"/capture/companies/never/{one.pk}/end")
    one.refresh_from_db()
    assert one.ended_at is not None


def test_an_office_by_its_network_and_a_network_that_is_none(house: House) -> None:
    seen(house, "Ours")
    client = browser(house.carole)
    wrong = client.post("/capture/companies/never", {"what": "300.1.1.1/24", "reason": "office"})
    assert wrong.status_code == 422 and "is no network" in wrong.content.decode() and Revealed.objects.exists()
    client.post("/capture/companies/never", {"what": "89.160.20.0/24", "reason": "office"})
    assert not Revealed.objects.exists() and NotRevealed.objects.get().network == "89.160.20.0/24"


def test_a_company_is_added_by_a_colleague_and_twice_is_told(house: House) -> None:
    row = seen(house, "Nova Pumps", domain="novapumps.example")
    client = browser(house.carole)
    client.post("/capture/companies/add", {"name": "Nova Pumps", "domain": "novapumps.example"})
    made = Organisation.objects.get(domain="novapumps.example")
    row.person.refresh_from_db()
    assert (row.person.organisation, row.person.organisation_confidence) == (made, 0.9)
    again = client.post("/capture/companies/add", {"name": "Nova", "domain": "novapumps.example"}, follow=True)
    assert "already an organisation" in again.content.decode()
    client.post("/capture/companies/add", {"name": "Nova", "domain": ""})
    assert Organisation.objects.filter(name__startswith="Nova").count() == 1


def test_only_an_administrator_adds_files_and_a_broken_one_is_told(house: House, admin: User, tmp_path: Path) -> None:
    def post(user: User) -> object:
        return browser(user).post(f"{SETTINGS}file", {"file": SimpleUploadedFile("x.mmdb", b"nothing")})

    with override_settings(HOME=tmp_path):
        assert post(house.carole).status_code == 404  # type: ignore[attr-defined]
        refused = post(admin)
        assert refused.status_code == 422 and "This file is damaged" in refused.content.decode()  # type: ignore[attr-defined]
        assert files() == []


def test_how_sure_it_is_stands_wherever_the_employer_is_named(house: House) -> None:
    nova = Organisation.objects.create(name="Nova Pumps AB", domain="nova.example", created_at=NOW)
    visitor = seen(house, "Nova Pumps", 0.85, organisation=nova).person
    sure = Person.objects.create(created_at=NOW, organisation=nova, first_name="Ada", email="ada@nova.example")
    client = browser(house.carole)
    firm = client.get(f"/organisations/{nova.public_id}/").content.decode()
    assert "Visits from its network" in firm and firm.count("by the network of a visit: almost certain") >= 1
    for address in (f"/people/{visitor.public_id}/", "/people/"):
        assert "85\xa0%" in client.get(address).content.decode(), address
    assert "by the network of a visit" not in client.get(f"/people/{sure.public_id}/").content.decode()

"""The team: who sees whose load, who may change it, absences, and an owner for what nobody holds."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from tests.people import House
from tests.web.test_people import passed_to, questions
from tests.web.test_shell import browser
from vendange.journey import desk
from vendange.models import Absence, Lead, Salesperson, Trail
from vendange.qualify.rules import Judgement
from vendange.web.team.board import board_of
from vendange.words import word

NOW = timezone.now()
PLACE = {
    "capacity": "12",
    "territory": "69, de",
    "languages": "FR de",
    "lead_types": ["quote"],
    "temperament": "farmer",
}


def test_only_manager_sees_each_load(house: House) -> None:
    passed_to(house, house.bob, "a@a.example")
    manager = browser(house.marc).get("/team/").content.decode()
    marketing = browser(house.carole).get("/team/").content.decode()
    assert "loadbar" in manager and "Why Bob?" in manager
    assert "loadbar" not in marketing and "Why Bob?" not in marketing and "Room now" in marketing


def test_salesperson_sees_their_own_line_only(house: House) -> None:
    page = browser(house.bob).get("/team/").content.decode()
    assert "Bob Test" in page and "Bruno Test" not in page and "Nobody, for now" not in page


def test_desk_has_no_business_there(house: House) -> None:
    assert browser(house.alice).get("/team/").status_code == 404


@pytest.mark.parametrize("who", ["carole", "bob", "alice"])
def test_only_managers_change(house: House, who: str) -> None:
    client = browser(getattr(house, who))
    for address in ("", "taking", "absences"):
        assert client.post(f"/team/{house.bob.public_id}/{address}", PLACE).status_code == 404


def test_salesperson_is_changed(house: House) -> None:
    answer = browser(house.marc).post(f"/team/{house.bob.public_id}/", {**PLACE, "taking_leads": "on"})
    assert answer.status_code == 303
    one = Salesperson.objects.get(user=house.bob)
    assert (one.capacity, one.territory, one.languages, one.lead_types) == (12, ["69", "DE"], ["fr", "de"], ["quote"])


def test_odd_code_is_refused_with_what_was_typed(house: House) -> None:
    answer = browser(house.marc).post(f"/team/{house.bob.public_id}/", {**PLACE, "territory": "Rhône!"})
    assert answer.status_code == 422 and "RHÔNE! is no code" in answer.content.decode()
    assert "Rhône!" in answer.content.decode()


def test_pause_and_resume_leave_lines(house: House) -> None:
    client = browser(house.marc)
    client.post(f"/team/{house.bob.public_id}/taking", {"taking": "no"})
    assert not Salesperson.objects.get(user=house.bob).taking_leads
    client.post(f"/team/{house.bob.public_id}/taking", {"taking": "yes"})
    assert Salesperson.objects.get(user=house.bob).taking_leads
    assert Trail.objects.filter(verb="salesperson.taking_leads", by=house.marc).count() == 2


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        ("2026-01-05", "9999-12-31", "more than three years ahead"),
        ("2020-01-01", "2020-01-02", "over already"),
        ("0001-01-01", "9999-12-31", "more than a year ago"),
    ],
)
def test_an_absence_out_of_bounds_is_refused(house: House, first: str, last: str, told: str) -> None:
    answer = browser(house.marc).post(f"/team/{house.bob.public_id}/absences", {"first": first, "last": last})
    assert answer.status_code == 422 and told in answer.content.decode()
    assert not Absence.objects.exists()


def test_absence_is_added_shown_and_taken_back(house: House) -> None:
    client, today = browser(house.marc), timezone.localdate()
    sent = {"first": today.isoformat(), "last": today.isoformat(), "reason": "Fair"}
    assert client.post(f"/team/{house.bob.public_id}/absences", sent).status_code == 303
    one = Absence.objects.get()
    assert one.ends_at - one.starts_at == timedelta(days=1) and one.salesperson.user == house.bob
    line = next(line for line in board_of(NOW).lines if line.salesperson.user == house.bob)
    assert line.is_away and line.free == 0
    client.post(f"/team/{house.bob.public_id}/absences/{one.pk}/remove")
    assert not Absence.objects.exists() and Trail.objects.filter(verb="absence.removed").exists()


def test_absence_ends_after_it_began(house: House) -> None:
    sent = {"first": "2026-12-10", "last": "2026-12-01"}
    answer = browser(house.marc).post(f"/team/{house.bob.public_id}/absences", sent)
    assert answer.status_code == 422 and "before the first one" in answer.content.decode()


def test_nobody_finds_an_owner_when_there_is_room(house: House) -> None:
    Salesperson.objects.update(capacity=0)
    lead = house.lead(at=NOW)
    from_desk(house, lead)
    client = browser(house.marc)
    page = client.get("/team/").content.decode()
    assert "Find an owner" in page and "Nobody takes new leads now" in page
    client.post(f"/team/leads/{lead.public_id}/owner")
    lead.refresh_from_db()
    assert lead.holder == "nobody"
    Salesperson.objects.filter(user=house.bruno).update(capacity=3)
    answer = client.post(f"/team/leads/{lead.public_id}/owner", follow=True)
    lead.refresh_from_db()
    assert lead.owner == house.bruno and "It has an owner: Bruno Test." in answer.content.decode()


def test_why_nobody_has_it_is_told_in_french(house: House) -> None:
    Salesperson.objects.update(capacity=0)
    from_desk(house, house.lead(at=NOW))
    house.marc.language = "fr"
    house.marc.save()
    marc = browser(house.marc)
    page = marc.get("/team/").content.decode()
    assert str(word("nobody_because", Lead.objects.get().nobody_because)) not in page
    with translation.override("fr"):
        assert str(word("nobody_because", Lead.objects.get().nobody_because)) in page
    answer = marc.post(f"/team/{house.bob.public_id}/", {**PLACE, "territory": "Rhône!"}).content.decode()
    assert "RHÔNE! n’est pas un code" in answer


def from_desk(house: House, lead: Lead) -> None:
    desk.judge(lead=lead, by=house.alice, now=NOW, judgement=Judgement(outcome="pass", gap_reason="known"))


def test_load_is_the_same_in_bar_and_words(house: House) -> None:
    passed_to(house, house.bob, "a@a.example"), passed_to(house, house.bob, "b@b.example")
    line = next(line for line in board_of(NOW).lines if line.salesperson.user == house.bob)
    assert line.load == 2 and float(line.bits[-1].x) + float(line.bits[-1].width) == pytest.approx(10)


def test_as_many_questions_for_twice_as_many(house: House) -> None:
    client = browser(house.marc)
    passed_to(house, house.bob, "a@a.example")
    before = questions(client, "/team/")
    passed_to(house, house.bruno, "b@b.example")
    Absence.objects.create(salesperson=house.bob.salesperson, starts_at=NOW, ends_at=NOW + timedelta(days=2))
    assert questions(client, "/team/") == before

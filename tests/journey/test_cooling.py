"""Interest that fades while a salesperson holds the lead: told to who holds it, once for each fall (R44)."""

from datetime import datetime, timedelta

import pytest

from tests.people import EXAMPLES, MONDAY, House, sign_agreement
from vendange.connect.mail.letter import write
from vendange.journey import clock, deal, desk, handover
from vendange.journey.arrive import arrive
from vendange.journey.queries import story, story_of_lead
from vendange.models import Assignment, Lead, Measure, Outgoing, Trail, User
from vendange.qualify.rules import Judgement
from vendange.web.desk.timeline import entry_of
from vendange.web.lead.story import line

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PASS = Judgement("pass", gap_reason="The director joins on Tuesday")
CAMILLE = "camille@atelier-nova.example"


def interested(house: House) -> Lead:
    """A fresh lead of somebody who is hot."""
    lead = house.lead()
    visits = [
        house.signal(kind, CAMILLE, MONDAY + minute * timedelta(minutes=3), path="/tarifs/tours")
        for minute, kind in enumerate(["page_viewed", "webinar_attended", "booth_visited", "partner_conversation"] * 3)
    ]
    arrive(signals=visits, now=MONDAY + HOUR)
    assert Measure.objects.get().temperature == "hot"
    return lead


def in_sales(house: House) -> tuple[Lead, User]:
    """That lead with the salesperson who called."""
    lead = interested(house)
    desk.judge(lead=lead, by=house.alice, now=MONDAY + 2 * HOUR, judgement=PASS)
    seller = Assignment.objects.select_related("salesperson__user").get(lead=lead).salesperson.user
    handover.log_call(lead=lead, by=seller, now=MONDAY + 3 * HOUR, result="reached")
    return lead, seller


def fade(until: datetime) -> list[str]:
    """Let time pass, one fall after the other; the temperatures on the way."""
    found = [Measure.objects.get().temperature]
    while (at := Measure.objects.get().next_change_at) and at <= until:
        clock.tick(now=at)
        found.append(Measure.objects.get().temperature)
    return [one for place, one in enumerate(found) if place == 0 or one != found[place - 1]]


def letters() -> list[Outgoing]:
    return list(Outgoing.objects.filter(template="lead_cooled").order_by("pk"))


@pytest.mark.parametrize(("language", "fell"), [("en", "from hot to warm"), ("fr", "de chaude à tiède")])
def test_the_owner_is_told_of_each_fall_once(house: House, language: str, fell: str) -> None:
    User.objects.filter(role="sales").update(language=language)
    lead, seller = in_sales(house)
    assert fade(MONDAY + 400 * DAY) == ["hot", "warm", "cold"]
    clock.tick(now=MONDAY + 401 * DAY)
    first, second = letters()
    assert [(one.values["before"], one.values["after"]) for one in (first, second)] == [
        ("hot", "warm"),
        ("warm", "cold"),
    ]
    assert {first.recipient, second.recipient} == {seller.email}
    said = write(first)
    assert fell in said.text
    assert "Camille Moreau" in said.subject
    assert f"/leads/{lead.public_id}/" in said.text
    assert ("Last act: Monday 7 September" if language == "en" else "lundi 7 septembre") in said.text


def test_a_fall_stands_in_the_story_and_in_the_trail(house: House) -> None:
    lead, _ = in_sales(house)
    fade(MONDAY + 400 * DAY)
    assert [one.detail["to"] for one in Trail.objects.filter(verb="lead.cooled").order_by("id")] == ["warm", "cold"]
    latest = next(one for one in story_of_lead(lead) if one.type == "cooling")
    assert latest.at == Trail.objects.filter(verb="lead.cooled").latest("id").at
    shown = line(latest, lead)
    assert (shown.title, shown.detail) == ("Interest has fallen", "warm → cold")
    of_person = [one for one in story(lead.person) if one.type == "cooling"]
    assert [(one.kind, one.lead_id) for one in of_person] == [("cold", lead.pk), ("warm", lead.pk)]
    entry = entry_of(of_person[1], house.version.terms, MONDAY)
    assert (entry.title, entry.detail) == ("Interest has fallen", "hot → warm")


@pytest.mark.parametrize("end", ["returned", "won", "on_desk", "judging"])
def test_nobody_is_told_of_what_no_salesperson_holds(house: House, end: str) -> None:
    if end in {"returned", "won"}:
        lead, seller = in_sales(house)
    else:
        lead = interested(house)
    later = MONDAY + 4 * HOUR
    if end == "returned":
        handover.give_back(lead=lead, by=seller, now=later, reason="postponed", wake_at=MONDAY + 500 * DAY)
    elif end == "won":
        deal.win(lead=lead, by=seller, now=later, amount_cents=1_000_000)
    elif end == "judging":
        desk.take(lead=lead, by=house.alice, now=later)
    assert fade(MONDAY + 400 * DAY)[-1] == "cold"
    assert (letters(), Trail.objects.filter(verb="lead.cooled").count()) == ([], 0)


def test_a_new_agreement_under_which_interest_is_less_tells_the_owner(house: House) -> None:
    _, seller = in_sales(house)
    text = (EXAMPLES / "complex-sale.yaml").read_text()
    stricter = text.replace("temperature: {hot: 40,", "temperature: {hot: 95,").replace("Complex sale,", "Stricter,")
    assert "hot: 95" in stricter
    version = sign_agreement(stricter, house.carole, house.marc, MONDAY + 4 * HOUR)
    clock.tick(now=MONDAY + 5 * HOUR)
    clock.tick(now=MONDAY + 6 * HOUR)
    assert [(one.recipient, one.values["before"]) for one in letters()] == [(seller.email, "hot")]
    assert Trail.objects.get(verb="lead.cooled").agreement_sha == version.sha


def test_who_acts_again_and_falls_again_is_told_again(house: House) -> None:
    in_sales(house)
    assert fade(MONDAY + 400 * DAY)[-1] == "cold"
    again = MONDAY + 401 * DAY
    arrive(
        signals=[
            house.signal(kind, CAMILLE, again, path="/tarifs/tours")
            for kind in ["webinar_attended", "booth_visited", "partner_conversation", "quote_requested"]
        ],
        now=again,
    )
    risen = Measure.objects.get().temperature
    assert risen != "cold"
    told = len(letters())
    falls = fade(again + 400 * DAY)
    assert falls[-1] == "cold"
    assert len(letters()) == told + len(falls) - 1

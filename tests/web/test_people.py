"""People: who may see whom, exact counts, pages by cursor, a person's page that adds up, and what colleagues record."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.people import House
from tests.web.test_shell import browser
from vendange.identify import queries
from vendange.journey import desk
from vendange.journey.arrive import arrive
from vendange.models import Consent, ConsentText, Lead, Person, Signal, Trail, User
from vendange.qualify.rules import Judgement
from vendange.web.people.labels import standing
from vendange.web.people.score import score_of

NOW = timezone.now()


def visitors(house: House, count: int, start: int = 0) -> None:
    seen = [
        house.signal("page_viewed", f"p{n}@firm{n % 3}.example", NOW - timedelta(hours=n), path="/tarifs")
        for n in range(start, start + count)
    ]
    arrive(signals=seen, now=NOW)


def passed_to(house: House, seller: User, email: str) -> Lead:
    lead = house.lead(email, at=NOW - timedelta(hours=2))
    told = Judgement(outcome="pass", gap_reason="known", salesperson_id=seller.salesperson.pk)
    desk.judge(lead=lead, by=house.alice, now=NOW - timedelta(hours=1), judgement=told)
    return lead


def questions(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_salesperson_sees_only_the_persons_of_their_leads(house: House) -> None:
    mine, other = passed_to(house, house.bob, "mine@a.example"), passed_to(house, house.bruno, "other@b.example")
    bob = browser(house.bob)
    page = bob.get("/people/").content.decode()
    assert str(mine.person.public_id) in page and str(other.person.public_id) not in page
    assert bob.get(f"/people/{mine.person.public_id}/").status_code == 200
    assert bob.get(f"/people/{other.person.public_id}/").status_code == 404


def test_what_was_held_once_stays_visible(house: House) -> None:
    lead = passed_to(house, house.bob, "mine@a.example")
    lead.assignments.update(ended_at=NOW, ended_because="returned")
    Lead.objects.filter(pk=lead.pk).update(owner=house.bruno)
    assert queries.visible_to(house.bob).filter(pk=lead.person_id).exists()


def test_stranger_signs_in_first(house: House) -> None:
    assert browser().get("/people/").status_code == 302


def test_filters_count_exactly_and_stand_in_the_address(house: House) -> None:
    visitors(house, 6)
    Person.objects.filter(email__startswith="p1").update(relationship="customer")
    answer = browser(house.alice).get("/people/?relationship=customer&q=firm1")
    assert answer.context["total"] == 1
    counts = {one.name: {option.code: option.count for option in one.options} for one in answer.context["filters"]}
    assert counts["relationship"] == {"": 2, "suspect": 0, "prospect": 1, "customer": 1}
    assert counts["temperature"] == {"": 1, "hot": 0, "warm": 0, "cold": 1}
    assert 'aria-current="true"' in answer.content.decode()


def test_odd_filters_and_cursors_are_left_out(house: House) -> None:
    visitors(house, 2)
    answer = browser(house.alice).get("/people/?temperature=boiling&tier=%27&after=nonsense&q=%00")
    assert answer.status_code == 200 and answer.context["total"] == 2


def test_cursor_shows_each_once(house: House) -> None:
    visitors(house, 60)
    Person.objects.create(created_at=NOW, email="silent@x.example")
    client, shown, address = browser(house.alice), [], "/people/"
    while address:
        answer = client.get(address)
        shown += [one.pk for one, _standing in answer.context["people"]]
        address = answer.context["next_url"] and f"/people/{answer.context['next_url']}"
    assert len(shown) == len(set(shown)) == 61


def test_as_many_questions_for_twice_as_many_people(house: House) -> None:
    client = browser(house.alice)
    visitors(house, 8)
    passed_to(house, house.bob, "one@a.example")
    before = questions(client, "/people/")
    visitors(house, 8, start=8)
    passed_to(house, house.bruno, "two@a.example")
    assert questions(client, "/people/") == before


def test_person_begins_as_suspect_and_becomes_prospect_by_acting(house: House) -> None:
    visitors(house, 1)
    person = Person.objects.get(email="p0@firm0.example")
    assert person.relationship == "prospect" and str(standing(person)).endswith("prospect")


def test_lines_of_the_score_add_up(house: House) -> None:
    arrive(
        signals=[
            house.signal(kind, "p@a.example", NOW - timedelta(days=day), path="/tarifs")
            for day, kind in enumerate(
                ["page_viewed"] * 4
                + ["webinar_attended", "booth_visited", "content_downloaded", "email_clicked"]
                + ["content_read", "email_replied", "sample_requested"]
            )
        ],
        now=NOW,
    )
    score = score_of(Person.objects.get(email="p@a.example").measure, NOW)
    for side in (score.fit, score.engagement):
        assert round(sum(line.now for line in side.lines), 1) == side.total
    assert len(score.engagement.lines) == 6


def test_machine_stands_struck_out_and_is_filtered(house: House) -> None:
    visitors(house, 1)
    person = Person.objects.get(email="p0@firm0.example")
    Signal.objects.filter(person=person).update(verdict="machine")
    client = browser(house.alice)
    assert 'class="out"' in client.get(f"/people/{person.public_id}/").content.decode()
    assert 'class="out"' not in client.get(f"/people/{person.public_id}/?verdict=human").content.decode()


@pytest.mark.parametrize(("days", "ended"), [(80, False), (100, True)])
def test_a_consent_to_calls_ends_when_its_text_says(house: House, days: int, ended: bool) -> None:
    person = house.lead().person
    Person.objects.filter(pk=person.pk).update(regime="consumer", phone="+33465710041")
    given = timezone.now() - timedelta(days=days)
    said = "Nova calls.\nYou are free.\nFor 3 months.\nWithdraw here.\nProof is free."
    asked = ConsentText.objects.create(
        channel="phone", purpose="offers", language="en", version=1, text=said, at=given, by=house.carole
    )
    Consent.objects.create(
        person=person, channel="phone", purpose="offers", status="given", at=given, method="form", wording=asked.code
    )
    page = browser(house.alice).get(f"/people/{person.public_id}/").content.decode()
    assert ("their consent to calls has ended" in page, "tel:" in page) == (ended, not ended)


def test_objection_is_kept_with_a_line_of_the_trail(house: House) -> None:
    person = house.lead().person
    address = f"/people/{person.public_id}/objection"
    answer = browser(house.alice).post(address, {"channel": "phone", "method": "phone", "said": "never again"})
    assert answer.status_code == 303
    kept = Consent.objects.get(person=person)
    assert (kept.status, kept.channel, kept.by) == ("refused", "phone", house.alice)
    assert Trail.objects.filter(verb="person.objected", by=house.alice).count() == 1
    page = browser(house.alice).get(f"/people/{person.public_id}/").content.decode()
    assert "tel:" not in page and "Do not call" in page


def test_objection_after_a_consent_withdraws_it(house: House) -> None:
    person = house.lead().person
    Consent.objects.create(person=person, channel="email", purpose="x", status="given", at=NOW)
    browser(house.carole).post(f"/people/{person.public_id}/objection", {"channel": "email", "method": "letter"})
    assert list(Consent.objects.order_by("id").values_list("status", flat=True)) == ["given", "withdrawn"]


def test_objection_is_not_for_sales(house: House) -> None:
    lead = passed_to(house, house.bob, "mine@a.example")
    assert browser(house.bob).get(f"/people/{lead.person.public_id}/objection").status_code == 404


@pytest.mark.parametrize("start", ["0", "60", "999999", "-3", "x"])
def test_timeline_begins_anywhere(house: House, start: str) -> None:
    person = house.lead().person
    assert browser(house.marc).get(f"/people/{person.public_id}/?from={start}").status_code == 200

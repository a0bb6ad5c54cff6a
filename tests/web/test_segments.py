"""Segments in the browser: who may see and write them, form and text in step, filters with exact counts, bulk acts."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.people import MONDAY, House
from vendange.journey import clock, in_bulk
from vendange.journey.arrive import arrive
from vendange.models import Job, Person, Segment, SegmentMember, Trail, User
from vendange.segment import actions as segment

HOUR = timedelta(hours=1)


@pytest.fixture
def crowd(house: House) -> House:
    """Six people, of whom three asked for a quote."""
    signals = [house.signal("page_viewed", f"p{n}@nova.example", MONDAY) for n in range(6)]
    signals += [house.quote_request(f"p{n}@nova.example", MONDAY) for n in range(3)]
    arrive(signals=signals, now=MONDAY)
    return house


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def kept(wording: str = "did: {on: quote_requested}", name: str = "Askers") -> Segment:
    one = segment.create(name=name, wording=wording, by=None, now=MONDAY)
    segment.find_members(one, by=None, now=MONDAY)
    return one


def hand(name: str = "Guests") -> Segment:
    return segment.create(name=name, kind="hand", by=None, now=MONDAY)


def test_who_may_see_and_who_may_write(crowd: House) -> None:
    one = kept()
    for user, sees, writes in (
        (crowd.carole, 200, 200),
        (crowd.marc, 200, 200),
        (crowd.alice, 200, 404),
        (crowd.bob, 404, 404),
    ):
        client = signed_in(user)
        assert client.get("/people/segments/").status_code == sees
        assert client.get(f"/people/segments/{one.public_id}/").status_code == sees
        assert client.get("/people/segments/new").status_code == writes
        assert client.post(f"/people/segments/{one.public_id}/close").status_code == (404 if writes == 404 else 303)
    assert client.get("/people/selected/").status_code == 200  # sales, for the people of their leads
    assert signed_in(crowd.alice).get("/people/selected/").status_code == 404


def test_fields_become_text_and_members(crowd: House) -> None:
    client = signed_in(crowd.carole)
    given = {
        "name": "Askers of France", "act": "save", "wording": "", "kept": "", "side": "fields",
        "who_what": ["person.country", "organisation.employees"], "who_how": ["is", "missing"],
        "who_value": ["FR, BE", ""],
        "act_did": ["did", "did_not"], "act_on": ["quote_requested", "booth_visited"], "act_times": ["", ""],
        "act_within": ["", "30"], "act_where": ["", ""], "act_said": ["", ""], "relationship": ["suspect", "prospect"],
    }  # fmt: skip
    assert client.post("/people/segments/new", given).status_code == 303
    one = Segment.objects.get()
    assert "person.country: [FR, BE]" in one.wording
    assert "within: 30 days" in one.wording
    assert SegmentMember.objects.filter(segment=one).count() == 3
    assert Trail.objects.filter(verb="segment.created").exists()


def test_the_text_wins_when_it_was_written_in(crowd: House) -> None:
    client, one = signed_in(crowd.carole), kept()
    given = {
        "name": "Askers",
        "act": "save",
        "wording": "did_not: {on: quote_requested}",
        "kept": one.wording,
        "who_what": [""],
    }
    assert client.post(f"/people/segments/{one.public_id}/", given).status_code == 303
    assert SegmentMember.objects.filter(segment=one).count() == 3
    one.refresh_from_db()
    assert one.wording == "did_not: {on: quote_requested}"


def test_what_is_wrong_is_told_and_the_fields_stay(crowd: House) -> None:
    given = {
        "name": "Wrong", "act": "save", "side": "fields", "wording": "", "kept": "",
        "who_what": ["organisation.employees"], "who_how": ["at_least"], "who_value": ["many"],
    }  # fmt: skip
    page = signed_in(crowd.carole).post("/people/segments/new", given)
    assert page.status_code == 422
    text = page.content.decode()
    assert "many is not a number" in text
    assert 'value="many"' in text
    assert not Segment.objects.exists()


def test_the_same_name_twice_is_refused(crowd: House) -> None:
    kept()
    given = {"name": "Askers", "act": "save", "side": "text", "wording": "did: {on: page_viewed}", "kept": ""}
    page = signed_in(crowd.carole).post("/people/segments/new", given)
    assert page.status_code == 422
    assert "Another segment is called" in page.content.decode()


def test_a_look_says_how_many_and_why(crowd: House) -> None:
    given = {"act": "look", "side": "text", "wording": "did: {on: quote_requested}", "kept": ""}
    page = signed_in(crowd.carole).post("/people/segments/new", given, headers={"HX-Request": "true"})
    text = page.content.decode()
    assert "3 people fit" in text
    assert "Asked for a quote, once" in text
    assert 'id="fields"' in text  # the other side follows
    assert 'id="as-text"' not in text  # the side in which one writes stays as it is


def test_filters_become_conditions(crowd: House) -> None:
    page = signed_in(crowd.carole).get(
        "/people/segments/new?temperature=hot&tier=core&stage=alert&owner=bob&source=Fair"
    )
    text = page.content.decode()
    for line in ("temperature: hot", "tier: core", "stage: alert", "held_by: bob", "person.source: Fair"):
        assert line in text


def test_a_kind_that_never_came_in_is_told(crowd: House) -> None:
    kept("did: {on: moon_landing_seen}")
    assert "has ever come in" in signed_in(crowd.carole).get("/people/segments/").content.decode()


def test_without_an_agreement_nobody_is_warm(house: House) -> None:
    house.version.__class__.objects.update(status="superseded")
    kept("stands: {temperature: hot}")
    assert "nobody is measured" in signed_in(house.carole).get("/people/segments/").content.decode()


def test_lists_are_narrowed_by_segment_and_stage_with_exact_counts(crowd: House) -> None:
    one, client = kept(), signed_in(crowd.carole)
    text = client.get(f"/people/?segment={one.public_id}").content.decode()
    assert "3 people" in text
    assert "Askers (3)" in text
    text = client.get("/people/?stage=alert").content.decode()
    assert "3 people" in text
    assert "Askers (3)" in text
    text = client.get(f"/people/?stage=recycled&segment={one.public_id}").content.decode()
    assert "0 people" in text
    assert "6 people" in client.get("/people/?segment=nonsense").content.decode()


@pytest.mark.parametrize("path", ["/people/", "/people/segments/"])
def test_as_many_questions_for_many(crowd: House, path: str) -> None:
    client = signed_in(crowd.carole)

    def asked() -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as questions:
            assert client.get(path).status_code == 200
        return len(questions)

    kept()
    hand()
    before = asked()
    for n in range(5):
        kept("did: {on: page_viewed}", f"Viewers {n}")
    arrive(signals=[crowd.signal("page_viewed", f"q{n}@nova.example", MONDAY) for n in range(12)], now=MONDAY)
    clock.tick(now=MONDAY)
    assert asked() <= before


def confirming(client: Client, address: str) -> dict[str, str]:
    """What the form of the page that asks to confirm sends."""
    page = client.get(address).content.decode()
    return {name: re.search(f'name="{name}" value="([^"]*)"', page)[1] for name in ("shown", "token")}  # type: ignore[index]


def test_as_many_others_are_others(crowd: House) -> None:
    client, address = signed_in(crowd.carole), "/people/selected/confirm?relationship=suspect&act=language&language=de"
    Person.objects.update(relationship="prospect")
    ids = list(Person.objects.order_by("pk").values_list("pk", flat=True))
    Person.objects.filter(pk__in=ids[:2]).update(relationship="suspect")
    sent = confirming(client, address)
    Person.objects.filter(pk=ids[0]).update(relationship="prospect")
    Person.objects.filter(pk=ids[2]).update(relationship="suspect")
    page = client.post(address, sent).content.decode()
    assert "New: 1, no longer among them: 1" in page and not Job.objects.exists()
    client.post(address, confirming(client, address))
    assert Job.objects.get().asked["people"] == ids[1:3]


@pytest.mark.parametrize("language", ["xx", "", "<b>"])
def test_a_language_that_nobody_speaks_is_asked_of_nobody(crowd: House, language: str) -> None:
    client, address = signed_in(crowd.carole), f"/people/selected/confirm?act=language&language={language}"
    assert client.get(address).status_code == client.post(address).status_code == 303
    assert not Job.objects.exists()


def test_a_stale_form_overwrites_no_colleague_and_loses_nothing_typed(crowd: House) -> None:
    one, client = kept(), signed_in(crowd.carole)
    address = f"/people/segments/{one.public_id}/"
    page = client.get(address).content.decode()
    read_at = re.search('name="read_at" value="([^"]*)"', page)[1]  # type: ignore[index]
    segment.change(one, name="Askers", about="", wording="did: {on: page_viewed}", by=crowd.marc, now=MONDAY + HOUR)
    sent = {"name": "Askers", "about": "My note", "act": "save", "side": "text", "read_at": read_at}
    sent |= {"wording": "did: {on: quote_requested}", "kept": "did: {on: quote_requested}"}
    answer = client.post(address, sent)
    told = answer.content.decode()
    assert answer.status_code == 409 and "changed meanwhile" in told
    assert "My note" in told and "quote_requested" in told
    assert Segment.objects.get().wording == "did: {on: page_viewed}"
    again = re.search('name="read_at" value="([^"]*)"', told)[1]  # type: ignore[index]
    assert client.post(address, sent | {"read_at": again}).status_code == 303  # knowingly
    assert Segment.objects.get().about == "My note"


def test_a_segment_that_was_closed_meanwhile_keeps_what_was_typed(crowd: House) -> None:
    one, client = kept(), signed_in(crowd.carole)
    segment.close(one, by=crowd.marc, now=MONDAY)
    sent = {"name": "Askers", "about": "My note", "act": "save", "side": "text", "wording": one.wording}
    answer = client.post(f"/people/segments/{one.public_id}/", sent)
    told = answer.content.decode()
    assert answer.status_code == 422 and "is closed" in told and "My note" in told


def test_a_holder_whom_nobody_knows_is_told(crowd: House) -> None:
    one, client = kept("stands: {held_by: nobody-known}"), signed_in(crowd.carole)
    assert "nobody-known" in client.get(f"/people/segments/{one.public_id}/").content.decode()
    for address in ("/people/segments/", f"/people/segments/{one.public_id}/"):
        assert "No colleague has the login" in client.get(address).content.decode()
    one = kept(f"stands: {{held_by: {crowd.bob.username}}}", "Of Bob")
    page = client.get(f"/people/segments/{one.public_id}/").content.decode()
    assert "No colleague has the login" not in page


def test_those_ticked_join_after_the_exact_number_was_shown(crowd: House) -> None:
    one, client = hand(), signed_in(crowd.carole)
    some = [str(public_id) for public_id in Person.objects.values_list("public_id", flat=True)[:2]]
    query = "ticked=yes&" + "&".join(f"one={public_id}" for public_id in some)
    assert "2 people" in client.get(f"/people/selected/?{query}").content.decode()
    address = f"/people/selected/confirm?{query}&act=join&join_segment={one.public_id}"
    assert "Do it for 2 people" in client.get(address).content.decode()
    assert "Look at them once more" in client.post(address, {"shown": "no list"}).content.decode()
    assert not Job.objects.exists()
    sent = confirming(client, address)
    answer = client.post(address, sent)
    assert answer.status_code == 303
    assert client.post(address, sent)["Location"] == answer["Location"]  # sent twice, it is done once
    assert Job.objects.count() == 1
    assert "Waiting for the worker" in client.get(answer["Location"]).content.decode()
    Job.objects.update(state="running")  # begun, and not yet at the first of them
    assert "Waiting for the worker" in client.get(answer["Location"]).content.decode()
    job = Job.objects.get()
    Job.objects.update(state="done", result=in_bulk.run(job, lambda *_: None, lambda: False), ended_at=MONDAY)
    page = client.get(answer["Location"]).content.decode()
    assert "2 were changed." in page
    assert "Undo" in page
    assert SegmentMember.objects.filter(segment=one).count() == 2


def test_how_far_it_is_is_looked_at_without_reading_who_is_meant(crowd: House) -> None:
    one, client = hand(), signed_in(crowd.carole)
    given = {"segment": str(one.public_id)}
    job = in_bulk.ask(act="join", given=given, people=[1, 2], by=crowd.carole, now=MONDAY)
    Job.objects.update(state="running", result={"before": [[1]], "refused": []})
    with CaptureQueriesContext(connection) as asked:
        page = client.get(f"/people/selected/{job.public_id}/").content.decode()
    assert one.name in page
    read = [query["sql"].partition(" FROM ")[0] for query in asked if "vendange_job" in query["sql"]]
    assert read and not any('"asked", "vendange_job"' in sql or '"result"' in sql for sql in read)


def test_nobody_ticked_is_nobody(crowd: House) -> None:
    page = signed_in(crowd.carole).get("/people/selected/?ticked=yes").content.decode()
    assert "0 people" in page
    assert "Nobody is chosen" in page


def test_all_that_the_filters_give_are_meant_without_ticks(crowd: House) -> None:
    one = kept()
    assert "3 people" in signed_in(crowd.carole).get(f"/people/selected/?segment={one.public_id}").content.decode()


def test_sales_acts_on_own_people_only_and_takes_nothing_away(crowd: House) -> None:
    client = signed_in(crowd.bob)
    page = client.get("/people/selected/").content.decode()
    assert "0 people" in page
    assert "export.csv" not in page
    assert client.get("/people/selected/confirm?act=tier&to_tier=core").status_code == 303
    some = Person.objects.first()
    assert some is not None
    assert "0 people" in client.get(f"/people/selected/?one={some.public_id}").content.decode()


def test_a_file_of_those_ticked_holds_those(crowd: House) -> None:
    some = Person.objects.first()
    assert some is not None
    answer = signed_in(crowd.carole).get(f"/people/export.csv?ticked=yes&one={some.public_id}")
    assert len(answer.getvalue().decode().strip().splitlines()) == 2


def test_a_closed_segment_opens_again_with_who_fits_now(crowd: House) -> None:
    one, client = kept(), signed_in(crowd.carole)
    client.post(f"/people/segments/{one.public_id}/close")
    arrive(signals=[crowd.quote_request("p4@nova.example", MONDAY)], now=MONDAY)
    assert SegmentMember.objects.filter(segment=one).count() == 3
    client.post(f"/people/segments/{one.public_id}/close")
    assert SegmentMember.objects.filter(segment=one).count() == 4

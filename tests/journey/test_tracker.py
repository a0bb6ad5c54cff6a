"""What the tracker sends becomes numbers without anybody, or signals of a browser that agreed; machines never count."""

import json
import re
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from tests.cli.typed import vendange
from tests.people import MONDAY, House
from vendange.capture import actions as capture
from vendange.capture.queries import in_micros
from vendange.journey.arrive import drain, measure
from vendange.journey.judging import JudgedAgain, judge_again
from vendange.models import AudienceCount, Consent, InboxEvent, Measure, Person, RefusedEvent, Signal, Touched

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"


def send(
    house: House, number: int, kind: str = "page", *, at: datetime = MONDAY, agent: str = CHROME, **said: Any
) -> InboxEvent:
    """One event as the collector leaves it in the inbox."""
    payload = {"properties": {"path": "/tarifs"}, "context": {"mode": "lead"}, **said}
    return InboxEvent.objects.create(
        source=house.source.pk,
        message_id=f"t{number}",
        kind=kind,
        received_at=in_micros(at),
        user_agent=agent,
        payload=json.dumps(payload).encode(),
    )


def visit(house: House, number: int, kind: str = "page", **said: Any) -> InboxEvent:
    return send(house, number, kind, **{"context": {"mode": "audience"}, **said})


def seen() -> list[tuple[str, str, str, int, float]]:
    return list(
        AudienceCount.objects.order_by("kind", "path", "verdict").values_list(
            "kind", "path", "verdict", "times", "value"
        )
    )


@pytest.mark.django_db
def test_visits_are_counted_by_day_page_and_verdict_and_name_nobody(house: House) -> None:
    people = Person.objects.count()
    for number in range(3):
        visit(house, number)
    visit(house, 3, agent="Googlebot/2.1")
    visit(house, 4, context={"mode": "audience", "automated": True})
    visit(house, 5, "track", event="Time Spent", properties={"path": "/tarifs", "value": 40})
    visit(house, 6, "track", event="Time Spent", properties={"path": "/tarifs", "value": 2})
    assert drain(now=MONDAY) == 7
    assert seen() == [
        ("page_viewed", "/tarifs", "human", 3, 0.0),
        ("page_viewed", "/tarifs", "machine", 2, 0.0),
        ("time_spent", "/tarifs", "human", 2, 42.0),
    ]
    assert Person.objects.count() == people and not Signal.objects.exists()
    assert set(InboxEvent.objects.values_list("handled", "user_agent", "ip")) == {(True, "", "")}
    assert {bytes(one.payload) for one in InboxEvent.objects.all()} == {b"{}"}


@pytest.mark.django_db
def test_another_day_is_another_line_and_where_they_came_from_is_kept(house: House) -> None:
    ad = {"path": "/", "referrer": "https://www.search.example/find", "utm_campaign": "spring", "utm_medium": "cpc"}
    visit(house, 1, properties=ad)
    visit(house, 2, properties=ad, at=MONDAY + timedelta(days=1))
    drain(now=MONDAY)
    lines = AudienceCount.objects.order_by("day").values_list("day", "campaign", "channel", "referrer", "times")
    assert [(day.isoformat(), *rest) for day, *rest in lines] == [
        ("2026-09-07", "spring", "cpc", "search.example", 1),
        ("2026-09-08", "spring", "cpc", "search.example", 1),
    ]


@pytest.mark.django_db
def test_who_is_named_in_audience_mode_stays_unknown(house: House) -> None:
    people = Person.objects.count()
    visit(house, 1, userId="camille@nova.example", anonymousId="b1", properties={"email": "camille@nova.example"})
    visit(house, 2, context={"mode": "audience", "traits": {"email": "camille@nova.example"}})
    visit(house, 3, "identify", traits={"email": "camille@nova.example"})
    drain(now=MONDAY)
    assert Person.objects.count() == people and [one[3] for one in seen()] == [1, 1]
    assert [one.reason for one in RefusedEvent.objects.all()] == ["nobody"]


@pytest.mark.django_db
def test_a_crash_between_counting_and_marking_counts_once(house: House) -> None:
    visit(house, 1)
    with (
        patch.object(capture, "_count", side_effect=RuntimeError("the machine went away")),
        pytest.raises(RuntimeError),
    ):
        drain(now=MONDAY)
    assert seen() == []
    drain(now=MONDAY)
    drain(now=MONDAY)
    assert [one[3] for one in seen()] == [1]


@pytest.mark.django_db
def test_consent_is_kept_once_with_its_wording(house: House) -> None:
    told = {"path": "/", "wording": "cookies-3-fr"}
    send(house, 1, "track", anonymousId="b1", event="Consent Given", properties=told)
    send(house, 2, anonymousId="b1")
    drain(now=MONDAY)
    InboxEvent.objects.update(handled=False)  # as after a crash between the two databases
    drain(now=MONDAY)
    send(house, 3, "track", anonymousId="b1", event="Consent Withdrawn", at=MONDAY + timedelta(hours=1))
    drain(now=MONDAY + timedelta(hours=1))
    person = Signal.objects.get(kind="page_viewed").person
    kept = Consent.objects.filter(person=person).order_by("at").values_list("channel", "status", "wording", "page")
    assert list(kept) == [("tracking", "given", "cookies-3-fr", "/"), ("tracking", "withdrawn", "", "/tarifs")]


@pytest.mark.django_db
def test_nobody_gives_consent_in_the_name_of_somebody_else(house: House) -> None:
    house.lead()
    send(house, 1, "track", userId="camille@atelier-nova.example", event="Consent Given")
    drain(now=MONDAY)
    assert not Consent.objects.exists()


@pytest.mark.django_db
def test_visits_before_consent_are_nobodys_for_ever(house: House) -> None:
    visit(house, 1, properties={"path": "/secret-project"})
    send(house, 2, "track", anonymousId="b1", event="Consent Given")
    send(
        house, 3, "identify", anonymousId="b1", userId="camille@nova.example", traits={"email": "camille@nova.example"}
    )
    drain(now=MONDAY)
    assert not Signal.objects.filter(path="/secret-project").exists()


@pytest.mark.django_db
def test_a_burst_turns_what_came_before_into_a_machines_and_the_score_follows(house: House) -> None:
    for number in range(10):
        send(house, number, anonymousId="b1", at=MONDAY + timedelta(milliseconds=100 * number))
    drain(now=MONDAY + timedelta(seconds=2))
    person = Signal.objects.latest("id").person
    assert Measure.objects.get(person=person).engagement > 0 and person.last_signal_at is not None
    for number in range(10, 20):
        send(house, number, anonymousId="b1", at=MONDAY + timedelta(milliseconds=100 * number))
    drain(now=MONDAY + timedelta(seconds=3))
    assert set(Signal.objects.values_list("verdict", "because")) == {("machine", "burst")}
    person.refresh_from_db()
    assert Measure.objects.get(person=person).engagement == 0 and person.last_signal_at is None


@pytest.mark.django_db
def test_what_the_collector_noted_of_the_request_counts_before_any_score(house: House) -> None:
    fetched = send(house, 1, anonymousId="b1")
    InboxEvent.objects.filter(pk=fetched.pk).update(hints="prefetch")
    send(house, 2, anonymousId="b2", context={"mode": "lead", "automated": True})
    drain(now=MONDAY)
    told = Signal.objects.order_by("message_id").values_list("verdict", "because", "person__last_signal_at")
    assert list(told) == [("machine", "prefetch", None), ("machine", "automated", None)]
    assert set(Measure.objects.values_list("engagement", flat=True)) == {0.0}


@pytest.mark.django_db
def test_the_command_says_what_it_would_do_and_does_it(house: House) -> None:
    send(house, 1, anonymousId="b1")
    drain(now=MONDAY)
    Signal.objects.update(verdict="machine", because="robot")
    assert "Signals judged again: 1. With another verdict: 1." in vendange("verdicts", "--dry-run").out
    assert Signal.objects.get().verdict == "machine"
    assert vendange("verdicts", "--since", "2026-09-07", "--json").value == {"looked": 1, "changed": 1, "people": 1}
    assert Signal.objects.get().verdict == "human"
    assert "With another verdict: 0." in vendange("verdicts").out


@pytest.mark.django_db
def test_judging_again_follows_the_rules_of_the_day(house: House) -> None:
    send(house, 1, anonymousId="b1", agent="NewAgent/1.0")
    send(house, 2, anonymousId="b2")
    drain(now=MONDAY)
    assert judge_again(since=MONDAY - timedelta(days=1)) == JudgedAgain(2, 0, 0)
    with patch("vendange.engine.machines.ROBOT", re.compile("NewAgent")):
        assert judge_again(since=MONDAY - timedelta(days=1), dry=True) == JudgedAgain(2, 1, 1)
        assert not Signal.objects.filter(verdict="machine").exists()
        assert judge_again(since=MONDAY + timedelta(days=1)) == JudgedAgain(0, 0, 0)
        assert judge_again(since=MONDAY - timedelta(days=1)) == JudgedAgain(2, 1, 1)
    one = Signal.objects.get(message_id="t1")
    assert (one.verdict, one.because, one.person.last_signal_at) == ("machine", "robot", None)
    assert Touched.objects.filter(person=one.person).exists()
    measure([one.person_id], now=MONDAY)
    assert Measure.objects.get(person=one.person).engagement == 0
    assert judge_again(since=MONDAY - timedelta(days=1)) == JudgedAgain(2, 1, 1)
    assert Signal.objects.get(message_id="t1").verdict == "human"


@pytest.mark.django_db
def test_a_burst_stays_a_burst_when_it_is_judged_again(house: House) -> None:
    for number in range(16):
        send(house, number, anonymousId="b1", at=MONDAY + timedelta(milliseconds=50 * number))
    drain(now=MONDAY)
    assert judge_again(since=MONDAY - timedelta(days=1)) == JudgedAgain(16, 0, 0)

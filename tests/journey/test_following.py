"""A followed link becomes the act of who allows it, or a visit of nobody; scanners count for nothing, also later."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from django.conf import settings

from tests.people import MONDAY, House
from vendange.capture import actions as capture
from vendange.capture.queries import in_micros
from vendange.capture.rules import Incoming
from vendange.collect.links import Link, payload
from vendange.journey import clock
from vendange.journey.arrive import arrive, drain, measure
from vendange.journey.following import let_go, look_again
from vendange.journey.judging import judge_again
from vendange.link import actions as links
from vendange.link import queries as linked
from vendange.link.rules import mark_of
from vendange.models import AudienceCount, Consent, Followed, InboxEvent, Measure, Person, Signal, TrackedLink
from vendange.unite import actions as unite

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
SECOND = timedelta(seconds=1)
LATER = MONDAY + timedelta(seconds=30)
numbers = count()


def link(name: str = "Guide", kind: str = "link") -> TrackedLink:
    source = capture.source_named(name="Tracked links", kind="link", now=MONDAY)
    return links.add_link(
        kind=kind, name=name, leads_to="https://shop.example/guide" if kind == "link" else "", source=source, by=None,
        now=MONDAY, campaign="Spring", channel="email", asset=name,
    )  # fmt: skip


def somebody(house: House, email: str, *, consent: bool = True, company: str = "") -> Person:
    traits = {"organisation": company} if company else {}
    arrive(
        signals=[house.signal("newsletter_subscribed", email, MONDAY - timedelta(days=40), traits=traits)], now=MONDAY
    )
    person = Person.objects.get(email=email)
    if consent:
        said(person, "given", MONDAY - timedelta(days=30))
    return person


def said(person: Person, status: str, at: datetime, channel: str = "tracking") -> None:
    Consent.objects.create(person=person, channel=channel, purpose="lead", status=status, at=at, method="form")


def follow(
    one: TrackedLink,
    person: Person | None = None,
    at: datetime = MONDAY,
    *,
    agent: str = CHROME,
    hints: str = "",
    ip: str = "192.0.2.7",
    mark: str = "",
) -> InboxEvent:
    """A followed link, as the collector leaves it in the inbox."""
    mark = mark or (mark_of(person.pk, one.token, settings.SECRET_KEY) if person else "")
    stands = Link(
        one.token, one.kind, one.source_id, one.destination, one.campaign, one.channel, one.topic, one.asset, True
    )
    return InboxEvent.objects.create(
        source=one.source_id,
        message_id=f"l-{next(numbers)}",
        kind="link",
        received_at=in_micros(at),
        ip=ip if mark else "",
        user_agent=agent,
        payload=payload(stands, mark),
        hints=hints,
    )


def acts() -> list[tuple[str, str, str]]:
    rows = Signal.objects.filter(kind__in=("email_clicked", "email_opened", "link_followed"))
    return list(rows.order_by("occurred_at", "pk").values_list("kind", "verdict", "because"))


def judged_later(at: datetime) -> None:
    look_again(now=at, measure=lambda people: measure(people, now=at))


def test_who_allows_it_did_it_and_the_score_follows(house: House) -> None:
    person, one = somebody(house, "camille@nova.example"), link()
    before = Measure.objects.get(person=person).engagement
    follow(one, person)
    drain(now=LATER)
    signal = Signal.objects.get(kind="email_clicked")
    assert (signal.person, signal.campaign, signal.channel, signal.asset) == (person, "Spring", "email", "Guide")
    assert Measure.objects.get(person=person).engagement > before
    assert Followed.objects.get().link == one and Person.objects.count() == 1
    assert linked.counts([one])[one.pk] == linked.Counts(people=1, times=1)


def test_a_link_waits_until_its_neighbours_have_come(house: House) -> None:
    follow(link(), somebody(house, "camille@nova.example"))
    assert drain(now=MONDAY + 9 * SECOND) == 0
    assert drain(now=MONDAY + 10 * SECOND) == 1


def test_without_a_mark_it_is_a_visit_of_nobody(house: House) -> None:
    one = link()
    follow(one)
    follow(one, agent="Googlebot/2.1")
    follow(one, hints="head")
    drain(now=LATER)
    assert Person.objects.count() == 0 and acts() == []
    counted = AudienceCount.objects.order_by("verdict").values_list("kind", "path", "campaign", "verdict", "times")
    path = f"/l/{one.token}"
    assert list(counted) == [
        ("link_followed", path, "Spring", "human", 1),
        ("link_followed", path, "Spring", "machine", 2),
    ]
    assert linked.counts([one])[one.pk] == linked.Counts(visits=1, machines=2)


def test_a_mark_of_somebody_who_is_gone_is_a_visit_of_nobody(house: House) -> None:
    one = link()
    follow(one, mark=mark_of(987_654, one.token, settings.SECRET_KEY))
    drain(now=LATER)
    assert acts() == [] and linked.counts([one])[one.pk].visits == 1
    assert {bytes(event.payload) for event in InboxEvent.objects.all()} == {b"{}"}


@pytest.mark.parametrize(
    ("channel", "status"),
    [("tracking", "withdrawn"), ("tracking", "refused"), ("all", "refused"), ("all", "withdrawn")],
)
def test_withdrawn_then_an_old_mail_is_loaded_again_and_nothing_is_stored(
    house: House, channel: str, status: str
) -> None:
    """C45."""
    person, one, pixel = somebody(house, "camille@nova.example"), link(), link("Open", "pixel")
    said(person, status, MONDAY - timedelta(hours=1), channel)
    follow(one, person)
    follow(pixel, person)
    drain(now=LATER)
    assert acts() == [] and not Followed.objects.exists() and not AudienceCount.objects.exists()
    left = InboxEvent.objects.values_list("payload", "ip", "user_agent", "handled")
    assert {(bytes(payload), *rest) for payload, *rest in left} == {(b"{}", "", "", True)}


@pytest.mark.parametrize(("channel", "status"), [("tracking", "withdrawn"), ("all", "refused")])
def test_what_was_followed_goes_with_the_consent(house: House, channel: str, status: str) -> None:
    """C20, C44: no line of the timeline and no point outlives it, and consent given again brings nothing back."""
    one, person, other = link(), somebody(house, "camille@nova.example"), somebody(house, "yann@nova.example")
    before = Measure.objects.get(person=person).engagement
    for who in (person, other):
        follow(one, who, MONDAY)
    drain(now=LATER)
    assert Measure.objects.get(person=person).engagement > before
    said(person, status, MONDAY + timedelta(hours=1), channel)
    said(person, "given", MONDAY + timedelta(hours=2), channel)
    clock.tick(now=MONDAY + timedelta(hours=3))
    assert [row.person for row in Followed.objects.all()] == [other]
    assert not Signal.objects.filter(person=person, kind="email_clicked").exists()
    person.refresh_from_db()
    assert Measure.objects.get(person=person).engagement <= before
    assert person.last_signal_at == MONDAY - timedelta(days=40) and let_go() == 0


def test_withdrawn_between_the_click_and_its_reading_counts_too(house: House) -> None:
    person, one = somebody(house, "camille@nova.example"), link()
    follow(one, person)
    said(person, "withdrawn", MONDAY + SECOND)
    drain(now=LATER)
    assert acts() == []


def test_consent_after_the_click_does_not_reach_back(house: House) -> None:
    person, one = somebody(house, "camille@nova.example", consent=False), link()
    follow(one, person)
    said(person, "given", MONDAY + SECOND)
    drain(now=LATER)
    assert acts() == []


def test_who_was_merged_is_found_again(house: House) -> None:
    first, second = somebody(house, "c@nova.example"), somebody(house, "camille@nova.example")
    Person.objects.filter(pk=first.pk).update(merged_into=second)
    follow(link(), first)
    drain(now=LATER)
    assert Signal.objects.get(kind="email_clicked").person == second


def test_what_was_followed_goes_with_a_record_that_is_merged(house: House) -> None:
    first, second = somebody(house, "c@nova.example"), somebody(house, "camille@nova.example")
    follow(link(), first)
    drain(now=LATER)
    unite.merge(kept=second, absorbed=first, by=house.carole, now=LATER)
    assert Followed.objects.get().person == second


def test_the_same_event_again_counts_once(house: House) -> None:
    person, one = somebody(house, "camille@nova.example"), link()
    follow(one, person)
    drain(now=LATER)
    InboxEvent.objects.update(handled=False)  # as after a crash between the two databases
    drain(now=LATER)
    assert len(acts()) == Followed.objects.count() == 1


def test_all_links_of_a_mail_at_once_are_a_scanners(house: House) -> None:
    """A45: no score, no alert; also those that were taken in before the others came."""
    person, mail = somebody(house, "camille@nova.example"), [link(str(n)) for n in range(4)]
    before = Measure.objects.get(person=person).engagement
    follow(mail[0], person)
    drain(now=LATER)
    for place, one in enumerate(mail[1:], 1):
        follow(one, person, MONDAY + place * SECOND)
    assert acts() == [("email_clicked", "human", "")]
    drain(now=LATER)
    assert acts() == [("email_clicked", "machine", "many_links")] * 4
    assert Measure.objects.get(person=person).engagement == before
    person.refresh_from_db()
    assert person.last_signal_at == MONDAY - timedelta(days=40)


def test_the_first_link_is_judged_with_those_that_still_wait(house: House) -> None:
    """What has come after it stands in the inbox already: nobody is called for a moment, and then not."""
    person, mail = somebody(house, "camille@nova.example"), [link(str(n)) for n in range(3)]
    for place, one in enumerate(mail):
        follow(one, person, MONDAY + place * SECOND)
    drain(now=MONDAY + 10 * SECOND)
    assert acts() == [("email_clicked", "machine", "many_links")]


@pytest.mark.parametrize(
    ("agent", "hints", "because"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Barracuda Sentinel (EE)", "", "gateway"),
        ("HeadlessChrome/130.0", "", "robot"),
        ("curl/8.5", "", "program"),
        (CHROME, "prefetch", "prefetch"),
        (CHROME, "head", "head"),
        (CHROME, "embedded", "embedded"),
    ],
)
def test_what_the_request_says_counts_for_nothing(house: House, agent: str, hints: str, because: str) -> None:
    person = somebody(house, "camille@nova.example")
    follow(link(), person, agent=agent, hints=hints)
    drain(now=LATER)
    assert acts() == [("email_clicked", "machine", because)]


def test_asked_before_it_was_fetched(house: House) -> None:
    person, one = somebody(house, "camille@nova.example"), link()
    follow(one, person, hints="head")
    follow(one, person, MONDAY + SECOND)
    follow(one, person, MONDAY + timedelta(minutes=5))
    drain(now=MONDAY + timedelta(minutes=6))
    assert [because for _, _, because in acts()] == ["head", "head_first", ""]


def test_one_network_behind_people_of_several_companies(house: House) -> None:
    one = link()
    people = [somebody(house, f"p{n}@firm{n}.example") for n in range(3)]
    for place, person in enumerate(people):
        follow(one, person, MONDAY + place * SECOND, ip=f"198.51.100.{place}")
    follow(one, people[0], MONDAY, ip="203.0.113.5")
    drain(now=LATER)
    assert sorted(because for _, _, because in acts()) == ["", "one_network", "one_network", "one_network"]


def test_a_delivery_that_is_told_later_changes_the_verdict_and_the_score(house: House) -> None:
    person = somebody(house, "camille@nova.example")
    follow(link(), person, MONDAY + 4 * SECOND)
    before = Measure.objects.get(person=person).engagement
    drain(now=LATER)
    scored = Measure.objects.get(person=person).engagement
    arrive(signals=[house.signal("email_delivered", person.email, MONDAY)], now=LATER + 20 * SECOND)
    judged_later(MONDAY + 30 * SECOND)
    assert acts() == [("email_clicked", "human", "")]  # nothing was due yet
    judged_later(MONDAY + timedelta(minutes=2))
    assert acts() == [("email_clicked", "machine", "just_sent")]
    assert scored > before >= Measure.objects.get(person=person).engagement


def test_who_stays_on_the_page_was_a_human_after_all(house: House) -> None:
    person = somebody(house, "camille@nova.example")
    one, other = link("One"), link("Other")
    follow(one, person)
    follow(other, person, MONDAY + SECOND)
    drain(now=LATER)
    assert {because for _, _, because in acts()} == {"many_links"}
    stay = house.signal("time_spent", person.email, MONDAY + timedelta(minutes=3))
    arrive(signals=[stay_for(stay, 170.0)], now=MONDAY + timedelta(minutes=3))
    clock.tick(now=MONDAY + timedelta(minutes=11))
    assert acts() == [("email_clicked", "human", "stayed")] * 2
    assert Measure.objects.get(person=person).engagement > 0


def stay_for(one: Incoming, seconds: float) -> Incoming:
    return replace(one, value=seconds)


def test_each_is_looked_at_four_times_and_then_left_alone(house: House) -> None:
    follow(link(), somebody(house, "camille@nova.example"))
    drain(now=LATER)
    looks: Sequence[datetime | None] = []
    for _ in range(5):
        again = Followed.objects.get().again_at
        looks = [*looks, again]
        if again:
            judged_later(again)
    wanted = [MONDAY + after for after in links.LOOKS]
    assert looks == [*wanted, None] and Followed.objects.get().network == ""


def test_the_command_judges_links_with_what_was_around_them(house: House) -> None:
    person = somebody(house, "camille@nova.example")
    for place in range(3):
        follow(link(str(place)), person, MONDAY + place * SECOND)
    drain(now=LATER)
    assert judge_again(since=MONDAY - timedelta(days=1)).changed == 0
    Signal.objects.filter(kind="email_clicked").update(verdict="human", because="")
    assert judge_again(since=MONDAY - timedelta(days=1)).changed == 3
    assert acts() == [("email_clicked", "machine", "many_links")] * 3


def test_nothing_of_a_person_stands_in_the_address() -> None:
    said = json.loads(payload(Link("abcdefghij", "link", 1, "https://a.example/", "", "", "", "", True), "m" * 20))
    assert said["anonymousId"] == "nobody" and set(said) == {
        "type",
        "event",
        "anonymousId",
        "properties",
        "link",
        "mark",
    }

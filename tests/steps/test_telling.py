"""What a colleague tells becomes a signal like any other, once, and can be taken back for a minute."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.people import MONDAY, House, sign_agreement
from vendange.agreement.sentence import Incomplete
from vendange.identify.queries import visible_to
from vendange.journey import telling
from vendange.journey.arrive import arrive
from vendange.journey.telling import Collected, add_show, take_guests
from vendange.meet import queries as met
from vendange.meet.actions import ShowTaken
from vendange.meet.rules import CannotTell, Guest, Newcomer, Told
from vendange.models import Decision, Fact, ImportBatch, Lead, Measure, Person, Signal, TradeShow, Trail

PARIS = ZoneInfo("Europe/Paris")
CAMILLE = Newcomer("Camille Moreau", "Atelier Nova")
BOOTH = Told(
    "booth_visited", MONDAY, said="We need a 5-axis machine before spring.", judged="Serious.", warmth="strong"
)
DAYS = (date(2026, 9, 7), date(2026, 9, 9))


def tell(
    house: House, who: Person | Newcomer = CAMILLE, told: Told = BOOTH, once: str = "m1", **given: object
) -> Signal:
    words = {"show": None, "by": house.alice, "now": MONDAY, "zone": PARIS, **given}
    return telling.tell(told=told, who=who, message_id=once, **words).signal  # type: ignore[arg-type]


def show_of(house: House) -> TradeShow:
    return add_show(
        name="SIMODEC",
        place="La Roche",
        topic="machining",
        kind="booth_visited",
        days=DAYS,
        by=house.carole,
        now=MONDAY,
    )


def guests(house: House, show: TradeShow, *rows: Guest) -> telling.Guests:
    collected = Collected(
        "GL events", "consent", "I accept to be contacted by the exhibitors I visit.", professional=True
    )
    batch = ImportBatch.objects.create(status="running", started_at=MONDAY)
    return take_guests(show=show, guests=rows, collected=collected, batch=batch, by=house.carole, now=MONDAY)


def test_as_little_as_a_name_and_a_company_makes_a_person_and_a_signal_that_counts(house: House) -> None:
    one = tell(house)
    assert one.person.organisation
    assert (one.person.name, one.person.organisation.name) == ("Camille Moreau", "Atelier Nova")
    assert (one.kind, one.origin, one.by, one.source.kind, one.channel) == (
        "booth_visited", "reported", house.alice, "desk", "event",
    )  # fmt: skip
    assert one.props == {"said": BOOTH.said, "judged": "Serious.", "warmth": "strong"}
    assert Measure.objects.get(person=one.person).engagement > 0
    assert set(Fact.objects.values_list("origin", flat=True)) == {"reported"}


def test_the_same_message_again_changes_nothing_and_another_finds_the_same_person(house: House) -> None:
    first = tell(house)
    assert tell(house) == first
    later = tell(house, first.person, replace(BOOTH, kind="call_received"), "m2")
    assert later.person == first.person
    assert (Signal.objects.count(), Person.objects.count()) == (2, 1)


def test_one_message_id_of_two_colleagues_is_two_messages(house: House) -> None:
    tell(house)
    tell(house, by=house.bob)
    assert Signal.objects.count() == 2


def test_a_known_address_is_that_person_and_a_known_name_is_not(house: House) -> None:
    known = house.lead().person
    assert tell(house, Newcomer(email="Camille@Atelier-Nova.example")).person == known
    assert tell(house, CAMILLE, once="m2").person != known


def test_a_known_name_is_asked_about(house: House) -> None:
    known = house.lead().person
    everybody = visible_to(house.alice)
    assert met.alike(everybody, first="Camille", last="MOREAU", company="") == [known]
    assert met.alike(everybody, first="Moreau", last="camille", company="") == [known]
    assert known.organisation
    assert met.alike(everybody, first="C.", last="Moreau", company=known.organisation.name) == [known]
    assert met.alike(everybody, first="C.", last="Moreau", company="Hexal") == []
    assert met.alike(visible_to(house.bob), first="Camille", last="Moreau", company="") == []


def test_within_its_minute_the_teller_takes_it_back_and_scores_follow(house: House) -> None:
    known = house.lead().person
    before = Measure.objects.get(person=known).engagement
    one = tell(house, known)
    assert Measure.objects.get(person=known).engagement > before
    soon = MONDAY + timedelta(seconds=50)
    with pytest.raises(CannotTell, match="Only who told it"):
        telling.withdraw(signal=one, by=house.bob, now=soon)
    with pytest.raises(CannotTell, match="minute"):
        telling.withdraw(signal=one, by=house.alice, now=MONDAY + timedelta(minutes=2))
    telling.withdraw(signal=one, by=house.alice, now=soon)
    assert Measure.objects.get(person=known).engagement == pytest.approx(before, abs=0.01)
    assert Trail.objects.filter(verb="signal.withdrawn", by=house.alice).count() == 1


def test_what_no_colleague_told_cannot_be_taken_back(house: House) -> None:
    house.lead()
    with pytest.raises(CannotTell):
        telling.withdraw(signal=Signal.objects.get(), by=house.alice, now=MONDAY)


def test_a_social_post_without_its_link_is_refused_whole(house: House) -> None:
    with pytest.raises(Incomplete) as refused:
        tell(house, told=Told("social_post", MONDAY))
    assert set(refused.value.problems) == {"link", "day", "public"}
    assert not Person.objects.exists()


ASKS_AROUND = """  - id: asks-around
    label: {en: Asks around, fr: Se renseigne}
    of: organisation
    within: 7 days
    people: 2
    lead_type: project
    all:
      - {on: social_post, where: {topic: machining}}
      - {on: [page_viewed, booth_visited], where: {any: [{path: {starts_with: /m}}, {topic: machining}]}}

grades:
"""


@pytest.mark.parametrize("told", [True, False])
def test_a_post_and_a_visit_of_the_same_company_call_a_human_and_cite_both(house: House, told: bool) -> None:
    """R70: the visit at the booth is told too, or seen on the site; one alert, and both signals under it."""
    text = house.version.text.replace("\ngrades:\n", ASKS_AROUND, 1)
    sign_agreement(text, house.carole, house.marc, MONDAY - timedelta(days=20))
    when = (MONDAY - timedelta(days=3)).date()
    link = "https://social.example/p/1"
    posted = Told("social_post", MONDAY, when="day", day=when, topic="machining", link=link, public=True)
    first = tell(house, Newcomer("Anne Roy", "Hexal"), posted)
    assert not Decision.objects.filter(way="pattern").exists()
    if told:
        second = tell(house, Newcomer("Bruno Petit", "Hexal"), replace(BOOTH, topic="machining"), "m2")
    else:
        visit = house.signal("page_viewed", "b@hexal.example", MONDAY, "v1", {"organisation": "Hexal"}, "/machines/5")
        arrive(signals=[visit], now=MONDAY)
        second = Signal.objects.get(message_id="v1")
    alert = Decision.objects.get(way="pattern", rule="asks-around")
    assert set(alert.signal_ids) == {first.pk, second.pk}
    assert Lead.objects.filter(person=second.person, stage="alert").count() == 1


def test_a_show_counts_exactly_what_it_brought(house: House) -> None:
    show = show_of(house)
    arrive(signals=[house.signal("page_viewed", "late@b.example", MONDAY)], now=MONDAY)
    first = tell(house, show=show)
    tell(house, first.person, show=show, once="m2")
    tell(house, Newcomer("Late Comer", email="late@b.example"), show=show, once="m3")
    assert (first.campaign, first.topic, first.source) == ("SIMODEC", "machining", show.source)
    raised = Lead.objects.filter(person__signals__source=show.source).distinct().count()
    found = met.brought(show)
    assert (found.visits, found.people, found.companies, found.leads) == (3, 2, 2, raised)
    assert met.visits_by_show() == {show.source_id: 3}


def test_two_shows_of_one_name_are_refused(house: House) -> None:
    show_of(house)
    with pytest.raises(ShowTaken):
        show_of(house)
    with pytest.raises(ShowTaken):
        add_show(name="Web site", place="", topic="", kind="booth_visited", days=DAYS, by=house.carole, now=MONDAY)
    with pytest.raises(Incomplete):
        add_show(name="X", place="", topic="", kind="booth_visited", days=DAYS[::-1], by=house.carole, now=MONDAY)
    assert TradeShow.objects.count() == 1


def test_a_badge_list_expects_people_and_a_scan_of_the_number_alone_finds_them(house: House) -> None:
    show = show_of(house)
    anne = Guest("a17", "anne@hexal.example", {"first_name": "Anne", "last_name": "Roy"})
    came = guests(house, show, anne, Guest("b2", "", {"last_name": "Petit", "organisation": "Lorval"}))
    assert (came.added, came.known, met.brought(show).expected) == (2, 0, 2)
    assert not Signal.objects.exists()
    again = guests(house, show, anne)
    assert (again.added, again.known) == (0, 1)
    scan = Guest("a17", "", {}, at=MONDAY, named=False)
    scans = guests(house, show, scan, Guest("zz9", "", {}, at=MONDAY, named=False))
    assert (scans.added, list(scans.refused or {})) == (1, [1])
    assert Signal.objects.get().person.email == "anne@hexal.example"
    assert (met.guest_with(show, "A17"), met.guest_with(show, "zz9")) == (Signal.objects.get().person, None)
    assert guests(house, show, scan).added == 0
    assert met.brought(show).expected == 1
    assert Fact.objects.filter(person=Signal.objects.get().person, field="collected_by", value="GL events").exists()
    assert Person.objects.get(email="anne@hexal.example").regime == "professional"

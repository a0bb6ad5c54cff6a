"""What is measured does not depend on how it came in: late, again, in pieces, through a crash, by two workers."""

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections

from tests.people import EXAMPLES, MONDAY, House, colleague, open_house, sign_agreement
from vendange.capture.actions import source_named
from vendange.capture.rules import Incoming
from vendange.journey import arrive as arriving
from vendange.journey import belonging, clock, desk
from vendange.journey.arrive import arrive
from vendange.models import Decision, Heat, Lead, Measure, Organisation, Signal, Touched
from vendange.qualify.rules import Judgement
from vendange.score import actions as score
from vendange.score import queries

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CAMILLE, THEO, INES = "camille@nova.example", "theo@nova.example", "ines@nova.example"
LATER = MONDAY + 30 * DAY


def prices(house: House, who: str, start: datetime, count: int = 3) -> list[Incoming]:
    pages = [start + n * timedelta(minutes=7) for n in range(count)]
    return [house.signal("page_viewed", who, at, path="/tarifs/tours") for at in pages]


def webinar(house: House, who: str, at: datetime) -> Incoming:
    return house.signal("webinar_attended", who, at)


def talk(house: House) -> list[Incoming]:
    """Two colleagues: one reads the prices, the other comes to the webinar last."""
    return [*prices(house, CAMILLE, MONDAY), webinar(house, THEO, MONDAY + HOUR)]


def story(house: House) -> list[Incoming]:
    """A month of three colleagues, with a quote, patterns and what is read again and again."""
    drawn = random.Random(3)
    found = talk(house)
    for day in range(25):
        who = drawn.choice([CAMILLE, THEO, INES, "julia@nord.example"])
        at = MONDAY + day * DAY + drawn.randrange(36_000) * timedelta(seconds=1)
        kind = drawn.choice(["page_viewed", "content_downloaded", "webinar_attended", "newsletter_subscribed"])
        path = drawn.choice(["/tarifs", "/financement", "/presses/200"])
        found.append(house.signal(kind, who, at, path=path))
    return [*found, house.quote_request(INES, MONDAY + 12 * DAY)]


def measures() -> list[tuple[Any, ...]]:
    rows = Measure.objects.order_by("person__email").select_related("person")
    return [
        (
            row.person.email,
            row.fit,
            row.engagement,
            row.grade,
            row.temperature,
            row.next_change_at,
            row.dimensions,
            row.interests,
            row.changes,
            [(line["rule"], line["points"], line["count"]) for line in row.lines],
        )
        for row in rows
    ]


def heats() -> list[tuple[Any, ...]]:
    rows = Heat.objects.order_by("organisation__name")
    return [(row.organisation.name, row.temperature, row.engaged, row.roles, row.disagreement) for row in rows]


def calls() -> set[tuple[str, str]]:
    return set(Decision.objects.values_list("way", "rule"))


def test_colleagues_together_call_once_at_who_came_last(house: House) -> None:
    assert arrive(signals=talk(house), now=MONDAY + HOUR).leads == 1
    lead = Lead.objects.select_related("person").get()
    assert (lead.way, lead.reason, lead.person.email) == ("pattern", "talk-about-it", THEO)
    known = Signal.objects.filter(pk__in=Decision.objects.get().signal_ids)
    assert set(known.values_list("person__email", flat=True)) == {CAMILLE, THEO}
    again = [*prices(house, INES, MONDAY + DAY), webinar(house, CAMILLE, MONDAY + 2 * DAY)]
    for one in again:  # a third colleague, then the first again: nothing that was not told
        assert arrive(signals=[one], now=one.occurred_at).leads == 0
    assert Lead.objects.count() == 1


def test_a_late_signal_completes_what_a_colleague_did_after_it(house: House) -> None:
    *pages, last = talk(house)
    assert arrive(signals=[last], now=MONDAY + HOUR).leads == 0
    assert arrive(signals=pages, now=MONDAY + 2 * HOUR).leads == 1
    lead = Lead.objects.select_related("person").get()
    assert (lead.person.email, lead.raised_at, lead.opened_at) == (THEO, MONDAY + HOUR, MONDAY + 2 * HOUR)


def test_nobody_is_called_for_who_is_set_aside_nor_because_of_them(house: House) -> None:
    *pages, last = talk(house)
    lead = house.lead(CAMILLE, MONDAY - DAY)
    desk.judge(lead=lead, by=house.alice, now=MONDAY, judgement=Judgement("eliminate", off_target="student"))
    assert arrive(signals=pages, now=MONDAY + HOUR).leads == 0
    assert arrive(signals=[last], now=MONDAY + HOUR).leads == 0
    assert [row.engaged for row in Heat.objects.all()] == [0]


@pytest.mark.parametrize("few", [0, 1000])
@pytest.mark.parametrize("seed", range(3))
def test_any_order_in_any_pieces_gives_the_same(
    house: House, seed: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    signals = story(house)
    arrive(signals=signals, now=LATER)
    expected, warm, told = measures(), heats(), calls()
    assert {"pattern", "act"} <= {way for way, _ in told}
    arrive(signals=signals, now=LATER)
    assert (measures(), heats(), calls()) == (expected, warm, told)
    monkeypatch.setattr(queries, "FEW", few)
    for table in (Decision, Lead):
        empty(table)
    Signal.objects.all().delete()
    Measure.objects.all().delete()
    Heat.objects.all().delete()
    drawn = random.Random(seed)
    drawn.shuffle(signals)
    while signals:
        cut = drawn.randint(1, 6)
        arrive(signals=signals[:cut], now=LATER)
        again = signals[: drawn.randint(0, cut)]
        arrive(signals=again, now=LATER)
        signals = signals[cut:]
    clock.tick(now=LATER)
    assert (measures(), heats(), calls()) == (expected, warm, told)
    assert Lead.objects.filter(reason="talk-about-it").count() == 1


def empty(table: Any) -> None:
    if table is Lead:
        for lead in Lead.objects.all():
            for related in (lead.reviews, lead.moves):
                related.all().delete()
    table.objects.all().delete()


def dies(*_: Any, **__: Any) -> None:
    raise SystemExit("killed")


def test_a_crash_before_measuring_loses_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(arriving, "_measure_together", dies)
        arrive(signals=talk(house), now=MONDAY + HOUR)
    assert (Signal.objects.count(), Touched.objects.count(), Measure.objects.count()) == (4, 2, 0)
    assert clock.tick(now=MONDAY + 2 * HOUR).measured == 1
    assert (Touched.objects.count(), Measure.objects.count(), Lead.objects.count()) == (0, 2, 1)


def test_a_crash_while_writing_leads_leaves_nothing_half_done(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(score, "tell", dies)
        arrive(signals=talk(house), now=MONDAY + HOUR)
    assert (Touched.objects.count(), Measure.objects.count(), Lead.objects.count()) == (2, 0, 0)
    clock.tick(now=MONDAY + 2 * HOUR)
    assert (Lead.objects.count(), Decision.objects.count()) == (1, 1)


def test_somebody_who_cannot_be_measured_stops_nobody_else(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    refresh, odd = score.refresh, "odd@odd.example"
    arrive(signals=[house.signal("page_viewed", odd, MONDAY, path="/")], now=MONDAY)
    pk = Measure.objects.get().person_id

    def fails(*, touched: Any, **rest: Any) -> Any:
        if pk in touched:
            raise ValueError("odd")
        return refresh(touched=touched, **rest)

    with monkeypatch.context() as patch:
        patch.setattr(score, "refresh", fails)
        odd_one = house.signal("page_viewed", odd, MONDAY, path="/")
        assert arrive(signals=[odd_one, *talk(house)], now=MONDAY + HOUR).leads == 1
    assert list(Touched.objects.values_list("person_id", flat=True)) == [pk]
    clock.tick(now=MONDAY + 2 * HOUR)
    assert not Touched.objects.exists()


def test_before_an_agreement_everybody_waits_and_then_is_measured(db: None) -> None:
    carole, marc = colleague("carole", "marketing", "marketing"), colleague("marc", "manager", "sales")
    source = source_named(name="Web site", kind="segment", now=MONDAY)
    house = House(carole, carole, carole, carole, carole, marc, None, source)  # type: ignore[arg-type]
    assert arrive(signals=talk(house), now=MONDAY + HOUR).leads == 0
    clock.tick(now=MONDAY + HOUR)
    assert (Touched.objects.count(), Measure.objects.count()) == (2, 0)
    sign_agreement((EXAMPLES / "complex-sale.yaml").read_text(), carole, marc, MONDAY + 2 * HOUR)
    clock.tick(now=MONDAY + 2 * HOUR)
    assert (Touched.objects.count(), Measure.objects.count(), Lead.objects.count()) == (0, 2, 1)


def test_a_new_agreement_measures_everybody_again_and_calls_nobody(house: House) -> None:
    arrive(signals=[*prices(house, CAMILLE, MONDAY), *prices(house, THEO, MONDAY)], now=MONDAY + HOUR)
    before = measures()
    text = (EXAMPLES / "complex-sale.yaml").read_text()
    every = ", ".join(f"{fit}{acted}" for fit in "ABCD" for acted in "123")
    easier = text.replace("alert: [A1, A2, B1]", f"alert: [{every}]").replace("Complex sale,", "Easier,")
    easier = easier.replace("organisation: {engagement: 20", "organisation: {engagement: 1")
    assert easier.count(every) == 1
    version = sign_agreement(easier, house.carole, house.marc, MONDAY + 2 * HOUR)
    assert clock.tick(now=MONDAY + 3 * HOUR).renewed == 2
    assert clock.tick(now=MONDAY + 3 * HOUR).renewed == 0
    assert set(Measure.objects.values_list("agreement", flat=True)) == {version.pk}
    assert [row[0] for row in measures()] == [row[0] for row in before]
    assert Lead.objects.count() == 0
    assert (Heat.objects.get().agreement, Heat.objects.get().engaged) == (version, 2)


def test_what_one_says_of_the_company_measures_the_colleagues_too(house: House) -> None:
    arrive(signals=talk(house), now=MONDAY + 2 * HOUR)
    before = dict(Measure.objects.values_list("person__email", "fit"))
    told = house.signal("page_viewed", INES, MONDAY + HOUR, path="/")
    told = replace(told, who=replace(told.who, traits={**told.who.traits, "employees": "400"}))
    arrive(signals=[told], now=MONDAY + 3 * HOUR)
    assert Touched.objects.count() == 2
    clock.tick(now=MONDAY + 3 * HOUR)
    after = dict(Measure.objects.values_list("person__email", "fit"))
    assert {who: after[who] > before[who] for who in before} == {CAMILLE: True, THEO: True}
    assert (Touched.objects.count(), Lead.objects.count()) == (0, 1)


def test_what_no_rule_reads_of_the_company_measures_no_colleague(house: House) -> None:
    arrive(signals=talk(house), now=MONDAY + 2 * HOUR)
    for at, traits in enumerate(({"city": "Lyon"}, {"organisation": "Atelier Nova", "registry_number": "B 1"})):
        told = house.signal("page_viewed", INES, MONDAY + HOUR + at * HOUR, path="/")
        told = replace(told, who=replace(told.who, traits={**told.who.traits, **traits}))
        arrive(signals=[told], now=MONDAY + 3 * HOUR)
        assert Touched.objects.count() == 0
    nova = Organisation.objects.get()
    assert (nova.name, nova.city, nova.registry_number) == ("Atelier Nova", "Lyon", "B 1")
    Measure.objects.all().delete()
    belonging.state(organisation=nova, said={"city": "Paris"}, by=house.alice, now=MONDAY + 4 * HOUR)
    assert not Measure.objects.exists()
    belonging.state(organisation=nova, said={"employees": "50"}, by=house.alice, now=MONDAY + 4 * HOUR)
    assert Measure.objects.count() == 3


def test_what_fades_cools_the_person_and_the_organisation(house: House) -> None:
    arrive(signals=[*prices(house, CAMILLE, MONDAY, 12), webinar(house, CAMILLE, MONDAY)], now=MONDAY + 2 * HOUR)
    first = Heat.objects.get()
    assert (first.temperature, first.engaged, first.roles["decides"]) == ("warm", 1, "missing")
    while next_change := Measure.objects.get().next_change_at:
        before = Measure.objects.get()
        assert clock.tick(now=next_change - timedelta(microseconds=1)).cooled == 0
        assert clock.tick(now=next_change).cooled == 1
        after = Measure.objects.get()
        fell = (before.grade, before.temperature, before.changes) != (after.grade, after.temperature, after.changes)
        assert fell or Heat.objects.get().engaged < 1
    assert (Heat.objects.get().temperature, Heat.objects.get().engaged) == ("cold", 0)
    assert Lead.objects.count() == 0


def test_points_are_measured_again_each_day(house: House) -> None:
    arrive(signals=talk(house), now=MONDAY + 2 * HOUR)
    before = {row.person_id: row.engagement for row in Measure.objects.all()}
    assert clock.fade(now=MONDAY + 20 * HOUR) is False
    assert {row.person_id: row.engagement for row in Measure.objects.all()} == before
    assert clock.fade(now=MONDAY + 3 * DAY) is False
    after = {row.person_id: (row.as_of, row.engagement) for row in Measure.objects.all()}
    assert all(at == MONDAY + 3 * DAY and points < before[person] for person, (at, points) in after.items())
    assert (Touched.objects.count(), Lead.objects.count(), Decision.objects.count()) == (0, 1, 1)


def test_a_signal_ahead_of_our_clock_waits_for_it(house: House) -> None:
    ahead = [house.quote_request(CAMILLE, MONDAY + HOUR), webinar(house, CAMILLE, MONDAY + HOUR)]
    assert arrive(signals=ahead, now=MONDAY).leads == 0
    assert Measure.objects.get().engagement == 0.0
    clock.tick(now=MONDAY + HOUR - timedelta(seconds=1))
    assert Lead.objects.count() == 0
    clock.tick(now=MONDAY + HOUR)
    assert (Lead.objects.count(), Touched.objects.count()) == (1, 0)
    assert Measure.objects.get().engagement > 0


def at_once(acts: Sequence[Callable[[], object]]) -> list[BaseException]:
    """Each in a thread of its own, from one start; what went wrong."""
    start, faults = threading.Barrier(len(acts)), list[BaseException]()

    def run(act: Callable[[], object]) -> None:
        try:
            start.wait()
            act()
        except BaseException as fault:  # the test names it
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return faults


@pytest.mark.parametrize("few", [0, 1000])
def test_two_workers_measure_each_person_once(
    transactional_db: None, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer")
    monkeypatch.setattr(queries, "FEW", few)
    house = open_house()
    arrive(signals=[house.signal("page_viewed", who, MONDAY, path="/") for who in (CAMILLE, THEO)], now=MONDAY)
    *pages, last = talk(house)
    for turn in range(5):
        now = MONDAY + HOUR + turn * timedelta(minutes=1)
        more = webinar(house, THEO, now)
        batches = [pages, [last, more], prices(house, INES, MONDAY + turn * HOUR / 9)]
        for fault in at_once([partial(arrive, signals=batch, now=now) for batch in batches]):
            raise fault
        clock.tick(now=now)
    assert Lead.objects.count() == 1
    assert not Touched.objects.exists()
    shown = [[(line["rule"], line["count"]) for line in row.lines] for row in Measure.objects.order_by("pk")]
    score.touch(dict.fromkeys(Measure.objects.values_list("person_id", flat=True)))
    clock.tick(now=now)
    again = [[(line["rule"], line["count"]) for line in row.lines] for row in Measure.objects.order_by("pk")]
    assert again == shown  # no worker has written what it had read too early

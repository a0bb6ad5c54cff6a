"""A draft over the life of the sample company, and of people whose outcomes are known one by one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.people import MONDAY, House
from vendange.agree.queries import terms_of
from vendange.agreement.terms import Agreement
from vendange.demo import company
from vendange.engine.history.building import build
from vendange.engine.past.periods import micros
from vendange.engine.past.replaying import Cancelled
from vendange.engine.shares import Share
from vendange.journey.arrive import arrive
from vendange.models import AgreementVersion, Deal, Lead, Review
from vendange.models.arrow import DatabaseSource
from vendange.simulate.queries import NothingToCompare, Simulation, outcomes, simulated

NOW = datetime(2026, 11, 20, 10, 40, tzinfo=UTC)
DAY = timedelta(days=1)


def compared(folder: Path, draft: Agreement, against: Agreement, now: datetime = NOW, **rest: object) -> Simulation:
    build(DatabaseSource(), folder)
    return simulated(draft, against, folder=folder, now=now, **rest)  # type: ignore[arg-type]


@pytest.fixture
def current(db: None) -> Agreement:
    """The sample company has lived, under this agreement."""
    company.build(people=100, months=4, seed=7, now=NOW, progress=lambda *_: None)
    return terms_of(AgreementVersion.objects.filter(status="signed").latest("number")).agreement


def test_the_sample_company_sees_what_a_draft_would_change(current: Agreement, tmp_path: Path) -> None:
    draft = replace(current, alert=current.alert | {"A3", "A4", "B2", "B3"}, acts=current.acts[1:])
    found = compared(tmp_path, draft, current)
    assert found.start_because == "history"
    assert found.now.alerts == found.same + len(found.gained) + sum(found.start <= one.at for one in found.moved)
    assert {one.way for one in found.gained} >= {"score"}
    assert {one.rule for one in found.lost} & {current.acts[0].id}
    assert sum(week.draft for week in found.weeks) == found.now.alerts
    assert sum(one.draft for one in found.lead_types) == sum(one.draft for one in found.ways) == found.now.alerts
    assert [one.own for one in found.points].count(True) == 1
    own = next(one for one in found.points if one.own)
    assert (own.judged, own.work) == (found.now, found.work_draft)
    assert [one.judged.alerts for one in found.points] == sorted(
        (one.judged.alerts for one in found.points), reverse=True
    )
    assert found.recommendation.because in {"few_outcomes", "short_period"}
    assert found.limits.people >= 90
    assert all(one.name and one.person for one in found.gained)


def test_the_same_agreement_gives_the_same_and_tells_how_far_it_is(house: House, tmp_path: Path) -> None:
    quotes(house, 3)
    current = terms_of(house.version).agreement
    told: list[str] = []
    found = compared(tmp_path, current, current, now=MONDAY + DAY, tell=lambda *one: told.append(one[0]))
    assert (found.gained, found.lost, found.moved) == ((), (), ())
    assert found.current == found.now
    assert {"The agreement in force", "The draft and its variants"} <= set(told)
    with pytest.raises(Cancelled):
        compared(tmp_path, current, current, now=MONDAY + DAY, cancelled=lambda: True)


def quotes(house: House, people: int) -> list[Lead]:
    """Each asks for a quote, a week after the other, the last on MONDAY."""
    for number in range(people):
        at = MONDAY - timedelta(days=7 * number)
        arrive(signals=[house.quote_request(f"p{number}@works{number}.example", at)], now=at)
    return list(Lead.objects.order_by("-raised_at"))


def sold(lead: Lead, days: int, *, imported: bool = False) -> None:
    """Passed after a day, a project after two, won after `days`."""
    Review.objects.filter(lead=lead).update(
        outcome="pass", decided_at=lead.raised_at + timedelta(days=1), imported=imported
    )
    Deal.objects.create(
        lead=lead,
        name="Machine",
        amount_cents=1,
        status="won",
        opened_at=lead.raised_at + timedelta(days=2),
        closed_at=lead.raised_at + timedelta(days=days),
        imported=imported,
    )


def test_what_was_recorded_is_counted_behind_the_alerts(house: House, tmp_path: Path) -> None:
    leads = quotes(house, 28)
    for lead in leads[18:]:
        sold(lead, 10)
    agreement = terms_of(house.version).agreement
    found = compared(tmp_path, agreement, agreement, now=MONDAY + DAY)
    assert found.days["won"] == 14
    assert found.now.followed["won"] == Share(10, 26)  # the two youngest had no two weeks yet
    assert found.now.caught["won"] == Share(10, 10)
    assert found.now.followed["opportunity"] == Share(10, 27)
    times = {one.outcome: one for one in found.lead_times}
    assert times["won"].draft is not None
    assert (times["won"].draft.median, times["won"].draft.count) == (10, 10)
    assert found.really_raised == 28


def test_of_imported_outcomes_only_the_win_has_a_date(house: House) -> None:
    for lead in quotes(house, 2):
        sold(lead, 10, imported=True)
    assert {one.kind for one in outcomes()} == {"won"}


def test_a_kind_that_came_late_moves_the_beginning(house: House, tmp_path: Path) -> None:
    quotes(house, 28)
    late = [MONDAY - timedelta(days=day) for day in range(0, 60, 3)]
    for at in late:
        arrive(signals=[house.signal("page_viewed", "p1@works1.example", at, path="/tarifs")], now=at)
    agreement = terms_of(house.version).agreement
    fewer = replace(agreement, engagement=tuple(one for one in agreement.engagement if one.id != "reads-prices"))
    found = compared(tmp_path, fewer, agreement, now=MONDAY + DAY)
    assert (found.start_because, found.start) == ("kind", late[-1])
    alike = compared(tmp_path, agreement, agreement, now=MONDAY + DAY)
    assert alike.start < found.start
    assert "page_viewed" in {one.kind for one in alike.limits.kinds if one.missed}


def test_what_came_in_late_calls_when_it_is_known(house: House, tmp_path: Path) -> None:
    quotes(house, 4)
    last = house.quote_request("late@works.example", MONDAY - timedelta(days=20))
    arrive(signals=[replace(last, received_at=MONDAY)], now=MONDAY)
    agreement = terms_of(house.version).agreement
    now = MONDAY - DAY
    found = compared(tmp_path, agreement, agreement, now=now)
    assert (found.now.alerts, found.limits.known_draft, found.limits.late) == (4, 3, 1)


def test_an_empty_period_cannot_be_compared(house: House, tmp_path: Path) -> None:
    quotes(house, 2)
    agreement = terms_of(house.version).agreement
    with pytest.raises(NothingToCompare, match="Choose other dates"):
        compared(tmp_path, agreement, agreement, now=NOW, start=NOW - timedelta(days=20))
    assert micros(NOW) > micros(MONDAY)

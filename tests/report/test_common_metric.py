"""The common metric: every step is the next one plus its detours, whatever became of the leads."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from tests.web.relay import DAY, Company, company
from vendange.agree.queries import in_force
from vendange.journey import deal, handover
from vendange.models import Assignment, Deal, Lead
from vendange.report.queries import common_metric, promises, signed, waterfall
from vendange.report.rules import Step, expected_by
from vendange.sell.actions import NotYours

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
YEAR = (NOW - 365 * DAY, NOW)


@pytest.fixture
def house(db: None) -> Company:
    return company(NOW)


def live(house: Company, draw: random.Random, at: datetime) -> Lead:
    """One lead that goes as far as chance takes it."""
    lead = house.raise_lead(at=at)
    first = draw.choice(["", "pass", "pass", "pass", "recycle", "eliminate"])
    if first == "recycle":
        house.judge(lead, at=at + HOUR, outcome="recycle", track="general", wake_at=NOW + 30 * DAY)
    if first == "eliminate":
        house.judge(lead, at=at + HOUR, outcome="eliminate", off_target="supplier")
    if first != "pass":
        return lead
    house.judge(lead, at=at + HOUR, to=house.hugo)
    stop = draw.randrange(9)
    if stop == 0:
        return lead
    if stop == 1:
        handover.decline(lead=lead, by=house.hugo, now=at + 2 * HOUR, why="Not mine")
        return lead
    if stop == 2:
        handover.give_back(lead=lead, by=house.hugo, now=at + 2 * HOUR, reason="immature")
        return lead
    handover.accept(lead=lead, by=house.hugo, now=at + 2 * HOUR)
    if stop == 3:
        return lead
    if stop == 4:
        handover.give_back(lead=lead, by=house.hugo, now=at + 3 * HOUR, reason="gone-cold")
        return lead
    late = draw.choice([3 * HOUR, 40 * HOUR])
    handover.log_call(lead=lead, by=house.hugo, now=at + late, result="reached")
    if stop == 5:
        handover.give_back(lead=lead, by=house.hugo, now=at + late + HOUR, reason="immature")
    if stop < 7:
        return lead
    deal.open_deal(lead=lead, by=house.hugo, now=at + late + HOUR, amount_cents=draw.randrange(10**7))
    ends = draw.randrange(4)
    if ends == 1:
        deal.win(lead=lead, by=house.hugo, now=at + 3 * DAY, amount_cents=draw.randrange(10**7))
    if ends == 2:
        deal.lose(lead=lead, by=house.hugo, now=at + 3 * DAY, why="Price")
    if ends == 3:
        handover.give_back(lead=lead, by=house.hugo, now=at + 3 * DAY, reason="immature")
    return lead


@pytest.mark.parametrize("seed", range(4))
def test_each_step_is_the_next_plus_its_detours(house: Company, seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(45):
        live(house, draw, NOW - draw.randrange(5, 300) * DAY)
    Assignment.objects.filter(pk__in=list(Assignment.objects.values_list("pk", flat=True)[:3])).update(imported=True)
    found = waterfall(*YEAR, now=NOW)
    assert found.raised == Lead.objects.count()
    for step, after in zip(found.steps, found.steps[1:], strict=False):
        assert step.count == after.count - after.joined + sum(one.count for one in step.detours), step.code


def test_the_steps_are_the_figures_of_the_metric(house: Company) -> None:
    draw = random.Random(9)
    for _ in range(40):
        live(house, draw, NOW - draw.randrange(5, 300) * DAY)
    metric = common_metric(*YEAR)
    for step in waterfall(*YEAR, now=NOW).steps:
        assert step.count == getattr(metric, step.code), step.code
    total = signed(*YEAR, known_by=NOW)
    assert (total.passed, total.sales, total.cents) == (metric.passed, metric.won, metric.won_cents)


def test_the_equation_holds_to_the_cent(house: Company) -> None:
    for cents in (1_000_001, 2_000_002):
        lead = house.called(at=NOW - 9 * DAY, to=house.hugo)
        deal.win(lead=lead, by=house.hugo, now=NOW - DAY, amount_cents=cents)
    house.passed(at=NOW - DAY, to=house.hugo)
    one = signed(*YEAR, known_by=NOW)
    assert one.passed * (one.sales / one.passed) * (one.each_cents or 0) == pytest.approx(3_000_003)
    assert one.cents == 3_000_003


def test_a_sale_of_unknown_amount_is_told_apart(house: Company) -> None:
    for amount in (500_000, 0):
        lead = house.called(at=NOW - 9 * DAY, to=house.hugo)
        deal.win(lead=lead, by=house.hugo, now=NOW - DAY, amount_cents=amount)
    Deal.objects.filter(amount_cents=0).update(amount_cents=None, imported=True)
    one = signed(*YEAR, known_by=NOW)
    assert (one.sales, one.cents, one.unknown) == (1, 500_000, 1)


def test_currencies_are_never_added_up(house: Company) -> None:
    for currency, cents in (("EUR", 100), ("EUR", 200), ("CHF", 5_000)):
        lead = house.called(at=NOW - 9 * DAY, to=house.hugo)
        deal.win(lead=lead, by=house.hugo, now=NOW - DAY, amount_cents=cents, currency=currency)
    one = signed(*YEAR, known_by=NOW)
    assert (one.currency, one.cents, one.others) == ("EUR", 300, (("CHF", 5_000, 1),))


def test_an_earlier_period_is_seen_at_the_same_age(house: Company) -> None:
    lead = house.called(at=NOW - 9 * DAY, to=house.hugo)
    deal.win(lead=lead, by=house.hugo, now=NOW - DAY, amount_cents=100)
    assert signed(*YEAR, known_by=NOW - 2 * DAY).sales == 0


def test_promises_kept_in_a_month(house: Company) -> None:
    """Judged in 20 minutes each; two accepted and called in time, one called 40 hours later; one report owed."""
    monday = datetime(2026, 11, 9, 9, tzinfo=UTC)
    first = house.called(at=monday, to=house.hugo)
    house.called(at=monday, to=house.hugo, after=40 * HOUR)
    house.passed(at=NOW - timedelta(minutes=30), to=house.hugo)
    handover.file_report(
        lead=first, by=house.hugo, now=monday + DAY, answers={"reached": "yes", "next": "visit"}, next_at=NOW + DAY
    )
    terms = in_force(NOW)
    start, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    delivered, kept = promises(terms.agreement, start=start, end=end, now=NOW)
    assert {one.code: (one.kept, one.due) for one in kept} == {
        "judge": (3, 3),
        "accept": (2, 2),
        "call": (1, 2),
        "report": (1, 2),
    }
    assert [one.at_least for one in delivered] == [20]


def test_what_was_refused_in_time_was_answered(house: Company) -> None:
    lead = house.passed(at=NOW - 2 * DAY, to=house.hugo)
    handover.decline(lead=lead, by=house.hugo, now=NOW - 2 * DAY + HOUR, why="Not mine")
    start, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    _, kept = promises(in_force(NOW).agreement, start=start, end=end, now=NOW)
    accept, call = kept[1], kept[2]
    assert (accept.kept, accept.due) == (1, 2)  # Hugo answered; Léa, who got it, has not
    assert (call.kept, call.due) == (0, 1)


def test_a_promise_of_volume_grows_with_the_open_hours(house: Company) -> None:
    calendar = in_force(NOW).agreement.calendar
    start, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    assert expected_by(start, start, end, 20, calendar) == 0
    assert expected_by(end, start, end, 20, calendar) == 20
    assert 13 <= expected_by(NOW, start, end, 20, calendar) <= 15


def test_a_small_base_says_so() -> None:
    assert Step("passed", 5, 29, 0, ()).few
    assert not Step("passed", 5, 30, 0, ()).few


def test_somebody_else_cannot_move_the_figures(house: Company) -> None:
    lead = house.called(at=NOW - 9 * DAY, to=house.hugo)
    with pytest.raises(NotYours):
        deal.win(lead=lead, by=house.lea, now=NOW, amount_cents=1)

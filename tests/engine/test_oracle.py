"""The kernel and the slow, obvious version agree: same alerts, same reasons, same grades; interpreted or compiled."""

from collections.abc import Sequence

from hypothesis import event, given, settings

from tests.engine.drawn import Moment, agreements, histories, moments, organisations, profiles
from vendange.agreement.terms import Agreement
from vendange.engine import oracle
from vendange.engine.crowd import Someone, crowd_of_rows
from vendange.engine.kernel.company import acts_of, hits_of
from vendange.engine.measure import measure, measure_all
from vendange.engine.oracle import Call, Member
from vendange.engine.plan import made
from vendange.engine.replay import replay_all
from vendange.engine.rows import Alert, Measure, SignalRow

THOROUGH = bool(settings.default and settings.default.max_examples >= 1000)
EXAMPLES = 2000 if THOROUGH else 100
COMPILED = 2000 if THOROUGH else 30
MINUTE = 60_000_000
COMPANY = 7


def calls_of_engine(agreement: Agreement, people: list[Member], *, compiled: bool) -> list[Call]:
    plan = made(agreement)
    crowd = crowd_of_rows(plan, [Someone(one.person, COMPANY, one.profile, one.signals) for one in people])
    hits = hits_of(plan, acts_of(plan, crowd), compiled=compiled)
    alerts = list(replay_all(plan, crowd, hits=hits, compiled=compiled))
    assert all(adds_up(alert) for _, alert in alerts)
    return [
        Call(person, one.at, one.way, one.rule, one.lead_type, one.grade, frozenset(one.signal_ids))
        for person, one in alerts
    ]


def adds_up(alert: Alert) -> bool:
    steps = [round(line.points * 1_000_000) for line in alert.lines if line.side == "engagement"]
    return sum(steps) == round(alert.engagement * 1_000_000)


def in_order(calls: list[Call]) -> list[Call]:
    return sorted(calls, key=lambda one: (one.person, one.at))


@settings(max_examples=EXAMPLES, deadline=None)
@given(agreements(), organisations())
def test_both_call_a_human_at_the_same_moments_for_the_same_reasons(agreement: Agreement, people: list[Member]) -> None:
    expected = in_order(oracle.calls(agreement, people))
    assert calls_of_engine(agreement, people, compiled=False) == expected
    for call in expected:
        event(f"alert by {call.way}")


@settings(max_examples=COMPILED, deadline=None)
@given(agreements(), organisations(), moments())
def test_the_compiled_kernel_gives_the_same_numbers(agreement: Agreement, people: list[Member], when: Moment) -> None:
    as_of = when.among([signal for one in people for signal in one.signals])
    interpreted = calls_of_engine(agreement, people, compiled=False)
    assert calls_of_engine(agreement, people, compiled=True) == interpreted
    plan = made(agreement)
    crowd = crowd_of_rows(plan, [Someone(one.person, None, one.profile, one.signals) for one in people])
    assert list(measure_all(plan, crowd, as_of, compiled=True)) == list(measure_all(plan, crowd, as_of, compiled=False))


@settings(max_examples=EXAMPLES, deadline=None)
@given(agreements(), profiles(), histories(), moments())
def test_both_measure_alike_at_any_moment(
    agreement: Agreement, profile: dict[str, object], signals: list[SignalRow], when: Moment
) -> None:
    as_of = when.among(signals)
    found = measure(agreement, profile, signals, as_of)
    expected = oracle.stand(agreement, profile, signals, as_of)
    assert (found.fit, found.grade, found.temperature) == (expected.fit, expected.grade, expected.temperature)
    assert (found.set_aside, frozenset(found.changes)) == (expected.set_aside, expected.changes)
    assert alike(found.engagement, expected.engagement)
    assert {name: cell for name, (_, cell) in found.dimensions.items()} == expected.cells
    assert all(alike(points, expected.dimensions[name]) for name, (points, _) in found.dimensions.items())
    assert found.interests.keys() == expected.interests.keys()
    assert all(alike(points, expected.interests[name]) for name, points in found.interests.items())
    rules = {line.rule: line.points for line in found.lines if line.side == "engagement" and "limit" not in line.rule}
    assert rules.keys() == expected.points.keys()
    assert all(abs(rules[rule] - expected.points[rule]) < 1e-5 for rule in rules)
    if found.changes:
        event("a change holds")


def alike(one: float, other: float) -> bool:
    return abs(one - other) < 2e-6


@settings(max_examples=EXAMPLES, deadline=None)
@given(agreements(), profiles(), histories(), moments())
def test_lines_add_up_and_the_next_change_is_when_it_is_said(
    agreement: Agreement, profile: dict[str, object], signals: list[SignalRow], when: Moment
) -> None:
    as_of = when.among(signals)
    past = [signal for signal in signals if signal.at <= as_of]
    found = measure(agreement, profile, signals, as_of)
    for side, shown in (("fit", found.fit), ("engagement", found.engagement)):
        steps = [round(line.points * 1_000_000) for line in found.lines if line.side == side]
        assert sum(steps) == round(shown * 1_000_000)
        assert 0 <= shown <= 100

    def shown_at(at: int) -> tuple[object, ...]:
        return shown_of(agreement, measure(agreement, profile, past, at), found.changes)

    change = found.next_change_at
    if change is None:
        assert shown_at(as_of + 100_000 * 86_400_000_000) == shown_at(as_of)
        return
    event("changes later")
    assert change > as_of
    assert shown_at(change - 1) == shown_at(as_of) != shown_at(change)
    before = oracle.stand(agreement, profile, past, max(as_of, change - MINUTE))
    assert (before.grade, before.temperature) == (found.grade, found.temperature)
    assert before.changes >= frozenset(found.changes)


def shown_of(agreement: Agreement, found: Measure, topics: Sequence[str]) -> tuple[object, ...]:
    """What may fall by time alone. Bursts of other topics may begin to hold by it: older acts leave the window."""
    counts = not found.set_aside and agreement.heat is not None and found.engagement >= agreement.heat.engagement
    return found.grade, found.temperature, set(found.changes) & set(topics), counts

"""The kernel and the slow, obvious version agree: same alerts, same reasons, same grades."""

from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.engine.drawn import START, agreements, histories, profiles
from vendange.agreement.terms import Agreement
from vendange.engine import oracle
from vendange.engine.kernel import replay
from vendange.engine.measure import measure
from vendange.engine.rows import DAY, SignalRow

EXAMPLES = 2000 if settings.default and settings.default.max_examples >= 1000 else 150
MINUTE = 60_000_000


@settings(max_examples=EXAMPLES, deadline=None)
@given(agreements(), profiles(), histories())
def test_both_call_a_human_at_the_same_moments_for_the_same_reasons(
    agreement: Agreement, profile: dict[str, object], signals: list[SignalRow]
) -> None:
    found = replay(agreement, profile, signals)
    expected = oracle.calls(agreement, profile, signals)
    assert [
        oracle.Call(alert.at, alert.way, alert.rule, alert.lead_type, alert.grade, frozenset(alert.signal_ids))
        for alert in found
    ] == expected
    for alert in found:
        event(f"alert by {alert.way}")
        past = measure(agreement, profile, signals, alert.at)
        assert (alert.fit, alert.engagement, alert.grade, alert.lines) == (
            past.fit,
            past.engagement,
            past.grade,
            past.lines,
        )


@settings(max_examples=EXAMPLES, deadline=None)
@given(agreements(), profiles(), histories(), st.integers(-DAY, 1200 * DAY))
def test_both_measure_alike_at_any_moment(
    agreement: Agreement, profile: dict[str, object], signals: list[SignalRow], later: int
) -> None:
    as_of = START + later
    found = measure(agreement, profile, signals, as_of)
    expected = oracle.stand(agreement, profile, signals, as_of)
    assert found.fit == expected.fit
    assert abs(found.engagement - expected.engagement) < 2e-6
    assert (found.grade, found.temperature, found.set_aside) == (
        expected.grade,
        expected.temperature,
        expected.set_aside,
    )
    points = {line.rule: line.points for line in found.lines if line.side == "engagement" and line.rule != "limit"}
    assert points.keys() == expected.points.keys()
    assert all(abs(points[rule] - expected.points[rule]) < 1e-5 for rule in points)


@settings(max_examples=EXAMPLES, deadline=None)
@given(agreements(), profiles(), histories(), st.integers(0, 400 * DAY))
def test_lines_add_up_and_the_next_fall_is_when_it_is_said(
    agreement: Agreement, profile: dict[str, object], signals: list[SignalRow], later: int
) -> None:
    as_of = START + later
    past = [signal for signal in signals if signal.at <= as_of]
    found = measure(agreement, profile, signals, as_of)
    for side, shown in (("fit", found.fit), ("engagement", found.engagement)):
        steps = [round(line.points * 1_000_000) for line in found.lines if line.side == side]
        assert sum(steps) == round(shown * 1_000_000)
        assert 0 <= shown <= 100
    now = (found.grade, found.temperature)
    fall = found.next_change_at
    if fall is None:
        after = oracle.stand(agreement, profile, past, as_of + 100_000 * DAY)
        assert (after.grade, after.temperature) == now
        return
    event("falls later")
    assert fall > as_of
    before = oracle.stand(agreement, profile, past, max(as_of, fall - MINUTE))
    after = oracle.stand(agreement, profile, past, fall + MINUTE)
    assert (before.grade, before.temperature) == now
    assert (after.grade, after.temperature) != now

"""What a measure shows, and that it is quick."""

from dataclasses import replace
from pathlib import Path

from vendange.agreement.language import load
from vendange.engine.lines import balanced
from vendange.engine.measure import measure
from vendange.engine.plan import plan_of
from vendange.engine.replay import replay
from vendange.engine.rows import DAY, LIMIT, Line, SignalRow

AGREEMENT = load((Path(__file__).parents[2] / "examples" / "agreements" / "complex-sale.yaml").read_bytes())
SMALL = load((Path(__file__).parents[2] / "examples" / "agreements" / "small-team.yaml").read_bytes())
DIRECTOR = {"person.level": "director", "organisation.employees": 200, "person.country": "FR"}
START = 20_000 * DAY


def visits(count: int, path: str = "/tarifs") -> list[SignalRow]:
    return [SignalRow(number, START + number, "page_viewed", path=path) for number in range(count)]


def test_the_analyst_who_reads_everything_is_held_by_the_cap() -> None:
    signals = visits(200)
    found = measure(AGREEMENT, DIRECTOR, signals, START + 200)
    (line,) = [line for line in found.lines if line.side == "engagement"]
    assert (line.rule, line.points, line.given, line.count, line.capped) == ("reads-prices", 24, 24, 200, True)
    assert line.signal_ids == tuple(range(199, 179, -1))
    assert line.last_at == START + 199
    assert replay(AGREEMENT, DIRECTOR, signals) == []


def test_fit_lines_are_limited_to_100() -> None:
    everything = {**DIRECTOR, "organisation.industry": "C25", "organisation.tier": "core"}
    agreement = replace(AGREEMENT, sha="more", fit=(*AGREEMENT.fit, replace(AGREEMENT.fit[0], id="twice")))
    found = measure(agreement, everything, [], START)
    assert found.fit == 100
    assert [line.points for line in found.lines if line.rule == LIMIT] == [-30]


def test_fit_is_not_below_0() -> None:
    found = measure(AGREEMENT, {"organisation.employees": 3}, [], START)
    assert (found.fit, found.grade) == (0, "D4")
    assert [(line.rule, line.points) for line in found.lines] == [("very-small", -20), (LIMIT, 20)]


def test_an_alert_names_its_evidence() -> None:
    signals = [*visits(3), SignalRow(7, START + DAY, "quote_requested"), SignalRow(8, START + DAY, "email_clicked")]
    (alert,) = replay(AGREEMENT, {}, signals)
    assert (alert.way, alert.rule, alert.lead_type, alert.signal_ids) == ("act", "quote", "quote", (7,))
    assert {line.rule for line in alert.lines} == {"reads-prices", "clicks-mail"}


def test_a_silent_act_still_lets_the_score_call() -> None:
    agreement = replace(AGREEMENT, sha="brief rest", cool_down_days=0.25, alert=frozenset({"D4"}))
    signals = [SignalRow(1, START, "quote_requested"), SignalRow(2, START + DAY // 2, "quote_requested")]
    assert [(alert.way, alert.at) for alert in replay(agreement, {}, signals)] == [
        ("act", START),
        ("score", START + DAY // 2),
    ]


def test_what_rounding_leaves_over_is_given_to_the_largest_uncapped_line() -> None:
    def line(rule: str, points: float, capped: bool = False) -> Line:
        return Line("engagement", rule, points, points, 1, START, 20.0, capped, (1,))

    lines = [line("a", 1 / 3), line("b", 1 / 3), line("c", 4 / 3), line("d", 9.0, capped=True)]
    shown = balanced("engagement", lines, 11_000_000)
    assert [one.points for one in shown] == [0.333333, 0.333333, 1.333334, 9]


def test_a_team_without_score_is_called_by_acts_alone() -> None:
    (alert,) = replay(SMALL, {}, [*visits(50), SignalRow(90, START + DAY, "call_received")])
    assert (alert.rule, alert.grade) == ("call", "D4")
    found = measure(SMALL, {}, visits(50), START + DAY)
    assert (found.grade, found.temperature, found.next_change_at, found.lines) == ("D4", "cold", None, ())


def test_a_plan_is_made_once_and_never_mistaken_for_another() -> None:
    again = load((Path(__file__).parents[2] / "examples" / "agreements" / "complex-sale.yaml").read_bytes())
    assert plan_of(AGREEMENT) is plan_of(again)
    assert plan_of(replace(AGREEMENT, alert=frozenset({"A1"}))) is not plan_of(AGREEMENT)

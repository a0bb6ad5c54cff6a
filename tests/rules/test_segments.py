"""Conditions of a segment: what they say, what is wrong with them, and whom they fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendange.agreement.problems import NotAnAgreement
from vendange.agreement.segments import CELLS, Did, Selection, selection_of, written
from vendange.segment.rules import MICROSECONDS, Act, Known, fits, has_said

NOW = 20_000 * MICROSECONDS
TEXTS = (
    "who: {person.country: [FR, BE], organisation.employees: {at_least: 50}}",
    "who: {any: [{person.level: director}, {none: [{person.country: FR}]}]}",
    "who: {all: [{organisation.employees: {at_least: 10}}, {organisation.employees: {at_most: 99}}]}",
    "who: {person.job_title: {contains: 'chef: d’atelier'}, person.known_since: {after: 2026-01-31}}",
    "who: {person.source: 'no', person.language: {exists: false}}",
    "did: [{on: page_viewed, where: {path: {starts_with: /tarifs}, value: {between: [1, 2.5]}}, within: 6 hours}]",
    "did: {on: [quote_requested, demo_requested], times: 3}\ndid_not: {on: page_viewed, within: 30 days}",
    "stands: {relationship: [suspect, customer], temperature: hot, cell_at_least: B2, stage: recycled, tier: core}",
    "stands: {held_by: [bob, alice]}\nconsents: {email: given, phone: not_refused, sms: refused}",
)


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_written_down_again_reads_the_same(text: str) -> None:
    assert selection_of(written(selection_of(text))) == selection_of(text)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("", 1, "asks nothing"),
        ("{}", 1, "asks nothing"),
        ("who: {}", 1, "asks nothing"),
        ("who:\n  person.contry: FR", 2, "no field person.contry"),
        ("who: {person.country: France}", 1, "not a country code"),
        ("did: [{within: 3 days}]", 1, "on is missing"),
        ("did: {on: quote_requestd}", 1, "not a known kind"),
        ("did: {on: page_viewed, within: 3 moons}", 1, "not a duration"),
        ("did: {on: page_viewed, within: 2 working days}", 1, "Working time"),
        ("did: {on: page_viewed, times: 0}", 1, "too small"),
        ("stands: {stage: won}", 1, "won is not known"),
        ("stands: {}", 1, "asks nothing"),
        ("stands: {cell_at_least: E5}", 1, "not known"),
        ("stands: {held_by: [nobody, bob]}", 1, "stand alone"),
        ("consents: {post: given}", 1, "no field post"),
        ("consents: {}", 1, "asks nothing"),
        ("- page_viewed", 1, "table of fields"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(NotAnAgreement) as refused:
        selection_of(text)
    assert any(one.line == line and what in one.what for one in refused.value.problems), refused.value


def known(*days: float, kind: str = "page_viewed") -> Known:
    return Known(acts=[Act(kind, NOW - round(day * MICROSECONDS), {}) for day in days])


@given(st.lists(st.floats(-3, 9), max_size=6), st.integers(1, 4), st.sampled_from([1.0, 3.0, None]))
def test_an_act_counts_from_its_moment_until_it_is_too_old(ages: list[float], times: int, within: float | None) -> None:
    did = Did(("page_viewed",), within_days=within, times=times)
    moments = [NOW - round(age * MICROSECONDS) for age in ages]
    since = NOW - round(within * MICROSECONDS) if within else min(moments, default=0) - 1
    counted = sum(since < at <= NOW for at in moments)
    assert fits(Selection(did=(did,)), known(*ages), NOW) == (counted >= times)
    assert fits(Selection(did_not=(did,)), known(*ages), NOW) == (counted < times)


@pytest.mark.parametrize("least", CELLS)
def test_a_cell_at_least_so_good_in_both(least: str) -> None:
    for grade in CELLS:
        better = grade[0] <= least[0] and grade[1] <= least[1]
        assert fits(Selection(cell=least), Known(grade=grade), NOW) == better
    assert not fits(Selection(cell=least), Known(), NOW)  # who was never measured has no cell


def test_who_holds_a_lead_of_theirs() -> None:
    held = Known(owners={"bob"})
    assert fits(Selection(held=("somebody",)), held, NOW)
    assert fits(Selection(held=("alice", "bob")), held, NOW)
    assert not fits(Selection(held=("alice",)), held, NOW)
    assert not fits(Selection(held=("nobody",)), held, NOW)
    assert fits(Selection(held=("nobody",)), Known(), NOW)


@pytest.mark.parametrize("state", ["refused", "withdrawn"])
def test_who_refused_everything_refused_this_too(state: str) -> None:
    said = {"email": "given", "all": state}
    assert has_said(said, "email") == "refused"
    assert not fits(Selection(consents=(("email", "given"),)), Known(said=said), NOW)
    assert not fits(Selection(consents=(("phone", "not_refused"),)), Known(said=said), NOW)
    assert fits(Selection(consents=(("sms", "refused"),)), Known(said=said), NOW)

"""What changes between two agreements is said in words, also in what makes a lead mature."""

import pytest

from tests.rules.mistakes import COMPLETE, HEAD
from vendange.agreement.language import load
from vendange.cli.agreement_diff import differences

CHANGES = [
    ("declared: 0.5", "verified: 0.5", "weights", "declared: 0.5 → 1"),
    ("cap: 30, per", "cap: 31, per", "groups", "Content (content), cap: 30 → 31"),
    ("  per_day: 40", "  per_day: 41", "engagement_per_day", "40 → 41"),
    ("alert: [A1, B1]", "alert: [A1]", "dimensions", "Presses (presses), alert: A1, B1 → A1"),
    ("times: 2.5", "times: 3", "interests", "change, times: 2.5 → 3"),
    ("people: 3", "people: 2", "patterns", "Compares (compares), people: 3 → 2"),
    (
        "at_least: 3}",
        "at_least: 4}",
        "patterns",
        "→ at least 4 of page_viewed, path starts with /tarifs; at least 1 of event_registered or webinar_attended",
    ),
    ("roles: [decides, uses]", "roles: [decides]", "heat", "roles: uses, decides → decides"),
    ("margin: 5", "margin: 0", "temperature", "margin: 5 → 0"),
    ("minutes_per_lead: 12", "minutes_per_lead: 9", "desk", "minutes per lead: 12 → 9"),
    ("[phone, email]", "[phone]", "pressure", "Mail (mail), channels: email, phone → phone"),
    ("180.00", "190", "prices", "levels, High (high), amount: 180.00 → 190.00"),
]


@pytest.mark.parametrize(("before", "after", "section", "told"), CHANGES)
def test_a_change_is_told_in_its_section(before: str, after: str, section: str, told: str) -> None:
    found = dict(differences(load(COMPLETE), load(COMPLETE.replace(before, after, 1))))
    assert list(found) == [section]
    assert any(told in change for change in found[section]), found


def test_whole_sections_come_in_words() -> None:
    found = dict(differences(load(HEAD), load(COMPLETE)))
    assert found["heat"] == ["none → warm with 1, hot with 3 people of 20 points, roles: uses, decides"]
    assert found["prices"] == ["none → High (high) 180.00, Other (other) 0.50 EUR"]
    assert found["patterns"] == ["Compares (compares) is new"]
    assert "4 in 14 days, 2.5 times the pace of the 180 days before, calls a human: project" in found["interests"][0]


def test_the_same_agreement_otherwise_written_has_no_difference() -> None:
    terms = [
        "      - {on: page_viewed, where: {path: {starts_with: /tarifs}}, at_least: 3}\n",
        "      - {on: [webinar_attended, event_registered]}\n",
    ]
    turned = COMPLETE.replace("".join(terms), "".join(reversed(terms)))
    assert turned != COMPLETE
    assert differences(load(COMPLETE), load(turned)) == []

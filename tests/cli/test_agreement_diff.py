"""What changes between two agreements is said in words, also in what makes a lead mature."""

from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import pytest
from django.utils.translation import override

from tests.rules.mistakes import COMPLETE, HEAD
from vendange.agreement.differences import differences
from vendange.agreement.language import load
from vendange.agreement.terms import Agreement
from vendange.web.agreement.comparing import FIELDS, SECTIONS, comparison

CHANGES = [
    ("declared: 0.5", "verified: 0.5", "So that volume alone calls nobody", "Declared: 50\xa0% → 100\xa0%"),
    ("cap: 30, per", "cap: 31, per", "So that volume alone calls nobody", "Content, points at most: 30 → 31"),
    ("  per_day: 40", "  per_day: 41", "What they do: engagement", "in a day, all rules together: 40 → 41"),
    (
        "alert: [A1, B1]",
        "alert: [A1]",
        "Engagement by product or topic",
        "Presses, cells that call a human: A1, B1 → A1",
    ),
    ("times: 2.5", "times: 3", "What they like to read about", "3 times the pace of the 180 days before"),
    ("people: 3", "people: 2", "Acts close together", "Compares, people at least: 3 → 2"),
    ("at_least: 3}", "at_least: 4}", "Acts close together", "→ 4 × Viewed a page (page begins with /tarifs) + "),
    (
        "roles: [decides, uses]",
        "roles: [decides]",
        "Where the whole organisation stands",
        "Parts that we want to know: Uses, Decides → Decides",
    ),
    ("margin: 5", "margin: 0", "Hot and warm", "Stays so until so many points below: 5 → 0"),
    ("minutes_per_lead: 12", "minutes_per_lead: 9", "What the lead desk checks", "Minutes to judge one: 12 → 9"),
    ("[phone, email]", "[phone]", "How often one person may be contacted", "Mail, channels: E-mail, Phone → Phone"),
    ("180.00", "190", "What a lead costs", "High, amount: €\xa0180 → €\xa0190"),
]


@pytest.mark.parametrize(("before", "after", "section", "told"), CHANGES)
def test_a_change_is_told_in_its_section(before: str, after: str, section: str, told: str) -> None:
    with override("en"):
        found = comparison(load(COMPLETE), load(COMPLETE.replace(before, after, 1)))
    assert [one.title for one in found if not one.title.startswith(section)] == []
    assert any(told in change.sentence for one in found for change in one.changes), found


def test_whole_sections_come_in_words() -> None:
    with override("en"):
        found = {
            one.title: [change.sentence for change in one.changes] for one in comparison(load(HEAD), load(COMPLETE))
        }
    assert found["Where the whole organisation stands"] == [
        "none → Warm from 1 person on · Hot from 3 people on · Parts that we want to know Uses, Decides"
    ]
    assert found["What a lead costs"] == ["none → High €\xa0180, Other €\xa00.50"]
    assert found["Acts close together"][0].startswith("New: Compares (counted for people of one organisation · within")


def test_the_same_agreement_otherwise_written_has_no_difference() -> None:
    terms = [
        "      - {on: page_viewed, where: {path: {starts_with: /tarifs}}, at_least: 3}\n",
        "      - {on: [webinar_attended, event_registered]}\n",
    ]
    turned = COMPLETE.replace("".join(terms), "".join(reversed(terms)))
    assert turned != COMPLETE
    assert differences(load(COMPLETE), load(turned)) == []


WHOLE = {"Span", "Label", "Leaf", "Group", "Change", "Term", "Hours"}  # told as one value


def names_below(form: Any) -> set[str]:
    """Fields of a form and of all forms inside, down to what is told as one value."""
    if not (is_dataclass(form) and isinstance(form, type)):
        return {name for part in get_args(form) for name in names_below(part)}
    if form.__name__ in WHOLE:
        return set()
    hints, own = get_type_hints(form), {one.name for one in fields(form) if one.name != "id"}
    return own | {name for one in own for name in names_below(hints[one])}


def test_each_value_of_an_agreement_has_a_word() -> None:
    assert sorted(names_below(Agreement) - FIELDS.keys() - SECTIONS.keys() - {"sha"}) == []
    assert {one.name for one in fields(Agreement)} - SECTIONS.keys() == {"sha"}


def test_french_says_it_in_french() -> None:
    with override("fr"):
        found = comparison(load(COMPLETE), load(COMPLETE.replace("people: 3", "people: 2")))
        told = [change.sentence for one in found for change in one.changes]
    assert told == ["Compares, personnes au moins\xa0: 3 → 2"]

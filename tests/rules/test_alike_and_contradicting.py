"""Two names alike in one list, a name without end, delays that contradict each other: new texts only are refused."""

import pytest

from vendange.agreement.contradictions import is_before
from vendange.agreement.language import NotAnAgreement, load, load_kept
from vendange.agreement.promises import OFFICE_HOURS
from vendange.agreement.terms import Span

HEAD = "agreement: A\n"
ACTS = "acts: [{id: quote, on: quote_requested}]\n"


def wrong(text: str) -> list[tuple[int, str]]:
    with pytest.raises(NotAnAgreement) as refused:
        load(text)
    assert load_kept(text).name  # what was kept before still loads
    return [(one.line, one.what) for one in refused.value.problems]


ALIKE = [
    "lead_types: [{id: a, label: Same},\n {id: b, label: same}]",
    "lead_types: [{id: a, label: {en: One, fr: Même}},\n {id: b, label: {en: Two, fr: ' MÊME'}}]",
    "returns: [{id: a, label: Same, effect: keep},\n {id: b, label: SAME, effect: keep}]",
    "desk: {criteria: [{id: a, label: Same},\n {id: b, label: Same}]}",
    "fit: [{id: a, label: Same, where: {person.level: manager}, points: 1},\n"
    " {id: b, label: Same, where: {person.country: FR}, points: 1}]",
]


@pytest.mark.parametrize("section", ALIKE)
def test_two_alike_in_one_list_are_refused_at_the_second(section: str) -> None:
    [(line, what)] = wrong(f"{HEAD}{ACTS}{section}\n")
    assert line == 4 and "has the same label" in what


def test_alike_in_different_languages_or_lists_is_no_matter() -> None:
    lists = "lead_types: [{id: a, label: {en: A, fr: B}}, {id: b, label: {en: B, fr: A}}]\n"
    found = load(f"{HEAD}{ACTS}{lists}returns: [{{id: a, label: A, effect: keep}}]\n")
    assert [one.id for one in found.lead_types] == ["a", "b"]


def test_a_name_has_80_characters() -> None:
    assert load(f"agreement: {'x' * 80}\n{ACTS}").name == "x" * 80
    assert wrong(f"agreement: {'x' * 81}\n{ACTS}") == [(1, "This name is too long.")]


@pytest.mark.parametrize(
    ("delays", "line"),
    [
        ("{call: 24 hours,\n reassign: 2 hours}", 4),
        ("{call: 5 working days}", 3),
        ("{accept: 3 days,\n reassign: 2 days}", 4),
        ("{call: 24 hours,\n reassign: 2 working hours}", 4),
    ],
)
def test_a_colleague_never_gets_it_before_the_time_is_over(delays: str, line: int) -> None:
    found = wrong(f"{HEAD}{ACTS}delays: {delays}\n")
    assert {one for one, _ in found} == {line}
    assert all("A colleague gets the lead before" in what for _, what in found)


@pytest.mark.parametrize(
    ("reassign", "promise", "before"),
    [
        (Span(2, "hours"), Span(24, "hours"), True),
        (Span(24, "hours"), Span(24, "hours"), False),
        (Span(90, "minutes"), Span(2, "hours"), True),
        (Span(1, "days"), Span(24, "hours"), False),
        (Span(1, "working_days"), Span(9, "working_hours"), False),
        (Span(24, "hours"), Span(1, "working_days"), False),  # but on a Friday
        (Span(2, "working_hours"), Span(24, "hours"), True),
        (Span(5, "days"), Span(5, "working_days"), True),
        (Span(3, "hours"), Span(4, "working_hours"), True),
    ],
)
def test_what_is_surely_before(reassign: Span, promise: Span, before: bool) -> None:
    assert is_before(reassign, promise, OFFICE_HOURS) is before

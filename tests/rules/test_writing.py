"""Edits of a written agreement: what was asked is said, and every other character stays as it was."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.people import EXAMPLES
from vendange.agreement.language import load
from vendange.agreement.positions import Part, find, joined, parts, steps
from vendange.agreement.problems import NotAnAgreement
from vendange.agreement.writing import CannotWrite, Value, add_item, flow, plain_of, remove, rename, set_value
from vendange.agreement.written import change, read

NAMES = ["complex-sale.yaml", "dealer-network.yaml", "inbound-leads.yaml", "small-team.yaml"]
TEXTS = [(EXAMPLES / name).read_text() for name in NAMES]
COMPLEX, SMALL = TEXTS[0], TEXTS[3]
SHORT = COMPLEX[
    : COMPLEX.index("    - id: reads-financing")
]  # what is read in a moment: examples are tried by the dozen
ODD = """# first
agreement: 'It''s ours'   # the name
lead_types: [ {id: "a", label: "A: one"}, # in brackets
              {id: b} ]
acts:
- id: ask
  on: [quote_requested,
       demo_requested]
  label: >-
    folded
    text

# after a folded text
- {id: call, on: call_received,} # a comma too many
alert: []
"""
FEW = settings(max_examples=25)
ONE_LINE = re.compile(r"[ \t\r\n\f\v]+")


def texts_in(part: Part, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str, Part]]:
    """Every plain value with its path."""
    if part.kind == "text":
        yield joined(path), part
    for number, item in enumerate(part.items, 1):
        yield from texts_in(item, (*path, number))
    for name, (_name, value) in part.fields.items():
        if "." not in name:
            yield from texts_in(value, (*path, name))


PLACES = [(text, path) for text in (SMALL, SHORT, ODD) for path, _part in texts_in(parts(text))]
LISTS = [(text, path.rsplit("[", 1)[0]) for text, path in PLACES if path.endswith("].id")]
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


@pytest.mark.parametrize("text", TEXTS, ids=NAMES)
def test_every_part_stands_where_it_says(text: str) -> None:
    for path, part in texts_in(parts(text)):
        written = text[part.start : part.end]
        assert written.strip("\"'").replace('\\"', '"') == part.text, path
        assert text.count("\n", 0, part.start) + 1 == part.line


@pytest.mark.parametrize("text", TEXTS, ids=NAMES)
def test_every_example_can_be_edited_anywhere(text: str) -> None:
    for path, part in list(texts_in(parts(text)))[:: len(text) // 800 + 3]:
        new = set_value(text, path, "Another: one")
        assert new == text[: part.start] + '"Another: one"' + text[part.end :] or part.style == "'"
        assert read(new).value(path) == "Another: one"


@FEW
@given(st.sampled_from(PLACES), WORDS)
def test_a_value_is_replaced_and_nothing_else(place: tuple[str, str], value: str) -> None:
    text, path = place
    before = find(parts(text), steps(path))
    new = set_value(text, path, value)
    after = find(parts(new), steps(path))
    assert before and after and after.text == ONE_LINE.sub(" ", value).strip(" ")
    assert new[: after.start] == text[: before.start] and new[after.end :] == text[before.end :]


@FEW
@given(st.sampled_from(PLACES), st.decimals(-1000, 1000, places=3))
def test_a_number_is_written_as_one(place: tuple[str, str], number: object) -> None:
    text, path = place
    after = find(parts(set_value(text, path, float(str(number)))), steps(path))
    assert after and after.style is None and float(after.text) == float(str(number))


@FEW
@given(st.sampled_from(LISTS), WORDS, st.booleans())
def test_an_item_added_is_read_back_and_taken_away_again(place: tuple[str, str], word: str, nested: bool) -> None:
    text, path = place
    name = "brand-new" if nested else word
    item: Value = {"id": name, "label": {"en": word, "fr": "x"}} if nested else {"id": name}
    longer = add_item(text, path, item)
    count = len(list(read(text).each(path)))
    added = f"{path}[{count + 1}]"
    assert plain_of(parts(longer)) != plain_of(parts(text))
    assert read(longer).value(f"{added}.id") == ONE_LINE.sub(" ", name).strip(" ")
    assert remove(longer, added) == text


@FEW
@given(st.sampled_from(LISTS))
def test_what_is_removed_is_gone_and_the_rest_says_the_same(place: tuple[str, str]) -> None:
    text, path = place
    part = find(parts(text), steps(path))
    assert part is not None
    said = [plain_of(one) for one in part.items]
    for number in range(1, len(said) + 1):
        shorter = find(parts(remove(text, f"{path}[{number}]")), steps(path))
        assert shorter is not None and [plain_of(one) for one in shorter.items] == said[: number - 1] + said[number:]


@FEW
@given(st.sampled_from(PLACES))
def test_comments_outside_of_what_is_removed_stay(place: tuple[str, str]) -> None:
    text, path = place
    part = find(parts(text), steps(path))
    assert part is not None
    line_end = text.find("\n", part.end)
    kept = re.findall(r"^ *#.*$", text[: part.start] + text[line_end:], re.MULTILINE)
    new = remove(text, path)
    assert [one for one in kept if one not in new] == []


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("agreement", "L'autre", "agreement: 'L''autre'   # the name"),
        ("lead_types[1].label", 'A "b": #1', 'lead_types: [ {id: "a", label: "A \\"b\\": #1"}, # in brackets'),
        ("lead_types[2].id", "c", "              {id: c} ]"),
        ("acts[1].on[2]", "booth_visited", "       booth_visited]"),
        ("acts[1].label", "plain", "  label: plain"),
        ("acts[2].lead_type", "b", "- {id: call, on: call_received, lead_type: b,} # a comma too many"),
        ("acts[1].lead_type", "b", "  lead_type: b"),
        ("alert", ["A1", "B2"], "alert: [A1, B2]"),
        ("grades.fit", {"A": 70, "B": 45.5, "C": 20}, "grades: {fit: {A: 70, B: 45.5, C: 20}}"),
    ],
)
def test_every_style_keeps_its_own(path: str, value: object, line: str) -> None:
    new = set_value(ODD, path, value)  # type: ignore[arg-type]
    assert line in new.split("\n")
    assert [one for one in re.findall(r"#.*$", ODD, re.MULTILINE) if one not in new] == []


def test_line_ends_of_another_system_stay() -> None:
    text = SMALL.replace("\n", "\r\n")
    new = add_item(set_value(text, "grades.fit", {"A": 80}), "lead_types", {"id": "other"})
    assert new.count("\r\n") == new.count("\n") == text.count("\n") + 2


def test_removing_in_every_style() -> None:
    assert "{id: b} ]" in remove(ODD, "lead_types[1]") and "# in brackets" in remove(ODD, "lead_types[1]")
    assert read(remove(ODD, "lead_types[2]")).value("lead_types[1].id") == "a"
    assert read(remove(ODD, "acts[1].id")).value("acts[1].on[1]") == "quote_requested"
    assert "# after a folded text" in remove(ODD, "acts[1]")
    assert remove(ODD, "nothing.here[3]") == ODD
    assert "lead_types: []" in remove(remove(ODD, "lead_types[1]"), "lead_types[1]")


def test_an_id_is_renamed_wherever_it_is_named() -> None:
    new = rename(COMPLEX, "lead_types[1]", "machine")
    assert {one.id for one in load(new).lead_types} == {"machine", "quote", "repurchase"}
    assert load(new).alert_lead_type == "machine" and "project" not in {act.lead_type for act in load(new).acts}
    grouped = rename(COMPLEX, "engagement.groups[1]", "papers")
    assert {rule.group for rule in load(grouped).engagement} == {"", "papers"}


def test_what_cannot_be_followed_is_refused_with_its_line() -> None:
    with pytest.raises(CannotWrite, match="Line 2"):
        set_value("agreement: x\nfit: none\n", "fit[1].points", 3)
    with pytest.raises(CannotWrite):
        add_item("agreement: x\nfit: none\n", "fit", {"id": "a"})
    with pytest.raises(NotAnAgreement):
        set_value("agreement: [x\n", "fit", 3)


def test_an_agreement_edited_still_loads_and_says_so() -> None:
    new = change(change(COMPLEX, "grades.engagement.2", "36"), "delays.report", "3 working days")
    agreement = load(new)
    assert agreement.grades.engagement == (70, 36, 15) and agreement.delays.report.amount == 3
    assert [one for one in new.split("\n") if one not in COMPLEX.split("\n")] == [
        "  engagement: {1: 70, 2: 36, 3: 15}",
        "  report: 3 working days",
    ]


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("grades.fit.A", "71", "grades: {fit: {A: 71, B: 45, C: 20}}"),
        ("temperature.warm", "10", "temperature: {hot: 40, warm: 10}"),
        ("alert", "A1 B1", "alert: [A1, B1]"),
        ("cool_down", "30 days", "cool_down: 30 days"),
    ],
)
def test_what_was_left_out_is_written_with_what_it_means(path: str, value: str, line: str) -> None:
    assert line in change(SMALL, path, value).split("\n")


def test_an_emptied_field_is_left_out_unless_it_is_needed() -> None:
    assert "cap: 24" not in change(COMPLEX, "engagement.rules[1].cap", "")
    assert read(change(COMPLEX, "fit[1].points", "")).value("fit[1].points") == ""
    with pytest.raises(NotAnAgreement):
        load(change(COMPLEX, "fit[1].points", ""))


@pytest.mark.parametrize("path", ["grades.engagement.1", "grades.engagement.2", "grades.engagement.3", "grades.fit.B"])
def test_a_threshold_emptied_and_typed_again_takes_its_old_place(path: str) -> None:
    in_lines = "engagement:\n    1: 70\n    2: 40\n    3: 15\n"
    for text in (COMPLEX, COMPLEX.replace("engagement: {1: 70, 2: 40, 3: 15}\n", in_lines, 1)):
        assert change(change(text, path, ""), path, read(text).value(path)) == text


def test_a_label_in_one_text_becomes_one_for_each_language() -> None:
    text = COMPLEX.replace("label: {en: Not mature yet, fr: Pas encore mûr}", "label: Unripe")
    new = change(text, "returns[2].label.fr", "Pas mûr")
    assert "label: {en: Unripe, fr: Pas mûr}" in new
    assert read(text).label("returns[2]", "fr") == "Unripe" and read(new).label("returns[2]", "en") == "Unripe"


def test_an_effect_brings_its_duration_and_takes_it_away() -> None:
    lasting = change(COMPLEX, "returns[1].effect", "nurture")
    assert load(lasting).returns[0].after_days == 90
    assert load(change(lasting, "returns[1].effect", "wake_up")) == load(COMPLEX)


def test_a_wrong_value_stays_in_its_field() -> None:
    assert read(change(COMPLEX, "fit[1].points", "many")).value("fit[1].points") == "many"


@FEW
@given(st.recursive(WORDS, lambda below: st.lists(below, min_size=1, max_size=3)))
def test_what_is_written_between_brackets_is_read_back(value: object) -> None:
    def said(one: object) -> object:
        return [said(below) for below in one] if isinstance(one, list) else ONE_LINE.sub(" ", str(one)).strip(" ")

    assert plain_of(parts(f"a: {flow(value)}\n")) == {"a": said(value)}  # type: ignore[arg-type]

"""How alike two records are: what speaks for one person, what speaks against it (docs/rules/twins.md)."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendange.unite.rules import (
    SUGGESTED,
    Record,
    folded,
    keys_of,
    likeness,
    mailbox,
    most_alike,
    one_letter_apart,
    words_of,
)

JEAN = Record(1, "Jean", "Martin", "j.martin@nova.example", "+33465710041", organisation=7)


def other(**differs: Any) -> Record:
    return replace(JEAN, id=2, **differs)


@pytest.mark.parametrize(
    ("twin", "because"),
    [
        (other(email="", phone=""), ("name", "employer")),
        (other(email="", phone="", first_name="MARTIN", last_name="Jean"), ("name", "employer")),
        (other(email="", phone="", last_name="Matrin"), ("nearly", "employer")),
        (other(email="", phone="", first_name="J."), ("nearly", "employer")),
        (other(email="", phone="", first_name="Jеan"), ("name", "employer")),  # with a Cyrillic е
        (other(email="J.Martin+salon@nova.example", phone="", organisation=None), ("address", "name")),
        (
            other(email="", first_name="", last_name="", claims=frozenset({"j.martin@nova.example"}), phone=""),
            ("claim",),
        ),
        (other(email="jean@perso.example", organisation=None), ("phone", "name")),
    ],
)
def test_one_person_is_suggested(twin: Record, because: tuple[str, ...]) -> None:
    alike = likeness(JEAN, twin)
    assert alike.score >= SUGGESTED
    assert alike.because == because


@pytest.mark.parametrize(
    "stranger",
    [
        other(email="", phone="", organisation=None),  # a name alone
        other(email="", phone="", organisation=8),  # the same name at another company
        other(email="", first_name="Anne"),  # a colleague of the same family with the same telephone
        other(email="", phone="", first_name="Anne"),
        other(email="", phone="", last_name="Roux"),
        other(email="", phone_shared=True, first_name="", last_name=""),  # a switchboard
        other(email="", phone="", first_name="", last_name=""),
        other(email="", phone="", first_name="", last_name="Martin"),
    ],
)
def test_two_people_are_not(stranger: Record) -> None:
    assert likeness(JEAN, stranger).score < SUGGESTED


def test_two_numbers_elsewhere_speak_against_it() -> None:
    mine, theirs = (replace(JEAN, external_ids=frozenset({one})) for one in ("A-1", "A-2"))
    assert likeness(mine, replace(theirs, id=2)).because[-1] == "other_id"
    assert likeness(mine, replace(theirs, id=2)).score < likeness(JEAN, other()).score


def test_the_mailbox_of_a_function_is_nobodys() -> None:
    info: dict[str, Any] = {"first_name": "", "last_name": "", "phone": "", "email": "info@nova.example"}
    assert likeness(replace(JEAN, **info), other(**info)).score == 0


@pytest.mark.parametrize(
    ("one", "two", "apart"),
    [
        ("martin", "martin", False), ("martin", "martins", True), ("martin", "mratin", True),
        ("martin", "mrtian", False),
        ("roux", "rous", False), ("durand", "durant", True), ("dupont", "dupond", True), ("dupont", "dumond", False),
        ("lefevre", "lefebvre", True), ("", "martin", False),
    ],
)  # fmt: skip
def test_a_slip_of_the_pen(one: str, two: str, apart: bool) -> None:
    assert one_letter_apart(one, two) is one_letter_apart(two, one) is apart


names = st.sampled_from(["", "Jean", "J", "Anne", "Martin", "Matrin", "Roux", "Élodie", "O'Brien", "null", "李"])
records = st.builds(
    Record,
    id=st.integers(1, 2),
    first_name=names,
    last_name=names,
    email=st.sampled_from(["", "a@x.example", "A+b@x.example", "info@x.example", "@", "a@"]),
    phone=st.sampled_from(["", "+331", "+332"]),
    phone_shared=st.booleans(),
    organisation=st.sampled_from([None, 1, 2]),
    claims=st.sampled_from([frozenset(), frozenset({"a@x.example"})]),
    external_ids=st.sampled_from([frozenset(), frozenset({"1"}), frozenset({"2"})]),
)


@given(records, records)
def test_it_is_symmetric_and_between_none_and_all(one: Record, two: Record) -> None:
    alike = likeness(one, two)
    assert 0 <= alike.score <= 1
    assert likeness(two, one) == alike


@given(records, records)
def test_who_is_suggested_shares_a_key(one: Record, two: Record) -> None:
    """Only who shares a key is ever compared: nobody who would be suggested may be missed for that."""
    if likeness(one, two).score >= SUGGESTED:
        assert {key for key, _ in keys_of(one)} & {key for key, _ in keys_of(two)}


@given(st.text(max_size=40))
def test_any_text_can_be_folded(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert mailbox(mailbox(text)) == mailbox(text)


@given(records, records)
def test_nothing_is_more_alike_than_what_can_be_asked_of_many_at_once(one: Record, two: Record) -> None:
    """Pairs are left out by numbers before their records are read: never one that would be suggested."""
    mine, theirs = words_of(one), words_of(two)
    box = bool(mailbox(one.email)) and mailbox(one.email) == mailbox(two.email)
    same = len(mine) > 1 and mine == theirs
    nearly = len(mine) == len(theirs) > 1 and bool(set(mine) & set(theirs)) and not same
    firms = None not in (one.organisation, two.organisation)
    most = most_alike(
        mailbox=box,
        phone=bool(one.phone) and one.phone == two.phone,
        name=same,
        nearly=nearly,
        employer=firms and one.organisation == two.organisation and (same or nearly),
        other_employer=firms and one.organisation != two.organisation and not box,
    )
    assert one.claims or two.claims or likeness(one, two).score <= most + 0.0006


@given(st.text(max_size=20), st.text(max_size=20))
def test_names_folded_one_by_one_are_the_same_words(first: str, last: str) -> None:
    assert words_of(Record(1, first, last)) == sorted(folded(f"{first} {last}").split())

"""A sentence is English below, and the reader's language where it is shown."""

import pytest
from django.utils import translation

from vendange.agreement.sentence import Cannot, Code, Incomplete, joined, sentence
from vendange.agreement.stages import Stage
from vendange.route.rules import MILDEST_FIRST
from vendange.words import FAMILIES, said, said_each

MOVED = sentence(
    "A lead cannot go from {before} to {to}. Reload the page to see where it is now.",
    before=Code("stage", Stage.ALERT),
    to=Code("stage", Stage.WON),
)


def in_french(told: Cannot) -> str:
    with translation.override("fr"):
        return said(told)


def test_a_sentence_is_its_english_text() -> None:
    told = sentence("{name} is missing.", name="{odd}")
    assert told == "{odd} is missing." and (told.template, told.values) == ("{name} is missing.", {"name": "{odd}"})


def test_programs_get_codes_and_readers_get_words() -> None:
    assert MOVED.startswith("A lead cannot go from alert to won.")
    with translation.override("en"):
        assert said(MOVED).startswith("A lead cannot go from to judge to won.")
    with translation.override("fr"):
        assert said(MOVED).startswith("Une piste ne peut pas passer de «\u00a0à juger\u00a0» à «\u00a0gagnée\u00a0».")


def test_a_sentence_inside_a_sentence_is_said_too() -> None:
    told = sentence("{shown} is not a number.", shown=sentence("This"))
    assert told == "This is not a number."
    assert in_french(Cannot(told)) == "Ceci n’est pas un nombre."


def test_what_lacks_is_said_by_field_and_as_one() -> None:
    problems = {"a": sentence("This answer is needed."), "b": sentence("Add {name}.", name="fr")}
    lacking = Incomplete(problems)
    assert str(lacking) == joined(problems) == "This answer is needed. Add fr."
    assert in_french(lacking) == "Cette réponse est nécessaire. Ajoutez fr."
    with translation.override("fr"):
        assert said_each(lacking.problems) == {"a": "Cette réponse est nécessaire.", "b": "Ajoutez fr."}


@pytest.mark.parametrize(
    ("family", "codes"),
    [("nobody_because", {*MILDEST_FIRST, "no_salesperson"}), ("excluded", set(MILDEST_FIRST))],
)
def test_each_code_of_routing_has_its_word_and_no_other(family: str, codes: set[str]) -> None:
    assert set(FAMILIES[family]) == codes


def test_the_desk_has_one_name_in_french() -> None:
    with translation.override("fr"):
        assert translation.gettext("Desk") == "Bureau"
        assert str(FAMILIES["user_role"]["ldr"]) == "Bureau (LDR)"

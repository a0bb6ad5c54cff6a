"""What is wrong with a written agreement, for the person who wrote it: which line, what, and what to do."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from vendange.agreement.sentence import Sentence, sentence


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to correct. `line` counts from 1; `where` is the path of the field, "" for the text as a whole."""

    line: int
    where: str
    what: Sentence
    remedy: Sentence
    only_new: bool = False  # a text that was drafted before is let through

    def __str__(self) -> str:
        place = f"Line {self.line}, {self.where}" if self.where else f"Line {self.line}"
        return f"{place}: {self.what} {self.remedy}"


class NotAnAgreement(ValueError):
    """The text is not a valid agreement. `problems` holds everything that was found, in the order of the lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def choose_from(wrong: str, names: Iterable[str]) -> Sentence:
    """The remedy for an unknown name: the nearest known one, or the list to choose from.

    >>> choose_from("person.contry", ["person.country", "person.level"])
    'Did you mean person.country?'
    """
    known = list(names)
    near = nearest(wrong, known)
    if near:
        return sentence("Did you mean {near}?", near=near)
    return sentence("Choose one of: {names}.", names=", ".join(known))


def nearest(wrong: str, names: Iterable[str], likeness: float = 0.7) -> str:
    """The known name that looks most like the wrong one; "" when none is as alike as `likeness` (0 to 1)."""
    found = difflib.get_close_matches(wrong.casefold(), list(names), n=1, cutoff=likeness)
    return found[0] if found else ""

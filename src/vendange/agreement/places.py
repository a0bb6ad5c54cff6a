"""A place in the written agreement: asks for a value of one type, and notes a problem with its line when it is not."""

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final
from unicodedata import category

from vendange.agreement.label import Label
from vendange.agreement.problems import Problem, choose_from
from vendange.agreement.sentence import Sentence, sentence
from vendange.agreement.terms import Span, Unit
from vendange.agreement.vocabulary import ID_PATTERN
from vendange.agreement.yaml_tree import Listing, Node, Table, Text

NUMBER: Final = re.compile(r"[+-]?(\d{1,15}(\.\d{1,9})?|\.\d{1,9})")
SPAN: Final = re.compile(r"(\d{1,6}) (working )?(minute|hour|day|week)s?")
ENDS_IN_UNIT: Final = re.compile(
    r"(?:(.*?)\s+)??((?:working )?(?:minute|hour|day|week))s?"
)  # whatever stands before it
EMPTY: Final = frozenset({"", "~", "null", "Null", "NULL"})
LONGEST_TEXT: Final = 500
LONGEST_SPAN_DAYS: Final = 3660
HOURS_IN: Final = {"minutes": 1 / 60, "hours": 1.0, "days": 24.0}
SPAN_REMEDY: Final = sentence("Write a whole number and a unit: 24 hours, 1 working hour, 2 working days, 21 days.")


@dataclass(frozen=True, slots=True)
class Place:
    """One value and where it stands. Every method answers something usable, even after it noted a problem."""

    node: Node
    where: str
    problems: list[Problem]

    def refuse(self, what: Sentence, remedy: Sentence, *, only_new: bool = False) -> None:
        """`only_new`: a text that was drafted before this was refused still says what it said."""
        self.problems.append(Problem(self.node.line, self.where, what, remedy, only_new))

    @property
    def is_refused(self) -> bool:
        return any(one.where == self.where for one in self.problems)

    def fields(self, allowed: Collection[str], needed: Collection[str] = ()) -> dict[str, "Place"]:
        """The fields of a table by name; unknown, empty and missing ones are noted and left out."""
        if not isinstance(self.node, Table):
            self.refuse(
                sentence("A table of fields is expected here."),
                sentence("Write name: value, with: {names}.", names=", ".join(allowed)),
            )
            return {}
        found = {}
        for name, (line, node) in self.node.fields.items():
            place = Place(node, f"{self.where}.{name}" if self.where else name, self.problems)
            if name not in allowed:
                remedy = choose_from(name, allowed)
                self.problems.append(
                    Problem(line, place.where, sentence("There is no field {name} here.", name=name), remedy)
                )
            elif not place.is_empty():
                found[name] = place
            else:
                place.refuse(sentence("Nothing is written here."), sentence("Write a value, or remove the field."))
        for name in needed:
            if name not in self.node.fields:
                self.refuse(sentence("The field {name} is missing.", name=name), sentence("Add {name}.", name=name))
        return found

    def items(self) -> Iterator["Place"]:
        """The items of a list, each with its place."""
        if not isinstance(self.node, Listing):
            self.refuse(
                sentence("A list is expected here."), sentence("Start each item with a dash, or write [one, two].")
            )
            return
        for number, node in enumerate(self.node.items, 1):
            yield Place(node, f"{self.where}[{number}]", self.problems)

    def is_empty(self) -> bool:
        return isinstance(self.node, Text) and not self.node.quoted and self.node.text in EMPTY

    def is_table(self) -> bool:
        return isinstance(self.node, Table)

    def is_bare(self) -> bool:
        """Whether this is a table without a field."""
        return isinstance(self.node, Table) and not self.node.fields

    def is_list(self) -> bool:
        return isinstance(self.node, Listing)

    def text(self) -> str:
        """A short text, as written: no, 007 and 1e3 stay texts."""
        if not isinstance(self.node, Text) or self.is_empty():
            self.refuse(
                sentence("A text is expected here."), sentence("Write one value, in quotes if it holds a colon or a #.")
            )
            return ""
        if len(self.node.text) > LONGEST_TEXT:
            self.refuse(
                sentence("This text is too long."), sentence("Use at most {most} characters.", most=LONGEST_TEXT)
            )
        if not self.node.text.strip():
            self.refuse(sentence("This text is empty."), sentence("Write a value, or remove the field."))
        if hidden := next((sign for sign in self.node.text if category(sign) == "Cf"), ""):
            self.refuse(
                sentence("This text holds a character that nobody sees (U+{code}).", code=f"{ord(hidden):04X}"),
                sentence("Delete the text and type it again."),
                only_new=True,
            )
        return self.node.text.strip()

    def one_of(self, names: Collection[str]) -> str:
        """One of a closed list; the first of the list after a problem."""
        text = self.text()
        if text in names:
            return text
        if text:
            self.refuse(sentence("{text} is not known here.", text=text), choose_from(text, names))
        return next(iter(names))

    def identifier(self) -> str:
        text = self.text()
        if text and not re.fullmatch(ID_PATTERN, text):
            remedy = sentence("Use lower-case letters, digits and dashes, starting with a letter: right-size.")
            self.refuse(sentence("{text} cannot be used as an id.", text=text), remedy)
        return text

    def number(self, above: float = -math.inf, at_least: float = -math.inf, at_most: float = 1e15) -> float:
        """A finite number within limits; the nearest limit, or 1, after a problem."""
        text = self.node.text if isinstance(self.node, Text) and not self.node.quoted else None
        if text is None or not NUMBER.fullmatch(text):
            self.refuse(
                sentence("{shown} is not a number.", shown=self._shown()),
                sentence("Write a plain number such as 20 or 2.5, without quotes."),
            )
            return 1.0
        self._refuse_other_digits(text)
        number = float(text) + 0.0  # no negative zero
        if number <= above:
            self.refuse(
                sentence("{text} is too small.", text=text),
                sentence("Write a number above {above}.", above=f"{above:g}"),
            )
        elif number < at_least:
            self.refuse(
                sentence("{text} is too small.", text=text),
                sentence("Write at least {at_least}.", at_least=f"{at_least:g}"),
            )
        elif number > at_most:
            self.refuse(
                sentence("{text} is too large.", text=text),
                sentence("Write at most {at_most}.", at_most=f"{at_most:g}"),
            )
        else:
            return number
        return min(max(1.0, at_least), at_most)

    def _refuse_other_digits(self, text: str) -> None:
        if not text.isascii():
            self.refuse(
                sentence("{shown} is written with unusual digits.", shown=text),
                sentence("Write it with the digits 0 to 9."),
                only_new=True,
            )

    def whole(self, at_least: int, at_most: int) -> int:
        number = self.number(at_least=at_least, at_most=at_most)
        if number != int(number):
            self.refuse(
                sentence("{number} is not a whole number.", number=f"{number:g}"),
                sentence("Write {lower} or {upper}.", lower=int(number), upper=int(number) + 1),
            )
        return int(number)

    def truth(self) -> bool:
        """Only true and false: yes, no, on and off are texts."""
        text = self.node.text if isinstance(self.node, Text) and not self.node.quoted else ""
        if text not in {"true", "false"}:
            self.refuse(
                sentence("{shown} is not true or false.", shown=self._shown()), sentence("Write true or false.")
            )
        return text == "true"

    def span(self) -> Span:
        """A promise of time, e.g. 24 hours, 1 working hour, 21 days."""
        text = self.node.text.strip() if isinstance(self.node, Text) else ""
        match = SPAN.fullmatch(text)
        if not match:
            bare = ENDS_IN_UNIT.fullmatch(text)
            if bare and not bare[1]:
                self.refuse(sentence("This duration is empty."), SPAN_REMEDY)
            else:
                self.refuse(sentence("{shown} is not a duration.", shown=self._shown()), SPAN_REMEDY)
            return Span(1, "days")
        self._refuse_other_digits(text)
        amount, unit = int(match[1]), f"{match[3]}s"
        if unit == "weeks":
            amount, unit = amount * (5 if match[2] else 7), "days"
        if amount == 0 or amount * HOURS_IN[unit] > LONGEST_SPAN_DAYS * 24:
            self.refuse(
                sentence("{text} is out of reach.", text=text),
                sentence("Write a duration above 0 and below {most} days.", most=LONGEST_SPAN_DAYS),
            )
            return Span(1, "days")
        units: dict[tuple[bool, str], Unit] = {
            (False, "minutes"): "minutes",
            (False, "hours"): "hours",
            (False, "days"): "days",
            (True, "minutes"): "working_minutes",
            (True, "hours"): "working_hours",
            (True, "days"): "working_days",
        }
        return Span(amount, units[bool(match[2]), unit])

    def elapsed_days(self) -> float:
        """A duration in elapsed days: 6 hours is 0.25."""
        span = self.span()
        if span.unit not in HOURS_IN:
            self.refuse(
                sentence("Working time is not possible here."), sentence("Write elapsed time: 6 hours, 21 days.")
            )
            return 1.0
        return span.amount * HOURS_IN[span.unit] / 24

    def label(self) -> Label:
        """A text for both languages, or one for each."""
        if not self.is_table():
            text = self.text()
            return Label(text, text)
        fields = self.fields(("en", "fr"), needed=("en",))
        en = fields["en"].text() if "en" in fields else ""
        return Label(en, fields["fr"].text() if "fr" in fields else en)

    def _shown(self) -> str:
        return (self.node.text or '""')[:40] if isinstance(self.node, Text) else sentence("This")

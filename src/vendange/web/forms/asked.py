"""A published form as its page shows it: each question with its widget, what was typed, and what to mend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vendange.agreement.sentence import Sentence
from vendange.ask.rules import Definition, Question
from vendange.engine.countries import countries
from vendange.words import said

TYPES: Final = {"email": "email", "phone": "tel", "date": "date"}
MODES: Final = {"number": "decimal", "phone": "tel", "email": "email"}
LONGEST: Final = {"email": 254, "phone": 40, "long": 5000}
# What a browser may fill in by itself (HTML, "autofill detail tokens").
AUTOFILL: Final = {
    "email": "email",
    "name": "name",
    "first_name": "given-name",
    "last_name": "family-name",
    "phone": "tel",
    "job_title": "organization-title",
    "organisation": "organization",
    "postal_code": "postal-code",
    "city": "address-level2",
    "country": "country",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. `options`: value, text and whether it is chosen."""

    question: Question
    typed: str
    problem: str
    options: Sequence[tuple[str, str, bool]]

    @property
    def widget(self) -> str:
        """The part of the template that draws it."""
        several = {"choices": "boxes", "yes_no": "radios", "long": "area", "country": "select"}
        if self.question.kind == "choice":
            return "radios" if len(self.options) <= 4 else "select"
        return several.get(self.question.kind, "line")

    @property
    def type(self) -> str:
        return TYPES.get(self.question.kind, "text")

    @property
    def mode(self) -> str:
        return MODES.get(self.question.kind, "")

    @property
    def autofill(self) -> str:
        return AUTOFILL.get(self.question.field, "on")

    @property
    def longest(self) -> int:
        return LONGEST.get(self.question.kind, 500)

    @property
    def described_by(self) -> str:
        """The ids of what explains it, for screen readers."""
        parts = (("help", self.question.help), ("wrong", self.problem))
        return " ".join(f"{self.question.id}-{name}" for name, text in parts if text)


@dataclass(frozen=True, slots=True)
class Box:
    """One consent, never ticked by us; again ticked only where the visitor had ticked it themselves."""

    name: str
    text: str
    ticked: bool


def asked(
    questions: Sequence[Question],
    given: Mapping[str, Sequence[str]],
    problems: Mapping[str, Sentence],
    language: str,
    words: Mapping[str, str],
) -> list[Asked]:
    """To be called in the language of the form."""
    found = []
    for one in questions:
        typed = given.get(one.id if one.id in given else one.field, ())
        told = said(problems[one.id]) if one.id in problems else ""
        choices = [(value, text, value in typed) for value, text in _choices(one, language, words)]
        found.append(Asked(one, typed[0] if typed else "", told, choices))
    return found


def _choices(one: Question, language: str, words: Mapping[str, str]) -> list[tuple[str, str]]:
    if one.kind == "country":
        return list(countries(language))
    if one.kind == "yes_no":
        return [("yes", words["yes"]), ("no", words["no"])]
    return [(text, text) for text in one.options]


def boxes(definition: Definition, texts: Mapping[str, str], given: Mapping[str, Sequence[str]]) -> list[Box]:
    return [Box(one.name, texts[one.name], one.name in given) for one in definition.consents]

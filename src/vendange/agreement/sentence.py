"""Sentences for people, made where something is decided: English text now, any language where it is shown.

Here no gettext is at hand. A sentence keeps its template and what fills it, so that `vendange.words.said` can say the
same in the language of the reader. Its text is the English one, for programs, logs and the command line.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A code inside a sentence: the reader gets its word from that family of `vendange.words`."""

    family: str
    code: str

    def __str__(self) -> str:
        return self.code


class Sentence(str):
    """The English text. `template` has {gaps}; `values` fills them, and may hold sentences and codes too."""

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, values: Mapping[str, object]) -> "Sentence":
        self = super().__new__(cls, template.format(**values))
        self.template, self.values = template, values
        return self


def sentence(template: str, **values: object) -> Sentence:
    """One sentence; the template is written out in the call, so that its French line can be asked for.

    >>> sentence("{who} has this lead open.", who="Nadia")
    'Nadia has this lead open.'
    """
    return Sentence(template, values)


def joined(sentences: Mapping[str, Sentence]) -> Sentence:
    """Several sentences as one, in order."""
    values = {f"part{number}": one for number, one in enumerate(sentences.values())}
    return Sentence(" ".join(f"{{{name}}}" for name in values), values)


class Cannot(Exception):
    """Something was asked that cannot be done; `sentence` says what, to whom, and what to do."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Incomplete(Cannot):
    """What was sent cannot be kept; `problems` names each field and what to do."""

    def __init__(self, problems: Mapping[str, Sentence]) -> None:
        super().__init__(joined(problems))
        self.problems = dict(problems)

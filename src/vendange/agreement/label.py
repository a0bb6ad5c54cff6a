"""A text that people read, in both languages."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """A text in both languages; one that was left empty follows the other."""

    en: str
    fr: str

    def in_language(self, language: str) -> str:
        return (self.fr or self.en) if language.startswith("fr") else (self.en or self.fr)


def read_as(label: Label) -> set[tuple[str, str]]:
    """What readers take two labels by: the text in each language, whatever the case and the spaces."""
    return {(language, " ".join(label.in_language(language).split()).casefold()) for language in ("en", "fr")}


def alike(labels: Iterable[Label]) -> Label | None:
    """The first label that some reader takes for one before it."""
    seen: set[tuple[str, str]] = set()
    for label in labels:
        if seen & read_as(label):
            return label
        seen |= read_as(label)
    return None

"""A text that people read, in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """A text in both languages; French falls back on English when only one was written."""

    en: str
    fr: str

    def in_language(self, language: str) -> str:
        return self.fr if language.startswith("fr") else self.en

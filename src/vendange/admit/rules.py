"""What a new colleague, team or key must be like. Plain Python."""

import re
from typing import Final

from vendange.agreement.sentence import Cannot, Sentence

USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


class NotAdmitted(Cannot):
    """A colleague, team or key cannot be added or changed as asked; `field` is the one to correct."""

    def __init__(self, field: str, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.field = field


def username_from(email: str) -> str:
    """A sign-in name to start from.

    >>> username_from("Nadia.Belkacem@rochebrune.example")
    'nadia.belkacem'
    """
    name = re.sub(r"[^a-z0-9._-]", "", email.split("@")[0].lower()).strip("._-")
    return (name or "colleague")[:40]

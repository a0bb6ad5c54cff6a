"""What a new colleague, team or key must be like. Plain Python."""

import re
from typing import Final

USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


class NotAdmitted(Exception):
    """A colleague, team or key cannot be added or changed as asked; `why` is a code of `vendange.words`."""

    def __init__(self, why: str, about: str = "") -> None:
        super().__init__(f"{why}: {about}" if about else why)
        self.why = why
        self.about = about


def username_from(email: str) -> str:
    """A sign-in name to start from.

    >>> username_from("Nadia.Belkacem@rochebrune.example")
    'nadia.belkacem'
    """
    name = re.sub(r"[^a-z0-9._-]", "", email.split("@")[0].lower()).strip("._-")
    return (name or "colleague")[:40]

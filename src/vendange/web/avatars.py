"""Initials on a colour that always stays the same for the same person."""

import zlib

COLOURS = 5


def colour(identity: object) -> str:
    """Class a1 to a5.

    >>> colour("Camille Moreau") == colour("Camille Moreau")
    True
    """
    return f"a{zlib.crc32(str(identity).encode()) % COLOURS + 1}"


def initials(name: str) -> str:
    """First letters of the first and the last word.

    >>> initials("Atelier Nova"), initials("Hexal"), initials("")
    ('AN', 'HE', '?')
    """
    words = [word for word in name.replace("-", " ").split() if word[:1].isalnum()]
    if not words:
        return "?"
    return (words[0][:1] + words[-1][:1] if len(words) > 1 else words[0][:2]).upper()

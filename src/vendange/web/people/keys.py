"""By which keys somebody is known: proved or only claimed, and how many browsers, of which some are shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from vendange.identify.queries import keys_told
from vendange.models import Person
from vendange.words import Word

KINDS: Final[Mapping[str, tuple[Word, str]]] = {
    "email": (_("E-mail"), "mail"),
    "user_id": (_("Login"), "user-check"),
    "external_id": (_("Number in another system"), "hash"),
}
OURS: Final = ("told-", "guest:")  # keys that we gave to somebody who came without any
MOST: Final = 12


@dataclass(frozen=True, slots=True)
class Key:
    word: Word
    icon: str
    value: str
    claimed: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class Keys:
    """`browsers`: how many name this person; `shared`: how many of them have named others too, and name nobody now."""

    strong: Sequence[Key]
    more: int
    browsers: int
    shared: int


def keys_of(person: Person) -> Keys:
    rows = keys_told(person)
    strong = [
        Key(*KINDS[row.kind], row.value, row.claimed, row.first_seen_at)
        for row in rows
        if row.kind in KINDS and not row.value.startswith(OURS)
    ]
    cookies = [row for row in rows if row.kind == "anonymous_id"]
    return Keys(strong[:MOST], max(0, len(strong) - MOST), len(cookies), sum(row.shared for row in cookies))

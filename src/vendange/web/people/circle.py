"""The people around a person: who plays which part in the purchase, and which part nobody is known to play."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vendange.agreement.vocabulary import ROLES
from vendange.models import Person


@dataclass(frozen=True, slots=True)
class Part:
    """One part in the purchase: who plays it, `hidden` when only somebody whom the reader may not see."""

    role: str
    people: Sequence[Person]
    hidden: bool

    @property
    def is_missing(self) -> bool:
        return not self.people and not self.hidden


def parts(people: Sequence[Person], may_see: Collection[int] | None) -> list[Part]:
    """Every part in the purchase. `may_see`: ids whom the reader may see, None for all."""
    found = []
    for role in ROLES:
        theirs = [one for one in people if one.role == role]
        seen = [one for one in theirs if may_see is None or one.pk in may_see]
        found.append(Part(role, seen, bool(theirs) and not seen))
    return found

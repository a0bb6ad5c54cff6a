"""The account map: who plays which part in the purchase, who acted, who is silent, who may play what is missing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from vendange.agreement.vocabulary import ROLES
from vendange.models import Person
from vendange.web.people.circle import parts

OFFERED = 6  # people of whom the missing part is offered


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody who plays a part; `lately`: they have acted since the day that counts."""

    person: Person
    lately: bool


@dataclass(frozen=True, slots=True)
class Place:
    """One part: who plays it, how many more; when it is missing, who of the others may be asked."""

    role: str
    players: Sequence[Player]
    more: int
    hidden: bool
    offered: Sequence[Person]
    wanted: bool  # the agreement asks for this part

    @property
    def is_missing(self) -> bool:
        return not self.players and not self.hidden

    @property
    def is_silent(self) -> bool:
        return bool(self.players) and not any(one.lately for one in self.players)


def places(
    people: Sequence[Person], may_see: Collection[int] | None, roles: Mapping[str, str], since: datetime
) -> list[Place]:
    """`roles`: what the agreement wants to hear, as the heat of the organisation tells it."""
    seen = [one for one in people if may_see is None or one.pk in may_see]
    without = [one for one in seen if one.role not in ROLES]
    return [
        Place(
            part.role,
            [Player(one, bool(one.last_signal_at and one.last_signal_at >= since)) for one in part.people[:3]],
            max(0, len(part.people) - 3),
            part.hidden,
            without[:OFFERED] if part.is_missing else [],
            part.role in roles,
        )
        for part in parts(people, may_see)
    ]

"""Where an organisation stands: how many of its people are engaged, in which roles, and which wanted role is silent."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from vendange.agreement.conditions import as_known
from vendange.agreement.terms import Agreement
from vendange.engine.rows import Warmth

Presence = Literal["engaged", "silent", "missing"]


class Colleague(NamedTuple):
    """One person of the organisation: role in any case ("" or None: not known), and the common engagement, 0 to 100."""

    role: str | None
    engagement: float
    set_aside: bool


@dataclass(frozen=True, slots=True)
class Heated:
    """The heat of one organisation; `roles`: those that the agreement wants to hear, in its order (R41)."""

    temperature: Warmth
    engaged: int
    roles: Mapping[str, Presence]
    disagreement: bool


def heat(agreement: Agreement, people: Iterable[Colleague]) -> Heated | None:
    """The heat of an organisation with these people; None when the agreement does not speak of it.

    People who are neither engaged nor in a wanted role may be left out: they change nothing.
    """
    stated = agreement.heat
    if stated is None:
        return None
    counted = [one for one in people if not one.set_aside]
    keen = [one for one in counted if one.engagement >= stated.engagement]
    known, heard = _roles(counted), _roles(keen)
    roles = {role: _presence(role, known, heard) for role in stated.roles}
    return Heated(
        temperature="hot" if len(keen) >= stated.hot else "warm" if len(keen) >= stated.warm else "cold",
        engaged=len(keen),
        roles=roles,
        disagreement=bool(keen) and "silent" in roles.values(),
    )


def _roles(people: Iterable[Colleague]) -> set[object]:
    return {as_known("person.role", one.role) for one in people}


def _presence(role: str, known: Collection[object], heard: Collection[object]) -> Presence:
    if role in heard:
        return "engaged"
    return "silent" if role in known else "missing"

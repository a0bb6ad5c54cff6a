"""Where an organisation stands: how many of its people are engaged, in which roles, and who keeps silent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vendange.agreement.conditions import as_known
from vendange.agreement.terms import Agreement
from vendange.engine.oracle.standing import Standing
from vendange.engine.rows import Profile, Warmth

Presence = Literal["engaged", "silent", "missing"]


@dataclass(frozen=True, slots=True)
class Heated:
    """`roles`: every role that the agreement wants to know. `disagreement`: some are keen, a wanted role is silent."""

    temperature: Warmth
    engaged: int
    roles: dict[str, Presence]
    disagreement: bool


def heat(agreement: Agreement, members: Sequence[tuple[Profile, Standing]]) -> Heated | None:
    """The heat of an organisation with these people; None when the agreement does not speak of it."""
    stated = agreement.heat
    if stated is None:
        return None
    counted = [(profile, standing) for profile, standing in members if not standing.set_aside]
    keen = [profile for profile, standing in counted if standing.engagement >= stated.engagement]
    roles = {role: presence(role, [profile for profile, _ in counted], keen) for role in stated.roles}
    return Heated(
        temperature="hot" if len(keen) >= stated.hot else "warm" if len(keen) >= stated.warm else "cold",
        engaged=len(keen),
        roles=roles,
        disagreement=bool(keen) and "silent" in roles.values(),
    )


def presence(role: str, known: Sequence[Profile], keen: Sequence[Profile]) -> Presence:
    if any(as_known("person.role", profile.get("person.role")) == role for profile in keen):
        return "engaged"
    plays = any(as_known("person.role", profile.get("person.role")) == role for profile in known)
    return "silent" if plays else "missing"

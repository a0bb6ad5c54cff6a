"""Segment decides: whether somebody belongs to a segment, and what says so. Plain Python."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from vendange.agreement.conditions import holds
from vendange.agreement.segments import Did, Selection

MICROSECONDS: Final = 86_400_000_000  # of a day
NO: Final = ("refused", "withdrawn")
KINDS: Final = ("rules", "hand")


@dataclass(frozen=True, slots=True)
class Act:
    """A signal that counts. `at`: microseconds since 1970; `row`: what conditions may read of it."""

    kind: str
    at: int
    row: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of somebody. `said`: their latest word on each channel; stages and owners of their open leads."""

    profile: Mapping[str, object] = field(default_factory=dict)
    relationship: str = "suspect"
    temperature: str = "cold"
    tier: str = ""
    grade: str = ""
    stages: Collection[str] = ()
    owners: Collection[str] = ()
    said: Mapping[str, str] = field(default_factory=dict)
    acts: Sequence[Act] = ()


def fits(selection: Selection, known: Known, now: int) -> bool:
    """Whether somebody belongs to it at this moment (microseconds since 1970)."""
    return (
        (not selection.relationship or known.relationship in selection.relationship)
        and (not selection.temperature or known.temperature in selection.temperature)
        and (not selection.tier or known.tier in selection.tier)
        and (not selection.cell or known.grade in cells(selection.cell))
        and (not selection.stage or not set(selection.stage).isdisjoint(known.stages))
        and _is_held(selection.held, known.owners)
        and all(has_said(known.said, channel) == wanted for channel, wanted in _exact(selection.consents))
        and not any(has_said(known.said, channel) == "refused" for channel in _open(selection.consents))
        and holds(selection.who, known.profile)
        and all(len(acts_of(did, known.acts, now)) >= did.times for did in selection.did)
        and not any(len(acts_of(did, known.acts, now)) >= did.times for did in selection.did_not)
    )


def cells(least: str) -> tuple[str, ...]:
    """The cells that are at least as good in both.

    >>> cells("B2")
    ('A1', 'A2', 'B1', 'B2')
    """
    return tuple(f"{fit}{acted}" for fit in "ABCD" if fit <= least[0] for acted in "1234" if acted <= least[1])


def _is_held(held: tuple[str, ...], owners: Collection[str]) -> bool:
    if not held:
        return True
    if held == ("nobody",):
        return not owners
    return bool(owners) if held == ("somebody",) else not set(held).isdisjoint(owners)


def has_said(said: Mapping[str, str], channel: str) -> str:
    """given | refused | nothing. Who refused everything refused this too, whatever they said of it.

    >>> has_said({"email": "given", "all": "refused"}, "email"), has_said({}, "email")
    ('refused', 'nothing')
    """
    if said.get(channel) in NO or said.get("all") in NO:
        return "refused"
    return "given" if said.get(channel) == "given" else "nothing"


def _exact(consents: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(channel, wanted) for channel, wanted in consents if wanted != "not_refused"]


def _open(consents: Iterable[tuple[str, str]]) -> list[str]:
    return [channel for channel, wanted in consents if wanted == "not_refused"]


def acts_of(did: Did, acts: Iterable[Act], now: int) -> list[Act]:
    """Those acts that count for this condition: of its kinds, not ahead of now, and not too old."""
    since = None if did.within_days is None else now - round(did.within_days * MICROSECONDS)
    return [
        act
        for act in acts
        if act.kind in did.on and act.at <= now and (since is None or act.at > since) and holds(did.where, act.row)
    ]


def kinds_asked(selections: Iterable[Selection]) -> frozenset[str]:
    return frozenset(kind for one in selections for did in one.acts for kind in did.on)


def longest(selections: Iterable[Selection]) -> float | None:
    """How many days back their acts can count; None: without end."""
    spans = [did.within_days for one in selections for did in one.acts]
    return max((span for span in spans if span is not None), default=0.0) if None not in spans else None


def windows(selections: Iterable[Selection]) -> frozenset[tuple[tuple[str, ...], float]]:
    """Kinds of signal that grow too old for one of them, and after how many days."""
    return frozenset((did.on, did.within_days) for one in selections for did in one.acts if did.within_days is not None)

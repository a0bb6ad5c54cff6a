"""Which signals a rule, an act, a term or a topic asks for, and in which order they happened."""

from collections.abc import Sequence
from typing import Protocol

from vendange.agreement.conditions import Condition, Leaf, as_known, holds, leaf_holds
from vendange.agreement.terms import Agreement
from vendange.engine.rows import DAY, EVIDENCE_KEPT, OUTSIDE, Profile, SignalRow


class Asks(Protocol):
    """Anything of an agreement that names kinds of signals and a condition."""

    @property
    def on(self) -> tuple[str, ...]: ...

    @property
    def where(self) -> Condition | None: ...


def matches(asked: Asks, signal: SignalRow) -> bool:
    return signal.kind in asked.on and meets(asked.where, signal)


def meets(where: Condition | None, signal: SignalRow) -> bool:
    return holds(where, signal._asdict())


def in_order(signals: Sequence[SignalRow]) -> list[SignalRow]:
    return sorted(signals, key=lambda signal: (signal.at, signal.id))


def instants(signals: Sequence[SignalRow]) -> list[int]:
    return sorted({signal.at for signal in signals})


def at_instant(signals: Sequence[SignalRow], at: int) -> list[SignalRow]:
    return [signal for signal in in_order(signals) if signal.at == at]


def in_window(signals: Sequence[SignalRow], after: int, until: int) -> list[SignalRow]:
    """The signals later than `after`, and not later than `until`."""
    return [signal for signal in in_order(signals) if after < signal.at <= until]


def latest(signals: Sequence[SignalRow]) -> frozenset[int]:
    """What an alert shows as its evidence: the latest of these signals."""
    return frozenset(signal.id for signal in in_order(signals)[-EVIDENCE_KEPT:])


def span(days: float) -> int:
    """So many days in microseconds."""
    return round(days * DAY)


def set_aside(agreement: Agreement, profile: Profile) -> str:
    """Why nobody is called for this person: a stated reason first, then that none of the personas can be theirs."""
    for reason in agreement.set_aside:
        if holds(reason.where, profile):
            return reason.id
    could_be = [possible(persona.where, profile) for persona in agreement.personas]
    return OUTSIDE if could_be and all(answer is False for answer in could_be) else ""


def possible(condition: Condition, profile: Profile) -> bool | None:
    """True or false when what we know settles it, None when what we do not know could turn it either way."""
    if isinstance(condition, Leaf):
        raw = profile.get(condition.dimension)
        return None if as_known(condition.dimension, raw) is None else leaf_holds(condition, raw)
    answers = [possible(part, profile) for part in condition.parts]
    if condition.join == "all":
        return False if False in answers else None if None in answers else True
    some = True if True in answers else None if None in answers else False
    return some if condition.join == "any" or some is None else not some

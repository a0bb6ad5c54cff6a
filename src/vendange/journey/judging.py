"""A human or a machine: what is seen only later changes what came before, and the scores follow."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from vendange.capture import actions as capture
from vendange.capture import queries as captured
from vendange.engine.machines import HUMAN, Judged
from vendange.identify import actions as identify
from vendange.journey import following
from vendange.link import queries as linked
from vendange.models import Signal
from vendange.score import actions as score

BURST = Judged("machine", "burst")
AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class JudgedAgain:
    """How many signals still have their event and were judged, how many of them otherwise, and of how many people."""

    looked: int = 0
    changed: int = 0
    people: int = 0


def judge_bursts(fresh: Collection[Signal]) -> None:
    """Fresh signals may show that what came just before was a machine too. For the transaction that keeps them."""
    changed = [(one, BURST) for one in captured.bursting(fresh) if one.because != BURST.because]
    capture.judge(changed)
    machines = {one.pk for one, _ in changed}
    for one in fresh:
        if one.pk in machines:
            one.verdict, one.because = BURST
    earlier = machines - {one.pk for one in fresh}
    identify.acted_again({one.person_id for one, _ in changed if one.pk in earlier})


def judge_again(*, since: datetime, dry: bool = False) -> JudgedAgain:
    """Judge what the collector has brought since then by the rules of today; people concerned wait to be measured."""
    looked = changed = after = 0
    people: set[int] = set()
    while signals := captured.collected_since(since, after, AT_ONCE):
        verdicts = captured.judged_again(signals)
        after, looked = signals[-1].pk, looked + len(verdicts)
        other = _others(signals, verdicts)
        if not dry:
            _write(other)
        changed += len(other)
        people |= {one.person_id for one, _ in other}
    return JudgedAgain(looked, changed, len(people))


def _others(signals: Sequence[Signal], verdicts: Mapping[int, Judged]) -> list[tuple[Signal, Judged]]:
    fast = {one.pk for one in captured.bursting(signals)}
    now = {one.pk: verdicts.get(one.pk, HUMAN if one.because == BURST.because else None) for one in signals}
    links = linked.of_signals([one.pk for one in signals])
    followed = following.judged(links, {number: said for number, said in now.items() if said is not None})
    rest = {one.signal_id for one in links}
    found = [
        (one, BURST if now[one.pk] == HUMAN and one.pk in fast else now[one.pk])
        for one in signals
        if one.pk not in rest
    ]
    return followed + [(one, to) for one, to in found if to is not None and to != (one.verdict, one.because)]


@transaction.atomic
def _write(other: Sequence[tuple[Signal, Judged]]) -> None:
    capture.judge(other)
    people = {one.person_id for one, _ in other}
    identify.acted_again(people)
    score.touch(dict.fromkeys(people))

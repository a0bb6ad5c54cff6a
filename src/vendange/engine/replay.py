"""Every alert of a history, each with its evidence and its lines."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, Final

from vendange.agreement.terms import Agreement
from vendange.engine.crowd import Crowd, Someone, crowd_of_rows
from vendange.engine.grades import CELLS, fits
from vendange.engine.kernel.calling import ACT, CHANGE, DIMENSION, PATTERN, SCORE, SHARED, Alerts
from vendange.engine.kernel.running import Before, Hit, Kernel
from vendange.engine.lines import engagement_lines, evidence, fit_lines, latest
from vendange.engine.plan import Plan, plan_of
from vendange.engine.rows import EVIDENCE_KEPT, Alert, Profile, SignalRow, Way

WAYS: Final[dict[int, Way]] = {
    ACT: "act",
    PATTERN: "pattern",
    SHARED: "pattern",
    CHANGE: "change",
    SCORE: "score",
    DIMENSION: "dimension",
}


def replay(
    agreement: Agreement,
    profile: Profile,
    signals: Sequence[SignalRow],
    *,
    since: int | None = None,
    known: Sequence[int] = (),
) -> list[Alert]:
    """Every alert of one person, oldest first. Equal times are one instant; the order of `signals` is free.

    `since`: alerts before it are neither given nor start a cool-down, because another agreement judged that time;
    `known`: the alerts that were really given then, which do.
    """
    plan = plan_of(agreement)
    crowd = crowd_of_rows(plan, [Someone(0, None, profile, signals)])
    before = Before({0: since} if since is not None else {}, {0: max(known)} if known else {})
    return [alert for _, alert in replay_all(plan, crowd, before=before)]


def replay_all(
    plan: Plan,
    crowd: Crowd,
    *,
    before: Before | None = None,
    hits: Sequence[Hit] = (),
    compiled: bool | None = None,
) -> Iterator[tuple[int, Alert]]:
    """(person's id, alert) by person and time, explained; for many alerts take `Kernel.find`, which is columns."""
    kernel = Kernel(plan, len(crowd.at), compiled=compiled)
    found = kernel.find(crowd, before=before, hits=hits)
    cited = {(hit.person, hit.at, hit.pattern): hit.signal_ids for hit in hits}
    for number in range(len(found.person)):
        person = int(crowd.people[found.person[number]])
        key = (person, int(found.at[number]), int(found.rule[number]))
        shared = cited[key] if found.way[number] == SHARED else None
        yield person, _explained(plan, crowd, found, number, shared)


def _explained(plan: Plan, crowd: Crowd, found: Alerts, number: int, shared: tuple[int, ...] | None) -> Alert:
    person, at = int(found.person[number]), int(found.at[number])
    way, rule = int(found.way[number]), int(found.rule[number])
    alone = only(crowd, person, at)
    standing = Kernel(plan, 0, compiled=False).stand(alone, at, jars=True)
    end, track = len(alone.at), rule + 1 if way == DIMENSION else 0
    return Alert(
        at=at,
        way=WAYS[way],
        rule=name_of(plan, way, rule),
        lead_type=lead_type_of(plan, way, rule),
        fit=float(fits(plan, alone)[0]),
        engagement=float(found.engagement[number]),
        grade=CELLS[int(found.cell[number])],
        signal_ids=_evidence(plan, alone, way, rule, at) if shared is None else shared,
        lines=fit_lines(plan, alone, 0) + engagement_lines(plan, alone, standing, 0, end, track),
    )


def name_of(plan: Plan, way: int, rule: int) -> str:
    """Id of the rule that called, the cell for a score."""
    agreement = plan.agreement
    if way == SCORE:
        return CELLS[rule]
    if way == CHANGE:
        return agreement.interests.topics[rule].id if agreement.interests else ""
    if way == DIMENSION:
        return agreement.dimensions[rule].id
    return agreement.acts[rule].id if way == ACT else agreement.patterns[_pattern(plan, way, rule)].id


def _pattern(plan: Plan, way: int, rule: int) -> int:
    return plan.own_ids[rule] if way == PATTERN else plan.shared_ids[rule]


def lead_type_of(plan: Plan, way: int, rule: int) -> str:
    agreement = plan.agreement
    if way == SCORE:
        return agreement.alert_lead_type
    if way == CHANGE:
        return agreement.interests.change.lead_type if agreement.interests and agreement.interests.change else ""
    if way == DIMENSION:
        return agreement.dimensions[rule].lead_type
    return agreement.acts[rule].lead_type if way == ACT else agreement.patterns[_pattern(plan, way, rule)].lead_type


def _evidence(plan: Plan, alone: Crowd, way: int, rule: int, at: int) -> tuple[int, ...]:
    """The signals of the person behind an alert, newest first."""
    end = len(alone.at)
    if way == ACT:
        instant = next(place for place in range(end) if alone.at[place] == at)
        return evidence(alone, 0, end, (plan.borders.act_bit[rule],), instant)
    if way == PATTERN:
        bits = tuple(plan.own.bit[plan.own.first[rule] : plan.own.first[rule + 1]])
        return evidence(alone, 0, end, bits, _after(alone, at - plan.own.within[rule]))
    if way == CHANGE:
        return evidence(alone, 0, end, (plan.topics.bit[rule],), _after(alone, at - plan.topics.within))
    if way == DIMENSION:
        return _evidence_of_dimension(plan, alone, rule)
    return evidence(alone, 0, end, tuple(sorted({*plan.jars.bit, *plan.borders.act_bit, *plan.own.bit})))


def _evidence_of_dimension(plan: Plan, alone: Crowd, dimension: int) -> tuple[int, ...]:
    """The latest signals that one of the dimension's slots took."""
    first, end = (dimension + 1) * plan.limits.rules, len(alone.at)
    took = latest(plan, alone, 0, end, dict.fromkeys(range(first, first + plan.limits.rules), end))
    places = {int(number): place for place, number in enumerate(alone.ids)}
    newest = sorted({number for ids in took.values() for number in ids}, key=lambda one: -places[one])
    return tuple(newest[:EVIDENCE_KEPT])


def _after(alone: Crowd, at: int) -> int:
    """Place of the first signal after a moment."""
    return next((place for place in range(len(alone.at)) if alone.at[place] > at), len(alone.at))


def only(crowd: Crowd, person: int, until: int) -> Crowd:
    """A crowd of one: this person with the signals up to a moment, as lists."""
    first = int(crowd.starts[person])
    end = bisect_right(crowd.at, until, first, int(crowd.starts[person + 1]))
    signals = len(crowd.at)

    def cut(column: Any, width: int = 1) -> list[Any]:
        parts = [column[word * signals + first : word * signals + end] for word in range(width)]
        return [one for part in parts for one in (part.tolist() if hasattr(part, "tolist") else part)]

    return Crowd(
        people=[int(crowd.people[person])],
        organisations=[int(crowd.organisations[person])],
        fit=[int(crowd.fit[place]) for place in range(person, len(crowd.fit), crowd.size)],
        aside=[int(crowd.aside[place]) for place in range(person, len(crowd.aside), crowd.size)],
        starts=[0, end - first],
        at=cut(crowd.at),
        ids=cut(crowd.ids),
        masks=cut(crowd.masks, len(crowd.masks) // signals if signals else 1),
        weights=cut(crowd.weights) if len(crowd.weights) else [],
        contents=cut(crowd.contents) if len(crowd.contents) else [],
    )

"""What holds of an agreement as a whole: somebody can be called, and its questions can be answered quickly."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from vendange.agreement.conditions import Condition
from vendange.agreement.maturity import EngagementRule
from vendange.agreement.places import Place
from vendange.agreement.sentence import sentence
from vendange.agreement.terms import Agreement

MOST_CONDITIONS: Final = 500


def check_that_something_alerts(place: Place, agreement: Agreement) -> None:
    """An agreement under which nobody is ever called is a mistake."""
    if not any(ways_to_alert(agreement)):
        place.refuse(
            sentence("Nothing in this agreement can ever call a human."),
            sentence("Add an act, or a pattern, or cells under alert that fit and engagement rules can reach."),
        )


def ways_to_alert(agreement: Agreement) -> Iterator[bool]:
    yield bool(agreement.acts or agreement.patterns)
    change = agreement.interests.change if agreement.interests else None
    yield bool(change and change.lead_type)
    fit = min(100.0, sum(max(0.0, rule.points) for rule in agreement.fit))
    acted = highest_engagement(agreement)
    grades = agreement.grades
    yield any(can_reach(cell, fit, acted, grades.fit, grades.engagement) for cell in agreement.alert)
    for one in agreement.dimensions:
        yield any(can_reach(cell, fit, acted, grades.fit, one.grades) for cell in one.alert)


def can_reach(
    cell: str, fit: float, acted: float, fit_grades: Sequence[float], engagement_grades: Sequence[float]
) -> bool:
    """Whether so many points at most can come to this cell by what a person does: D and 4 ask for no points."""
    needed = dict(zip("ABC", fit_grades, strict=True)), dict(zip("123", engagement_grades, strict=True))
    return acted > 0 and fit >= needed[0].get(cell[0], 0.0) and acted >= needed[1].get(cell[1], 0.0)


def highest_engagement(agreement: Agreement) -> float:
    """The most points that all rules together can hold."""
    alone = highest_of(rule for rule in agreement.engagement if not rule.group)
    grouped = (
        min(highest_of(rule for rule in agreement.engagement if rule.group == group.id), group.cap or math.inf)
        for group in agreement.groups
    )
    return min(agreement.engagement_cap, alone + sum(grouped))


def highest_of(rules: Iterable[EngagementRule]) -> float:
    return sum(math.inf if rule.cap is None else rule.cap for rule in rules)


def check_conditions(place: Place, agreement: Agreement) -> None:
    """Each different question is one bit of the engine's masks."""
    count = len({*conditions_of_signals(agreement), *conditions_of_people(agreement)})
    if count > MOST_CONDITIONS:
        place.refuse(
            sentence("{count} different conditions are more than anybody can check.", count=count),
            sentence("Keep at most {most}.", most=MOST_CONDITIONS),
        )


def conditions_of_people(agreement: Agreement) -> Iterator[Condition]:
    yield from (one.where for one in agreement.personas)
    yield from (one.where for one in agreement.set_aside)
    yield from (one.where for one in agreement.fit)
    yield from (one.met_when for one in agreement.desk.criteria if one.met_when)


def conditions_of_signals(agreement: Agreement) -> Iterator[tuple[tuple[str, ...], Condition | None]]:
    """With the kinds they ask for; a dimension asks for none."""
    yield from ((one.on, one.where) for one in agreement.engagement)
    yield from ((one.on, one.where) for one in agreement.acts)
    yield from ((one.on, one.where) for one in (agreement.interests.topics if agreement.interests else ()))
    yield from ((one.on, one.where) for pattern in agreement.patterns for one in pattern.terms)
    yield from (((), one.where) for one in agreement.dimensions)

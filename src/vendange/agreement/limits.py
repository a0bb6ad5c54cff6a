"""Reads what holds points back: caps of a rule, a group, a day and a content, and weights by origin."""

from collections.abc import Iterable, Sequence
from typing import Final

from vendange.agreement.decay import MOST_POINTS
from vendange.agreement.items import read_rule_name, read_some
from vendange.agreement.maturity import EngagementRule, RuleGroup
from vendange.agreement.places import Place
from vendange.agreement.sentence import sentence
from vendange.agreement.vocabulary import ORIGINS

MOST_ENGAGEMENT: Final = 100.0


def read_limit(place: Place | None, points: float, most: float = MOST_POINTS) -> float | None:
    """A most that lets at least one signal through whole; None when it is left out."""
    if place is None:
        return None
    limit = place.number(above=0, at_most=most)
    if limit < points and not place.is_refused:
        place.refuse(
            sentence("The limit {limit} is below the points of one signal.", limit=f"{limit:g}"),
            sentence("Write at least {at_least}.", at_least=f"{points:g}"),
        )
    return limit


def read_groups(place: Place | None) -> tuple[RuleGroup, ...]:
    return read_some(place, _read_group)


def _read_group(place: Place) -> RuleGroup:
    fields = place.fields(("id", "label", "cap", "per_day"), needed=("id",))
    if not {"cap", "per_day"} & fields.keys():
        place.refuse(sentence("This group limits nothing."), sentence("Add cap or per_day, or remove the group."))
    cap, per_day = (read_limit(fields.get(name), 0) for name in ("cap", "per_day"))
    return RuleGroup(*read_rule_name(fields), cap, per_day)


def check_groups(place: Place | None, groups: Sequence[RuleGroup], rules: Iterable[EngagementRule]) -> None:
    """A group has rules, and room for one signal of each."""
    largest: dict[str, float] = {}
    for rule in rules:
        largest[rule.group] = max(rule.points, largest.get(rule.group, 0.0))
    for below, group in zip(place.items() if place and place.is_list() else (), groups, strict=False):
        if group.id not in largest:
            below.refuse(
                sentence("No rule belongs to the group {group}.", group=group.id),
                sentence("Write group: {group} in a rule, or remove the group.", group=group.id),
            )
            continue
        fields = below.fields(("id", "label", "cap", "per_day"))
        for name in {"cap", "per_day"} & fields.keys():
            if not fields[name].is_refused:
                read_limit(fields[name], largest[group.id])


def read_weights(place: Place | None) -> tuple[tuple[str, float], ...]:
    """Shares by origin, in the order of the vocabulary; a share of 1 says nothing and is left out."""
    if place is None:
        return ()
    if place.is_bare():
        place.refuse(sentence("Nothing is written here."), sentence("Write a value, or remove the field."))
    fields = place.fields(ORIGINS)
    shares = {origin: below.number(at_least=0, at_most=1) for origin, below in fields.items()}
    return tuple((origin, shares[origin]) for origin in ORIGINS if shares.get(origin, 1.0) != 1.0)

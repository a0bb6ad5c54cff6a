"""Reads what people's acts are worth: rules, their limits, and dimensions beside the common engagement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vendange.agreement.decay import read_decaying_points, read_half_life
from vendange.agreement.items import read_items, read_rule_name, read_some
from vendange.agreement.kinds import read_kinds
from vendange.agreement.limits import MOST_ENGAGEMENT, check_groups, read_groups, read_limit, read_weights
from vendange.agreement.maturity import Dimension, EngagementRule, Grades, RuleGroup
from vendange.agreement.places import Place
from vendange.agreement.sections import read_cells, read_engagement_grades
from vendange.agreement.sentence import sentence
from vendange.agreement.where import NOWHERE, read_signal_condition

HALF_LIFE_DAYS: Final = 30.0
MOST_DIMENSIONS: Final = 30
SECTION: Final = ("half_life", "cap", "per_day", "weights", "groups", "rules", "dimensions")
RULE: Final = (
    "id",
    "label",
    "on",
    "where",
    "points",
    "cap",
    "half_life",
    "group",
    "per_day",
    "per_content",
)


@dataclass(frozen=True, slots=True)
class Engagement:
    rules: tuple[EngagementRule, ...] = ()
    cap: float = MOST_ENGAGEMENT
    per_day: float | None = None
    groups: tuple[RuleGroup, ...] = ()
    weights: tuple[tuple[str, float], ...] = ()
    dimensions: tuple[Dimension, ...] = ()


def read_engagement(place: Place | None, grades: Grades, types: Sequence[str]) -> Engagement:
    """`types` are the ids of the lead types; the first is that of a dimension that names none."""
    fields = place.fields(SECTION, needed=("rules",)) if place else {}
    half_life = read_half_life(fields.get("half_life"), HALF_LIFE_DAYS)
    groups = read_groups(fields.get("groups"))
    known = [group.id for group in groups]
    written = fields.get("rules")
    rules = read_items(written, lambda below: _read_rule(below, half_life, known)) if written else ()
    check_groups(fields.get("groups"), groups, rules)
    largest = max((rule.points for rule in rules), default=0.0)
    return Engagement(
        rules=rules,
        cap=read_limit(fields.get("cap"), min(largest, MOST_ENGAGEMENT), MOST_ENGAGEMENT) or MOST_ENGAGEMENT,
        per_day=read_limit(fields.get("per_day"), largest),
        groups=groups,
        weights=read_weights(fields.get("weights")),
        dimensions=_read_dimensions(fields.get("dimensions"), grades, types, has_rules=bool(rules)),
    )


def _read_rule(place: Place, half_life: float, groups: Sequence[str]) -> EngagementRule:
    fields = place.fields(RULE, needed=("id", "on", "points"))
    points = read_decaying_points(fields.get("points"))
    return EngagementRule(
        *read_rule_name(fields),
        on=read_kinds(fields["on"]) if "on" in fields else (),
        where=read_signal_condition(fields["where"]) if "where" in fields else None,
        points=points,
        cap=read_limit(fields.get("cap"), points),
        half_life_days=read_half_life(fields.get("half_life"), half_life),
        group=_read_group(fields["group"], groups) if "group" in fields else "",
        per_day=read_limit(fields.get("per_day"), points),
        per_content=read_limit(fields.get("per_content"), points),
    )


def _read_group(place: Place, groups: Sequence[str]) -> str:
    if groups:
        return place.one_of(groups)
    place.refuse(
        sentence("There is no group {group}.", group=place.text()), sentence("List it under groups, with its cap.")
    )
    return ""


def _read_dimensions(
    place: Place | None, grades: Grades, types: Sequence[str], *, has_rules: bool
) -> tuple[Dimension, ...]:
    found = read_some(place, lambda below: _read_dimension(below, grades, types, has_rules=has_rules))
    if place and len(found) > MOST_DIMENSIONS:
        place.refuse(
            sentence("{count} dimensions are too many to be told apart.", count=len(found)),
            sentence("Keep at most {most}.", most=MOST_DIMENSIONS),
        )
    return found


def _read_dimension(place: Place, grades: Grades, types: Sequence[str], *, has_rules: bool) -> Dimension:
    fields = place.fields(("id", "label", "where", "grades", "alert", "lead_type"), needed=("id", "where"))
    alert = read_cells(fields["alert"]) if "alert" in fields else frozenset()
    if alert and not has_rules:
        fields["alert"].refuse(
            sentence("Without engagement rules no dimension can call a human."),
            sentence("Add rules under engagement, or remove alert."),
        )
    return Dimension(
        *read_rule_name(fields),
        where=read_signal_condition(fields["where"]) if "where" in fields else NOWHERE,
        grades=read_engagement_grades(fields.get("grades"), grades.engagement),
        alert=alert,
        lead_type=fields["lead_type"].one_of(types) if "lead_type" in fields else types[0],
    )

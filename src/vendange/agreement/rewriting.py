"""A written agreement with other points: its rules of fit and engagement replaced, its thresholds moved, the rest kept.

Every other character stays as it was. What the new text says is for `language.load` to judge.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from vendange.agreement.conditions import Condition, Group
from vendange.agreement.label import Label
from vendange.agreement.maturity import EngagementRule, FitRule, Grades
from vendange.agreement.positions import Part, find, parts, steps
from vendange.agreement.writing import Value, flow, plain, remove, set_value

TIGHT: Final = "engagement.per_day"


def with_rules(
    text: str, *, fit: Sequence[FitRule] = (), engagement: Sequence[EngagementRule] = (), grades: Grades | None = None
) -> str:
    """The text with these rules in place of its own; a side that is left empty keeps its own rules.

    Groups that hold no rule any more go, and a limit per day that is below the points of one signal is raised to them.
    Raises CannotWrite and NotAnAgreement.
    """
    if fit:
        text = _with_list(text, "fit", [_fit_rule(one) for one in fit])
    if engagement:
        text = remove(text, "engagement.groups")
        text = _with_list(text, "engagement.rules", [_engagement_rule(one) for one in engagement])
        text = _with_room(text, max(one.points for one in engagement))
    if grades:
        for side, names, values in (("fit", "ABC", grades.fit), ("engagement", "123", grades.engagement)):
            for name, value in zip(names, values, strict=True):
                text = set_value(text, f"grades.{side}.{name}", value)
    return text


def _with_room(text: str, largest: float) -> str:
    part = find(parts(text), steps(TIGHT))
    if part is None or part.kind != "text" or float(part.text) >= largest:
        return text
    return set_value(text, TIGHT, largest)


def _with_list(text: str, path: str, items: Sequence[Mapping[str, Value]]) -> str:
    """The items one below the other, each field on its line, where the old list stood."""
    part = find(parts(text), steps(path))
    if part is None or part.kind != "list" or part.flow or not part.items:
        return set_value(text, path, list(items))
    return text[: part.start] + _lines(items, part).lstrip(" ") + text[part.end :]


def _lines(items: Sequence[Mapping[str, Value]], part: Part) -> str:
    indent = " " * part.column
    return "\n".join(
        "\n".join(
            f"{indent}{'- ' if place == 0 else '  '}{plain(name)}: {flow(value)}"
            for place, (name, value) in enumerate(item.items())
        )
        for item in items
    )


def _fit_rule(rule: FitRule) -> dict[str, Value]:
    return {"id": rule.id, "label": _label(rule.label), "where": as_written(rule.where), "points": rule.points}


def _engagement_rule(rule: EngagementRule) -> dict[str, Value]:
    on: Value = rule.on[0] if len(rule.on) == 1 else list(rule.on)
    found: dict[str, Value] = {"id": rule.id, "label": _label(rule.label), "on": on}
    if rule.where is not None:
        found["where"] = as_written(rule.where)
    found["points"] = rule.points
    if rule.cap is not None:
        found["cap"] = rule.cap
    found["half_life"] = f"{rule.half_life_days:g} days"
    return found


def _label(label: Label) -> Value:
    return {"en": label.en, "fr": label.fr}


def as_written(condition: Condition) -> dict[str, Value]:
    """A condition as it is written in an agreement.

    >>> from vendange.agreement.conditions import Leaf
    >>> as_written(Leaf("organisation.employees", "at_least", 50.0))
    {'organisation.employees': {'at_least': 50.0}}
    """
    if isinstance(condition, Group):
        return {condition.join: [as_written(part) for part in condition.parts]}
    value: Value = list(condition.value) if isinstance(condition.value, tuple) else condition.value
    if isinstance(condition.value, bool):
        value = "true" if condition.value else "false"
    if condition.operator == "is" or (condition.operator == "in" and isinstance(value, list)):
        return {condition.dimension: value}
    return {condition.dimension: {condition.operator: value}}

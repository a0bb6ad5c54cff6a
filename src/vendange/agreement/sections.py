"""Reads the sections that say what a mature lead is: types, target, fit, engagement, acts, grades, alert."""

from collections.abc import Iterable, Sequence
from typing import Final

from vendange.agreement.decay import MOST_POINTS
from vendange.agreement.items import read_each, read_items, read_plain, read_rule_name, read_some
from vendange.agreement.kinds import read_kinds
from vendange.agreement.label import Label
from vendange.agreement.maturity import Act, FitRule, Grades, LeadType, Persona, SetAside, Temperature
from vendange.agreement.places import Place
from vendange.agreement.sentence import sentence
from vendange.agreement.where import NOWHERE, read_person_condition, read_signal_condition

MOST_FIT: Final = 100.0  # fit is held between 0 and this
CELLS: Final = tuple(f"{fit}{engagement}" for fit in "ABCD" for engagement in "1234")


def read_lead_types(place: Place | None) -> tuple[LeadType, ...]:
    if place is None:
        return (LeadType("lead", Label("Lead", "Piste")),)
    types = read_items(place, lambda below: LeadType(*read_plain(below)))
    if place.is_list() and not types:
        place.refuse(sentence("There is no lead type."), sentence("List at least one."))
    return types


def read_target(place: Place | None) -> tuple[tuple[Persona, ...], tuple[SetAside, ...]]:
    fields = place.fields(("personas", "set_aside")) if place else {}
    return read_some(fields.get("personas"), _read_persona), read_set_aside(fields.get("set_aside"))


def _read_persona(place: Place) -> Persona:
    fields = place.fields(("id", "label", "where"), needed=("id", "where"))
    where = read_person_condition(fields["where"]) if "where" in fields else NOWHERE
    return Persona(*read_rule_name(fields), where)


def read_set_aside(place: Place | None) -> tuple[SetAside, ...]:
    return read_items(place, _read_set_aside) if place else ()


def _read_set_aside(place: Place) -> SetAside:
    fields = place.fields(("id", "label", "where"), needed=("id", "where"))
    where = read_person_condition(fields["where"]) if "where" in fields else NOWHERE
    return SetAside(*read_rule_name(fields), where)


def read_fit(place: Place | None) -> tuple[FitRule, ...]:
    return read_items(place, _read_fit_rule) if place else ()


def _read_fit_rule(place: Place) -> FitRule:
    fields = place.fields(("id", "label", "where", "points"), needed=("id", "where", "points"))
    points = fields["points"].number(-MOST_POINTS, at_most=MOST_POINTS) if "points" in fields else 1.0
    if points == 0:
        fields["points"].refuse(
            sentence("0 points change nothing."), sentence("Write points above 0, or below 0 to take points off.")
        )
    if abs(points) > MOST_FIT and not fields["points"].is_refused:
        fields["points"].refuse(
            sentence("{points} points are more than fit can move: it stays between 0 and 100.", points=f"{points:g}"),
            sentence("Write points between -100 and 100."),
            only_new=True,
        )
    where = read_person_condition(fields["where"]) if "where" in fields else NOWHERE
    return FitRule(*read_rule_name(fields), where, points)


def read_acts(place: Place | None, types: Sequence[str]) -> tuple[Act, ...]:
    """`types` are the ids of the lead types, at least one; the first is that of an act that names none."""
    return read_items(place, lambda below: _read_act(below, types)) if place else ()


def _read_act(place: Place, types: Sequence[str]) -> Act:
    fields = place.fields(("id", "label", "on", "where", "lead_type"), needed=("id", "on"))
    return Act(
        *read_rule_name(fields),
        on=read_kinds(fields["on"]) if "on" in fields else (),
        where=read_signal_condition(fields["where"]) if "where" in fields else None,
        lead_type=fields["lead_type"].one_of(types) if "lead_type" in fields else types[0],
    )


def read_grades(place: Place | None) -> Grades:
    fields = place.fields(("fit", "engagement")) if place else {}
    return Grades(
        fit=_thresholds(fields.get("fit"), ("A", "B", "C"), (70.0, 45.0, 20.0)),
        engagement=read_engagement_grades(fields.get("engagement"), (70.0, 40.0, 15.0)),
    )


def read_engagement_grades(place: Place | None, default: tuple[float, float, float]) -> tuple[float, float, float]:
    return _thresholds(place, ("1", "2", "3"), default)


def _thresholds(
    place: Place | None, names: tuple[str, ...], default: tuple[float, float, float]
) -> tuple[float, float, float]:
    fields = place.fields(names, needed=names) if place else {}
    if place is None or len(fields) < len(names):
        return default
    high, middle, low = (fields[name].number(above=0, at_most=100) for name in names)
    if not high > middle > low and not any(fields[name].is_refused for name in names):
        remedy = sentence(
            "Write {first} above {second} above {third}.", first=names[0], second=names[1], third=names[2]
        )
        place.refuse(sentence("The thresholds do not go down from one grade to the next."), remedy)
    return high, middle, low


def read_temperature(place: Place | None, grades: Grades) -> Temperature:
    """Left out: hot from engagement grade 2, warm from grade 3."""
    if place is None:
        return Temperature(grades.engagement[1], grades.engagement[2])
    fields = place.fields(("hot", "warm", "margin"), needed=("hot", "warm"))
    if not {"hot", "warm"} <= fields.keys():
        return Temperature(2.0, 1.0)
    hot, warm = (fields[name].number(above=0, at_most=100) for name in ("hot", "warm"))
    if hot <= warm and not any(fields[name].is_refused for name in ("hot", "warm")):
        place.refuse(
            sentence("Hot is not above warm."), sentence("Write a threshold for hot that is above the one for warm.")
        )
    return Temperature(hot, warm, _margin(fields["margin"], warm) if "margin" in fields else 0.0)


def _margin(place: Place, warm: float) -> float:
    margin = place.number(at_least=0, at_most=100)
    if margin >= warm:
        place.refuse(
            sentence("With this margin nobody ever becomes cold again."),
            sentence("Write a margin below {warm}.", warm=f"{warm:g}"),
        )
    return margin


def read_cells(place: Place) -> frozenset[str]:
    return frozenset(read_each(place.items(), CELLS))


def read_volume_cells(place: Place) -> Iterable[str]:
    """Cells of the grid; a letter alone stands for its four cells."""
    for text in read_each(place.items(), (*CELLS, *"ABCD")):
        yield from (cell for cell in CELLS if cell.startswith(text))

"""Reads the sections that say what a mature lead is: types, target, fit, engagement, acts, grades, alert."""

import re
from collections.abc import Callable, Collection, Iterable
from typing import Final, Protocol, TypeVar

from vendange.agreement.label import Label
from vendange.agreement.maturity import Act, EngagementRule, FitRule, Grades, LeadType, SetAside, Temperature
from vendange.agreement.places import Place
from vendange.agreement.problems import nearest
from vendange.agreement.sentence import sentence
from vendange.agreement.vocabulary import KIND_PATTERN, KINDS
from vendange.agreement.where import NOWHERE, read_person_condition, read_signal_condition

MOST_POINTS: Final = 1000
HALF_LIFE_DAYS: Final = 30.0
RESERVED_RULE: Final = "limit"  # the engine's own line
CELLS: Final = tuple(f"{fit}{engagement}" for fit in "ABCD" for engagement in "1234")
SECOND_THOUGHT: Final = sentence(
    "Decaying points must be above 0. To take points off, use a fit rule: it does not decay."
)


class Named(Protocol):
    @property
    def id(self) -> str: ...


Item = TypeVar("Item", bound=Named)


def read_items(place: Place, read: Callable[[Place], Item]) -> tuple[Item, ...]:
    """The items of a list, each with its own id."""
    found: dict[str, Item] = {}
    for below in place.items():
        item = read(below)
        if item.id in found and item.id:
            below.refuse(sentence("The id {id} is used twice.", id=item.id), sentence("Give each its own id."))
        found.setdefault(item.id, item)
    return tuple(found.values())


def read_name(fields: dict[str, Place]) -> tuple[str, Label]:
    """The id and the label; a label left out is the id in plain letters."""
    name = fields["id"].identifier() if "id" in fields else ""
    return name, fields["label"].label() if "label" in fields else spelled_out(name)


def spelled_out(name: str) -> Label:
    text = name.replace("-", " ").capitalize()
    return Label(text, text)


def read_plain(place: Place) -> tuple[str, Label]:
    """An id with a label, or an id alone."""
    if place.is_table():
        return read_name(place.fields(("id", "label"), needed=("id",)))
    name = place.identifier()
    return name, spelled_out(name)


def read_lead_types(place: Place | None) -> tuple[LeadType, ...]:
    if place is None:
        return (LeadType("lead", Label("Lead", "Piste")),)
    types = read_items(place, lambda below: LeadType(*read_plain(below)))
    if place.is_list() and not types:
        place.refuse(sentence("There is no lead type."), sentence("List at least one."))
    return types


def read_set_aside(place: Place | None) -> tuple[SetAside, ...]:
    below = place.fields(("set_aside",)).get("set_aside") if place else None
    return read_items(below, _read_set_aside) if below else ()


def _read_set_aside(place: Place) -> SetAside:
    fields = place.fields(("id", "label", "where"), needed=("id", "where"))
    where = read_person_condition(fields["where"]) if "where" in fields else NOWHERE
    return SetAside(*read_name(fields), where)


def read_fit(place: Place | None) -> tuple[FitRule, ...]:
    return read_items(place, _read_fit_rule) if place else ()


def _read_fit_rule(place: Place) -> FitRule:
    fields = place.fields(("id", "label", "where", "points"), needed=("id", "where", "points"))
    points = fields["points"].number(-MOST_POINTS, at_most=MOST_POINTS) if "points" in fields else 1.0
    if points == 0:
        fields["points"].refuse(
            sentence("0 points change nothing."), sentence("Write points above 0, or below 0 to take points off.")
        )
    _refuse_reserved(fields)
    where = read_person_condition(fields["where"]) if "where" in fields else NOWHERE
    return FitRule(*read_name(fields), where, points)


def _refuse_reserved(fields: dict[str, Place]) -> None:
    place = fields.get("id")
    if place and place.text() == RESERVED_RULE:
        place.refuse(
            sentence("{name} is a name of the engine.", name=RESERVED_RULE),
            sentence("Choose another id."),
        )


def read_engagement(place: Place | None) -> tuple[EngagementRule, ...]:
    fields = place.fields(("half_life", "rules"), needed=("rules",)) if place else {}
    half_life = _half_life(fields["half_life"]) if "half_life" in fields else HALF_LIFE_DAYS
    rules = fields.get("rules")
    return read_items(rules, lambda below: _read_engagement_rule(below, half_life)) if rules else ()


def _half_life(place: Place) -> float:
    text = getattr(place.node, "text", "")
    if text.startswith("-"):
        place.refuse(
            sentence("A half-life cannot be negative."),
            sentence("Write the time after which points are worth half: 21 days."),
        )
        return HALF_LIFE_DAYS
    return place.elapsed_days()


def _read_engagement_rule(place: Place, half_life: float) -> EngagementRule:
    allowed = ("id", "label", "on", "where", "points", "cap", "half_life")
    fields = place.fields(allowed, needed=("id", "on", "points"))
    points = _decaying_points(fields["points"]) if "points" in fields else 1.0
    _refuse_reserved(fields)
    return EngagementRule(
        *read_name(fields),
        on=read_kinds(fields["on"]) if "on" in fields else (),
        where=read_signal_condition(fields["where"]) if "where" in fields else None,
        points=points,
        cap=_cap(fields["cap"], points) if "cap" in fields else None,
        half_life_days=_half_life(fields["half_life"]) if "half_life" in fields else half_life,
    )


def _decaying_points(place: Place) -> float:
    points = place.number(at_most=MOST_POINTS)
    if points <= 0:
        place.refuse(sentence("{points} points cannot decay.", points=f"{points:g}"), SECOND_THOUGHT)
        return 1.0
    return points


def _cap(place: Place, points: float) -> float:
    cap = place.number(above=0, at_most=MOST_POINTS)
    if cap < points:
        place.refuse(
            sentence("The cap {cap} is below the points of one signal.", cap=f"{cap:g}"),
            sentence("Write a cap of at least {points}.", points=f"{points:g}"),
        )
    return cap


def read_kinds(place: Place) -> tuple[str, ...]:
    """One kind of signal or several. Other kinds than the known ones are welcome, unless they look like a slip."""
    places = list(place.items()) if place.is_list() else [place]
    if not places:
        place.refuse(sentence("No kind of signal is named."), sentence("List at least one, such as page_viewed."))
    return tuple(sorted({_read_kind(below) for below in places}))


def _read_kind(place: Place) -> str:
    kind = place.text()
    near = nearest(kind, KINDS, likeness=0.85)
    if not kind or kind in KINDS:
        return kind
    if not re.fullmatch(KIND_PATTERN, kind):
        remedy = (
            sentence("Did you mean {near}?", near=near)
            if near
            else sentence("Use lower-case letters, digits and _: page_viewed.")
        )
        place.refuse(sentence("{kind} cannot be a kind of signal.", kind=kind), remedy)
    elif near:
        place.refuse(
            sentence("{kind} is not a known kind of signal.", kind=kind),
            sentence("Did you mean {near}? If not, choose another name.", near=near),
        )
    return kind


def read_acts(place: Place | None, types: tuple[LeadType, ...]) -> tuple[Act, ...]:
    known = [lead_type.id for lead_type in types] or [""]
    return read_items(place, lambda below: _read_act(below, known)) if place else ()


def _read_act(place: Place, types: list[str]) -> Act:
    fields = place.fields(("id", "label", "on", "where", "lead_type"), needed=("id", "on"))
    return Act(
        *read_name(fields),
        on=read_kinds(fields["on"]) if "on" in fields else (),
        where=read_signal_condition(fields["where"]) if "where" in fields else None,
        lead_type=fields["lead_type"].one_of(types) if "lead_type" in fields else types[0],
    )


def read_grades(place: Place | None) -> Grades:
    fields = place.fields(("fit", "engagement")) if place else {}
    return Grades(
        fit=_thresholds(fields.get("fit"), ("A", "B", "C"), (70.0, 45.0, 20.0)),
        engagement=_thresholds(fields.get("engagement"), ("1", "2", "3"), (70.0, 40.0, 15.0)),
    )


def _thresholds(
    place: Place | None, names: tuple[str, ...], default: tuple[float, float, float]
) -> tuple[float, float, float]:
    fields = place.fields(names, needed=names) if place else {}
    if place is None or len(fields) < len(names):
        return default
    high, middle, low = (fields[name].number(above=0, at_most=100) for name in names)
    if not high > middle > low:
        remedy = sentence(
            "Write {first} above {second} above {third}.", first=names[0], second=names[1], third=names[2]
        )
        place.refuse(sentence("The thresholds do not go down from one grade to the next."), remedy)
    return high, middle, low


def read_temperature(place: Place | None, grades: Grades) -> Temperature:
    """Left out: hot from engagement grade 2, warm from grade 3."""
    if place is None:
        return Temperature(grades.engagement[1], grades.engagement[2])
    fields = place.fields(("hot", "warm"), needed=("hot", "warm"))
    if len(fields) < 2:
        return Temperature(2.0, 1.0)
    hot, warm = (fields[name].number(above=0, at_most=100) for name in ("hot", "warm"))
    if hot <= warm:
        place.refuse(
            sentence("Hot is not above warm."), sentence("Write a threshold for hot that is above the one for warm.")
        )
    return Temperature(hot, warm)


def read_cells(place: Place) -> frozenset[str]:
    return frozenset(below.one_of(CELLS) for below in place.items())


def read_volume_cells(place: Place) -> Iterable[str]:
    """Cells of the grid; a letter alone stands for its four cells."""
    for below in place.items():
        text = below.one_of((*CELLS, *"ABCD"))
        yield from (cell for cell in CELLS if cell.startswith(text))


def check_that_something_alerts(
    place: Place, alert: frozenset[str], rules: Collection[EngagementRule], acts: Collection[Act]
) -> None:
    """An agreement under which nobody is ever called is a mistake."""
    if not acts and not (alert and rules):
        what = sentence("Nothing in this agreement can ever call a human.")
        place.refuse(what, sentence("Add an act, or engagement rules and cells of the grid under alert."))

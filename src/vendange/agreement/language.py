"""The written agreement: YAML in, frozen values out, or all that is wrong with it."""

import hashlib
import json
from dataclasses import Field, is_dataclass, replace
from dataclasses import fields as fields_of
from functools import lru_cache
from typing import Any, Final

from vendange.agreement.conditions import Group, Leaf
from vendange.agreement.engagement import read_engagement
from vendange.agreement.interests import read_interests
from vendange.agreement.maturity import Pattern
from vendange.agreement.patterns import read_heat, read_patterns
from vendange.agreement.places import Place
from vendange.agreement.pressure import read_pressure
from vendange.agreement.prices import read_prices
from vendange.agreement.problems import NotAnAgreement, Problem
from vendange.agreement.promises import (
    read_calendar,
    read_delays,
    read_desk,
    read_recycling,
    read_reports,
    read_returns,
    read_routing,
    read_volumes,
)
from vendange.agreement.reach import check_conditions, check_that_something_alerts
from vendange.agreement.sections import (
    read_acts,
    read_cells,
    read_fit,
    read_grades,
    read_lead_types,
    read_target,
    read_temperature,
)
from vendange.agreement.sentence import sentence
from vendange.agreement.starting import LONGEST_NAME
from vendange.agreement.terms import Agreement
from vendange.agreement.yaml_tree import read_tree

__all__ = ["NotAnAgreement", "Problem", "canonical", "load", "load_kept", "plain"]

SECTIONS: Final = (
    "agreement",
    "calendar",
    "lead_types",
    "target",
    "fit",
    "engagement",
    "interests",
    "acts",
    "patterns",
    "grades",
    "alert",
    "alert_lead_type",
    "cool_down",
    "temperature",
    "organisation",
    "desk",
    "delays",
    "returns",
    "recycling",
    "volumes",
    "reports",
    "routing",
    "pressure",
    "prices",
)
ALERT: Final = frozenset({"A1", "A2", "B1"})
COOL_DOWN_DAYS: Final = 90.0


def load(text: str | bytes) -> Agreement:
    """The agreement written in this YAML text; the same text is read once. Raises NotAnAgreement with every problem."""
    return _load(text)


def load_kept(text: str) -> Agreement:
    """As `load`, of a text that was valid when it was drafted: what is refused only since then is let through."""
    return _load(text, is_new=False)


@lru_cache(maxsize=16)
def _load(text: str | bytes, *, is_new: bool = True) -> Agreement:
    problems: list[Problem] = []
    top = Place(read_tree(text, problems), "", problems)
    agreement = _read(top, top.fields(SECTIONS, needed=("agreement",)))
    if any(is_new or not one.only_new for one in problems):
        raise NotAnAgreement(problems)
    return replace(agreement, sha=hashlib.sha256(canonical(agreement).encode()).hexdigest())


def _read(top: Place, at: dict[str, Place]) -> Agreement:
    lead_types = read_lead_types(at.get("lead_types"))
    types = [lead_type.id for lead_type in lead_types] or [""]
    alert_lead_type = at["alert_lead_type"].one_of(types) if "alert_lead_type" in at else types[0]
    score_first = sorted(types, key=lambda one: one != alert_lead_type)
    grades = read_grades(at.get("grades"))
    engagement = read_engagement(at.get("engagement"), grades, score_first)
    calendar = read_calendar(at.get("calendar"))
    personas, set_aside = read_target(at.get("target"))
    agreement = Agreement(
        sha="",
        name=_name(at),
        calendar=calendar,
        lead_types=lead_types,
        personas=personas,
        set_aside=set_aside,
        fit=read_fit(at.get("fit")),
        engagement=engagement.rules,
        engagement_cap=engagement.cap,
        engagement_per_day=engagement.per_day,
        groups=engagement.groups,
        weights=engagement.weights,
        dimensions=engagement.dimensions,
        interests=read_interests(at.get("interests"), types),
        acts=read_acts(at.get("acts"), types),
        patterns=read_patterns(at.get("patterns"), types),
        grades=grades,
        alert=read_cells(at["alert"]) if "alert" in at else ALERT if engagement.rules else frozenset(),
        alert_lead_type=alert_lead_type,
        cool_down_days=at["cool_down"].elapsed_days() if "cool_down" in at else COOL_DOWN_DAYS,
        temperature=read_temperature(at.get("temperature"), grades),
        heat=read_heat(at.get("organisation"), engagement),
        desk=read_desk(at.get("desk")),
        delays=read_delays(at.get("delays"), calendar),
        returns=read_returns(at.get("returns")),
        recycling=read_recycling(at.get("recycling")),
        volumes=read_volumes(at.get("volumes")),
        reports=read_reports(at.get("reports")),
        routing=read_routing(at.get("routing")),
        pressure=read_pressure(at.get("pressure")),
        prices=read_prices(at.get("prices"), types),
    )
    check_that_something_alerts(at.get("alert", top), agreement)
    check_conditions(top, agreement)
    return agreement


def _name(at: dict[str, Place]) -> str:
    place = at.get("agreement")
    if place and place.is_table():
        place = place.fields(("name",), needed=("name",)).get("name")
    name = place.text() if place else ""
    if place and len(name) > LONGEST_NAME:
        place.refuse(
            sentence("This name is too long."),
            sentence("Use at most {most} characters.", most=LONGEST_NAME),
            only_new=True,
        )
    return name


def canonical(agreement: Agreement) -> str:
    """The agreement as one JSON text that depends on its meaning only, not on how it was written. Without `sha`."""
    form = {field.name: plain(getattr(agreement, field.name)) for field in fields_of(agreement) if field.name != "sha"}
    return _json(form)


def _json(form: object) -> str:
    return json.dumps(form, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def plain(value: object) -> object:
    """A part of an agreement as JSON knows it; two parts that mean the same are equal, however they were written."""
    if isinstance(value, Leaf) and value.operator in {"in", "not"} and isinstance(value.value, tuple):
        return {"dimension": value.dimension, "operator": value.operator, "value": sorted(set(value.value), key=_json)}
    if isinstance(value, Group):
        return {"join": value.join, "parts": sorted((plain(part) for part in value.parts), key=_json)}
    if isinstance(value, Pattern):
        value = replace(value, terms=tuple(sorted(value.terms, key=lambda term: _json(plain(term)))))
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields_of(value) if _is_said(field, value)}
    if isinstance(value, frozenset):
        return sorted(value)
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def _is_said(field: Field[Any], value: object) -> bool:
    """What was added to the language later changes no identity until an agreement says it."""
    return not field.metadata.get("left_out_as_default") or getattr(value, field.name) != field.default

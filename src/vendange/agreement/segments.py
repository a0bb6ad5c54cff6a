"""Reads the conditions of a segment, in the grammar of the agreement, and writes them down again."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from vendange.agreement.conditions import Condition, Group, Leaf
from vendange.agreement.kinds import read_kinds
from vendange.agreement.patterns import MOST_SIGNALS
from vendange.agreement.places import EMPTY, NUMBER, Place
from vendange.agreement.problems import NotAnAgreement, Problem
from vendange.agreement.sentence import sentence
from vendange.agreement.stages import CLOSED, Stage
from vendange.agreement.vocabulary import TIERS
from vendange.agreement.where import read_person_condition, read_signal_condition
from vendange.agreement.yaml_tree import read_tree

SECTIONS: Final = ("who", "did", "did_not", "stands", "consents")
RELATIONSHIPS: Final = ("suspect", "prospect", "customer")
TEMPERATURES: Final = ("hot", "warm", "cold")
STAGES: Final = tuple(str(stage) for stage in Stage if stage not in CLOSED)
CELLS: Final = tuple(f"{fit}{acted}" for fit in "ABCD" for acted in "1234")
HELD: Final = ("nobody", "somebody")
CHANNELS: Final = ("email", "phone", "sms", "tracking")
SAID: Final = ("given", "not_refused", "refused")
ONE_AT_LEAST: Final = sentence("Write at least one condition, such as who: {{person.country: FR}}.")
MOST_ACTS: Final = 20  # conditions on acts, in one segment
PLAIN: Final = re.compile(r"[A-Za-zÀ-ÿ_][\wÀ-ÿ .+/@-]*[\wÀ-ÿ+/]|[A-Za-z]|\d+ [a-z]+")
OTHER_VALUES: Final = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


@dataclass(frozen=True, slots=True)
class Did:
    """At least `times` signals of these kinds, no older than `within_days`; None: whenever."""

    on: tuple[str, ...]
    where: Condition | None = None
    within_days: float | None = None
    times: int = 1


@dataclass(frozen=True, slots=True)
class Selection:
    """Who belongs to a segment: everything that is said must be true; what is empty asks nothing.

    `cell`: at least as good in both, so B2 takes A1, A2, B1 and B2. `stage`: of an open lead. `held`: nobody has an
    open lead of theirs in hand, or somebody has, or one of these logins.
    """

    who: Condition | None = None
    did: tuple[Did, ...] = ()
    did_not: tuple[Did, ...] = ()
    relationship: tuple[str, ...] = ()
    temperature: tuple[str, ...] = ()
    cell: str = ""
    stage: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    consents: tuple[tuple[str, str], ...] = field(default=())  # channel and what they said of it

    @property
    def acts(self) -> tuple[Did, ...]:
        return (*self.did, *self.did_not)

    @property
    def is_measured(self) -> bool:
        """Whether it asks for something that only an agreement in force can say."""
        return bool(self.cell or self.temperature)


@lru_cache(maxsize=256)
def selection_of(text: str, *, is_new: bool = True) -> Selection:
    """The conditions written in this YAML. Raises NotAnAgreement with every problem.

    `is_new`: false lets through what is refused only since the text was saved.
    """
    problems: list[Problem] = []
    if not text.strip():
        problems.append(Problem(1, "", sentence("This segment asks nothing."), ONE_AT_LEAST))
        raise NotAnAgreement(problems)
    found = _read(Place(read_tree(text, problems), "", problems))
    if any(is_new or not one.only_new for one in problems):
        raise NotAnAgreement(problems)
    return found


def _read(top: Place) -> Selection:
    at = top.fields(SECTIONS)
    if top.is_table() and not at and not top.problems:
        top.refuse(sentence("This segment asks nothing."), ONE_AT_LEAST)
    stands = at["stands"].fields(STANDS) if "stands" in at else {}
    if "stands" in at and at["stands"].is_bare():
        at["stands"].refuse(sentence("This condition asks nothing."), sentence("Add a field, or remove stands."))
    return Selection(
        who=read_person_condition(at["who"]) if "who" in at else None,
        did=_read_acts(at.get("did")),
        did_not=_read_acts(at.get("did_not")),
        consents=_read_consents(at.get("consents")),
        **{name: read(stands[written]) for written, (name, read) in STANDS.items() if written in stands},
    )


def _codes(allowed: Sequence[str]) -> Callable[[Place], tuple[str, ...]]:
    def read(place: Place) -> tuple[str, ...]:
        places = list(place.items()) if place.is_list() else [place]
        if not places:
            place.refuse(sentence("This list is empty."), sentence("List at least one value."))
        found = {below.one_of(allowed) for below in places}
        return tuple(code for code in allowed if code in found)

    return read


def _read_held(place: Place) -> tuple[str, ...]:
    places = list(place.items()) if place.is_list() else [place]
    found = tuple(dict.fromkeys(name for below in places if (name := below.text())))
    if len(found) > 1 and set(found) & set(HELD):
        place.refuse(
            sentence("nobody and somebody stand alone."), sentence("Write one of them, or the logins of colleagues.")
        )
    return found


STANDS: Final[Mapping[str, tuple[str, Callable[[Place], Any]]]] = {
    "relationship": ("relationship", _codes(RELATIONSHIPS)),
    "temperature": ("temperature", _codes(TEMPERATURES)),
    "cell_at_least": ("cell", lambda place: place.one_of(CELLS)),
    "stage": ("stage", _codes(STAGES)),
    "tier": ("tier", _codes(TIERS)),
    "held_by": ("held", _read_held),
}


def _read_acts(place: Place | None) -> tuple[Did, ...]:
    if place is None:
        return ()
    places = list(place.items()) if place.is_list() else [place]
    if not places:
        place.refuse(sentence("No act is named."), sentence("List at least one, such as on: quote_requested."))
    if len(places) > MOST_ACTS:
        place.refuse(
            sentence("{count} conditions on acts are too many.", count=len(places)),
            sentence("Keep at most {most}.", most=MOST_ACTS),
        )
    return tuple(_read_act(below) for below in places)


def _read_act(place: Place) -> Did:
    fields = place.fields(("on", "where", "within", "times"), needed=("on",))
    return Did(
        on=read_kinds(fields["on"]) if "on" in fields else (),
        where=read_signal_condition(fields["where"]) if "where" in fields else None,
        within_days=fields["within"].elapsed_days() if "within" in fields else None,
        times=fields["times"].whole(1, MOST_SIGNALS) if "times" in fields else 1,
    )


def _read_consents(place: Place | None) -> tuple[tuple[str, str], ...]:
    if place is None:
        return ()
    fields = place.fields(CHANNELS)
    if place.is_bare():
        place.refuse(sentence("This condition asks nothing."), sentence("Write a channel, such as email: given."))
    return tuple((channel, fields[channel].one_of(SAID)) for channel in CHANNELS if channel in fields)


# Written down again


def written(selection: Selection) -> str:
    """The YAML of a selection, which reads as the same selection; "" when it asks nothing."""
    parts: dict[str, object] = {}
    if selection.who is not None:
        parts["who"] = condition_parts(selection.who)
    for name in ("did", "did_not"):
        if acts := getattr(selection, name):
            parts[name] = [_act(one) for one in acts]
    stands = {name: _one_or_many(getattr(selection, field)) for name, (field, _) in STANDS.items()}
    if any(stands.values()):
        parts["stands"] = {name: value for name, value in stands.items() if value}
    if selection.consents:
        parts["consents"] = dict(selection.consents)
    return dumped(parts)


def dumped(parts: Mapping[str, object]) -> str:
    """Tables, lists and values as YAML; "" for an empty table."""
    return "\n".join(_block(parts, 0)) + "\n" if parts else ""


def _one_or_many(value: str | tuple[str, ...]) -> object:
    if isinstance(value, str):
        return value
    return value[0] if len(value) == 1 else list(value)


def _act(one: Did) -> dict[str, object]:
    found: dict[str, object] = {"on": _one_or_many(one.on)}
    if one.where is not None:
        found["where"] = condition_parts(one.where)
    if one.within_days is not None:
        found["within"] = span(one.within_days)
    if one.times > 1:
        found["times"] = one.times
    return found


def span(days: float) -> str:
    """Elapsed days as they are written: "30 days", "6 hours"."""
    minutes = round(days * 24 * 60)
    for name, size in (("day", 24 * 60), ("hour", 60)):
        if minutes % size == 0:
            return f"{minutes // size} {name}{'s' if minutes != size else ''}"
    return f"{minutes} minute{'s' if minutes != 1 else ''}"


def condition_parts(condition: Condition) -> dict[str, object]:
    """A condition as it is written: tables, lists and values."""
    if isinstance(condition, Leaf):
        return {condition.dimension: _asked(condition)}
    parts = [condition_parts(part) for part in condition.parts]
    if condition.join == "all" and len({name for part in parts for name in part}) == sum(map(len, parts)):
        return {name: value for part in parts for name, value in part.items()}
    return {condition.join: parts}


def _asked(leaf: Leaf) -> object:
    value = list(leaf.value) if isinstance(leaf.value, tuple) else leaf.value
    if leaf.operator == "is" or leaf.operator == "in":
        return value
    return {leaf.operator: value}


def _block(parts: Mapping[str, object], deep: int) -> Iterator[str]:
    pad = "  " * deep
    for name, value in parts.items():
        if isinstance(value, dict):
            yield f"{pad}{name}:"
            yield from _block(value, deep + 1)
        elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
            yield f"{pad}{name}:"
            for one in value:
                lines = list(_block(one, deep + 2))
                yield f"{pad}  - {lines[0].lstrip()}"
                yield from lines[1:]
        else:
            yield f"{pad}{name}: {_flow(value)}"


def _flow(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_flow(one) for one in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.9f}".rstrip("0").rstrip(".")
    text = str(value)
    if PLAIN.fullmatch(text) and text not in EMPTY and text.lower() not in OTHER_VALUES and not NUMBER.fullmatch(text):
        return text
    return json.dumps(text, ensure_ascii=False)


def narrowed_to(leaves: Sequence[Leaf]) -> Condition | None:
    """All of these questions as one condition; None when there is none."""
    if not leaves:
        return None
    return leaves[0] if len(leaves) == 1 else Group("all", tuple(leaves))

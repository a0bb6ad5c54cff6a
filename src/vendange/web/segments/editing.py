"""The guided side of a segment: what stands in its fields as the text of its conditions, and back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendange.agreement.conditions import DIMENSIONS as KIND_OF
from vendange.agreement.conditions import OPERATORS, Condition, Leaf
from vendange.agreement.segments import (
    CELLS,
    CHANNELS,
    RELATIONSHIPS,
    STAGES,
    TEMPERATURES,
    Did,
    Selection,
    condition_parts,
    dumped,
    span,
)
from vendange.agreement.vocabulary import KINDS, LEVELS, PERSON_DIMENSIONS, ROLES, TIERS
from vendange.web.agreement.sentences import DIMENSIONS, condition_in_words
from vendange.words import Word, word

HOW: Final[Mapping[str, Word]] = {
    "is": gettext_lazy("is"),
    "not": gettext_lazy("is not"),
    "at_least": gettext_lazy("is at least"),
    "at_most": gettext_lazy("is at most"),
    "between": gettext_lazy("is between"),
    "starts_with": gettext_lazy("begins with"),
    "contains": gettext_lazy("contains"),
    "before": gettext_lazy("is before"),
    "after": gettext_lazy("is after"),
    "exists": gettext_lazy("is known"),
    "missing": gettext_lazy("is not known"),
}
MANY: Final[Mapping[str, Sequence[str]]] = {
    "relationship": RELATIONSHIPS,
    "temperature": TEMPERATURES,
    "tier": TIERS,
    "stage": STAGES,
}
CODES: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "person.level": ("level", LEVELS),
    "person.role": ("buying_role", ROLES),
    "organisation.tier": ("tier", TIERS),
}
MOST_ROWS: Final = 40
LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """A row: one question about who somebody is."""

    what: str = ""
    how: str = "is"
    value: str = ""


@dataclass(frozen=True, slots=True)
class Acted:
    """A row: an act. `where` is what the fields cannot say, as JSON and in words; `on` may name several kinds."""

    did: bool = True
    on: str = ""
    times: str = ""
    within: str = ""
    where: str = ""
    where_said: str = ""


@dataclass(frozen=True, slots=True)
class Guided:
    """All fields. `rest`: conditions that no row can say, as JSON and in words."""

    who: Sequence[Asked]
    acts: Sequence[Acted]
    many: Mapping[str, Sequence[str]]
    cell: str
    held: str
    consents: Mapping[str, str]
    rest: Sequence[tuple[str, str]]


# From the conditions to the fields


def guided_of(selection: Selection, *, more_who: bool = False, more_acts: bool = False) -> Guided:
    leaves, others = _parted(selection.who)
    acts = [_acted(did, True) for did in selection.did] + [_acted(did, False) for did in selection.did_not]
    return Guided(
        who=[_asked(one) for one in leaves] + ([Asked()] if more_who or not leaves else []),
        acts=acts + ([Acted()] if more_acts or not acts else []),
        many={name: getattr(selection, name) for name in MANY},
        cell=selection.cell,
        held=", ".join(selection.held),
        consents=dict(selection.consents),
        rest=[(json.dumps(condition_parts(one)), condition_in_words(one)) for one in others],
    )


def _parted(who: Condition | None) -> tuple[list[Leaf], list[Condition]]:
    """What rows can say, and what they cannot."""
    if who is None:
        return [], []
    if isinstance(who, Leaf):
        return [who], []
    if who.join != "all":
        return [], [who]
    leaves, others = list[Leaf](), list[Condition]()
    for part in who.parts:
        mine, rest = _parted(part)
        leaves, others = leaves + mine, others + rest
    return leaves, others


def _asked(leaf: Leaf) -> Asked:
    if leaf.operator == "exists":
        return Asked(leaf.dimension, "exists" if leaf.value else "missing", "")
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    how = "is" if leaf.operator == "in" else leaf.operator
    return Asked(leaf.dimension, how, ", ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in values))


def _acted(did: Did, positive: bool) -> Acted:
    return Acted(
        did=positive,
        on=", ".join(did.on),
        times="" if did.times == 1 else str(did.times),
        within=_within(did.within_days),
        where="" if did.where is None else json.dumps(condition_parts(did.where)),
        where_said=condition_in_words(did.where),
    )


def guided_from(given: QueryDict, *, more_who: bool = False, more_acts: bool = False) -> Guided:
    """The fields as they were sent, so that what is wrong in them can be mended."""
    who = [Asked(*row) for row in _rows(given, "who", ("what", "how", "value"))]
    acts = [
        Acted(did == "did", on, times, within, where, said)
        for did, on, times, within, where, said in _rows(
            given, "act", ("did", "on", "times", "within", "where", "said")
        )
    ]
    rest = zip(given.getlist("who_rest")[:MOST_ROWS], given.getlist("who_rest_said")[:MOST_ROWS], strict=False)
    return Guided(
        who=who + ([Asked()] if more_who or not who else []),
        acts=acts + ([Acted()] if more_acts or not acts else []),
        many={name: _texts(given, name) for name in MANY},
        cell=_text(given, "cell"),
        held=_text(given, "held"),
        consents={one: _text(given, f"consent_{one}") for one in CHANNELS},
        rest=[(raw, said) for raw, said in rest if raw],
    )


def _rows(given: QueryDict, prefix: str, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Rows of fields of the same name; those that were emptied or taken away are left out."""
    gone = given.get("act", "")
    columns = [[one[:LONGEST] for one in given.getlist(f"{prefix}_{name}")[:MOST_ROWS]] for name in names]
    for at, row in enumerate(zip(*columns, strict=False)):
        if gone != f"less_{prefix}_{at}":
            yield row


def _within(days: float | None) -> str:
    """Whole days as a bare number."""
    if days is None:
        return ""
    return str(int(days)) if days.is_integer() else span(days)


# From the fields to the text


def text_of(given: QueryDict) -> str:
    """The conditions that stand in the fields, as YAML, right or wrong: the reader of the text says what is wrong."""
    parts: dict[str, object] = {}
    if who := _who(given):
        parts["who"] = who
    for name, rows in (("did", _acts(given, "did")), ("did_not", _acts(given, "did_not"))):
        if rows:
            parts[name] = rows
    stands: dict[str, object] = {name: _one(codes) for name in MANY if (codes := _texts(given, name))}
    if cell := _text(given, "cell"):
        stands["cell_at_least"] = cell
    if held := _list(_text(given, "held")):
        stands["held_by"] = _one(held)
    if stands:
        parts["stands"] = {name: stands[name] for name in ORDER if name in stands}
    if consents := {one: said for one in CHANNELS if (said := _text(given, f"consent_{one}"))}:
        parts["consents"] = consents
    return dumped(parts)


ORDER: Final = ("relationship", "temperature", "cell_at_least", "stage", "tier", "held_by")


def _who(given: QueryDict) -> dict[str, object]:
    rows = _rows(given, "who", ("what", "how", "value"))
    asked = [_question(what, how, value[:LONGEST].strip()) for what, how, value in rows if what]
    asked += [part for raw in given.getlist("who_rest")[:MOST_ROWS] if (part := _json(raw))]
    names = [name for part in asked for name in part]
    if len(names) == len(set(names)):
        return {name: value for part in asked for name, value in part.items()}
    return {"all": asked}


def _question(what: str, how: str, value: str) -> dict[str, object]:
    if how in ("exists", "missing"):
        return {what: {"exists": how == "exists"}}
    values = [_value(what, one) for one in _list(value)]
    if how == "is":
        return {what: _one(values) if values else ""}
    if how == "between" or (how == "not" and len(values) > 1):
        return {what: {how: values}}
    return {what: {how: _value(what, value)}}


def _value(what: str, text: str) -> object:
    if KIND_OF.get(what) == "number":
        try:
            return float(text.replace("\u202f", "").replace(" ", ""))
        except ValueError:
            return text
    return text


def _acts(given: QueryDict, wanted: str) -> list[dict[str, object]]:
    found = []
    for did, on, times, within, where in _rows(given, "act", ("did", "on", "times", "within", "where")):
        kinds = _list(on)
        if did == wanted and kinds:
            row: dict[str, object] = {"on": _one(kinds)}
            if part := _json(where):
                row["where"] = part
            if within.strip():
                row["within"] = _days(within.strip()[:LONGEST])
            if times.strip() not in ("", "1"):
                row["times"] = int(times) if times.strip().isdecimal() else times.strip()[:LONGEST]
            found.append(row)
    return found


def _days(text: str) -> str:
    """A bare number means days."""
    return f"{int(text)} day{'s' if int(text) != 1 else ''}" if text.isdecimal() and text.isascii() else text


def _json(raw: str) -> dict[str, Any]:
    try:
        found = json.loads(raw[:10_000]) if raw else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(given: QueryDict, name: str) -> str:
    return given.get(name, "").replace("\x00", "").strip()[:LONGEST]


def _texts(given: QueryDict, name: str) -> list[str]:
    return [one[:LONGEST] for one in given.getlist(name) if one]


def _list(text: str) -> list[str]:
    return [one for part in text.split(",") if (one := part.strip())]


def _one(values: Sequence[object]) -> object:
    return values[0] if len(values) == 1 else list(values)


# What can be chosen


def choices(guided: Guided, names: Mapping[str, str]) -> dict[str, Any]:
    """Everything that the fields offer. `names`: of colleagues, by login."""
    kinds = [(kind, str(word("kind", kind))) for kind in KINDS]
    others = {row.on for row in guided.acts if row.on and row.on not in KINDS}
    kinds += [(on, _(" or ").join(str(word("kind", kind)) for kind in _list(on))) for on in others]
    held = [("nobody", _("nobody")), ("somebody", _("a colleague, whoever")), *names.items()]
    if guided.held and guided.held not in dict(held):
        held.append((guided.held, _(" or ").join(names.get(one, one) for one in _list(guided.held))))
    return {
        "dimensions": [(name, DIMENSIONS[name]) for name in PERSON_DIMENSIONS],
        "hows": list(HOW.items()),
        "answers": {name: " ".join(_hows(name)) for name in PERSON_DIMENSIONS},
        "codes": [(name, [(code, word(family, code)) for code in codes]) for name, (family, codes) in CODES.items()],
        "kinds": sorted(kinds, key=lambda one: one[1].casefold()),
        "holders": held,
        "cells": CELLS,
        "channels": [(one, word("channel", one)) for one in CHANNELS],
        "states": [("given", _("allowed")), ("not_refused", _("not refused")), ("refused", _("refused"))],
    }


def _hows(dimension: str) -> Iterator[str]:
    for operator in OPERATORS[KIND_OF[dimension]]:
        if operator != "in":
            yield operator
        if operator == "exists":
            yield "missing"


def ticks(guided: Guided) -> list[tuple[str, list[tuple[str, Word, bool]]]]:
    """The boxes of where somebody stands: each family with its codes, words, and whether it is chosen."""
    return [
        (name, [(code, word(name, code), code in guided.many[name]) for code in codes]) for name, codes in MANY.items()
    ]

"""What was done in the guided form, done in the text: changed fields, then at most one act (add, remove, on, off)."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import override

from vendange.agreement.language import NotAnAgreement
from vendange.agreement.promises import RETURNS
from vendange.agreement.terms import ReturnReason
from vendange.agreement.vocabulary import KIND_PATTERN
from vendange.agreement.writing import CannotWrite, Value, add_item, remove
from vendange.agreement.written import LASTING, Written, change, read
from vendange.web.agreement.guided import ABOUT, section_of
from vendange.web.people.labels import field_name
from vendange.words import Word, said, word

MOST_FIELDS: Final = 2_000
NEW: Final[Mapping[str, tuple[str, dict[str, str], dict[str, Value]]]] = {
    "desk.criteria": ("criterion", {"en": "New criterion", "fr": "Nouveau critère"}, {"asked_by": "sales"}),
    "returns": ("reason", {"en": "New reason", "fr": "Nouveau motif"}, {"effect": "keep"}),
    "volumes": ("volume", {"en": "Leads passed", "fr": "Pistes transmises"}, {"at_least": 10}),
}
FIRST_POINTS: Final = 5
DECIMAL: Final = re.compile(r"^([+-]?\d+),(\d\d?|\d{4,})(?=$| )")


def edited(text: str, posted: QueryDict) -> tuple[str, list[str]]:
    """The text after what was changed in the form, and what could not be changed. An unreadable text stays as it is."""
    shown, ids = shown_of(posted.get("shown", ""))
    told: list[str] = []
    for path, value in changed(shown, posted).items():
        try:
            place = where_now(read(text), path, ids)
            text = change(text, place, value) if place else text
        except NotAnAgreement:
            return text, told
        except CannotWrite as refused:
            told.append(said(refused))
    return text, told


def shown_of(written: str) -> tuple[dict[str, str], dict[str, str]]:
    """The fields as they were shown, and the ids of entries; nothing when this is not ours."""
    try:
        shown = json.loads(written)
        fields, ids = shown["fields"], shown["ids"]
        pairs = [*fields.items(), *ids.items()]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}, {}
    if len(pairs) > MOST_FIELDS or not all(isinstance(one, str) for pair in pairs for one in pair):
        return {}, {}
    return fields, ids


def changed(shown: Mapping[str, str], posted: QueryDict) -> dict[str, str]:
    """The new value of each field that says something else than it showed, by path."""
    found: dict[str, str] = {}
    for name, was in shown.items():
        path, _bar, part = name.partition("|")
        now = posted_value(name, posted)
        if now is None or now == was or path in found:
            continue
        found[path] = with_point(path, span_of(path, posted) if part else now)
    return found


def with_point(path: str, value: str) -> str:
    """12,5 as 12.5, in either language. 1,000 stays as typed: it is a thousand to some, and is refused in words."""
    if ".label" in path:
        return value
    return DECIMAL.sub(r"\1.\2", value)


def posted_value(name: str, posted: QueryDict) -> str | None:
    if name not in posted:
        return None
    values = posted.getlist(name)
    return (
        " ".join(sorted(one for one in values if one)) if name == "alert" else values[-1].replace("\r\n", " ").strip()
    )


def span_of(path: str, posted: QueryDict) -> str:
    """ "24" and "hour" as 24 hours; without a unit, what was typed. An emptied delay keeps its unit, to be mended."""
    amount, unit = posted.get(f"{path}|n", "").strip(), posted.get(f"{path}|unit", "")
    if not amount and unit and must_last(path):
        return f"{unit}s"
    if not amount or not unit:
        return amount
    return f"{amount} {unit}" if amount == "1" else f"{amount} {unit}s"


def must_last(path: str) -> bool:
    """Delays that somebody owes, and how long a reason of a return lasts."""
    return path.startswith("delays.") or path.endswith(".after")


def where_now(written: Written, path: str, ids: Mapping[str, str]) -> str:
    """The path as it is in the text by now, where entries may have moved; "" when the entry is gone."""
    entry = section_of(path)
    name = ids.get(entry, "")
    if not entry or not name or written.value(f"{entry}.id") == name:
        return path
    moved = written.place_of(entry, name)
    return f"{moved}{path.removeprefix(entry)}" if moved else ""


def act_on(text: str, act: str, posted: QueryDict, held: str) -> tuple[str, str, list[str]]:
    """The text after one act of the form, the path of what is new or gone, and why it could not be done."""
    verb, _space, what = act.partition(" ")
    _shown, ids = shown_of(posted.get("shown", ""))
    try:
        written = read(text)
        if verb in {"remove", "off"}:
            place = where_now(written, what, ids)
            return (remove(text, place) if place else text), place, []
        if verb == "add":
            return (*added(text, written, what, posted.get("about" if what == "fit" else "kind", "")), [])
        if verb == "on":
            return (*switched_on(text, written, what, held), [])
    except NotAnAgreement:
        return text, "", []
    except CannotWrite as refused:
        return text, "", [said(refused)]
    return text, "", []


def added(text: str, written: Written, section: str, kind: str) -> tuple[str, str]:
    count = len(list(written.each(section)))
    if section == "returns" and not written.has("returns"):
        for reason in RETURNS:
            text = add_item(text, "returns", reason_of(reason))
        return text, "returns[1]"
    if section == "engagement.rules" and is_kind(kind):
        name = free(written, section, kind.replace("_", "-"))
        rule = {"id": name, **labelled(kind), "on": kind, "points": FIRST_POINTS}
        return add_item(text, section, rule), f"{section}[{count + 1}]"
    if section == "fit" and kind in ABOUT:
        rule = {"id": free(written, section, kind), **named(kind), "where": ABOUT[kind], "points": FIRST_POINTS}
        return add_item(text, section, rule), f"{section}[{count + 1}]"
    if section not in NEW:
        return text, ""
    name, label, rest = NEW[section]
    item: dict[str, Value] = {"id": free(written, section, name), "label": label, **rest}
    return add_item(text, section, item), f"{section}[{count + 1}]"


def switched_on(text: str, written: Written, what: str, held: str) -> tuple[str, str]:
    """An act as the agreement in force writes it, or one of a kind that nobody named yet."""
    count = len(list(written.each("acts")))
    former, _colon, name = what.partition(":")
    item: Value | None
    if former == "held" and held:
        before = read(held)
        item = before.item(before.place_of("acts[1]", name))
    else:
        name = free(written, "acts", what.replace("_", "-"))
        item = {"id": name, **labelled(what), "on": what} if is_kind(what) else None
    return (add_item(text, "acts", item), f"acts[{count + 1}]") if item is not None else (text, "")


def is_kind(kind: str) -> bool:
    return re.fullmatch(KIND_PATTERN, kind) is not None


def labelled(kind: str) -> dict[str, Any]:
    """A kind of signal by its name in both languages."""
    return {"label": in_both(word("kind", kind))}


def named(field: str) -> dict[str, Any]:
    """What is known of a person by its name in both languages."""
    return {"label": in_both(field_name(field))}


def in_both(name: Word) -> dict[str, str]:
    told = {}
    for language in ("en", "fr"):
        with override(language):
            told[language] = str(name)
    return told


def free(written: Written, section: str, name: str) -> str:
    """An id that no entry of the list has."""
    taken = {written.value(f"{one}.id") for one in written.each(section)}
    names = (name if number == 1 else f"{name}-{number}" for number in range(1, len(taken) + 2))
    return next(one for one in names if one not in taken)


def reason_of(reason: ReturnReason) -> dict[str, Value]:
    label = {"en": reason.label.en, "fr": reason.label.fr}
    lasts = {"after": f"{reason.after_days} days"} if reason.effect in LASTING else {}
    return {"id": reason.id, "label": label, "effect": reason.effect, **lasts}

"""What a written agreement says in the fields that are changed often, and one change of such a field in its text.

Read from the text itself, not from what was understood of it: a wrong value stays in its field until it is mended.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from vendange.agreement.positions import Part, find, joined, parts, steps
from vendange.agreement.writing import Value, is_number, one_line, plain_of, remove, set_value

# What an agreement means when it leaves these out (`sections.read_grades`, `promises.read_delays`, ...).
GRADES: Final[Mapping[str, Mapping[str, str]]] = {
    "fit": {"A": "70", "B": "45", "C": "20"},
    "engagement": {"1": "70", "2": "40", "3": "15"},
}
ALERT: Final = "A1 A2 B1"
LASTING: Final = frozenset({"nurture", "cool"})  # effects of a return that say for how long
LASTS: Final = "90 days"
NEEDED: Final = frozenset({"id", "points", "at_least", "effect"})  # emptied, it stays to be mended instead of going


@dataclass(frozen=True, slots=True)
class Written:
    """The text as places. Raises nothing once made; what is not there is ""."""

    root: Part

    def value(self, path: str) -> str:
        part = find(self.root, steps(path))
        return part.text if part is not None and part.kind == "text" else ""

    def line(self, path: str) -> int:
        """Of the value, or of the nearest thing around it that is written."""
        way = steps(path)
        while way and find(self.root, way) is None:
            way = way[:-1]
        return (find(self.root, way) or self.root).line

    def has(self, path: str) -> bool:
        return find(self.root, steps(path)) is not None

    def each(self, path: str) -> Iterator[str]:
        """The paths of the items of a list."""
        part = find(self.root, steps(path))
        for place in range(1, len(part.items) + 1 if part else 1):
            yield f"{path}[{place}]"

    def listed(self, path: str) -> str:
        """Plain values of a list with spaces between, or the one that stands there without brackets."""
        part = find(self.root, steps(path))
        if part is None or part.kind == "table":
            return ""
        return part.text if part.kind == "text" else " ".join(one.text for one in part.items if one.kind == "text")

    def label(self, path: str, language: str) -> str:
        """One language of a label; a label in one text says the same in both."""
        one = self.value(f"{path}.label.{language}")
        return one or (self.value(f"{path}.label") if not self.has(f"{path}.label.en") else "")

    def item(self, path: str) -> Value | None:
        """All that stands there, to be written elsewhere."""
        part = find(self.root, steps(path))
        return None if part is None else plain_of(part)

    def place_of(self, path: str, name: str) -> str:
        """Where the item with this id stands now, of the list in which `path` is an item; "" when it is gone."""
        section = joined(steps(path)[:-1])
        return next((one for one in self.each(section) if self.value(f"{one}.id") == name), "")


def read(text: str) -> Written:
    """Raises NotAnAgreement when the text is not readable YAML."""
    return Written(parts(text))


def change(text: str, path: str, value: str) -> str:
    """The text after one field of the form was changed. An emptied field is left out where the agreement allows it.

    Raises NotAnAgreement when the text cannot be read, CannotWrite when it is written in an unusual form.
    """
    value, way, written = one_line(value), steps(path), read(text)
    if len(way) > 1 and way[-2] == "label":
        return _label(text, written, path, value)
    if path == "alert":
        return set_value(text, path, value.split())
    if way[0] == "grades" and len(way) == 3 and not written.has(joined(way[:2])):
        side = str(way[1])
        return set_value(text, f"grades.{side}", _numbers({**GRADES[side], str(way[2]): value}))
    if way[0] == "temperature" and not written.has("temperature"):
        return set_value(text, "temperature", _numbers({**_warmth(written), str(way[1]): value}))
    if not value and way[-1] not in NEEDED:
        return remove(text, path)
    text = set_value(text, path, _number(value))
    return _with_duration(text, path, value) if way[0] == "returns" and way[-1] == "effect" else text


def _label(text: str, written: Written, path: str, value: str) -> str:
    """Both languages are written out as soon as one of them is changed."""
    item, language = path.rsplit(".label.", 1)
    if written.has(f"{item}.label.en"):
        return set_value(text, path, value) if value or language == "en" else remove(text, path)
    said = {one: written.label(item, one) for one in ("en", "fr")} | {language: value}
    said["en"] = said["en"] or value
    label: dict[str, Value] = {one: word for one, word in said.items() if word}
    return set_value(text, f"{item}.label", label)


def _with_duration(text: str, path: str, effect: str) -> str:
    """nurture and cool last for some days, the other effects do not."""
    after = path.removesuffix("effect") + "after"
    if effect not in LASTING:
        return remove(text, after)
    return text if read(text).has(after) else set_value(text, after, LASTS)


def _warmth(written: Written) -> dict[str, str]:
    def threshold(grade: str) -> str:
        return written.value(f"grades.engagement.{grade}") or GRADES["engagement"][grade]

    return {"hot": threshold("2"), "warm": threshold("3")}


def _numbers(values: Mapping[str, str]) -> dict[str, Value]:
    return {name: _number(value) for name, value in values.items()}


def _number(value: str) -> Value:
    """As a number where it is one; 007 and 2.50 keep their form."""
    return float(value) if is_number(value) and f"{float(value):g}" == value else value

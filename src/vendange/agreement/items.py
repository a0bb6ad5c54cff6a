"""Reads lists of things that each have an id and a label."""

from collections.abc import Callable, Collection, Iterable
from typing import Final, Protocol, TypeVar

from vendange.agreement.label import Label, read_as
from vendange.agreement.places import Place
from vendange.agreement.sentence import sentence

RESERVED: Final = ("limit", "outside")  # the engine's own line, and its own reason to set somebody aside


class Named(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def label(self) -> Label: ...


Item = TypeVar("Item", bound=Named)


def read_items(place: Place, read: Callable[[Place], Item]) -> tuple[Item, ...]:
    """The items of a list, each with its own id and its own label."""
    found: dict[str, Item] = {}
    seen: set[tuple[str, str]] = set()
    for below in place.items():
        item = read(below)
        if item.id in found and item.id:
            below.refuse(sentence("The id {id} is used twice.", id=item.id), sentence("Give each its own id."))
        elif item.id and seen & read_as(item.label):
            below.refuse(
                sentence("Another one of this list has the same label: {text}.", text=item.label.en),
                sentence("Give each its own label, in both languages."),
                only_new=True,
            )
        seen |= read_as(item.label)
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


def read_rule_name(fields: dict[str, Place]) -> tuple[str, Label]:
    """As `read_name`, for what the engine names beside names of its own."""
    place = fields.get("id")
    if place and place.text() in RESERVED:
        place.refuse(sentence("{name} is a name of the engine.", name=place.text()), sentence("Choose another id."))
    return read_name(fields)


def read_some(place: Place | None, read: Callable[[Place], Item]) -> tuple[Item, ...]:
    """As `read_items`, for a list that says nothing when it is empty; a section left out has no items."""
    if place is None:
        return ()
    found = read_items(place, read)
    if place.is_list() and not found:
        place.refuse(sentence("This list is empty."), sentence("List at least one, or remove the field."))
    return found


def read_each(places: Iterable[Place], known: Collection[str]) -> list[str]:
    """Names of a closed list, as written, each once."""
    found = []
    for below in places:
        name, is_known = below.one_of(known), not below.is_refused
        if is_known and name in found:
            below.refuse(
                sentence("{text} is listed twice.", text=name), sentence("Keep one of the two."), only_new=True
            )
        found += [name] if is_known else []
    return found


def read_codes(place: Place, known: Collection[str]) -> tuple[str, ...]:
    """Codes of a closed list, one or several, in the order of that list."""
    places = list(place.items()) if place.is_list() else [place]
    if not places:
        place.refuse(sentence("This list is empty."), sentence("List at least one value."))
    chosen = read_each(places, known)
    return tuple(code for code in known if code in chosen)

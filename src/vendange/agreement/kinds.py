"""Reads kinds of signal: those that the product knows, and those that a company names itself."""

import re
from typing import Final

from vendange.agreement.places import Place
from vendange.agreement.problems import nearest
from vendange.agreement.sentence import sentence
from vendange.agreement.vocabulary import KIND_PATTERN, KINDS

NO_KINDS: Final = frozenset({"true", "false", "yes", "no", "on", "off", "null", "none"})  # values of YAML, not acts


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
    elif kind in NO_KINDS:
        place.refuse(
            sentence("{kind} cannot be a kind of signal.", kind=kind),
            sentence("Name what people do: page_viewed."),
            only_new=True,
        )
    return kind

"""What somebody has chosen and typed of a draft: read from a form, and from what is kept; written as what is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from vendange.engine.plain_text import folded, snake
from vendange.sheets.signs import ADDED
from vendange.sheets.terms import ConsentTerms
from vendange.web.bringing.fields import FACT, LEFT_OUT, word_of
from vendange.web.bringing.forms import LONGEST_ORIGIN, first_values, time_zone

How = dict[str, Any]
SAID = ("origin", "basis", "wording", "consent_at", "regime", "signal", "date_format", "decimal")


@dataclass(frozen=True, slots=True)
class Typed:
    """`chosen`: place of a column → field, FACT, LEFT_OUT, or "" when nobody has said. `facts`: place → its name."""

    header: Sequence[str]
    chosen: Mapping[int, str]
    facts: Mapping[int, str]
    said: Mapping[str, Any] = field(default_factory=first_values)

    def problems(self) -> dict[int, str]:
        """What is wrong with the choices of columns, by place: told before anything else is looked at."""
        found: dict[int, str] = {}
        holders: dict[str, int] = {}
        for place, name in enumerate(self.header):
            target = self.target(place)
            if target in holders:
                both = {"field": word_of(target), "column": self.header[holders[target]]}
                found[place] = _("%(column)s is “%(field)s” already. Choose another for one of the two.") % both
            elif target:
                holders[target] = place
            if not self.chosen.get(place):
                found[place] = _("Say what %(column)s is, or leave it out.") % {"column": name}
        return found

    def target(self, place: int) -> str:
        """The field or the fact that a column becomes; "" when it becomes none."""
        chosen = self.chosen.get(place, "")
        if chosen == FACT:
            return self.facts.get(place) or fact_name(self.header[place])
        return "" if chosen == LEFT_OUT else chosen

    def how(self, before: Mapping[str, Any]) -> How:
        """As the import keeps it. Of two columns that say the same field, the first has it, the other is not said."""
        said = self.said
        columns, facts, ignored = self._sorted()
        options = {
            "origin": said.get("origin", ""),
            "consent": consent_of(said, columns),
            "keep_filled": bool(said.get("keep_filled")),
            "regime": said.get("regime", ""),
            "signal": said.get("signal", ""),
        }
        kept = {name: value for name, value in before.get("map", {}).items() if name in ("row_key", "values")}
        made = {
            **kept,
            "values": values_of(kept.get("values", {}), columns, said.get("origin", "")),
            "source": said.get("origin", ""),
            "kind": "people",
            "signal": said.get("signal", ""),
            "columns": columns,
            "facts": facts,
            "ignore": ignored,
            "date": {"format": said.get("date_format", ""), "time_zone": time_zone()},
            "decimal": said.get("decimal", ""),
        }
        return {**before, **options, "map": {name: value for name, value in made.items() if value not in ("", {}, [])}}

    def _sorted(self) -> tuple[dict[str, str], dict[str, str], list[str]]:
        columns: dict[str, str] = {}
        facts: dict[str, str] = {}
        ignored = []
        for place, name in enumerate(self.header):
            chosen, target = self.chosen.get(place, ""), self.target(place)
            if chosen == LEFT_OUT:
                ignored.append(name)
            elif target:
                (facts if chosen == FACT else columns).setdefault(target, name)
        return columns, facts, ignored


def values_of(before: Mapping[str, str], columns: Mapping[str, str], origin: str) -> dict[str, str]:
    """The same for every row: where people came from first is this file, unless a column says it."""
    others = {name: text for name, text in before.items() if name != "source" and name not in columns}
    return {**others, **({"source": origin} if origin and "source" not in columns else {})}


def fact_name(column: str) -> str:
    """A name for what a column tells, such as maps take: lower-case letters, digits and _."""
    made = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in snake(folded(column)))
    plain = "_".join(filter(None, made.split("_"))).lstrip("0123456789_")[:60]
    return plain or "note"


def consent_of(said: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """Nothing when nobody has said on which basis; else the basis with its proof, as the map writes it."""
    basis = said.get("basis", "")
    if not basis:
        return {}
    if basis == "none":
        return ConsentTerms("none").as_json()
    return ConsentTerms(
        basis=basis,
        channels=tuple(said.get("channels", ())),
        at=said.get("consent_at", ""),
        wording=said.get("wording", ""),
        column=columns.get("consent", "") if basis == "column" else "",
    ).as_json()


def typed_of(given: QueryDict, header: Sequence[str]) -> Typed:
    """What a form has sent."""
    text = {name: given.get(name, "").replace("\x00", "").strip() for name in SAID}
    text["origin"] = text["origin"][:LONGEST_ORIGIN]
    said = {**text, "channels": given.getlist("channels"), "keep_filled": given.get("keep_filled") == "on"}
    return Typed(
        header,
        {place: given.get(f"c{place}", "") for place in range(len(header))},
        {place: given.get(f"f{place}", "").replace("\x00", "").strip() for place in range(len(header))},
        said,
    )


def kept_of(how: Mapping[str, Any], header: Sequence[str]) -> Typed:
    """What is kept of a draft."""
    known = how.get("map", {})
    fields = {column: name for name, column in known.get("columns", {}).items()}
    facts = {column: name for name, column in known.get("facts", {}).items()}
    ignored = {*known.get("ignore", ()), *ADDED}
    chosen = {}
    for place, name in enumerate(header):
        chosen[place] = LEFT_OUT if name in ignored else FACT if name in facts else fields.get(name, "")
    named = {place: facts.get(name, "") for place, name in enumerate(header)}
    return Typed(header, chosen, named, said_of(how))


def said_of(how: Mapping[str, Any]) -> dict[str, Any]:
    known, consent = how.get("map", {}), how.get("consent") or {}
    told = {
        "origin": how.get("origin") or known.get("source", ""),
        "basis": consent.get("basis", ""),
        "channels": consent.get("channel", []),
        "consent_at": consent.get("at", ""),
        "wording": consent.get("wording", ""),
        "regime": how.get("regime") or known.get("regime", ""),
        "signal": how.get("signal") or known.get("signal", ""),
        "keep_filled": how.get("keep_filled", True),
        "date_format": known.get("date", {}).get("format", ""),
        "decimal": known.get("decimal", ""),
    }
    first = first_values()
    return {name: first[name] if name in first and value == "" else value for name, value in told.items()}


def as_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

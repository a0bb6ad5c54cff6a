"""What changes from one agreement to another, as people say it, section by section."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from vendange.agreement.conditions import Group, Leaf
from vendange.agreement.differences import Difference, Kind, differences
from vendange.agreement.label import Label
from vendange.agreement.maturity import Change, Heat, Interests
from vendange.agreement.terms import Agreement, Calendar, Prices, Span
from vendange.web import figures
from vendange.web.agreement.bounds import cells_in_short
from vendange.web.agreement.maturity import amount, burst, here, standings, term, types_of
from vendange.web.agreement.sentences import condition_in_words, hours_in_words, span_in_words, time_in_words
from vendange.words import Word, word

SECTIONS: Final[Mapping[str, Word]] = {
    "name": gettext_lazy("Name of the agreement"),
    "calendar": gettext_lazy("Opening hours"),
    "lead_types": gettext_lazy("What a lead is"),
    "personas": gettext_lazy("Whom it concerns"),
    "set_aside": gettext_lazy("Who is set aside"),
    "fit": gettext_lazy("Who they are: fit"),
    "engagement": gettext_lazy("What they do: engagement"),
    "engagement_cap": gettext_lazy("What they do: engagement"),
    "engagement_per_day": gettext_lazy("What they do: engagement"),
    "groups": gettext_lazy("So that volume alone calls nobody"),
    "weights": gettext_lazy("So that volume alone calls nobody"),
    "dimensions": gettext_lazy("Engagement by product or topic"),
    "interests": gettext_lazy("What they like to read about"),
    "acts": gettext_lazy("Revealing acts"),
    "patterns": gettext_lazy("Acts close together"),
    "grades": gettext_lazy("Thresholds of the grid"),
    "alert": gettext_lazy("When it calls a human"),
    "alert_lead_type": gettext_lazy("When it calls a human"),
    "cool_down_days": gettext_lazy("When it calls a human"),
    "temperature": gettext_lazy("Hot and warm"),
    "heat": gettext_lazy("Where the whole organisation stands"),
    "desk": gettext_lazy("What the lead desk checks before passing"),
    "delays": gettext_lazy("Who owes what, within which delay"),
    "returns": gettext_lazy("Reasons of a return"),
    "recycling": gettext_lazy("Recycled, eliminated"),
    "volumes": gettext_lazy("What marketing passes"),
    "reports": gettext_lazy("What sales reports"),
    "routing": gettext_lazy("Who gets a lead"),
    "pressure": gettext_lazy("How often one person may be contacted"),
    "prices": gettext_lazy("What a lead costs"),
}
FIELDS: Final[Mapping[str, Word]] = {
    "name": gettext_lazy("name"),
    "label": gettext_lazy("name"),
    "time_zone": gettext_lazy("time zone"),
    "holidays": gettext_lazy("public holidays of"),
    "hours": gettext_lazy("open"),
    "where": gettext_lazy("when"),
    "on": gettext_lazy("acts"),
    "points": gettext_lazy("points"),
    "cap": gettext_lazy("points at most"),
    "engagement_cap": gettext_lazy("points at most, all rules together"),
    "engagement_per_day": gettext_lazy("points at most in a day, all rules together"),
    "half_life_days": gettext_lazy("halves in"),
    "group": gettext_lazy("limited with"),
    "per_day": gettext_lazy("points at most in a day"),
    "per_content": gettext_lazy("points at most for one content"),
    "grades": gettext_lazy("cells"),
    "alert": gettext_lazy("cells that call a human"),
    "lead_type": gettext_lazy("type of lead"),
    "lead_types": gettext_lazy("types of lead"),
    "alert_lead_type": gettext_lazy("type of a lead that a score opens"),
    "cool_down_days": gettext_lazy("silence after an alert"),
    "topics": gettext_lazy("topic"),
    "change": gettext_lazy("burst"),
    "of": gettext_lazy("counted for"),
    "within_days": gettext_lazy("within"),
    "terms": gettext_lazy("what must come together"),
    "people": gettext_lazy("people at least"),
    "hot": gettext_lazy("hot from"),
    "warm": gettext_lazy("warm from"),
    "margin": gettext_lazy("stays so until so many points below"),
    "fit": gettext_lazy("fit"),
    "engagement": gettext_lazy("engagement"),
    "roles": gettext_lazy("parts that we want to know"),
    "judge_within": gettext_lazy("judges each alert within"),
    "criteria": gettext_lazy("criterion"),
    "asked_by": gettext_lazy("asked by"),
    "ask": gettext_lazy("question"),
    "met_when": gettext_lazy("known when"),
    "minutes_per_lead": gettext_lazy("minutes to judge one"),
    "minutes_per_week": gettext_lazy("minutes of the desk in a week"),
    "straight_to_sales": gettext_lazy("straight to sales, nobody judges first"),
    "accept": gettext_lazy("sales accepts or refuses within"),
    "call": gettext_lazy("sales calls within"),
    "reassign": gettext_lazy("not called, another gets it after"),
    "report": gettext_lazy("sales reports within"),
    "effect": gettext_lazy("effect"),
    "after_days": gettext_lazy("for"),
    "default_days": gettext_lazy("wakes up after"),
    "tracks": gettext_lazy("track"),
    "off_target": gettext_lazy("reason to eliminate"),
    "at_least": gettext_lazy("at least a month"),
    "kind": gettext_lazy("answered with"),
    "required": gettext_lazy("always asked"),
    "choices": gettext_lazy("choices"),
    "default_capacity": gettext_lazy("open leads that one salesperson carries"),
    "channels": gettext_lazy("channels"),
    "at_most": gettext_lazy("contacts at most"),
    "levels": gettext_lazy("price"),
    "amount_cents": gettext_lazy("amount"),
    "currency": gettext_lazy("currency"),
}
ANSWERS: Final[Mapping[str, Word]] = {
    "choice": pgettext_lazy("answered with", "a choice"),
    "text": pgettext_lazy("answered with", "words"),
    "date": pgettext_lazy("answered with", "a date"),
    "person": gettext_lazy("one person"),
    "organisation": gettext_lazy("people of one organisation"),
}
FAMILY: Final[Mapping[str, str]] = {
    "on": "kind",
    "channels": "channel",
    "roles": "buying_role",
    "asked_by": "side",
    "effect": "effect",
}
UNNAMED: Final = frozenset({"hours", "alert", "name", "personas", "patterns"})  # the section says it already


@dataclass(frozen=True, slots=True)
class Told:
    """One change: what it concerns, the value before and the value after, "" where there is none."""

    kind: Kind
    what: str
    before: str
    after: str
    section: str
    item: str
    fields: tuple[str, ...]

    @property
    def sentence(self) -> str:
        told = {"what": self.what, "before": self.before, "after": self.after}
        match self.kind:
            case "added":
                return (_("New: %(what)s (%(after)s)") if self.after else _("New: %(what)s")) % told
            case "removed":
                return _("Removed: %(what)s") % told
            case "order":
                return (
                    _("%(what)s, in this order now: %(after)s") if self.what else _("In this order now: %(after)s")
                ) % told
        return (_("%(what)s: %(before)s → %(after)s") if self.what else _("%(before)s → %(after)s")) % told


@dataclass(frozen=True, slots=True)
class Changed:
    """A section that says something else."""

    title: str
    changes: Sequence[Told]


def comparison(before: Agreement, after: Agreement) -> list[Changed]:
    """What the second says otherwise than the first, in the language of the reader."""
    told = [tell(one, before, after) for one in differences(before, after)]
    places = list(SECTIONS)
    told.sort(key=lambda one: places.index(one.section))  # a page of words has another order than the values
    titled = groupby(told, key=lambda one: str(SECTIONS[one.section]))
    return [Changed(title, list(changes)) for title, changes in titled]


def tell(one: Difference, before: Agreement, after: Agreement) -> Told:
    old, new = of(before, one), of(after, one)
    if one.kind == "order":
        names = {item: here(label) for item, label in labels_of(after, one).items()}
        values = [", ".join(names.get(item, item) for item in ids) for ids in (one.before, one.after)]
    elif one.kind == "changed":
        values = [value_in_words(one.before, old), value_in_words(one.after, new)]
        if values[0] == values[1]:  # it is only the other language that changes
            values = [in_both(one.before, values[0]), in_both(one.after, values[1])]
    else:
        values = ["", item_in_words(one.after, new) if one.after else ""]
    return Told(one.kind, what(one), values[0], values[1], one.section, one.item, one.fields)


def in_both(value: Any, otherwise: str) -> str:
    return f"{value.en} / {value.fr}" if isinstance(value, Label) else otherwise


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a value stands: its agreement, its section and the name of its field."""

    agreement: Agreement
    section: str
    field: str


def of(agreement: Agreement, one: Difference) -> Asked:
    return Asked(agreement, one.section, one.field or one.section)


def what(one: Difference) -> str:
    """ "Attends a webinar, points": the rule if there is one, and the name of the value."""
    names = [here(one.label)] if one.label else []
    if one.section == "weights":
        return str(word("origin", one.field)).capitalize()
    if one.kind in {"added", "removed"}:
        return names[0]
    if one.fields:
        names += named(one)
    elif one.section in FIELDS and one.section not in UNNAMED:
        names.append(str(FIELDS[one.section]))
    told = ", ".join(dict.fromkeys(names))
    return told[:1].upper() + told[1:]


def named(one: Difference) -> list[str]:
    """The fields down to the value; a threshold is called by its side and grade."""
    *above, last = one.fields
    if above and last in "ABC123":
        side = "engagement" if above[-1] == "grades" else above[-1]
        return [_("%(side)s %(grade)s from") % {"side": FIELDS[side], "grade": last}]
    hidden = {"criteria", "levels", "topics"} if one.label else set()
    return [str(FIELDS.get(name, name)) for name in one.fields if name not in hidden]


def labels_of(agreement: Agreement, one: Difference) -> dict[str, Label]:
    found: Any = getattr(agreement, one.section)
    for name in one.fields:
        found = getattr(found, name)
    return {item.id: item.label for item in found}


def item_in_words(item: Any, at: Asked) -> str:
    """All that a new rule says, shortest first said."""
    told = [
        (str(FIELDS[one.name]), value_in_words(value, Asked(at.agreement, at.section, one.name)))
        for one in fields(item)
        if one.name not in {"id", "label"} and (value := getattr(item, one.name)) not in (None, "", (), frozenset())
    ]
    return " · ".join(f"{name} {value}" for name, value in told)


def value_in_words(value: Any, at: Asked) -> str:
    if value in (None, "", (), frozenset()):
        return EMPTY.get(at.field, lambda: _("none"))()
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return number_in_words(value, at)
    if isinstance(value, str):
        return code_in_words(value, at)
    if isinstance(value, tuple | frozenset):
        return list_in_words(value, at)
    return whole_in_words(value, at)


EMPTY: Final[Mapping[str, Callable[[], str]]] = {
    "where": lambda: _("always"),
    "met_when": lambda: _("asked by hand"),
    "cap": lambda: _("no limit"),
    "per_day": lambda: _("no limit"),
    "per_content": lambda: _("no limit"),
    "engagement_per_day": lambda: _("no limit"),
    "channels": lambda: _("every channel"),
    "lead_type": lambda: _("calls nobody"),
    "grades": lambda: _("any"),
    "lead_types": lambda: _("any"),
}


def number_in_words(value: float, at: Asked) -> str:
    if at.field == "amount_cents":
        return figures.money(int(value), at.agreement.prices.currency if at.agreement.prices else "EUR")
    if at.field.endswith("_days"):
        return time_in_words(float(value)) if value else _("none")
    if at.section == "weights":
        return figures.number(value * 100, 0 if (value * 100).is_integer() else 1) + figures.SPACE + "%"
    return figures.number(value, next((places for places in (0, 1) if round(value, places) == value), 2))


def code_in_words(value: str, at: Asked) -> str:
    if at.field in FAMILY:
        return str(word(FAMILY[at.field], value))
    if at.field in {"lead_type", "alert_lead_type"}:
        return types_of(at.agreement).get(value, value)
    if at.field == "group":
        return next((here(one.label) for one in at.agreement.groups if one.id == value), value)
    return str(ANSWERS.get(value, value)) if at.field in {"kind", "of"} else value


def list_in_words(value: Any, at: Asked) -> str:
    match at.field:
        case "hours":
            return "; ".join(hours_in_words(Calendar("UTC", "", value)))
        case "terms":
            return " + ".join(map(term, value))
        case "choices":
            return ", ".join(here(label) for _code, label in value)
        case "lead_types":
            return ", ".join(types_of(at.agreement).get(one, one) for one in value)
        case "alert" | "grades" if not any(isinstance(one, float) for one in value):
            return ", ".join(cells_in_short(tuple(sorted(value))))
    if all(isinstance(one, float) for one in value):
        return " · ".join(amount(one) for one in value)
    if all(hasattr(one, "label") for one in value):
        return ", ".join(here(one.label) for one in value)
    return ", ".join(code_in_words(str(one), at) for one in value)


def whole_in_words(value: Any, at: Asked) -> str:
    match value:
        case Span():
            return span_in_words(value)
        case Label():
            return here(value)
        case Leaf() | Group():
            return condition_in_words(value)
        case Change():
            return burst(value, types_of(at.agreement))
        case Heat():
            return " · ".join(f"{one.label} {one.text}" for one in standings(value))
        case Interests():
            return ", ".join(here(one.label) for one in value.topics)
        case Prices():
            return ", ".join(
                f"{here(one.label)} {figures.money(one.amount_cents, value.currency)}" for one in value.levels
            )
    raise TypeError(f"No words for {type(value).__name__}")

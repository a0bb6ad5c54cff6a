"""The guided form: what teams change often, section by section, as fields that stand for places of the text."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from django.utils.translation import get_language, gettext_lazy, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from vendange.agreement.items import spelled_out
from vendange.agreement.places import ENDS_IN_UNIT, SPAN
from vendange.agreement.positions import joined, steps
from vendange.agreement.problems import Problem
from vendange.agreement.promises import EFFECTS
from vendange.agreement.terms import Agreement
from vendange.agreement.vocabulary import KINDS
from vendange.agreement.writing import Value
from vendange.agreement.written import ALERT, GRADES, Written
from vendange.web.agreement.guided_fields import Act, Guided, Input, Option, Row, Section
from vendange.web.agreement.sentences import condition_in_words
from vendange.web.people.labels import field_name
from vendange.words import Word, said, word

ELAPSED: Final = ("hour", "day", "week")
PROMISED: Final = ("minute", "hour", "day", "week", "working minute", "working hour", "working day")
UNITS: Final[Mapping[str, Word]] = {
    "minute": gettext_lazy("minutes"),
    "hour": gettext_lazy("hours"),
    "day": gettext_lazy("days"),
    "week": gettext_lazy("weeks"),
    "working minute": gettext_lazy("working minutes"),
    "working hour": gettext_lazy("working hours"),
    "working day": gettext_lazy("working days"),
}
# Acts that are proposed although the agreement does not name them yet.
USUAL_ACTS: Final = ("quote_requested", "demo_requested", "callback_requested", "sample_requested", "call_received")
# What a new rule of fit may be about, with a condition to start from; the text says the rest.
ABOUT: Final[Mapping[str, Mapping[str, Value]]] = {
    "level": {"person.level": {"at_least": "manager"}},
    "role": {"person.role": "decides"},
    "employees": {"organisation.employees": {"between": [50, 5000]}},
    "industry": {"organisation.industry": {"starts_with": "25"}},
    "country": {"person.country": "FR"},
    "tier": {"organisation.tier": "core"},
}
DELAYS: Final[Mapping[str, tuple[Word, str]]] = {
    "delays.accept": (gettext_lazy("Sales accepts or refuses"), "1 working day"),
    "delays.call": (gettext_lazy("Sales calls"), "2 working days"),
    "delays.reassign": (gettext_lazy("Not called: another salesperson gets it"), "4 working days"),
    "delays.report": (gettext_lazy("Sales reports after the first call"), "10 working days"),
}
AT_LEAST: Final = pgettext_lazy("how many leads a month", "At least")


class Form:
    """Lays the sections out for one text, with its problems beside the fields that they are about."""

    def __init__(
        self, written: Written, agreement: Agreement | None, held: Agreement | None, problems: Sequence[Problem]
    ) -> None:
        self.written, self.agreement, self.held = written, agreement, held
        self.problems = problems
        self.ids: dict[str, str] = {}

    def guided(self) -> Guided:
        sections = [
            self.fit(),
            self.engagement(),
            self.acts(),
            self.calls(),
            self.desk(),
            self.delays(),
            self.returns(),
            self.volumes(),
        ]
        return Guided(sections, self.ids)

    def fit(self) -> Section:
        wheres = {one.id: condition_in_words(one.where) for one in self.agreement.fit} if self.agreement else {}
        rows = [self.rule(path, wheres, [self.number(f"{path}.points", _("Points"))]) for path in self.each("fit")]
        empty = _("No rule of fit: everybody stands at D.")
        section = Section("fit", _("Who they are: fit"), "user-check", rows, empty=empty)
        abouts = [Option(about, field_name(about)) for about in ABOUT]
        return replace(section, add="fit", add_label=_("Add a rule about"), kinds=abouts, asks="about")

    def engagement(self) -> Section:
        wheres = {}
        if self.agreement:
            wheres = {
                one.id: kinds_in_words(one.on, condition_in_words(one.where)) for one in self.agreement.engagement
            }
        usual = self.written.value("engagement.half_life") or "30 days"
        rows = [
            self.rule(
                path,
                wheres,
                [
                    self.number(f"{path}.points", _("Points")),
                    self.number(f"{path}.cap", _("At most")),
                    self.span(f"{path}.half_life", _("Half-life"), ELAPSED, usual),
                ],
            )
            for path in self.each("engagement.rules")
        ]
        common = [self.span("engagement.half_life", _("Half-life of all others"), ELAPSED, "30 days")]
        kinds = [Option(kind, word("kind", kind)) for kind in KINDS]
        section = Section("engagement", _("What they do: engagement"), "activity", rows, common if rows else ())
        return replace(section, add="engagement.rules", add_label=_("Add a rule for"), kinds=kinds, asks="kind")

    def acts(self) -> Section:
        types = [
            Option(self.written.value(f"{one}.id") or self.written.value(one), self.title(one))
            for one in self.each("lead_types")
        ]
        on = [self.act(path, types) for path in self.each("acts")]
        named = {act.value for act in on}
        counted = {kind for path in self.each("acts") for kind in self.written.listed(f"{path}.on").split()}
        former = [one for one in (self.held.acts if self.held else ()) if one.id not in named]
        language = get_language() or "en"
        off = [Act(one.label.in_language(language), "", f"held:{one.id}", None) for one in former]
        counted |= {kind for one in former for kind in one.on}
        off += [Act(str(word("kind", kind)), "", kind, None) for kind in USUAL_ACTS if kind not in counted]
        return Section("acts", _("Revealing acts: one is enough"), "zap", acts=[*on, *off])

    def act(self, path: str, types: Sequence[Option]) -> Act:
        name = self.name(path)
        chosen = self.written.value(f"{path}.lead_type")
        pick = self.choice(f"{path}.lead_type", _("Opens a lead of type"), types, chosen) if len(types) > 1 else None
        return Act(self.title(path), path, name, pick, self.said_of(path, [pick] if pick else []))

    def calls(self) -> Section:
        grades = [
            self.number(f"grades.{side}.{grade}", label % {"grade": grade}, usual)
            for side, label in (("fit", _("Fit %(grade)s from")), ("engagement", _("Engagement %(grade)s from")))
            for grade, usual in GRADES[side].items()
        ]
        written = self.written.listed("alert") if self.written.has("alert") else ALERT if self.scores else ""
        alert = " ".join(sorted(written.split()))
        cells_of_grid = [fit + digit for fit in "ABCD" for digit in "4321"]  # as they lie in the picture
        options = [Option(cell, cell, cell in alert.split()) for cell in cells_of_grid]
        cells = Input("alert", "cells", _("Cells that call a human"), alert, self.said("alert"), options=options)
        return Section(
            "calls",
            _("When a score calls a human"),
            "bell",
            inputs=[
                *grades,
                cells,
                self.span("cool_down", _("Silent after an alert for"), ELAPSED, "90 days"),
                self.number("temperature.hot", _("Hot from"), self.engagement_from("2")),
                self.number("temperature.warm", _("Warm from"), self.engagement_from("3")),
            ],
        )

    @property
    def scores(self) -> bool:
        return any(True for _path in self.each("engagement.rules"))

    def engagement_from(self, grade: str) -> str:
        return self.written.value(f"grades.engagement.{grade}") or GRADES["engagement"][grade]

    def desk(self) -> Section:
        sides = [Option(side, word("side", side)) for side in ("sales", "marketing")]
        rows = [
            self.entry(
                path,
                [
                    *self.labels(path),
                    self.choice(
                        f"{path}.asked_by", _("Asked by"), sides, self.written.value(f"{path}.asked_by") or "sales"
                    ),
                ],
            )
            for path in self.each("desk.criteria")
        ]
        judging = [
            self.span("desk.judge_within", _("Judges each alert within"), PROMISED, "1 working day"),
            self.number("desk.minutes_per_lead", _("Minutes for one alert"), "15"),
            self.number("desk.minutes_per_week", _("Minutes there are in a week")),
        ]
        straight = self.written.value("desk.straight_to_sales") == "true"
        inputs = [] if straight else judging  # nobody judges: there is nothing to promise
        section = Section("desk", _("What the lead desk checks"), "list-checks", rows, inputs)
        return replace(section, add="desk.criteria", add_label=_("Add a criterion"))

    def delays(self) -> Section:
        inputs = [self.span(path, label, PROMISED, usual) for path, (label, usual) in DELAYS.items()]
        return Section("delays", _("Who owes what, within which delay"), "alarm-clock", inputs=inputs)

    def returns(self) -> Section:
        effects = [Option(effect, word("effect", effect)) for effect in EFFECTS]
        rows = []
        for path in self.each("returns"):
            effect = self.written.value(f"{path}.effect")
            inputs = [*self.labels(path), self.choice(f"{path}.effect", _("Effect"), effects, effect)]
            if effect in {"nurture", "cool"}:
                inputs.append(self.span(f"{path}.after", pgettext("how long", "For"), ("day", "week")))
            rows.append(self.entry(path, inputs))
        known = self.written.has("returns")
        section = Section("returns", _("Reasons of a return"), "undo-2", rows)
        if known:
            return replace(section, add="returns", add_label=_("Add a reason"))
        empty = _("The usual six reasons hold. Write them out to change them.")
        return replace(section, add="returns", add_label=_("Write them out"), empty=empty)

    def volumes(self) -> Section:
        rows = [
            self.entry(path, [*self.labels(path), self.number(f"{path}.at_least", AT_LEAST, after=_("a month"))])
            for path in self.each("volumes")
        ]
        section = Section("volumes", _("What marketing passes each month"), "package", rows)
        return replace(section, add="volumes", add_label=_("Add a volume"))

    # parts

    def each(self, path: str) -> list[str]:
        found = list(self.written.each(path))
        self.ids |= {one: self.written.value(f"{one}.id") for one in found}
        return found

    def name(self, path: str) -> str:
        return self.written.value(f"{path}.id")

    def title(self, path: str) -> str:
        language = "fr" if (get_language() or "en").startswith("fr") else "en"
        name = self.name(path) or self.written.value(path)
        return (
            self.written.label(path, language)
            or self.written.label(path, "en")
            or spelled_out(name).en
            or _("without a name")
        )

    def rule(self, path: str, wheres: Mapping[str, str], inputs: Sequence[Input]) -> Row:
        return self.entry(path, inputs, wheres.get(self.name(path), ""))

    def entry(self, path: str, inputs: Sequence[Input], note: str = "") -> Row:
        wrong = self.said_of(path, inputs)
        return Row(self.title(path), note, inputs, path, self.name(path), self.written.line(path), wrong)

    def labels(self, path: str) -> list[Input]:
        return [
            Input(f"{path}.label.{one}", "text", name, self.written.label(path, one), self.said(f"{path}.label.{one}"))
            for one, name in (("en", _("In English")), ("fr", _("In French")))
        ]

    def number(self, path: str, label: Word, usual: str = "", after: Word = "") -> Input:
        return Input(path, "number", label, self.written.value(path), self.said(path), usual=usual, after=after)

    def span(self, path: str, label: Word, units: Sequence[str], usual: str = "") -> Input:
        value = self.written.value(path)
        match = ENDS_IN_UNIT.fullmatch(value)  # a wrong number keeps its unit, too
        unit = match[2] if match else "" if value else units_of(usual, units)
        options = [Option(one, UNITS[one], one == unit) for one in dict.fromkeys((*units, *([unit] if match else [])))]
        if not unit:
            options.insert(0, Option("", "–", chosen=True))
        amount = (match[1] or "") if match else value
        held = SPAN.fullmatch(usual)
        shown = held[1] if held and not value else ""
        return Input(path, "span", label, amount, self.said(path), unit, options, shown)

    def choice(self, path: str, label: Word, options: Sequence[Option], chosen: str) -> Input:
        listed = [Option(one.value, one.label, one.value == chosen) for one in options]
        if chosen not in {one.value for one in listed}:
            listed.insert(0, Option(chosen, chosen or _("the first"), chosen=True))
        return Input(path, "choice", label, chosen, self.said(path), options=listed)

    def said(self, path: str) -> list[str]:
        """What is wrong with this very field, or with something inside it."""
        return [
            in_words(one)
            for one in self.problems
            if one.where == path or one.where.startswith((f"{path}.", f"{path}["))
        ]

    def said_of(self, path: str, inputs: Sequence[Input]) -> list[str]:
        """What is wrong with an entry and not said beside one of its fields."""
        told = {sentence for one in inputs for sentence in one.wrong}
        return [sentence for sentence in self.said(path) if sentence not in told]


def units_of(usual: str, units: Sequence[str]) -> str:
    match = SPAN.fullmatch(usual)
    return f"{match[2] or ''}{match[3]}" if match else units[-1] if "day" not in units else "day"


def kinds_in_words(on: Sequence[str], where: str) -> str:
    kinds = ", ".join(str(word("kind", kind)) for kind in on)
    return f"{kinds} ({where})" if where else kinds


def in_words(problem: Problem) -> str:
    return f"{said(problem.what)} {said(problem.remedy)}"


def section_of(path: str) -> str:
    """The list in which a path is an item: "fit[2].points" stands in the entry "fit[2]"."""
    way = steps(path)
    last = max((place for place, step in enumerate(way) if isinstance(step, int)), default=-1)
    return joined(way[: last + 1])

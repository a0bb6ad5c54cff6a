"""What was typed in a step becomes answers, or problems at the fields. Whatever was typed is shown again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vendange.agreement.label import Label, read_as
from vendange.agreement.presets import PRESETS, STANDARD
from vendange.agreement.promises import EFFECTS, WEEKDAYS
from vendange.agreement.sentence import Sentence
from vendange.agreement.starting import (
    HALF_LIVES,
    HOW_MUCH,
    MOST_CRITERIA,
    MOST_TYPES,
    PEOPLE,
    SOONER,
    TRAITS,
    Answers,
    Asked,
    ChosenAct,
    Named,
    Reason,
    Weighed,
    refusals,
)
from vendange.agreement.starting_text import clean, identifier
from vendange.agreement.terms import ReturnEffect, Span, Team, Unit
from vendange.agreement.vocabulary import LEVELS, ROLES
from vendange.web.agreement.start_kinds import label_of
from vendange.words import said

UNITS: Final[tuple[Unit, ...]] = ("working_hours", "working_days", "hours", "days")
KEEP: Final[ReturnEffect] = "keep"
DELAYS: Final = ("judge_within", "accept", "call", "reassign", "report")
OF_STEP: Final[Mapping[str, tuple[str, ...]]] = {
    "types": ("name", "lead_types"),
    "target": ("sectors", "countries", "smallest", "largest"),
    "acts": ("acts",),
    "points": ("weighed", "acts"),
    "desk": ("criteria", "returns"),
    "delays": (*DELAYS, "volume", "minutes_per_lead", "minutes_per_week", "time_zone", "holidays", "hours"),
}


@dataclass(slots=True)
class Typed:
    """One form as it came: reads fields, and notes what cannot be read."""

    post: QueryDict
    problems: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return clean(self.post.get(name, ""))

    def yes(self, name: str) -> bool:
        return self.post.get(name) == "yes"

    def whole(self, name: str, *, optional: bool = True) -> int | None:
        written = "".join(self.text(name).split())
        if not written and optional:
            return None
        if written.isascii() and written.isdigit() and len(written) <= 18:
            return int(written)
        self.problems[name] = _("Write a whole number, such as 20.")
        return None

    def codes(self, name: str) -> tuple[str, ...]:
        """Codes typed in one line, between commas, semicolons or spaces; each once."""
        written = self.text(name).replace(",", " ").replace(";", " ").upper()
        return tuple(dict.fromkeys(written.split()))

    def span(self, name: str, before: Span) -> Span:
        amount = self.whole(f"{name}_amount", optional=False)
        unit = next((one for one in UNITS if one == self.post.get(f"{name}_unit")), before.unit)
        if amount is None:
            self.problems[name] = self.problems.pop(f"{name}_amount")
            return before
        return Span(amount, unit)


def here() -> str:
    return "fr" if (get_language() or "").startswith("fr") else "en"


def label(mine: str, other: str = "") -> Label:
    """What was typed in the language of the reader and in the other one; what is empty follows, and stays empty."""
    return Label(other, mine) if here() == "fr" else Label(mine, other)


def kept_or_new(mine: str, known: Label | None) -> Label:
    """A text asked in one language only: as long as nobody changes it, the other language keeps its own."""
    return known if known is not None and known.in_language(here()) == mine else label(mine)


def fresh(preset: str, name: str) -> Answers:
    return replace(PRESETS[preset].answers, name=name)


def take(step: str, before: Answers, post: QueryDict) -> tuple[Answers, dict[str, str]]:
    """The answers with what was typed in this step, and what is wrong with it by field."""
    typed = Typed(post)
    answers = TAKERS[step](before, typed)
    found: Mapping[str, Sentence] = refusals(answers)
    names = {*OF_STEP[step], *(name for name in found if step == "target" and name.startswith("aside_"))}
    problems = {name: said(told) for name, told in found.items() if name in names}
    return answers, {**problems, **typed.problems}


def of_types(before: Answers, typed: Typed) -> Answers:
    known = {one.id for one in before.lead_types}
    rows = zip(*(typed.post.getlist(f"type_{name}") for name in ("id", "here", "other")), strict=False)
    found: list[Named] = []
    for code, written, translated in list(rows)[: MOST_TYPES + 1]:
        mine, other = clean(written), clean(translated)
        if mine or other:
            taken = [one.id for one in found]
            name = code if code in known and code not in taken else identifier(mine or other, taken)
            found.append(Named(name, label(mine, other)))
    left = {one.id for one in found}
    acts = tuple(
        one if one.lead_type in left or not found else replace(one, lead_type=found[0].id) for one in before.acts
    )
    return replace(before, name=typed.text("name"), lead_types=tuple(found), acts=acts)


def of_target(before: Answers, typed: Typed) -> Answers:
    return replace(
        before,
        sectors=typed.codes("sectors"),
        countries=typed.codes("countries"),
        smallest=typed.whole("smallest"),
        largest=typed.whole("largest"),
        level=next((one for one in LEVELS if one == typed.post.get("level")), ""),
        roles=tuple(one for one in ROLES if one in typed.post.getlist("roles")),
        only_target=typed.yes("only_target"),
        aside=tuple(one for one in PEOPLE if one in typed.post.getlist("aside")),
        aside_sectors=tuple(replace(one, sectors=typed.codes(f"aside_{one.id}")) for one in before.aside_sectors),
    )


def of_acts(before: Answers, typed: Typed) -> Answers:
    """Kinds that an act held together stay together; each other kind is an act of its own."""
    chosen = list(dict.fromkeys(typed.post.getlist("act")))
    types = [one.id for one in before.lead_types]
    known = (*before.acts, *(one for one in PRESETS[before.preset].answers.acts if one not in before.acts))
    found: dict[str, ChosenAct] = {}
    for kind in chosen:
        act = next((one for one in known if kind in one.on), None)
        lead_type = next((one for one in types if one == typed.post.get(f"type_{kind}")), types[0])
        name = act.id if act else identifier(kind, [one.id for one in known])
        if name in found and found[name].lead_type != lead_type:
            name = identifier(kind, [*found, *(one.id for one in known)])
        if name in found:
            found[name] = replace(found[name], on=(*found[name].on, kind))
        else:
            label = act.label if act and name == act.id else label_of(kind, before)
            found[name] = ChosenAct(name, label, (kind,), lead_type)
    calling = {kind for one in found.values() for kind in one.on}
    weighed = tuple(one for one in before.weighed if one.kind not in calling)
    return replace(before, acts=tuple(found.values()), weighed=weighed)


def of_points(before: Answers, typed: Typed) -> Answers:
    if not typed.yes("scored"):
        return replace(before, scored=False)
    kinds = [name.removeprefix("much_") for name in typed.post if name.startswith("much_")]
    weights = {kind: next((one for one in HOW_MUCH if one == typed.post[f"much_{kind}"]), None) for kind in kinds}
    traits = {
        trait: next((one for one in HOW_MUCH if one == typed.post.get(f"trait_{trait}")), None) for trait in TRAITS
    }
    half_life = typed.post.get("half_life", "")
    return replace(
        before,
        scored=True,
        weighed=tuple(Weighed(kind, label_of(kind, before), much) for kind, much in weights.items() if much),
        traits=tuple((trait, much) for trait, much in traits.items() if much),
        sooner=next((one for one in SOONER if one == typed.post.get("sooner")), before.sooner),
        half_life_days=next((one for one in HALF_LIVES if str(one) == half_life), before.half_life_days),
    )


def reasons(answers: Answers) -> list[Reason]:
    """Those to choose from: chosen, of the preset, and the usual ones."""
    found = {one.id: one for one in (*STANDARD, *PRESETS[answers.preset].answers.returns, *answers.returns)}
    order = {one.id: place for place, one in enumerate(PRESETS[answers.preset].answers.returns)}
    return sorted(found.values(), key=lambda one: order.get(one.id, len(order)))


def of_desk(before: Answers, typed: Typed) -> Answers:
    return replace(
        before, has_desk=typed.yes("has_desk"), criteria=criteria(before, typed), returns=returns(before, typed)
    )


def criteria(before: Answers, typed: Typed) -> tuple[Asked, ...]:
    known = {one.id: one for one in before.criteria}
    rows = zip(*(typed.post.getlist(f"crit_{name}") for name in ("id", "label", "ask", "by")), strict=False)
    found: list[Asked] = []
    for code, label, ask, by in list(rows)[: MOST_CRITERIA + 1]:
        if not (mine := clean(label)):
            continue
        old, taken = known.get(code), [one.id for one in found]
        side: Team = "marketing" if by == "marketing" else "sales"
        question = kept_or_new(clean(ask), old.ask if old else None) if clean(ask) else None
        name = code if old and code not in taken else identifier(mine, taken)
        found.append(Asked(name, kept_or_new(mine, old.label if old else None), side, question))
    return tuple(found)


def returns(before: Answers, typed: Typed) -> tuple[Reason, ...]:
    chosen = typed.post.getlist("reason")
    found = []
    for one in reasons(before):
        if one.id in chosen:
            days = typed.whole(f"after_{one.id}") if one.after_days else 0
            if f"after_{one.id}" in typed.problems:
                typed.problems["returns"] = typed.problems.pop(f"after_{one.id}")
            found.append(replace(one, after_days=days or 0))
    if own := typed.text("own_reason"):
        effect = next((one for one in EFFECTS if one == typed.post.get("own_effect")), KEEP)
        days = typed.whole("own_days") if effect in {"nurture", "cool"} else 0
        if "own_days" in typed.problems:
            typed.problems["returns"] = typed.problems.pop("own_days")
        offered = reasons(before)
        if twice := next((one for one in offered if read_as(one.label) & read_as(label(own))), None):
            told = _("“%(reason)s” stands above already: tick it there, or write another reason.")
            typed.problems["returns"] = told % {"reason": twice.label.in_language(here())}
        found.append(Reason(identifier(own, [one.id for one in offered]), label(own), effect, days or 0))
    return tuple(found)


def of_delays(before: Answers, typed: Typed) -> Answers:
    found = replace(
        before,
        accept=typed.span("accept", before.accept),
        call=typed.span("call", before.call),
        reassign=typed.span("reassign", before.reassign),
        report=typed.span("report", before.report),
        volume=typed.whole("volume"),
        volume_rows=tuple(one for one in "ABC" if one in typed.post.get("volume_rows", "")),
        time_zone=typed.text("time_zone"),
        holidays=typed.text("holidays").upper(),
        hours=hours(typed),
    )
    return of_judging(found, typed) if before.has_desk else found


def of_judging(before: Answers, typed: Typed) -> Answers:
    each = typed.whole("minutes_per_lead", optional=False)
    return replace(
        before,
        judge_within=typed.span("judge_within", before.judge_within),
        minutes_per_lead=before.minutes_per_lead if each is None else each,
        minutes_per_week=typed.whole("minutes_per_week"),
    )


def hours(typed: Typed) -> tuple[tuple[str, tuple[str, ...]], ...]:
    opens, closes = typed.text("opens"), typed.text("closes")
    lunch, back = typed.text("lunch"), typed.text("back")
    common = (f"{opens}-{lunch}", f"{back}-{closes}") if lunch or back else (f"{opens}-{closes}",)
    saturday = typed.text("saturday")
    days = [day for day in WEEKDAYS if day in typed.post.getlist("days")]
    found = dict.fromkeys(days, common)
    if saturday:
        found["sat"] = (saturday.replace(" ", ""),)
    return tuple((day, found[day]) for day in WEEKDAYS if day in found)


TAKERS: Final[Mapping[str, Callable[[Answers, Typed], Answers]]] = {
    "types": of_types,
    "target": of_target,
    "acts": of_acts,
    "points": of_points,
    "desk": of_desk,
    "delays": of_delays,
}

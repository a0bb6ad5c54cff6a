"""What each step shows: its choices, what was answered, and what the base says about it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from vendange.agree import queries
from vendange.agreement.language import load
from vendange.agreement.presets import PRESETS
from vendange.agreement.promises import EFFECTS, WEEKDAYS
from vendange.agreement.starting import (
    CELLS,
    ENGAGEMENT,
    FIT,
    HALF_LIVES,
    HOW_MUCH,
    MOST_CRITERIA,
    MOST_TYPES,
    SOONER,
    Answers,
    refusals,
)
from vendange.agreement.starting_text import PEOPLE_LABELS, TRAIT_LABELS, cells, thresholds, write
from vendange.agreement.terms import Span
from vendange.agreement.vocabulary import LEVELS, ROLES
from vendange.web.agreement.reading import reading_of
from vendange.web.agreement.sentences import WEEKDAYS as DAY_NAMES
from vendange.web.agreement.start_answers import OF_STEP, UNITS, here, reasons
from vendange.web.agreement.start_kinds import GROUPS, groups, label_of
from vendange.web.agreement.start_steps import BY_CODE
from vendange.words import Word, said, word

SEEN_SINCE: Final = timedelta(days=365)
MOST_PLACES: Final = 8
BUSINESSES: Final[Mapping[str, tuple[str, Word, Word, Word]]] = {
    "complex-sale": (
        "factory",
        gettext_lazy("Complex sale"),
        gettext_lazy("Expensive, months to decide, several people on the buying side."),
        gettext_lazy("Score, lead desk, five questions before a lead goes to sales."),
    ),
    "small-team": (
        "users",
        gettext_lazy("Small team"),
        gettext_lazy("Two to five people, one inbox. Whoever asks gets an answer."),
        gettext_lazy("No score and no lead desk: a request goes straight to a salesperson."),
    ),
    "inbound-leads": (
        "inbox",
        gettext_lazy("Inbound leads"),
        gettext_lazy("People ask to be contacted, and all of them are called back."),
        gettext_lazy("One type of lead; the desk sorts, sales has days rather than hours."),
    ),
    "dealer-network": (
        "map-pinned",
        gettext_lazy("Dealer network"),
        gettext_lazy("You find and judge the leads; dealers or partners sell."),
        gettext_lazy("Three types of lead, a quick desk, many leads a month."),
    ),
}
MUCH: Final[Mapping[str, Word]] = {
    "few": pgettext_lazy("points", "few"),
    "some": pgettext_lazy("points", "some"),
    "much": pgettext_lazy("points", "much"),
}
WHEN: Final[Mapping[str, tuple[Word, Word]]] = {
    "early": (pgettext_lazy("a score calls", "Early"), gettext_lazy("More calls, some of them too soon.")),
    "balanced": (pgettext_lazy("a score calls", "Balanced"), gettext_lazy("Who fits well or does much.")),
    "late": (pgettext_lazy("a score calls", "Late"), gettext_lazy("Few calls: only who fits best and does most.")),
}
DUTIES: Final[Mapping[str, Word]] = {
    "judge_within": gettext_lazy("The lead desk judges each alert"),
    "accept": gettext_lazy("Sales accepts or refuses"),
    "call": gettext_lazy("Sales calls"),
    "reassign": gettext_lazy("Not called: a colleague gets it"),
    "report": gettext_lazy("Sales reports after the first call"),
}
UNIT_NAMES: Final[Mapping[str, Word]] = {
    "working_hours": gettext_lazy("working hours"),
    "working_days": gettext_lazy("working days"),
    "hours": gettext_lazy("hours, nights included"),
    "days": gettext_lazy("days, week-ends included"),
}
ZONES: Final = (
    "Europe/Paris", "Europe/Brussels", "Europe/Zurich", "Europe/London", "Europe/Berlin", "Europe/Madrid",
    "America/Montreal", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "Africa/Casablanca",
    "Africa/Tunis", "Indian/Reunion",
)  # fmt: skip

Post = QueryDict | None


def fields_of(step: str, answers: Answers | None, now: datetime, post: Post) -> dict[str, Any]:
    """What the page of a step needs. `post`: what was typed and refused, shown again as it was."""
    if step == "business" or answers is None:
        return business(answers)
    return SHOWN[step](answers, now, post)


def typed(post: Post, name: str, value: object) -> str:
    return post.get(name, "") if post is not None else ("" if value is None else str(value))


def business(answers: Answers | None) -> dict[str, Any]:
    chosen = answers.preset if answers else ""
    cards = [(code, *BUSINESSES[code], code == chosen) for code in BUSINESSES]
    return {"cards": cards, "chosen": chosen}


def types(answers: Answers, now: datetime, post: Post) -> dict[str, Any]:
    other = "en" if here() == "fr" else "fr"
    rows = [(one.id, getattr(one.label, here()), getattr(one.label, other)) for one in answers.lead_types]
    blank = [("", "", "")] * max(0, min(MOST_TYPES - len(rows), 2))
    return {"name": typed(post, "name", answers.name), "rows": [*rows, *blank], "here": here(), "other": other}


def target(answers: Answers, now: datetime, post: Post) -> dict[str, Any]:
    countries, sectors = queries.places_seen(MOST_PLACES)
    return {
        "sectors": typed(post, "sectors", ", ".join(answers.sectors)),
        "countries": typed(post, "countries", ", ".join(answers.countries)),
        "smallest": typed(post, "smallest", answers.smallest),
        "largest": typed(post, "largest", answers.largest),
        "levels": [(one, word("level", one), one == answers.level) for one in LEVELS[1:]],
        "roles": [(one, word("buying_role", one), one in answers.roles) for one in ROLES],
        "aside": [(one, in_words(label), one in answers.aside) for one, label in PEOPLE_LABELS.items()],
        "aside_sectors": [
            (f"aside_{one.id}", in_words(one.label), typed(post, f"aside_{one.id}", ", ".join(one.sectors)))
            for one in answers.aside_sectors
        ],
        "only_target": answers.only_target,
        "scored": answers.scored,
        "seen_countries": countries,
        "seen_sectors": sectors,
        "concerned": queries.concerned(answers),
    }


def acts(answers: Answers, now: datetime, post: Post) -> dict[str, Any]:
    seen = queries.kinds_seen(now - SEEN_SINCE)
    of = {kind: one.lead_type for one in answers.acts for kind in one.on}
    first = answers.lead_types[0].id
    listed = [
        (
            group.name,
            [
                (kind, label_of(kind, answers), seen.get(kind, 0), kind in of, of.get(kind, first))
                for kind in group.kinds
            ],
        )
        for group in groups(seen)
    ]
    return {"groups": listed, "types": answers.lead_types, "has_seen": bool(seen)}


def points(answers: Answers, now: datetime, post: Post) -> dict[str, Any]:
    seen = queries.kinds_seen(now - SEEN_SINCE)
    calling = {kind for one in answers.acts for kind in one.on}
    much = {one.kind: one.much for one in answers.weighed}
    kinds = [kind for group in groups(seen) for kind in group.kinds if kind not in calling]
    frequent = [kind for kind in kinds if kind in much or seen.get(kind) or kind in GROUPS["reads"][1]]
    rows = [(kind, label_of(kind, answers), seen.get(kind, 0), much.get(kind, "")) for kind in kinds]
    weights = dict(answers.traits)
    fit, _acted = thresholds(answers)
    return {
        "scored": answers.scored,
        "shown": [row for row in rows if row[0] in frequent],
        "others": [row for row in rows if row[0] not in frequent],
        "traits": [(one, in_words(TRAIT_LABELS[one]), weights.get(one, "")) for one in answers.knows()],
        "levels": ["", *HOW_MUCH],
        "much": [(code, MUCH[code], *ENGAGEMENT[code], FIT[code]) for code in HOW_MUCH],
        "sooner": [(one, *WHEN[one], SOONER[one], ", ".join(CELLS[one]), one == answers.sooner) for one in SOONER],
        "half_lives": [(days, weeks(days), days == answers.half_life_days) for days in HALF_LIVES],
        "fit": fit,
        "cells": cells(answers),
        "has_seen": bool(seen),
    }


def desk(answers: Answers, now: datetime, post: Post) -> dict[str, Any]:
    rows = [(one.id, in_words(one.label), in_words(one.ask) if one.ask else "", one.by) for one in answers.criteria]
    blank = [("", "", "", "sales")] * max(0, min(MOST_CRITERIA - len(rows), 2))
    chosen = {one.id: one for one in answers.returns}
    return {
        "has_desk": answers.has_desk,
        "rows": [*rows, *blank],
        "reasons": [
            (
                one.id,
                in_words(one.label),
                word("effect", one.effect),
                chosen.get(one.id, one).after_days,
                one.id in chosen,
            )
            for one in reasons(answers)
        ],
        "effects": [(one, word("effect", one)) for one in EFFECTS],
        "own_reason": typed(post, "own_reason", ""),
        "own_days": typed(post, "own_days", ""),
    }


def delays(answers: Answers, now: datetime, post: Post) -> dict[str, Any]:
    names = [name for name in DUTIES if answers.has_desk or name != "judge_within"]
    week = {day: periods for day, periods in answers.hours if periods}
    saturday = week.get("sat", ())
    common = next((week[day] for day in WEEKDAYS if day in week and day != "sat"), saturday) or ("09:00-18:00",)
    begins, ends = zip(*(period.split("-") for period in common), strict=True)
    apart = len(saturday) == 1 and saturday != common
    ticked = post.getlist("days") if post is not None else [day for day in week if not (day == "sat" and apart)]
    values = {
        "opens": begins[0],
        "lunch": ends[0] if len(begins) > 1 else "",
        "back": begins[-1] if len(begins) > 1 else "",
        "closes": ends[-1],
        "saturday": saturday[0] if apart else "",
        "volume": answers.volume,
        "minutes_per_lead": answers.minutes_per_lead,
        "minutes_per_week": answers.minutes_per_week,
        "time_zone": answers.time_zone,
        "holidays": answers.holidays,
    }
    return {
        "duties": [duty(name, getattr(answers, name), post) for name in names],
        **{name: typed(post, name, value) for name, value in values.items()},
        "days": [(day, DAY_NAMES[place], day in ticked) for place, day in enumerate(WEEKDAYS)],
        "rows": [
            (code, told, code == "".join(answers.volume_rows))
            for code, told in (("", _("all leads")), ("A", _("of fit A")), ("AB", _("of fit A or B")))
        ],
        "has_rows": bool(answers.rows()),
        "has_desk": answers.has_desk,
        "zones": ZONES,
    }


def duty(name: str, span: Span, post: Post) -> tuple[str, Word, str, Sequence[tuple[str, Word, bool]]]:
    unit = typed(post, f"{name}_unit", span.unit)
    known = UNITS if unit in UNITS else (*UNITS, span.unit)
    units = [(one, UNIT_NAMES.get(one, one), one == unit) for one in known]
    return name, DUTIES[name], typed(post, f"{name}_amount", span.amount), units


def read(answers: Answers, now: datetime, post: Post) -> dict[str, Any]:
    """The whole in words, or what still has to be answered, with the step where it is."""
    wrong = refusals(answers)
    if wrong:
        return {"wrong": [(said(told), step_of(name)) for name, told in wrong.items()], "reading": None}
    text = write(answers, here())
    return {
        "reading": reading_of(load(text)),
        "text": text,
        "has_past": queries.has_past(),
        "answers": answers,
    }


def step_of(name: str) -> Any:
    code = next((step for step, names in OF_STEP.items() if name in names), "target")
    return BY_CODE[code]


def in_words(label: Any) -> str:
    return str(label.in_language(get_language() or "en"))


def weeks(days: int) -> str:
    if days % 7:
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    return ngettext("%(n)s week", "%(n)s weeks", days // 7) % {"n": days // 7}


SHOWN: Final[Mapping[str, Callable[[Answers, datetime, Post], dict[str, Any]]]] = {
    "types": types,
    "target": target,
    "acts": acts,
    "points": points,
    "desk": desk,
    "delays": delays,
    "read": read,
}
PRESET_CODES: Final[Sequence[str]] = tuple(PRESETS)

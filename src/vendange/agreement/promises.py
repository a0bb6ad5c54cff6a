"""Reads the sections that say who owes what: calendar, desk, delays, returns, recycling, volumes, reports, routing."""

import re
import zoneinfo
from collections.abc import Iterator
from typing import Final, Literal

import holidays

from vendange.agreement.contradictions import is_before
from vendange.agreement.items import read_items, read_name, read_plain
from vendange.agreement.label import Label
from vendange.agreement.places import Place
from vendange.agreement.problems import nearest
from vendange.agreement.sections import read_volume_cells
from vendange.agreement.sentence import sentence
from vendange.agreement.terms import (
    Calendar,
    Criterion,
    Delays,
    Desk,
    Hours,
    OffTarget,
    Recycling,
    ReportField,
    ReturnEffect,
    ReturnReason,
    Routing,
    Span,
    Track,
    Volume,
)
from vendange.agreement.where import read_person_condition

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PERIOD: Final = re.compile(r"(\d{1,2}):([0-5]\d) ?- ?(\d{1,2}):([0-5]\d)")
MINUTES_OF_DAY: Final = 24 * 60
OFFICE_HOURS: Final = tuple(Hours(day, ((9 * 60, 18 * 60),)) for day in range(5))
MOST_REPORT_FIELDS: Final = 6
MOST_CHOICES: Final = 12
MINUTES_PER_LEAD: Final = 15
MOST_MINUTES_PER_LEAD: Final = 480
MOST_MINUTES_PER_WEEK: Final = 1_000_000

RETURNS: Final = (
    ReturnReason("postponed", Label("Project postponed", "Projet reporté"), "wake_up", 0),
    ReturnReason("immature", Label("Not mature yet", "Pas encore mûr"), "nurture", 90),
    ReturnReason("other-contact", Label("Another contact to speak to", "Nouvel interlocuteur"), "keep", 0),
    ReturnReason("other-lead", Label("Another lead takes its place", "Une autre piste la remplace"), "linked_lead", 0),
    ReturnReason("gone-cold", Label("Gone cold", "Devenu froid"), "cool", 120),
    ReturnReason("unreachable", Label("Cannot be reached", "Injoignable"), "nurture", 60),
)
TRACKS: Final = (Track("general", Label("General", "Général")),)
OFF_TARGET: Final = (
    OffTarget("student", Label("Student", "Étudiant")),
    OffTarget("competitor", Label("Competitor", "Concurrent")),
    OffTarget("supplier", Label("Supplier", "Fournisseur")),
    OffTarget("private-person", Label("Private person", "Particulier")),
    OffTarget("no-such-company", Label("No such company", "Entreprise inexistante")),
)
REACHED: Final = (
    ("yes", Label("Yes", "Oui")),
    ("message", Label("Message left", "Message laissé")),
    ("no", Label("No", "Non")),
)
REPORTS: Final = (
    ReportField("reached", Label("Reached?", "Joint ?"), "choice", required=True, choices=REACHED),
    ReportField("project-date", Label("Date of the project", "Date du projet"), "date", required=False, choices=()),
    ReportField("sentence", Label("In one sentence", "En une phrase"), "text", required=True, choices=()),
)
REPORT_KINDS: Final[tuple[Literal["text", "choice", "date"], ...]] = ("text", "choice", "date")
EFFECTS: Final[tuple[ReturnEffect, ...]] = ("wake_up", "nurture", "keep", "linked_lead", "cool")


def read_calendar(place: Place | None) -> Calendar:
    """Left out: France, Monday to Friday, 9 to 18."""
    if place is None:
        return Calendar("Europe/Paris", "FR", OFFICE_HOURS)
    fields = place.fields(("time_zone", "holidays", "hours"), needed=("time_zone",))
    return Calendar(
        time_zone=_time_zone(fields["time_zone"]) if "time_zone" in fields else "UTC",
        holidays=_country(fields["holidays"]) if "holidays" in fields else "",
        hours=_hours(fields["hours"]) if "hours" in fields else OFFICE_HOURS,
    )


def _time_zone(place: Place) -> str:
    name = place.text()
    zones = zoneinfo.available_timezones()
    if name and name not in zones:
        near = nearest(name, zones) or nearest(name.title(), zones)
        remedy = sentence("Did you mean {near}?", near=near) if near else sentence("Write a name such as Europe/Paris.")
        place.refuse(sentence("{name} is not a known time zone.", name=name), remedy)
        return "UTC"
    return name or "UTC"


def _country(place: Place) -> str:
    code = place.text()
    if code and (len(code) != 2 or code not in holidays.list_supported_countries(include_aliases=False)):
        remedy = sentence(
            "Write the two capital letters of the country, such as FR; leave the field out for no holidays."
        )
        place.refuse(sentence("The holidays of {code} are not known.", code=code), remedy)
        return ""
    return code


def _hours(place: Place) -> tuple[Hours, ...]:
    ranges = [f"{first}-{last}" for number, first in enumerate(WEEKDAYS) for last in WEEKDAYS[number + 1 :]]
    found: dict[int, tuple[tuple[int, int], ...]] = {}
    for name, below in place.fields((*WEEKDAYS, *ranges)).items():
        first, _, last = name.partition("-")
        periods = tuple(_periods(below))
        for day in range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1):
            if day in found:
                below.refuse(
                    sentence("The hours of {day} are written twice.", day=WEEKDAYS[day]),
                    sentence("Keep one of the two."),
                )
            found[day] = periods
    if place.is_table() and not any(found.values()):
        place.refuse(
            sentence("The calendar is never open."),
            sentence('Write hours, such as mon-fri: ["09:00-12:30", "13:30-18:00"].'),
        )
        return OFFICE_HOURS
    return tuple(Hours(day, found[day]) for day in sorted(found) if found[day])


def _periods(place: Place) -> Iterator[tuple[int, int]]:
    previous = 0
    for below in place.items() if place.is_list() else [place]:
        text = below.text()
        match = PERIOD.fullmatch(text)
        opens, closes = (int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])) if match else (0, 0)
        if not match or not opens < closes <= MINUTES_OF_DAY:
            below.refuse(
                sentence("{text} is not a period of opening.", text=text), sentence('Write from and to: "09:00-12:30".')
            )
        elif opens < previous:
            below.refuse(
                sentence("This period starts before the one above has ended."),
                sentence("Write them in the order of the day."),
            )
        else:
            previous = closes
            yield opens, closes


def read_desk(place: Place | None) -> Desk:
    names = ("judge_within", "minutes_per_lead", "minutes_per_week", "criteria", "straight_to_sales")
    fields = place.fields(names) if place else {}
    straight = fields["straight_to_sales"].truth() if "straight_to_sales" in fields else False
    if straight:
        _refuse_judging(fields)
    return Desk(
        straight_to_sales=straight,
        judge_within=fields["judge_within"].span() if "judge_within" in fields else Span(1, "working_days"),
        criteria=read_items(fields["criteria"], _read_criterion) if "criteria" in fields else (),
        **_minutes(fields),
    )


def _refuse_judging(fields: dict[str, Place]) -> None:
    for name in ("judge_within", "minutes_per_lead", "minutes_per_week"):
        if name in fields:
            fields[name].refuse(
                sentence("Leads go straight to sales: nobody judges them first."),
                sentence("Remove {name}, or write straight_to_sales: false.", name=name),
            )


def _minutes(fields: dict[str, Place]) -> dict[str, int]:
    """What judging takes, and what there is for it, as far as it is said."""
    most = {"minutes_per_lead": MOST_MINUTES_PER_LEAD, "minutes_per_week": MOST_MINUTES_PER_WEEK}
    found = {name: fields[name].whole(1, limit) for name, limit in most.items() if name in fields}
    if found.get("minutes_per_week", MOST_MINUTES_PER_WEEK) < found.get("minutes_per_lead", MINUTES_PER_LEAD):
        fields["minutes_per_week"].refuse(
            sentence("In a week there is not the time to judge one lead."),
            sentence("Write the minutes that all who judge have together in a week."),
        )
    return found


def _read_criterion(place: Place) -> Criterion:
    fields = place.fields(("id", "label", "asked_by", "ask", "met_when"), needed=("id",))
    return Criterion(
        *read_name(fields),
        asked_by="marketing" if _asked_by(fields) == "marketing" else "sales",
        ask=fields["ask"].label() if "ask" in fields else None,
        met_when=read_person_condition(fields["met_when"]) if "met_when" in fields else None,
    )


def _asked_by(fields: dict[str, Place]) -> str:
    return fields["asked_by"].one_of(("sales", "marketing")) if "asked_by" in fields else "sales"


def read_delays(place: Place | None, calendar: Calendar) -> Delays:
    fields = place.fields(("accept", "call", "reassign", "report")) if place else {}

    def span(name: str, days: int) -> Span:
        return fields[name].span() if name in fields else Span(days, "working_days")

    found = Delays(span("accept", 1), span("call", 2), span("reassign", 4), span("report", 10))
    for name, promise in (("accept", found.accept), ("call", found.call)):
        if (
            place
            and not any(one.is_refused for one in fields.values())
            and is_before(found.reassign, promise, calendar.hours)
        ):
            (fields.get("reassign") or fields.get(name) or place).refuse(
                sentence("A colleague gets the lead before the time of {name} is over.", name=name),
                sentence("Give more time to reassign than to accept and call, or less to {name}.", name=name),
                only_new=True,
            )
    return found


def read_returns(place: Place | None) -> tuple[ReturnReason, ...]:
    return read_items(place, _read_return) if place else RETURNS


def _read_return(place: Place) -> ReturnReason:
    fields = place.fields(("id", "label", "effect", "after"), needed=("id", "effect"))
    name = fields["effect"].one_of(EFFECTS) if "effect" in fields else "keep"
    effect = next(known for known in EFFECTS if known == name)
    lasts = effect in {"nurture", "cool"}
    if lasts and "after" not in fields:
        place.refuse(sentence("{effect} does not say for how long.", effect=effect), sentence("Add after: 90 days."))
    if not lasts and "after" in fields:
        fields["after"].refuse(sentence("{effect} has no duration.", effect=effect), sentence("Remove after."))
    days = _whole_days(fields["after"]) if lasts and "after" in fields else 0
    return ReturnReason(*read_name(fields), effect, days)


def _whole_days(place: Place) -> int:
    days = place.elapsed_days()
    if days != int(days):
        place.refuse(sentence("Whole days are expected here."), sentence("Write a duration such as 90 days."))
    return max(1, int(days))


def read_recycling(place: Place | None) -> Recycling:
    fields = place.fields(("default", "tracks", "off_target")) if place else {}
    tracks, off_target = fields.get("tracks"), fields.get("off_target")
    found = Recycling(
        default_days=_whole_days(fields["default"]) if "default" in fields else 90,
        tracks=read_items(tracks, lambda below: Track(*read_plain(below))) if tracks else TRACKS,
        off_target=read_items(off_target, lambda below: OffTarget(*read_plain(below))) if off_target else OFF_TARGET,
    )
    for below, listed in ((tracks, found.tracks), (off_target, found.off_target)):
        if below and below.is_list() and not listed:
            below.refuse(sentence("This list is empty."), sentence("List at least one, or remove the field."))
    return found


def read_volumes(place: Place | None) -> tuple[Volume, ...]:
    return read_items(place, _read_volume) if place else ()


def _read_volume(place: Place) -> Volume:
    fields = place.fields(("id", "label", "grades", "at_least"), needed=("id", "at_least"))
    cells = set(read_volume_cells(fields["grades"])) if "grades" in fields else set()
    at_least = fields["at_least"].whole(1, 1_000_000) if "at_least" in fields else 1
    return Volume(*read_name(fields), tuple(sorted(cells)), at_least)


def read_reports(place: Place | None) -> tuple[ReportField, ...]:
    if place is None:
        return REPORTS
    fields = read_items(place, _read_report_field)
    if len(fields) > MOST_REPORT_FIELDS:
        what = sentence("A report of {count} fields is too long to be filled in.", count=len(fields))
        place.refuse(what, sentence("Keep at most {most}.", most=MOST_REPORT_FIELDS))
    return fields


def _read_report_field(place: Place) -> ReportField:
    fields = place.fields(("id", "label", "kind", "required", "choices"), needed=("id",))
    choices = _choices(fields["choices"]) if "choices" in fields else ()
    name = fields["kind"].one_of(REPORT_KINDS) if "kind" in fields else ("choice" if choices else "text")
    if name == "choice" and len(choices) < 2:
        place.refuse(sentence("A choice needs something to choose from."), sentence("List at least two under choices."))
    if name != "choice" and choices:
        fields["choices"].refuse(
            sentence("A {name} has no choices.", name=name), sentence("Remove choices, or write kind: choice.")
        )
    required = fields["required"].truth() if "required" in fields else False
    kind = next(known for known in REPORT_KINDS if known == name)
    return ReportField(*read_name(fields), kind, required, choices)


def _choices(place: Place) -> tuple[tuple[str, Label], ...]:
    found = dict(read_plain(below) for below in place.items())
    if len(found) > MOST_CHOICES:
        place.refuse(sentence("These are too many choices."), sentence("Keep at most {most}.", most=MOST_CHOICES))
    if place.is_list() and len(found) < sum(1 for _ in place.items()):
        place.refuse(sentence("A choice is listed twice."), sentence("Give each its own id."))
    return tuple(found.items())


def read_routing(place: Place | None) -> Routing:
    fields = place.fields(("default_capacity",)) if place else {}
    return Routing(fields["default_capacity"].whole(1, 10_000) if "default_capacity" in fields else 50)

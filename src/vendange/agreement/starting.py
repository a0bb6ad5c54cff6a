"""What two people answer around a table, and what is wrong with it: `starting_text` writes an agreement from it.

Answers hold what people choose, in small words ("few", "some", "much"); what these mean in points stands here too.
"""

import re
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import holidays

from vendange.agreement.contradictions import is_before
from vendange.agreement.kinds import NO_KINDS
from vendange.agreement.label import Label, alike
from vendange.agreement.problems import nearest
from vendange.agreement.promises import MOST_MINUTES_PER_LEAD, MOST_MINUTES_PER_WEEK, PERIOD, WEEKDAYS
from vendange.agreement.sentence import Sentence, sentence
from vendange.agreement.terms import Hours, ReturnEffect, Span, Team
from vendange.agreement.vocabulary import KIND_PATTERN, KINDS

Much = Literal["few", "some", "much"]
Sooner = Literal["early", "balanced", "late"]

HOW_MUCH: Final[tuple[Much, ...]] = ("few", "some", "much")
# Points of one act of that weight, and the most that such acts hold together.
ENGAGEMENT: Final[Mapping[Much, tuple[int, int]]] = {"few": (4, 20), "some": (12, 36), "much": (25, 50)}
FIT: Final[Mapping[Much, int]] = {"few": 10, "some": 20, "much": 30}
# Engagement from which the digits 1, 2 and 3 begin, and the cells that call; one row stands for all when nothing is
# known of who they are.
SOONER: Final[Mapping[Sooner, tuple[int, int, int]]] = {
    "early": (50, 25, 10),
    "balanced": (70, 40, 15),
    "late": (85, 60, 25),
}
CELLS: Final[Mapping[Sooner, tuple[str, ...]]] = {
    "early": ("A1", "A2", "A3", "B1", "B2", "C1"),
    "balanced": ("A1", "A2", "B1"),
    "late": ("A1",),
}
CELLS_WITHOUT_FIT: Final[Mapping[Sooner, tuple[str, ...]]] = {
    "early": ("D1", "D2", "D3"),
    "balanced": ("D1", "D2"),
    "late": ("D1",),
}
HALF_LIVES: Final = (7, 14, 21, 30, 60)  # days
TRAITS: Final = ("level", "sectors", "size", "countries", "roles")  # what may be known of who they are
# Whom one may set aside by their job title, and the words that tell; a student also by the rank.
PEOPLE: Final[Mapping[str, tuple[str, ...]]] = {
    "student": ("student", "étudiant"),
    "trainee": ("trainee", "stagiaire", "apprenti"),
}

LONGEST_NAME: Final = 80  # characters of what an agreement is called
MOST_TYPES: Final = 6
MOST_CRITERIA: Final = 8
MOST_SECTORS: Final = 40
MOST_PEOPLE: Final = 10_000_000
MOST_VOLUME: Final = 100_000
LONGEST_DELAY_DAYS: Final = 365
SECTOR: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.]{0,9}")
COUNTRY: Final = re.compile(r"[A-Z]{2}")
OF_HOUR: Final = {"minutes": 1 / 60, "hours": 1.0, "days": 24.0}
HALF_A_DAY, ONE_DAY = Span(4, "working_hours"), Span(1, "working_days")
THREE_DAYS, TWO_WEEKS = Span(3, "working_days"), Span(10, "working_days")


@dataclass(frozen=True, slots=True)
class Named:
    """A thing that people call by name, in both languages. `id` is made of the name and then stays."""

    id: str
    label: Label


@dataclass(frozen=True, slots=True)
class ChosenAct:
    """A revealing act: one signal of any of these kinds calls a human, and opens a lead of this type."""

    id: str
    label: Label
    on: tuple[str, ...]
    lead_type: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """What an act that is not enough alone counts for."""

    kind: str
    label: Label
    much: Much


@dataclass(frozen=True, slots=True)
class Aside:
    """People of some sectors whom nobody calls: competitors, one's own dealers."""

    id: str
    label: Label
    sectors: tuple[str, ...]  # beginnings of the code of the industry


@dataclass(frozen=True, slots=True)
class Asked:
    """A criterion: what one side wants to know before a lead changes hands, and the question that finds it out."""

    id: str
    label: Label
    by: Team
    ask: Label | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why sales may give a lead back, and what that does; `after_days` only for nurture and cool."""

    id: str
    label: Label
    effect: ReturnEffect
    after_days: int = 0


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that the two have answered so far; a preset answers it all, so that each step may be left as it is."""

    preset: str  # which of `presets.PRESETS` it began from; its reports, tracks and limits are kept
    name: str  # what the agreement is called
    lead_types: tuple[Named, ...]

    # Who is a target. Nothing said: everybody.
    sectors: tuple[str, ...] = ()  # beginnings of the code of the industry
    smallest: int | None = None  # employees
    largest: int | None = None
    countries: tuple[str, ...] = ()  # two letters each
    level: str = ""  # this one or above, of vocabulary.LEVELS
    roles: tuple[str, ...] = ()  # parts in the purchase, of vocabulary.ROLES
    only_target: bool = False  # who surely is no target is never called; else it only gives fewer points
    aside: tuple[str, ...] = ()  # of PEOPLE
    aside_sectors: tuple[Aside, ...] = ()

    acts: tuple[ChosenAct, ...] = ()

    # Points; none of it counts when there is no score.
    scored: bool = False
    weighed: tuple[Weighed, ...] = ()
    traits: tuple[tuple[str, Much], ...] = ()  # what each answer about the target counts for, of TRAITS
    sooner: Sooner = "balanced"
    half_life_days: int = 21

    # The desk.
    has_desk: bool = True
    judge_within: Span = HALF_A_DAY
    minutes_per_lead: int = 15
    minutes_per_week: int | None = None
    criteria: tuple[Asked, ...] = ()
    returns: tuple[Reason, ...] = ()

    # Who owes what.
    accept: Span = ONE_DAY
    call: Span = ONE_DAY
    reassign: Span = THREE_DAYS
    report: Span = TWO_WEEKS
    volume: int | None = None  # leads that marketing passes in a month
    volume_rows: tuple[str, ...] = ()  # letters of fit that count for it; none: all
    time_zone: str = "Europe/Paris"
    holidays: str = "FR"  # "" for none
    hours: tuple[tuple[str, tuple[str, ...]], ...] = tuple((day, ("09:00-18:00",)) for day in WEEKDAYS[:5])

    def knows(self) -> Iterator[str]:
        """The traits about which something is said."""
        said = {
            "level": self.level,
            "sectors": self.sectors,
            "size": self.smallest is not None or self.largest is not None,
            "countries": self.countries,
            "roles": self.roles,
        }
        yield from (trait for trait in TRAITS if said[trait])

    def rows(self) -> tuple[tuple[str, Much], ...]:
        """The traits that give points: what is said about and weighed, when there is a score."""
        weights = dict(self.traits)
        return tuple((one, weights[one]) for one in self.knows() if self.scored and one in weights)


def refusals(answers: Answers) -> dict[str, Sentence]:
    """What is wrong, by the name of the answer; nothing: `starting_text.write` gives a valid agreement."""
    found: dict[str, Sentence] = {}
    for check in (_of_names, _of_target, _of_acts, _of_desk, _of_delays, _too_soon, _of_calendar):
        found.update(check(answers))
    return found


def _of_names(one: Answers) -> Iterator[tuple[str, Sentence]]:
    if not one.name.strip():
        yield "name", sentence("Give the agreement a name.")
    if len(one.name) > LONGEST_NAME:
        yield "name", sentence("This name is too long: use at most {most} characters.", most=LONGEST_NAME)
    if not one.lead_types:
        yield "lead_types", sentence("Name at least one type of lead.")
    if len(one.lead_types) > MOST_TYPES:
        yield "lead_types", sentence("More than {most} types are hard to keep apart: name fewer.", most=MOST_TYPES)
    if twice := alike(each.label for each in one.lead_types):
        yield "lead_types", sentence("Two types are called “{text}”: rename one of them.", text=twice.en or twice.fr)


def _of_target(one: Answers) -> Iterator[tuple[str, Sentence]]:
    if odd := next((each for each in one.countries if not COUNTRY.fullmatch(each)), ""):
        yield "countries", sentence("{text} is not a country code: write two letters, such as FR.", text=odd[:40])
    yield from _of_sectors("sectors", one.sectors)
    for aside in one.aside_sectors:
        yield from _of_sectors(f"aside_{aside.id}", aside.sectors)
    sizes = [size for size in (one.smallest, one.largest) if size is not None]
    if any(not 0 <= size <= MOST_PEOPLE for size in sizes):
        yield "smallest", sentence("Write numbers of employees from 0 to {most}.", most=MOST_PEOPLE)
    elif len(sizes) == 2 and sizes[0] > sizes[1]:
        yield "largest", sentence("The largest company is smaller than the smallest: swap the two.")


def _of_sectors(name: str, sectors: Sequence[str]) -> Iterator[tuple[str, Sentence]]:
    if odd := next((each for each in sectors if not SECTOR.fullmatch(each)), ""):
        told = sentence(
            "{text} is no code of an industry: write letters, digits and dots, such as 25.62.", text=odd[:40]
        )
        yield name, told
    elif len(sectors) > MOST_SECTORS:
        yield name, sentence("Keep at most {most}: write shorter codes, 25 stands for all of 25.62.", most=MOST_SECTORS)


def _of_acts(one: Answers) -> Iterator[tuple[str, Sentence]]:
    if not one.acts and not (one.scored and one.weighed):
        yield "acts", sentence("Nothing would ever call a human: tick at least one act, or work with a score.")
    known = {each.id for each in one.lead_types}
    if any(act.lead_type not in known for act in one.acts):
        yield "acts", sentence("An act opens a type of lead that is gone: choose its type again.")
    if twice := alike(act.label for act in one.acts):
        yield "acts", sentence("Two acts are called “{text}”: keep one of them.", text=twice.en or twice.fr)
    if one.scored and (twice := alike(each.label for each in one.weighed)):
        yield "weighed", sentence("Two acts are called “{text}”: keep one of them.", text=twice.en or twice.fr)
    if one.scored and not one.weighed:
        yield "weighed", sentence("A score needs something to count: weigh at least one act, or work without a score.")


def _of_desk(one: Answers) -> Iterator[tuple[str, Sentence]]:
    if twice := alike(each.label for each in one.criteria):
        yield "criteria", sentence("Two criteria are called “{text}”: rename one of them.", text=twice.en or twice.fr)
    if twice := alike(each.label for each in one.returns):
        yield (
            "returns",
            sentence(
                "Two reasons are called “{text}”: rename yours, or tick the one above.", text=twice.en or twice.fr
            ),
        )
    if len(one.criteria) > MOST_CRITERIA:
        yield "criteria", sentence("Nobody asks so much on the phone: keep at most {most}.", most=MOST_CRITERIA)
    if not one.returns:
        yield "returns", sentence("Tick at least one reason: without one, sales can give nothing back.")
    if any(each.effect in {"nurture", "cool"} and not 1 <= each.after_days <= 3650 for each in one.returns):
        yield "returns", sentence("Say after how many days it comes back: from 1 to 3650.")
    if not one.has_desk:
        return
    if not 1 <= one.minutes_per_lead <= MOST_MINUTES_PER_LEAD:
        most = MOST_MINUTES_PER_LEAD
        yield "minutes_per_lead", sentence("Judging takes from 1 to {most} minutes.", most=most)
    week = one.minutes_per_week
    if week is not None and week > MOST_MINUTES_PER_WEEK:
        most = MOST_MINUTES_PER_WEEK
        yield (
            "minutes_per_week",
            sentence(
                "These are too many minutes: write from {least} to {most}.", least=one.minutes_per_lead, most=most
            ),
        )
    elif week is not None and week < one.minutes_per_lead:
        yield "minutes_per_week", sentence("In a week there is not the time to judge one lead: write more minutes.")


def _of_delays(one: Answers) -> Iterator[tuple[str, Sentence]]:
    for name in (*(["judge_within"] if one.has_desk else []), "accept", "call", "reassign", "report"):
        span: Span = getattr(one, name)
        if span.amount < 1 or span.amount * OF_HOUR[span.unit.removeprefix("working_")] > LONGEST_DELAY_DAYS * 24:
            yield name, sentence("Write a delay above 0 and within a year.")
    if one.volume is not None and not 1 <= one.volume <= MOST_VOLUME:
        yield "volume", sentence("Write a number from 1 to {most}, or leave it empty.", most=MOST_VOLUME)


def _too_soon(one: Answers) -> Iterator[tuple[str, Sentence]]:
    """A colleague would get the lead while the one who has it still has time."""
    if not all(_in_order(periods) for _, periods in one.hours) or "reassign" in dict(_of_delays(one)):
        return
    hours = [Hours(WEEKDAYS.index(day), tuple(map(_minutes, periods))) for day, periods in one.hours if periods]
    if is_before(one.reassign, one.accept, hours):
        yield "reassign", sentence("A colleague would get it before the time to accept it is over: give more time.")
    if is_before(one.reassign, one.call, hours):
        yield "reassign", sentence("A colleague would get it before the time to call is over: give more time.")


def _of_calendar(one: Answers) -> Iterator[tuple[str, Sentence]]:
    if one.time_zone not in zoneinfo.available_timezones():
        yield "time_zone", sentence("This time zone is not known: write a name such as Europe/Paris.")
    if one.holidays and one.holidays not in holidays.list_supported_countries(include_aliases=False):
        told = sentence(
            "The holidays of {code} are not known: write two letters such as FR, or none.", code=one.holidays[:40]
        )
        yield "holidays", told
    if not any(periods for _, periods in one.hours):
        yield "hours", sentence("You are never open: tick at least one day.")
    if any(not _in_order(periods) for _, periods in one.hours):
        yield "hours", sentence("The hours do not follow each other: opening, break, closing. Write them like 09:00.")


def _in_order(periods: Sequence[str]) -> bool:
    last = 0
    for text in periods:
        match = PERIOD.fullmatch(text)
        if not match:
            return False
        opens, closes = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
        if not last <= opens < closes <= 24 * 60:
            return False
        last = closes
    return True


def _minutes(period: str) -> tuple[int, int]:
    """Minutes since midnight, of a period that `_in_order` let through."""
    opens, closes = ([int(part) for part in end.strip().split(":")] for end in period.split("-"))
    return opens[0] * 60 + opens[1], closes[0] * 60 + closes[1]


def can_be_named(kind: str) -> bool:
    """Whether an agreement may name this kind of signal: a known one, or one that looks like no slip of a known one."""
    if kind in KINDS:
        return True
    return bool(re.fullmatch(KIND_PATTERN, kind)) and kind not in NO_KINDS and not nearest(kind, KINDS, likeness=0.85)

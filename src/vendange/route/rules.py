"""Route decides: hard limits first, then an explained preference whose terms add up. Plain Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# What each reason is worth, in points out of 100. The routing issue makes these terms of the agreement.
KNOWS_THE_PERSON: Final = 40
KNOWS_THE_COMPANY: Final = 25
HOME_TERRITORY: Final = 15
ROOM: Final = 45

MILDEST_FIRST: Final = (
    "full",
    "away",
    "other_language",
    "other_lead_type",
    "had_it_before",
    "other_territory",
    "not_taking_leads",
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A salesperson as routing sees them."""

    id: int
    name: str
    territory: tuple[str, ...]
    languages: tuple[str, ...]
    lead_types: tuple[str, ...]
    capacity: int
    load: int
    away: bool
    taking_leads: bool
    had_it_before: bool = False
    knows_person: bool = False
    knows_company: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """The lead as routing sees it."""

    lead_type: str
    country: str
    region: str
    language: str


@dataclass(frozen=True, slots=True)
class Term:
    """One reason, with its points: the terms of a candidate add up to their total."""

    code: str
    points: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Considered:
    """One candidate weighed: out for a reason, or in with terms."""

    candidate: Candidate
    out_because: str
    terms: tuple[Term, ...] = ()

    @property
    def total(self) -> int:
        return sum(term.points for term in self.terms)


@dataclass(frozen=True, slots=True)
class Choice:
    """Who gets the lead, or nobody and why; with everybody who was considered, best first."""

    chosen: Considered | None
    considered: tuple[Considered, ...]
    nobody_because: str


def decide(wanted: Wanted, candidates: Sequence[Candidate]) -> Choice:
    """The best candidate that no limit excludes. Ties go to the lighter relative load, then to the lower id."""
    weighed = [_weigh(wanted, candidate) for candidate in candidates]
    fit = sorted((one for one in weighed if not one.out_because), key=_order)
    out = [one for one in weighed if one.out_because]
    return Choice(fit[0] if fit else None, (*fit, *out), "" if fit else _nobody(out))


def _order(one: Considered) -> tuple[int, float, int]:
    return -one.total, one.candidate.load / max(1, one.candidate.capacity), one.candidate.id


def _weigh(wanted: Wanted, candidate: Candidate) -> Considered:
    because = _excluded(wanted, candidate)
    if because:
        return Considered(candidate, because)
    room = round(ROOM * (1 - candidate.load / candidate.capacity))
    terms = [Term("room", room, f"{candidate.load}/{candidate.capacity}")]
    if candidate.territory:
        terms.append(Term("home_territory", HOME_TERRITORY, wanted.region or wanted.country))
    if candidate.knows_person:
        terms.append(Term("knows_person", KNOWS_THE_PERSON))
    elif candidate.knows_company:
        terms.append(Term("knows_company", KNOWS_THE_COMPANY))
    return Considered(candidate, "", tuple(terms))


def _excluded(wanted: Wanted, candidate: Candidate) -> str:
    """The first limit that keeps this lead from this person, "" when none does."""
    checks = (
        ("not_taking_leads", not candidate.taking_leads),
        ("had_it_before", candidate.had_it_before),
        ("other_territory", not covers(candidate.territory, wanted)),
        ("other_lead_type", bool(candidate.lead_types) and wanted.lead_type not in candidate.lead_types),
        (
            "other_language",
            bool(candidate.languages and wanted.language) and wanted.language not in candidate.languages,
        ),
        ("away", candidate.away),
        ("full", candidate.load >= candidate.capacity),
    )
    return next((code for code, excluded in checks if excluded), "")


def _speaks(languages: Sequence[str], wanted: str) -> bool:
    return not languages or not wanted or wanted in languages


def covers(territory: Sequence[str], wanted: Wanted) -> bool:
    """Whether a territory holds this lead; no territory is everywhere, an unknown place is anybody's.

    >>> covers(["69", "DE"], Wanted("quote", "FR", "69", "")), covers(["69"], Wanted("quote", "FR", "75", ""))
    (True, False)
    """
    if not territory or not (wanted.region or wanted.country):
        return True
    return wanted.region in territory or wanted.country in territory


def _nobody(out: Sequence[Considered]) -> str:
    """Which limit removed the last candidate: the mildest one met, since that is the one to lift."""
    if not out:
        return "no_salesperson"
    return min((one.out_because for one in out), key=MILDEST_FIRST.index)

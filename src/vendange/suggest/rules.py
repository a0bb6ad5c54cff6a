"""Suggest decides: how often each rule was behind a pass, an elimination, a return, a win. Plain Python.

A rule is *behind* a lead when it called (an act, a pattern, a topic, a dimension, a cell), or when it gave or took
points in the score with which the lead was raised (fit, engagement). Rules are the same when they have the same id.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import fsum
from typing import Final, Literal

from vendange.agreement.terms import Agreement
from vendange.engine.grades import fit_grade, grade
from vendange.engine.rows import LIMIT
from vendange.engine.shares import Share, part_of

Section = Literal["acts", "patterns", "topics", "dimensions", "cells", "engagement", "fit"]
CALLS: Final[Mapping[str, Section]] = {
    "act": "acts",
    "pattern": "patterns",
    "change": "topics",
    "dimension": "dimensions",
    "score": "cells",
}
SECTIONS: Final[tuple[Section, ...]] = ("acts", "patterns", "topics", "dimensions", "cells", "engagement", "fit")
MANY: Final = 10  # returns for one reason that put a rule on the list (R9)
ENOUGH: Final = 30  # leads on which "always" is said
KNOWN: Final = 10  # cases from which the usual delay of an outcome is taken
OTHERWISE: Final[Mapping[str, int]] = {"accepted": 28, "opportunity": 91, "won": 182}  # days, while fewer are known
LONGEST: Final = 364
OUTCOMES: Final = ("won", "opportunity", "accepted")  # what may be learnt, the deepest first
ENOUGH_CASES: Final = 30  # leads that reached it, and as many that did not
Points = Mapping[tuple[str, str], float]  # (side, rule) -> points when the lead was raised


@dataclass(frozen=True, slots=True)
class Ended:
    """One lead that the agreement raised, with all that was recorded of it. `refused` holds the reasons of returns."""

    way: str
    reason: str
    grade: str
    raised_at: datetime
    agreement: int
    points: Points
    fit: float
    engagement: float
    judged: bool = False
    passed: bool = False
    recycled: bool = False
    eliminated: bool = False
    refused: tuple[str, ...] = ()
    accepted_at: datetime | None = None
    opportunity_at: datetime | None = None
    won_at: datetime | None = None

    @property
    def rejected(self) -> bool:
        """Eliminated at the desk, or given back by sales."""
        return self.eliminated or bool(self.refused)

    def reached(self, outcome: str) -> datetime | None:
        return {"accepted": self.accepted_at, "opportunity": self.opportunity_at, "won": self.won_at}[outcome]


@dataclass(frozen=True, slots=True)
class Effect:
    """Leads that this rule's absence would not have raised as they were, and what became of them."""

    gone: int
    passed: int
    rejected: int
    won: int  # within the usual time, of `ripe`
    ripe: int  # leads that had their time


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of the leads that one rule was behind. `won` counts only leads that had their time."""

    section: Section
    id: str
    raised: int
    passed: Share
    recycled: Share
    eliminated: Share
    returned: Share  # of those passed
    rejected: Share
    won: Share
    reasons: tuple[tuple[str, int], ...]
    many: tuple[tuple[str, int], ...]  # reasons of at least MANY returns of leads that this rule called
    stands_out: str  # better | worse | "": its share of rejected leads against that of all the others
    effect: Effect

    @property
    def few(self) -> bool:
        return self.rejected.few


@dataclass(frozen=True, slots=True)
class Review:
    """All rules over one period, and those of the agreement in force that never or always fired."""

    raised: int
    judged: int
    within_days: int  # in which a win comes
    everything: Fate
    fates: tuple[Fate, ...]
    never: tuple[tuple[Section, str], ...]
    always: tuple[tuple[Section, str], ...]

    @property
    def to_review(self) -> tuple[Fate, ...]:
        """The rules that sales gave back most often for one reason (R9), the most often first."""
        return tuple(sorted((one for one in self.fates if one.many), key=lambda one: -one.many[0][1]))


def reviewed(leads: Sequence[Ended], terms: Mapping[int, Agreement], agreement: Agreement, now: datetime) -> Review:
    """`terms`: the agreement of each lead, by its key; `agreement`: the one in force, whose rules are listed."""
    within = usual_days(leads, "won")
    ripe = now - timedelta(days=within)
    behind = {key: [one for one in leads if is_behind(*key, one)] for key in stated(agreement)}
    fates = [_fate(key, found, leads, terms, ripe, within) for key, found in behind.items() if found]
    return Review(
        raised=len(leads),
        judged=sum(one.judged for one in leads),
        within_days=within,
        everything=_fate(("cells", ""), leads, leads, terms, ripe, within),
        fates=tuple(fates),
        never=tuple(key for key, found in behind.items() if not found),
        always=tuple(
            key
            for key, found in behind.items()
            if len(found) == len(leads) >= ENOUGH and key[0] in {"fit", "engagement"}
        ),
    )


def stated(agreement: Agreement) -> list[tuple[Section, str]]:
    """Every rule of an agreement that can call a human or give points, in the order in which it is read."""
    change = agreement.interests.change if agreement.interests else None
    topics = agreement.interests.topics if agreement.interests and change and change.lead_type else ()
    named: tuple[tuple[Section, Iterable[str]], ...] = (
        ("acts", (one.id for one in agreement.acts)),
        ("patterns", (one.id for one in agreement.patterns)),
        ("topics", (one.id for one in topics)),
        ("dimensions", (one.id for one in agreement.dimensions if one.alert)),
        ("cells", sorted(agreement.alert)),
        ("engagement", (one.id for one in agreement.engagement)),
        ("fit", (one.id for one in agreement.fit)),
    )
    return [(section, one) for section, ids in named for one in ids]


def is_behind(section: Section, rule: str, one: Ended) -> bool:
    if section in {"fit", "engagement"}:
        return one.points.get((section, rule), 0.0) != 0
    return CALLS.get(one.way) == section and (one.grade if section == "cells" else one.reason) == rule


def usual_days(leads: Iterable[Ended], outcome: str) -> int:
    """Whole weeks, in days, within which nine of ten came after their lead was raised."""
    after = [(at - one.raised_at) / timedelta(days=1) for one in leads if (at := one.reached(outcome))]
    if len(after) < KNOWN:
        return OTHERWISE[outcome]
    return min(max(-int(-part_of(sorted(after), 0.9) // 7), 1) * 7, LONGEST)


def came(one: Ended, outcome: str, within_days: int) -> bool:
    at = one.reached(outcome)
    return at is not None and at <= one.raised_at + timedelta(days=within_days)


def _fate(
    key: tuple[Section, str],
    found: Sequence[Ended],
    leads: Sequence[Ended],
    terms: Mapping[int, Agreement],
    ripe: datetime,
    within: int,
) -> Fate:
    judged = [one for one in found if one.judged]
    passed = [one for one in judged if one.passed]
    old = [one for one in judged if one.raised_at <= ripe]
    reasons = Counter(reason for one in found for reason in set(one.refused))
    rejected = _share(judged, [one for one in judged if one.rejected])
    return Fate(
        section=key[0],
        id=key[1],
        raised=len(found),
        passed=_share(judged, passed),
        recycled=_share(judged, [one for one in judged if one.recycled]),
        eliminated=_share(judged, [one for one in judged if one.eliminated]),
        returned=_share(passed, [one for one in passed if one.refused]),
        rejected=rejected,
        won=_share(old, [one for one in old if came(one, "won", within)]),
        reasons=tuple(reasons.most_common()),
        many=_many(key, found),
        stands_out=_stands_out(rejected, leads, found),
        effect=_effect(key, found, terms, ripe, within),
    )


def _share(of: Sequence[Ended], some: Sequence[Ended]) -> Share:
    return Share(len(some), len(of))


def _many(key: tuple[Section, str], found: Sequence[Ended]) -> tuple[tuple[str, int], ...]:
    """Of engagement rules only leads that a score called and that owe them most; fit alone calls nobody."""
    if key[0] == "fit":
        return ()
    called = [one for one in found if key[0] != "engagement" or leading(one) == key[1]]
    counted = Counter(reason for one in called for reason in set(one.refused))
    return tuple((reason, count) for reason, count in counted.most_common() if count >= MANY)


def leading(one: Ended) -> str:
    """The engagement rule that gave most to a lead that a score called, "" for other leads."""
    given = {rule: points for (side, rule), points in one.points.items() if side == "engagement" and points > 0}
    return max(given, key=lambda rule: given[rule]) if one.way == "score" and given else ""


def _stands_out(rejected: Share, leads: Sequence[Ended], found: Sequence[Ended]) -> str:
    """Against the leads that it was not behind, beyond what chance gives."""
    mine = {id(one) for one in found}
    others = [one for one in leads if one.judged and id(one) not in mine]
    rest = Share(sum(one.rejected for one in others), len(others))
    if rejected.few or rest.few or rejected.overlaps(rest):
        return ""
    return "worse" if (rejected.value or 0) > (rest.value or 0) else "better"


def _effect(
    key: tuple[Section, str], found: Sequence[Ended], terms: Mapping[int, Agreement], ripe: datetime, within: int
) -> Effect:
    """Of acts, patterns and cells all that they called; of points, every lead that falls out of a calling cell."""
    section, rule = key
    if section in {"fit", "engagement"}:
        gone = [
            one for one in found if one.way == "score" and not _still_calls(one, section, rule, terms[one.agreement])
        ]
    else:
        gone = list(found)
    old = [one for one in gone if one.judged and one.raised_at <= ripe]
    return Effect(
        gone=len(gone),
        passed=sum(one.passed for one in gone),
        rejected=sum(one.rejected for one in gone),
        won=sum(came(one, "won", within) for one in old),
        ripe=len(old),
    )


def _still_calls(one: Ended, side: Section, rule: str, agreement: Agreement) -> bool:
    fit = without(one.points, "fit", rule) if side == "fit" else one.fit
    engagement = without(one.points, "engagement", rule) if side == "engagement" else one.engagement
    engagement = min(engagement, agreement.engagement_cap)
    cell = fit_grade(agreement, round(fit, 6)) + grade(agreement.grades.engagement, round(engagement, 6))
    return cell in agreement.alert


def without(points: Points, side: str, rule: str) -> float:
    """What a side holds when one rule is gone: limits that bound all rules together are taken anew."""
    kept = [value for (own, name), value in points.items() if own == side and name not in {rule, LIMIT}]
    return max(0.0, min(100.0, fsum(kept)))

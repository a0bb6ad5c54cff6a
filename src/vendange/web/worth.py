"""What a score is worth, as figures for one sentence: the desk, the lead and the person say it alike."""

from dataclasses import dataclass
from datetime import datetime

from vendange.engine.worth import Worth
from vendange.models import Lead
from vendange.qualify.queries import never_judged, worths

SCORED = ("act", "pattern", "change", "score", "dimension")  # ways that give leads a score of their own


@dataclass(frozen=True, slots=True)
class Said:
    """`found_alike`: only leads that were found the same way count, not the whole cell."""

    cell: str
    found_alike: bool
    worth: Worth
    never_judged: int

    @property
    def low(self) -> float:
        return 100 * (self.worth.share.interval or (0.0, 1.0))[0]

    @property
    def high(self) -> float:
        return 100 * (self.worth.share.interval or (0.0, 1.0))[1]


def worth_of_lead(lead: Lead, now: datetime) -> Said:
    found = worths(now)
    alike = lead.way in SCORED
    worth = found.of(lead.way, lead.grade) if alike else found.of_cell(lead.grade)
    return Said(lead.grade, alike, worth, never_judged(lead.grade))


def worth_of_cell(grade: str, now: datetime) -> Said:
    return Said(grade, False, worths(now).of_cell(grade), never_judged(grade))

"""Revert decides: what of an import may go, by what has happened since. Plain Python."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# Rows of other tables that keep somebody, by table, and what that says to people; others are just "used".
KEEPS: Final[Mapping[str, str]] = {
    "Signal": "acted",
    "Followed": "acted",
    "Revealed": "acted",
    "Submission": "acted",
    "Lead": "lead",
    "Decision": "lead",
    "Call": "call",
    "Deal": "deal",
    "Merge": "merged",
    "OrganisationMerge": "merged",
    "Consent": "consent",
    "Fact": "told",
    "OrganisationFact": "told",
    "Identity": "key",
    "Person": "people",
    "Organisation": "sites",
}
# What is made anew from the rest keeps nobody.
DERIVED: Final = frozenset({"Measure", "Touched", "Heat", "SegmentMember", "SegmentLeft", "Twins", "OrganisationTwins"})
REASONS: Final = tuple(dict.fromkeys((*KEEPS.values(), "other_file", "refused", "used")))


def reason_of(table: str) -> str:
    """Why a row of this table keeps somebody; "" when it does not."""
    return "" if table in DERIVED else KEEPS.get(table, "used")


@dataclass(frozen=True, slots=True)
class Numbers:
    """Many numbers as sorted runs [first, last] that do not overlap; a question costs a search by halves."""

    firsts: Sequence[int]
    lasts: Sequence[int]

    @classmethod
    def of(cls, runs: Iterable[Sequence[int]]) -> "Numbers":
        """
        >>> seen = Numbers.of([[9, 12], [1, 3], [3, 5]])
        >>> [one for one in (0, 1, 5, 6, 12, 13) if one in seen]
        [1, 5, 12]
        """
        firsts: list[int] = []
        lasts: list[int] = []
        for first, last in sorted((run[0], run[1]) for run in runs):
            if lasts and first <= lasts[-1] + 1:
                lasts[-1] = max(lasts[-1], last)
            else:
                firsts.append(first)
                lasts.append(last)
        return cls(firsts, lasts)

    def meets(self, other: "Numbers") -> bool:
        """
        >>> numbers = Numbers.of([[1, 3], [9, 12]])
        >>> [numbers.meets(Numbers.of([run])) for run in ([4, 8], [2, 4], [4, 9], [0, 20])]
        [False, True, True, True]
        """
        runs = zip(other.firsts, other.lasts, strict=True)
        return any(first in self or self._first_from(first) <= last for first, last in runs)

    def _first_from(self, number: int) -> float:
        place = bisect_right(self.firsts, number - 1)
        return self.firsts[place] if place < len(self.firsts) else float("inf")

    def __contains__(self, number: int) -> bool:
        place = bisect_right(self.firsts, number) - 1
        return place >= 0 and number <= self.lasts[place]

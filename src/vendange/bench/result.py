"""What a bench found: one figure of ours beside the physical limit of the same run."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """`limit`: what the machine needs at the very least for the same rows, in the same unit; None: there is none.

    `target`: what was promised, of `ours` or of `ratio` as `details["target_of"]` says, at most, or at least with
    `details["at_least"]`; None: nothing was.
    """

    name: str
    unit: str
    ours: float
    limit: float | None
    target: float | None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        return self.ours / self.limit if self.limit else None

    @property
    def met(self) -> bool | None:
        """None: nothing was promised."""
        if self.target is None:
            return None
        compared = self.ratio if self.details.get("target_of") == "ratio" else self.ours
        if compared is None:
            return False
        return compared >= self.target if self.at_least else compared <= self.target

    @property
    def at_least(self) -> bool:
        return bool(self.details.get("at_least"))

    def as_json(self) -> dict[str, Any]:
        told = asdict(self)
        return {
            "name": told["name"],
            "unit": told["unit"],
            "ours": round(self.ours, 6),
            "limit": None if self.limit is None else round(self.limit, 6),
            "ratio": None if self.ratio is None else round(self.ratio, 4),
            "target": self.target,
            "met": self.met,
            "details": told["details"],
        }

"""Hidden buying intentions: what the company of the simulation does not know, and its signals betray."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vendange.demo.market import Contact, Firm, Market
from vendange.demo.seasons import poisson

PROJECTS, INTERESTS = 0.1, 0.56  # per maker and year: projects; times when somebody only looks
FINAL_ACTS: Final = ("quote_requested", "demo_requested", "configuration_saved", "callback_requested")
AFTERWARDS: Final = 45  # days during which the truth still holds after the last signal


@dataclass(frozen=True, slots=True)
class Intention:
    """A project or a mere interest of one firm, from day `start` to day `end` of the simulation."""

    firm: Firm
    kind: str  # project | interest
    start: int
    end: int
    group: tuple[Contact, ...]
    acts: tuple[tuple[int, Contact, str], ...]  # day, who, which revealing act

    def visits(self, day: int) -> float:
        """How often one of the group comes on an ordinary working day: more as the date draws near."""
        progress = (day - self.start) / max(1, self.end - self.start)
        return 0.05 + 0.25 * progress**2 if self.kind == "project" else 0.04 + 0.09 * progress

    def is_near(self, day: int) -> bool:
        return self.kind == "project" and day > self.start + (self.end - self.start) * 0.45


@dataclass(slots=True)
class Intentions:
    """All of them by their first day, and what is true of each firm."""

    by_start: list[Intention]
    of_firm: dict[str, list[Intention]]

    def truth(self, firm: Firm, day: int) -> str:
        """What the firm has in mind on that day: project, interest or nothing."""
        kinds = {one.kind for one in self.of_firm.get(firm.domain, ()) if one.start <= day <= one.end + AFTERWARDS}
        return "project" if "project" in kinds else "interest" if kinds else "nothing"


def intentions(market: Market, days: int, spared: Sequence[Firm], rng: random.Random) -> Intentions:
    """Draw them. Firms that are spared have none: they play a part in the last days."""
    kept = {firm.domain for firm in spared}
    years = days / 365
    found: list[Intention] = []
    for firm in market.firms:
        if firm.kind != "maker" or firm.domain in kept:
            continue
        found.extend(_project(firm, days, rng) for _ in range(poisson(PROJECTS * _chance(firm) * years, rng)))
        found.extend(_interest(firm, days, rng) for _ in range(poisson(INTERESTS * years, rng)))
    found.sort(key=lambda one: one.start)
    of_firm: dict[str, list[Intention]] = {}
    for one in found:
        of_firm.setdefault(one.firm.domain, []).append(one)
    return Intentions(found, of_firm)


def _chance(firm: Firm) -> float:
    return 1.3 if firm.employees >= 50 else 0.5


def _project(firm: Firm, days: int, rng: random.Random) -> Intention:
    length = rng.randrange(45, 140)
    end = rng.randrange(20, days + 30)
    group = _group(firm, rng.randrange(2, 6), rng)
    acts = [
        (end - rng.randrange(0, 25), rng.choice(group), rng.choices(FINAL_ACTS, (45, 25, 20, 10))[0])
        for _ in range(rng.choice((0, 1, 1, 2)))
    ]
    return Intention(firm, "project", end - length, end, group, tuple(acts))


def _interest(firm: Firm, days: int, rng: random.Random) -> Intention:
    start = rng.randrange(-10, days)
    end = start + rng.randrange(15, 50)
    group = _group(firm, rng.choice((1, 1, 2)), rng)
    acts = []
    if rng.random() < 0.5:
        act = rng.choices(FINAL_ACTS, (20, 20, 40, 20))[0]
        acts = [(rng.randrange((start + end) // 2, end + 1), rng.choice(group), act)]
    return Intention(firm, "interest", start, end, group, tuple(acts))


def _group(firm: Firm, size: int, rng: random.Random) -> tuple[Contact, ...]:
    return tuple(rng.sample(firm.contacts, min(size, len(firm.contacts))))

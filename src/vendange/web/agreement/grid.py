"""The grid of fit × engagement as a picture: thresholds, cells that call, and the people who stand in them.

Everything is in percent of the square: the picture fits any box, and the browser moves a line without drawing anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vendange.agreement.terms import Agreement
from vendange.score.queries import Base, Cut, Dot, Spot, base_of, won_leads

MOST_DOTS: Final = 2_000
MOST_WINS: Final = 300
LETTERS: Final = "ABCD"
DIGITS: Final = "4321"  # from left to right
NARROW: Final = 10.5  # percent of the width under which a cell has no room for its count
SLIM: Final = 19.0  # percent under which it has none on a phone
FLAT: Final = 5.5  # percent of the height under which it has no room for words
NEAR: Final = 9.0  # percent between two handles under which the second steps aside


@dataclass(frozen=True, slots=True)
class Cell:
    """One of sixteen: its people now and under the agreement held against, and where it lies."""

    code: str
    calls: bool
    people: int
    before: int
    x: str
    y: str
    width: str
    height: str
    shows: str  # all | all slim | code | none: what there is room for

    @property
    def difference(self) -> int:
        return self.people - self.before


@dataclass(frozen=True, slots=True)
class Threshold:
    """A line: from `value` points on, a side has the grade `grade`. `at` is its place, `was` the former value."""

    side: str  # fit | engagement
    grade: str
    value: str
    was: str  # "" when it has not moved
    at: str
    ghost: str
    least: int
    most: int
    steps_aside: bool

    @property
    def path(self) -> str:
        """Where the agreement says it."""
        return f"grades.{self.side}.{self.grade}"


@dataclass(frozen=True, slots=True)
class Grid:
    """`name` and `against` are what people call the two ("v8"); `against` "" when there is nothing to hold it against.

    `measured_by`: whose rules gave the points, when they are not those of `name`.
    """

    name: str
    against: str
    measured_by: str
    can_move: bool
    people: int
    rows: Sequence[tuple[str, Sequence[Cell]]]
    thresholds: Sequence[Threshold]
    dots: Mapping[str, str]  # cold | both | gain | lost -> path
    wins: Sequence[tuple[str, str]]
    won: int
    calling: int  # people in cells that call
    gained: int
    lost: int
    each: int  # a dot stands for so many people
    spots: str  # "fit,engagement,people,called" for the browser, which counts while a line moves

    @property
    def cells(self) -> list[Cell]:
        return [cell for _letter, cells in self.rows for cell in cells]

    @property
    def dots_shown(self) -> bool:
        return any(self.dots.values())


def grid_of(
    agreement: Agreement,
    against: Agreement | None = None,
    *,
    name: str = "",
    against_name: str = "",
    can_move: bool = False,
    base: Base | None = None,
) -> Grid | None:
    """The picture of an agreement beside another one; None when it gives no points, so that there is nothing to show.

    `base`: people as measured by this agreement; left out, as last measured by whichever was in force.
    """
    if not (agreement.fit or agreement.engagement):
        return None
    now, held = cut_of(agreement), cut_of(against or agreement)
    found = base or base_of(now, held, MOST_DOTS)
    won, wins = won_leads(MOST_WINS)
    calling = [found.cells.get(cell, (0, 0)) for cell in now.alert]
    elsewhere = [counts for cell, counts in found.cells.items() if cell not in now.alert]
    return Grid(
        name=name,
        against=against_name if against else "",
        measured_by="" if base or against is None or same_points(agreement, against) else against_name,
        can_move=can_move,
        people=found.people,
        rows=rows_of(now, found),
        thresholds=[*thresholds_of("engagement", now, held), *thresholds_of("fit", now, held)],
        dots=dots_of(found.dots, now),
        wins=[(percent(engagement), percent(100 - fit)) for fit, engagement in wins],
        won=won,
        calling=sum(people for people, _called in calling),
        gained=sum(people - called for people, called in calling),
        lost=sum(called for _people, called in elsewhere),
        each=max(1, -(-found.people // MOST_DOTS)),
        spots=";".join(",".join(map(str, (int(one) for one in spot))) for spot in found.spots) if can_move else "",
    )


def cut_of(agreement: Agreement) -> Cut:
    return Cut(agreement.grades.fit, agreement.grades.engagement, agreement.alert)


def same_points(one: Agreement, other: Agreement) -> bool:
    """Whether both give everybody the same points: only thresholds, cells or promises differ."""
    return points_of(one) == points_of(other)


def points_of(agreement: Agreement) -> tuple[object, ...]:
    return (
        [(rule.where, rule.points) for rule in agreement.fit],
        [
            (one.on, one.where, one.points, one.cap, one.half_life_days, one.group, one.per_day, one.per_content)
            for one in agreement.engagement
        ],
        agreement.engagement_cap,
        agreement.engagement_per_day,
        [(group.id, group.cap, group.per_day) for group in agreement.groups],
        agreement.weights,
        [reason.where for reason in agreement.set_aside],
        [persona.where for persona in agreement.personas],
    )


def rows_of(now: Cut, base: Base) -> list[tuple[str, list[Cell]]]:
    """Fit downwards from A, engagement rightwards up to 1: the best corner is on the upper right."""
    return [(letter, [cell_of(letter + digit, now, base) for digit in DIGITS]) for letter in LETTERS]


def cell_of(code: str, now: Cut, base: Base) -> Cell:
    left, right = borders(now.engagement, "1234".index(code[1]))
    low, high = borders(now.fit, LETTERS.index(code[0]))
    width, height = right - left, high - low
    return Cell(
        code=code,
        calls=code in now.alert,
        people=base.cells.get(code, (0, 0))[0],
        before=base.before.get(code, 0),
        x=percent(left),
        y=percent(100 - high),
        width=percent(width),
        height=percent(height),
        shows=room_for(width, height),
    )


def room_for(width: float, height: float) -> str:
    if height < FLAT or width < NARROW / 3:
        return "none"
    return "code" if width < NARROW else "all slim" if width < SLIM else "all"


def borders(thresholds: tuple[float, float, float], place: int) -> tuple[float, float]:
    """From and to, in points, of the grade at this place, the best first."""
    marks = (100.0, *thresholds, 0.0)
    return marks[place + 1], marks[place]


def thresholds_of(side: str, now: Cut, held: Cut) -> list[Threshold]:
    mine, theirs = (now.fit, held.fit) if side == "fit" else (now.engagement, held.engagement)
    grades = "ABC" if side == "fit" else "123"
    return [threshold(side, grades[place], place, mine, theirs[place]) for place in range(len(mine))]


def threshold(side: str, grade: str, place: int, mine: tuple[float, float, float], was: float) -> Threshold:
    marks = (101.0, *mine, 0.0)
    value, above, below = mine[place], marks[place], marks[place + 2]
    here, there = (100 - value, 100 - was) if side == "fit" else (value, was)
    return Threshold(
        side=side,
        grade=grade,
        value=f"{value:g}",
        was=f"{was:g}" if was != value else "",
        at=percent(here),
        ghost=percent(there) if was != value else "",
        least=int(below) + 1,
        most=-int(-above // 1) - 1,
        steps_aside=side == "engagement" and place == 1 and min(above - value, value - below) < NEAR,
    )


def dots_of(dots: Sequence[Dot], now: Cut) -> dict[str, str]:
    """One path for each kind of dot, in tenths of a point."""
    found: dict[str, list[str]] = {"cold": [], "both": [], "gain": [], "lost": []}
    for dot in dots:
        calls = cell_at(dot.fit, dot.engagement, now) in now.alert
        kind = ("both" if dot.called else "gain") if calls else ("lost" if dot.called else "cold")
        found[kind].append(f"M{int(dot.engagement * 10)} {1000 - int(dot.fit * 10)}h0")
    return {kind: "".join(places) for kind, places in found.items()}


def cell_at(fit: float, engagement: float, cut: Cut) -> str:
    letter = sum(fit < threshold for threshold in cut.fit)
    digit = sum(engagement < threshold for threshold in cut.engagement)
    return LETTERS[letter] + "1234"[digit]


def percent(value: float) -> str:
    """As SVG writes it, whatever the language of the page."""
    return f"{round(value, 3):g}%"


__all__ = ["Base", "Cut", "Dot", "Grid", "Spot", "cell_at", "cut_of", "grid_of", "same_points"]

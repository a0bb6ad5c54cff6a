"""What was learnt, as plain frozen values: codes and figures; the words for people are said by a door."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Operator = Literal["at_least", "after", "is", "in", "exists"]
Value = float | str | bool | date | tuple[str, ...]
Refusal = Literal["filled_later", "alone", "both_ends", "empty_tells"]
Caution = Literal["clock", "identifier", "constant", "proved_by_time"]
Code = Literal["signal", "no_signal", "not_better"]
Fault = Literal["few_rows", "one_outcome", "few_oldest", "few_newest"]
Order = Literal["time", "shuffle"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One question to one column, with the operators of the agreement.

    `at_least`: a number · `after`: a date, later than that day · `is`: a text · `in`: one of some texts ·
    `exists` (False): the cell is empty. An empty cell meets none of the others.
    """

    column: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Rule:
    """`sign` (+1 or -1) is that of `points` and of the effect that the condition has when taken alone.

    `rate` is the share of successes among the `n` leads that it was learnt on and that meet it, `rest` among the
    others; `newest_rate` among the `newest_n` of the held-out newest part.
    """

    condition: Condition
    points: int
    sign: int
    n: int
    rate: float
    rest: float
    newest_n: int
    newest_rate: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """The rate behind a sum of points: logistic(intercept + slope × points)."""

    intercept: float
    slope: float


@dataclass(frozen=True, slots=True)
class Step:
    """Leads of the newest part with `low` to `high` points, both included: the rate said, and what became of them."""

    low: float
    high: float
    n: int
    wins: int
    expected: float
    rate: float


@dataclass(frozen=True, slots=True)
class Judged:
    """What the points were worth on the newest part, which they had never seen.

    `auc` with its 95 % interval; `z`: by how many standard deviations it is above chance; `lift`: how many times the
    usual rate the best fifth has; `ece`: mean distance of the rate said from the rate seen; `table`: both by points.
    """

    n: int
    wins: int
    auc: float
    low: float
    high: float
    z: float
    lift: float
    ece: float
    table: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """The points in force on the same `n` newest leads. `z`: the gain in AUC over its own standard deviation."""

    n: int
    auc: float
    lift: float
    gain: float
    z: float


@dataclass(frozen=True, slots=True)
class Refused:
    """A column that may not be learnt from: the code says why, the figures by how much."""

    column: str
    reason: Refusal
    figures: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A column whose name (`word`) sounds like the outcome or what came after; left out until somebody answers."""

    column: str
    word: str


@dataclass(frozen=True, slots=True)
class Warned:
    """What people should know of a column; `figure`: AUC of a clock, share of different values or of late cells."""

    column: str
    reason: Caution
    figure: float


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the leads: how many, how many successes; days since 1970 of the first and the last, if known."""

    n: int
    wins: int
    since: float | None
    until: float | None


@dataclass(frozen=True, slots=True)
class Learned:
    """A card of rules, judged once. `offered` only when there is a signal, and it beats the points in force.

    `rules` is empty when the verdict is `no_signal`: what chance gave is not shown. `tried` counts what it had found.
    """

    verdict: Code
    rules: tuple[Rule, ...]
    calibration: Calibration
    judged: Judged
    compared: Compared | None
    refused: tuple[Refused, ...]
    asked: tuple[Asked, ...]
    warned: tuple[Warned, ...]
    used: tuple[str, ...]
    time_unknown: tuple[str, ...]
    order: Order
    oldest: Part
    newest: Part
    tried: int
    ridge: float

    @property
    def offered(self) -> bool:
        return self.verdict == "signal"


class CannotLearn(ValueError):
    """Nothing can be learnt from this table; `code` says why, `figures` by how much."""

    def __init__(self, code: Fault, **figures: int) -> None:
        self.code, self.figures = code, figures
        super().__init__(f"{code} {figures}")

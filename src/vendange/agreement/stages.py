"""The stages of a lead, and which moves are allowed. Backward moves are legal, named and dated (R7, R44)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    ALERT = "alert"  # a human is called; waits on the desk
    JUDGING = "judging"  # an LDR has it open
    PASSED = "passed"  # handed over, waits to be accepted
    ACCEPTED = "accepted"  # a salesperson took it, has not called yet
    WORKING = "working"  # called at least once
    OPPORTUNITY = "opportunity"  # a project with an amount
    WON = "won"
    LOST = "lost"
    RECYCLED = "recycled"  # nurtured until a wake-up date
    ELIMINATED = "eliminated"  # off target
    RETURNED = "returned"  # given back and closed because another lead took its place


class Holder(StrEnum):
    """Who owns an open lead: a named person, or a queue that everybody can see."""

    PERSON = "person"
    DESK = "desk"
    NURTURE = "nurture"
    NOBODY = "nobody"


class Outcome(StrEnum):
    """What the desk decides, exactly one of three (R48)."""

    PASS = "pass"  # noqa: S105 (the outcome, not a secret)
    RECYCLE = "recycle"
    ELIMINATE = "eliminate"


CLOSED: Final = frozenset({Stage.WON, Stage.LOST, Stage.ELIMINATED, Stage.RETURNED})
OPEN: Final = frozenset(Stage) - CLOSED
ON_DESK: Final = frozenset({Stage.ALERT, Stage.JUDGING})
IN_SALES: Final = frozenset({Stage.PASSED, Stage.ACCEPTED, Stage.WORKING, Stage.OPPORTUNITY})

MOVES: Final[Mapping[Stage | None, frozenset[Stage]]] = {
    None: frozenset({Stage.ALERT}),
    Stage.ALERT: frozenset({Stage.JUDGING, Stage.PASSED, Stage.RECYCLED, Stage.ELIMINATED}),
    Stage.JUDGING: frozenset({Stage.ALERT, Stage.PASSED, Stage.RECYCLED, Stage.ELIMINATED}),
    Stage.PASSED: frozenset({Stage.ACCEPTED, Stage.PASSED, Stage.RECYCLED, Stage.RETURNED}),
    Stage.ACCEPTED: frozenset({Stage.WORKING, Stage.PASSED, Stage.RECYCLED, Stage.RETURNED}),
    Stage.WORKING: frozenset({Stage.OPPORTUNITY, Stage.PASSED, Stage.RECYCLED, Stage.RETURNED, Stage.WON, Stage.LOST}),
    Stage.OPPORTUNITY: frozenset({Stage.WORKING, Stage.WON, Stage.LOST, Stage.RECYCLED, Stage.RETURNED}),
    Stage.RECYCLED: frozenset({Stage.ALERT}),
    Stage.WON: frozenset({Stage.OPPORTUNITY}),
    Stage.LOST: frozenset({Stage.RECYCLED, Stage.OPPORTUNITY}),
    Stage.ELIMINATED: frozenset({Stage.ALERT}),
    Stage.RETURNED: frozenset(),
}

# The team that answers for a lead at each stage (R14: no stage without one).
TEAM: Final[Mapping[Stage, str]] = {
    stage: "sales" if stage in IN_SALES or stage in {Stage.WON, Stage.LOST} else "marketing" for stage in Stage
}


def may_move(origin: Stage | None, target: Stage) -> bool:
    """Whether the house rules allow this move.

    >>> may_move(Stage.ALERT, Stage.PASSED), may_move(Stage.WON, Stage.ALERT)
    (True, False)
    """
    return target in MOVES[origin]

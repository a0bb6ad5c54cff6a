"""The steps of the first draft: what each asks, how long it takes, and who of the two speaks first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from vendange.words import Word


@dataclass(frozen=True, slots=True)
class Step:
    code: str
    name: Word  # in the list of steps
    question: Word
    help: Word
    minutes: int
    who: str  # marketing | sales | together: who answers first
    page: str

    @property
    def url(self) -> str:
        return reverse("agreement_start_step", args=[self.code])


STEPS: Final[Sequence[Step]] = (
    Step(
        "business",
        _("Your business"),
        _("Which of these resembles yours most?"),
        _("It answers every question that follows, so that you only change what is different with you."),
        3,
        "together",
        "agreement/start_business.html",
    ),
    Step(
        "types",
        _("What a lead is"),
        _("Which buying intentions do you tell apart?"),
        _("One lead is one intention of one company. Two or three types are plenty; one is fine."),
        4,
        "together",
        "agreement/start_types.html",
    ),
    Step(
        "target",
        _("Who is a target"),
        _("Whom do you want to sell to, and whom does nobody call?"),
        _("Leave empty what does not matter. What we do not know of somebody never rules them out."),
        7,
        "marketing",
        "agreement/start_target.html",
    ),
    Step(
        "acts",
        _("Revealing acts"),
        _("Which single act is enough to call a human?"),
        _("Tick only what you would want to hear about today, whoever does it."),
        5,
        "sales",
        "agreement/start_acts.html",
    ),
    Step(
        "points",
        _("Points"),
        _("Do smaller acts add up to a call?"),
        _("A score is an index, never a proof. A small team does well without one."),
        7,
        "marketing",
        "agreement/start_points.html",
    ),
    Step(
        "desk",
        _("Before and after"),
        _("What must be known before a lead goes to sales, and why may it come back?"),
        _("Sales says what it needs to know, marketing what it needs to hear when a lead comes back."),
        7,
        "sales",
        "agreement/start_desk.html",
    ),
    Step(
        "delays",
        _("Who owes what"),
        _("Who owes what to whom, within which delay?"),
        _("Promise what you can keep on a busy Monday. Delays can be tightened with the next version."),
        7,
        "together",
        "agreement/start_delays.html",
    ),
    Step(
        "read",
        _("Read it together"),
        _("Is this what you mean?"),
        _("Read it aloud. A draft binds nobody until both heads have signed it."),
        5,
        "together",
        "agreement/start_read.html",
    ),
)
BY_CODE: Final[Mapping[str, Step]] = {one.code: one for one in STEPS}
FIRST, LAST = STEPS[0], STEPS[-1]


def number_of(step: Step) -> int:
    return STEPS.index(step) + 1


def after(step: Step) -> Step:
    return STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]


def before(step: Step) -> Step | None:
    return STEPS[STEPS.index(step) - 1] if step != FIRST else None


def minutes_left(step: Step) -> int:
    """From the beginning of this step to the end, in minutes."""
    return sum(one.minutes for one in STEPS[STEPS.index(step) :])

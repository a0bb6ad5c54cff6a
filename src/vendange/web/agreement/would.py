"""What a version would have called, in one card: for the room where it is read and signed, and for its own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from vendange.agree.queries import NoAgreement, in_force
from vendange.models import AgreementVersion, Job
from vendange.models.job import UNDER_WAY, newest
from vendange.simulate import actions as simulate
from vendange.simulate.actions import Asked, Kept, asked_of
from vendange.web.agreement import simulated_words as say
from vendange.web.agreement.simulated_pictures import Interval, Weeks, interval_of, weeks_picture
from vendange.web.figures import number


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure of the draft beside that of the other: as words, and as places on a bar of 100."""

    text: str
    other: str
    value: float | None = None
    mark: float | None = None
    kind: str = ""  # good | warn | ""


@dataclass(frozen=True, slots=True)
class Would:
    """The newest simulation of a version, in short. `text_changed`: the draft says something else by now."""

    job: Job
    asked: Asked
    kept: Kept
    period: str
    per_week: str
    per_week_other: str
    difference: str
    picture: Weeks | None
    capacity: str  # alerts a week that the desk can judge; "" when it is not stated
    moved_days: str
    wins: Bar | None
    minutes: Bar | None
    is_over: bool  # some weeks are more than the desk can do
    work: str
    limits: Sequence[str]
    text_changed: bool
    other_changed: bool  # what it was compared with is not in force any more


def newest_would(version: AgreementVersion) -> Would | None:
    """Of the version against what is in force, else against what it was last compared with; None: never simulated."""
    current = other_of(version, timezone.now())
    done = newest(simulate.KIND, version=version.number).filter(state="done")
    same = done.filter(asked__against_sha=current.sha).first() if current else None
    job = same or done.first()
    return would_of(job, version, current) if job else None


def is_being_simulated(version: AgreementVersion) -> bool:
    return newest(simulate.KIND, version=version.number).filter(state__in=UNDER_WAY, cancel=False).exists()


def other_of(version: AgreementVersion, now: datetime) -> AgreementVersion | None:
    """What a version is compared with: the one in force; that one itself, with the one before it."""
    try:
        current = in_force(now).version
    except NoAgreement:
        return None
    if current.pk != version.pk:
        return current
    before = AgreementVersion.objects.filter(status="signed", in_force_from__lt=current.in_force_from)
    return before.exclude(pk=current.pk).order_by("-in_force_from", "-number").first()


def would_of(job: Job, version: AgreementVersion, current: AgreementVersion | None) -> Would | None:
    """None when what was kept can no longer be read."""
    kept = simulate.kept_by(job)
    if kept is None:
        return None
    found, asked = kept.simulation, asked_of(job)
    capacity = capacity_of(kept)
    return Would(
        job=job,
        asked=asked,
        kept=kept,
        period=say.period_in_words(found),
        per_week=say.per_week(found.now.per_week),
        per_week_other=say.per_week(found.current.per_week),
        difference=say.difference(found.now.per_week, found.current.per_week),
        picture=weeks_picture(found.weeks, capacity, 340, 190),
        capacity=number(capacity, 0 if capacity.is_integer() else 1) if capacity else "",
        moved_days=say.moved_in_words(kept.moved_days),
        wins=wins_of(kept),
        minutes=minutes_of(kept),
        is_over=found.work_draft.over > 0,
        work=say.work_in_words(found.work_draft, found.work_current),
        limits=say.short_limits(kept),
        text_changed=asked.sha != version.sha,
        other_changed=bool(current and asked.against_sha != current.sha),
    )


def capacity_of(kept: Kept) -> float | None:
    """Alerts a week that the desk can judge under the draft."""
    work = kept.simulation.work_draft
    return work.capacity / work.minutes_per_lead if work.capacity and work.minutes_per_lead else None


def wins_of(kept: Kept) -> Bar | None:
    """Recorded wins that an alert came before."""
    mine, other = (
        interval_of(one.caught["won"], say.of_words()) for one in (kept.simulation.now, kept.simulation.current)
    )
    return Bar(mine.base, other.base, _place(mine), _place(other), "good") if mine.base else None


def _place(one: Interval) -> float | None:
    return float(one.at) if one.at else None


def minutes_of(kept: Kept) -> Bar | None:
    """Minutes of the desk that nine weeks of ten do not pass, of those that it has."""
    mine, other = kept.simulation.work_draft, kept.simulation.work_current
    if not mine.judges or mine.nine_tenths is None or other.nine_tenths is None:
        return None
    before = number(other.nine_tenths) if other.judges else "–"
    if not mine.capacity:
        return Bar(number(mine.nine_tenths), before)
    text = say.of_words().format(count=number(mine.nine_tenths), of=number(mine.capacity))
    value = 100 * mine.nine_tenths / mine.capacity
    mark = 100 * other.nine_tenths / mine.capacity if other.judges else None
    return Bar(text, before, value, mark, "" if mine.fits else "warn")

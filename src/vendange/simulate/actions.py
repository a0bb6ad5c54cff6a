"""Asks for simulations and keeps what came of them. What is heavy is read only where a simulation runs (R15)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate

from vendange.agreement.language import load_kept
from vendange.agreement.sentence import Cannot, Sentence, sentence
from vendange.agreement.terms import Agreement
from vendange.engine.shares import Share, spread
from vendange.models import AgreementVersion, Job, User, Wording
from vendange.models.job import UNDER_WAY, Cancel, Stopped, Tell
from vendange.models.trail import record

if TYPE_CHECKING:
    from vendange.simulate.queries import Simulation

KIND: Final = "simulation"
FORM: Final = 1  # of what is kept; another number cannot be read any more
REMEMBERED: Final = 20  # simulations of one version that are kept, and as many that came to nothing
NAMED: Final = 1_000  # leads of each kind that are kept one by one, the latest
WHOLE: Final = 1_000  # parts of the whole work

# How much of the whole each step is, as measured on the sample company and on the bench; by what the replay tells.
BUILDING: Final = "Bringing the history up to date"
LOOKING: Final = "Looking at what was recorded"
STEPS: Final[Mapping[str, tuple[int, int]]] = {
    BUILDING: (0, 120),
    LOOKING: (120, 150),
    "The agreement in force": (150, 250),
    "The agreement in force, by what was known": (250, 350),
    "The draft, by what was known": (350, 450),
    "The draft and its variants": (450, 950),
    "Comparing": (950, WHOLE),
}


class CannotSimulate(Cannot):
    """This question cannot be asked, or has no answer here."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which texts over which days; `start` None is the usual year. Both days are included."""

    version: int  # number of the version whose text is tried
    sha: str
    against: int
    against_sha: str
    end: date
    start: date | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A simulation as it was kept: all its figures, and of long lists the latest; nobody is kept by name."""

    simulation: "Simulation"
    gained: int
    lost: int
    moved: int
    moved_days: float | None  # the median; below 0: sooner
    seconds: float


def asked_of(job: Job) -> Asked:
    return msgspec.convert(job.asked, Asked)


def no_period(start: date, end: date | None, today: date) -> Sentence:
    """Why nothing lies between these days, and what to do."""
    if end and start > end:
        return sentence("The period ends before it starts. Exchange the two dates.")
    return sentence(
        "These days have not come yet: nothing is recorded on them. Begin on {today} or before.",
        today=today.isoformat(),
    )


@transaction.atomic
def ask(
    *,
    version: AgreementVersion,
    against: AgreementVersion,
    by: User | None,
    now: datetime,
    start: date | None = None,
    end: date | None = None,
) -> Job:
    """A job for the worker; the same question that waits, runs or was answered today is that job. CannotSimulate."""
    today = localdate(now)
    last = min(end or today, today)
    if start and start > last:
        raise CannotSimulate(no_period(start, end, today))
    asked = msgspec.to_builtins(
        Asked(version.number, version.sha, against.number, against.sha, last, start), builtin_types=()
    )
    AgreementVersion.objects.select_for_update().get(pk=version.pk)  # two who ask at once get one job
    recent = Job.objects.filter(kind=KIND, asked_at__gte=now - timedelta(days=1), state__in=(*UNDER_WAY, "done"))
    for job in recent.order_by("-id"):
        if job.asked == asked and not job.cancel and (job.is_under_way or localdate(job.asked_at) == today):
            return job
    _forget(version)
    return Job.objects.create(kind=KIND, asked=asked, by=by, asked_at=now)


def _forget(version: AgreementVersion) -> None:
    """Old simulations of a version go; that there was one stays in the trail."""
    mine = Job.objects.filter(kind=KIND, asked__version=version.number)
    for states in (("done",), ("failed", "cancelled")):
        old = mine.filter(state__in=states).order_by("-id").values_list("pk", flat=True)[REMEMBERED - 1 :]
        Job.objects.filter(pk__in=list(old)).delete()


def history_folder() -> Path:
    return Path(settings.HOME) / "history"


def run(job: Job, tell: Tell, cancelled: Cancel) -> dict[str, Any]:
    """Replay what was asked over the recorded past; CannotSimulate, Stopped."""
    from vendange.engine.past.replaying import Cancelled
    from vendange.simulate.queries import simulated

    asked, began = asked_of(job), datetime.now(UTC)
    draft, against = text_of(asked.version, asked.sha), text_of(asked.against, asked.against_sha)
    telling = _Telling(tell, cancelled)
    _bring_up_to_date(telling)
    try:
        found = simulated(
            draft,
            against,
            folder=history_folder(),
            now=began,
            start=_midnight(asked.start) if asked.start else None,
            end=min(_midnight(asked.end + timedelta(days=1)), began),
            tell=telling.replay,
            cancelled=cancelled,
        )
    except Cancelled:
        raise Stopped from None
    version = AgreementVersion.objects.get(number=asked.version)
    now = datetime.now(UTC)
    record("agreement.simulated", version, at=now, by=job.by, agreement_sha=asked.sha)
    return keep(found, seconds=(now - began).total_seconds())


def _bring_up_to_date(telling: "_Telling") -> None:
    """The history as the database is now. When it cannot be, the reason is a sentence."""
    from vendange.engine.history.building import build
    from vendange.engine.history.files import Busy
    from vendange.engine.history.manifest import NoHistory
    from vendange.models.arrow import DatabaseSource

    try:
        build(DatabaseSource(), history_folder(), tell=telling.build)
    except Busy:
        raise CannotSimulate(
            sentence("The history is being built by another program just now. Simulate again when it has finished.")
        ) from None
    except NoHistory as wrong:
        raise CannotSimulate(sentence("{what}", what=str(wrong))) from None


def text_of(number: int, sha: str) -> Agreement:
    """The text as it was asked for, also when the draft says something else by now."""
    found = AgreementVersion.objects.filter(number=number, sha=sha).values_list("text", flat=True).first()
    text = found or Wording.objects.filter(sha=sha).values_list("text", flat=True).first()
    if text is None:
        raise CannotSimulate(sentence("That text of version {number} is not kept any more.", number=number))
    return load_kept(text)


def _midnight(day: date) -> datetime:
    """The first moment of a day of the company."""
    return datetime.combine(day, time(), ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)


class _Telling:
    """Says how far the whole is, in parts of it; it never goes back."""

    def __init__(self, tell: Tell, cancelled: Cancel) -> None:
        self.tell, self.cancelled, self.far = tell, cancelled, 0

    def build(self, _: str, count: int) -> None:
        """Nobody knows how much there is to read, so the count itself is told."""
        if self.cancelled():
            raise Stopped
        self._say(BUILDING, count, count + 500_000)

    def replay(self, what: str, done: int, total: int) -> None:
        self._say(what, done, total)

    def _say(self, step: str, done: int, total: int) -> None:
        low, high = STEPS[step]
        self.far = max(self.far, low + (high - low) * done // max(total, 1))
        self.tell(step, self.far, WHOLE)


def keep(found: "Simulation", *, seconds: float = 0.0) -> dict[str, Any]:
    """What is kept of a simulation, as JSON: everything, with the latest of long lists and how many there were.

    People by their public id only: names are read when somebody looks, so that nobody who was erased stays here.
    """
    plain = as_plain(found)
    for name in ("gained", "lost", "moved"):
        plain[name] = [{**one, "name": "", "organisation": ""} for one in plain[name][-NAMED:]]
    days = spread([(one.at - one.before).total_seconds() / 86_400 for one in found.moved if one.before])
    kept = {
        "form": FORM,
        "simulation": plain,
        "gained": len(found.gained),
        "lost": len(found.lost),
        "moved": len(found.moved),
        "moved_days": days.median if days else None,
        "seconds": seconds,
    }
    return dict(json.loads(json.dumps(kept, default=lambda value: value.isoformat())))


def kept_by(job: Job) -> Kept | None:
    """What a job has kept; None when it kept nothing, or in a form of another version of Vendange."""
    from vendange.simulate.queries import Simulation

    result = job.result or {}
    if job.state != "done" or result.get("form") != FORM:
        return None
    rest = {name: result[name] for name in ("gained", "lost", "moved", "moved_days", "seconds")}
    try:
        return Kept(msgspec.convert(result["simulation"], Simulation, strict=False), **rest)
    except (msgspec.ValidationError, KeyError):
        return None


def as_plain(value: Any) -> Any:
    """A simulation for programs: shares with their value and interval, labels in both languages."""
    if isinstance(value, Share):
        return {
            "count": value.count,
            "of": value.of,
            "value": value.value,
            "interval": value.interval,
            "few": value.few,
        }
    if is_dataclass(value):
        return {one.name: as_plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, dict):
        return {key: as_plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [as_plain(one) for one in value]
    return value

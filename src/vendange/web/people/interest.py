"""What a person is drawn to: engagement by product or topic, what they like to read, and a burst against their past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from vendange.agree.queries import terms_of
from vendange.agreement.conditions import holds
from vendange.agreement.label import Label
from vendange.agreement.maturity import Change, Topic
from vendange.agreement.terms import Agreement
from vendange.models import Measure, Signal
from vendange.web.called import lower_first
from vendange.web.figures import number

READ = ("path", "asset", "campaign", "channel", "topic", "value", "origin")
MOST = 10  # times the usual pace: above, the figure says little


@dataclass(frozen=True, slots=True)
class Dimension:
    label: str
    points: float
    cell: str
    is_alert_cell: bool


@dataclass(frozen=True, slots=True)
class Reads:
    """One topic; `share` in percent of the one they like most."""

    label: str
    points: float
    share: float
    has_burst: bool


@dataclass(frozen=True, slots=True)
class Interest:
    dimensions: Sequence[Dimension]
    topics: Sequence[Reads]
    bursts: Sequence[str]
    silent: bool  # the agreement names topics, and nothing of them was read


def interest_of(measure: Measure) -> Interest | None:
    """None when the agreement that judged names neither dimensions nor topics."""
    agreement = terms_of(measure.agreement).agreement
    if not agreement.dimensions and agreement.interests is None:
        return None
    topics = topics_of(measure, agreement)
    return Interest(
        dimensions_of(measure, agreement),
        topics,
        bursts_of(measure, agreement),
        agreement.interests is not None and not topics,
    )


def dimensions_of(measure: Measure, agreement: Agreement) -> list[Dimension]:
    """Each that the agreement names, the strongest first."""
    found = [(one, measure.dimensions[one.id]) for one in agreement.dimensions if one.id in measure.dimensions]
    rows = [Dimension(here(one.label), points, cell, cell in one.alert) for one, (points, cell) in found]
    return sorted(rows, key=lambda row: -row.points)


def topics_of(measure: Measure, agreement: Agreement) -> list[Reads]:
    """Those of which something is left, the dearest first."""
    stated = agreement.interests.topics if agreement.interests else ()
    found = {one.id: measure.interests.get(one.id, 0.0) for one in stated}
    most = max(found.values(), default=0.0)
    rows = [
        Reads(here(one.label), found[one.id], 100 * found[one.id] / most, one.id in measure.changes)
        for one in stated
        if found[one.id] >= 0.05  # less than the tenth that is shown
    ]
    return sorted(rows, key=lambda row: -row.points)


def bursts_of(measure: Measure, agreement: Agreement) -> list[str]:
    if agreement.interests is None or agreement.interests.change is None or not measure.changes:
        return []
    change = agreement.interests.change
    signals = signals_before(measure, change)
    topics = [one for one in agreement.interests.topics if one.id in measure.changes]
    return [burst(one, change, counts(one, change, measure, signals)) for one in topics]


def signals_before(measure: Measure, change: Change) -> Sequence[Signal]:
    start = measure.as_of - timedelta(days=change.within_days + change.against_days)
    rows = Signal.objects.filter(person=measure.person_id, occurred_at__gt=start, occurred_at__lte=measure.as_of)
    return list(rows.exclude(verdict="machine"))


def counts(topic: Topic, change: Change, measure: Measure, signals: Sequence[Signal]) -> tuple[int, int]:
    """Signals about the topic within the window, and in the time before it."""
    start = measure.as_of - timedelta(days=change.within_days)
    about = [
        one
        for one in signals
        if one.kind in topic.on and holds(topic.where, {name: getattr(one, name) for name in READ})
    ]
    recent = sum(one.occurred_at > start for one in about)
    return recent, len(about) - recent


def burst(topic: Topic, change: Change, counted: tuple[int, int]) -> str:
    """ "Leasing and aid: 5 signals in 14 days, 4 times their usual pace"."""
    recent, past = counted
    about = here(topic.label)
    if not recent:  # the signals were erased since
        return _("Reads much more than usual about: %(topic)s") % {"topic": lower_first(about)}
    told = {"topic": about, "n": recent, "days": number(change.within_days, places(change.within_days))}
    if not past:
        before = {"before": number(change.against_days, places(change.against_days))}
        said = ngettext(
            "%(topic)s: %(n)s signal in %(days)s days, none in the %(before)s days before",
            "%(topic)s: %(n)s signals in %(days)s days, none in the %(before)s days before",
            recent,
        )
        return said % {**told, **before}
    times = recent * change.against_days / (past * change.within_days)
    said = ngettext(
        "%(topic)s: %(n)s signal in %(days)s days, %(times)s times their usual pace",
        "%(topic)s: %(n)s signals in %(days)s days, %(times)s times their usual pace",
        recent,
    )
    return said % {**told, "times": number(times, 0 if times >= MOST else 1).removesuffix(".0").removesuffix(",0")}


def places(days: float) -> int:
    return 0 if days.is_integer() else 1


def here(label: Label) -> str:
    return label.in_language(get_language() or "en")

"""Where one person stands at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from vendange.agreement.conditions import holds
from vendange.agreement.maturity import Topic
from vendange.agreement.terms import Agreement
from vendange.engine.oracle.asking import in_window, instants, matches, set_aside, span
from vendange.engine.oracle.jars import NOTHING, Pour, engagement, jar, pours, remains, rounded
from vendange.engine.rows import DAY, Profile, SignalRow, Warmth

WARMTHS: tuple[Warmth, ...] = ("cold", "warm", "hot")
LONGEST = 4_000_000 * DAY  # nothing that an agreement may state lasts as long


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands, in plain words. Points run from 0 to 100, in steps of a millionth."""

    fit: float
    engagement: float
    grade: str
    temperature: Warmth
    set_aside: str
    points: dict[str, float]  # per engagement rule that matched, what its jar holds before any limit shared with others
    dimensions: dict[str, float]  # engagement of every dimension
    cells: dict[str, str]  # cell of every dimension
    interests: dict[str, float]  # every topic
    changes: frozenset[str]  # topics of which there is a burst


def stand(agreement: Agreement, profile: Profile, signals: Sequence[SignalRow], as_of: int) -> Standing:
    """Where the person stands at `as_of` (microseconds); later signals are left out."""
    past = [signal for signal in signals if signal.at <= as_of]
    poured, fit = pours(agreement, past), fit_of(agreement, profile)
    engaged = engagement(agreement, poured, as_of)
    dimensions = {
        one.id: engagement(agreement, pours(agreement, past, one.where), as_of) for one in agreement.dimensions
    }
    topics = agreement.interests.topics if agreement.interests else ()
    return Standing(
        fit=fit,
        engagement=engaged,
        grade=cell(agreement, fit, engaged),
        temperature=temperature(agreement, poured, as_of),
        set_aside=set_aside(agreement, profile),
        points={
            rule.id: float(held) for rule in agreement.engagement if (held := jar(rule, poured, as_of)) is not None
        },
        dimensions=dimensions,
        cells={one.id: cell(agreement, fit, dimensions[one.id], one.grades) for one in agreement.dimensions},
        interests={topic.id: interest(agreement, topic, past, as_of) for topic in topics},
        changes=frozenset(topic.id for topic in topics if changed(agreement, topic, past, as_of)),
    )


def fit_of(agreement: Agreement, profile: Profile) -> float:
    given = sum((Decimal(rule.points) for rule in agreement.fit if holds(rule.where, profile)), NOTHING)
    return rounded(max(NOTHING, min(Decimal(100), given)))


def cell(agreement: Agreement, fit: float, engaged: float, grades: Sequence[float] | None = None) -> str:
    """The cell of the grid; `grades`: thresholds of a dimension, left out: those of the common engagement."""
    return letter(fit, agreement.grades.fit, "ABCD") + letter(engaged, grades or agreement.grades.engagement, "1234")


def letter(points: float, thresholds: Sequence[float], letters: str) -> str:
    return letters[sum(1 for threshold in thresholds if points < threshold)]


def temperature(agreement: Agreement, poured: Sequence[Pour], as_of: int) -> Warmth:
    """Warm and hot begin at their thresholds and end `margin` points below: who is there stays there in between."""
    place = 0
    for at in sorted({pour.at for pour in poured if pour.at <= as_of}):
        place = warmer_or_colder(agreement, place, engagement(agreement, poured, at, before=True))
        place = warmer_or_colder(agreement, place, engagement(agreement, poured, at))
    return WARMTHS[warmer_or_colder(agreement, place, engagement(agreement, poured, as_of))]


def warmer_or_colder(agreement: Agreement, place: int, engaged: float) -> int:
    stated = agreement.temperature
    begins = [engaged >= threshold for threshold in (stated.warm, stated.hot)]
    lasts = [engaged >= threshold - stated.margin for threshold in (stated.warm, stated.hot)]
    return max(sum(begins), min(place, sum(lasts)))


def category(relationship: str, warmth: Warmth) -> str:
    """One of the five: customers and suspects whatever they do, everybody else by their temperature."""
    return relationship if relationship in {"customer", "suspect"} else warmth


def interest(agreement: Agreement, topic: Topic, past: Sequence[SignalRow], as_of: int) -> float:
    if agreement.interests is None:
        return 0.0
    half_life = agreement.interests.half_life_days
    read = [signal for signal in past if signal.at <= as_of and matches(topic, signal)]
    held = sum((Decimal(topic.points) * remains(as_of - signal.at, half_life) for signal in read), NOTHING)
    return rounded(min(Decimal(100), held))


def changed(agreement: Agreement, topic: Topic, signals: Sequence[SignalRow], at: int) -> bool:
    """Whether they suddenly do much more about the topic than their own past would let expect."""
    change = agreement.interests.change if agreement.interests else None
    known = [signal.at for signal in signals if signal.at <= at]
    if change is None or not known or min(known) > at - span(change.within_days):
        return False
    about = [signal for signal in signals if matches(topic, signal)]
    begin = at - span(change.within_days)
    recent = len(in_window(about, begin, at))
    past = len(in_window(about, begin - span(change.against_days), begin))
    pace = Fraction(past * span(change.within_days), span(change.against_days))
    expected = Fraction(str(change.times)) * pace
    return recent >= change.at_least and recent >= expected


def next_change(agreement: Agreement, profile: Profile, signals: Sequence[SignalRow], as_of: int) -> int | None:
    """First microsecond after `as_of` at which something falls with no new signal: see `_fallen`. None: never."""
    past = [signal for signal in signals if signal.at <= as_of]
    moments = [moment for at in instants(past) for moment in _window_ends(agreement, at) if moment > as_of]
    now = stand(agreement, profile, past, as_of).changes
    ends = [moment for moment in sorted(moments) if now - stand(agreement, profile, past, moment).changes]
    faded = _first_fall(agreement, profile, past, as_of)
    return min([*ends[:1], *([faded] if faded else [])], default=None)


def _window_ends(agreement: Agreement, at: int) -> list[int]:
    """When a signal leaves the burst, and when it leaves the past that the burst is compared with."""
    change = agreement.interests.change if agreement.interests else None
    if change is None:
        return []
    return [at + span(change.within_days), at + span(change.within_days) + span(change.against_days)]


def _first_fall(agreement: Agreement, profile: Profile, past: Sequence[SignalRow], as_of: int) -> int | None:
    poured, aside = pours(agreement, past), set_aside(agreement, profile) != ""
    place = WARMTHS.index(temperature(agreement, poured, as_of))

    def levels(at: int) -> tuple[int, int, bool]:
        """Grade, temperature, and whether the person counts in the heat of their organisation: they only fall."""
        engaged = engagement(agreement, poured, at)
        counts = agreement.heat is not None and not aside and engaged >= agreement.heat.engagement
        grade = sum(1 for threshold in agreement.grades.engagement if engaged >= threshold)
        return grade, warmer_or_colder(agreement, place, engaged), counts

    now, still, fallen = levels(as_of), as_of, as_of + LONGEST
    if levels(fallen) == now:
        return None
    while fallen - still > 1:
        middle = (still + fallen) // 2
        still, fallen = (middle, fallen) if levels(middle) == now else (still, middle)
    return fallen

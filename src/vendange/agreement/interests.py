"""Reads what people like to read about, and what makes a burst in it."""

from collections.abc import Sequence
from typing import Final

from vendange.agreement.decay import read_decaying_points, read_half_life
from vendange.agreement.items import read_rule_name, read_some
from vendange.agreement.kinds import read_kinds
from vendange.agreement.maturity import Change, Interests, Topic
from vendange.agreement.places import Place
from vendange.agreement.sentence import sentence
from vendange.agreement.where import read_signal_condition

HALF_LIFE_DAYS: Final = 60.0
MOST_SIGNALS: Final = 1000
MOST_TIMES: Final = 1000


def read_interests(place: Place | None, types: Sequence[str]) -> Interests | None:
    if place is None:
        return None
    fields = place.fields(("half_life", "topics", "change"), needed=("topics",))
    return Interests(
        half_life_days=read_half_life(fields.get("half_life"), HALF_LIFE_DAYS),
        topics=read_some(fields.get("topics"), _read_topic),
        change=_read_change(fields["change"], types) if "change" in fields else None,
    )


def _read_topic(place: Place) -> Topic:
    fields = place.fields(("id", "label", "on", "where", "points"), needed=("id", "on"))
    return Topic(
        *read_rule_name(fields),
        on=read_kinds(fields["on"]) if "on" in fields else (),
        where=read_signal_condition(fields["where"]) if "where" in fields else None,
        points=read_decaying_points(fields.get("points")),
    )


def _read_change(place: Place, types: Sequence[str]) -> Change:
    needed = ("within", "against", "at_least", "times")
    fields = place.fields((*needed, "lead_type"), needed=needed)
    within = fields["within"].elapsed_days() if "within" in fields else 1.0
    against = fields["against"].elapsed_days() if "against" in fields else within
    if within > against:
        fields["against"].refuse(
            sentence("The past is shorter than the burst that is compared with it."),
            sentence("Write a longer time for against than for within, such as 180 days."),
        )
    return Change(
        within_days=within,
        against_days=against,
        at_least=fields["at_least"].whole(1, MOST_SIGNALS) if "at_least" in fields else 1,
        times=_read_times(fields["times"]) if "times" in fields else 1.0,
        lead_type=fields["lead_type"].one_of(types) if "lead_type" in fields else "",
    )


def _read_times(place: Place) -> float:
    """At most three decimals, so that "exactly three times the pace" can be told without rounding."""
    times = place.number(at_least=1, at_most=MOST_TIMES)
    if round(times, 3) != times:
        place.refuse(
            sentence("This is finer than can be told."), sentence("Write at most three decimals, such as 2.5.")
        )
    return times

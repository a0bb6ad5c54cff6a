"""The topics that an agreement asks about: what a colleague may say that a signal was about."""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import get_language

from vendange.agreement.conditions import Condition, Leaf
from vendange.agreement.reach import conditions_of_signals
from vendange.agreement.terms import Agreement

MOST: Final = 12


def topics_of(agreement: Agreement) -> list[tuple[str, str]]:
    """Each topic as rules compare it, with its name: that of the interest or dimension which asks for it."""
    language = get_language() or "en"
    named: dict[str, str] = {}
    interests = agreement.interests.topics if agreement.interests else ()
    labelled = [(one.where, one.label) for one in interests] + [(one.where, one.label) for one in agreement.dimensions]
    for where, label in labelled:
        for topic in _topics(where):
            named.setdefault(topic, label.in_language(language))
    for _on, where in conditions_of_signals(agreement):
        for topic in _topics(where):
            named.setdefault(topic, topic.capitalize())
    return list(named.items())[:MOST]


def _topics(condition: Condition | None) -> Iterator[str]:
    if isinstance(condition, Leaf):
        if condition.dimension == "topic" and condition.operator in ("is", "in"):
            values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
            yield from (str(value) for value in values)
    elif condition is not None and condition.join != "none":
        for part in condition.parts:
            yield from _topics(part)

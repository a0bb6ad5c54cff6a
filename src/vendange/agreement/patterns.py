"""Reads what several acts together mean: patterns of a person or an organisation, and where an organisation stands."""

from collections.abc import Sequence
from typing import Final, Literal

from vendange.agreement.engagement import Engagement
from vendange.agreement.items import read_codes, read_rule_name, read_some
from vendange.agreement.kinds import read_kinds
from vendange.agreement.maturity import Heat, Pattern, Term
from vendange.agreement.places import Place
from vendange.agreement.sentence import sentence
from vendange.agreement.vocabulary import ROLES
from vendange.agreement.where import read_signal_condition

MOST_SIGNALS: Final = 1000
MOST_PEOPLE: Final = 1000
MOST_TERMS: Final = 10
PEOPLE: Final = {"person": 1, "organisation": 2}  # when it is not said


def read_patterns(place: Place | None, types: Sequence[str]) -> tuple[Pattern, ...]:
    """`types` are the ids of the lead types; the first is that of a pattern that names none."""
    return read_some(place, lambda below: _read_pattern(below, types))


def _read_pattern(place: Place, types: Sequence[str]) -> Pattern:
    allowed = ("id", "label", "of", "within", "people", "lead_type", "all")
    fields = place.fields(allowed, needed=("id", "within", "all"))
    of: Literal["person", "organisation"] = "person"
    if "of" in fields and fields["of"].one_of(tuple(PEOPLE)) == "organisation":
        of = "organisation"
    return Pattern(
        *read_rule_name(fields),
        of=of,
        within_days=fields["within"].elapsed_days() if "within" in fields else 1.0,
        terms=_read_terms(fields["all"]) if "all" in fields else (),
        people=_read_people(fields["people"], of) if "people" in fields else PEOPLE[of],
        lead_type=fields["lead_type"].one_of(types) if "lead_type" in fields else types[0],
    )


def _read_people(place: Place, of: str) -> int:
    people = place.whole(1, MOST_PEOPLE)
    if of == "person" and people > 1:
        place.refuse(
            sentence("The acts of one person cannot come from {people} people.", people=people),
            sentence("Write of: organisation, or remove people."),
        )
    return people


def _read_terms(place: Place) -> tuple[Term, ...]:
    terms = tuple(_read_term(below) for below in place.items())
    if place.is_list() and not terms:
        place.refuse(sentence("This pattern has no act."), sentence("List at least one kind of signal under all."))
    if len(terms) > MOST_TERMS:
        place.refuse(
            sentence("A pattern of {count} acts is too long.", count=len(terms)),
            sentence("Keep at most {most}.", most=MOST_TERMS),
        )
    if len(set(terms)) < len(terms):
        place.refuse(sentence("The same act is listed twice."), sentence("Write it once, with at_least: 2."))
    return terms


def _read_term(place: Place) -> Term:
    fields = place.fields(("on", "where", "at_least"), needed=("on",))
    return Term(
        on=read_kinds(fields["on"]) if "on" in fields else (),
        where=read_signal_condition(fields["where"]) if "where" in fields else None,
        at_least=fields["at_least"].whole(1, MOST_SIGNALS) if "at_least" in fields else 1,
    )


def read_heat(place: Place | None, engagement: Engagement) -> Heat | None:
    """Where the organisation stands; None when it is not stated."""
    if place is None:
        return None
    needed = ("engagement", "warm", "hot")
    fields = place.fields((*needed, "roles"), needed=needed)
    warm, hot = (fields[name].whole(1, MOST_PEOPLE) if name in fields else 1 for name in ("warm", "hot"))
    if warm > hot and "hot" in fields:
        fields["hot"].refuse(
            sentence("An organisation would be hot with fewer engaged people than it takes to be warm."),
            sentence("Write at least {at_least}.", at_least=warm),
        )
    return Heat(
        engagement=_read_engaged(fields["engagement"], engagement) if "engagement" in fields else 1.0,
        warm=warm,
        hot=hot,
        roles=read_codes(fields["roles"], ROLES) if "roles" in fields else (),
    )


def _read_engaged(place: Place, engagement: Engagement) -> float:
    if not engagement.rules:
        place.refuse(
            sentence("Without engagement rules nobody is ever engaged."),
            sentence("Add rules under engagement, or remove organisation."),
        )
    return place.number(above=0, at_most=engagement.cap)

"""What a mature lead is, beyond rules and cells, as people say it: limits, dimensions, interests, patterns, heat."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from vendange.agreement.label import Label
from vendange.agreement.maturity import Change, Dimension, EngagementRule, Heat, Pattern, RuleGroup, Term
from vendange.agreement.terms import Agreement
from vendange.web import figures
from vendange.web.agreement.sentences import condition_in_words, share_in_words, time_in_words
from vendange.words import word


@dataclass(frozen=True, slots=True)
class Line:
    """What it is called, and what is agreed about it."""

    label: Label | str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    intro: str
    lines: Sequence[Line]
    is_long: bool = False  # its lines do not fit beside their labels


def amount(points: float) -> str:
    return figures.number(points, 0 if points.is_integer() else 1)


def here(label: Label | None) -> str:
    return label.in_language(get_language() or "") if label else ""


def types_of(agreement: Agreement) -> dict[str, str]:
    return {one.id: here(one.label) for one in agreement.lead_types}


def listed(parts: Sequence[str]) -> str:
    return " · ".join(part for part in parts if part)


def acts_in_words(kinds: Sequence[str], where: str) -> str:
    told = ", ".join(str(word("kind", kind)) for kind in kinds)
    return listed((told, where))


def limits_of_rule(rule: EngagementRule, groups: Sequence[RuleGroup]) -> str:
    """What holds a rule back beside its own cap."""
    group = next((here(one.label) for one in groups if one.id == rule.group), "")
    return listed(
        (
            _("at most %(n)s in a day") % {"n": amount(rule.per_day)} if rule.per_day else "",
            _("%(n)s for one content") % {"n": amount(rule.per_content)} if rule.per_content else "",
            _("limited with: %(group)s") % {"group": group} if group else "",
        )
    )


def limits(agreement: Agreement) -> Section | None:
    """Of all rules together, of groups of them, and by where a signal comes from."""
    lines = [Line(one.label, most(one.cap, one.per_day)) for one in agreement.groups]
    if agreement.engagement and (agreement.engagement_per_day or agreement.engagement_cap < 100 or lines):
        lines.append(Line(_("Everything together"), most(agreement.engagement_cap, agreement.engagement_per_day)))
    for origin, share in agreement.weights:
        lines.append(Line(_("What is %(origin)s") % {"origin": word("origin", origin)}, counts_for(share)))
    return Section(_("So that volume alone calls nobody"), "", lines) if lines else None


def most(cap: float | None, per_day: float | None) -> str:
    return listed(
        (
            _("at most %(n)s points") % {"n": amount(cap)} if cap else "",
            _("%(n)s more in a day") % {"n": amount(per_day)} if per_day else "",
        )
    )


def counts_for(share: float) -> str:
    return _("counts for %(share)s of its points") % {"share": share_in_words(share)} if share else _("gives no points")


def dimensions(agreement: Agreement) -> Section | None:
    if not agreement.dimensions:
        return None
    types = types_of(agreement)
    intro = _(
        "The same points once more, only those of the acts that concern it; the digits have their own thresholds."
    )
    return Section(
        _("Engagement by product or topic"),
        intro,
        [Line(one.label, dimension(one, types)) for one in agreement.dimensions],
        is_long=True,
    )


def dimension(one: Dimension, types: dict[str, str]) -> str:
    begins = _("1 from %(first)s, 2 from %(second)s, 3 from %(third)s") % dict(
        zip(("first", "second", "third"), map(amount, one.grades), strict=True)
    )
    calls = _("calls a human at %(cells)s: %(type)s") % {
        "cells": ", ".join(sorted(one.alert)),
        "type": types.get(one.lead_type, ""),
    }
    return listed((condition_in_words(one.where), begins, calls if one.alert else _("shown, calls nobody")))


def interests(agreement: Agreement) -> Section | None:
    found = agreement.interests
    if found is None:
        return None
    intro = _("It says what to speak of and never moves the score. It halves in %(time)s.") % {
        "time": time_in_words(found.half_life_days)
    }
    lines = [
        Line(one.label, listed((acts_in_words(one.on, condition_in_words(one.where)), times_points(one.points))))
        for one in found.topics
    ]
    if found.change:
        lines.append(Line(_("A burst"), burst(found.change, types_of(agreement))))
    return Section(_("What they like to read about"), intro, lines, is_long=True)


def times_points(points: float) -> str:
    return "" if points == 1 else _("counts %(n)s times") % {"n": amount(points)}


def burst(change: Change, types: dict[str, str]) -> str:
    told = _("at least %(n)s acts of one topic in %(within)s, %(times)s times the pace of the %(against)s before") % {
        "n": change.at_least,
        "within": time_in_words(change.within_days),
        "times": amount(change.times),
        "against": time_in_words(change.against_days),
    }
    calls = _("calls a human: %(type)s") % {"type": types.get(change.lead_type, "")}
    return listed((told, calls if change.lead_type else _("shown, calls nobody")))


def patterns(agreement: Agreement) -> list[tuple[Label, str, str]]:
    """(label, lead type, what must come together)"""
    types = types_of(agreement)
    return [(one.label, types.get(one.lead_type, ""), pattern(one)) for one in agreement.patterns]


def pattern(one: Pattern) -> str:
    told = {"time": time_in_words(one.within_days), "acts": " + ".join(map(term, one.terms))}
    if one.of == "person":
        return _("One person within %(time)s: %(acts)s") % told
    return _("At least %(n)s people of one organisation within %(time)s: %(acts)s") % {**told, "n": one.people}


def term(one: Term) -> str:
    kinds, where = acts_in_words(one.on, ""), condition_in_words(one.where)
    told = f"{kinds} ({where})" if where else kinds
    return told if one.at_least == 1 else _("%(n)s × %(act)s") % {"n": one.at_least, "act": told}


def organisation(heat: Heat | None) -> Section | None:
    if heat is None:
        return None
    intro = _("A person counts from %(n)s points of engagement. It calls nobody by itself.") % {
        "n": amount(heat.engagement)
    }
    return Section(_("Where the whole organisation stands"), intro, list(standings(heat)))


def standings(heat: Heat) -> Iterator[Line]:
    if heat.warm < heat.hot:
        yield Line(_("Warm"), people(heat.warm))
    yield Line(_("Hot"), people(heat.hot))
    if heat.roles:
        yield Line(_("Parts that we want to know"), ", ".join(str(word("buying_role", role)) for role in heat.roles))


def people(count: int) -> str:
    return ngettext("from %(n)s person on", "from %(n)s people on", count) % {"n": count}

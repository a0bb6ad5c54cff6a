"""What is known of a lead, in words: why sales was called, what the desk heard, why this salesperson."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from vendange.agree.queries import terms_of
from vendange.agreement.label import Label
from vendange.agreement.terms import Agreement, Criterion
from vendange.identify.queries import visible_to
from vendange.models import Assignment, Lead, Review, User
from vendange.qualify.queries import Deed, deeds_of
from vendange.web.called import called, lower_first
from vendange.web.figures import number
from vendange.web.moments import since
from vendange.web.points import in_tenths
from vendange.words import line_label, word

SHOWN: Final = 2  # gaps named on a card
MOST_ACTS: Final = 20  # shown of those that called
SHORT: Final = 150  # characters of a note on a card
STATES: Final = {
    "met": ("circle-check", "good"),
    "not_met": ("circle-x", "bad"),
    "unknown": ("circle-question-mark", "warn"),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class Scored:
    """One line of the score as it was when the lead was raised."""

    label: str
    points: float


@dataclass(frozen=True, slots=True)
class Act:
    """One act among several that together called a human, and who did it."""

    who: str
    is_colleague: bool
    what: str
    when: str


@dataclass(frozen=True, slots=True)
class Answered:
    """One criterion of the agreement, and what the desk heard."""

    label: str
    ask: str
    state: str
    icon: str
    css: str
    origin: str


def in_words(label: Label | None) -> str:
    return label.in_language(get_language() or "en") if label else ""


def agreement_of(lead: Lead) -> Agreement:
    return terms_of(lead.agreement).agreement


def lead_type(lead: Lead) -> str:
    return in_words(agreement_of(lead).labels().get(f"lead_types/{lead.lead_type}")) or lead.lead_type


def passing_review(lead: Lead) -> Review | None:
    """The last review that passed it; `lead` comes from `sell.queries`, which brings only those."""
    found = list(lead.reviews.all())
    return found[-1] if found else None


def assignment(lead: Lead) -> Assignment | None:
    found = list(lead.assignments.all())
    return found[0] if found else None


def reason(lead: Lead, now: datetime) -> str:
    """Why a human was called: "Asks for a quote, today 14:06"; a score says its figures too, others what happened."""
    why, when = called(lead, agreement_of(lead)), since(lead.raised_at, now)
    if lead.way not in {"score", "dimension"}:
        what = why.full if lead.way in {"pattern", "change"} else why.what or why.way
        return _("%(what)s, %(when)s") % {"what": what, "when": when}
    told = {"what": why.full, "fit": number(lead.fit), "engagement": number(lead.engagement), "when": when}
    return _("%(what)s (fit %(fit)s, engagement %(engagement)s), %(when)s") % told


def evidence(lead: Lead, now: datetime) -> list[Evidence]:
    """Three lines that a salesperson can act upon."""
    found = [Evidence(called(lead, agreement_of(lead)).icon, reason(lead, now))]
    review = passing_review(lead)
    if review and review.note:
        found.append(Evidence("badge-check", shortened(review.note)))
    elif strongest := max((one for one in scored(lead, "engagement")), key=lambda one: one.points, default=None):
        found.append(Evidence("mouse-pointer-click", strongest.label))
    if missing := gaps(lead):
        text = _("Still to find out: %(what)s") % {"what": ", ".join(missing[:SHOWN])}
        more = len(missing) - SHOWN
        text += ngettext(" and %(n)s more", " and %(n)s more", more) % {"n": more} if more > 0 else ""
        found.append(Evidence("triangle-alert", text))
    return found


def acts(lead: Lead, reader: User, now: datetime) -> list[Act]:
    """What happened, the newest first, when it takes several acts to call: a pattern, a burst of interest.

    A salesperson learns what a colleague did, and the name only of those whose lead is theirs.
    """
    if lead.way not in {"pattern", "change"}:
        return []
    found = deeds_of(lead)[-MOST_ACTS:]
    named = set(visible_to(reader).filter(pk__in={one.person.pk for one in found}).values_list("pk", flat=True))
    return [_act(one, one.person.pk in named, now) for one in reversed(found)]


def _act(one: Deed, is_named: bool, now: datetime) -> Act:
    about = one.signal.asset or one.signal.path or one.signal.topic or one.signal.campaign
    what = str(word("kind", one.signal.kind)) + (f" ({about})" if about else "")
    who = (one.person.name or one.person.email) if is_named else ""
    who = who or (_("Known to marketing") if one.is_colleague else _("This person"))
    return Act(who, one.is_colleague, what, since(one.signal.occurred_at, now))


def shortened(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= SHORT else one_line[: SHORT - 1].rstrip() + "…"


def scored(lead: Lead, side: str) -> list[Scored]:
    agreement = agreement_of(lead)
    return [
        Scored(in_words(line_label(agreement, side, line["rule"])), left)
        for line, left in in_tenths(lead.evidence, side).lines
        if left
    ]


def answered(lead: Lead) -> list[Answered]:
    review = passing_review(lead)
    heard = {one["id"]: one for one in review.criteria} if review else {}
    return [criterion(one, heard.get(one.id, {})) for one in agreement_of(lead).desk.criteria]


def criterion(one: Criterion, heard: Mapping[str, str]) -> Answered:
    state = heard.get("state", "unknown")
    icon, css = STATES.get(state, STATES["unknown"])
    return Answered(in_words(one.label), in_words(one.ask), state, icon, css, heard.get("origin", ""))


def gaps(lead: Lead) -> list[str]:
    """Criteria that the desk could not answer with yes, as they are named in a sentence."""
    if passing_review(lead) is None:
        return []
    return [lower_first(one.label) for one in answered(lead) if one.state != "met"]


def why(given: Assignment | None) -> str:
    """Why this salesperson: "Knows the company; home territory (69); carries 12 of 40 leads."""
    if given is None:
        return ""
    reasons = sorted(given.reasons, key=lambda one: -one.get("points", 0))
    said = "; ".join(reason_words(reasons))
    return said[:1].upper() + said[1:] + "." if said else ""


def reason_words(reasons: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in reasons:
        detail = str(one.get("detail", ""))
        if one["code"] == "room":
            carried, _slash, capacity = detail.partition("/")
            yield _("room for it, with %(carried)s of %(capacity)s leads in hand") % {
                "carried": carried,
                "capacity": capacity,
            }
        elif one["code"] == "home_territory":
            yield _("home territory (%(place)s)") % {"place": detail}
        elif one["code"] == "knows_person":
            yield _("already in touch with this person")
        elif one["code"] == "knows_company":
            yield _("already in touch with this company")
        elif one["code"] == "chosen_by_hand":
            yield _("chosen by %(name)s") % {"name": detail or _("a colleague")}
        elif one["code"] == "imported":
            yield _("known from a file")

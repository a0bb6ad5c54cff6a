"""The person in the middle: who they are, what is known, who decides with them, what came before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vendange.agree.queries import terms_of
from vendange.agreement.terms import Agreement
from vendange.agreement.vocabulary import ROLES
from vendange.models import Consent, Lead, Person, Signal
from vendange.qualify.queries import colleagues, consents, earlier_leads, first_signal, won_amounts
from vendange.web.called import lower_first
from vendange.web.desk import lawful, timeline
from vendange.web.desk.lawful import Badge
from vendange.web.desk.timeline import Day
from vendange.web.desk.why import Why, why_of
from vendange.web.heat import Stand, stand_of
from vendange.web.sureness import employer
from vendange.words import word


@dataclass(frozen=True, slots=True)
class Sales:
    """What leads of this type sold for, as far as known."""

    won: int
    median_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class Member:
    """One role of the buying group; `person` is None when nobody holds it."""

    role: str
    person: Person | None
    others: int
    acted: bool
    state: str  # engaged | silent | missing as the organisation was measured, "" when the agreement does not ask
    last_act: str
    question: str


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    stand: Stand | None
    members: Sequence[Member]
    known: int  # roles that somebody holds, active or not
    acted: int
    role_known: bool  # whether we know the part of the person whose lead this is
    without_role: int


@dataclass(frozen=True, slots=True)
class Earlier:
    lead: Lead
    type: str


@dataclass(frozen=True, slots=True)
class Pane:
    lead: Lead
    person: Person
    job: str
    number: str
    badge: Badge
    email_consent: Consent | None
    lead_type: str
    first: Signal | None
    first_through: str
    sales: Sales | None
    version: int
    why: Why
    group: Group | None
    days: Sequence[Day]
    earlier: Sequence[Earlier]


def pane_of(lead: Lead, now: datetime) -> Pane:
    agreement = terms_of(lead.agreement).agreement
    person = lead.person
    said = consents(person)
    badge = lawful.badge_of(lead, agreement, said, now)
    number = person.phone or person.phone_raw
    first = first_signal(person)
    return Pane(
        lead=lead,
        person=person,
        job=job_of(person),
        number=lawful.spaced(number) if badge.may_call else lawful.masked(person.phone),
        badge=badge,
        email_consent=said.get("email"),
        lead_type=type_of(lead, agreement),
        first=first,
        first_through=(first.campaign or lower_first(str(word("kind", first.kind)))) if first else "",
        sales=sales_of(lead.lead_type),
        version=lead.agreement.number,
        why=why_of(lead, agreement, now),
        group=group_of(person),
        days=timeline.timeline_of(person, agreement, now),
        earlier=[Earlier(one, type_of(one, terms_of(one.agreement).agreement)) for one in earlier_leads(lead)],
    )


def job_of(person: Person) -> str:
    company = person.organisation
    return ", ".join(part for part in (person.job_title, employer(person), company.city if company else "") if part)


def type_of(lead: Lead, agreement: Agreement) -> str:
    found = next((one.label for one in agreement.lead_types if one.id == lead.lead_type), None)
    return found.in_language(get_language() or "en") if found else lead.lead_type


def sales_of(lead_type: str) -> Sales | None:
    """The middle amount, in the currency most of these sales were made in."""
    rows = won_amounts(lead_type)
    if not rows:
        return None
    currencies = [currency for currency, _cents in rows]
    currency = max(set(currencies), key=lambda one: (currencies.count(one), one))
    cents = [amount for one, amount in rows if one == currency]
    return Sales(len(cents), round(median(cents)), currency)


def group_of(person: Person) -> Group | None:
    """Who takes part in the purchase, one cell per role; None when the organisation is not known."""
    company = person.organisation
    if company is None:
        return None
    people = list(colleagues(person))
    stand = stand_of(company)
    states = {role: str(state) for role, state in company.heat.covered.items()} if stand else {}
    members = [
        member_of(role, [one for one in people if one.role == role], person, states.get(role, "")) for role in ROLES
    ]
    return Group(
        name=company.name,
        stand=stand,
        members=members,
        known=sum(one.person is not None for one in members),
        acted=sum(one.acted for one in members),
        role_known=bool(person.role),
        without_role=sum(1 for one in people if not one.role and one.pk != person.pk),
    )


def member_of(role: str, people: Sequence[Person], opened: Person, state: str) -> Member:
    """The person whose lead is open stands first in their role, else the last one to act."""
    first = next((one for one in people if one.pk == opened.pk), people[0] if people else None)
    last = getattr(first, "last_kind", None) or ""
    return Member(
        role=str(word("buying_role", role)),
        person=first,
        others=max(0, len(people) - 1),
        acted=any(one.last_signal_at for one in people),
        state=state,
        last_act=str(word("kind", last)) if last else "",
        question=question(role),
    )


def question(role: str) -> str:
    """What to ask when nobody is known in this role."""
    return {
        "uses": _("Ask who works with it"),
        "advises": _("Ask who compares"),
        "checks": _("Ask who approves"),
        "pays": _("Ask who holds the budget"),
        "decides": _("Ask who signs"),
    }[role]

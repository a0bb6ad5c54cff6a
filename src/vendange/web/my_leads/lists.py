"""A salesperson's leads, sorted by what is to be done with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.timezone import localtime

from vendange.agreement.stages import Stage
from vendange.models import Assignment, Deal, Lead, User
from vendange.sell import queries
from vendange.web.lead import known


@dataclass(frozen=True, slots=True)
class Offer:
    """A lead that waits for an answer."""

    lead: Lead
    assignment: Assignment | None
    evidence: Sequence[known.Evidence]
    why: str


@dataclass(frozen=True, slots=True)
class Total:
    currency: str
    cents: int


def work(user: User) -> dict[str, Any]:
    """Everything that My leads shows, in a fixed number of questions to the database."""
    now = timezone.now()
    leads = list(queries.leads_of(user))
    year = localtime(now).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    cents, sales = queries.signed_by(user, year)
    projects = [lead for lead in leads if lead.stage == Stage.OPPORTUNITY]
    in_work = [lead for lead in leads if lead.stage in (Stage.ACCEPTED, Stage.WORKING)]
    return {
        "offers": [offer(lead, now) for lead in leads if lead.stage == Stage.PASSED],
        "to_call": [lead for lead in leads if lead.next_step == "call"],
        "to_report": [lead for lead in leads if lead.next_step == "report"],
        "to_follow": [lead for lead in in_work if lead.next_step == "follow_up"],
        "projects": projects,
        "totals": totals(projects),
        "signed_cents": cents,
        "sales": sales,
        "year": year.year,
        "now": now,
        "nothing": not leads,
    }


def offer(lead: Lead, now: datetime) -> Offer:
    given = known.assignment(lead)
    return Offer(lead, given, known.evidence(lead, now), known.why(given))


def totals(projects: Sequence[Lead]) -> list[Total]:
    """Sum of the amounts known, one for each currency."""
    found: dict[str, int] = {}
    for lead in projects:
        deal: Deal | None = getattr(lead, "deal", None)
        if deal and deal.amount_cents is not None:
            found[deal.currency] = found.get(deal.currency, 0) + deal.amount_cents
    return [Total(currency, cents) for currency, cents in sorted(found.items())]

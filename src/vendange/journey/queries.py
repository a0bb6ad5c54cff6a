"""The whole story of a person or of a lead, in one list, newest first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.timezone import localdate

from vendange.engine.configuration import KINDS as CONFIGURED
from vendange.journey.cooling import COOLED
from vendange.models import Call, Consent, Decision, Fact, Lead, Move, Person, Report, Return, Signal, Trail
from vendange.qualify.queries import last_days

SAVES = 20  # of a configurator, told with a lead: a site that saves at each click must not hide the rest


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened. `type` says of which table, `kind` which code of it; words are the doors' affair."""

    type: str  # signal | move | call | report | return | consent | fact | decision | cooling
    at: datetime
    kind: str
    id: int
    by: str = ""
    lead_id: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)


def story(person: Person, *, before: datetime | None = None, limit: int = 100) -> list[Item]:
    """What this person did and what was done for them; a fixed number of questions, whatever the length."""
    until = Q(at__lt=before) if before else Q()
    mine = Q(person=person) & until
    of_leads = Q(lead__person=person) & until
    items = [
        *_signals(person, before, limit),
        *_moves(Move.objects.filter(of_leads), limit),
        *_calls(Call.objects.filter(mine), limit),
        *_reports(Report.objects.filter(of_leads), limit),
        *_returns(Return.objects.filter(of_leads), limit),
        *_consents(Consent.objects.filter(mine), limit),
        *_decisions(Decision.objects.filter(mine), limit),
        *_coolings(Trail.objects.filter(until, subject_id__in=Lead.objects.filter(person=person).values("pk")), limit),
    ]
    return sorted(items, key=lambda item: (item.at, item.type, item.id), reverse=True)[:limit]


def story_of_lead(lead: Lead, limit: int = 100) -> list[Item]:
    """The moves, calls, reports, returns and falls of interest of one lead, and what its person put together."""
    of_lead = Q(lead=lead)
    items = [
        *_moves(Move.objects.filter(of_lead), limit),
        *_calls(Call.objects.filter(of_lead), limit),
        *_reports(Report.objects.filter(of_lead), limit),
        *_returns(Return.objects.filter(of_lead), limit),
        *_decisions(Decision.objects.filter(of_lead), limit),
        *_coolings(Trail.objects.filter(subject_id=lead.pk), limit),
        *_configurations(lead, SAVES),
    ]
    return sorted(items, key=lambda item: (item.at, item.type, item.id), reverse=True)[:limit]


def _signals(person: Person, before: datetime | None, limit: int) -> Iterable[Item]:
    rows = Signal.objects.filter(person=person).select_related("source", "by").order_by("-occurred_at", "-id")
    for row in (rows.filter(occurred_at__lt=before) if before else rows)[:limit]:
        shown = ("path", "asset", "campaign", "channel", "topic", "value")
        detail = {name: getattr(row, name) for name in shown if getattr(row, name) not in ("", None)}
        detail.update(source=row.source.name, verdict=row.verdict, origin=row.origin, props=row.props)
        teller = _name(row) if row.origin == "reported" else ""
        detail["told_at"] = row.received_at.isoformat()
        yield Item("signal", row.occurred_at, row.kind, row.pk, teller, detail=detail)


def _configurations(lead: Lead, limit: int) -> Iterable[Item]:
    """Saves of a configurator by a human: how what is wanted has changed (R27)."""
    rows = Signal.objects.filter(person_id=lead.person_id, kind__in=CONFIGURED).exclude(verdict="machine")
    for row in rows.order_by("-occurred_at", "-id")[:limit]:
        yield Item("signal", row.occurred_at, row.kind, row.pk, detail={"props": row.props})


def _moves(rows: Any, limit: int) -> Iterable[Item]:
    for row in rows.select_related("by").order_by("-at", "-id")[:limit]:
        detail = {"from": row.from_stage, "to": row.to_stage, "because": row.because, **row.detail}
        yield Item("move", row.at, row.to_stage, row.pk, _name(row), row.lead_id, detail)


def _calls(rows: Any, limit: int) -> Iterable[Item]:
    for row in rows.select_related("by").order_by("-at", "-id")[:limit]:
        detail = {"note": row.note, "side": row.side, "call_back_at": _iso(row.call_back_at)}
        yield Item("call", row.at, row.result, row.pk, _name(row), row.lead_id, detail)


def _reports(rows: Any, limit: int) -> Iterable[Item]:
    for row in rows.select_related("by").order_by("-at", "-id")[:limit]:
        yield Item("report", row.at, "report", row.pk, _name(row), row.lead_id, {"answers": row.answers})


def _returns(rows: Any, limit: int) -> Iterable[Item]:
    for row in rows.select_related("by").order_by("-at", "-id")[:limit]:
        detail = {"effect": row.effect, "note": row.note, "attempts": row.attempts, "wake_at": _iso(row.wake_at)}
        yield Item("return", row.at, row.reason, row.pk, _name(row), row.lead_id, detail)


def _consents(rows: Any, limit: int) -> Iterable[Item]:
    found = list(rows.select_related("by").order_by("-at", "-id")[:limit])
    until = last_days(found)
    for row in found:
        detail = {"purpose": row.purpose, "channel": row.channel, "method": row.method, "wording": row.wording}
        if row.pk in until:
            detail["until"] = localdate(until[row.pk]).isoformat()
        yield Item("consent", row.at, row.status, row.pk, _name(row), None, detail)


def _decisions(rows: Any, limit: int) -> Iterable[Item]:
    for row in rows.order_by("-at", "-id")[:limit]:
        detail = {"rule": row.rule, "grade": row.grade, "agreement": row.agreement_id, "signals": row.signal_ids}
        yield Item("decision", row.at, row.way, row.pk, "", row.lead_id, detail)


def _coolings(rows: Any, limit: int) -> Iterable[Item]:
    for row in rows.filter(subject="lead", verb=COOLED).order_by("-at", "-id")[:limit]:
        yield Item("cooling", row.at, row.detail["to"], row.pk, "", row.subject_id, row.detail)


def _name(row: Any) -> str:
    return row.by.name if row.by else ""


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def facts_of(person: Person) -> dict[str, dict[str, Fact]]:
    """The latest fact of each field by origin: declared, reported, observed, verified stand side by side (R20)."""
    found: dict[str, dict[str, Fact]] = {}
    for row in Fact.objects.filter(person=person).order_by("at", "id"):
        found.setdefault(row.field, {})[row.origin] = row
    return found

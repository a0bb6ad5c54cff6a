"""What colleagues are told by mail when a lead changes hands: queued with the change, delivered by the worker."""

from datetime import datetime
from typing import Any, Final

from django.conf import settings

from vendange.agree.queries import terms_of
from vendange.models import Assignment, Lead, Return, User
from vendange.models.outgoing import post_mail

LANGUAGES: Final = ("en", "fr")


def _values(lead: Lead) -> dict[str, Any]:
    return {
        "lead_name": lead.person.name,
        "organisation": lead.organisation.name if lead.organisation else "",
        "grade": lead.grade,
        "url": f"{settings.BASE_URL}/leads/{lead.public_id}/",
    }


def _named(lead: Lead, name: str) -> dict[str, str]:
    """What the agreement of this lead calls something, by language; nothing where it names it no more."""
    label = terms_of(lead.agreement).agreement.labels().get(name)
    return {language: label.in_language(language) for language in LANGUAGES} if label else {}


def managers() -> list[User]:
    return list(User.objects.filter(role="manager", is_active=True).order_by("pk"))


def desk_heads() -> list[User]:
    return list(User.objects.filter(role="marketing", signs_for="marketing", is_active=True).order_by("pk"))


def assigned(lead: Lead, assignment: Assignment, *, now: datetime) -> None:
    first = not lead.assignments.exclude(pk=assignment.pk).exists()
    template = "lead_assigned" if first else "lead_reassigned_to_you"
    values = {**_values(lead), "accept_by": assignment.accept_by.isoformat(), "call_by": assignment.call_by.isoformat()}
    post_mail(template, str(assignment.pk), [assignment.salesperson.user], values, now)


def taken_away(lead: Lead, assignment: Assignment, *, because: str, now: datetime) -> None:
    values = {**_values(lead), "because": because}
    post_mail("lead_reassigned_away", str(assignment.pk), [assignment.salesperson.user], values, now)


def reminder(lead: Lead, assignment: Assignment, *, now: datetime) -> None:
    """The call is late: the salesperson is reminded and their manager told, before anything is taken away (R87)."""
    values = {
        **_values(lead),
        "salesperson": assignment.salesperson.user.name,
        "reassign_at": assignment.reassign_at.isoformat(),
    }
    post_mail("lead_reminder", str(assignment.pk), [assignment.salesperson.user, *managers()], values, now)


def cooled(lead: Lead, *, before: str, after: str, now: datetime) -> None:
    """The temperature of the person has fallen; said to who holds the lead, once for each time that it is found."""
    if lead.owner is None:
        return
    last = lead.person.last_signal_at
    values = {**_values(lead), "before": before, "after": after, "last_act_at": last.isoformat() if last else ""}
    post_mail("lead_cooled", f"{lead.pk}:{after}:{now.isoformat()}", [lead.owner], values, now)


def in_nobody_queue(lead: Lead, *, because: str, now: datetime) -> None:
    key = f"{lead.pk}:{now:%Y-%m-%d}"
    post_mail("lead_in_nobody_queue", key, managers(), {**_values(lead), "because": because}, now)


def late_on_desk(count: int, *, now: datetime) -> None:
    """One letter for all that became late together: never a storm (A23)."""
    values = {"count": count, "url": f"{settings.BASE_URL}/desk/"}
    post_mail("leads_late_on_desk", now.isoformat(timespec="minutes"), desk_heads(), values, now)


def returned(lead: Lead, told: Return, *, now: datetime) -> None:
    """The LDR who passed it learns what became of it (R58)."""
    review = lead.reviews.filter(outcome="pass").select_related("decided_by").order_by("-decided_at").first()
    if review and review.decided_by:
        reason = _named(lead, f"returns/{told.reason}")
        values = {**_values(lead), "reason": told.reason, "note": told.note, "attempts": told.attempts, "words": reason}
        post_mail("lead_returned", str(told.pk), [review.decided_by], values, now)

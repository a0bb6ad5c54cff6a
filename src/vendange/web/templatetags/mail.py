"""`{% mail_note person %}`: what to know before writing to somebody."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone

from vendange.models import Person
from vendange.web.mail import note_of

register = template.Library()


@register.inclusion_tag("_mail_note.html")
def mail_note(person: Person, now: datetime | None = None) -> dict[str, Any]:
    return {"note": note_of(person, now or timezone.now()) if person.email else None}

"""Facts about a person: a human makes one of them what the record says."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vendange.journey.vouching import take_over
from vendange.models import Fact
from vendange.vouch.actions import NotTaken, ReasonNeeded
from vendange.web.access import Request, allow, load_or_404
from vendange.web.people.acts import person_of
from vendange.web.people.labels import field_name, field_value
from vendange.web.people.pages import MAY_RECORD
from vendange.web.show import redirect_or_swap
from vendange.words import said


@allow(*MAY_RECORD)
@require_POST
def use(request: Request, public_id: UUID, number: int) -> HttpResponse:
    person = person_of(request, public_id)
    fact = load_or_404(Fact.objects.filter(person=person), pk=number)
    try:
        take_over(fact=fact, by=request.user, now=timezone.now())
    except ReasonNeeded as refused:
        messages.warning(request, said(refused))
        return redirect_or_swap(request, to=reverse("person_contact", args=[person.public_id]))
    except NotTaken as refused:
        messages.error(request, said(refused))
    else:
        told = _("%(field)s: the record says “%(value)s” now, on your word.")
        messages.success(
            request, told % {"field": field_name(fact.field), "value": field_value(fact.field, fact.value)}
        )
    return redirect_or_swap(request, to=reverse("person", args=[person.public_id]))

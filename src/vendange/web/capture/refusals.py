"""What was refused and why; what awaits that a human says when it happened. For marketing and administrators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vendange.capture import queries
from vendange.capture.queries import Clocks
from vendange.journey.quarantine import CannotTakeIn, TakenAlready, take_in
from vendange.models import RefusedEvent, Source, User
from vendange.web.access import Request, allow, load_or_404
from vendange.web.capture.forms import Happened
from vendange.web.capture.labels import reason
from vendange.web.show import conflict, redirect_or_swap, show
from vendange.words import Word, said

for_capture = allow("marketing", "admin")
SHOWN = 50
PAYLOAD_SHOWN = 300
LATELY = timedelta(days=7)
BIGGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Refusal:
    """`clocks`: what the sender's clock said, where the time was at fault; `form`: it waits for a human's time."""

    event: RefusedEvent
    reason: Word
    at: datetime
    payload: str
    source: str
    clocks: Clocks | None
    taken_by: str
    form: Happened | None


@for_capture
@require_GET
def refused(request: Request) -> HttpResponse:
    given = request.GET.get("before", "")
    before = int(given) if given.isdigit() and len(given) < 19 else None
    only_quarantined = request.GET.get("which") == "quarantine"
    found = queries.refused(before, SHOWN + 1, quarantined=only_quarantined)
    lately = queries.refused_by_reason(timezone.now() - LATELY)
    context = {
        "refusals": refusals(found[:SHOWN]),
        "older": found[SHOWN - 1].pk if len(found) > SHOWN else 0,
        "is_first": before is None,
        "reasons": [(reason(code), count) for code, count in lately],
        "quarantined": queries.in_quarantine(),
        "only_quarantined": only_quarantined,
        "part": "refused",
    }
    return show(request, page="capture/refused.html", context=context)


@for_capture
@require_POST
def take(request: Request, number: int) -> HttpResponse:
    """Take one event of the quarantine in, with the time that was typed; else the same page with that event alone."""
    one = load_or_404(RefusedEvent.objects.select_related("event"), pk=min(number, BIGGEST_ID))
    back = f"{reverse('capture_refused')}?which=quarantine"
    form = Happened(request.POST)
    if form.is_valid():
        try:
            take_in(refused_id=one.pk, happened_at=form.cleaned_data["at"], by=request.user, now=timezone.now())
        except TakenAlready as taken:
            return conflict(request, what=said(taken), back=back)
        except CannotTakeIn as cannot:
            form.add_error("at", said(cannot))
        else:
            messages.success(request, _("The event is taken in with this time. Both times are kept."))
            return redirect_or_swap(request, to=back)
    context = {
        "refusals": refusals([one], form),
        "is_first": True,
        "quarantined": queries.in_quarantine(),
        "only_quarantined": True,
        "part": "refused",
    }
    return show(request, page="capture/refused.html", context=context, status=422)


def refusals(events: Sequence[RefusedEvent], typed: Happened | None = None) -> list[Refusal]:
    names = dict(Source.objects.filter(pk__in=[one.source for one in events if one.source]).values_list("pk", "name"))
    people = {one.pk: one.name for one in User.objects.filter(pk__in=[one.taken_by for one in events if one.taken_by])}
    return [
        Refusal(
            event=one,
            reason=reason(one.reason),
            at=queries.of_micros(one.received_at),
            payload=bytes(one.payload)[: PAYLOAD_SHOWN * 4].decode("utf-8", "replace")[:PAYLOAD_SHOWN],
            source=names.get(one.source or 0, ""),
            clocks=queries.clocks(one),
            taken_by=people.get(one.taken_by or 0, ""),
            form=(typed or asked(one)) if one.event_id and one.taken_at is None else None,
        )
        for one in events
    ]


def asked(one: RefusedEvent) -> Happened:
    came = localtime(queries.of_micros(one.received_at)).replace(second=0, microsecond=0)
    return Happened(initial={"at": came}, auto_id=f"id_{one.pk}_%s")

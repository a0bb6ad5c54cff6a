"""Trade shows: which there are, what each brought, and the files of their organisers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vendange.agreement.sentence import Cannot, Incomplete
from vendange.journey import telling
from vendange.meet import actions
from vendange.meet import queries as met
from vendange.models import TradeShow
from vendange.web.access import Request, allow, load_or_404, signed_in
from vendange.web.capture.guest_file import GuestFile, Taken, take
from vendange.web.show import redirect_or_swap, show
from vendange.web.told.pages import hidden_from
from vendange.words import said, said_each, word

MAY_ARRANGE = ("marketing", "admin")
KINDS = ("booth_visited", "meeting_held", "event_registered", "webinar_attended")
SHOWN = 50


def kinds() -> list[tuple[str, Any]]:
    return [(code, word("kind", code)) for code in KINDS]


class Show(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("It is also the campaign of what the show brings: “SIMODEC 2026”."),
    )
    place = forms.CharField(label=gettext_lazy("Place"), max_length=120, required=False)
    from_day = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    to_day = forms.DateField(
        label=gettext_lazy("Last day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    topic = forms.CharField(
        label=gettext_lazy("Topic"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("As rules of the agreement compare it, such as machining. Every visit bears it."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What a visit is"), choices=lazy(kinds, list), widget=forms.RadioSelect, initial=KINDS[0]
    )


class Known(Show):
    """Of a show that is there: its name stays."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        del self.fields["name"]


def may_arrange(request: Request) -> bool:
    return request.user.role in MAY_ARRANGE


def parent_of(request: Request) -> str:
    """Whoever may open the other parts of capture sees them as tabs."""
    return "capture/page.html" if may_arrange(request) else "capture/alone.html"


def base(request: Request) -> dict[str, Any]:
    return {"parent": parent_of(request), "part": "shows", "may_arrange": may_arrange(request)}


@signed_in
@require_GET
def shows(request: Request) -> HttpResponse:
    return show(request, page="capture/shows.html", context=listed(request, Show()))


def listed(request: Request, form: Show) -> dict[str, Any]:
    counts = met.visits_by_show()
    lines = [(one, counts.get(one.source_id, 0)) for one in met.shows()]
    return {**base(request), "lines": lines, "form": form, "today": localtime(timezone.now()).date()}


@allow(*MAY_ARRANGE)
@require_POST
def add(request: Request) -> HttpResponse:
    form = Show(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            one = telling.add_show(name=given["name"], by=request.user, now=timezone.now(), **about(given))
        except Incomplete as wrong:
            complain(form, wrong)
        except Cannot as taken:
            form.add_error("name", said(taken))
        else:
            messages.success(request, _("%(name)s is added.") % {"name": one.name})
            return redirect_or_swap(request, to=reverse("show", args=[one.public_id]))
    return show(request, page="capture/shows.html", context=listed(request, form), status=422)


def about(given: Mapping[str, Any]) -> dict[str, Any]:
    days = (given["from_day"], given["to_day"])
    return {"place": given["place"], "topic": given["topic"].strip(), "kind": given["kind"], "days": days}


def complain(form: forms.Form, wrong: Incomplete) -> None:
    for name, problem in said_each(wrong.problems).items():
        form.add_error(name if name in form.fields else None, problem)


@signed_in
@require_GET
def one_show(request: Request, public_id: UUID) -> HttpResponse:
    one = load(public_id)
    return show(request, page="capture/show.html", context=page_of(request, one, timezone.now()))


def load(public_id: UUID) -> TradeShow:
    return load_or_404(TradeShow.objects.select_related("source"), public_id=public_id)


def page_of(request: Request, one: TradeShow, now: datetime) -> dict[str, Any]:
    came = met.brought(one)
    figures = [
        (_("Visits"), came.visits),
        (_("People"), came.people),
        (_("Companies"), came.companies),
        (_("Leads"), came.leads),
        (_("Leads won"), came.won),
        (_("Expected, not come"), came.expected),
    ]
    visits = visits_seen(request, one)
    initial = {name: getattr(one, name) for name in ("place", "topic", "kind", "from_day", "to_day")}
    return {
        **base(request),
        "fair": one,
        "figures": figures,
        "visits": visits,
        "hidden": hidden_from(request.user, visits),
        "file_form": GuestFile(),
        "change_form": Known(initial=initial, auto_id="change_%s"),
        "today": localtime(now).date(),
    }


def visits_seen(request: Request, one: TradeShow) -> Any:
    """The latest visits; a salesperson sees those of their own people and those that they told themselves."""
    if request.user.role != "sales":
        return met.latest(one, SHOWN)
    return met.latest_told(one, request.user, SHOWN)


@allow(*MAY_ARRANGE)
@require_http_methods(["POST"])
def change(request: Request, public_id: UUID) -> HttpResponse:
    one = load(public_id)
    form = Known(request.POST, auto_id="change_%s")
    now = timezone.now()
    if form.is_valid():
        try:
            actions.change_show(show=one, by=request.user, now=now, **about(form.cleaned_data))
        except Incomplete as wrong:
            complain(form, wrong)
        else:
            messages.success(request, _("Changed. What had come in stays as it was."))
            return redirect_or_swap(request, to=reverse("show", args=[one.public_id]))
    context = page_of(request, one, now) | {"change_form": form}
    return show(request, page="capture/show.html", context=context, status=422)


@allow(*MAY_ARRANGE)
@require_POST
def guest_file(request: Request, public_id: UUID) -> HttpResponse:
    """A file of the organiser: scans, or a list of badges."""
    one = load(public_id)
    form = GuestFile(request.POST, request.FILES)
    now = timezone.now()
    taken: Taken | None = take(form, one, request.user, now) if form.is_valid() else None
    context = page_of(request, one, now) | {"file_form": form if form.errors else GuestFile(), "taken": taken}
    return show(request, page="capture/show.html", context=context, status=422 if form.errors else 200)

"""What sales does with a lead. Every act works without script; what cannot be kept comes back with its sentence."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from vendange.agreement.sentence import Incomplete, sentence
from vendange.journey import deal as deals
from vendange.journey import handover
from vendange.journey.move import MoveRefused
from vendange.models import Lead
from vendange.sell import queries
from vendange.sell.actions import NotNow, NotYours
from vendange.web.access import Request, allow, load_or_404
from vendange.web.lead.amounts import NotAnAmount, TooLarge, cents_of
from vendange.web.lead.views import act_page, lead_page
from vendange.web.lead.when import NotAMoment, moment_of
from vendange.web.my_leads.lists import work
from vendange.web.show import conflict, redirect_or_swap, wants_fragment
from vendange.words import said, said_each

sellers = allow("sales", "manager")
WORDS_OF_FORMS: Final = frozenset({"csrfmiddlewaretoken"})


def mine(request: Request, public_id: UUID) -> Lead:
    """To act, and to be told when somebody else has it meanwhile."""
    return load_or_404(queries.once_held_by(request.user), public_id=public_id)


def sent(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.POST.items() if isinstance(value, str)}


def attempt(
    request: Request, lead: Lead, *, panel: str, do: Callable[[], object], done: str, to: str = ""
) -> HttpResponse:
    """Do it, say so and go on; or the same page again with a sentence beside each field, or 409 with what was typed."""
    try:
        do()
    except Incomplete as refused:
        problems = said_each(refused.problems)
        return lead_page(request, lead, panel=panel, acting=True, problems=problems, typed=sent(request))
    except NotYours as taken:
        return taken_by_another(request, lead, taken)
    except (NotNow, MoveRefused) as too_late:
        return conflict(request, what=said(too_late), back=reverse("lead", args=[lead.public_id]))
    messages.success(request, done)
    if wants_fragment(request):
        return redirect_or_swap(request, to=to, fragment="my_leads/_work.html", context=work(request.user))
    return redirect_or_swap(request, to=to or reverse("lead", args=[lead.public_id]))


def taken_by_another(request: Request, lead: Lead, taken: NotYours) -> HttpResponse:
    what = said(taken)
    if wants_fragment(request):
        return conflict(request, what=what, back=reverse("my_leads"))
    typed = [value for name, value in sent(request).items() if name not in WORDS_OF_FORMS and len(value) > 10]
    context = {"title": _("This has changed meanwhile"), "what": what, "back": reverse("my_leads"), "typed": typed}
    return HttpResponse(render_to_string("lead/taken.html", context, request), status=409)


def whom(lead: Lead) -> dict[str, str]:
    return {"who": str(lead.organisation or lead.person)}


@sellers
@require_POST
def accept(request: Request, public_id: UUID) -> HttpResponse:
    lead, now = mine(request, public_id), timezone.now()
    done = _("Accepted: %(who)s is in your calls.") % whom(lead)
    to = reverse("my_leads") if request.POST.get("from") == "list" else ""
    return attempt(
        request,
        lead,
        panel="accept",
        do=lambda: handover.accept(lead=lead, by=request.user, now=now),
        done=done,
        to=to,
    )


@sellers
@require_http_methods(["GET", "POST"])
def decline(request: Request, public_id: UUID) -> HttpResponse:
    lead, now = mine(request, public_id), timezone.now()
    if request.method != "POST":
        return act_page(request, public_id, "accept")
    why = request.POST.get("why", "")
    return attempt(
        request,
        lead,
        panel="accept",
        do=lambda: handover.decline(lead=lead, by=request.user, now=now, why=why),
        done=_("Refused: %(who)s goes to somebody else.") % whom(lead),
        to=reverse("my_leads"),
    )


@sellers
@require_http_methods(["GET", "POST"])
def call(request: Request, public_id: UUID) -> HttpResponse:
    lead, now = mine(request, public_id), timezone.now()
    if request.method != "POST":
        return act_page(request, public_id, "call")
    result, note = request.POST.get("result", ""), request.POST.get("note", "")

    def log() -> None:
        at = moment(request, "call_back_at") if result == "call_back" else None
        handover.log_call(lead=lead, by=request.user, now=now, result=result, note=note, call_back_at=at)

    to = reverse("lead_report", args=[public_id]) if result == "reached" else reverse("my_leads")
    return attempt(request, lead, panel="call", do=log, done=_("The call to %(who)s is kept.") % whom(lead), to=to)


@sellers
@require_http_methods(["GET", "POST"])
def report(request: Request, public_id: UUID) -> HttpResponse:
    lead, now = mine(request, public_id), timezone.now()
    if request.method != "POST":
        return act_page(request, public_id, "report")
    answers = {
        name.removeprefix("answer-"): value for name, value in sent(request).items() if name.startswith("answer-")
    }

    def file() -> None:
        handover.file_report(lead=lead, by=request.user, now=now, answers=answers, next_at=moment(request, "next_at"))

    done = _("The report on %(who)s is filed.") % whom(lead)
    to = {"quote": "lead_deal", "return": "lead_return"}.get(answers.get("next", ""))
    onward = reverse(to, args=[public_id]) if to else reverse("my_leads")
    return attempt(request, lead, panel="report", do=file, done=done, to=onward)


@sellers
@require_http_methods(["GET", "POST"])
def give_back(request: Request, public_id: UUID) -> HttpResponse:
    lead, now = mine(request, public_id), timezone.now()
    if request.method != "POST":
        return act_page(request, public_id, "return")
    told = sent(request)

    def back() -> None:
        handover.give_back(
            lead=lead,
            by=request.user,
            now=now,
            reason=told.get("reason", ""),
            note=told.get("note", ""),
            wake_at=moment(request, "wake_at"),
            contact=told.get("contact", ""),
        )

    done = _("Kept. Marketing sees why, and what follows has started for %(who)s.") % whom(lead)
    return attempt(request, lead, panel="return", do=back, done=done, to=reverse("my_leads"))


@sellers
@require_http_methods(["GET", "POST"])
def deal(request: Request, public_id: UUID) -> HttpResponse:
    lead, now = mine(request, public_id), timezone.now()
    if request.method != "POST":
        return act_page(request, public_id, "deal")

    def keep() -> None:
        deals.open_deal(
            lead=lead,
            by=request.user,
            now=now,
            name=request.POST.get("name", ""),
            amount_cents=amount(request, "amount"),
            expected_on=expected(request),
        )

    done = _("The project of %(who)s is kept.") % whom(lead)
    return attempt(request, lead, panel="deal", do=keep, done=done)


@sellers
@require_POST
def won(request: Request, public_id: UUID) -> HttpResponse:
    lead, now = mine(request, public_id), timezone.now()

    def win() -> None:
        deals.win(lead=lead, by=request.user, now=now, amount_cents=amount(request, "won_amount"))

    done = _("Won: %(who)s is a customer now.") % whom(lead)
    return attempt(request, lead, panel="deal", do=renamed(win, "amount", "won_amount"), done=done)


@sellers
@require_POST
def lost(request: Request, public_id: UUID) -> HttpResponse:
    lead, now = mine(request, public_id), timezone.now()
    why = request.POST.get("why", "")
    return attempt(
        request,
        lead,
        panel="deal",
        do=lambda: deals.lose(lead=lead, by=request.user, now=now, why=why),
        done=_("Lost, with its reason: both teams learn from it."),
    )


@allow("manager")
@require_http_methods(["GET", "POST"])
def reassign(request: Request, public_id: UUID) -> HttpResponse:
    lead, now = load_or_404(queries.readable_by(request.user), public_id=public_id), timezone.now()
    if request.method != "POST":
        return act_page(request, public_id, "reassign")
    why = request.POST.get("why", "").strip()

    def give() -> None:
        if not why:
            raise Incomplete({"why": sentence("Say in a few words why it goes to somebody else.")})
        handover.reassign(lead=lead, by=request.user, now=now, because="replaced", why=why)

    done = _("%(who)s goes to somebody else; both are told.") % whom(lead)
    return attempt(request, lead, panel="reassign", do=give, done=done)


def moment(request: Request, name: str) -> datetime | None:
    try:
        return moment_of(sent(request), name)
    except NotAMoment as refused:
        raise Incomplete({name: refused.sentence}) from refused


def amount(request: Request, name: str) -> int | None:
    """Cents, None when left empty."""
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    try:
        return cents_of(text)
    except TooLarge:
        raise Incomplete({name: sentence("This amount is too large: look at its digits again.")}) from None
    except NotAnAmount:
        raise Incomplete(
            {name: sentence("This cannot be read as an amount. Write for example 12 500 or 12,500.50, without a sign.")}
        ) from None


def expected(request: Request) -> date | None:
    text = request.POST.get("expected_on", "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Incomplete(
            {"expected_on": sentence("Write the date as year-month-day, for example 2027-03-01.")}
        ) from None


def renamed(do: Callable[[], object], rule: str, name: str) -> Callable[[], object]:
    """A problem that the rules tell of `rule` is shown beside the field `name`."""

    def act() -> object:
        try:
            return do()
        except Incomplete as refused:
            problems = {name if key == rule else key: one for key, one in refused.problems.items()}
            raise Incomplete(problems) from refused

    return act

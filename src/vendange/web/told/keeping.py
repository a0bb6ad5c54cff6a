"""Keeping what is told, once, and undoing it within its minute. Answers a page, or JSON to the page's own script.

To the script every outcome that has been decided (kept, to be asked, to be mended) is an answer 200.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vendange.agreement.sentence import Cannot, Incomplete, sentence
from vendange.identify import queries as identified
from vendange.journey import telling
from vendange.meet import queries as met
from vendange.meet.rules import UNDO_WITHIN, CannotTell, Newcomer, Told, first_and_last, read_scan
from vendange.models import Person, Signal, TradeShow
from vendange.web.access import Request, signed_in
from vendange.web.show import redirect_or_swap
from vendange.web.told import pages
from vendange.web.told.forms import Tell
from vendange.words import said, said_each, word


class IsItThem(Exception):
    """The name is that of somebody known: a human says whether it is one of these."""

    def __init__(self, people: Sequence[Person]) -> None:
        super().__init__()
        self.people = people


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


@signed_in
@require_POST
def keep(request: Request) -> HttpResponse:
    """Nothing that another colleague typed on this device is ever kept in this one's name."""
    owner = request.POST.get("user", "")
    if owner and owner != str(request.user.public_id):
        return JsonResponse({"not_yours": True}, status=403)
    form = Tell(request.POST)
    if form.is_valid():
        try:
            kept = _keep(request, form.cleaned_data)
        except IsItThem as asked:
            return _asked(request, form, asked.people)
        except Incomplete as wrong:
            for name, problem in said_each(wrong.problems).items():
                form.add_error(name if name in form.fields else None, problem)
        except Cannot as cannot:
            form.add_error("scan" if form.cleaned_data["scan"] else None, said(cannot))
        else:
            return _kept(request, kept, form.cleaned_data["once"])
    if wants_json(request):
        wrong_of = {name or "all": errors[0] for name, errors in form.errors.items()}
        return JsonResponse({"wrong": wrong_of})
    return pages.again(request, form)


def _keep(request: Request, given: Mapping[str, Any]) -> Signal:
    before = telling.told_before(given["once"], request.user)
    if before:
        return before
    show = _show(given)
    who = _who(request, given, show)
    told = Told(
        kind=given["kind"],
        told_at=given["told_at"],
        when=given["when"] or "now",
        day=given["day"],
        said=given["said"].strip(),
        judged=given["judged"].strip(),
        warmth=given["warmth"],
        topic=given["topic"].strip(),
        link=given["link"].strip(),
        public={"yes": True, "no": False}.get(given["public"]),
    )
    kept = telling.tell(
        told=told,
        who=who,
        message_id=given["once"],
        show=show,
        by=request.user,
        now=timezone.now(),
        zone=timezone.get_current_timezone(),
    )
    return kept.signal


def _show(given: Mapping[str, Any]) -> TradeShow | None:
    if not given["show"]:
        return None
    found = TradeShow.objects.select_related("source").filter(public_id=given["show"]).first()
    if found is None:
        raise Incomplete({"show": sentence("This show is not there any more. Choose another, or none.")})
    return found


def _who(request: Request, given: Mapping[str, Any], show: TradeShow | None) -> Person | Newcomer:
    chosen = given["person"]
    visible = pages.known_to(request.user)
    if chosen and chosen != "new":
        return _chosen(request, chosen)
    newcomer = Newcomer(given["name"].strip(), given["company"].strip(), given["email"].strip(), given["phone"].strip())
    if given["scan"].strip():
        badge = read_scan(given["scan"])
        if badge.number:
            return _guest(show, badge.number)
        newcomer = badge.who
    if chosen != "new" and newcomer.name and not identified.by_key("email", [newcomer.email.lower()]):
        first, last = first_and_last(newcomer.name)
        alike = met.alike(visible, first=first, last=last, company=newcomer.company)
        if alike:
            raise IsItThem(alike)
    return newcomer


def _chosen(request: Request, chosen: str) -> Person:
    found = pages.person_with(request.user, chosen)
    if found is None:
        gone = sentence("This person is not there any more, or not for you. Choose again.")
        raise Incomplete({"name": gone})
    return found


def _guest(show: TradeShow | None, number: str) -> Person:
    found = met.guest_with(show, number) if show else None
    if found is None:
        raise CannotTell(
            sentence(
                "Badge {number} is in no list of this show. Type the name and, after a comma, the company.",
                number=number,
            )
        )
    return found


def _kept(request: Request, one: Signal, once: str) -> HttpResponse:
    if not wants_json(request):
        messages.success(request, _("Kept. It counts from now on like any other signal."))
        here = reverse("tell_booth", args=[one.source.trade_show.public_id]) if request.POST.get("scan") else "tell"
        return redirect_or_swap(request, to=here)
    hidden = one.person_id in pages.hidden_from(request.user, [one])
    name, company = _typed(request) if hidden else (one.person.name, pages.line_of(one.person)["company"])
    return JsonResponse(
        {
            "kept": once,
            "name": name,
            "company": company,
            "what": str(word("kind", one.kind)),
            "undo": int(UNDO_WITHIN.total_seconds()),
        }
    )


def _typed(request: Request) -> tuple[str, str]:
    """Of somebody whom this colleague may not see, only what they typed themselves."""
    scan = request.POST.get("scan", "").strip()
    if not scan:
        return request.POST.get("name") or request.POST.get("email", ""), request.POST.get("company", "")
    badge = read_scan(scan)
    return badge.number or badge.who.name or badge.who.email, badge.who.company


def _asked(request: Request, form: Tell, people: Sequence[Person]) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"ask": [pages.line_of(one) for one in people]})
    return pages.again(request, form, people)


@signed_in
@require_POST
def undo(request: Request) -> HttpResponse:
    once = request.POST.get("once", "")
    one = telling.told_before(once, request.user)
    try:
        if one is None:
            raise CannotTell(sentence("This is not there any more."))
        left = telling.withdraw(signal=one, by=request.user, now=timezone.now())
    except CannotTell as cannot:
        done, what = False, said(cannot)
    else:
        done, what = True, _("Undone: it counts for nothing any more.")
        if left:
            what = f"{what} {_('The lead that it had called stays on the desk until somebody there closes it.')}"
    if wants_json(request):
        return JsonResponse({"undone": done, "what": what})
    (messages.success if done else messages.warning)(request, what)
    return redirect_or_swap(request, to="tell")

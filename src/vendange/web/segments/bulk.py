"""One act for many people: whom, what, how many exactly, then how far it is and what was refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vendange.agreement.sentence import Cannot
from vendange.agreement.vocabulary import TIERS
from vendange.find.queries import search_for, wanted_rows
from vendange.identify import queries as identified
from vendange.journey import in_bulk
from vendange.models import Job, Person, Segment
from vendange.models.job import unpacked
from vendange.route.queries import salespeople
from vendange.vouch.rules import REGIMES
from vendange.web.access import Request, allow, load_or_404
from vendange.web.figures import number
from vendange.web.narrowing import is_id, wanted_of
from vendange.web.segments import meant
from vendange.web.show import redirect_or_swap, show
from vendange.web.taking_away import MAY_EXPORT
from vendange.words import Word, said, word

MAY_ACT: Final = ("marketing", "manager", "admin", "sales")
OF_SALES: Final = ("join", "leave", "language", "regime", "objection")  # what sales may do to people of their leads
CARRIED: Final = ("one", "ticked", "q", "relationship", "temperature", "tier", "source", "owner", "stage", "segment")
MOST_TICKED: Final = 200
NAMED: Final = 8
TITLES: Final[Mapping[str, Word]] = {
    "join": gettext_lazy("Add to a segment by hand"),
    "leave": gettext_lazy("Remove from a segment by hand"),
    "language": gettext_lazy("Report their language"),
    "regime": gettext_lazy("Report their regime"),
    "tier": gettext_lazy("Set the target of their companies"),
    "objection": gettext_lazy("Record that they object"),
    "give": gettext_lazy("Hand their open leads to a colleague"),
    "undo": gettext_lazy("Undo"),
}
NOTES: Final[Mapping[str, Word]] = {
    "language": gettext_lazy("Kept as a fact that you report, beside what they declared."),
    "regime": gettext_lazy("Kept as a fact that you report: it decides who may be called."),
    "tier": gettext_lazy("Of every company that one of them works for."),
    "objection": gettext_lazy("Nobody contacts them any more, on any channel. This is never undone in bulk."),
    "give": gettext_lazy("Both colleagues are told; leads on the desk stay there."),
}
METHODS: Final = ("email", "phone", "letter", "person")
METHOD_WORDS: Final[Mapping[str, Word]] = {
    "email": gettext_lazy("By e-mail"),
    "phone": gettext_lazy("On the phone"),
    "letter": gettext_lazy("By letter"),
    "person": gettext_lazy("Face to face"),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The people that an address means: those ticked, or all that the filters give."""

    rows: QuerySet[Person]
    number: int
    ticked: Sequence[str]
    query: str


def chosen_of(request: Request) -> Chosen:
    visible = identified.visible_to(request.user)
    ticked = [one for one in request.GET.getlist("one")[:MOST_TICKED] if is_id(one)]
    if ticked or "ticked" in request.GET:
        rows = visible.filter(public_id__in=ticked)
    else:
        wanted = wanted_of(request.GET, "person")
        rows = wanted_rows(visible, "person", wanted, search_for("person", wanted.q))
    kept = QueryDict(mutable=True)
    for name, values in request.GET.lists():
        if name in CARRIED:
            kept.setlist(name, [one for one in values if one])
    return Chosen(rows, rows.count(), ticked, kept.urlencode())


def acts_of(request: Request) -> tuple[str, ...]:
    return OF_SALES if request.user.role == "sales" else in_bulk.ACTS


@allow(*MAY_ACT)
@require_GET
def choose(request: Request) -> HttpResponse:
    """What is to be done with these people."""
    chosen = chosen_of(request)
    hand = list(Segment.objects.filter(kind="hand", closed_at=None).order_by("name"))
    context = {
        "chosen": chosen,
        "named": _named(chosen),
        "carried": parse_qsl(chosen.query),
        "acts": [
            (act, TITLES[act], NOTES.get(act, "")) for act in acts_of(request) if hand or act not in ("join", "leave")
        ],
        "act": request.GET.get("act", ""),
        "segments": hand,
        "languages": [(code, _language(code)) for code in in_bulk.LANGUAGES],
        "regimes": [(code, word("regime", code)) for code in REGIMES],
        "tiers": [(code, word("tier", code)) for code in TIERS],
        "methods": list(METHOD_WORDS.items()),
        "colleagues": [one.user for one in salespeople(timezone.now())],
        "export_url": reverse("people_export") + f"?{chosen.query}" if _may_take(request, chosen) else "",
    }
    return show(request, page="segments/choose.html", context=context)


def _may_take(request: Request, chosen: Chosen) -> bool:
    return request.user.role in MAY_EXPORT and bool(chosen.number)


def _named(chosen: Chosen) -> list[Person]:
    return list(chosen.rows.select_related("organisation").order_by("-last_signal_at", "-pk")[:NAMED])


def _language(code: str) -> str:
    from vendange.web.people.labels import field_value

    return field_value("language", code)


@allow(*MAY_ACT)
@require_http_methods(["GET", "POST"])
def confirm(request: Request) -> HttpResponse:
    """Exactly how many, before anything is done; asked again when they are others by then."""
    chosen, act = chosen_of(request), request.GET.get("act", "")
    if act not in acts_of(request):
        return redirect_or_swap(request, to=f"{reverse('people_bulk')}?{chosen.query}")
    given = given_of(act, request.GET)
    people = list(chosen.rows.order_by("pk").values_list("pk", flat=True))
    try:
        in_bulk.check(act, given, request.user)
        job = _begun(request, act, given, people) if request.method == "POST" else None
    except Cannot as refused:
        messages.error(request, said(refused))
        return redirect_or_swap(request, to=f"{reverse('people_bulk')}?{chosen.query}&act={act}")
    if job is not None:
        return redirect_or_swap(request, to=reverse("people_bulk_job", args=[job.public_id]))
    context = {
        "chosen": replace(chosen, number=len(people)),
        "named": _named(chosen),
        "title": TITLES[act],
        "note": NOTES.get(act, ""),
        "told": told_of(act, given),
        "back": f"{reverse('people_bulk')}?{chosen.query}&act={act}",
        "may_undo": act in in_bulk.UNDONE,
        "shown": meant.packed(people),
        "token": uuid4(),
    }
    return show(request, page="segments/confirm.html", context=context)


def _begun(request: Request, act: str, given: Mapping[str, str], people: Sequence[int]) -> Job | None:
    """None: they are others than the page has shown, which is told. A page that is sent twice begins one job."""
    sent = request.POST.get("token", "")
    token = UUID(sent) if is_id(sent) else None
    mine = Job.objects.filter(kind=in_bulk.KIND, by=request.user).defer("asked", "result")
    begun = mine.filter(public_id=token).first() if token else None
    if begun is not None:
        return begun
    shown = meant.unpacked(request.POST.get("shown", ""))
    if shown is None:
        messages.warning(request, _("Look at them once more, then confirm."))
    elif shown != set(people):
        came, left = len(set(people) - shown), len(shown - set(people))
        told = _("They are others by now. New: %(came)s, no longer among them: %(left)s. Look again, then confirm.")
        messages.warning(request, told % {"came": number(came), "left": number(left)})
    elif people:
        return in_bulk.ask(act=act, given=given, people=people, by=request.user, now=timezone.now(), token=token)
    return None


def given_of(act: str, sent: QueryDict) -> dict[str, str]:
    """What an act needs to know, of what was sent."""
    names = {
        "join": {"segment": "join_segment"},
        "leave": {"segment": "leave_segment"},
        "language": {"value": "language"},
        "regime": {"value": "regime", "reason": "reason"},
        "tier": {"tier": "to_tier", "reason": "because"},
        "objection": {"method": "method", "said": "said"},
        "give": {"colleague": "colleague"},
    }[act]
    found = {name: sent.get(key, "").replace("\x00", "").strip()[:200] for name, key in names.items()}
    if act in ("join", "leave") and not is_id(found["segment"]):
        raise Http404(_("Choose an open segment by hand."))
    if act == "objection" and found["method"] not in METHODS:
        found["method"] = METHODS[0]
    return found


def told_of(act: str, given: Mapping[str, str]) -> str:
    """With what, in words."""
    if act in ("join", "leave"):
        return Segment.objects.filter(public_id=given["segment"]).values_list("name", flat=True).first() or ""
    if act == "language":
        return _language(given["value"])
    if act == "regime":
        return str(word("regime", given["value"]))
    if act == "tier":
        return str(word("tier", given["tier"])) if given["tier"] else _("no target")
    if act == "give":
        return next(
            (one.user.name for one in salespeople(timezone.now()) if one.user.username == given["colleague"]), ""
        )
    return str(METHOD_WORDS[given["method"]])


# How far it is, and what came of it


@allow(*MAY_ACT)
@require_GET
def job(request: Request, public_id: UUID) -> HttpResponse:
    one = _job(request, public_id)
    act, given = in_bulk.what_of(one)
    result: Mapping[str, Any] = {} if one.is_under_way else one.result or {}
    undoing = None if one.is_under_way or act == "undo" else in_bulk.undoing_of(one)
    context = {
        "job": one,
        "title": TITLES[act],
        "told": told_of(act, given) if act != "undo" else "",
        "result": result,
        "refused": [(who, name, said(unpacked(why))) for who, name, why in result.get("refused", [])],
        "why": said(one.said) if one.said else "",
        "may_undo": act in in_bulk.UNDONE and bool(result.get("before")) and undoing is None,
        "undoing": undoing,
    }
    return show(request, page="segments/job.html", fragment="segments/_job.html", context=context)


def _job(request: Request, public_id: UUID) -> Job:
    """Who is meant and what came of it is read when somebody asks for it: a browser looks every second."""
    rows = Job.objects.filter(kind=in_bulk.KIND).select_related("by").defer("asked", "result")
    return load_or_404(rows.filter(by=request.user) if request.user.role == "sales" else rows, public_id=public_id)


@allow(*MAY_ACT)
@require_POST
def undo(request: Request, public_id: UUID) -> HttpResponse:
    one = _job(request, public_id)
    try:
        undoing = in_bulk.ask_to_undo(one, by=request.user, now=timezone.now())
    except Cannot as refused:
        messages.error(request, said(refused))
        return redirect_or_swap(request, to=reverse("people_bulk_job", args=[one.public_id]))
    return redirect_or_swap(request, to=reverse("people_bulk_job", args=[undoing.public_id]))

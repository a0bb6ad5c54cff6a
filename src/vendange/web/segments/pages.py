"""The list of segments, and the page of one: its conditions, who fits and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vendange.agree.queries import NoAgreement, in_force
from vendange.agreement.conditions import Leaf
from vendange.agreement.problems import NotAnAgreement, Problem
from vendange.agreement.segments import Selection, narrowed_to, selection_of, written
from vendange.agreement.sentence import Cannot, Incomplete
from vendange.agreement.terms import Agreement
from vendange.find.queries import Wanted
from vendange.models import Job, Segment
from vendange.models.job import UNDER_WAY
from vendange.segment import actions, queries
from vendange.segment.queries import Size
from vendange.web.access import Request, allow, load_or_404
from vendange.web.narrowing import wanted_of
from vendange.web.segments import editing, wording
from vendange.web.show import redirect_or_swap, show
from vendange.words import said

MAY_SEE: Final = ("marketing", "manager", "admin", "ldr")
MAY_KEEP: Final = ("marketing", "manager", "admin")
SHOWN: Final = 10
SECONDS: Final = 1.5  # that a preview may look for


@dataclass(frozen=True, slots=True)
class Row:
    """One segment in the list. `doubts`: why it cannot be judged as it stands."""

    one: Segment
    size: Size
    conditions: Sequence[str]
    doubts: Sequence[str]
    job: Job | None


@allow(*MAY_SEE)
@require_GET
def segments(request: Request) -> HttpResponse:
    now = timezone.now()
    names, sizes, agreement, jobs = (
        wording.names_of_colleagues(),
        queries.sizes(now),
        agreement_at(now),
        jobs_under_way(),
    )
    rows = [
        Row(
            one,
            sizes.get(one.pk, Size()),
            wording.selection_in_words(selection, names) if (selection := _selection(one)) else [],
            doubts_of(one, selection, agreement, names),
            jobs.get(str(one.public_id)),
        )
        for one in Segment.objects.select_related("by").order_by("closed_at", "name")
    ]
    rows.sort(key=lambda row: (row.one.closed_at is not None, row.one.name.casefold()))
    context = {"rows": rows, "may_keep": request.user.role in MAY_KEEP, "is_busy": any(row.job for row in rows)}
    return show(request, page="segments/list.html", fragment="segments/_rows.html", context=context)


def _selection(one: Segment) -> Selection | None:
    return queries.readable(one) if one.kind == "rules" else None


def jobs_under_way() -> Mapping[str, Job]:
    """By the public id of their segment."""
    return {job.asked.get("segment", ""): job for job in Job.objects.filter(kind=actions.KIND, state__in=UNDER_WAY)}


def agreement_at(now: datetime) -> Agreement | None:
    try:
        return in_force(now).agreement
    except NoAgreement:
        return None


def doubts_of(
    one: Segment, selection: Selection | None, agreement: Agreement | None, names: Mapping[str, str]
) -> list[str]:
    if one.kind != "rules" or one.closed_at:
        return []
    if selection is None:
        return [_("Its conditions cannot be read any more: open it and write them again.")]
    return doubts_about(selection, agreement, names)


def doubts_about(selection: Selection, agreement: Agreement | None, names: Mapping[str, str]) -> list[str]:
    """What the agreement in force cannot judge, and whom nobody knows. `names`: of colleagues, by login."""
    found = []
    for login in sorted({*selection.held} - {"nobody", "somebody", *names}):
        found.append(_("No colleague has the login “%(login)s”, so nobody holds a lead so.") % {"login": login})
    if selection.is_measured and agreement is None:
        found.append(_("No agreement is in force, so nobody is measured: temperature and cell are not known."))
    for kind in queries.never_heard_of(selection, _kinds_of(agreement)):
        found.append(
            _("Nothing of the kind “%(kind)s” has ever come in, and the agreement does not name it.") % {"kind": kind}
        )
    return found


def _kinds_of(agreement: Agreement | None) -> set[str]:
    if agreement is None:
        return set()
    named = [*(rule.on for rule in agreement.engagement), *(act.on for act in agreement.acts)]
    named += [term.on for pattern in agreement.patterns for term in pattern.terms]
    return {kind for kinds in named for kind in kinds}


# The page of one


@allow(*MAY_SEE)
@require_http_methods(["GET", "POST"])
def segment(request: Request, public_id: UUID) -> HttpResponse:
    one = load_or_404(Segment.objects.select_related("by"), public_id=public_id)
    if request.method == "POST":
        return _post(request, one)
    return _page(request, one, one.wording, {"name": one.name, "about": one.about})


@allow(*MAY_KEEP)
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    if request.method == "POST":
        return _post(request, None)
    start = kept_filters(wanted_of(request.GET, "person"))
    return _page(request, None, written(start), {"name": "", "about": ""})


def kept_filters(wanted: Wanted) -> Selection:
    """The filters of the list of people as conditions; a search and a segment are no conditions."""
    return Selection(
        who=narrowed_to([Leaf("person.source", "is", wanted.source)] if wanted.source else []),
        relationship=(wanted.relationship,) if wanted.relationship else (),
        temperature=(wanted.temperature,) if wanted.temperature else (),
        tier=(wanted.tier,) if wanted.tier else (),
        stage=(wanted.stage,) if wanted.stage else (),
        held=(wanted.owner,) if wanted.owner else (),
    )


@allow(*MAY_KEEP)
@require_POST
def by_hand(request: Request) -> HttpResponse:
    """A segment of people whom colleagues choose: a name is all it needs."""
    now = timezone.now()
    try:
        one = actions.create(name=request.POST.get("name", ""), kind="hand", by=request.user, now=now)
    except Incomplete as refused:
        messages.error(request, said(refused))
        return redirect_or_swap(request, to=reverse("segments"))
    messages.success(request, _("“%(name)s” is made: add people to it from the list of people.") % {"name": one.name})
    return redirect_or_swap(request, to=reverse("segment", args=[one.public_id]))


def _post(request: Request, one: Segment | None) -> HttpResponse:
    if request.user.role not in MAY_KEEP:
        return redirect_or_swap(request, to=reverse("segments"))
    given = request.POST
    text = given.get("wording", "").replace("\x00", "").replace("\r\n", "\n")[:20_000]
    is_text = given.get("side") == "text" or (
        not given.get("side") and text != given.get("kept", "").replace("\r\n", "\n")
    )
    if one is None or one.kind == "rules":
        text = text if is_text else editing.text_of(given)
    act = given.get("act", "")
    if act != "save":
        return _page(request, one, text, given, act=act, is_text=is_text)
    return _save(request, one, text, given, is_text=is_text)


def _save(request: Request, one: Segment | None, text: str, given: QueryDict, *, is_text: bool) -> HttpResponse:
    name, about, now = given.get("name", ""), given.get("about", ""), timezone.now()
    try:
        if one is None:
            one, anew = actions.create(name=name, about=about, wording=text, by=request.user, now=now), True
        else:
            read_at = parse_datetime(given.get("read_at", ""))
            anew = actions.change(one, name=name, about=about, wording=text, by=request.user, now=now, read_at=read_at)
    except actions.ChangedMeanwhile as refused:
        told = _("%(what)s What you typed is kept below. Save again to put it in place of theirs.")
        return _page(
            request,
            Segment.objects.get(pk=one.pk) if one else None,
            text,
            given,
            is_text=is_text,
            status=409,
            refused=told % {"what": said(refused)},
            theirs=True,
        )
    except NotAnAgreement:
        return _page(request, one, text, given, is_text=is_text, status=422)
    except Cannot as refused:
        return _page(request, one, text, given, is_text=is_text, status=422, refused=said(refused))
    _find(request, one, now, anew=anew)
    return redirect_or_swap(request, to=reverse("segment", args=[one.public_id]))


def _find(request: Request, one: Segment, now: datetime, *, anew: bool) -> None:
    job = actions.find_members(one, by=request.user, now=now) if anew else None
    told = _("Saved. Its members are being found: that goes on while you do something else.") if job else _("Saved.")
    messages.success(request, told)


def _page(
    request: Request,
    one: Segment | None,
    text: str,
    given: Mapping[str, Any],
    *,
    act: str = "",
    is_text: bool = False,
    status: int = 200,
    refused: str = "",
    theirs: bool = False,
) -> HttpResponse:
    """`theirs`: a colleague has saved something else meanwhile, which can be looked at beside what was typed."""
    now = timezone.now()
    selection, problems = _read(text)
    is_hand = one is not None and one.kind == "hand"
    touched = request.method == "POST"
    context: dict[str, Any] = {
        "one": one,
        "is_hand": is_hand,
        "name": given.get("name", ""),
        "about": given.get("about", ""),
        "text": text,
        "problems": [(at.line, at.where, f"{said(at.what)} {said(at.remedy)}") for at in problems]
        if (touched and text.strip()) or one
        else [],
        "refused": refused,
        "theirs": theirs,
        "read_at": _read_at(one, given, is_new=theirs or not touched),
        "may_keep": request.user.role in MAY_KEEP and (touched or not (one and one.closed_at)),
        "size": queries.sizes(now).get(one.pk, Size()) if one else None,
        "job": jobs_under_way().get(str(one.public_id)) if one else None,
        "act": act,
    }
    if not is_hand:
        more = {"more_who": act == "more_who", "more_acts": act == "more_acts"}
        sent = isinstance(given, QueryDict) and touched and not (is_text and selection)
        guided = (
            editing.guided_from(request.POST, **more) if sent else editing.guided_of(selection or Selection(), **more)
        )
        context |= {
            "guided": guided,
            "ticks": editing.ticks(guided),
            **editing.choices(guided, wording.names_of_colleagues()),
            **_fitting(selection, now),
        }
    fragment = {"look": "segments/_look.html"}.get(act, "segments/_editor.html")
    context["with_text"], context["with_fields"] = not is_text, is_text and selection is not None
    return show(request, page="segments/one.html", fragment=fragment, context=context, status=status)


def _read_at(one: Segment | None, given: Mapping[str, Any], *, is_new: bool) -> str:
    """What the form was made from: as it stands now, or, until that was told, as it stood."""
    if one is None:
        return ""
    return one.changed_at.isoformat() if is_new else str(given.get("read_at", ""))


def _read(text: str) -> tuple[Selection | None, Sequence[Problem]]:
    try:
        return selection_of(text), ()
    except NotAnAgreement as refused:
        return None, refused.problems


def _fitting(selection: Selection | None, now: datetime) -> dict[str, Any]:
    if selection is None:
        return {"preview": None, "examples": [], "doubts": [], "conditions": []}
    names = wording.names_of_colleagues()
    found = queries.preview(selection, now, SHOWN, SECONDS)
    return {
        "preview": found,
        "examples": [(person, wording.why(selection, known, now, names)) for person, known in found.examples],
        "doubts": doubts_about(selection, agreement_at(now), names),
        "conditions": wording.selection_in_words(selection, names),
    }


@allow(*MAY_KEEP)
@require_POST
def close(request: Request, public_id: UUID) -> HttpResponse:
    """Nobody joins it any more; it can be opened again."""
    one = load_or_404(Segment.objects.all(), public_id=public_id)
    now = timezone.now()
    if one.closed_at:
        actions.reopen(one, by=request.user, now=now)
        if one.kind == "rules" and queries.readable(one):
            actions.find_members(one, by=request.user, now=now)
        messages.success(request, _("“%(name)s” is open again.") % {"name": one.name})
    else:
        actions.close(one, by=request.user, now=now)
        messages.success(request, _("“%(name)s” is closed: nobody joins it any more.") % {"name": one.name})
    return redirect_or_swap(request, to=reverse("segment", args=[one.public_id]))

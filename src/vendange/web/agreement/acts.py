"""What people do with a version: draft, sign, refuse, withdraw, comment. Whatever was typed is never lost."""

from datetime import date, datetime
from typing import NamedTuple

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from vendange.agree import actions, queries
from vendange.agree.actions import CannotSign
from vendange.agree.queries import terms_of
from vendange.agree.rules import FARTHEST, day_of, is_coming, midnight
from vendange.agreement.problems import NotAnAgreement, Problem
from vendange.agreement.sentence import Incomplete
from vendange.agreement.terms import Agreement
from vendange.models import AgreementVersion, Comment
from vendange.web.access import Request, allow, load_or_404, signed_in
from vendange.web.agreement.comparing import SECTIONS
from vendange.web.agreement.pages import MAY_DRAFT, among, in_force_among, may_settle, room
from vendange.web.show import conflict, redirect_or_swap, show
from vendange.words import said, said_each

LONGEST = 200_000  # characters


class ToCorrect(NamedTuple):
    """One problem of a text, in the language of the reader, beside the line as it was written."""

    number: int
    line: str
    what: str
    remedy: str
    where: str


class Text(forms.Form):
    """The text itself, typed or as a file; a file wins over what was typed."""

    text = forms.CharField(
        label=gettext_lazy("The agreement, in YAML"),
        required=False,
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea({"rows": 30, "spellcheck": "false", "wrap": "off"}),
    )
    file = forms.FileField(label=gettext_lazy("Or a file"), required=False, allow_empty_file=True)

    def written(self) -> str:
        given = self.cleaned_data.get("file")
        if given is None:
            return str(self.cleaned_data["text"]).replace("\r\n", "\n")
        return str(given.read(LONGEST * 4 + 1).decode("utf-8-sig", "replace"))[:LONGEST].replace("\r\n", "\n")


@allow(*MAY_DRAFT)
@require_http_methods(["GET", "POST"])
def draft(request: Request) -> HttpResponse:
    if request.method != "POST":
        return ask(request, start_text())
    form = Text(request.POST, request.FILES)
    if not form.is_valid():
        return ask(request, request.POST.get("text", ""), form=form)
    text = form.written()
    now = timezone.now()
    try:
        version = actions.draft(text=text, by=request.user, now=now)
    except NotAnAgreement as wrong:
        return ask(request, text, problems=wrong.problems)
    fresh = _("Version %(number)s is drafted. It binds nobody until both heads have signed it.")
    same = _("This says the same as version %(number)s: nothing new to sign.")
    told = fresh if version.created_at == now else same
    messages.success(request, told % {"number": version.number})
    return redirect_or_swap(request, to=reverse("agreement_version", args=[version.number]))


def start_text() -> str:
    """The text to change: the one in force, else the newest, else nothing."""
    versions = queries.versions()
    start = in_force_among(versions, timezone.now()) or (versions[0] if versions else None)
    return start.text if start else ""


def ask(request: Request, text: str, *, form: Text | None = None, problems: tuple[Problem, ...] = ()) -> HttpResponse:
    lines = text.split("\n")
    found = [to_correct(one, lines[one.line - 1] if 0 < one.line <= len(lines) else "") for one in problems]
    context = {"form": Text(initial={"text": text}), "problems": found, "errors": form.errors if form else {}}
    return show(request, page="agreement/draft.html", context=context, status=422 if problems or form else 200)


def to_correct(problem: Problem, written: str) -> ToCorrect:
    what, remedy = said(problem.what), said(problem.remedy)
    return ToCorrect(problem.line, written.strip()[:120], what, remedy, problem.where)


def load(number: int) -> AgreementVersion:
    return load_or_404(AgreementVersion.objects.all(), number=number)


@signed_in
@require_POST
def sign(request: Request, number: int) -> HttpResponse:
    """Only a head may sign; others are told that there is no such page."""
    only_heads(request)
    version, now = load(number), timezone.now()
    try:
        starts_at = beginning(request.POST.get("in_force_from", ""), now, terms_of(version).agreement)
    except BadDay as bad:
        return room_of(request, version, now, {"in_force_from": bad.told})
    sha = request.POST.get("sha", "")
    try:
        signed = actions.sign(version=version, by=request.user, now=now, in_force_from=starts_at, sha=sha)
    except CannotSign as refused:
        return back(request, number, refused)
    messages.success(request, signed_says(signed, now))
    return to_room(request, number)


def only_heads(request: Request) -> None:
    if not request.user.signs_for:
        raise Http404(_("This page is not open to your role."))


def room_of(request: Request, version: AgreementVersion, now: datetime, problems: dict[str, str]) -> HttpResponse:
    """The same room with what is wrong beside what was typed."""
    versions = queries.versions()
    return room(request, versions, among(versions, version.number), now, problems=problems)


def back(request: Request, number: int, refused: CannotSign) -> HttpResponse:
    return conflict(request, what=said(refused), back=reverse("agreement_version", args=[number]))


def to_room(request: Request, number: int) -> HttpResponse:
    return redirect_or_swap(request, to=reverse("agreement_version", args=[number]))


def signed_says(signed: AgreementVersion, now: datetime) -> str:
    if signed.status != "signed":
        return _("You have signed version %(number)s. It waits for the other head.") % {"number": signed.number}
    if signed.in_force_from and signed.in_force_from > now:
        return _("Both heads have signed version %(number)s. It comes into force on the day agreed.") % {
            "number": signed.number
        }
    return _("Both heads have signed: version %(number)s is in force.") % {"number": signed.number}


class BadDay(ValueError):
    """`told`: what is wrong with the day, and what to do."""

    def __init__(self, told: str) -> None:
        super().__init__(told)
        self.told = told


def day_written(written: str) -> date:
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        raise BadDay(_("This is not a day. Write it as 2026-04-01, or leave it empty for today.")) from None


def beginning(written: str, now: datetime, agreement: Agreement) -> datetime | None:
    """Midnight of a day to come, on the agreement's own clock; None for today or no day.

    Raises BadDay for the past, for what is too far away and for no date.
    """
    if not written.strip():
        return None
    zone = agreement.calendar.time_zone
    day, today = day_written(written), day_of(now, zone)
    if day < today:
        raise BadDay(_("An agreement cannot come into force in the past. Choose today or a later day."))
    if day > day_of(now + FARTHEST, zone):
        raise BadDay(_("This day is more than two years away. Choose an earlier one."))
    return None if day == today else midnight(day, zone)


@signed_in
@require_POST
def refuse(request: Request, number: int) -> HttpResponse:
    """A head says no, and why."""
    only_heads(request)
    version, now = load(number), timezone.now()
    try:
        actions.refuse(version=version, by=request.user, reason=request.POST.get("reason", ""), now=now)
    except CannotSign as refused:
        return back(request, number, refused)
    except Incomplete as wrong:
        return room_of(request, version, now, said_each(wrong.problems))
    told = _("You have refused version %(number)s. The other head is told why; it can be taken up again.")
    messages.success(request, told % {"number": number})
    return to_room(request, number)


@signed_in
@require_POST
def withdraw(request: Request, number: int) -> HttpResponse:
    """A draft by who writes it; a signed version to come by a head, with a reason."""
    version, now = load(number), timezone.now()
    coming = is_coming(version.status, version.in_force_from, now)
    if not (request.user.signs_for if coming else request.user.role in MAY_DRAFT):
        raise Http404(_("This page is not open to your role."))
    try:
        actions.withdraw(version=version, by=request.user, now=now, reason=request.POST.get("back_reason", ""))
    except CannotSign as refused:
        return back(request, number, refused)
    except Incomplete as wrong:
        return room_of(request, version, now, {"back_reason": said(wrong.problems["reason"])})
    messages.success(request, _("Version %(number)s is withdrawn.") % {"number": number})
    return to_room(request, number)


@allow(*MAY_DRAFT)
@require_POST
def take_up(request: Request, number: int) -> HttpResponse:
    """What was refused, withdrawn or superseded becomes a new draft with the same text."""
    text = load(number).text
    try:
        fresh = actions.draft(text=text, by=request.user, now=timezone.now())
    except NotAnAgreement as wrong:
        return ask(request, text, problems=wrong.problems)
    told = _("Version %(number)s starts from the text of version %(former)s. Change it, then sign.")
    messages.success(request, told % {"number": fresh.number, "former": number})
    return to_room(request, fresh.number)


@signed_in
@require_POST
def comment(request: Request, number: int) -> HttpResponse:
    """Everybody who works under the agreement may say what they think of it."""
    version, now = load(number), timezone.now()
    about = request.POST.get("about", "")
    try:
        actions.comment(
            version=version,
            by=request.user,
            text=request.POST.get("text", ""),
            now=now,
            about=about if about in SECTIONS else "",
        )
    except Incomplete as wrong:
        return room_of(request, version, now, said_each(wrong.problems))
    return redirect_or_swap(request, to=reverse("agreement_version", args=[number]) + "#comments")


@signed_in
@require_POST
def settle(request: Request, number: int, pk: int) -> HttpResponse:
    found = load_or_404(Comment.objects.filter(agreement__number=number), pk=pk)
    if not may_settle(found, request.user):
        raise Http404(_("This page is not open to your role."))
    actions.settle(comment=found, by=request.user, now=timezone.now())
    return redirect_or_swap(request, to=reverse("agreement_version", args=[number]) + "#comments")

"""Drafting, signing and withdrawing. A draft is a text that is valid; whatever was typed is never lost."""

from datetime import date, datetime, time
from typing import NamedTuple

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import get_current_timezone, localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from vendange.agree import actions, queries
from vendange.agree.actions import CannotSign
from vendange.agreement.problems import NotAnAgreement, Problem
from vendange.models import AgreementVersion
from vendange.web.access import Request, allow, load_or_404, signed_in
from vendange.web.agreement.pages import MAY_DRAFT, in_force_among, room
from vendange.web.show import conflict, redirect_or_swap, show
from vendange.words import said

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
    if not request.user.signs_for:
        raise Http404(_("This page is not open to your role."))
    version, now = load(number), timezone.now()
    try:
        starts_at = beginning(request.POST.get("in_force_from", ""), now)
    except ValueError:
        told = _("An agreement cannot come into force in the past. Choose today or a later day.")
        return room(request, queries.versions(), version, now, error=told)
    try:
        signed = actions.sign(version=version, by=request.user, now=now, in_force_from=starts_at)
    except CannotSign as refused:
        return conflict(request, what=said(refused), back=reverse("agreement_version", args=[number]))
    messages.success(request, signed_says(signed, now))
    return redirect_or_swap(request, to=reverse("agreement_version", args=[number]))


def signed_says(signed: AgreementVersion, now: datetime) -> str:
    if signed.status != "signed":
        return _("You have signed version %(number)s. It waits for the other head.") % {"number": signed.number}
    if signed.in_force_from and signed.in_force_from > now:
        return _("Both heads have signed version %(number)s. It comes into force on the day agreed.") % {
            "number": signed.number
        }
    return _("Both heads have signed: version %(number)s is in force.") % {"number": signed.number}


def beginning(written: str, now: datetime) -> datetime | None:
    """The first moment of a day to come; None for today or no day. Raises ValueError for the past and for no date."""
    if not written:
        return None
    day = date.fromisoformat(written)
    if day < localdate(now):
        raise ValueError(written)
    return None if day == localdate(now) else datetime.combine(day, time(), tzinfo=get_current_timezone())


@allow(*MAY_DRAFT)
@require_POST
def withdraw(request: Request, number: int) -> HttpResponse:
    try:
        actions.withdraw(version=load(number), by=request.user, now=timezone.now())
    except CannotSign as refused:
        return conflict(request, what=said(refused), back=reverse("agreement_version", args=[number]))
    messages.success(request, _("Version %(number)s is withdrawn.") % {"number": number})
    return redirect_or_swap(request, to="agreement")

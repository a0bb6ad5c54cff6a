"""Companies recognised by the network of their visitors. For marketing and administrators; files for the latter."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from vendange.agreement.sentence import Cannot
from vendange.journey import revealing
from vendange.models import NotRevealed
from vendange.reveal import actions, queries
from vendange.reveal.queries import Line, Wanted
from vendange.reveal.rules import HIGH, LEAST, network_of
from vendange.web.access import Request, allow, load_or_404
from vendange.web.paging import address
from vendange.web.show import redirect_or_swap, show
from vendange.web.sureness import BARRED, FIELDS, percent, reason, speaks_for, sure
from vendange.words import Word, said

for_capture = allow("marketing", "admin")
SHOWN = 50
MOST_PAGES = 200
DAYS = (7, 30, 90)
UPLOAD_CAP = 300 * 1024 * 1024  # bytes; larger files by `vendange companies add`


class Notice(forms.Form):
    """Somebody confirms that visitors are told."""

    notice = forms.URLField(
        label=gettext_lazy("Where your notice says so"),
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput({"placeholder": "https://www.example.com/privacy"}),
    )
    told = forms.BooleanField(
        label=gettext_lazy("Visitors are told that we recognise companies by their network, and how to object")
    )


class Bar(forms.Form):
    """What is never recognised."""

    what = forms.CharField(
        label=gettext_lazy("Network, or name or domain of a company"),
        max_length=200,
        help_text=gettext_lazy("Such as 203.0.113.0/24, 2001:db8:1::/48, or “Regus”."),
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Why"), choices=list(BARRED.items()), widget=forms.RadioSelect, initial="office"
    )


class NewFile(forms.Form):
    file = forms.FileField(label=gettext_lazy("File of networks (.mmdb)"))

    def clean_file(self) -> object:
        given = self.cleaned_data["file"]
        if given.size > UPLOAD_CAP:
            raise forms.ValidationError(_("This file is too large for a page: use vendange companies add."))
        return given


class NewOrganisation(forms.Form):
    name = forms.CharField(max_length=200)
    domain = forms.CharField(max_length=190)


@dataclass(frozen=True, slots=True)
class Option:
    label: Word
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A line as it is read: confidence in words and percent, each reason with whether it speaks for or against."""

    line: Line
    sure: Word
    share: str
    percent: float
    counts: bool
    reasons: Sequence[tuple[Word, bool]]


@for_capture
@require_GET
def companies(request: Request) -> HttpResponse:
    now, wanted = timezone.now(), wanted_of(request)
    page = min(_number(request.GET.get("page", "1")) or 1, MOST_PAGES)
    found = queries.seen(wanted, now, (page - 1) * SHOWN, SHOWN + 1)
    context = {
        "part": "companies",
        "lines": [seen_of(one) for one in found[:SHOWN]],
        "total": queries.how_many(wanted, now),
        "wanted": wanted,
        "knowns": options(request, "known", wanted.known, KNOWN),
        "sures": options(request, "sure", wanted.sure, SURES),
        "periods": options(request, "days", str(wanted.days or ""), periods()),
        "informed": queries.informed(),
        "files": queries.paths(),
        "reasons": BARRED.items(),
        "least": percent(LEAST),
        "high": percent(HIGH),
        "here": request.get_full_path(),
        "previous_url": address(request.GET, page=str(page - 1) if page > 2 else "") if page > 1 else "",
        "next_url": address(request.GET, page=str(page + 1)) if len(found) > SHOWN else "",
    }
    return show(request, page="capture/companies.html", context=context)


KNOWN = (
    ("", pgettext_lazy("companies", "All")),
    ("yes", pgettext_lazy("companies", "Known")),
    ("no", pgettext_lazy("companies", "Not known")),
)
SURES = (("", pgettext_lazy("companies", "All")), ("high", pgettext_lazy("companies", "Almost certain")))


def periods() -> list[tuple[str, Word]]:
    some = [(str(days), _("%(n)s days") % {"n": days}) for days in DAYS]
    return [*some, ("", pgettext("period", "Ever"))]


def wanted_of(request: Request) -> Wanted:
    given = request.GET
    days = _number(given.get("days", ""))
    return Wanted(
        q=given.get("q", "").replace("\x00", "").strip()[:100],
        known=given.get("known", "") if given.get("known") in ("yes", "no") else "",
        sure="high" if given.get("sure") == "high" else "",
        days=days if days in DAYS else 0,
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def options(request: Request, name: str, chosen: str, values: Sequence[tuple[str, Word]]) -> list[Option]:
    return [Option(label, address(request.GET, **{name: code, "page": ""}), code == chosen) for code, label in values]


def seen_of(one: Line) -> Seen:
    return Seen(
        one,
        sure(one.confidence),
        percent(one.confidence),
        100 * one.confidence,
        one.organisation is not None and one.confidence >= HIGH,
        [(reason(code), speaks_for(code)) for code in one.because],
    )


@for_capture
@require_GET
def settings(request: Request) -> HttpResponse:
    return settings_page(request)


def settings_page(
    request: Request, *, notice: Notice | None = None, bar: Bar | None = None, file: NewFile | None = None
) -> HttpResponse:
    now = timezone.now()
    bound = any(form is not None for form in (notice, bar, file))
    context = {
        "part": "companies",
        "informed": queries.informed(),
        "files": [(one, one.is_old(now), [FIELDS.get(name, name) for name in one.fields]) for one in queries.files()],
        "barred": [(one, BARRED.get(one.reason, one.reason)) for one in queries.barred()],
        "notice_form": notice or Notice(),
        "bar_form": bar or Bar(),
        "file_form": file or NewFile(),
    }
    return show(request, page="capture/companies_settings.html", context=context, status=422 if bound else 200)


@for_capture
@require_POST
def turn_on(request: Request) -> HttpResponse:
    form = Notice(request.POST)
    if not form.is_valid():
        return settings_page(request, notice=form)
    revealing.turn_on(notice=form.cleaned_data["notice"], by=request.user, now=timezone.now())
    messages.success(request, _("From now on companies are recognised by the network of their visitors."))
    return redirect_or_swap(request, to="capture_companies_settings")


@for_capture
@require_POST
def turn_off(request: Request) -> HttpResponse:
    actions.turn_off(by=request.user, now=timezone.now())
    messages.success(request, _("No company is recognised any more. What was recognised stays."))
    return redirect_or_swap(request, to="capture_companies_settings")


@for_capture
@require_POST
def bar(request: Request) -> HttpResponse:
    """From the list (a name) or from the settings (a network or a name)."""
    form = Bar(request.POST)
    if not form.is_valid():
        return settings_page(request, bar=form)
    what, given = form.cleaned_data["what"].strip(), form.cleaned_data["reason"]
    is_network = "/" in what or network_of(what) is not None
    try:
        revealing.never(
            network=what if is_network else "", name="" if is_network else what, reason=given, by=request.user,
            now=timezone.now(),
        )  # fmt: skip
    except Cannot as cannot:
        form.add_error("what", said(cannot))
        return settings_page(request, bar=form)
    messages.success(request, _("%(what)s is never recognised again; what was recognised is removed.") % {"what": what})
    return redirect_or_swap(request, to=back(request))


@for_capture
@require_POST
def end(request: Request, number: int) -> HttpResponse:
    one = load_or_404(NotRevealed.objects.all(), pk=min(number, 2**63 - 1))
    revealing.allow_again(one, by=request.user, now=timezone.now())
    messages.success(request, _("%(what)s may be recognised again.") % {"what": one.network or one.name})
    return redirect_or_swap(request, to="capture_companies_settings")


@for_capture
@require_POST
def add(request: Request) -> HttpResponse:
    """A company that is not known becomes an organisation: only ever by a human."""
    form = NewOrganisation(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the company’s name and the domain of its mails."))
        return redirect_or_swap(request, to=back(request))
    try:
        made = revealing.add_organisation(by=request.user, now=timezone.now(), **form.cleaned_data)
    except Cannot as cannot:
        messages.error(request, said(cannot))
        return redirect_or_swap(request, to=back(request))
    messages.success(request, _("%(name)s is an organisation now.") % {"name": made.name})
    return redirect_or_swap(request, to=reverse("organisation", args=[made.public_id]))


def back(request: Request) -> str:
    """Where the form stood: the list with its filters, else the settings."""
    given, home = request.POST.get("back", ""), reverse("capture_companies")
    return given if given == home or given.startswith(f"{home}?") else reverse("capture_companies_settings")


@allow("admin")
@require_POST
def add_file(request: Request) -> HttpResponse:
    form = NewFile(request.POST, request.FILES)
    if form.is_valid():
        try:
            added = actions.add_file(form.cleaned_data["file"].file, by=request.user, now=timezone.now())
        except Cannot as cannot:
            form.add_error("file", said(cannot))
        else:
            messages.success(request, _("%(kind)s is installed.") % {"kind": added.kind})
            return redirect_or_swap(request, to="capture_companies_settings")
    return settings_page(request, file=form)


@allow("admin")
@require_POST
def remove_file(request: Request) -> HttpResponse:
    name = request.POST.get("name", "")
    if actions.remove_file(name, by=request.user, now=timezone.now()):
        messages.success(request, _("%(name)s is removed.") % {"name": name})
    return redirect_or_swap(request, to="capture_companies_settings")

"""Forms: the list, a new one, the page of one with its addresses and versions, publishing and closing."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vendange.agreement.sentence import Cannot
from vendange.ask import actions, queries
from vendange.ask.rules import BadForm, Definition, faults, identity, next_questions, warnings
from vendange.models import Form
from vendange.web.access import Request, allow, load_or_404
from vendange.web.capture.form_changes import changes
from vendange.web.capture.form_code import codes
from vendange.web.capture.form_parts import warned
from vendange.web.capture.form_starters import STARTERS, starter
from vendange.web.capture.form_words import language_word, signal_word, title_of
from vendange.web.capture.forms import NewForm, Sites
from vendange.web.show import conflict, redirect_or_swap, show
from vendange.words import said

for_capture = allow("marketing", "admin")
LATELY: Final = timedelta(days=30)


@for_capture
@require_http_methods(["GET", "POST"])
def forms(request: Request) -> HttpResponse:
    now = timezone.now()
    new = NewForm(request.POST or None, initial={"language": (get_language() or "en")[:2]})
    if new.is_valid():
        given = new.cleaned_data
        try:
            made = actions.add_form(
                name=given["name"], definition=starter(given["starter"], given["language"]), by=request.user, now=now
            )
        except Cannot as cannot:
            new.add_error("name", said(cannot))
        else:
            return redirect_or_swap(request, to=reverse("capture_form_build", args=[made.public_id]))
    found = queries.listed(now - LATELY)
    lines = [(form, version, number, signal_word(version.signal)) for form, version, number in found]
    context = {"lines": lines, "new": new, "starters": STARTERS, "part": "forms"}
    return show(request, page="capture/forms.html", context=context, status=422 if new.is_bound else 200)


@for_capture
@require_GET
def form(request: Request, public_id: UUID) -> HttpResponse:
    return page(request, load(public_id))


def load(public_id: UUID) -> Form:
    return load_or_404(Form.objects.select_related("source"), public_id=public_id)


def page(request: Request, one: Form, sites: Sites | None = None) -> HttpResponse:
    versions = queries.versions(one)
    shown = next((version for version in versions if version.number == one.published), None)
    definition = queries.definition_of(shown or versions[0])
    context = {
        "form": one,
        "part": "forms",
        "versions": versions,
        "shown": shown,
        "draft": versions[0] if versions[0].published_at is None else None,
        "definition": definition,
        "at_once": len(next_questions(definition, frozenset())),
        "signal": signal_word(definition.signal),
        "language": language_word(definition.language),
        "codes": codes(one, definition, queries.boxes_of(definition)),
        "sites": sites or Sites(initial={"origins": "\n".join(one.source.allowed_origins)}),
        "answers": sum(version.answers for version in versions),  # type: ignore[attr-defined]
    }
    return show(request, page="capture/form.html", context=context, status=422 if sites else 200)


@for_capture
@require_http_methods(["GET", "POST"])
def publish(request: Request, public_id: UUID) -> HttpResponse:
    """What would change for visitors; then, once it was read, the change itself."""
    one = load(public_id)
    here = reverse("capture_form", args=[one.public_id])
    draft = queries.draft_of(one)
    if one.closed_at is not None or draft is None:
        return conflict(
            request, what=_("There is nothing to publish: no draft stands beside what is shown."), back=here
        )
    definition = queries.definition_of(draft)
    if request.method != "POST":
        return summary(request, one, definition)
    if request.POST.get("base") != identity(definition):
        told = _("The form has changed since you read what would change. Read it again, then publish.")
        return conflict(request, what=told, back=request.path)
    try:
        made = actions.publish(form=one, by=request.user, now=timezone.now())
    except BadForm:
        return summary(request, one, definition, status=422)
    except Cannot as cannot:
        return conflict(request, what=said(cannot), back=here)
    told = _("Version %(number)s of %(form)s is published.") % {"number": made.number, "form": one.name}
    messages.success(request, told)
    return redirect_or_swap(request, to=here)


def summary(request: Request, one: Form, definition: Definition, status: int = 200) -> HttpResponse:
    shown = queries.published(one)
    before = queries.definition_of(shown) if shown else None
    wrong = faults(definition, queries.wordings())
    titles = {question.id: title_of(question) for question in definition.questions}
    context = {
        "form": one,
        "part": "forms",
        "shown": shown,
        "base": identity(definition),
        "definition": definition,
        "signal": signal_word(definition.signal),
        "at_once": len(next_questions(definition, frozenset())),
        "changes": changes(before, definition) if before else [],
        "wrong": list(dict.fromkeys(said(told) for _where, told in wrong)),
        "risks": [(titles.get(own, ""), warned(code)) for own, code in warnings(definition)],
    }
    return show(request, page="capture/form_publish.html", context=context, status=status)


@for_capture
@require_POST
def close(request: Request, public_id: UUID) -> HttpResponse:
    one = load(public_id)
    actions.close(form=one, by=request.user, now=timezone.now())
    messages.success(request, _("%(name)s is closed: it takes no answers any more.") % {"name": one.name})
    return redirect_or_swap(request, to=reverse("capture_form", args=[one.public_id]))


@for_capture
@require_POST
def allow_sites(request: Request, public_id: UUID) -> HttpResponse:
    one = load(public_id)
    given = Sites(request.POST)
    here = reverse("capture_form", args=[one.public_id])
    if not given.is_valid():
        return page(request, one, given)
    try:
        actions.allow_sites(form=one, origins=given.cleaned_data["origins"], by=request.user, now=timezone.now())
    except Cannot as cannot:
        return conflict(request, what=said(cannot), back=here)
    messages.success(request, _("The sites that may show this form are saved."))
    return redirect_or_swap(request, to=here)

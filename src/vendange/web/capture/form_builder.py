"""Building a form: one page that keeps its draft as it is typed, tells what is wrong or risky, and shows the form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vendange.agreement.sentence import Cannot, Sentence
from vendange.ask import actions, queries
from vendange.ask.actions import ChangedMeanwhile
from vendange.ask.rules import BadForm, Definition, as_json, identity, read_definition
from vendange.models import ConsentText, Form, FormVersion
from vendange.web.access import Request, allow, load_or_404
from vendange.web.capture import form_parts
from vendange.web.capture.form_changes import Change, changes
from vendange.web.capture.form_edits import act_on, cannot_read, typed
from vendange.web.capture.form_preview import preview_of
from vendange.web.show import conflict, redirect_or_swap, show, wants_fragment
from vendange.words import said

for_capture = allow("marketing", "admin")
PAGE: Final = "capture/form_build.html"
WHOLE: Final = "capture/_form_built.html"
SAVED: Final = "capture/_form_saved.html"


@dataclass(slots=True)
class Sheet:
    """What is on the table. `base`: the identity of the draft that this was made from; `former`: what it was before."""

    form: Form
    stored: FormVersion
    definition: Definition
    base: str
    told: str = ""
    focus: str = ""
    added: str = ""
    former: Definition | None = None
    theirs: Sequence[Change] = ()
    parted: bool = False
    unread: Mapping[str, Sentence] = field(default_factory=dict)  # what was typed and is no value of its field

    @property
    def former_text(self) -> str:
        return json.dumps(as_json(self.former)) if self.former else ""


@for_capture
@require_http_methods(["GET", "POST"])
def build(request: Request, public_id: UUID) -> HttpResponse:
    """The page, and everything that is done on it: one address, so that it works as plain forms too."""
    form = load_or_404(Form.objects.select_related("source"), public_id=public_id)
    if form.closed_at is not None:
        return closed(request, form)
    sheet = sheet_of(form)
    if request.method != "POST":
        return answer(request, sheet, whole=True)
    act = request.POST.get("act", "")
    take_in(sheet, request, act)
    verb, _space, what = act.partition(" ")
    try:
        keep(sheet, request, timezone.now(), over=what if verb == "mine" else "")
    except ChangedMeanwhile:
        return show_both(request, sheet)
    except Cannot:
        return closed(request, form)
    if verb == "publish" and not sheet.unread:
        return redirect_or_swap(request, to=reverse("capture_form_publish", args=[form.public_id]))
    return answer(request, sheet, whole=bool(act))


def closed(request: Request, form: Form) -> HttpResponse:
    told = _("This form is closed: it takes no answers and no changes any more.")
    return conflict(request, what=told, back=reverse("capture_form", args=[form.public_id]))


def sheet_of(form: Form) -> Sheet:
    stored = queries.newest(form)
    definition = queries.definition_of(stored)
    return Sheet(form, stored, definition, identity(definition))


def take_in(sheet: Sheet, request: Request, act: str) -> None:
    """What was typed, then what was pressed."""
    stored = sheet.definition
    before = typed(request.POST, stored)
    sheet.base = request.POST.get("base", sheet.base)
    sheet.definition, sheet.unread = before, cannot_read(request.POST)
    if act == "undo":
        go_back(sheet, request)
    elif act == "revert":
        revert(sheet)
    elif act == "theirs":
        sheet.definition, sheet.base = stored, identity(stored)
        sheet.told = _("This is their form now. Yours is kept aside.")
    elif act:
        done = act_on(before, act, request.POST)
        sheet.definition, sheet.told, sheet.focus, sheet.added = done.form, done.told, done.focus, done.added
        before = in_order(before, stored) if act.startswith("moved ") else before
    if sheet.told and sheet.definition != before:
        sheet.former = before


def in_order(form: Definition, former: Definition) -> Definition:
    """The same questions as they stood before one was dragged: the page sends its new order only."""
    places = {one.id: place for place, one in enumerate(former.questions)}
    return replace(form, questions=tuple(sorted(form.questions, key=lambda one: places.get(one.id, len(places)))))


def go_back(sheet: Sheet, request: Request) -> None:
    """To the form before the last act; the way forth stays open, too."""
    try:
        sheet.definition = read_definition(json.loads(request.POST.get("former", "")))
    except (ValueError, BadForm, AttributeError):  # it comes from the browser
        return
    sheet.told = _("This is the form as it was before.")


def revert(sheet: Sheet) -> None:
    shown = queries.published(sheet.form)
    if shown is not None:
        sheet.definition = queries.definition_of(shown)
        sheet.told = _("This is the form as it is published.")


def keep(sheet: Sheet, request: Request, now: datetime, *, over: str) -> None:
    """Save the draft when it says something new. `over`: a colleague's text that was read and is to be replaced."""
    if sheet.definition == queries.definition_of(sheet.stored):
        sheet.base = identity(sheet.definition)
        return
    sheet.stored = actions.save(
        form=sheet.form, definition=sheet.definition, by=request.user, now=now, base=over or sheet.base
    )
    sheet.base = identity(sheet.definition)


def show_both(request: Request, sheet: Sheet) -> HttpResponse:
    """Somebody else changed the draft: nothing is saved and nothing typed is lost, until it is decided which holds."""
    sheet.stored = queries.newest(sheet.form)
    sheet.theirs = changes(sheet.definition, queries.definition_of(sheet.stored))
    sheet.parted, sheet.told, sheet.former = True, "", None
    return answer(request, sheet, whole=True, status=409)


def answer(request: Request, sheet: Sheet, *, whole: bool, status: int = 200) -> HttpResponse:
    texts = list(queries.texts())
    unread = {name: [said(told)] for name, told in sheet.unread.items()}
    shown = form_parts.parts(sheet.definition, texts, open_one=sheet.added)
    context: dict[str, Any] = {
        "sheet": sheet,
        "form": sheet.form,
        "part": "forms",
        "theirs_identity": identity(queries.definition_of(sheet.stored)) if sheet.parted else "",
        **shown,
        "wrong": {**shown["wrong"], **unread},
        "faults": shown["faults"] + len(unread),
        "most": request.POST.get("ask_at_most", "") if unread else sheet.definition.ask_at_most or "",
        "unpublished": unpublished(sheet),
        "preview": preview_of(sheet.definition, texts_shown(sheet.definition, texts), request.POST),
    }
    if not whole and wants_fragment(request):
        response = show(request, page=SAVED, fragment=SAVED, context=context)
        response["HX-Reswap"] = "none"
        return response
    if sheet.told and not wants_fragment(request):
        messages.info(request, sheet.told)
    return show(request, page=PAGE, fragment=WHOLE, context=context, status=status)


def unpublished(sheet: Sheet) -> bool:
    """The draft says something that visitors do not see yet."""
    return sheet.stored.published_at is None or sheet.parted


def texts_shown(definition: Definition, texts: Sequence[ConsentText]) -> Mapping[str, str]:
    known = {one.code: one.text for one in texts}
    if all(box.wording in known for box in definition.consents):
        return known
    return {**known, **queries.texts_of(definition)}


def refusal(wrong: BadForm) -> list[str]:
    """Each fault once, in the language of the reader."""
    return list(dict.fromkeys(said(told) for _where, told in wrong.faults))

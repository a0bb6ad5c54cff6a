"""Writing an agreement: the guided form and the text side by side, each following the other; nothing typed is lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vendange.agree import actions
from vendange.agree.actions import CannotSign, ChangedMeanwhile
from vendange.agree.queries import NoAgreement, Terms, in_force
from vendange.agreement.language import load, load_kept
from vendange.agreement.problems import NotAnAgreement, Problem
from vendange.agreement.terms import Agreement
from vendange.agreement.written import Written, read
from vendange.agreement.yaml_tree import MOST_BYTES
from vendange.models import AgreementVersion, Signature, Wording
from vendange.web.access import Request, allow, load_or_404
from vendange.web.agreement.comparing import comparison
from vendange.web.agreement.edits import act_on, edited
from vendange.web.agreement.grid import grid_of
from vendange.web.agreement.guided import Form
from vendange.web.agreement.guided_fields import Guided
from vendange.web.agreement.pages import MAY_DRAFT
from vendange.web.agreement.trying import Preview, Tested, TooMuch, find_people, person_of, preview_of, tested
from vendange.web.show import redirect_or_swap, show, wants_fragment
from vendange.words import said

PAGE: Final = "agreement/write.html"
PARTS: Final = "agreement/_write_parts.html"


@dataclass(frozen=True, slots=True)
class Wrong:
    """One problem of the text, in the language of the reader."""

    line: int
    what: str
    remedy: str
    where: str


@dataclass(slots=True)
class Sheet:
    """What is on the table: the text as typed, what it says, and what was asked of it.

    `valid` is the last text that could be loaded, `base` the identity of the text that this one was made from: it moves
    only by saving or by a decision. `anew`: what is saved becomes a version of its own, because this one is no draft.
    """

    version: AgreementVersion
    text: str
    valid: str
    base: str
    anew: bool
    held: Terms | None
    problems: Sequence[Problem] = ()
    refused: list[str] = field(default_factory=list)
    agreement: Agreement | None = None
    added: str = ""
    parted: bool = False  # somebody else changed the draft meanwhile, and nobody has decided yet which text holds
    changes: Sequence[Any] = ()  # what they changed, in words
    signed: str | None = None  # the signature that the page told of, "" for none
    told: str = ""  # what was just done, with the text and the base before it, to go back to
    former: str = ""
    former_base: str = ""
    people: Sequence[Any] | None = None  # whom a search found
    query: str = ""
    tested: Tested | None = None
    preview: Preview | None = None

    def check(self) -> None:
        """Load the text; a valid one becomes the last valid one."""
        try:
            self.agreement, self.problems = load(self.text), ()
            self.valid = self.text
        except NotAnAgreement as wrong:
            self.agreement, self.problems = None, wrong.problems

    @property
    def last_valid(self) -> Agreement:
        try:
            return load_kept(self.valid)
        except NotAnAgreement:  # sent along by the browser: ours again
            self.valid = self.version.text
            return self.version.terms

    @property
    def is_behind(self) -> bool:
        """The draft says something else by now than what this text was made from."""
        return not self.anew and self.version.status == "draft" and self.base not in {"", self.version.sha}

    @property
    def voids(self) -> Signature | None:
        """The signature of the draft as it is, which ends when another text is saved into it."""
        return None if self.anew else self.version.signatures.filter(void_at=None).select_related("user").first()

    def keep_former(self, told: str, text: str, base: str) -> None:
        self.told, self.former, self.former_base = told, text, base

    @property
    def name(self) -> str:
        return _("this draft") if self.anew else f"v{self.version.number}"


@allow(*MAY_DRAFT)
@require_http_methods(["GET", "POST"])
def write(request: Request, number: int) -> HttpResponse:
    """The page, and everything that is done on it: one address, so that it works as plain forms too."""
    version = load_or_404(AgreementVersion.objects.all(), number=number)
    now = timezone.now()
    sheet = sheet_of(request, version, now)
    if request.method != "POST":
        sheet.check()
        return answer(request, sheet, now)
    act = request.POST.get("act", "")
    verb, _space, what = act.partition(" ")
    sheet.text, sheet.refused = edited(sheet.text, request.POST)
    if verb == "theirs":
        take_theirs(sheet)
    elif verb == "undo":
        go_back(sheet, request)
    else:
        change_entries(sheet, act, request)
    sheet.check()
    if verb in {"save", "mine"}:
        return save(request, sheet, now, over=what)
    attempt(request, sheet, act, now)
    return answer(request, sheet, now)


def change_entries(sheet: Sheet, act: str, request: Request) -> None:
    """Add, remove, on or off; what is taken out can be put back."""
    before = sheet.text
    sheet.text, place, told = act_on(before, act, request.POST, held_text(sheet))
    sheet.refused += told
    verb = act.partition(" ")[0]
    sheet.added = "" if verb == "off" else place
    if verb in {"remove", "off"} and sheet.text != before:
        gone = _("Taken out: %(name)s.") % {"name": Form(read(before), None, None, ()).title(place)}
        sheet.keep_former(gone, before, sheet.base)


def go_back(sheet: Sheet, request: Request) -> None:
    """To the text before the last act; the way forth stays open, too."""
    former = request.POST.get("former", "").replace("\r\n", "\n")
    if not former:
        return
    text, base = sheet.text, sheet.base
    sheet.text, sheet.base = former, request.POST.get("former_base", base)
    sheet.keep_former(_("This is the text as it was before."), text, base)


def take_theirs(sheet: Sheet) -> None:
    """The colleague's text instead of what was typed here, which is kept at hand."""
    sheet.keep_former(_("This is their text now. Yours is kept aside."), sheet.text, sheet.base)
    sheet.text, sheet.base = sheet.version.text, sheet.version.sha


def sheet_of(request: Request, version: AgreementVersion, now: datetime) -> Sheet:
    try:
        held = in_force(now)
    except NoAgreement:
        held = None
    sheet = Sheet(version, version.text, version.text, version.sha, version.status != "draft", held)
    if request.method == "POST" and "text" in request.POST:
        sheet.text = request.POST["text"].replace("\r\n", "\n")
        sheet.valid = request.POST.get("valid", "").replace("\r\n", "\n") or version.text
        sheet.base = request.POST.get("base", "")
        sheet.anew = bool(request.POST.get("anew"))
        sheet.query = request.POST.get("who", "")
        sheet.signed = request.POST.get("signed")
    return sheet


def held_text(sheet: Sheet) -> str:
    return sheet.held.version.text if sheet.held else ""


def attempt(request: Request, sheet: Sheet, act: str, now: datetime) -> None:
    """Try the text on one person or on everybody; only a valid one can be tried."""
    verb, _space, what = act.partition(" ")
    # Enter in a field, without script, presses the first button: it says no act.
    if verb == "find" or (not verb and sheet.query and not wants_fragment(request)):
        sheet.people = find_people(request.user, sheet.query)
    if sheet.agreement is None:
        return
    if verb == "test":
        person = person_of(request.user, what)
        sheet.tested = tested(person, sheet.agreement, sheet.name, sheet.held, now) if person else None
    if verb == "preview":
        try:
            sheet.preview = preview_of(sheet.agreement, sheet.held.agreement if sheet.held else None, now)
        except TooMuch as refused:
            sheet.refused.append(said(refused))


def save(request: Request, sheet: Sheet, now: datetime, *, over: str = "") -> HttpResponse:
    """As a version of its own, or into the draft that was opened; what was typed stays whatever happens.

    `over`: the identity of a colleague's text that was read and is to be replaced.
    """
    if sheet.agreement is None:
        return answer(request, sheet, now, status=422)
    try:
        if sheet.anew:
            return save_anew(request, sheet, now)
        signature = sheet.voids if sheet.agreement.sha != sheet.version.sha else None
        if signature and sheet.signed not in {None, str(signature.pk)}:
            return tell_of(signature, request, sheet, now)
        saved = actions.revise(version=sheet.version, text=sheet.text, by=request.user, now=now, sha=over or sheet.base)
    except ChangedMeanwhile:
        sheet.version = AgreementVersion.objects.get(pk=sheet.version.pk)
        return answer(request, sheet, now, status=409)
    except CannotSign as refused:
        sheet.anew = True
        sheet.refused.append(said(refused))
        sheet.refused.append(_("Nothing you typed is lost: saving again makes a version of its own of it."))
        return answer(request, sheet, now, status=409)
    sheet.version, sheet.base = saved, saved.sha
    messages.success(request, saved_in_words(saved, signature))
    if wants_fragment(request):
        return answer(request, sheet, now)
    return redirect_or_swap(request, to=reverse("agreement_write", args=[saved.number]))


def tell_of(signature: Signature, request: Request, sheet: Sheet, now: datetime) -> HttpResponse:
    """Nobody voids a signature that they did not know of."""
    sheet.refused.append(
        _("%(name)s has signed this version since you opened it. Saving again voids the signature.")
        % {"name": signature.user.name}
    )
    return answer(request, sheet, now, status=409)


def saved_in_words(saved: AgreementVersion, signature: Signature | None) -> str:
    told = _("Version %(number)s is saved.") % {"number": saved.number}
    if signature is None:
        return told
    void = _("The signature of %(name)s is void: it was given to the former text.") % {"name": signature.user.name}
    return f"{told} {void}"


def save_anew(request: Request, sheet: Sheet, now: datetime) -> HttpResponse:
    kept = actions.draft(text=sheet.text, by=request.user, now=now)
    if kept.created_at != now and kept.status != "draft":
        sheet.refused.append(
            _("This says the same as version %(number)s: nothing new to sign.") % {"number": kept.number}
        )
        return answer(request, sheet, now, status=422)
    fresh = _("Version %(number)s is drafted. It binds nobody until both heads have signed it.")
    same = _("This says the same as version %(number)s: nothing new to sign.")
    messages.success(request, (fresh if kept.created_at == now else same) % {"number": kept.number})
    return redirect_or_swap(request, to=reverse("agreement_write", args=[kept.number]))


def show_both(sheet: Sheet) -> None:
    """Somebody else changed the draft: what they changed in words, beside what was typed here, until it is decided."""
    sheet.parted = True
    former = Wording.objects.filter(agreement=sheet.version, sha=sheet.base).order_by("-at").first()
    if former:
        sheet.changes = comparison(load_kept(former.text), load_kept(sheet.version.text))
    sheet.refused.append(said(ChangedMeanwhile(sheet.version)))
    sheet.refused.append(_("What you typed is still here, and not saved. Decide which text this version says."))


def answer(request: Request, sheet: Sheet, now: datetime, *, status: int = 200) -> HttpResponse:
    if sheet.is_behind:
        show_both(sheet)
    held = sheet.held.agreement if sheet.held else None
    agreement = sheet.agreement or sheet.last_valid
    written, stale = written_of(sheet)
    base = sheet.preview.base if sheet.preview else None
    lines = sheet.text.split("\n")
    context: dict[str, Any] = {
        "sheet": sheet,
        "version": sheet.version,
        "guided": guided_of(sheet, written, agreement, held),
        "stale": stale,
        "signature": sheet.voids,
        "problems": [Wrong(one.line, said(one.what), said(one.remedy), one.where) for one in sheet.problems],
        "grid": grid_of(
            agreement,
            held,
            name=sheet.name,
            against_name=f"v{sheet.held.version.number}" if sheet.held else "",
            can_move=not stale,
            base=base,
        ),
        "lines": range(1, len(lines) + 1),
        "wrong_lines": {one.line for one in sheet.problems},
        "unsaved": sheet.text != sheet.version.text,
        "most": MOST_BYTES,
        "now": now,
        "calls_now": held.alert if held else frozenset(),
    }
    return show(request, page=PAGE, fragment=PARTS, context=context, status=status)


def written_of(sheet: Sheet) -> tuple[Written, bool]:
    """The places of the text; those of the last valid one, and True, when the text cannot be read at all."""
    try:
        return read(sheet.text), False
    except NotAnAgreement:
        return read(sheet.valid), True


def guided_of(sheet: Sheet, written: Written, agreement: Agreement, held: Agreement | None) -> Guided:
    return Form(written, agreement, held, sheet.problems).guided()

"""Texts of consent: every version with its dates and how many agreed to it, and a new one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from vendange.agreement.sentence import Cannot
from vendange.ask import actions, queries
from vendange.ask.rules import CONSENT_CHANNELS, LANGUAGES, PHONE_PARTS, BadForm
from vendange.models import ConsentText, Form
from vendange.web.access import Request, allow, load_or_404
from vendange.web.capture.form_words import PHONE_PARTS as PART_WORDS
from vendange.web.capture.form_words import PURPOSES, channel_word, language_word, purpose_word
from vendange.web.capture.forms import NewText
from vendange.web.show import conflict, redirect_or_swap, show
from vendange.words import Word, said

for_capture = allow("marketing", "admin")
ICONS = {"email": "mail", "phone": "phone", "sms": "message-square"}


@dataclass(frozen=True, slots=True)
class Version:
    text: ConsentText
    lines: Sequence[tuple[Word, str]]  # the five things of a consent to calls, each with its sentence
    agreed: int
    forms: Sequence[str]  # that show it now


@dataclass(frozen=True, slots=True)
class Group:
    """One question of consent: a channel, a purpose, a language. The newest version first."""

    channel: str
    channel_word: Word
    icon: str
    purpose_word: Word
    language: str
    language_word: Word
    versions: Sequence[Version]
    again: str  # the query that begins a new version


@for_capture
@require_http_methods(["GET", "POST"])
def texts(request: Request) -> HttpResponse:
    wanted = form_wanted(request.GET)
    if request.method != "POST":
        return page(request, NewText(initial=begun(request.GET)), wanted)
    new = NewText(request.POST)
    if new.is_valid() and (made := kept(request, new)):
        told = _("Version %(number)s is saved. Forms show it once it is chosen there and they are published.")
        messages.success(request, told % {"number": made.version})
        back = reverse("capture_form_build", args=[wanted.public_id]) if wanted else reverse("capture_consents")
        return redirect_or_swap(request, to=back)
    return page(request, new, wanted, status=422)


def form_wanted(given: QueryDict) -> Form | None:
    """The form from whose builder somebody came, to go back there."""
    try:
        return Form.objects.filter(public_id=UUID(given.get("form", ""))).first()
    except ValueError:
        return None


def kept(request: Request, new: NewText) -> ConsentText | None:
    given = new.cleaned_data
    try:
        return actions.add_text(
            channel=given["channel"],
            purpose=given["purpose"],
            language=given["language"],
            text=new.wording(),
            by=request.user,
            now=timezone.now(),
        )
    except BadForm as wrong:
        for place, told in wrong.faults:
            new.add_error(place if place in new.fields else "text", said(told))
    return None


def begun(given: QueryDict) -> dict[str, str]:
    """A new version begins with the words of the last one."""
    channel, language = given.get("channel", ""), given.get("language", "")
    found = {
        "channel": channel if channel in CONSENT_CHANNELS else "email",
        "language": language if language in LANGUAGES else (get_language() or "en")[:2],
        "purpose": given.get("purpose", "")[:40] or "news",
    }
    last = queries.texts(channel=found["channel"], language=found["language"], retired=True)
    before = last.filter(purpose=found["purpose"]).first() if given.get("purpose") else None
    if before is None:
        return found
    parts = dict(zip(PHONE_PARTS, before.text.split("\n"), strict=False)) if before.channel == "phone" else {}
    return {**found, "text": before.text, **parts}


def page(request: Request, new: NewText, wanted: Form | None, status: int = 200) -> HttpResponse:
    context = {
        "part": "forms",
        "groups": groups(),
        "new": new,
        "parts": [(new[part], *PART_WORDS[part]) for part in PHONE_PARTS],
        "purposes": list(PURPOSES.items()),
        "for_form": wanted,
    }
    return show(request, page="capture/consents.html", context=context, status=status)


def groups() -> list[Group]:
    agreed, used = queries.agreed(), queries.used_in(queries.shown())
    rows = groupby(queries.texts(retired=True), key=lambda one: (one.channel, one.purpose, one.language))
    return [group(key, [version(one, agreed, used) for one in found]) for key, found in rows]


def version(one: ConsentText, agreed: Mapping[str, int], used: Mapping[str, list[str]]) -> Version:
    lines = one.text.split("\n") if one.channel == "phone" else []
    words = [PART_WORDS[part][0] for part in PHONE_PARTS]
    return Version(one, list(zip(words, lines, strict=False)), agreed.get(one.code, 0), used.get(one.code, ()))


def group(key: tuple[str, str, str], versions: Sequence[Version]) -> Group:
    channel, purpose, language = key
    query = QueryDict(mutable=True)
    query.update({"channel": channel, "purpose": purpose, "language": language})
    return Group(
        channel,
        channel_word(channel),
        ICONS.get(channel, "message-square"),
        purpose_word(purpose),
        language,
        language_word(language),
        versions,
        f"?{query.urlencode()}",
    )


@for_capture
@require_POST
def retire(request: Request, number: int) -> HttpResponse:
    one = load_or_404(ConsentText.objects.all(), pk=min(number, 2**63 - 1))
    try:
        actions.retire_text(text=one, by=request.user, now=timezone.now())
    except Cannot as cannot:
        return conflict(request, what=said(cannot), back=reverse("capture_consents"))
    messages.success(request, _("This text is no longer offered. It stays as the proof of consents given before."))
    return redirect_or_swap(request, to="capture_consents")

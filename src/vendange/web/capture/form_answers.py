"""What came in through a form: page by page, by day, person and confirmation; and as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from vendange.ask import queries
from vendange.ask.rules import Question
from vendange.models import ConsentText, Form, Submission
from vendange.web.access import Request, allow, load_or_404
from vendange.web.answers_said import answer_said
from vendange.web.called import colon
from vendange.web.capture.form_file import CAMPAIGN, lines
from vendange.web.capture.form_words import channel_word, purpose_word, title_of
from vendange.web.capture.forms import Wanted
from vendange.web.consents import in_one_line, text_called, text_named
from vendange.web.paging import address, page_by_moment
from vendange.web.show import show

for_capture = allow("marketing", "admin")


@dataclass(frozen=True, slots=True)
class Agreed:
    """A box that was ticked: what for, what it still lacks to count, and the words that stood beside it."""

    about: str
    words: str
    language: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as people read it; `state`: "", confirmed, waiting or late."""

    submission: Submission
    given: Sequence[tuple[str, str]]
    consents: Sequence[Agreed]
    came_by: Sequence[str]
    state: str


@for_capture
@require_GET
def answers(request: Request, public_id: UUID) -> HttpResponse:
    form = load_or_404(Form.objects.select_related("source"), public_id=public_id)
    wanted = Wanted(request.GET)
    given = wanted.cleaned_data if wanted.is_valid() else {}
    found = queries.answered(
        form,
        since=given.get("since"),
        until=given.get("until"),
        who=given.get("q", ""),
        which=given.get("which", ""),
    )
    page = page_by_moment(found, "at", request.GET.get("after", ""))
    asked = asked_in(form)
    texts = queries.texts_called({box.get("wording", "") for one in page.rows for box in one.consents})
    context = {
        "form": form,
        "part": "forms",
        "wanted": wanted,
        "filtered": any(given.values()),
        "total": found.count(),
        "answers": [read(one, asked, texts, timezone.now()) for one in page.rows],
        "page": page,
        "next": address(request.GET, after=page.after) if page.after else "",
        "first": address(request.GET),
    }
    return show(request, page="capture/form_answers.html", context=context)


def asked_in(form: Form) -> Mapping[tuple[int, str], Question]:
    """What was asked, by version and id: an answer keeps its question."""
    return {
        (version.number, question.id): question
        for version in form.versions.all()
        for question in queries.definition_of(version).questions
    }


def read(
    one: Submission, asked: Mapping[tuple[int, str], Question], texts: Mapping[str, ConsentText], now: datetime
) -> Answer:
    questions = {name: asked.get((one.version, name)) or Question(id=name) for name in one.answers}
    return Answer(
        one,
        [(title_of(questions[name]), said(questions[name], value)) for name, value in one.answers.items()],
        [agreed(box, one, texts) for box in one.consents],
        [f"{name.removeprefix('utm_')}{colon()}{one.campaign[name]}" for name in CAMPAIGN if one.campaign.get(name)],
        state_of(one, now),
    )


def said(question: Question, value: object) -> str:
    each = value if isinstance(value, list) else [value]
    return " · ".join(answer_said(question.kind, str(one)) for one in each)


def agreed(box: Mapping[str, Any], one: Submission, texts: Mapping[str, ConsentText]) -> Agreed:
    text = texts.get(box.get("wording", ""))
    return Agreed(consent(box, one, text), in_one_line(text.text) if text else "", text.language if text else "")


def consent(box: Mapping[str, Any], one: Submission, text: ConsentText | None) -> str:
    """What was agreed to, and what it still lacks to count."""
    which = text_called(text) if text else text_named(box.get("wording", "").rpartition("/")[2], "")
    told = {"channel": channel_word(box["channel"]), "purpose": purpose_word(box["purpose"]), "text": which}
    said_so = _("%(channel)s, %(purpose)s (%(text)s)") % told
    if one.confirmed_at is not None or not box.get("pending"):
        return said_so
    if box.get("machine"):
        return _("%(consent)s: a machine sent it, it does not count") % {"consent": said_so}
    if not one.confirm_key:
        return _("%(consent)s: no letter was sent, it does not count") % {"consent": said_so}
    return _("%(consent)s: counts once it is confirmed") % {"consent": said_so}


def state_of(one: Submission, now: datetime) -> str:
    if one.confirmed_at is not None:
        return "confirmed"
    if not one.confirm_key:
        return ""
    return "late" if one.confirm_until and now > one.confirm_until else "waiting"


@for_capture
@require_GET
def as_file(request: Request, public_id: UUID) -> HttpResponse:
    form = load_or_404(Form.objects.all(), public_id=public_id)
    name = f"{slugify(form.name) or 'form'}-{timezone.localdate().isoformat()}.csv"
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "Cache-Control": "no-store",
    }
    return HttpResponse("".join(lines(form)), content_type="text/csv; charset=utf-8", headers=headers)

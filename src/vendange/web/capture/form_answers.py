"""What came in through a form: page by page, by day, person and confirmation; and as a file."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from vendange.ask import queries
from vendange.ask.rules import Question
from vendange.models import Form, Submission
from vendange.web.access import Request, allow, load_or_404
from vendange.web.capture.form_words import channel_word, purpose_word, title_of
from vendange.web.capture.forms import Wanted
from vendange.web.paging import address, page_by_moment
from vendange.web.show import show

for_capture = allow("marketing", "admin")
BOM: Final = "\ufeff"  # spreadsheets take the file for UTF-8 by it
CAMPAIGN: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as people read it; `state`: "", confirmed, waiting or late."""

    submission: Submission
    given: Sequence[tuple[str, str]]
    consents: Sequence[str]
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
    titles = titles_of(form)
    context = {
        "form": form,
        "part": "forms",
        "wanted": wanted,
        "filtered": any(given.values()),
        "total": found.count(),
        "answers": [read(one, titles, timezone.now()) for one in page.rows],
        "page": page,
        "next": address(request.GET, after=page.after) if page.after else "",
        "first": address(request.GET),
    }
    return show(request, page="capture/form_answers.html", context=context)


def titles_of(form: Form) -> Mapping[tuple[int, str], str]:
    """What each question was called, by version and id: an answer keeps its question."""
    asked: dict[tuple[int, str], str] = {}
    for version in form.versions.all():
        for question in queries.definition_of(version).questions:
            asked[version.number, question.id] = title_of(question)
    return asked


def read(one: Submission, titles: Mapping[tuple[int, str], str], now: datetime) -> Answer:
    return Answer(
        one,
        [(titles.get((one.version, name)) or plain(name), said(value)) for name, value in one.answers.items()],
        [consent(box, one) for box in one.consents],
        [f"{name.removeprefix('utm_')}: {one.campaign[name]}" for name in CAMPAIGN if one.campaign.get(name)],
        state_of(one, now),
    )


def plain(name: str) -> str:
    return title_of(Question(id=name))


def said(value: object) -> str:
    return " · ".join(map(str, value)) if isinstance(value, list) else str(value)


def consent(box: Mapping[str, Any], one: Submission) -> str:
    """What was agreed to, and what it still lacks to count."""
    number = box.get("wording", "").rpartition("/")[2]
    told = {"channel": channel_word(box["channel"]), "purpose": purpose_word(box["purpose"]), "number": number}
    said_so = _("%(channel)s, %(purpose)s (text %(number)s)") % told
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


class Echo:
    """A file that gives back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


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


def lines(form: Form) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield BOM
    yield from (writer.writerow(row) for row in queries.as_rows(form))

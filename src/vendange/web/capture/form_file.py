"""The answers to a form as a file for a spreadsheet: a column for every question ever asked, under the words it had."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from vendange.ask import queries
from vendange.ask.rules import Question
from vendange.models import ConsentText, Form, Submission
from vendange.web.answers_said import answer_said
from vendange.web.capture.form_words import channel_word, purpose_word, title_of
from vendange.web.consents import in_one_line, text_called

BOM: Final = "\ufeff"  # spreadsheets take the file for UTF-8 by it
CAMPAIGN: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
AT_ONCE: Final = 2_000
Box = tuple[str, str]  # channel, purpose


class Echo:
    """A file that gives back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def lines(form: Form) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield BOM
    yield from (writer.writerow([queries.harmless(text) for text in row]) for row in rows(form))


def rows(form: Form) -> Iterator[list[str]]:
    """A heading, then a line for each answer, oldest first."""
    asked = queries.asked_by(form)
    boxes, texts = boxes_of(form)
    yield [
        _("Answered at"), _("Version of the form"), *headings(asked), *map(box_named, boxes), _("Page"), _("Referrer"),
        *CAMPAIGN, _("Confirmed at"),
    ]  # fmt: skip
    for one in form.submissions.order_by("at", "pk").iterator(chunk_size=AT_ONCE):
        ticked = {box_of(box): consent_said(box, one, texts) for box in one.consents}
        yield [
            one.at.isoformat(),
            str(one.version),
            *(said(question, one.answers.get(name, "")) for name, question in asked.items()),
            *(ticked.get(box, "") for box in boxes),
            one.page,
            one.referrer,
            *(str(one.campaign.get(name, "")) for name in CAMPAIGN),
            one.confirmed_at.isoformat() if one.confirmed_at else "",
        ]


def headings(asked: Mapping[str, Question]) -> list[str]:
    """What each question was called last; two of one name are told apart by their ids."""
    titles = {name: title_of(question) for name, question in asked.items()}
    times = Counter(titles.values())
    return [title if times[title] == 1 else f"{title} ({name})" for name, title in titles.items()]


def boxes_of(form: Form) -> tuple[list[Box], Mapping[str, ConsentText]]:
    """Every box that was ever ticked, in order, and the texts that were read beside them."""
    ticked = [box for boxes in form.submissions.values_list("consents", flat=True) for box in boxes]
    return sorted({box_of(box) for box in ticked}), queries.texts_called({box.get("wording", "") for box in ticked})


def box_of(box: Mapping[str, Any]) -> Box:
    return box["channel"], box["purpose"]


def box_named(box: Box) -> str:
    return _("Consent: %(channel)s, %(purpose)s") % {"channel": channel_word(box[0]), "purpose": purpose_word(box[1])}


def said(question: Question, value: object) -> str:
    each: Sequence[object] = value if isinstance(value, list) else [value]
    return "; ".join(answer_said(question.kind, str(one)) for one in each)


def consent_said(box: Mapping[str, Any], one: Submission, texts: Mapping[str, ConsentText]) -> str:
    """The words that were agreed to, which text they are, and what the consent lacks to count."""
    code = box.get("wording", "")
    text = texts.get(code)
    words = f"{in_one_line(text.text)} ({text_called(text)})" if text else code
    if not box.get("pending") or one.confirmed_at is not None:
        return words
    doubt = _("sent by a machine") if box.get("machine") else _("not confirmed")
    return f"{words} – {doubt}"

"""A form as a visitor sees it, also as one sees it of whom we know something already: the widgets of the real page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from vendange.ask.rules import Definition, next_questions
from vendange.engine.form_words import FORM_WORDS
from vendange.web.capture.form_words import title_of
from vendange.web.forms.asked import Asked, asked
from vendange.words import Word, said_each

WIDTHS: Final[Mapping[str, Word]] = {"desk": _("Computer"), "phone": _("Phone")}


@dataclass(frozen=True, slots=True)
class Tick:
    """Something that may be known of a visitor."""

    field: str
    title: str
    known: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """`words`: the form's own small words, in its language."""

    form: Definition
    asked: Sequence[Asked]
    boxes: Sequence[str]
    words: Mapping[str, str]
    ticks: Sequence[Tick]
    some_known: bool
    width: str


def preview_of(form: Definition, texts: Mapping[str, str], posted: QueryDict) -> Preview:
    known = frozenset(posted.getlist("known"))
    stay = {one.field for one in form.questions if one.always or one.field == "email"}
    ticks = [Tick(one.field, title_of(one), one.field in known) for one in form.questions if one.field not in stay]
    width = posted.get("width", "")
    words = words_in(form.language)
    # Names of their own, so that no field of the preview is taken for one of the page around it.
    questions = [replace(one, id=f"p-{one.id}", about=one.field) for one in next_questions(form, known)]
    with override(form.language):
        drawn = asked(questions, {}, {}, form.language, words)
    return Preview(
        form=form,
        asked=drawn,
        boxes=[" ".join(texts[box.wording].split("\n")) for box in form.consents if box.wording in texts],
        words=words,
        ticks=ticks,
        some_known=any(one.known for one in ticks),
        width=width if width in WIDTHS else "desk",
    )


def words_in(language: str) -> Mapping[str, str]:
    with override(language):
        return said_each(FORM_WORDS)

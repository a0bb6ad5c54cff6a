"""A form as a visitor sees it, also as one sees it of whom we know something already."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.http import QueryDict
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from vendange.ask.rules import Definition, Question, next_questions
from vendange.web.capture.form_words import button_of, title_of
from vendange.words import Word

INPUT_TYPES: Final = {"email": "email", "phone": "tel", "date": "date"}
INPUT_MODES: Final = {"number": "decimal", "phone": "tel", "email": "email"}
WIDTHS: Final[Mapping[str, Word]] = {"desk": _("Computer"), "phone": _("Phone")}
COUNTRIES: Final = ("FR", "BE", "CH", "LU", "DE", "ES", "IT", "GB", "NL", "US")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with the widget it gets."""

    question: Question
    kind: str
    type: str
    mode: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Something that may be known of a visitor."""

    field: str
    title: str
    known: bool


@dataclass(frozen=True, slots=True)
class Marks:
    """The form's own small words, in its language."""

    required: str
    choose: str
    yes: str
    no: str


@dataclass(frozen=True, slots=True)
class Preview:
    form: Definition
    asked: Sequence[Asked]
    boxes: Sequence[str]
    button: str
    words: Marks
    ticks: Sequence[Tick]
    some_known: bool
    width: str
    other_language: str  # the language of the form when the page speaks another one


def preview_of(form: Definition, texts: Mapping[str, str], posted: QueryDict) -> Preview:
    known = frozenset(posted.getlist("known"))
    stay = {one.field for one in form.questions if one.always or one.field == "email"}
    ticks = [Tick(one.field, title_of(one), one.field in known) for one in form.questions if one.field not in stay]
    width = posted.get("width", "")
    return Preview(
        form=form,
        asked=list(asked(next_questions(form, known))),
        boxes=[" ".join(texts[box.wording].split("\n")) for box in form.consents if box.wording in texts],
        button=button_of(form),
        words=marks_of(form.language),
        ticks=ticks,
        some_known=any(one.known for one in ticks),
        width=width if width in WIDTHS else "desk",
        other_language=form.language if form.language != get_language() else "",
    )


def asked(questions: Iterable[Question]) -> Iterable[Asked]:
    for one in questions:
        yield Asked(one, one.kind, INPUT_TYPES.get(one.kind, "text"), INPUT_MODES.get(one.kind, "text"))


def marks_of(language: str) -> Marks:
    with override(language):
        return Marks(gettext("required"), gettext("Choose"), gettext("Yes"), gettext("No"))

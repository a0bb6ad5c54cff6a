"""The parts of the builder's page: questions with what is wrong or risky in them, texts, consents, settings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vendange.agreement.sentence import Sentence
from vendange.ask.rules import ConsentAsked, Definition, Fault, Question, asks_phone, faults, next_questions, warnings
from vendange.models import ConsentText
from vendange.web.capture.form_words import (
    KIND_ICONS,
    KINDS,
    KNOWN,
    OWN_KINDS,
    RISKS,
    SIGNALS,
    WITH_OPTIONS,
    Warned,
    channel_word,
    language_word,
    purpose_word,
    signal_word,
    title_of,
)
from vendange.words import Word, said

Choices = Sequence[tuple[str, Word, bool]]  # value, word, chosen
OF_KIND: Final = {"email": ("email",), "phone": ("phone",), "country": ("country",)}


@dataclass(frozen=True, slots=True)
class Row:
    """One question in the builder."""

    question: Question
    title: str
    icon: str
    kind: Word
    kinds: Choices
    has_options: bool
    options: str
    wrong: Sequence[str]
    wants_mention: bool
    warned: Sequence[Warned]
    open: bool


@dataclass(frozen=True, slots=True)
class Box:
    """One box of consent in the builder, and the texts that it could show."""

    asked: ConsentAsked
    channel: Word
    purpose: Word
    text: str
    choices: Choices
    wrong: Sequence[str]


def parts(form: Definition, texts: Sequence[ConsentText], *, open_one: str) -> dict[str, Any]:
    """All that the page shows of a form, for its template."""
    found = faults(form, {one.code: one.text for one in texts})
    risky = warnings(form)
    taken = {one.field for one in form.questions}
    rows = [row(form, at, found, risky, open_one) for at in range(len(form.questions))]
    return {
        "rows": rows,
        "boxes": [box(form, at, texts, found) for at in range(len(form.consents))],
        "wrong": by_place(found),
        "faults": len(found),
        "risks": [warned(code) for own, code in risky if not own],
        "open_risks": sum(not one.kept for part in rows for one in part.warned),
        "addable": [(about, word, KIND_ICONS[kind]) for about, (kind, word) in KNOWN.items() if about not in taken],
        "own_kinds": [(code, KINDS[code]) for code in OWN_KINDS],
        "signals": signals(form.signal),
        "languages_of_form": [(code, language_word(code), code == form.language) for code in ("en", "fr")],
        "new_texts": new_texts(form, texts),
        "at_once": len(next_questions(form, frozenset())),
    }


def by_place(found: Iterable[Fault]) -> dict[str, list[str]]:
    """What is wrong outside the questions and boxes, by the name of the field."""
    places: dict[str, list[str]] = {}
    for place, told in found:
        if "." not in place:
            places.setdefault(place or "form", []).append(said(told))
    return places


def told_at(found: Iterable[Fault], start: str) -> list[tuple[str, Sentence]]:
    return [(place[len(start) :], told) for place, told in found if place.startswith(start)]


def row(form: Definition, at: int, found: Sequence[Fault], risky: Sequence[tuple[str, str]], open_one: str) -> Row:
    one = form.questions[at]
    wrong = told_at(found, f"questions.{at}.")
    lacks_mention = any(name == "help" for name, _ in wrong) and asks_phone(one)
    return Row(
        question=one,
        title=title_of(one),
        icon=KIND_ICONS.get(one.kind, "text-cursor-input"),
        kind=KINDS.get(one.kind, one.kind),
        kinds=[(code, KINDS[code], code == one.kind) for code in kinds_for(one)],
        has_options=one.kind in WITH_OPTIONS,
        options="\n".join(one.options),
        wrong=list(dict.fromkeys(said(told) for _, told in wrong)),
        wants_mention=lacks_mention,
        warned=[warned(code, kept=one.kept) for own, code in risky if own == one.id],
        open=one.id == open_one or bool(wrong),
    )


def kinds_for(one: Question) -> Sequence[str]:
    """Kinds of answer that fit what a question is about; its own always among them."""
    usual = OF_KIND.get(one.field, OWN_KINDS)
    return usual if one.kind in usual else (one.kind, *usual)


def warned(code: str, *, kept: bool = False) -> Warned:
    what, risk = RISKS[code]
    return Warned(code, what, risk, kept)


def box(form: Definition, at: int, texts: Sequence[ConsentText], found: Sequence[Fault]) -> Box:
    one = form.consents[at]
    usable = [text for text in texts if (text.channel, text.purpose) == (one.channel, one.purpose)]
    known = {text.code: text.text for text in usable}
    return Box(
        asked=one,
        channel=channel_word(one.channel),
        purpose=purpose_word(one.purpose),
        text=known.get(one.wording, ""),
        choices=[(text.code, text_word(text), text.code == one.wording) for text in usable],
        wrong=list(dict.fromkeys(said(told) for _, told in told_at(found, f"consents.{at}."))),
    )


def text_word(text: ConsentText) -> str:
    start = " ".join(text.text.split())
    return f"v{text.version} · {start[:70]}{'…' if len(start) > 70 else ''}"


def new_texts(form: Definition, texts: Sequence[ConsentText]) -> Sequence[tuple[str, str]]:
    """The newest text of each channel and purpose that this form does not ask for, in its language."""
    asked = {(one.channel, one.purpose) for one in form.consents}
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for text in texts:
        key = (text.channel, text.purpose)
        if text.language == form.language and key not in asked:
            label = f"{channel_word(text.channel)}, {purpose_word(text.purpose)} · {text_word(text)}"
            found.setdefault(key, (text.code, label))
    return list(found.values())


def signals(chosen: str) -> Choices:
    codes = SIGNALS if chosen in SIGNALS else (chosen, *SIGNALS)
    return [(code, signal_word(code), code == chosen) for code in codes]

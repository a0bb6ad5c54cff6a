"""What colleagues read of a consent: what for, how it was said, in which words, and until when it holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vendange.ask.queries import texts_called
from vendange.models import Consent, ConsentText
from vendange.qualify.queries import last_days
from vendange.qualify.rules import has_ended
from vendange.words import FAMILIES, Word, word

Texts = Mapping[str, ConsentText]


@dataclass(frozen=True, slots=True)
class Told:
    """`about`: what for, how, which text; `words`: those that were read or said, in `language` ("" when not known)."""

    about: str
    words: str = ""
    language: str = ""
    until: datetime | None = None  # its last day, of one that ends by itself
    ended: bool = False


def told_of(said: Iterable[Consent], now: datetime) -> Mapping[int, Told]:
    """Each of these consents as it is read, by its number; two questions to the database for all."""
    rows = list(said)
    texts, until = texts_called({one.wording for one in rows}), last_days(rows)
    return {one.pk: told(one, texts, until.get(one.pk), now) for one in rows}


def told(one: Consent, texts: Texts, until: datetime | None, now: datetime) -> Told:
    text = texts.get(one.wording)
    given = one.status == "given"
    parts = [str(word("purpose", one.purpose)) if given and one.purpose else "", str(method(one.method))]
    parts.append(text_called(text) if text else "")
    # Of a merge the method says all; a code whose text is gone is the proof of nothing that can be read.
    free = "" if text or one.method == "merge" or is_code(one.wording) else one.wording
    return Told(
        about=", ".join(part for part in parts if part),
        words=in_one_line(text.text) if text else free,
        language=text.language if text else "",
        until=until,
        ended=until is not None and has_ended(until, now),
    )


def method(code: str) -> Word:
    """How somebody said it; what colleagues typed stands as they typed it."""
    return FAMILIES["consent_method"].get(code, code)


def text_called(text: ConsentText) -> str:
    """ "text 3", with its language where that is not the reader's."""
    return text_named(text.version, text.language)


def text_named(version: object, language: str) -> str:
    other = {"en": _("text %(number)s, in English"), "fr": _("text %(number)s, in French")}
    same = language == (get_language() or "en")[:2]
    return (_("text %(number)s") if same else other.get(language, _("text %(number)s"))) % {"number": version}


def is_code(wording: str) -> bool:
    """Whether this names a text of ours: email/news/fr/3."""
    parts = wording.split("/")
    return len(parts) == 4 and parts[3].isdecimal()


def in_one_line(text: str) -> str:
    """A consent to calls is written as five lines, and read as one paragraph."""
    return " ".join(text.split("\n"))

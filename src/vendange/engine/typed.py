"""What people type into a field, read as the value it stands for, or a sentence that says what to write instead."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final

from vendange.agreement.sentence import Cannot, Sentence, sentence
from vendange.engine.countries import code_of

KINDS: Final = ("text", "email", "phone", "number", "date", "choice", "choices", "long", "country", "yes_no")
LONGEST: Final = {"text": 500, "long": 5000, "phone": 40, "email": 254}  # characters; 500 for the other kinds
YES: Final = frozenset({"yes", "on", "true", "1", "oui"})
NO: Final = frozenset({"no", "off", "false", "0", "non"})
MAIL: Final = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+\.[^@\s.,;<>\"]{2,63}")


def cleaned(text: str, *, lines: bool) -> str:
    """Without control and invisible characters; on one line, unless `lines` may stay."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    whole = "".join(one if one.isprintable() or (lines and one == "\n") else " " * one.isspace() for one in text)
    return whole.strip() if lines else " ".join(whole.split())


def read(kind: str, written: Sequence[str], *, options: Sequence[str], language: str) -> str | list[str]:
    """The value in the form in which it is kept; raises Cannot with what to do. `written` holds at least one text."""
    longest = LONGEST.get(kind, 500)
    if any(len(text) > longest for text in written):
        raise Cannot(is_too_long(longest))
    if kind in ("choice", "choices"):
        chosen = list(dict.fromkeys(written))
        if not set(chosen) <= set(options):
            raise Cannot(sentence("Please choose one of the answers."))
        return chosen if kind == "choices" else chosen[0]
    if kind == "date":
        return _date(written[0], language)
    return READERS[kind](written[0]) if kind in READERS else written[0]


def is_too_long(most: int) -> Sentence:
    return sentence("This is too long: {most} characters at most.", most=most)


def _mail(text: str) -> str:
    if not MAIL.fullmatch(text) or ".." in text:
        raise Cannot(sentence("This is no e-mail address. It looks like name@company.com."))
    return text


def _phone(text: str) -> str:
    digits = len(re.sub(r"\D", "", text))
    if not 6 <= digits <= 15 or not re.fullmatch(r"\+?[\d\s().,/\-]+", text):
        raise Cannot(sentence("This is no telephone number. Write it with its digits, such as +33 6 12 34 56 78."))
    return text


def _number(text: str) -> str:
    plain = re.sub(r"[\s\u00a0\u202f']", "", text).replace(",", ".")
    if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", plain):
        raise Cannot(sentence("Please write a number in digits."))
    return plain


def _date(text: str, language: str) -> str:
    french = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text) if language == "fr" else None
    try:
        day = date(*(int(part) for part in reversed(french.groups()))) if french else date.fromisoformat(text)
    except ValueError:
        raise Cannot(sentence("This is no date. Write it as 2026-12-31.")) from None
    return day.isoformat()


def _country(text: str) -> str:
    code = code_of(text)
    if not code:
        raise Cannot(sentence("Please choose a country."))
    return code


def _yes_no(text: str) -> str:
    if text.lower() not in YES | NO:
        raise Cannot(sentence("Please choose yes or no."))
    return "yes" if text.lower() in YES else "no"


READERS: Final[Mapping[str, Callable[[str], str]]] = {
    "email": _mail,
    "phone": _phone,
    "number": _number,
    "country": _country,
    "yes_no": _yes_no,
}

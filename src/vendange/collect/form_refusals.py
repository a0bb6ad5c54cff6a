"""What a visitor hears whose answer to a form cannot be taken: a sentence in the form's language, never the operator's.

As JSON for scripts, with what a programmer needs beside; as a plain page for people.
"""

import re

import msgspec
from django.utils.translation import override

from vendange.agreement.sentence import Sentence
from vendange.collect.answers import Answer
from vendange.collect.pages import plain_page
from vendange.collect.protocol import Unreadable
from vendange.engine.countries import LANGUAGES
from vendange.engine.form_words import NO_FORM, UNREADABLE
from vendange.words import said


def refusal(
    status: int,
    code: str,
    text: str,
    *,
    language: str,
    title: str,
    as_json: bool,
    detail: str = "",
    retry_after: int = 0,
) -> Answer:
    """`text` is for the visitor; `detail` for whoever wrote the script or the page."""
    if as_json:
        told = {"ok": False, "code": code, "message": text, **({"detail": detail} if detail else {})}
        return Answer(status, msgspec.json.encode(told), retry_after=retry_after)
    return plain_page(status, [(language, title, text)], retry_after=retry_after)


def unreadable(bad: Unreadable, *, language: str, title: str, as_json: bool) -> Answer:
    text = in_words(UNREADABLE.get(bad.reason, UNREADABLE[""]), language)
    return refusal(bad.status, bad.reason, text, language=language, title=title, as_json=as_json, detail=bad.detail)


def no_form(accepted: str, *, as_json: bool) -> Answer:
    """Nothing is known of a form that is not there: it is said in the language that the browser asks for."""
    language = wanted_language(accepted)
    title, text = (in_words(one, language) for one in NO_FORM)
    detail = "There is no such form. Capture, Forms has the address of each."
    return refusal(404, "no_such_form", text, language=language, title=title, as_json=as_json, detail=detail)


def in_words(told: Sentence, language: str) -> str:
    with override(language):
        return said(told)


def wanted_language(accepted: str) -> str:
    """The first of ours that a header Accept-Language names; its order is what browsers go by."""
    named = re.findall(r"(?:^|,)\s*([a-zA-Z]{2})\b", accepted[:200])
    return next((one.lower() for one in named if one.lower() in LANGUAGES), LANGUAGES[0])

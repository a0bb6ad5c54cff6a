"""What the builder calls things: kinds of question, fields, signals, warnings. In the language of the reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from vendange.ask.rules import Question
from vendange.words import Word, word

KINDS: Final[Mapping[str, Word]] = {
    "text": _("Short text"),
    "long": _("Long text"),
    "choice": _("One answer of several"),
    "choices": _("Several answers"),
    "yes_no": _("Yes or no"),
    "number": _("Number"),
    "date": _("Date"),
    "email": _("E-mail address"),
    "phone": _("Telephone number"),
    "country": _("Country"),
}
KIND_ICONS: Final[Mapping[str, str]] = {
    "text": "text-cursor-input",
    "long": "text-align-start",
    "choice": "circle-dot",
    "choices": "square-check",
    "yes_no": "toggle-left",
    "number": "hash",
    "date": "calendar",
    "email": "mail",
    "phone": "phone",
    "country": "globe",
}
OWN_KINDS: Final = ("text", "long", "choice", "choices", "yes_no", "number", "date")
WITH_OPTIONS: Final = frozenset({"choice", "choices"})

# What we know a field for: how its answer is given, and what the visitor reads. In the order in which it is offered.
KNOWN: Final[Mapping[str, tuple[str, Word]]] = {
    "email": ("email", _("Work e-mail")),
    "first_name": ("text", _("First name")),
    "last_name": ("text", _("Last name")),
    "organisation": ("text", _("Company")),
    "job_title": ("text", _("Job title")),
    "phone": ("phone", _("Phone")),
    "country": ("country", _("Country")),
    "postal_code": ("text", _("Postcode")),
    "city": ("text", _("Town")),
    "employees": ("number", _("How many people work there?")),
    "industry": ("text", _("Industry")),
}

# Kinds of signal that an answer to a form can be.
SIGNALS: Final = (
    "quote_requested", "demo_requested", "callback_requested", "sample_requested", "content_downloaded",
    "webinar_registered", "event_registered", "newsletter_subscribed", "form_submitted",
)  # fmt: skip
CHANNELS: Final[Mapping[str, Word]] = {"email": _("E-mail"), "phone": _("Telephone"), "sms": _("SMS")}
PURPOSES: Final[Mapping[str, Word]] = {code: word("purpose", code) for code in ("news", "prospecting", "events")}
PHONE_PARTS: Final[Mapping[str, tuple[Word, Word]]] = {
    "caller": (
        _("Who calls, about what"),
        _("For example: I agree to be called by Ateliers Rochebrune about its machine tools."),
    ),
    "choice": (_("The choice is free"), _("For example: I am free to refuse: my request is answered either way.")),
    "period": (_("For how long, a year at most"), _("For example: This agreement is valid for 12 months.")),
    "withdrawal": (
        _("How to withdraw"),
        _("For example: I may withdraw at any time, on the phone or by mail to privacy@company.com."),
    ),
    "proof": (
        _("How to get the proof"),
        _("For example: A copy of this agreement is sent to me on request, free of charge."),
    ),
}


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning as it is told: what it is, what the risk is, what can be done."""

    code: str
    what: Word
    risk: Word
    kept: bool = False


RISKS: Final[Mapping[str, tuple[Word, Word]]] = {
    "budget": (
        _("This asks for a budget"),
        _(
            "Few people know it this early, and fewer write it down: they leave, or write anything. Ask it on the"
            " telephone, or keep it here and let no rule trust it alone."
        ),
    ),
    "project": (
        _("This asks for a project or a date"),
        _(
            "“No project” is often the answer of somebody who has one and does not want to be called. Whoever says no"
            " may still be mature: an answer here alone neither opens a lead nor closes it."
        ),
    ),
    "many_required": (
        _("Many questions must be answered"),
        _(
            "Each required question makes some visitors leave. Require what the next step needs, and let the form ask"
            " the rest at their next visits."
        ),
    ),
    "many_questions": (
        _("Many questions are shown at once"),
        _("Show a few at a time: whoever comes back is asked the next ones, never the same twice."),
    ),
    "unconfirmed": (
        _("Nobody confirms these consents"),
        _(
            "Anybody can type any address and tick the boxes. Let a letter ask the mailbox: that is the proof, and in"
            " Germany the only one. People whom you know already are asked by letter in any case."
        ),
    ),
}


def signal_word(code: str) -> Word:
    return word("kind", code)


def channel_word(channel: str) -> Word:
    return CHANNELS.get(channel) or channel


def purpose_word(purpose: str) -> Word:
    return word("purpose", purpose)


def title_of(question: Question) -> str:
    """What a question is called in our own sentences: its label, else its field."""
    return question.label.strip() or question.field.replace("_", " ")


def field_label(about: str, language: str) -> str:
    """What visitors read over a known field, in the language of the form."""
    with override(language):
        return str(KNOWN[about][1])


def mention(language: str) -> str:
    """The sentence that a form asking for a telephone number must carry (C60), in the language of the form."""
    with override(language):
        return gettext("We call you to answer this request. Any sales call needs your consent first.")


def language_word(language: str) -> Word:
    return {"en": _("English"), "fr": _("French")}.get(language) or language

"""Three good forms to begin with, written in the language of the form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from vendange.ask.rules import Definition, Question
from vendange.web.capture.form_words import KNOWN, mention
from vendange.words import Word


@dataclass(frozen=True, slots=True)
class Starter:
    code: str
    icon: str
    name: Word
    about: Word


STARTERS: Final = (
    Starter(
        "quote",
        "file-text",
        gettext_lazy("Quote request"),
        gettext_lazy("What is needed, and whom to call back. Calls a human at once."),
    ),
    Starter(
        "paper",
        "book-open",
        gettext_lazy("White paper"),
        gettext_lazy("Three questions at a time, the next ones at the next visit."),
    ),
    Starter(
        "event",
        "calendar",
        gettext_lazy("Webinar or trade show"),
        gettext_lazy("Who comes, and what they want to hear about."),
    ),
    Starter(
        "empty", "file-plus", gettext_lazy("Empty form"), gettext_lazy("Only the e-mail address; the rest is yours.")
    ),
)


def known(about: str, *, required: bool = False, label: str = "", help: str = "") -> Question:
    """A question about a field that every person has, in the language that is active."""
    kind, usual = KNOWN[about]
    return Question(id=about, about=about, kind=kind, label=label or str(usual), help=help, required=required)


def starter(code: str, language: str) -> Definition:
    """The definition of one of STARTERS; an unknown code gives the empty form."""
    with override(language):
        made = MAKERS.get(code, empty)()
        return replace(made, language=language, submit=made.submit or _("Send"), thanks=made.thanks or _("Thank you."))


def quote() -> Definition:
    return Definition(
        signal="quote_requested",
        title=_("Ask for a quote"),
        intro=_("Tell us what you need. One of us answers within one working day."),
        submit=_("Ask for my quote"),
        thanks=_("Thank you. Your request is with us: one of us answers within one working day."),
        questions=(
            Question(id="need", kind="long", label=_("What do you need?"), required=True),
            known("first_name"),
            known("last_name", required=True),
            known("email", required=True),
            known("organisation", required=True),
            known("phone", help=mention(get_language() or "en")),
            known("postal_code"),
            known("job_title"),
        ),
    )


def paper() -> Definition:
    return Definition(
        signal="content_downloaded",
        title=_("Get the white paper"),
        intro=_("Twelve pages, to read in ten minutes. We send it to your address."),
        submit=_("Send it to me"),
        thanks=_("Thank you. The white paper is on its way to your mailbox."),
        ask_at_most=3,
        questions=(
            known("email", required=True),
            known("last_name"),
            known("organisation"),
            known("job_title"),
            known("first_name"),
            known("industry"),
            known("employees"),
            Question(
                id="subject",
                kind="choice",
                label=_("What brings you to this subject?"),
                options=(_("I am informing myself"), _("I compare solutions"), _("I improve what we have")),
            ),
        ),
    )


def event() -> Definition:
    return Definition(
        signal="webinar_registered",
        title=_("Register for the webinar"),
        intro=_("Forty-five minutes, with time for your questions. The link to join comes by mail."),
        submit=_("Keep my place"),
        thanks=_("Thank you. Your place is kept; the link to join comes by mail."),
        questions=(
            known("first_name", required=True),
            known("last_name", required=True),
            known("email", required=True),
            known("organisation", required=True),
            known("job_title"),
            Question(id="question", kind="long", label=_("What would you like to hear about?")),
        ),
    )


def empty() -> Definition:
    return Definition(title=_("Write to us"), questions=(known("email", required=True),))


MAKERS: Final[Mapping[str, Callable[[], Definition]]] = {"quote": quote, "paper": paper, "event": event}

"""What each mail says: subject, sentences and one link, as plain text and as simple HTML, in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any, Final

from django.conf import settings
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext, override, pgettext
from django.utils.translation import gettext as _

from vendange.ask.rules import secret_of
from vendange.models import Outgoing
from vendange.reach.queries import mark_of
from vendange.reach.rules import returned_to
from vendange.words import word

LONGEST_SUBJECT: Final = 150
Values = Mapping[str, Any]


class Unwritable(Exception):
    """This mail cannot be written: its template is not known, or its address is no address."""


@dataclass(frozen=True, slots=True)
class Said:
    subject: str
    sentences: list[str]
    link: str


@dataclass(frozen=True, slots=True)
class Letter:
    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]
    returns_to: str = ""  # where failures go; "" is to the sender

    def as_message(self) -> EmailMessage:
        message = EmailMessage()
        name, address = parseaddr(self.sender)
        message["From"] = Address(name, addr_spec=address)
        message["To"] = Address(addr_spec=self.recipient)
        message["Subject"] = self.subject
        for header, value in self.headers.items():
            message[header] = value
        message.set_content(self.text)
        message.add_alternative(self.html, subtype="html")
        return message


def write(one: Outgoing) -> Letter:
    """The mail of a row of Outgoing; raises Unwritable."""
    writer = TEMPLATES.get(one.template)
    if writer is None:
        raise Unwritable(f"There is no mail called {one.template}.")
    if any(not letter.isprintable() for letter in one.recipient) or "@" not in one.recipient:
        raise Unwritable(f"{one.recipient!r} is not an address that mail can go to.")
    language = one.language or settings.LANGUAGE_CODE
    with override(language):
        said = writer(one.values)
        greeting = _greeting(one.values)
        text = _as_text(greeting, said, _url(one.values))
        html = _as_html(language, greeting, said, _url(one.values))
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    mark = mark_of(one)
    headers = {
        "Message-ID": f"<{mark}@{host}>",  # the same for every attempt, so that a twin is known as one
        "Date": format_datetime(one.created_at),
        "Auto-Submitted": "auto-generated",
    }
    subject = one_line(said.subject)[:LONGEST_SUBJECT]
    returns_to = returned_to(settings.BOUNCE_ADDRESS, mark) if settings.BOUNCE_ADDRESS else ""
    return Letter(settings.DEFAULT_FROM_EMAIL, one.recipient, subject, text, html, headers, returns_to)


def one_line(text: str) -> str:
    """Text fit for a header: no line ends, no control characters."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _greeting(values: Values) -> str:
    name = _text(values, "name")
    return _("Hello %(name)s,") % {"name": name} if name else _("Hello,")


def _as_text(greeting: str, said: Said, url: str) -> str:
    link = [pgettext("above an address in a mail", "%(act)s:") % {"act": said.link} + f"\n{url}"] if url else []
    return "\n\n".join([greeting, *said.sentences, *link, "-- \nVendange"]) + "\n"


def _as_html(language: str, greeting: str, said: Said, url: str) -> str:
    paragraphs = format_html_join("\n", "<p>{}</p>", ((one,) for one in [greeting, *said.sentences]))
    link = format_html('\n<p><a href="{}">{}</a></p>', url, said.link) if url else ""
    return format_html(
        '<!doctype html>\n<html lang="{}">\n<head><meta charset="utf-8"><title>{}</title></head>\n'
        "<body>\n{}{}\n<p>Vendange</p>\n</body>\n</html>\n",
        language,
        one_line(said.subject),
        paragraphs,
        link,
    )


def _url(values: Values) -> str:
    if seed := _text(values, "seed"):  # a secret is made here, where the letter leaves, and stored nowhere
        return f"{settings.BASE_URL}/f/confirm/{secret_of(settings.SECRET_KEY, seed)}"
    url = _text(values, "url")
    return url if url.startswith(("https://", "http://")) else ""


def _text(values: Values, name: str) -> str:
    return one_line(str(values.get(name) or ""))


def _lead(values: Values) -> str:
    """Who the lead is, whatever we know: a mail never shows a hole."""
    person, organisation = _text(values, "lead_name"), _text(values, "organisation")
    if person and organisation:
        return f"{person} ({organisation})"
    return person or organisation or _("a lead without a name")


def _moment(values: Values, name: str) -> str:
    """A moment of the values (ISO 8601) as people write it, in the company's time zone; "" when there is none."""
    try:
        moment = datetime.fromisoformat(str(values.get(name) or ""))
    except ValueError:
        return ""
    return date_format(localtime(moment), pgettext("format of a moment in a mail", "l j F, G:i"))


def _by(sentence: str, values: Values, name: str) -> list[str]:
    """The sentence with its moment, or nothing when the moment is not known."""
    moment = _moment(values, name)
    return [sentence % {"moment": moment}] if moment else []


def _because(family: str, values: Values) -> str:
    code = _text(values, "because")
    return str(word(family, code)) if code else ""


def _grade(values: Values) -> list[str]:
    grade = _text(values, "grade")
    return [_("Grade: %(grade)s.") % {"grade": grade}] if grade else []


def lead_assigned(values: Values) -> Said:
    return Said(
        _("New lead for you: %(lead)s") % {"lead": _lead(values)},
        [
            _("%(lead)s has been qualified by the lead desk and is now yours.") % {"lead": _lead(values)},
            *_grade(values),
            *_by(_("Please accept or decline it before %(moment)s."), values, "accept_by"),
            *_by(_("Please call before %(moment)s."), values, "call_by"),
        ],
        _("Open the lead"),
    )


def lead_reassigned_to_you(values: Values) -> Said:
    return Said(
        _("A lead comes to you: %(lead)s") % {"lead": _lead(values)},
        [
            _("%(lead)s was with a colleague and is now yours. It has waited already: the sooner you call, the better.")
            % {"lead": _lead(values)},
            *_grade(values),
            *_by(_("Please accept or decline it before %(moment)s."), values, "accept_by"),
            *_by(_("Please call before %(moment)s."), values, "call_by"),
        ],
        _("Open the lead"),
    )


def lead_reassigned_away(values: Values) -> Said:
    because = _because("ended_because", values)
    return Said(
        _("No longer yours: %(lead)s") % {"lead": _lead(values)},
        [
            _("%(lead)s has been given to a colleague. You have nothing more to do.") % {"lead": _lead(values)},
            *([_("Reason: %(reason)s.") % {"reason": because}] if because else []),
        ],
        _("See what happened"),
    )


def lead_reminder(values: Values) -> Said:
    salesperson = _text(values, "salesperson")
    who = [_("It is with %(name)s.") % {"name": salesperson}] if salesperson else []
    return Said(
        _("Not called yet: %(lead)s") % {"lead": _lead(values)},
        [
            _("%(lead)s should have been called by now.") % {"lead": _lead(values)},
            *who,
            *_by(_("Without a call before %(moment)s, the lead goes to a colleague."), values, "reassign_at"),
        ],
        _("Open the lead"),
    )


def lead_cooled(values: Values) -> Said:
    before, after = (str(word("temperature", _text(values, name))).lower() for name in ("before", "after"))
    fell = [_("Temperature: from %(before)s to %(after)s.") % {"before": before, "after": after}]
    return Said(
        _("Interest has fallen: %(lead)s") % {"lead": _lead(values)},
        [
            _("The interest of %(lead)s has fallen since their last act. The lead stays with you.")
            % {"lead": _lead(values)},
            *(fell if before and after else []),
            *_by(_("Last act: %(moment)s."), values, "last_act_at"),
        ],
        _("Open the lead"),
    )


def leads_late_on_desk(values: Values) -> Said:
    count = int(values.get("count") or 1)
    told = ngettext(
        "%(count)s alert has waited on the lead desk longer than the agreement allows.",
        "%(count)s alerts have waited on the lead desk longer than the agreement allows.",
        count,
    )
    subject = ngettext("%(count)s alert is late on the lead desk", "%(count)s alerts are late on the lead desk", count)
    return Said(subject % {"count": count}, [told % {"count": count}], _("Open the desk"))


def lead_returned(values: Values) -> Said:
    code, words = _text(values, "reason"), values.get("words") or {}
    reason = one_line(str(words.get(get_language() or "", ""))) or code.replace("_", " ").replace("-", " ")
    note = _text(values, "note")
    attempts = int(values.get("attempts") or 0)
    tried = ngettext("%(count)s call was made before.", "%(count)s calls were made before.", attempts)
    return Said(
        _("Given back by sales: %(lead)s") % {"lead": _lead(values)},
        [
            _("%(lead)s, which you passed to sales, has been given back.") % {"lead": _lead(values)},
            *([_("Reason: %(reason)s.") % {"reason": reason}] if reason else []),
            *([_("Note: %(note)s") % {"note": note}] if note else []),
            *([tried % {"count": attempts}] if attempts else []),
        ],
        _("Open the lead"),
    )


def lead_in_nobody_queue(values: Values) -> Said:
    because = _because("nobody_because", values)
    return Said(
        _("Nobody to call: %(lead)s") % {"lead": _lead(values)},
        [
            _("%(lead)s is ready for sales, and no salesperson could be found.") % {"lead": _lead(values)},
            *([_("Reason: %(reason)s.") % {"reason": because}] if because else []),
            _("We look again by ourselves; you can also choose somebody now."),
        ],
        _("Open the lead"),
    )


def _agreement(values: Values) -> dict[str, str]:
    return {"number": _text(values, "number"), "who": _text(values, "who") or _("A colleague")}


def _reason(values: Values) -> list[str]:
    reason = _text(values, "reason")
    return [_("Reason: %(reason)s.") % {"reason": reason.rstrip(".")}] if reason else []


def agreement_awaits_you(values: Values) -> Said:
    told = _agreement(values)
    return Said(
        _("Agreement v%(number)s waits for your signature") % told,
        [
            _("%(who)s has signed version %(number)s of the agreement between marketing and sales.") % told,
            *_by(_("It is meant to be in force from %(moment)s."), values, "begins"),
            _("It binds nobody until you have signed it too. You can also comment on it, or refuse it with a reason."),
        ],
        _("Read and sign"),
    )


def agreement_signed(values: Values) -> Said:
    told = _agreement(values)
    return Said(
        _("Agreement v%(number)s is signed by both") % told,
        [
            _("%(who)s has signed version %(number)s of the agreement: it has both signatures.") % told,
            *_by(
                _("It is in force from %(moment)s. Open leads keep the version they were judged under."),
                values,
                "begins",
            ),
        ],
        _("Open the agreement"),
    )


def agreement_changed(values: Values) -> Said:
    told = _agreement(values)
    return Said(
        _("Agreement v%(number)s has changed: your signature is void") % told,
        [
            _("%(who)s has changed the text of version %(number)s after you had signed it.") % told,
            _("Your signature was for the former text. It is kept, and does not count for the new one."),
        ],
        _("See what changed"),
    )


def agreement_refused(values: Values) -> Said:
    told = _agreement(values)
    return Said(
        _("Agreement v%(number)s is refused") % told,
        [_("%(who)s has refused version %(number)s of the agreement. It binds nobody.") % told, *_reason(values)],
        _("Open the agreement"),
    )


def agreement_withdrawn(values: Values) -> Said:
    told = _agreement(values)
    return Said(
        _("Agreement v%(number)s is withdrawn") % told,
        [_("%(who)s has withdrawn version %(number)s of the agreement. It binds nobody.") % told, *_reason(values)],
        _("Open the agreement"),
    )


def colleague_unreachable(values: Values) -> Said:
    told = {"name": _text(values, "colleague") or _("A colleague"), "address": _text(values, "email")}
    said = _text(values, "note")
    return Said(
        _("Our mail to %(name)s does not arrive") % told,
        [
            _("Letters to %(name)s come back: nobody is told there that a lead has come.") % told,
            *([_("The address: %(address)s") % told] if told["address"] else []),
            *([_("The other server says: %(words)s") % {"words": said}] if said else []),
            _("Check the address of this colleague, then say on the page below that it works again."),
        ],
        _("See what came back"),
    )


def confirm_consent(values: Values) -> Said:
    """To somebody who may never have heard of us: nothing that was typed into the form stands here."""
    told = {"form": _text(values, "form")}
    return Said(
        _("Please confirm your choice: %(form)s") % told,
        [
            _("Somebody, hopefully you, has filled in the form “%(form)s” and agreed to hear from us.") % told,
            *_by(_("Only if you confirm it before %(moment)s will it count."), values, "until"),
            _("If it was not you, do nothing: we will not write to you because of it."),
        ],
        _("See what it is about, and confirm"),
    )


TEMPLATES: Final[Mapping[str, Callable[[Values], Said]]] = {
    write_it.__name__: write_it
    for write_it in (
        confirm_consent,
        lead_assigned,
        lead_reassigned_to_you,
        lead_reassigned_away,
        lead_reminder,
        lead_cooled,
        leads_late_on_desk,
        lead_returned,
        lead_in_nobody_queue,
        agreement_awaits_you,
        agreement_signed,
        agreement_changed,
        agreement_refused,
        agreement_withdrawn,
        colleague_unreachable,
    )
}

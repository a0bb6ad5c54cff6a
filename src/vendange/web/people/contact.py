"""How somebody is reached, and under which rules: number, mailbox, clock, language, regime, each with what tells so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vendange.engine.places import language_of, phone_of
from vendange.models import Consent, Fact, Person
from vendange.qualify.rules import mail_rule
from vendange.unite.rules import ROLES as FUNCTIONS
from vendange.vouch.queries import is_stated_professional, sharing_phone
from vendange.web.consents import told_of
from vendange.web.desk.lawful import Badge, clock_of, is_private, spaced
from vendange.web.people.labels import field_value
from vendange.words import Word

FIELDS: Final = ("phone", "country", "time_zone", "language", "regime")
BECAUSE: Final[Mapping[str, Word]] = {
    "phone": gettext_lazy("from their number"),
    "region": gettext_lazy("from the region of the company"),
    "country": gettext_lazy("from the country"),
}
MAIL_RULES: Final[Mapping[str, Word]] = {
    "refused": gettext_lazy("may not be written to: they refused"),
    "function": gettext_lazy("the mailbox of a company: may be written to, with a way to refuse"),
    "agreed": gettext_lazy("may be written to: they agreed"),
    "professional": gettext_lazy("may be written to about their work, once informed, with a way to refuse"),
    "consent_needed": gettext_lazy("may be written to only once they agree"),
}
UNREAD: Final[Mapping[str, Word]] = {
    "no_country": gettext_lazy("not read: nobody says of which country it is"),
    "unreadable": gettext_lazy("not read: no number of that country"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """`origin`: of the value, "inferred" when we worked it out; `warn`: something is to be known before it is used."""

    icon: str
    name: Word
    value: str
    origin: str
    notes: Sequence[str]
    warn: bool = False


def contact_of(one: Person, said: Mapping[str, Consent], badge: Badge | None, now: datetime) -> list[Line]:
    """`said`: the last word of the person about each channel."""
    facts = origins_of(one)
    letters = [said[channel] for channel in ("email", "all") if channel in said]
    refused = any(one.status in ("refused", "withdrawn") for one in letters)
    ended = told_of(letters, now)
    agreed = any(one.status == "given" and not ended[one.pk].ended for one in letters)
    lines = [_phone(one, facts), _mailbox(one, facts), _clock(one, facts), _language(one, facts)]
    return [*lines, _regime(one, facts, refused, agreed, badge)]


def origins_of(one: Person) -> dict[str, str]:
    """Of each field that people are reached by, the origin of the value in use."""
    held = {"phone": one.phone_raw or one.phone, **{field: getattr(one, field) for field in FIELDS[1:]}}
    found: dict[str, str] = {}
    rows = Fact.objects.filter(person=one, field__in=(*FIELDS, "email")).order_by("at", "id")
    for field, value, origin in rows.values_list("field", "value", "origin"):
        if value.casefold() == str(held.get(field, one.email)).casefold():
            found[field] = origin
    return found


def _phone(one: Person, facts: Mapping[str, str]) -> Line:
    raw = one.phone_raw or one.phone
    if not raw:
        return Line("phone", _("Phone"), "", "", [])
    read = phone_of(one.phone_raw or one.phone, one.country)
    number = one.phone or read.number
    notes = []
    if number and one.phone_raw and one.phone_raw != number:
        notes.append(_("written “%(raw)s”") % {"raw": one.phone_raw})
    if read.extension:
        notes.append(_("extension %(number)s") % {"number": read.extension})
    if not number:
        notes.append(str(UNREAD[read.wrong or "unreadable"]))
    elif read.mobile:
        notes.append(_("a mobile"))
    others = sharing_phone(one)
    if others:
        many = ngettext(
            "%(n)s other person has it: a switchboard, which tells nobody apart",
            "%(n)s other people have it: a switchboard, which tells nobody apart",
            others,
        )
        notes.append(many % {"n": others})
    return Line("phone", _("Phone"), spaced(number) or raw, facts.get("phone", ""), notes, warn=not number)


def _mailbox(one: Person, facts: Mapping[str, str]) -> Line:
    if not one.email:
        return Line("mail", _("Mailbox"), "", "", [])
    notes = []
    if is_function(one):
        notes.append(_("of a function, so the company's: it names nobody"))
    elif is_private(one):
        notes.append(_("of a private person: it names no company"))
    return Line("mail", _("Mailbox"), one.email, facts.get("email", ""), notes, warn=bool(notes))


def is_function(one: Person) -> bool:
    """Whether the address is that of a function, such as info@ (C3)."""
    return one.email.partition("@")[0].partition("+")[0].casefold() in FUNCTIONS


def _clock(one: Person, facts: Mapping[str, str]) -> Line:
    clock = clock_of(one)
    if not clock.names:
        return Line("clock", _("Time zone"), "", "", [])
    value = clock.names[0].replace("_", " ") if len(clock.names) == 1 else ""
    notes = [str(BECAUSE[clock.because])] if clock.is_inferred else []
    if len(clock.names) > 1:
        value = _("one of %(n)s") % {"n": len(clock.names)}
        notes.append(_("called only when all of them allow it"))
    return Line("clock", _("Time zone"), value, "inferred" if clock.is_inferred else facts.get("time_zone", ""), notes)


def _language(one: Person, facts: Mapping[str, str]) -> Line:
    if one.language:
        return Line("languages", _("Language"), field_value("language", one.language), facts.get("language", ""), [])
    country = one.country or (one.organisation.country if one.organisation else "")
    guessed = language_of(country)
    notes = [str(BECAUSE["country"])] if guessed else []
    shown = field_value("language", guessed) if guessed else ""
    return Line("languages", _("Language"), shown, "inferred" if guessed else "", notes)


def _regime(one: Person, facts: Mapping[str, str], refused: bool, agreed: bool, badge: Badge | None) -> Line:
    stated = is_private(one) and is_stated_professional(one)
    private = is_private(one) and not stated
    notes = []
    if one.regime == "unknown":
        notes.append(_("treated as a private person until somebody says"))
    elif one.regime == "professional" and private:
        notes.append(_("treated as a private person: they write from a private mailbox"))
    elif stated:
        notes.append(_("a colleague has said why, private mailbox or not"))
    if badge is not None:
        notes.append(_("calls: %(rule)s") % {"rule": badge.because.rstrip(", ")})
    rule = mail_rule(one.regime, private_mailbox=private, function=is_function(one), refused=refused, agreed=agreed)
    notes.append(_("letters: %(rule)s") % {"rule": MAIL_RULES[rule]})
    value = field_value("regime", one.regime)
    return Line("scale", _("Regime"), value, facts.get("regime", ""), notes, warn=rule in ("refused", "consent_needed"))

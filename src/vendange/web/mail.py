"""What colleagues read of an address: that it takes no letters, why, or until when nobody reads there."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendange.models import Address, Person
from vendange.reach import queries
from vendange.words import Word

ADDRESS: Final = gettext_lazy("nobody has this address there")
FULL: Final = gettext_lazy("the mailbox is full")
CLOSED: Final = gettext_lazy("the mailbox is closed")
NO_DOMAIN: Final = gettext_lazy("the domain takes no mail")
AGAIN: Final = gettext_lazy("letters came back again and again")
STATUSES: Final[dict[str, Word]] = {
    "5.1.1": ADDRESS,
    "5.1.2": NO_DOMAIN,
    "5.1.3": gettext_lazy("this is no address"),
    "5.1.6": gettext_lazy("the mailbox has moved"),
    "5.1.10": ADDRESS,
    "5.2.1": CLOSED,
    "5.2.2": FULL,
    "4.2.2": FULL,
    "5.4.4": NO_DOMAIN,
}


@dataclass(frozen=True, slots=True)
class Why:
    """The reason in our words, and what the other server wrote."""

    reason: Word
    said: str


@dataclass(frozen=True, slots=True)
class Note:
    icon: str
    css: str
    text: str
    said: str = ""


def why_of(row: Address) -> Why:
    if row.state == "complained":
        return Why(_("a complaint to their mail provider"), "")
    otherwise = AGAIN if row.soft else _("the other server refused it for good")
    return Why(STATUSES.get(row.status, otherwise), row.said)


def note_of(person: Person, now: datetime) -> Note | None:
    """What to know before writing there; None when letters arrive as far as we know."""
    row = queries.address(person.email)
    if row is None:
        return None
    told = {"day": day(localtime(row.changed_at).date()), "reason": why_of(row).reason}
    if row.state == "complained":
        return Note("octagon-x", "bad", _("Complained about our mail on %(day)s: no letters, no calls.") % told)
    if row.state == "dead":
        text = _("This address takes no letters since %(day)s: %(reason)s.") % told
        return Note("mail-x", "warn", text, row.said)
    if row.away_until and row.away_until >= localtime(now).date():
        text = _("Away until %(day)s, says an automatic reply.") % {"day": day(row.away_until)}
        return Note("plane", "", text)
    return None


def day(one: date) -> str:
    return date_format(one, "DATE_FORMAT")

"""Meet decides: whether what a colleague tells can be kept, what a badge says, what an organiser's file holds."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email

from vendange.agreement.sentence import Cannot, Incomplete, Sentence, sentence
from vendange.sheets.cards import Card, read_card
from vendange.sheets.dates import FORMATS, NoSuchDate, read_date

# What colleagues tell most, and what else; each with its channel.
USUAL: Final[Mapping[str, str]] = {
    "booth_visited": "event",
    "partner_conversation": "partner",
    "call_received": "phone",
    "meeting_held": "meeting",
    "social_post": "social",
    "news_heard": "colleague",
}
RARER: Final[Mapping[str, str]] = {
    "quote_requested": "colleague",
    "callback_requested": "colleague",
    "demo_requested": "colleague",
    "sample_requested": "colleague",
    "email_replied": "email",
    "event_registered": "event",
    "webinar_attended": "event",
}
CHANNELS: Final = {**USUAL, **RARER}
WARMTHS: Final = ("little", "some", "strong")  # how interested a colleague thinks that they are
When = Literal["now", "yesterday", "day"]
OLDEST: Final = timedelta(days=366)
CLOCK: Final = timedelta(minutes=5)  # a phone may be so far ahead of us
NOON: Final = time(12)
UNDO_WITHIN: Final = timedelta(seconds=60)
GRACE: Final = timedelta(seconds=30)  # the way from the button to us
MAIL_WITHIN: Final = re.compile(r"[^\s@<>()]+@[^\s@<>()]+\.[A-Za-z]{2,}")
NUMBER_WITHIN: Final = re.compile(  # from + or 0 on, nine digits or more, or as in America
    r"(?<![\w.,])(?:(?:\+|0)(?:[ ().-]{0,2}\d){8,14}|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?!\w)"
)
LONGEST_TEXT: Final = 1000


class CannotTell(Cannot):
    """This cannot be kept, or not be undone any more."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a colleague tells. `said` is the voice of the person, `judged` and `warmth` are ours; `day` of When "day".

    `told_at` is when it was typed, by the clock of the phone; `public` says who can read a social post, None: not said.
    """

    kind: str
    told_at: datetime
    when: When = "now"
    day: date | None = None
    said: str = ""
    judged: str = ""
    warmth: str = ""
    topic: str = ""
    link: str = ""
    public: bool | None = None


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody whom nobody has chosen among those known: as little as a name and a company, or an address."""

    name: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    job_title: str = ""


def happened(told: Told, *, now: datetime, zone: ZoneInfo) -> tuple[datetime, bool]:
    """When it happened, and whether only the day is known (then noon in `zone`). Raises Incomplete."""
    typed = now if told.told_at > now + CLOCK else _recent(min(told.told_at, now), now, "told_at")
    if told.when == "now":
        return _recent(typed, now, "told_at"), False
    day = typed.astimezone(zone).date() - timedelta(days=1) if told.when == "yesterday" else told.day
    if day is None:
        raise Incomplete({"day": sentence("Say on which day it was.")})
    at = datetime.combine(day, NOON, zone)
    if day > typed.astimezone(zone).date():
        raise Incomplete({"day": sentence("This is in the future: say when it happened.")})
    return _recent(min(at, typed), now, "day"), True


def _recent(at: datetime, now: datetime, name: str) -> datetime:
    if at < now - OLDEST:
        old = sentence("This is more than a year ago: such old news says nothing of a project.")
        raise Incomplete({name: old})
    return at


def check_told(told: Told, newcomer: Newcomer | None) -> None:
    """Raises Incomplete with a sentence for each field that must be mended. None: the person is known."""
    problems: dict[str, Sentence] = {}
    if told.kind not in CHANNELS:
        problems["kind"] = sentence("Choose what happened.")
    if told.kind == "social_post":
        problems |= _problems_of_post(told, newcomer)
    if newcomer:
        problems |= _problems_of(newcomer)
    if problems:
        raise Incomplete(problems)


def _problems_of_post(told: Told, newcomer: Newcomer | None) -> dict[str, Sentence]:
    """A social signal is typed by a human, with link, date and who can read it; no address is taken from it (C11)."""
    problems: dict[str, Sentence] = {}
    if not re.fullmatch(r"https?://[^\s/]+\.[^\s]+", told.link):
        problems["link"] = sentence("Give the address of the post, from https:// on.")
    if told.when != "day" or told.day is None:
        problems["day"] = sentence("Say on which day it was posted.")
    if told.public is None:
        problems["public"] = sentence("Say whether everybody can read it.")
    if newcomer and newcomer.email:
        problems["email"] = sentence("No address is copied from a social network: leave it empty.")
    if newcomer and newcomer.phone:
        problems["phone"] = sentence("No number is copied from a social network: leave it empty.")
    for name, text in (("said", told.said), ("judged", told.judged)):
        if MAIL_WITHIN.search(text):
            problems[name] = sentence("No address is copied from a social network: leave it out of their words.")
        elif NUMBER_WITHIN.search(text):
            problems[name] = sentence("No number is copied from a social network: leave it out of their words.")
    return problems


def _problems_of(who: Newcomer) -> dict[str, Sentence]:
    if who.email and not mail_of(who.email):
        return {"email": sentence("{text} is not an e-mail address. Correct it, or leave it empty.", text=who.email)}
    if not who.name and not who.email:
        return {"name": sentence("Say who it was: a name and a company, or an e-mail address.")}
    if not who.company and not who.email:
        return {"company": sentence("Say where they work: a name alone could be anybody's.")}
    return {}


def may_undo(*, teller: int | None, by: int, told_at: datetime, now: datetime) -> None:
    """Raises CannotTell when somebody else told it, or when its minute is over."""
    if teller != by:
        raise CannotTell(sentence("Only who told it may undo it."))
    if now > told_at + UNDO_WITHIN + GRACE:
        raise CannotTell(sentence("The minute in which this could be undone is over: it has been counted."))


def mail_of(text: str) -> str:
    """The address in lower case, "" when it is none."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return ""
    return found.normalized.lower()


def first_and_last(name: str) -> tuple[str, str]:
    """The words in capitals, or else the last word, are the last name.

    >>> first_and_last("Camille Moreau"), first_and_last("DE LA TOUR Anne"), first_and_last("Nova")
    (('Camille', 'Moreau'), ('Anne', 'DE LA TOUR'), ('', 'Nova'))
    """
    words = name.split()
    shouted = [word for word in words if word.isupper() and len(word) > 1]
    if shouted and len(shouted) < len(words):
        return " ".join(word for word in words if word not in shouted), " ".join(shouted)
    return " ".join(words[:-1]), words[-1] if words else ""


def folded(text: str) -> str:
    """Letters and digits alone, without accents: how two spellings of a name are compared.

    >>> folded("N° de badge"), folded("Évrard ") == folded("EVRARD")
    ('ndebadge', True)
    """
    plain = unicodedata.normalize("NFKD", text.replace("°", "")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "", plain.lower())


# ── what a badge scanner types ──


@dataclass(frozen=True, slots=True)
class Badge:
    """What was scanned or typed at the booth: `number` of a badge list, or the person."""

    number: str = ""
    who: Newcomer = field(default_factory=Newcomer)


NUMBER: Final = re.compile(r"(?=[^\d]*\d)[A-Za-z0-9][A-Za-z0-9_./-]{2,63}")
PHONE: Final = re.compile(r"\+?[\d][\d ().-]{7,20}")


def read_scan(text: str) -> Badge:
    """A vCard, a MECARD, an e-mail address, the number of a badge, or "name, company". Raises CannotTell."""
    raw = text.strip()
    card = read_card(raw)
    if card:
        return _checked(_newcomer(card))
    plain = re.sub(r"(?i)^mailto:", "", raw).split("?")[0] if raw.lower().startswith("mailto:") else raw
    if mail_of(plain):
        return Badge(who=Newcomer(email=mail_of(plain)))
    if NUMBER.fullmatch(raw):
        return Badge(number=raw)
    return _typed(raw)


def _typed(raw: str) -> Badge:
    name, company, email, phone = "", "", "", ""
    for part in (part.strip() for part in re.split(r"[,;\t\n]", raw)):
        if mail_of(part):
            email = mail_of(part)
        elif part and PHONE.fullmatch(part):
            phone = part
        elif not name:
            name = part
        elif not company:
            company = part
    if not email and not (name and company):
        raise CannotTell(sentence("Write the name and, after a comma, the company: Camille Moreau, Atelier Nova."))
    return Badge(who=Newcomer(name[:200], company[:200], email, phone[:60]))


def _checked(found: Newcomer) -> Badge:
    if not found.email and not found.name:
        raise CannotTell(sentence("This card names nobody. Type the name and, after a comma, the company."))
    return Badge(who=found)


def _newcomer(card: Card) -> Newcomer:
    return Newcomer(card.name[:200], card.company[:200], mail_of(card.email), card.phone[:60], card.title[:160])


# ── the organiser's file ──

COLUMNS: Final[Mapping[str, str]] = {
    known: ours
    for ours, names in {
        "first_name": "firstname givenname forename prenom",
        "last_name": "lastname surname familyname nom nomdefamille",
        "name": "name fullname visitor visitorname participant contact nomcomplet nometprenom nomprenom visiteur",
        "email": "email mail emailaddress mailaddress adresseemail adressemail courriel mel adresseelectronique",
        "company": "company companyname organisation organization employer societe entreprise raisonsociale",
        "job_title": "jobtitle title position function fonction poste intituleduposte intituledeposte",
        "phone": "phone phonenumber mobile telephone tel portable numerodetelephone gsm",
        "country": "country countrycode pays codepays",
        "postal_code": "postcode postalcode zip zipcode codepostal cp",
        "city": "city town ville",
        "language": "language lang langue",
        "badge": "badge badgeid badgenumber badgeno badgecode nbadge nobadge numerobadge numerodebadge ndebadge "
        "nodebadge codebadge barcode codebarre codebarres qrcode visitorid registrationid",
        "at": "scannedat scantime scandate scandatetime date datetime dateandtime timestamp visitedat visitdate "
        "datescan datedescan dateduscan datedevisite dateetheure dateheure horodatage scannele visitele",
        "hour": "time hour heure heurescan heuredescan heureduscan",
        "said": "note notes comment comments commentaire commentaires remarque remarques",
    }.items()
    for known in names.split()
}


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a show in its own time zone; every scan must be of one of them, or of the days around."""

    first: date
    last: date
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Guest:
    """One row: who, by which key of this show, and when they were scanned; None: expected only."""

    key: str
    email: str
    traits: Mapping[str, str]
    at: datetime | None = None
    only_day: bool = False
    said: str = ""
    named: bool = True  # else only the number of a badge


class RowRefused(Cannot):
    """This row cannot be taken; the sentence says why and what to correct."""


def columns_of(header: Sequence[str]) -> dict[str, int]:
    """Our field → the place of its column, the first that bears one of its names."""
    found: dict[str, int] = {}
    for place, name in enumerate(header):
        ours = COLUMNS.get(folded(name))
        if ours and ours not in found:
            found[ours] = place
    return found


def names_somebody(columns: Mapping[str, int]) -> bool:
    return bool({"email", "badge"} & columns.keys()) or (
        bool({"name", "last_name"} & columns.keys()) and "company" in columns
    )


def read_guest(row: Sequence[str], columns: Mapping[str, int], *, width: int, days: Days, now: datetime) -> Guest:
    """Raises RowRefused. `width`: how many cells the first line has."""
    if len(row) != width:
        wrong = sentence(
            "The row has {cells} cells, the first line has {width}. Check its quotes and separators.",
            cells=len(row),
            width=width,
        )
        raise RowRefused(wrong)
    cells = {name: " ".join(row[place].split()) for name, place in columns.items()}
    if any(len(text) > LONGEST_TEXT or "\ufffd" in text for text in cells.values()):
        raise RowRefused(sentence("A cell is garbled or longer than {most} characters. Correct it.", most=LONGEST_TEXT))
    email = mail_of(cells["email"]) if cells.get("email") else ""
    if cells.get("email") and not email:
        typed = cells["email"][:80]
        raise RowRefused(sentence("{text} is not an e-mail address. Correct it, or empty the cell.", text=typed))
    traits = _traits(cells)
    named = bool(email or (traits.get("last_name") and traits.get("organisation")))
    if not named and not cells.get("badge"):
        nobody = sentence("Nobody is named: give an e-mail address, a badge number, or a name and a company.")
        raise RowRefused(nobody)
    at, only_day = _scanned(cells, days, now)
    key = _guest_key(cells.get("badge", ""), email, traits)
    return Guest(key, email, traits, at, only_day, cells.get("said", ""), named)


def _traits(cells: Mapping[str, str]) -> dict[str, str]:
    first, last = cells.get("first_name", ""), cells.get("last_name", "")
    if cells.get("name") and not last:
        first, last = first_and_last(cells["name"])
    country = cells.get("country", "").upper()
    found = {
        "first_name": first[:120],
        "last_name": last[:120],
        "organisation": cells.get("company", "")[:200],
        "job_title": cells.get("job_title", "")[:160],
        "phone": cells.get("phone", "")[:60],
        "country": country if re.fullmatch(r"[A-Z]{2}", country) else "",
        "postal_code": cells.get("postal_code", "")[:12],
        "city": cells.get("city", "")[:120],
        "language": cells.get("language", "")[:2].lower(),
    }
    return {name: text for name, text in found.items() if text}


def _guest_key(badge: str, email: str, traits: Mapping[str, str]) -> str:
    """What tells one guest of a show from another: the badge, else the address, else name and company."""
    if badge:
        return badge_key(badge)
    if email:
        return f"@{email}"[:200]
    told = "|".join(folded(traits.get(name, "")) for name in ("first_name", "last_name", "organisation"))
    return "~" + hashlib.sha256(told.encode()).hexdigest()[:32]


def badge_key(number: str) -> str:
    return number.strip().casefold()[:100]


def _scanned(cells: Mapping[str, str], days: Days, now: datetime) -> tuple[datetime | None, bool]:
    """The moment of the show that the row tells: the one way of reading its date that falls into its days."""
    written = f"{cells.get('at', '')} {cells.get('hour', '')}".strip()
    if not written:
        return None, False
    if cells.get("hour") and not cells.get("at") and days.first == days.last:
        written = f"{days.first.isoformat()} {cells['hour']}"
    around = (days.first - timedelta(days=1), days.last + timedelta(days=1))
    readings = {found for form in FORMATS if (found := _read(written, form, days.zone, now))}
    fitting = {one for one in readings if around[0] <= one[0].astimezone(days.zone).date() <= around[1]}
    if len(fitting) != 1:
        first, last = days.first.isoformat(), days.last.isoformat()
        wrong = sentence(
            "{text} is no moment of this show, {first} to {last}. Write it as 2026-11-18 14:30.",
            text=written[:60],
            first=first,
            last=last,
        )
        raise RowRefused(wrong)
    at, only_day = fitting.pop()
    return (datetime.combine(at.astimezone(days.zone).date(), NOON, days.zone), True) if only_day else (at, False)


def _read(written: str, form: str, zone: ZoneInfo, now: datetime) -> tuple[datetime, bool] | None:
    try:
        return read_date(written, format=form, zone=zone, latest=now)
    except NoSuchDate:
        return None

"""Reach decides: what a message that came in is, of which of our letters it speaks, what follows. Plain Python."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from typing import Final, Literal

from vendange.engine.absences import away_until
from vendange.engine.bounces import (
    UNDELIVERED,
    Meaning,
    Report,
    is_daemon,
    is_from_server,
    meaning,
    reports,
    returns_nowhere,
)
from vendange.engine.mail_text import header, plain_text
from vendange.engine.plain_text import one_line

Kind = Literal["bounce", "delayed", "delivered", "auto_reply", "complaint", "reply", "other", "subscription"]
State = Literal["open", "soft", "dead", "complained"]

SOFT_MOST: Final = 3  # temporary failures since the last success…
SOFT_DAYS: Final = timedelta(days=7)  # …over at least so long: then the address is dead
# RFC 5965 and its register: a report that mail was not wanted. `auth-failure` and `not-spam` say other things.
COMPLAINTS: Final = frozenset({"abuse", "fraud", "opt-out", "opt-out-list", "other"})
AUTOMATIC: Final = re.compile(
    r"auto(matic|matisch|matique)?e?[- ]?(re(ply|sponse|spond)|antwort|notification)"
    r"|r[ée]ponse (automatique|d.absence)"
    r"|out[- ]of[- ](the[- ])?office|away from (my|the) (office|desk|mail|e-mail)|on (vacation|holiday|leave)"
    r"|vacation (reply|notice|message)"
    r"|abwesen|nicht (im büro|im haus|am arbeitsplatz)|absence d|absen(ce|t)( du bureau|e|:|$)"
    r"|absent\(?e?\)? (du|jusqu)"
    r"|automatyczna odpowied|en (congés?|vacances)|i am away|is away|vacation",
    re.IGNORECASE,
)
ANSWERS: Final = re.compile(r"^\s*(re|aw|antw|sv|ref|réf|tr|rép)\s?(\[\d+\])?\s?:", re.IGNORECASE)
MACHINES: Final = re.compile(r"^(no-?reply|ne-?pas-?repondre|do-?not-?reply|notifications?|bounces?)\b", re.IGNORECASE)
# <number of the letter>-<signature>, in a Message-ID or in the address that a failure is returned to.
MARK: Final = re.compile(r"(?<![\w-])([0-9a-f]{1,12})-([a-z2-7]{24})(?=@)")
METHOD: Final = re.compile(r"(?:^|[;\s])(dmarc|spf|dkim)\s*=\s*([a-z]+)")
PLACES: Final = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "In-Reply-To", "References")


@dataclass(frozen=True, slots=True)
class Told:
    """What one message says. `report` is of one recipient; "" everywhere where nothing is said."""

    key: str
    kind: Kind
    sender: str = ""
    subject: str = ""
    reports: tuple[Report, ...] = ()
    marks: tuple[str, ...] = ()
    complained: tuple[str, ...] = ()  # whose complaint it is, as far as the report names them
    away_until: date | None = None
    is_unproven: bool = False  # our mail server found that it does not come from where it says


def sign(number: int, key: str, recipient: str, secret: str) -> str:
    """The mark of one letter: whoever shows it has seen that letter, or is the server that was to deliver it."""
    told = f"{number}\0{key}\0{recipient.strip().lower()}".encode()
    seal = hmac.new(hashlib.sha256(b"mail mark\0" + secret.encode()).digest(), told, hashlib.sha256).digest()
    return f"{number:x}-{base64.b32encode(seal[:15]).decode().lower()}"


def number_of(mark: str) -> int:
    """The number of the letter that a mark names. The mark proves nothing before `is_signed`."""
    return int(mark.partition("-")[0], 16)


def is_signed(mark: str, key: str, recipient: str, secret: str) -> bool:
    return hmac.compare_digest(mark, sign(number_of(mark), key, recipient, secret))


def returned_to(address: str, mark: str) -> str:
    """Where failures of this letter go: a mailbox of ours, with the mark after a plus.

    >>> returned_to("bounces@vendor.example", "1f-abc")
    'bounces+1f-abc@vendor.example'
    """
    local, _, domain = address.rpartition("@")
    return f"{local}+{mark}@{domain}"


def read(raw: bytes, *, received_at: datetime) -> Told:
    """What a message is, from its own words. Never raises for what somebody writes."""
    message = message_from_bytes(raw.replace(b"\0", b""))  # no database takes a NUL
    sender = parseaddr(header(message, "From"))[1].strip().lower()
    told = Told(
        key=key_of(message, raw),
        kind="other",
        sender=sender if "@" in sender else "",
        subject=one_line(header(message, "Subject"), 200),
        marks=tuple(dict.fromkeys(_marks(message))),
        is_unproven=failed_authentication(message.get_all("Authentication-Results", [])),
    )
    return _sorted_out(message, told, received_at)


def _sorted_out(message: Message, told: Told, received_at: datetime) -> Told:
    complained = _complaint(message)
    if complained is not None:
        return _as(told, "complaint", complained=complained)
    if _is_automatic_reply(message, told.subject) and not _has_status(message):
        until = away_until(plain_text(message), received_at.date())
        return _as(told, "auto_reply", away_until=until)
    found = reports(message)
    if found:
        return _as(told, _kind(found), reports=tuple(found))
    if returns_nowhere(message) and told.sender and not is_daemon(message):
        return _as(told, "auto_reply", away_until=away_until(plain_text(message), received_at.date()))
    if _is_automatic(message, told.sender) or not _answers(message, told.subject):
        return told
    return _as(told, "reply")


def _as(
    told: Told,
    kind: Kind,
    *,
    reports: tuple[Report, ...] = (),
    complained: tuple[str, ...] = (),
    away_until: date | None = None,
) -> Told:
    return replace(told, kind=kind, reports=reports, complained=complained, away_until=away_until)


def _kind(found: list[Report]) -> Kind:
    actions = {one.action for one in found}
    return "bounce" if "failed" in actions else "delayed" if "delayed" in actions else "delivered"


def key_of(message: Message, raw: bytes) -> str:
    """The same for every copy of a message, whichever way it came."""
    named = str(message.get("Message-ID", "")).strip()
    return hashlib.sha256(named.encode("utf-8", "surrogateescape") if named else raw).hexdigest()


def failed_authentication(results: Sequence[object]) -> bool:
    """Whether our server says that the sender is not who `From:` says (RFC 8601).

    The topmost header is of the server that took the message in, and so are others with its name; the rest may be the
    sender's own words. DMARC decides where it says yes or no; else SPF or DKIM fails and neither holds.
    """
    said = [re.sub(r"\([^()]*\)", " ", str(one)).lower() for one in results]
    server = said[0].partition(";")[0].split() if said else []
    found: dict[str, set[str]] = {}
    for one in said:
        name, _, rest = one.partition(";")
        if name.split() == server:
            for method, verdict in METHOD.findall(rest):
                found.setdefault(method, set()).add(verdict)
    if dmarc := found.get("dmarc", set()) & {"pass", "fail"}:
        return "pass" not in dmarc
    no = {"fail", "softfail", "hardfail"}
    spf, dkim = found.get("spf", set()), found.get("dkim", set())
    return "pass" not in spf | dkim and bool(spf & no or dkim & no)


def _has_status(message: Message) -> bool:
    return any(part.get_content_type().endswith("/delivery-status") for part in message.walk())


def _complaint(message: Message) -> tuple[str, ...] | None:
    """Whose complaint this is ("" when the report hides it: then our mark tells); None when it is none."""
    for part in message.walk():
        if part.get_content_type() == "message/feedback-report":
            fields = _fields(part)
            if fields.get("feedback-type", "").lower() not in COMPLAINTS:
                return None
            named = (fields.get("original-rcpt-to", ""), fields.get("removal-recipient", ""))
            return tuple(one for one in (parseaddr(name)[1].lower() for name in named) if "@" in one)
    if header(message, "Subject").lower().startswith("complaint about message from"):  # Outlook.com does not say so
        named_to = parseaddr(_inner(message, "X-HmXmrOriginalRecipient"))[1].lower()
        return (named_to,) if "@" in named_to else ()
    return None


def _fields(part: Message) -> dict[str, str]:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    text = inner.as_string() if isinstance(inner, Message) else str(payload)
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in reversed(list(pairs))}


def _inner(message: Message, name: str) -> str:
    return next((str(part[name]) for part in message.walk() if part.get(name)), "")


def _is_automatic_reply(message: Message, subject: str) -> bool:
    """RFC 3834, and what programs write that are older than it or do not know it."""
    if any(message.get(name) for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Mail-Autoreply")):
        return True
    if "auto" in str(message.get("Precedence", "")).lower():
        return True
    said = str(message.get("Auto-Submitted", "no")).strip().lower()
    server = is_from_server(message) and UNDELIVERED.search(subject) is not None
    if said.startswith("auto-replied"):
        return not server
    return AUTOMATIC.search(subject) is not None and not server


def _is_automatic(message: Message, sender: str) -> bool:
    return not may_be_answered(message) or MACHINES.match(sender) is not None or is_from_server(message)


def may_be_answered(message: Message) -> bool:
    """Whether a program may answer this (RFC 3834): not what a program wrote, not what came through a list."""
    said = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    lists = any(message.get(name) for name in ("List-Id", "List-Unsubscribe", "List-Post", "Mailing-List"))
    bulk = str(message.get("Precedence", "")).strip().lower() in ("bulk", "junk", "list", "auto_reply")
    return said in ("", "no") and not (lists or bulk or returns_nowhere(message))


def _answers(message: Message, subject: str) -> bool:
    return bool(message.get("In-Reply-To") or message.get("References") or ANSWERS.match(subject))


def _marks(message: Message) -> Iterator[str]:
    """Every mark that the message shows: where it was sent to, what it answers, what it returns of the letter."""
    for name in PLACES:
        for value in message.get_all(name, []):
            yield from ("-".join(found) for found in MARK.findall(str(value).lower()))
    for part in message.walk():
        if part is not message:
            for name in ("Message-ID", "Return-Path", "In-Reply-To", "X-HmXmrOriginalRecipient"):
                yield from ("-".join(found) for found in MARK.findall(str(part.get(name, "")).lower()))
        if part.get_content_type() == "text/rfc822-headers" or (part is message and not part.is_multipart()):
            yield from ("-".join(found) for found in MARK.findall(str(part.get_payload()).lower()))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an address stands; `since` is when it came to stand so."""

    state: State
    soft: int
    since: datetime


def after_failure(before: Standing | None, status: str, said: str, *, at: datetime) -> tuple[Standing, Meaning]:
    """Where an address stands after a failure, and what the failure meant. A complaint is never taken back here."""
    meant = meaning(status, said)
    stands = before or Standing("open", 0, at)
    if meant == "not_the_address" or stands.state in ("dead", "complained"):
        return stands, meant
    if meant == "dead":
        return Standing("dead", stands.soft, at), meant
    since = stands.since if stands.state == "soft" else at
    soft = stands.soft + 1
    is_dead = soft >= SOFT_MOST and at - since >= SOFT_DAYS
    return Standing("dead", soft, at) if is_dead else Standing("soft", soft, since), meant


def after_success(before: Standing, *, at: datetime) -> Standing:
    """A letter arrived, or a human wrote from there: failures are forgotten, a complaint never."""
    return Standing("open", 0, at) if before.state in ("soft", "dead") else before


@dataclass(frozen=True, slots=True)
class Reported:
    """One thing that a mail provider told us through its own door, of one recipient."""

    key: str
    kind: Kind
    email: str
    status: str = ""
    said: str = ""
    marks: tuple[str, ...] = ()


def concerned(reports: Sequence[Report], recipient: str) -> Report | None:
    """The report of the recipient whose letter was proven; None when only others are named: that is forged."""
    named = next((one for one in reports if recipient.lower() in one.names), None)
    return named or next((one for one in reports if not one.names), None)

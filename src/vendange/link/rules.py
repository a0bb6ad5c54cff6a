"""Link decides: where a link may lead, whose mark an address carries, and who may be followed. Plain Python."""

import base64
import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from vendange.agreement.sentence import Cannot, sentence

LONGEST: Final = 2000
LETTERS: Final = "23456789abcdefghijkmnpqrstuvwxyz"  # nothing that is mistaken for another when read aloud
TOKEN: Final = re.compile(rf"[{LETTERS}]{{10}}")
MARK: Final = re.compile(r"[A-Za-z0-9_-]{20}")
PERSON_BYTES, TAG_BYTES = 6, 9
KINDS: Final = ("link", "pixel")


class BadDestination(Cannot):
    """A link may not lead there; the sentence says why."""


def destination(written: str) -> str:
    """The address as it is stored and sent: http(s) only, ASCII, without credentials. Raises BadDestination."""
    text = written.strip()
    if any(ord(letter) <= 32 or ord(letter) == 127 or letter == "\\" for letter in text) or not text.isprintable():
        raise BadDestination(sentence("An address has no spaces, backslashes or invisible characters."))
    try:
        parts = urlsplit(text)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii") if ":" not in (parts.hostname or "") else None
    except (ValueError, UnicodeError):
        told = sentence("This cannot be read as an address: write https://www.example.com/page.")
        raise BadDestination(told) from None
    if parts.scheme not in ("http", "https") or host == "":
        raise BadDestination(sentence("A link leads to a site: write https:// or http:// and its name."))
    if "@" in parts.netloc:
        raise BadDestination(sentence("No name or password in the address: leave out what stands before the @."))
    name = f"[{ipaddress.ip_address(parts.hostname or '')}]" if host is None else host
    found = urlunsplit(
        (
            parts.scheme,
            name if port is None else f"{name}:{port}",
            quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._"),
            quote(parts.query, safe="/%:@!$&'()*+,;=~-._?"),
            quote(parts.fragment, safe="/%:@!$&'()*+,;=~-._?"),
        )
    )
    if len(found) > LONGEST:
        raise BadDestination(sentence("This address is too long: {most} characters at most.", most=LONGEST))
    return found


def leads_to(stored: str, *, campaign: str, channel: str) -> str:
    """Where a visitor is sent: the stored address, with the campaign said in `utm_…` unless it says its own.

    >>> leads_to("https://a.example/p?x=1#top", campaign="Spring fair", channel="email")
    'https://a.example/p?x=1&utm_campaign=Spring+fair&utm_medium=email#top'
    """
    parts = urlsplit(stored)
    said = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    own = any(name.startswith("utm_") for name in said)
    given = [] if own else [("utm_campaign", campaign), ("utm_medium", channel)]
    added = urlencode([(name, value) for name, value in given if value])
    return urlunsplit(parts._replace(query="&".join(part for part in (parts.query, added) if part)))


def new_token() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(10))


# The mark of a person: number and tag, both encrypted with what only this installation knows, bound to one link.


def mark_of(person: int, token: str, secret: str) -> str:
    """20 letters, digits, - and _ that say nothing to who has not the secret."""
    number = person.to_bytes(PERSON_BYTES, "big")
    tag = _keyed(secret, "tag", token.encode() + number)[:TAG_BYTES]
    return base64.urlsafe_b64encode(tag + _hidden(number, tag, token, secret)).decode()


def person_of(mark: str, token: str, secret: str) -> int | None:
    """Whose mark it is; None for one that we did not make for this link."""
    if not MARK.fullmatch(mark):
        return None
    raw = base64.urlsafe_b64decode(mark)
    tag, number = raw[:TAG_BYTES], _hidden(raw[TAG_BYTES:], raw[:TAG_BYTES], token, secret)
    if not hmac.compare_digest(tag, _keyed(secret, "tag", token.encode() + number)[:TAG_BYTES]):
        return None
    return int.from_bytes(number, "big")


def _hidden(number: bytes, tag: bytes, token: str, secret: str) -> bytes:
    stream = _keyed(secret, "number", token.encode() + tag)
    return bytes(one ^ other for one, other in zip(number, stream, strict=False))


def network_of(ip: str, day: date, secret: str) -> str:
    """What two requests through the same network have in common on one day, and nothing besides; "" without address."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ""
    near = ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False)
    return _keyed(secret, "network", f"{day.isoformat()} {near}".encode()).hex()[:24]


def _keyed(secret: str, purpose: str, text: bytes) -> bytes:
    return hmac.digest(f"vendange link {purpose} {secret}".encode(), text, hashlib.sha256)


# Who may be followed.


class Said(NamedTuple):
    """One line of what a person allowed or refused: `channel` tracking | email | all, `status` given | …"""

    channel: str
    status: str
    at: datetime


def forbidden_by(said: Iterable[Said], at: datetime) -> str:
    """Why the person may not be followed by name at this moment; "": consent is given and nothing speaks against."""
    latest: dict[str, str] = {}
    for one in sorted((one for one in said if one.at <= at), key=lambda one: one.at):
        latest[one.channel] = one.status
    if latest.get("all", "given") != "given":
        return "objected"
    state = latest.get("tracking", "never")
    return {"given": "", "never": "no_consent"}.get(state, state)


@dataclass(frozen=True, slots=True)
class Law:
    """From `since` on, in `country` ("" everywhere), for `kind`: per-person following needs consent."""

    country: str
    kind: str
    since: date
    source: str
    standing: str  # law | authority | prudence: how firm it is


# C44, C46, C47, C90. In no row may a person be followed without consent: the rows say since when and by whom that is
# said, so that what was done is judged by the rule of its day. Read by lawyers of the country before it is relied on.
LAWS: Final = (
    Law("", "link", date(2002, 7, 31), "Vendange: sources differ on clicks", "prudence"),
    Law("", "pixel", date(2002, 7, 31), "Directive 2002/58/EC, article 5(3)", "law"),
    Law("FR", "pixel", date(2026, 4, 14), "CNIL, deliberation 2026-042 of 12 March 2026", "authority"),
    Law("IT", "pixel", date(2026, 10, 29), "Garante, decision 284/2026", "authority"),
)


def law_of(country: str, kind: str, day: date) -> Law:
    """The row that speaks for this country on this day: its own latest, else that of everywhere."""
    rows = [one for one in LAWS if one.kind == kind and one.country in ("", country.upper()) and one.since <= day]
    return max(rows, key=lambda one: (one.country != "", one.since))

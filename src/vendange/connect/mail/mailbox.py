"""The mailbox into which letters come back, read by IMAP. It is only looked at: nothing in it is changed or deleted.

How far we have read (RFC 3501: the number of a message and the validity of the numbers) stands in a small file. It is
written after a message was taken in; a crash in between reads that message again, and it is known then by its key.
"""

import contextlib
import hashlib
import imaplib
import json
import logging
import re
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from vendange.environment import Mailbox

log = logging.getLogger("vendange.mail")

AT_ONCE: Final = 100  # messages in one look
LARGEST: Final = 1_000_000  # bytes read of one message: what it is stands at its beginning
PATIENCE: Final = 10.0  # seconds for each answer of the server
FIRST_LOOK: Final = timedelta(days=30)  # how old what we read may be when we have never read there
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Take = Callable[[bytes, datetime], object]


class Unreachable(Exception):
    """The mailbox cannot be read now; the message is a sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a mailbox was read; `validity` changes when its numbers begin anew."""

    of: str
    validity: str
    uid: int


@dataclass(frozen=True, slots=True)
class Look:
    """What a mailbox holds: all messages, and those that we have not read."""

    all: int
    new: int


def check(mailbox: Mailbox) -> Look:
    """Open it and count. Raises Unreachable."""
    with _opened(mailbox) as (server, total):
        return Look(total, len(_new(server, _place(mailbox, server))))


def read(mailbox: Mailbox, take: Take) -> int:
    """Hand the next messages to `take`, the oldest first; how many. Raises Unreachable, and whatever `take` raises."""
    with _opened(mailbox) as (server, _):
        place = _place(mailbox, server)
        numbers = _new(server, place)[:AT_ONCE]
        for number in numbers:
            found = _message(server, number)
            if found:
                take(*found)
            place = Place(place.of, place.validity, number)
            _remember(place)
        return len(numbers)


@contextlib.contextmanager
def _opened(mailbox: Mailbox) -> Iterator[tuple[imaplib.IMAP4, int]]:
    where = f"{mailbox.user} at {mailbox.host}:{mailbox.port}"
    try:
        server = _connected(mailbox)
    except (OSError, imaplib.IMAP4.error) as fault:
        raise Unreachable(
            f"The mailbox of {where} cannot be reached ({_words(fault)}). Check VENDANGE_MAILBOX."
        ) from None
    try:
        _login(server, mailbox, where)
        yield server, _examine(server, mailbox)
    except (OSError, imaplib.IMAP4.error) as fault:
        raise Unreachable(f"The mailbox of {where} stopped answering ({_words(fault)}). It is tried again.") from None
    finally:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            server.logout()
        with contextlib.suppress(OSError):
            server.shutdown()  # logging out leaves the line open where it broke


def _connected(mailbox: Mailbox) -> imaplib.IMAP4:
    if mailbox.secure:
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=PATIENCE)
    return imaplib.IMAP4(mailbox.host, mailbox.port, timeout=PATIENCE)


def _login(server: imaplib.IMAP4, mailbox: Mailbox, where: str) -> None:
    try:
        server.login(mailbox.user, mailbox.password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as fault:
        raise Unreachable(
            f"The mailbox of {where} refuses user or password ({_words(fault)}). Check VENDANGE_MAILBOX."
        ) from None


def _examine(server: imaplib.IMAP4, mailbox: Mailbox) -> int:
    """Open the folder without the right to change it; how many messages it holds."""
    quoted = '"' + mailbox.folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
    answer, told = server.select(quoted, readonly=True)
    if answer != "OK":
        raise Unreachable(
            f"There is no folder {mailbox.folder} in the mailbox of {mailbox.user}. Name another in VENDANGE_MAILBOX."
        )
    return int(told[0] or 0)


def _place(mailbox: Mailbox, server: imaplib.IMAP4) -> Place:
    of = hashlib.sha256(f"{mailbox.user}\0{mailbox.host}\0{mailbox.folder}".encode()).hexdigest()[:16]
    validity = (server.response("UIDVALIDITY")[1][0] or b"").decode()
    try:
        kept = Place(**json.loads(_file().read_text()))
    except (OSError, ValueError, TypeError):
        kept = Place("", "", 0)
    return kept if (kept.of, kept.validity) == (of, validity) else Place(of, validity, 0)


def _file() -> Path:
    return Path(settings.HOME) / "mailbox.json"


def _remember(place: Place) -> None:
    new = _file().with_suffix(".new")
    new.write_text(json.dumps(asdict(place)))
    new.replace(_file())


def _new(server: imaplib.IMAP4, place: Place) -> list[int]:
    """Numbers above the last one that we read, in order; at first sight those of the last weeks."""
    since = datetime.now(UTC) - FIRST_LOOK
    day = f"{since.day}-{MONTHS[since.month - 1]}-{since.year}"  # not strftime, which speaks the machine's language
    asked = f"UID {place.uid + 1}:*" if place.uid else f"SINCE {day}"
    answer, told = server.uid("SEARCH", asked)
    if answer != "OK":
        raise Unreachable(f"The mail server does not search ({told!r}).")
    # `n:*` names the last message even when its number is lower.
    return sorted(number for number in map(int, (told[0] or b"").split()) if number > place.uid)


def _message(server: imaplib.IMAP4, number: int) -> tuple[bytes, datetime] | None:
    """The message and when it came; None when it was deleted meanwhile."""
    _, told = server.uid("FETCH", str(number), f"(INTERNALDATE BODY.PEEK[]<0.{LARGEST}>)")
    pair = next((one for one in told if isinstance(one, tuple)), None)
    if pair is None:
        return None
    rest = b" ".join(one for one in told if isinstance(one, bytes))
    return bytes(pair[1]), _came(pair[0] + b" " + rest)


def _came(said: bytes) -> datetime:
    now = datetime.now(UTC)
    found = re.search(rb'INTERNALDATE "[^"]+"', said)
    moment = imaplib.Internaldate2tuple(found.group()) if found else None
    return min(now, datetime.fromtimestamp(time.mktime(moment), UTC)) if moment else now


def _words(fault: Exception) -> str:
    told = fault.args[0] if fault.args and isinstance(fault.args[0], bytes) else str(fault)
    text = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
    return " ".join(text.split())[:200].rstrip(".") or type(fault).__name__

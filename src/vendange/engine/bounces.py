"""What a server says of a letter that it could not deliver: RFC 3464, and the words of servers that do not follow it.

`flufl.bounce` finds the addresses in the forms that mail servers have used since the 1990s; the meaning is ours.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from email.utils import parseaddr
from typing import Final, Literal

from flufl.bounce import all_failures

from vendange.engine.mail_text import header, plain_text

# It logs a traceback for each of its forms that strangers' words break; it goes on with the next, and so do we.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)

Action = Literal["failed", "delayed", "delivered"]
Meaning = Literal["dead", "soft", "not_the_address"]

ACTIONS: Final[tuple[tuple[str, Action], ...]] = (
    ("fail", "failed"),
    ("error", "failed"),  # OpenSMTPD
    ("delay", "delayed"),
    ("deliver", "delivered"),
    ("relay", "delivered"),
    ("expand", "delivered"),
)
STATUS: Final = re.compile(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
REPLY: Final = re.compile(r"(?<![\d.])([45])[0-7]\d(?=[ \-#:.,)]|$)(?!\.\d)", re.MULTILINE)
LONGEST: Final = 4_000  # characters: what a server says stands before what it returns
RETURNED: Final = re.compile(
    r"^[ \t>*-]*(below this line is a copy|original (message|text|e-?mail)( follows| headers)?|message header"
    r"|---- ?unsent message|this is a copy of the message|returned (message|mail) follows|received: from"
    r"|return-path:)",
    re.IGNORECASE | re.MULTILINE,
)
NOBODY: Final = re.compile(
    r"(user|recipient|mailbox|address|account|addressee|destinat\w+|benutzer|utilisateur|uzytkownika?|alias)\W+(\S+\W+){0,6}?"
    r"(unknown|not? (be )?(found|exist|known|listed|recogni[sz]ed|valid|active|here|available)|does(n.?t| not) exist"
    r"|invalid|rejected|disabled|deactivated|inactive|suspended|unbekannt|inconnu|inconnue|expired|closed"
    r"|discontinued)"
    r"|\b(unknown|invalid|bad|no such|nonexistent|no|not a valid|unrouteable|undeliverable|inactive|illegal)[\w ]{0,20}"
    r"(user|recipient|mailbox|address|account|alias|domain|host|person|destination)"
    r"|(doesn.?t|does not) have an? \S+ account|not listed in|mailbox unavailable|no mailbox here|badrcptto"
    r"|n.existe pas|existiert nicht|not our customer|no longer (valid|works?|with|employed|available|in use|active)"
    r"|host(name)? (not found|unknown)|unknown host|domain not found|couldn.t find any host"
    r"|name or service not known|no match(es)?\b",
    re.IGNORECASE,
)
# Said of a mailbox and of nothing else, so that a word about spam beside it changes nothing.
NAMED: Final = re.compile(
    r"user unknown|unknown user|no such (user|recipient|mailbox)|does(n.?t| not) (exist|have an)"
    r"|mailbox unavailable|not a known user|not listed in",
    re.IGNORECASE,
)
FULL: Final = re.compile(
    r"(over|exceed\w*|out of|above|beyond)[\w ]{0,30}(quota|storage|disk)|quota[\w ]{0,20}(exceed|reach|full|violat)"
    r"|(mailbox|inbox|mail box|account|folder)[\w' ]{0,30}(full|exceed|over its)|full mailbox"
    r"|too many (messages|mails)|zuviele mails"
    r"|insufficient (disk|storage|system)|not enough (space|storage)|disk quota|no space|space not enough"
    r"|overquota|storage space",
    re.IGNORECASE,
)
TOO_LARGE: Final = re.compile(
    r"\b(message|mail|size|content length)\b[\w ()]{0,30}(too (big|large|long)|exceed\w*|larger than|over the)"
    r"|too (big|large) |maximum (message |allowed )?size|max[_ ]?message[_ ]?size",
    re.IGNORECASE,
)
POLICY: Final = re.compile(
    r"spam|blacklist|black list|block ?list|blocked|blocking|\brbl\b|dnsbl|uribl|surbl|reputation|polic(y|ies)"
    r"|dmarc|dkim"
    r"|\bspf\b|\brelay|content (reject|filter|refus|check|not)|virus|\bjunk|unsolicited|\bbanned\b"
    r"|refused to accept|whitelist"
    r"|authenticat|not (allowed|permitted)|prohibited|too many (connections|hops|recipients)|gr[ae]ylist"
    r"|\brate[ -]limit"
    r"|(?<!not )listed (at|in|by|on)\b|complain|\bbulk\b|access denied|sender(.s)? address|sender rejected"
    r"|restricted|black ?hole"
    r"|not accepting mail (from|with)|challenge|verify you|service[\w ]{0,12}unavailable",
    re.IGNORECASE,
)
TRIED: Final = re.compile(
    r"\battempts?\b|timed? ?-?out|expired|connection (refused|reset|lost)|could not connect"
    r"|failing for a long time|retry"
    r"|aborted after",
    re.IGNORECASE,
)
NOT_YET: Final = re.compile(
    r"(not yet been|has been|was|is being|being) delayed|delivery (is )?delayed"
    r"|will (be retried|continue|keep|try|retry)"
    r"|still (being|trying|in)|warning:? (could not|message|unable)|do not need to resend|you do not need to"
    r"|no action is required"
    r"|delivery attempts will|could not (yet )?be delivered (for|within|so far)|message still undelivered"
    r"|queued mail",
    re.IGNORECASE,
)
DAEMON: Final = re.compile(
    r"^(mailer[-_.]?daemon|post ?master|mail[-_.]?daemon|mail ?delivery|mailerdaemon|mdaemon|root|mail)\b",
    re.IGNORECASE,
)
UNDELIVERED: Final = re.compile(
    r"undeliver|non-deliver|delivery (status|failure|report|notif\w*|problem|error|has failed|incomplete|delay)|failure"
    r"|returned mail"
    r"|non[- ]?remis|unzustell|nicht zugestellt|échec|echec|mail (system|delivery)"
    r"|could not (be )?(deliver|send)|warning"
    r"|bounce|rejected|\bndn\b|message status|delayed|not delivered|can.?t (be )?deliver|non délivr|mail error",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Report:
    """What is said of one recipient; `names` are its addresses in lower case, the one that was written to first."""

    names: tuple[str, ...]
    action: Action
    status: str
    said: str

    @property
    def email(self) -> str:
        return self.names[0] if self.names else ""


def reports(message: Message) -> list[Report]:
    """What a server reports of each recipient, or nothing when this is no report of a server."""
    return list(_by_standard(message)) or list(_from_broken(message)) or _by_words(message)


def is_from_server(message: Message) -> bool:
    """Written by a mail server, as far as its sender can tell."""
    return is_daemon(message) or returns_nowhere(message)


def is_daemon(message: Message) -> bool:
    """The sender bears the name of a mail server."""
    name, address = parseaddr(header(message, "From"))
    nobody = not (address or name)  # no human writes without a name
    return bool(nobody or DAEMON.match(address) or DAEMON.match(name) or message.get("X-Failed-Recipients"))


def returns_nowhere(message: Message) -> bool:
    """Sent with an empty return path, as every answer of a program should be."""
    return str(message.get("Return-Path", "x")).strip() == "<>"


def _by_standard(message: Message) -> Iterator[Report]:
    for part in message.walk():
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
            payload = part.get_payload()
            for block in payload if isinstance(payload, list) else []:
                report = _of_block(block, message)
                if report:
                    yield report


def _from_broken(message: Message) -> Iterator[Report]:
    """A report whose parts cannot be told apart any more, because its boundary was lost on the way."""
    if message.is_multipart() or message.get_content_maintype() not in ("multipart", "text"):
        return
    for paragraph in re.split(r"\r?\n\r?\n", str(message.get_payload())[:20_000]):
        if paragraph.lower().startswith(("final-recipient:", "original-recipient:")):
            report = _of_block(message_from_string(paragraph), message)
            if report:
                yield report


def _of_block(block: object, message: Message) -> Report | None:
    if not isinstance(block, Message):
        return None
    wanted = (_address(str(block.get(name, ""))) for name in ("Original-Recipient", "Final-Recipient"))
    names = tuple(dict.fromkeys(one for one in wanted if one))
    said = " ".join(str(block.get("Diagnostic-Code", "")).split())
    action = _action(str(block.get("Action", "")))
    status = _status(str(block.get("Status", "")), said, action or "failed")
    if action is None or not (names or block.get("Status")):
        return None
    if not any(form.search(said) for form in (NOBODY, POLICY, FULL, TOO_LARGE, TRIED)):
        said = f"{said} {_words(message)}".strip()
    return Report(names, action, status, said[:500])


def _address(field: str) -> str:
    """The address of `rfc822; claire@example.com`, in lower case; "" when it is none."""
    written = field.rpartition(";")[2].strip()
    address = (parseaddr(written)[1] or written).strip("<>\"' ").lower()
    return address if "@" in address and " " not in address else ""


def _action(field: str) -> Action | None:
    word = field.strip().lower()
    return next((ours for theirs, ours in ACTIONS if word.startswith(theirs)), None)


def _status(field: str, said: str, action: Action) -> str:
    """RFC 3463, "" when a failure has none; what the other server answered may be more precise than the status."""
    found = STATUS.search(field) if action != "delivered" else None
    given = found.group() if found else ""
    if not given or given.endswith(".0.0"):
        precise = STATUS.search(said)
        if precise and not precise.group().endswith(".0.0"):
            return precise.group()
    if given:
        return given
    reply = REPLY.search(said)
    if reply:
        return f"{reply.group(1)}.0.0"
    return {"failed": "", "delayed": "4.0.0", "delivered": "2.0.0"}[action]


def _words(message: Message) -> str:
    """What a server wrote for people, without the letter that it returns."""
    text = plain_text(message)[:LONGEST]
    cut = RETURNED.search(text, 40)
    return " ".join((text[: cut.start()] if cut else text).split())


def _what_matters(words: str) -> str:
    """From where a server comes to the point: many begin with a page of courtesy."""
    points = (found.start() for form in (NOBODY, FULL, STATUS, REPLY, NOT_YET) if (found := form.search(words)))
    start = min(points, default=0)
    return words[words.rfind(" ", 0, max(0, start - 100)) + 1 :]


def _by_words(message: Message) -> list[Report]:
    server = is_daemon(message)
    undelivered = UNDELIVERED.search(header(message, "Subject")) is not None and not message.get("In-Reply-To")
    if not (server or undelivered or is_from_server(message)):
        return []
    temporary, permanent = _found(message)
    said = _what_matters(_words(message))
    names = permanent or temporary or _failed_recipients(message)
    delayed = bool(NOT_YET.search(said)) and not permanent
    plain = any(form.search(said) for form in (NOBODY, FULL, STATUS, TRIED))
    if not names and not ((server or undelivered) and (delayed or plain)):
        return []
    action: Action = "delayed" if delayed or (temporary and not permanent) else "failed"
    status = _status("", said, action)
    return [Report((one,), action, status, said[:500]) for one in names] or [Report((), action, status, said[:500])]


def _found(message: Message) -> tuple[list[str], list[str]]:
    try:
        temporary, permanent = all_failures(message)
    except (ValueError, LookupError, TypeError, AttributeError):  # a form that the library does not foresee
        return [], []
    return _as_text(temporary), _as_text(permanent)


def _as_text(addresses: frozenset[bytes]) -> list[str]:
    return sorted(one for one in (_address(raw.decode("ascii", "replace")) for raw in addresses) if one)


def _failed_recipients(message: Message) -> list[str]:
    named = str(message.get("X-Failed-Recipients", ""))
    return [one for one in (_address(each) for each in named.split(",")) if one]


def meaning(status: str, said: str) -> Meaning:
    """What a failure says of the address itself.

    5.7.x (refused by policy, not signed), content and size say nothing of it; a full mailbox may be emptied.

    >>> meaning("5.1.1", "user unknown"), meaning("4.4.1", "connection timed out"), meaning("5.2.2", "mailbox full")
    ('dead', 'soft', 'soft')
    >>> meaning("5.7.515", "550 5.7.515 Access denied, sending domain does not meet the required level")
    'not_the_address'
    """
    kind, _, rest = status.partition(".")
    subject = rest.partition(".")[0]
    unknown = NOBODY.search(said) is not None
    policy = POLICY.search(said) is not None
    too_large = TOO_LARGE.search(said) is not None
    if kind == "4":
        return "soft"
    if status == "5.2.2" or (FULL.search(said) and not unknown and not too_large):
        return "soft"
    if subject in ("6", "7") or status in ("5.3.4", "5.2.3", "5.1.7", "5.1.8"):  # the last two: the sender's address
        return "dead" if subject == "7" and unknown and not policy else "not_the_address"
    if unknown or status == "5.2.1":
        return "not_the_address" if policy and subject not in ("1", "2") and not NAMED.search(said) else "dead"
    if too_large or (policy and subject != "1") or subject in ("3", "5"):
        return "not_the_address"
    return "soft" if TRIED.search(said) or not status else "dead"

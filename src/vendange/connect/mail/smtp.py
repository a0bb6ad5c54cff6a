"""Handing one message to a mail server, and knowing exactly what became of it."""

import contextlib
import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from enum import Enum
from typing import Final

from django.conf import settings

# 5.7.x is about us (not allowed to send, not signed): the recipient is well, so the mail waits for us to mend it.
OUR_FAULT: Final = b"5.7."


class Fate(Enum):
    SENT = "sent"
    LATER = "later"  # not delivered, for certain; trying again may help
    NEVER = "never"  # not delivered, for certain; the recipient does not exist or wants nothing
    UNKNOWN = "unknown"  # the server may have it: sending again might deliver it twice


@dataclass(frozen=True, slots=True)
class Handed:
    fate: Fate
    says: str = ""


def hand_over(message: EmailMessage, returns_to: str = "") -> Handed:
    """One conversation with the server of the settings. Never raises for what a server or a network does.

    `returns_to`: where the server sends a failure; the sender when it is left out.
    """
    try:
        server = _connected()
    except (OSError, smtplib.SMTPException) as fault:
        return Handed(Fate.LATER, f"The mail server {settings.EMAIL_HOST} was not reached: {_words(fault)}")
    try:
        return _converse(server, message, returns_to or parseaddr(str(message["From"]))[1])
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.close()


def _connected() -> smtplib.SMTP:
    server = smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=settings.EMAIL_TIMEOUT)
    try:
        if settings.EMAIL_USE_TLS:
            server.starttls(context=ssl.create_default_context())
        if settings.EMAIL_HOST_USER:
            server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
        server.ehlo_or_helo_if_needed()
    except BaseException:
        server.close()
        raise
    return server


def _converse(server: smtplib.SMTP, message: EmailMessage, returns_to: str) -> Handed:
    """Until the server asks for the text nothing can have been delivered; from then on, only its answer tells."""
    try:
        code, says = server.mail(returns_to)
        if code != 250:
            return Handed(Fate.LATER, f"The server does not take mail from us: {code} {_text(says)}")
        code, says = server.rcpt(parseaddr(str(message["To"]))[1])
        if code not in (250, 251):
            return _refused(code, says)
        code, says = server.docmd("DATA")
        if code != 354:
            return _refused(code, says)
    except (OSError, smtplib.SMTPException) as fault:
        return Handed(Fate.LATER, f"The conversation broke off before the text: {_words(fault)}")
    return _send_text(server, message)


def _send_text(server: smtplib.SMTP, message: EmailMessage) -> Handed:
    # A line that is one point ends the text, so every point that begins a line is doubled (RFC 5321, 4.5.2).
    text = re.sub(rb"(?m)^\.", b"..", message.as_bytes(policy=message.policy.clone(linesep="\r\n")))
    try:
        server.send(text if text.endswith(b"\r\n") else text + b"\r\n")
        server.send(b".\r\n")
        code, says = server.getreply()
    except (OSError, smtplib.SMTPException) as fault:
        return Handed(Fate.UNKNOWN, f"The server gave no answer to the text: {_words(fault)}")
    if code == 250:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        return Handed(Fate.SENT)
    return _refused(code, says)


def _refused(code: int, says: bytes) -> Handed:
    words = f"{code} {_text(says)}"
    return Handed(Fate.NEVER if code >= 500 and not says.startswith(OUR_FAULT) else Fate.LATER, words)


def _text(says: bytes) -> str:
    return says.decode("utf-8", "replace").replace("\n", " ")[:300]


def _words(fault: Exception) -> str:
    return " ".join(str(fault).split())[:300] or type(fault).__name__

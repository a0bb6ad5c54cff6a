"""Messages that come back, written here in the form in which each kind of mail server writes them."""

from collections.abc import Callable
from textwrap import dedent

OUR_ID = "<1f-aaaaaaaaaaaaaaaaaaaaaaaa@vendor.example>"
NOBODY = "claire@atelier-nova.example"


def returned(message_id: str, to: str) -> str:
    return dedent(f"""\
        From: Vendange <vendange@vendor.example>
        To: {to}
        Subject: Your catalogue
        Message-ID: {message_id}
        Auto-Submitted: auto-generated
        """)


def report(
    *,
    sender: str,
    subject: str,
    words: str,
    fields: str,
    message_id: str = OUR_ID,
    to: str = NOBODY,
    key: str = "<b1@mx.example>",
    extra: str = "",
) -> bytes:
    """A report as RFC 3464 asks for it."""
    return (
        f"Return-Path: <>\nFrom: {sender}\nTo: vendange@vendor.example\nSubject: {subject}\nMessage-ID: {key}\n{extra}"
        'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="cut"\n\n'
        f"--cut\nContent-Type: text/plain; charset=utf-8\n\n{words}\n\n"
        f"--cut\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{fields}\n\n"
        f"--cut\nContent-Type: message/rfc822\n\n{returned(message_id, to)}\nHello,\n\n--cut--\n"
    ).encode()


def postfix(
    *,
    message_id: str = OUR_ID,
    to: str = NOBODY,
    status: str = "5.1.1",
    said: str = "550 5.1.1 User unknown",
    action: str = "failed",
    key: str = "<b1@mx.example>",
) -> bytes:
    return report(
        sender="MAILER-DAEMON@mx.example (Mail Delivery System)",
        subject="Undelivered Mail Returned to Sender",
        words=f"This is the mail system at host mx.example.\n\n<{to}>: host in.example[192.0.2.4] said: {said}",
        fields=f"Final-Recipient: rfc822; {to}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {said}",
        message_id=message_id,
        to=to,
        key=key,
        extra="Auto-Submitted: auto-replied\n",
    )


def exchange(*, message_id: str = OUR_ID, to: str = NOBODY, key: str = "<b2@mx.example>") -> bytes:
    return report(
        sender="postmaster@atelier-nova.example",
        subject="Undeliverable: Your catalogue",
        words="Delivery has failed to these recipients or groups:\n\nThe email address you entered couldn't be found.",
        fields=f"Original-Recipient: rfc822;{to.upper()}\nFinal-Recipient: rfc822;{to}\n"
        "Action: failed\nStatus: 5.1.10\n"
        "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        message_id=message_id,
        to=to,
        key=key,
    )


def domino(*, message_id: str = OUR_ID, to: str = NOBODY) -> bytes:
    return report(
        sender="Postmaster@atelier-nova.example",
        subject=f"DELIVERY FAILURE: User claire ({to}) not listed in Domino Directory",
        words=f"Your message\n\n  Subject: Your catalogue\n\nwas not delivered to:\n\n  {to}\n\nbecause:\n\n"
        f"  User claire ({to}) not listed in Domino Directory",
        fields=f"Final-Recipient: rfc822;{to}\nAction: failed\nStatus: 5.1.1\n"
        f"Diagnostic-Code: X-Notes; User claire ({to}) not listed in Domino Directory",
        message_id=message_id,
        to=to,
    )


def delayed(*, message_id: str = OUR_ID, to: str = NOBODY) -> bytes:
    return postfix(
        message_id=message_id,
        to=to,
        status="4.4.1",
        action="delayed",
        said="connect to in.example[192.0.2.4]:25: Connection timed out",
        key="<b3@mx.example>",
    )


def exim(*, message_id: str = OUR_ID, to: str = NOBODY) -> bytes:
    """Without a part for programs: only words, and a header of its own."""
    return (
        f"Return-Path: <>\nX-Failed-Recipients: {to}\nAuto-Submitted: auto-replied\n"
        "From: Mail Delivery System <Mailer-Daemon@mx.example>\nTo: vendange@vendor.example\n"
        "Subject: Mail delivery failed: returning message to sender\nMessage-Id: <b4@mx.example>\n\n"
        "This message was created automatically by mail delivery software.\n\n"
        "A message that you sent could not be delivered to one or more of its\n"
        "recipients. This is a permanent error. The following address(es) failed:\n\n"
        f"  {to}\n    SMTP error from remote mail server after RCPT TO:<{to}>:\n"
        "    host in.example [192.0.2.4]: 550 No such user here\n\n"
        "------ This is a copy of the message, including all the headers. ------\n\n"
        f"{returned(message_id, to)}\nHello,\n"
    ).encode()


def qmail(*, message_id: str = OUR_ID, to: str = NOBODY) -> bytes:
    return (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: vendange@vendor.example\nSubject: failure notice\n"
        "Date: Mon, 7 Sep 2026 10:00:00 +0200\nMessage-ID: <b5@mx.example>\n\n"
        "Hi. This is the qmail-send program at mx.example.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        f"<{to}>:\n192.0.2.4 does not like recipient.\nRemote host said: 550 Unknown user\nGiving up on 192.0.2.4.\n\n"
        f"--- Below this line is a copy of the message.\n\n{returned(message_id, to)}\nHello,\n"
    ).encode()


def full_mailbox(*, message_id: str = OUR_ID, to: str = NOBODY, key: str = "<b6@mx.example>") -> bytes:
    return postfix(message_id=message_id, to=to, status="4.2.2", said="452 4.2.2 Mailbox full", key=key)


def not_signed(*, message_id: str = OUR_ID, to: str = NOBODY) -> bytes:
    """Outlook.com does not believe that we may write for our domain (C71)."""
    said = "550 5.7.515 Access denied, sending domain vendor.example does not meet the required authentication level"
    return postfix(message_id=message_id, to=to, status="5.7.515", said=said, key="<b7@mx.example>")


def complaint(
    *,
    message_id: str = OUR_ID,
    to: str = NOBODY,
    kind: str = "abuse",
    key: str = "<c1@fbl.example>",
    hidden: bool = False,
) -> bytes:
    """As RFC 5965 asks for it; most senders of such reports take the address out (`hidden`)."""
    named = "" if hidden else f"Original-Rcpt-To: {to}\n"
    letter = returned(message_id, "redacted@fbl.example" if hidden else to)
    return (
        "From: feedback@fbl.example\nTo: abuse@vendor.example\nSubject: FW: Your catalogue\n"
        f"Message-ID: {key}\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="cut"\n\n'
        "--cut\nContent-Type: text/plain\n\nThis is an email abuse report.\n\n"
        "--cut\nContent-Type: message/feedback-report\n\n"
        f"Feedback-Type: {kind}\nUser-Agent: Feedback/1.0\nVersion: 1\n{named}\n"
        f"--cut\nContent-Type: message/rfc822\n\n{letter}\nHello,\n\n--cut--\n"
    ).encode()


def answer(
    *,
    sender: str = NOBODY,
    subject: str = "Re: Your catalogue",
    words: str = "Yes, please call me.",
    headers: str = "",
    message_id: str = OUR_ID,
    key: str = "<r1@atelier-nova.example>",
) -> bytes:
    """What somebody, or their program, answers to our letter."""
    return (
        f"Return-Path: <{sender}>\nFrom: Claire Moreau <{sender}>\nTo: vendange@vendor.example\nSubject: {subject}\n"
        f"In-Reply-To: {message_id}\nMessage-ID: {key}\n{headers}Content-Type: text/plain; charset=utf-8\n\n{words}\n"
    ).encode()


def absence(
    *, words: str = "I am away until 2 October 2026.", subject: str = "Automatic reply: Your catalogue"
) -> bytes:
    return answer(
        subject=subject, words=words, headers="Auto-Submitted: auto-replied\n", key="<a1@atelier-nova.example>"
    )


PERMANENT: tuple[Callable[..., bytes], ...] = (postfix, exchange, domino, exim, qmail)

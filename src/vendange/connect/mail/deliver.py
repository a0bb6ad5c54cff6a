"""Delivers the mails that are due: each on its own, so that one bad address never stops the others.

A row is claimed (`started_at`) before we speak to the server. A crash then leaves it claimed and unsent: nobody knows
whether the mail left, so it is not sent again but given up, with a sentence that people can see.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Q

from vendange.connect.mail import letter
from vendange.connect.mail.smtp import Fate, Handed, hand_over
from vendange.models import Outgoing
from vendange.reach.queries import colleague_at, undeliverable

log = logging.getLogger("vendange.mail")

AT_ONCE: Final = 50
# After the nth refusal that may pass; then every six hours.
PAUSES: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1))
LAST_PAUSE: Final = timedelta(hours=6)
GIVE_UP_AFTER: Final = timedelta(days=3)
# Longer than any conversation with a server: a claim this old is of a worker that died.
CLAIM_ENDS: Final = timedelta(minutes=10)
DOUBT: Final = "The worker stopped while sending: the mail may have left. It is not sent again by itself."
TOO_OLD: Final = f"It waited more than {GIVE_UP_AFTER.days} days: its news is old, and it is not sent any more."
NO_LETTERS: Final = {
    "dead": "This address takes no letters any more: the last ones came back. See Capture, Mail.",
    "complained": "A complaint came from this address: it gets no letter any more.",
}
SMTP: Final = "django.core.mail.backends.smtp.EmailBackend"


def deliver_due(*, now: datetime) -> int:
    """Try up to 50 mails that are due; returns how many were tried."""
    _tell_doubtful(now)
    _give_up_stale(now)
    due = Outgoing.objects.filter(_waiting(), kind="mail", due_at__lte=now).order_by("due_at", "id")
    return sum(_deliver(one, now) for one in due[:AT_ONCE])


def _waiting() -> Q:
    return Q(sent_at=None, given_up_at=None, started_at=None)


def _tell_doubtful(now: datetime) -> None:
    claimed = Outgoing.objects.filter(sent_at=None, given_up_at=None, started_at__lt=now - CLAIM_ENDS)
    count = claimed.update(given_up_at=now, error=DOUBT)
    if count:
        log.warning(
            "%s mails were being sent when a worker stopped. They may have left; they are not sent again.", count
        )


def _give_up_stale(now: datetime) -> None:
    """After a long outage people get what is of today, not a storm of what was."""
    stale = Outgoing.objects.filter(_waiting(), kind="mail", created_at__lt=now - GIVE_UP_AFTER)
    count = stale.update(given_up_at=now, error=TOO_OLD)
    if count:
        log.warning("%s mails waited more than %s days and are not sent any more.", count, GIVE_UP_AFTER.days)


def _deliver(one: Outgoing, now: datetime) -> bool:
    claimed = Outgoing.objects.filter(_waiting(), pk=one.pk).update(started_at=now, attempts=F("attempts") + 1)
    if not claimed:  # by another worker
        return False
    one.attempts += 1
    if because := _takes_none(one.recipient):
        _settle(one, Handed(Fate.NEVER, because), now)
        return True
    try:
        written = letter.write(one)
    except letter.Unwritable as fault:
        _settle(one, Handed(Fate.NEVER, str(fault)), now)
        return True
    _settle(one, _hand_over(written), now)
    return True


def _takes_none(recipient: str) -> str:
    """Why no letter may go there, asked just before it would (C20); colleagues get theirs, in case it works again."""
    stopped = undeliverable([recipient]).get(recipient.strip().lower())
    return NO_LETTERS[stopped.because] if stopped and colleague_at(recipient) is None else ""


def _hand_over(written: letter.Letter) -> Handed:
    if settings.EMAIL_BACKEND == SMTP:
        return hand_over(written.as_message(), written.returns_to)
    message = EmailMultiAlternatives(written.subject, written.text, written.sender, [written.recipient])
    message.attach_alternative(written.html, "text/html")
    message.extra_headers = dict(written.headers)
    try:
        message.send()
    except OSError as fault:
        return Handed(Fate.LATER, str(fault))
    return Handed(Fate.SENT)


def _settle(one: Outgoing, handed: Handed, now: datetime) -> None:
    row, error = Outgoing.objects.filter(pk=one.pk), handed.says[:500]
    if handed.fate is Fate.SENT:
        row.update(sent_at=now, error="")
    elif handed.fate is Fate.LATER:
        row.update(started_at=None, due_at=now + pause(one.attempts), error=error)
    else:
        row.update(given_up_at=now, error=error)
        log.warning("Mail %s to %s was given up: %s", one.key, one.recipient, error)


def pause(attempts: int) -> timedelta:
    """How long to wait after the nth attempt was refused."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else LAST_PAUSE

"""The worker's looks at what comes back: what providers posted, and the mailbox."""

import logging
import time
from datetime import datetime
from typing import Final

from django.conf import settings

from vendange.connect.mail import mailbox
from vendange.journey import coming_back

log = logging.getLogger("vendange.mail")

DRAIN_EVERY: Final = 2.0  # seconds
LOOK_EVERY: Final = 60.0
SAY_AGAIN_AFTER: Final = 3600.0  # seconds before the same trouble is told again


def posted(now: datetime) -> bool:
    return coming_back.drain(now=now) > 0


class Mailbox:
    """Looks once a minute, when one was named. Trouble is told once, then hourly; it is never hammered."""

    def __init__(self) -> None:
        self.told, self.told_at = "", 0.0

    def __call__(self, now: datetime) -> bool:
        if settings.MAILBOX is None:
            return False
        try:
            found = mailbox.read(
                settings.MAILBOX, lambda raw, came: coming_back.take_in_whatever(raw, received_at=came, now=now)
            )
        except mailbox.Unreachable as trouble:
            self._tell(str(trouble))
            return False
        if self.told:
            log.warning("The mailbox can be read again.")
            self.told = ""
        return found == mailbox.AT_ONCE

    def _tell(self, words: str) -> None:
        now = time.monotonic()
        if words != self.told or now - self.told_at > SAY_AGAIN_AFTER:
            log.error("%s Nothing is lost: it is looked at again every minute.", words)
            self.told, self.told_at = words, now

"""Which database holds which table. Written by no step: it only routes."""

from typing import Any

from django.conf import settings
from django.db import models

INBOX_TABLES = frozenset({"inboxevent", "refusedevent", "audiencecount", "cleared"})


class InboxRouter:
    """The inbox lives in its own file on SQLite so that the collector never waits for the company's writer."""

    def db_for_read(self, model: type[models.Model], **_hints: Any) -> str | None:
        return self._alias(model)

    def db_for_write(self, model: type[models.Model], **_hints: Any) -> str | None:
        return self._alias(model)

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **_hints: Any) -> bool | None:
        if settings.INBOX_ALIAS == "default" or model_name is None:
            return None
        return (app_label == "vendange" and model_name in INBOX_TABLES) == (db == "inbox")

    @staticmethod
    def _alias(model: type[models.Model]) -> str | None:
        mine = model._meta.app_label == "vendange" and model._meta.model_name in INBOX_TABLES
        return str(settings.INBOX_ALIAS) if mine else None

"""Static files straight from the packages, by WhiteNoise; each address carries a mark that changes with the file."""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage

from vendange.web import font


def mark(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]


@lru_cache(maxsize=256)
def mark_of(name: str) -> str:
    found = finders.find(name)
    return mark(found) if isinstance(found, str) else ""


class Storage(StaticFilesStorage):
    """Browsers keep a file for a year, because its address changes when its content does. Nothing to collect."""

    def url(self, name: str | None) -> str:
        address = super().url(name)
        if not name:
            return address
        if settings.DEBUG:
            mark_of.cache_clear()
        known = mark_of(name)
        return f"{address}?v={known}" if known else address


def prepare() -> None:
    """What the first start must make, without waiting for it: the font. Does nothing the second time."""
    font.prepare()

"""Translations, compiled from the .po file into VENDANGE_HOME when it changed: the repository holds no binary."""

import os
from pathlib import Path

import polib
from django.conf import settings

WRITTEN = Path(__file__).resolve().parent.parent / "locale" / "fr" / "LC_MESSAGES" / "django.po"


def compiled() -> Path:
    return Path(settings.HOME) / "locale" / "fr" / "LC_MESSAGES" / "django.mo"


def compile_if_stale() -> None:
    target = compiled()
    written = WRITTEN.stat()
    if target.exists() and target.stat().st_mtime_ns == written.st_mtime_ns:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_suffix(f".{os.getpid()}")  # several processes may start at the same moment
    polib.pofile(str(WRITTEN)).save_as_mofile(str(beside))
    os.utime(beside, ns=(written.st_mtime_ns, written.st_mtime_ns))
    beside.replace(target)

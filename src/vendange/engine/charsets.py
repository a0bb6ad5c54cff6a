"""What a page wrote in whatever charset it has, as text: no letter becomes a mark of what could not be read."""

import contextlib
import re
from collections.abc import Mapping
from email.message import Message
from typing import Final

# The charsets of pages that are not UTF-8 (WHATWG Encoding, "legacy"). Latin-1 is read as windows-1252, as browsers do.
LEGACY: Final = re.compile(
    r"iso-?8859-([2-9]|1[0-6])|(windows-|cp)125\d|koi8-[ru]|macintosh|gbk|gb18030|big5|euc-(jp|kr)|shift[_-]jis"
)


def as_text(raw: bytes, declared: str) -> str:
    """UTF-8 if it can be, else as the page declares, else as old pages write (windows-1252)."""
    wanted = declared.strip().lower()
    for charset in ("utf-8", *([wanted] if LEGACY.fullmatch(wanted) else []), "cp1252"):
        with contextlib.suppress(LookupError, UnicodeError):
            return raw.decode(charset)
    return raw.decode("latin-1")  # every byte is a letter there


def texts_of(raw: Mapping[str, list[str]], media: str) -> dict[str, list[str]]:
    """Fields whose letters stand for one byte each (read as latin-1), as they were typed.

    `media`: the content type. `_charset_` is the field in which browsers say how they wrote (HTML, "Forms").
    """
    declared = next(iter(raw.get("_charset_", [])), "") or charset_of(media)
    return {_text(name, declared): [_text(one, declared) for one in given] for name, given in raw.items()}


def _text(one: str, declared: str) -> str:
    return as_text(one.encode("latin-1", "replace"), declared)


def charset_of(media: str) -> str:
    message = Message()
    message["content-type"] = media.replace("\r", "").replace("\n", "")
    return str(message.get_content_charset("") or "")

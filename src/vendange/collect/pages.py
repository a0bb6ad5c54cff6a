"""A plain page for people who meet the collector itself: a heading and a sentence, no link, no script."""

import base64
import hashlib
import html
from collections.abc import Sequence
from typing import Final

from vendange.collect.answers import Answer

STYLE: Final = (
    "html{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}"
    "body{max-width:32rem;margin:15vh auto;padding:0 1rem}h1{font-size:1.25rem}section+section{margin-top:3rem}"
)
_hash: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest())
HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"x-robots-tag", b"noindex, nofollow"),
    (b"content-security-policy", b"default-src 'none'; style-src 'sha256-" + _hash + b"'"),
)


def plain_page(status: int, parts: Sequence[tuple[str, str, str]], *, retry_after: int = 0) -> Answer:
    """`parts`: language, heading and sentence, once for each language it is said in."""
    sections = "".join(
        f'<section lang="{html.escape(language)}"><h1>{html.escape(title)}</h1><p>{html.escape(text)}</p></section>'
        for language, title, text in parts
    )
    language, title, _ = parts[0]
    page = (
        f'<!doctype html><html lang="{html.escape(language)}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style><main>{sections}</main></html>"
    )
    return Answer(status, page.encode(), retry_after=retry_after, headers=HEADERS, media=b"text/html; charset=utf-8")

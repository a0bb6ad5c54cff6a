"""The scripts as browsers get them: their source without comments, indentation and needless ends of lines."""

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Final

from vendange.collect.answers import Answer

SOURCE: Final = Path(__file__).with_name("tracker.js")
NAME: Final = SOURCE.name
SCRIPTS: Final = (NAME, "form.js")
FRESH_FOR: Final = 3600  # seconds: a mended tracker is everywhere within the hour


@cache
def script(name: str = NAME) -> bytes:
    """What is served: the tracker at most 3 KB. Comments stand on lines of their own, so no parser is needed."""
    lines = (line.strip() for line in SOURCE.with_name(name).read_text(encoding="utf-8").splitlines())
    said = "\n".join(line for line in lines if line and not line.startswith("//"))
    return re.sub(r"(?<=[;,{(>])\n|,?\n(?=[}\])])", "", said).encode() + b"\n"


@cache
def mark(name: str = NAME) -> bytes:
    return b'"%s"' % hashlib.sha256(script(name)).hexdigest()[:16].encode()


def answer(if_none_match: bytes, name: str = NAME) -> Answer:
    """The script, or 304 for who has it already. Any site may load it: it holds no secret."""
    headers = (
        (b"cache-control", b"public, max-age=%d" % FRESH_FOR),
        (b"etag", mark(name)),
        (b"cross-origin-resource-policy", b"cross-origin"),
    )
    fresh = mark(name) in if_none_match
    return Answer(304 if fresh else 200, b"" if fresh else script(name), headers=headers, media=b"text/javascript")

"""Headers and words of a message as people read them, however a server wrote them."""

import html
import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from typing import Final

TAGS: Final = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.IGNORECASE | re.DOTALL)


def header(message: Message, name: str) -> str:
    """One header in one line, decoded, also where a server wrote UTF-8 as it stands; "" when there is none."""
    written = next((str(value) for found, value in message.raw_items() if found.lower() == name.lower()), "")
    raw = written.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        return " ".join(str(make_header(decode_header(raw))).replace("\0", "").split())
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return " ".join(raw.split())


def plain_text(message: Message) -> str:
    """What a message says in its own words: its texts, not the messages that it carries; HTML without its tags."""
    texts = [text for part in own_parts(message) if (text := _text_of(part, "text/plain"))]
    if not texts:
        marked = (_text_of(part, "text/html") for part in own_parts(message))
        texts = [html.unescape(TAGS.sub(" ", text)) for text in marked if text]
    return "\n".join(texts)


def own_parts(message: Message) -> list[Message]:
    """The parts of a message that are not inside another message, itself included."""
    if message.get_content_maintype() == "message":
        return []
    payload = message.get_payload()
    if message.is_multipart() and isinstance(payload, list):
        return [inner for part in payload if isinstance(part, Message) for inner in own_parts(part)]
    return [message]


def _text_of(part: Message, media: str) -> str:
    if part.get_content_type() != media:
        return ""
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    try:
        return raw.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:  # a charset that nobody knows
        return raw.decode("utf-8", "replace")

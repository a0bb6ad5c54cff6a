"""What a form sends, however it sends it: names with what was typed under each."""

import email.parser
import email.policy
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from vendange.collect.protocol import Unreadable
from vendange.engine.charsets import texts_of
from vendange.engine.form_words import MOST_FIELDS

URLENCODED: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
JSON: Final = "application/json"
TYPES: Final = (URLENCODED, MULTIPART, JSON)
LIMIT: Final = 64 * 1024
Fields = Mapping[str, list[str]]


def read_fields(content: bytes, media: bytes) -> Fields:
    """The fields of a body of that content type. Raises Unreadable."""
    if len(content) > LIMIT:
        raise Unreadable("too_large", f"A form sends at most {LIMIT // 1024} KB.", status=413)
    kind = media.split(b";")[0].strip().lower().decode("latin-1")
    if kind == JSON:
        return _of_json(content)
    return _of_multipart(content, media) if kind == MULTIPART else _of_pairs(content, media)


def _of_pairs(content: bytes, media: bytes) -> Fields:
    try:
        text = content.decode("latin-1")
        raw = parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, encoding="latin-1")
    except ValueError:
        raise _too_many() from None
    return texts_of(raw, media.decode("latin-1"))


def _of_json(content: bytes) -> Fields:
    try:
        found = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Unreadable("not_json", "The body says that it is JSON, and is not.") from None
    if not isinstance(found, dict):
        raise Unreadable("not_an_object", "Send one JSON object: the name of each question with what was typed.")
    if len(found) > MOST_FIELDS:
        raise _too_many()
    return {name: _texts(name, value) for name, value in found.items()}


def _texts(name: str, value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for one in value[:MOST_FIELDS] for text in _texts(name, one) if not isinstance(one, list)]
    if value is None:
        return []
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, str | int | float):
        return [str(value).encode("utf-8", "replace").decode()]
    raise Unreadable("bad_type", f"“{name[:60]}” must be text, a number, yes or no, or a list of these.")


def _of_multipart(content: bytes, media: bytes) -> Fields:
    """Multipart without files: its parts as Python's own reader of mail finds them."""
    head = b"content-type: " + media.replace(b"\r", b"").replace(b"\n", b"") + b"\r\n\r\n"
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + content)
    found: dict[str, list[str]] = {}
    parts = list(message.iter_parts()) if message.is_multipart() else []
    if not parts:
        raise Unreadable("not_multipart", "The body says that it is multipart, and is not.")
    if len(parts) > MOST_FIELDS:
        raise _too_many()
    for part in parts:
        name = part.get_param("name", header="content-disposition")
        if part.get_filename():
            raise Unreadable("files_not_taken", "This form takes no files. Send text only.", status=415)
        raw = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(raw, bytes):
            one_byte_each = name.encode("utf-8", "surrogateescape").decode("latin-1")
            found.setdefault(one_byte_each, []).append(raw.decode("latin-1"))
    return texts_of(found, media.decode("latin-1"))


def _too_many() -> Unreadable:
    return Unreadable("too_many_fields", f"A form sends at most {MOST_FIELDS} fields.", status=413)

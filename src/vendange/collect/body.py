"""Reading a body without believing its sender: size, patience, compression."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from vendange.collect.protocol import BODY_LIMIT, UNPACKED_LIMIT, Unreadable

PATIENCE: Final = 15.0  # seconds for the whole body
TYPES: Final = ("application/json", "text/plain", "")

Receive = Callable[[], Awaitable[Any]]


class Gone(Exception):
    """The sender left before the end of the body."""


async def read(
    receive: Receive, headers: Mapping[bytes, bytes], types: Sequence[str] = TYPES, limit: int = BODY_LIMIT
) -> bytes:
    """The body, unpacked. Raises Unreadable with the status to answer, or Gone."""
    media = headers.get(b"content-type", b"").split(b";")[0].strip().lower().decode("latin-1")
    if media not in types:
        raise Unreadable("wrong_content_type", f"Send {' or '.join(filter(None, types))}.", status=415)
    packing = headers.get(b"content-encoding", b"").strip().lower()
    if packing not in (b"", b"identity", b"gzip"):
        raise Unreadable("wrong_encoding", "Send the body as it is, or packed with gzip.", status=415)
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > limit:
        raise too_large(limit)
    try:
        async with asyncio.timeout(PATIENCE):
            body = await _pieces(receive, limit)
    except TimeoutError:
        raise Unreadable("too_slow", f"The body took more than {PATIENCE:.0f} seconds.", status=408) from None
    return unpacked(body) if packing == b"gzip" else body


async def _pieces(receive: Receive, limit: int) -> bytes:
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        piece = message.get("body", b"")
        size += len(piece)
        if size > limit:
            raise too_large(limit)
        pieces.append(piece)
        if not message.get("more_body", False):
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def unpacked(body: bytes) -> bytes:
    """A gzip body, unpacked no further than the limit."""
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = unpacker.decompress(body, UNPACKED_LIMIT + 1)
    except zlib.error:
        raise Unreadable("not_gzip", "The body says that it is gzip, and is not.") from None
    if len(plain) > UNPACKED_LIMIT:
        raise Unreadable(
            "too_large", f"The body is larger than {UNPACKED_LIMIT // 1024 // 1024} MB once unpacked.", status=413
        )
    if not unpacker.eof or unpacker.unused_data:
        raise Unreadable("not_gzip", "The gzip body is cut, or something follows it.")
    return plain


def too_large(limit: int) -> Unreadable:
    return Unreadable("too_large", f"The body is larger than {limit // 1024} KB. Send smaller batches.", status=413)

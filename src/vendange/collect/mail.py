"""`POST /v1/mail/<key>`: what came back, from a mail provider: on the disk before it is answered, read later."""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from email import message_from_bytes
from typing import Any, Final

from vendange.collect import answers, body
from vendange.collect.answers import Answer
from vendange.collect.body import Receive
from vendange.collect.committer import Committer, Dead, Full, Outcome
from vendange.collect.mail_reports import Found, NoProvider, found_in
from vendange.collect.mail_signed import Keys, is_signed
from vendange.collect.protocol import Unreadable
from vendange.collect.rows import Part, Refusal, Row
from vendange.collect.sources import Known, Sources
from vendange.reach.rules import key_of

DOOR: Final = "mail"
RAW: Final = "message/rfc822"
TYPES: Final = ("application/json", "text/plain", RAW, "")  # Amazon posts its JSON as text
LIMIT: Final = 5 * 1024 * 1024
LONGEST_KEY: Final = 255


class MailDoor:
    """`sources` are the doors that were opened, by their secret key; `keys` check signatures where they are given."""

    def __init__(self, sources: Sources, keys: Keys) -> None:
        self.sources, self.keys = sources, keys

    async def answer(
        self, path: str, method: str, headers: Mapping[bytes, bytes], receive: Receive, committer: Committer
    ) -> Answer | None:
        """None when the path is not ours. Raises Gone and Unreachable."""
        door, _, key = path.partition("/")
        if door != DOOR:
            return None
        if method != "POST":
            return answers.refused(405, "post_only", "Post a message, or what your mail provider tells.")
        known = await self.sources.of_key(key) if key else None
        if known is None:
            return answers.refused(401, "unknown_key", "This door is not open. Its address stands on Capture, Mail.")
        try:
            content = await body.read(receive, headers, types=TYPES, limit=LIMIT)
        except Unreadable as bad:
            return await _refuse(bad, b"", known, committer)
        try:
            found = self._read(content, headers)
        except Unreadable as bad:
            return await _refuse(bad, content, known, committer)
        rows = [row_of(one, known) for one in found]
        return await _commit(Part(rows=rows), committer) if rows else answers.stored()

    def _read(self, content: bytes, headers: Mapping[bytes, bytes]) -> list[Found]:
        media = headers.get(b"content-type", b"").split(b";")[0].strip().lower().decode("latin-1")
        if media == RAW:
            if not message_from_bytes(content[:100_000]).keys():
                raise Unreadable("no_message", "The body is no message: it has no header.", status=422)
            return [Found(key_of(message_from_bytes(content), content), raw=content)]
        said = _json(content)
        if not is_signed(said, content, headers, self.keys):
            raise Unreadable("bad_signature", "The signature of the mail provider is missing or wrong.", status=401)
        try:
            return found_in(said)
        except NoProvider:
            told = "This is no form of a mail provider that we know. Post the message itself as message/rfc822."
            raise Unreadable("unknown_mail_report", told, status=422) from None


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise Unreadable("not_json", "The body is not JSON. Post a message as message/rfc822.") from None


def row_of(one: Found, known: Known) -> Row:
    return Row(
        source=known.id,
        message_id=one.key[:LONGEST_KEY].replace("\x00", ""),
        kind="mail" if one.raw else "mail_report",
        received_at=time.time_ns() // 1000,
        sent_at="",
        ip="",
        user_agent="",
        payload=one.payload(),
    )


async def _commit(part: Part, committer: Committer) -> Answer:
    try:
        outcome = await committer.submit(part)
    except Full:
        return answers.full()
    except Dead:
        return answers.unavailable()
    return answers.stored() if outcome is not Outcome.UNAVAILABLE else answers.unavailable()


async def _refuse(bad: Unreadable, content: bytes, known: Known, committer: Committer) -> Answer:
    kept = Refusal(known.id, "", bad.reason, bad.detail, time.time_ns() // 1000, content)
    with suppress(Full, Dead):
        await committer.submit(Part(refusals=[kept]))
    return answers.refused(bad.status, bad.reason, bad.detail)

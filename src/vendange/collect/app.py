"""The collector: a bare ASGI application for /v1/*. It stores and answers; everything else happens later."""

import asyncio
import base64
import binascii
import contextlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vendange.collect import answers, body, forms, tracker
from vendange.collect.answers import Answer, Send
from vendange.collect.body import Gone, Receive
from vendange.collect.committer import Committer, Dead, Full, Outcome
from vendange.collect.links import Asked, Links
from vendange.collect.mail import MailDoor
from vendange.collect.protocol import (
    KINDS,
    SHORT,
    Arrived,
    Envelope,
    Unreadable,
    read_body,
    read_envelope,
    refusal,
)
from vendange.collect.rows import Part
from vendange.collect.sources import Known, Sources, Unreachable
from vendange.collect.store import Store

log = logging.getLogger("vendange.collect")

PREFIX: Final = "/v1/"
AHEAD: Final = (b"sec-purpose", b"purpose", b"x-purpose", b"x-moz")  # set by browsers that fetch before they are asked
NAMES: Final = {**SHORT, **{name: name for name in KINDS | {"batch"}}}


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str  # what follows /v1/
    headers: Mapping[bytes, bytes]
    ip: str
    query: bytes = b""

    @property
    def origin(self) -> bytes:
        return self.headers.get(b"origin", b"")


class Collector:
    """`store` belongs to the writer thread; `behind_proxy` believes the last address of X-Forwarded-For."""

    def __init__(
        self,
        *,
        store: Store,
        sources: Sources,
        links: Links | None = None,
        forms: forms.Door | None = None,
        mail: MailDoor | None = None,
        behind_proxy: bool = False,
    ) -> None:
        self.committer = Committer(store)
        self.sources, self.links, self.forms, self.mail = sources, links, forms, mail
        self.behind_proxy = behind_proxy
        self.started = False

    def start(self) -> None:
        """From the event loop that will serve; a second call does nothing."""
        if not self.started:
            self.started = True
            self.committer.start(asyncio.get_running_loop())

    async def stop(self) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self.committer.stop)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        self.start()
        request = self._request(scope)
        cors: tuple[tuple[bytes, bytes], ...] = answers.NO_CORS
        try:
            if request.origin and await self.sources.allow_origin(request.origin.decode("latin-1")):
                cors = answers.cors_headers(request.origin)
            answer = await self._answer(request, receive)
        except Gone:
            return
        except Unreachable:
            answer = answers.unavailable()
        except Exception:
            log.exception("A request to %s failed in our own code; the sender is told to retry.", request.path)
            answer = answers.unavailable()
        await answer.send(send, cors)

    def _request(self, scope: Mapping[str, Any]) -> Request:
        headers = {name.lower(): value for name, value in scope["headers"]}
        ip = str((scope.get("client") or ("",))[0])
        if self.behind_proxy and (forwarded := headers.get(b"x-forwarded-for")):
            ip = forwarded.decode("latin-1").split(",")[-1].strip()
        path = scope["path"].removeprefix(PREFIX).strip("/")
        return Request(scope["method"], path, headers, ip[:45], scope.get("query_string", b""))

    async def _answer(self, request: Request, receive: Receive) -> Answer:
        if request.method == "OPTIONS":
            return Answer(204, b"", headers=answers.PREFLIGHT)
        if request.path in tracker.SCRIPTS:
            return self._script(request)
        if self.forms and request.path.startswith(forms.DOOR):
            form_id = request.path.removeprefix(forms.DOOR)
            return await self.forms.answer(form_id, asked_of_form(request), receive, self.committer)
        if self.links and (led := await self.links.answer(request.path, asked(request), self.committer)):
            return led
        if self.mail and (
            told := await self.mail.answer(request.path, request.method, request.headers, receive, self.committer)
        ):
            return told
        parts = request.path.split("/")
        if len(parts) == 3 and (parts[0], parts[2]) == ("projects", "settings"):
            return await self._settings(request, parts[1])
        kind = NAMES.get(request.path)
        if kind is None:
            return answers.refused(404, "no_such_path", f"POST to one of /v1/{', /v1/'.join(sorted(NAMES))}.")
        if request.method != "POST":
            return answers.refused(405, "post_only", "Send events with POST.")
        return await self._collect(kind, request, receive)

    def _script(self, request: Request) -> Answer:
        if request.method not in ("GET", "HEAD"):
            return answers.refused(405, "get_only", "The script is read with GET.")
        return tracker.answer(request.headers.get(b"if-none-match", b""), request.path)

    async def _settings(self, request: Request, key: str) -> Answer:
        if request.method not in ("GET", "HEAD"):
            return answers.refused(405, "get_only", "Settings are read with GET.")
        known = await self.sources.of_key(key)
        return answers.client_settings(key) if known else answers.unknown_key()

    async def _collect(self, kind: str, request: Request, receive: Receive) -> Answer:
        key = basic_key(request.headers.get(b"authorization", b""))
        known = await self.sources.of_key(key) if key else None
        if key and known is None:
            return answers.unknown_key()
        try:
            content = await body.read(receive, request.headers)
        except Unreadable as bad:
            return await self._refuse(bad, b"", known, request)
        return await self._store(kind, content, known, request)

    async def _store(self, kind: str, content: bytes, known: Known | None, request: Request) -> Answer:
        try:
            envelope = read_envelope(content)
        except Unreadable as bad:
            return await self._refuse(bad, content, known, request)
        known = known or await self._source_in(envelope)
        if known is None:
            return answers.unknown_key()
        if not known.allows(request.origin.decode("latin-1")):
            return answers.refused(403, "origin_not_allowed", "This site may not send with this write key.")
        try:
            part = read_body(kind, content, envelope, arrived(known, request))
        except Unreadable as bad:
            return await self._refuse(bad, content, known, request)
        return await self._commit(part)

    async def _source_in(self, envelope: Envelope) -> Known | None:
        return await self.sources.of_key(envelope.writeKey) if isinstance(envelope.writeKey, str) else None

    async def _commit(self, part: Part) -> Answer:
        if not part.rows and not part.refusals:
            return answers.stored()
        try:
            outcome = await self.committer.submit(part)
        except Full:
            return answers.full()
        except Dead:
            return answers.unavailable()
        if outcome is Outcome.NOT_STORABLE:
            return answers.refused(
                400, "not_storable", "The database does not take this. It is kept among the refused."
            )
        return answers.stored() if outcome is Outcome.STORED else answers.unavailable()

    async def _refuse(self, bad: Unreadable, content: bytes, known: Known | None, request: Request) -> Answer:
        """Refusals of a known source are kept; those of nobody we know are only answered."""
        if known is not None:
            kept = refusal(bad, content, arrived(known, request))
            with contextlib.suppress(Full, Dead):
                await self.committer.submit(Part(refusals=[kept]))
        elif bad.status == 400 and bad.reason == "not_json":
            return answers.unknown_key()
        return answers.refused(bad.status, bad.reason, bad.detail)


def asked(request: Request) -> Asked:
    return Asked(request.method, request.headers, request.ip, user_agent(request), hints(request.headers))


def asked_of_form(request: Request) -> forms.Asked:
    said = user_agent(request), hints(request.headers)
    return forms.Asked(request.method, request.query, request.headers, request.ip, *said)


def user_agent(request: Request) -> str:
    agent = request.headers.get(b"user-agent", b"").decode("latin-1")
    return agent[:400] if agent.isprintable() else ""


def arrived(known: Known, request: Request) -> Arrived:
    return Arrived(
        source=known.id,
        received_at=time.time_ns() // 1000,
        ip=request.ip,
        user_agent=user_agent(request),
        hints=hints(request.headers),
    )


def hints(headers: Mapping[bytes, bytes]) -> str:
    """What a request itself says of a machine: `prefetch` (nobody may ever look), `automated` (no window is open)."""
    ahead = b" ".join(headers.get(name, b"") for name in AHEAD).lower()
    brands = headers.get(b"sec-ch-ua", b"").lower()
    said = {"prefetch": b"prefetch" in ahead or b"prerender" in ahead, "automated": b"headless" in brands}
    return " ".join(name for name, holds in said.items() if holds)


def basic_key(header: bytes) -> str:
    """The write key in `Authorization: Basic base64(key:)`; "" without the header, "?" when it cannot be read."""
    if not header:
        return ""
    scheme, _, encoded = header.partition(b" ")
    if scheme.lower() != b"basic":
        return "?"
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode().partition(":")[0] or "?"
    except (binascii.Error, UnicodeDecodeError):
        return "?"

"""Tracked links and pixels: `/v1/l/…` leads to one stored place, `/v1/o/….gif` shows nothing. Nobody waits for us."""

import asyncio
import base64
import hashlib
import html
import json
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import DatabaseError

from vendange.collect.answers import Answer
from vendange.collect.committer import Committer, Dead, Full, Outcome
from vendange.collect.rows import Part, Refusal, Row
from vendange.collect.sources import FRESH_FOR, UNKNOWN_EVERY, Unreachable
from vendange.link.rules import MARK, TOKEN, person_of

log = logging.getLogger("vendange.collect")

DOORS: Final = {"l": "link", "o": "pixel"}
PATIENCE: Final = 1.5  # seconds that a visitor may wait for our disk, at most
GIF: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
EMBEDDED: Final = (b"image", b"script", b"style", b"iframe", b"frame", b"embed", b"object", b"empty", b"font")
PRIVATE: Final = (
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex, nofollow"),
)
EVENTS: Final = {"link": "Email Clicked", "pixel": "Email Opened"}


@dataclass(frozen=True, slots=True)
class Link:
    """One link as it stands in the database. `to` is already the whole address: nothing of a request changes it."""

    token: str
    kind: str
    source: int
    to: str
    campaign: str
    channel: str
    topic: str
    asset: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says, as far as it matters here."""

    method: str
    headers: Mapping[bytes, bytes]
    ip: str
    agent: str
    hints: str


class Links:
    """The links by token; read again every few seconds and when a token is not known. `secret` opens the marks."""

    def __init__(self, read: Callable[[], Mapping[str, Link]], secret: str) -> None:
        self.read, self.secret = read, secret
        self.known: Mapping[str, Link] | None = None
        self.read_at = 0.0
        self.lock = asyncio.Lock()
        self.lost: Counter[tuple[int, str]] = Counter()  # followings that could not be stored, to be told once we can

    async def answer(self, path: str, asked: Asked, committer: Committer) -> Answer | None:
        """None when the path is none of ours. Raises Unreachable when links were never read."""
        door, _, rest = path.partition("/")
        if door not in DOORS:
            return None
        if asked.method not in ("GET", "HEAD"):
            return Answer(405, b"", headers=((b"allow", b"GET, HEAD"), *PRIVATE))
        token, _, mark = (rest.removesuffix(".gif") if door == "o" else rest).partition("/")
        link = await self.of_token(token)
        if link is None or link.kind != DOORS[door]:
            return page(404)
        if not link.is_open:
            return page(410)
        await self._tell(link, mark, asked, committer)
        if link.kind == "pixel":
            return Answer(200, GIF, headers=PRIVATE, media=b"image/gif")
        headers = ((b"location", link.to.encode("ascii")), *PRIVATE)
        return Answer(302, b"", headers=headers, media=b"text/html; charset=utf-8")

    async def of_token(self, token: str) -> Link | None:
        if not TOKEN.fullmatch(token):
            return None
        found = (await self._all(FRESH_FOR)).get(token)
        return found or (await self._all(UNKNOWN_EVERY)).get(token)

    async def _all(self, age: float) -> Mapping[str, Link]:
        async with self.lock:
            if self.known is None or time.monotonic() - self.read_at > age:
                self.read_at = time.monotonic()
                try:
                    self.known = await asyncio.get_running_loop().run_in_executor(None, self.read)
                except DatabaseError as error:
                    log.error("The tracked links cannot be read: %s. Those read before stay valid.", error)
        if self.known is None:
            raise Unreachable
        return self.known

    async def _tell(self, link: Link, mark: str, asked: Asked, committer: Committer) -> None:
        """Store that it was followed; whatever becomes of that, the visitor goes on."""
        owed, self.lost = self.lost, Counter()
        part = Part(rows=[self._row(link, mark, asked)], refusals=[told(key, times) for key, times in owed.items()])
        try:
            written = committer.submit(part)
        except (Full, Dead) as fault:
            self._lose(link, owed, type(fault).__name__)
            return
        written.add_done_callback(lambda done: self._written(done, link, owed))
        await asyncio.wait([written], timeout=PATIENCE)

    def _written(self, done: "asyncio.Future[Outcome]", link: Link, owed: Counter[tuple[int, str]]) -> None:
        if done.cancelled() or done.result() is not Outcome.STORED:
            self._lose(link, owed, "not stored")

    def _lose(self, link: Link, owed: Counter[tuple[int, str]], why: str) -> None:
        self.lost.update(owed)
        self.lost[link.source, link.token] += 1
        total = self.lost.total()
        if total & (total - 1) == 0:  # 1, 2, 4, 8 …: told, and not a line for each
            log.error("A followed link could not be stored (%s). Visitors go on; %d are not counted yet.", why, total)

    def _row(self, link: Link, mark: str, asked: Asked) -> Row:
        wants_privacy = asked.headers.get(b"sec-gpc", b"").strip() == b"1"  # the browser objects, whatever was agreed
        is_marked = bool(MARK.fullmatch(mark)) and person_of(mark, link.token, self.secret) is not None
        is_marked = is_marked and not wants_privacy
        return Row(
            source=link.source,
            message_id=f"l-{secrets.token_urlsafe(15)}",
            kind="link",
            received_at=time.time_ns() // 1000,
            sent_at="",
            ip=asked.ip if is_marked else "",
            user_agent=asked.agent,
            payload=payload(link, mark if is_marked else ""),
            hints=hints(asked, link.kind),
        )


def payload(link: Link, mark: str) -> bytes:
    """A `track` body of the Segment form; without a mark it is a visit of nobody."""
    properties = {
        "path": f"/l/{link.token}",
        "asset": link.asset,
        "campaign": link.campaign,
        "channel": link.channel,
        "topic": link.topic,
        "utm_campaign": link.campaign,
        "utm_medium": link.channel,
    }
    said: dict[str, Any] = {
        "type": "track",
        "event": EVENTS[link.kind] if mark else "Link Followed",
        "anonymousId": "nobody",
        "properties": {name: value for name, value in properties.items() if value and (name[:3] != "utm" or not mark)},
        "link": link.token,
    }
    said |= {"pixel": True} if link.kind == "pixel" else {}
    said |= {"mark": mark} if mark else {"context": {"mode": "audience"}}
    return json.dumps(said, separators=(",", ":")).encode()


def hints(asked: Asked, kind: str) -> str:
    """What the request says of a machine, besides what every request of the collector says."""
    fetched_as = asked.headers.get(b"sec-fetch-dest", b"").lower()
    more = {"head": asked.method == "HEAD", "embedded": kind == "link" and fetched_as in EMBEDDED}
    return " ".join([*asked.hints.split(), *(name for name, holds in more.items() if holds)])


def told(key: tuple[int, str], times: int) -> Refusal:
    """What could not be stored is told among the refused: how often, and of which link."""
    source, token = key
    detail = f"The link {token} was followed {times} times while nothing could be stored. The visitors went on."
    return Refusal(source, "", "link_not_stored", detail, time.time_ns() // 1000, b"{}")


SAID: Final = {
    404: ("This link does not exist", "Check the address, or ask whoever sent it to you."),
    410: ("This link is closed", "Whoever sent it to you has closed it."),
}
FRENCH: Final = {
    404: ("Ce lien n’existe pas", "Vérifiez l’adresse, ou demandez à la personne qui vous l’a envoyée."),
    410: ("Ce lien est fermé", "La personne qui vous l’a envoyé l’a fermé."),
}
STYLE: Final = (
    "html{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}"
    "body{max-width:32rem;margin:15vh auto;padding:0 1rem}h1{font-size:1.25rem}section+section{margin-top:3rem}"
)
STYLE_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest())
PLAIN_PAGE: Final = (
    *PRIVATE,
    (b"content-security-policy", b"default-src 'none'; style-src 'sha256-" + STYLE_HASH + b"'"),
)


def page(status: int) -> Answer:
    """A plain page in both languages; it leads nowhere."""
    parts = []
    for language, (title, text) in (("en", SAID[status]), ("fr", FRENCH[status])):
        parts.append(f'<section lang="{language}"><h1>{html.escape(title)}</h1><p>{html.escape(text)}</p></section>')
    body = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{SAID[status][0]}</title><style>{STYLE}</style><main>{''.join(parts)}</main></html>"
    )
    return Answer(status, body.encode(), headers=PLAIN_PAGE, media=b"text/html; charset=utf-8")

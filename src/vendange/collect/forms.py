"""Answers to forms: `/v1/forms/<id>` gives the form as JSON, or takes an answer from a script, our page, any page."""

import contextlib
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

import msgspec
from django.utils.translation import override

from vendange.agreement.sentence import Sentence
from vendange.ask.rules import FIELDS, Checked, check, next_questions
from vendange.collect import body
from vendange.collect.answers import Answer, refused
from vendange.collect.body import Receive
from vendange.collect.committer import Committer, Dead, Full, Outcome
from vendange.collect.form_body import TYPES, Fields, read_fields
from vendange.collect.form_refusals import no_form, refusal, unreadable
from vendange.collect.limits import Buckets, network
from vendange.collect.protocol import Unreadable
from vendange.collect.published import TRAP, Forms, Published
from vendange.collect.rows import Part, Refusal, Row
from vendange.engine.plain_text import one_line
from vendange.engine.typed import cleaned
from vendange.words import said

DOOR: Final = "forms/"
FASTEST: Final = 2.0  # seconds: nobody reads and fills in a form in less
UTM: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
HOUR: Final = 3600
WHOLE: Final = (
    "%/:=&?~#+!$,;'@()*[]-._"  # of an address that is whole already only letters beyond ASCII are written anew
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says, as far as it matters here."""

    method: str
    query: bytes
    headers: Mapping[bytes, bytes]
    ip: str
    agent: str
    hints: str

    @property
    def origin(self) -> str:
        return self.headers.get(b"origin", b"").decode("latin-1")

    @property
    def wants_json(self) -> bool:
        sent, wanted = self.headers.get(b"content-type", b""), self.headers.get(b"accept", b"")
        return b"application/json" in sent or b"application/json" in wanted

    @property
    def hears_json(self) -> bool:
        """Whether a refusal is JSON too: only scripts read a form at this address."""
        return self.wants_json or self.method != "POST"


@dataclass(slots=True)
class Limits:
    """Answers at once, then a second. Of one address as many as an office of some hundred people sends after a talk."""

    address: Buckets = field(default_factory=lambda: Buckets(60, 1))
    form: Buckets = field(default_factory=lambda: Buckets(1000, 50))
    browser: Buckets = field(default_factory=lambda: Buckets(120, 5))  # questions about what is known, of one address

    @classmethod
    def of_rate(cls, rate: float) -> "Limits":
        """`rate`: how many answers a second one form takes for long; twenty times as many at once."""
        return cls(form=Buckets(rate * 20, rate))

    def wait(self, form: Published, ip: str) -> float:
        """Seconds that this sender has to wait; 0: none."""
        return self.address.take(network(ip)) or self.form.take(form.public_id)


class Door:
    """`home` stands before our own pages where they have another address than this one; "" on the same port."""

    def __init__(self, forms: Forms, *, limits: Limits | None = None, home: str = "") -> None:
        self.forms, self.limits, self.home = forms, limits or Limits(), home

    async def answer(self, public_id: str, asked: Asked, receive: Receive, committer: Committer) -> Answer:
        """Raises Unreachable when forms were never read, Gone when the sender left."""
        form = await self.forms.of_id(public_id.lower())
        if form is None:
            return no_form(asked.headers.get(b"accept-language", b"").decode("latin-1"), as_json=asked.hears_json)
        if not form.allows(asked.origin, asked.headers.get(b"host", b"").decode("latin-1")):
            return _told(403, "origin_not_allowed", form, "not_here", asked)
        if form.is_closed:
            return _told(410, "closed", form, "closed", asked)
        if asked.method in ("GET", "HEAD"):
            return await self._show(form, asked)
        if asked.method != "POST":
            return refused(405, "get_or_post", "Read the form with GET, answer it with POST.")
        if wait := self.limits.wait(form, asked.ip):
            return _told(429, "too_many", form, "busy", asked, retry_after=int(wait) + 1)
        return await self._take(form, asked, receive, committer)

    async def _show(self, form: Published, asked: Asked) -> Answer:
        """The form with the questions that come next for this browser; never what is known of it (R21)."""
        named = parse_qs(asked.query.decode("latin-1"), max_num_fields=20).get("a", [""])[0] if asked.query else ""
        anonymous_id = _key(named)
        is_asked = anonymous_id and not self.limits.browser.take(network(asked.ip))
        known = await self.forms.known_of(anonymous_id) if is_asked else frozenset[str]()
        shown = form.as_json(next_questions(form.definition, known), time.time())
        return Answer(200, msgspec.json.encode(shown))

    async def _take(self, form: Published, asked: Asked, receive: Receive, committer: Committer) -> Answer:
        try:
            content = await body.read(receive, asked.headers, TYPES)
            fields = read_fields(content, asked.headers.get(b"content-type", b""))
        except Unreadable as bad:
            asks = form.definition
            return unreadable(bad, language=asks.language, title=asks.title, as_json=asked.wants_json)
        checked = check(form.definition, fields, _shown(fields))
        if checked.problems:
            return self._wrong(form, checked, asked)
        return await self._keep(form, _read(form, fields, checked, asked, content), asked, committer)

    def _wrong(self, form: Published, checked: Checked, asked: Asked) -> Answer:
        """A script is told what to mend; a browser takes what was typed to our page, which shows it again."""
        if not asked.wants_json:
            return Answer(307, b"", headers=((b"location", f"{self.home}/f/{form.public_id}/".encode()),))
        problems = in_language(checked.problems, form.definition.language)
        told = {"ok": False, "code": "problems", "message": form.words["look"], "problems": problems}
        return Answer(422, msgspec.json.encode(told))

    async def _keep(self, form: Published, answer: "Read", asked: Asked, committer: Committer) -> Answer:
        """On the disk before the thanks. What a trap caught is kept apart, and its sender is thanked too."""
        part = Part(refusals=[answer.trapped()]) if answer.is_trapped else Part(rows=[answer.row])
        outcome = Outcome.UNAVAILABLE
        with contextlib.suppress(Full, Dead):
            outcome = await committer.submit(part)
        if outcome is not Outcome.STORED:
            return _told(503, "unavailable", form, "busy", asked, retry_after=5)
        return self._thanks(form, asked)

    def _thanks(self, form: Published, asked: Asked) -> Answer:
        own = form.definition.thanks_url
        if asked.wants_json:
            thanks = form.definition.thanks or form.words["thanks"]
            return Answer(200, msgspec.json.encode({"ok": True, "thanks": thanks, "thanks_url": own}))
        place = quote(own, safe=WHOLE) if own else f"{self.home}/f/{form.public_id}/thanks"
        return Answer(303, b"", headers=((b"location", place.encode()),))


@dataclass(frozen=True, slots=True)
class Read:
    """An answer that can be taken, ready for the inbox."""

    row: Row
    is_trapped: bool

    def trapped(self) -> Refusal:
        detail = "A field that people do not see was filled in: this was a program. Its sender was thanked."
        one = self.row
        return Refusal(one.source, one.message_id, "honeypot", detail, one.received_at, one.payload)


def _read(form: Published, fields: Fields, checked: Checked, asked: Asked, content: bytes) -> Read:
    now = time.time()
    drawn = _first(fields, "_shown", 20)
    fast = drawn.isdigit() and 0 <= now - int(drawn) / 1000 < FASTEST
    row = Row(
        source=form.source,
        message_id=message_id(form, fields, checked, asked, content, now),
        kind="form",
        received_at=int(now * 1_000_000),
        sent_at="",
        ip=asked.ip,
        user_agent=asked.agent,
        payload=payload(form, fields, checked, asked),
        hints=f"{asked.hints} fast".strip() if fast else asked.hints,
    )
    return Read(row, is_trapped=bool(_first(fields, TRAP, 500)))


def message_id(form: Published, fields: Fields, checked: Checked, asked: Asked, content: bytes, now: float) -> str:
    """One answer however often it is sent: by the sender's own id and what was answered, else by all that was sent.

    Somebody who goes back and corrects an answer sends the same id with other answers: that is another answer.
    Without an id the same bytes from the same address within one hour are the same answer.
    """
    given = _first(fields, "_message_id", 200) or _key(asked.headers.get(b"idempotency-key", b"").decode("latin-1"))
    said_so = msgspec.json.encode([checked.answers, [box.name for box in checked.consents]])
    if given:
        return f"{given[:180]}.{hashlib.sha256(said_so).hexdigest()[:16]}"
    whole = b"\n".join([form.public_id.encode(), asked.ip.encode(), str(int(now) // HOUR).encode(), content])
    return f"form-{hashlib.sha256(whole).hexdigest()}"


def payload(form: Published, fields: Fields, checked: Checked, asked: Asked) -> bytes:
    """A `track` body of the Segment form, and under `form` what is kept beside the signal.

    What is about a field of ours becomes what they declare of themselves; other answers stand with the signal too.
    """
    asks, answers = form.definition, checked.answers
    by_field = {one.field: (one, answers[one.id]) for one in asks.questions if one.id in answers}
    texts = {name: "; ".join(given) if isinstance(given, list) else given for name, (_, given) in by_field.items()}
    page = _address(_first(fields, "_page", 2000) or asked.headers.get(b"referer", b"").decode("latin-1"))
    campaign = utm(page, fields)
    referrer = _without_query(_address(_first(fields, "_referrer", 2000)))
    properties = {
        "asset": asks.asset,
        "topic": asks.topic,
        "campaign": campaign.get("utm_campaign") or asks.campaign,
        "form": asks.title,
        "referrer": referrer,
    }
    answer = {
        "version": form.version,
        "language": asks.language,
        "title": asks.title,
        "answers": answers,
        "consents": [{"channel": b.channel, "purpose": b.purpose, "wording": b.wording} for b in checked.consents],
        "confirm": asks.confirm,
        "page": _without_query(page),
        "referrer": referrer,
        "campaign": campaign,
    }
    said_of = {
        "type": "track",
        "event": asks.signal,
        "anonymousId": _key(_first(fields, "_anonymous_id", 255)) or None,
        "context": {"page": {"url": _without_query(page)}, "traits": texts},
        "properties": {**{n: v for n, v in texts.items() if n not in FIELDS}, **campaign, **_filled(properties)},
        "form": answer,
    }
    return msgspec.json.encode({name: value for name, value in said_of.items() if value is not None})


def utm(page: str, fields: Fields) -> dict[str, str]:
    """The campaign that brought them: of the page's address, or of fields of that name on the customer's own page."""
    try:
        query = parse_qs(urlsplit(page).query, max_num_fields=100)
    except ValueError:
        query = {}
    found = {name: one_line((fields.get(name) or query.get(name) or [""])[0], 200) for name in UTM}
    return _filled(found)


def _filled(given: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if value}


def _address(given: str) -> str:
    return given if given.startswith(("https://", "http://")) and given.isprintable() else ""


def _without_query(address: str) -> str:
    return address.split("?")[0].split("#")[0][:500]


def _shown(fields: Fields) -> frozenset[str] | None:
    """The ids of the questions that were shown, as our own pages and script send them; None from elsewhere."""
    return frozenset(",".join(fields["_asked"]).split(",")) if "_asked" in fields else None


def _first(fields: Fields, name: str, longest: int) -> str:
    return cleaned((fields.get(name) or [""])[0][: longest * 2], lines=False)[:longest]


def _key(given: str) -> str:
    """A name that somebody gives themselves, if it can be one."""
    return given if given.isprintable() and len(given) <= 255 else ""


def in_language(problems: Mapping[str, Sentence], language: str) -> dict[str, str]:
    with override(language):
        return {name: said(one) for name, one in problems.items()}


def _told(status: int, code: str, form: Published, word: str, asked: Asked, *, retry_after: int = 0) -> Answer:
    """A sentence in the language of the form."""
    language, title = form.definition.language, form.definition.title
    text, as_json = form.words[word], asked.hears_json
    return refusal(status, code, text, language=language, title=title, as_json=as_json, retry_after=retry_after)

"""Answers to forms at the collector's door: taken once, checked, limited; programs are thanked and kept apart."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.collect.asking import Got, MemoryStore, ask, lived
from vendange.ask.rules import ConsentAsked, Definition, Question
from vendange.collect.app import Collector
from vendange.collect.forms import Door, Limits
from vendange.collect.limits import Buckets, network
from vendange.collect.published import TRAP, Forms, Published
from vendange.collect.sources import Known, Sources

FORM_ID = "0190aaaa-0000-7000-8000-000000000001"
PATH = f"/v1/forms/{FORM_ID}"
ENCODED = {"content-type": "application/x-www-form-urlencoded"}
SCRIPT = {**ENCODED, "accept": "application/json"}
WORDS = {
    name: name
    for name in ("send", "thanks", "look", "busy", "not_here", "required", "choose", "yes", "no", "trap", "closed")
}
ASKS = Definition(
    signal="quote_requested",
    language="fr",
    title="Devis",
    asset="Tour T2",
    campaign="site",
    ask_at_most=2,
    questions=(
        Question("email", kind="email", label="E-mail", required=True),
        Question("organisation", label="Société", required=True),
        Question("colours", kind="choices", label="Couleurs", options=("rouge", "bleu")),
        Question("need", kind="long", label="Besoin"),
    ),
    consents=(ConsentAsked("email", "news", "email/news/fr/1"),),
)
FORM = Published(FORM_ID, 9, 3, (), ASKS, {"consent.email.news": "La lettre."}, WORDS, ())
GOOD = {"email": "lea@nova.example", "organisation": "Nova", "_message_id": "m-1"}


class Stage:
    """A collector with this form, and what it wrote."""

    def __init__(self, form: Published = FORM, *, known: Mapping[str, frozenset[str]] | None = None) -> None:
        self.form, self.known, self.store = form, known or {}, MemoryStore()
        self.limits = Limits()

    def send(self, *requests: Mapping[str, Any]) -> list[Got]:
        """Each request is the words of `ask`; all go to one collector, one after the other."""

        async def story() -> list[Got]:
            forms = Forms(lambda: {FORM_ID: self.form}, lambda name: self.known.get(name, frozenset()))
            sources = Sources(lambda: {"key": Known(9, self.form.origins)})
            collector = Collector(store=self.store, sources=sources, forms=Door(forms, limits=self.limits))
            try:
                return [await ask(collector, **{"path": PATH, "key": "", **one}) for one in requests]
            finally:
                await collector.stop()

        return lived(story())

    def post(self, fields: Mapping[str, Any], headers: Mapping[str, str] = SCRIPT, times: int = 1) -> list[Got]:
        request = {"body": urlencode(fields, doseq=True).encode(), "headers": headers}
        return self.send(*[request] * times)

    @property
    def said(self) -> list[dict[str, Any]]:
        return [json.loads(row.payload) for row in self.store.rows.values()]


def test_an_answer_is_on_the_disk_before_the_thanks() -> None:
    stage = Stage()
    fields = {
        **GOOD,
        "colours": ["rouge", "bleu"],
        "need": "deux\r\nlignes",
        "consent.email.news": "yes",
        "_page": "https://shop.example/devis?utm_source=linkedin&utm_campaign=spring&utm_medium=cpc&mail=lea@nova.example#x",
        "_referrer": "https://search.example/?q=tour",
        "_anonymous_id": "b-1",
    }
    [got] = stage.post(fields)
    assert (got.status, got.json) == (200, {"ok": True, "thanks": "thanks", "thanks_url": ""})
    [row] = stage.store.rows.values()
    assert (row.source, row.kind, row.ip) == (9, "form", "192.0.2.7")
    [said] = stage.said
    utm = {"utm_source": "linkedin", "utm_medium": "cpc", "utm_campaign": "spring"}
    assert said["event"] == "quote_requested" and said["anonymousId"] == "b-1"
    assert said["context"]["traits"]["email"] == "lea@nova.example"
    assert said["context"]["page"] == {"url": "https://shop.example/devis"}
    assert said["properties"] | utm == said["properties"]
    assert (said["properties"]["campaign"], said["properties"]["colours"]) == ("spring", "rouge; bleu")
    assert "email" not in said["properties"] and "organisation" not in said["properties"]
    answer = said["form"]
    assert answer["answers"] == {
        "email": "lea@nova.example",
        "organisation": "Nova",
        "colours": ["rouge", "bleu"],
        "need": "deux\nlignes",
    }
    assert answer["consents"] == [{"channel": "email", "purpose": "news", "wording": "email/news/fr/1"}]
    assert (answer["version"], answer["campaign"], answer["referrer"]) == (3, utm, "https://search.example/")
    assert answer["page"] == "https://shop.example/devis"  # what else stood in the address is nobody's business


def multipart(fields: Mapping[str, str], file: str = "") -> tuple[bytes, dict[str, str]]:
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{text}\r\n' for name, text in fields.items()
    ]
    return ("".join(parts) + "--b--\r\n").encode(), {"content-type": "multipart/form-data; boundary=b"}


def test_it_comes_as_pairs_as_parts_or_as_json() -> None:
    fields = {name: text for name, text in GOOD.items() if name != "_message_id"} | {"need": "é&=\u202f€"}
    parts, of_parts = multipart(fields)
    stage = Stage()
    got = stage.send(
        {"body": urlencode(fields).encode(), "headers": ENCODED},
        {"body": parts, "headers": of_parts},
        {"body": json.dumps({**fields, "colours": ["bleu"], "consent.email.news": True}).encode()},
    )
    assert [one.status for one in got] == [303, 303, 200]
    answers = [said["form"]["answers"] for said in stage.said]
    assert answers[0] == answers[1] == {name: text for name, text in answers[2].items() if name != "colours"}
    assert (answers[2]["colours"], len(stage.said[2]["form"]["consents"])) == (["bleu"], 1)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"x", {"content-type": "text/plain"}, 415),
        (b"<x/>", {"content-type": "application/xml"}, 415),
        (multipart({"email": "x"}, '; filename="a.exe"')[0], multipart({})[1], 415),
        (b"no parts", {"content-type": "multipart/form-data; boundary=b"}, 400),
        (b"{", {}, 400),
        (b"[1]", {}, 400),
        (b'{"email": {"a": 1}}', {}, 400),
        (b"a=" + b"x" * 70_000, ENCODED, 413),
        (b"&".join(b"f%d=1" % number for number in range(300)), ENCODED, 413),
        (b"a", {**ENCODED, "content-encoding": "br"}, 415),
    ],
)
def test_what_no_form_sends_is_refused_and_not_kept(body: bytes, headers: dict[str, str], status: int) -> None:
    stage = Stage()
    [got] = stage.send({"body": body, "headers": headers})
    assert (got.status, stage.store.rows) == (status, {})


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"email=lea@nova.example&organisation=Lef%E8vre+%96+Cie", ENCODED),
        (b"email=lea@nova.example&organisation=Lef\xe8vre+\x96+Cie", ENCODED),
        (b"email=lea@nova.example&organisation=Lef%C3%A8vre+%E2%80%93+Cie", ENCODED),
        (
            b"_charset_=iso-8859-1&email=lea@nova.example&organisation=Lef%E8vre+%96+Cie",
            {"content-type": "application/x-www-form-urlencoded; charset=ISO-8859-1"},
        ),
        (
            b"email=lea@nova.example&organisation=Lef%8Fvre+%D0+Cie",
            {"content-type": "application/x-www-form-urlencoded; charset=macintosh"},
        ),
        (
            "_charset_=windows-1252&email=lea@nova.example&organisation=Lefèvre+–+Cie".encode("cp1252"),
            ENCODED,
        ),
    ],
)
def test_pages_in_an_old_charset_lose_no_letter(body: bytes, headers: dict[str, str]) -> None:
    stage = Stage()
    [got] = stage.send({"body": body, "headers": headers})
    assert (got.status, stage.said[0]["form"]["answers"]["organisation"]) == (303, "Lefèvre – Cie")


def test_parts_in_an_old_charset_lose_no_letter() -> None:
    body, headers = multipart({"email": "lea@nova.example", "organisation": "Lefèvre"})
    stage = Stage()
    stage.send({"body": body.replace("è".encode(), b"\xe8"), "headers": headers})
    assert stage.said[0]["form"]["answers"]["organisation"] == "Lefèvre"


def test_what_a_visitor_sent_wrongly_is_told_in_the_language_of_the_form() -> None:
    body = b"a=" + b"x" * 70_000
    page, script = Stage().send({"body": body, "headers": ENCODED}, {"body": body, "headers": SCRIPT})
    assert (page.status, script.status) == (413, 413)
    assert b'lang="fr"' in page.body and b"trop long" in page.body and b"KB" not in page.body
    assert "trop long" in script.json["message"] and "64 KB" in script.json["detail"]


def test_a_closed_form_says_so_to_its_visitors_in_its_language() -> None:
    stage = Stage(replace(FORM, is_closed=True))
    [page], [script] = stage.post(GOOD, ENCODED), stage.post(GOOD)
    [embedded] = stage.send({"method": "GET"})
    assert [one.status for one in (page, script, embedded)] == [410] * 3
    assert page.headers["content-type"].startswith("text/html") and b'lang="fr"' in page.body and b"closed" in page.body
    assert script.json["message"] == embedded.json["message"] == "closed" and stage.store.rows == {}


def test_a_form_that_never_was_is_told_in_the_language_of_the_visitor() -> None:
    french = {**ENCODED, "accept-language": "de, fr-CH;q=0.8, en;q=0.5"}
    path = "/v1/forms/nothing"
    page, script = Stage().send(
        {"path": path, "headers": french, "body": b"a=b"}, {"path": path, "method": "GET", "headers": {}}
    )
    assert (page.status, script.status) == (404, 404)
    assert b'lang="fr"' in page.body and "aucun formulaire" in page.body.decode() and b"Capture" not in page.body
    assert script.json["code"] == "no_such_form" and "Capture" not in script.json["message"]


def test_a_browser_may_send_the_key_of_a_retry() -> None:
    [got] = Stage().send({"method": "OPTIONS", "headers": {"origin": "https://shop.example"}})
    assert "idempotency-key" in got.headers["access-control-allow-headers"]


def test_a_script_hears_what_to_mend_for_each_question() -> None:
    stage = Stage()
    [got] = stage.post({"email": "lea@nova", "organisation": " ", "colours": "vert"})
    assert got.status == 422 and stage.store.rows == {}
    assert set(got.json["problems"]) == {"email", "organisation", "colours"}
    assert got.json["ok"] is False and got.json["message"] == "look"


def test_a_browser_takes_what_was_typed_to_our_page() -> None:
    [got] = Stage().post({"email": "lea@nova"}, ENCODED)
    assert (got.status, got.headers["location"]) == (307, f"/f/{FORM_ID}/")


@pytest.mark.parametrize(
    ("own", "place"),
    [
        ("", f"/f/{FORM_ID}/thanks"),
        ("https://shop.example/merci?a=1", "https://shop.example/merci?a=1"),
        ("https://shop.example/reçu", "https://shop.example/re%C3%A7u"),
    ],
)
def test_a_browser_is_led_to_the_thanks_that_are_stored_and_nowhere_else(own: str, place: str) -> None:
    stage = Stage(replace(FORM, definition=replace(ASKS, thanks_url=own)))
    [got] = stage.post({**GOOD, "thanks_url": "https://evil.example/", "_next": "https://evil.example/"}, ENCODED)
    assert (got.status, got.headers["location"], got.body) == (303, place, b"")


def test_a_double_click_and_a_retry_are_one_answer() -> None:
    stage = Stage()
    assert [got.status for got in stage.post(GOOD, times=3)] == [200] * 3
    assert len(stage.store.rows) == 1
    stage.post({**GOOD, "need": "corrected after going back"})
    assert len(stage.store.rows) == 2


def test_without_an_id_the_same_bytes_within_the_hour_are_one_answer() -> None:
    stage, fields = Stage(), {name: text for name, text in GOOD.items() if name != "_message_id"}
    stage.post(fields, ENCODED, times=2)
    stage.post({**fields, "need": "more"}, ENCODED)
    assert len(stage.store.rows) == 2
    by_key = Stage()
    by_key.post(fields, {**SCRIPT, "idempotency-key": "k"}, times=2)
    [(_, name)] = by_key.store.rows
    assert name.startswith("k.")


def test_what_a_program_fills_in_is_kept_apart_and_thanked() -> None:
    stage = Stage()
    [good], [caught] = stage.post(GOOD), stage.post({**GOOD, "_message_id": "m-2", TRAP: "https://spam.example"})
    assert (good.status, good.json) == (caught.status, caught.json)
    assert len(stage.store.rows) == 1
    [refused] = stage.store.refusals
    assert (refused.source, refused.reason) == (9, "honeypot")
    assert json.loads(refused.payload)["context"]["traits"]["email"] == "lea@nova.example"


@pytest.mark.parametrize(("ago", "hints"), [(0.5, "fast"), (30.0, ""), (-60.0, "")])
def test_a_form_filled_in_faster_than_hands_can_is_taken_in_and_noted(ago: float, hints: str) -> None:
    stage = Stage()
    stage.post({**GOOD, "_shown": str(int((time.time() - ago) * 1000))})
    assert [row.hints for row in stage.store.rows.values()] == [hints]


def test_an_office_passes_and_a_flood_waits() -> None:
    stage = Stage()
    got = stage.post(GOOD, times=70)
    assert [one.status for one in got[:60]] == [200] * 60
    late = got[-1]
    assert (late.status, late.json["code"]) == (429, "too_many")
    assert 1 <= int(late.headers["retry-after"]) <= 10
    [page] = stage.post(GOOD, ENCODED)
    assert page.status == 429 and page.headers["content-type"].startswith("text/html") and b"busy" in page.body


def test_one_form_has_a_limit_for_all_together() -> None:
    stage = Stage()
    stage.limits = Limits(address=Buckets(1000, 1000), form=Buckets(3, 0.001))
    assert [one.status for one in stage.post(GOOD, times=5)] == [200, 200, 200, 429, 429]


def test_buckets_fill_again_and_are_forgotten_when_full() -> None:
    now = [0.0]
    buckets = Buckets(2, 0.5, clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(3)] == [0.0, 0.0, 2.0]
    now[0] = 2.0
    assert (buckets.take("a"), buckets.take("a")) == (0.0, 2.0)
    for number in range(60_000):
        now[0] += 1
        buckets.take(str(number))
    assert len(buckets.levels) < 50_002
    assert network("2001:db8:1:2:3::4") == network("2001:db8:1:2::9") != network("2001:db8:1:3::9")
    assert network("192.0.2.7") == "192.0.2.7"


def test_only_named_sites_and_our_own_pages_may_send() -> None:
    stage = Stage(replace(FORM, origins=("https://shop.example",)))
    origins = ("https://shop.example", "https://evil.example", "null", "https://v.example", "")
    got = [stage.post(GOOD, {**SCRIPT, "host": "v.example", **({"origin": o} if o else {})})[0] for o in origins]
    assert [one.status for one in got] == [200, 403, 403, 200, 200]
    assert got[0].headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-origin" not in got[1].headers


def test_the_script_gets_the_next_questions_and_no_value_r21() -> None:
    stage = Stage(known={"b-1": frozenset({"organisation", "email"})})
    new, known = stage.send({"method": "GET"}, {"method": "GET", "query": b"a=b-1"})
    assert [one["id"] for one in new.json["questions"]] == ["email", "organisation"]
    assert [one["id"] for one in known.json["questions"]] == ["email", "colours"]
    assert known.json["consents"] == [{"name": "consent.email.news", "text": "La lettre."}]
    assert set(known.json) == set(new.json) and known.headers["cache-control"] == "no-store"


def test_a_form_that_is_not_there_says_so() -> None:
    stage = Stage()
    got = stage.send(
        {"path": "/v1/forms/nothing"},
        {"method": "PUT"},
        {"path": f"{PATH.upper().replace('/V1/FORMS', '/v1/forms')}", "method": "GET"},
    )
    assert [one.status for one in got] == [404, 405, 200]


def test_while_the_disk_takes_nothing_the_sender_is_told_to_come_back() -> None:
    class Broken(MemoryStore):
        def write(self, parts: Any) -> None:
            raise OSError(f"disk full: {len(parts)} parts are lost")

    stage = Stage()
    stage.store = Broken()
    [got], [page] = stage.post(GOOD), stage.post(GOOD, ENCODED)
    assert (got.status, got.json["ok"], page.status) == (503, False, 503)
    assert got.headers["retry-after"] == page.headers["retry-after"] == "5"


def test_published_forms_are_read_again_after_some_seconds_or_when_one_is_new() -> None:
    reads: list[float] = []

    def read() -> dict[str, Published]:
        reads.append(time.monotonic())
        return {FORM_ID: FORM} if len(reads) > 1 else {}

    async def story() -> list[bool]:
        forms = Forms(read, lambda _: frozenset())
        first = await forms.of_id(FORM_ID)
        await asyncio.sleep(0.25)
        return [first is None, await forms.of_id(FORM_ID) is FORM, await forms.of_id(FORM_ID) is FORM]

    assert lived(story()) == [True, True, True]
    assert len(reads) == 2

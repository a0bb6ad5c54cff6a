"""What a message is, server by server, and what a failure says of an address."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes

import pytest

from tests import letters_back as back
from vendange.engine.absences import away_until
from vendange.engine.bounces import meaning
from vendange.reach.rules import (
    SOFT_DAYS,
    SOFT_MOST,
    Kind,
    Standing,
    Told,
    after_failure,
    after_success,
    failed_authentication,
    is_signed,
    may_be_answered,
    read,
    sign,
)

NOW = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)
SECRET = "a secret for tests"


def told(raw: bytes) -> Told:
    return read(raw, received_at=NOW)


@pytest.mark.parametrize("server", back.PERMANENT)
def test_every_server_says_that_the_address_is_dead(server: Callable[..., bytes]) -> None:
    one = told(server())
    assert (one.kind, one.reports[0].email) == ("bounce", back.NOBODY)
    assert meaning(one.reports[0].status, one.reports[0].said) == "dead"
    assert one.marks == ("1f-aaaaaaaaaaaaaaaaaaaaaaaa",)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (back.delayed(), "delayed"),
        (back.full_mailbox(), "bounce"),
        (back.complaint(), "complaint"),
        (back.complaint(kind="opt-out"), "complaint"),
        (back.complaint(kind="not-spam"), "other"),
        (back.complaint(kind="auth-failure"), "other"),
        (back.absence(), "auto_reply"),
        (back.answer(headers="X-Autoreply: yes\n"), "auto_reply"),
        (back.answer(headers="Precedence: auto_reply\n"), "auto_reply"),
        (back.answer(subject="Abwesenheitsnotiz: Ihr Katalog"), "auto_reply"),
        (back.answer(subject="Réponse automatique : votre catalogue"), "auto_reply"),
        (back.answer().replace(b"Return-Path: <claire@atelier-nova.example>", b"Return-Path: <>"), "auto_reply"),
        (back.answer(), "reply"),
        (back.answer(headers="Auto-Submitted: auto-generated\n"), "other"),
        (back.answer(headers="List-Id: <news.example>\n"), "other"),
        (back.answer(headers="Precedence: bulk\n"), "other"),
        (b"", "other"),
        (b"\xff\xfe\x00 no message at all", "other"),
    ],
)
def test_what_a_message_is(raw: bytes, kind: Kind) -> None:
    assert told(raw).kind == kind


@pytest.mark.parametrize(
    ("status", "said", "meant"),
    [
        ("5.1.1", "550 5.1.1 user unknown", "dead"),
        ("5.2.1", "mailbox disabled", "dead"),
        ("5.4.4", "Host or domain name not found", "dead"),
        ("5.2.2", "over quota", "soft"),
        ("4.2.2", "mailbox full", "soft"),
        ("4.4.7", "delivery time expired", "soft"),
        ("", "Delivery failed 20 attempts", "soft"),
        ("5.7.1", "550 5.7.1 Message rejected as spam", "not_the_address"),
        ("5.7.515", "550 5.7.515 Access denied", "not_the_address"),
        ("5.0.0", "554 rejected due to spam content", "not_the_address"),
        ("5.3.4", "message size exceeds limit", "not_the_address"),
        ("5.6.0", "content refused", "not_the_address"),
        ("5.1.8", "bad sender's system address", "not_the_address"),
    ],
)
def test_what_a_failure_says_of_the_address(status: str, said: str, meant: str) -> None:
    assert meaning(status, said) == meant


def test_temporary_failures_kill_only_when_many_and_over_days() -> None:
    standing: Standing | None = None
    for n in range(SOFT_MOST + 2):  # all on one day: a bad day
        standing, _ = after_failure(standing, "4.2.2", "mailbox full", at=NOW + timedelta(hours=n))
    assert standing is not None and standing.state == "soft"
    assert after_success(standing, at=NOW).state == "open"
    dead, _ = after_failure(standing, "4.2.2", "mailbox full", at=NOW + SOFT_DAYS)
    assert dead.state == "dead"
    two, _ = after_failure(Standing("soft", 1, NOW), "4.2.2", "mailbox full", at=NOW + SOFT_DAYS)
    assert two.state == "soft"


def test_a_complaint_outlives_failures_and_successes() -> None:
    complained = Standing("complained", 0, NOW)
    assert after_failure(complained, "5.1.1", "user unknown", at=NOW)[0].state == "complained"
    assert after_success(complained, at=NOW).state == "complained"


def test_a_mark_is_of_one_letter_to_one_address_under_one_key() -> None:
    mark = sign(31, "k", "Claire@Atelier-Nova.example ", SECRET)
    assert is_signed(mark, "k", back.NOBODY, SECRET)
    assert not is_signed(mark, "k", "other@atelier-nova.example", SECRET)
    assert not is_signed(mark, "k", back.NOBODY, "another secret")
    assert not is_signed("1e" + mark[2:], "k", back.NOBODY, SECRET)


def test_the_mark_is_found_in_the_address_that_a_failure_returns_to() -> None:
    mark = sign(31, "k", back.NOBODY, SECRET)
    raw = back.qmail(message_id="<other@vendor.example>").replace(
        b"To: vendange@vendor.example", f"To: <BOUNCES+{mark}@vendor.example>".encode(), 1
    )
    assert told(raw).marks == (mark,)


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("I will be out of the office until Friday, 2 October 2026.", date(2026, 10, 2)),
        ("I am away until October 2nd and will answer then.", date(2026, 10, 2)),
        ("I'll be back on 5 October.", date(2026, 10, 4)),
        ("Je suis absente jusqu’au vendredi 2 octobre inclus.", date(2026, 10, 2)),
        ("Je serai de retour le 05/10/2026.", date(2026, 10, 4)),
        ("Absent du bureau jusqu'au 1er octobre", date(2026, 10, 1)),
        ("Ich bin bis einschließlich 02.10.2026 nicht im Büro.", date(2026, 10, 2)),
        ("Ich bin ab dem 5. Oktober wieder erreichbar.", date(2026, 10, 4)),
        ("Back on 2027-01-04.", date(2027, 1, 3)),
        ("I will be back on 04/05/2027.", None),  # April or May
        ("I am away from 14 September.", None),
        ("I was away until 3 March 2020.", None),
        ("Until then, call my colleague on 02 10 20 26.", None),
    ],
)
def test_until_when_somebody_is_away(words: str, until: date | None) -> None:
    assert away_until(words, NOW.date()) == until


def test_a_program_answers_no_program() -> None:
    assert may_be_answered(message_from_bytes(back.answer()))
    for raw in (back.absence(), back.postfix(), back.answer(headers="List-Id: <news.example>\n")):
        assert not may_be_answered(message_from_bytes(raw))


@pytest.mark.parametrize(
    ("results", "failed"),
    [
        ([], False),
        (["mx.v.example; spf=fail; dkim=fail; dmarc=fail (p=reject)"], True),
        (["mx.v.example; spf=softfail smtp.mailfrom=x; dkim=none"], True),
        (["mx.v.example; spf=fail; dkim=pass header.d=x"], False),
        (["mx.v.example; spf=fail; dkim=fail; dmarc=pass"], False),
        (["mx.v.example; dkim=none", "mx.v.example; dmarc=fail"], True),
        (["mx.v.example; dmarc=fail", "sender.example; dmarc=pass"], True),
        (["mx.v.example; dmarc=pass", "sender.example; dmarc=fail"], False),
        (["mx.v.example; none"], False),
    ],
)
def test_our_server_says_whether_the_sender_is_who_they_say(results: list[str], failed: bool) -> None:
    assert failed_authentication(results) is failed

"""A mail server in every mood: what is sent once, tried again, given up, or left in doubt."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.test import override_settings

from vendange.connect.mail import deliver, letter, smtp
from vendange.connect.mail.deliver import CLAIM_ENDS, GIVE_UP_AFTER, deliver_due, pause
from vendange.models import Address, Outgoing, User
from vendange.models.outgoing import post
from vendange.reach.queries import mark_of

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


@dataclass
class Moods:
    """Answers by the first word of the recipient's address; `hang` never answers the text."""

    received: list[tuple[str, bytes]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        answers = {"dead": "550 5.1.1 no such user", "busy": "450 4.2.1 try later", "ours": "550 5.7.515 not signed"}
        answer = answers.get(address.partition(".")[0])
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        address = envelope.rcpt_tos[0]
        self.received.append((address, envelope.original_content or b""))
        self.senders.append(str(envelope.mail_from))
        if address.startswith("hang"):
            while not self.let_go.is_set():
                await asyncio.sleep(0.05)
        return "554 5.6.0 refused content" if address.startswith("content") else "250 OK"


@pytest.fixture
def server(db: None) -> Iterator[Moods]:
    moods = Moods()
    controller = Controller(moods, hostname="127.0.0.1", port=free_port())
    controller.start()
    given = {
        "EMAIL_BACKEND": deliver.SMTP,
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": controller.port,
        "EMAIL_USE_TLS": False,
        "EMAIL_HOST_USER": "",
        "EMAIL_TIMEOUT": 1,
    }
    with override_settings(**given):
        yield moods
    moods.let_go.set()
    controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def queue(recipient: str, **changes: Any) -> Outgoing:
    values = {"lead_name": "Claire Moreau", "url": "https://vendange.example/leads/1/"}
    post(
        key=recipient,
        kind="mail",
        recipient=recipient,
        template="lead_assigned",
        language="en",
        values=values,
        now=NOW,
    )
    Outgoing.objects.filter(key=recipient).update(**changes)
    return Outgoing.objects.get(key=recipient)


def again(one: Outgoing) -> Outgoing:
    one.refresh_from_db()
    return one


def test_one_bad_recipient_stops_nobody_and_each_gets_one(server: Moods) -> None:
    rows = [queue(f"{name}@rochebrune.example") for name in ("a.a", "dead.b", "b.c", "busy.d", "c.e")]
    assert deliver_due(now=NOW) == 5
    deliver_due(now=NOW + timedelta(seconds=1))
    assert [address for address, _ in server.received] == [one.recipient for one in rows if one.recipient[1] == "."]
    sent = again(rows[0])
    assert (sent.sent_at, sent.attempts, sent.error) == (NOW, 1, "")
    assert b"Claire Moreau" in server.received[0][1]
    assert b"text/html" in server.received[0][1]


def test_a_dead_address_is_given_up_with_the_server_s_words(server: Moods) -> None:
    one = queue("dead.b@rochebrune.example")
    deliver_due(now=NOW)
    assert again(one).given_up_at == NOW
    assert "5.1.1 no such user" in one.error
    assert "refused content" in refused_after_the_text().error


def refused_after_the_text() -> Outgoing:
    one = queue("content.b@rochebrune.example")
    deliver_due(now=NOW)
    assert again(one).given_up_at == NOW
    return one


@pytest.mark.parametrize("mood", ["busy", "ours"])
def test_what_may_pass_is_tried_again_later_and_later(server: Moods, mood: str) -> None:
    one = queue(f"{mood}.b@rochebrune.example")
    now = NOW
    for attempt in range(1, 7):
        deliver_due(now=now)
        again(one)
        assert (one.attempts, one.given_up_at, one.started_at) == (attempt, None, None)
        assert one.due_at == now + pause(attempt)
        assert one.error
        now = one.due_at
    deliver_due(now=NOW + GIVE_UP_AFTER + timedelta(minutes=1))
    assert again(one).given_up_at


def test_no_server_is_only_a_delay(server: Moods) -> None:
    one = queue("a.a@rochebrune.example")
    with override_settings(EMAIL_PORT=free_port()):
        deliver_due(now=NOW)
    assert "was not reached" in again(one).error
    deliver_due(now=one.due_at)
    assert again(one).sent_at
    assert len(server.received) == 1


def test_no_answer_to_the_text_is_a_doubt_and_never_sent_again(server: Moods) -> None:
    one = queue("hang.a@rochebrune.example")
    deliver_due(now=NOW)
    assert again(one).given_up_at == NOW
    assert "gave no answer" in one.error
    deliver_due(now=NOW + timedelta(days=1))
    assert len(server.received) == 1


def test_a_worker_that_died_while_sending_leaves_a_doubt(server: Moods) -> None:
    one = queue("a.a@rochebrune.example", started_at=NOW, attempts=1)
    deliver_due(now=NOW + CLAIM_ENDS / 2)
    assert again(one).given_up_at is None
    later = NOW + CLAIM_ENDS + timedelta(seconds=1)
    deliver_due(now=later)
    assert again(one).given_up_at == later
    assert "may have left" in one.error
    assert server.received == []


def test_old_news_is_not_sent_after_a_long_outage(server: Moods) -> None:
    one = queue("a.a@rochebrune.example")
    deliver_due(now=NOW + GIVE_UP_AFTER + timedelta(hours=1))
    assert "old" in again(one).error
    assert server.received == []


def test_a_mail_that_cannot_be_written_is_given_up(server: Moods) -> None:
    one = queue("a.a@rochebrune.example", template="nonsense")
    deliver_due(now=NOW)
    assert "nonsense" in again(one).error


def test_two_workers_send_one_mail(server: Moods) -> None:
    one = queue("a.a@rochebrune.example")
    assert deliver._deliver(one, NOW)
    assert not deliver._deliver(one, NOW)
    assert len(server.received) == 1


def test_without_a_server_of_their_own_mails_go_to_django_s_backend(db: None, mailoutbox: list[Any]) -> None:
    queue("a.a@rochebrune.example")
    deliver_due(now=NOW)
    (message,) = mailoutbox
    assert message.to == ["a.a@rochebrune.example"]
    assert message.alternatives
    assert message.message()["Message-ID"].startswith("<")


def test_lines_that_begin_with_a_point_arrive_whole(server: Moods) -> None:
    queue("a.a@rochebrune.example")
    message = letter.write(Outgoing.objects.get()).as_message()
    message.clear_content()
    message.set_content(".\r\n..\r\nend\r\n")
    assert smtp.hand_over(message).fate is smtp.Fate.SENT
    assert server.received[0][1].endswith(b".\r\n..\r\nend\r\n")


def test_a_failure_returns_to_an_address_with_the_mark_of_the_letter(server: Moods) -> None:
    one = queue("a.a@rochebrune.example")
    with override_settings(BOUNCE_ADDRESS="bounces@vendor.example"):
        deliver_due(now=NOW)
    mark = mark_of(one)
    assert server.senders == [f"bounces+{mark}@vendor.example"]
    assert f"Message-ID: <{mark}@".encode() in server.received[0][1]
    assert b"From: Vendange <vendange@localhost.example>" in server.received[0][1]


@pytest.mark.parametrize(("state", "says"), [("dead", "takes no letters any more"), ("complained", "complaint came")])
def test_no_letter_goes_where_none_is_taken(server: Moods, state: str, says: str) -> None:
    Address.objects.create(email="a.a@rochebrune.example", state=state, changed_at=NOW)
    one = queue("A.A@rochebrune.example")
    deliver_due(now=NOW)
    assert not server.received
    assert again(one).given_up_at == NOW and says in one.error


def test_a_colleague_gets_further_tries(server: Moods) -> None:
    User.objects.create(username="hugo", email="a.a@rochebrune.example", role="sales")
    Address.objects.create(email="a.a@rochebrune.example", state="dead", changed_at=NOW)
    queue("a.a@rochebrune.example")
    deliver_due(now=NOW)
    assert len(server.received) == 1

"""The mailbox: read once each, nothing lost by a crash, nothing changed there, and a sentence when it cannot be read.

Against a server that speaks as much IMAP as we ask for; and against Dovecot where this machine has it.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.test import override_settings

from tests import letters_back as back
from tests.connect.imap import CAME, Kept, Server
from tests.connect.test_delivery import free_port
from vendange.cli.doctor import _mailbox as examined
from vendange.cli.mail import mail
from vendange.connect.mail import mailbox
from vendange.environment import Mailbox
from vendange.models import MailIn
from vendange.work import mail_back

NOW = CAME
DOVECOT = shutil.which("dovecot") or "/usr/sbin/dovecot"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    with override_settings(HOME=tmp_path):
        yield tmp_path


@pytest.fixture
def kept(home: Path) -> Iterator[Kept]:
    server = Server(Kept())
    with override_settings(MAILBOX=named(server.port)):
        yield server.kept
    server.end()


def named(port: int, **changes: str) -> Mailbox:
    given = {"user": "bounces@vendor.example", "password": "right", "folder": "INBOX", **changes}
    return Mailbox(host="127.0.0.1", port=port, secure=False, **given)


def box() -> Mailbox:
    assert settings.MAILBOX is not None
    return settings.MAILBOX


def test_each_message_is_handed_over_once_in_order(kept: Kept) -> None:
    taken: list[tuple[bytes, datetime]] = []
    kept.add(b"Subject: one\r\n\r\n")
    kept.add(b"Subject: two\r\n\r\n{12}\r\n")
    assert mailbox.read(box(), lambda raw, at: taken.append((raw, at))) == 2
    assert mailbox.read(box(), lambda raw, at: taken.append((raw, at))) == 0
    kept.add(b"Subject: three\r\n\r\n")
    assert mailbox.check(box()) == mailbox.Look(3, 1)
    assert mailbox.read(box(), lambda raw, at: taken.append((raw, at))) == 1
    assert [raw.split(b"\r\n")[0] for raw, _ in taken] == [b"Subject: one", b"Subject: two", b"Subject: three"]
    assert {at for _, at in taken} == {CAME}


def test_nothing_is_changed_there(kept: Kept) -> None:
    kept.add(b"Subject: one\r\n\r\n")
    mailbox.read(box(), lambda *_: None)
    assert not [said for said in kept.said if said.startswith(("SELECT", "UID STORE", "EXPUNGE", "APPEND"))]
    assert [said for said in kept.said if "BODY.PEEK[]" in said]


def test_a_crash_between_reading_and_remembering_loses_nothing(kept: Kept, home: Path) -> None:
    for n in range(3):
        kept.add(f"Subject: {n}\r\n\r\n".encode())
    seen: list[bytes] = []

    def fail_at_the_second(raw: bytes, _: datetime) -> None:
        seen.append(raw)
        if len(seen) == 2:
            raise MemoryError

    with pytest.raises(MemoryError):
        mailbox.read(box(), fail_at_the_second)
    mailbox.read(box(), lambda raw, _: seen.append(raw))
    assert [raw[9:10] for raw in seen] == [b"0", b"1", b"1", b"2"]


def test_numbers_that_begin_anew_are_read_anew(kept: Kept) -> None:
    kept.add(b"Subject: one\r\n\r\n")
    assert mailbox.read(box(), lambda *_: None) == 1
    kept.validity = 2
    assert mailbox.read(box(), lambda *_: None) == 1


def test_a_line_that_breaks_is_told_and_what_was_read_stays_read(kept: Kept) -> None:
    for n in range(3):
        kept.add(f"Subject: {n}\r\n\r\n".encode())
    kept.hang_up_after = 2
    with pytest.raises(mailbox.Unreachable, match="stopped answering"):
        mailbox.read(box(), lambda *_: None)
    kept.hang_up_after = 9
    assert mailbox.read(box(), lambda *_: None) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"password": "wrong"}, "refuses user or password"),
        ({"folder": "Returned"}, "There is no folder Returned"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(kept: Kept, changes: dict[str, str], says: str) -> None:
    wrong = named(box().port, **changes)
    with override_settings(MAILBOX=wrong):
        answer = CliRunner().invoke(mail, ["check"])
        assert answer.exit_code == 1 and says in answer.stderr and "VENDANGE_MAILBOX" in answer.stderr
        finding = examined(NOW)
    assert (finding.state, says in finding.sentence) == ("ill", True)


def test_no_server_is_told_once_and_not_hammered(home: Path, caplog: pytest.LogCaptureFixture, db: None) -> None:
    look = mail_back.Mailbox()
    with override_settings(MAILBOX=named(free_port())):
        assert [look(NOW) for _ in range(3)] == [False] * 3
    (told,) = [one.getMessage() for one in caplog.records if one.name == "vendange.mail"]
    assert "cannot be reached" in told and "Nothing is lost" in told


def test_check_says_what_waits(kept: Kept) -> None:
    kept.add(b"Subject: one\r\n\r\n")
    answer = CliRunner().invoke(mail, ["check"])
    assert "It holds 1 message, 1 of them" in answer.output
    assert examined(NOW).state == "well"


def test_the_worker_takes_in_what_it_finds_and_a_broken_one_holds_up_nobody(
    kept: Kept, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.add(back.absence())
    kept.add(b"\xff\xfe\x00")
    kept.add(back.postfix())
    look = mail_back.Mailbox()
    look(NOW)
    look(NOW)
    assert list(MailIn.objects.order_by("pk").values_list("kind", "ignored")) == [
        ("auto_reply", "nobody"),
        ("other", "other"),
        ("bounce", "forged"),
    ]


@pytest.fixture
def dovecot() -> Iterator[Path]:
    """A real server with one maildir, on a port of its own; yields the folder of new messages."""
    if not Path(DOVECOT).exists():
        pytest.skip("this machine has no Dovecot (Debian: dovecot-imapd)")
    if os.geteuid() != 0:
        pytest.skip("Dovecot wants to be started by root")
    # Sockets of Unix have paths of at most 108 characters: the folder of a test is too deep.
    base, port = Path(tempfile.mkdtemp(prefix="dovecot-")), free_port()
    for folder in ("mail/new", "mail/cur", "mail/tmp", "run"):
        (base / folder).mkdir(parents=True)
    (base / "users").write_text("bounces@vendor.example:{PLAIN}right::::::\n")
    (base / "dovecot.conf").write_text(
        dedent(f"""\
            base_dir = {base}/run
            protocols = imap
            listen = 127.0.0.1
            ssl = no
            disable_plaintext_auth = no
            log_path = {base}/log
            mail_location = maildir:{base}/mail
            first_valid_uid = 0
            mail_uid = nobody
            mail_gid = nogroup
            default_internal_user = nobody
            default_login_user = nobody
            default_internal_group = nogroup
            passdb {{
              driver = passwd-file
              args = {base}/users
            }}
            userdb {{
              driver = static
              args = uid=nobody gid=nogroup home={base}
            }}
            service imap-login {{
              chroot =
              inet_listener imap {{
                port = {port}
              }}
            }}
            service anvil {{
              chroot =
            }}
            """)
    )
    subprocess.run(["chown", "-R", "nobody:nogroup", str(base)], check=True)
    base.chmod(0o755)
    process = subprocess.Popen([DOVECOT, "-F", "-c", str(base / "dovecot.conf")])
    try:
        with override_settings(MAILBOX=named(port)):
            wait_until_answering(box(), base / "log")
            yield base / "mail" / "new"
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(base, ignore_errors=True)


def wait_until_answering(one: Mailbox, log: Path) -> None:
    end = time.monotonic() + 15
    while True:
        try:
            mailbox.check(one)
            return
        except mailbox.Unreachable as trouble:
            assert time.monotonic() < end, f"{trouble} {log.read_text() if log.exists() else ''}"
            time.sleep(0.2)


def test_dovecot_is_read_once_each(dovecot: Path) -> None:
    taken: list[bytes] = []
    for n in range(3):
        (dovecot / f"170000000{n}.M{n}.host").write_bytes(back.postfix(key=f"<d{n}@mx.example>"))
    assert mailbox.read(box(), lambda raw, _: taken.append(raw)) == 3
    assert mailbox.read(box(), lambda raw, _: taken.append(raw)) == 0
    (dovecot / "1700000009.M9.host").write_bytes(back.absence())
    assert mailbox.read(box(), lambda raw, _: taken.append(raw)) == 1
    assert b"I am away until" in taken[-1]
    with override_settings(MAILBOX=named(box().port, password="wrong")), pytest.raises(mailbox.Unreachable):
        mailbox.check(box())

"""`vendange mail …`: what comes back to us, and from where we read it."""

import mailbox as boxes
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from django.conf import settings

from vendange.cli.saying import Failed, counted, say_json, table
from vendange.connect.mail import mailbox
from vendange.engine.bounces import meaning
from vendange.journey import coming_back
from vendange.reach.rules import read as read_message

MBOX = b"From "


@dataclass(frozen=True, slots=True)
class Line:
    """What one message is; `followed`: what followed, or would; "" for nothing."""

    file: str
    kind: str
    about: str
    status: str
    followed: str


@click.group()
def mail() -> None:
    """What comes back: failures, automatic replies, complaints, answers."""


@mail.command("check")
def check() -> None:
    """Try the mailbox that VENDANGE_MAILBOX names."""
    if settings.MAILBOX is None:
        raise Failed("No mailbox is named. Set VENDANGE_MAILBOX=imaps://USER:PASSWORD@HOST/INBOX")
    try:
        look = mailbox.check(settings.MAILBOX)
    except mailbox.Unreachable as trouble:
        raise Failed(str(trouble)) from None
    one = settings.MAILBOX
    click.echo(f"{one.folder} of {one.user} at {one.host} can be read.")
    click.echo(f"It holds {counted(look.all, 'message')}, {look.new:,} of them to be read by the worker.")
    if not settings.BOUNCE_ADDRESS:
        click.echo("Failures are known by what they return of our letters. VENDANGE_BOUNCE_ADDRESS makes it surer.")


@mail.command("door")
def door() -> None:
    """Print the address to which your mail provider posts, and open it when there is none."""
    made = coming_back.open_door(by=None, now=datetime.now(UTC))
    click.echo(f"{settings.BASE_URL}/v1/mail/{made.write_key}")
    click.echo("Whoever knows this address can say that mail came back: give it to your provider alone.", err=True)


@mail.command("read")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--take", is_flag=True, help="Take them in, as if they had come into the mailbox.")
@click.option("--json", "as_json", is_flag=True, help="One object for each message.")
def read(paths: tuple[Path, ...], take: bool, as_json: bool) -> None:
    """Say what messages are: files, folders, mbox or maildir. Without --take nothing is written."""
    lines = [_line(name, raw, take=take) for path in paths for name, raw in messages(path)]
    if as_json:
        say_json([asdict(one) for one in lines])
        return
    rows = [(one.kind, one.about, one.status, one.followed, one.file) for one in lines]
    click.echo(table([("WHAT", "ABOUT", "STATUS", "FOLLOWED" if take else "SAYS", "FILE"), *rows]))


def messages(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every message of a file, an mbox, a maildir or a folder of files, with the name of where it stands."""
    if path.is_dir():
        below = [one for one in sorted(path.rglob("*")) if one.is_file() and not one.name.startswith(".")]
        for file in below:
            yield from messages(file)
        return
    raw = path.read_bytes()
    if raw.startswith(MBOX) and raw.count(b"\n\n" + MBOX):
        for number, one in enumerate(boxes.mbox(path, create=False), start=1):
            yield f"{path.name}:{number}", one.as_bytes()
        return
    yield path.name, raw


def _line(name: str, raw: bytes, *, take: bool) -> Line:
    now = datetime.now(UTC)
    told = read_message(raw, received_at=now)
    if take:
        row = coming_back.take_in(raw, received_at=now, now=now)
        if row is None:
            return Line(name, told.kind, "", "", "known already")
        return Line(name, row.kind, row.email, row.status, f"nothing: {row.ignored}" if row.ignored else "yes")
    about = coming_back.understood(told)
    says: str = meaning(about.status, about.said) if told.kind == "bounce" else ""
    if about.ignored not in ("", "other"):
        says = f"nothing: {about.ignored}"
    elif told.away_until:
        says = f"away until {told.away_until}"
    return Line(name, told.kind, about.email, about.status, says)

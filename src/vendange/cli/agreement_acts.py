"""`vendange agreement revise|refuse|withdraw|comment`: what is done with a version that is drafted."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from vendange.agree import actions
from vendange.agree.actions import CannotSign
from vendange.agreement.language import NotAnAgreement
from vendange.agreement.sentence import Incomplete
from vendange.cli.saying import Failed
from vendange.cli.users import colleague
from vendange.models import AgreementVersion, User

AS = click.option("--as", "username", required=True, help="Username of the colleague who does it.")


def version_of(text: str) -> AgreementVersion:
    """The version called "3" or "v3"; a failure with its remedy when there is none."""
    number = text.lower().removeprefix("v")
    known = number.isascii() and number.isdigit() and len(number) < 9
    found = AgreementVersion.objects.filter(number=int(number)).first() if known else None
    if found is None:
        raise Failed(f"There is no version {text}. `vendange agreement list` shows them.")
    return found


def _done(act: Callable[[AgreementVersion, User, datetime], object], version: str, username: str) -> None:
    try:
        act(version_of(version), colleague(username), datetime.now(UTC))
    except (CannotSign, Incomplete) as error:
        raise Failed(str(error)) from None


@click.command("revise")
@click.argument("version")
@click.argument("file", type=click.Path(path_type=Path))
@AS
def revise(version: str, file: Path, username: str) -> None:
    """Change the text of a draft in place. Signatures of the former text become void and are kept."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
        _done(lambda one, by, now: actions.revise(version=one, text=text, by=by, now=now), version, username)
    except OSError as error:
        raise Failed(f"{file} cannot be read: {error.strerror}. Check the path.") from None
    except UnicodeDecodeError:
        raise Failed(f"{file} is not text in UTF-8. Save it as UTF-8.") from None
    except NotAnAgreement as error:
        raise Failed("\n".join(f"{file.name}: {one}" for one in error.problems)) from None
    now = version_of(version)
    click.echo(f"{now} has the text of {file.name}: sha256 {now.sha}. It has {len(now.standing)} signatures.")


@click.command("refuse")
@click.argument("version")
@click.option("--reason", required=True, help="Why you do not sign; the other head reads it.")
@AS
def refuse(version: str, reason: str, username: str) -> None:
    """Refuse a draft as a head, with a reason. Draft its text again to take it up."""
    _done(lambda one, by, now: actions.refuse(version=one, by=by, reason=reason, now=now), version, username)
    click.echo(f"{version_of(version)} is refused. It binds nobody.")


@click.command("withdraw")
@click.argument("version")
@click.option("--reason", default="", help="Why; needed for a signed version whose day has not come.")
@AS
def withdraw(version: str, reason: str, username: str) -> None:
    """Take back a draft, or as a head a signed version whose day has not come."""
    _done(lambda one, by, now: actions.withdraw(version=one, by=by, now=now, reason=reason), version, username)
    click.echo(f"{version_of(version)} is withdrawn. It binds nobody.")


@click.command("comment")
@click.argument("version")
@click.argument("text")
@AS
def comment(version: str, text: str, username: str) -> None:
    """Say something about a version; it stands in its room."""
    _done(lambda one, by, now: actions.comment(version=one, by=by, text=text, now=now), version, username)
    click.echo(f"Said about {version_of(version)}.")

"""`vendange agreement …`: the text that marketing and sales sign."""

from datetime import UTC, date, datetime
from pathlib import Path

import click
from django.utils.translation import override

from vendange.agree.actions import CannotSign
from vendange.agree.actions import draft as draft_version
from vendange.agree.actions import sign as sign_version
from vendange.agree.queries import NoAgreement, in_force, terms_of
from vendange.agree.rules import midnight
from vendange.agreement.language import NotAnAgreement, load
from vendange.agreement.terms import Agreement
from vendange.cli.agreement_acts import comment, refuse, revise, version_of, withdraw
from vendange.cli.agreement_words import in_words
from vendange.cli.saying import Failed, counted, moment_here, say_json, table
from vendange.cli.simulate import simulate
from vendange.cli.suggest import suggest
from vendange.cli.users import colleague
from vendange.models import AgreementVersion
from vendange.web.agreement.comparing import Told, comparison


@click.group()
def agreement() -> None:
    """The agreement between marketing and sales."""


@agreement.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Check a written agreement: every problem with its line and its remedy."""
    found = _loaded(file)
    click.echo(f"{file.name} is a valid agreement: {_summary(found)}.")
    click.echo(f"Its sha256 is {found.sha}")


def _loaded(file: Path) -> Agreement:
    try:
        return load(_read(file))
    except NotAnAgreement as error:
        many = f"{len(error.problems)} problem{'s' if len(error.problems) > 1 else ''}"
        raise Failed("\n".join([*(f"{file.name}: {one}" for one in error.problems), f"{many} to correct."])) from None


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Failed(f"{file} cannot be read: {error.strerror}. Check the path.") from None


def _summary(one: Agreement) -> str:
    parts = (
        counted(len(one.lead_types), "lead type"),
        counted(len(one.fit), "fit rule"),
        counted(len(one.engagement), "engagement rule"),
        counted(len(one.dimensions), "dimension"),
        counted(len(one.acts), "revealing act"),
        counted(len(one.patterns), "pattern"),
        counted(len(one.desk.criteria), "criterion", "criteria"),
    )
    return f"{one.name}, {', '.join(parts)}"


@agreement.command("draft")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The version as JSON.")
def draft(file: Path, as_json: bool) -> None:
    """Keep a valid text as the next version, to be signed."""
    _loaded(file)
    version = draft_version(text=_read(file).decode("utf-8-sig"), by=None, now=datetime.now(UTC))
    if as_json:
        say_json(_told(version))
    elif version.status == "signed":
        click.echo(f"This text is already in force as {version}: nothing changed.")
    else:
        click.echo(f"{version} is drafted. Both heads sign it: vendange agreement sign {version.number} --as USERNAME")


@agreement.command("sign")
@click.argument("version")
@click.option("--as", "username", required=True, help="Username of the head who signs.")
@click.option("--from", "starts", metavar="DATE", help="In force from this day (2026-04-01); at once when left out.")
def sign(version: str, username: str, starts: str | None) -> None:
    """Sign a version for one team. With the second signature it is in force."""
    by, found = colleague(username), version_of(version)
    try:
        signed = sign_version(
            version=found, by=by, now=datetime.now(UTC), in_force_from=_day(starts, found) if starts else None
        )
    except CannotSign as error:
        raise Failed(str(error)) from None
    click.echo(f"{by.name} signed {signed} for {by.signs_for}.")
    if signed.in_force_from and signed.status == "signed":
        click.echo(f"{signed} is in force from {moment_here(signed.in_force_from)}.")
    else:
        other = "sales" if by.signs_for == "marketing" else "marketing"
        click.echo(f"It takes effect when {other} has signed too.")


def _day(text: str, version: AgreementVersion) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Failed(f"{text} is not a date. Write it as 2026-04-01.") from None
    return midnight(day, terms_of(version).agreement.calendar.time_zone)


@agreement.command("list")
@click.option("--json", "as_json", is_flag=True, help="The list as JSON.")
def versions(as_json: bool) -> None:
    """List every version, newest first."""
    found = list(AgreementVersion.objects.order_by("-number").prefetch_related("signatures"))
    if as_json:
        say_json([_told(one) for one in found])
    elif not found:
        click.echo("There is no agreement yet. Draft one: vendange agreement draft examples/agreements/small-team.yaml")
    else:
        click.echo(table([("VERSION", "NAME", "STATUS", "SIGNED BY", "IN FORCE FROM"), *map(_row, found)]))


def _told(one: AgreementVersion) -> dict[str, object]:
    columns = ("number", "sha", "name", "status", "created_at", "in_force_from")
    return {**{name: getattr(one, name) for name in columns}, "signed_by": _signed_by(one)}


def _signed_by(one: AgreementVersion) -> list[str]:
    return sorted(given.side for given in one.standing)


def _row(one: AgreementVersion) -> tuple[str, ...]:
    sides = " and ".join(_signed_by(one))
    starts = moment_here(one.in_force_from) if one.in_force_from else "-"
    return str(one), one.name, one.status, sides or "nobody", starts


@agreement.command("show")
@click.argument("version", required=False)
@click.option("--text", "bare", is_flag=True, help="The text alone, as when the output goes to a file.")
@click.option("--words", "worded", is_flag=True, help="What it says in words, not the text itself.")
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="Of the words.")
def show(version: str | None, bare: bool, worded: bool, language: str) -> None:
    """Show the text of a version; without VERSION, of the one in force.

    Standard output holds nothing else, so that `vendange agreement show > mine.yaml` gives a file to change; what is
    known of the version goes to standard error, and with --text nowhere.
    """
    found = version_of(version) if version else _current()
    if not bare:
        row = table([("VERSION", "NAME", "STATUS", "SIGNED BY", "IN FORCE FROM"), _row(found)])
        click.echo(f"{row}\nsha256 {found.sha}\n", err=True)
    click.echo(in_words(terms_of(found).agreement, language) if worded else found.text.rstrip())


def _current() -> AgreementVersion:
    try:
        return in_force(datetime.now(UTC)).version
    except NoAgreement as error:
        raise Failed(str(error)) from None


@agreement.command("diff")
@click.argument("before")
@click.argument("after")
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="Of the words.")
@click.option("--json", "as_json", is_flag=True, help="The differences as JSON.")
def diff(before: str, after: str, language: str, as_json: bool) -> None:
    """Say what changes from one version to another, section by section. Each is a version or a file."""
    with override(language):
        found = comparison(_text_of(before), _text_of(after))
        told = [(one.title, [change.sentence for change in one.changes]) for one in found]
    if as_json:
        say_json([{"title": one.title, "changes": [_as_json(change) for change in one.changes]} for one in found])
    elif not found:
        click.echo("They say the same.")
    for title, sentences in [] if as_json else told:
        click.echo(f"{title}\n" + "\n".join(f"  {one}" for one in sentences))


def _as_json(change: Told) -> dict[str, object]:
    names = ("section", "kind", "item", "fields", "what", "before", "after")
    return {name: getattr(change, name) for name in names}


def _text_of(one: str) -> Agreement:
    number = one.lower().removeprefix("v")
    return terms_of(version_of(one)).agreement if number.isdecimal() else _loaded(Path(one))


for act in (simulate, suggest, revise, refuse, withdraw, comment):
    agreement.add_command(act)

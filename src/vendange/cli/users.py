"""`vendange user …`: the colleagues who sign in."""

import sys
from datetime import UTC, datetime

import click
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from vendange.admit.actions import add_user
from vendange.admit.queries import users as all_users
from vendange.admit.rules import NotAdmitted
from vendange.cli.saying import Failed, say_json, table
from vendange.models import User
from vendange.models.user import ROLES


def colleague(username: str) -> User:
    """The active colleague of that username; a failure with its remedy when there is none."""
    found = User.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise Failed(f"There is no colleague {username}. `vendange user list` shows everyone.")
    return found


@click.group()
def user() -> None:
    """Colleagues who sign in."""


@user.command("add")
@click.argument("username")
@click.option("--email", required=True, help="Address of the colleague.")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What the colleague may do.")
@click.option("--first-name", default="", help="First name.")
@click.option("--last-name", default="", help="Last name.")
@click.option("--signs-for", type=click.Choice(("marketing", "sales")), help="Signs agreements for this team.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@click.option("--json", "as_json", is_flag=True, help="The colleague as JSON.")
def add(
    username: str,
    email: str,
    role: str,
    first_name: str,
    last_name: str,
    signs_for: str | None,
    password_stdin: bool,
    as_json: bool,
) -> None:
    """Add a colleague. The password is asked for, and never shown."""
    try:
        validate_email(email)
    except ValidationError:
        raise Failed(f"{email} is not an e-mail address.") from None
    password = _password(User(username=username, email=email), password_stdin)
    try:
        made = add_user(
            email=email,
            first_name=first_name,
            last_name=last_name,
            role=role,
            by=None,
            now=datetime.now(UTC),
            username=username,
            password=password,
            signs_for=signs_for or "",
        )
    except NotAdmitted as error:
        raise Failed(str(error)) from None
    if as_json:
        say_json({"id": str(made.public_id), "username": made.username, "email": made.email, "role": made.role})
    else:
        click.echo(f"{made.username} ({made.role}) can sign in with {made.email}.")


def _password(for_whom: User, from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    try:
        validate_password(password, for_whom)
    except ValidationError as error:
        raise Failed(" ".join(error.messages)) from None
    return password


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="The list as JSON.")
def users(as_json: bool) -> None:
    """List the colleagues."""
    found = list(all_users())
    if as_json:
        columns = ("username", "email", "name", "role", "signs_for", "is_active")
        say_json([{"id": str(one.public_id), **{name: getattr(one, name) for name in columns}} for one in found])
    elif not found:
        click.echo("There is no colleague yet. Add one: vendange user add USERNAME --email ADDRESS --role ROLE")
    else:
        click.echo(table([("USERNAME", "NAME", "ROLE", "SIGNS FOR", "ADDRESS"), *map(_row, found)]))


def _row(one: User) -> tuple[str, ...]:
    role = one.role if one.is_active else f"{one.role} (closed)"
    return one.username, one.name, role, one.signs_for or "-", one.email

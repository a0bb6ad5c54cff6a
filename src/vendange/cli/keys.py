"""`vendange key …`: bearer keys of programs that use the API."""

from datetime import UTC, datetime

import click

from vendange.admit.actions import add_key, revoke_key
from vendange.admit.queries import keys as all_keys
from vendange.admit.rules import NotAdmitted
from vendange.cli.saying import Failed, day_here, moment_here, say_json, table
from vendange.cli.users import colleague
from vendange.models import ApiKey
from vendange.models.user import ROLES


@click.group()
def key() -> None:
    """Keys of programs that use the API."""


@key.command("add")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What the key may read: docs/api.md.")
@click.option("--json", "as_json", is_flag=True, help="The key as JSON.")
def add(name: str, role: str, as_json: bool) -> None:
    """Make a key and print it. It is shown this once: only its hash is kept."""
    name = name.strip()
    if not 1 <= len(name) <= 80:
        raise Failed("A key needs a name of 1 to 80 characters, such as the program that will use it.")
    try:
        made, secret = add_key(name=name, role=role, by=None, now=datetime.now(UTC))
    except NotAdmitted as refused:
        raise Failed(str(refused)) from None
    if as_json:
        say_json({"key": secret, "prefix": made.prefix, "name": made.name, "role": made.role})
        return
    click.echo(f"Key {made.name} for the role {made.role}: {secret}")
    click.echo("Keep it now: it is not shown again. Use it as: Authorization: Bearer KEY")


@key.command("list")
@click.option("--json", "as_json", is_flag=True, help="The list as JSON.")
def keys(as_json: bool) -> None:
    """List the keys; never the secrets."""
    found = list(all_keys())
    if as_json:
        columns = ("prefix", "name", "role", "created_at", "last_used_at", "revoked_at")
        say_json([{name: getattr(one, name) for name in columns} for one in found])
    elif not found:
        click.echo("There is no key yet. Make one: vendange key add NAME --role ROLE")
    else:
        click.echo(table([("PREFIX", "NAME", "ROLE", "MADE", ""), *map(_row, found)]))


def _row(one: ApiKey) -> tuple[str, ...]:
    used = f"last used {moment_here(one.last_used_at)}" if one.last_used_at else "never used"
    state = f"revoked {day_here(one.revoked_at)}" if one.revoked_at else used
    return one.prefix, one.name, one.role, day_here(one.created_at), state


@key.command("revoke")
@click.argument("prefix")
@click.option("--as", "username", required=True, help="Username of the administrator who revokes it.")
def revoke(prefix: str, username: str) -> None:
    """Close a key for ever, at once. PREFIX as `vendange key list` shows it."""
    found = ApiKey.objects.filter(prefix=prefix).first()
    if found is None:
        raise Failed(f"There is no key {prefix}. `vendange key list` shows their prefixes.")
    if found.revoked_at:
        raise Failed(f"The key {found.name} was already revoked on {day_here(found.revoked_at)}.")
    by = colleague(username)
    if by.role != "admin":
        raise Failed(f"{by.name} is no administrator: only an administrator revokes a key.")
    revoke_key(key=found, by=by, now=datetime.now(UTC))
    click.echo(f"The key {found.name} ({prefix}) opens nothing any more.")

"""Typed readers for environment variables; each refuses what it does not understand, and says what to write."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import available_timezones


class BadEnvironment(Exception):
    """A variable of the environment that we cannot read; the message says which, and what it may hold."""


def env_text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def env_bool(name: str, *, default: bool) -> bool:
    raw = env_text(name)
    if not raw:
        return default
    if raw.lower() in {"1", "true", "yes", "on"}:
        return True
    if raw.lower() in {"0", "false", "no", "off"}:
        return False
    raise BadEnvironment(f"{name}={raw!r} is neither yes nor no. Write {name}=1 or {name}=0.")


def env_int(name: str, *, default: int, lowest: int = 0) -> int:
    raw = env_text(name)
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError:
        raise BadEnvironment(f"{name}={raw!r} is not a whole number. Write for example {name}={default}.") from None
    if value < lowest:
        raise BadEnvironment(f"{name}={value} is too small. Write {lowest} or more.")
    return value


def env_zone(name: str, default: str) -> str:
    """A time zone of the IANA list."""
    zone = env_text(name, default) or default
    if zone not in available_timezones():
        raise BadEnvironment(f"{name}={zone!r} is no time zone. Write for example {name}={default}.")
    return zone


def env_list(name: str, *, default: list[str]) -> list[str]:
    raw = env_text(name)
    return [part.strip() for part in raw.split(",") if part.strip()] if raw else default


def env_path(name: str, *, default: Path) -> Path:
    raw = env_text(name)
    return Path(raw).expanduser().resolve() if raw else default


def env_address(name: str) -> str:
    """A mail address, or "" when none is given."""
    raw = env_text(name)
    if raw and (raw.count("@") != 1 or raw.strip("@") != raw or " " in raw or "+" in raw.partition("@")[0]):
        raise BadEnvironment(f"{name}={raw!r} is no plain mail address. Write for example {name}=bounces@example.com.")
    return raw


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox that is read by IMAP; `secure` is TLS from the first byte."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    secure: bool


def env_mailbox(name: str) -> Mailbox | None:
    """`imaps://USER:PASSWORD@HOST[:PORT]/FOLDER`; plain `imap://` only on this machine. None when none is given."""
    raw = env_text(name)
    if not raw:
        return None
    how = f"Write {name}=imaps://USER:PASSWORD@HOST/INBOX, with %40 for an @ in the user name."
    try:
        parts = urlsplit(raw)
        port = parts.port
    except ValueError:
        raise BadEnvironment(f"{name} cannot be read. {how}") from None
    if parts.scheme not in ("imaps", "imap") or not (parts.hostname and parts.username and parts.password):
        raise BadEnvironment(f"{name} is no address of a mailbox. {how}")
    secure = parts.scheme == "imaps"
    if not secure and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise BadEnvironment(f"{name} would send its password unprotected. {how}")
    return Mailbox(
        host=parts.hostname,
        port=port or (993 if secure else 143),
        user=unquote(parts.username),
        password=unquote(parts.password),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        secure=secure,
    )

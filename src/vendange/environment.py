"""Typed readers for environment variables; each refuses what it does not understand, and says what to write."""

import os
from pathlib import Path
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

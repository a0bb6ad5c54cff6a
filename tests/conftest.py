"""One set of tests for two databases: SQLite by default, or the PostgreSQL named by VENDANGE_TEST_DATABASE.

The environment is chosen here, before anything reads the settings.
"""

import atexit
import ipaddress
import os
import shutil
import socket
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
import psycopg
import pytest
from django.conf import settings
from django.test import override_settings
from hypothesis import settings as hypothesis_settings
from psycopg import sql

HERE = Path(__file__).parent
POSTGRESQL = os.environ.get("VENDANGE_TEST_DATABASE", "sqlite")
THOROUGH = os.environ.get("VENDANGE_THOROUGH") == "1"
# Folders whose tests never meet the database in this process: once, on SQLite, is enough.
ANY_DATABASE = {"rules", "engine", "house", "browser"}
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "django_db_serialized_rollback"}
TRANSACTIONAL_FIXTURES = {"transactional_db", "django_db_reset_sequences", "live_server"}


def choose_environment() -> None:
    """A home of its own for each test process, and none of the variables that the developer's shell may hold."""
    for name in [name for name in os.environ if name.startswith("VENDANGE_") and name not in KEPT]:
        del os.environ[name]
    home = tempfile.mkdtemp(prefix="vendange-test-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ["VENDANGE_HOME"] = home
    os.environ.pop("DATABASE_URL", None)
    if POSTGRESQL != "sqlite":
        os.environ["DATABASE_URL"] = POSTGRESQL


def start_django() -> None:
    """Here and not by pytest-django's own option, which reads the settings before this file is read."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "vendange.settings"
    django.setup()
    # The processes of pytest-xdist inherit the environment: each must come through this file too.
    del os.environ["DJANGO_SETTINGS_MODULE"]


KEPT = {"VENDANGE_TEST_DATABASE", "VENDANGE_THOROUGH", "VENDANGE_BROWSER", "VENDANGE_REAL_MAIL"}
choose_environment()
start_django()

hypothesis_settings.register_profile("quick", max_examples=40, deadline=None, derandomize=True, database=None)
hypothesis_settings.register_profile("thorough", max_examples=1000, deadline=None)
hypothesis_settings.load_profile("thorough" if THOROUGH else "quick")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [item for item in items if is_left_out(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
    for item in items:
        open_both_databases(item)


def is_left_out(item: pytest.Item) -> bool:
    folder = item.path.relative_to(HERE).parts[0]
    if POSTGRESQL != "sqlite" and folder in ANY_DATABASE:
        return True
    return not THOROUGH and item.get_closest_marker("thorough") is not None


def open_both_databases(item: pytest.Item) -> None:
    """pytest-django opens only `default`; almost every story here also touches the inbox."""
    fixtures = set(getattr(item, "fixturenames", ()))
    given = item.get_closest_marker("django_db")
    if given is None and not fixtures & DATABASE_FIXTURES:
        return
    words: dict[str, Any] = {"transaction": bool(fixtures & TRANSACTIONAL_FIXTURES), "databases": "__all__"}
    words.update(given.kwargs if given else {})
    item.add_marker(pytest.mark.django_db(**words), append=False)


@pytest.fixture
def own_environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """For a child process: the environment of an installation with an empty home, and on PostgreSQL a database too."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "VENDANGE_HOME": str(home)}
    if POSTGRESQL == "sqlite":
        yield environment
        return
    name = f"vendange_{uuid.uuid4().hex}"
    with psycopg.connect(POSTGRESQL, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield {**environment, "DATABASE_URL": urlsplit(POSTGRESQL)._replace(path=f"/{name}").geturl()}
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


class OutsideCall(Exception):
    """A test tried to speak to another machine."""


def is_here(host: object) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host).split("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def closed_sockets() -> Iterator[None]:
    """No test leaves this machine: names and addresses other than loopback are refused before anything is sent."""
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_here(address[0]):
            raise OutsideCall(f"A test tried to reach {address[0]}. Give it a server on 127.0.0.1.")
        connect(self, address)

    def resolve_here(host: Any, *rest: Any, **named: Any) -> Any:
        if not is_here(host):
            raise OutsideCall(f"A test tried to look up {host!r}. Give it a server on 127.0.0.1.")
        return resolve(host, *rest, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        patch.setattr(socket, "getaddrinfo", resolve_here)
        yield


@pytest.fixture(autouse=True, scope="session")
def fast_passwords() -> Iterator[None]:
    """Argon2 is slow on purpose; tests sign in a thousand times."""
    quick = "django.contrib.auth.hashers.MD5PasswordHasher"
    with override_settings(PASSWORD_HASHERS=[quick, *settings.PASSWORD_HASHERS]):
        yield


pytest_plugins = ["tests.people"]

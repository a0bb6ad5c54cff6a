"""`vendange web`, `collect` and `work`: one process each, for machines that have a supervisor of their own."""

import os
import socket
import sys
from typing import Final

import click

from vendange.cli.saying import Failed

HOST: Final = "127.0.0.1"
PORT: Final = 8000
COLLECTOR_PORT: Final = 8001
PAGES: Final = "vendange.asgi:app"
COLLECTOR: Final = "vendange.collect.serve:alone"


def server(app: str, host: str, port: int) -> list[str]:
    """The command line of a server. One worker: the collector's writer is one; more processes are more servers."""
    words = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", "--log-level", "warning"]
    words += ["--workers", "1", "--workers-kill-timeout", "10", "--host", host, "--port", str(port)]
    return [*words, *(["--factory"] if app == COLLECTOR else []), app]


def refuse_busy(host: str, port: int) -> None:
    """Say so before anything else when the port cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise Failed(f"Port {port} is reserved. Choose one from 1024 up: --port 8001") from None
        except OSError as error:
            other = port + 1 if port < 65535 else PORT
            raise Failed(
                f"Port {port} of {host} cannot be had ({error.strerror}): another program uses it, or this machine has "
                f"no such address. Stop that program, or choose another port: --port {other}"
            ) from None


def _replace_process(command: list[str]) -> None:
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 - our own program, no shell


@click.command()
@click.option("--host", default=HOST, show_default=True, help="Address to listen on.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
def web(host: str, port: int) -> None:
    """Start the pages and the collector on one port."""
    refuse_busy(host, port)
    _replace_process(server(PAGES, host, port))


@click.command()
@click.option("--host", default=HOST, show_default=True, help="Address to listen on.")
@click.option("--port", default=COLLECTOR_PORT, show_default=True, type=click.IntRange(1, 65535), help="Port.")
def collect(host: str, port: int) -> None:
    """Start a collector alone: it stores events and answers, and shows no page."""
    refuse_busy(host, port)
    _replace_process(server(COLLECTOR, host, port))


@click.command()
def work() -> None:
    """Start the worker: it reads what has come in, delivers mail and acts on what is due."""
    from vendange.work.loops import Worker

    Worker().run()

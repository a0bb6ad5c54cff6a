"""One port, three answers: /v1/* is collected, health is told, and the rest are pages, in threads."""

import asyncio
import json
import os
from collections.abc import Mapping
from typing import Any, Final

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

from vendange.collect.answers import Answer, Send
from vendange.collect.body import Receive
from vendange.collect.serve import collector, lifespan

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vendange.settings")
pages = get_wsgi_application()

# After the line above, because these read the tables.
from vendange.work import health  # noqa: E402

THREADS: Final = 8
one_collector = collector()
in_threads = WSGIMiddleware(pages, workers=THREADS)  # type: ignore[arg-type]


async def app(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send, one_collector)
    elif scope["type"] == "http":
        await _answer(scope, receive, send)


async def _answer(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    path = scope["path"]
    if path.startswith("/v1/"):
        await one_collector(scope, receive, send)
    elif path in ("/healthz", "/readyz"):
        await (await _health(path)).send(send, ())
    else:
        await _page(scope, receive, send)


async def _page(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    async def read() -> Any:
        """Granian's `receive` gives a future; a2wsgi hands it to another thread, which takes coroutines only."""
        return await receive()

    await in_threads(scope, read, send)  # type: ignore[arg-type]


async def _health(path: str) -> Answer:
    """/healthz: is this process sound (restart it if not). /readyz: does the whole relay run."""
    one_collector.start()
    alive = one_collector.committer.alive
    if path == "/healthz":
        ready, told = health.report({"writer": health.writer(alive)})
        told["status"] = "ok" if ready else "broken"
    else:
        ready, told = await asyncio.get_running_loop().run_in_executor(None, _readiness, alive)
    return Answer(200 if ready else 503, json.dumps(told).encode())


def _readiness(writer_alive: bool) -> tuple[bool, dict[str, Any]]:
    try:
        return health.report(health.all_checks(writer_alive=writer_alive, now=health.now()))
    finally:
        health.close_connections()

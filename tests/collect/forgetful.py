"""A gateway in front of the collector that passes requests on and sometimes loses the answer on its way back."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOST = 503  # what the sender is told although the collector has stored everything


@dataclass
class Gateway:
    """`lost` and `passed` hold the paths of requests whose answer was lost, and of those that had theirs."""

    url: str = ""
    lost: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def loses(self, method: str, path: str, count: int) -> bool:
        """Every second POST, counted together, loses its first answer."""
        with self.lock:
            loses = method == "POST" and (len(self.lost) + len(self.passed)) % 2 == 0 and count == 0
            if method == "POST":
                (self.lost if loses else self.passed).append(path)
            return loses


@contextmanager
def forgetful(port: int) -> Iterator[Gateway]:
    """Stands before the collector on this port of 127.0.0.1."""
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            onward = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                onward.request(self.command, self.path, body or None, dict(self.headers))
                answer = onward.getresponse()
                told = answer.read()
            finally:
                onward.close()
            loses = gateway.loses(self.command, self.path, int(self.headers.get("x-retry-count", 0)))
            self.send_response_only(LOST if loses else answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "content-length", "connection", "date", "server"):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = do_OPTIONS = _pass  # noqa: N815 - names of the standard library

        def log_message(self, *words: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)

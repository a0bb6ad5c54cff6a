"""Somebody else's site on another port of this machine, with our tag in its pages and a policy of its own."""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Pages = Mapping[str, tuple[str, str]]  # by path: the type of the content, and the content


@contextlib.contextmanager
def foreign_site(pages: Pages, *, policy: str) -> Iterator[str]:
    """The address of a site that serves `pages` until the block ends, with `policy` as Content-Security-Policy.

    It is called `localhost`, so that to a browser it is another site than a Vendange on 127.0.0.1.
    """

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            media, content = pages.get(
                self.path.partition("?")[0], ("text/html", "<!doctype html><title>other</title>")
            )
            body = content.encode()
            self.send_response(200)
            self.send_header("Content-Type", f"{media}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the screen of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

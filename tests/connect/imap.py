"""A mail server that speaks as much IMAP as our reader asks for: LOGIN, EXAMINE, UID SEARCH, UID FETCH, LOGOUT."""

import re
import socketserver
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

CAME: Final = datetime(2026, 9, 7, 10, 0, tzinfo=UTC)


@dataclass
class Kept:
    """One mailbox; `hang_up_after` breaks the line after so many FETCHes."""

    user: str = "bounces@vendor.example"
    password: str = "right"
    validity: int = 1
    messages: dict[int, bytes] = field(default_factory=dict)
    hang_up_after: int = 1_000
    said: list[str] = field(default_factory=list)

    def add(self, raw: bytes) -> int:
        number = max(self.messages, default=0) + 1
        self.messages[number] = raw
        return number


class Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        kept: Kept = self.server.kept  # type: ignore[attr-defined]
        self.tell("* OK ready")
        for line in self.rfile:
            tag, _, words = line.decode().strip().partition(" ")
            kept.said.append(words)
            verb = words.split(" ")[0].upper() if not words.upper().startswith("UID") else words[:10].upper().strip()
            if not self.answer(kept, tag, verb, words):
                return

    def tell(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def answer(self, kept: Kept, tag: str, verb: str, words: str) -> bool:
        if verb == "CAPABILITY":
            self.tell("* CAPABILITY IMAP4rev1")
        elif verb == "LOGIN" and words != f'LOGIN {kept.user} "{kept.password}"':
            self.tell(f"{tag} NO [AUTHENTICATIONFAILED] Authentication failed.")
            return True
        elif verb == "EXAMINE":
            if '"INBOX"' not in words:
                self.tell(f"{tag} NO Mailbox does not exist")
                return True
            self.tell(f"* {len(kept.messages)} EXISTS")
            self.tell(f"* OK [UIDVALIDITY {kept.validity}] valid")
        elif verb == "UID SEARCH":
            self.tell("* SEARCH " + " ".join(str(one) for one in self.found(kept, words)))
        elif verb == "UID FETCH":
            if kept.hang_up_after == 0:
                return False
            kept.hang_up_after -= 1
            self.fetch(kept, int(words.split(" ")[2]))
        elif verb == "LOGOUT":
            self.tell("* BYE")
            self.tell(f"{tag} OK bye")
            return False
        elif verb in ("SELECT", "STORE", "APPEND", "EXPUNGE", "UID STORE", "UID COPY"):
            self.tell(f"{tag} NO only to be looked at")
            return True
        self.tell(f"{tag} OK done")
        return True

    def found(self, kept: Kept, words: str) -> list[int]:
        asked = re.search(r"UID (\d+):\*", words[4:])
        least = int(asked.group(1)) if asked else 0
        last = max(kept.messages, default=0)
        return [one for one in kept.messages if one >= least or one == last]

    def fetch(self, kept: Kept, number: int) -> None:
        raw = kept.messages.get(number)
        if raw is None:
            return
        at = CAME.strftime("%d-%b-%Y %H:%M:%S +0000")
        head = f'* {number} FETCH (UID {number} INTERNALDATE "{at}" BODY[]<0> {{{len(raw)}}}\r\n'
        self.wfile.write(head.encode() + raw + b")\r\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, kept: Kept) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.kept = kept
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is no fault of the test."""

    def end(self) -> None:
        self.shutdown()
        self.server_close()
        self.thread.join()

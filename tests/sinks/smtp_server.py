"""A mail server that fails as it is told, then takes mails."""

from __future__ import annotations

import socketserver
import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.sinks.conftest import HALF_CLOSED, SLOW
from tests.sinks.running import serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class MailServer:
    """What a mail server was told, and what it took.

    Attributes:
        address: host and port.
        answers: a code for each connection; HALF_CLOSED ends it, SLOW says nothing.
        mails: that it took.
        done: set when the test is over.
    """

    address: str = ""
    answers: deque[int] = field(default_factory=deque)
    mails: list[bytes] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)


@contextmanager
def smtp_server() -> Iterator[MailServer]:
    """Runs the server while the block does."""
    made = MailServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            answer = made.answers.popleft() if made.answers else 220
            if answer == SLOW:
                made.done.wait()
            if answer in {SLOW, HALF_CLOSED}:
                return
            self.wfile.write(b"%d hello\r\n" % answer)
            for line in self.rfile:
                verb = line[:4].upper().strip()
                if verb == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    made.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
                if verb == b"QUIT":
                    return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    made.address = f"127.0.0.1:{server.server_address[1]}"
    with serving(server):
        try:
            yield made
        finally:
            made.done.set()

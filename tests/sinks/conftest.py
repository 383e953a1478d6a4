"""Receivers that answer as they are told, and a clock that nobody waits for."""

from __future__ import annotations

import socket
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from driftkit.cli.kept_alerts import InFile, InStore
from driftkit.sinks.posting import Attempts
from driftkit.store.opening import open_store
from tests.sinks.running import serving
from tests.sinks.windows import BEGIN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from driftkit.cli.kept_alerts import KeptAlerts

HALF_CLOSED, SLOW = 0, -1


@dataclass(slots=True)
class Clock:
    """A clock that goes on by what is slept."""

    begin: datetime = BEGIN
    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Goes on."""
        self.slept.append(seconds)
        self.seconds += seconds

    def now(self) -> datetime:
        """The time."""
        return self.begin + timedelta(seconds=self.seconds)

    def attempts(self) -> Attempts:
        """Tries by this clock, with half of the jitter."""
        return Attempts(
            clock=lambda: self.seconds,
            sleep=self.sleep,
            jitter=lambda most: most / 2,
            now=self.now,
        )


@dataclass(slots=True)
class Received:
    """A request that arrived."""

    path: str
    headers: dict[str, str]
    body: bytes
    method: str = "POST"


@dataclass(slots=True)
class Receiver:
    """A server that keeps what it receives and answers what it was told, then 200.

    Attributes:
        url: its address.
        answers: status and headers; HALF_CLOSED answers nothing, SLOW never.
        received: requests so far.
        done: set when the test is over.
        body: of its good answers.
    """

    url: str
    answers: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    received: list[Received] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)
    body: bytes = b""

    def will(self, *answers: int, **headers: str) -> None:
        """Answers so, once each."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.extend((answer, named) for answer in answers)


@pytest.fixture(params=["a.jsonl", "store"])
def alerts(request: pytest.FixtureRequest, tmp_path: Path) -> KeptAlerts:
    """Kept in a file, and in a store."""
    address = tmp_path / request.param
    if address.suffix:
        return InFile(file=address)
    return InStore(store=open_store(address), model="churn")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            made.received.append(Received(self.path, headers, body, self.command))
            status, more = made.answers.popleft() if made.answers else (200, {})
            if status == SLOW:
                made.done.wait()
            if status <= 0:
                return
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            body = made.body if status == 200 else b""
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_PUT(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made = Receiver(url=f"http://127.0.0.1:{server.server_address[1]}/hook")
    with serving(server):
        try:
            yield made
        finally:
            made.done.set()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])

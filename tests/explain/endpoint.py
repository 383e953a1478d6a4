"""An endpoint in this process, with the moods of real ones."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Endpoint:
    """What was asked, and how it is answered.

    Args:
        answer: gives the body for a body, or a status to fail with.
        failures: answers with 500 before the first good one.
    """

    def __init__(self, answer: Callable[[bytes], bytes | int], *, failures: int = 0) -> None:
        self.answer = answer
        self.failures = failures
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.now, self.most = 0, 0
        self.lock = threading.Lock()

    @contextmanager
    def running(self) -> Iterator[str]:
        """Gives the URL."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/invocations"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def reply(self, body: bytes, headers: dict[str, str]) -> bytes | int:
        """The answer to a request."""
        with self.lock:
            self.bodies.append(body)
            self.headers.append(headers)
            self.now += 1
            self.most = max(self.most, self.now)
            failing, self.failures = self.failures > 0, self.failures - 1
        try:
            return 500 if failing else self.answer(body)
        finally:
            with self.lock:
                self.now -= 1

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = endpoint.reply(body, dict(self.headers))
                code, content = (answer, b"no") if isinstance(answer, int) else (200, answer)
                try:
                    self.send_response(code)
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Keeps the tests' output quiet."""

        return Handler


def sums_of_csv(body: bytes) -> bytes:
    """A model that adds up CSV."""
    lines = body.decode().splitlines()
    return "\n".join(str(sum(map(float, line.split(",")))) for line in lines).encode()


def sums_of_lines(body: bytes) -> bytes:
    """A model that adds up JSON Lines, and says the score somewhere deep."""
    records = [json.loads(line)["features"] for line in body.splitlines()]
    return "\n".join(
        json.dumps({"out": {"score": sum(each), "label": 1}}) for each in records
    ).encode()


def sums_of_json(body: bytes) -> bytes:
    """A model that adds up JSON records of names and values, giving two labels."""
    records = json.loads(body)["instances"]
    answers = [[sum(each.values()), -sum(each.values())] for each in records]
    return json.dumps({"predictions": answers}).encode()

"""Answers Flagger's webhooks by the last verdict.json.

Usage: python flagger_webhook.py VERDICT_FILE [PORT]

A request of /promote or /roll_back is answered with 200 if that is the verdict, with 403 if it is
another one, and with 503 while there is none to be read.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PORT = 8765


def status(path: str, verdict_file: Path) -> int:
    """The HTTP status of a request."""
    asked = path.strip("/")
    if asked not in {"promote", "roll_back"}:
        return 404
    try:
        verdict = json.loads(verdict_file.read_text(encoding="utf-8"))["verdict"]
    except (OSError, ValueError, KeyError, TypeError):
        return 503
    return 200 if verdict == asked else 403


class Webhook(BaseHTTPRequestHandler):
    """A request of Flagger's."""

    def __init__(self, verdict_file: Path, *connection: Any) -> None:
        self.verdict_file = verdict_file
        super().__init__(*connection)

    def do_POST(self) -> None:
        """Reads the request to its end, and answers."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(status(self.path, self.verdict_file))
        self.send_header("Content-Length", "0")
        self.end_headers()


def server(verdict_file: Path, port: int = PORT) -> ThreadingHTTPServer:
    """The server, not started yet."""
    return ThreadingHTTPServer(("", port), partial(Webhook, verdict_file))


if __name__ == "__main__":
    server(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else PORT).serve_forever()

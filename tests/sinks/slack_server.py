"""A server that takes messages as Slack's method chat.postMessage is documented to."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.sinks.running import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN, CHANNEL = "xoxb-canary-3e71", "C024BE91L"
# Of the methods and blocks that Slack documents, as far as we know: characters of texts.
_TEXT, _BLOCKS, _IN_SUM = 40_000, 50, 13_200
_LIMITS = {"header": 150, "section": 3000, "context": 3000, "actions": 75}
_TS = re.compile(r"\d{10}\.\d{6}")


@dataclass(slots=True)
class Workspace:
    """What the bot has posted.

    Attributes:
        url: of the methods.
        posted: messages, with their ts.
        answers: that it gives once each, in place of taking a message: status, headers, body.
    """

    url: str
    posted: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)

    def threads(self) -> list[tuple[str, str | None]]:
        """The state of the first alert of each message, and the thread that it is in."""
        return [(_state(each), each.get("thread_ts")) for each in self.posted]

    def take(self, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        """The answer to a request."""
        refused = self._refusal(headers, body)
        if refused:
            return {"ok": False, "error": refused}
        message = json.loads(body)
        message["ts"] = f"17957{len(self.posted):05d}.000200"
        self.posted.append(message)
        return {"ok": True, "channel": CHANNEL, "ts": message["ts"], "message": {}}

    def _refusal(self, headers: dict[str, str], body: bytes) -> str | None:
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return "invalid_auth" if "authorization" in headers else "not_authed"
        if headers.get("content-type") != "application/json; charset=utf-8":
            return "missing_charset"
        message = json.loads(body)
        if message.get("channel") != CHANNEL:
            return "channel_not_found"
        thread = message.get("thread_ts")
        parents = {each["ts"] for each in self.posted if "thread_ts" not in each}
        if thread is not None and not (_TS.fullmatch(thread) and thread in parents):
            return "thread_not_found"
        return _wrong_text(message)


def _wrong_text(message: dict[str, Any]) -> str | None:
    if not message.get("text"):
        return "no_text"
    if len(message["text"]) > _TEXT:
        return "msg_too_long"
    if len(message["blocks"]) > _BLOCKS or not all(map(_right, message["blocks"])):
        return "invalid_blocks"
    return "msg_blocks_too_long" if len(_shown(message["blocks"])) > _IN_SUM else None


def _shown(blocks: list[dict[str, Any]]) -> str:
    return json.dumps(blocks, ensure_ascii=False)


def _right(block: dict[str, Any]) -> bool:
    texts = [block["text"]] if "text" in block else block["elements"]
    if len(texts) > (25 if block["type"] == "actions" else 10):
        return False
    said = [
        each["text"]["text"] if each.get("type") == "button" else each["text"] for each in texts
    ]
    return all(0 < len(each) <= _LIMITS[block["type"]] for each in said)


def _state(message: dict[str, Any]) -> str:
    return str(message["blocks"][1]["text"]["text"]).rsplit("*: ", 1)[-1].partition("\n")[0]


@contextmanager
def workspace() -> Iterator[Workspace]:
    """Runs the server while the block does."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more, answer = 404, dict[str, str](), b""
            if self.path == "/api/chat.postMessage":
                status, more, answer = (
                    made.answers.pop(0)
                    if made.answers
                    else (200, {}, json.dumps(made.take(headers, body)).encode())
                )
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Workspace(url=f"http://127.0.0.1:{server.server_address[1]}/api")
    with serving(server):
        yield made

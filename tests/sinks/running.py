"""Runs receivers while tests need them, real ones and servers of the tests."""

from __future__ import annotations

import subprocess
import threading
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from socketserver import BaseServer


@contextmanager
def serving(server: BaseServer) -> Iterator[None]:
    """Lets a server answer in a thread of its own, and ends it."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def running(command: list[str], port: int) -> Iterator[str]:
    """Runs a server until it answers, and ends it."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            for _ in range(200):
                try:
                    urllib.request.urlopen(f"{url}/-/ready").close()  # noqa: S310
                    break
                except OSError:
                    time.sleep(0.05)
            yield url
        finally:
            process.terminate()

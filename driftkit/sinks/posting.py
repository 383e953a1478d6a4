"""Sends requests over HTTP: no redirects, short waits, tries again where that may help."""

from __future__ import annotations

import http.client
import logging
import random
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from driftkit.errors import SettingsError, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Status = Literal["sent", "retry", "dead"]

CONNECT_SECONDS, ANSWER_SECONDS, ALL_SECONDS = 5.0, 10.0, 60.0
TRIES = 5
_MOST_BYTES = 1_000_000
_SILENCE = threading.RLock()
_TRY_AGAIN = {408, 425, 429, 500, 501, 502, 503, 504}


def _jitter(most: float) -> float:
    return random.uniform(0.0, most)  # noqa: S311  (spreads tries, guards nothing)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is posted.

    Attributes:
        url: with whatever secret it holds; never shown.
        body: of the request.
        headers: besides those that every request has, or in place of them.
        method: POST, or PUT for what takes the place of what was there.
        read: says of status and body of a good answer what became of it; None where any good
            answer means that it was taken.
    """

    url: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: Literal["POST", "PUT"] = "POST"
    read: Callable[[int, bytes], Outcome] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of it.

    Attributes:
        status: sent; retry: not yet, the next run tries again; dead: never will be.
        attempts: how often it was tried.
        http_status: the last answer's.
        error: why it was not sent, fit to be shown.
        wait: seconds until it may be tried again.
        receipt: what the receiver calls what it took, where later messages need that.
    """

    status: Status
    attempts: int = 1
    http_status: int | None = None
    error: str | None = None
    wait: float = 0.0
    receipt: str | None = None


@dataclass(slots=True, kw_only=True)
class Attempts:
    """Tries to send, for a minute in all.

    Attributes:
        clock: seconds of a clock that only goes forward.
        sleep: waits so many seconds.
        jitter: a number from 0 to so many seconds.
        now: the time.
    """

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    jitter: Callable[[float], float] = _jitter
    now: Callable[[], datetime] = _now
    _end: float | None = field(default=None, init=False)

    def __call__(self, once: Callable[[], Outcome]) -> Outcome:
        """Tries until it is sent, or there is no use in trying, or the time is over.

        Args:
            once: tries it once.
        """
        if self._end is None:
            self._end = self.clock() + ALL_SECONDS
        attempts = 0
        while True:
            outcome = once()
            attempts += 1
            wait = max(self.jitter(2.0 ** (attempts - 1)), outcome.wait)
            late = self.clock() + wait + CONNECT_SECONDS + ANSWER_SECONDS > self._end
            if outcome.status != "retry" or attempts == TRIES or late:
                return replace(outcome, attempts=attempts)
            self.sleep(wait)

    def post(self, request: Request) -> Outcome:
        """Posts, again where that may help."""
        return self(partial(post, request, self.now))


@contextmanager
def silent(*names: str) -> Iterator[None]:
    """Keeps libraries from saying anything, by the names of their loggers; one thread at a time.

    Args:
        names: of the loggers.
    """
    with _SILENCE:
        loggers = [logging.getLogger(each) for each in names]
        levels = [each.level for each in loggers]
        for each in loggers:
            each.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for each, level in zip(loggers, levels, strict=True):
                each.setLevel(level)


def host_of(url: str) -> str:
    """All of a URL that may be shown."""
    return urlsplit(url).hostname or "?"


def check_url(url: str) -> str:
    """The URL, if it is one of the web.

    Raises:
        SettingsError: it is not.
    """
    try:
        parts = urlsplit(url)
        right = parts.scheme in {"http", "https"} and bool(parts.hostname) and url.isascii()
    except ValueError:
        right = False
    if not right or any(each <= " " for each in url):
        raise SettingsError(
            "this is no address to send to", expected="https://HOST/..., or http://HOST/..."
        )
    return url


def at_path(url: str, path: str) -> str:
    """The address of a path below a URL, which may end with it already.

    >>> at_path("http://host/", "/v1/metrics"), at_path("http://host/v1/metrics", "/v1/metrics")
    ('http://host/v1/metrics', 'http://host/v1/metrics')

    Raises:
        SettingsError: the URL is none of the web.
    """
    return f"{check_url(url).rstrip('/').removesuffix(path)}{path}"


def post(request: Request, now: Callable[[], datetime]) -> Outcome:
    """Posts once.

    Args:
        request: what.
        now: the time, by which `Retry-After` is read.
    """
    host = host_of(request.url)
    made = urllib.request.Request(  # noqa: S310  (`check_url` knows the schemes)
        check_url(request.url),
        data=request.body,
        headers=_headers(request),
        method=request.method,
    )
    try:
        with _opener().open(made, timeout=CONNECT_SECONDS) as answer:
            if request.read is not None:
                return request.read(answer.status, answer.read(_MOST_BYTES))
            return Outcome(status="sent", http_status=answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return _refused(error, host, now)
    except urllib.error.URLError as error:
        return _failed(host, error.reason)
    except (OSError, http.client.HTTPException) as error:
        return _failed(host, error)


def _headers(request: Request) -> dict[str, str]:
    return {"Content-Type": "application/json", "User-Agent": "driftkit", **request.headers}


def _refused(error: urllib.error.HTTPError, host: str, now: Callable[[], datetime]) -> Outcome:
    again = may_be_taken_later(error.code)
    # Not the receiver's own words, which may repeat what it was sent.
    said = http.client.responses.get(error.code, "unknown")
    said = "redirects are not followed" if 300 <= error.code < 400 else said
    return Outcome(
        status="retry" if again else "dead",
        http_status=error.code,
        error=visible(f"{host} answered {error.code} ({said})"),
        wait=retry_after(error.headers.get("Retry-After"), now()) if again else 0.0,
    )


def may_be_taken_later(status: int) -> bool:
    """Whether a receiver that answers so may take the same request another time.

    >>> may_be_taken_later(503), may_be_taken_later(400)
    (True, False)
    """
    return status in _TRY_AGAIN or status > 504


def _failed(host: str, reason: object) -> Outcome:
    # A certificate that is not trusted will not be in a second either, but may be tomorrow.
    said = getattr(reason, "verify_message", None) or getattr(reason, "strerror", None)
    text = said or (str(reason) if isinstance(reason, TimeoutError) else type(reason).__name__)
    return Outcome(status="retry", error=visible(f"{host} cannot be reached ({text})"))


def retry_after(header: str | None, now: datetime) -> float:
    """Seconds that a receiver asks for.

    >>> retry_after("3", datetime(2026, 11, 1, tzinfo=UTC))
    3.0
    >>> retry_after("Sun, 01 Nov 2026 00:00:30 GMT", datetime(2026, 11, 1, tzinfo=UTC))
    30.0
    """
    if not header:
        return 0.0
    if header.strip().isdecimal():
        return min(float(header), timedelta(days=1).total_seconds())
    try:
        wait = (parsedate_to_datetime(header) - now).total_seconds()
    except (TypeError, ValueError):
        return 0.0
    return max(0.0, min(wait, timedelta(days=1).total_seconds()))


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Takes a redirect for a refusal: what is sent is meant for one receiver."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class _Patient(http.client.HTTPConnection):
    """Waits longer for an answer than for a connection."""

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(ANSWER_SECONDS)


class _PatientTLS(http.client.HTTPSConnection):
    """The same with TLS, whose certificate is verified."""

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(ANSWER_SECONDS)


class _Plain(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Patient, req)


class _Secure(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_PatientTLS, req)


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirects, _Plain, _Secure)

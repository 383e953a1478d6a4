"""Requests are tried again where that helps, for a minute at most, and follow nobody elsewhere."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from driftkit.errors import SettingsError
from driftkit.sinks import posting
from driftkit.sinks.posting import Request, check_url
from tests.sinks.conftest import HALF_CLOSED, SLOW

if TYPE_CHECKING:
    from tests.sinks.conftest import Clock, Receiver


def request(receiver: Receiver) -> Request:
    return Request(url=receiver.url, body=b"{}")


def test_what_is_taken_is_sent_once(receiver: Receiver, clock: Clock) -> None:
    outcome = clock.attempts().post(request(receiver))

    assert (outcome.status, outcome.attempts, outcome.http_status) == ("sent", 1, 200)
    assert [each.body for each in receiver.received] == [b"{}"]
    assert receiver.received[0].headers["content-type"] == "application/json"


@pytest.mark.parametrize("answer", [408, 425, 429, 500, 503, HALF_CLOSED])
def test_what_may_pass_is_tried_again(answer: int, receiver: Receiver, clock: Clock) -> None:
    receiver.will(answer, answer)

    outcome = clock.attempts().post(request(receiver))

    assert (outcome.status, outcome.attempts) == ("sent", 3)
    assert clock.slept == [0.5, 1.0]


def test_after_five_tries_the_next_run_goes_on(receiver: Receiver, clock: Clock) -> None:
    receiver.will(*[500] * 9)

    outcome = clock.attempts().post(request(receiver))

    assert (outcome.status, outcome.attempts, outcome.http_status) == ("retry", 5, 500)
    assert outcome.error == "127.0.0.1 answered 500 (Internal Server Error)"


@pytest.mark.parametrize("answer", [400, 401, 404, 413])
def test_what_is_refused_is_not_tried_again(answer: int, receiver: Receiver, clock: Clock) -> None:
    receiver.will(answer)

    outcome = clock.attempts().post(request(receiver))

    assert (outcome.status, outcome.attempts, outcome.http_status) == ("dead", 1, answer)


def test_a_redirect_is_not_followed(receiver: Receiver, clock: Clock) -> None:
    receiver.will(302, Location=receiver.url + "/elsewhere")

    outcome = clock.attempts().post(request(receiver))

    assert outcome.status == "dead"
    assert "redirects are not followed" in (outcome.error or "")
    assert len(receiver.received) == 1


@pytest.mark.parametrize("header", ["7", "Sun, 01 Nov 2026 00:00:07 GMT"])
def test_a_receiver_says_how_long_to_wait(header: str, receiver: Receiver, clock: Clock) -> None:
    receiver.will(429, Retry_After=header)

    assert clock.attempts().post(request(receiver)).status == "sent"
    assert clock.slept == [7.0]


def test_nobody_waits_longer_than_a_minute(receiver: Receiver, clock: Clock) -> None:
    receiver.will(429, Retry_After="120")

    outcome = clock.attempts().post(request(receiver))

    assert (outcome.status, outcome.wait, clock.slept) == ("retry", 120.0, [])


def test_all_messages_of_a_sink_have_one_minute(receiver: Receiver, clock: Clock) -> None:
    receiver.will(*[429] * 20, Retry_After="20")
    attempts = clock.attempts()

    for _ in range(4):
        assert attempts.post(request(receiver)).status == "retry"
    assert sum(clock.slept) <= 60


def test_a_receiver_that_never_answers_is_left(
    receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "ANSWER_SECONDS", 0.05)
    receiver.will(SLOW)

    outcome = clock.attempts().post(request(receiver))

    assert (outcome.status, outcome.attempts) == ("sent", 2)


def test_a_receiver_that_is_down_is_named_by_its_host_alone(clock: Clock) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/secret-path"
        outcome = clock.attempts().post(Request(url=url, body=b"{}"))

    assert outcome.status == "retry"
    assert "127.0.0.1 cannot be reached" in (outcome.error or "")
    assert "secret-path" not in repr(outcome) + repr(Request(url=url, body=b""))


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a/b", "http://", "example.org", "http://a/b c", "http://["]
)
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="no address"):
        check_url(url)

"""Services that Apprise knows take a title and text; their URLs are never shown."""

from __future__ import annotations

import itertools
import json
import logging
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from driftkit.errors import SettingsError
from driftkit.sinks.apprise_url import AppriseUrl, written
from driftkit.sinks.messages import Message, messages
from driftkit.sinks.specs import sink_of_spec
from tests.sinks.conftest import HALF_CLOSED
from tests.sinks.test_sinks import event, few, told

if TYPE_CHECKING:
    from tests.sinks.conftest import Clock, Receiver

CANARY = "canary-77ab"
SINK = AppriseUrl(service="${env:SERVICE}")


def outgoing() -> Message:
    return messages([event(text="age"), event(1, text="city")])[0]


@pytest.fixture
def service(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    """A service that takes JSON; where Apprise is not installed the test is skipped."""
    pytest.importorskip("apprise", reason="needs apprise")
    url = receiver.url.replace("http://", f"json://user:{CANARY}@")
    monkeypatch.setenv("SERVICE", f"{url}/{CANARY}")
    return receiver


def test_a_service_is_sent_title_and_text(service: Receiver, clock: Clock) -> None:
    outcome = SINK.send(outgoing(), clock.attempts())

    assert outcome.status == "sent", outcome
    (request,) = service.received
    body = json.loads(request.body)
    assert request.path == f"/hook/{CANARY}"
    assert body["title"] == outgoing().title
    assert body["message"].splitlines() == [*outgoing().lines(), *outgoing().notes]


@pytest.mark.parametrize("answer", [500, 429, 403, 302, HALF_CLOSED])
def test_what_a_service_does_not_take_is_tried_again(
    answer: int, service: Receiver, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service.will(answer, Location="http://127.0.0.1:1/")

    outcome = SINK.send(outgoing(), clock.attempts())

    assert (outcome.status, outcome.attempts) == ("sent", 2)
    assert [each.path for each in service.received] == [f"/hook/{CANARY}"] * 2
    assert CANARY not in caplog.text


def test_a_service_that_is_down_is_left_for_the_next_run(
    service: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert service.received == []
    monkeypatch.setenv("SERVICE", f"json://127.0.0.1:1/{CANARY}")

    outcome = SINK.send(outgoing(), clock.attempts())

    assert (outcome.status, outcome.attempts) == ("retry", 5)
    assert CANARY not in str(outcome)


@pytest.mark.parametrize("url", ["nothing://canary-77ab", "canary-77ab", "json://"])
def test_what_is_no_service_is_not_tried_again(
    url: str, service: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE", url)

    outcome = SINK.send(outgoing(), clock.attempts())

    assert (outcome.status, service.received) == ("dead", [])
    assert CANARY not in str(outcome)


def test_the_url_is_a_secret() -> None:
    assert sink_of_spec("apprise:${env:SERVICE}") == SINK
    assert SINK.name == "apprise ${env:SERVICE}"
    with pytest.raises(SettingsError, match="by reference") as refused:
        sink_of_spec("apprise:discord://1234/canary-77ab")
    assert CANARY not in str(refused.value)


def test_without_apprise_it_says_what_to_install(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE", "json://localhost")
    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(SettingsError, match=r"driftkit-spark\[apprise\]"):
        SINK.send(outgoing(), clock.attempts())


@few
@given(told())
def test_text_mentions_nobody_and_is_short(message: Message) -> None:
    title, text = written(message)

    for each in (title, *text.splitlines()):
        assert not {"@c", "@e", "@h", "<!", "<@", "[t"} & {
            a + b for a, b in itertools.pairwise(each)
        }
    assert len(title) < 600
    assert len(text) < 20_000
    assert text.isprintable() or "\n" in text

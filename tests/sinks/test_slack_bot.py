"""A bot of Slack opens a thread for what fires, and says there what becomes of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from driftkit.cli.following import Following
from driftkit.errors import SettingsError
from driftkit.sinks.posting import Outcome
from driftkit.sinks.slack_bot import SlackBot, answered, posted
from driftkit.sinks.specs import sink_of_spec
from tests.sinks.slack_server import CHANNEL, TOKEN, Workspace, workspace
from tests.sinks.test_sinks import few, told
from tests.sinks.windows import finding, window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from driftkit.cli.kept_alerts import KeptAlerts
    from driftkit.results.facts import Facts
    from driftkit.sinks.messages import Message
    from tests.sinks.conftest import Clock


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    with workspace() as made:
        yield made


def run(alerts: KeptAlerts, facts: Facts, slack: Workspace, clock: Clock) -> bool:
    """A run of its own: nothing is known but what is kept."""
    clock.seconds = max(clock.seconds, (facts.evaluated_at - clock.begin).total_seconds())
    sink = SlackBot(channel=CHANNEL, url=slack.url)
    following = Following(alerts=alerts, sinks=[sink], required=True, attempts=clock.attempts)
    return following.of_runs([facts], facts.evaluated_at)


def test_what_fires_opens_a_thread_and_the_rest_goes_into_it(
    alerts: KeptAlerts, slack: Workspace, clock: Clock
) -> None:
    age, city = finding(), finding("city")
    serious = finding(severity=0.9)
    windows = [(age,), (age, city), (city,), (serious, city), (city,), (), (), (age,), (age,)]

    for index, found in enumerate(windows):
        assert run(alerts, window(index, *found), slack, clock)

    first, second = slack.posted[0]["ts"], slack.posted[1]["ts"]
    assert slack.threads() == [
        ("firing", None),
        ("firing", None),
        ("renotified", first),
        ("resolved", first),
        ("resolved", second),
    ]


def test_alerts_of_one_message_share_its_thread_and_part_by_it(
    alerts: KeptAlerts, slack: Workspace, clock: Clock
) -> None:
    one, two, other = finding(), finding("city"), finding("income")
    windows = [(one, two), (one, two, other), (other,), (other,), (), ()]

    for index, found in enumerate(windows):
        assert run(alerts, window(index, *found), slack, clock)

    first, second = (each["ts"] for each in slack.posted[:2])
    assert slack.threads() == [
        *(("firing", None), ("firing", None), ("resolved", first), ("resolved", second))
    ]
    assert "2 resolved" in slack.posted[2]["text"]


def test_a_thread_that_could_not_be_opened_is_opened_by_the_next_run(
    alerts: KeptAlerts, slack: Workspace, clock: Clock
) -> None:
    down = json.dumps({"ok": False, "error": "internal_error"}).encode()
    slack.answers += [(200, {}, down)] * 5
    sent = [
        run(alerts, window(index, *([finding()] if index < 2 else [])), slack, clock)
        for index in range(4)
    ]

    assert sent == [True, False, True, True]
    assert slack.threads() == [("firing", None), ("resolved", slack.posted[0]["ts"])]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ((200, {}, b'{"ok": true, "ts": "1.2"}'), "sent"),
        ((429, {"Retry-After": "7"}, b""), "sent"),
        ((503, {}, b""), "sent"),
        ((200, {}, b'{"ok": false, "error": "ratelimited"}'), "sent"),
        ((200, {}, b"<html>"), "sent"),
        ((200, {}, b"[]"), "sent"),
        ((200, {}, b'{"ok": false, "error": "invalid_auth"}'), "dead"),
        ((200, {}, b'{"ok": false, "error": ["canary"]}'), "dead"),
        ((200, {}, b'{"ok": false, "error": "canary"}'), "dead"),
        ((302, {"Location": "http://127.0.0.1:1/"}, b""), "dead"),
    ],
)
def test_what_slack_answers_says_whether_it_is_tried_again(
    answer: tuple[int, dict[str, str], bytes],
    status: str,
    slack: Workspace,
    clock: Clock,
    tmp_path: Path,
) -> None:
    slack.answers.append(answer)
    message = outgoing()

    outcome = SlackBot(channel=CHANNEL, url=slack.url).send(message, clock.attempts())

    assert outcome.status == status
    assert "canary" not in str(outcome)
    if answer[1].get("Retry-After"):
        assert clock.slept == [7.0]
    assert not list(tmp_path.iterdir())


def outgoing() -> Message:
    from driftkit.sinks.messages import messages  # noqa: PLC0415
    from tests.sinks.test_sinks import event  # noqa: PLC0415

    return messages([event()])[0]


def test_a_wrong_token_is_said_and_not_shown(
    slack: Workspace, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-another-canary")

    outcome = SlackBot(channel=CHANNEL, url=slack.url).send(outgoing(), clock.attempts())

    assert (outcome.status, outcome.error) == ("dead", "Slack says: the token is wrong")
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN"):
        SlackBot(channel=CHANNEL).send(outgoing(), clock.attempts())


@few
@given(told())
def test_slack_takes_every_message_of_a_bot(message: Message) -> None:
    body = json.dumps(posted(message, CHANNEL)).encode()
    headers = {
        "authorization": f"Bearer {TOKEN}",
        "content-type": "application/json; charset=utf-8",
    }

    answer = Workspace(url="").take(headers, body)

    assert answer["ok"] is True, answer


def test_a_bot_is_asked_for_by_channel_and_token() -> None:
    made: Any = sink_of_spec("slack_bot:C1 token=${file:/run/slack} on=firing")

    assert made == SlackBot(channel="C1", token="${file:/run/slack}", wanted=made.wanted)  # noqa: S106
    assert sink_of_spec("slack_bot:C1").name == "slack_bot C1"
    with pytest.raises(SettingsError, match="secret"):
        sink_of_spec("slack_bot:C1 token=canary")
    assert answered(200, b'{"ok": true}') == Outcome(status="sent", http_status=200)

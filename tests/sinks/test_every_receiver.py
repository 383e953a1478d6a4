"""Whatever a receiver does, a run goes on within a minute, and the next one delivers once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from driftkit.cli.following import Following
from driftkit.cli.kept_alerts import InFile
from driftkit.sinks import apprise_url, mail, posting, sns
from driftkit.sinks.specs import KINDS, sink_of_spec
from tests.sinks.conftest import HALF_CLOSED, SLOW
from tests.sinks.smtp_server import smtp_server
from tests.sinks.windows import finding, window

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sinks.conftest import Clock, Receiver

CANARY = "canary-90af"
SPECS = {
    "slack": "slack:${env:HOOK}",
    "slack_bot": "slack_bot:C1 url=${env:HOOK} token=${env:TOKEN}",
    "teams": "teams:${env:HOOK}",
    "pagerduty": "pagerduty:${env:TOKEN} url=${env:HOOK}",
    "alertmanager": "alertmanager:${env:HOOK}",
    "webhook": "webhook:${env:HOOK} secret=${env:SIGNED}",
    "sns": "sns:arn:aws:sns:eu-west-1:123456789012:drift",
    "apprise": "apprise:${env:SERVICE}",
}
TAKEN = {
    "slack_bot": b'{"ok": true, "ts": "1795712345.000200"}',
    "sns": b"<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult>"
    b"</PublishResponse>",
}


@pytest.fixture
def spec(request: pytest.FixtureRequest, receiver: Receiver, monkeypatch: Any) -> str:
    """A sink whose receiver is the test's."""
    kind = request.param
    pytest.importorskip({"apprise": "apprise", "sns": "boto3"}.get(kind, "driftkit"))
    receiver.body = TAKEN.get(kind, b"")
    service = receiver.url.replace("http://", f"json://user:{CANARY}@")
    for name, value in {
        "HOOK": f"{receiver.url}/{CANARY}",
        "TOKEN": CANARY,
        "SIGNED": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "SERVICE": f"{service}/{CANARY}",
        "AWS_ENDPOINT_URL_SNS": receiver.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": CANARY,
    }.items():
        monkeypatch.setenv(name, value)
    return SPECS[kind]


@pytest.fixture
def run(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, int], float]:
    """`run(spec, hour)` is a run that finds the same violation; gives the seconds it took."""
    for module in (posting, sns, mail, apprise_url):
        monkeypatch.setattr(module, "ANSWER_SECONDS", 0.2)

    def once(spec: str, hour: int) -> float:
        facts = window(hour, finding(severity=1.0))
        clock.seconds = max(clock.seconds, (facts.evaluated_at - clock.begin).total_seconds())
        began = clock.seconds
        following = Following(
            alerts=InFile(file=tmp_path / "alerts.jsonl"),
            sinks=[sink_of_spec(spec)],
            attempts=clock.attempts,
        )
        assert following.of_runs([facts], clock.now())
        return clock.seconds - began

    return once


def nobody_knows(folder: Path, said: str) -> None:
    """Nothing that was written or said has the secret."""
    assert CANARY not in said
    for each in folder.rglob("*"):
        assert not each.is_file() or CANARY not in each.read_text(encoding="utf-8")


@pytest.mark.parametrize("answer", ["down", SLOW, 429, 500, 408, HALF_CLOSED], ids=str)
@pytest.mark.parametrize("spec", SPECS, indirect=True)
def test_what_a_receiver_may_take_later_is_delivered_once_by_the_next_run(
    answer: Any,
    spec: str,
    run: Callable[[str, int], float],
    receiver: Receiver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    run(spec, 0)
    if answer == "down":
        monkeypatch.setenv("AWS_ENDPOINT_URL_SNS", "http://127.0.0.1:1")
        with monkeypatch.context() as down:
            down.setenv("HOOK", "http://127.0.0.1:1/hook")
            down.setenv("SERVICE", "json://127.0.0.1:1/hook")
            seconds = run(spec, 1)
        monkeypatch.setenv("AWS_ENDPOINT_URL_SNS", receiver.url)
    else:
        receiver.will(*[answer] * 5, Retry_After="2")
        seconds = run(spec, 1)
    receiver.answers.clear()
    refused = len(receiver.received)

    run(spec, 2)
    delivered = len(receiver.received)
    run(spec, 3)

    assert 0 < seconds <= posting.ALL_SECONDS
    assert delivered - refused == 1
    # Alertmanager is told in every window.
    assert len(receiver.received) - delivered == spec.startswith("alertmanager")
    nobody_knows(tmp_path, "".join(capfd.readouterr()) + caplog.text)


@pytest.mark.parametrize("answer", [302, 400, 401])
@pytest.mark.parametrize("spec", sorted(SPECS.keys() - {"sns", "apprise"}), indirect=True)
def test_what_a_receiver_never_takes_is_not_tried_again(
    answer: int,
    spec: str,
    run: Callable[[str, int], float],
    receiver: Receiver,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    receiver.will(answer, answer, Location=f"{receiver.url}/elsewhere")

    for hour in range(4):
        run(spec, hour)

    told_twice = 2 if spec.startswith("alertmanager") else 0
    assert len(receiver.received) == 1 + told_twice
    assert not [each for each in receiver.received if each.path.endswith("elsewhere")]
    nobody_knows(tmp_path, "".join(capfd.readouterr()))


@pytest.mark.parametrize("answer", ["down", SLOW, 421, 451, HALF_CLOSED], ids=str)
def test_a_mail_that_was_not_taken_is_delivered_once_by_the_next_run(
    answer: Any, run: Callable[[str, int], float]
) -> None:
    with smtp_server() as server:
        spec = f"email:a@example.org server={server.address} tls=none"
        run(spec, 0)
        server.answers.extend([] if answer == "down" else [answer] * 5)
        address = "127.0.0.1:1" if answer == "down" else server.address

        seconds = run(f"email:a@example.org server={address} tls=none", 1)
        server.answers.clear()
        before = len(server.mails)
        run(spec, 2)
        run(spec, 3)

    assert 0 < seconds <= posting.ALL_SECONDS
    assert (before, len(server.mails)) == (0, 1)


def test_every_kind_of_receiver_is_tried() -> None:
    assert {*SPECS, "email"} == {*KINDS}

"""Messages keep within what each receiver takes, whatever columns are called, and hold no secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driftkit.sinks import alertmanager, mail, pagerduty, slack, sns, teams
from driftkit.sinks.alerts import Event
from driftkit.sinks.messages import Message, messages
from driftkit.sinks.specs import sink_of_spec
from driftkit.sinks.webhook import signatures
from tests.sinks.windows import BEGIN, HOUR, play, window
from tests.sinks.windows import finding as found

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sinks.conftest import Clock, Receiver

CANARY = "canary-5d1f"
HOSTILE = [
    "<script>alert(1)</script>",
    "<!channel> <@U1> &amp;",
    "[text](https://evil.example)",
    "a\r\nBcc: all@example.org",
    "\x1b[2J\x00\u202e\ud800",
    "\N{PILE OF POO}" * 3000,
    "&" * 10_000,
    "",
]
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20))


def event(number: int = 0, text: str = "age", state: str = "firing", **more: Any) -> Event:
    made = Event(
        event_id=f"{number:032x}",
        fingerprint=f"{number:016x}",
        state=state,  # type: ignore[arg-type]
        at=BEGIN + HOUR,
        run_id="0123456789abcdef",
        model=text,
        variant="",
        monitor="data_quality",
        feature_name=text,
        constraint_check_type="baseline_drift_check",
        first_seen=BEGIN,
        windows=2,
        window_start=BEGIN,
        window_end=BEGIN + HOUR,
        expected=text,
        observed=text,
        cause=text,
    )
    return replace(made, **more)


@st.composite
def told(draw: st.DrawFn) -> Message:
    text = draw(texts)
    number = draw(st.sampled_from([1, 2, 5, 6, 40, 5000]))
    states = draw(st.sampled_from([("firing",), ("resolved",), ("firing", "resolved")]))
    uri = draw(
        st.sampled_from([None, "https://example.org/r", "https://example.org/" + "r" * 5000])
    )
    every = (
        event(each, text, states[each % len(states)], report_uri=uri) for each in range(number)
    )
    return messages(every)[0]


# Hypothesis makes few messages, and some of them are long.
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@few
@given(told())
def test_slack_takes_every_message(message: Message) -> None:
    made = slack.blocks(message)

    assert len(made["blocks"]) <= 12
    assert len(json.dumps(made, ensure_ascii=False)) <= 6_600
    assert sum(len(_texts(each)) for each in made["blocks"]) <= 6_000
    assert len(made["blocks"][0]["text"]["text"]) <= 150
    for block in made["blocks"]:
        assert block["type"] in {"header", "section", "context", "actions"}
        if block["type"] == "section":
            assert 0 < len(block["text"]["text"]) <= 3000
            assert "<" not in block["text"]["text"]
    assert "<" not in made["text"]


def _texts(block: dict[str, Any]) -> str:
    return json.dumps(block, ensure_ascii=False)


@few
@given(told())
def test_teams_takes_every_message(message: Message) -> None:
    made = teams.card(message)

    assert len(made) <= 18_000
    card = json.loads(made)["attachments"][0]["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert {each["type"] for each in card["body"]} == {"RichTextBlock"}


def test_teams_is_told_how_many_more_there_are() -> None:
    message = messages(event(each, "\N{PILE OF POO}" * 400) for each in range(100))[0]

    assert "more" in teams.card(message).decode()


@few
@given(texts, st.sampled_from(["firing", "renotified", "resolved", "no_data"]))
def test_pagerduty_takes_every_message(text: str, state: str) -> None:
    made = pagerduty.event(Message(events=(event(0, text, state),)))

    assert made["event_action"] == ("resolve" if state == "resolved" else "trigger")
    assert len(made["dedup_key"]) <= 255
    assert len(made["payload"]["summary"]) <= 1024
    assert made["payload"]["severity"] in {"critical", "error", "warning", "info"}
    assert made["payload"]["source"]
    assert len(json.dumps(made)) < 512_000


def test_an_incident_is_closed_by_the_key_that_opened_it() -> None:
    opened, closed = (
        pagerduty.event(Message(events=(event(1, state=state),)))
        for state in ("firing", "resolved")
    )

    assert opened["dedup_key"] == closed["dedup_key"] == f"driftkit/age/data_quality/{1:016x}"


@few
@given(told())
def test_sns_takes_every_message(message: Message) -> None:
    made = sns.publication(message, "arn:aws:sns:eu-west-1:1:t.fifo", BEGIN)

    assert len(made["Message"].encode()) <= 256_000
    assert json.loads(made["Message"])["data"]["run"]["run_id"] == "0123456789abcdef"
    assert made["Subject"].isascii()
    assert 0 < len(made["Subject"]) <= 100
    assert "\n" not in made["Subject"]
    assert all(each["StringValue"] for each in made["MessageAttributes"].values())
    assert made["MessageGroupId"].isalnum()


@few
@given(told())
def test_a_mail_is_one_mail_whatever_columns_are_called(message: Message) -> None:
    made = mail.mail(message, "from@example.org", "to@example.org", BEGIN)

    assert made["Bcc"] is None
    assert made["To"] == "to@example.org"
    html = made.get_body(("html",))
    assert html is not None
    assert "<script" not in html.get_content()
    made.as_bytes()


@few
@given(told())
def test_alertmanager_is_sent_each_alert_once(message: Message) -> None:
    made = alertmanager.alerts(message, BEGIN + HOUR)

    assert len({each["labels"]["fingerprint"] for each in made}) == len(made)
    for each in made:
        assert each["startsAt"] <= each["endsAt"]
        json.dumps(each)


@pytest.mark.parametrize(("state", "hours"), [("firing", 3), ("ongoing", 3), ("resolved", 1)])
def test_alertmanager_holds_an_alert_for_two_windows(state: str, hours: int) -> None:
    made = alertmanager.alerts(Message(events=(event(state=state),)), BEGIN + HOUR)

    assert made[0]["endsAt"] == (BEGIN + hours * HOUR).isoformat()


def test_webhooks_are_signed_by_each_key_and_have_one_id(
    receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [b"k" * 24, b"another key of some length"]
    text = " ".join(f"whsec_{base64.b64encode(each).decode()}" for each in keys)
    monkeypatch.setenv("HOOK_KEYS", text)
    receiver.will(500)
    sink = sink_of_spec(f"webhook:{receiver.url} secret=${{env:HOOK_KEYS}}")

    assert sink.send(Message(events=(event(3),)), clock.attempts()).status == "sent"

    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == f"{3:032x}"
    for sent in receiver.received:
        stamped = f"{sent.headers['webhook-id']}.{sent.headers['webhook-timestamp']}."
        expected = [
            base64.b64encode(
                hmac.digest(key, stamped.encode() + sent.body, hashlib.sha256)
            ).decode()
            for key in keys
        ]
        assert sent.headers["webhook-signature"] == " ".join(f"v1,{each}" for each in expected)
    body = json.loads(first.body)
    assert body["type"] == "driftkit.alert.firing.v1"
    assert body["data"]["alerts"][0]["feature"] == "age"


def test_the_signature_is_that_of_the_standard() -> None:
    # The example of the specification of Standard Webhooks.
    made = signatures(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
    )

    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


SPECS = {
    "slack": "slack:${env:TARGET}",
    "teams": "teams:${env:TARGET}",
    "webhook": "webhook:${env:TARGET}",
    "alertmanager": "alertmanager:${env:TARGET}",
    "pagerduty": "pagerduty:${env:KEY} url=${env:TARGET}",
}


@pytest.mark.parametrize("kind", SPECS)
@pytest.mark.parametrize("answer", [200, 302, 400, 500])
def test_no_secret_is_ever_shown(
    kind: str, answer: int, receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARGET", f"{receiver.url}/{CANARY}")
    monkeypatch.setenv("KEY", CANARY)
    receiver.will(*[answer] * 5)
    sink = sink_of_spec(SPECS[kind])

    outcome = sink.send(Message(events=(event(),)), clock.attempts())

    sent = receiver.received[0]
    assert CANARY in sent.path + sent.body.decode()
    assert CANARY not in f"{outcome} {sink} {sink.name}"


def test_a_secret_of_a_file_is_read_when_it_is_sent(
    tmp_path: Path, receiver: Receiver, clock: Clock
) -> None:
    sink = sink_of_spec(f"slack:${{file:{tmp_path / 'hook'}}}")
    (tmp_path / "hook").write_text(f"{receiver.url}\n")

    assert sink.send(Message(events=(event(),)), clock.attempts()).status == "sent"


def test_messages_are_of_one_window_and_name_the_worst_first() -> None:
    events = play(window(each, found("age"), found("city", severity=0.9)) for each in range(2))

    made = messages(events)

    assert [each.first.window_start for each in made] == [BEGIN, BEGIN + HOUR]
    assert [each.feature_name for each in made[1].events] == ["city", "age"]
    assert made[1].lines(1)[-1] == "and 1 more"
    assert made[1].title.endswith("churn data_quality: 2 firing")


def test_all_variants_of_a_run_have_one_message() -> None:
    both = [event(number, variant=name, run_id=name) for number, name in enumerate("ab")]

    for events in (both, [replace(each, window_start=None, window_end=None) for each in both]):
        (message,) = messages(events)
        assert message.title.endswith("age a b data_quality: 2 firing")
        assert message.lines()[0].startswith("age baseline_drift_check of a: firing")

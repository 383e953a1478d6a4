"""Programs that people run take what is sent: Alertmanager, a mail server, SNS, a server with TLS."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.sinks.messages import Message
from driftkit.sinks.posting import Attempts, Request
from driftkit.sinks.specs import sink_of_spec
from tests.sinks.running import serving
from tests.sinks.test_sinks import event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.sinks.conftest import Clock, Receiver

ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
_POLL, _PATIENCE = 0.02, 60.0


def wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(_POLL)


@pytest.fixture
def alertmanager(tmp_path: Path, receiver: Receiver, free_port: int) -> Iterator[str]:
    """An Alertmanager that passes on what it is sent."""
    if ALERTMANAGER is None:
        pytest.skip("there is no prometheus-alertmanager")
    config = {
        "route": {
            "receiver": "hook",
            "group_by": ["model"],
            "group_wait": "300ms",
            "group_interval": "300ms",
            "repeat_interval": "1h",
        },
        "receivers": [{"name": "hook", "webhook_configs": [{"url": receiver.url}]}],
    }
    (tmp_path / "am.yml").write_text(json.dumps(config))
    address = f"127.0.0.1:{free_port}"
    command = [
        ALERTMANAGER,
        f"--config.file={tmp_path / 'am.yml'}",
        f"--storage.path={tmp_path / 'am'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: _answers(f"http://{address}/-/ready"))
            yield f"http://{address}"
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def test_alertmanager_says_that_alerts_fire_and_resolve(
    alertmanager: str, receiver: Receiver
) -> None:
    now = datetime.now(UTC)

    def sent(state: str) -> str:
        events = (
            event(
                each,
                state=state,
                model="churn",
                at=datetime.now(UTC),
                first_seen=now - timedelta(hours=1),
                window_start=now - timedelta(hours=1),
                window_end=now,
            )
            for each in range(50)
        )
        sink = sink_of_spec(f"alertmanager:{alertmanager}")
        return sink.send(Message(events=tuple(events)), Attempts()).status

    assert [sent("firing"), sent("ongoing")] == ["sent", "sent"]
    wait_for(lambda: ("firing", 50) in _told(receiver))
    assert sent("resolved") == "sent"
    wait_for(lambda: ("resolved", 50) in _told(receiver))

    assert len(_told(receiver)) == 2


def _told(receiver: Receiver) -> list[tuple[str, int]]:
    bodies = [json.loads(each.body) for each in receiver.received]
    return [(each["status"], len(each["alerts"])) for each in bodies]


def test_a_mail_arrives(clock: Clock, free_port: int) -> None:
    controller = pytest.importorskip("aiosmtpd.controller")
    mails: list[bytes] = []

    class Handler:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
            mails.append(envelope.content)
            return "250 OK"

    server = controller.Controller(Handler(), hostname="127.0.0.1", port=free_port)
    server.start()
    try:
        sink = sink_of_spec(
            f"email:a@example.org,b@example.org server=127.0.0.1:{server.port} tls=none "
            "sender=driftkit@example.org"
        )
        outcome = sink.send(Message(events=(event(1), event(2, "<b>x</b>"))), clock.attempts())
    finally:
        server.stop()

    assert outcome.status == "sent"
    read = message_from_bytes(mails[0], policy=default)
    assert read["To"] == "a@example.org, b@example.org"
    assert read["Message-ID"].endswith("@driftkit>")
    text, html = (read.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert "2 firing" in read["Subject"]
    assert "age baseline_drift_check: firing" in text.get_content()
    assert "&lt;b&gt;x&lt;/b&gt;" in html.get_content()


def test_a_mail_server_that_is_down_is_tried_again(clock: Clock, free_port: int) -> None:
    sink = sink_of_spec(f"email:a@example.org server=127.0.0.1:{free_port}")

    outcome = sink.send(Message(events=(event(),)), clock.attempts())

    assert (outcome.status, outcome.attempts) == ("retry", 5)
    assert outcome.error == "127.0.0.1 took no mail (ConnectionRefusedError)"


@pytest.mark.parametrize("name", ["drift", "drift.fifo"])
def test_a_topic_of_sns_passes_messages_on(
    name: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    moto = pytest.importorskip("moto")
    boto3 = pytest.importorskip("boto3")
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "test")
    fifo = {"FifoTopic": "true"} if name.endswith("fifo") else {}
    with moto.mock_aws():
        sns, sqs = (boto3.client(each, region_name="eu-west-1") for each in ("sns", "sqs"))
        topic = sns.create_topic(Name=name, Attributes=fifo)["TopicArn"]
        of_queue = {"FifoQueue": "true"} if fifo else {}
        queue = sqs.create_queue(QueueName=name, Attributes=of_queue)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
        endpoint = arn["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint)

        outcome = sink_of_spec(f"sns:{topic}").send(Message(events=(event(),)), clock.attempts())
        gone = sink_of_spec(f"sns:{topic}x").send(Message(events=(event(),)), clock.attempts())
        taken = sqs.receive_message(QueueUrl=queue)["Messages"]

    assert outcome.status == "sent"
    assert (gone.status, gone.error) == ("retry", "SNS answered NotFound")
    body = json.loads(taken[0]["Body"])
    assert body["Subject"] == "driftkit age data_quality: firing"
    assert json.loads(body["Message"])["data"]["alerts"][0]["feature"] == "age"
    assert body["MessageAttributes"]["severity"]["Value"] == "warning"


@contextmanager
def https(folder: Path) -> Iterator[str]:
    """A server whose certificate nobody has signed."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "cert.pem"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with serving(server):
        yield f"https://localhost:{server.server_address[1]}/"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl")
def test_a_certificate_that_nobody_signed_is_refused(tmp_path: Path, clock: Clock) -> None:
    with https(tmp_path) as url:
        outcome = clock.attempts().post(Request(url=url, body=b"{}"))

    assert outcome.status == "retry"
    assert outcome.error == "localhost cannot be reached (self-signed certificate)"

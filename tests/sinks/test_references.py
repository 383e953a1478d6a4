"""Secrets are looked up where something is sent, and are in no message."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from driftkit.errors import SettingsError
from driftkit.sinks.messages import Message
from driftkit.sinks.posting import Attempts
from driftkit.sinks.references import look_up
from driftkit.sinks.specs import sink_of_spec
from tests.sinks.test_sinks import event

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sinks.conftest import Receiver

CANARY = "canary-7"


@pytest.fixture
def arn(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The ARN of a secret with keys, in a Secrets Manager of moto."""
    moto = pytest.importorskip("moto", reason="needs moto")
    boto3 = pytest.importorskip("boto3", reason="needs boto3")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with moto.mock_aws():
        client = boto3.client("secretsmanager", region_name="eu-west-1")
        text = json.dumps({"hook": CANARY, "port": 443})
        yield client.create_secret(Name="drift/slack", SecretString=text)["ARN"]


@pytest.mark.parametrize(
    ("key", "found"),
    [("#hook", CANARY), ("#port", "443"), ("", json.dumps({"hook": CANARY, "port": 443}))],
)
def test_secrets_manager_gives_a_secret_or_a_key_of_it(arn: str, key: str, found: str) -> None:
    assert look_up(f"a ${{aws-secretsmanager:{arn}{key}}} b") == f"a {found} b"


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("{arn}#other", "there is no such secret or key"),
        ("{arn}x", "ResourceNotFoundException"),
        ("drift/slack", "NoRegionError"),
        ("arn:aws:x", "does not give the secret"),
    ],
)
def test_a_secret_that_is_not_there_is_told_without_others(
    arn: str, reference: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=said) as refusal:
        look_up(f"${{aws-secretsmanager:{reference.format(arn=arn)}}}")

    assert CANARY not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_a_secret_that_was_exchanged_is_sent_with_its_new_value(
    arn: str, receiver: Receiver
) -> None:
    boto3 = pytest.importorskip("boto3")
    sink = sink_of_spec(f"webhook:${{aws-secretsmanager:{arn}#url}}")
    client = boto3.client("secretsmanager", region_name="eu-west-1")

    for path in ("old", "new"):
        text = json.dumps({"url": f"{receiver.url}/{path}"})
        client.put_secret_value(SecretId=arn, SecretString=text)
        outcome = sink.send(Message(events=(event(0),)), Attempts())
        assert outcome.status == "sent", outcome.error

    assert [each.path.rpartition("/")[2] for each in receiver.received] == ["old", "new"]
    assert "http" not in f"{sink!r}"


def test_a_secret_of_a_file_is_read_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{CANARY}\n", encoding="utf-8")

    assert look_up(f"${{file:{tmp_path}/secret}}") == CANARY

"""`--notify` and its like: whatever receivers do, verdict, files and exit code are the same."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.cli import told
from driftkit.cli.measured import Measured
from driftkit.cli.telling import Telling
from driftkit.sinks import posting
from driftkit.sinks.prometheus import TextFile
from driftkit.store.opening import open_store
from tests.cli.conftest import driftkit_command  # noqa: F401  (a fixture)
from tests.sinks.conftest import HALF_CLOSED, SLOW, Clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended
    from tests.sinks.conftest import Receiver

CANARY = "canary-81c4"
RECEIVERS = (
    *("webhook:${env:HOOK}", "slack:${env:HOOK}", "teams:${env:HOOK}", "alertmanager:${env:HOOK}"),
    *("slack_bot:C1 token=${env:KEY} url=${env:HOOK}", "pagerduty:${env:KEY} url=${env:HOOK}"),
)


@pytest.fixture
def monitor(
    tmp_path: Path,
    driftkit_command: Callable[..., Ended],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Ended]:
    """`monitor(day, shift, options...)` looks at a day whose ages have moved so far."""
    clock = Clock(begin=datetime.now(UTC))
    monkeypatch.setattr(told, "Attempts", clock.attempts)
    monkeypatch.setattr(posting, "ANSWER_SECONDS", 0.5)
    random = np.random.default_rng(0)
    ages = pd.DataFrame({"age": random.normal(40, 5, 200)})
    ages.to_csv(tmp_path / "train.csv", index=False)
    driftkit_command("data-quality", "baseline", tmp_path / "train.csv", "-o", tmp_path / "base")

    def run(day: int, shift: float, *options: object) -> Ended:
        clock.sleep(3600)
        moved = ages + shift + day / 100
        moved.to_csv(tmp_path / "day.csv", index=False)
        return driftkit_command(
            *("data-quality", "monitor", tmp_path / "day.csv", "-b", tmp_path / "base"),
            # One finding a day: verdicts of drift would be a second.
            *("-o", tmp_path / "churn" / f"day-{day}", "--no-report", "--dialect", "aws", *options),
        )

    return run


def outputs(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in sorted(folder.iterdir())}


@pytest.mark.parametrize("answer", ["down", SLOW, 429, 500, 302, 400, HALF_CLOSED], ids=str)
def test_receivers_change_neither_verdict_nor_exit_code(
    answer: Any,
    tmp_path: Path,
    monitor: Callable[..., Ended],
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone = monitor(0, 30, "--fail-on-violations")
    before = outputs(tmp_path / "churn" / "day-0")
    monkeypatch.setenv("KEY", CANARY)
    monkeypatch.setenv("HOOK", "http://127.0.0.1:1/hook" if answer == "down" else receiver.url)
    receiver.will(*[answer] * 5 * len(RECEIVERS), Retry_After="1")
    options = [word for each in RECEIVERS for word in ("--notify", each)]

    told_too = monitor(0, 30, "--fail-on-violations", *options, "--notify-after", "1")

    assert told_too.code == alone.code == 3
    assert outputs(tmp_path / "churn" / "day-0") == before
    assert told_too.err.count("Not sent to ") == len(RECEIVERS)


def test_a_quiet_run_still_says_what_was_not_sent(monitor: Callable[..., Ended]) -> None:
    options = ("--notify", "webhook:http://127.0.0.1:1/hook", "--notify-after", "1")

    ended = monitor(0, 30, *options, "--quiet")

    assert ended.out == ""
    assert ended.err.startswith("Not sent to webhook 127.0.0.1")


def test_the_next_run_delivers_once(
    monitor: Callable[..., Ended], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", f"{receiver.url}/{CANARY}")
    options = ("--notify", "webhook:${env:HOOK}", "--notify-after", "1")
    receiver.will(*[500] * 5)

    first = monitor(0, 30, *options)
    second = monitor(1, 30, *options)
    third = monitor(2, 30, *options)

    assert (first.code, second.code, third.code) == (0, 0, 0)
    assert "the next run tries again" in first.err
    assert "Sent to webhook ${env:HOOK}" in second.err
    assert "Sent" not in third.err
    assert len(receiver.received) == 6
    assert len({each.headers["webhook-id"] for each in receiver.received}) == 1


def test_no_secret_is_written_or_shown(
    tmp_path: Path,
    monitor: Callable[..., Ended],
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOOK", f"{receiver.url}/{CANARY}")
    monkeypatch.setenv("KEY", CANARY)
    kept = ("--report", "--store", tmp_path / "store", "--model-name", "churn", "--verbose")
    options = [word for each in RECEIVERS for word in ("--notify", each)]
    for number, answer in enumerate((200, 400, 500, 302)):
        receiver.will(*[answer] * 5 * len(RECEIVERS))
        ended = monitor(number, 30 * (number % 2), *options, *kept, "--notify-after", "1")
        assert CANARY not in ended.out + ended.err

    assert list(tmp_path.rglob("report.html"))
    # Files of the store are compressed.
    store = open_store(tmp_path / "store")
    tables = {each: store.read(each).to_pylist() for each in ("alert_events", "deliveries", "runs")}
    assert all(tables.values())
    assert CANARY not in str(tables)
    for folder, _, names in os.walk(tmp_path):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:  # noqa: PTH118, PTH123
                assert CANARY.encode() not in file.read()


def test_alerts_fire_and_resolve_from_run_to_run(
    tmp_path: Path, monitor: Callable[..., Ended], receiver: Receiver
) -> None:
    shifts = (30, 0, 30, 0, 0)

    said = [
        monitor(day, shift, "--notify", f"webhook:{receiver.url}").err
        for day, shift in enumerate(shifts)
    ]

    types = [json.loads(each.body)["type"] for each in receiver.received]
    assert types == ["driftkit.alert.firing.v1", "driftkit.alert.resolved.v1"]
    assert "1 pending" in said[0]
    body = json.loads(receiver.received[0].body)["data"]
    assert (body["run"]["model"], body["alerts"][0]["feature"]) == ("churn", "age")
    lines = (tmp_path / "churn" / "alerts.jsonl").read_text().splitlines()
    events = [json.loads(each) for each in lines if '"kind": "event"' in each]
    assert [each["state"] for each in events] == [
        *("pending", "clearing", "firing", "clearing", "resolved")
    ]
    assert [bool(each.get("notified_sinks")) for each in events] == [
        *(False, False, True, False, True)
    ]


def test_a_store_keeps_alerts_in_place_of_a_file(
    tmp_path: Path, monitor: Callable[..., Ended], receiver: Receiver
) -> None:
    options = ("--notify", f"webhook:{receiver.url}", "--store", tmp_path / "kept")

    ended = [monitor(day, 30, *options, "--model-name", "churn") for day in range(3)]

    assert [each.code for each in ended] == [0, 0, 0]
    assert len(receiver.received) == 1
    assert not (tmp_path / "churn" / "alerts.jsonl").exists()
    rows = open_store(str(tmp_path / "kept")).read("alert_events").to_pylist()
    assert sorted(each["state"] for each in rows) == ["firing", "ongoing", "pending"]


def test_a_run_that_is_repeated_tells_nobody_again(
    monitor: Callable[..., Ended], receiver: Receiver
) -> None:
    options = ("--notify", f"webhook:{receiver.url}", "--notify-after", "1")

    monitor(0, 30, *options)
    monitor(0, 30, *options)

    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--notify-required",), 5),
        (("--notify-required", "--fail-on-violations"), 3),
        ((), 0),
    ],
)
def test_the_exit_code_says_what_was_not_sent_where_that_is_required(
    options: tuple[str, ...], code: int, monitor: Callable[..., Ended], receiver: Receiver
) -> None:
    receiver.will(*[500] * 5)

    notify = ("--notify", f"webhook:{receiver.url}", "--notify-after", "1")

    assert monitor(0, 30, *notify, *options).code == code


def test_a_sink_may_be_required_by_itself(
    monitor: Callable[..., Ended], receiver: Receiver
) -> None:
    receiver.will(400)
    spec = f"webhook:{receiver.url} required=true"

    assert monitor(0, 30, "--notify", spec, "--notify-after", "1").code == 5


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--notify", "slak:x", "no such kind of sink"),
        ("--notify", "webhook:https://a:canary@example.org", "looks like a secret"),
        ("--notify-after", "often", "2 of 3"),
    ],
)
def test_what_cannot_be_asked_for_stops_the_run_before_it_begins(
    option: str, value: str, said: str, tmp_path: Path, monitor: Callable[..., Ended]
) -> None:
    ended = monitor(0, 30, "--notify", "alertmanager:http://127.0.0.1:1", option, value)

    assert ended.code == 1
    assert said in ended.err
    assert "canary" not in ended.err
    assert not (tmp_path / "churn").exists()


def test_numbers_are_sent_to_who_wants_them(
    tmp_path: Path, monitor: Callable[..., Ended], receiver: Receiver
) -> None:
    receiver.will(400)

    ended = monitor(
        *(0, 30, "--notify", f"prometheus:{tmp_path / 'churn.prom'}", "--notify-required"),
        *("--notify", f"pushgateway:{receiver.url}"),
    )

    assert ended.code == 5
    assert ended.err.count("Numbers were not sent to pushgateway") == 1
    assert "driftkit_violations" in (tmp_path / "churn.prom").read_text()


def test_a_file_of_alerts_that_cannot_be_read_stops_nothing(
    tmp_path: Path, monitor: Callable[..., Ended], receiver: Receiver
) -> None:
    (tmp_path / "alerts.jsonl").write_text("{}\n")
    options = ("--notify", f"webhook:{receiver.url}", "--alerts", tmp_path / "alerts.jsonl")

    ended = monitor(0, 30, *options)

    assert ended.code == 0
    assert "Alerts were not sent" in ended.err
    assert monitor(0, 30, *options, "--notify-required").code == 5


def test_files_for_ci_servers_are_written_beside(
    tmp_path: Path, monitor: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))

    ended = monitor(
        *(0, 30, "--junit", tmp_path / "ci" / "junit.xml", "--sarif", tmp_path / "d.sarif"),
        *("--github", "--model-name", "scores"),
    )

    assert ended.code == 0
    suite = ET.parse(tmp_path / "ci" / "junit.xml").find("testsuite")  # noqa: S314
    assert suite is not None
    assert (suite.get("name"), suite.get("failures")) == ("scores.data_quality", "1")
    result = json.loads((tmp_path / "d.sarif").read_text())["runs"][0]["results"][0]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("day-0/constraint_violations.json")
    assert place["region"]["startLine"] > 1
    assert "::error title=age%3A baseline_drift_check::" in ended.out
    assert "VIOLATED" in (tmp_path / "summary.md").read_text()
    assert not (tmp_path / "churn" / "alerts.jsonl").exists()


def test_a_file_that_cannot_be_written_stops_nothing(
    tmp_path: Path, monitor: Callable[..., Ended]
) -> None:
    (tmp_path / "taken").write_text("")

    ended = monitor(0, 30, "--junit", tmp_path / "taken" / "junit.xml")

    assert ended.code == 0
    assert "junit.xml was not written" in ended.err


def test_what_was_read_and_written_is_recorded(
    tmp_path: Path, monitor: Callable[..., Ended]
) -> None:
    event = tmp_path / "event.json"

    ended = monitor(0, 30, "--notify", f"openlineage: file={event}", "--model-name", "risk")

    found = json.loads(event.read_bytes())
    assert ended.code == 0
    assert found["job"]["name"] == "risk.data_quality"
    assert [each["name"] for each in found["inputs"]] == [f"{tmp_path}/day.csv"]
    assert [each["name"] for each in found["outputs"]] == [f"{tmp_path}/churn/day-0"]


@pytest.mark.parametrize("spec", ["otlp:gateway", "pushgateway:", "prometheus:x max_series=0"])
def test_a_wrong_sink_is_an_error_before_anything_is_read(
    spec: str, tmp_path: Path, monitor: Callable[..., Ended]
) -> None:
    ended = monitor(0, 30, "--notify", spec)

    assert ended.code == 1
    assert not (tmp_path / "churn").exists()


@pytest.mark.parametrize(
    ("name", "files"), [("a.prom", ["a.prom"]), ("{variant}.prom", ["a.prom", "b.prom"])]
)
def test_variants_that_write_to_one_file_are_warned_of(
    name: str, files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ages = pd.DataFrame({"age": [30.0, 40.0, 50.0] * 40})
    report = driftkit.data_quality.monitor(ages, ages)
    measured = [Measured(report=report, files=(), settings={"variant": each}) for each in "ba"]
    sink = TextFile(file=f"{tmp_path}/{name}")

    assert told.told(Telling(output=f"{tmp_path}/out", facts_sinks=[sink]), measured)

    assert sorted(each.name for each in tmp_path.iterdir()) == files
    assert ("put {variant} in its name" in capsys.readouterr().err) is (len(files) == 1)

"""Runs that fail are told of to records of runs, without what they failed of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.cli import told
from driftkit.results.facts import Subject
from driftkit.sinks.facts_sinks import facts_sink_of_spec, send_failure
from driftkit.sinks.openlineage import Failure, event, event_of_failure
from tests.cli.conftest import driftkit_command
from tests.configuration.conftest import RIGHT, written
from tests.sinks.windows import BEGIN, HOUR, window

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended
    from tests.sinks.conftest import Clock, Receiver

__all__ = ["driftkit_command", "written"]

FAILURE = Failure(
    subject=Subject(model="churn", variant="b", start=BEGIN, end=BEGIN + HOUR),
    monitor="bias",
    at=BEGIN + 2 * HOUR,
    reason="InputError: Input data cannot be read as asked.",
    inputs=("s3://key:canary@bucket/captured",),
)
BROKEN = "age\n1\nsecret-canary\n\x00\n"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(told, "Attempts", clock.attempts)


def message_of(found: dict[str, Any]) -> str:
    return str(found["run"]["facets"]["errorMessage"]["message"])


def test_a_failure_is_an_event_of_the_same_job() -> None:
    found = event_of_failure(FAILURE, "risk")

    assert found["eventType"] == "FAIL"
    assert found["eventTime"] == "2026-11-01T02:00:00+00:00"
    assert found["job"] == {"namespace": "risk", "name": "churn.b.bias", "facets": {}}
    assert found["run"]["facets"]["nominalTime"]["nominalEndTime"] == "2026-11-01T01:00:00+00:00"
    assert message_of(found) == FAILURE.reason
    assert found["inputs"] == [{"namespace": "s3://bucket", "name": "captured"}]
    assert found["run"]["runId"] == event_of_failure(FAILURE)["run"]["runId"]
    assert found["run"]["runId"] != event(window(0))["run"]["runId"]
    assert "canary" not in json.dumps(found)


def test_the_clients_classes_take_a_failure() -> None:
    client = pytest.importorskip("openlineage.client.event_v2", reason="needs openlineage-python")
    from openlineage.client.facet_v2 import error_message_run  # noqa: PLC0415

    found = event_of_failure(FAILURE)
    facet = found["run"]["facets"]["errorMessage"]

    assert facet["_schemaURL"] == error_message_run.ErrorMessageRunFacet._get_schema()
    error_message_run.ErrorMessageRunFacet(
        **{name: value for name, value in facet.items() if name[0] != "_"}
    )
    client.RunEvent(
        eventTime=found["eventTime"],
        eventType=client.RunState[found["eventType"]],
        producer=found["producer"],
        run=client.Run(runId=found["run"]["runId"]),
        job=client.Job(namespace=found["job"]["namespace"], name=found["job"]["name"]),
    )


def test_only_records_of_runs_are_told(receiver: Receiver, clock: Clock, tmp_path: Path) -> None:
    specs = (
        f"openlineage: file={tmp_path}/{{monitor}}.json",
        f"pushgateway:{receiver.url}",
        f"openlineage:{receiver.url}",
    )
    receiver.will(401)

    (line,) = send_failure(FAILURE, map(facts_sink_of_spec, specs), clock.attempts())

    assert "answered 401" in line
    assert [each.path for each in receiver.received] == ["/hook/api/v1/lineage"]
    assert json.loads((tmp_path / "bias.json").read_bytes()) == event_of_failure(FAILURE)


def test_a_command_tells_that_it_failed(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    (tmp_path / "day.csv").write_text("age\n1\n2\n")
    window_of = ("--start", "2026-11-01T00:00", "--end", "2026-11-01T01:00")

    ended = driftkit_command(
        *("data-quality", "monitor", tmp_path / "day.csv", "-b", tmp_path / "canary"),
        *("-o", tmp_path / "churn" / "day", "--notify", f"openlineage: file={tmp_path}/e.json"),
        *window_of,
    )

    found = json.loads((tmp_path / "e.json").read_bytes())
    assert ended.code == 1
    assert found["eventType"] == "FAIL"
    assert found["job"]["name"] == "churn.data_quality"
    assert found["run"]["facets"]["nominalTime"]["nominalStartTime"] == "2026-11-01T00:00:00+00:00"
    assert message_of(found).startswith("FormatError: ")
    assert "canary" in ended.err
    assert "canary" not in json.dumps(found)


@pytest.mark.parametrize(
    ("options", "code", "kind"), [((), 0, "COMPLETE"), (("--fail-on-violations",), 3, "COMPLETE")]
)
def test_a_command_that_ends_well_has_not_failed(
    options: tuple[str, ...],
    code: int,
    kind: str,
    tmp_path: Path,
    driftkit_command: Callable[..., Ended],
) -> None:
    (tmp_path / "train.csv").write_text("age\n1\n2\n" * 50)
    (tmp_path / "day.csv").write_text("age\nx\ny\n" * 50)
    driftkit_command("data-quality", "baseline", tmp_path / "train.csv", "-o", tmp_path / "base")

    ended = driftkit_command(
        *("data-quality", "monitor", tmp_path / "day.csv", "-b", tmp_path / "base", *options),
        *("-o", tmp_path / "churn" / "day", "--notify", f"openlineage: file={tmp_path}/e.json"),
    )

    assert ended.code == code
    assert json.loads((tmp_path / "e.json").read_bytes())["eventType"] == kind


def test_the_next_command_sends_what_was_not_taken(
    tmp_path: Path, receiver: Receiver, driftkit_command: Callable[..., Ended]
) -> None:
    (tmp_path / "train.csv").write_text("age\n1\n2\n" * 50)
    (tmp_path / "day.csv").write_text("age\nx\ny\n" * 50)
    driftkit_command("data-quality", "baseline", tmp_path / "train.csv", "-o", tmp_path / "base")
    receiver.will(*[503] * 5)
    kept = tmp_path / "churn" / "unsent.jsonl"

    ended = []
    there = []
    for day in range(2):
        ended += [
            driftkit_command(
                *("data-quality", "monitor", tmp_path / "day.csv", "-b", tmp_path / "base"),
                *("-o", tmp_path / "churn" / f"day-{day}", "--model-name", f"churn-{day}"),
                *("--notify", f"openlineage:{receiver.url}", "--notify-required"),
            )
        ]
        there += [kept.exists()]

    jobs = [json.loads(each.body)["job"]["name"] for each in receiver.received]
    assert [each.code for each in ended] == [5, 0]
    assert ended[0].err.count("the next run tries again") == 1
    assert jobs == ["churn-0.data_quality"] * 6 + ["churn-1.data_quality"]
    assert there == [True, False]


def test_run_tells_of_the_monitor_that_failed(
    tmp_path: Path,
    written: Callable[..., Path],
    driftkit_command: Callable[..., Ended],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "training.csv").write_text("age\n1\n2\n")
    written(RIGHT + 'sinks: [{kind: openlineage, file: "{monitor}.json"}]\n')

    silent = driftkit_command("run", "--no-notify")
    before = (tmp_path / "data_quality.json").exists()
    ended = driftkit_command("run")

    found = json.loads((tmp_path / "data_quality.json").read_bytes())
    assert (silent.code, ended.code, before) == (1, 1, False)
    assert (found["eventType"], found["job"]["name"]) == ("FAIL", "churn.data_quality")
    assert [each["name"] for each in found["inputs"]] == ["data.csv"]
    assert message_of(found).startswith("InputError: ")


def test_a_failure_of_the_sink_changes_nothing(
    tmp_path: Path, receiver: Receiver, driftkit_command: Callable[..., Ended]
) -> None:
    receiver.will(*[500] * 5)

    ended = driftkit_command(
        *("data-quality", "monitor", tmp_path / "none.csv", "-b", tmp_path),
        *("-o", tmp_path / "churn" / "day", "--notify", f"openlineage:{receiver.url}"),
    )

    assert ended.code == 1
    assert "That the run failed was not sent to openlineage" in ended.err

"""`driftkit deployment scaling`, and what `monitor` writes for those who watch, by the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.cli.test_deployment import ARMS, table
from tests.monitors.deployment.test_joined_steps import with_ids
from tests.monitors.deployment.test_pipeline import ROWS, way
from tests.monitors.deployment.test_scaling import POLICY, captured

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_scaling_writes_the_replay(tmp_path: Path, driftkit_command: Callable[..., Any]) -> None:
    captured(tmp_path / "in")
    (tmp_path / "policy.json").write_text(json.dumps(POLICY))

    ended = driftkit_command(
        *("deployment", "scaling", tmp_path / "in", "-o", tmp_path / "out"),
        *("--policy-file", tmp_path / "policy.json", "--sampling-percentage", 50),
        *("--max-rps", 0.2, "--price", 0.3, "--runner", "local"),
    )

    found = json.loads((tmp_path / "out/scaling_replay.json").read_text())
    assert ended.code == 0
    assert found["arrivals"]["sampling_percentage"] == 50
    assert "instance_minutes" in ended.out
    assert "50 % of the requests were captured" in ended.err


def test_a_policy_that_is_missing_ends_with_an_error(
    tmp_path: Path, driftkit_command: Callable[..., Any]
) -> None:
    captured(tmp_path / "in")

    ended = driftkit_command(
        *("deployment", "scaling", tmp_path / "in", "-o", tmp_path / "out"),
        *("--policy-file", tmp_path / "policy.json"),
    )

    assert ended.code == 1
    assert "the file is missing" in ended.err
    assert not (tmp_path / "out/scaling_replay.json").exists()


def test_a_verdict_is_told_to_cloudwatch_and_prometheus(
    tmp_path: Path, driftkit_command: Callable[..., Any]
) -> None:
    table(0.8).to_csv(tmp_path / "before.csv", index=False)
    table(0.8, slow=0.12, run=2).to_csv(tmp_path / "window.csv", index=False)
    driftkit_command(
        *("deployment", "baseline", tmp_path / "before.csv", "-o", tmp_path / "plan", *ARMS),
        *("--goal", "accuracy", "--guardrail", "latency_slo:0.02", "--limit", "latency_slo=250"),
        *("--time-column", "at", "--endpoint", "churn", "--runner", "local"),
    )

    ended = driftkit_command(
        *("deployment", "monitor", tmp_path / "window.csv", "-b", tmp_path / "plan"),
        *("-o", tmp_path / "report", "--time-column", "at", "--runner", "local"),
        *("--cloudwatch", tmp_path / "metrics.jsonl", "--prometheus", tmp_path / "driftkit.prom"),
    )

    alarm = json.loads((tmp_path / "plan/guardrail_alarm.json").read_text())
    line = json.loads((tmp_path / "metrics.jsonl").read_text())
    assert ended.code == 0
    assert (line["MetricName"], line["Value"]) == (alarm["MetricName"], alarm["Threshold"])
    assert line["Dimensions"] == alarm["Dimensions"]
    assert (tmp_path / "driftkit.prom").read_text().splitlines()[-1] == (
        'driftkit_deployment_verdict{endpoint="churn",plan="churn",challenger="new"} -1'
    )
    assert "driftkit.prom" in ended.out


def test_traffic_tells_the_models(tmp_path: Path, driftkit_command: Callable[..., Any]) -> None:
    captured(tmp_path / "in")

    ended = driftkit_command(
        *("deployment", "traffic", tmp_path / "in", "-o", tmp_path / "out"),
        *("--model-by", "folder", "--models", "champion,idle", "--runner", "local"),
    )

    found = json.loads((tmp_path / "out/traffic.json").read_text())
    assert ended.code == 0
    assert [each["model"] for each in found["models"]] == ["champion", "idle"]
    assert "cold" in ended.out


def test_pipeline_names_the_first_step(
    tmp_path: Path, driftkit_command: Callable[..., Any]
) -> None:
    for folder, moved in (("before", 0.0), ("after", 3.0)):
        for name, data in way(1, prepared=moved).items():
            (tmp_path / folder).mkdir(exist_ok=True)
            data.to_csv(tmp_path / folder / f"{name}.csv", index=False)
    stages = [
        part
        for option, folder in (("--stage", "after"), ("--baseline-stage", "before"))
        for name in way(1)
        for part in (option, f"{name}={tmp_path / folder / name}.csv")
    ]

    ended = driftkit_command(
        "deployment", "pipeline", "-o", tmp_path / "out", *stages, "--runner", "local"
    )

    assert ended.code == 0
    assert json.loads((tmp_path / "out/pipeline.json").read_text())["first"] == "raw to prepared"
    assert "The first step that introduced drift is raw to prepared." in ended.err


def test_pipeline_joins_steps_by_the_column_that_is_named(
    tmp_path: Path, driftkit_command: Callable[..., Any]
) -> None:
    for folder, data in (("before", with_ids(way(1))), ("after", with_ids(way(2)))):
        (tmp_path / folder).mkdir()
        for name, rows in data.items():
            kept = rows.iloc[: ROWS // 2] if folder == "after" and name == "answered" else rows
            kept = kept.rename(columns={"inferenceId": "request"})
            kept.to_csv(tmp_path / folder / f"{name}.csv", index=False)
    stages = [
        part
        for option, folder in (("--stage", "after"), ("--baseline-stage", "before"))
        for name in way(1)
        for part in (option, f"{name}={tmp_path / folder / name}.csv")
    ]

    ended = driftkit_command(
        *("deployment", "pipeline", "-o", tmp_path / "out", *stages, "--runner", "local"),
        *("--id-column", "request"),
    )

    assert ended.code == 0
    steps = json.loads((tmp_path / "out/pipeline.json").read_text())["steps"]
    assert [each["lost"] for each in steps] == [0.0, 0.5]
    assert [each["ids"]["joined"] for each in steps] == [ROWS, ROWS // 2]

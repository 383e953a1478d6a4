"""What reports of deployments tell people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.console import Console

import driftkit
from driftkit.report import terminal
from tests.cli.test_deployment import table

if TYPE_CHECKING:
    from driftkit.monitors.deployment.results import DeploymentReport


@pytest.fixture(scope="module")
def report() -> DeploymentReport:
    """A challenger that is rolled back for its accuracy, and is slower besides."""
    rows = table(0.7, slow=0.2)
    plan = driftkit.deployment.baseline(
        rows,
        arms={"old": "field:version=old", "new": "field:version=new"},
        goals="accuracy",
        information="latency_slo",
        limits={"latency_slo": 250},
        time_column="at",
        runner="local",
    )
    return driftkit.deployment.monitor(rows, plan, time_column="at", runner="local")


def test_what_only_informs_is_no_violation(report: DeploymentReport) -> None:
    states = {each.name: each.state for each in report.verdict.metrics}

    assert states == {"accuracy": "harmed", "latency_slo": "harmed"}
    assert [each.metric_name for each in report.violations] == ["accuracy"]


def test_each_metric_tells_its_direction(
    report: DeploymentReport,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(terminal, "out", Console(width=200))

    terminal.show_metrics(report.metrics(), file="verdict.json")

    directions = {"accuracy": "higher", "latency_slo": "lower"}
    written = report.files["verdict.json"]["metrics"]
    assert {each["name"]: each["better"] for each in written} == directions
    rows = report.statistics_table()
    assert dict(zip(rows["metric"], rows["better"], strict=True)) == directions
    lines = capsys.readouterr().out.splitlines()
    for metric, better in directions.items():
        assert [better in line for line in lines if f" {metric} " in line] == [True]


def test_what_is_worse_is_not_called_ok(
    report: DeploymentReport,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(terminal, "out", Console(width=200))

    terminal.show_metrics(report.metrics(), file="verdict.json")

    shown = [line for line in capsys.readouterr().out.splitlines() if "latency_slo" in line]
    assert len(shown) == 1
    assert "ok" not in shown[0]

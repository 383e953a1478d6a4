"""What reports of deployments tell people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from driftkit.formats.deployment.verdict import StillNeeded
from driftkit.monitors.reports import read_report
from driftkit.report import terminal
from tests.report.every import deployment
from tests.report.pages import parsed

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.monitors.deployment.results import DeploymentReport


@pytest.fixture(scope="module")
def report() -> DeploymentReport:
    """A challenger that is rolled back for its accuracy, and is slower besides."""
    return deployment()


def test_what_only_informs_is_no_violation(report: DeploymentReport) -> None:
    states = {each.name: each.state for each in report.verdict.metrics}

    assert states == {"accuracy": "harmed", "latency_slo": "harmed"}
    assert [each.metric_name for each in report.violations] == ["accuracy"]


def test_a_page_says_first_what_shall_be_done_and_why(report: DeploymentReport) -> None:
    head = parsed(report.report().html).text.split("Violations")[0]

    assert f"ROLL BACK new: {report.verdict.reason}." in head
    assert "VIOLATED" not in head
    assert all(f"{arm} {count:,}" in head for arm, count in report.verdict.units.items())


def test_a_page_says_what_is_still_needed(report: DeploymentReport) -> None:
    needed = StillNeeded(units=12_000, days=4.0)
    held = replace(report.verdict, verdict="hold", final=False, still_needed=needed)

    head = parsed(replace(report, verdict=held).report().html).text.split("Violations")[0]

    assert "HOLD new" in head
    assert "still needed: about 12,000 units more, 4 days at the present rate" in head


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


def test_a_page_of_the_files_draws_every_look(report: DeploymentReport, tmp_path: Path) -> None:
    report.write(tmp_path)

    again = read_report(tmp_path)

    assert again.figures() == report.figures()
    assert len(again.figures()) == 2
    page = parsed(again.report().html)
    assert "difference of accuracy of new: -0.1011" in page.text


def test_the_files_of_an_earlier_driftkit_have_no_looks(
    report: DeploymentReport, tmp_path: Path
) -> None:
    report.write(tmp_path)
    (tmp_path / "looks.json").unlink()

    assert read_report(tmp_path).figures() == []

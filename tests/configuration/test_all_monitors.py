"""`driftkit run` with bias and attribution, as their own commands run them."""

from __future__ import annotations

import json
from math import inf
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.monitors.reports import read_report
from tests.cli.test_attribution import capture
from tests.cli.test_deployment import ARMS, table
from tests.monitors.attribution.data import CONFIG, model_file, rows
from tests.monitors.bias.tables import configuration, flights_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

BIAS = """\
version: 1
model: {name: flights}
inputs:
  data: {path: window.csv}
  training: {path: rows.csv}
defaults: {runner: local, baseline: base}
monitors:
  bias: {analysis_config: analysis_config.json, seed: 0, allowed: {DPL: [-1, 1]}}
"""
ATTRIBUTION = """\
version: 1
model: {name: scores}
inputs:
  captures: {path: captured, window: 1h}
  training: {path: rows.csv}
defaults: {runner: local, baseline: base}
monitors:
  attribution: {analysis_config: analysis_config.json, model: MODEL}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def violations(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "constraint_violations.json").read_text()
    found: list[dict[str, Any]] = json.loads(text)["violations"]
    return found


def test_bias(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    (here / "analysis_config.json").write_text(json.dumps(configuration()))
    flights_table(5000).to_csv(here / "rows.csv", index=False)
    flights_table(5000, seed=2, against=0.3).to_csv(here / "window.csv", index=False)
    written(BIAS)

    assert driftkit_command("check").code == 0
    ended = driftkit_command("run", "--fail-on-violations")

    own = driftkit_command(
        *("bias", "monitor", "window.csv", "-c", "analysis_config.json", "-b", "base/bias"),
        *("-o", "own", "--runner", "local"),
    )
    names = {each["metric_name"] for each in violations(here / "reports/bias/snapshot")}
    assert (ended.code, own.code) == (3, 0), ended.err
    assert names == {each["metric_name"] for each in violations(here / "own")} - {"DPL"}


def test_attribution(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    (here / "analysis_config.json").write_text(json.dumps(CONFIG))
    rows().to_csv(here / "rows.csv", index=False)
    capture(here / "captured", 200, scale=100)
    written(ATTRIBUTION.replace("MODEL", str(model_file(here))))

    assert driftkit_command("check", "--window", "2024-03-18T10/2024-03-18T11").code == 0
    ended = driftkit_command(
        "run", "--window", "2024-03-18T10/2024-03-18T11", "--fail-on-violations"
    )

    assert ended.code == 3, ended.err
    folder = here / "reports/attribution/2024-03-18T10"
    assert len(violations(folder)) == 1
    assert "exceeds threshold 0.9" in violations(folder)[0]["description"]

    written(ATTRIBUTION.replace("MODEL", f"{model_file(here)}, thresholds: {{ndcg: '>= 0.01'}}"))
    again = driftkit_command(
        "run", "--window", "2024-03-18T10/2024-03-18T11", "--fail-on-violations"
    )

    assert again.code == 0, again.err
    assert violations(folder) == []
    (score,) = [each for each in read_report(folder).metrics() if each.name == "ndcg"]
    assert score.allowed == (0.01, inf)


DEPLOYMENT = """\
version: 1
model: {name: scores}
inputs:
  data: {path: rows.csv}
defaults: {runner: local, baseline: base}
monitors:
  deployment: {time_column: at, accept_immature: true}
"""


def test_deployment(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    table(0.8).to_csv(here / "before.csv", index=False)
    table(0.5, run=2).to_csv(here / "rows.csv", index=False)
    written(DEPLOYMENT)
    assert "there is no baseline" in driftkit_command("check").err
    planned = driftkit_command(
        *("deployment", "baseline", "before.csv", "-o", "base/deployment", *ARMS),
        *("--goal", "accuracy", "--time-column", "at", "--horizon-units", "12000"),
    )

    assert planned.code == 0, planned.err
    assert driftkit_command("check").code == 0
    ended = driftkit_command("run", "--fail-on-violations")

    verdict = json.loads((here / "reports/deployment/snapshot/verdict.json").read_text())
    assert verdict["verdict"] == "roll_back"
    assert ended.code == 3, ended.err

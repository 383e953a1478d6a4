"""Windows of `driftkit run` are judged together with those before them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.configuration.conftest import CAPTURES, captured
from tests.monitors.merging import capture, put

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_windows_of_data_quality_look_back_at_those_before(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    for day in (18, 19, 20):
        captured(here, day, ["0.9", "0.1"] * 20)
    written(CAPTURES.replace("model_quality:", "data_quality: {}\n  model_quality:"))
    window = ("--monitor", "data-quality", "--window", "2024-03-18/2024-03-21")

    for _ in range(2):
        assert driftkit_command("run", "driftkit.yml", *window).code == 0

    looked_back = [
        json.loads((here / f"reports/data_quality/2024-03-{day}/drift.json").read_text())
        for day in (18, 19, 20)
    ]
    assert [each["earlier_windows"] for each in looked_back] == [0, 1, 2]


def test_captured_days_are_a_reference(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    rng = np.random.default_rng(5)
    for day in range(1, 34):
        moved = 0.4 if day == 33 else 0.0
        time = datetime(2024, 3, 1, 12, tzinfo=UTC) + timedelta(days=day - 1)
        records = [
            capture(f"{day}-{i}", output=f"{rng.random() + moved:.3f}", time=f"{time:%FT%T}Z")
            for i in range(60)
        ]
        folder = "training" if day < 32 else "captured"
        put(here / folder / "endpoint" / "A", f"{time:%Y/%m/%d/%H}", records)
    written(
        """
version: 1
model: {name: churn, variant: A}
inputs:
  captures: {path: captured, window: 1d}
  training: {path: training}
monitors:
  data_quality: {baseline: base, time_column: inferenceTime, time_unit: day}
"""
    )

    ended = driftkit_command("run", "driftkit.yml", "--window", "2024-04-01/2024-04-03")

    assert ended.code == 0, ended.err
    found = [
        json.loads((here / f"reports/data_quality/2024-04-0{day}/drift.json").read_text())
        for day in (1, 2)
    ]
    assert [each["calibration"] for each in found] == ["calibrated on few days"] * 2
    # A captured day joins the reference when it is not judged together with the newest any more.
    assert [each["days"] for each in found] == [31, 31]
    words = [{x["verdict"] for x in each["features"]} for each in found]
    assert words[0] == {"ordinary"}
    assert "unusual" in words[1]


def test_a_baseline_that_is_learnt_knows_predictions(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    rng = np.random.default_rng(6)
    for name, moved in (("training", 0.0), ("today", 1.0)):
        amount = rng.normal(moved, 1, 600).round(1)
        rows = [f"{each},{each / 2:.2f},{each / 2 + 1:.2f}" for each in amount]
        (here / f"{name}.csv").write_text("\n".join(["amount,score,label", *rows]))
    written(
        """
version: 1
model: {name: churn}
inputs:
  data: {path: today.csv}
  training: {path: training.csv}
monitors:
  data_quality: {baseline: base, prediction_column: score, label_column: label}
"""
    )

    ended = driftkit_command("run", "driftkit.yml")

    assert ended.code == 0, ended.err
    (file,) = (here / "reports").rglob("drift.json")
    (amount, *_) = json.loads(file.read_text())["features"]
    assert amount["impact"]["prediction"] > 0.3
    assert amount["impact"]["loss"] is not None

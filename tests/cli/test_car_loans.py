"""NannyML's car loans by the command line, a thousand at a time: drift begins at row 25,000."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

ROWS, DRIFTED_FROM = 1_000, 25
DRIFTED = {"car_value", "loan_length", "repaid_loan_on_prev_car", "salary_range", "y_pred_proba"}


def test_five_of_nine_columns_drift_and_nothing_before(
    golden: Callable[[str], Path], driftkit_command: Callable[..., Ended], tmp_path: Path
) -> None:
    normal = pd.read_csv(golden("carloan/synthetic_car_loan_reference.csv.gz"))
    loans = pd.read_csv(golden("carloan/synthetic_car_loan_analysis.csv.gz"))
    columns = [name for name in loans if name not in {"id", "timestamp"} and name in normal]
    normal[columns].to_parquet(tmp_path / "normal.parquet")
    base = tmp_path / "base"
    made = driftkit_command("data-quality", "baseline", tmp_path / "normal.parquet", "-o", base)
    assert made.code == 0, made.err

    alarms = {}
    for chunk in range(DRIFTED_FROM + 5):
        window, report = tmp_path / f"{chunk}.parquet", tmp_path / f"reports/{chunk:02}"
        loans[columns].iloc[chunk * ROWS : (chunk + 1) * ROWS].to_parquet(window)
        ended = driftkit_command(
            *("data-quality", "monitor", window, "-b", base, "-o", report, "--no-report"),
            *("--alarm-on", "different", "--history", tmp_path / "reports"),
        )
        assert ended.code in {0, 2}, ended.err
        features = json.loads((report / "drift.json").read_text())["features"]
        assert len(features) == len(columns) == 9
        alarms[chunk] = {each["feature"] for each in features if each["alarm"]}

    assert {chunk: found for chunk, found in alarms.items() if chunk < DRIFTED_FROM and found} == {}
    assert [alarms[chunk] for chunk in alarms if chunk >= DRIFTED_FROM] == [DRIFTED] * 5

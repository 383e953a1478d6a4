"""The page of loans that NannyML made: the columns that drift come first, those that do not are not named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

import driftkit
from tests.report.pages import parsed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.monitors.data_quality.monitor import MonitoringResult

# They are no inputs of the model.
OTHERS = ["id", "timestamp"]


def test_the_first_part_names_the_columns_that_drift_alone(golden: Callable[[str], Path]) -> None:
    normal = pd.read_csv(golden("carloan/synthetic_car_loan_reference.csv.gz"))
    window = pd.read_csv(golden("carloan/synthetic_car_loan_analysis.csv.gz"))
    columns = [each for each in map(str, normal) if each in window and each not in OTHERS]

    # The drift begins in the second half.
    report: MonitoringResult = driftkit.data_quality.monitor(
        window[columns].tail(len(window) // 2), normal[columns]
    )
    first = parsed(report.report().html).text.split("Other violations")[0]

    named = [each for each in columns if f" {each} :" in first]
    assert sorted(named) == ["car_value", "loan_length", "repaid_loan_on_prev_car"]
    assert not [each for each in ("driver_tenure", "size_of_downpayment") if each in first]

"""How many labels had come stands beside the quality that was measured with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import driftkit
from tests.monitors.merging import capture, label, put
from tests.report.pages import parsed

if TYPE_CHECKING:
    from pathlib import Path

QUALITY: dict[str, Any] = {
    "problem_type": "BinaryClassification",
    "inference_attribute": "0",
}
HOUR = "2024/03/18/15"


@pytest.fixture
def merged(tmp_path: Path) -> Path:
    """Three of four captures of an hour with labels, which came two hours later."""
    records = [capture(f"e{at}", output=str(at % 2)) for at in range(4)]
    captures = put(tmp_path / "captured" / "churn" / "AllTraffic", HOUR, records)
    labels = [label(f"e{at}", data=str(at % 2)) for at in range(3)]
    truth = put(tmp_path / "truth", "2024/03/18/17", labels)
    driftkit.merge(str(captures), str(truth), tmp_path / "merged")
    return tmp_path / "merged"


@pytest.fixture
def normal() -> Any:
    table = pd.DataFrame({"label": [0, 1] * 20, "prediction": [0, 1] * 20})
    return driftkit.model_quality.baseline(
        table,
        problem_type="BinaryClassification",
        ground_truth_attribute="label",
        inference_attribute="prediction",
    )


@pytest.mark.parametrize("below", ["", "churn/AllTraffic"])
def test_coverage_and_delay_of_labels_are_metrics_and_on_the_first_screen(
    merged: Path, normal: Any, below: str
) -> None:
    report = driftkit.model_quality.monitor(str(merged / below), normal, **QUALITY)

    known = {each.name: each.value for each in report.metrics() if each.group == "labels"}
    assert known == {"coverage": 0.75, "median_delay_hours": 2.0, "p95_delay_hours": 2.0}
    head = parsed(report.report().html).text.split("Violations")[0]
    assert "75.0% of 4 captures, 95 % within 2 h" in head


def test_coverage_is_that_of_the_window(merged: Path, normal: Any) -> None:
    report = driftkit.model_quality.monitor(
        [str(merged)], normal, start="2024-03-18T15:00:00Z", end="2024-03-18T16:00:00Z", **QUALITY
    )

    (coverage,) = [each for each in report.metrics() if each.name == "coverage"]
    assert (coverage.value, coverage.rows) == (0.75, 4)


def test_nothing_is_said_of_labels_where_no_merge_tells_it(normal: Any) -> None:
    table = {"label": [0, 1] * 20, "prediction": [0, 1] * 20}

    report = driftkit.model_quality.monitor(
        table,
        normal,
        problem_type="BinaryClassification",
        ground_truth_attribute="label",
        inference_attribute="prediction",
    )

    assert not [each for each in report.metrics() if each.group == "labels"]

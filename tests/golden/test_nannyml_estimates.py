"""Performance without labels against NannyML's own numbers on its car-loan data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.comparison.estimation.calibrator import Calibrator
from driftkit.comparison.estimation.outcomes import METRICS, Outcomes
from driftkit.comparison.estimation.uncertainty import around, sampling_variances

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftkit.comparison.arrays import Floats

CHUNK = 5_000
# Our names -> NannyML's.
THEIRS = {"auc": "roc_auc", "true_negative_rate": "specificity"}
# NannyML rounds sums under curves to five digits.
WITHIN = {"auc": 1e-8, "average_precision": 1e-8}


@pytest.fixture
def rows(golden: Callable[[str], Path]) -> pd.DataFrame:
    """Reference, then analysis with its labels."""
    reference, analysis, labels = (
        pd.read_csv(golden(f"carloan/synthetic_car_loan_{name}.csv.gz"))
        for name in ("reference", "analysis", "analysis_target")
    )
    return pd.concat([reference, analysis.merge(labels, on="id")], ignore_index=True)


def by_score(rows: pd.DataFrame, scores: Floats) -> dict[tuple[int, int], Floats]:
    """Rows of each score by prediction and label."""
    at = np.searchsorted(scores, rows["y_pred_proba"])
    return {
        (predicted, label): np.bincount(
            at[(rows["y_pred"] == predicted) & (rows["repaid"] == label)], minlength=len(scores)
        ).astype(float)
        for predicted in (0, 1)
        for label in (0, 1)
    }


def counted(rows: pd.DataFrame, scores: Floats) -> Outcomes:
    """What rows with labels were."""
    cells = by_score(rows, scores)
    return Outcomes(
        true_positives=cells[1, 1],
        false_positives=cells[1, 0],
        false_negatives=cells[0, 1],
        true_negatives=cells[0, 0],
    )


def estimated(rows: pd.DataFrame, calibrator: Calibrator, scores: Floats) -> Outcomes:
    """What they are expected to be without."""
    cells = by_score(rows, scores)
    return Outcomes.expected_of(
        calibrator.at(scores), cells[1, 0] + cells[1, 1], cells[0, 0] + cells[0, 1]
    )


def calibrated(reference: pd.DataFrame) -> Calibrator:
    """The calibrator of rows with labels."""
    found = reference.groupby("y_pred_proba")["repaid"].agg(["sum", "size"])
    return Calibrator(
        scores=found.index.to_numpy(),
        positives=found["sum"].to_numpy(float),
        rows=found["size"].to_numpy(float),
    )


def chunks(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """Twenty of them."""
    return [rows.iloc[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]


def test_estimates_are_nannymls(rows: pd.DataFrame) -> None:
    theirs = pd.read_csv(Path(__file__).with_name("nannyml_carloan_cbpe.csv"))
    scores, calibrator = np.unique(rows["y_pred_proba"]), calibrated(rows.iloc[:50_000])

    found = pd.DataFrame([estimated(chunk, calibrator, scores).metrics() for chunk in chunks(rows)])

    for name in METRICS:
        expected = theirs[f"{THEIRS.get(name, name)}__value"]
        assert np.abs(found[name] - expected).max() < WITHIN.get(name, 1e-12), name


def test_realised_metrics_and_limits_are_nannymls(
    rows: pd.DataFrame, golden: Callable[[str], Path]
) -> None:
    theirs = pd.read_csv(golden("carloan/nannyml_carloan_realized_chunk5000.csv"))
    scores = np.unique(rows["y_pred_proba"])

    found = pd.DataFrame([counted(chunk, scores).metrics() for chunk in chunks(rows)])

    for name in METRICS:
        name_there = THEIRS.get(name, name)
        assert np.abs(found[name] - theirs[f"{name_there}__value"]).max() < 1e-12, name
        low, high = around(found[name][:10].mean(), found[name][:10].std(ddof=0))
        assert low == pytest.approx(theirs[f"{name_there}__lower_threshold"][0], abs=1e-9)
        assert high == pytest.approx(theirs[f"{name_there}__upper_threshold"][0], abs=1e-9)


def test_sampling_errors_of_shares_are_nannymls_and_of_f1_and_auc_those_seen(
    rows: pd.DataFrame,
) -> None:
    theirs = pd.read_csv(Path(__file__).with_name("nannyml_carloan_cbpe.csv")).iloc[0]
    scores = np.unique(rows["y_pred_proba"])
    reference = rows.iloc[:50_000]
    blocks = pd.DataFrame([counted(chunk, scores).metrics() for chunk in chunks(reference)])

    found = sampling_variances(counted(reference, scores))

    share = len(reference) / CHUNK
    deviations = {name: np.sqrt(each * share) for name, each in found.items()}
    for name in ("accuracy", "precision", "recall", "true_negative_rate"):
        expected = theirs[f"{THEIRS.get(name, name)}__sampling_error"]
        assert deviations[name] == pytest.approx(expected, abs=1e-6), name
    for name in ("f1", "auc"):
        seen, their_own = blocks[name].std(), theirs[f"{THEIRS.get(name, name)}__sampling_error"]
        assert abs(deviations[name] - seen) < abs(their_own - seen), name


def test_the_call_gives_nannymls_estimates_truths_and_limits(
    rows: pd.DataFrame, golden: Callable[[str], Path]
) -> None:
    theirs = pd.read_csv(Path(__file__).with_name("nannyml_carloan_cbpe.csv"))
    true = pd.read_csv(golden("carloan/nannyml_carloan_realized_chunk5000.csv"))
    # Days of 5,000 rows in place of their chunks.
    days = pd.Timestamp("2018-01-01") + pd.to_timedelta(rows.index // CHUNK, "D")
    table = rows[["y_pred_proba", "y_pred", "repaid"]].assign(day=days)
    columns: dict[str, Any] = {
        "ground_truth_attribute": "repaid",
        "inference_attribute": "y_pred",
        "probability_attribute": "y_pred_proba",
        "time_column": "day",
    }
    normal = driftkit.model_quality.baseline(
        table.iloc[:50_000], problem_type="BinaryClassification", **columns
    )

    found = driftkit.model_quality.estimate(table, normal, **columns).blocks_table()

    for name in METRICS:
        of = found[found["metric"] == name]
        there, within = THEIRS.get(name, name), WITHIN.get(name, 1e-12)
        assert np.abs(of["estimate"].to_numpy() - theirs[f"{there}__value"]).max() < within
        assert np.abs(of["realized"].to_numpy() - true[f"{there}__value"]).max() < 1e-12
        assert np.abs(of["lower_limit"] - true[f"{there}__lower_threshold"][0]).max() < 1e-9
        assert np.abs(of["upper_limit"] - true[f"{there}__upper_threshold"][0]).max() < 1e-9
    # NannyML's alarms of falls: every chunk from the drift on, and none before.
    accuracy = found[found["metric"] == "accuracy"]
    assert accuracy["below"].tolist() == [False] * 15 + [True] * 5

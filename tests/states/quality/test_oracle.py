"""Metrics, curves and AUC against scikit-learn, on random data and at the edges."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from driftkit.formats.model_quality.problems import PRECISION_RECALL, ROC, Problem
from driftkit.monitors.model_quality import monitor as model_quality

metrics = pytest.importorskip("sklearn.metrics")
pytestmark = pytest.mark.filterwarnings("ignore")

BETAS = {"f0_5": 0.5, "f1": 1.0, "f2": 2.0}


def _binary(labels: Any, scores: Any, **settings_: Any) -> Any:
    return model_quality.baseline(
        {"label": labels, "probability": scores},
        problem_type="BinaryClassification",
        probability_attribute="probability",
        **settings_,
    ).statistics


shares = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
labelled = st.integers(1, 80).flatmap(
    lambda n: st.tuples(
        arrays.arrays(np.int64, n, elements=st.integers(0, 1)),
        arrays.arrays(np.float64, n, elements=shares),
    )
)


@settings(max_examples=60, deadline=None)
@given(data=labelled)
def test_binary_metrics_are_scikit_learns(data: tuple[Any, Any]) -> None:
    labels, scores = data
    predictions = (scores > 0.5).astype(int)

    found = {name: m.value for name, m in _binary(labels, scores).metrics.items()}

    tn, fp, fn, tp = metrics.confusion_matrix(labels, predictions, labels=[0, 1]).ravel()
    assert found["precision"] == pytest.approx(tp / (tp + fp) if tp + fp else 0.0)
    assert found["recall"] == pytest.approx(tp / (tp + fn) if tp + fn else np.nan, nan_ok=True)
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(labels, predictions))
    rate = fp / (fp + tn) if fp + tn else np.nan
    assert found["false_positive_rate"] == pytest.approx(rate, nan_ok=True)
    assert found["true_negative_rate"] == pytest.approx(1 - rate, nan_ok=True)
    if labels.any():
        for name, beta in BETAS.items():
            expected = metrics.fbeta_score(labels, predictions, beta=beta, zero_division=0)
            assert found[name] == pytest.approx(expected)


@settings(max_examples=60, deadline=None)
@given(data=labelled, dialect=st.sampled_from(["aws", "textbook"]))
def test_auc_and_curves_are_scikit_learns(data: tuple[Any, Any], dialect: str) -> None:
    labels, scores = data
    both = 0 < labels.sum() < labels.size

    found = _binary(labels, scores, dialect=dialect)

    if not both:
        assert np.isnan(found.metrics["auc"].value)
        return
    assert found.metrics["auc"].value == pytest.approx(
        metrics.roc_auc_score(labels, scores), abs=1e-12
    )
    false, true, _ = metrics.roc_curve(labels, scores, drop_intermediate=False)
    np.testing.assert_allclose(found.curves[ROC][0], [*false, 1.0])
    np.testing.assert_allclose(found.curves[ROC][1], [*true, 1.0])
    precisions, recalls, _ = metrics.precision_recall_curve(labels, scores)
    # scikit-learn begins with the lowest score and ends with a point of its own at (0, 1).
    np.testing.assert_allclose(found.curves[PRECISION_RECALL][0][1:], precisions[-2::-1])
    np.testing.assert_allclose(found.curves[PRECISION_RECALL][1][1:], recalls[-2::-1])


@settings(max_examples=40, deadline=None)
@given(
    data=st.integers(1, 80).flatmap(
        lambda n: st.tuples(
            *(arrays.arrays(np.int64, n, elements=st.integers(0, 4)) for _ in range(2))
        )
    )
)
def test_multiclass_metrics_are_scikit_learns(data: tuple[Any, Any]) -> None:
    labels, predictions = data

    found = model_quality.baseline(
        {"label": labels, "prediction": predictions},
        problem_type="MulticlassClassification",
        inference_attribute="prediction",
    ).statistics
    assert found is not None
    values = {name: metric.value for name, metric in found.metrics.items()}

    weighted: dict[str, Any] = {"average": "weighted", "zero_division": 0}
    assert values["accuracy"] == pytest.approx(metrics.accuracy_score(labels, predictions))
    recall = metrics.recall_score(labels, predictions, **weighted)
    assert values["weighted_recall"] == pytest.approx(recall)
    precision = metrics.precision_score(labels, predictions, **weighted)
    assert values["weighted_precision"] == pytest.approx(precision)
    for name, beta in BETAS.items():
        expected = metrics.fbeta_score(labels, predictions, beta=beta, **weighted)
        assert values[f"weighted_{name}"] == pytest.approx(expected)
    constant = np.full_like(labels, np.bincount(labels).argmax())
    best = metrics.fbeta_score(labels, constant, beta=2, **weighted)
    assert values["weighted_f2_best_constant_classifier"] == pytest.approx(best)


@settings(max_examples=40, deadline=None)
@given(
    data=st.integers(2, 60).flatmap(
        lambda n: arrays.arrays(np.float64, (2, n), elements=st.floats(-1e4, 1e4, width=32))
    )
)
def test_regression_metrics_are_scikit_learns(data: Any) -> None:
    labels, predictions = data

    found = model_quality.baseline(
        {"label": labels, "prediction": predictions},
        problem_type="Regression",
        inference_attribute="prediction",
    ).statistics
    assert found is not None
    values = {name: metric.value for name, metric in found.metrics.items()}

    assert values["mae"] == pytest.approx(metrics.mean_absolute_error(labels, predictions))
    mse = metrics.mean_squared_error(labels, predictions)
    assert values["mse"] == pytest.approx(mse)
    assert values["rmse"] == pytest.approx(np.sqrt(mse))
    if np.ptp(labels) > 1e-3:
        expected = metrics.r2_score(labels, predictions)
        assert values["r2"] == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_all_scores_equal() -> None:
    found = _binary([0, 1, 1, 0], [0.5] * 4)

    assert found.metrics["auc"].value == 0.5
    assert found.matrix == {"0": {"0": 2, "1": 0}, "1": {"0": 2, "1": 0}}


def test_a_single_row() -> None:
    found = _binary([1], [0.9])

    assert found.item_count == 1
    assert found.metrics["recall"].value == 1.0
    assert np.isnan(found.metrics["true_negative_rate"].value)


def test_nan_predictions_are_set_aside() -> None:
    labels, predictions = [1.0, 2.0, None, 4.0], [1.5, float("nan"), 3.0, 4.0]

    result = model_quality.baseline(
        {"label": labels, "prediction": predictions},
        problem_type="Regression",
        inference_attribute="prediction",
    )

    assert result.statistics is not None
    assert result.statistics.item_count == 2
    assert result.run is not None
    assert result.run.rejected.counts == {"without a label": 1, "without a prediction": 1}


def test_a_label_never_seen_is_a_row_of_the_matrix() -> None:
    found = model_quality.baseline(
        {"label": ["a", "b", "c"], "prediction": ["a", "b", "b"]},
        problem_type=Problem.MULTICLASS,
        inference_attribute="prediction",
    ).statistics

    assert found is not None
    assert found.matrix is not None
    assert found.matrix["c"] == {"a": 0, "b": 1, "c": 0}


def test_textbook_writes_at_most_a_thousand_points_and_the_area_is_exact() -> None:
    draws = np.random.default_rng(3)
    scores = draws.random(50_000)
    labels = (draws.random(50_000) < scores).astype(int)

    shown, every = (_binary(labels, scores, dialect=name) for name in ("textbook", "aws"))

    assert len(shown.curves[ROC][0]) <= 1_002
    assert len(every.curves[ROC][0]) == 50_002
    expected = metrics.roc_auc_score(labels, scores)
    for found in (shown, every):
        assert found.metrics["auc"].value == pytest.approx(expected, abs=1e-13)
    points = set(zip(every.curves[ROC][0], every.curves[ROC][1], strict=True))
    assert set(zip(shown.curves[ROC][0], shown.curves[ROC][1], strict=True)) <= points


def test_deviations_are_those_of_drawn_rows() -> None:
    draws = np.random.default_rng(5)
    scores = draws.random(2_000)
    labels = (draws.random(2_000) < scores).astype(int)
    deviations = []
    with warnings.catch_warnings():
        for seed in range(40):
            rows = np.random.default_rng(seed).permutation(2_000)[:1_600]
            deviations.append(metrics.roc_auc_score(labels[rows], scores[rows]))

    found = _binary(labels, scores).metrics["auc"].standard_deviation

    assert found == pytest.approx(np.std(deviations), rel=1.2)

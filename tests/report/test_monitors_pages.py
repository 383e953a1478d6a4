"""Pages and charts of the other monitors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import driftkit
from driftkit.report.page.charts.chart import drawn
from driftkit.results.figures import Confusion, Curve, Histogram, Line, Ranking, Trajectory
from tests.report.pages import parsed


def judged(seed: int, noise: float) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    label = random.integers(0, 2, 600)
    score = np.clip(label * 0.5 + random.normal(0.25, noise, 600), 0, 1)
    return pd.DataFrame({"label": label, "prediction": (score > 0.5).astype(int), "score": score})


QUALITY: dict[str, Any] = {
    "problem_type": "BinaryClassification",
    "ground_truth_attribute": "label",
    "inference_attribute": "prediction",
    "probability_attribute": "score",
}


def test_model_quality_has_its_curves_and_matrix() -> None:
    normal = driftkit.model_quality.baseline(judged(0, 0.2), **QUALITY)
    report = driftkit.model_quality.monitor(judged(1, 0.5), normal, **QUALITY)

    page = parsed(report.report().html)

    assert [type(each) for each in report.figures()] == [Curve, Curve, Confusion]
    assert {"quality", "charts"} <= set(page.ids)
    assert "receiver operating characteristic" in page.text
    assert "of 600 rows are predicted as their label" in page.text


def test_curves_of_many_rows_have_few_points() -> None:
    random = np.random.default_rng(0)
    label = random.integers(0, 2, 20_000)
    many = pd.DataFrame({"label": label, "prediction": label, "score": random.random(20_000)})

    report = driftkit.model_quality.monitor(
        many, driftkit.model_quality.baseline(judged(0, 0.2), **QUALITY), **QUALITY
    )

    assert len(report.report().html) < 60_000


def test_ranks_that_change_much_are_told() -> None:
    features = tuple("abcdefgh")
    figure = Ranking(
        name="late",
        features=features,
        window=(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 9.0),
        baseline=(8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0),
    )

    said = parsed("".join(drawn([figure], []).svg)).text

    assert "h contributes most, in the baseline a; 4 features changed by over 3 ranks" in said


def test_a_trajectory_says_where_it_ends() -> None:
    times = tuple(pd.date_range("2026-11-01", periods=3, freq="h", tz="UTC").to_pydatetime())
    figure = Trajectory(
        name="accuracy",
        times=times,
        line=Line(
            x=range(3), y=[None, 0.1, 0.05], lower=[None, -0.3, 0.01], upper=[None, 0.4, 0.09]
        ),
        margin=0.02,
        decided=times[2],
    )

    said = parsed("".join(drawn([figure], []).svg)).text

    assert (
        "accuracy: 0.05, between 0.01 and 0.09, allowed is -0.02, decided at 2026-11-01 02:00"
        in said
    )


def test_states_show_how_often_rows_of_a_score_are_positive() -> None:
    window = judged(1, 0.5)
    normal = driftkit.model_quality.baseline(judged(0, 0.2), keep_states=True, **QUALITY)
    report = driftkit.model_quality.monitor(window, normal, keep_states=True, **QUALITY)

    *_, calibration, scores = report.figures()

    assert isinstance(calibration, Curve)
    assert isinstance(scores, Histogram)
    bins = np.minimum(window["score"] * 20, 19).astype(int)
    grouped = window.groupby(bins)
    np.testing.assert_allclose(calibration.window.x, grouped["score"].mean())
    np.testing.assert_allclose(calibration.window.y, grouped["label"].mean())  # type: ignore[arg-type]
    assert calibration.window.lower is not None
    assert calibration.baseline is not None
    expected = grouped.size().reindex(range(20), fill_value=0) / len(window)
    np.testing.assert_allclose(scores.window, expected)
    assert {"calibration", "scores"} <= set(parsed(report.report().html).text.split())

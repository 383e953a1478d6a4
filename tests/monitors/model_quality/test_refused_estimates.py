"""What cannot be estimated is refused, and a calibration that is not what it should be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import driftkit
from driftkit.errors import FormatError, InputError, SettingsError
from driftkit.monitors.model_quality.monitor import ModelBaseline
from tests.monitors.model_quality.test_estimates import OF_WINDOW, QUALITY, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def normal() -> ModelBaseline:
    """A baseline of labelled probabilities."""
    return driftkit.model_quality.baseline(rows(1, 500), segment_by="carrier", **QUALITY)


def test_a_baseline_keeps_no_calibration_of_other_rows(tmp_path: Path) -> None:
    driftkit.model_quality.baseline(rows(19, 300), **QUALITY).write(tmp_path)
    assert ModelBaseline.read(tmp_path).calibration is not None

    driftkit.model_quality.baseline(rows(19, 300), dialect="aws", **QUALITY).write(tmp_path)

    assert not (tmp_path / "calibration.json").exists()
    with pytest.raises(SettingsError, match="does not say what scores mean"):
        driftkit.model_quality.estimate(rows(20, 100), str(tmp_path), **OF_WINDOW)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"version": 2}, "version"),
        ({"problem_type": "Ranking"}, "problem_type"),
        ({"threshold": "high"}, "threshold"),
    ],
)
def test_a_damaged_calibration_is_named(changed: dict[str, Any], said: str, tmp_path: Path) -> None:
    driftkit.model_quality.baseline(rows(21, 300), **QUALITY).write(tmp_path)
    path = tmp_path / "calibration.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))

    with pytest.raises(FormatError, match=said):
        ModelBaseline.read(tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        lambda document: document["whole"]["calibration"][0]["positives"].insert(0, 10_000),
        lambda document: document.update(block_variances={"auc": -1.0}),
        lambda document: document.update(block_correlations={"auc": 1.0}),
        lambda document: document.update(label_variances={"1": -1.0}),
        lambda document: document.update(tenth_correlations={"1": 1.0}),
    ],
)
def test_numbers_that_no_rows_can_have_are_refused(
    changed: Callable[[dict[str, Any]], None], tmp_path: Path
) -> None:
    driftkit.model_quality.baseline(rows(22, 300), **QUALITY).write(tmp_path)
    path = tmp_path / "calibration.json"
    document = json.loads(path.read_text())
    changed(document)
    path.write_text(json.dumps(document))

    with pytest.raises(FormatError, match="no rows can have such a calibration"):
        ModelBaseline.read(tmp_path)


@pytest.mark.parametrize("positive", ["2", "no"])
def test_a_window_of_another_positive_label_is_refused(
    normal: ModelBaseline, positive: str
) -> None:
    with pytest.raises(SettingsError, match="about different classes"):
        driftkit.model_quality.estimate(rows(24, 60), normal, positive_label=positive, **OF_WINDOW)


def test_segments_of_the_window_are_the_baselines(normal: ModelBaseline) -> None:
    with pytest.raises(SettingsError, match="segments are those of the baseline"):
        driftkit.model_quality.estimate(rows(23, 50), normal, segment_by="carrier", **OF_WINDOW)


def test_predictions_without_probabilities_cannot_be_estimated(normal: ModelBaseline) -> None:
    with pytest.raises(InputError, match="no probability to estimate from"):
        driftkit.model_quality.estimate(
            {"prediction": [0, 1]}, normal, inference_attribute="prediction"
        )

"""Errors that cannot be expected are refused, and a calibration that is not what it should be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import driftkit
from driftkit.errors import FormatError, InputError, SettingsError
from driftkit.formats.model_quality.loss_calibration import LossCalibration
from driftkit.monitors.model_quality.monitor import ModelBaseline
from tests.monitors.model_quality.test_regression_estimates import OF_WINDOW, QUALITY, rows

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def normal() -> ModelBaseline:
    """A baseline of some days."""
    return driftkit.model_quality.baseline(rows(1, 3_000, days=20), time_column="at", **QUALITY)


def test_a_window_without_the_inputs_is_refused(normal: ModelBaseline) -> None:
    with pytest.raises(InputError, match="lacks columns by which the baseline expects errors"):
        driftkit.model_quality.estimate(rows(18, 100)[["y", "x"]], normal, **OF_WINDOW)


def test_baselines_that_do_not_tell_errors_are_refused() -> None:
    few, aws = rows(19, 40), rows(19, 400)
    for normal in (
        driftkit.model_quality.baseline(few, **QUALITY),
        driftkit.model_quality.baseline(aws, dialect="aws", **QUALITY),
    ):
        assert normal.calibration is None
        with pytest.raises(SettingsError, match="does not say which errors are to be expected"):
            driftkit.model_quality.estimate(few, normal, **OF_WINDOW)


@pytest.mark.parametrize(
    ("choice", "asked", "lost"),
    [({"ignore": "x,car*"}, {"z"}, ["x", "carrier"]), ({"columns": "x"}, {"x"}, ["z", "carrier"])],
)
def test_errors_are_learnt_by_the_columns_that_are_chosen(
    choice: dict[str, Any], asked: set[str], lost: list[str]
) -> None:
    known = driftkit.model_quality.baseline(rows(20, 1_000), **choice, **QUALITY)
    window = rows(21, 200).drop(columns=["label", *lost])

    assert isinstance(known.calibration, LossCalibration)
    assert set(known.calibration.asked) - {"id"} == asked
    assert driftkit.model_quality.estimate(window, known, **OF_WINDOW).estimate.window.rows == 200
    with pytest.raises(SettingsError, match="no columns to choose among"):
        driftkit.model_quality.estimate(window, known, **choice, **OF_WINDOW)


def test_columns_are_chosen_where_errors_are_learnt_alone(normal: ModelBaseline) -> None:
    labelled = rows(22, 300).assign(label=1, y=lambda each: each["z"].isna() * 1)

    with pytest.raises(SettingsError, match=r"ignore: .*'speed'"):
        driftkit.model_quality.baseline(labelled, ignore="speed", **QUALITY)
    with pytest.raises(SettingsError, match="no columns to choose among"):
        driftkit.model_quality.monitor(labelled, normal, ignore="x", **OF_WINDOW)
    with pytest.raises(SettingsError, match="no columns to choose among"):
        driftkit.model_quality.baseline(
            labelled, ignore="x", problem_type="BinaryClassification", **OF_WINDOW
        )


@pytest.mark.parametrize("label", [1e300, 1e150])
def test_labels_beyond_doubles_disagree_and_have_no_error(
    normal: ModelBaseline, label: float
) -> None:
    found = driftkit.model_quality.estimate(rows(3, 200).assign(label=label), normal, **OF_WINDOW)

    assert found.findings[0].check == "label_agreement_check"
    assert "(chi-square 1000000000.0 of " in found.findings[0].message
    assert "mae" in {each.name for each in found.metrics()}
    assert "Quality without labels" in found.report().html


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("version",), 2, "version"),
        (("model", "members", 0, "absolute"), "much", "absolute"),
        (("model", "members", 1, "trees", 0, "features", 0), 99, "trees"),
        (("model", "members", 1, "trees", 0, "absolute"), [1.0], "trees"),
        (("model", "features", 0, "edges"), [2.0, 1.0], "features"),
        (("model", "features", 0, "edges"), [], "trees"),
        (("model", "members", 0, "codes", 0), [1], "codes"),
        (("model", "members"), [], "members"),
        (("groups",), [], "groups"),
        (("groups", 0, "rows"), 0.0, "groups"),
        (("block_variances",), [1.0], "block_variances"),
        (("block_variances",), [1.0, -1.0], "block_variances"),
        (("block_correlation",), 1.0, "block_correlation"),
    ],
)
def test_a_damaged_calibration_is_named(
    path: tuple[Any, ...], value: Any, said: str, normal: ModelBaseline, tmp_path: Path
) -> None:
    normal.write(tmp_path)
    file = tmp_path / "calibration.json"
    document = json.loads(file.read_text())
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    file.write_text(json.dumps(document))

    with pytest.raises(FormatError, match=said):
        ModelBaseline.read(tmp_path)

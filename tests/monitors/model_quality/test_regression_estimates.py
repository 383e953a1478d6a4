"""Errors of regressions without labels: estimates, intervals, limits, segments, trust, files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.errors import InputError
from driftkit.formats.model_quality.loss_calibration import LossCalibration
from driftkit.monitors.model_quality.estimate_results import QualityEstimate
from driftkit.monitors.model_quality.monitor import ModelBaseline
from driftkit.monitors.reports import read_report
from driftkit.report.page.svg import number
from driftkit.results.figures import Estimates
from driftkit.results.windows import window_of
from tests.monitors.model_quality.test_estimates import values

if TYPE_CHECKING:
    from pathlib import Path

OF_WINDOW: dict[str, Any] = {"inference_attribute": "y"}
QUALITY: dict[str, Any] = {"problem_type": "Regression", **OF_WINDOW}


def rows(
    seed: int, count: int, *, shift: float = 0.0, worse: float = 1.0, days: int = 1
) -> pd.DataFrame:
    """Predictions whose errors grow with an input and depend on a text and on what is missing."""
    random = np.random.default_rng(seed)
    x, z = random.normal(shift, 1, count), random.normal(0, 1, count)
    carrier = random.choice(["AA", "UA", "WN"], count, p=[0.5, 0.3, 0.2])
    z[random.random(count) < 0.1] = np.nan
    size = 10 * np.exp(0.4 * x) * np.where(carrier == "WN", 2.0, 1.0) * (1 + np.isnan(z))
    prediction = 100 + 5 * random.normal(size=count)
    times = pd.Timestamp("2024-03-01") + pd.to_timedelta(np.arange(count) * days // count, "D")
    return pd.DataFrame(
        {
            "id": np.arange(count) + seed * 100_000,
            "at": times.astype(str),
            "x": x,
            "z": z,
            "carrier": carrier,
            "y": prediction,
            "label": prediction + worse * size * random.normal(size=count),
        }
    )


@pytest.fixture(scope="module")
def normal() -> ModelBaseline:
    """Twenty days of three carriers."""
    reference = rows(1, 12_000, days=20)
    return driftkit.model_quality.baseline(
        reference, time_column="at", segment_by="carrier", **QUALITY
    )


@pytest.mark.parametrize("shift", [0.0, 1.0, -1.0])
def test_an_estimate_follows_inputs_without_any_label(normal: ModelBaseline, shift: float) -> None:
    window = rows(2, 5_000, shift=shift)

    found = driftkit.model_quality.estimate(window.drop(columns="label"), normal, **OF_WINDOW)
    truth = driftkit.model_quality.monitor(window, normal, **OF_WINDOW).statistics.metrics

    for name in ("mae", "mse", "rmse"):
        told = values(found, name)
        assert told["lower"] <= truth[name].value <= told["upper"], name
        assert "realized" not in told
    assert "assumes that the relation of inputs and label" in " ".join(found.notes())
    assert found.estimate.segments[0].name == "carrier=AA"


def test_metrics_of_the_baseline_are_those_that_it_has_by_labels(normal: ModelBaseline) -> None:
    assert isinstance(normal.calibration, LossCalibration)
    assert normal.statistics is not None
    for name, value in normal.calibration.whole.realized.items():
        assert value == pytest.approx(normal.statistics.metrics[name].value, rel=1e-12)


@pytest.mark.parametrize("shift", [0.0, 0.7])
def test_intervals_hold_the_errors_of_windows_as_often_as_they_say(
    normal: ModelBaseline, shift: float
) -> None:
    held = {"mae": 0, "rmse": 0}
    for seed in range(100, 140):
        window = rows(seed, 800, shift=shift)
        found = driftkit.model_quality.estimate(window, normal, **OF_WINDOW)
        for name in held:
            told = values(found, name)
            held[name] += told["lower"] <= told["realized"] <= told["upper"]

    # 38 of 40 are to be expected, and 34 or more all but always.
    assert min(held.values()) >= 34, held


def test_a_window_of_harder_inputs_is_beyond_its_limits(normal: ModelBaseline) -> None:
    easy = driftkit.model_quality.estimate(rows(3, 2_000), normal, **OF_WINDOW)
    window = rows(3, 2_000, shift=1.5).drop(columns="label")
    hard = driftkit.model_quality.estimate(window, normal, **OF_WINDOW)

    assert easy.findings == ()
    named = {each.metric for each in hard.findings if each.segment is None}
    assert named == {"mae", "mse", "rmse"}
    first = hard.violations_table()["description"].iloc[0]
    assert "is above" in first
    assert "over which no ordinary window lies" in first
    table = hard.statistics_table()
    assert table["violated"].iloc[0]
    assert table["allowed"].iloc[0][1] == values(hard, "mae")["upper_limit"]


def test_limits_are_those_of_blocks(normal: ModelBaseline) -> None:
    known = normal.calibration
    assert known is not None
    days = [each.realized["mae"] for each in known.blocks]

    told = values(driftkit.model_quality.estimate(rows(4, 600), normal, **OF_WINDOW), "mae")

    assert len(days) == 20
    assert told["upper_limit"] == pytest.approx(np.mean(days) + 3 * np.std(days), abs=1e-9)


def test_first_labels_that_disagree_say_that_the_estimate_is_wrong(normal: ModelBaseline) -> None:
    window = rows(5, 4_000, worse=1.4)
    window.loc[window.index >= 600, "label"] = None

    found = driftkit.model_quality.estimate(window, normal, **OF_WINDOW)

    assert found.estimate.window.labelled == 600
    realized = (window["label"] - window["y"]).abs()[:600].mean()
    assert values(found, "mae")["realized"] == pytest.approx(realized)
    first = found.findings[0]
    assert first.check == "label_agreement_check"
    assert "600 labels disagree with what their inputs let expect" in first.message
    assert "do not rely on the estimate" in " ".join(found.notes())


@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_first_labels_agree_where_only_inputs_moved(normal: ModelBaseline, shift: float) -> None:
    alarms = 0
    for seed in range(10, 30):
        window = rows(seed, 1_000, shift=shift)
        found = driftkit.model_quality.estimate(window, normal, **OF_WINDOW)
        alarms += found.estimate.labels[0].disagree

    # At 1 % hardly more than one in twenty.
    assert alarms <= 1


def test_labels_of_one_day_are_not_surer_for_days_that_wait_for_theirs() -> None:
    reference, days = rows(31, 6_000, days=20), np.arange(6_000) * 20 // 6_000
    worse = np.exp(np.random.default_rng(31).normal(0, 0.3, 20))[days]
    reference["label"] = reference["y"] + worse * (reference["label"] - reference["y"])
    normal = driftkit.model_quality.baseline(reference, time_column="at", **QUALITY)
    window = rows(32, 6_000, worse=1.5, days=20)
    window.loc[300:, "label"] = None

    alone, all_days = (
        driftkit.model_quality.estimate(data, normal, time_column="at", **OF_WINDOW)
        for data in (window[:300], window)
    )

    (of_day,), (of_all,) = alone.estimate.labels, all_days.estimate.labels
    assert of_day.rows == of_all.rows == 300
    # The members of the model differ otherwise on all rows than on these.
    assert of_all.statistic == pytest.approx(of_day.statistic, rel=0.05)
    assert not of_all.disagree
    interval, of_days = (values(each, "mae") for each in (alone, all_days))
    assert of_days["upper"] - of_days["lower"] < 0.6 * (interval["upper"] - interval["lower"])

    known = normal.calibration
    assert isinstance(known, LossCalibration)
    lasting = replace(normal, calibration=replace(known, block_correlation=0.95))
    wider = values(
        driftkit.model_quality.estimate(window, lasting, time_column="at", **OF_WINDOW), "mae"
    )
    # Days that are off alike tell little more than one of them does.
    assert wider["upper"] - wider["lower"] > 0.8 * (interval["upper"] - interval["lower"])


def test_few_labels_say_nothing(normal: ModelBaseline) -> None:
    found = driftkit.model_quality.estimate(rows(6, 49), normal, **OF_WINDOW)

    assert found.estimate.labels == ()


def test_errors_are_expected_by_texts_and_missing_values_and_not_by_row_numbers(
    normal: ModelBaseline,
) -> None:
    assert isinstance(normal.calibration, LossCalibration)
    asked = normal.calibration.asked
    assert {"x", "z", "carrier"} <= set(asked)
    # Neither numbers of rows nor times tell of errors of other rows.
    assert not {"id", "at"} & set(asked)

    window = rows(7, 4_000)
    worse = {
        "carrier": window.assign(carrier="WN"),
        "z": window.assign(z=np.nan),
    }
    usual = values(driftkit.model_quality.estimate(window, normal, **OF_WINDOW), "mae")
    for name, factor in (("carrier", 1.6), ("z", 1.7)):
        found = driftkit.model_quality.estimate(worse[name], normal, **OF_WINDOW)
        assert values(found, "mae")["estimate"] > factor * usual["estimate"], name


def test_inputs_beyond_the_baselines_are_said(normal: ModelBaseline) -> None:
    window = rows(8, 1_000)
    window.loc[:99, "x"], window.loc[100:149, "carrier"] = 50.0, "ZZ"

    found = driftkit.model_quality.estimate(window, normal, **OF_WINDOW)

    assert found.estimate.outside == pytest.approx(0.15, abs=0.01)
    assert found.estimate.reliable is False
    assert "% of the rows have inputs beyond all of the baseline's" in " ".join(found.notes())


def test_a_baseline_of_predictions_alone_says_what_it_knows() -> None:
    alone = rows(9, 2_000)[["y", "label"]].assign(label=lambda x: x["label"] * 0 + x["y"])
    alone["label"] += np.random.default_rng(9).normal(0, 1, 2_000)
    normal = driftkit.model_quality.baseline(alone, **QUALITY)

    found = driftkit.model_quality.estimate(alone[["y"]], normal, **OF_WINDOW)

    told = values(found, "rmse")
    assert told["estimate"] == pytest.approx(told["reference"], rel=0.01)
    notes = " ".join(found.notes())
    assert "inputs tell nothing of the size of errors" in notes
    assert "how far days are off by themselves is not known" in notes


def test_segments_have_estimates_and_limits_of_their_own(normal: ModelBaseline) -> None:
    window = rows(10, 6_000)

    found = driftkit.model_quality.estimate(window.drop(columns="label"), normal, **OF_WINDOW)

    errors = (window["label"] - window["y"]).abs().groupby(window["carrier"]).mean()
    told = {each.segment: each for each in found.metrics() if each.name == "mae"}
    for carrier, error in errors.items():
        of_segment = told[f"carrier={carrier}"]
        assert of_segment.value == pytest.approx(error, rel=0.1)
        assert not of_segment.violated
    known = {str(each.segment): each.baseline or 0.0 for each in told.values()}
    assert known["carrier=WN"] > 1.7 * known["carrier=AA"] > 0


def test_blocks_of_a_window_have_estimate_and_truth_beside_each_other(
    normal: ModelBaseline,
) -> None:
    window = rows(11, 3_000, days=3)
    window.loc[window["at"] >= "2024-03-02", "label"] = None

    found = driftkit.model_quality.estimate(window, normal, time_column="at", **OF_WINDOW)

    table = found.blocks_table()
    of_error = table[table["metric"] == "mae"]
    assert of_error["block"].tolist() == ["2024-03-01", "2024-03-02", "2024-03-03"]
    assert of_error["labelled"].tolist() == [1_000, 0, 0]
    assert of_error["realized"].notna().tolist() == [True, False, False]
    drawn = [each for each in found.figures() if isinstance(each, Estimates)]
    assert [each.name for each in drawn] == ["estimated mae", "estimated rmse"]
    assert drawn[0].limit == of_error["upper_limit"].iloc[0]
    assert "by labels" in found.report().html


def test_a_page_shows_errors_with_the_most_that_is_usual(normal: ModelBaseline) -> None:
    first, second, now = (
        driftkit.model_quality.estimate(
            rows(seed, 900, days=3), normal, time_column="at", **OF_WINDOW
        )
        for seed in (18, 19, 20)
    )

    page = now.report([window_of(first, "first"), window_of(second, "second")]).html

    # Two over the days of the window, and the others over the windows.
    charts = page.count("estimate and 95 % interval")
    assert page.count("most of ordinary windows") == charts >= 5
    assert "least of ordinary windows" not in page
    limit = number(values(now, "mse")["upper_limit"])
    assert f", limit {limit}</title>" in page


def test_kept_states_are_estimated_as_the_rows_that_they_are_of(
    normal: ModelBaseline, tmp_path: Path
) -> None:
    days = [rows(12, 600), rows(13, 500)]
    for at, day in enumerate(days):
        found = driftkit.model_quality.estimate(day, normal, keep_states=True, **OF_WINDOW)
        found.write(tmp_path / str(at))

    both = driftkit.model_quality.estimate([str(tmp_path / "0"), str(tmp_path / "1")], normal)

    whole = driftkit.model_quality.estimate(pd.concat(days), normal, **OF_WINDOW)
    for one, other in zip(both.metrics(), whole.metrics(), strict=True):
        assert (one.name, one.segment, one.rows) == (other.name, other.segment, other.rows)
        assert one.value == pytest.approx(other.value, rel=1e-12)
        assert (one.interval is None) == (other.interval is None)
        assert one.interval is None or one.interval == pytest.approx(other.interval, rel=1e-9)
    others = driftkit.model_quality.baseline(rows(14, 500), **QUALITY)
    with pytest.raises(InputError, match="expected by another baseline"):
        driftkit.model_quality.estimate(str(tmp_path / "0"), others)


def test_a_result_and_a_baseline_that_are_read_are_those_that_were_written(
    normal: ModelBaseline, tmp_path: Path
) -> None:
    window = rows(15, 900, worse=2.0, days=2)
    found = driftkit.model_quality.estimate(window, normal, time_column="at", **OF_WINDOW)

    found.write(tmp_path / "out")
    normal.write(tmp_path / "normal")

    again = read_report(tmp_path / "out")
    assert isinstance(again, QualityEstimate)
    assert again.files == found.files
    assert [each.message for each in again.findings] == [each.message for each in found.findings]
    assert ModelBaseline.read(tmp_path / "normal").calibration == normal.calibration


def test_rows_in_any_order_and_number_of_files_learn_the_same(tmp_path: Path) -> None:
    reference = rows(16, 3_000, days=10)
    for at, some in enumerate(np.array_split(reference.sample(frac=1, random_state=1).index, 3)):
        reference.loc[some].to_parquet(tmp_path / f"{at}.parquet", index=False)

    one, other = (
        driftkit.model_quality.baseline(data, time_column="at", **QUALITY).calibration
        for data in (reference, str(tmp_path))
    )

    assert isinstance(one, LossCalibration)
    assert isinstance(other, LossCalibration)
    assert (one.model, one.groups) == (other.model, other.groups)


def test_rows_without_usable_predictions_are_set_aside(normal: ModelBaseline) -> None:
    window = rows(17, 300).drop(columns="label").astype({"y": object})
    window.loc[:9, "y"] = None
    window.loc[10:14, "y"] = "none"

    found = driftkit.model_quality.estimate(window.astype({"y": str}), normal, **OF_WINDOW)

    assert found.estimate.window.rows == 285
    assert found.run is not None
    assert found.run.rejected.total == 15

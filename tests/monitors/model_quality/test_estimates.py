"""Quality without labels: estimates, limits, segments, trust, files."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.errors import InputError
from driftkit.formats.model_quality.calibration import Calibration
from driftkit.monitors.model_quality.estimate_results import QualityEstimate
from driftkit.monitors.reports import read_report
from driftkit.results.figures import Estimates

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.monitors.model_quality.monitor import ModelBaseline

QUALITY: dict[str, Any] = {
    "problem_type": "BinaryClassification",
    "probability_attribute": "score",
}
OF_WINDOW: dict[str, Any] = {"probability_attribute": "score"}


def rows(
    seed: int, count: int, *, shift: float = 0.0, turned: float = 0.0, days: int = 1
) -> pd.DataFrame:
    """Scored rows: inputs that move by so much, and a label that depends on them otherwise."""
    rng = np.random.default_rng(seed)
    x, hidden = rng.normal(shift, 1, count), rng.normal(0, 1, count)
    true = 1 / (1 + np.exp(-(1.5 * x - 0.3 + turned * (hidden - 1))))
    score = 1 / (1 + np.exp(-(1.05 * x)))
    times = pd.Timestamp("2024-03-01") + pd.to_timedelta(np.arange(count) * days // count, "D")
    return pd.DataFrame(
        {
            "score": score,
            "label": (rng.random(count) < true).astype(int),
            "at": times.astype(str),
            "carrier": np.where(rng.random(count) < 0.3, "UA", "AA"),
        }
    )


@pytest.fixture(scope="module")
def normal() -> ModelBaseline:
    """Twenty days of two carriers."""
    reference = rows(1, 20_000, days=20)
    return driftkit.model_quality.baseline(
        reference, time_column="at", segment_by="carrier", **QUALITY
    )


def values(of: QualityEstimate, name: str) -> dict[str, Any]:
    """What the file says of a metric of the whole window."""
    document = of.files["estimate.json"]["window"]["metrics"]
    found: dict[str, Any] = next(each for each in document if each["metric"] == name)
    return found


def of_days(seed: int, steep: float = 0.0) -> pd.DataFrame:
    """Sixty days of 300 rows: on some all labels are likelier, or scores tell more, than on others."""
    rng = np.random.default_rng(seed)
    x, moves = rng.normal(size=18_000), rng.normal(0, 0.7, 60)
    days = np.arange(18_000) // 300
    chance = 1 / (1 + np.exp(-x - (steep * x if steep else 1.0) * moves[days]))
    times = np.datetime64("2024-03-01") + days.astype("m8[D]")
    score, label = 1 / (1 + np.exp(-x)), (rng.random(18_000) < chance).astype(int)
    return pd.DataFrame({"score": score, "label": label, "at": times.astype(str)})


@pytest.fixture(scope="module")
def normal_by_day() -> ModelBaseline:
    return driftkit.model_quality.baseline(of_days(8), time_column="at", **QUALITY)


def test_intervals_know_how_far_days_are_off_by_themselves(normal_by_day: ModelBaseline) -> None:
    normal = normal_by_day
    known = normal.calibration
    assert isinstance(known, Calibration)
    odds = replace(normal, calibration=replace(known, block_variances={}))
    metrics = replace(normal, calibration=replace(known, label_variances={}))
    unknown = replace(normal, calibration=replace(known, block_variances={}, label_variances={}))
    window, held = of_days(9), []
    for baseline in (normal, odds, metrics, unknown):
        found = driftkit.model_quality.estimate(window, baseline, time_column="at", **OF_WINDOW)
        told = [each for day in found.estimate.blocks for each in day.metrics]
        held.append(
            [
                (each.lower or 0) <= (each.realized or 0) <= (each.upper or 0)
                for each in told
                if each.metric in {"precision", "recall", "f1"}
            ]
        )

    assert len(held[0]) == 180
    # Of 95 %, by chance no fewer than 88 of 100; without it about half. Either measure alone will do.
    assert min(np.mean(each) for each in held[:3]) > 0.88
    assert np.mean(held[3]) < 0.7


def test_labels_of_days_that_are_off_as_days_are_do_not_disagree(
    normal_by_day: ModelBaseline,
) -> None:
    def disagree(window: pd.DataFrame, baseline: ModelBaseline) -> bool:
        found = driftkit.model_quality.estimate(window, baseline, time_column="at", **OF_WINDOW)
        (labels,) = found.estimate.labels
        return labels.disagree

    known = normal_by_day.calibration
    assert isinstance(known, Calibration)
    unknown = replace(normal_by_day, calibration=replace(known, label_variances={}))
    days = [day for _, day in of_days(9).groupby("at")]
    flipped = [day.assign(label=day["label"].where(day["score"] < 0.5, 0)) for day in days]

    assert np.mean([disagree(day, normal_by_day) for day in days]) < 0.1
    assert np.mean([disagree(day, unknown) for day in days]) > 0.5
    assert all(disagree(day, normal_by_day) for day in flipped)


def test_labels_of_days_that_differ_in_what_scores_tell_do_not_disagree() -> None:
    normal = driftkit.model_quality.baseline(of_days(8, 1.0), time_column="at", **QUALITY)
    known = normal.calibration
    assert isinstance(known, Calibration)
    # As earlier versions wrote it.
    alike_alone = replace(normal, calibration=replace(known, tenth_variances={}))
    days = [day for _, day in of_days(9, 1.0).groupby("at")][:20]

    def disagree(baseline: ModelBaseline) -> float:
        found = [
            driftkit.model_quality.estimate(day, baseline, time_column="at", **OF_WINDOW)
            for day in days
        ]
        return float(np.mean([each.estimate.labels[0].disagree for each in found]))

    assert disagree(normal) < 0.5 * disagree(alike_alone)


@pytest.mark.parametrize("shift", [0.0, 1.0, -1.5])
def test_an_estimate_follows_inputs_without_any_label(normal: ModelBaseline, shift: float) -> None:
    window = rows(2, 5_000, shift=shift)

    found = driftkit.model_quality.estimate(window.drop(columns="label"), normal, **OF_WINDOW)
    truth = driftkit.model_quality.monitor(window, normal, **OF_WINDOW).statistics.metrics

    for name in ("accuracy", "precision", "recall", "f1", "auc"):
        told = values(found, name)
        # The interval is of windows like it, and the truth is of this one.
        assert told["lower"] <= truth[name].value <= told["upper"], name
        assert "realized" not in told
    assert "assumes that the relation of inputs and label" in " ".join(found.notes())


def test_a_window_in_which_the_model_is_worse_is_below_its_limit(normal: ModelBaseline) -> None:
    easy = driftkit.model_quality.estimate(rows(3, 2_000), normal, **OF_WINDOW)
    window = rows(3, 2_000)
    window["score"] = 0.5 + (window["score"] - 0.5) * 0.2

    hard = driftkit.model_quality.estimate(window, normal, **OF_WINDOW)

    assert [each for each in easy.findings if each.segment is None] == []
    assert (easy.estimate.reliable, hard.estimate.reliable) == (True, False)
    named = {each.metric for each in hard.findings if each.segment is None}
    assert {"accuracy", "auc"} <= named
    (first, *_) = hard.violations_table()["description"]
    assert "disagree" in first


def test_first_labels_that_disagree_say_that_the_estimate_is_wrong(normal: ModelBaseline) -> None:
    window = rows(4, 5_000, turned=1.5)
    window.loc[window.index >= 1_000, "label"] = None

    found = driftkit.model_quality.estimate(window, normal, **OF_WINDOW)

    assert values(found, "accuracy")["realized"] == pytest.approx(
        ((window["score"] > 0.5) == window["label"])[:1_000].mean()
    )
    assert found.estimate.window.labelled == 1_000
    assert found.findings[0].check == "label_agreement_check"
    assert "do not rely on the estimate" in " ".join(found.notes())


@pytest.mark.parametrize("shift", [0.0, 1.0, -1.0])
def test_first_labels_agree_where_only_inputs_moved(normal: ModelBaseline, shift: float) -> None:
    alarms = 0
    for seed in range(10, 30):
        window = rows(seed, 2_000, shift=shift)
        found = driftkit.model_quality.estimate(window, normal, **OF_WINDOW)
        alarms += any(each.disagree for each in found.estimate.labels)

    # At 1 % hardly more than one in twenty.
    assert alarms <= 1


def test_scores_beyond_the_baselines_are_said(normal: ModelBaseline) -> None:
    window = pd.DataFrame({"score": [0.5] * 90 + [1.0] * 10})

    found = driftkit.model_quality.estimate(window, normal, **OF_WINDOW)

    assert found.estimate.outside == pytest.approx(0.1)
    assert "10.0% of the rows have scores beyond" in " ".join(found.notes())


def test_segments_have_their_own_calibration() -> None:
    reference = rows(5, 20_000)
    # Of this carrier scores mean little.
    coins = np.random.default_rng(5).random(20_000) < 0.5
    reference["label"] = np.where(reference["carrier"] == "UA", coins, reference["label"])
    normal = driftkit.model_quality.baseline(reference, segment_by="carrier", **QUALITY)
    window = rows(6, 4_000)

    found = driftkit.model_quality.estimate(window.drop(columns="label"), normal, **OF_WINDOW)

    accuracy = {each.segment: each.value for each in found.metrics() if each.name == "accuracy"}
    of_carrier = (window["score"] > 0.5) == window["label"]
    usual = of_carrier[window["carrier"] == "AA"].mean()
    assert accuracy["carrier=AA"] == pytest.approx(usual, abs=0.02)
    assert accuracy["carrier=UA"] == pytest.approx(0.5, abs=0.03)


def test_windows_without_the_segments_column_are_estimated_as_a_whole(
    normal: ModelBaseline,
) -> None:
    found = driftkit.model_quality.estimate(rows(7, 500)[["score"]], normal, **OF_WINDOW)

    assert found.estimate.segments == ()
    assert [str(each) for each in found.skipped] == ["segments: the window has no column carrier"]


def test_limits_are_those_of_blocks_and_wider_for_smaller_windows(normal: ModelBaseline) -> None:
    known = normal.calibration
    assert known is not None
    days = [each.realized["accuracy"] for each in known.blocks]

    as_large, small = (
        values(driftkit.model_quality.estimate(rows(8, count), normal, **OF_WINDOW), "accuracy")
        for count in (1_000, 100)
    )

    assert len(days) == 20
    assert as_large["lower_limit"] == pytest.approx(np.mean(days) - 3 * np.std(days), abs=1e-9)
    assert as_large["upper_limit"] == pytest.approx(np.mean(days) + 3 * np.std(days), abs=1e-9)
    chance = known.whole.deviations["accuracy"] ** 2
    wider = np.sqrt(np.var(days) + chance / 100 - chance / 1_000)
    assert small["lower_limit"] == pytest.approx(np.mean(days) - 3 * wider, abs=1e-9)


def test_blocks_of_a_window_have_estimate_and_truth_beside_each_other(
    normal: ModelBaseline,
) -> None:
    window = rows(9, 3_000, days=3)
    window.loc[window["at"] >= "2024-03-02", "label"] = None

    found = driftkit.model_quality.estimate(window, normal, time_column="at", **OF_WINDOW)

    table = found.blocks_table()
    of_accuracy = table[table["metric"] == "accuracy"]
    assert of_accuracy["block"].tolist() == ["2024-03-01", "2024-03-02", "2024-03-03"]
    assert of_accuracy["labelled"].tolist() == [1_000, 0, 0]
    assert of_accuracy["realized"].notna().tolist() == [True, False, False]
    drawn = found.figures()
    assert isinstance(drawn[0], Estimates)
    assert drawn[0].name == "estimated accuracy"
    assert "by labels" in found.report().html


def test_several_classes_are_estimated_by_means_over_them() -> None:
    def scored(seed: int) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        chances = rng.dirichlet([1, 1, 1], 6_000)
        names = np.array(["a", "b", "c"])
        drawn = (chances.cumsum(axis=1) < rng.random((6_000, 1))).sum(axis=1)
        lists = [json.dumps(each) for each in (chances**2).round(3).tolist()]
        return pd.DataFrame({"score": lists, "label": names[drawn]})

    settings = {"probability_labels": "a,b,c", **QUALITY, "problem_type": "multiclass"}
    normal = driftkit.model_quality.baseline(scored(1), **settings)
    window = scored(2)

    found = driftkit.model_quality.estimate(window[["score"]], normal, **OF_WINDOW)

    lists = np.array([json.loads(each) for each in window["score"]])
    right = (np.array(["a", "b", "c"])[lists.argmax(axis=1)] == window["label"]).mean()
    told = values(found, "accuracy")
    assert told["lower"] <= right <= told["upper"]
    assert values(found, "auc")["estimate"] == pytest.approx(
        values(driftkit.model_quality.estimate(window, normal, **OF_WINDOW), "auc")["realized"],
        abs=0.02,
    )


def test_kept_states_are_estimated_as_the_rows_that_they_are_of(
    normal: ModelBaseline, tmp_path: Path
) -> None:
    days = [rows(14, 600), rows(15, 500)]
    for at, day in enumerate(days):
        found = driftkit.model_quality.estimate(day, normal, keep_states=True, **OF_WINDOW)
        found.write(tmp_path / str(at))

    both = driftkit.model_quality.estimate([str(tmp_path / "0"), str(tmp_path / "1")], normal)

    whole = driftkit.model_quality.estimate(pd.concat(days), normal, **OF_WINDOW)
    assert both.files == whole.files
    with pytest.raises(InputError, match="overlap"):
        driftkit.model_quality.estimate([str(tmp_path / "0"), str(tmp_path / "0")], normal)


def test_a_result_that_is_read_is_the_one_that_was_written(
    normal: ModelBaseline, tmp_path: Path
) -> None:
    found = driftkit.model_quality.estimate(
        rows(16, 900, turned=2.0, days=2), normal, time_column="at", **OF_WINDOW
    )

    found.write(tmp_path)

    again = read_report(tmp_path)
    assert isinstance(again, QualityEstimate)
    assert again.files == found.files
    assert [each.message for each in again.findings] == [each.message for each in found.findings]


def test_labels_that_are_all_the_other_way_disagree_however_sure_scores_were() -> None:
    sure = {"score": [0.0, 1.0] * 50, "label": [0, 1] * 50}
    normal = driftkit.model_quality.baseline(sure, **QUALITY)

    found = driftkit.model_quality.estimate({**sure, "label": [1, 0] * 50}, normal, **OF_WINDOW)

    assert [each.check for each in found.findings] == ["label_agreement_check"]


def test_few_labels_say_nothing(normal: ModelBaseline) -> None:
    window = {"score": [0.1] * 49, "label": [1] * 49}

    found = driftkit.model_quality.estimate(window, normal, **OF_WINDOW)

    assert found.estimate.labels == ()

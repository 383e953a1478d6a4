"""Which gauges a run has, and which stay when there are too many."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from driftkit.results.contract import Metric
from driftkit.sinks.gauges import DISTANCE, DROPPED, STATUS, Series, common_labels, series_of
from tests.sinks.windows import finding, measured, window

if TYPE_CHECKING:
    from collections.abc import Sequence


def values(found: Sequence[Series]) -> dict[str, float]:
    """Value by name and labels."""
    return {
        f"{each.quantity.name}{[*each.labels.values()]}{each.segment}": each.value for each in found
    }


def test_a_run_is_told_whatever_it_found() -> None:
    facts = window(2, finding(), finding("income"), rejected={"bad json": 2, "no time": 1})

    found = values(series_of(replace(facts, seconds=1.5)))

    assert common_labels(facts) == {"model": "churn", "variant": "", "monitor": "data_quality"}
    assert found == {
        "driftkit_window_end_timestamp_seconds[]": 1793502000.0,
        "driftkit_run_timestamp_seconds[]": 1793502000.0,
        "driftkit_run_duration_seconds[]": 1.5,
        "driftkit_rows[]": 100,
        "driftkit_rejected_rows[]": 3,
        "driftkit_status['ok']": 0,
        "driftkit_status['violated']": 1,
        "driftkit_status['not_measured']": 0,
        "driftkit_status['no_data']": 0,
        "driftkit_violations['baseline_drift_check']": 2,
        "driftkit_series_dropped[]": 0,
    }


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (
            replace(measured(0.3), dimensions={"method": "Robust"}, segment="country=DE"),
            {
                "driftkit_drift_distance['age', 'Robust']country=DE": 0.3,
                "driftkit_drift_threshold['age', 'Robust']country=DE": 0.1,
            },
        ),
        (
            Metric(group="estimate", name="auc", value=0.8, interval=(0.7, 0.9), baseline=0.85),
            {
                "driftkit_quality_estimate['auc']": 0.8,
                "driftkit_quality_estimate_lower['auc']": 0.7,
                "driftkit_quality_estimate_upper['auc']": 0.9,
                "driftkit_quality_baseline['auc']": 0.85,
            },
        ),
        (
            Metric(group="estimate", name="auc", value=0.8, dimensions={"source": "labels"}),
            {"driftkit_quality['auc']": 0.8},
        ),
        (
            Metric(
                group="drift", name="p_value", feature="age", value=0.02, allowed=(0.05, math.inf)
            ),
            {
                "driftkit_drift_p_value['age', '']": 0.02,
                "driftkit_drift_threshold['age', '']": 0.05,
            },
        ),
        (
            Metric(group="profile", name="completeness", feature="age", value=0.9),
            {"driftkit_completeness_ratio['age']": 0.9},
        ),
        (Metric(group="profile", name="mean", feature="age", value=30.0), {}),
        (
            Metric(group="quality", name="recall", value=0.8, interval=(0.7, 0.9), baseline=0.85),
            {
                "driftkit_quality['recall']": 0.8,
                "driftkit_quality_lower['recall']": 0.7,
                "driftkit_quality_upper['recall']": 0.9,
                "driftkit_quality_baseline['recall']": 0.85,
            },
        ),
        (
            Metric(
                group="bias",
                name="DI",
                value=math.inf,
                dimensions={"facet": "sex", "facet_value": "f", "stage": "pre_training"},
            ),
            {"driftkit_bias['DI', 'sex', 'f', 'pre_training']": math.inf},
        ),
        (
            Metric(group="attribution", name="ndcg", value=0.95, dimensions={"label": "1"}),
            {"driftkit_attribution_ndcg['1']": 0.95},
        ),
        (Metric(group="attribution", name="global_shap_value", feature="age", value=1.0), {}),
        (
            Metric(
                group="deployment",
                name="ctr",
                value=-0.1,
                interval=(-math.inf, 0.0),
                dimensions={"challenger": "b"},
            ),
            {
                "driftkit_deployment_difference['ctr', 'b']": -0.1,
                "driftkit_deployment_difference_lower['ctr', 'b']": -math.inf,
                "driftkit_deployment_difference_upper['ctr', 'b']": 0.0,
            },
        ),
        (
            Metric(group="volume", name="rows a day", value=7.0),
            {"driftkit_metric['volume', 'rows a day', '']": 7.0},
        ),
        (Metric(group="quality", name="auc", value=math.nan), {}),
        (
            Metric(group="quality", name="auc", value=None, baseline=0.9),
            {"driftkit_quality_baseline['auc']": 0.9},
        ),
    ],
)
def test_each_metric_has_its_gauges(metric: Metric, expected: dict[str, float]) -> None:
    without = values(series_of(window(0)))
    found = values(series_of(window(0, metrics=(metric,))))

    assert {name: value for name, value in found.items() if name not in without} == expected


def test_what_is_violated_stays_and_what_was_cut_is_counted() -> None:
    many = [measured(0.1 * index / 5000, feature=f"f{index}") for index in range(5000)]
    broken = measured(0.2, feature="broken")
    incomplete = Metric(group="profile", name="completeness", feature="incomplete", value=0.1)
    facts = window(0, finding("broken"), finding("incomplete"), metrics=(*many, broken, incomplete))

    found = series_of(facts)

    named = [each.labels["feature"] for each in found if "feature" in each.labels]
    assert len(found) == 2000
    assert named[:5] == ["broken", "broken", "incomplete", "f4999", "f4999"]
    assert found[-1] == Series(quantity=DROPPED, value=8 + 1 + 2 * 5001 + 1 + 1 - 1999)


def test_rows_of_few_segments_are_told_apart() -> None:
    def facts(segments: int) -> list[Series]:
        told = [replace(measured(0.3), segment=f"country={index}") for index in range(segments)]
        return series_of(window(0, metrics=(measured(0.2), *told)))

    assert sum(each.quantity is DISTANCE for each in facts(20)) == 21
    assert sum(each.quantity is DISTANCE for each in facts(21)) == 1
    assert facts(21)[-1].value == 42


def test_a_series_is_told_once() -> None:
    found = series_of(window(0, metrics=(measured(0.2), measured(0.3))))

    assert len({each.key for each in found}) == len(found)
    assert found[-1].value == 0


def test_a_run_is_told_before_all_columns() -> None:
    found = series_of(window(0, metrics=(measured(0.2),)), max_series=10)

    assert sum(each.quantity is STATUS for each in found) == 4
    assert len(found) == 10

"""The numbers of real model-quality runs, recomputed from their rows."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from driftkit.comparison.classification import Cells, binary_metrics
from driftkit.formats.model_quality import statistics as model_quality_statistics
from driftkit.formats.model_quality.problems import OPERATORS, Problem
from driftkit.formats.model_quality.statistics import Metric, ModelStatistics
from driftkit.monitors.model_quality.checks import check, suggest
from driftkit.monitors.model_quality.description import Described, describe
from driftkit.states.quality.curves import Curves
from driftkit.states.quality.fold import Observed, fold
from driftkit.states.quality.rank_sums import RankSums
from driftkit.states.quality.score_levels import CurvePart, Levels
from driftkit.states.quality.state import QualityRequest

Golden = Callable[[str], Path]
SDK = "sdk/tests/data/pipeline/quality_check_step/model_quality"
RUNS = ("68aeb37e9", "d20140ed1", "ecee0a652")
# The third is of December 2020, whose images knew the wrong constant classifier and curves.
SOUND = RUNS[:2]
BINARY = QualityRequest(problem=Problem.BINARY)


def _columns(path: Path) -> dict[str, list[str]]:
    rows = list(csv.DictReader(path.read_text().splitlines()))
    return {name: [row[name] for row in rows] for name in rows[0]}


def _churn(golden: Golden, dialect: str) -> Described:
    columns = _columns(golden("churn-model-quality/validation_with_predictions.csv"))
    rows = Observed(
        labels=pa.chunked_array([columns["label"]]),
        predictions=pa.chunked_array([columns["prediction"]]),
        probabilities=pa.chunked_array([columns["probability"]]),
    )
    state = fold(rows, BINARY)
    points = CurvePart.from_levels(Levels.from_scores(state.scores))
    curves = Curves.from_sums(
        RankSums.from_scores(state.scores), points, trapezoids=dialect == "aws"
    )
    return describe(state, BINARY, curves=curves, dialect=dialect)


def _runs(golden: Golden) -> Any:
    path = golden("churn-model-quality/aws_model_quality_churn_runs.json")
    return json.loads(path.read_text())


@pytest.mark.parametrize("run", SOUND)
def test_the_printed_baseline_of_churn(golden: Golden, run: str) -> None:
    statistics = _churn(golden, "aws").statistics.to_dict()["binary_classification_metrics"]

    for line in _runs(golden)["runs"][run]["baseline_statistics_text"]:
        place, _, text = line.rpartition("  ")
        if place.endswith(".value") or place.startswith("confusion"):
            step, _, rest = place.strip().partition(".")
            found = statistics[step]
            for key in rest.split("."):
                found = found[key]
            assert found == pytest.approx(float(text), abs=6e-7), place


def test_the_auc_of_churn_to_the_last_digit(golden: Golden) -> None:
    described = _churn(golden, "aws").statistics

    assert described.metrics["auc"].value == 0.9395127993393898
    assert described.matrix == {"0": {"0": 173, "1": 0}, "1": {"0": 12, "1": 16}}
    assert len(described.curves["receiver_operating_characteristic_curve"][0]) == 203
    assert len(described.curves["precision_recall_curve"][0]) == 202


def test_the_auc_of_churn_is_correctly_rounded_in_textbook(golden: Golden) -> None:
    # 4,551 of 28 * 173 pairs are won, and none is tied.
    assert _churn(golden, "textbook").statistics.metrics["auc"].value == 4551 / (28 * 173)


@pytest.mark.parametrize(
    ("metric", "printed"),
    [("recall", 0.04), ("accuracy", 0.0084), ("auc", 0.0105), ("f1", 0.032)],
)
def test_deviations_of_churn_are_of_the_printed_size(
    golden: Golden, metric: str, printed: float
) -> None:
    deviation = _churn(golden, "aws").statistics.metrics[metric].standard_deviation

    # Five random samples know a deviation to a factor of about two.
    assert deviation is not None
    assert printed / 2.6 < deviation < printed * 2.6


@pytest.mark.parametrize("run", SOUND)
def test_the_constraints_of_churn(golden: Golden, run: str) -> None:
    bounds = suggest(_churn(golden, "aws").statistics)

    printed = [line.split() for line in _runs(golden)["runs"][run]["constraints_text"]][1:]
    assert [(n, b.comparison_operator) for n, b in bounds.metrics.items()] == [
        (name, operator) for name, _, operator in printed
    ]
    assert [b.threshold for b in bounds.metrics.values()] == pytest.approx(
        [float(threshold) for _, threshold, _ in printed], abs=6e-7
    )


_SENTENCE = re.compile(
    r"Metric (\w+) with (\S+)(?: \+/- (\S+))? was (Less|Greater)ThanThreshold '(\S+)'"
)


@pytest.mark.parametrize("run", RUNS)
def test_the_violations_of_churn(golden: Golden, run: str) -> None:
    """From the counts of the window, and the printed AUC and deviations."""
    runs = _runs(golden)
    sentences = [
        line.partition("Metric ")[2].rstrip()
        for line in runs["runs"][run]["violations_text"]
        if "Metric " in line
    ]
    printed = {f"Metric {sentence}" for sentence in sentences}
    parts = {m[1]: m for sentence in printed if (m := _SENTENCE.match(sentence))}
    counts = {name.lower(): rows for name, rows in runs["monitored_counts"][run].items()}
    values = binary_metrics(Cells(**counts))
    if "auc" in parts:
        values["auc"] = float(parts["auc"][2])
    window = ModelStatistics(
        problem=Problem.BINARY,
        item_count=sum(counts.values()),
        metrics={
            name: Metric(value=value, standard_deviation=_deviation(parts, name))
            for name, value in values.items()
        },
    )

    outcome = check(window, suggest(_churn(golden, "aws").statistics), dialect="aws")

    assert {violation.description for violation in outcome.violations} == printed
    assert {violation.metric_name for violation in outcome.violations} == set(parts)


def _deviation(parts: dict[str, re.Match[str]], name: str) -> float:
    head, *rest = name.split("_")
    camel = head + "".join(word.title() for word in rest)
    match = parts.get(camel) or parts.get(name)
    return float(match[3]) if match and match[3] else float("nan")


@pytest.mark.parametrize("dialect", ["aws", "textbook"])
def test_only_textbook_reports_f0_5(golden: Golden, dialect: str) -> None:
    counts = {name.lower(): n for name, n in _runs(golden)["monitored_counts"][RUNS[0]].items()}
    metrics = {n: Metric(value=v) for n, v in binary_metrics(Cells(**counts)).items()}
    window = ModelStatistics(problem=Problem.BINARY, item_count=1817, metrics=metrics)

    outcome = check(window, suggest(_churn(golden, dialect).statistics), dialect=dialect)

    reported = "f0_5" in {violation.metric_name for violation in outcome.violations}
    assert reported is (dialect == "textbook")
    assert list(map(str, outcome.skipped)) == ["auc: the window has no probabilities"]


@pytest.mark.parametrize(("dialect", "exact"), [("aws", True), ("textbook", False)])
def test_the_regression_of_the_sdk(golden: Golden, dialect: str, *, exact: bool) -> None:
    columns = _columns(golden(f"{SDK}/baseline_dataset.csv"))
    labels = pa.chunked_array([columns["Label"]])
    predictions = pa.chunked_array([columns["Prediction"]])
    judging = QualityRequest(problem=Problem.REGRESSION)
    state = fold(Observed(labels=labels, predictions=predictions), judging)

    found = describe(state, judging, dialect=dialect).statistics

    written = model_quality_statistics.read_file(golden(f"{SDK}/statistics.json"))
    names = tuple(OPERATORS[Problem.REGRESSION])
    values = {name: found.metrics[name].value for name in names}
    real = {name: written.metrics[name].value for name in names}
    assert (values == real) is exact
    assert {**values, "r2": 0} == {**real, "r2": 0}
    assert values["r2"] == (real["r2"] if exact else pytest.approx(-0.3351, abs=1e-4))
    assert all(np.isnan(metric.standard_deviation or 0) for metric in found.metrics.values())

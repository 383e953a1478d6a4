"""The churn tutorial's baseline and monitoring run: printed figures and 60 violations.

The endpoint's captures were not published. The tutorial sends the first rows of a file and then
the whole file over and over; its first row holds fractions where all others hold integers, and
7 of the run's 1,977 records were this row. The endpoint's answers, fractions, come first.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.columns.chunk import Column
from driftkit.dialects import AWS
from driftkit.monitors.data_quality.checks.evidence import Evidence
from driftkit.monitors.data_quality.checks.table import check
from driftkit.monitors.data_quality.description import describe
from driftkit.monitors.data_quality.suggestion import suggest
from driftkit.states.profile.table import FoldOptions, fold
from tests.golden.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from driftkit.formats.statistics import Statistics
    from driftkit.states.partitions.partition import TableState

    Golden = Callable[[str], Path]

FOLDER = "churn-data-quality"
FIRST_SENT, TIMES_SENT, LAST_SENT = 180, 5, 127


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def profiled(names: Sequence[str], rows: Sequence[Sequence[str]]) -> TableState:
    columns = [Column(name=name) for name in names]
    return fold(columns, [Rows(rows=rows)], FoldOptions(row_order=True))


@pytest.fixture(scope="module")
def training(golden: Golden) -> TableState:
    names, *rows = read(golden(f"{FOLDER}/training-dataset-with-header.csv"))
    return profiled(names, rows)


@pytest.fixture(scope="module")
def baseline(training: TableState) -> Statistics:
    return describe(training)


@pytest.fixture(scope="module")
def window(golden: Golden, training: TableState) -> TableState:
    rows = read(golden(f"{FOLDER}/test-dataset-input-cols.csv"))
    sent = rows[:FIRST_SENT] + rows * TIMES_SENT + rows[:LAST_SENT]
    answered = [[f"0.{1000 + i}", *row] for i, row in enumerate(sent)]
    return profiled([column.name for column in training.columns], answered)


@pytest.fixture(scope="module")
def figures(golden: Golden) -> dict[str, Any]:
    text = golden(f"{FOLDER}/churn_data_quality_golden.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def test_the_baseline_has_the_printed_figures(
    baseline: Statistics, figures: dict[str, Any]
) -> None:
    printed = figures["first_10_features"]
    bounds = figures["first_bucket_upper_bound"]

    for feature in baseline.features[: len(printed)]:
        numbers = feature.numerical
        assert numbers is not None
        assert numbers.kll is not None
        type_, present, missing, mean, total, deviation, low, high = printed[feature.name]
        counts = (feature.inferred_type, numbers.num_present, numbers.num_missing)
        assert counts == (type_, present, missing)
        assert (numbers.min, numbers.max) == (low, high)
        assert numbers.mean == pytest.approx(mean, abs=5e-7)
        assert numbers.sum == pytest.approx(total, abs=0.05)
        assert numbers.std_dev == pytest.approx(deviation, abs=5e-7)
        assert numbers.kll.buckets[0].upper_bound == pytest.approx(bounds[feature.name], abs=5e-7)


def test_the_baseline_is_complete_and_not_negative(baseline: Statistics) -> None:
    constraints = suggest(baseline)

    first_ten = constraints.features[:10]
    assert {(each.completeness, each.is_non_negative) for each in first_ten} == {(1.0, True)}


def test_the_run_has_the_60_violations_of_aws(
    baseline: Statistics,
    window: TableState,
    figures: dict[str, Any],
) -> None:
    evidence = Evidence(
        statistics=describe(window),
        type_counts={column.name: column.types.by_type() for column in window.columns},
        value_counts={},
    )

    outcome = check(evidence, suggest(baseline), baseline, AWS)

    run = figures["monitoring_run"]
    features = [violation.feature_name for violation in outcome.violations]
    assert window.rows == run["records_in_window"]
    assert len(features) == len(set(features)) == run["violations"]
    assert {each.constraint_check_type for each in outcome.violations} == {"data_type_check"}
    assert {each.description for each in outcome.violations if each.feature_name == "Churn"} == {
        run["description_churn"]
    }
    assert {each.description for each in outcome.violations if each.feature_name != "Churn"} == {
        run["description_feature"]
    }
    assert outcome.skipped == ()


def test_the_findings_name_the_rows_that_differ(baseline: Statistics, window: TableState) -> None:
    evidence = Evidence(
        statistics=describe(window),
        type_counts={column.name: column.types.by_type() for column in window.columns},
    )

    outcome = check(evidence, suggest(baseline), baseline, AWS)

    causes = {
        violation.feature_name: finding.cause
        for violation, finding in zip(outcome.violations, outcome.findings, strict=True)
    }
    assert causes["Churn"] == "All 1,977 values are Fractional."
    assert causes["State_AK"] == "Of 1,977 values, 7 Fractional."

"""Baselines and reports of all monitors keep one contract: files, tables, metrics, findings."""

from __future__ import annotations

import json
import math
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from driftkit import attribution, bias, data_quality, model_quality
from driftkit.monitors.attribution.results import AttributionResult
from driftkit.monitors.bias.results import BiasResult
from driftkit.monitors.data_quality.results import MonitoringResult
from driftkit.monitors.model_quality.results import ModelResult
from driftkit.monitors.reports import read_report
from driftkit.results.verdicts import CHECKS
from tests.monitors.attribution.data import CONFIG, rows
from tests.monitors.bias.tables import configuration, flights_table
from tests.monitors.calls import BINARY, model, normal
from tests.monitors.test_baselines_given import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from driftkit.results.contract import Baseline, Metric, Report

RESULTS: dict[str, type[Any]] = {
    "data_quality": MonitoringResult,
    "model_quality": ModelResult,
    "bias": BiasResult,
    "attribution": AttributionResult,
}
MONITORS: dict[str, Callable[[Any, Any], Any]] = {
    "data_quality": data_quality.monitor,
    "model_quality": lambda data, given: model_quality.monitor(data, given, **BINARY),
    "bias": lambda data, given: bias.monitor(data, given, analysis_config=configuration()),
    "attribution": lambda data, given: attribution.monitor(
        data, given, model, analysis_config=CONFIG
    ),
}
VIOLATIONS = {
    "data_quality": (
        *("feature_name", "constraint_check_type", "severity", "expected", "observed", "cause"),
        "description",
    ),
    "model_quality": (
        *("metric", "constraint_check_type", "value", "interval", "baseline", "allowed"),
        "description",
    ),
    "bias": (
        *("facet", "facet_value", "metric", "baseline", "current", "allowed", "interval"),
        "description",
    ),
    "attribution": ("label", "ndcg", "interval", "description"),
}
STATISTICS = {
    "data_quality": (
        *("feature_name", "inferred_type", "num_present", "num_missing", "completeness", "mean"),
        *("sum", "std_dev", "min", "max", "distinct", "skewness", "most_frequent"),
    ),
    "model_quality": ("metric", "value", "low", "high", "standard_deviation"),
    "bias": (
        *("stage", "facet", "value", "rows", "metric", "current", "lower", "upper"),
        *("detectable", "note"),
    ),
    "attribution": ("label", "feature", "value", "lower", "upper"),
}
COMPARED = {
    "data_quality": (
        *STATISTICS["data_quality"],
        *("distance", "method", "threshold", "violated"),
    ),
    "model_quality": (
        *STATISTICS["model_quality"],
        *("baseline", "threshold", "violated", "beyond_noise"),
    ),
    "bias": (*STATISTICS["bias"], "baseline", "allowed", "violated"),
    "attribution": (
        *("label", "feature", "baseline", "current", "baseline_rank", "current_rank"),
        "share_moved",
    ),
}
every_monitor = pytest.mark.parametrize("monitor", MONITORS)


def ordinary(monitor: str) -> Any:
    """The rows of the baseline, in which nothing is wrong."""
    return rows(50) if monitor == "attribution" else flights_table(300)


def strange(monitor: str) -> Any:
    """Rows in which something is."""
    if monitor == "attribution":
        table = rows(50)
        return table.assign(c=table["c"] * 500)
    return flights_table(300, seed=5, against=0.4).assign(
        distance=lambda each: each.distance * 3, predicted=lambda each: 1 - each.predicted
    )


@cache
def reported(monitor: str, case: str) -> Any:
    data = strange(monitor) if case == "violated" else ordinary(monitor)
    return MONITORS[monitor](data, normal(monitor))


both = pytest.mark.parametrize("case", ["ordinary", "violated"])


@both
@every_monitor
def test_a_report_that_is_read_is_the_one_that_was_written(
    monitor: str, case: str, tmp_path: Path
) -> None:
    report = reported(monitor, case)
    assert bool(report.findings) is (case == "violated")

    written = report.write(tmp_path)
    again = RESULTS[monitor].read(tmp_path)

    assert told(again) == told(report)
    assert again.files.keys() <= {path.name for path in written}
    assert [each.message for each in again.findings] == [each.message for each in report.findings]
    again.write(tmp_path / "again")
    for path in written:
        if path.name in again.files:
            assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


@both
@every_monitor
def test_a_report_that_is_read_beside_its_baseline_says_what_it_said(
    monitor: str, case: str, tmp_path: Path
) -> None:
    report = reported(monitor, case)
    report.write(tmp_path / "run")
    normal(monitor).write(tmp_path / "baseline")

    again = read_report(tmp_path / "run", tmp_path / "baseline")

    judged = _judged(report)
    assert any(violated is not None for *_, violated in judged)
    assert _judged(again) == judged
    assert [(each.expected, each.cause) for each in again.findings] == (
        [(each.expected, each.cause) for each in report.findings]
    )
    assert sorted(map(str, again.skipped)) == sorted(map(str, report.skipped))


def _judged(report: Report) -> list[tuple[object, ...]]:
    """What a report says of each metric beside its baseline, but for skewness, which files lack."""
    return [
        (
            each.name,
            each.feature,
            _nine(each.baseline),
            *map(_nine, each.allowed or ()),
            each.violated,
        )
        for each in report.metrics()
        if each.name != "skewness"
    ]


def _nine(number: float | None) -> str | None:
    return None if number is None else f"{number:.9g}"


@every_monitor
def test_a_baseline_that_is_read_is_the_one_that_was_written(monitor: str, tmp_path: Path) -> None:
    baseline = normal(monitor)

    baseline.write(tmp_path)
    again = type(baseline).read(tmp_path)

    assert told(again) == told(baseline)
    table = baseline.statistics_table().drop(columns="skewness", errors="ignore")
    assert again.statistics_table().equals(table)
    assert again.metrics() == [each for each in baseline.metrics() if each.name != "skewness"]


@both
@every_monitor
def test_a_result_its_folder_and_what_is_read_of_it_are_one_baseline(
    monitor: str, case: str, tmp_path: Path
) -> None:
    report = reported(monitor, case)
    report.write(tmp_path)

    found = [
        told(MONITORS[monitor](strange(monitor), given))
        for given in (report, tmp_path, str(tmp_path), RESULTS[monitor].read(tmp_path))
    ]

    assert found == [found[0]] * 4


@both
@every_monitor
def test_tables_have_the_documented_columns(monitor: str, case: str, tmp_path: Path) -> None:
    report = reported(monitor, case)
    report.write(tmp_path)

    for each in (report, RESULTS[monitor].read(tmp_path)):
        assert tuple(each.violations_table().columns) == VIOLATIONS[monitor]
        assert len(each.violations_table()) == len(each.findings)
    assert tuple(report.statistics_table().columns) == COMPARED[monitor]
    assert tuple(normal(monitor).statistics_table().columns) == STATISTICS[monitor]


@both
@every_monitor
def test_every_column_has_its_distance(monitor: str, case: str) -> None:
    report = reported(monitor, case)
    table = report.statistics_table()

    moved = {
        "data_quality": "distance",
        "model_quality": "baseline",
        "bias": "baseline",
        "attribution": "share_moved",
    }[monitor]
    assert table[moved].notna().any()
    if monitor == "data_quality":
        numbers = table[table.inferred_type.isin(["Integral", "Fractional"])]
        assert numbers.distance.notna().all()
    assert any(each.violated for each in report.metrics()) is (case == "violated")


def _numbers(value: Any) -> Iterator[float]:
    """Every number in a document."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _numbers(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _numbers(each)
    elif (isinstance(value, int | float) and not isinstance(value, bool)) or value in {
        "Infinity",
        "-Infinity",
    }:
        yield float(value)


@both
@every_monitor
def test_metrics_are_the_numbers_of_the_files(monitor: str, case: str, tmp_path: Path) -> None:
    report: Report = reported(monitor, case)
    report.write(tmp_path)
    known = {
        number
        for name in report.files
        for number in _numbers(json.loads((tmp_path / name).read_text()))
    }

    metrics = [each for each in report.metrics() if each.group != "drift"]

    assert metrics
    for each in metrics:
        if each.name in {"completeness", "skewness"}:
            continue
        if each.value is None or math.isnan(each.value):
            continue
        assert each.value in known, each


@every_monitor
def test_metrics_have_a_key_of_their_own(monitor: str) -> None:
    def key(metric: Metric) -> tuple[Any, ...]:
        names = (metric.group, metric.name, metric.feature, metric.segment)
        return (*names, *sorted(metric.dimensions.items()))

    for each in (normal(monitor), reported(monitor, "violated")):
        keys = [key(metric) for metric in each.metrics()]
        assert len(set(keys)) == len(keys)


@every_monitor
def test_findings_carry_what_the_file_says_and_the_numbers_behind_it(monitor: str) -> None:
    report: Report = reported(monitor, "violated")

    violations = report.files["constraint_violations.json"]["violations"]

    # Alarms of drift are in drift.json; violations that say the same stand beside them.
    told = [one for each in report.findings for one in (each, *each.also)]
    of_file = [(each.check, each.message) for each in told if each.check not in CHECKS]
    assert sorted(of_file) == sorted(
        (each["constraint_check_type"], each["description"]) for each in violations
    )
    for each in report.findings:
        assert all((each.expected, each.observed, each.cause))
        if each.metric is not None:
            assert each.value is not None
            assert each.allowed is not None
            low, high = each.allowed
            assert not low <= each.value <= high


@every_monitor
def test_a_run_says_what_ran(monitor: str) -> None:
    for each in (normal(monitor), reported(monitor, "ordinary")):
        run = each.run
        assert (run.monitor, run.dialect) == (monitor, "textbook")
        assert run.inputs
        assert run.rows
        assert each.notes()[0] == run.lines()[0]


@every_monitor
def test_notebooks_show_the_same_parts(monitor: str) -> None:
    baseline: Baseline = normal(monitor)
    shown = {
        "<h4>Baseline</h4>": (baseline, 1),
        "<h4>No violations</h4>": (reported(monitor, "ordinary"), 1),
        f"<h4>{len(reported(monitor, 'violated').findings)} violation": (
            reported(monitor, "violated"),
            2,
        ),
    }

    for heading, (each, tables) in shown.items():
        page = each._repr_html_()
        assert page.startswith(heading)
        assert page.count('class="dataframe"') == tables
        assert each.notes()[0] in page

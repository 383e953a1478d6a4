"""What is known of columns as rows: a profile of each, and its drift from the baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.formats import drift as drift_file
from driftkit.formats.statistics import NAME, Statistics
from driftkit.results.slices import slice_of
from driftkit.store.rounding import rounded_quantiles
from driftkit.store.schema import WHOLE_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from driftkit.formats.drift import Drift, Verdict
    from driftkit.formats.statistics import FeatureStatistics
    from driftkit.results.contract import Metric
    from driftkit.results.facts import Facts

    Row = dict[str, Any]
    Numbers = dict[str, Metric]

ROWS = "rows"
# Name of a metric -> its column; all others go to the table of metrics.
PROFILE = {
    "num_present": "count",
    "num_missing": "num_nulls",
    "mean": "avg",
    "std_dev": "stddev",
    "min": "min",
    "max": "max",
    "sum": "sum",
    "distinct": "distinct_count",
}
_DERIVED = "completeness"
# What was judged -> its column; of distances the method says it.
METHODS = {
    "Robust": "robust_distance",
    "Simple": "simple_distance",
    "LInfinity": "l_infinity_distance",
    "JensenShannon": "js_distance",
    "PSI": "population_stability_index",
    "Wasserstein": "wasserstein_normed",
    "Hellinger": "hellinger_distance",
    "TotalVariation": "tv_distance",
    "KolmogorovSmirnov": "ks_statistic",
}
TESTS = {"p_value": "chi_squared_pvalue", "chi_squared": "chi_squared_statistic"}
_ADDED, _MISSING = "extra_column_check", "missing_column_check"
_QUANTILES = np.linspace(0.0, 1.0, 21)
_FREQUENT = 20


def is_profiled(metric: Metric) -> bool:
    """Whether the table of profiles has the metric's value."""
    if metric.group != "profile" or metric.segment is not None:
        return False
    return metric.name == ROWS if metric.feature is None else metric.name in {*PROFILE, _DERIVED}


def measured_columns(files: Mapping[str, Any]) -> dict[str, FeatureStatistics]:
    """Column -> its statistics, where the window's file has some."""
    document = files.get(NAME)
    if document is None or "features" not in document:
        return {}
    return {each.name: each for each in Statistics.read(document).features}


def profile_rows(facts: Facts, measured: Mapping[str, FeatureStatistics]) -> Iterator[Row]:
    """A row for each column, after that of the whole table; none where nothing was profiled.

    Args:
        facts: of the run.
        measured: its columns by `measured_columns`.
    """
    features = _profiles(facts)
    if not features:
        return
    # As Databricks has it: the columns with at least one value.
    filled = [name for name, of in features.items() if _value(of, "num_present")]
    yield {"column_name": WHOLE_TABLE, "count": facts.rows, "non_null_columns": filled}
    for name, numbers in features.items():
        found = measured.get(name)
        yield {
            "column_name": name,
            **{column: _value(numbers, metric) for metric, column in PROFILE.items()},
            **_percents(numbers),
            **({} if found is None else _described(found)),
        }


def drift_rows(facts: Facts, measured: Mapping[str, FeatureStatistics]) -> Iterator[Row]:
    """A row for each column and slice that was compared; the arguments are those of `profile_rows`."""
    profiles = _profiles(facts)
    drift = _drift(facts)
    verdicts = {each.feature: each for each in drift.features} if drift else {}
    distances: dict[tuple[str, str | None], Metric] = {
        (each.feature, each.segment): each
        for each in facts.metrics
        if each.group == "drift" and each.feature is not None
    }
    compared = {name: of for name, of in profiles.items() if _has_baseline(of.values())}
    if not distances and not compared and not verdicts:
        return
    yield {**_whole(facts), **_calibration(drift)}
    keys = dict.fromkeys([*((name, None) for name in (*compared, *verdicts)), *distances])
    for name, segment in keys:
        deltas = _deltas(compared[name]) if segment is None and name in compared else {}
        yield {
            **_drift_key(segment, facts.baseline_digest),
            "column_name": name,
            "data_type": measured[name].inferred_type if name in measured else None,
            **deltas,
            **_judged(distances.get((name, segment))),
            **_verdict(verdicts.get(name) if segment is None else None),
        }


def _profiles(facts: Facts) -> dict[str, Numbers]:
    """Column -> name -> metric."""
    found: dict[str, Numbers] = {}
    for each in facts.metrics:
        if each.feature is not None and is_profiled(each):
            found.setdefault(each.feature, {})[each.name] = each
    return found


def _described(feature: FeatureStatistics) -> Row:
    """What is no single number."""
    spread = feature.sketched()
    listed = (feature.string.categories if feature.string else None) or ()
    most = sorted(listed, key=lambda each: (-each.count, each.value))[:_FREQUENT]
    row: Row = {"data_type": feature.inferred_type}
    if most:
        row["frequent_items"] = [(each.value, each.count) for each in most]
    if spread is not None:
        row["quantiles"] = rounded_quantiles(spread.quantiles(_QUANTILES).tolist())
        row["median"] = spread.median
    return row


def _value(numbers: Numbers, name: str, *, of_baseline: bool = False) -> float | None:
    metric = numbers.get(name)
    if metric is None:
        return None
    return metric.baseline if of_baseline else metric.value


def _percents(numbers: Numbers, *, of_baseline: bool = False) -> dict[str, float | None]:
    """Of 100: missing values of all, different values of those that are there."""
    present, missing, distinct = (
        _value(numbers, name, of_baseline=of_baseline)
        for name in ("num_present", "num_missing", "distinct")
    )
    return {
        "percent_null": _percent(missing, (present or 0.0) + (missing or 0.0)),
        "percent_distinct": _percent(distinct, present),
    }


def _percent(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else 100.0 * part / whole


def _has_baseline(metrics: Iterable[Metric]) -> bool:
    return any(each.baseline is not None for each in metrics)


def _deltas(numbers: Numbers) -> Row:
    now, before = _percents(numbers), _percents(numbers, of_baseline=True)
    return {
        "count_delta": _delta(numbers, "num_present"),
        "avg_delta": _delta(numbers, "mean"),
        **{f"{name}_delta": _difference(now[name], before[name]) for name in now},
    }


def _delta(numbers: Numbers, name: str) -> float | None:
    return _difference(_value(numbers, name), _value(numbers, name, of_baseline=True))


def _difference(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before


def _whole(facts: Facts) -> Row:
    rows = {each.name: each for each in facts.metrics if each.feature is None and is_profiled(each)}
    checks = [each.check for each in facts.findings if each.segment is None]
    return {
        **_drift_key(None, facts.baseline_digest),
        "column_name": WHOLE_TABLE,
        "count_delta": _delta(rows, ROWS),
        "columns_added": checks.count(_ADDED),
        "columns_missing": checks.count(_MISSING),
    }


def _drift_key(segment: str | None, baseline: str) -> Row:
    key, value = slice_of(segment)
    return {
        "slice_key": key,
        "slice_value": value,
        "drift_type": "BASELINE",
        "baseline_id": baseline or None,
    }


def _drift(facts: Facts) -> Drift | None:
    document = facts.files.get(drift_file.NAME)
    return None if document is None else drift_file.read(document)


def _calibration(drift: Drift | None) -> Row:
    """Of the whole table, whether the reference's days are known well enough, and why."""
    return (
        {} if drift is None else {"drift_verdict": drift.calibration, "reason": drift.explanation}
    )


def _verdict(verdict: Verdict | None) -> Row:
    if verdict is None:
        return {}
    return {
        "drift_verdict": verdict.verdict,
        "drift_alarm": verdict.alarm,
        "drift_kind": verdict.kind or None,
        "drift_effect": verdict.effect,
        "drift_since": verdict.since,
        "drift_windows": verdict.windows,
    }


def _judged(metric: Metric | None) -> Row:
    """The distance or test of which it was judged whether the column has moved."""
    if metric is None:
        return {}
    method = metric.dimensions.get("method", "")
    column = TESTS.get(metric.name) or METHODS.get(method)
    return {
        **({column: metric.value} if column else {}),
        "metric_name": metric.name,
        "distance": metric.value,
        "distance_method": method,
        "distance_lower": metric.lower,
        "distance_upper": metric.upper,
        "threshold": metric.threshold,
        "violated": metric.violated,
        "reason": metric.reason,
    }

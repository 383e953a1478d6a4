"""Views that have the names and types of Databricks' two tables of metrics, for DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.store.sql import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

_WINDOW = 'struct_pack("start" := window_start, "end" := window_end) as "window"'
_COMPARED = 'struct_pack("start" := window_cmp_start, "end" := window_cmp_end) as window_cmp'
_SLICE = ("granularity", "slice_key", "slice_value", "column_name")


def views(prefix: str) -> dict[str, str]:
    """Name -> query of the views `databricks_profile_metrics` and `databricks_drift_metrics`.

    Args:
        prefix: of the names of driftkit's tables.
    """
    return {
        "databricks_profile_metrics": _select(_profile(), f"{prefix}profile_metrics_latest"),
        "databricks_drift_metrics": _select(_drift(), f"{prefix}drift_metrics_latest"),
    }


def _select(columns: Iterable[str], source: str) -> str:
    return f"select {', '.join(columns)} from {source}"


def _profile() -> list[str]:
    before = ("count", "data_type", "num_nulls", "avg", "quantiles", "min", "max", "stddev")
    after = (
        *("num_zeros", "num_nan", "min_length", "max_length", "avg_length", "non_null_columns"),
        *("frequent_items", "median", "distinct_count", "percent_nan", "percent_null"),
        *("percent_zeros", "percent_distinct"),
    )
    return [
        _WINDOW,
        "'INPUT' as log_type",
        "null::integer as logging_table_commit_version",
        "0::bigint as monitor_version",
        *map(quoted, (*_SLICE, *before, *after)),
    ]


def _drift() -> list[str]:
    deltas = ("count_delta", "avg_delta", "percent_null_delta", "percent_zeros_delta")
    return [
        _WINDOW,
        "granularity",
        "0::bigint as monitor_version",
        *map(quoted, (*_SLICE[1:], "data_type")),
        _COMPARED,
        *map(quoted, ("drift_type", *deltas, "percent_distinct_delta")),
        "struct_pack(added := columns_added, missing := columns_missing) as non_null_columns_delta",
        "js_distance",
        _test("ks", "ks_test"),
        "wasserstein_distance",
        "population_stability_index",
        _test("chi_squared", "chi_squared_test"),
        "tv_distance",
        "l_infinity_distance",
    ]


def _test(name: str, struct: str) -> str:
    return f"struct_pack(statistic := {name}_statistic, pvalue := {name}_pvalue) as {struct}"

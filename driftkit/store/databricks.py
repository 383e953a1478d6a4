"""Views that have the names and types of Databricks' two tables of metrics, for DuckDB and Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.store.sql import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    # An expression that makes a struct of others by their names.
    Struct = Callable[[Mapping[str, str]], str]

_SLICE = ("granularity", "slice_key", "slice_value", "column_name")


def struct_pack(members: Mapping[str, str]) -> str:
    """A struct as DuckDB makes it."""
    return f"struct_pack({', '.join(f'{quoted(name)} := {of}' for name, of in members.items())})"


def named_struct(members: Mapping[str, str]) -> str:
    """A struct as Spark makes it."""
    return f"named_struct({', '.join(f'{literal(name)}, {of}' for name, of in members.items())})"


def views(prefix: str, struct: Struct = struct_pack) -> dict[str, str]:
    """Name -> query of the views `databricks_profile_metrics` and `databricks_drift_metrics`.

    Args:
        prefix: of the names of driftkit's tables.
        struct: makes a struct in the words of the engine.
    """
    return {
        "databricks_profile_metrics": _select(_profile(struct), f"{prefix}profile_metrics_latest"),
        "databricks_drift_metrics": _select(_drift(struct), f"{prefix}drift_metrics_latest"),
    }


def _select(columns: Iterable[str], source: str) -> str:
    return f"select {', '.join(columns)} from {source}"


def _window(struct: Struct, prefix: str) -> str:
    members = struct({"start": f"{prefix}_start", "end": f"{prefix}_end"})
    return f"{members} as {quoted(prefix)}"


def _profile(struct: Struct) -> list[str]:
    before = ("count", "data_type", "num_nulls", "avg", "quantiles", "min", "max", "stddev")
    after = (
        *("num_zeros", "num_nan", "min_length", "max_length", "avg_length", "non_null_columns"),
        *("frequent_items", "median", "distinct_count", "percent_nan", "percent_null"),
        *("percent_zeros", "percent_distinct"),
    )
    return [
        _window(struct, "window"),
        "'INPUT' as log_type",
        "cast(null as integer) as logging_table_commit_version",
        "cast(0 as bigint) as monitor_version",
        *map(quoted, (*_SLICE, *before, *after)),
    ]


def _drift(struct: Struct) -> list[str]:
    changed = struct({"added": "columns_added", "missing": "columns_missing"})
    deltas = ("count_delta", "avg_delta", "percent_null_delta", "percent_zeros_delta")
    return [
        _window(struct, "window"),
        "granularity",
        "cast(0 as bigint) as monitor_version",
        *map(quoted, (*_SLICE[1:], "data_type")),
        _window(struct, "window_cmp"),
        *map(quoted, ("drift_type", *deltas, "percent_distinct_delta")),
        f"{changed} as non_null_columns_delta",
        "js_distance",
        _test(struct, "ks", "ks_test"),
        "wasserstein_distance",
        "population_stability_index",
        _test(struct, "chi_squared", "chi_squared_test"),
        "tv_distance",
        "l_infinity_distance",
    ]


def _test(struct: Struct, name: str, said: str) -> str:
    return f"{struct({'statistic': f'{name}_statistic', 'pvalue': f'{name}_pvalue'})} as {said}"

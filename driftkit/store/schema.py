"""The tables of the metrics store: their columns with types, and the version of both."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

# Columns that can be NULL are added under a higher schema version, which earlier driftkits can
# read and write. What they could not would be another layout.
SCHEMA_VERSION = 7
LAYOUT = 2
# Those that are read, and written further in the last one.
KNOWN_LAYOUTS = frozenset({1, LAYOUT})
PREFIX = "driftkit_"
RUNS = "runs"
WHOLE_TABLE = ":table"

_TYPES: Mapping[str, pa.DataType] = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "int": pa.int32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "json": pa.string(),
    "double[]": pa.list_(pa.float64()),
    "string[]": pa.list_(pa.string()),
    "items": pa.list_(pa.struct([("item", pa.string()), ("count", pa.int64())])),
}
_SUBJECT = """
    run_id string!, model string!, variant string!, monitor string!, window_start timestamp!,
    window_end timestamp!, granularity string!
"""
_SLICE = "slice_key string, slice_value string"
_WRITTEN = "evaluated_at timestamp!, schema_version int!"
_KEY = f"{_SUBJECT}, {_SLICE}, {_WRITTEN}"
_DECLARED = {
    "profile_metrics": f"""{_KEY},
        column_name string!, data_type string, count bigint, num_nulls bigint,
        percent_null double, num_zeros bigint, percent_zeros double, num_nan bigint,
        percent_nan double, avg double, stddev double, min double, max double, median double,
        sum double, quantiles double[], distinct_count bigint, percent_distinct double,
        min_length double, max_length double, avg_length double, frequent_items items,
        type_counts json, non_null_columns string[]""",
    "drift_metrics": f"""{_KEY},
        column_name string!, data_type string, drift_type string!, window_cmp_start timestamp,
        window_cmp_end timestamp, baseline_id string, count_delta bigint, avg_delta double,
        percent_null_delta double, percent_zeros_delta double, percent_distinct_delta double,
        columns_added int, columns_missing int, robust_distance double, simple_distance double,
        l_infinity_distance double, js_distance double, population_stability_index double,
        wasserstein_distance double, wasserstein_normed double, hellinger_distance double,
        tv_distance double, ks_statistic double, ks_pvalue double, chi_squared_statistic double,
        chi_squared_pvalue double, distance double, distance_method string,
        distance_lower double, distance_upper double, threshold double, violated boolean,
        noise_floor double, metric_name string, reason string, drift_verdict string,
        drift_alarm boolean, drift_kind string, drift_effect double, drift_since timestamp,
        drift_windows int""",
    "metrics": f"""{_KEY},
        metric_group string!, metric_name string!, label string, facet string,
        facet_value string, feature string, value double, lower double, upper double,
        confidence double, std_dev double, n bigint, baseline_value double,
        baseline_lower double, baseline_upper double, threshold double,
        comparison_operator string, violated boolean, min_detectable double, reason string,
        allowed_lower double, allowed_upper double, dimensions json""",
    "distributions": f"""{_KEY},
        name string!, kind string!, side string!, x double[], x2 double[], labels string[],
        y double[], y_lower double[], y_upper double[], total bigint, about json""",
    "violations": f"""{_KEY},
        feature_name string, constraint_check_type string!, description string, expected string,
        observed string, cause string, severity double, metric_name string, value double,
        threshold double, facet string, facet_value string, label string, fingerprint string!,
        ordinal int!, baseline_value double, allowed_lower double, allowed_upper double,
        lower double, upper double, dimensions json, level string, together string[],
        also json""",
    "alert_events": """
        event_id string!, fingerprint string!, state string!, at timestamp!, run_id string!,
        model string!, variant string!, monitor string!, slice_key string, slice_value string,
        feature_name string, constraint_check_type string, first_seen timestamp, windows int,
        severity string, notified_sinks string[], judged string, judged_by string, note string,
        window_start timestamp, window_end timestamp, metric_name string, dimensions string,
        expected string, observed string, cause string, report_uri string, together string[]""",
    "deliveries": """
        sink string!, event_id string!, run_id string!, attempt int!, at timestamp!,
        status string!, http_status int, error string, next_at timestamp, receipt string""",
    "silences": """
        run_id string!, model string!, feature_name string!, constraint_check_type string!,
        fingerprint string!, until timestamp, at timestamp!""",
    # The last, so that a run whose row is there is there as a whole.
    RUNS: f"""{_SUBJECT}, {_WRITTEN},
        status string!, rows bigint, rows_rejected bigint, rejected_reasons json,
        label_coverage double, label_count bigint, input_digest string, baseline_digest string,
        settings_digest string, supersedes string, reason string!, engine string,
        seconds double, driftkit_version string, report_uri string, output_uri string,
        error string, tags json""",
}
# Tables in which rows tell of a run, each in the order in which they are written.
OF_RUNS = ("profile_metrics", "drift_metrics", "metrics", "distributions", "violations", RUNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table.

    Attributes:
        name: of the column.
        kind: its type: string, bigint, int, double, boolean, timestamp, json, double[], string[]
            or items (values with how often they occur).
        needed: whether it is never NULL.
    """

    name: str
    kind: str
    needed: bool


def _columns(declared: str) -> tuple[Column, ...]:
    words = (each.split() for each in declared.replace("\n", " ").split(","))
    return tuple(
        Column(name=name, kind=kind.rstrip("!"), needed=kind.endswith("!")) for name, kind in words
    )


TABLES: Mapping[str, tuple[Column, ...]] = {
    name: _columns(declared) for name, declared in _DECLARED.items()
}


@cache
def schema_of(table: str) -> pa.Schema:
    """The Arrow schema of a table."""
    return pa.schema(
        pa.field(each.name, _TYPES[each.kind], nullable=not each.needed) for each in TABLES[table]
    )


def table_of(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows as a table; what they do not say, and what is no number, is NULL.

    Args:
        name: of the table.
        rows: column -> value.
    """
    listed = list(rows)
    made = [
        pa.array(_values((each.get(of.name) for each in listed), of.kind), _TYPES[of.kind])
        for of in TABLES[name]
    ]
    return pa.Table.from_arrays(made, schema=schema_of(name))


def _values(values: Iterable[Any], kind: str) -> list[Any]:
    if kind.endswith("[]"):
        return [None if each is None else _values(each, kind[:-2]) for each in values]
    convert = _VALUES.get(kind)
    if convert is None:
        return list(values)
    return [None if each is None else convert(each) for each in values]


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _text(value: str) -> str:
    """A text that every engine takes: Postgres has no NUL, and UTF-8 no halves of characters."""
    return value.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _json(value: Any) -> str:
    # ASCII alone, so that halves of characters are written out too.
    return json.dumps(_finite(value), sort_keys=True).replace("\\u0000", "\\\\x00")


def _finite(value: Any) -> Any:
    """JSON has no NaN and no infinity."""
    if isinstance(value, dict):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _items(value: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"item": _text(item), "count": int(count)} for item, count in value]


_VALUES: Mapping[str, Callable[[Any], Any]] = {
    "string": _text,
    "double": _number,
    "bigint": int,
    "int": int,
    "json": _json,
    "items": _items,
}


def fitted(name: str, found: pa.Table) -> pa.Table:
    """A table that was read, with the columns that this driftkit knows and in their types.

    Args:
        name: of the table.
        found: as an earlier or later driftkit, or another program, has kept it.
    """
    schema = schema_of(name)
    columns = [
        found.column(field.name).cast(field.type)
        if field.name in found.column_names
        else pa.nulls(found.num_rows, field.type)
        for field in schema
    ]
    # What is never NULL where it is written is not trusted to be so.
    return pa.table(columns, names=schema.names)

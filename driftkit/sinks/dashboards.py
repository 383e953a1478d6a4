"""What Grafana's dashboards ask: Prometheus, or a metrics store in Postgres."""

# ruff: noqa: S608  (tables are constants, and Grafana quotes the variables)
from __future__ import annotations

from driftkit.sinks.grafana import STATUS, Dashboard, Panel, Variable

_OF = 'model="$model", variant=~"$variant", monitor=~"$monitor"'
_COLUMN = f'{_OF}, feature=~"$feature"'
_NOT_MEASURED, _NO_DATA, _VIOLATED = (
    f'max by (variant, monitor) (driftkit_status{{{_OF}, status="{name}"}})'
    for name in ("not_measured", "no_data", "violated")
)
_STATES = f"{_NOT_MEASURED} + 2 * {_NO_DATA} + 3 * {_VIOLATED}"
_USED = f"driftkit_drift_distance{{{_OF}}} / (driftkit_drift_threshold{{{_OF}}} > 0)"
PROMETHEUS = Dashboard(
    source="prometheus",
    variables=(
        Variable(name="model", query="label_values(driftkit_status, model)", several=False),
        *(
            Variable(name=name, query=f'label_values({gauge}{{model="$model"}}, {name})')
            for name, gauge in (
                ("variant", "driftkit_status"),
                ("monitor", "driftkit_status"),
                ("feature", "driftkit_drift_distance"),
            )
        ),
    ),
    panels=(
        Panel(
            title="Status",
            kind="state-timeline",
            queries={"{{monitor}} {{variant}}": _STATES},
            width=18,
            height=6,
            status=True,
        ),
        Panel(
            title="Seconds since the last run",
            kind="stat",
            queries={
                "{{monitor}} {{variant}}": "time() - max by (variant, monitor) "
                f"(driftkit_run_timestamp_seconds{{{_OF}}})"
            },
            width=6,
            height=6,
            now=True,
        ),
        Panel(
            title="Nearest to their thresholds",
            kind="bargauge",
            queries={"{{feature}} {{method}} {{segment}}": f"topk(20, {_USED})"},
            about="Distance divided by threshold: from 1 on it is drift.",
            now=True,
        ),
        Panel(
            title="Violations by check",
            kind="timeseries",
            queries={"{{check}}": f"sum by (check) (driftkit_violations{{{_OF}}})"},
        ),
        Panel(
            title="Distance and threshold",
            kind="timeseries",
            queries={
                "{{feature}} {{method}} {{segment}}": f"driftkit_drift_distance{{{_COLUMN}}}",
                "threshold of {{feature}}": f"driftkit_drift_threshold{{{_COLUMN}}}",
            },
            width=24,
        ),
        Panel(
            title="Quality",
            kind="timeseries",
            queries={
                "{{metric}}": f"driftkit_quality{{{_OF}}}",
                "{{metric}} lower": f"driftkit_quality_lower{{{_OF}}}",
                "{{metric}} upper": f"driftkit_quality_upper{{{_OF}}}",
                "{{metric}} baseline": f"driftkit_quality_baseline{{{_OF}}}",
            },
            width=24,
            about="With the ends of the intervals, and the baseline's values.",
            dashed=(".* lower", ".* upper"),
        ),
        Panel(
            title="Rows",
            kind="timeseries",
            queries={
                "{{monitor}}": f"driftkit_rows{{{_OF}}}",
                "{{monitor}} set aside": f"driftkit_rejected_rows{{{_OF}}}",
            },
        ),
        Panel(
            title="Firing alerts",
            kind="table",
            queries={"": 'ALERTS{alertname=~"Driftkit.*", alertstate="firing", model="$model"}'},
            about="Of the rules in docs/prometheus.",
            now=True,
        ),
    ),
)

_RUNS, _DRIFT = "driftkit_runs_latest", "driftkit_drift_metrics_latest"
_METRICS, _VIOLATIONS = "driftkit_metrics_latest", "driftkit_violations_latest"
_WHERE = (
    "$__timeFilter(window_end) and model = ${model:sqlstring} "
    "and variant in (${variant:sqlstring}) and monitor in (${monitor:sqlstring})"
)
_COLUMN_WHERE = f"{_WHERE} and column_name in (${{feature:sqlstring}})"
_QUALITY = f"{_WHERE} and metric_group = 'quality' and slice_key is null"
_CODE = " ".join(f"when '{name.replace(' ', '_')}' then {value}" for value, name, _ in STATUS)
_SEGMENT = "coalesce(slice_key || '=' || slice_value, '')"


def _series(table: str, name: str, value: str, where: str) -> str:
    """The query of one line for each name."""
    return (
        f"select window_end as time, {name} as metric, {value} as value from {table} "
        f"where {where} and {value} is not null order by 1"
    )


POSTGRES = Dashboard(
    source="postgres",
    variables=(
        Variable(
            name="model", query=f"select distinct model from {_RUNS} order by 1", several=False
        ),
        *(
            Variable(
                name=name,
                query=f"select distinct {known} from {table} "
                "where model = ${model:sqlstring} order by 1",
            )
            for name, known, table in (
                ("variant", "variant", _RUNS),
                ("monitor", "monitor", _RUNS),
                ("feature", "column_name", _DRIFT),
            )
        ),
    ),
    panels=(
        Panel(
            title="Status",
            kind="state-timeline",
            queries={
                "A": _series(_RUNS, "monitor || ' ' || variant", f"case status {_CODE} end", _WHERE)
            },
            width=24,
            height=6,
            status=True,
        ),
        Panel(
            title="Nearest to their thresholds",
            kind="table",
            queries={
                "A": f"select column_name, {_SEGMENT} as segment, distance_method, distance, "
                "distance_lower, distance_upper, threshold, violated, window_end "
                f"from {_DRIFT} where {_WHERE} and distance is not null and threshold > 0 "
                f"and window_end = (select max(window_end) from {_DRIFT} where {_WHERE}) "
                "order by distance / threshold desc limit 20"
            },
            now=True,
        ),
        Panel(
            title="Violations by check",
            kind="timeseries",
            queries={
                "A": "select window_end as time, constraint_check_type as metric, "
                f"count(*) as value from {_VIOLATIONS} where {_WHERE} group by 1, 2 order by 1"
            },
        ),
        Panel(
            title="Distance and threshold",
            kind="timeseries",
            queries={
                "A": _series(
                    _DRIFT, f"column_name || ' ' || {_SEGMENT}", "distance", _COLUMN_WHERE
                ),
                "B": _series(_DRIFT, "'threshold of ' || column_name", "threshold", _COLUMN_WHERE),
            },
            width=24,
        ),
        Panel(
            title="Quality",
            kind="timeseries",
            queries={
                "A": _series(_METRICS, "metric_name", "value", _QUALITY),
                "B": _series(_METRICS, "metric_name || ' lower'", "lower", _QUALITY),
                "C": _series(_METRICS, "metric_name || ' upper'", "upper", _QUALITY),
                "D": _series(_METRICS, "metric_name || ' baseline'", "baseline_value", _QUALITY),
            },
            width=24,
            about="With the ends of the intervals, and the baseline's values.",
            dashed=(".* lower", ".* upper"),
        ),
        Panel(
            title="Rows",
            kind="timeseries",
            queries={
                "A": _series(_RUNS, "monitor", "rows", _WHERE),
                "B": _series(_RUNS, "monitor || ' set aside'", "rows_rejected", _WHERE),
            },
        ),
        Panel(
            title="Violations of the last window",
            kind="table",
            queries={
                "A": "select monitor, feature_name, constraint_check_type, expected, observed, "
                f"cause, severity from {_VIOLATIONS} where {_WHERE} "
                f"and window_end = (select max(window_end) from {_VIOLATIONS} where {_WHERE}) "
                "order by severity desc nulls last limit 100"
            },
            now=True,
        ),
    ),
)
DASHBOARDS = {each.source: each for each in (PROMETHEUS, POSTGRES)}

"""`driftkit history`: what a metrics store knows of the last windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from driftkit.cli import options as o
from driftkit.report import terminal
from driftkit.report.speech import speech
from driftkit.results.verdicts import how_sure

if TYPE_CHECKING:
    from collections.abc import Mapping

Address = Annotated[
    str,
    typer.Argument(
        metavar="STORE",
        help="The metrics store: a folder or its URL, FILE.duckdb, delta:FOLDER, "
        "iceberg:CATALOG.NAMESPACE, or postgresql://USER@HOST/DATABASE.",
        show_default=False,
        envvar="DRIFTKIT_STORE",
    ),
]
Rows = Annotated[
    str,
    typer.Option(
        "--table",
        metavar="NAME",
        help="runs, profile_metrics, drift_metrics, metrics, distributions or violations.",
    ),
]
# What tells little on a terminal; --json has it.
_LEFT_OUT = {
    *("window_end", "granularity", "evaluated_at", "schema_version", "run_id", "seconds"),
    *("rejected_reasons", "input_digest", "baseline_digest", "settings_digest", "supersedes"),
    *("driftkit_version", "output_uri", "report_uri", "engine", "ordinal", "fingerprint"),
    *("baseline_id", "dimensions", "about", "description", "type_counts", "quantiles"),
    *("frequent_items", "x", "y", "y_lower", "y_upper", "allowed_lower", "allowed_upper"),
}


def history(
    store: Address,
    model: o.Model = None,
    monitor: o.OneMonitor = None,
    variant: o.OneVariant = None,
    table: Rows = "runs",
    last: o.Last = 90,
) -> None:
    """Show the last windows of models, from the latest run of each: status, numbers, violations."""
    # Only where it is asked for: the help reads no store.
    import orjson

    from driftkit.store.history import past_rows

    asked = {"model": model, "monitor": monitor, "variant": variant}
    rows = past_rows(store, table, last=last, **asked).to_pylist()
    if speech().as_json:
        # Times as texts, and NULL in place of infinity, which JSON has not.
        speech().results.extend(orjson.loads(orjson.dumps(rows)))
        return
    names = [
        name
        for name in (rows[0] if rows else {})
        if name not in _LEFT_OUT and any(row[name] not in {None, ""} for row in rows)
    ]
    terminal.show_rows(names, ([_cell(row, name) for name in names] for row in rows))
    terminal.say(f"{len(rows):,} rows")


def _cell(row: Mapping[str, Any], name: str) -> Any:
    """A value as people read it; a p-value of none is one that no float can tell from it."""
    is_p_value = name.endswith("pvalue") or (
        name == "value" and str(row.get("metric_name")).endswith("p_value")
    )
    value = row[name]
    return how_sure(value) if is_p_value and value is not None else _shown(value)


def _shown(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:%Y-%m-%d %H:%M}" if hasattr(value, "tzinfo") else value

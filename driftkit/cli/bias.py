"""`driftkit bias`: baseline, monitor."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import typer

import driftkit
from driftkit.cli import generating
from driftkit.cli import options as o
from driftkit.cli.running import VIOLATIONS_FOUND, hold, notes, say
from driftkit.errors import SettingsError
from driftkit.monitors.bias_settings import BiasSettings
from driftkit.report import terminal

if TYPE_CHECKING:
    from driftkit.monitors.bias_results import BiasBaseline, BiasResult

app = typer.Typer(
    help="Did the treatment of groups change? Clarify's bias metrics, and their drift.",
    no_args_is_help=True,
)

# One engine counts groups, and the configuration says what is predicted.
verb = partial(
    generating.verb,
    BiasSettings,
    without={"output_columns_position", "engine"},
    instead={"header": o.ConfiguredHeader},
)


@app.command("baseline")
@verb()
def baseline(
    inputs: o.Inputs,
    output: o.Output,
    analysis_config: o.AnalysisConfig,
    wait: o.Wait = 0.0,
    *,
    settings: dict[str, Any],
) -> None:
    """Measure the bias that is normal: analysis.json."""
    hold(output, wait)
    settings = _grouped(settings)
    with terminal.progress_bar("Measuring what is normal") as progress:
        result = driftkit.bias.baseline(
            inputs, analysis_config=analysis_config, progress=progress, **settings
        )
    say([*notes(result.run), *result.remarks])
    _show_metrics(result)
    terminal.out.print("Written:")
    terminal.show_files(result.write(output))


@app.command("monitor")
@verb()
def monitor(
    inputs: o.Inputs,
    output: o.Output,
    analysis_config: o.AnalysisConfig,
    baseline: o.BaselineAnalysis,
    fail_on_violations: o.FailOnViolations = False,
    wait: o.Wait = 0.0,
    *,
    settings: dict[str, Any],
) -> None:
    """Look at a window of data and write which metrics are worse than in the baseline."""
    hold(output, wait)
    settings = _grouped(settings)
    normal = driftkit.bias.BiasBaseline.read(baseline)
    with terminal.progress_bar("Looking at the window") as progress:
        result = driftkit.bias.monitor(
            inputs, normal, analysis_config=analysis_config, progress=progress, **settings
        )
    _finish(result, output, fail_on_violations=fail_on_violations)


def _grouped(settings: dict[str, Any]) -> dict[str, Any]:
    groups = settings.get("intersections") or ()
    return {**settings, "intersections": [_names(text) for text in groups]}


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if len(names) < 2:
        raise SettingsError(
            "an intersection is of several facets",
            where="--intersection",
            expected="names with commas between, for example carrier,origin",
            found=repr(text),
            todo="Name at least two",
        )
    return names


def _finish(result: BiasResult, output: str, *, fail_on_violations: bool) -> None:
    say([*notes(result.run), *result.remarks])
    files = result.write(output)
    _show_metrics(result)
    terminal.show_violations([_row(row) for row in result.violation_rows()])
    say([f"Not compared: {line}" for line in result.not_made])
    terminal.out.print("Written:")
    terminal.show_files(files)
    if fail_on_violations and result.violations:
        raise typer.Exit(VIOLATIONS_FOUND)


def _show_metrics(result: BiasBaseline | BiasResult) -> None:
    """Every metric, the interval of its noise, and the smallest difference that would be found."""
    from driftkit.monitors.bias_results import ANALYSIS, metric_rows

    names = ("Facet", "Metric", "Value", "Interval", "Detectable")
    rows = [_metric(row) for row in metric_rows(result.analysis, result.intervals)]
    terminal.show_table(names, rows, file=ANALYSIS)


def _metric(row: dict[str, Any]) -> tuple[str, ...]:
    if row["current"] is None:
        return (f"{row['facet']} {row['value']}", row["metric"], row["note"] or "", "", "")
    noise = f"{row['lower']:.4g} to {row['upper']:.4g}" if row["lower"] is not None else ""
    found = f"{row['detectable']:.4g}" if row["detectable"] is not None else ""
    value = f"{row['current']:.4g}"
    return (f"{row['facet']} {row['value']}", row["metric"], value, noise, found)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """A violation in the columns of the terminal's table."""
    low, high = row["allowed"]
    interval = row["interval"]
    noise = f" (between {interval[0]:.4g} and {interval[1]:.4g})" if interval else ""
    return {
        "feature_name": f"{row['facet']} {row['facet_value']}",
        "constraint_check_type": row["metric"],
        "expected": f"{low:.4g} to {high:.4g}",
        "observed": f"{row['current']:.4g}{noise}",
        "cause": row["description"],
    }

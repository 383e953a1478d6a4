"""`driftkit bias`: baseline, monitor."""

from __future__ import annotations

from functools import partial
from typing import Any

import typer

import driftkit
from driftkit.cli import generating
from driftkit.cli import options as o
from driftkit.cli.running import VIOLATIONS_FOUND, hold
from driftkit.errors import SettingsError
from driftkit.monitors.bias_settings import BiasSettings
from driftkit.report import terminal

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
    terminal.show_baseline(result, result.write(output))


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
    terminal.show_report(result, result.write(output))
    if fail_on_violations and result.findings:
        raise typer.Exit(VIOLATIONS_FOUND)


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

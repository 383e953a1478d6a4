"""`driftkit attribution`: baseline, monitor."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

import driftkit
from driftkit.cli import generating
from driftkit.cli import options as o
from driftkit.cli.running import VIOLATIONS_FOUND, hold, notes, say
from driftkit.monitors.attribution_settings import EXPLAINING, AttributionSettings
from driftkit.report import terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.monitors.attribution_results import AttributionBaseline, AttributionResult

MOVED_SHOWN = 5
# Of the whole; less is not worth a line.
LEAST_MOVED = 0.001

app = typer.Typer(
    help="Did the reasons behind predictions change? Shapley values, and how features rank by them.",
    no_args_is_help=True,
)

ModelSpec = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        metavar="SPEC",
        help="The model: a file (.py with predict(table), .joblib, .pkl, .txt of LightGBM, .json "
        "of XGBoost, .onnx, .cbm), an MLflow folder, http://.../invocations, or "
        "sagemaker:ENDPOINT; kind:path where the ending does not tell.",
        show_default=False,
        envvar="DRIFTKIT_MODEL",
    ),
]
FormerModel = Annotated[
    str | None,
    typer.Option(
        metavar="SPEC",
        help="The baseline's model, where it was another: tells what the data did to "
        "attributions from what the model did.",
        rich_help_panel=EXPLAINING,
    ),
]
# The configuration says how captured requests are laid out, and explainers have one engine.
verb = partial(
    generating.verb,
    AttributionSettings,
    without={"output_columns_position", "engine"},
    instead={"header": o.ConfiguredHeader},
)


@app.command("baseline")
@verb()
def baseline(
    inputs: o.Inputs,
    output: o.Output,
    analysis_config: o.AnalysisConfig,
    model: ModelSpec,
    wait: o.Wait = 0.0,
    *,
    settings: dict[str, Any],
) -> None:
    """Learn which features normally decide: analysis.json."""
    hold(output, wait)
    with terminal.progress_bar("Explaining what is normal") as progress:
        result = driftkit.attribution.baseline(
            inputs, model, analysis_config=analysis_config, progress=progress, **settings
        )
    say([*notes(result.run), *result.remarks])
    names = ("Label", "Feature", "Value", "95 % interval")
    terminal.show_table(names, _value_rows(result), file="analysis.json")
    terminal.out.print("Written:")
    terminal.show_files(result.write(output))


@app.command("monitor")
@verb()
def monitor(
    inputs: o.Inputs,
    output: o.Output,
    analysis_config: o.AnalysisConfig,
    model: ModelSpec,
    baseline: o.BaselineAnalysis,
    former_model: FormerModel = None,
    fail_on_violations: o.FailOnViolations = False,
    wait: o.Wait = 0.0,
    *,
    settings: dict[str, Any],
) -> None:
    """Look at a window of data and say whether other features decide than in the baseline."""
    hold(output, wait)
    normal = driftkit.attribution.AttributionBaseline.read(baseline)
    with terminal.progress_bar("Explaining the window") as progress:
        result = driftkit.attribution.monitor(
            inputs,
            normal,
            model,
            analysis_config=analysis_config,
            former_model=former_model,
            progress=progress,
            **settings,
        )
    _finish(result, output, fail_on_violations=fail_on_violations)


def _value_rows(result: AttributionBaseline) -> list[list[str]]:
    """The largest values of each label first, as texts."""
    return [
        [row["label"], row["feature"], f"{row['value']:.4g}", _interval(row)]
        for row in result.values_table().to_dict("records")
    ]


def _interval(row: Mapping[Any, Any]) -> str:
    if not math.isfinite(row["lower"]):
        return ""
    return f"{row['lower']:.4g} to {row['upper']:.4g}"


def _finish(result: AttributionResult, output: str, *, fail_on_violations: bool) -> None:
    from driftkit.monitors.attribution_results import sentence

    say([*notes(result.run), *result.remarks, *map(sentence, result.compared)])
    files = result.write(output)
    terminal.show_violations(
        [
            {
                "feature_name": each.label,
                "constraint_check_type": each.constraint_check_type,
                "description": each.description,
            }
            for each in result.violations
        ]
    )
    moved = [row for row in result.moved() if abs(row["share_moved"]) >= LEAST_MOVED]
    say([_moved(row) for row in moved[:MOVED_SHOWN]])
    terminal.out.print("Written:")
    terminal.show_files(files)
    if fail_on_violations and result.violations:
        raise typer.Exit(VIOLATIONS_FOUND)


def _moved(row: dict[str, Any]) -> str:
    parts = ""
    if "by_data" in row:
        parts = f", {row['by_data']:+.4g} by the data and {row['by_model']:+.4g} by the model"
    return (
        f"{row['feature']} ({row['label']}): rank {row['baseline_rank']} to {row['current_rank']}, "
        f"{row['baseline']:.4g} to {row['current']:.4g}{parts}"
    )

"""`driftkit attribution`: baseline, monitor."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import typer

import driftkit
from driftkit.cli import generating
from driftkit.cli import options as o
from driftkit.cli.running import VIOLATIONS_FOUND, hold
from driftkit.monitors.attribution_settings import EXPLAINING, AttributionSettings
from driftkit.report import terminal

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
    terminal.show_baseline(result, result.write(output))


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
    terminal.show_report(result, result.write(output))
    if fail_on_violations and result.findings:
        raise typer.Exit(VIOLATIONS_FOUND)

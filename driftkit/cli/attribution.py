"""`driftkit attribution`: baseline, monitor."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from driftkit.cli import options as o
from driftkit.cli.bias import AnalysisConfig, BaselinePlace, FeaturesAttribute, HeaderGiven
from driftkit.cli.running import VIOLATIONS_FOUND, chosen, hold, say
from driftkit.explain.choice import ExplainerName
from driftkit.explain.trees import Perturbation
from driftkit.monitors import attribution
from driftkit.monitors.attribution_results import AttributionBaseline, sentence
from driftkit.monitors.results import notes
from driftkit.report import terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.monitors.attribution_results import AttributionResult

_HOW = "How predictions are explained"
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
        rich_help_panel=_HOW,
    ),
]
Sample = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Explain N rows only, the same ones however the data are cut.",
        rich_help_panel=_HOW,
        min=1,
        show_default="all",
    ),
]
ExplainerOption = Annotated[
    ExplainerName,
    typer.Option(
        help="auto takes what is exact and fast for the model; in dialect aws, KernelSHAP.",
        rich_help_panel=_HOW,
    ),
]
PerturbationOption = Annotated[
    Perturbation,
    typer.Option(help="What stands for an unknown feature in trees.", rich_help_panel=_HOW),
]
Seed = Annotated[
    int | None,
    typer.Option(
        help="Of coalitions and resampling.",
        rich_help_panel=_HOW,
        min=0,
        show_default="the configuration's, or 0",
    ),
]


@app.command("baseline")
def baseline(
    inputs: o.Inputs,
    output: o.Output,
    analysis_config: AnalysisConfig,
    model: ModelSpec,
    format: o.FormatOption = "auto",
    header: HeaderGiven = None,
    separator: o.Separator = None,
    encoding: o.Encoding = None,
    null_values: o.NullValues = None,
    decimal: o.Decimal = None,
    features_attribute: FeaturesAttribute = None,
    dialect: o.Dialect = "textbook",
    runner: o.Runner = "auto",
    explainer: ExplainerOption = "auto",
    perturbation: PerturbationOption = "path_dependent",
    sample: Sample = None,
    seed: Seed = None,
    variant: o.Variant = None,
    together: o.Together = False,
    start: o.Start = None,
    end: o.End = None,
    wait: o.Wait = 0.0,
) -> None:
    """Learn which features normally decide: analysis.json."""
    hold(output, wait)
    settings = _settings(locals())
    with terminal.progress_bar("Explaining what is normal") as progress:
        result = attribution.baseline(
            inputs, model, analysis_config=analysis_config, progress=progress, **settings
        )
    say([*notes(result.run), *result.remarks])
    names = ("Label", "Feature", "Value", "95 % interval")
    terminal.show_table(names, _value_rows(result), file="analysis.json")
    terminal.out.print("Written:")
    terminal.show_files(result.write(output))


@app.command("monitor")
def monitor(
    inputs: o.Inputs,
    output: o.Output,
    analysis_config: AnalysisConfig,
    model: ModelSpec,
    baseline: BaselinePlace,
    former_model: FormerModel = None,
    format: o.FormatOption = "auto",
    header: HeaderGiven = None,
    separator: o.Separator = None,
    encoding: o.Encoding = None,
    null_values: o.NullValues = None,
    decimal: o.Decimal = None,
    features_attribute: FeaturesAttribute = None,
    dialect: o.Dialect = "textbook",
    runner: o.Runner = "auto",
    explainer: ExplainerOption = "auto",
    perturbation: PerturbationOption = "path_dependent",
    sample: Sample = None,
    seed: Seed = None,
    variant: o.Variant = None,
    together: o.Together = False,
    start: o.Start = None,
    end: o.End = None,
    fail_on_violations: o.FailOnViolations = False,
    wait: o.Wait = 0.0,
) -> None:
    """Look at a window of data and say whether other features decide than in the baseline."""
    hold(output, wait)
    settings = _settings(locals())
    normal = AttributionBaseline.read(baseline)
    with terminal.progress_bar("Explaining the window") as progress:
        result = attribution.monitor(
            inputs,
            normal,
            model,
            analysis_config=analysis_config,
            former_model=former_model,
            progress=progress,
            **settings,
        )
    _finish(result, output, fail_on_violations=fail_on_violations)


_SETTINGS = (
    "format",
    *o.OF_TEXT,
    "features_attribute",
    "dialect",
    "runner",
    "explainer",
    "perturbation",
    "sample",
    "seed",
    "variant",
    "together",
    "start",
    "end",
)


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    settings = chosen(options, _SETTINGS)
    if options["header"] is not None:
        settings["header"] = options["header"]
    return settings


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

"""`driftkit bias`: baseline, monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from driftkit.cli import options as o
from driftkit.cli.running import VIOLATIONS_FOUND, chosen, hold, say
from driftkit.errors import SettingsError
from driftkit.monitors import bias
from driftkit.monitors.bias_results import ANALYSIS, BiasBaseline, metric_rows
from driftkit.monitors.results import notes
from driftkit.report import terminal

if TYPE_CHECKING:
    from driftkit.monitors.bias_results import BiasResult

_WHERE = "Where labels and predictions are"
_HOW = "How it is computed"

app = typer.Typer(
    help="Did the treatment of groups change? Clarify's bias metrics, and their drift.",
    no_args_is_help=True,
)

AnalysisConfig = Annotated[
    str,
    typer.Option(
        "--analysis-config",
        "-c",
        metavar="FILE",
        help="Clarify's analysis_config.json: label, facets, group, headers.",
        show_default=False,
        envvar="DRIFTKIT_ANALYSIS_CONFIG",
    ),
]
BaselinePlace = Annotated[
    str,
    typer.Option(
        "--baseline",
        "-b",
        metavar="DIR",
        help="Folder with analysis.json, driftkit's or Clarify's, or the file.",
        show_default=False,
    ),
]
HeaderGiven = Annotated[
    bool | None,
    typer.Option(
        "--header/--no-header",
        help="Whether the first line of CSV names the columns (default: unless the "
        "configuration has headers).",
        envvar="DRIFTKIT_HEADER",
        rich_help_panel="How the input is read",
    ),
]
FeaturesAttribute = Annotated[
    str | None,
    typer.Option(
        help="JMESPath of the features in JSON.",
        envvar="DRIFTKIT_FEATURES_ATTRIBUTE",
        rich_help_panel=_WHERE,
    ),
]
InferenceAttribute = Annotated[
    str | None,
    typer.Option(
        help="JMESPath, name or index of the predicted label.",
        envvar="DRIFTKIT_INFERENCE_ATTRIBUTE",
        rich_help_panel=_WHERE,
    ),
]
ProbabilityAttribute = Annotated[
    str | None,
    typer.Option(
        help="JMESPath, name or index of the score.",
        envvar="DRIFTKIT_PROBABILITY_ATTRIBUTE",
        rich_help_panel=_WHERE,
    ),
]
ProbabilityThreshold = Annotated[
    float | None,
    typer.Option(
        help="Scores above it are predicted positive.",
        envvar="DRIFTKIT_PROBABILITY_THRESHOLD",
        rich_help_panel=_WHERE,
        show_default="0.5",
    ),
]
Intersection = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FACET,FACET",
        help="Also compare the combinations of these facets; may be given several times.",
        rich_help_panel=_HOW,
    ),
]
FlipTestRows = Annotated[
    int,
    typer.Option(
        help="The flip test is left out of inputs with more rows.", rich_help_panel=_HOW, min=0
    ),
]
FlipTestSample = Annotated[
    bool,
    typer.Option(
        "--flip-test-sample",
        help="Rather than leave it out, test as many rows taken by chance.",
        rich_help_panel=_HOW,
    ),
]
Seed = Annotated[
    int, typer.Option(help="Of the resampling behind intervals.", rich_help_panel=_HOW, min=0)
]


@app.command("baseline")
def baseline(
    inputs: o.Inputs,
    output: o.Output,
    analysis_config: AnalysisConfig,
    format: o.FormatOption = "auto",
    header: HeaderGiven = None,
    separator: o.Separator = None,
    encoding: o.Encoding = None,
    null_values: o.NullValues = None,
    decimal: o.Decimal = None,
    features_attribute: FeaturesAttribute = None,
    inference_attribute: InferenceAttribute = None,
    probability_attribute: ProbabilityAttribute = None,
    probability_threshold: ProbabilityThreshold = None,
    dialect: o.Dialect = "textbook",
    runner: o.Runner = "auto",
    intersection: Intersection = None,
    flip_test_rows: FlipTestRows = 50_000,
    flip_test_sample: FlipTestSample = False,
    seed: Seed = 0,
    variant: o.Variant = None,
    together: o.Together = False,
    start: o.Start = None,
    end: o.End = None,
    wait: o.Wait = 0.0,
) -> None:
    """Measure the bias that is normal: analysis.json."""
    hold(output, wait)
    settings = _settings(locals())
    with terminal.progress_bar("Measuring what is normal") as progress:
        result = bias.baseline(
            inputs, analysis_config=analysis_config, progress=progress, **settings
        )
    say([*notes(result.run), *result.remarks])
    _show_metrics(result)
    terminal.out.print("Written:")
    terminal.show_files(result.write(output))


@app.command("monitor")
def monitor(
    inputs: o.Inputs,
    output: o.Output,
    analysis_config: AnalysisConfig,
    baseline: BaselinePlace,
    format: o.FormatOption = "auto",
    header: HeaderGiven = None,
    separator: o.Separator = None,
    encoding: o.Encoding = None,
    null_values: o.NullValues = None,
    decimal: o.Decimal = None,
    features_attribute: FeaturesAttribute = None,
    inference_attribute: InferenceAttribute = None,
    probability_attribute: ProbabilityAttribute = None,
    probability_threshold: ProbabilityThreshold = None,
    dialect: o.Dialect = "textbook",
    runner: o.Runner = "auto",
    intersection: Intersection = None,
    flip_test_rows: FlipTestRows = 50_000,
    flip_test_sample: FlipTestSample = False,
    seed: Seed = 0,
    variant: o.Variant = None,
    together: o.Together = False,
    start: o.Start = None,
    end: o.End = None,
    fail_on_violations: o.FailOnViolations = False,
    wait: o.Wait = 0.0,
) -> None:
    """Look at a window of data and write which metrics are worse than in the baseline."""
    hold(output, wait)
    settings = _settings(locals())
    normal = BiasBaseline.read(baseline)
    with terminal.progress_bar("Looking at the window") as progress:
        result = bias.monitor(
            inputs, normal, analysis_config=analysis_config, progress=progress, **settings
        )
    _finish(result, output, fail_on_violations=fail_on_violations)


_SETTINGS = (
    "format",
    *o.OF_TEXT,
    "features_attribute",
    "inference_attribute",
    "probability_attribute",
    "probability_threshold",
    "dialect",
    "runner",
    "flip_test_rows",
    "flip_test_sample",
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
    settings["intersections"] = [_names(text) for text in options["intersection"] or ()]
    return settings


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

"""`driftkit model-quality`: baseline, monitor, compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from driftkit.cli import options as o
from driftkit.cli.running import VIOLATIONS_FOUND, chosen, hold, require_baseline, say
from driftkit.formats.model_quality import statistics as statistics_file
from driftkit.io.reading import of_a_run
from driftkit.monitors import model_quality
from driftkit.monitors.model_quality_data import variants
from driftkit.monitors.model_quality_results import ModelBaseline
from driftkit.monitors.model_quality_settings import QualitySettings
from driftkit.monitors.results import notes
from driftkit.report import terminal
from driftkit.report.files import together
from driftkit.report.quality import show_metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.formats.places import Place
    from driftkit.monitors.model_quality_results import ModelResult
    from driftkit.monitors.results import Run

_JUDGING = "How it is judged"

app = typer.Typer(
    help="Did the predictions get worse? Metrics, constraints and violations against labels.",
    no_args_is_help=True,
)

ProblemType = Annotated[
    str | None,
    typer.Option(
        "--problem-type",
        metavar="TYPE",
        help="BinaryClassification, MulticlassClassification or Regression.",
        envvar="DRIFTKIT_PROBLEM_TYPE",
        show_default=False,
        rich_help_panel=_JUDGING,
    ),
]
Inference = Annotated[
    str | None,
    typer.Option(
        "--inference-attribute",
        metavar="ATTRIBUTE",
        help="The prediction: a column's name or index, a JMESPath in JSON.",
        envvar="DRIFTKIT_INFERENCE_ATTRIBUTE",
        show_default=False,
        rich_help_panel=_JUDGING,
    ),
]
Truth = Annotated[
    str | None,
    typer.Option(
        "--ground-truth-attribute",
        metavar="ATTRIBUTE",
        help="The label; in merged captures the only value of the ground truth.",
        envvar="DRIFTKIT_GROUND_TRUTH_ATTRIBUTE",
        show_default=False,
        rich_help_panel=_JUDGING,
    ),
]
Probability = Annotated[
    str | None,
    typer.Option(
        "--probability-attribute",
        metavar="ATTRIBUTE",
        help="The probability of the positive label, or a list of one for each label.",
        envvar="DRIFTKIT_PROBABILITY_ATTRIBUTE",
        show_default=False,
        rich_help_panel=_JUDGING,
    ),
]
Threshold = Annotated[
    float,
    typer.Option(
        "--probability-threshold-attribute",
        metavar="SHARE",
        help="A probability strictly above it predicts the positive label.",
        envvar="DRIFTKIT_PROBABILITY_THRESHOLD_ATTRIBUTE",
        rich_help_panel=_JUDGING,
    ),
]
Positive = Annotated[
    str | None,
    typer.Option(
        "--positive-label",
        metavar="LABEL",
        help="The label that is looked for; 1 or true where it is not named.",
        envvar="DRIFTKIT_POSITIVE_LABEL",
        show_default=False,
        rich_help_panel=_JUDGING,
    ),
]
Labels = Annotated[
    str | None,
    typer.Option(
        "--probability-labels",
        metavar="A,B,C",
        help="The labels that a list of probabilities is about, in its order.",
        envvar="DRIFTKIT_PROBABILITY_LABELS",
        show_default=False,
        rich_help_panel=_JUDGING,
    ),
]
BeyondNoise = Annotated[
    bool,
    typer.Option(
        "--violations-beyond-noise",
        help="Report only falls that chance hardly explains (95 % intervals).",
        rich_help_panel=_JUDGING,
    ),
]


@app.command("baseline")
def baseline(
    inputs: o.Inputs,
    output: o.Output,
    problem_type: ProblemType = None,
    inference_attribute: Inference = None,
    ground_truth_attribute: Truth = None,
    probability_attribute: Probability = None,
    probability_threshold_attribute: Threshold = 0.5,
    positive_label: Positive = None,
    probability_labels: Labels = None,
    variant: o.Variant = None,
    together: o.Together = False,
    format: o.FormatOption = "auto",
    header: o.Header = True,
    separator: o.Separator = None,
    encoding: o.Encoding = None,
    null_values: o.NullValues = None,
    decimal: o.Decimal = None,
    dialect: o.Dialect = "textbook",
    runner: o.Runner = "auto",
    start: o.Start = None,
    end: o.End = None,
    wait: o.Wait = 0.0,
) -> None:
    """Learn from labelled predictions what quality is normal."""
    hold(output, wait)
    settings = chosen(locals(), _SETTINGS)
    with terminal.progress_bar("Judging the predictions") as progress:
        result = model_quality.baseline(inputs, progress=progress, **settings)
    _say_notes(result.run)
    files = result.write(output)
    show_metrics(result.metric_rows())
    terminal.out.print("Baseline written:")
    terminal.show_files(files)


@app.command("monitor")
def monitor(
    inputs: o.Inputs,
    output: o.Output,
    baseline: o.BaselineFolder = None,
    baseline_statistics: o.BaselineStatistics = None,
    baseline_constraints: o.BaselineConstraints = None,
    problem_type: ProblemType = None,
    inference_attribute: Inference = None,
    ground_truth_attribute: Truth = None,
    probability_attribute: Probability = None,
    probability_threshold_attribute: Threshold = 0.5,
    positive_label: Positive = None,
    probability_labels: Labels = None,
    variant: o.Variant = None,
    together: o.Together = False,
    violations_beyond_noise: BeyondNoise = False,
    format: o.FormatOption = "auto",
    header: o.Header = True,
    separator: o.Separator = None,
    encoding: o.Encoding = None,
    null_values: o.NullValues = None,
    decimal: o.Decimal = None,
    dialect: o.Dialect = "textbook",
    runner: o.Runner = "auto",
    start: o.Start = None,
    end: o.End = None,
    fail_on_violations: o.FailOnViolations = False,
    wait: o.Wait = 0.0,
) -> None:
    """Judge a window of merged captures against the baseline; several variants apart."""
    hold(output, wait)
    settings = chosen(locals(), _SETTINGS)
    settings["violations_beyond_noise"] = violations_beyond_noise
    normal = _baseline(baseline, baseline_statistics, baseline_constraints)
    judged = []
    for target, of_run in _runs(inputs, output, settings):
        with terminal.progress_bar("Judging the window") as progress:
            result = model_quality.monitor(inputs, normal, progress=progress, **of_run)
        judged.append((result, target))
    found = _finish(judged, output)
    if fail_on_violations and found:
        raise typer.Exit(VIOLATIONS_FOUND)


@app.command("compare")
def compare(
    output: o.Output,
    statistics: Annotated[
        str,
        typer.Option(metavar="FILE", help="statistics.json of the window.", show_default=False),
    ],
    baseline: o.BaselineFolder = None,
    baseline_statistics: o.BaselineStatistics = None,
    baseline_constraints: o.BaselineConstraints = None,
    dialect: o.Dialect = "textbook",
    violations_beyond_noise: BeyondNoise = False,
    fail_on_violations: o.FailOnViolations = False,
    wait: o.Wait = 0.0,
) -> None:
    """Find violations from files alone, for example to try out a threshold."""
    hold(output, wait)
    normal = _baseline(baseline, baseline_statistics, baseline_constraints)
    window = of_a_run(statistics_file.read_file)(statistics)
    result = model_quality.compare(
        window, normal, dialect=dialect, violations_beyond_noise=violations_beyond_noise
    )
    if _finish([(result, output)], output) and fail_on_violations:
        raise typer.Exit(VIOLATIONS_FOUND)


_SETTINGS = (
    *("problem_type", "inference_attribute", "ground_truth_attribute", "probability_attribute"),
    *("probability_threshold_attribute", "positive_label", "probability_labels"),
    *("variant", "together", "format", "header", *o.OF_TEXT, "dialect", "runner", "start", "end"),
)


def _runs(
    inputs: list[str], output: str, settings: dict[str, Any]
) -> list[tuple[str, dict[str, Any]]]:
    """The reports to write: one, or one for each variant below the folder."""
    if settings["variant"] or settings["together"]:
        return [(output, settings)]
    found = variants(inputs, QualitySettings.of(**settings))
    if len(found) < 2:
        return [(output, settings)]
    terminal.say(f"{len(found)} variants, judged apart: {', '.join(map(str, found))}")
    return [(f"{output}/{place}", {**settings, "variant": str(place)}) for place in found]


def _baseline(folder: str | None, statistics: str | None, constraints: str | None) -> ModelBaseline:
    require_baseline(folder, constraints, "model-quality")
    return ModelBaseline.read(folder, statistics=statistics, constraints=constraints)


def _finish(judged: list[tuple[ModelResult, str]], output: str) -> int:
    """Writes the reports of all variants at once, and shows them."""
    with together(output):
        written = [result.write(target) for result, target in judged]
    for (result, _), files in zip(judged, written, strict=True):
        _show(result, files)
    return sum(len(result.violations) for result, _ in judged)


def _show(result: ModelResult, files: Sequence[Place]) -> None:
    _say_notes(result.run)
    show_metrics(result.metric_rows())
    count = len(result.violations)
    terminal.out.print(f"{count or 'No'} violation{'' if count == 1 else 's'}.")
    say(f"Not checked: {metric}: {reason}" for metric, reason in result.not_made.items())
    terminal.out.print("Written:")
    terminal.show_files(files)


def _say_notes(run: Run | None) -> None:
    say(notes(run))
    say(f"  {example}" for example in (run.rejected.examples if run else ()))

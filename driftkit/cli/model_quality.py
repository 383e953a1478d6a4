"""`driftkit model-quality`: baseline, monitor, compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

import driftkit
from driftkit.cli import options as o
from driftkit.cli.generating import verb
from driftkit.cli.running import VIOLATIONS_FOUND, hold, notes, require_baseline, say
from driftkit.monitors.model_quality_settings import QualitySettings
from driftkit.report import terminal
from driftkit.report.quality import show_metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.formats.places import Place
    from driftkit.monitors.model_quality_results import ModelBaseline, ModelResult
    from driftkit.monitors.results import Run

# Labelled predictions have no sides, and one engine.
_UNUSED = {"output_columns_position", "engine"}

app = typer.Typer(
    help="Did the predictions get worse? Metrics, constraints and violations against labels.",
    no_args_is_help=True,
)


@app.command("baseline")
@verb(QualitySettings, without={"violations_beyond_noise", *_UNUSED})
def baseline(
    inputs: o.Inputs,
    output: o.Output,
    wait: o.Wait = 0.0,
    *,
    settings: dict[str, Any],
) -> None:
    """Learn from labelled predictions what quality is normal."""
    hold(output, wait)
    with terminal.progress_bar("Judging the predictions") as progress:
        result = driftkit.model_quality.baseline(inputs, progress=progress, **settings)
    _say_notes(result.run)
    files = result.write(output)
    show_metrics(result.metric_rows())
    terminal.out.print("Baseline written:")
    terminal.show_files(files)


@app.command("monitor")
@verb(QualitySettings, without=_UNUSED)
def monitor(
    inputs: o.Inputs,
    output: o.Output,
    baseline: o.BaselineFolder = None,
    baseline_statistics: o.BaselineStatistics = None,
    baseline_constraints: o.BaselineConstraints = None,
    fail_on_violations: o.FailOnViolations = False,
    wait: o.Wait = 0.0,
    *,
    settings: dict[str, Any],
) -> None:
    """Judge a window of merged captures against the baseline; several variants apart."""
    hold(output, wait)
    normal = _baseline(baseline, baseline_statistics, baseline_constraints)
    judged = []
    for target, of_run in _runs(inputs, output, settings):
        with terminal.progress_bar("Judging the window") as progress:
            result = driftkit.model_quality.monitor(inputs, normal, progress=progress, **of_run)
        judged.append((result, target))
    found = _finish(judged, output)
    if fail_on_violations and found:
        raise typer.Exit(VIOLATIONS_FOUND)


@app.command("compare")
@verb(QualitySettings, only={"dialect", "violations_beyond_noise"})
def compare(
    output: o.Output,
    statistics: o.WindowStatistics,
    baseline: o.BaselineFolder = None,
    baseline_statistics: o.BaselineStatistics = None,
    baseline_constraints: o.BaselineConstraints = None,
    fail_on_violations: o.FailOnViolations = False,
    wait: o.Wait = 0.0,
    *,
    settings: dict[str, Any],
) -> None:
    """Find violations from files alone, for example to try out a threshold."""
    hold(output, wait)
    normal = _baseline(baseline, baseline_statistics, baseline_constraints)
    result = driftkit.model_quality.compare(statistics, normal, **settings)
    if _finish([(result, output)], output) and fail_on_violations:
        raise typer.Exit(VIOLATIONS_FOUND)


def _runs(
    inputs: list[str], output: str, settings: dict[str, Any]
) -> list[tuple[str, dict[str, Any]]]:
    """The reports to write: one, or one for each variant below the folder."""
    if settings.get("variant") or settings.get("together"):
        return [(output, settings)]
    # Only where they are asked for: the help needs no reader.
    from driftkit.monitors.model_quality_data import variants

    found = variants(inputs, QualitySettings.of(**settings))
    if len(found) < 2:
        return [(output, settings)]
    terminal.say(f"{len(found)} variants, judged apart: {', '.join(map(str, found))}")
    return [(f"{output}/{place}", {**settings, "variant": str(place)}) for place in found]


def _baseline(folder: str | None, statistics: str | None, constraints: str | None) -> ModelBaseline:
    require_baseline(folder, constraints, "model-quality")
    return driftkit.model_quality.ModelBaseline.read(
        folder, statistics=statistics, constraints=constraints
    )


def _finish(judged: list[tuple[ModelResult, str]], output: str) -> int:
    """Writes the reports of all variants at once, and shows them."""
    from driftkit.report.files import together

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

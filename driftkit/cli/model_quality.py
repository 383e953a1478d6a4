"""`driftkit model-quality`: baseline, monitor, compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

import driftkit
from driftkit.cli import options as o
from driftkit.cli.generating import verb
from driftkit.cli.running import VIOLATIONS_FOUND, hold, require_baseline
from driftkit.monitors.model_quality_settings import QualitySettings
from driftkit.report import terminal

if TYPE_CHECKING:
    from driftkit.monitors.model_quality_results import ModelBaseline, ModelResult

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
    terminal.show_baseline(result, result.write(output))


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
    from driftkit.io.writing import together

    with together(output):
        written = [result.write(target) for result, target in judged]
    for (result, _), files in zip(judged, written, strict=True):
        terminal.show_report(result, files)
    return sum(len(result.findings) for result, _ in judged)

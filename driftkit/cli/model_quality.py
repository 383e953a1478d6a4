"""`driftkit model-quality`: baseline, monitor, estimate, compare."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import driftkit
from driftkit.cli import options as o
from driftkit.cli.measured import Measured
from driftkit.cli.monitors import Monitor, compares, finish, hold, learns, publish, telling_of
from driftkit.cli.telling import OPTIONS
from driftkit.configuration.queries import data_of
from driftkit.monitors.model_quality.settings import QualitySettings
from driftkit.report import terminal
from driftkit.settings import Selection
from driftkit.settings.declaring import declared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from driftkit.results.contract import Report

MONITOR = Monitor(
    name="model_quality",
    about="Did the predictions get worse? Metrics, constraints and violations against labels.",
    settings=QualitySettings,
    # Labelled predictions have no sides, and one engine.
    unused={"output_columns_position", "engine"},
)
_SEGMENTS = {"segment_by", "segment_max", "segment_min_rows"}
# A baseline says by which inputs errors are expected.
_INPUTS = declared(Selection)
_OF_LABELS = {"violations_beyond_noise", "beyond_noise"}
learns(
    MONITOR,
    "Learn from labelled predictions what quality is normal.",
    "Judging the predictions",
    own={"keep_states": o.KeepStates},
    without=_OF_LABELS,
)


@MONITOR.command(own=OPTIONS, without={*_SEGMENTS, *_INPUTS, "time_column", "time_unit"})
def monitor(
    inputs: o.InputsOrQuery,
    output: o.Output,
    baseline: o.BaselineFolder = None,
    baseline_statistics: o.BaselineStatistics = None,
    baseline_constraints: o.BaselineConstraints = None,
    fail_on_violations: o.FailOnViolations = False,
    report: o.Page = True,
    hide_values: o.HideValues = False,
    wait: o.Wait = 0.0,
    keep_states: o.KeepStates = False,
    *,
    settings: dict[str, Any],
    **given: Any,
) -> None:
    """Judge a window of merged captures against the baseline; several variants apart."""
    telling = telling_of(MONITOR.name, output, given, settings)
    hold(output, wait)
    normal = MONITOR.read_baseline(
        "ModelBaseline", baseline, baseline_statistics, baseline_constraints
    )
    data = data_of(inputs)
    call = partial(driftkit.model_quality.monitor, data, normal, keep_states=keep_states)
    targets = _judged(call, "Judging the window", _runs(data, output, settings))
    written = _published(targets, output, page=report, hide_values=hide_values)
    finish(written, fail_on_violations=fail_on_violations, telling=telling)


@MONITOR.command(own=OPTIONS, without={*_SEGMENTS, *_INPUTS, *_OF_LABELS, "problem_type"})
def estimate(
    inputs: o.InputsOrQuery,
    output: o.Output,
    baseline: o.BaselineWithCalibration,
    labelled: o.Labelled = None,
    fail_on_violations: o.FailOnViolations = False,
    report: o.Page = True,
    hide_values: o.HideValues = False,
    wait: o.Wait = 0.0,
    keep_states: o.KeepStates = False,
    *,
    settings: dict[str, Any],
    **given: Any,
) -> None:
    """Estimate the quality of predictions whose labels have not come, from their probabilities or inputs."""
    telling = telling_of("estimated_quality", output, given, settings)
    hold(output, wait)
    normal = MONITOR.calls.ModelBaseline.read(baseline)
    data = data_of(inputs)
    call = partial(
        driftkit.model_quality.estimate, data, normal, labelled=labelled, keep_states=keep_states
    )
    targets = _judged(call, "Estimating the quality", _runs(data, output, settings))
    written = _published(targets, output, page=report, hide_values=hide_values)
    finish(written, fail_on_violations=fail_on_violations, telling=telling)


def _judged(
    call: Callable[..., Report], title: str, runs: Iterable[tuple[str, dict[str, Any]]]
) -> list[tuple[Report, str, dict[str, Any]]]:
    """What a call finds of each variant, where it goes, and the settings."""
    found = []
    for target, of_run in runs:
        with terminal.progress_bar(title) as progress:
            found.append((call(progress=progress, **of_run), target, of_run))
    return found


def _published(
    targets: Sequence[tuple[Report, str, dict[str, Any]]],
    output: str,
    *,
    page: bool,
    hide_values: bool,
) -> list[Measured]:
    """The reports of all variants, or none."""
    # Only where it is asked for: the help writes nothing.
    from driftkit.io.writing import together

    with together(output):
        return [
            Measured(
                report=each,
                files=publish(each, target, page=page, hide_values=hide_values),
                settings=of_run,
            )
            for each, target, of_run in targets
        ]


compares(MONITOR, "ModelBaseline", {"dialect", "violations_beyond_noise"})


def _runs(data: Any, output: str, settings: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The reports to write: one, or one for each variant below the folder."""
    if settings.get("variant") or settings.get("together"):
        return [(output, settings)]
    # Only where they are asked for: the help needs no reader.
    from driftkit.monitors.model_quality.inputs import variants

    found = variants(data, QualitySettings.from_keywords(**settings))
    if len(found) < 2:
        return [(output, settings)]
    terminal.say(f"{len(found)} variants, judged apart: {', '.join(map(str, found))}")
    return [(f"{output}/{index}", {**settings, "variant": str(index)}) for index in found]

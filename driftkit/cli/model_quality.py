"""`driftkit model-quality`: baseline, monitor, compare."""

from __future__ import annotations

from typing import Any

import driftkit
from driftkit.cli import options as o
from driftkit.cli.measured import Measured
from driftkit.cli.monitors import Monitor, compares, finish, hold, learns, publish, telling_of
from driftkit.cli.telling import OPTIONS
from driftkit.configuration.queries import data_of
from driftkit.monitors.model_quality.settings import QualitySettings
from driftkit.report import terminal

MONITOR = Monitor(
    name="model_quality",
    about="Did the predictions get worse? Metrics, constraints and violations against labels.",
    settings=QualitySettings,
    # Labelled predictions have no sides, and one engine.
    unused={"output_columns_position", "engine"},
)
learns(
    MONITOR,
    "Learn from labelled predictions what quality is normal.",
    "Judging the predictions",
    own={"keep_states": o.KeepStates},
    without={"violations_beyond_noise", "beyond_noise"},
)


@MONITOR.command(own=OPTIONS)
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
    # Only where it is asked for: the help writes nothing.
    from driftkit.io.writing import together

    telling = telling_of(MONITOR.name, output, given, settings)
    hold(output, wait)
    normal = MONITOR.read_baseline(
        "ModelBaseline", baseline, baseline_statistics, baseline_constraints
    )
    targets = []
    data = data_of(inputs)
    for target, of_run in _runs(data, output, settings):
        with terminal.progress_bar("Judging the window") as progress:
            result = driftkit.model_quality.monitor(
                data, normal, keep_states=keep_states, progress=progress, **of_run
            )
        targets.append((result, target, of_run))
    # The reports of all variants, or none.
    with together(output):
        written = [
            Measured(
                report=each,
                files=publish(each, target, page=report, hide_values=hide_values),
                settings=of_run,
            )
            for each, target, of_run in targets
        ]
    finish(written, fail_on_violations=fail_on_violations, telling=telling)


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

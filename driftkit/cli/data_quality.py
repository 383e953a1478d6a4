"""`driftkit data-quality`: baseline, monitor, compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

import driftkit
from driftkit.cli import options as o
from driftkit.cli.generating import verb
from driftkit.cli.measured import Measured
from driftkit.cli.monitors import Monitor, compares, finish, hold, publish, telling_of
from driftkit.cli.replays import show_replay
from driftkit.cli.telling import OPTIONS
from driftkit.configuration.queries import data_of
from driftkit.monitors.data_quality.drift.replay_settings import ReplaySettings
from driftkit.report import terminal
from driftkit.report.speech import speech
from driftkit.settings import Judgement, Partition, Read, Selection, Settings, Window
from driftkit.settings.declaring import declared
from driftkit.settings.derived import Deriving
from driftkit.settings.detection import Detection, Outcomes

if TYPE_CHECKING:
    from driftkit.monitors.data_quality.distances import Distances
    from driftkit.monitors.data_quality.results import Baseline

Kept = Annotated[
    str,
    typer.Argument(
        metavar="WINDOW",
        help="The folder of an earlier run, its statistics.json, or data; of data every number counts.",
        show_default=False,
    ),
]
KeptBaseline = Annotated[
    str,
    typer.Option(
        "--baseline",
        "-b",
        metavar="DIR",
        help="The same of the baseline: its folder, its statistics.json, or training data.",
        show_default=False,
    ),
]
Named = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="A distance such as PSI or evidently:psi, or a pattern such as nannyml:*; once for each. "
        "All but other tools' if none is named.",
        show_default=False,
    ),
]
Looked = Annotated[
    str,
    typer.Argument(metavar="WINDOW", help="Files of the window's rows.", show_default=False),
]
Training = Annotated[
    str,
    typer.Option(
        "--baseline", "-b", metavar="DATA", help="Files of training data.", show_default=False
    ),
]
Tests = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="reconstruction, mmd or domain_classifier; once for each. All if none is named.",
        show_default=False,
    ),
]
_OF_ROWS = {*declared(Read), *declared(Window), *declared(Selection)}
MONITOR = Monitor(
    name="data_quality",
    about="Did the features change? Statistics, constraints and violations of every column.",
    settings=Settings,
)


@MONITOR.command(without=declared(Detection))
def baseline(
    output: o.Output,
    inputs: o.InputsOrStates = None,
    states: o.States = None,
    add_to: o.AddTo = None,
    allow_overlap: o.AllowOverlap = False,
    keep_states: o.KeepStates = False,
    wait: o.Wait = 0.0,
    *,
    settings: dict[str, Any],
) -> None:
    """Learn from training data what is normal: statistics.json and constraints.json."""
    hold(output, wait)
    data = _data(inputs, states, allow_overlap=allow_overlap, before=add_to)
    with terminal.progress_bar("Learning what is normal") as progress:
        result = driftkit.data_quality.baseline(
            data, allow_overlap=allow_overlap, progress=progress, **settings
        )
    lost = None if add_to is None else _no_longer_accepted(add_to, result)
    # To what was added to once, more will be added.
    files = result.write(output, keep_states=keep_states or add_to is not None)
    terminal.show_baseline(result, files, f"Baseline of {_kept(result)}")
    if lost is not None:
        terminal.tell(lost)


def _no_longer_accepted(before: str, result: driftkit.data_quality.Baseline) -> str | None:
    # Few baselines have days, and need this.
    from driftkit.monitors.data_quality.drift.accepting import no_longer_accepted

    return no_longer_accepted(before, result.cells)


@MONITOR.app.command()
def accept(reports: o.Reports, baseline: o.BaselineToChange, wait: o.Wait = 0.0) -> None:
    """Take windows that were reported into the reference: what they show is normal from now on."""
    hold(baseline, wait)
    terminal.tell(driftkit.data_quality.accept(baseline, *reports).said())


@MONITOR.app.command()
@verb(ReplaySettings)
def replay(
    output: o.Output,
    baseline: o.BaselineToChange,
    history: o.History = None,
    wait: o.Wait = 0.0,
    *,
    settings: dict[str, Any],
) -> None:
    """Try rules of alarm on the days that are kept: alarms so far, and which planted faults they find."""
    hold(output, wait)
    before = _before(history or [], output)
    with terminal.progress_bar("Replaying") as progress:
        result = driftkit.data_quality.replay(baseline, before, progress=progress, **settings)
    show_replay(result)
    terminal.show_files(result.write(output))


# A window's segments, times and columns are those of its baseline.
_OF_BASELINES = {*declared(Partition), *declared(Deriving), *declared(Outcomes)} - {
    "segment_min_rows"
}


@MONITOR.command(own=OPTIONS, without=_OF_BASELINES)
def monitor(
    output: o.Output,
    inputs: o.InputsOrStates = None,
    states: o.States = None,
    allow_overlap: o.AllowOverlap = False,
    keep_states: o.KeepStates = True,
    baseline: o.BaselineFolder = None,
    baseline_statistics: o.BaselineStatistics = None,
    baseline_constraints: o.BaselineConstraints = None,
    history: o.History = None,
    fail_on_violations: o.FailOnViolations = False,
    report: o.Page = True,
    hide_values: o.HideValues = False,
    wait: o.Wait = 0.0,
    *,
    settings: dict[str, Any],
    **given: Any,
) -> None:
    """Look at a window of data and write what is not as in the baseline."""
    telling = telling_of(MONITOR.name, output, given, settings)
    hold(output, wait)
    normal = MONITOR.read_baseline("Baseline", baseline, baseline_statistics, baseline_constraints)
    data = _data(inputs, states, allow_overlap=allow_overlap)
    with terminal.progress_bar("Looking at the window") as progress:
        result = driftkit.data_quality.monitor(
            data,
            normal,
            history=_before(history or [], output),
            allow_overlap=allow_overlap,
            progress=progress,
            **settings,
        )
    files = publish(result, output, page=report, hide_values=hide_values, keep_states=keep_states)
    measured = Measured(report=result, files=files, settings=settings)
    finish([measured], fail_on_violations=fail_on_violations, telling=telling)


compares(MONITOR, "Baseline", {"dialect", *declared(Judgement)})


@MONITOR.command(only=_OF_ROWS)
def distances(
    window: Kept,
    baseline: KeptBaseline,
    distance: Named = None,
    *,
    settings: dict[str, Any],
) -> None:
    """Say by every definition how far each column is from the baseline, with intervals."""
    _show(driftkit.data_quality.distances(window, baseline, names=distance, **settings))


@MONITOR.command(only=_OF_ROWS)
def multivariate(
    window: Looked,
    baseline: Training,
    test: Tests = None,
    *,
    settings: dict[str, Any],
) -> None:
    """Say how well rows are told from the baseline's by all columns together."""
    _show(driftkit.data_quality.multivariate(window, baseline, tests=test, **settings))


def _show(found: Distances) -> None:
    if speech().as_json:
        speech().results.extend(found.rows())
        return
    terminal.show_rows(_SHOWN, map(_said, found.rows()))


_SHOWN = ("feature", "distance", "value", "interval", "p-value", "beyond")


def _said(row: dict[str, Any]) -> list[str]:
    """A row for people; what could not be measured says why."""
    if row["reason"]:
        return [row["feature"], row["distance"] or "", row["reason"], "", "", ""]
    interval = "" if row["lower"] is None else f"{row['lower']:.4g} to {row['upper']:.4g}"
    p_value = "" if row["p_value"] is None else f"{row['p_value']:.3g}"
    beyond = f"yes ({row['threshold']:g})" if row["beyond"] else ""
    return [row["feature"], row["distance"], f"{row['value']:.4g}", interval, p_value, beyond]


def _data(
    inputs: list[str] | None,
    states: list[str] | None,
    *,
    allow_overlap: bool,
    before: str | None = None,
) -> Any:
    """What is to be measured: states that are named first, then the inputs."""
    # Only where it is asked for: the help needs no states.
    from driftkit.monitors.saved_states import read_baseline_states

    kept = [] if before is None else [read_baseline_states(before)]
    if states:
        kept.append(driftkit.data_quality.combine(*states, allow_overlap=allow_overlap))
    if not inputs and not states:
        raise typer.BadParameter("name an input, or kept states with --states", param_hint="INPUT")
    data = data_of(inputs or [])
    if isinstance(data, list):
        return [*kept, *data]
    if kept:
        raise typer.BadParameter("a query is not added to kept states", param_hint="INPUT")
    return data


def _before(history: list[str], output: str) -> list[str]:
    """The reports of windows before; a folder without any stands for itself, so that it is told."""
    # Only where it is asked for: the help looks at no report.
    from driftkit.monitors.data_quality.drift.windows import reports_in

    return [file for each in history for file in (reports_in(each, output) or [each])]


def _kept(result: Baseline) -> str:
    """What a baseline holds, in words."""
    partitions = result.states.table.partitions if result.states else ()
    parts = [f"{len(result.constraints.features)} columns"]
    for partition in partitions:
        counted = sum(1 for key in partition.parts if partition.unit is None or key != (None,))
        rest = " and all others" if partition.rest is not None else ""
        parts.append(f"{counted:,} {partition.unit or 'segment'}s{rest}")
    return ", ".join(parts)

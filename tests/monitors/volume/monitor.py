"""A monitor of volume, `driftkit volume`: did rows stop coming?"""

from __future__ import annotations

import time
from functools import partial, reduce
from operator import add
from typing import TYPE_CHECKING, Annotated, Any, Unpack

import typer

from driftkit.cli.monitors import Monitor, learns, looks
from driftkit.compute.choice import runner_of
from driftkit.compute.job import Job
from driftkit.dialects import dialect
from driftkit.io.reading import of_data
from driftkit.monitors.baselines import baseline_of
from driftkit.monitors.saved_states import content_of, partitioned
from driftkit.readers.dataset import judge
from driftkit.readers.opening import opened, paths_in
from driftkit.results.contract import Run
from driftkit.settings.declaring import changed, from_keywords, spelt_out
from tests.monitors.volume.counts import RowCounts, count, loads
from tests.monitors.volume.results import Comparison, VolumeBaseline, VolumeReport, report
from tests.monitors.volume.settings import VolumeSettings

if TYPE_CHECKING:
    from driftkit.compute.job import Progress
    from tests.monitors.volume.settings import VolumeKeywords


@spelt_out(VolumeSettings)
@of_data
def baseline(
    data: Any, *, progress: Progress | None = None, **settings: Unpack[VolumeKeywords]
) -> VolumeBaseline:
    """Learns how many rows are normal, from data or kept states."""
    return _counted(data, from_keywords(VolumeSettings, settings), progress)


@spelt_out(VolumeSettings)
@of_data
def monitor(
    data: Any,
    baseline: Any,
    *,
    progress: Progress | None = None,
    **settings: Unpack[VolumeKeywords],
) -> VolumeReport:
    """Looks for hours or days with too few rows or too many."""
    chosen = from_keywords(VolumeSettings, settings)
    normal = baseline_of(
        baseline, VolumeBaseline, VolumeReport, lambda table: _counted(table, chosen, None)
    )
    chosen = changed(chosen, time_unit=normal.states.unit)
    window = _counted(data, chosen, progress)
    asked = Comparison(window=window, normal=normal, settings=chosen)
    return report(asked, dialect(chosen.run.compute.dialect))


def _counted(data: Any, chosen: VolumeSettings, progress: Progress | None) -> VolumeBaseline:
    began = time.perf_counter()
    kept, others = partitioned(paths_in(data) or ())
    if kept and not others:
        found = [loads(*content_of(path), chosen.time_unit) for path in kept]
        return VolumeBaseline(states=reduce(add, found))
    read = changed(chosen.run, time_column=chosen.time_column, time_unit=chosen.time_unit)
    dataset = opened(data, read)
    runner = runner_of(dataset, read.compute)
    names = [column.name for column in dataset.columns]
    fold = partial(count, names, chosen.time_column, chosen.time_unit)
    states: RowCounts = runner.run(dataset, Job(fold=fold), progress)
    judge(dataset, states.rejected, states.rows)
    run = Run.about("volume", dataset, read, f"one pass {runner.where}").ended(states, began)
    return VolumeBaseline(states=states, run=run)


BaselineVolume = Annotated[
    str,
    typer.Option("--baseline", "-b", metavar="DIR", help="Folder with volume.json, or the file."),
]

COMMANDS = Monitor(
    name="volume",
    module=__name__,
    about="Did rows stop coming? Rows of each hour or day, gaps, and how fresh the last rows are.",
    settings=VolumeSettings,
    unused={"output_columns_position", "engine"},
    instead={"baseline": BaselineVolume},
)
learns(COMMANDS, "Learn how many rows are normal: volume.json.", "Counting what is normal")
looks(COMMANDS, "Look for hours or days with too few rows or too many.", "Counting the window")

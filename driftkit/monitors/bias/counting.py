"""Counts the groups of a bias run, in data or in kept states, and reads the flip test's rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any

from driftkit.columns.types import InferredType
from driftkit.comparison.bias.metrics import FLIP_TEST
from driftkit.compute.job import Job
from driftkit.formats import analysis_config
from driftkit.monitors.bias.inputs import Opened, asked_roles, opened
from driftkit.monitors.bias.plan import BiasPlan, plan, stages_of
from driftkit.monitors.bias.settings import BiasSettings
from driftkit.monitors.kept_states import KeptStates, of_window
from driftkit.readers.dataset import judge
from driftkit.results.contract import Run
from driftkit.states.groups import storage
from driftkit.states.groups.flip import NOT_NUMERIC, FlipTest, flip_rows
from driftkit.states.groups.fold import count
from driftkit.states.groups.rows import sample
from driftkit.states.groups.storage import GroupStates, refuse_otherwise_counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.columns.chunk import Column
    from driftkit.compute.job import Progress
    from driftkit.formats.analysis_config import AnalysisConfig
    from driftkit.states.groups.counts import GroupCounts

KEPT = KeptStates(
    monitor=storage.MONITOR,
    kind=GroupStates,
    loads=storage.loads,
    combined=storage.combined,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a run was asked for.

    Attributes:
        config: Clarify's configuration.
        settings: of the run.
        header_given: whether the settings say if CSV has a header line.
        keep_states: whether the counts are to be kept.
    """

    config: AnalysisConfig
    settings: BiasSettings
    header_given: bool
    keep_states: bool


def requested(config: Any, settings: Mapping[str, Any], *, keep_states: bool) -> Request:
    """What a run was asked for, checked before any data are read.

    Raises:
        SettingsError: a setting is unknown, or no metrics are asked for that are known.
        FormatError: the configuration is not what it should be.
    """
    chosen = BiasSettings.from_keywords(**settings)
    named = isinstance(config, str | PathLike)
    found = analysis_config.read_file(config) if named else analysis_config.read(config)
    stages_of(found)
    return Request(
        config=found,
        settings=chosen,
        header_given=settings.get("header") is not None,
        keep_states=keep_states,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The counts of all rows, and where they come from.

    Attributes:
        counts: of all rows.
        plan: what was counted.
        columns: of the data.
        run: what is known of the run but its end.
        source: the data; None where only their states are there.
        states: the counts as they are kept; None where nobody asked for them.
    """

    counts: GroupCounts
    plan: BiasPlan
    columns: tuple[Column, ...]
    run: Run
    source: Opened | None = None
    states: GroupStates | None = None

    def flip_test(self, settings: BiasSettings) -> FlipTest:
        """The flip test on rows, which counts do not tell; or why there are none."""
        asked, columns, source = self.plan, self.columns, self.source
        if FLIP_TEST not in asked.stages.get("post_training", ()):
            return FlipTest(rows=None)
        # Known without a look at the rows.
        if all(len(indices) == 1 for indices in asked.count.facets):
            facets = {asked.count.columns[index].index for (index,) in asked.count.facets}
            texts = {
                index for index in asked.features if columns[index].declared is InferredType.STRING
            }
            if texts - facets or len(texts) > 1:
                return FlipTest(rows=None, refused=NOT_NUMERIC)
        if source is None:
            return FlipTest(rows=None, refused="Flip Test compares rows, and kept states have none")
        limit, rows = settings.flip_test_rows, self.counts.rows
        if rows > limit and not settings.flip_test_sample:
            return FlipTest(
                rows=None,
                refused=f"Flip Test compares each row with its nearest neighbours, and {rows:,} rows are "
                f"more than flip_test_rows ({limit:,}); set flip_test_sample to take as many by chance",
            )
        names = tuple(column.name for column in columns)
        job = Job(fold=partial(sample, names, limit=limit), divisible=True)
        found = source.runner.run(source.dataset, job)
        values = [found.table.column(index) for index in range(len(columns))]
        features = [(columns[index], values[index]) for index in asked.features]
        return FlipTest(rows=flip_rows(asked.count, features, values))


def counted(data: Any, asked: Request, progress: Progress | None) -> Counted:
    """The counts of all rows: the one pass over data, or what states have of them.

    Raises:
        InputError: the data cannot be read, or the states are of something else.
        SettingsError: a setting names what is not there.
        FormatError: a file of states is damaged.
    """
    kept = KEPT.kept_in(data)
    return _of_rows(data, asked, progress) if kept is None else _of_states(kept, asked)


def _of_rows(data: Any, asked: Request, progress: Progress | None) -> Counted:
    settings = asked.settings
    source = opened(data, asked.config, settings, header_given=asked.header_given)
    dataset = source.dataset
    columns = tuple(dataset.columns)
    found = plan(asked.config, columns, settings, source.roles)
    job = Job(fold=partial(count, found.count), divisible=True)
    counts = source.runner.run(dataset, job, progress)
    judge(dataset, counts.rejected, counts.rows)
    states = None
    if asked.keep_states:
        states = GroupStates(state=counts, columns=columns, roles=source.roles)
        states = of_window(states, data, dataset, settings.run)
    return Counted(
        counts=counts,
        plan=found,
        columns=columns,
        run=Run.about(KEPT.monitor, dataset, settings.run, source.engine),
        source=source,
        states=states,
    )


def _of_states(states: GroupStates, asked: Request) -> Counted:
    roles = asked_roles(asked.config, asked.settings, states.roles)
    found = plan(asked.config, states.columns, asked.settings, roles)
    refuse_otherwise_counted(states, (found.count, roles))
    return Counted(
        counts=states.state,
        plan=found,
        columns=states.columns,
        run=KEPT.about(states, asked.settings.run),
        states=states,
    )

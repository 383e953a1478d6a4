"""Counts the groups of a bias run, in data or in kept states."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any

from driftkit.compute.job import Job
from driftkit.formats import analysis_config
from driftkit.monitors.bias.inputs import Opened, asked_roles, opened
from driftkit.monitors.bias.plan import BiasPlan, plan, stages_of
from driftkit.monitors.bias.settings import BiasSettings
from driftkit.monitors.kept_states import KeptStates, window_of
from driftkit.readers.dataset import judge
from driftkit.results.contract import Run
from driftkit.states.groups import storage
from driftkit.states.groups.codec import digest_of
from driftkit.states.groups.fold import count
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
        digest = digest_of(counts)
        window = window_of(data, dataset, settings.run, rows=counts.rows, digest=digest)
        states = GroupStates(
            state=counts,
            columns=columns,
            roles=source.roles,
            windows=(window,),
            name=window.source or dataset.name,
        )
    return Counted(
        counts=counts,
        plan=found,
        columns=columns,
        run=replace(Run.about("bias", dataset, settings.run), engine=source.engine),
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

"""Computes the states of data in one pass, and adds saved states."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import TYPE_CHECKING, Any

from driftkit.capture.variant import VARIANT
from driftkit.columns.times import INFERENCE_TIME
from driftkit.compute.choice import choose, runner_of
from driftkit.dialects import dialect as dialect_named
from driftkit.errors import InputError, SettingsError
from driftkit.formats.derived import Derivation
from driftkit.monitors.data_quality.derivation import with_cells
from driftkit.monitors.data_quality.description import describe
from driftkit.monitors.data_quality.embeddings import vectors_set_aside
from driftkit.monitors.data_quality.selection import selected, selected_states, without_columns
from driftkit.monitors.partition_compat import (
    partitions_of,
    refuse_timeless,
    with_segments,
    with_time,
)
from driftkit.monitors.saved_states import combine, partitioned
from driftkit.monitors.sources import origin_of
from driftkit.readers.dataset import FileDataset, judge
from driftkit.readers.derived import joint_sources, not_made, with_derived
from driftkit.readers.opening import opened
from driftkit.results.contract import Run
from driftkit.settings.declaring import changed
from driftkit.settings.patterns import refuse_unknown
from driftkit.states.profile.table import FoldOptions
from driftkit.states.states import States

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.compute.choice import Purpose
    from driftkit.compute.job import Progress, Runner
    from driftkit.readers.dataset import Dataset
    from driftkit.settings import Compute, Settings
    from driftkit.settings.detection import Outcomes
    from driftkit.states.partitions.partition import PartitionOptions, TableState

_OF_STATES = "kept states"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of the data.

    Attributes:
        purpose: what the answer is for.
        settings: how data are read and computed.
        names: the baseline's columns, given to captured CSV columns by their place.
        known: column -> values that are counted exactly.
        partitions: how rows are told apart.
        derivation: how columns are made of others.
        progress: called with units done, units in all and rows so far.
        allow_overlap: whether states of the same rows may be added up.
    """

    purpose: Purpose
    settings: Settings
    names: tuple[str, ...] = ()
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    partitions: tuple[PartitionOptions, ...] = ()
    derivation: Derivation = field(default_factory=Derivation)
    progress: Progress | None = None
    allow_overlap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The states, how they came about, and what the engine suggests."""

    states: States
    run: Run
    suggestions: Mapping[str, Any] | None = None


def measure(data: Any, request: Request) -> Measured:
    """The states of the data.

    Args:
        data: whatever `driftkit.readers.opening.opened` takes, states, files of states, or a list
            of paths of which some are files of states; the data's are added last.
        request: what is asked.

    Raises:
        InputError: the data cannot be read, have other columns than the states, or were in them
            already.
        FormatError: a file of states is damaged.
        EngineError: Spark or Deequ failed.
    """
    began = time.perf_counter()
    paths, data = _kept(data)
    kept = _combined(paths, request) if paths else None
    asked = _grown(kept, request)
    found = None if data is None else _read(data, asked)
    parts = [*([kept] if kept else []), *([found.states] if found else [])]
    states = combine(*parts, allow_overlap=request.allow_overlap)
    states = replace(states, table=_trimmed(states.table, request))
    engines = [*([found.run.engine] if found else []), *([_OF_STATES] if kept else [])]
    about = found.run if found else _of_states(asked.settings)
    run = replace(
        about,
        rows=states.table.rows,
        seconds=time.perf_counter() - began,
        engine=" and ".join(engines),
        note=_note(found, states),
        rejected=states.table.rejected,
        remarks=(
            *about.remarks,
            *_without_finite(states),
            *vectors_set_aside(states.table, states.derivation),
        ),
        inputs=tuple(dict.fromkeys(each.source for each in states.windows if each.source))
        or about.inputs,
    )
    # Deequ suggests constraints only of rows that it saw.
    suggestions = None if found is None or kept else found.suggestions
    return Measured(states=states, run=run, suggestions=suggestions)


def _combined(paths: list[Any], request: Request) -> States:
    """The kept states, of those columns that are monitored."""
    kept = combine(*paths, allow_overlap=request.allow_overlap)
    selection = request.settings.selection
    refuse_unknown(selection, [*(column.name for column in kept.table.columns), *request.names])
    return replace(kept, table=selected_states(kept.table, selection))


def _grown(kept: States | None, request: Request) -> Request:
    """The question, about the parts and the columns that a baseline has which grows."""
    if kept is None:
        return request
    _refuse_other_derivation(kept, request)
    request = replace(request, derivation=kept.derivation)
    if request.purpose == "monitor":
        return request
    partitions = partitions_of(kept, request.partitions)
    return replace(request, partitions=partitions, settings=with_time(request.settings, partitions))


def _refuse_other_derivation(kept: States, request: Request) -> None:
    asked = request.derivation
    # Who adds to a baseline has not said in which cells.
    same = kept.derivation == asked or (
        request.purpose == "baseline" and kept.derivation.told == asked.told
    )
    if not same and (asked or request.purpose == "monitor"):
        raise InputError(
            "columns of the states were not made of others as they are to be",
            where=kept.name,
            expected=asked.told,
            found=kept.derivation.told,
            todo="Read their data again, or leave the option out",
        )


def _note(found: Measured | None, states: States) -> str | None:
    lost = states.merge_losses.segments
    notes = [found.run.note] if found and found.run.note else []
    if lost:
        notes.append(f"{lost} segments joined all others, where some states had them already")
    return "; ".join(notes) or None


def _without_finite(states: States) -> tuple[str, ...]:
    """The columns of numbers none of which can be added up or compared, a line each."""
    return tuple(
        f"column {column.name}: all {column.presence.present:,} values are infinite or not a "
        "number, so it has neither mean, extremes nor distribution"
        for column in states.table.columns
        if column.non_finite and column.non_finite == column.presence.present
    )


def _of_states(settings: Settings) -> Run:
    """What is known of a run on states alone, whose windows they know themselves."""
    return Run(
        monitor="data_quality",
        dialect=settings.compute.dialect,
        severities=settings.grading.severity,
    )


def _kept(data: Any) -> tuple[list[Any], Any]:
    """The states among the data, and what is left to be read; None if nothing is."""
    if isinstance(data, str | PathLike | States):
        states, others = partitioned([data])
        return states, data if others else None
    if isinstance(data, Sequence) and data:
        states, others = partitioned(data)
        if states:
            return states, others or None
    return [], data


def read_again(data: Any, request: Request) -> tuple[Dataset, Runner] | None:
    """The rows among the data, of which columns are made as before, and where they are counted.

    Returns:
        None where there are kept states alone.
    """
    others = _kept(data)[1]
    if others is None:
        return None
    dataset = with_derived(_opened(others, request), request.derivation, strict=True)
    return dataset, runner_of(dataset, replace(request.settings.compute, engine="scan"))


def _opened(data: Any, request: Request) -> Dataset:
    known = not_made(request.names, request.derivation)
    reading = with_segments(request.settings, request.partitions)
    reading = changed(reading, embedding_columns=request.derivation.embedding_columns)
    return opened(data, reading, known)


def _read(data: Any, request: Request) -> Measured:
    settings = request.settings
    dataset = _opened(data, request)
    derivation = _learnt(request.derivation, dataset, settings)
    dataset = with_derived(dataset, derivation, strict=request.purpose == "baseline")
    partitions = _possible(request, dataset)
    by = [name for split in partitions for name in split.by]
    beside = _no_features(request, by)
    read = [column.name for column in dataset.columns if column.name not in beside]
    refuse_unknown(settings.selection, [*read, *dataset.set_aside, *request.names])
    dataset = selected(dataset, settings.selection, by, beside)
    _refuse_outcomes(dataset, settings.outcomes, read)
    options = FoldOptions(
        row_order=dialect_named(settings.compute.dialect).row_order_moments,
        known=request.known,
        partitions=partitions,
    )
    compute = _scanning(settings.compute, partitions, derivation)
    engine = choose(dataset, compute, purpose=request.purpose)
    state = engine.profile(dataset, options, request.progress)
    state = without_columns(state, beside) if beside else state
    judge(dataset, state.rejected, state.rows)
    if request.purpose == "baseline":
        refuse_timeless(state)
    return Measured(
        states=replace(_states_of(state, data, dataset, settings), derivation=derivation),
        run=replace(Run.about("data_quality", dataset, settings, engine.name), note=engine.note),
        suggestions=engine.suggestions(dataset, state),
    )


def _refuse_outcomes(dataset: Dataset, outcomes: Outcomes, read: Sequence[str]) -> None:
    """Refuses predictions and labels that are not there, and rows that cannot be read for them again.

    Windows have predictions, which are monitored; labels need not be.
    """
    monitored = [column.name for column in dataset.columns]
    for setting, name, known in (
        ("prediction_column", outcomes.prediction_column, monitored),
        ("label_column", outcomes.label_column, read),
    ):
        if name and name not in known:
            raise InputError(
                "there is no such column",
                where=f"{dataset.name}: {setting}",
                expected=name,
                found=", ".join(known[:5]),
                todo="Name one that is read, and for predictions one that is monitored",
            )
    if outcomes.prediction_column and isinstance(dataset, FileDataset) and dataset.streamed:
        raise InputError(
            "these rows cannot be read twice",
            where=f"{dataset.name}: prediction_column",
            expected="files, data in memory or of Spark",
            found="a stream",
            todo="Write it to files, or leave prediction_column out",
        )


def _learnt(derivation: Derivation, dataset: Dataset, settings: Settings) -> Derivation:
    """The derivation with cells of its joint columns, for which a baseline's are read twice."""
    if all(each.sides is not None for each in derivation.joints):
        return derivation
    some = joint_sources(dataset, derivation)
    engine = choose(some, _scanning(settings.compute, (), derivation), purpose="baseline")
    return with_cells(derivation, describe(engine.profile(some, FoldOptions())))


def _no_features(request: Request, by: Sequence[str]) -> set[str]:
    """The production variants of a window, by which its rows are told apart and no more."""
    if request.purpose == "baseline" or VARIANT in request.names:
        return set()
    return {VARIANT}.intersection(by)


def _possible(request: Request, dataset: Dataset) -> tuple[PartitionOptions, ...]:
    """The splits that can be made; a column that a window lacks is a violation by itself."""
    if request.purpose == "baseline":
        return request.partitions
    names = {column.name for column in dataset.columns}
    if isinstance(dataset, FileDataset) and dataset.hours is not None:
        names.add(INFERENCE_TIME)
    return tuple(split for split in request.partitions if names.issuperset(split.by))


def _scanning(
    compute: Compute, partitions: Sequence[PartitionOptions], derivation: Derivation
) -> Compute:
    if not (partitions or derivation) or compute.engine == "scan":
        return compute
    if compute.engine == "deequ":
        raise SettingsError(
            "Deequ keeps no states of segments, of blocks of time or of columns made of others",
            expected="engine scan",
            found="engine deequ",
            todo="Leave the engine out",
        )
    return replace(compute, engine="scan")


def _states_of(table: TableState, data: Any, dataset: Dataset, settings: Settings) -> States:
    """The states, and from where and when they are, so that rows are known that are read twice."""
    origin = origin_of(data, dataset, settings)
    return States.of(
        table, source=origin.source, paths=origin.paths, start=origin.start, end=origin.end
    )


def _trimmed(table: TableState, request: Request) -> TableState:
    """The table with its most frequent segments only; the others are one.

    A window has those of its baseline, however few rows it has of them.
    """
    if not table.partitions:
        return table
    asked = request.settings.partition
    least = asked.segment_min_rows if request.purpose == "baseline" else 0
    partitions = (
        split if split.unit else split.largest(asked.segment_max, least)
        for split in table.partitions
    )
    return replace(table, partitions=tuple(partitions))

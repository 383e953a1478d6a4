"""Opens the data of an attribution run: features and baseline rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from driftkit.compute.choice import runner_of
from driftkit.compute.job import Job
from driftkit.compute.local import LocalRunner
from driftkit.errors import InputError, SettingsError
from driftkit.explain.background import clustered
from driftkit.explain.rows import BOOLEAN, CATEGORY, NUMBER, TEXT, TRUTH, Rows, kind_of
from driftkit.monitors.attribution.baseline_rows import given_rows
from driftkit.monitors.attribution.checks import refuse_unranked
from driftkit.monitors.attribution.explaining import Features, numbers_of
from driftkit.readers.arrow import from_table
from driftkit.readers.opening import opened as opened_table
from driftkit.settings.declaring import changed
from driftkit.states.groups.rows import RowSample, sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.columns.chunk import Column
    from driftkit.compute.job import Runner
    from driftkit.formats.analysis_config import NameOrIndex
    from driftkit.formats.attribution_config import AttributionConfig
    from driftkit.monitors.attribution.settings import AttributionSettings
    from driftkit.readers.dataset import Dataset
    from driftkit.states.attributions import AttributionState

# Rows in which clusters are looked for, and by which the type of text columns is told.
CLUSTERED_ROWS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Data ready to be explained.

    Attributes:
        dataset: the rows.
        indices: of the features among the columns.
        names: of the features, in the model's order.
        runner: where they are explained.
        whole: the rows before any sampling.
        seen: how many these are; None where nothing was sampled.
    """

    dataset: Dataset
    indices: tuple[int, ...]
    names: tuple[str, ...]
    runner: Runner
    whole: Dataset
    seen: int | None = None

    @property
    def kinds(self) -> tuple[str | None, ...]:
        """The types that the data declare of the features; None where text tells them."""
        declared = (self.dataset.columns[index].arrow for index in self.indices)
        return tuple(None if each is None else kind_of(each) for each in declared)

    def typed(self, background: Rows) -> Rows:
        """Baseline rows with the types that the data declare."""
        given = background.kinds or tuple(NUMBER for _ in background.names)
        pairs = zip(self.kinds, given, strict=True)
        return replace(background, kinds=tuple(_reconciled(*pair) for pair in pairs))

    def features(self, background: Rows) -> Features:
        """The features, those of them numbers that are numbers in the background."""
        numeric = tuple(
            all(isinstance(value, int | float) for value in column)
            for column in background.values.T
        )
        return Features(
            names=self.names,
            indices=self.indices,
            numeric=numeric,
            kinds=self.kinds,
            truths=tuple(kind in {BOOLEAN, TRUTH} for kind in background.kinds),
        )


def opened(data: Any, config: AttributionConfig, settings: AttributionSettings) -> Opened:
    """Opens the data of a run.

    Raises:
        InputError: the data cannot be read.
        SettingsError: a feature is not there, or too few are chosen.
    """
    # Captured requests come first in a row, so that the headers name the features.
    run = changed(settings.run, output_columns_position="END")
    if config.headers is not None and (config.dataset_type or "").lower() == "text/csv":
        run = changed(run, header=False)
    dataset = opened_table(data, run, config.headers or ())
    dataset = _named(dataset, config)
    names, indices = _features(dataset.columns, config, settings)
    refuse_unranked(names, settings.run.selection)
    runner = runner_of(dataset, settings.run.compute)
    found = Opened(dataset=dataset, indices=indices, names=names, runner=runner, whole=dataset)
    _require_no_times(found)
    return found if settings.sample is None else _sampled(found, settings.sample)


def _require_no_times(source: Opened) -> None:
    """Refuses features that are times, dates or durations.

    Raises:
        InputError: one is; how a model makes numbers of it is not known.
    """
    columns = [source.dataset.columns[index] for index in source.indices]
    times = {
        each.name: str(each.arrow)
        for each in columns
        if each.arrow is not None and pa.types.is_temporal(each.arrow)
    }
    if times:
        raise InputError(
            "features are times",
            where=f"{source.dataset.name}, columns {', '.join(map(repr, times))}",
            expected="numbers, truth values or text",
            found=", ".join(times.values()),
            todo="Name them in excluded_columns, or give the numbers that the model makes of them, "
            "such as the hour",
        )


def _reconciled(declared: str | None, given: str) -> str:
    """The type of a feature in baseline rows, in which JSON and CSV know fewer types."""
    if declared is None:
        return TRUTH if given == BOOLEAN else given
    textual = {TEXT, CATEGORY, TRUTH}
    return declared if (declared in textual) == (given in textual) else given


def _named(dataset: Dataset, config: AttributionConfig) -> Dataset:
    """The dataset under the configuration's headers, where it has no names of its own."""
    headers = config.headers
    if headers is None or any(column.name in headers for column in dataset.columns):
        return dataset
    plain = all(column.name.startswith("_c") for column in dataset.columns)
    # A monitor's configuration has headers for the features, after which batch transform puts
    # the model's answer.
    more = config.dataset_type is None and len(headers) < len(dataset.columns)
    if not plain or (len(headers) != len(dataset.columns) and not more):
        return dataset
    names = [*headers, *(column.name for column in dataset.columns[len(headers) :])]
    pairs = zip(names, dataset.columns, strict=True)
    columns = tuple(replace(each, name=name) for name, each in pairs)
    return replace(dataset, columns=columns)  # type: ignore[type-var]


def _features(
    columns: Sequence[Column], config: AttributionConfig, settings: AttributionSettings
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    present = [column.name for column in columns]
    outcomes = {_outcome(each, config.headers or (), present) for each in config.outcomes()}
    wanted = [name for name in config.headers or present if name not in outcomes]
    path = inside(settings.features_attribute or config.features)
    found = {name: index for index, name in enumerate(present)}
    if path is not None and config.headers is not None:
        wanted = wanted[: len(wanted) - _outcome_headers(config, found, path)]
    if any(name not in found for name in wanted) and path is not None:
        found = {
            name: found[f"{path}.{index}"]
            for index, name in enumerate(wanted)
            if f"{path}.{index}" in found
        }
    missing = [name for name in wanted if name not in found]
    if missing or not wanted:
        raise SettingsError(
            "features are not in the data",
            where="analysis_config.json: headers",
            expected=f"columns among: {', '.join(present)}",
            found=", ".join(missing) or "no feature",
            todo="Correct headers, label and excluded_columns, or the path in features",
        )
    return tuple(wanted), tuple(found[name] for name in wanted)


def _outcome(wanted: NameOrIndex, headers: Sequence[str], present: Sequence[str]) -> str:
    """The name of a column that is no feature."""
    if isinstance(wanted, str):
        return wanted
    # Headers may be those of the features, the first columns, alone.
    names = [*headers, *present[len(headers) :]]
    if not 0 <= wanted < len(names):
        raise SettingsError(
            f"column {wanted} is not present in the dataset",
            where="analysis_config.json: label, predicted_label, excluded_columns, "
            "joinsource_name_or_index",
            expected=f"0 to {len(names) - 1}",
            found=str(wanted),
            todo="Correct the place",
        )
    return names[wanted]


def inside(path: str | None) -> str | None:
    """A JMESPath within a row, where rows are the elements of a list: columns are named so."""
    return None if path is None else path.rpartition("[*].")[2]


def _outcome_headers(config: AttributionConfig, found: Mapping[str, int], path: str) -> int:
    """How many headers at the end name a label or prediction that is known by its JMESPath."""
    headers = config.headers or ()
    located = [
        each
        for each in (config.label, config.predicted_label)
        if isinstance(each, str) and each not in headers
    ]
    features = sum(name.startswith(f"{path}.") for name in found)
    return min(len(located), max(len(headers) - features, 0))


def _sampled(source: Opened, limit: int) -> Opened:
    """Those rows whose contents have the smallest hashes, whichever way the data are cut."""
    found = head(source, limit)
    names = [str(index) for index in range(found.table.num_columns)]
    table = found.table.rename_columns(names)
    return replace(
        source,
        dataset=replace(from_table(table, source.dataset.name), columns=source.dataset.columns),
        runner=LocalRunner(),
        seen=found.rows,
    )


def head(source: Opened, limit: int) -> RowSample:
    """A sample of the rows, all columns."""
    names = tuple(column.name for column in source.dataset.columns)
    job = Job(fold=partial(sample, names, limit=limit), divisible=True)
    return source.runner.run(source.dataset, job)


def wanted_rows(
    names: tuple[str, ...], config: AttributionConfig, kept: Rows | None, path: str | None
) -> Rows | None:
    """The configuration's baseline rows, else those kept of the baseline; None where there are none.

    Args:
        names: of the features.
        config: may have baseline rows.
        kept: of the baseline.
        path: JMESPath of the features in the data; None where these are not JSON.

    Raises:
        InputError: one is of another width.
        SettingsError: a baseline row lacks a feature, or their file cannot be read.
    """
    if config.shap.baseline is not None:
        return given_rows(config.shap.baseline, names, path)
    if kept is None or not set(names) <= set(kept.names):
        return None
    indices = [kept.names.index(name) for name in names]
    return kept.taken(np.array(indices, dtype=np.intp), names)


def found_rows(source: Opened, config: AttributionConfig, seed: int) -> Rows:
    """Baseline rows from clusters of the data.

    Raises:
        InputError: there is not a single row.
        SettingsError: there are fewer rows than clusters.
    """
    rows = sampled_rows(source)
    if rows.numeric:
        rows = rows.with_values(rows.values[np.isfinite(rows.values).all(axis=1)])
    return clustered(rows, config.shap.num_clusters, seed)


def sampled_rows(source: Opened, limit: int = CLUSTERED_ROWS) -> Rows:
    """The features of some rows, columns of numbers as numbers.

    Raises:
        InputError: there is not a single row.
    """
    sampled = head(source, limit).table
    if not sampled.num_rows:
        raise InputError(
            "there is not a single row",
            where=source.dataset.name,
            expected="at least one row",
            todo="Check that the input is the right one",
        )
    columns = [sampled.column(index) for index in source.indices]
    numeric = tuple(not numbers_of(column)[1].any() for column in columns)
    features = Features(
        names=source.names, indices=source.indices, numeric=numeric, kinds=source.kinds
    )
    rows, _ = features.rows(columns)
    return rows


def sampling_remarks(state: AttributionState) -> tuple[str, ...]:
    """What a person should know of how many rows were explained."""
    remarks = []
    if state.seen > state.rows:
        remarks.append(f"a sample of {state.rows:,} of {state.seen:,} rows was explained")
    if state.count == 1:
        remarks.append("a single row was explained: its ranking says little about the window")
    return tuple(remarks)


def label_names(config: AttributionConfig, outputs: int) -> tuple[str, ...]:
    """The names of the model's outputs.

    Raises:
        SettingsError: the configuration has another number of them.
    """
    headers = config.predictor.label_headers
    if headers is None:
        return tuple(f"label{number}" for number in range(outputs))
    if len(headers) != outputs:
        raise SettingsError(
            "there are not as many label headers as outputs of the model",
            where="predictor.label_headers",
            expected=f"{outputs}",
            found=f"{len(headers)}: {', '.join(headers)}",
            todo="Name each output, or leave label_headers out",
        )
    return headers

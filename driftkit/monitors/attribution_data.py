"""Opens the data of an attribution run: the features among the columns, and the baseline rows."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.columns.chunk import Column
from driftkit.engines import counting
from driftkit.engines.choice import choose
from driftkit.engines.explaining import Features, numbers_of
from driftkit.engines.local import LocalScan
from driftkit.errors import InputError, SettingsError
from driftkit.explain.background import clustered
from driftkit.explain.rows import Rows, rows_of
from driftkit.formats.places import place as place_of
from driftkit.formats.python_json import loads_object
from driftkit.monitors.data import opened as opened_table
from driftkit.records.typed import from_table
from driftkit.statistics.facets.rows import RowSample, sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from driftkit.formats.attribution_config import AttributionConfig
    from driftkit.monitors.attribution_settings import AttributionSettings
    from driftkit.records.dataset import Dataset

# Rows in which clusters are looked for, and by which the type of text columns is told.
CLUSTERED_ROWS = 10_000
WHERE_BASELINE = "methods.shap.baseline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Data ready to be explained.

    Attributes:
        dataset: the rows.
        places: of the features among the columns.
        names: of the features, in the model's order.
        on_spark: whether Spark's tasks explain them.
        seen: rows before any sampling; None where nothing was sampled.
    """

    dataset: Dataset
    places: tuple[int, ...]
    names: tuple[str, ...]
    on_spark: bool
    seen: int | None = None

    def features(self, background: Rows) -> Features:
        """The features, those of them numbers that are numbers in the background."""
        numeric = tuple(
            all(isinstance(value, int | float) for value in column)
            for column in background.values.T
        )
        return Features(names=self.names, places=self.places, numeric=numeric)


def opened(data: Any, config: AttributionConfig, settings: AttributionSettings) -> Opened:
    """Opens the data of a run.

    Raises:
        InputError: the data cannot be read.
        SettingsError: a feature is not there.
    """
    # Captured requests come first in a row, so that the headers name the features.
    run = replace(settings.run, output_columns_position="END")
    if config.headers is not None and _has_no_header(config):
        run = replace(run, header=False)
    dataset = opened_table(data, run, config.headers or ())
    dataset = _named(dataset, config)
    names, places = _features(dataset.columns, config, settings)
    engine = choose(dataset, settings.run, purpose="monitor")
    on_spark = not isinstance(engine, LocalScan)
    found = Opened(dataset=dataset, places=places, names=names, on_spark=on_spark)
    return found if settings.sample is None else _sampled(found, settings.sample)


def _has_no_header(config: AttributionConfig) -> bool:
    return config.headers is not None and (config.dataset_type or "").lower() == "text/csv"


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
    columns = tuple(Column(name=name, declared=each.declared) for name, each in pairs)
    return replace(dataset, columns=columns)  # type: ignore[type-var]


def _features(
    columns: Sequence[Column], config: AttributionConfig, settings: AttributionSettings
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    present = [column.name for column in columns]
    outcomes = {
        (config.headers or present)[each] if isinstance(each, int) else each
        for each in config.outcomes()
    }
    wanted = [name for name in config.headers or present if name not in outcomes]
    path = inside(settings.features_attribute or config.features)
    found = {name: place for place, name in enumerate(present)}
    if path is not None and config.headers is not None:
        wanted = wanted[: len(wanted) - _outcome_headers(config, found, path)]
    if any(name not in found for name in wanted) and path is not None:
        found = {
            name: found[f"{path}.{place}"]
            for place, name in enumerate(wanted)
            if f"{path}.{place}" in found
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
    names = [str(place) for place in range(found.table.num_columns)]
    table = found.table.rename_columns(names)
    return replace(
        source,
        dataset=replace(from_table(table, source.dataset.name), columns=source.dataset.columns),
        on_spark=False,
        seen=found.rows,
    )


def head(source: Opened, limit: int) -> RowSample:
    """A sample of the rows, all columns."""
    names = tuple(column.name for column in source.dataset.columns)
    work = partial(_sample, names, limit)
    found: RowSample = counting.run(source.dataset, work, on_spark=source.on_spark)
    return found


def _sample(names: tuple[str, ...], limit: int, chunks: Any) -> RowSample:
    return sample(names, chunks, limit)


def given_rows(config: AttributionConfig, names: tuple[str, ...]) -> Rows | None:
    """The baseline rows of the configuration; None where it has none.

    Raises:
        InputError: a row has another width.
        SettingsError: a row lacks a feature, or their file cannot be read.
    """
    baseline = config.shap.baseline
    if baseline is None:
        return None
    rows = _from_file(baseline) if isinstance(baseline, str) else list(baseline)
    if not rows:
        return None
    return rows_of([_ordered(row, names, at) for at, row in enumerate(rows)], names, WHERE_BASELINE)


def _ordered(row: Any, names: tuple[str, ...], number: int) -> list[Any]:
    if not isinstance(row, dict):
        return list(row)
    missing = [name for name in names if name not in row]
    if missing:
        raise SettingsError(
            "a baseline row lacks a feature",
            where=f"{WHERE_BASELINE}[{number}]",
            expected=", ".join(names),
            found=f"without {', '.join(missing)}",
            todo="Give every feature a value",
        )
    return [row[name] for name in names]


def _from_file(place: str) -> list[Any]:
    try:
        text = place_of(place.removeprefix("file://")).read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            "the file of baseline rows cannot be read",
            where=WHERE_BASELINE,
            expected="rows inline, or the path or URL of a CSV or JSON Lines file",
            found=f"{place} ({error.strerror or error})",
            todo="Copy it here, or write the rows into the configuration",
        ) from error
    if text.lstrip()[:1] == "{":
        lines = [line for line in text.splitlines() if line.strip()]
        found = [loads_object(line, f"{place}, line {at}") for at, line in enumerate(lines, 1)]
        return [next(iter(row.values())) if len(row) == 1 else row for row in found]
    return [[_cell(text) for text in row] for row in csv.reader(io.StringIO(text)) if row]


def _cell(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def found_rows(source: Opened, config: AttributionConfig, seed: int) -> Rows:
    """Baseline rows from clusters of the data.

    Raises:
        InputError: there is not a single row.
        SettingsError: there are fewer rows than clusters.
    """
    rows = sampled_rows(source)
    if rows.numeric:
        rows = rows.of(rows.values[np.isfinite(rows.values).all(axis=1)])
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
    columns = [sampled.column(place) for place in source.places]
    numeric = tuple(_is_numeric(column) for column in columns)
    features = Features(names=source.names, places=source.places, numeric=numeric)
    rows, _ = features.rows(columns)
    return rows


def _is_numeric(column: pa.ChunkedArray) -> bool:
    _, wrong = numbers_of(column)
    return not bool(wrong.any())

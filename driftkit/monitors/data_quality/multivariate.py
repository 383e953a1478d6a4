"""Tells a window's rows from its baseline's by all columns together, which takes the rows."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.columns.types import InferredType
from driftkit.comparison.multivariate import (
    Rows,
    domain_classifier,
    kernel_discrepancy,
    reconstruction_error,
)
from driftkit.errors import InputError, SettingsError
from driftkit.monitors.data_quality.distances import Distances, FeatureDistance
from driftkit.monitors.data_quality.value_counts import numbers_of
from driftkit.readers.dataset import FileDataset

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.cell_counts import Measured
    from driftkit.formats.statistics import Statistics
    from driftkit.readers.dataset import Dataset

ALL_COLUMNS = "all columns"
TESTS: Mapping[str, Callable[[Rows], Measured]] = MappingProxyType(
    {
        "reconstruction": reconstruction_error,
        "mmd": kernel_discrepancy,
        "domain_classifier": domain_classifier,
    }
)
# What is drift: an AUC beyond this, NannyML's; for the others a smaller p-value.
_AUC, _P_VALUE = 0.65, 0.01
_LEAST_ROWS = 20
_NUMERIC = {str(each) for each in InferredType if each.is_numeric}


def refuse_unknown_tests(names: Sequence[str]) -> None:
    """Refuses what is no test.

    Raises:
        SettingsError: one of the names is not known.
    """
    unknown = [each for each in names if each not in TESTS]
    if unknown:
        raise SettingsError(
            "there is no such test of all columns",
            where="tests",
            expected=" | ".join(TESTS),
            found=", ".join(map(repr, unknown)),
            todo="Choose one of them",
        )


def numeric(statistics: Statistics) -> dict[str, bool]:
    """Column -> whether it is of numbers."""
    return {each.name: each.inferred_type in _NUMERIC for each in statistics.features}


def told_apart(
    window: Dataset, baseline: Dataset, numbers: Mapping[str, bool], names: Sequence[str]
) -> Distances:
    """How well the rows are told apart.

    Args:
        window: its rows, in files or in memory.
        baseline: the same of the baseline.
        numbers: column -> whether it is of numbers.
        names: of the tests.

    Raises:
        InputError: they have no columns in common or too few rows, or cannot be read twice.
        SettingsError: the library of a test is not installed.
    """
    rows = _rows(window, baseline, numbers)
    return Distances(found=tuple(_found(name, TESTS[name](rows)) for name in names))


def _found(name: str, measured: Measured) -> FeatureDistance:
    lower, upper = measured.interval or (None, None)
    by_value, p_value = name == "domain_classifier", measured.p_value
    return FeatureDistance(
        feature=ALL_COLUMNS,
        distance=name,
        value=measured.value,
        lower=lower,
        upper=upper,
        p_value=p_value,
        threshold=_AUC if by_value else _P_VALUE,
        beyond=measured.value > _AUC if by_value else p_value is not None and p_value < _P_VALUE,
    )


def _rows(window: Dataset, baseline: Dataset, numbers: Mapping[str, bool]) -> Rows:
    here = {each.name for each in window.columns}
    names = [each.name for each in baseline.columns if each.name in here and each.name in numbers]
    if not names:
        raise InputError(
            "window and baseline have no column in common",
            where=window.name,
            expected=", ".join(each.name for each in baseline.columns[:5]),
            found=", ".join(each.name for each in window.columns[:5]),
        )
    before, now = (_columns(each, names, numbers) for each in (baseline, window))
    pairs = [_coded(now[n], before[n]) if not numbers[n] else (now[n], before[n]) for n in names]
    return Rows(
        now=np.column_stack([each for each, _ in pairs]),
        before=np.column_stack([each for _, each in pairs]),
        texts=np.array([not numbers[name] for name in names]),
    )


def _columns(dataset: Dataset, names: Sequence[str], numbers: Mapping[str, bool]) -> dict[str, Any]:
    """Numbers, or Arrow texts, of every row."""
    if not isinstance(dataset, FileDataset) or dataset.streamed:
        raise InputError(
            "these rows cannot be read twice",
            where=dataset.name,
            expected="files or data in memory",
            found="data of Spark, or a stream",
            todo="Write them to files, or take a sample into memory",
        )
    at = {each.name: index for index, each in enumerate(dataset.columns)}
    parts: dict[str, list[Any]] = {name: [] for name in names}
    for unit in dataset.units:
        for chunk in unit.chunks():
            for name in names:
                column = chunk.column(at[name])
                parts[name].append(numbers_of(column) if numbers[name] else _texts(column))
    rows = sum(map(len, parts[names[0]]))
    if rows < _LEAST_ROWS:
        raise InputError(
            "there are too few rows to tell them apart",
            where=dataset.name,
            expected=f"at least {_LEAST_ROWS}",
            found=str(rows),
        )
    return {
        name: np.concatenate(each) if numbers[name] else pa.concat_arrays(each)
        for name, each in parts.items()
    }


def _texts(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.cast(pa.large_string()).combine_chunks()


def _coded(now: pa.Array, before: pa.Array) -> tuple[Floats, Floats]:
    """Numbers of categories, the baseline's most frequent first; NaN of none, -1 of unseen ones."""
    counted = sorted(before.drop_null().value_counts().to_pylist(), key=_by_rows)
    known = pa.array([each["values"] for each in counted], pa.large_string())
    first, second = (_numbered(each, known) for each in (now, before))
    return first, second


def _numbered(texts: pa.Array, known: pa.Array) -> Floats:
    codes = pc.index_in(texts, value_set=known).fill_null(-1).to_numpy(zero_copy_only=False)
    missing = texts.is_null().to_numpy(zero_copy_only=False)
    return np.where(missing, np.nan, codes.astype(np.float64))


def _by_rows(counted: Mapping[str, Any]) -> tuple[int, str]:
    return -counted["counts"], counted["values"]

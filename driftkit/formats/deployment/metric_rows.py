"""Checks the rows of a table of CloudWatch's metrics and sorts them by metric and time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.errors import InputError
from driftkit.formats.deployment.times import EXPECTED_TIME, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from driftkit.comparison.arrays import Floats, Integers

NAMES = ("metric", "timestamp", "variant", "statistic", "value")
COUNT = "count"
# As CloudWatch writes them.
_STATISTICS = {
    name.lower(): name for name in ("Sum", "Average", "SampleCount", "Minimum", "Maximum")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of a table.

    Attributes:
        where: its name, for messages.
        seconds: times since 1970, shape (rows,).
        values: what was measured, finite.
        counts: samples behind each value, NaN where not known.
        groups: metric, statistic and variant -> indices of their rows in the order of time.
    """

    where: str
    seconds: Integers = field(repr=False)
    values: Floats = field(repr=False)
    counts: Floats = field(repr=False)
    groups: Mapping[tuple[str, str, str], Integers] = field(repr=False)


def rows_of(table: pa.Table, where: str) -> Rows:
    """The rows of a table.

    Args:
        table: the columns of NAMES, and perhaps count.
        where: its name, for messages.

    Raises:
        InputError: a column is missing, a value is wrong, or two rows are about the same.
    """
    missing = [name for name in NAMES if name not in table.column_names]
    if missing:
        raise InputError(
            "a table of metrics lacks columns",
            where=where,
            expected=", ".join(NAMES) + f" and perhaps {COUNT}",
            found=", ".join(table.column_names),
            todo=f"Rename or add {', '.join(missing)}",
        )
    columns = _Columns(table=table, where=where)
    seconds = columns.parsed("timestamp", _seconds, EXPECTED_TIME).astype(np.int64)
    counts = (
        columns.parsed(COUNT, _samples, "a number of samples, 0 or more", empty=np.nan)
        if COUNT in table.column_names
        else np.full(table.num_rows, np.nan)
    )
    return Rows(
        where=where,
        seconds=seconds,
        values=columns.parsed("value", _value, "a finite number"),
        counts=counts,
        groups=_groups(columns, seconds),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    table: pa.Table
    where: str

    def parsed(
        self, name: str, parse: Callable[[Any], float], expected: str, *, empty: float | None = None
    ) -> Floats:
        """A column as numbers; each value is looked at once, however often it is there."""
        encoded = self._encoded(name)
        numbers = np.full(len(encoded.dictionary) + 1, np.nan if empty is None else empty)
        for index, value in enumerate(encoded.dictionary.to_pylist()):
            try:
                numbers[index] = parse(value)
            except (ValueError, TypeError, OverflowError) as error:
                raise self._wrong(name, expected, encoded, index) from error
        if empty is None and encoded.null_count:
            raise self._wrong(name, expected, encoded, None)
        return numbers[_indices(encoded)]

    def texts(self, name: str) -> tuple[Integers, list[str]]:
        """A column of texts as numbers of distinct texts, and these."""
        encoded = self._encoded(name)
        if encoded.null_count:
            raise self._wrong(name, "a text", encoded, None)
        return _indices(encoded), [str(value) for value in encoded.dictionary.to_pylist()]

    def _encoded(self, name: str) -> pa.DictionaryArray:
        column = self.table.column(name).combine_chunks()
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        if pa.types.is_null(column.type):
            column = column.cast(pa.string())
        return pc.dictionary_encode(column)

    def _wrong(
        self, name: str, expected: str, encoded: pa.DictionaryArray, index: int | None
    ) -> InputError:
        wanted = pc.is_null(encoded.indices) if index is None else pc.equal(encoded.indices, index)
        row = pc.index(wanted, value=True).as_py()
        found = "nothing" if index is None else repr(encoded.dictionary[index].as_py())
        return InputError(
            f"the {name} of a metric is wrong",
            where=f"{self.where}: row {row + 1}",
            expected=expected,
            found=found,
            todo="Correct it, or leave the row out of the export",
        )


def _indices(encoded: pa.DictionaryArray) -> Integers:
    """The number of each row's value; that after the last one where there is none."""
    filled = pc.fill_null(encoded.indices.cast(pa.int64()), len(encoded.dictionary))
    return np.asarray(filled.to_numpy(zero_copy_only=False), np.int64)


def _seconds(value: Any) -> float:
    if hasattr(value, "isoformat"):
        return seconds_of(value.isoformat())
    if isinstance(value, str) and _is_number(value):
        return seconds_of(float(value))
    return seconds_of(value)


def _is_number(text: str) -> bool:
    return text.strip().replace(".", "", 1).isdecimal()


def _value(value: Any) -> float:
    number = float(value)
    if not np.isfinite(number):
        raise ValueError(value)
    return number


def _samples(value: Any) -> float:
    if value == "":
        return float("nan")
    number = _value(value)
    if number < 0:
        raise ValueError(value)
    return number


def _groups(columns: _Columns, seconds: Integers) -> dict[tuple[str, str, str], Integers]:
    metrics, statistics, variants = (
        columns.texts(name) for name in ("metric", "statistic", "variant")
    )
    spelled = [_STATISTICS.get(each.lower(), each) for each in statistics[1]]
    of_spelling = np.array([spelled.index(each) for each in spelled], np.int64)
    kinds = of_spelling[statistics[0]]
    codes = (metrics[0] * len(spelled) + kinds) * len(variants[1]) + variants[0]
    order = np.lexsort((seconds, codes))
    _require_once(columns, codes[order], seconds[order], order)
    ends = np.flatnonzero(np.diff(codes[order])) + 1
    return {
        (
            metrics[1][metrics[0][indices[0]]],
            spelled[kinds[indices[0]]],
            variants[1][variants[0][indices[0]]],
        ): indices
        for indices in (np.split(order, ends) if len(order) else ())
    }


def _require_once(
    columns: _Columns,
    codes: Integers,
    seconds: Integers,
    order: Integers,
) -> None:
    same = np.flatnonzero((np.diff(codes) == 0) & (np.diff(seconds) == 0))
    if len(same):
        rows = sorted(int(order[same[0] + offset]) + 1 for offset in (0, 1))
        raise InputError(
            "two rows are about the same metric, variant and time",
            where=f"{columns.where}: rows {rows[0]} and {rows[1]}",
            expected="one row for each metric, statistic, variant and time",
            found="two",
            todo="Remove one of them, or add up what is of different instances",
        )

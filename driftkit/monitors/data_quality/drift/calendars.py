"""Known causes of change, such as holidays, from a file of days."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from driftkit.errors import InputError
from driftkit.io.locations import locate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.monitors.data_quality.drift.units import Unit
    from driftkit.native.arrays import Floats, Integers


class KnownCauses:
    """What is known of blocks besides their rows, added up; 0 of those that the file does not have."""

    def __init__(self, path: str, unit: Unit) -> None:
        """Reads a file.

        Args:
            path: of CSV: in the first column days (or hours) in ISO 8601, in the others numbers, or
                true and false, such as holiday or campaign.
            unit: of the blocks of time.

        Raises:
            InputError: it cannot be read, or is something else.
        """
        table = _read(path)
        days = [_day(text, path) for text in table.column(0).to_pylist()]
        self.names = table.column_names[1:]
        columns = [_numbers(table.column(name), name, path) for name in self.names]
        self._rows: dict[int, tuple[float, ...]] = {}
        for day, values in zip(days, zip(*columns, strict=True), strict=True):
            # Of a week with two holidays there are two lines.
            before = self._rows.get(unit.number(day), (0.0,) * len(values))
            self._rows[unit.number(day)] = tuple(map(add, before, values))

    def of(self, dates: Integers) -> Floats:
        """The causes of blocks, blocks by causes."""
        nothing = (0.0,) * len(self.names)
        found = [self._rows.get(date, nothing) for date in dates.tolist()]
        return np.array(found, np.float64).reshape(len(dates), len(self.names))


def _read(path: str) -> pa.Table:
    convert = pa_csv.ConvertOptions(strings_can_be_null=True)
    try:
        content = pa.py_buffer(locate(path).read_bytes())
        table = pa_csv.read_csv(pa.BufferReader(content), convert_options=convert)
    except (OSError, pa.ArrowException) as error:
        raise _wrong(path, str(error).splitlines()[0]) from error
    if table.num_columns < 2:
        raise _wrong(path, f"{table.num_columns} column")
    return table


def _day(value: Any, path: str) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise _wrong(path, f"{value!r} in the first column") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _numbers(column: pa.ChunkedArray, name: str, path: str) -> Iterator[float]:
    for value in column.to_pylist():
        if value is not None and not isinstance(value, bool | int | float):
            raise _wrong(path, f"{value!r} in column {name!r}")
        yield float(value or 0.0)


def _wrong(path: str, found: str) -> InputError:
    return InputError(
        "this is no calendar of known causes",
        where=path,
        expected="CSV: days in ISO 8601, then columns of numbers or of true and false",
        found=found,
        todo="Write a line for each day, such as 2026-12-25,1 below date,holiday",
    )

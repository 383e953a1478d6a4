"""What captured requests are told apart by that is in no payload: times, and attributes such as a model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.capture.arms import attribute
from driftkit.capture.heads import first_documents
from driftkit.capture.record import attributes_of
from driftkit.capture.table import by_time
from driftkit.columns.chunk import Rejections

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from driftkit.capture.table import RecordTable
    from driftkit.io.finding import File
    from driftkit.readers.dataset import TableChunk
    from driftkit.settings import TimeUnit

Values = tuple[str | None, ...]


def given_attributes(files: Sequence[File], keys: Sequence[str]) -> tuple[str, ...]:
    """Those of some keys that callers gave the first records of files as attributes.

    Args:
        files: of captured records.
        keys: that are looked for; where there are none, no file is looked at.
    """
    if not keys:
        return ()
    found = pa.array([attributes_of(each) for each in first_documents(files)], pa.string())
    return tuple(key for key in keys if attribute(found, key).null_count < len(found))


def chunks_apart(
    records: RecordTable,
    unit: TimeUnit | None,
    keys: Sequence[str],
    chunk: Callable[[RecordTable], TableChunk],
) -> Iterator[TableChunk]:
    """The rows of records, those of a day or hour apart, and further columns with attributes.

    Args:
        records: with their callers' words, if there are keys.
        unit: of the times; None if they tell nothing apart.
        keys: of the attributes, the last columns.
        chunk: makes rows of records.
    """
    if unit is not None:
        for moment, some in by_time(records, unit):
            apart = chunks_apart(some, None, keys, chunk)
            yield from (replace(each, time_key=(moment,)) for each in apart)
    elif keys:
        for values, some in _by_attributes(records, keys):
            yield with_values(chunk(some), values)
    else:
        yield chunk(records)


def _by_attributes(
    records: RecordTable, keys: Sequence[str]
) -> Iterator[tuple[Values, RecordTable]]:
    """The records with the same values of some attributes together, in the order of their first."""
    columns = [attribute(records.attributes, key).to_pylist() for key in keys]
    numbers: dict[Values, list[int]] = {}
    for number, values in enumerate(zip(*columns, strict=True)):
        numbers.setdefault(values, []).append(number)
    rejected = records.rejected
    for values, kept in (numbers or {(None,) * len(keys): []}).items():
        mask = np.zeros(records.count, bool)
        mask[kept] = True
        yield values, replace(records.kept(mask), rejected=rejected)
        rejected = Rejections()


def with_values(chunk: TableChunk, values: Values) -> TableChunk:
    """The rows with further columns, each of one value."""
    table = chunk.table
    for value in values:
        column = pa.repeat(pa.scalar(value, pa.string()), table.num_rows)
        table = table.append_column(f"attribute {table.num_columns}", column)
    return replace(chunk, table=table)

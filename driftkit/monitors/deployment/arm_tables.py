"""Rows of arms in tables: columns under the names that the deployment monitor knows, read when asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from driftkit.capture.arm_rows import (
    ARM,
    FORCED,
    INFERENCE_ID,
    PAIR,
    PAIR_BY,
    TIME,
    ValueSource,
)
from driftkit.capture.arms import NO_ARM, NONE, SEVERAL, SEVERAL_ARMS, codes_of_values
from driftkit.capture.paths import LABEL
from driftkit.capture.predictions import PREDICTION, PROBABILITY
from driftkit.columns.chunk import Column, Rejections
from driftkit.columns.types import InferredType
from driftkit.errors import InputError
from driftkit.monitors.deployment.row_columns import LOGGED_AS, OWN, PROPENSITY
from driftkit.monitors.model_quality.inputs import NAMES_SHOWN, index_of
from driftkit.native.arrays import whole
from driftkit.readers.mapped import mapped
from driftkit.readers.spark import FrameDataset

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from driftkit.capture.arms import Arms, Codes, ValueKey
    from driftkit.columns.chunk import Chunk, TimeKey
    from driftkit.monitors.deployment.row_columns import RowColumns
    from driftkit.readers.dataset import Dataset

_Reading = Literal["as it is", "as text", "as truth"]
_READINGS: Mapping[str, _Reading] = {PAIR: "as text", PAIR_BY: "as text", FORCED: "as truth"}
# What tables call the time of a request, where nobody says.
TIMES = (TIME, "inferenceTime")
_TRUE = {"1": 1, "true": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumns:
    """Which columns of a table are which.

    Attributes:
        keys: index of the column of each value that tells arms.
        time: index of the column with times; None where there is none.
        others: index of each other column, by the name that it gets.
    """

    keys: Mapping[ValueKey, int]
    time: int | None
    others: Mapping[str, int]

    @property
    def indices(self) -> tuple[int, ...]:
        """The indices of all columns that are read, ascending."""
        time = () if self.time is None else (self.time,)
        return tuple(sorted({*self.keys.values(), *time, *self.others.values()}))

    def only(self, indices: Sequence[int]) -> TableColumns:
        """The same where all other columns are left out."""
        new = {index: number for number, index in enumerate(indices)}
        return TableColumns(
            keys={key: new[index] for key, index in self.keys.items()},
            time=None if self.time is None else new[self.time],
            others={name: new[index] for name, index in self.others.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmChunk:
    """Rows of arms; their columns are read when they are asked for.

    Attributes:
        inner: the rows as they are in the table.
        arms: the arm of each row that is kept.
        kept: whether each row is; None where all are.
        columns: index in the table, and reading, of each column behind the arm's.
        rejected: rows that were set aside.
        time_key: none.
    """

    inner: Chunk
    arms: pa.Array
    kept: pa.Array | None
    columns: tuple[tuple[int, _Reading], ...]
    rejected: Rejections = field(default_factory=Rejections)
    time_key: TimeKey | None = None

    @property
    def num_rows(self) -> int:
        """Number of rows that are kept."""
        return len(self.arms)

    def column(self, index: int) -> pa.ChunkedArray:
        """The values of a column, the first of which is the arm."""
        if index == 0:
            return pa.chunked_array([self.arms])
        inner, reading = self.columns[index - 1]
        values = self.inner.column(inner)
        values = values if self.kept is None else values.filter(self.kept)
        return _read(values, reading)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmsOfTables:
    """Makes rows of arms of a table's rows; pickled and sent to the workers.

    Attributes:
        arms: that rows are told apart by.
        columns: which columns are which.
    """

    arms: Arms
    columns: TableColumns

    def __call__(self, chunks: Iterable[Chunk], path: str) -> Iterator[ArmChunk]:
        """The rows of some chunks of a file; those of no arm or of several are set aside."""
        of_file = self.arms.of_file(path) if path else ()
        read = tuple(
            (i, _READINGS.get(name, "as it is")) for name, i in self.columns.others.items()
        )
        for chunk in chunks:
            codes = self._codes(chunk, of_file)
            kept = codes >= 0
            is_whole = bool(kept.all())
            yield ArmChunk(
                inner=chunk,
                arms=self.arms.column(codes if is_whole else codes[kept]),
                kept=None if is_whole else pa.array(kept),
                columns=read,
                rejected=chunk.rejected + _unselected(codes),
            )

    def _codes(self, chunk: Chunk, of_file: tuple[int, ...]) -> Codes:
        values = {key: chunk.column(index) for key, index in self.columns.keys.items()}
        times = pa.nulls(chunk.num_rows)
        if self.arms.are_timed and self.columns.time is not None:
            times = whole(chunk.column(self.columns.time))
        return self.arms.codes(of_file, values, times)


def table_of_arms(dataset: Dataset, arms: Arms, asked: RowColumns) -> Dataset:
    """The dataset of a table's rows of arms.

    Args:
        dataset: the table.
        arms: that rows are told apart by.
        asked: the columns that are asked for.

    Raises:
        InputError: the table lacks a column.
    """
    columns = _found(dataset, arms, asked)
    if isinstance(dataset, FrameDataset):
        indices = columns.indices
        dataset, columns = dataset.only(indices), columns.only(indices)
    others = (_named(dataset.columns[index], name) for name, index in columns.others.items())
    told = (Column(name=ARM), *others)
    return mapped(dataset, told, ArmsOfTables(arms=arms, columns=columns))


def _found(dataset: Dataset, arms: Arms, asked: RowColumns) -> TableColumns:
    """Which columns of a table are which.

    Raises:
        InputError: there is no such column.
    """
    names = [column.name for column in dataset.columns]
    keys = {key: index_of(key[1], names, "arms") for key in arms.keys}
    attributes = asked.attributes
    optional = {
        TIME: (attributes.time, TIMES),
        LABEL: (attributes.label, (LABEL,)),
        PREDICTION: (attributes.prediction, () if attributes.probability else (PREDICTION,)),
        PROBABILITY: (attributes.probability, () if attributes.prediction else (PROBABILITY,)),
        PAIR: (None, (INFERENCE_ID,)),
        PAIR_BY: (_column_of(asked.paired_by), ()),
        FORCED: (None, (FORCED,)),
        PROPENSITY: (None, (PROPENSITY, LOGGED_AS) if attributes.logs else ()),
    }
    others = {
        name: index_of(named, names, name)
        for name, (given, usual) in optional.items()
        if (named := given or next((each for each in usual if each in names), None)) is not None
    }
    others |= {
        name: index_of(
            _column_of(text) or "", names, asked.asked_at.get(name, name.removeprefix(OWN))
        )
        for name, text in asked.sources.items()
    }
    if arms.are_timed and TIME not in others:
        raise InputError(
            "the arms are told apart by time, and no column is known to have times",
            where=dataset.name,
            expected="a column of times, or one called time or inferenceTime",
            found=", ".join(names[:NAMES_SHOWN]),
            todo="Name the column with --time-column",
        )
    return TableColumns(keys=keys, time=others.get(TIME), others=others)


def _column_of(source: str | None) -> str | None:
    """The column that a source is in a table."""
    found = None if source is None else ValueSource.from_text(source)
    return None if found is None else found.attribute or found.field


def _named(column: Column, name: str) -> Column:
    reading = _READINGS.get(name, "as it is")
    if reading == "as truth":
        return Column(name=name, declared=InferredType.BOOLEAN, arrow=pa.bool_())
    if reading == "as text" and column.declared is not None:
        return Column(name=name, declared=InferredType.STRING, arrow=pa.string())
    return replace(column, name=name)


def _read(values: pa.ChunkedArray, reading: _Reading) -> pa.ChunkedArray:
    if reading == "as truth":
        codes = codes_of_values(values, _TRUE)
        return pa.chunked_array([pa.array(codes == 1)])
    is_dictionary = pa.types.is_dictionary(values.type)
    kind = values.type.value_type if is_dictionary else values.type
    if reading == "as it is" or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return values
    return pc.cast(values, pa.string())


def _unselected(codes: Codes) -> Rejections:
    counts = {NO_ARM: int(np.sum(codes == NONE)), SEVERAL_ARMS: int(np.sum(codes == SEVERAL))}
    return Rejections(counts={reason: count for reason, count in counts.items() if count})

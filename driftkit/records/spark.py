"""Spark DataFrames as datasets: their partitions are read where they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from driftkit.columns.chunk import Rejections
from driftkit.records.dataset import TableChunk
from driftkit.records.typed import monitored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType, StructType

    from driftkit.columns.chunk import Column
    from driftkit.records.dataset import Unit

CHUNK_ROWS = 250_000

# By the names that Spark 3.5 and 4 give their types.
_ARROW: Mapping[str, pa.DataType] = {
    "byte": pa.int8(),
    "tinyint": pa.int8(),
    "short": pa.int16(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "int": pa.int32(),
    "long": pa.int64(),
    "bigint": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "string": pa.string(),
    "varchar": pa.string(),
    "char": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
    "timestamp_ntz": pa.timestamp("us"),
    "void": pa.null(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameDataset:
    """The rows of a Spark DataFrame; its partitions take the place of units.

    Attributes:
        name: for messages.
        frame: the columns that are monitored, in their order, called c0, c1, ...: Spark 3.5
            hands none with a dot in its name to Python's workers.
        columns: what they are called in truth, and declare.
        set_aside: columns that cannot be monitored, with the reason.
    """

    name: str
    frame: DataFrame
    columns: tuple[Column, ...]
    set_aside: Mapping[str, str] = field(default_factory=dict)

    @property
    def units(self) -> tuple[Unit, ...]:
        """None: Spark holds the rows."""
        return ()

    @property
    def one_by_one(self) -> bool:
        """Never: each partition has a process of its own."""
        return False

    @staticmethod
    def chunks(batches: Iterable[pa.RecordBatch]) -> Iterator[TableChunk]:
        """The batches of a partition in larger pieces."""
        held: list[pa.RecordBatch] = []
        rows = 0
        for batch in batches:
            held.append(batch)
            rows += batch.num_rows
            if rows >= CHUNK_ROWS:
                yield _chunk(held)
                held, rows = [], 0
        if rows:
            yield _chunk(held)


def _chunk(batches: list[pa.RecordBatch]) -> TableChunk:
    return TableChunk(table=pa.Table.from_batches(batches), rejected=Rejections())


def from_frame(frame: DataFrame) -> FrameDataset:
    """A dataset of a Spark DataFrame.

    Raises:
        InputError: no column can be monitored, or a name stands twice.
    """
    name = "Spark data frame"
    fields = frame.schema.fields
    schema = _arrow_schema(frame.schema)
    columns, others = monitored(schema, name)
    texts = {each.name: each.dataType.simpleString() for each in fields}
    return FrameDataset(
        name=name,
        frame=frame.selectExpr(
            *(f"{_quoted(column.name)} AS c{place}" for place, column in enumerate(columns))
        ),
        columns=columns,
        set_aside={
            other: reason.replace(str(schema.field(other).type), texts[other], 1)
            for other, reason in others.items()
        },
    )


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _arrow_schema(schema: StructType) -> pa.Schema:
    return pa.schema([pa.field(each.name, arrow_type(each.dataType)) for each in schema.fields])


def arrow_type(kind: DataType) -> pa.DataType:
    """The Arrow type of a Spark type; binary stands for all that cannot be monitored."""
    precision, scale = getattr(kind, "precision", None), getattr(kind, "scale", None)
    if precision is not None and scale is not None:
        return pa.decimal128(precision, scale)
    return _ARROW.get(kind.typeName().partition("(")[0], pa.binary())

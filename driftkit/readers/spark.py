"""Spark DataFrames as datasets: their partitions are read where they are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from driftkit.errors import InputError
from driftkit.readers.arrow import monitored
from driftkit.readers.dataset import TableChunk, runs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from pyspark.sql import DataFrame

    from driftkit.columns.chunk import Chunk, Column
    from driftkit.readers.dataset import Unit

CHUNK_ROWS = 250_000

# By the names that SQL gives the types.
_ARROW: Mapping[str, pa.DataType] = {
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "int": pa.int32(),
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
    "interval": pa.month_day_nano_interval(),
}


def frame_chunks(batches: Iterable[pa.RecordBatch]) -> Iterator[TableChunk]:
    """The batches of a partition in larger pieces."""
    filled = (batch for batch in batches if batch.num_rows)
    for some in runs_of(filled, lambda batch: int(batch.num_rows), CHUNK_ROWS):
        yield TableChunk(table=pa.Table.from_batches(some))


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameDataset:
    """The rows of a Spark DataFrame; its partitions take the place of units.

    Attributes:
        name: for messages.
        frame: the columns that are monitored, in their order, called c0, c1, ...: Spark 3.5
            hands none with a dot in its name to Python's workers.
        columns: what they are called in truth, and declare.
        set_aside: columns that cannot be monitored, with the reason.
        remarks: none: Spark's times are as fine as its columns hold.
        chunks: gives the rows of a partition's batches; can be pickled.
    """

    name: str
    frame: DataFrame
    columns: tuple[Column, ...]
    set_aside: Mapping[str, str] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)
    chunks: Callable[[Iterable[pa.RecordBatch]], Iterator[Chunk]] = frame_chunks

    @property
    def units(self) -> tuple[Unit, ...]:
        """None: Spark holds the rows."""
        return ()

    @property
    def one_by_one(self) -> bool:
        """Never: each partition has a process of its own."""
        return False

    def only(self, indices: Sequence[int]) -> FrameDataset:
        """Some of the columns, in this order; Spark does not hand the others on."""
        names = [f"c{index}" for index in indices]
        renamed = [f"{name} AS c{number}" for number, name in enumerate(names)]
        columns = tuple(self.columns[index] for index in indices)
        return replace(self, frame=self.frame.selectExpr(*renamed), columns=columns)


def from_frame(frame: DataFrame, lists: Collection[str] = ()) -> FrameDataset:
    """A dataset of a Spark DataFrame.

    Args:
        frame: of any columns.
        lists: columns of vectors.

    Raises:
        InputError: no column can be monitored, a name stands twice, or it is a stream.
    """
    name = "Spark data frame"
    if frame.isStreaming:
        raise InputError(
            "the DataFrame is a stream, which has no end",
            where=name,
            expected="a DataFrame of rows that are there",
            found="isStreaming",
            todo="Look at each batch, inside writeStream.foreachBatch",
        )
    kinds = _kinds(frame)
    schema = pa.schema([pa.field(each, kind) for each, kind, _ in kinds])
    texts = {each: text for each, _, text in kinds}
    columns, set_aside = monitored(schema, name, texts, lists)
    # Renamed by place: to Spark, which does not tell A from a, a name may be two columns.
    indices = {each: f"f{index}" for index, each in enumerate(texts)}
    renamed = frame.toDF(*indices.values())
    kept = (indices[column.name] for column in columns)
    return FrameDataset(
        name=name,
        frame=renamed.selectExpr(*(f"{each} AS c{index}" for index, each in enumerate(kept))),
        columns=columns,
        set_aside=set_aside,
    )


def _kinds(frame: DataFrame) -> list[tuple[str, pa.DataType, str]]:
    """Name, Arrow type and Spark's own name of the type of each column.

    Raises:
        InputError: Spark cannot say them.
    """
    try:
        fields = frame.schema.fields
    except Exception as error:
        # Spark's Python knows no legacy intervals, wherever they are; its own schema does.
        schema = _own_schema(frame)
        if schema is None:
            raise InputError(
                "Spark cannot tell the types of the columns",
                where="Spark data frame",
                expected="columns of numbers, text, truth values or times",
                found=str(error).splitlines()[0],
                todo="Leave columns of other types out, such as intervals, or cast them to text",
            ) from error
        return schema
    return _named((each.name, each.dataType.simpleString()) for each in fields)


def _own_schema(frame: DataFrame) -> list[tuple[str, pa.DataType, str]] | None:
    """The columns as Spark's own schema has them; None where it is out of reach."""
    own = getattr(frame, "_jdf", None)
    if own is None:
        return None
    return _named((each.name(), each.dataType().simpleString()) for each in own.schema().fields())


def _named(columns: Iterable[tuple[str, str]]) -> list[tuple[str, pa.DataType, str]]:
    return [(name, arrow_type(text), text) for name, text in columns]


def arrow_type(text: str) -> pa.DataType:
    """The Arrow type of a Spark type; binary stands for all that cannot be monitored.

    Args:
        text: what Spark calls the type, for example decimal(10,2).
    """
    name, _, inside = text.replace(" ", "(", 1).partition("(")
    if name == "decimal":
        precision, scale = inside.rstrip(")").split(",")
        return pa.decimal128(int(precision), int(scale))
    if text.startswith("array<"):
        return pa.list_(arrow_type(text[len("array<") : -1]))
    return _ARROW.get(name, pa.binary())

"""Arrow streams as datasets of one unit: polars, DuckDB, ibis, readers and datasets of pyarrow."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pyarrow.types as kind_of

from driftkit.errors import DriftkitError, InputError
from driftkit.readers.arrow import CHUNK_ROWS, monitored
from driftkit.readers.dataset import FileDataset, TableChunk

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

# Of a chunk of wide rows; of narrow ones it has as many as a table's, so that numbers are the same.
CHUNK_BYTES = 256 * 1024 * 1024
_LEAST_ROWS = 1_000
# They hand on values by the same interface, but are no tables.
_NO_TABLES = {"Series", "Index", "ChunkedArray"}


def is_stream(data: Any) -> bool:
    """Whether data hand on their rows by Arrow's stream interface, or can be made to."""
    return _source_of(data) is not None


def from_stream(data: Any, lists: Collection[str] = ()) -> FileDataset:
    """A dataset of one unit, which is read from its first row to its last, a chunk in memory.

    Args:
        data: for which `is_stream` holds.
        lists: columns of vectors.

    Raises:
        InputError: no column can be monitored, a name stands twice, or no stream can be opened.
    """
    name = f"{type(data).__module__.partition('.')[0].lstrip('_')} {type(data).__name__}"
    return streamed(name, cast("RowSource", _source_of(data)), lists)


def streamed(name: str, source: RowSource, lists: Collection[str] = ()) -> FileDataset:
    """A dataset of one unit, the rows of a stream.

    Args:
        name: for messages.
        source: of the rows.
        lists: columns of vectors.

    Raises:
        InputError: no column can be monitored, a name stands twice, or no stream can be opened.
    """
    stream = _Stream(name, source)
    columns, set_aside = monitored(stream.schema(), name, lists=lists)
    unit = StreamUnit(name=name, stream=stream, columns=tuple(column.name for column in columns))
    return FileDataset(
        name=name, columns=columns, units=(unit,), set_aside=set_aside, streamed=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSource:
    """Opens a stream of rows at its first one.

    Attributes:
        open: gives the columns that are named, or all of them.
        chooses: whether columns that are not named are not read.
        once: whether it can be opened a single time.
    """

    open: Callable[[list[str] | None], pa.RecordBatchReader]
    chooses: bool = False
    once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamUnit:
    """The rows of a stream.

    Attributes:
        name: for messages.
        stream: gives them.
        columns: names of those that are read.
    """

    name: str
    stream: _Stream
    columns: tuple[str, ...]

    @property
    def size(self) -> int:
        """Nothing that is known before the stream's end."""
        return 0

    def chunks(self) -> Iterator[TableChunk]:
        """The rows in their order.

        Raises:
            InputError: the stream breaks off, or was read already.
        """
        some = (_plain(batch.select(self.columns)) for batch in self.stream.batches(self.columns))
        # In one piece: DuckDB hands on two thousand rows at a time.
        tables = (pa.Table.from_batches(each).combine_chunks() for each in _even(some))
        return (TableChunk(table=table) for table in tables)


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with dictionaries of plain text, which polars writes as views."""
    for index, column in enumerate(batch.columns):
        if _is_dictionary_of_views(column.type):
            words = column.dictionary.cast(pa.string())
            plain = pa.DictionaryArray.from_arrays(column.indices.cast(pa.int32()), words)
            batch = batch.set_column(index, batch.schema.names[index], plain)
    return batch


def _is_dictionary_of_views(kind: pa.DataType) -> bool:
    return bool(kind_of.is_dictionary(kind) and kind_of.is_string_view(kind.value_type))


def _even(batches: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """The rows in runs of one length, however they came, for sums depend on it in their last bits."""
    held: list[pa.RecordBatch] = []
    missing = most = 0
    for batch in filter(len, batches):
        most = most or _rows(batch)
        missing = missing or most
        rest = batch
        while len(rest) >= missing:
            yield [*held, rest.slice(0, missing)]
            rest, held, missing = rest.slice(missing), [], most
        if len(rest):
            held.append(rest)
            missing -= len(rest)
    if held:
        yield held


def _rows(batch: pa.RecordBatch) -> int:
    of_row = max(batch.get_total_buffer_size() // len(batch), 1)
    return int(min(CHUNK_ROWS, max(CHUNK_BYTES // of_row, _LEAST_ROWS)))


class _Stream:
    """Opens the stream of some data, once or as often as they give one."""

    def __init__(self, name: str, source: RowSource) -> None:
        self._name = name
        self._source = source
        self._next: pa.RecordBatchReader | None = None
        self._was_opened = False

    def schema(self) -> pa.Schema:
        """The columns; the stream that tells them is the one that is read first."""
        self._next = self._opened()
        return self._next.schema

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The rows from the first to the last.

        Args:
            columns: that are needed; there may be others.

        Raises:
            InputError: the stream breaks off, or was read already.
        """
        reader, self._next = self._next, None
        if reader is None or (self._source.chooses and len(columns) < len(reader.schema)):
            reader = self._opened(list(columns))
        with _failures(self._name):
            yield from reader

    def _opened(self, columns: list[str] | None = None) -> pa.RecordBatchReader:
        if self._source.once and self._was_opened:
            raise InputError(
                "the rows were read already, and this monitor reads them more than once",
                where=self._name,
                expected="data that can be read again, such as a table or files",
                found="a stream at its end",
                todo="Read it first, with reader.read_all()",
            )
        self._was_opened = True
        with _failures(self._name):
            return self._source.open(columns)


@contextmanager
def _failures(name: str) -> Iterator[None]:
    """Errors of whatever library gives the rows, as errors of the input."""
    try:
        yield
    except DriftkitError:
        raise
    except Exception as error:
        raise InputError(
            "the stream of rows cannot be read",
            where=name,
            expected="rows by Arrow's stream interface",
            found=str(error).strip().partition("\n")[0] or type(error).__name__,
            todo="Correct what gives the rows",
        ) from error


def _source_of(data: Any) -> RowSource | None:
    """What opens the stream of some data; None where they have none."""
    kind = type(data)
    if kind.__name__ == "LazyFrame" and kind.__module__.partition(".")[0] == "polars":
        return RowSource(open=partial(_lazy_reader, data), chooses=True)
    datasets = sys.modules.get("pyarrow.dataset")
    if datasets is not None and isinstance(data, datasets.Dataset):
        return RowSource(
            open=lambda columns: data.scanner(columns=columns).to_reader(), chooses=True
        )
    if hasattr(kind, "__arrow_c_stream__") and kind.__name__ not in _NO_TABLES:
        return RowSource(
            open=lambda _: pa.RecordBatchReader.from_stream(data),
            once=isinstance(data, pa.RecordBatchReader),
        )
    return None


def _lazy_reader(frame: Any, columns: list[str] | None) -> pa.RecordBatchReader:
    """The rows of polars' lazy frame, batch by batch."""
    frame = frame if columns is None else frame.select(columns)
    schema = pa.RecordBatchReader.from_stream(frame.collect_schema().to_frame()).schema
    frames = frame.collect_batches()
    batches = (batch for each in frames for batch in pa.RecordBatchReader.from_stream(each))
    return pa.RecordBatchReader.from_batches(schema, batches)

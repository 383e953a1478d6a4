"""Reads captured records as rows of arms: whose they are, when, which unit and pair, what was said."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from driftkit.capture.arm_values import name_of
from driftkit.capture.arms import NO_ARM, NONE, SEVERAL, SEVERAL_ARMS, attribute
from driftkit.capture.record import INPUT
from driftkit.capture.table import record_tables
from driftkit.capture.window import TimeRange, all_in_utc
from driftkit.columns.chunk import Column, Rejections
from driftkit.columns.types import InferredType
from driftkit.readers.dataset import TableChunk
from driftkit.readers.lines import Tally, text_arrays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import timedelta

    import numpy.typing as npt

    from driftkit.capture.arm_values import ArmValues
    from driftkit.capture.arms import Arms, Codes, ValueKey
    from driftkit.capture.table import RecordTable
    from driftkit.readers.lines import Piece

    Numbers = npt.NDArray[np.int64]

ARM, TIME, UNIT, PAIR, CONTENT, FORCED = "arm", "time", "unit", "pair", "input", "forced"
PAIR_BY, EARLIER = "pair_by", "earlier"
INFERENCE_ID = "inferenceId"
_TRUE = ("1", "true")
# Between an id and the number of its row, where a record has several.
_ROW_SIGN = "#"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSource:
    """Where a row's own value is.

    Attributes:
        attribute: its key among the attributes that the caller gave; None where it is in none.
        field: its JMESPath in a payload, or its place in CSV; None where it is in none. Where
            both are named, the attribute counts before the field.
    """

    attribute: str | None = None
    field: str | None = None

    @classmethod
    def from_text(cls, text: str) -> ValueSource:
        """The source that a plan names; a plain name is an attribute, or else a field.

        >>> ValueSource.from_text("attribute:user")
        ValueSource(attribute='user', field=None)
        >>> ValueSource.from_text("latency")
        ValueSource(attribute='latency', field='latency')
        """
        kind, _, name = text.partition(":")
        if kind == "attribute" and name:
            return cls(attribute=name)
        if kind == "field" and name:
            return cls(field=name)
        return cls(attribute=text, field=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRowsOfArms:
    """The rows of captured records; pickled and sent to the workers.

    Attributes:
        arms: that they are told apart by.
        values: what is read of the payloads.
        sources: of other columns, by name.
        paired_by: the source of the id by which rows without an inferenceId are paired; None for none.
        by_content: whether a digest of what was sent is asked for.
        window: in which records count.
        lookback: how long before it other records may be, which the column `earlier` tells from those
            that count; what of them cannot be read is no matter of this window. None where there is no
            such column.
    """

    arms: Arms
    values: ArmValues
    sources: Mapping[str, ValueSource]
    paired_by: ValueSource | None
    by_content: bool
    window: TimeRange
    lookback: timedelta | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a row."""
        named = (PAIR_BY,) if self.paired_by is not None else ()
        contents = (*named, CONTENT) if self.by_content else named
        texts = (ARM, TIME, *self._outcomes, *self.sources, PAIR, *contents)
        truths = (FORCED,) if self.lookback is None else (FORCED, EARLIER)
        return (
            *(Column(name=name) for name in texts),
            *(
                Column(name=name, declared=InferredType.BOOLEAN, arrow=pa.bool_())
                for name in truths
            ),
        )

    @property
    def _outcomes(self) -> tuple[str, ...]:
        names = self.values.names
        return names[: len(names) - len(self.values.fields)]

    def __call__(self, parts: Sequence[Piece]) -> Iterator[TableChunk]:
        """The rows of some pieces; those of no arm or of several are set aside."""
        for (of_file, counts), some in groupby(parts, lambda piece: self._about(piece.file.path)):
            for records in record_tables(some, self._read, events=True):
                if self.lookback is None:
                    yield self.chunk(records, of_file)
                else:
                    yield from self._told_apart(records, of_file, counts=counts)

    def _about(self, path: str) -> tuple[tuple[int, ...], bool | None]:
        """The arms that a file is of, and whether its records count; None where their times tell."""
        of_file = self.arms.of_file(path)
        if self.lookback is None or self.window.holds_all_of(path):
            return of_file, True
        earlier = TimeRange(end=self.window.start).holds_all_of(path)
        return of_file, False if earlier else None

    @property
    def _read(self) -> TimeRange:
        """Times of all records that are read."""
        start = self.window.start
        if self.lookback is None or start is None:
            return self.window
        return TimeRange(start=start - self.lookback, end=self.window.end)

    def _told_apart(
        self, records: RecordTable, of_file: tuple[int, ...], *, counts: bool | None
    ) -> Iterator[TableChunk]:
        """The rows of records before the window, and of those in it."""
        told = np.full(records.count, counts) if counts is not None else None
        inside = self.window.mask(records.times) if told is None else told
        if not inside.all():
            yield self._marked(records.kept(~inside), of_file, earlier=True)
        if counts is not False:
            yield self._marked(records.kept(inside), of_file, earlier=False)

    def _marked(
        self, records: RecordTable, of_file: tuple[int, ...], *, earlier: bool
    ) -> TableChunk:
        chunk = self.chunk(records, of_file)
        marks = pa.array(np.full(chunk.num_rows, earlier))
        return TableChunk(
            table=chunk.table.append_column(EARLIER, marks),
            rejected=Rejections() if earlier else chunk.rejected,
        )

    def chunk(self, records: RecordTable, of_file: tuple[int, ...]) -> TableChunk:
        """The rows of some records.

        Args:
            records: with ids and attributes of their callers.
            of_file: the arms that they are of by their file.
        """
        rows = _Rows.read(records, self.values, lambda: self._names(records, of_file))
        codes = self._codes(rows, of_file)
        columns = {
            ARM: self.arms.column(np.maximum(codes, 0)),
            TIME: rows.of_records(all_in_utc(records.times)),
            **{name: rows.value(name) for name in self._outcomes},
            **{name: rows.sourced(source) for name, source in self.sources.items()},
            PAIR: rows.numbered(rows.of_records(rows.records.inference_ids)),
        }
        if self.paired_by is not None:
            columns[PAIR_BY] = rows.numbered(rows.sourced(self.paired_by))
        if self.by_content:
            columns[CONTENT] = rows.numbered(rows.of_records(_digests(records)))
        columns[FORCED] = pc.is_in(rows.attribute(FORCED), pa.array(_TRUE, pa.string()))
        table = pa.table(columns)
        rejected = rows.rejected + _unselected(rows, codes)
        kept = codes >= 0
        return TableChunk(
            table=table if kept.all() else table.filter(pa.array(kept)), rejected=rejected
        )

    def _codes(self, rows: _Rows, of_file: tuple[int, ...]) -> Codes:
        values: dict[ValueKey, pa.Array] = {}
        for kind, name in self.arms.keys:
            values[kind, name] = rows.attribute(name) if kind == "attribute" else rows.field(name)
        return self.arms.codes(of_file, values, rows.of_records(rows.records.times))

    def _names(self, records: RecordTable, of_file: tuple[int, ...]) -> list[str]:
        """The arm of each record for messages, as far as it is told without the payloads."""
        keys = [each for each in self.arms.keys if each[0] == "attribute"]
        values = {each: attribute(records.attributes, each[1]) for each in keys}
        codes = self.arms.codes(of_file, values, records.times)
        return [self.arms.names[code] if code >= 0 else "" for code in codes.tolist()]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """The rows of some records.

    Attributes:
        records: that they are of.
        table: what the payloads say, a column for each name.
        numbers: the number of each row's record; None where each record is a row.
        rejected: records that could not be read.
    """

    records: RecordTable
    table: pa.Table
    numbers: Numbers | None
    rejected: Rejections

    @classmethod
    def read(cls, records: RecordTable, values: ArmValues, names: Callable[[], list[str]]) -> _Rows:
        """The rows of records; of those that cannot be read, the reason, with the arm's name."""
        found = values.at_once(records)
        if found is not None:
            table = found.rename_columns(list(values.names))
            return cls(records=records, table=table, numbers=None, rejected=records.rejected)
        rows: list[list[str | None]] = []
        numbers: list[int] = []
        rejections, arms = Tally(records.rejected), None
        for number, record in enumerate(records.records()):
            try:
                made = values.rows(record)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                arms = names() if arms is None else arms
                reason = str(error) if isinstance(error, ValueError) else "that cannot be read"
                shown = f"of {arms[number]} {reason}" if arms[number] else reason
                rejections.append(records.rejection(number, shown))
                continue
            rows += made
            numbers += [number] * len(made)
        arrays = text_arrays(rows, len(values.names))
        return cls(
            records=records,
            table=pa.Table.from_arrays(arrays, names=list(values.names)),
            numbers=np.array(numbers, np.int64),
            rejected=rejections.total,
        )

    @property
    def count(self) -> int:
        """Number of rows."""
        return self.records.count if self.numbers is None else len(self.numbers)

    def of_records(self, values: pa.Array) -> pa.Array:
        """A value of each record, for each row."""
        return values if self.numbers is None else values.take(pa.array(self.numbers))

    def value(self, name: str) -> pa.Array:
        """What the payloads say."""
        return self.table.column(name).combine_chunks()

    def field(self, path: str) -> pa.Array:
        """What an own field of the payloads says."""
        return self.value(name_of(path))

    def attribute(self, key: str) -> pa.Array:
        """What an attribute says."""
        return self.of_records(attribute(self.records.attributes, key))

    def sourced(self, source: ValueSource) -> pa.Array:
        """The value of a source."""
        found = [] if source.attribute is None else [self.attribute(source.attribute)]
        if source.field is not None:
            found.append(self.field(source.field))
        return pc.coalesce(*found)

    def numbered(self, ids: pa.Array) -> pa.Array:
        """The ids of rows; those of a record with several rows end with the number of the row."""
        if self.numbers is None or np.unique(self.numbers).size == self.numbers.size:
            return ids
        starts = np.searchsorted(self.numbers, self.numbers, side="left")
        sizes = np.searchsorted(self.numbers, self.numbers, side="right") - starts
        within = pa.array(np.arange(self.count) - starts).cast(pa.string())
        longer = pc.binary_join_element_wise(ids, within, _ROW_SIGN)
        return pc.if_else(pa.array(sizes > 1), longer, ids)


def _unselected(rows: _Rows, codes: Codes) -> Rejections:
    """The rows of no arm and of several, with the first of each as an example."""
    total = Rejections()
    for code, reason in ((NONE, NO_ARM), (SEVERAL, SEVERAL_ARMS)):
        found = np.flatnonzero(codes == code)
        if found.size:
            first = int(found[0]) if rows.numbers is None else int(rows.numbers[found[0]])
            examples = rows.records.rejection(first, reason).examples
            total += Rejections(counts={reason: int(found.size)}, examples=examples)
    return total


def _digests(records: RecordTable) -> pa.Array:
    """SHA-256 of what was sent and its encoding; null where it was not captured."""
    sent = (records.part(INPUT, field).to_pylist() for field in ("encoding", "data"))
    digests = [
        None if data is None else hashlib.sha256(f"{encoding}\0{data}".encode()).hexdigest()
        for encoding, data in zip(*sent, strict=True)
    ]
    return pa.array(digests, pa.string())

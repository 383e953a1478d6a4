"""Captured and merged records in columns: lines of one shape at once, all others one by one."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import json as arrow_json

from driftkit.capture.record import (
    ATTRIBUTES_BETWEEN,
    BATCH,
    INPUT,
    NO_CAPTURE,
    NOT_JSON,
    OUTPUT,
    TRUTH,
    Event,
    Part,
    Record,
    attributes_of,
    documents_of,
    written_attributes,
)
from driftkit.capture.template import same_shape
from driftkit.capture.window import moments
from driftkit.columns.chunk import Rejections
from driftkit.native.slicing import is_utf8
from driftkit.readers.lines import Batch, Tally, batches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from driftkit.capture.template import SameShape
    from driftkit.capture.window import TimeRange
    from driftkit.readers.lines import Block, Piece
    from driftkit.settings import TimeUnit

    Mask = npt.NDArray[np.bool_]

PARTS, _FIELDS = (INPUT, OUTPUT, TRUTH), Part._fields
_TIME, _JOINED, _ID, _ATTRIBUTES = "time", "joined", "inferenceId", "customAttributes"
_TEXT = pa.string()
_SCHEMA = pa.schema(
    [
        *((f"{part} {field}", _TEXT) for part in PARTS for field in _FIELDS),
        (_TIME, _TEXT),
        (_JOINED, pa.bool_()),
    ]
)
# With the caller's own words, which few monitors ask for.
WITH_EVENTS = pa.schema([*_SCHEMA, (_ID, _TEXT), (_ATTRIBUTES, _TEXT)])
_PART = pa.struct([("data", _TEXT), ("encoding", _TEXT), ("observedContentType", _TEXT)])
_NESTED = pa.schema(
    [
        ("captureData", pa.struct([(INPUT, _PART), (OUTPUT, _PART)])),
        (TRUTH, _PART),
        ("eventMetadata", pa.struct([("inferenceTime", _TEXT)])),
    ]
)
_ABOUT = pa.struct([("inferenceTime", _TEXT), (_ID, _TEXT), (_ATTRIBUTES, pa.list_(_TEXT))])
_NESTED_EVENTS = _NESTED.set(2, pa.field("eventMetadata", _ABOUT))
_NOTHING = (None,) * len(_FIELDS)

LineRef = tuple["Block", int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTable:
    """Records, column by column.

    Attributes:
        lines: block and line of each record.
        block: the first of the blocks.
        columns: three for each part, then time, and whether a batch transform job wrote it; where
            they are asked for, the id and the attributes that its caller gave.
        rejected: lines that are no captured record.
    """

    lines: tuple[LineRef, ...] | range
    block: Block
    columns: pa.RecordBatch
    rejected: Rejections

    @property
    def count(self) -> int:
        """Number of records."""
        return int(self.columns.num_rows)

    def rejection(self, number: int, reason: str) -> Rejections:
        """One record set aside."""
        block, line = self._line(number)
        return block.rejection(line, reason, "")

    def _line(self, number: int) -> LineRef:
        line = self.lines[number]
        return (self.block, line) if isinstance(line, int) else line

    def part(self, name: str, field: str) -> pa.Array:
        """A field of a part of all records, for example ("endpointInput", "data")."""
        return self.columns.column(f"{name} {field}")

    @property
    def times(self) -> pa.Array:
        """When each record was answered, as text."""
        return self.columns.column(_TIME)

    @property
    def inference_ids(self) -> pa.Array:
        """The id that the caller gave each record, null where it gave none."""
        return self.columns.column(_ID)

    @property
    def attributes(self) -> pa.Array:
        """The attributes that the caller gave each record, as one text; null where it gave none."""
        return self.columns.column(_ATTRIBUTES)

    @property
    def joined(self) -> pa.Array:
        """Whether input and output of each record are in one payload."""
        return self.columns.column(_JOINED)

    def records(self) -> Iterator[Record]:
        """One record after the other."""
        columns = [column.to_pylist() for column in self.columns.columns[: len(_SCHEMA)]]
        for *parts, time, joined in zip(*columns, strict=True):
            sent, answered, truth = (_part(*parts[at : at + 3]) for at in range(0, 9, 3))
            yield Record(sent, answered, truth, time, joined)

    def only(self, sides: tuple[str, ...]) -> RecordTable:
        """The records as if only these sides had been captured; all of them for none."""
        wanted = {INPUT if name == BATCH else name for name in sides} or {INPUT, OUTPUT}
        left_out = tuple(f"{name} " for name in {INPUT, OUTPUT} - wanted)
        if not left_out:
            return self
        columns = [
            pa.nulls(self.count, _TEXT) if field.name.startswith(left_out) else column
            for field, column in zip(self.columns.schema, self.columns.columns, strict=True)
        ]
        return replace(self, columns=pa.record_batch(columns, schema=self.columns.schema))

    def between(self, start: int, stop: int, rejected: Rejections) -> RecordTable:
        """Neighbouring records, and what was set aside before them."""
        columns = self.columns.slice(start, stop - start)
        return replace(self, columns=columns, lines=self.lines[start:stop], rejected=rejected)

    def kept(self, mask: Mask) -> RecordTable:
        """The records where the mask is true."""
        numbers = np.flatnonzero(mask).tolist()
        if len(numbers) == self.count:
            return self
        lines = tuple(map(self._line, numbers))
        return replace(self, lines=lines, columns=self.columns.filter(pa.array(mask)))


def _part(data: str | None, encoding: str | None, content_type: str | None) -> Part | None:
    # A part that is there has an encoding, if only an empty one.
    return None if encoding is None else Part(data, encoding, content_type)


def record_tables(
    pieces: Iterable[Piece], window: TimeRange, *, events: bool = False
) -> Iterator[RecordTable]:
    """The records of some pieces of files that are in a window.

    Args:
        pieces: of files of captured or merged records.
        window: in which a record's time is.
        events: whether the ids and attributes that callers gave are asked for.
    """
    for whole, some in groupby(pieces, lambda piece: window.holds_all_of(piece.file.path)):
        for batch in batches(block for piece in some for block in piece.blocks()):
            table = record_table(batch, events=events)
            yield table if whole else table.kept(window.mask(table.times))


def by_time(found: RecordTable, unit: TimeUnit) -> Iterator[tuple[str | None, RecordTable]]:
    """Neighbours of the same day, hour or week, in UTC."""
    rejected = found.rejected
    for moment, start, stop in moments(found.times, unit):
        yield moment, found.between(start, stop, rejected)
        rejected = Rejections()


def record_table(batch: Batch, *, events: bool = False) -> RecordTable:
    """The captured records of some lines; lines that are none are counted."""
    content = batch.content
    columns = _at_once(content, events=events)
    if columns is None:
        columns = _parsed(content, events=events)
    if columns is None:
        return _one_by_one(batch, events=events)
    first = batch.blocks[0]
    lines: tuple[LineRef, ...] | range = range(first.line, first.line + columns.num_rows)
    if len(batch.blocks) > 1:
        lines = tuple((block, line) for block, line, _ in batch.lines())
    return RecordTable(lines=lines, block=first, columns=columns, rejected=Rejections())


def _at_once(content: bytes, *, events: bool) -> pa.RecordBatch | None:
    """The columns of records of one shape, learned from the first; None of any others."""
    lines = same_shape(content)
    document: Any = None if lines is None else orjson.loads(lines.template.line)
    record = Record.from_document(document)
    if lines is None or record is None:
        return None
    parts = [*document["captureData"].values(), document.get(TRUTH)]
    # The values within JSON that is no text stay where they are.
    if any(
        isinstance(part, dict) and not isinstance(part.get("data"), str | None) for part in parts
    ):
        return None
    columns: list[pa.Array] = []
    for found in (record.sent, record.answered, record.truth):
        if found is None:
            columns += [pa.nulls(lines.lines, _TEXT)] * len(_FIELDS)
        else:
            data, encoding, kind = (_column(lines, field) for field in found)
            columns += [data, pc.fill_null(encoding, ""), kind]
    joined = pa.repeat(pa.scalar(record.joined), lines.lines)
    columns += [_column(lines, record.time), joined]
    if not events:
        return pa.record_batch(columns, schema=_SCHEMA)
    ids, attributes = (
        _ids(_column(lines, Event.of(document).inference_id)),
        _attributes(lines, document),
    )
    if attributes is None:
        return None
    return pa.record_batch([*columns, ids, attributes], schema=WITH_EVENTS)


def _attributes(lines: SameShape, document: Any) -> pa.Array | None:
    found = written_attributes(document)
    if not isinstance(found, list) or not found:
        return _column(lines, attributes_of(document))
    if any(isinstance(each, dict | list) for each in found):
        return None
    texts = [_column(lines, str(each)) for each in found]
    if any(each.null_count for each in texts):
        return None
    return pc.binary_join_element_wise(*texts, ATTRIBUTES_BETWEEN)


def _ids(texts: pa.Array) -> pa.Array:
    """The ids; an empty one is none."""
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, _TEXT), texts)


def _column(lines: SameShape, marked: str | None) -> pa.Array:
    return pa.nulls(lines.lines, _TEXT) if marked is None else lines.texts(marked)


def _parsed(content: bytes, *, events: bool) -> pa.RecordBatch | None:
    """The columns of records of several shapes, which Arrow reads twice as fast; None of others."""
    # Arrow's parser lets other bytes than UTF-8 pass, also in names that are not read; a null in
    # place of the first record ends the process.
    is_plain = content.lstrip().startswith(b"{") and BATCH.encode() not in content
    if not is_plain or not is_utf8(content):
        return None
    try:
        table = arrow_json.read_json(
            io.BytesIO(content),
            read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(content) + 1),
            parse_options=arrow_json.ParseOptions(
                explicit_schema=_NESTED_EVENTS if events else _NESTED,
                unexpected_field_behavior="ignore",
            ),
        )
        table.validate(full=True)
    except pa.ArrowInvalid:
        return None
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    capture, truth, about = (column.combine_chunks() for column in table.columns)
    parts = [*(pc.struct_field(capture, [name]) for name in (INPUT, OUTPUT)), truth]
    if table.num_rows != lines or capture.null_count:
        return None
    columns: list[pa.Array] = []
    for part in parts:
        data, encoding, kind = part.flatten()
        told = pc.if_else(pc.is_valid(part), pc.fill_null(encoding, ""), encoding)
        columns += [data, told, kind]
    joined = pa.repeat(pa.scalar(value=False), lines)
    columns += [pc.struct_field(about, ["inferenceTime"]), joined]
    if not events:
        return pa.record_batch(columns, schema=_SCHEMA)
    attributes = pc.struct_field(about, [_ATTRIBUTES])
    if pc.any(pc.is_null(attributes.flatten())).as_py():
        return None
    joined_texts = pc.binary_join(attributes, ATTRIBUTES_BETWEEN)
    empty = pc.equal(pc.list_value_length(attributes), 0)
    columns += [
        _ids(pc.struct_field(about, [_ID])),
        pc.if_else(empty, pa.scalar(None, _TEXT), joined_texts),
    ]
    return pa.record_batch(columns, schema=WITH_EVENTS)


def _one_by_one(batch: Batch, *, events: bool) -> RecordTable:
    rows: list[tuple[Any, ...]] = []
    lines: list[LineRef] = []
    rejections = Tally()
    for block, number, text in batch.lines():
        try:
            documents = documents_of(text)
        except orjson.JSONDecodeError:
            rejections.append(block.rejection(number, NOT_JSON, text.decode("utf-8", "replace")))
            continue
        # An empty array holds no record, which is told of its line.
        for document in documents or [None]:
            record = Record.from_document(document)
            if record is None:
                shown = text.decode("utf-8", "replace")
                rejections.append(block.rejection(number, NO_CAPTURE, shown))
                continue
            sent, answered, truth, time, joined = record
            row = (
                *(sent or _NOTHING),
                *(answered or _NOTHING),
                *(truth or _NOTHING),
                time,
                joined,
            )
            rows.append((*row, *_event(document)) if events else row)
            lines.append((block, number))
    schema = WITH_EVENTS if events else _SCHEMA
    arrays = list(zip(*rows, strict=True)) or [()] * len(schema)
    columns = [pa.array(array, field.type) for array, field in zip(arrays, schema, strict=True)]
    return RecordTable(
        lines=tuple(lines),
        block=batch.blocks[0],
        columns=pa.record_batch(columns, schema=schema),
        rejected=rejections.total,
    )


def _event(document: Any) -> tuple[str | None, str | None]:
    return Event.of(document).inference_id or None, attributes_of(document)

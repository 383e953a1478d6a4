"""Lines of captured data as columns: what was sent, what was answered, and when."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import json as arrow_json

from driftkit.columns.chunk import Rejections
from driftkit.native.slicing import is_utf8
from driftkit.readers.lines import Tally
from driftkit.records.captured_alike import alike

if TYPE_CHECKING:
    from driftkit.readers.lines import Batch, Block

INPUT, OUTPUT = "endpointInput", "endpointOutput"
# A batch transform job's record has one payload, in which input and output are joined already.
BATCH = "batchTransformOutput"
NOT_JSON = "not JSON"
NO_CAPTURE = "without captureData"

_SIDE = pa.struct(
    [("data", pa.string()), ("encoding", pa.string()), ("observedContentType", pa.string())]
)
_CAPTURE = pa.struct([(INPUT, _SIDE), (OUTPUT, _SIDE)])
_SCHEMA = pa.schema(
    [("captureData", _CAPTURE), ("eventMetadata", pa.struct([("inferenceTime", pa.string())]))]
)

Place = tuple["Block", int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """Captured records, column by column, all of the same length.

    Attributes:
        places: block and line of each record.
        records: struct of captureData (endpointInput, endpointOutput) and eventMetadata.
        rejected: lines that are no captured record.
    """

    places: tuple[Place, ...] | range
    block: Block
    records: pa.Table
    rejected: Rejections

    def place(self, number: int) -> Place:
        """Block and line of a record."""
        place = self.places[number]
        return (self.block, place) if isinstance(place, int) else place

    def rejection(self, number: int, reason: str) -> Rejections:
        """One record set aside."""
        block, line = self.place(number)
        return block.rejection(line, reason, "")

    def side(self, name: str, field: str) -> pa.Array:
        """A field of one side of all records, for example ("endpointInput", "data")."""
        return pc.struct_field(_whole(self.records, "captureData"), [name, field])

    def only(self, sides: tuple[str, ...]) -> Captured:
        """The records as if only these sides had been captured; all of them for none."""
        wanted = {INPUT if name == BATCH else name for name in sides}
        if not wanted or wanted >= {INPUT, OUTPUT}:
            return self
        column = _whole(self.records, "captureData")
        kept = [
            pc.struct_field(column, [name]) if name in wanted else pa.nulls(len(column), _SIDE)
            for name in (INPUT, OUTPUT)
        ]
        whole = pa.StructArray.from_arrays(kept, fields=list(_CAPTURE))
        place = self.records.schema.get_field_index("captureData")
        return replace(self, records=self.records.set_column(place, "captureData", whole))

    def times(self) -> pa.Array:
        """When each record was answered, as text."""
        return pc.struct_field(_whole(self.records, "eventMetadata"), ["inferenceTime"])

    def first(self, count: int) -> Captured:
        """The first records only."""
        return replace(self, records=self.records.slice(0, max(count, 0)))

    def kept(self, mask: pa.Array) -> Captured:
        """The records where the mask is true."""
        numbers = pc.indices_nonzero(mask).to_pylist()
        if len(numbers) == self.records.num_rows:
            return self
        places = tuple(self.place(number) for number in numbers)
        return replace(self, places=places, records=self.records.filter(mask))


def _whole(records: pa.Table, name: str) -> pa.Array:
    """A column in one piece, which Arrow would copy even if it is one already."""
    column = records.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def captured(batch: Batch) -> Captured:
    """The captured records of some lines; lines that are none are counted."""
    content = batch.content
    records = _cut(content)
    if records is None:
        records = _parsed(content)
        if records is None or not _one_a_line(content, records):
            return _one_by_one(batch)
    first = batch.blocks[0]
    places: tuple[Place, ...] | range = range(first.line, first.line + records.num_rows)
    if len(batch.blocks) > 1:
        places = tuple((block, line) for block, line, _ in batch.lines())
    return Captured(places=places, block=first, records=records, rejected=Rejections())


def _cut(content: bytes) -> pa.Table | None:
    """The records of lines of one shape, if they have payloads; what is no path is no field."""
    head = content[: content.find(b"\n")]
    try:
        record = orjson.loads(head)
    except orjson.JSONDecodeError:
        return None
    capture = record.get("captureData") if isinstance(record, dict) else None
    if not isinstance(capture, dict) or BATCH.encode() in head or _has_dots(record):
        return None
    sides = [capture.get(name) for name in (INPUT, OUTPUT)]
    if not any(isinstance(side, dict) and "data" in side for side in sides):
        return None
    return alike(content, _SCHEMA)


def _has_dots(value: Any) -> bool:
    """Whether a name in an object looks like a path into objects, or a place in a list."""
    if not isinstance(value, dict):
        return False
    return any("." in name or _has_dots(inner) for name, inner in value.items())


def _parsed(content: bytes) -> pa.Table | None:
    # Arrow's parser lets other bytes than UTF-8 pass, also in names that are not read; a null in
    # place of the first record ends the process.
    if not content.lstrip().startswith(b"{") or not is_utf8(content):
        return None
    try:
        records = arrow_json.read_json(
            io.BytesIO(content),
            read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(content) + 1),
            parse_options=arrow_json.ParseOptions(
                explicit_schema=_SCHEMA, unexpected_field_behavior="ignore"
            ),
        )
        records.validate(full=True)
    except pa.ArrowInvalid:
        return None
    return records


def _one_a_line(content: bytes, records: pa.Table) -> bool:
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    if records.num_rows != lines or BATCH.encode() in content:
        return False
    captures = _whole(records, "captureData")
    empty = pc.and_(*(pc.is_null(pc.struct_field(captures, [name])) for name in (INPUT, OUTPUT)))
    return captures.null_count == 0 and not pc.any(empty).as_py()


def _one_by_one(batch: Batch) -> Captured:
    found: list[dict[str, Any]] = []
    places: list[Place] = []
    rejections = Tally()
    for block, number, text in batch.lines():
        record = _record(text)
        if isinstance(record, str):
            rejections.append(block.rejection(number, record, text.decode("utf-8", "replace")))
        else:
            found.append(record)
            places.append((block, number))
    return Captured(
        places=tuple(places),
        block=batch.blocks[0],
        records=pa.Table.from_pylist(found, schema=_SCHEMA),
        rejected=rejections.total,
    )


def _record(text: bytes) -> dict[str, Any] | str:
    """The parts of a record that are read, or why it is none."""
    try:
        record = orjson.loads(text)
    except orjson.JSONDecodeError:
        return NOT_JSON
    capture = record.get("captureData") if isinstance(record, dict) else None
    if not isinstance(capture, dict):
        return NO_CAPTURE
    metadata = record.get("eventMetadata")
    time = metadata.get("inferenceTime") if isinstance(metadata, dict) else None
    sent = _side(capture.get(INPUT)) or _side(capture.get(BATCH))
    return {
        "captureData": {INPUT: sent, OUTPUT: _side(capture.get(OUTPUT))},
        "eventMetadata": {"inferenceTime": time if isinstance(time, str) else None},
    }


def _side(side: Any) -> dict[str, str] | None:
    if not isinstance(side, dict):
        return None
    told = {name: text for name, text in side.items() if isinstance(text, str)}
    data = side.get("data")
    if data is None or isinstance(data, str):
        return told
    # What is written as JSON itself is that, whatever is said of it; a lone number may be CSV.
    is_json = isinstance(data, dict | list)
    encoding = {"encoding": "JSON"} if is_json else {}
    return {**told, "data": orjson.dumps(data).decode(), **encoding}

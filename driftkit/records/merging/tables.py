"""Blocks of captures and ground truth as Arrow tables, all lines at once where they are plain.

A block is plain when Arrow's parser takes every line with the fields that the real captures have,
and nothing else. Any other block is read record by record, with the same result.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import json as arrow_json

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEXT = pa.string()
_PART = pa.struct([(name, _TEXT) for name in ("data", "encoding", "mode", "observedContentType")])
_ABOUT = pa.struct([(name, _TEXT) for name in ("eventId", "inferenceId", "inferenceTime")])
_SIDES = ("endpointInput", "endpointOutput")
_IDS = pa.schema([("eventMetadata", _ABOUT)])
_CAPTURES = pa.schema(
    [
        ("captureData", pa.struct([(side, _PART) for side in _SIDES])),
        ("eventMetadata", _ABOUT),
        ("eventVersion", _TEXT),
    ]
)
_TRUTHS = pa.schema(
    [
        ("groundTruthData", pa.struct([("data", _TEXT), ("encoding", _TEXT)])),
        ("eventMetadata", pa.struct([("eventId", _TEXT), ("inferenceTime", _TEXT)])),
        ("eventVersion", _TEXT),
    ]
)
SEEN = pa.schema([("key", _TEXT), ("event", _TEXT), ("number", pa.int64()), ("time", _TEXT)])
LABELS = pa.schema([("key", _TEXT), ("hour", _TEXT), ("data", _TEXT), ("encoding", _TEXT)])
MATCHED = pa.schema([("number", pa.int64()), ("data", _TEXT), ("encoding", _TEXT)])

_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
_NULLS = (b":null", b": null")


def ids(content: bytes) -> pa.Table | None:
    """key, event and time of a plain block of an endpoint's captures; None of any other."""
    return _ids(_captures(content, _IDS, "ignore"))


def _captures(content: bytes, schema: pa.Schema, unexpected: str) -> pa.Table | None:
    """The records, if there is one a line and nothing else."""
    lines = lines_of(content)
    if content.count(b'"captureData"') != lines:
        return None
    records = _parsed(content, schema, unexpected)
    return records if records is not None and records.num_rows == lines else None


def _ids(records: pa.Table | None) -> pa.Table | None:
    if records is None:
        return None
    event, inference, time = (_field(records, "eventMetadata", name) for name in _ABOUT.names)
    event = pc.fill_null(event, "")
    key = pc.if_else(pc.equal(pc.fill_null(inference, ""), ""), event, inference)
    if pc.any(pc.equal(key, "")).as_py():
        return None
    return pa.table({"key": key, "event": event, "time": pc.fill_null(time, "")})


def labels(content: bytes, hour: str) -> pa.Table | None:
    """The labels of a plain block of ground truth; None of any other."""
    records = _parsed(content, _TRUTHS, "error")
    if records is None or records.num_rows != lines_of(content):
        return None
    key = _field(records, "eventMetadata", "eventId")
    data = _field(records, "groundTruthData", "data")
    if key.null_count or data.null_count or pc.any(pc.equal(key, "")).as_py():
        return None
    encoding = pc.fill_null(_field(records, "groundTruthData", "encoding"), "CSV")
    quoted = _quoted(data)
    if quoted is None:
        return None
    hours = pa.repeat(pa.scalar(hour), len(key))
    return pa.table({"key": key, "hour": hours, "data": quoted, "encoding": encoding})


def merged_lines(content: bytes, matched: pa.Table, first: int) -> pa.Array | None:
    """The merged lines of a plain block; None of any other.

    Args:
        content: of the block.
        matched: number, data and encoding of the labels of its records, ascending.
        first: number of the block's first record.
    """
    records = _parsed(content, _CAPTURES, "error")
    if records is None or records.num_rows != lines_of(content) or _ids(records) is None:
        return None
    if matched.num_rows < records.num_rows:
        records = records.take(pc.subtract(matched.column("number"), first))
    writing = _Writing(content=content, records=records)
    version = _field(records, "eventVersion", "")
    encoding = matched.column("encoding").combine_chunks()
    writing.text('{"eventVersion":').quoted(pc.fill_null(version, "0"))
    writing.text(',"groundTruthData":{"data":').values(matched.column("data").combine_chunks())
    writing.text(',"encoding":').quoted(encoding).text('},"captureData":{')
    writing.sides()
    writing.text('},"eventMetadata":{"eventId":').quoted(
        _field(records, "eventMetadata", "eventId")
    )
    for name in _ABOUT.names[1:]:
        writing.tagged(_field(records, "eventMetadata", name), name)
    return writing.text("}}").lines()


class _Writing:
    """The pieces of lines, joined once at the end; nothing comes of lines that are not plain."""

    def __init__(self, content: bytes, records: pa.Table) -> None:
        self.content = content
        self.records = records
        self.pieces: list[pa.Array | str] = []
        self.plain = True

    def text(self, text: str) -> _Writing:
        """The same text in every line."""
        if self.pieces and isinstance(self.pieces[-1], str):
            self.pieces[-1] += text
        else:
            self.pieces.append(text)
        return self

    def values(self, values: pa.Array) -> _Writing:
        """A text of its own in every line."""
        self.pieces.append(values)
        return self

    def quoted(self, values: pa.Array) -> _Writing:
        """A JSON string in every line."""
        escaped = _escaped(values)
        self.plain = self.plain and escaped is not None and not values.null_count
        return self.text('"').values(values if escaped is None else escaped).text('"')

    def tagged(self, values: pa.Array, name: str) -> None:
        """A key and its value, where there is one."""
        if not values.null_count:
            self.text(f',"{name}":').quoted(values)
        elif values.null_count == len(values):
            self._absent()
        else:
            self._absent()
            quoted = _quoted(values)
            self.plain = self.plain and quoted is not None
            tagged = pc.binary_join_element_wise(f',"{name}":', quoted, "")
            self.values(pc.fill_null(tagged, ""))

    def sides(self) -> None:
        """What was sent and what was answered, or one of them."""
        there = [side for side in _SIDES if self._side(side).null_count < len(self.records)]
        self.plain = self.plain and bool(there)
        for number, side in enumerate(there):
            column = self._side(side)
            self.plain = self.plain and not column.null_count
            self.text("," if number else "").text(f'"{side}":{{"data":')
            self.quoted(pc.struct_field(column, "data"))
            for name in _PART.names[1:]:
                self.tagged(pc.struct_field(column, name), name)
            self.text("}")

    def lines(self) -> pa.Array | None:
        """The lines, if all of them are plain."""
        return pc.binary_join_element_wise(*self.pieces, "") if self.plain else None

    def _side(self, side: str) -> pa.Array:
        return _field(self.records, "captureData", side)

    def _absent(self) -> None:
        """A key that is there with null is not one that is absent; the parser does not tell."""
        self.plain = self.plain and not any(null in self.content for null in _NULLS)


def _quoted(values: pa.Array) -> pa.Array | None:
    """Texts as JSON strings; None where one needs an escape that is rare."""
    escaped = _escaped(values)
    return None if escaped is None else pc.binary_join_element_wise('"', escaped, '"', "")


def _escaped(values: pa.Array) -> pa.Array | None:
    """Texts as they stand in JSON strings; None where one needs an escape that is rare."""
    content = b"".join(values.drop_null().cast(pa.binary()).buffers()[2:] or [b""])
    there = [(plain, written) for plain, written in _ESCAPES if plain.encode() in content]
    controls = np.frombuffer(content, np.uint8) < ord(" ")
    if int(controls.sum()) != sum(content.count(each) for each in (b"\n", b"\r", b"\t")):
        return None
    for plain, written in there:
        values = pc.replace_substring(values, plain, written)
    return values


def _field(records: pa.Table, name: str, field: str) -> pa.Array:
    column = records.column(name).combine_chunks()
    return pc.struct_field(column, field) if field else column


def lines_of(content: bytes) -> int:
    """How many lines there are, blank ones included."""
    return content.count(b"\n") + (bool(content) and not content.endswith(b"\n"))


def _parsed(content: bytes, schema: pa.Schema, unexpected: str) -> pa.Table | None:
    try:
        records = arrow_json.read_json(
            io.BytesIO(content),
            read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(content) + 1),
            parse_options=arrow_json.ParseOptions(
                explicit_schema=schema, unexpected_field_behavior=unexpected
            ),
        )
        # Arrow's parser lets other bytes than UTF-8 pass.
        records.validate(full=True)
    except pa.ArrowInvalid:
        return None
    return records


def together(tables: Sequence[pa.Table], schema: pa.Schema) -> pa.Table:
    """All rows of some tables of one schema."""
    return pa.concat_tables(
        [schema.empty_table(), *(table.select(schema.names) for table in tables)]
    )

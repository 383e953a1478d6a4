"""Avro object container files: blocks as units, decoded by fastavro."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pyarrow as pa

from driftkit.errors import InputError
from driftkit.io.finding import damaged, unreadable
from driftkit.readers.arrow import monitored, same_schema
from driftkit.readers.dataset import (
    FILES_AT_ONCE,
    FileDataset,
    TableChunk,
    gathered,
    units_of,
)
from driftkit.readers.lines import Piece, pieces_of, place_behind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import ModuleType

    from driftkit.io.finding import File
    from driftkit.readers.dataset import Source

UNIT_BYTES = 32 * 1024 * 1024
HEAD_BYTES = 64 * 1024
MOST_HEAD_BYTES = 64 * 1024 * 1024
_SYNC_BYTES = 16
# Of Arrow's decimals of 128 bits.
_DIGITS = 38
# As the Avro specification names them; those of a logical type, with what it adds.
_TYPES: Mapping[str, pa.DataType] = {
    "null": pa.null(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "string": pa.string(),
    "enum": pa.string(),
    "bytes": pa.binary(),
    "fixed": pa.binary(),
    "record": pa.struct([]),
    "array": pa.list_(pa.null()),
    "map": pa.map_(pa.string(), pa.null()),
    "int date": pa.date32(),
    "int time-millis": pa.time32("ms"),
    "long time-micros": pa.time64("us"),
    "long timestamp-millis": pa.timestamp("ms", "UTC"),
    "long timestamp-micros": pa.timestamp("us", "UTC"),
    "long local-timestamp-millis": pa.timestamp("ms"),
    "long local-timestamp-micros": pa.timestamp("us"),
    "long timestamp-nanos": pa.timestamp("ns", "UTC"),
    "long local-timestamp-nanos": pa.timestamp("ns"),
}
# Unions of numbers that one type holds.
_WIDER = {frozenset({"int", "long"}): "long", frozenset({"float", "double"}): "double"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands before the first block.

    Attributes:
        content: the bytes, of which the last 16 stand behind each block too.
        schema: the types of the fields, as Parquet has them.
        words: field -> its type in Avro's words.
    """

    content: bytes
    schema: pa.Schema
    words: Mapping[str, str]


def _rows(schema: pa.Schema, parts: Sequence[Piece]) -> Iterator[TableChunk]:
    for chunk in gathered(chunk for part in parts for chunk in _of_blocks(part, schema)):
        # Where pieces end decides the last bits of sums: those of a row group have one.
        yield replace(chunk, table=chunk.table.combine_chunks())


def _of_blocks(part: Piece, schema: pa.Schema) -> Iterator[TableChunk]:
    try:
        with _opened(part) as source:
            for block in _fastavro().block_reader(source):
                yield TableChunk(table=_table(list(block), schema))
    except InputError:
        raise
    except Exception as error:  # each codec has errors of its own
        raise damaged("Avro", part.file.path, error) from error


def _opened(part: Piece) -> io.BufferedIOBase:
    """The blocks, below the header of the file."""
    # fastavro asks for places, which streams that are unpacked do not know.
    if part.file.is_gzip:
        return io.BytesIO(part.file.content())
    if part.start == 0 and part.stop is None:
        return io.BufferedReader(part.stream())
    head = _header(part.file).content if part.start else b""
    with part.stream() as source:
        return io.BytesIO(head + bytes(source.read(part.size)))


def _table(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    return pa.table([_array(rows, each) for each in schema], schema=schema)


def _array(rows: Sequence[Mapping[str, Any]], field: pa.Field) -> pa.Array:
    name = field.name
    values = [row[name] for row in rows]
    # UUIDs are the only objects that are text in a file.
    if pa.types.is_string(field.type) and any(isinstance(value, UUID) for value in values):
        values = [None if value is None else str(value) for value in values]
    return pa.array(values, field.type)


def read_avro(source: Source) -> FileDataset:
    """A dataset of Avro files of one schema.

    Raises:
        InputError: fastavro is not installed, a file is damaged, or their schemas differ.
    """
    files = source.files
    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        headers = list(pool.map(_header, files))
        for file, header in zip(files, headers, strict=True):
            same_schema(headers[0].schema, header.schema, files[0].path, file.path)
        found = pool.map(
            lambda file, header: pieces_of(file, UNIT_BYTES, partial(_cuts, file, header.content)),
            files,
            headers,
        )
        parts = [part for some in found for part in some]
    columns, set_aside = monitored(
        headers[0].schema,
        source.name,
        headers[0].words,
        source.settings.deriving.embedding_columns,
    )
    schema = pa.schema([pa.field(each.name, each.arrow) for each in columns])
    units = units_of(parts, UNIT_BYTES, partial(_rows, schema))
    return FileDataset(name=source.name, columns=columns, units=units, set_aside=set_aside)


def read_objects(file: File) -> list[dict[str, Any]]:
    """All rows of a file as objects.

    Raises:
        InputError: fastavro is not installed, or the file is damaged.
    """
    reader = _fastavro().reader
    try:
        with _opened(Piece(file=file)) as source:
            return list(reader(source))
    except InputError:
        raise
    except Exception as error:  # each codec has errors of its own
        raise damaged("Avro", file.path, error) from error


def _header(file: File) -> Header:
    size = HEAD_BYTES
    while True:
        content = file.head(size)
        source = io.BytesIO(content)
        try:
            schema = _fastavro().block_reader(source).writer_schema
            kinds, words = _fields(schema)
        except InputError:
            raise
        except Exception as error:  # fastavro's, or of a value that is of another type
            # What is cut off is a header that goes on, or a file that does not.
            if len(content) == size < MOST_HEAD_BYTES:
                size *= 8
                continue
            raise damaged("Avro", file.path, error) from error
        return Header(content=content[: source.tell()], schema=kinds, words=words)


def _fields(schema: Any) -> tuple[pa.Schema, dict[str, str]]:
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise ValueError("the values are no records")
    fields = import_module("fastavro.schema").parse_schema(schema, expand=True)["fields"]
    kinds = pa.schema([(field["name"], _kind(field["type"])) for field in fields])
    return kinds, {field["name"]: _word(field["type"]) for field in fields}


def _word(kind: Any) -> str:
    """What Avro calls a type."""
    if isinstance(kind, list):
        return f"union of {', '.join(map(_word, kind))}"
    return str(kind.get("logicalType") or kind["type"]) if isinstance(kind, dict) else str(kind)


def _kind(kind: Any) -> pa.DataType:
    """The Arrow type of an Avro type; of unions that no type holds, a union."""
    if isinstance(kind, list):
        options = [each for each in kind if each != "null"] or ["null"]
        simple = frozenset(each if isinstance(each, str) else "" for each in options)
        one = options[0] if len(options) == 1 else _WIDER.get(simple)
        return pa.dense_union([]) if one is None else _kind(one)
    if isinstance(kind, str):
        # By its name a record is called within itself.
        return _TYPES.get(kind, _TYPES["record"])
    name, logical = kind["type"], kind.get("logicalType")
    if logical == "decimal":
        decimal = pa.decimal128 if kind["precision"] <= _DIGITS else pa.decimal256
        return decimal(kind["precision"], kind.get("scale", 0))
    return _TYPES["string"] if logical == "uuid" else _TYPES.get(f"{name} {logical}") or _kind(name)


def _cuts(file: File, head: bytes, length: int) -> list[int]:
    """Places between blocks, about `length` bytes apart."""
    try:
        with file.open() as source:
            indices = (max(index, len(head)) for index in range(length, file.size, length))
            found = {place_behind(source, head[-_SYNC_BYTES:], index) for index in indices}
    except OSError as error:
        raise unreadable(file.path, error) from error
    return sorted(index for index in found if index < file.size)


def _fastavro() -> ModuleType:
    try:
        return import_module("fastavro")
    except ImportError as error:
        raise InputError(
            "Avro cannot be read without fastavro",
            expected="the package fastavro, with snappy and zstandard",
            found=str(error),
            todo="Install driftkit-spark[avro]",
        ) from error

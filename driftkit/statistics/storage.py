"""States as bytes: an Arrow stream that is checked whole before any of it is believed.

The format is documented in docs/states.md. A file begins with a schema whose metadata say what is
in it; then comes one record batch for each table, in which a row is the state of a column.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pyarrow as pa

from driftkit.errors import FormatError
from driftkit.statistics.distinct import REGISTERS
from driftkit.statistics.kll import SHRINKING_FACTOR, SKETCH_SIZE
from driftkit.statistics.splits import Split, TableState
from driftkit.statistics.states import Part
from driftkit.statistics.storage_about import (
    read_about,
    rejections_to_dict,
    split_to_dict,
    text_of,
    window_to_dict,
)
from driftkit.statistics.storage_checks import Kept, is_packed, refuse_impossible
from driftkit.statistics.storage_columns import (
    SCHEMA,
    VERSION,
    batch_of,
    columns_of,
    damaged_column,
    schema_of,
    upgraded,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from driftkit.statistics.states import States
    from driftkit.statistics.storage_about import About, Described

FORMAT = "driftkit states"
FILE = "states.arrow"
_KEY = b"driftkit"
# So much of a file tells what it is.
_HEAD = 65_536
# States of so many columns are looked through in one go.
_COLUMNS_AT_ONCE = 1024
_SKETCH = {"k": SKETCH_SIZE, "c": SHRINKING_FACTOR}


def dumps(states: States) -> bytes:
    """The content of a states file."""
    tables = list(_tables(states.table))
    batches = [batch_of(table.columns) for _, table in tables]
    several = any(window.paths for window in states.windows)
    about = {
        "format": FORMAT,
        "version": VERSION,
        "sketch": _SKETCH,
        "registers": REGISTERS,
        "windows": [window_to_dict(window) for window in states.windows],
        # Beside the windows, so that earlier versions of driftkit read them.
        **({"paths": [window.paths for window in states.windows]} if several else {}),
        "splits": [split_to_dict(split) for split in states.table.splits],
        "tables": [
            {
                **place,
                "rows": table.rows,
                "rejected": rejections_to_dict(table.rejected),
                "checksum": _checksum(pa.ipc.read_message(batch.serialize())),
            }
            for (place, table), batch in zip(tables, batches, strict=True)
        ],
    }
    schema = SCHEMA.with_metadata({_KEY: _signed(about)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        for batch in batches:
            stream.write_batch(batch.replace_schema_metadata(schema.metadata))
    return bytes(sink.getvalue())


def loads(content: bytes | pa.Buffer, where: str) -> States:
    """The states of a file, as `part_of` checks them."""
    return part_of(content, where).states()


def part_of(content: bytes | pa.Buffer, where: str) -> Part:
    """The states of a file, checked but not taken apart, to be added up.

    Args:
        content: of the file.
        where: its path, for messages.

    Raises:
        FormatError: the file is none of states, of a newer version or other parameters, cut off
            or damaged, or no rows can have such states.
    """
    return next(parts_of([(content, where)]))


def parts_of(files: Iterable[tuple[bytes | pa.Buffer, str]]) -> Iterator[Part]:
    """The states of files, as `part_of` checks them, some at a time.

    Args:
        files: content and path of each.

    Raises:
        FormatError: as `part_of`.
    """
    read: list[_Read] = []
    held = 0
    for content, where in files:
        read.append(_read(content, where))
        held += sum(each.batch.num_rows for each in read[-1].tables)
        if held >= _COLUMNS_AT_ONCE:
            yield from _checked(read)
            read, held = [], 0
    yield from _checked(read)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A file whose buffers can be looked at: what is in them is not believed yet."""

    about: About
    tables: tuple[Kept, ...]

    def part(self) -> Part:
        """The states."""
        whole, described = self.tables[0], self.about.tables[0]
        parts = [
            TableState(rows=about.rows, columns=columns_of(kept.batch), rejected=about.rejected)
            for about, kept in zip(self.about.tables[1:], self.tables[1:], strict=True)
        ]
        return Part(
            name=whole.where,
            windows=self.about.windows,
            rows=described.rows,
            rejected=described.rejected,
            splits=tuple(_splits(parts, self.about)),
            columns=whole.batch,
        )


def _read(content: bytes | pa.Buffer, where: str) -> _Read:
    reader, described = _opened(content, where)
    _same_parameters(described, where)
    about = read_about(described, where)
    tables = tuple(_batch(reader, each, described["version"], where) for each in about.tables)
    for part in tables[1:]:
        _same_columns(tables[0].batch, part.batch, where)
    return _Read(about=about, tables=tables)


def _checked(read: Sequence[_Read]) -> Iterator[Part]:
    refuse_impossible([table for each in read for table in each.tables])
    for each in read:
        yield each.part()


def is_states(head: bytes) -> bool:
    """Whether a file that begins so holds states."""
    return head[:4] == b"\xff\xff\xff\xff" and FORMAT.encode() in head


def _tables(table: TableState) -> Iterator[tuple[dict[str, Any], TableState]]:
    """All tables of a state and where they belong, the whole first."""
    yield {}, table
    for number, split in enumerate(table.splits):
        for key, part in split.parts.items():
            yield {"split": number, "key": list(key)}, part
        if split.rest is not None:
            yield {"split": number, "rest": True}, split.rest


def _splits(parts: Sequence[TableState], about: About) -> Iterator[Split]:
    pairs = list(zip(about.tables[1:], parts, strict=True))
    for number, (by, unit) in enumerate(about.splits):
        mine = [(place, part) for place, part in pairs if place.split == number]
        yield Split(
            by=by,
            unit=unit,
            parts={place.key: part for place, part in mine if place.key is not None},
            rest=next((part for place, part in mine if place.key is None), None),
        )


def _batch(reader: pa.ipc.MessageReader, about: Described, version: int, where: str) -> Kept:
    try:
        message = reader.read_next_message()
    except (StopIteration, pa.ArrowException, OSError, ValueError) as error:
        raise _cut_off(where, str(error)) from error
    if message.type != "record batch" or is_packed(message.metadata):
        raise _damaged(where, None)
    if _checksum(message) != about.checksum:
        raise _damaged(where, damaged_column(message, version))
    try:
        batch = pa.ipc.read_record_batch(message, schema_of(version))
        # Offsets lead anywhere in memory until they are looked at.
        batch.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _cut_off(where, str(error)) from error
    batch = upgraded(batch, version)
    return Kept(batch=batch, rows=about.rows, where=where, size=message.body.size)


def _same_columns(whole: pa.RecordBatch, part: pa.RecordBatch, where: str) -> None:
    for field in ("name", "declared"):
        if not part.column(field).equals(whole.column(field)):
            raise FormatError(
                "the parts of a table have other columns than the whole",
                where=f"{where}, field {field}",
                expected=f"the {whole.num_rows} columns of the whole",
                found=f"{part.num_rows} columns",
                todo="Copy the file again, or read the data again",
            )


def _opened(content: bytes | pa.Buffer, where: str) -> tuple[pa.ipc.MessageReader, dict[str, Any]]:
    if not is_states(bytes(memoryview(content)[:_HEAD])):
        raise FormatError(
            "this is no file of states",
            where=where,
            expected=f"a {FILE} that driftkit wrote",
            found=f"{memoryview(content).nbytes:,} bytes of something else",
            todo="Name the states.arrow of an earlier run",
        )
    try:
        reader = pa.ipc.MessageReader.open_stream(pa.BufferReader(content))
        schema = pa.ipc.read_schema(reader.read_next_message())
    except (StopIteration, pa.ArrowException, OSError, ValueError) as error:
        raise _cut_off(where, str(error)) from error
    about = _read_about(schema, where)
    if schema.remove_metadata() != schema_of(about["version"]):
        raise _damaged(where, None)
    return reader, about


def _read_about(schema: pa.Schema, where: str) -> dict[str, Any]:
    try:
        about = json.loads((schema.metadata or {})[_KEY])
        signature, version = about.pop("checksum"), int(about["version"])
        signed = crc32(text_of(about))
    except (
        ArithmeticError,
        AttributeError,
        KeyError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise _damaged(where, None) from error
    if version > VERSION:
        raise FormatError(
            "a later version of driftkit wrote these states",
            where=where,
            expected=f"version {VERSION} or earlier of the format",
            found=f"version {version}",
            todo="Update driftkit",
        )
    if signature != signed:
        raise _damaged(where, None)
    return {**about, "version": version}


def _same_parameters(about: Mapping[str, Any], where: str) -> None:
    found = {"sketch": about.get("sketch"), "registers": about.get("registers")}
    expected = {"sketch": _SKETCH, "registers": REGISTERS}
    if found != expected:
        raise FormatError(
            "the sketches have other parameters",
            where=where,
            expected=json.dumps(expected),
            found=json.dumps(found),
            todo="Read the data again; such sketches cannot be added up",
        )


def _signed(about: dict[str, Any]) -> bytes:
    return text_of({**about, "checksum": crc32(text_of(about))})


def _checksum(message: pa.ipc.Message) -> int:
    return crc32(message.body, crc32(message.metadata))


def _cut_off(where: str, reason: str) -> FormatError:
    return FormatError(
        "the states are cut off or damaged",
        where=where,
        expected="the whole file",
        found=reason.splitlines()[0] if reason else "an early end",
        todo="Copy the file again, or read the data again",
    )


def _damaged(where: str, column: str | None) -> FormatError:
    return FormatError(
        f"the states of column {column!r} are damaged" if column else "the states are damaged",
        where=where,
        expected="the checksum that was written",
        found="another one",
        todo="Copy the file again, or read the data again",
    )

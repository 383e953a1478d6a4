"""States as bytes: an Arrow stream that is checked whole before any of it is believed.

The format is documented in docs/states.md. A file begins with a schema whose metadata say what is
in it; then comes one record batch for each table, in which a row is the state of a column.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from itertools import repeat
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pyarrow as pa

from driftkit.columns.chunk import Rejections
from driftkit.errors import FormatError
from driftkit.statistics.distinct import REGISTERS
from driftkit.statistics.kll import SHRINKING_FACTOR, SKETCH_SIZE
from driftkit.statistics.splits import Split
from driftkit.statistics.states import Part
from driftkit.statistics.storage_columns import SCHEMA, batch_of, columns_of, damaged_column
from driftkit.statistics.table import TableState
from driftkit.statistics.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftkit.statistics.states import States

FORMAT = "driftkit states"
VERSION = 1
FILE = "states.arrow"
_KEY = b"driftkit"
# So much of a file tells what it is.
_HEAD = 65_536
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
        "windows": [_window_to_dict(window) for window in states.windows],
        # Beside the windows, so that earlier versions of driftkit read them.
        **({"paths": [window.paths for window in states.windows]} if several else {}),
        "splits": [_split_to_dict(split) for split in states.table.splits],
        "tables": [
            {
                **place,
                "rows": table.rows,
                "rejected": asdict(table.rejected),
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
            or damaged.
    """
    reader, about = _opened(content, where)
    _same_parameters(about, where)
    [whole, *others] = about["tables"]
    columns = _batch(reader, whole, where)
    parts = [_part(_batch(reader, each, where), each) for each in others]
    return Part(
        name=where,
        windows=tuple(map(_window_of, about["windows"], about.get("paths", repeat(())))),
        rows=whole["rows"],
        rejected=_rejections(whole),
        splits=tuple(_splits(parts, about)),
        columns=columns,
    )


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


def _splits(parts: Sequence[TableState], about: Mapping[str, Any]) -> Iterator[Split]:
    places = about["tables"][1:]
    for number, split in enumerate(about["splits"]):
        mine = [
            (place, part)
            for place, part in zip(places, parts, strict=True)
            if place["split"] == number
        ]
        yield Split(
            by=tuple(split["by"]),
            unit=split["unit"],
            parts={tuple(place["key"]): part for place, part in mine if "key" in place},
            rest=next((part for place, part in mine if "key" not in place), None),
        )


def _part(batch: pa.RecordBatch, about: Mapping[str, Any]) -> TableState:
    return TableState(rows=about["rows"], columns=columns_of(batch), rejected=_rejections(about))


def _rejections(about: Mapping[str, Any]) -> Rejections:
    rejected = about["rejected"]
    return Rejections(counts=rejected["counts"], examples=tuple(rejected["examples"]))


def _batch(reader: pa.ipc.MessageReader, about: Mapping[str, Any], where: str) -> pa.RecordBatch:
    try:
        message = reader.read_next_message()
    except (StopIteration, pa.ArrowException, OSError, ValueError) as error:
        raise _cut_off(where, str(error)) from error
    if _checksum(message) != about["checksum"]:
        raise _damaged(where, damaged_column(message, SCHEMA))
    return pa.ipc.read_record_batch(message, SCHEMA)


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
    if schema.remove_metadata() != SCHEMA:
        raise _damaged(where, None)
    return reader, about


def _read_about(schema: pa.Schema, where: str) -> dict[str, Any]:
    try:
        about = json.loads((schema.metadata or {})[_KEY])
        signature, version = about.pop("checksum"), int(about["version"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _damaged(where, None) from error
    if version > VERSION:
        raise FormatError(
            "a later version of driftkit wrote these states",
            where=where,
            expected=f"version {VERSION} or earlier of the format",
            found=f"version {version}",
            todo="Update driftkit",
        )
    if signature != crc32(_text(about)):
        raise _damaged(where, None)
    return dict(about)


def _same_parameters(about: Mapping[str, Any], where: str) -> None:
    found = {"sketch": about["sketch"], "registers": about["registers"]}
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
    return _text({**about, "checksum": crc32(_text(about))})


def _text(about: Mapping[str, Any]) -> bytes:
    return json.dumps(about, separators=(",", ":")).encode()


def _checksum(message: pa.ipc.Message) -> int:
    return crc32(message.body, crc32(message.metadata))


def _window_to_dict(window: Window) -> dict[str, Any]:
    return {
        "source": window.source,
        "start": window.start.isoformat() if window.start else None,
        "end": window.end.isoformat() if window.end else None,
        "rows": window.rows,
        "digest": window.digest,
    }


def _window_of(content: Mapping[str, Any], paths: Sequence[str]) -> Window:
    moments = {
        name: datetime.fromisoformat(content[name]) if content[name] else None
        for name in ("start", "end")
    }
    return Window(**{**content, **moments, "paths": tuple(paths)})


def _split_to_dict(split: Split) -> dict[str, Any]:
    return {"by": list(split.by), "unit": split.unit}


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
